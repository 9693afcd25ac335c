"""How evenly a category is spread over the people of a city: the rows of `tables.EQUITY`."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping import population
from mapping.areas import Cells
from mapping.coverage import CLASS_OF, REASONS, Points, Walk, main_reason
from mapping.equity import concentration, gini, lack, palma
from mapping.groups import SECONDS_PER_MINUTE, weighted_median
from mapping.situations import Situation
from mapping.tables import EQUITY

Floats = npt.NDArray[np.float64]
Kinds = npt.NDArray[np.int8]
_UNSURE = [n for n, reason in enumerate(REASONS) if CLASS_OF[reason] == "unsure"]


class Spread(NamedTuple):
    """What one category in one situation is, point by point, for whom, and within which walk.

    `people` are those of each cell; `per_100` the places of every point, None where not known.
    """

    category: str
    situation: Situation
    walk: Walk
    reasons: Kinds
    people: Floats
    per_100: Floats | None
    walk_minutes: int


class Evenness(NamedTuple):
    """A row of `tables.EQUITY`."""

    category: str
    situation: Situation
    indices: dict[str, float]


def evenness(of: Spread, points: Points, cells: Cells) -> Evenness:
    """Measure how evenly a category is spread.

    Parameters
    ----------
    of : Spread
        A category of a complete list, walked to along streets.
    points : Points
        Where people set out.
    cells : Cells
        The areas in which nothing is told apart.

    Returns
    -------
    Evenness
        NaN where nothing can be said.
    """
    count = len(of.people)
    seconds = weighted_median(of.walk.seconds, points.weight, points.owner, count)
    minutes = seconds / SECONDS_PER_MINUTE
    people = np.nan_to_num(np.where(np.isnan(of.people), cells.residents, of.people))
    main = main_reason(of.reasons, points.weight, points.owner, count)
    sure = (main >= 0) & ~np.isin(main, _UNSURE)
    reached = np.isfinite(minutes)
    # What is surely absent and has no way at all is full lack; what is unsure is no lack yet.
    missing = np.where(sure, np.where(reached, minutes, np.inf), 0.0)
    told: dict[str, float] = {
        "people": float(population.rounded(people[reached].sum())),
        "gini_minutes": gini(minutes[reached], people[reached]),
        "concentration_minutes": _by_income(minutes, people, cells, reached),
        **{
            name: lack(missing, people, of.walk_minutes, alpha=alpha)
            for alpha, name in enumerate(("lack_share", "lack_depth", "lack_severity"))
        },
    }
    return Evenness(of.category, of.situation, told | _of_places(of, points, people))


def table(rows: Iterable[Evenness]) -> pd.DataFrame:
    """Put rows together.

    Parameters
    ----------
    rows : iterable of Evenness
        Of `evenness`.

    Returns
    -------
    DataFrame
        The columns of `tables.EQUITY`.
    """
    told = [{"category": r.category, **r.situation._asdict(), **r.indices} for r in rows]
    return pd.DataFrame(told, columns=EQUITY.names)


def _by_income(
    values: Floats, people: Floats, cells: Cells, counted: npt.NDArray[np.bool_]
) -> float:
    if cells.income is None:
        return float("nan")
    rank = cells.income.mean_euro
    both = counted & np.isfinite(rank)
    return concentration(values[both], people[both], rank[both])


def _of_places(of: Spread, points: Points, people: Floats) -> dict[str, float]:
    if of.per_100 is None or np.isnan(of.per_100).any():
        return {"gini_places": float("nan"), "palma_places": float("nan")}
    places = np.bincount(points.owner, of.per_100 * points.weight, len(people))
    return {"gini_places": gini(places, people), "palma_places": palma(places, people)}
