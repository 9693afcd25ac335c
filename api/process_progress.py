"""What another process does: whether it gets on with its work, and what that takes."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

LOOK_SECONDS = 0.5
"""Between two looks, however often is asked."""
STILL_LOOKS = 20
"""Looks in a row that find a process where it was, before it counts as still. They are counted, and
not seconds: a machine that was halted halts the looks too."""
_MINOR, _MAJOR, _USER, _SYSTEM = 7, 9, 11, 12
"""Fields of `/proc/PID/stat` after the name: page faults, and ticks of processor time."""


class ProcessProgress:
    """What a process has done, seen from outside; one that is stopped or hangs does nothing.

    Parameters
    ----------
    process : int
        Its number.
    """

    def __init__(self, process: int) -> None:
        self._stat = Path(f"/proc/{process}/stat")
        self._done = self._read()
        self._still_looks = 0
        self._looked_at = time.monotonic()

    def is_still(self) -> bool:
        """Look once more: whether it has done nothing in `STILL_LOOKS` looks."""
        now = time.monotonic()
        if now - self._looked_at >= LOOK_SECONDS:
            done = self._read()
            self._still_looks = self._still_looks + 1 if done == self._done else 0
            self._done, self._looked_at = done, now
        return self._still_looks >= STILL_LOOKS

    def _read(self) -> tuple[str, ...]:
        return _fields(self._stat, (_MINOR, _MAJOR, _USER, _SYSTEM))


def processor_seconds(process: int) -> float:
    """Give the time of the processor that a process has taken; 0 when it has ended."""
    ticks = _fields(Path(f"/proc/{process}/stat"), (_USER, _SYSTEM))
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _fields(stat: Path, numbers: Sequence[int]) -> tuple[str, ...]:
    try:
        text = stat.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ()  # it has ended
    fields = text.rpartition(")")[2].split()
    return tuple(fields[number] for number in numbers)
