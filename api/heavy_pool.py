"""Processes that answer heavy requests, with a bounded queue before them.

A template process (`api.heavy_worker`) holds the edition and forks a child for each request: the
child is killed with its connection, keeps nothing of what was asked, and leaves the threads of the
server to look-ups.
"""

import asyncio
import fcntl
import mmap
import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
import weakref
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from api.client_turns import ClientTurns, HeldTurns, QueuePlace, TurnBounds
from api.process_progress import LOOK_SECONDS, ProcessProgress, processor_seconds
from mapping.errors import BusyError

AT_ONCE, MAX_WAITING = 2, 8
"""Requests of a process that are worked on, and that wait for it; who comes then is refused."""
WAIT_SECONDS, ANSWER_SECONDS = 30.0, 60.0
HUNG_SECONDS = 90.0
"""A template process that takes no order for so long, while some wait, is replaced; one that does
nothing meanwhile, sooner."""
PROCESS_ID_BYTES = 8
"""The number of a child, which the template says before the child answers."""


@dataclass(frozen=True)
class HeavyRequest:
    """What a process is asked: the scope of a request, reduced, and its body."""

    scope: dict[str, Any]
    body: bytes


@dataclass(frozen=True)
class HeavyAnswer:
    """What it answers, and the template of the path of its route."""

    route: str
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    worked_seconds: float = 0.0
    """Of the processor."""


@dataclass(frozen=True)
class ChildOrder:
    """What the template must hold for a child: an edition, and the data of plans if it is one."""

    folder: str
    stamp: int
    """Of the list of services that the edition must not show any more."""
    is_plan: bool


class HeavyTemplate:
    """The template process: started, and started again when it has ended, by who made this.

    Processes that are forked after this was made send their orders to the same one.
    """

    def __init__(self) -> None:
        # Packets: orders of several processes do not mix.
        self._ours, self._theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        self._ours.settimeout(0)
        for end in (self._ours, self._theirs):
            weakref.finalize(self, end.close)
        self._owner = os.getpid()
        self._process: subprocess.Popen[bytes] | None = None
        self._took_orders_at = time.monotonic()
        self._progress: ProcessProgress | None = None
        self._numbers = mmap.mmap(-1, 2 * PROCESS_ID_BYTES)  # of the process, and one given up

    @property
    def process(self) -> int:
        """The number of the process that takes orders, 0 before there is one."""
        return int.from_bytes(self._numbers[:PROCESS_ID_BYTES])

    def has_unread(self) -> bool:
        """Whether orders wait that no process has taken."""
        unread = bytearray(struct.calcsize("i"))
        fcntl.ioctl(self._ours, termios.TIOCOUTQ, unread)
        return any(unread)

    def give_up(self, process: int) -> None:
        """Have a process replaced that took an order and hangs, by whoever started it."""
        self._numbers[PROCESS_ID_BYTES:] = process.to_bytes(PROCESS_ID_BYTES)
        self.keep_running()

    def send(self, order: ChildOrder, connection: socket.socket) -> None:
        """Order a child for a connection; raises OSError when too many orders wait."""
        self.keep_running()
        socket.send_fds(self._ours, [pickle.dumps(order)], [connection.fileno()])

    def keep_running(self) -> None:
        """Start the process unless it runs, or another one looks after it.

        One that hangs is killed: the orders before it are for the next.
        """
        if os.getpid() != self._owner:
            return
        if self._process is not None and self._hangs(self._process.pid):
            self._process.kill()
            self._process.wait()
        if self._process is not None and self._process.poll() is None:
            return
        self._took_orders_at = time.monotonic()
        handle = self._theirs.fileno()
        # Imported from where this process imports, and not from where it was started.
        command = [sys.executable, "-P", "-m", "api.heavy_worker", str(handle)]
        paths = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(command, pass_fds=[handle], env=paths)  # noqa: S603
        self._numbers[:PROCESS_ID_BYTES] = self._process.pid.to_bytes(PROCESS_ID_BYTES)
        self._progress = None

    def _hangs(self, process: int) -> bool:
        if self._numbers[PROCESS_ID_BYTES:] == process.to_bytes(PROCESS_ID_BYTES):
            return True
        if not self.has_unread():
            self._took_orders_at, self._progress = time.monotonic(), None
            return False
        self._progress = self._progress or ProcessProgress(process)
        is_late = time.monotonic() - self._took_orders_at > HUNG_SECONDS
        return is_late or self._progress.is_still()

    def close(self) -> None:
        """End the process; each child ends with its connection."""
        if self._process is not None and os.getpid() == self._owner:
            self._process.kill()
            self._process.wait()
        self._process = None
        self._ours.close()
        self._theirs.close()


class OrderProgress:
    """Whether the template gets on with an order that it took and has forked no child for yet.

    While orders wait before it, whoever started it looks itself, and they are for the next.
    """

    def __init__(self, template: HeavyTemplate) -> None:
        self._template = template
        self._process, self._progress = 0, ProcessProgress(0)

    def is_still(self) -> bool:
        """Look once more; a process that hangs is given up."""
        process = self._template.process
        if process != self._process or self._template.has_unread():
            self._process, self._progress = process, ProcessProgress(process)
        elif self._progress.is_still():
            self._template.give_up(process)
            return True
        return False


class HeavyPool:
    """The queue of one process of the server, before the template process."""

    def __init__(self, template: HeavyTemplate, turns: HeldTurns) -> None:
        self._template = template
        self._shared_turns = turns
        self._turns = ClientTurns(TurnBounds(AT_ONCE, 1, MAX_WAITING, MAX_WAITING))

    @property
    def load(self) -> tuple[int, int]:
        """Give how many requests are worked on, and how many wait."""
        return self._turns.load

    async def answer(
        self, order: ChildOrder, request: HeavyRequest, client: str = ""
    ) -> HeavyAnswer:
        """Let a process answer a client; cancelled, or after ANSWER_SECONDS, it ends the process.

        So does one that does nothing for ten seconds, stopped or waiting for ever: it holds a turn.
        A template that takes the order and forks no child is replaced as soon.
        Raises BusyError at once when too many wait, or too many of this client; or when the process
        ends without an answer.
        """
        with (
            self._shared_turns.turn(client),
            self._turns.place(client, is_plan=order.is_plan) as place,
        ):
            await place.comes(WAIT_SECONDS)
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    return await self._ask(order, pickle.dumps(request), place)
            except (OSError, EOFError, TimeoutError, pickle.UnpicklingError) as error:
                raise BusyError from error

    def close(self) -> None:
        """End the template process, if this process started it."""
        self._template.close()

    async def _ask(self, order: ChildOrder, message: bytes, place: QueuePlace) -> HeavyAnswer:
        ours, theirs = socket.socketpair()
        with theirs:
            self._template.send(order, theirs)
        ours.settimeout(0)
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        try:
            number = self._read(reader.readexactly(PROCESS_ID_BYTES), OrderProgress(self._template))
            process = int.from_bytes(await number)
            with _ending(process, place):
                writer.write(len(message).to_bytes(8) + message)
                await writer.drain()
                written = await self._read(reader.read(), ProcessProgress(process))
            answer: HeavyAnswer = pickle.loads(written)  # noqa: S301 - of our child
            place.count(answer.worked_seconds)
            return answer
        finally:
            writer.transport.abort()

    async def _read(
        self, read: Coroutine[None, None, bytes], progress: ProcessProgress | OrderProgress
    ) -> bytes:
        """Read to the end; raises TimeoutError when the process that writes does nothing more."""
        reading = asyncio.create_task(read)
        try:
            while not reading.done():
                await asyncio.wait({reading}, timeout=LOOK_SECONDS)
                self._template.keep_running()  # it may have ended with this order before it
                if not reading.done() and progress.is_still():
                    raise TimeoutError
            return reading.result()
        finally:
            reading.cancel()


@contextmanager
def _ending(process: int, place: QueuePlace) -> Iterator[None]:
    """Kill a process at the end of the block: one that hangs does not see its connection close."""
    handle = os.pidfd_open(process)
    try:
        yield
    except BaseException:
        place.count(processor_seconds(process))  # nobody else tells what it has worked
        raise
    finally:
        # It has ended by itself, unless its answer is not wanted any more.
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
        os.close(handle)
