"""A limit on request bodies, kept before anything reads or parses them."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem

MAX_BODY_BYTES = 64 * 1024
MAX_SCENARIO_BYTES = 1024 * 1024
SCENARIOS = ("/v1/scenario", "/v1/siting", "/rete/scenario")
"""Paths under which a body may hold a file of changes."""


class BodyLimit:
    """Answer 413 to a request whose body is longer than its path allows.

    A body within the limit is read whole and handed on, so that a client that sends slowly holds
    no thread; of a longer one at most the limit is kept in memory.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of an ASGI server."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        limit = limit_of(scope["path"])
        body = await _read(receive, limit)
        if body is None:
            detail = f"The body is longer than {limit} bytes, the most that this address takes."
            answer = problem(413, "Body too long", f"{detail} Ask in several requests.")
            await answer(scope, receive, send)
            return
        await self._app(scope, _replayed(body, receive), send)


def limit_of(path: str) -> int:
    """Give the longest body, in bytes, that a path takes."""
    return MAX_SCENARIO_BYTES if path.startswith(SCENARIOS) else MAX_BODY_BYTES


def _has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


async def _read(receive: Receive, limit: int) -> bytes | None:
    """Read the body; None when it is longer than the limit."""
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            return None
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
