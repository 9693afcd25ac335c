"""Requests that take a thread of the server: few at once, in turns by network, within bounds."""

import asyncio
from contextlib import ExitStack

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.body_limit import replayed
from api.client_left import unless_left
from api.client_networks import client_of
from api.client_turns import ClientTurns, QueuePlace, TurnBounds
from api.problems import domain_problem
from api.threads import LOOK_UPS, OTHERS, counting
from mapping.errors import BusyError

WITHOUT_TURN = ("/health", "/ready", "/metrics")
"""Answered from memory, however full the server is."""
LOOK_UP_PATHS = ("/", "/v1/nearest", "/v1/geocode")
"""Look-ups, when they are asked with POST: those that `threads.look_up` answers."""
FILES = ("/static/", "/tiles/")
"""Read in no time, and many at once for one page."""
WAITING, OF_NETWORK_WAITING, OF_NETWORK_FILES = 128, 64, 256
"""Requests that wait, in all and of one network; a browser may ask for dozens of files."""
WAIT_SECONDS = 20.0


class LightWork:
    """Let a request go on when its turn has come; one whose client left meanwhile takes none.

    A turn lasts until the answer is written, not until it is sent: a slow client holds none. It
    ends with the round of the event loop, so that of many requests which are answered without
    waiting for anything, a few are answered in each.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._look_ups = _turns(LOOK_UPS, WAITING, OF_NETWORK_WAITING)
        self._others = _turns(OTHERS, WAITING, OF_NETWORK_WAITING)
        self._files = _turns(OTHERS, 2 * OF_NETWORK_FILES, OF_NETWORK_FILES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of an ASGI server."""
        if scope["type"] != "http" or scope["path"] in WITHOUT_TURN:
            await self._app(scope, receive, send)
            return
        end_turn = asyncio.get_running_loop().call_soon
        turn = ExitStack()
        try:
            place = turn.enter_context(self._turns_at(scope).place(client_of(scope)))
            if not place.turn.is_set():
                first = await receive()
                if await unless_left(_comes(place), receive) is None:
                    return
                receive = replayed(first, receive)

            async def send_after(message: Message) -> None:
                end_turn(turn.close)
                await send(message)

            with counting(place.count):
                await self._app(scope, receive, send_after)
        except BusyError as error:
            await domain_problem(error)(scope, receive, send)
        finally:
            end_turn(turn.close)

    def _turns_at(self, scope: Scope) -> ClientTurns:
        if scope["path"].startswith(FILES):
            return self._files
        is_look_up = scope["method"] == "POST" and scope["path"] in LOOK_UP_PATHS
        return self._look_ups if is_look_up else self._others


def _turns(threads: int, waiting: int, of_network_waiting: int) -> ClientTurns:
    """Make a queue; of the threads one is left to whoever comes from another network."""
    return ClientTurns(TurnBounds(threads, threads - 1, waiting, of_network_waiting))


async def _comes(place: QueuePlace) -> bool:
    await place.comes(WAIT_SECONDS)
    return True
