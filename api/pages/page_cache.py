"""Pages and lists that say nothing of a family, kept as they are sent, as long as an edition."""

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from api.conditional_requests import OK, tag_of
from api.i18n.language import words_for
from api.pages.rendering import chosen_language
from api.published import Published
from api.threads import in_thread

MAX_KEPT_BYTES, MAX_LIST_BYTES = 16 * 1024 * 1024, 32 * 1024 * 1024
"""Of the pages and of the lists of one edition."""


@dataclass(frozen=True)
class KeptPage:
    """A page or a list as it is sent, plain and zipped."""

    plain: bytes
    zipped: bytes
    headers: dict[str, str]

    @classmethod
    def of(cls, answer: Response) -> "KeptPage":
        """Zip a page, and name its content; the same page is the same however it is sent."""
        plain = bytes(answer.body)
        headers = {**answer.headers, "ETag": tag_of(plain)}
        del headers["content-length"]
        return cls(plain, gzip.compress(plain, mtime=0), headers)

    @property
    def bytes_held(self) -> int:
        """Give how much memory it takes."""
        return len(self.plain) + len(self.zipped)

    def answer(self, request: Request) -> Response:
        """Send the page, zipped for whoever can read it so."""
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers = {**self.headers, "Vary": "Accept-Encoding", "Content-Encoding": "gzip"}
            return Response(self.zipped, headers=headers)
        return Response(self.plain, headers=self.headers)  # the layer that zips says the rest


class PageCache:
    """The pages of one edition that were asked for last; each is made once, whoever waits for it.

    A page is kept only if its answer is 200 and may be kept by a browser too.
    """

    def __init__(self, max_bytes: int = MAX_KEPT_BYTES) -> None:
        self._pages: OrderedDict[Hashable, KeptPage] = OrderedDict()
        self._free_bytes = max_bytes
        self._making: dict[Hashable, asyncio.Task[Response | KeptPage]] = {}

    async def get(self, key: Hashable, make: Callable[[], Response]) -> Response | KeptPage:
        """Give the page of a key; `make` makes it, in a thread."""
        if key in self._pages:
            self._pages.move_to_end(key)
            return self._pages[key]
        if key not in self._making:
            self._making[key] = asyncio.create_task(self._make(key, make))
        # Who leaves does not take the page from the others.
        return await asyncio.shield(self._making[key])

    async def _make(self, key: Hashable, make: Callable[[], Response]) -> Response | KeptPage:
        try:
            answer = await in_thread(make)
            is_kept = "no-store" not in answer.headers.get("Cache-Control", "")
            if answer.status_code != OK or not is_kept:
                return answer
            page = await in_thread(KeptPage.of, answer)
            self._keep(key, page)
            return page
        finally:
            del self._making[key]

    def _keep(self, key: Hashable, page: KeptPage) -> None:
        self._pages[key] = page
        self._free_bytes -= page.bytes_held
        while self._free_bytes < 0:
            self._free_bytes += self._pages.popitem(last=False)[1].bytes_held


_CACHES: WeakKeyDictionary[Published, PageCache] = WeakKeyDictionary()
_LISTS: WeakKeyDictionary[Published, PageCache] = WeakKeyDictionary()
"""They end with their edition."""


async def kept_page(
    request: Request, reading: Published, view: Hashable, make: Callable[[], HTMLResponse]
) -> Response:
    """Answer with a page that depends on edition, language and view alone.

    `view` must hold nothing that was typed: it stays in memory as long as the edition.
    """
    cache = _CACHES.setdefault(reading, PageCache())
    key = (request.url.path, words_for(request).code, chosen_language(request), view)
    page = await cache.get(key, make)
    if not isinstance(page, KeptPage):
        return page
    answer = page.answer(request)
    answer.headers.add_vary_header("Accept-Language")
    return answer


async def kept_list(
    request: Request, reading: Published, view: Hashable, make: Callable[[], dict[str, Any]]
) -> Response:
    """Answer with a list that depends on the edition and on the view alone."""
    headers = {"Prossima-Edition": reading.edition.id}

    def written() -> Response:
        return Response(orjson.dumps(make()), media_type="application/json", headers=headers)

    cache = _LISTS.setdefault(reading, PageCache(MAX_LIST_BYTES))
    answer = await cache.get((request.url.path, view), written)
    return answer.answer(request) if isinstance(answer, KeptPage) else answer
