"""Bounds on connections, which the HTTP server has not: how many, how slow, how much in the log.

A connection that sends nothing, or half a request, is closed; one that does not read its answer
too. Where there are as many as there may be, in all or of one network, the one that has waited
longest for a whole request gives way to the next, so that neither idle sockets nor half requests
keep anybody out. Connections of the proxies that are believed are bounded in all alone.
"""

import asyncio
import contextlib
import logging
import os
import resource
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import uvicorn
from uvicorn.server import ServerState

from api.client_networks import Proxies, networks_of
from api.http_messages import StrictMessages
from api.joined_writes import JoinedWrites
from api.unsent_answers import GIVE_UP
from mapping.errors import BadInputError

MAX_CONNECTIONS = 2000
SHARE_OF_SENDER, SHARE_OF_NETWORK = 1 / 8, 1 / 4
"""How many of these a client may have, and its wider network."""
FILES_RESERVED = 96
"""Of the files that a process may open, those that are not for connections."""
REQUEST_SECONDS = 10.0
"""Within which the head of a request must be there, the first and any further one."""
STALLED_SECONDS, MIN_BYTES = 20.0, 20_000
"""A client must take so much of its answer in so many seconds."""
ACCEPTED_AT_ONCE = 16
"""Connections taken in one round, before those that are too many are closed."""
BACKLOG = 2048
"""Connections that wait in the kernel."""
QUIET_SECONDS = 10.0
"""Between two lines of the log that say the same."""


@dataclass(eq=False)
class Crowd:
    """Connections under one limit, and which of them wait for a request, the longest first."""

    most: int
    members: "set[Any]" = field(default_factory=set)
    waiting: "dict[BoundedConnection, None]" = field(default_factory=dict)

    def make_room(self) -> bool:
        """Close the connection that has waited longest; False when each has a whole request."""
        if len(self.members) <= self.most:
            return True
        if not self.waiting:
            return False
        next(iter(self.waiting)).give_up()
        return True


class Connections(ServerState):
    """The connections of a server, in all and by network."""

    def __init__(self, most: int, proxies: Proxies) -> None:
        super().__init__()
        self._everybody = Crowd(most, self.connections)
        self._proxies = proxies
        self._by_network: dict[str, Crowd] = {}

    def join(self, connection: "BoundedConnection", address: str) -> Sequence[Crowd]:
        """Count a connection, and give the crowds to which it belongs, the narrowest first."""
        crowds = [self._everybody]
        if address and address not in self._proxies:
            sender, network = networks_of(address)
            # Under names of their own: of an address that is no IP both are the same.
            crowds.insert(0, self._crowd(f"n{network}", SHARE_OF_NETWORK))
            crowds.insert(0, self._crowd(f"s{sender}", SHARE_OF_SENDER))
        for crowd in crowds:
            crowd.members.add(connection)
        return crowds

    def leave(self, connection: "BoundedConnection", address: str) -> None:
        """Count a connection no more."""
        self.connections.discard(connection)
        sender, network = networks_of(address)
        for name in (f"s{sender}", f"n{network}"):
            if (crowd := self._by_network.get(name)) is not None:
                crowd.members.discard(connection)
                if not crowd.members:
                    del self._by_network[name]

    def _crowd(self, name: str, share: float) -> Crowd:
        return self._by_network.setdefault(name, Crowd(max(1, int(share * self._everybody.most))))


class BoundedConnection(StrictMessages):
    """One connection, with a limit of time in every state but that of work."""

    server_state: Connections

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._timer: asyncio.TimerHandle | None = None
        self._crowds: Sequence[Crowd] = ()
        self._unsent = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a request, unless there are too many connections."""
        self._writes = JoinedWrites(transport, self.loop)
        super().connection_made(cast("asyncio.Transport", self._writes))
        self._crowds = self.server_state.join(self, self._address)
        if all(crowd.make_room() for crowd in self._crowds):
            self._limit_time()
        else:
            self.give_up()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a part of a request; only a whole head ends the limit of time.

        Its body has one of its own (`api.body_limit`), and gives way to others until it is whole.
        """
        super().data_received(data)
        if self._is_answering() and not self.flow.write_paused:
            self._lift_limit()
            if not self.cycle.more_body:
                self._end_wait()

    def on_message_begin(self) -> None:
        """Begin a request; whoever answers it may close the connection."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)[GIVE_UP] = self.give_up

    def on_response_complete(self) -> None:
        """Wait until the client has taken the rest of its answer, then for its next request."""
        self._writes.flush()
        super().on_response_complete()
        self._limit_time()

    def pause_writing(self) -> None:
        """Watch whether the client takes its answer."""
        super().pause_writing()
        self._limit_time()

    def resume_writing(self) -> None:
        """Go on to write."""
        super().resume_writing()
        self._limit_time()

    def give_up(self) -> None:
        """Close the connection at once."""
        # It counts no more, though the transport tells only later that it is closed.
        self._leave()
        self.transport.abort()

    def _is_answering(self) -> bool:
        return not getattr(self.cycle, "response_complete", True)  # none at first

    def _limit_time(self) -> None:
        """Set the limit of the state that the connection is in; work has none here."""
        self._lift_limit()
        self._end_wait()
        if self._is_answering() and not self.flow.write_paused:
            return
        self._unsent = self.transport.get_write_buffer_size()
        if self._unsent:
            self._timer = self.loop.call_later(STALLED_SECONDS, self._check_progress)
        elif not self.transport.is_closing():
            for crowd in self._crowds:
                crowd.waiting[self] = None
            self._timer = self.loop.call_later(REQUEST_SECONDS, self.give_up)

    def _lift_limit(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _end_wait(self) -> None:
        for crowd in self._crowds:
            crowd.waiting.pop(self, None)

    def _leave(self) -> None:
        self._lift_limit()
        self._end_wait()
        self.server_state.leave(self, self._address)

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    def _check_progress(self) -> None:
        taken = self._unsent - self.transport.get_write_buffer_size()
        if taken < min(MIN_BYTES, self._unsent):
            self.give_up()
        else:
            self._limit_time()


class BoundedServer(uvicorn.Server):
    """A server whose connections are bounded, and which ends by a deadline."""

    def __init__(self, config: uvicorn.Config, *, stop_seconds: float) -> None:
        super().__init__(config)
        proxies = Proxies(config.forwarded_allow_ips or "")
        self.server_state = Connections(most_connections(), proxies)
        self._stop_seconds = stop_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        await super().startup(sockets)
        asyncio.get_running_loop().set_exception_handler(_log_briefly)
        for listener in sockets or []:
            listener.listen(BACKLOG)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Begin to stop; whatever still runs a second after the deadline is cut off."""
        super().handle_exit(sig, frame)
        last = threading.Timer(self._stop_seconds + 1, os._exit, [1])
        last.daemon = True
        last.start()


def most_connections() -> int:
    """Give the most connections of this process, by the files that it may open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(ACCEPTED_AT_ONCE, min(MAX_CONNECTIONS, soft - FILES_RESERVED))


def allow_many_files() -> None:
    """Raise the soft limit of open files as far as it goes."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def bind(host: str, port: int) -> socket.socket:
    """Open the socket on which every process of the server will listen.

    Raises BadInputError when the address cannot be used.
    """
    with contextlib.ExitStack() as closing:
        try:
            addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            family, kind, protocol, _, address = addresses[0]
            # By the protocol asyncio knows that pieces of an answer need not wait for one another.
            listener = closing.enter_context(socket.socket(family, kind, protocol))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)  # of two servers that are started at once, one is told
        except OSError as error:
            raise BadInputError(
                f"Port {port} of '{host}' cannot be used: {error.strerror}. Give another --port"
                " or --host."
            ) from None
        closing.pop_all()
        return listener


class SeldomRepeated(logging.Filter):
    """Let a warning that is always the same through once in a while, however often it comes."""

    def __init__(self) -> None:
        super().__init__()
        self._logged_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a line is to be written."""
        if record.args or record.levelno < logging.WARNING:
            return True
        now = time.monotonic()
        if now - self._logged_at.get(record.msg, -QUIET_SECONDS) < QUIET_SECONDS:
            return False
        self._logged_at[record.msg] = now
        return True


def _log_briefly(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log a failure of the network in one line; what else fails is a defect."""
    error = context.get("exception")
    if isinstance(error, OSError):
        # Without arguments, so that the same failure is the same line.
        logging.getLogger("uvicorn.error").warning(f"{context['message']}: {error.strerror}")  # noqa: G004
    else:
        loop.default_exception_handler(context)
