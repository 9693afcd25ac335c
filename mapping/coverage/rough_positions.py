"""Medians of walks that rest on where a service is, where that is known but roughly."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from mapping.arrays import Bools, Floats, Ints
from mapping.coverage.classes import WalkTimes, differ
from mapping.coverage.study_area import Level
from mapping.coverage.weighted import rising, weighted_median
from mapping.tables import ROUGH_METRES
from mapping.walking.profiles import profile

COLUMNS = ("estimated", "estimated_2nd", "estimated_3rd")


class _Bounds(NamedTuple):
    """Seconds by point in their order: how short and how long a walk may be, and what is told."""

    shortest: tuple[Floats, Ints]
    longest: tuple[Floats, Ints]
    measured: tuple[Floats, Ints]


class RoughWalks:
    """Finds the areas whose median walk would be another if a service stood elsewhere.

    A service whose error is over `ROUGH_METRES` may be nearer by that walk, or farther; whoever
    would pass another on the way goes there.

    Parameters
    ----------
    error_metres : ndarray of float
        Of every service.
    walker : str
        One of `profiles`.
    """

    def __init__(self, error_metres: Floats, walker: str) -> None:
        # The last is that of no service.
        errors = np.append(np.where(error_metres > ROUGH_METRES, error_metres, 0.0), 0.0)
        self._slack: Floats = errors / profile(walker).metres_per_second
        self._bounds: dict[int, dict[str, _Bounds]] = {}
        self._walks: list[WalkTimes] = []
        """Kept, so that no other walk is taken for one of those whose bounds are known."""

    def flags(
        self, walk: WalkTimes, numbers: Mapping[str, Floats], level: Level, weights: Floats
    ) -> dict[str, Floats]:
        """Flag the areas of a level, by column of `tables.COVERAGE`.

        Parameters
        ----------
        walk : WalkTimes
            The walks of every point.
        numbers : mapping of str to ndarray of float
            What is flagged already, since it rests on straight lines.
        level : Level
            The level.
        weights : ndarray of float, shape (points,)
            Of every point.

        Returns
        -------
        mapping of str to ndarray of float, shape (areas,)
            1 where it rests on either; only the columns where a rough service is that near.
        """
        return {
            name: np.fmax(numbers[name], _is_moved(bounds, level, weights))
            for name, bounds in self._of(walk).items()
            if name in numbers
        }

    def _of(self, walk: WalkTimes) -> dict[str, _Bounds]:
        if id(walk) not in self._bounds:
            self._walks.append(walk)
            slack = self._slack[walk.target[:, : len(COLUMNS)]]
            self._bounds[id(walk)] = {
                name: _bounds(walk.nearest, rank, slack[:, rank])
                for rank, name in enumerate(COLUMNS)
                if slack[:, rank].any()
            }
        return self._bounds[id(walk)]


def _bounds(nearest: Floats, rank: int, slack: Floats) -> _Bounds:
    seconds = np.ascontiguousarray(nearest[:, rank])
    farthest = np.where(slack > 0, np.fmin(seconds + slack, nearest[:, rank + 1]), seconds)
    ends = seconds - slack, farthest, seconds
    return _Bounds(*((each, rising(each)) for each in ends))


def _is_moved(bounds: _Bounds, level: Level, weights: Floats) -> Bools:
    shortest, longest, measured = (
        weighted_median(seconds, weights, level.groups, level.areas, order=order)
        for seconds, order in bounds
    )
    flags: Bools = differ(measured, shortest) | differ(measured, longest)
    return flags
