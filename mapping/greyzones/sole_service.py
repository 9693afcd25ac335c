"""The one service whose answer tells most of a zone, where no other may serve them."""

import numpy as np

from mapping.arrays import Bools, Floats, Ints
from mapping.coverage.case_measure import Assessment
from mapping.walking.profiles import profile


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
    walk, case = assessment.walk, assessment.case
    errors = np.append(case.supply.error_metres, 0.0)  # the last is that of no target
    slack = errors[walk.target[at]] / profile(case.profile).metres_per_second
    seconds, acceptable = walk.nearest[at], case.category.walk_seconds
    may_serve = seconds - slack <= acceptable
    row, first = np.arange(len(at)), may_serve.argmax(axis=1)
    is_near = measured | (seconds + slack <= acceptable)[row, first]
    is_alone = (may_serve.sum(axis=1) == 1) & is_near
    return np.where(is_alone, walk.target[at, first], -1)


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
    for pair in np.lexsort((-pairs, crowd)):  # the largest is written last
        of_zone, of_record = divmod(int(pairs[pair]), size)
        chosen[of_zone], people[of_zone] = of_record, crowd[pair]
    return chosen, people
