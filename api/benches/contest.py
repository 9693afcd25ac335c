"""Run one piece of work, ours and the peers', each in a process, and compare the answers."""

import importlib.util
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from api.benches.worker import ENOUGH_SECONDS
from mapping.arrays import Floats
from mapping.errors import BadInputError

RUNS = 5
WORKER = "api.benches.worker"
PATIENCE_SECONDS = 1800
"""For one process of a contestant."""


@dataclass(frozen=True)
class Peer:
    """Who else does the work, and our goal as a ratio of times.

    `prepare` is `module:function`, of a module that need not be there to be imported before
    `is_installed` says so; `lost` says why we lose, should we do.
    """

    name: str
    prepare: str
    goal: float
    is_installed: Callable[[], bool]
    lost: str = ""


@dataclass(frozen=True)
class Contest:
    """A work that we and others do.

    Answers are equal within `tolerance`. When it is `cold`, reading the graph and preparing it
    count, and every run is a new process.
    """

    work: str
    ours: str
    peers: tuple[Peer, ...]
    tolerance: float
    cold: bool = False
    tail: float | None = None
    """How many times our median the slowest question of a hundred may take."""


@dataclass(frozen=True, eq=False)
class Result:
    """What a contestant did: seconds (runs, questions), answers (questions, ...), its memory."""

    seconds: Floats
    answers: Floats
    megabytes: float

    def median(self, questions: int | None = None) -> float:
        """Take the median seconds of the runs, then of the first `questions` (None: of all)."""
        return float(np.median(np.median(self.seconds[:, :questions], axis=0)))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what a process wrote."""
        with np.load(path) as arrays:
            return cls(arrays["seconds"], arrays["answers"], float(arrays["megabytes"]))


def compete(contest: Contest, folder: Path, *, runs: int = RUNS) -> list[dict[str, Any]]:
    """Do the work, ourselves first, and give a row for each peer.

    `folder` holds the graph, as `BenchGraph.write` left it.
    """

    def run(prepare: str) -> Result:
        return _run(prepare, folder, runs=runs, cold=contest.cold)

    ours = run(contest.ours)
    rows = [_row(contest, ours, peer, run) for peer in contest.peers]
    if contest.tail is not None:
        slow = float(np.percentile(np.median(ours.seconds, axis=0), 99) / ours.median())
        rows.append(limit_row(f"{contest.work}, p99 / median", slow, contest.tail, "x"))
    return rows


def limit_row(
    work: str, ours: float, limit: float, unit: str = "s", megabytes: float = math.nan
) -> dict[str, Any]:
    """Make the row of a measurement beside its limit, both in `unit`; its ratio is limit / ours."""
    row = _to_row(work, ours, limit, "limit", 1)
    return row | {"unit": unit, "megabytes": _whole(megabytes)}


def _run(prepare: str, folder: Path, *, runs: int, cold: bool) -> Result:
    parts = [_process(prepare, folder, 0 if cold else runs)]
    while cold and len(parts) < runs and sum(part.seconds.sum() for part in parts) < ENOUGH_SECONDS:
        parts.append(_process(prepare, folder, 0))
    seconds = np.concatenate([part.seconds for part in parts])
    return Result(seconds, parts[0].answers, max(part.megabytes for part in parts))


def _process(prepare: str, folder: Path, runs: int) -> Result:
    with tempfile.TemporaryDirectory(prefix="prossima-") as scratch:
        out = Path(scratch) / "result.npz"
        command = [sys.executable, "-m", WORKER, prepare, str(folder), str(runs), str(out)]
        try:
            done = subprocess.run(  # noqa: S603 - our own module
                command, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
            )
        except subprocess.TimeoutExpired:
            raise BadInputError(
                f"{prepare} was not done in {PATIENCE_SECONDS} s. Take fewer nodes: --nodes."
            ) from None
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise BadInputError(
                f"{prepare} did not do its work: {reason}. Mend it, or uninstall it."
            )
        return Result.read(out)


def _row(
    contest: Contest, ours: Result, peer: Peer, run: Callable[[str], Result]
) -> dict[str, Any]:
    if not peer.is_installed():
        return _alone(contest, ours, peer, "not installed")
    try:
        theirs = run(peer.prepare)
    except BadInputError as error:  # what the others did is not lost by it
        return _alone(contest, ours, peer, f"failed: {error}")
    done, expected = theirs.seconds.shape
    name = peer.name if done == len(ours.seconds) else f"{peer.name} (runs: {done})"
    row = _to_row(contest.work, ours.median(expected), theirs.median(expected), name, peer.goal)
    return row | {
        "megabytes": _whole(ours.megabytes),
        "peer_megabytes": _whole(theirs.megabytes),
        "agrees": same(ours.answers[:expected], theirs.answers, contest.tolerance),
        "lost": peer.lost,
    }


def _alone(contest: Contest, ours: Result, peer: Peer, reason: str) -> dict[str, Any]:
    row = _to_row(contest.work, ours.median(), None, f"{peer.name} ({reason})", peer.goal)
    return row | {"megabytes": _whole(ours.megabytes)}


def _to_row(work: str, ours: float, peer: float | None, name: str, goal: float) -> dict[str, Any]:
    return {
        "graph": "",
        "work": work,
        "ours": float(f"{ours:.4g}"),
        "peer": None if peer is None else float(f"{peer:.4g}"),
        "peer_name": name,
        "unit": "s",
        "ratio": None if peer is None else float(f"{peer / ours:.3g}"),
        "goal": goal,
        "megabytes": None,
        "peer_megabytes": None,
        "agrees": None,
        "lost": "",
    }


def same(ours: Floats, theirs: Floats, tolerance: float) -> bool:
    """Compare two answers.

    Parameters
    ----------
    ours, theirs : ndarray of float
        NaN is no answer, equal to no answer.
    tolerance : float
        By how much two numbers may differ.

    Returns
    -------
    bool
        Whether they are the same.
    """
    return ours.shape == theirs.shape and bool(
        np.allclose(ours, theirs, rtol=0, atol=tolerance, equal_nan=True)
    )


def module(name: str) -> Callable[[], bool]:
    """Make the test of whether a Python package is installed."""
    return lambda: importlib.util.find_spec(name) is not None


def _whole(megabytes: float) -> int | None:
    return None if math.isnan(megabytes) else round(megabytes)
