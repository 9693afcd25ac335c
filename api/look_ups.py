"""Look-ups answered before the router: its steps cost a third as much as a look-up again.

The route is declared, and described in OpenAPI, as any other. A body that is wrong, or told to be
no JSON, is left to it: it says what is wrong.
"""

import gzip

from pydantic import ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.body_limit import replayed
from api.problems import domain_problem
from api.published import Shelf
from api.request_log import ROUTE
from api.routes.lookups import NEAREST_PATH, NOT_KEPT, NearestBody, found_nearest
from mapping.errors import ProssimaError, TooLargeError

OK = 200
JSON = (b"content-type", b"application/json")
HEADERS = [JSON, *((name.lower().encode(), value.encode()) for name, value in NOT_KEPT.items())]
GZIP_LEVEL = 4
"""A third is sent; a higher level takes twice the time for a twentieth less."""


class LookUps:
    """Answers look-ups whose body is plainly right; everything else goes on."""

    def __init__(self, app: ASGIApp, shelf: Shelf) -> None:
        self._app, self._shelf = app, shelf

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of an ASGI server."""
        if scope["type"] != "http" or scope["path"] != NEAREST_PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        first = await receive()
        body = _body(scope, first)
        if body is None:
            await self._app(scope, replayed(first, receive), send)
            return
        scope[ROUTE] = NEAREST_PATH
        try:
            content = await found_nearest(body, await self._shelf.reading())
        except ProssimaError as error:
            await domain_problem(error)(scope, receive, send)
        except MemoryError:
            await domain_problem(TooLargeError())(scope, receive, send)
        else:
            await _send(content, send, packed=_takes_gzip(scope))


def _body(scope: Scope, whole: Message) -> NearestBody | None:
    if JSON not in scope["headers"]:
        return None
    try:
        return NearestBody.model_validate_json(whole["body"])
    except ValidationError:
        return None


def _takes_gzip(scope: Scope) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])


async def _send(content: bytes, send: Send, *, packed: bool) -> None:
    headers = HEADERS.copy()
    if packed:
        content = gzip.compress(content, GZIP_LEVEL, mtime=0)
        headers.append((b"content-encoding", b"gzip"))
    headers.append((b"content-length", b"%d" % len(content)))
    await send({"type": "http.response.start", "status": OK, "headers": headers})
    await send({"type": "http.response.body", "body": content})
