"""The processes of a server: workers that share one socket, and start anew when one ends."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable

from api.client_turns import HeldTurns
from api.heavy_pool import HeavyTemplate
from mapping.errors import ProssimaError

LOOK_SECONDS = 0.2
RESTART_SECONDS = 1.0
"""Between two starts of a worker, so that one which cannot start keeps no processor busy."""
KILL_SECONDS = 3.0
"""After the deadline of a stop."""
CANNOT_START = 2
"""Exit status of a worker that cannot start, as that of every command."""


class Workers:
    """Forks workers, and stops them with itself.

    Parameters
    ----------
    number : int
        How many.
    work : callable
        What a worker does; it is told whether it is among the first, which may fail to start.
    template : HeavyTemplate
        The process for heavy work, kept running for all of them.
    turns : HeldTurns
        Where the turns of a worker that has ended are freed.
    """

    def __init__(
        self,
        number: int,
        work: Callable[[bool], None],
        template: HeavyTemplate,
        turns: HeldTurns,
    ) -> None:
        self._number, self._work = number, work
        self._template, self._turns = template, turns
        self._started_at: dict[int, float] = {}
        self._ended, self._living = os.pipe()
        self._word, self._giving = os.pipe()
        os.write(self._giving, b".")
        self._stopping = threading.Event()

    def run(self, stop_seconds: float) -> None:
        """Work until this process is told to stop, and then for `stop_seconds` at the most."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())
        for _ in range(self._number):
            self._start(is_first=True)
        try:
            while not self._stopping.is_set():
                self._template.keep_running()
                for process, status in self._reaped():
                    self._replace(process, status)
                time.sleep(LOOK_SECONDS)
        finally:
            self._stop(stop_seconds)
            self._template.close()

    def _start(self, *, is_first: bool) -> None:
        process = os.fork()
        if process:
            self._started_at[process] = time.monotonic()
            return
        os.close(self._living)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        threading.Thread(target=self._end_with_server, daemon=True).start()
        try:
            self._work(is_first)
        except ProssimaError:
            if is_first:
                # They cannot start for one reason: one says it, the others wait for their end.
                os.read(self._word, 1)
            raise
        sys.exit()

    def _end_with_server(self) -> None:
        os.read(self._ended, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    def _reaped(self) -> list[tuple[int, int]]:
        ended = [os.waitpid(process, os.WNOHANG) for process in self._started_at]
        return [
            (process, os.waitstatus_to_exitcode(status)) for process, status in ended if process
        ]

    def _replace(self, process: int, status: int) -> None:
        lived_seconds = time.monotonic() - self._started_at.pop(process)
        self._turns.forget(process)
        if status == CANNOT_START:
            raise SystemExit(CANNOT_START)  # the worker has said why
        self._stopping.wait(max(0.0, RESTART_SECONDS - lived_seconds))
        if not self._stopping.is_set():
            self._start(is_first=False)

    def _stop(self, stop_seconds: float) -> None:
        for process in self._started_at:
            os.kill(process, signal.SIGTERM)
        give_up = time.monotonic() + stop_seconds + KILL_SECONDS
        while self._started_at and time.monotonic() < give_up:
            for process, _ in self._reaped():
                del self._started_at[process]
            time.sleep(LOOK_SECONDS / 4)
        for process in self._started_at:
            os.kill(process, signal.SIGKILL)
