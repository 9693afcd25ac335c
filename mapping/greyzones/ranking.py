"""Lists of grey zones, and the rank of each: absences, doubts, and what rests on assumptions."""

import numpy as np
import pandas as pd

from mapping.arrays import Bools
from mapping.coverage import classes
from mapping.disclosure import MIN_SHARED_PEOPLE
from mapping.greyzones.depth import NEED_A_LIST
from mapping.tables import ASSUMPTIONS, PROBABILITY

ASCERTAINED = 0.8
"""The probability from which an absence is ranked as one."""


def ranked(frame: pd.DataFrame, undone: Bools, *, is_declared: bool) -> pd.DataFrame:
    """Put the zones of one category in one situation into their lists, and rank each list.

    Only zones whose people are published have a rank, and they are counted so: no score tells finer
    ones. Of fewer people than shares are told of, a rank would rest on how they are rounded. Where
    it is not declared whom the category is for, there are no ranks.

    Parameters
    ----------
    frame : DataFrame
        A row for each of n zones.
    undone : ndarray of bool, shape (n, 3)
        Which of `tables.ASSUMPTIONS` make a zone none.
    is_declared : bool
        Whether it is declared whom the category is for.

    Returns
    -------
    DataFrame
        The same rows with `ranking`, `depends_on`, `rank` and `ranked`.
    """
    is_absent = frame["class"].isin(classes.ABSENT).to_numpy(bool)
    depends = is_absent & undone.any(axis=1)
    is_ascertained = is_absent & (frame["absence"] >= ASCERTAINED).to_numpy(bool)
    ranking = np.where(depends, "depends", np.where(is_ascertained, "ascertained", "to_check"))
    assumptions = [
        [name for name, does in zip(ASSUMPTIONS, row, strict=True) if does] if is_open else None
        for row, is_open in zip(undone.tolist(), depends.tolist(), strict=True)
    ]
    frame = frame.assign(depends_on=pd.Series(assumptions, frame.index, dtype=object))
    # How sure it is decorates no zone that other usual assumptions would make none.
    of_doubted = ["sureness", *PROBABILITY]
    frame = frame.assign(**{name: frame[name].mask(depends, None) for name in of_doubted})
    rank, among = np.full(len(frame), np.nan), np.full(len(frame), np.nan)
    if not is_declared:
        return frame.assign(ranking=ranking, rank=rank, ranked=among)
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
    return frame.assign(ranking=ranking, rank=rank, ranked=among)
