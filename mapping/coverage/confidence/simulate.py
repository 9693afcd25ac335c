"""Share of the draws in which most of an area have a service within the walk."""

from typing import Final, NamedTuple

import numpy as np

from mapping.arrays import Floats, Ints
from mapping.compiled import compiled
from mapping.coverage.confidence.draws import DRAWS, DrawnRecords, Draws, Flags
from mapping.coverage.origins import Points

NOBODY: Final = 1e-6
"""Populations below this are treated as 0: their square would be lost to rounding."""
NINETY: Final = 1.645
"""Standard deviations on either side of the middle nine tenths."""


class Near(NamedTuple):
    """The k nearest records of n points: seconds (n, k) padded with NaN, record (n, k) with -1."""

    seconds: Floats
    record: Ints


class WalkLimit(NamedTuple):
    """The acceptable walk in seconds, and the seconds that a metre of error may cost."""

    walk_seconds: float
    seconds_per_metre: float


def shares_served(points: Points, near: Near, records: DrawnRecords, reach: WalkLimit) -> Draws:
    """Share of each area, in each draw, that has a serving record within the walk.

    Parameters
    ----------
    points : Points
        Where people start; every area owns at least one.
    near : Near
        The nearest records of each point.
    records : DrawnRecords
        The records.
    reach : WalkLimit
        What is within the walk.

    Returns
    -------
    ndarray of float, shape (areas, DRAWS)
        Shares in [0, 1].
    """
    shares = np.zeros((int(points.owner.max(initial=-1)) + 1, DRAWS), np.float32)
    starts = _From(points.x, points.y, points.owner, points.weight)
    _serve(starts, near, records, reach, shares)
    return np.minimum(shares, np.float32(1))


def for_most(shares: Draws, people: tuple[Floats, Draws], groups: Ints, count: int) -> Floats:
    """Find how often most people of each group have a service.

    Parameters
    ----------
    shares : ndarray of float, shape (areas, DRAWS)
        Of `shares_served`.
    people : tuple of ndarray
        Estimated people of each area, and their `factors`.
    groups : ndarray of int, shape (areas,)
        Group of each area in [0, count); -1 for none.
    count : int
        Number of groups.

    Returns
    -------
    ndarray of float, shape (count,)
        Share of the draws in which at least half of the people have one; NaN for a group without
        people. What says that they have none is as sure as 1 less this.
    """
    area = np.argsort(groups, kind="stable")
    first = np.searchsorted(groups[area], np.arange(count + 1))
    share_of_draws = np.empty(count)
    _gather(shares, people, (first, area), share_of_draws)
    return share_of_draws


def interval(people: Floats, groups: Ints, count: int, cv: float) -> tuple[Floats, Floats]:
    """Give between which numbers the people of each group are, nine times in ten.

    Each area is off by a lognormal factor and, being a count, by chance (Poisson); the sum is
    taken as lognormal with the mean and variance of the sum (L. F. Fenton, 1960, IRE Transactions
    on Communications Systems 8(1), doi:10.1109/TCOM.1960.1097606).

    Parameters
    ----------
    people : ndarray of float, shape (areas,)
        Estimated people; NaN where not known.
    groups : ndarray of int, shape (areas,)
        Group of each area in [0, count); -1 for none.
    count : int
        Number of groups.
    cv : float
        Coefficient of variation of one area.

    Returns
    -------
    tuple of ndarray of float, shape (count,)
        Low and high; 0 and 0 of nobody, NaN where not known.
    """
    in_group = groups >= 0
    mean = np.bincount(groups[in_group], people[in_group], count).astype(float)
    spread = np.bincount(groups[in_group], (cv * people[in_group]) ** 2 + people[in_group], count)
    relative = np.divide(spread, mean**2, out=np.zeros(count), where=~(mean <= NOBODY))
    sigma = np.sqrt(np.log1p(relative))
    middle = mean * np.exp(-(sigma**2) / 2)
    return middle * np.exp(-NINETY * sigma), middle * np.exp(NINETY * sigma)


class _From(NamedTuple):
    x: Floats
    y: Floats
    owner: Ints
    weight: Floats


@compiled
def _serve(
    points: _From, near: Near, records: DrawnRecords, reach: WalkLimit, shares: Draws
) -> None:
    served = np.zeros(shares.shape[1], np.uint8)
    for point in range(len(points.x)):
        served[:] = 0
        for rank in range(near.record.shape[1]):
            record = near.record[point, rank]
            if record < 0:
                break
            spare = (reach.walk_seconds - near.seconds[point, rank]) / reach.seconds_per_metre
            if spare >= records.farthest[record]:
                _join(served, records.serves[record])
            elif spare >= -records.farthest[record]:
                x, y = points.x[point] - records.x[record], points.y[point] - records.y[record]
                _join_if_near(served, records, record, (x, y, spare))
        owner, weight = points.owner[point], np.float32(points.weight[point])
        for draw in range(len(served)):
            shares[owner, draw] += weight * served[draw]


@compiled
def _join(served: Flags, serves: Flags) -> None:
    for draw in range(len(served)):
        served[draw] |= serves[draw]


@compiled
def _join_if_near(
    served: Flags, records: DrawnRecords, record: int, away: tuple[float, float, float]
) -> None:
    # What a straight line gains or loses, the walk gains or loses times the detour.
    x, y, spare = np.float32(away[0]), np.float32(away[1]), away[2]
    limit = max(np.hypot(away[0], away[1]) + spare, 0.0)
    east, north, serves = records.east[record], records.north[record], records.serves[record]
    squared = np.float32(limit * limit)
    for draw in range(len(served)):
        gap = (x - east[draw]) ** 2 + (y - north[draw]) ** 2
        served[draw] |= serves[draw] & np.uint8(gap <= squared)


@compiled
def _gather(
    shares: Draws, people: tuple[Floats, Draws], by_group: tuple[Ints, Ints], share_of_draws: Floats
) -> None:
    # Group by group: the draws of all groups together are more than a processor's cache holds.
    estimated, factor = people
    first, areas = by_group
    draws = shares.shape[1]
    have, total = np.empty(draws), np.empty(draws)
    for group in range(len(share_of_draws)):
        have[:], total[:] = 0.0, 0.0
        for slot in range(first[group], first[group + 1]):
            area = areas[slot]
            for draw in range(draws):
                crowd = estimated[area] * factor[area, draw]
                total[draw] += crowd
                have[draw] += crowd * shares[area, draw]
        peopled, most = True, 0
        for draw in range(draws):
            peopled &= total[draw] > 0
            most += have[draw] >= total[draw] / 2
        share_of_draws[group] = most / draws if peopled else np.nan
