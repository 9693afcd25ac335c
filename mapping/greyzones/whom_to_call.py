"""The one service of a zone whose answer is enough for most, and for whom it is the only one."""

import numpy as np

from mapping.arrays import Bools, Floats, Ints
from mapping.coverage.case_measure import Assessment
from mapping.coverage.classes import (
    HOURS_UNKNOWN,
    SUITABILITY_UNKNOWN,
    UNVERIFIED,
    Kinds,
    WalkTimes,
)
from mapping.walking.profiles import profile

DOUBTFUL = (HOURS_UNKNOWN, SUITABILITY_UNKNOWN, UNVERIFIED)
"""What is known of services that a yes would make sure."""


def enough_by_a_yes(assessment: Assessment, at: Ints, status: Kinds) -> tuple[Ints, Ints]:
    """Find the services whose yes alone would give each of some points one near.

    Parameters
    ----------
    assessment : Assessment
        The walks to the services of its case.
    at : ndarray of int, shape (n,)
        The points.
    status : ndarray of int8, shape (s,)
        What is known of each service: index into `classes.STATUSES`.

    Returns
    -------
    tuple of ndarray of int, both of shape (m,)
        Pairs of an index into `at` and one into the supply: a doubtful service within the walk,
        wherever it stands within the error of its position. Whoever is served needs no yes.
    """
    walk, acceptable = assessment.walk, assessment.case.category.walk_seconds
    target = walk.target[at]
    doubtful = np.append(np.isin(status, DOUBTFUL), False)[target]  # the last is no target
    is_near = walk.nearest[at] + _slack(assessment, target) <= acceptable
    is_served = (walk.sure_at_most[at] <= acceptable)[:, None]
    row, choice = np.nonzero(doubtful & is_near & ~is_served)
    return row, target[row, choice]


def alone_in_reach(assessment: Assessment, at: Ints, measured: Bools) -> Ints:
    """Find the only service that may serve each of some points.

    Parameters
    ----------
    assessment : Assessment
        The walks to the services of its case.
    at : ndarray of int, shape (n,)
        The points.
    measured : ndarray of bool, shape (n,)
        Whose doubt is how far it is: of the others it has to be near wherever it stands within the
        error of its position.

    Returns
    -------
    ndarray of int, shape (n,)
        Its index in the supply; -1 where there are others, or none.
    """
    walk = assessment.walk
    slack = _slack(assessment, walk.target[at])
    seconds, acceptable = walk.nearest[at], assessment.case.category.walk_seconds
    may_serve = seconds - slack <= acceptable
    row, first = np.arange(len(at)), may_serve.argmax(axis=1)
    is_near = measured | (seconds + slack <= acceptable)[row, first]
    is_alone = (may_serve.sum(axis=1) == 1) & is_near
    return np.where(is_alone, walk.target[at, first], -1)


def first_in_doubt(assessment: Assessment, walk: WalkTimes, at: Ints) -> Ints:
    """Find, of the nearest of each of some points, the first that an error may bring in reach.

    Parameters
    ----------
    assessment : Assessment
        The case.
    walk : WalkTimes
        Its walks.
    at : ndarray of int, shape (n,)
        The points.

    Returns
    -------
    ndarray of int, shape (n,)
        Column of `WalkTimes.nearest`; 0 where there is none.
    """
    seconds = walk.nearest[at] - _slack(assessment, walk.target[at])
    columns: Ints = (seconds <= assessment.case.category.walk_seconds).argmax(axis=1)
    return columns


def _slack(assessment: Assessment, target: Ints) -> Floats:
    errors = np.append(assessment.case.supply.error_metres, 0.0)  # the last is that of no target
    slack: Floats = errors[target] / profile(assessment.case.profile).metres_per_second
    return slack


def of_most(zone: Ints, record: Ints, weight: Floats, count: int) -> tuple[Ints, Floats]:
    """Find the record of most people of each zone, and how many they are.

    Parameters
    ----------
    zone, record : ndarray of int, shape (n,)
        Of each point.
    weight : ndarray of float, shape (n,)
        Its people, not negative.
    count : int
        Number of zones.

    Returns
    -------
    tuple of ndarray, both of shape (count,)
        Records, -1 where there is none, and people. Of equal crowds the first record is chosen.
    """
    size = int(record.max(initial=0)) + 1
    pairs, which = np.unique(zone * size + record, return_inverse=True)
    crowd = np.bincount(which, weight, len(pairs))
    chosen, people = np.full(count, -1), np.zeros(count)
    order = np.lexsort((-pairs, crowd))  # the largest is written last
    of_zone, of_record = np.divmod(pairs[order], size)
    chosen[of_zone], people[of_zone] = of_record, crowd[order]
    return chosen, people
