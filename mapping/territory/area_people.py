"""People of areas as they are published: rounded, and none where two counts disagree."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from mapping import disclosure
from mapping.arrays import Bools, Floats, Ints
from mapping.tables import AGE_BANDS
from mapping.territory import population
from mapping.territory.cells import Cells, summed
from mapping.territory.income import Income

RANGED_BANDS = tuple(AGE_BANDS)[:2]
"""Ages of which a range is published: births and totals alone do not tell them apart."""


def people_of(cells: Cells, level: str, groups: Ints, count: int) -> pd.DataFrame:
    """Sum the people of cells to those of areas, as they are published.

    Parameters
    ----------
    cells : Cells
        n cells.
    level : str
        Of the areas: none but the whole city has residents that are not rounded.
    groups : ndarray of int, shape (n,)
        The area of each cell; -1 for none.
    count : int
        How many areas.

    Returns
    -------
    DataFrame
        A row for each area: residents, children by band, and what is known of income.
    """
    total = partial(summed, groups=groups, count=count)
    ratio = cells.census_ratio(groups, count)
    residents, disagree = total(cells.residents), cells.disagree(groups, count)
    blank = disclosure.is_outgrown(ratio) & cells.has_census_children | disagree
    shown = residents if level == "municipality" else disclosure.rounded(residents)
    columns = {"residents": shown, "census_ratio": _disclosed_ratio(ratio, residents, shown)}
    columns |= {
        band: disclosure.rounded(np.where(blank, np.nan, total(cells.bands[:, number])))
        for number, band in enumerate(AGE_BANDS)
    }
    if cells.profiles is not None:
        for number, band in enumerate(RANGED_BANDS):
            sums = [total(bands[:, number]) for bands in cells.profiles]
            for end, of_all in (("min", np.min), ("max", np.max)):
                columns[f"{band}_{end}"] = disclosure.rounded(
                    np.where(blank, np.nan, of_all(sums, axis=0))
                )
    if cells.income is not None and disclosure.publishes_income(level):
        columns |= _incomes(cells, cells.income, total, blank)
    basis = np.where(disagree, population.DISAGREEING, cells.children_basis)
    return pd.DataFrame(columns).assign(children_basis=basis)


def _disclosed_ratio(ratio: Floats, residents: Floats, shown: Floats) -> Floats:
    """Give ratios of residents as their count is shown, and none of few: it would be told by it."""
    is_told = shown >= disclosure.MIN_SHARED_PEOPLE
    as_shown: Floats = np.divide(shown, residents, out=np.full(len(shown), np.nan), where=is_told)
    return (ratio * as_shown).round(2)


def _incomes(
    cells: Cells, income: Income, total: Callable[[Floats], Floats], blank: Bools
) -> dict[str, Floats]:
    children = cells.bands.sum(axis=1)
    shares = {"": income.low_share, "_min": income.low_share_min, "_max": income.low_share_max}
    columns = {
        f"children_low_income{end}": disclosure.rounded(
            np.where(blank, np.nan, total(children * share))
        )
        for end, share in shares.items()
    }
    residents = total(cells.residents)
    euro = total(cells.residents * income.mean_euro)
    mean = np.divide(euro, residents, out=np.full(len(euro), np.nan), where=residents > 0)
    return columns | {"mean_income_euro": np.round(mean, -2)}
