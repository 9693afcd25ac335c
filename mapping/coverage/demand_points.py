"""Points where people start walking: kept in the edition for plans, never served.

People are published from NIL upward only, but a plan needs them where they live: `demand.arrow`
holds them by point of the streets, of cells that are rounded before they are laid along them, for
whoever may move a service may ask as often as they like. No route and no export gives it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from mapping.arrays import Floats, Ints
from mapping.coverage.random_rounding import randomly_rounded
from mapping.coverage.study_area import StudyArea
from mapping.errors import BadInputError
from mapping.tables import AGE_BANDS
from mapping.territory.cells import Cells

Names = npt.NDArray[np.object_]

FILE = "demand.arrow"
_KEY = ["x", "y", "nil", "municipio"]
_ROUNDED = ["residents", "women", *AGE_BANDS]
_PEOPLE = [*_ROUNDED, "low_income"]
_TYPES = {name: pa.string() if name in ("nil", "municipio") else pa.float64() for name in
          [*_KEY, *_PEOPLE]}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Demand:
    """People of n points: `x` and `y` in metres, the ids of their areas (None: the city has none).

    `women` are those of 15 to 49 years; `bands` is (n, 5), a column for each age band, NaN where
    ages are not known; `low_income_share` is the share of children in families of low income, NaN
    where not known.
    """

    x: Floats
    y: Floats
    nil: Names
    municipio: Names
    residents: Floats
    women: Floats
    bands: Floats
    low_income_share: Floats


def to_arrow(study_area: StudyArea) -> pa.Table:
    """Sum people by point and NIL; a point that belongs to several cells is one row.

    People are those of cells rounded to five, each kind and age band apart, which sum to the
    rounded ones of each NIL, or municipio.
    """
    cells, owner, weight = study_area.areas.cells, study_area.points.owner, study_area.points.weight
    neighbourhood = cells.municipio if study_area.areas.nil.empty else cells.nil
    women = np.full(len(cells.residents), np.nan) if cells.women is None else cells.women
    exact = np.column_stack([cells.residents, women]), _agreed(cells, neighbourhood)
    by_fives = [randomly_rounded(people, neighbourhood, cells.shapes) for people in exact]
    by_kind = np.hstack(by_fives)[owner] * weight[:, None]
    low = np.full(len(owner), np.nan)
    if cells.income is not None:
        low = by_kind[:, -len(AGE_BANDS) :].sum(axis=1) * cells.income.low_share[owner]
    where = pd.DataFrame(
        {
            "x": study_area.points.x,
            "y": study_area.points.y,
            "nil": _ids(study_area.areas.nil, cells.nil[owner]),
            "municipio": _ids(study_area.areas.municipi, cells.municipio[owner]),
        }
    )
    group = where.groupby(_KEY, dropna=False).ngroup().to_numpy()
    first = np.unique(group, return_index=True)[1]
    people = dict(zip(_PEOPLE, (*by_kind.T, low), strict=True))
    summed = {name: np.bincount(group, values) for name, values in people.items()}
    frame = where.iloc[first].assign(**summed)
    frame = frame[frame["residents"].isna() | frame[_ROUNDED].fillna(0).any(axis=1)]
    return pa.table({name: pa.array(frame[name], kind) for name, kind in _TYPES.items()})


def _agreed(cells: Cells, neighbourhood: Ints) -> Floats:
    """Give the children of cells, and none where two counts disagree: of whom nothing is told."""
    count = int(neighbourhood.max(initial=-1)) + 1
    disagreeing = np.append(cells.disagree(neighbourhood, count), False)[neighbourhood]
    return np.where(disagreeing[:, None], 0.0, cells.bands)


def from_arrow(table: pa.Table) -> Demand:
    """Read a table of `to_arrow`; raises BadInputError for that of an older version."""
    if not set(_TYPES) <= set(table.column_names):
        raise BadInputError(
            "The edition tells where children live, and nobody else: an older version built it."
            " Run `prossima build`."
        )
    column = {name: table[name].to_numpy() for name in _TYPES}
    bands = np.column_stack([column[band] for band in AGE_BANDS])
    children = bands.sum(axis=1)
    share = np.divide(
        column["low_income"], children, out=np.zeros(len(children)), where=children != 0
    )
    areas = column["nil"].astype(object), column["municipio"].astype(object)
    return Demand(
        column["x"], column["y"], *areas, column["residents"], column["women"], bands, share
    )


def _ids(areas: pd.DataFrame, rows: npt.NDArray[np.int64]) -> Names:
    if areas.empty:
        return np.full(len(rows), None, object)
    # Row -1, of what lies in no area, is the last.
    named: Names = np.array([*areas["area_id"], None], object)[rows]
    return named
