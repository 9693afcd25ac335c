"""Inequality of walks to each category, for the city and for its municipi."""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from mapping.coverage import inequality
from mapping.coverage.case_measure import Assessment
from mapping.coverage.situations import BASE
from mapping.coverage.study_area import StudyArea
from mapping.tables import EQUITY, SECONDS_PER_MINUTE

Row = dict[str, object]

EQUITY_LEVELS = ("municipality", "municipio")
"""Inside smaller areas there are too few points to compare."""


def table(rows_of_categories: Iterable[Row]) -> pd.DataFrame:
    """Put rows of `rows` into a table with the columns of `tables.EQUITY`."""
    return pd.DataFrame(list(rows_of_categories), columns=EQUITY.names)


def rows(assessment: Assessment, study_area: StudyArea) -> list[Row]:
    """Compute the indices of a category in the usual situation, as rows of `tables.EQUITY`.

    None where its people are not known, or nobody reaches it, or in another situation; lack is left
    out unless the list is complete.
    """
    return list(_rows(assessment, study_area)) if assessment.situation == BASE else []


def _rows(assessment: Assessment, study_area: StudyArea) -> Iterator[Row]:
    category = assessment.case.category
    owner, income = study_area.points.owner, study_area.areas.cells.income
    people = assessment.demand[owner] * study_area.points.weight
    minutes = assessment.walk.seconds / SECONDS_PER_MINUTE
    euro = np.full(len(owner), np.nan) if income is None else income.mean_euro[owner]
    counted = ~np.isnan(people) & ~np.isnan(minutes) & (people > 0)
    alphas = (0, 1, 2) if assessment.case.complete and not study_area.estimated else ()
    names = ("lack_share", "lack_depth", "lack_severity")
    for level in (level for level in study_area.levels if level.name in EQUITY_LEVELS):
        for number in np.unique(level.groups[counted & (level.groups >= 0)]).tolist():
            in_area = counted & (level.groups == number)
            walk, weight = minutes[in_area], people[in_area]
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
                "concentration": inequality.concentration(walk, weight, euro[in_area]),
                **dict(zip(names, lacks, strict=False)),
                "estimated": study_area.estimated,
            }
