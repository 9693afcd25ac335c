"""Lists of grey zones, and the rank of each: absences, doubts, and what rests on assumptions."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.arrays import Bools, Floats, Ints
from mapping.coverage import classes
from mapping.coverage.case_measure import FASTER, Assessment
from mapping.disclosure import MIN_SHARED_PEOPLE
from mapping.greyzones.depth import NEED_A_LIST
from mapping.greyzones.hexagons import most_lack
from mapping.tables import ASSUMPTIONS, ESTIMATE, PROBABILITY, SECONDS_PER_MINUTE

Lists = npt.NDArray[np.str_]

ASCERTAINED = 0.8
"""The probability from which an absence is ranked as one."""
MORE_MINUTES = 2
"""A longer acceptable walk that is as usual an assumption."""


class PointsInside(NamedTuple):
    """The points that lie in a zone, the zone of each, and the people who live at it.

    Beside them the people at every point, and the zone of each cell, -1 for none.
    """

    at: Ints
    zone: Ints
    weight: Floats
    everybody: Floats
    label: Ints


def makes_none(assessment: Assessment, hexagon: Ints, inside: PointsInside, count: int) -> Bools:
    """Say under which of `ASSUMPTIONS` most people of each zone would have a service.

    Any that may serve, as in the claim itself: with one in doubt within the walk none is lacking.
    Walking faster by `FASTER`, accepting a walk of `MORE_MINUTES` more, or having what most people
    of their hexagon have. Whoever is slower, waits at crossings or does without the neighbours'
    services walks longer, and stays without: docs/decisions.md.

    Parameters
    ----------
    assessment : Assessment
        The walks.
    hexagon : ndarray of int, shape (points,)
        The hexagon of each point.
    inside : PointsInside
        The points of the zones.
    count : int
        How many zones there are, n.

    Returns
    -------
    ndarray of bool, shape (n, 3)
        In the order of `ASSUMPTIONS`.
    """
    at, zone, weight = inside[:3]
    acceptable = assessment.case.category.walk_seconds
    seconds = np.nan_to_num(assessment.walk.seconds, nan=np.inf)
    total = np.bincount(zone, weight, count)
    lacking = {
        "faster": seconds / FASTER > acceptable,
        "longer": seconds > acceptable + MORE_MINUTES * SECONDS_PER_MINUTE,
        "hexagons": most_lack(hexagon, inside.everybody, seconds > acceptable),
    }
    without = [np.bincount(zone, weight * lacking[name][at], count) for name in ASSUMPTIONS]
    return np.column_stack(without) <= total[:, None] / 2


class StreetRanking(NamedTuple):
    """What ranks zones along known streets alone: their `depth`, `call_people`, and assumptions."""

    depth: Floats
    call_people: Floats
    undone: Bools


def ranked(
    frame: pd.DataFrame, undone: Bools, along: StreetRanking | None = None, *, is_declared: bool
) -> pd.DataFrame:
    """Put the zones of one category in one situation into their lists, and rank each list.

    Only zones whose people are published have a rank, and they are counted so: no score tells finer
    ones. Of fewer people than shares are told of, a rank would rest on how they are rounded. Where
    it is not declared whom the category is for, there are no ranks. A zone whose own minutes no
    estimate changes may change its place by those of others: all are ranked along streets too.

    Parameters
    ----------
    frame : DataFrame
        A row for each of n zones.
    undone : ndarray of bool, shape (n, 3)
        Which of `tables.ASSUMPTIONS` make a zone none.
    along : StreetRanking, optional
        The same along known streets alone; the same as in `frame` when left out.
    is_declared : bool
        Whether it is declared whom the category is for.

    Returns
    -------
    DataFrame
        The same rows with `ranking`, `depends_on`, `rank`, `rank_by_streets` and `ranked`.
    """
    ranking = _lists(frame, undone)
    depends = ranking == "depends"
    rank = among = rank_by_streets = np.full(len(frame), np.nan)
    if is_declared:
        rank, among = _places(frame, ranking)
        rank_by_streets = rank
        if along is not None:
            other = frame.assign(depth=along.depth, call_people=along.call_people)
            rank_by_streets, _ = _places(other, _lists(frame, along.undone))
    is_other = ~((rank == rank_by_streets) | (np.isnan(rank) & np.isnan(rank_by_streets)))
    if along is not None:
        is_other |= ranking != _lists(frame, along.undone)
    rests_on_estimate = frame["rests_on_estimate"].to_numpy(bool) | is_other
    rests_on = np.column_stack([undone & depends[:, None], rests_on_estimate])
    names = [
        [name for name, does in zip((*ASSUMPTIONS, ESTIMATE), row, strict=True) if does] or None
        for row in rests_on.tolist()
    ]
    frame = frame.assign(depends_on=pd.Series(names, frame.index, dtype=object))
    # How sure it is decorates no zone that other usual assumptions would make none.
    of_doubted = ["sureness", *PROBABILITY]
    frame = frame.assign(**{name: frame[name].mask(depends, None) for name in of_doubted})
    return frame.assign(ranking=ranking, rank=rank, rank_by_streets=rank_by_streets, ranked=among)


def _lists(frame: pd.DataFrame, undone: Bools) -> Lists:
    """Name the list of each zone."""
    is_absent = frame["class"].isin(classes.ABSENT).to_numpy(bool)
    is_ascertained = is_absent & (frame["absence"] >= ASCERTAINED).to_numpy(bool)
    in_doubt = np.where(is_ascertained, "ascertained", "to_check")
    return np.where(is_absent & undone.any(axis=1), "depends", in_doubt)


def _places(frame: pd.DataFrame, ranking: Lists) -> tuple[Floats, Floats]:
    """Rank the zones of each list, NaN for no rank; beside it among how many."""
    rank, among = np.full(len(frame), np.nan), np.full(len(frame), np.nan)
    settled = frame["call_people"].astype(float).fillna(0).to_numpy()
    people = frame["demand"].astype(float).fillna(0).to_numpy()
    missing = people * frame["depth"].to_numpy()
    core = frame["core"].astype(str).to_numpy()
    # How far the services are that a partial list has tells nothing of how grave its gap is.
    lacks_list = frame["reason"].isin(NEED_A_LIST).to_numpy(bool)
    for name in ("ascertained", "to_check"):
        is_large = people >= MIN_SHARED_PEOPLE
        in_list = np.flatnonzero((ranking == name) & is_large & ~lacks_list)
        # Where no single call settles anything, minutes decide as they do where the absence is
        # ascertained.
        first = (settled[in_list] > 0) & (name == "to_check")
        score = np.where(first, settled[in_list], missing[in_list])
        order = in_list[np.lexsort((core[in_list], -people[in_list], -score, ~first))]
        rank[order] = np.arange(1, len(order) + 1)
        among[order] = len(order)
    return rank, among
