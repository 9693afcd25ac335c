"""Declared income by area, from the taxpayers of each postcode through civic numbers."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import csr_array

from mapping.arrays import Floats, Ints
from mapping.geocoding.civics import Civics

INCOME_CLASSES = (
    "to_0", "to_10000", "to_15000", "to_26000", "to_55000", "to_75000", "to_120000", "over_120000",
)  # fmt: skip
"""Classes of yearly total income in euro; columns `taxpayers_…` and `euro_…` of a source."""
LOW, MODEST = INCOME_CLASSES[:2], INCOME_CLASSES[:3]
"""At most 10,000 euro, and at most 15,000: low income is somewhere between the two."""


@dataclass(frozen=True, eq=False)
class Postcodes:
    """The postcodes of which the income is known, and what a taxpayer declares there on average."""

    cap: npt.NDArray[np.object_]
    mean_euro: Floats


@dataclass(frozen=True, eq=False)
class Income:
    """Declared income of the taxpayers of n areas.

    `mean_euro` is a year's total income per taxpayer; `low_share_min` and `low_share_max` are the
    shares of taxpayers, in [0, 1], who declare at most 10,000 and at most 15,000 euro. `postcode`
    is the row of `postcodes` in which most civic numbers of an area stand.
    """

    mean_euro: Floats
    low_share_min: Floats
    low_share_max: Floats
    postcode: Ints
    postcodes: Postcodes

    @property
    def low_share(self) -> Floats:
        """The share taken to have a low income: halfway between the two thresholds."""
        return (self.low_share_min + self.low_share_max) / 2


def of_areas(
    shapes: npt.NDArray[np.object_], civics: Civics, declared: pd.DataFrame
) -> Income | None:
    """Give every area the income of the postcodes of its civic numbers.

    Parameters
    ----------
    shapes : ndarray of shapely.Polygon, shape (n,)
        Outlines in metres.
    civics : Civics
        Civic numbers with postcode and place.
    declared : DataFrame
        A postcode a row: `area_id`, and `taxpayers_…` and `euro_…` for each of `INCOME_CLASSES`.

    Returns
    -------
    Income or None
        The mean over the civic numbers in an area; where none is, the postcode of the nearest.
        None where no civic number has both a place and a postcode of which the income is known.
    """
    by_cap = _by_cap(declared)
    cap = by_cap.index.get_indexer(pd.Index(civics.cap))
    usable = (cap >= 0) & np.isfinite(civics.x)
    if not usable.any() or not len(shapes):
        return None
    points, cap = shapely.points(civics.x[usable], civics.y[usable]), cap[usable]
    area, inside = _assigned(shapes, points)
    counts = csr_array((np.ones(len(area)), (area, cap[inside])), (len(shapes), len(by_cap)))
    means = counts @ by_cap.to_numpy(float) / counts.sum(axis=1)[:, None]
    postcodes = Postcodes(by_cap.index.to_numpy(object), by_cap["mean_euro"].to_numpy(float))
    main = np.asarray(counts.argmax(axis=1), np.int64).ravel()
    return Income(means[:, 0], means[:, 1], means[:, 2], main, postcodes)


def _assigned(
    shapes: npt.NDArray[np.object_], points: npt.NDArray[np.object_]
) -> tuple[Ints, Ints]:
    """Pairs of an area and a point in it, or the nearest to it."""
    tree = shapely.STRtree(points)
    area, inside = tree.query(shapes, predicate="intersects")
    bare = np.setdiff1d(np.arange(len(shapes)), area)
    return np.append(area, bare), np.append(inside, tree.nearest(shapes[bare]))


def _by_cap(declared: pd.DataFrame) -> pd.DataFrame:
    rows = declared.set_index("area_id")

    def total(prefix: str, classes: tuple[str, ...]) -> pd.Series:
        return rows[[f"{prefix}_{name}" for name in classes]].sum(axis=1, skipna=False)

    taxpayers = total("taxpayers", INCOME_CLASSES).replace(0, np.nan)
    columns = {
        "mean_euro": total("euro", INCOME_CLASSES) / taxpayers,
        "low_share_min": total("taxpayers", LOW) / taxpayers,
        "low_share_max": total("taxpayers", MODEST) / taxpayers,
    }
    return pd.DataFrame(columns).dropna()
