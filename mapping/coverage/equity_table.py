"""Inequality of walks to each category, in the city and its municipi, and by income."""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from mapping import disclosure
from mapping.arrays import Bools, Floats
from mapping.coverage import inequality
from mapping.coverage.case_measure import Assessment
from mapping.coverage.cases import Case
from mapping.coverage.postcode_equity import IncomeGradient, income_gradient
from mapping.coverage.situations import BASE
from mapping.coverage.study_area import StudyArea
from mapping.coverage.weighted import mean_of
from mapping.tables import EQUITY, INCOME_GRADIENT, INTERVAL, POSTCODE, SECONDS_PER_MINUTE
from mapping.territory.income import Income

Row = dict[str, object]

EQUITY_LEVELS = ("municipality", "municipio")
"""Inside smaller areas there are too few points to compare."""
MIN_SERVICES = 10
"""Of fewer, walks tell where those few stand."""
DECIMALS = 3
NEAR_ZERO = 0.005
"""An index of concentration whose interval ends nearer to zero than this has no sign."""


def table(rows_of_categories: Iterable[Row]) -> pd.DataFrame:
    """Put rows of `rows` into a table with the columns of `tables.EQUITY`, of three decimals."""
    return pd.DataFrame(list(rows_of_categories), columns=EQUITY.names).round(DECIMALS)


def sign(low: float, high: float) -> int:
    """Tell the sign of an index from its interval: 0 where it is not known.

    Parameters
    ----------
    low, high : float
        The ends of the interval; NaN where nothing is known.

    Returns
    -------
    int
        -1, 0 or 1.
    """
    if high <= -NEAR_ZERO:
        return -1
    return 1 if low >= NEAR_ZERO else 0


def rows(assessment: Assessment, study_area: StudyArea) -> list[Row]:
    """Compute the indices of a category in the usual situation, as rows of `tables.EQUITY`.

    None where its people are not known, or nobody reaches it, or in another situation; the figures
    of partial lists and of few services are left out, for they tell where those stand, and lack
    unless the list is still complete.
    """
    return list(_rows(assessment, study_area)) if assessment.situation == BASE else []


def _rows(assessment: Assessment, study_area: StudyArea) -> Iterator[Row]:
    category = assessment.case.category
    owner = study_area.points.owner
    people = assessment.demand[owner] * study_area.points.weight
    minutes = assessment.walk.seconds / SECONDS_PER_MINUTE
    counted = ~np.isnan(people) & ~np.isnan(minutes) & (people > 0)
    is_told = _tells_of_walks(assessment.case)
    is_lack_told = is_told and assessment.case.complete and not study_area.estimated
    alphas = (0, 1, 2) if is_lack_told else ()
    names = ("lack_share", "lack_depth", "lack_severity")
    is_estimated = counted & assessment.walk.is_estimated
    common = {"category": category.code}
    by_postcode, by_income = _by_income(
        study_area,
        minutes if is_told else minutes * np.nan,
        np.where(counted, people, 0),
        is_estimated,
    )
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
                **common,
                "estimated": bool(is_estimated[in_area].any()),
                **(by_income if level.name == "municipality" else {}),
                "gini": inequality.gini(walk, weight) if is_told else np.nan,
                "palma": inequality.palma(walk, weight) if is_told else np.nan,
                **dict(zip(names, lacks, strict=False)),
            }
    yield from (row | common for row in by_postcode)


def _tells_of_walks(case: Case) -> bool:
    """Whether there are services enough, of a list that is complete or was so."""
    listed = case.complete or bool(case.extent.expired.all())
    return listed and int((~case.supply.outside).sum()) >= MIN_SERVICES


def _by_income(
    study_area: StudyArea, minutes: Floats, people: Floats, is_estimated: Bools
) -> tuple[list[Row], dict[str, float]]:
    """Give a row for each postcode, and what they tell of the city; nothing without incomes."""
    income = study_area.areas.cells.income
    if income is None:
        return [], {}
    of_point, count = income.postcode[study_area.points.owner], len(income.postcodes.cap)
    demand = np.bincount(of_point, people, count).astype(float)
    mean = mean_of(minutes, people, of_point, count)
    gradient = income_gradient(mean, demand, income.postcodes.mean_euro)
    estimated = np.bincount(of_point, is_estimated, count) > 0
    return _postcode_rows(income, demand, mean, estimated), _gradient_columns(gradient)


def _postcode_rows(income: Income, demand: Floats, minutes: Floats, estimated: Bools) -> list[Row]:
    published = disclosure.rounded(demand)
    shown = np.where(published >= disclosure.MIN_SHARED_PEOPLE, minutes.round(1), np.nan)
    euro = np.round(income.postcodes.mean_euro, -2)
    columns = ("area_id", "mean_income_euro", "demand", "minutes", "estimated")
    values = income.postcodes.cap.tolist(), euro, published, shown, estimated.tolist()
    rows = zip(*values, strict=True)
    return [
        {"level": POSTCODE, **dict(zip(columns, row, strict=True))} for row in rows if row[2] > 0
    ]


def _gradient_columns(gradient: IncomeGradient) -> dict[str, float]:
    return {
        f"{name}{end}": value
        for name, estimate in zip(INCOME_GRADIENT, gradient, strict=True)
        for end, value in zip(INTERVAL, estimate, strict=True)
    }
