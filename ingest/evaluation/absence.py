"""Tests what is said to be missing: an older register as if it were in hand, and what came later.

Where the older register had nothing within the walk, absence would have been claimed on its day;
the newer register tells whether there is something now.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, vstack

from ingest.evaluation.reliability import (
    MOST,
    OldRegister,
    Outcomes,
    Walks,
    published,
    share_of_cell,
)
from ingest.evaluation.survival_counts import Find, listed
from mapping.arrays import Bools, Floats, Ints
from mapping.city import Survivors
from mapping.coverage.situations import ADULT
from mapping.coverage.study_area import StudyArea
from mapping.geocoding.gazetteer import Gazetteer
from mapping.walking.profiles import profile


@dataclass(frozen=True, eq=False)
class NewRegister:
    """The placed records of a newer register, r of them."""

    category: Sequence[str]
    x: Floats
    y: Floats
    organization: Ints
    unplaced: int


@dataclass(frozen=True, eq=False)
class Absences:
    """Areas of which absence would have been claimed: how sure, and whether it is so today.

    Of `outcomes`, `still_served` says that there is still none, and each area rests on the record
    of the newer register that is nearest to it: that one decides whether there is. `high` (a,) is
    the most that a record of the older one could have served, on its day.
    """

    outcomes: Outcomes
    high: Floats


def place_newer(entry: Survivors, find: Find, gazetteer: Gazetteer) -> NewRegister:
    """Place the records of a newer register by their addresses, as those of the older one are.

    Parameters
    ----------
    entry : Survivors
        The pair of registers.
    find : callable
        Gives the file of a source.
    gazetteer : Gazetteer
        Where addresses are.

    Returns
    -------
    NewRegister
        Of the categories that the older one has.
    """
    codes = {entry.kinds.get(kind, kind): code for kind, code in entry.categories.items()}
    records = [record for record in listed(entry.newer, find) if record.kind in codes]
    places = [gazetteer.find(record.written) for record in records]
    placed = [(r, place) for r, place in zip(records, places, strict=True) if place is not None]
    who = np.unique([record.organization for record, _ in placed], return_inverse=True)[1]
    return NewRegister(
        [codes[record.kind] for record, _ in placed],
        np.array([place.x for _, place in placed], float),
        np.array([place.y for _, place in placed], float),
        who,
        len(records) - len(placed),
    )


def absences(
    old: OldRegister, walks: Sequence[Walks], new: NewRegister, study_area: StudyArea
) -> Absences:
    """Find where absence would have been claimed on the older register's day, and what is there.

    Parameters
    ----------
    old : OldRegister
        The older register.
    walks : sequence of Walks
        To its records, of `reliability.walks_to`.
    new : NewRegister
        The newer one.
    study_area : StudyArea
        Where people set out. Within a walk of its border nothing is claimed.

    Returns
    -------
    Absences
        Of the areas of all categories, one after the other.
    """
    parts = list(_of_categories(old, walks, new, study_area))
    people, still_none, rests, high = zip(*parts, strict=True)
    outcomes = Outcomes(
        np.concatenate(people), np.concatenate(still_none), csr_array(vstack(rests)),
        new.organization,
    )  # fmt: skip
    return Absences(outcomes, np.concatenate(high))


def _of_categories(
    old: OldRegister, walks: Sequence[Walks], new: NewRegister, study_area: StudyArea
) -> Iterator[tuple[Floats, Bools, csr_array, Floats]]:
    new_kinds = np.array(new.category)
    for each in walks:
        count = len(each.people)
        rows = _claimed(old, each, study_area)
        of_kind = np.flatnonzero(new_kinds == each.kind.code)
        seconds, target = study_area.walkers[ADULT].nearest(new.x[of_kind], new.y[of_kind], 1)
        is_within = seconds[:, 0] <= each.kind.walk_seconds
        still_none = share_of_cell(is_within, study_area, count) < MOST
        reached = np.flatnonzero(target[:, 0] >= 0)
        points = study_area.points
        rests = csr_array(
            (points.weight[reached], (points.owner[reached], of_kind[target[reached, 0]])),
            (count, len(new.x)),
        )
        chosen = csr_array(rests[rows])
        scaled = csr_array(chosen.multiply(1 / np.maximum(chosen.sum(axis=1), 1e-12)[:, None]))
        # On the day of the list its records were fresh: what matters is where they may stand.
        fresh = published(old, each, study_area, np.zeros(len(old.x)))
        yield each.people[rows], still_none[rows], scaled, fresh.high[rows]


def _claimed(old: OldRegister, walks: Walks, study_area: StudyArea) -> Ints:
    """Find the cells most of whose people are beyond the walk, however far off positions are."""
    pace = profile(ADULT).metres_per_second
    nearest, record = walks.near.seconds[:, 0], walks.near.record[:, 0]
    slack = np.append(old.error_metres, 0.0)[record] / pace
    limit = walks.kind.walk_seconds
    may_have = nearest - slack <= limit
    if study_area.border is not None:
        may_have |= study_area.border.near(limit * pace)
    share = share_of_cell(may_have, study_area, len(walks.people))
    return np.flatnonzero((share < MOST) & (walks.people > 0))
