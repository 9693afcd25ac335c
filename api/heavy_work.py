"""Plans, outlines, PDFs, exports, maps and comparisons: answered by a pool of processes."""

import json
import pickle
import re
from collections import OrderedDict
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, unquote_plus

from starlette.types import ASGIApp, Receive, Scope, Send

from api.body_limit import replayed
from api.client_left import unless_left
from api.client_networks import client_of
from api.heavy_pool import ChildOrder, HeavyAnswer, HeavyPool, HeavyRequest
from api.problems import domain_problem
from api.published import Shelf
from api.request_log import ROUTE
from mapping.errors import BusyError, ProssimaError

HEAVY_PATH = re.compile(
    r"/v1/isochrone|/v1/greyzones/changes|/rete/zona/.+\.pdf|/rete\.(csv|geojson)"
    r"|/rete/(mappa\.svg|zone\.geojson)|/maps/.+"
)
PLAN_PATH = re.compile(r"/v1/(siting|scenario)|/rete/scenario(/sedi)?")
"""Plans, when they are asked with POST."""
CLOSURES_PATH = "/v1/closures"
COMPARING_PATHS = ("/rete", "/rete/zone", "/rete/valori.json")
"""Heavy when they compare with another edition."""
CARD_PATH, OUTLINE_PATH = "/scheda", "/v1/isochrone"
REFUSED = "prossima.heavy_work_refused"
"""Set in the scope of a card or a plan that cannot be made now: its page says so."""
PAGES = (CARD_PATH, "/rete/scenario", "/rete/scenario/sedi")
MAX_CACHED_BYTES = 32 * 1024 * 1024
HEADERS = (b"host", b"accept-language", b"accept-encoding", b"content-type", b"content-length")
"""What an answer may depend on: no other header reaches the process."""
SCOPE = ("type", "asgi", "http_version", "method", "scheme", "path", "raw_path", "query_string",
         "root_path", "server")  # fmt: skip
OK = 200


class HeavyWork:
    """Hand heavy requests to a pool, stop those whose client has left, and keep some answers."""

    def __init__(self, app: ASGIApp, pool: HeavyPool, shelf: Shelf) -> None:
        self._app, self._pool, self._shelf = app, pool, shelf
        self._cache = AnswerCache()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of an ASGI server."""
        if scope["type"] != "http" or not _may_be_heavy(scope):
            await self._app(scope, receive, send)
            return
        first = await receive()
        request = HeavyRequest(_reduced(scope), first.get("body", b""))
        if not _is_heavy(request):
            if scope["path"] == CARD_PATH:
                scope[REFUSED] = True  # a form in an encoding that hides what it asks for
            await self._app(scope, replayed(first, receive), send)
            return
        try:
            answer = await unless_left(self._answered(request, client_of(scope)), receive)
            if answer is not None:
                scope[ROUTE] = answer.route
                await _send(answer, send)
        except BusyError as error:
            if scope["path"] in PAGES:
                await self._app({**scope, REFUSED: True}, replayed(first, receive), send)
            else:
                await domain_problem(error)(scope, receive, send)
        except ProssimaError as error:
            await domain_problem(error)(scope, receive, send)

    async def _answered(self, request: HeavyRequest, client: str) -> HeavyAnswer:
        edition = (await self._shelf.reading()).edition
        key = pickle.dumps((edition.id, edition.hidden.stamp, request))
        cached = self._cache.get(key)
        if cached is not None:
            return cached
        order = ChildOrder(str(edition.path), edition.hidden.stamp, _is_plan(request.scope))
        answer = await self._pool.answer(order, request, client)
        if _says_nothing_of_a_family(request, answer):
            self._cache.put(key, answer)
        return answer


class AnswerCache:
    """The answers that were asked last, within a bound of memory."""

    def __init__(self, max_bytes: int = MAX_CACHED_BYTES) -> None:
        self._answers: OrderedDict[bytes, HeavyAnswer] = OrderedDict()
        self._free_bytes = max_bytes

    def get(self, key: bytes) -> HeavyAnswer | None:
        """Give what is held under a key."""
        if key in self._answers:
            self._answers.move_to_end(key)
        return self._answers.get(key)

    def put(self, key: bytes, answer: HeavyAnswer) -> None:
        """Keep an answer; those that were not asked for longest give way."""
        if key not in self._answers:
            self._answers[key] = answer
            self._free_bytes -= len(key) + len(answer.body)
        while self._free_bytes < 0:
            old_key, old = self._answers.popitem(last=False)
            self._free_bytes += len(old_key) + len(old.body)


def _may_be_heavy(scope: Scope) -> bool:
    path = scope["path"]
    is_heavy_path = path in (CARD_PATH, *COMPARING_PATHS) or HEAVY_PATH.fullmatch(path) is not None
    return is_heavy_path or _is_plan(scope)


def _is_plan(scope: Scope | dict[str, Any]) -> bool:
    path = scope["path"]
    is_posted = scope["method"] == "POST"
    return path == CLOSURES_PATH or (is_posted and PLAN_PATH.fullmatch(path) is not None)


def _is_heavy(request: HeavyRequest) -> bool:
    """Whether a request is heavy, now that its query and body are known."""
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    if path == CARD_PATH:
        # Wherever it stands: a form may come in several encodings.
        return "pdf" in unquote_plus(query) + unquote_plus(request.body.decode("latin-1"))
    return path not in COMPARING_PATHS or "since" in parse_qs(query)


def _says_nothing_of_a_family(request: HeavyRequest, answer: HeavyAnswer) -> bool:
    """Whether an answer may be kept: nothing in it was typed, and no place is that of a person."""
    if answer.status != OK:
        return False
    if request.scope["method"] == "GET":
        return not any(b"no-store" in value for _, value in answer.headers)
    body = json.loads(request.body) if request.scope["path"] == OUTLINE_PATH else {}
    return bool(body.get("service_id")) and body.get("where") is None


def _reduced(scope: Scope) -> dict[str, Any]:
    headers = {name: value for name, value in scope["headers"] if name in HEADERS}
    if b"gzip" in headers.pop(b"accept-encoding", b""):
        headers[b"accept-encoding"] = b"gzip"
    known = {name: scope[name] for name in SCOPE if name in scope}
    return {**known, "headers": sorted(headers.items())}


async def _send(answer: HeavyAnswer, send: Send) -> None:
    start = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
    # A client that left meanwhile is no defect.
    with suppress(OSError):
        await send(start)
        await send({"type": "http.response.body", "body": answer.body})
