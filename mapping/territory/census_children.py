"""People by age of small areas, or of parts of a city, as a census and its classes tell them."""

import geopandas as gpd
import numpy as np
import pandas as pd

from mapping.arrays import Bools, Floats, Ints
from mapping.tables import AGE_BANDS
from mapping.territory import cohorts, population

CLASS_COLUMNS = ("class_0_4", "class_5_9", "class_10_14", "class_15_19")
LATER_CLASSES = ("class_20_24", "class_25_29", "class_30_34")
"""Classes beyond childhood that the split into single years leans on."""

FERTILE_CLASSES = ("15_19", "20_24", "25_29", "30_34", "35_39", "40_44", "45_49")
"""Five-year classes of women whom maternity services are for."""


def joined_census(sections: gpd.GeoDataFrame, census: pd.DataFrame | None) -> pd.DataFrame | None:
    """Give the census' row of each section.

    Parameters
    ----------
    sections : GeoDataFrame, n rows
        With `area_id`.
    census : DataFrame or None
        Residents and people by five-year class, with the same `area_id`.

    Returns
    -------
    DataFrame or None
        n rows in the order of the sections, NaN where one does not join; None without a census.
    """
    return None if census is None else sections[["area_id"]].merge(census, on="area_id", how="left")


def census_bands(
    joined: pd.DataFrame | None,
    census: pd.DataFrame | None,
    residents: Floats,
    groups: Ints,
    alone: Bools,
) -> Floats:
    """Estimate the children of sections by band: residents now times the census' shares.

    Parameters
    ----------
    joined : DataFrame or None
        Of `joined_census`, n rows.
    census : DataFrame or None
        The whole census, whose totals split the classes into single years.
    residents : ndarray of float, shape (n,)
        Residents now.
    groups : ndarray of int, shape (n,)
        Group of each section, as for `population.children`.
    alone : ndarray of bool, shape (n,)
        Sections without any family: however their residents changed, their own shares hold, for
        children of the group do not live there.

    Returns
    -------
    ndarray of float, shape (n, 5)
        Children; NaN without a census.
    """
    if census is None or joined is None:
        return np.full((len(residents), len(AGE_BANDS)), np.nan)
    bands = population.bands_from_classes(
        joined[list(CLASS_COLUMNS)].to_numpy(float), _year_shares(census)
    )
    then = joined["residents"].to_numpy(float)
    scale = np.ones(len(then))
    unshared = alone & (then > 0)
    scale[unshared] = residents[unshared] / then[unshared]
    return population.children(residents, then * scale, bands * scale[:, None], groups)


def census_women(joined: pd.DataFrame | None, residents: Floats, groups: Ints) -> Floats | None:
    """Estimate the women of 15 to 49 years: residents now times the census' shares.

    Parameters
    ----------
    joined : DataFrame or None
        Of `joined_census`, n rows, with columns `class_…` and `male_…` for each of
        `FERTILE_CLASSES`.
    residents : ndarray of float, shape (n,)
        Residents now.
    groups : ndarray of int, shape (n,)
        Group of each section, as for `population.children`.

    Returns
    -------
    ndarray of float, shape (n,), or None
        Women; None where the census does not tell men from women.
    """
    columns = [f"{sex}_{name}" for sex in ("class", "male") for name in FERTILE_CLASSES]
    if joined is None or not set(columns) <= set(joined.columns):
        return None
    people = joined[columns].to_numpy(float)
    women = people[:, : len(FERTILE_CLASSES)].sum(axis=1)
    women -= people[:, len(FERTILE_CLASSES) :].sum(axis=1)
    then = joined["residents"].to_numpy(float)
    counted: Floats = population.children(residents, then, women[:, None], groups)[:, 0]
    return counted


def census_ages(
    joined: pd.DataFrame | None, census: pd.DataFrame | None, nil_row: Ints, count: int
) -> Floats:
    """Sum the census' children by NIL and single year of age.

    Parameters
    ----------
    joined : DataFrame or None
        Of `joined_census`.
    census : DataFrame or None
        The whole census: people of sections that no longer exist are shared out like the others.
    nil_row : ndarray of int, shape (n,)
        The NIL of each section, in [0, count).
    count : int
        How many NIL.

    Returns
    -------
    ndarray of float, shape (count, 18)
        Children of 0 to 17 years; 1 of every age without a census, which tells all ages alike.
    """
    if census is None or joined is None:
        return np.ones((count, cohorts.MINOR_AGES))
    classes = joined[list(CLASS_COLUMNS)].fillna(0).groupby(nil_row).sum()
    classes = classes.reindex(range(count), fill_value=0)
    joined_sums = classes.sum().replace(0, np.nan)
    classes *= (census[list(CLASS_COLUMNS)].sum() / joined_sums).fillna(0)
    return population.years_from_classes(classes.to_numpy(float), _year_shares(census))[
        :, : cohorts.MINOR_AGES
    ]


def census_people(municipi: gpd.GeoDataFrame, census: pd.DataFrame | None) -> tuple[Floats, Floats]:
    """Sum a census whose sections have no outline, but name the municipio that they lie in.

    Parameters
    ----------
    municipi : GeoDataFrame, n rows
        With `area_id`, and `residents` where their source counts them.
    census : DataFrame or None
        The census, with `municipio`.

    Returns
    -------
    tuple of ndarray of float, shapes (n,) and (n, 5)
        Residents, and children by band; NaN where not known.
    """
    if census is None or "municipio" not in census:
        counted = municipi.get("residents", pd.Series(np.nan, municipi.index)).to_numpy(float)
        return counted, np.full((len(municipi), len(AGE_BANDS)), np.nan)
    columns = ["residents", *CLASS_COLUMNS, *LATER_CLASSES]
    summed = census.groupby("municipio")[columns].sum().reindex(municipi["area_id"])
    bands = population.bands_from_classes(
        summed[list(CLASS_COLUMNS)].to_numpy(float), _year_shares(summed)
    )
    return summed["residents"].to_numpy(float), bands


def nil_ages(nil: gpd.GeoDataFrame) -> Floats:
    """Give the children of each NIL by single year of age, where their source has classes of age.

    Parameters
    ----------
    nil : GeoDataFrame, n rows
        With columns of `CLASS_COLUMNS`, or without.

    Returns
    -------
    ndarray of float, shape (n, 18)
        Children of 0 to 17 years, 0 in a class that is missing; 1 of every age without classes.
    """
    if not any(column in nil for column in CLASS_COLUMNS):
        return np.ones((len(nil), cohorts.MINOR_AGES))
    return population.years_from_classes(*_nil_classes(nil))[:, : cohorts.MINOR_AGES]


def _nil_classes(nil: gpd.GeoDataFrame) -> tuple[Floats, Floats]:
    """Give the classes of each NIL, 0 where the source has none, and the shares of their years."""
    columns = [column for column in CLASS_COLUMNS if column in nil]
    classes = np.zeros((len(nil), len(CLASS_COLUMNS)))
    classes[:, : len(columns)] = nil[columns].to_numpy(float)
    return classes, population.year_shares(classes.sum(axis=0)[: len(columns)])


def nil_bands(nil: gpd.GeoDataFrame, residents: Floats) -> Floats:
    """Estimate the children of NIL by band, where their source has classes of age.

    Parameters
    ----------
    nil : GeoDataFrame, n rows
        With columns of `CLASS_COLUMNS` and `residents_2011`, or without.
    residents : ndarray of float, shape (n,)
        Residents now.

    Returns
    -------
    ndarray of float, shape (n, 5)
        Children; NaN where not known.
    """
    has_classes = [column for column in CLASS_COLUMNS if column in nil]
    if not has_classes or "residents_2011" not in nil:
        return np.full((len(nil), len(AGE_BANDS)), np.nan)
    bands = population.children(
        residents,
        nil["residents_2011"].to_numpy(float),
        population.bands_from_classes(*_nil_classes(nil)),
        np.full(len(nil), -1),
    )
    if len(has_classes) < len(CLASS_COLUMNS):
        bands[:, -1] = np.nan  # those of 15 to 17 years are in a class that the pack does not have
    return bands


def _year_shares(census: pd.DataFrame) -> Floats:
    totals = census[[*CLASS_COLUMNS, *LATER_CLASSES]].sum().to_numpy(float)
    return population.year_shares(totals)
