"""Whether who has a service near may come, and whether it has room: beside the class, never in it.

Of each service it is known, or not, whether who does not reside may come, and whether there is
room. Waiting is one of the answers to the second, and never a distance. What is not known of a
service is known of nobody who is near it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mapping.arrays import Bools, Floats
from mapping.coverage.classes import CLOSED, SURE, Kinds
from mapping.coverage.service_status import Supply
from mapping.coverage.study_area import Walker
from mapping.tables import HAS_ROOM, MAY_COME

UNKNOWN, NO = 0, 1
"""The first two of `MAY_COME` and of `HAS_ROOM`; of the others each is better than the last."""


class Admission(NamedTuple):
    """Of each of n points, indices into `MAY_COME` and `HAS_ROOM`: the best of what is near."""

    may_come: Kinds
    has_room: Kinds


class Reach(NamedTuple):
    """How somebody walks to services of a status, up to a limit, from n points.

    `slack` (s,) is by how many seconds the walk to each service may be off.
    """

    walker: Walker
    status: Kinds
    slack: Floats
    limit_seconds: float


def admission(supply: Supply, reach: Reach, absences: Bools) -> Admission | None:
    """Say of every point what is known of the services that surely serve it.

    Parameters
    ----------
    supply : Supply
        The services, s of them.
    reach : Reach
        The walk to them.
    absences : ndarray of bool, shape (n,)
        Where the list is known to be whole: elsewhere `no` is not said, for a service that nobody
        has listed may be near.

    Returns
    -------
    Admission or None
        None where nothing is known of any service.
    """
    usable = reach.status < CLOSED
    known = [codes * usable for codes in (supply.may_come, supply.has_room)]
    if not any(codes.any() for codes in known):
        return None
    answers = (
        _best(supply, reach, codes, absences, names)
        for codes, names in zip(known, (MAY_COME, HAS_ROOM), strict=True)
    )
    return Admission(*answers)


def _best(
    supply: Supply, reach: Reach, codes: Kinds, absences: Bools, names: Sequence[str]
) -> Kinds:
    best = np.zeros(len(reach.walker.place), np.int8)
    if not codes.any():
        return best
    surely = reach.status == SURE
    others = (reach.status < CLOSED) & (codes != NO)
    refused = surely & (codes == NO)
    # Of one that may be within the walk, or may no longer be there, it is not known to be `no`.
    none_else = absences & ~_within(supply, reach, others, -1)
    best[none_else & _within(supply, reach, refused, 1)] = NO
    for code in range(NO + 1, len(names)):
        best[_within(supply, reach, surely & (codes == code), 1)] = code
    return best


def _within(supply: Supply, reach: Reach, rows: Bools, sign: int) -> Bools:
    """Flag the points with a service of `rows` within the limit: surely (1), or perhaps (-1)."""
    if not rows.any():
        return np.zeros(len(reach.walker.place), bool)
    slack = sign * reach.slack[rows]
    longest = reach.limit_seconds - min(0.0, float(slack.min()))
    seconds = reach.walker.within(supply.x[rows], supply.y[rows], longest)
    near = seconds.data + slack[seconds.indices] <= reach.limit_seconds
    place = np.repeat(np.arange(seconds.shape[0]), np.diff(seconds.indptr))
    reached = np.bincount(place[near], minlength=seconds.shape[0]) > 0
    flags: Bools = reached[reach.walker.place]
    return flags
