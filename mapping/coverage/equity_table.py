"""How evenly the walk to each category is spread over the people of the city and of its parts."""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from mapping.coverage import inequality
from mapping.coverage.assess import Assessment
from mapping.coverage.situations import BASE
from mapping.coverage.study_area import StudyArea
from mapping.coverage.weighted import SECONDS_PER_MINUTE
from mapping.tables import EQUITY

Row = dict[str, object]

LEVELS = ("municipality", "municipio")
"""Inside smaller areas there are too few points to compare."""


def table(told: Iterable[Row]) -> pd.DataFrame:
    """Put the indices of the categories together.

    Parameters
    ----------
    told : iterable of dict
        Of `rows`.

    Returns
    -------
    DataFrame
        The columns of `tables.EQUITY`.
    """
    return pd.DataFrame(list(told), columns=EQUITY.names)


def rows(found: Assessment, on: StudyArea) -> list[Row]:
    """Compute the indices of a category in the usual situation.

    Parameters
    ----------
    found : Assessment
        Of `assess.assess`.
    on : StudyArea
        The ground on which it was made.

    Returns
    -------
    list of dict
        Rows of `tables.EQUITY`: none where the people of the category are not known, or nobody
        reaches it, nor in another situation. Of lack nothing is said unless the list is complete.
    """
    return list(_rows(found, on)) if found.situation == BASE else []


def _rows(found: Assessment, on: StudyArea) -> Iterator[Row]:
    category = found.case.category
    owner, income = on.points.owner, on.areas.cells.income
    people = found.demand[owner] * on.points.weight
    minutes = found.walk.seconds / SECONDS_PER_MINUTE
    euro = np.full(len(owner), np.nan) if income is None else income.mean_euro[owner]
    known = ~np.isnan(people) & ~np.isnan(minutes) & (people > 0)
    alphas = (0, 1, 2) if found.case.complete and not on.estimated else ()
    names = ("lack_share", "lack_depth", "lack_severity")
    for level in (level for level in on.levels if level.name in LEVELS):
        for number in np.unique(level.groups[known & (level.groups >= 0)]).tolist():
            here = known & (level.groups == number)
            walk, weight = minutes[here], people[here]
            lacks = [
                inequality.lack(walk, weight, category.walk_minutes, alpha=alpha)
                for alpha in alphas
            ]
            yield {
                "level": level.name,
                "area_id": level.area_id[number],
                "category": category.code,
                "gini": inequality.gini(walk, weight),
                "palma": inequality.palma(walk, weight),
                "concentration": inequality.concentration(walk, weight, euro[here]),
                **dict(zip(names, lacks, strict=False)),
                "estimated": on.estimated,
            }
