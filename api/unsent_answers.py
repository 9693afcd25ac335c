"""Long answers that wait for their clients: sent in pieces and in turns, and bounded in memory."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.client_networks import client_of, networks_of
from api.problems import RETRY_SECONDS, problem

PIECE_BYTES = 64 * 1024
"""Of an answer, what is handed to a connection at a time: a slow client holds no copy of it all."""
MAX_UNSENT_BYTES = 256 * 1024 * 1024
"""Of the answers that are longer than a piece, those of all clients."""
SHARE_OF_NETWORK = 0.25
"""Of these bytes, how many the answers to one network may take."""
GIVE_UP = "prossima.give_up"
"""In the scope: closes the connection at once."""


@dataclass(eq=False)
class _Unsent:
    """An answer that is being sent."""

    body: bytes
    network: str
    scope: Scope


class UnsentAnswers:
    """Send what is longer than a piece bit by bit, and keep as much of it as there may be.

    Where there is no room, the network whose answers take most of it loses that which has waited
    longest for its client; one that has most itself, or its share, is told to come again (503). An
    answer that is sent to several clients takes its room once.
    """

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_UNSENT_BYTES) -> None:
        self._app, self._max_bytes = app, max_bytes
        self._unsent: dict[_Unsent, None] = {}
        self._by_network: Counter[str] = Counter()
        self._clients: Counter[int] = Counter()
        self.held_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of an ASGI server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        is_refused = False

        async def send_in_pieces(message: Message) -> None:
            nonlocal start, is_refused
            if message["type"] == "http.response.start":
                start = message
                return
            first, start = start, None
            body = message.get("body", b"")
            if len(body) <= PIECE_BYTES:
                if not is_refused:
                    await _send_whole(first, message, send)
                return
            unsent = _Unsent(body, networks_of(client_of(scope))[1], scope)
            if first is not None and not self._has_room(unsent):
                is_refused = True
                await _busy()(scope, receive, send)
            elif not is_refused:
                with self._counted(unsent):
                    await _send_pieces(first, message, send)

        await self._app(scope, receive, send_in_pieces)

    def _has_room(self, unsent: _Unsent) -> bool:
        """Make room for an answer, or say that there is none."""
        own_bytes = self._by_network[unsent.network] + len(unsent.body)
        if own_bytes > max(SHARE_OF_NETWORK * self._max_bytes, len(unsent.body)):
            return False
        more = 0 if id(unsent.body) in self._clients else len(unsent.body)
        while self._unsent and self.held_bytes + more > self._max_bytes:
            network, most_bytes = self._by_network.most_common(1)[0]
            oldest = next(each for each in self._unsent if each.network == network)
            if network == unsent.network or most_bytes < own_bytes or GIVE_UP not in oldest.scope:
                return False
            self._release(oldest)
            oldest.scope[GIVE_UP]()
        return True

    @contextmanager
    def _counted(self, unsent: _Unsent) -> Iterator[None]:
        if id(unsent.body) not in self._clients:
            self.held_bytes += len(unsent.body)
        self._clients[id(unsent.body)] += 1
        self._by_network[unsent.network] += len(unsent.body)
        self._unsent[unsent] = None
        try:
            yield
        finally:
            self._release(unsent)

    def _release(self, unsent: _Unsent) -> None:
        if unsent not in self._unsent:
            return
        del self._unsent[unsent]
        self._by_network[unsent.network] -= len(unsent.body)
        if not self._by_network[unsent.network]:
            del self._by_network[unsent.network]
        self._clients[id(unsent.body)] -= 1
        if not self._clients[id(unsent.body)]:
            del self._clients[id(unsent.body)]
            self.held_bytes -= len(unsent.body)


async def _send_whole(start: Message | None, message: Message, send: Send) -> None:
    if start is not None:
        await send(start)
    await send(message)


async def _send_pieces(start: Message | None, message: Message, send: Send) -> None:
    if start is not None:
        await send(start)
    body, follows = message["body"], message.get("more_body", False)
    for at in range(0, len(body), PIECE_BYTES):
        end = at + PIECE_BYTES
        more = end < len(body) or follows
        await send({"type": "http.response.body", "body": body[at:end], "more_body": more})
        # Where the system takes it all at once, nothing waits: others have their turn even so.
        await asyncio.sleep(0)


def _busy() -> Response:
    detail = "Too many long answers wait for those who asked. Ask again in some seconds."
    answer = problem(503, "Busy", detail)
    answer.headers["Retry-After"] = RETRY_SECONDS
    return answer
