"""Short look-ups, answered before the layers and the router: their steps cost as much again.

The route is declared, and described in OpenAPI, as any other. Whatever is not plainly right goes on
to it through all layers, and so does what takes a thread: `api.light_work`.
"""

import gzip

from pydantic import ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from api.body_limit import MAX_BODY_BYTES, replayed
from api.client_networks import client_of, networks_of
from api.host_check import wrong_host
from api.http_messages import HAS_LEFT
from api.loop_turns import LoopTurns
from api.published import Shelf
from api.request_log import ROUTE
from api.routes.lookups import NEAREST_PATH, NOT_KEPT, NearestBody, answered_at_once
from mapping.errors import ProssimaError

OK = 200
JSON = (b"content-type", b"application/json")
VARY = (b"vary", b"Accept-Encoding, Origin")
HEADERS = [
    JSON,
    VARY,
    *((name.lower().encode(), value.encode()) for name, value in NOT_KEPT.items()),
]
GZIP_LEVEL = 4
"""A third is sent; a higher level takes twice the time for a twentieth less."""
PACKED = (b"content-encoding", b"gzip")
LEFT = b""
"""In place of an answer for which nobody waits."""


class LookUps:
    """Answers look-ups that are short and plainly right, in turns; everything else goes on.

    Parameters
    ----------
    app : ASGIApp
        What is behind it.
    shelf : Shelf
        Gives the edition that is open.
    host : str
        The name under which it is asked; empty for any.
    """

    def __init__(self, app: ASGIApp, shelf: Shelf, host: str) -> None:
        self._app, self._shelf, self._host = app, shelf, host
        self._turns = LoopTurns()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of an ASGI server."""
        if not _is_asked(scope):
            await self._app(scope, receive, send)
            return
        first = await receive()
        headers, body = dict(scope["headers"]), first.get("body", b"")
        is_packed = b"gzip" in headers.get(b"accept-encoding", b"")
        content: bytes | None = None
        if _is_plain(headers, body):
            network = networks_of(client_of(scope))[1]
            content = await self._turns.turn(
                network, lambda: self._content(scope, body, is_packed=is_packed)
            )
        if content is None:
            await self._app(scope, replayed(first, receive), send)
        elif content is not LEFT:
            scope[ROUTE] = NEAREST_PATH
            await _send(content, send, is_packed=is_packed)

    def _content(self, scope: Scope, body: bytes, *, is_packed: bool) -> bytes | None:
        if scope[HAS_LEFT]():
            return LEFT
        reading = self._shelf.at_hand()
        if reading is None or wrong_host(scope, self._host) is not None:
            return None
        try:
            content = answered_at_once(NearestBody.model_validate_json(body), reading)
        except (ValidationError, ProssimaError, MemoryError):
            return None  # who answers it next says what is wrong
        return gzip.compress(content, GZIP_LEVEL, mtime=0) if content and is_packed else content


def _is_asked(scope: Scope) -> bool:
    return HAS_LEFT in scope and scope["path"] == NEAREST_PATH and scope["method"] == "POST"


def _is_plain(headers: dict[bytes, bytes], body: bytes) -> bool:
    """Whether a body may be that of a short look-up, before it is read: one by an address is none.

    What another site asks gets headers that only `app._add_layers` knows.
    """
    is_own = JSON in headers.items() and b"origin" not in headers
    return is_own and len(body) <= MAX_BODY_BYTES and b'"lon"' in body


async def _send(content: bytes, send: Send, *, is_packed: bool) -> None:
    headers = [*HEADERS, PACKED] if is_packed else HEADERS.copy()
    headers.append((b"content-length", b"%d" % len(content)))
    await send({"type": "http.response.start", "status": OK, "headers": headers})
    await send({"type": "http.response.body", "body": content})
