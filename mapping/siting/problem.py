"""The problem of siting: demand, fixed and candidate sites, walks, and the effort to solve it."""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy.optimize import OptimizeResult
from scipy.sparse import csr_array

from mapping.arrays import Bools, Floats, Ints
from mapping.errors import BadInputError

Result = TypeVar("Result")
Keys = npt.NDArray[np.uint64]
SHORTEST_SECONDS = 0.01
"""An effort with no more time than this is spent."""
LATE_SECONDS = 0.2
"""After the limit, for a solver that keeps to it."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Demand, and the sites where a service stands or may stand.

    `seconds` is (n, s): only walks that people accept are stored, a stored 0 is a walk of no time.
    `weights` (n,) are the people of each place; `fixed` (s,) marks sites that exist and stay;
    `places` (s,) is how many people each site can take, NaN where not known.
    """

    seconds: csr_array
    weights: Floats
    fixed: Bools
    places: Floats | None = None

    def __post_init__(self) -> None:
        """Check shapes and values."""
        if self.seconds.shape != (len(self.weights), len(self.fixed)):
            raise BadInputError(
                f"Walks of {self.seconds.shape} do not fit {len(self.weights)} places with people"
                f" and {len(self.fixed)} sites. Give one row a place, one column a site."
            )
        for name, values in (("weights", self.weights), ("seconds", self.seconds.data)):
            if not (np.isfinite(values) & (values >= 0)).all():
                raise BadInputError(f"{name} hold NaN or less than 0. Leave such places out.")
        if self.places is not None and (self.places < 0).any():
            raise BadInputError("A site has fewer than 0 places. Give 0 or more, NaN if unknown.")


@dataclass(frozen=True)
class Effort:
    """Time limit, and the gap at which a solution is good enough."""

    max_seconds: float = 20.0
    gap: float = 1e-4

    def __post_init__(self) -> None:
        """Check both values."""
        if not self.max_seconds > 0:
            raise BadInputError(f"The time limit is {self.max_seconds} s. Give more than 0.")
        if not 0 <= self.gap < 1:
            raise BadInputError(f"The gap is {self.gap}. Give a share from 0, below 1.")

    def left(self, begun: float) -> "Effort":
        """Give what is left of it, of a work that was begun at a time of `time.perf_counter`."""
        left_seconds = self.max_seconds - (time.perf_counter() - begun)
        return replace(self, max_seconds=max(left_seconds, SHORTEST_SECONDS))

    @property
    def is_spent(self) -> bool:
        """Whether no time is left."""
        return self.max_seconds <= SHORTEST_SECONDS


def finished_in(seconds: float, work: Callable[[], Result]) -> Result | None:
    """Do a work in a thread of its own; None when it is not done in time.

    It is left behind in its thread, which ends with the process: HiGHS looks at its own limit of
    time seldom in a large program, and compiled code never.
    """
    ended: queue.Queue[tuple[Result | None, BaseException | None]] = queue.Queue()

    def finish() -> None:
        try:
            ended.put((work(), None))
        except BaseException as error:
            ended.put((None, error))

    threading.Thread(target=finish, daemon=True).start()
    try:
        result, error = ended.get(timeout=seconds + LATE_SECONDS)
    except queue.Empty:
        return None
    if error is not None:
        raise error
    return result


def unknown_places(problem: Problem) -> Bools:
    """Mark the demand within the walk of a fixed site whose places are not known.

    Parameters
    ----------
    problem : Problem
        With `places`.

    Returns
    -------
    ndarray of bool, shape (n,)
        Of them nothing can be said: they may have a place.
    """
    if problem.places is None:
        return np.zeros(len(problem.weights), bool)
    unknown = (problem.fixed & np.isnan(problem.places))[problem.seconds.indices]
    return np.bincount(rows_of(problem.seconds), unknown, len(problem.weights)) > 0


def rows_of(matrix: csr_array) -> Ints:
    """Give the row of every stored entry.

    Parameters
    ----------
    matrix : csr_array
        Any.

    Returns
    -------
    ndarray of int
        In the order of its `indices`.
    """
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def status_of(result: OptimizeResult) -> str:
    """Name how `scipy.optimize.milp` ended: ``optimal``, ``time_limit`` or ``not_solved``."""
    return {0: "optimal", 1: "time_limit"}.get(int(result.status), "not_solved")


def running_keys(site: Ints, sites: int, times: Ints | None = None) -> Keys:
    """Add up keys of sites one by one: the key of any run of sites is a difference of two sums.

    A set is known by the sums of two random numbers of each of its members (Zobrist 1970).

    Parameters
    ----------
    site : ndarray of int, shape (m,)
        Sites.
    sites : int
        How many sites there are.
    times : ndarray of int, shape (m,), optional
        How often each counts: for sites in an order, their ranks from 1.

    Returns
    -------
    ndarray of uint64, shape (2, m + 1)
        Sums modulo 2^64, from that of none.
    """
    key = np.random.default_rng(1974).integers(0, 2**64, (2, sites), np.uint64)[:, site]
    if times is not None:
        key *= times.astype(np.uint64)
    none = np.zeros((2, 1), np.uint64)
    return np.concatenate([none, np.cumsum(key, axis=1, dtype=np.uint64)], axis=1)


def alike(keys: Keys) -> tuple[Ints, Ints]:
    """Give equal keys the same number.

    Parameters
    ----------
    keys : ndarray of uint64, shape (2, m)
        Keys of sets.

    Returns
    -------
    tuple of ndarray of int
        Where each number occurs first, and the number of each key.
    """
    order = np.lexsort((np.arange(keys.shape[1]), *keys))
    changes = (np.diff(keys[:, order], axis=1) != 0).any(axis=0)
    starts = np.concatenate([np.ones(min(1, len(order)), bool), changes])
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum(starts) - 1
    return order[starts], number
