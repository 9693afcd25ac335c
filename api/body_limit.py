"""Limits on request bodies, kept before anything parses them: length, time, and memory of all."""

import asyncio
from collections import Counter
from contextlib import suppress

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.client_networks import client_of, networks_of
from api.problems import RETRY_SECONDS, problem

MAX_BODY_BYTES = 64 * 1024
MAX_SCENARIO_BYTES = 1024 * 1024
SCENARIOS = ("/v1/scenario", "/v1/siting", "/rete/scenario")
"""Paths under which a body may hold a file of changes."""
BODY_SECONDS = 10.0
"""Within which a body must be there, however many pieces it comes in."""
MAX_HELD_BYTES = 64 * 1024 * 1024
"""Bodies of all requests that are held in memory at once."""
MAX_DRAINED_BYTES, DRAIN_SECONDS = 2 * 1024 * 1024, 2.0
"""Of a body that is too long, what is read and dropped, as much as `deploy/Caddyfile` lets through:
who is still sending when the connection closes does not see the answer."""
SHARE_OF_NETWORK = 0.25
"""Of these bytes, how many those of one network may hold."""


class BodyLimit:
    """Answer for a body that is too long (413), too slow (408) or one too many (503).

    A body within the limits is read whole and handed on, so that a client that sends slowly holds
    no thread; of a longer one at most the limit is kept in memory, and the rest is dropped. So is
    half a body of a client that left: nothing answers it.
    """

    def __init__(
        self, app: ASGIApp, body_seconds: float = BODY_SECONDS, max_held_bytes: int = MAX_HELD_BYTES
    ) -> None:
        self._app = app
        self._body_seconds = body_seconds
        self._free_bytes = max_held_bytes
        self._share_bytes = SHARE_OF_NETWORK * max_held_bytes
        self._held_by_network: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of an ASGI server."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        body = bytearray()
        _, network = networks_of(client_of(scope))
        try:
            refusal = await self._read(body, network, receive, limit_of(scope["path"]))
            if refusal is not None:
                await refusal(scope, receive, send)
                return
            whole: Message = {"type": "http.request", "body": bytes(body), "more_body": False}
            await self._app(scope, replayed(whole, receive), send)
        except _ClientLeftError:
            return
        finally:
            self._free_bytes += len(body)
            self._held_by_network[network] -= len(body)
            if not self._held_by_network[network]:
                del self._held_by_network[network]

    async def _read(
        self, body: bytearray, network: str, receive: Receive, limit: int
    ) -> Response | None:
        """Read a body into `body`; give the answer that refuses it, None when it is whole."""
        more = True
        try:
            async with asyncio.timeout(self._body_seconds):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _ClientLeftError
                    part = message.get("body", b"")
                    if len(body) + len(part) > limit:
                        await _drain(message, receive)
                        return _too_long(limit)
                    network_bytes = self._held_by_network[network] + len(part)
                    if len(part) > self._free_bytes or network_bytes > self._share_bytes:
                        return _too_many()
                    self._free_bytes -= len(part)
                    self._held_by_network[network] = network_bytes
                    body += part
                    more = message.get("more_body", False)
        except TimeoutError:
            return _too_slow(self._body_seconds)
        return None


class _ClientLeftError(Exception):
    """The client closed the connection before its body was whole."""


async def _drain(message: Message, receive: Receive) -> None:
    """Read on to the end of a body, within bounds."""
    dropped = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while message.get("more_body", False) and dropped < MAX_DRAINED_BYTES:
                message = await receive()
                dropped += len(message.get("body", b""))


def limit_of(path: str) -> int:
    """Give the longest body, in bytes, that a path takes."""
    return MAX_SCENARIO_BYTES if path.startswith(SCENARIOS) else MAX_BODY_BYTES


def _has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


def _too_long(limit: int) -> Response:
    detail = f"The body is longer than {limit} bytes, the most that this address takes."
    return _closing(problem(413, "Body too long", f"{detail} Ask in several requests."))


def _too_slow(seconds: float) -> Response:
    detail = f"The body was not there within {seconds:g} seconds. Send it again, without pauses."
    return _closing(problem(408, "Body too slow", detail))


def _too_many() -> Response:
    detail = "The server holds as many bodies as it can. Send it again in some seconds."
    answer = problem(503, "Busy", detail)
    answer.headers["Retry-After"] = RETRY_SECONDS
    return _closing(answer)


def _closing(answer: Response) -> Response:
    """Close the connection: what is left of the body is not read any more."""
    answer.headers["Connection"] = "close"
    return answer


def replayed(first: Message, receive: Receive) -> Receive:
    """Give a message that was taken once more, and then what comes after it."""
    left = [first]

    async def replay() -> Message:
        return left.pop() if left else await receive()

    return replay
