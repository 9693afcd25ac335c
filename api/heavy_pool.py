"""Processes that answer heavy requests, with a bounded queue before them.

A template process (`api.heavy_worker`) holds the edition and forks a child for each request: the
child is killed with its connection, keeps nothing of what was asked, and leaves the threads of the
server to look-ups.
"""

import asyncio
import os
import pickle
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mapping.errors import BusyError

AT_ONCE, MAX_WAITING = 2, 8
"""Requests that are worked on, and those that wait for it; whoever comes then is refused."""
ANSWER_SECONDS = 60.0


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


class HeavyPool:
    """The template process of the edition that is served, and a bounded queue before it."""

    def __init__(self, at_once: int = AT_ONCE, max_waiting: int = MAX_WAITING) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._max_waiting = max_waiting
        self._waiting = self._busy = 0
        self._template: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._folder: Path | None = None

    @property
    def load(self) -> tuple[int, int]:
        """Give how many requests are worked on, and how many wait."""
        return self._busy, self._waiting

    async def answer(self, folder: Path, request: HeavyRequest) -> HeavyAnswer:
        """Let a process answer from the edition in a folder; cancelled, it ends the process.

        Raises BusyError at once when too many wait, or when the process ends without an answer.
        """
        async with self._slot():
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    return await self._ask(folder, pickle.dumps(request))
            except (OSError, EOFError, TimeoutError, pickle.UnpicklingError) as error:
                raise BusyError from error

    def close(self) -> None:
        """End the template process; each child ends with its connection."""
        if self._control is not None and self._template is not None:
            self._control.close()
            self._template.kill()
            self._template.wait()
        self._control = self._template = None

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        if self._slots.locked() and self._waiting >= self._max_waiting:
            raise BusyError
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1
            self._slots.release()

    async def _ask(self, folder: Path, message: bytes) -> HeavyAnswer:
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._started(folder), [b"."], [theirs.fileno()])
        ours.settimeout(0)
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        try:
            writer.write(len(message).to_bytes(8) + message)
            await writer.drain()
            answer: HeavyAnswer = pickle.loads(await reader.read())  # noqa: S301 - of our own child
            return answer
        finally:
            writer.transport.abort()

    def _started(self, folder: Path) -> socket.socket:
        is_running = self._template is not None and self._template.poll() is None
        if self._control is None or self._folder != folder or not is_running:
            self.close()
            self._control, theirs = socket.socketpair()
            with theirs:
                handle = theirs.fileno()
                # Imported from where this process imports, and not from where it was started.
                command = [sys.executable, "-P", "-m", "api.heavy_worker", str(handle), str(folder)]
                paths = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
                self._template = subprocess.Popen(command, pass_fds=[handle], env=paths)  # noqa: S603
            self._folder = folder
        return self._control
