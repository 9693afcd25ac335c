"""Pages that say nothing of a family, kept as they are sent: by edition, language and view."""

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from api.conditional_requests import OK, tag_of
from api.i18n.language import words_for
from api.pages.rendering import chosen_language
from api.published import Published

MAX_KEPT_BYTES = 16 * 1024 * 1024
"""Of the pages of one edition."""


@dataclass(frozen=True)
class KeptPage:
    """A page as it is sent, plain and zipped."""

    plain: bytes
    zipped: bytes
    headers: dict[str, str]

    @classmethod
    def of(cls, answer: HTMLResponse) -> "KeptPage":
        """Zip a page, and name its content; the same page is the same however it is sent."""
        plain = bytes(answer.body)
        headers = {
            "Cache-Control": answer.headers["Cache-Control"],
            "Content-Language": answer.headers["Content-Language"],
            "ETag": tag_of(plain),
            "Vary": "Accept-Language",
        }
        return cls(plain, gzip.compress(plain, mtime=0), headers)

    @property
    def bytes_held(self) -> int:
        """Give how much memory it takes."""
        return len(self.plain) + len(self.zipped)

    def answer(self, request: Request) -> Response:
        """Send the page, zipped for whoever can read it so."""
        if "gzip" in request.headers.get("accept-encoding", ""):
            vary = {"Vary": "Accept-Language, Accept-Encoding"}
            headers = {**self.headers, **vary, "Content-Encoding": "gzip"}
            return HTMLResponse(self.zipped, headers=headers)
        return HTMLResponse(self.plain, headers=self.headers)  # the layer that zips says the rest


class PageCache:
    """The pages of one edition that were asked for last; each is made once, whoever waits for it.

    A page is kept only if its answer is 200 and may be kept by a browser too.
    """

    def __init__(self, max_bytes: int = MAX_KEPT_BYTES) -> None:
        self._pages: OrderedDict[Hashable, KeptPage] = OrderedDict()
        self._free_bytes = max_bytes
        self._making: dict[Hashable, asyncio.Task[Response | KeptPage]] = {}

    async def get(self, key: Hashable, make: Callable[[], HTMLResponse]) -> Response | KeptPage:
        """Give the page of a key; `make` makes it, in a thread."""
        if key in self._pages:
            self._pages.move_to_end(key)
            return self._pages[key]
        if key not in self._making:
            self._making[key] = asyncio.create_task(self._make(key, make))
        # Who leaves does not take the page from the others.
        return await asyncio.shield(self._making[key])

    async def _make(self, key: Hashable, make: Callable[[], HTMLResponse]) -> Response | KeptPage:
        try:
            answer = await run_in_threadpool(make)
            is_kept = "no-store" not in answer.headers["Cache-Control"]
            if answer.status_code != OK or not is_kept:
                return answer
            page = await run_in_threadpool(KeptPage.of, answer)
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
    return page.answer(request) if isinstance(page, KeptPage) else page
