"""How evenly the walk to each category is spread over the people of the city and of its parts."""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from mapping import equity
from mapping.assess import Assessment, Ground
from mapping.city import City
from mapping.groups import SECONDS_PER_MINUTE
from mapping.tables import EQUITY

Row = dict[str, object]
LEVELS = ("municipality", "municipio")
"""Inside smaller areas there are too few points to compare."""


def rows(found: Assessment, on: Ground, city: City) -> list[Row]:
    """Compute the indices of one category.

    Parameters
    ----------
    found : Assessment
        Of `assess.assess`.
    on : Ground
        The ground on which it was made.
    city : City
        Declares which lists are complete: of others it is not known who lacks a service.

    Returns
    -------
    list of dict
        The columns of `tables.EQUITY`; no row where the people of a category are not known, or
        nobody reaches it.
    """
    return list(_rows(found, on, city))


def table(of: Iterable[Row]) -> pd.DataFrame:
    """Put the rows of all categories together.

    Parameters
    ----------
    of : iterable of dict
        Of `rows`.

    Returns
    -------
    DataFrame
        The columns of `tables.EQUITY`.
    """
    return pd.DataFrame(list(of), columns=EQUITY.names)


def _rows(found: Assessment, on: Ground, city: City) -> Iterator[Row]:
    owner, income = on.points.owner, on.areas.cells.income
    people = found.demand[owner] * on.points.weight
    minutes = found.walk.seconds / SECONDS_PER_MINUTE
    euro = np.full(len(owner), np.nan) if income is None else income.mean_euro[owner]
    known = ~np.isnan(people) & ~np.isnan(minutes) & (people > 0)
    complete = city.completeness_of(found.category.code).status == "complete"
    alphas = (0, 1, 2) if complete and not found.estimated else ()
    names = ("lack_share", "lack_depth", "lack_severity")
    for level in (level for level in on.levels if level.name in LEVELS):
        for number in np.unique(level.groups[known & (level.groups >= 0)]).tolist():
            here = known & (level.groups == number)
            walk, weight = minutes[here], people[here]
            lacks = [
                equity.lack(walk, weight, found.category.walk_minutes, alpha=alpha)
                for alpha in alphas
            ]
            yield {
                "level": level.name,
                "area_id": level.area_id[number],
                "category": found.category.code,
                "gini": equity.gini(walk, weight),
                "palma": equity.palma(walk, weight),
                "concentration": equity.concentration(walk, weight, euro[here]),
                **dict(zip(names, lacks, strict=False)),
                "estimated": found.estimated,
            }
