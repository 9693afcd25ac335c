"""Walks of plans to services over the border, where not all streets are known, as coverage does."""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from mapping.arrays import Bools, Floats, Ints
from mapping.coverage.border import longest_walk_metres
from mapping.coverage.case_measure import BEYOND, NEAREST
from mapping.walking import routing
from mapping.walking.routing import Graph
from mapping.walking.snapping import Snaps
from mapping.walking.straight_walks import (
    StraightLimits,
    StraightPlaces,
    shortest_to_each,
    with_straight,
)


class HomeWalks(NamedTuple):
    """Seconds of every home to the nearest services: with estimates, and along streets alone."""

    seconds: Floats
    by_streets: Floats

    def depends(self, walk_seconds: float) -> Bools:
        """Flag the homes that have a service within the walk by an estimate alone.

        Parameters
        ----------
        walk_seconds : float
            The acceptable walk.

        Returns
        -------
        ndarray of bool, shape (n,)
            Of every home.
        """
        flags: Bools = (self.seconds <= walk_seconds) & ~(self.by_streets <= walk_seconds)
        return flags


class BorderWalks(NamedTuple):
    """Estimated walks from those homes that have any: seconds and service, NaN and -1 for none.

    `homes` is (m,), `seconds` and `service` are (m, `NEAREST`); services over the border are
    numbered from 0. `is_off` (s,) marks those that no known street comes near: every walk there is
    an estimate.
    """

    homes: Ints
    seconds: Floats
    service: Ints
    is_off: Bools

    def on_streets(self, first: int, others: int = 0) -> Ints:
        """List the numbers of the services that streets lead to.

        Parameters
        ----------
        first, others : int
            How many are in the city, before those over the border, and how many behind.

        Returns
        -------
        ndarray of int, shape (m,)
            Ascending.
        """
        is_off = np.concatenate([np.zeros(first, bool), self.is_off, np.zeros(others, bool)])
        return np.flatnonzero(~is_off)

    def beside(self, walked: tuple[Floats, Ints], first: int) -> tuple[Floats, Ints]:
        """Lay the estimates beside walks along streets, and keep the shortest to each service.

        Parameters
        ----------
        walked : tuple of ndarray, shape (n, k)
            Seconds and service of every home, as `routing.nearest_k`.
        first : int
            The number that the first service over the border has there.

        Returns
        -------
        tuple of ndarray, shape (n, k)
            As `walked`.
        """
        if not len(self.homes):
            return walked
        seconds, service = walked[0].copy(), walked[1].copy()
        numbers = np.where(self.service < 0, -1, self.service + first)
        seconds[self.homes], service[self.homes] = shortest_to_each(
            np.hstack([seconds[self.homes], self.seconds]),
            np.hstack([service[self.homes], numbers]),
            seconds.shape[1],
        )
        return seconds, service

    def within(self, walked: csr_array, first: int, max_seconds: float) -> csr_array:
        """Lay the estimates that are short enough beside a matrix of walks.

        Parameters
        ----------
        walked : csr_array, shape (n, s)
            Seconds, as `routing.matrix`.
        first : int
            The column of the first service over the border.
        max_seconds : float
            Longer ones are left out.

        Returns
        -------
        csr_array, shape (n, s)
            As `walked`.
        """
        row, rank = np.nonzero(self.seconds <= max_seconds)
        if not len(row):
            return walked
        walked = walked.copy()
        walked.sort_indices()
        width = walked.shape[1]
        key = np.repeat(np.arange(walked.shape[0]) * width, np.diff(walked.indptr)) + walked.indices
        pair, seconds = _sorted_pairs(
            self.homes[row] * width + self.service[row, rank] + first, self.seconds[row, rank]
        )
        at = np.searchsorted(key, pair)
        is_known = np.append(key, -1)[at] == pair
        known, new = at[is_known], at[~is_known]
        walked.data[known] = np.minimum(walked.data[known], seconds[is_known])
        added = np.bincount(pair[~is_known] // width, minlength=walked.shape[0])
        return csr_array(
            (
                np.insert(walked.data, new, seconds[~is_known]),
                np.insert(walked.indices, new, pair[~is_known] % width),
                walked.indptr + np.append(0, np.cumsum(added)),
            ),
            shape=walked.shape,
        )


def _sorted_pairs(pair: Ints, seconds: Floats) -> tuple[Ints, Floats]:
    order = np.argsort(pair)
    return pair[order], seconds[order]


def border_walks(
    walker: tuple[Graph, Snaps], homes: tuple[Floats, Floats], places: tuple[Floats, Floats]
) -> BorderWalks:
    """Estimate the walks to services over the border that known streets lead far around.

    Parameters
    ----------
    walker : tuple
        The streets as a profile walks them, and the homes snapped to them.
    homes, places : tuple of ndarray
        x and y of the homes, and of the services over the border, metres.

    Returns
    -------
    BorderWalks
        What `straight_walks.with_straight` makes of no other walks.
    """
    graph, snaps = walker
    limits = StraightLimits(graph.profile.metres_per_second, longest_walk_metres())
    feet = graph.snap(*places)
    to = routing.targets(graph, feet)
    known = routing.nearest_k(graph, snaps, to, count=BEYOND, max_seconds=limits.longest_seconds)
    off = _to_some(known, feet.off_network)
    straight = StraightPlaces(*places, np.arange(len(places[0])))
    seconds, service = with_straight(off, homes, straight, limits, known)
    rows = np.flatnonzero(service[:, 0] >= 0)
    return BorderWalks(rows, seconds[rows], service[rows], feet.off_network)


def _to_some(known: tuple[Floats, Ints], wanted: Bools) -> tuple[Floats, Ints]:
    """Keep of known walks the shortest to some of the services: (n, `NEAREST`)."""
    is_wanted = np.append(wanted, False)[known[1]]  # the last is that of no service
    seconds = np.full((len(is_wanted), NEAREST), np.nan)
    service = np.full((len(is_wanted), NEAREST), -1, np.int64)
    rows = np.flatnonzero(is_wanted.any(axis=1))
    seconds[rows], service[rows] = shortest_to_each(
        np.where(is_wanted, known[0], np.nan)[rows], known[1][rows], NEAREST
    )
    return seconds, service


def no_border_walks(services: int) -> BorderWalks:
    """Estimate no walk, where all streets are known or nothing is over the border.

    Parameters
    ----------
    services : int
        How many are over the border.

    Returns
    -------
    BorderWalks
        Of no home.
    """
    none = np.zeros((0, NEAREST))
    return BorderWalks(np.zeros(0, np.int64), none, none.astype(np.int64), np.zeros(services, bool))
