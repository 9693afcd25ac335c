"""One contestant at work, in a process of its own: `python -m api.benches.worker`."""

import importlib
import math
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mapping.arrays import Floats

ENOUGH_SECONDS = 60
"""A contestant that has taken so long begins no further run."""


def peak_megabytes(pid: int | str = "self") -> float:
    """Read the peak memory of a process; NaN where the system does not tell it.

    Not `getrusage`: a process starts there with the peak of the one that started it.
    """
    status = Path(f"/proc/{pid}/status")
    match = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(match[1]) / 1024 if match else math.nan


@dataclass(frozen=True, eq=False)
class Asks:
    """A contestant that is prepared: its questions, each of them a call.

    `numbers` lays an answer out to be compared, which is not timed.
    """

    each: Sequence[Callable[[], Any]]
    numbers: Callable[[Any], npt.ArrayLike] = np.asarray
    megabytes: Callable[[], float] = peak_megabytes
    close: Callable[[], None] = lambda: None


def load_work(name: str) -> Callable[[Path], Asks]:
    """Load the work ``module:function``, with its machine code.

    Compiled libraries load theirs when imported, ours at the first call: a module may have a
    `load`, which makes one.
    """
    module_name, _, function = name.partition(":")
    module = importlib.import_module(module_name)
    getattr(module, "load", lambda: None)()
    prepare: Callable[[Path], Asks] = getattr(module, function)
    return prepare


def work(prepare: Callable[[Path], Asks], folder: Path, out: Path, *, runs: int) -> None:
    """Answer all questions `runs` times, and write down how long each of them took.

    Into `out` go seconds (runs, questions), answers (questions, ...) and megabytes. No runs:
    once, cold; preparing counts, and nothing is tried before.
    """
    start = time.perf_counter()
    asks = prepare(folder)
    prepared = time.perf_counter() - start if runs == 0 else 0.0
    try:
        if runs:
            asks.each[0]()
        rows: list[Floats] = []
        answers: list[Any] = []
        while not rows or (len(rows) < runs and np.sum(rows) < ENOUGH_SECONDS):
            row = np.zeros(len(asks.each))
            answers = [_timed(ask, row, number) for number, ask in enumerate(asks.each)]
            rows.append(row)
        megabytes = asks.megabytes()
    finally:
        asks.close()
    numbers = np.array([asks.numbers(answer) for answer in answers], float)
    np.savez(out, seconds=np.array(rows) + prepared, answers=numbers, megabytes=megabytes)


def _timed(ask: Callable[[], Any], seconds: Floats, number: int) -> Any:
    start = time.perf_counter()
    answer = ask()
    seconds[number] = time.perf_counter() - start
    return answer


if __name__ == "__main__":
    _name, _folder, _runs, _out = sys.argv[1:]
    work(load_work(_name), Path(_folder), Path(_out), runs=int(_runs))
