"""Children by age band in small areas, from current residents and an older census."""

import numpy as np
import numpy.typing as npt

from mapping.arrays import Floats, Ints
from mapping.disclosure import CENSUS_RATIO_HIGH, CENSUS_RATIO_LOW
from mapping.tables import AGE_BANDS
from mapping.territory.cohorts import bands_of_ages

CLASS_YEARS = 5
AGE_CLASSES = 4
"""Five-year classes in use: 0-4, 5-9, 10-14, 15-19."""
DISAGREEING = "l'anagrafe e il censimento non concordano"
"""In place of how the children were estimated, where a registry has more than a census explains."""
BASIS = "struttura per età 2011"

# Sprague (1880) fifth-difference osculatory multipliers, as tabulated in Siegel and Swanson (eds),
# The Methods and Materials of Demography, 2nd ed. (2004), appendix C. A row gives one single year
# from the totals of five neighbouring classes; panels for the first, the second and a middle class.
_FIRST = (
    (0.3616, -0.2768, 0.1488, -0.0336, 0.0),
    (0.2640, -0.0960, 0.0400, -0.0080, 0.0),
    (0.1840, 0.0400, -0.0320, 0.0080, 0.0),
    (0.1200, 0.1360, -0.0720, 0.0160, 0.0),
    (0.0704, 0.1968, -0.0848, 0.0176, 0.0),
)
_SECOND = (
    (0.0336, 0.2272, -0.0752, 0.0144, 0.0),
    (0.0080, 0.2320, -0.0480, 0.0080, 0.0),
    (-0.0080, 0.2160, -0.0080, 0.0, 0.0),
    (-0.0160, 0.1840, 0.0400, -0.0080, 0.0),
    (-0.0176, 0.1408, 0.0912, -0.0144, 0.0),
)
_MIDDLE = (
    (-0.0128, 0.0848, 0.1504, -0.0240, 0.0016),
    (-0.0016, 0.0144, 0.2224, -0.0416, 0.0064),
    (0.0064, -0.0336, 0.2544, -0.0336, 0.0064),
    (0.0064, -0.0416, 0.2224, 0.0144, -0.0016),
    (0.0016, -0.0240, 0.1504, 0.0848, -0.0128),
)


def single_years(totals: npt.ArrayLike) -> Floats:
    """Split five-year classes from age 0 into single years by Sprague's multipliers.

    Parameters
    ----------
    totals : array_like of float, shape (n,), n >= 6
        People in the classes 0-4, 5-9, …, of an area large enough to be smooth (a city).

    Returns
    -------
    ndarray of float, shape (n - 2, 5)
        People by single year; each row sums to its class. The last two classes have no panel.
    """
    five_year_totals = np.asarray(totals, float)
    panels = [np.array(_FIRST) @ five_year_totals[:5], np.array(_SECOND) @ five_year_totals[:5]]
    middle = np.array(_MIDDLE)
    panels += [
        middle @ five_year_totals[start : start + 5] for start in range(len(five_year_totals) - 4)
    ]
    return np.vstack(panels)


def year_shares(totals: npt.ArrayLike) -> Floats:
    """Share of each single year in its class, for the classes that hold children.

    Parameters
    ----------
    totals : array_like of float, shape (n,)
        The city's people in the classes 0-4, 5-9, …; with fewer than six classes, or where a
        class is empty, the years of a class are taken as equal.

    Returns
    -------
    ndarray of float, shape (4, 5)
        Shares in [0, 1]; each row sums to 1.
    """
    five_year_totals = np.asarray(totals, float)
    even = np.full((AGE_CLASSES, CLASS_YEARS), 1 / CLASS_YEARS)
    if len(five_year_totals) < AGE_CLASSES + 2:
        return even
    years = np.clip(single_years(five_year_totals)[:AGE_CLASSES], 0, None)
    sums = years.sum(axis=1, keepdims=True)
    return np.where(sums > 0, years / np.where(sums > 0, sums, 1), even)


def bands_from_classes(classes: npt.ArrayLike, shares: Floats) -> Floats:
    """Regroup five-year classes into the age bands of `AGE_BANDS`.

    Parameters
    ----------
    classes : array_like of float, shape (n, 4)
        People in the classes 0-4, 5-9, 10-14, 15-19.
    shares : ndarray of float, shape (4, 5)
        Shares of single years, of `year_shares`.

    Returns
    -------
    ndarray of float, shape (n, 5)
        People in the bands 0-2, 3-5, 6-10, 11-13, 14-17; those of 18 and 19 are left out.
    """
    return bands_of_ages(years_from_classes(classes, shares))


def years_from_classes(classes: npt.ArrayLike, shares: Floats) -> Floats:
    """Split five-year classes into single years of age.

    Parameters
    ----------
    classes : array_like of float, shape (n, 4)
        People in the classes 0-4, 5-9, 10-14, 15-19.
    shares : ndarray of float, shape (4, 5)
        Shares of single years, of `year_shares`.

    Returns
    -------
    ndarray of float, shape (n, 20)
        People of 0, 1, … 19 years.
    """
    years = np.asarray(classes, float)[:, :, None] * shares
    return years.reshape(-1, AGE_CLASSES * CLASS_YEARS)


def children(
    residents: npt.ArrayLike,
    census_residents: npt.ArrayLike,
    census_bands: npt.ArrayLike,
    groups: Ints,
) -> Floats:
    """Estimate the children of small areas: residents of now times the census' shares.

    Where an area has no census count, or where its residents now over then lie outside
    [0.67, 1.5], the shares of its group (its NIL) stand in for its own; where the group has none
    either, the shares of all areas.

    Parameters
    ----------
    residents : array_like of float, shape (n,)
        Residents now.
    census_residents : array_like of float, shape (n,)
        Residents at the census; NaN where the area does not join.
    census_bands : array_like of float, shape (n, 5)
        Children at the census by band; NaN where it does not join.
    groups : ndarray of int, shape (n,)
        Group of each area, from 0; -1 for none.

    Returns
    -------
    ndarray of float, shape (n, 5)
        Children now by band, not rounded.
    """
    now, then = np.asarray(residents, float), np.asarray(census_residents, float)
    bands = np.asarray(census_bands, float)
    own = _shares(bands, then)
    ratio = census_ratio(now, then)
    trusted = (ratio >= CENSUS_RATIO_LOW) & (ratio <= CENSUS_RATIO_HIGH)
    return now[:, None] * np.where(trusted[:, None], own, _group_shares(bands, then, groups))


def census_ratio(residents: npt.ArrayLike, census_residents: npt.ArrayLike) -> Floats:
    """Divide residents of now by those of the census.

    Parameters
    ----------
    residents, census_residents : array_like of float, shape (n,)
        People; NaN where nobody counts them.

    Returns
    -------
    ndarray of float, shape (n,)
        Not negative; NaN where nobody lived, or nobody knows.
    """
    now, then = np.asarray(residents, float), np.asarray(census_residents, float)
    ratio: Floats = np.divide(now, then, out=np.full(len(now), np.nan), where=then > 0)
    return ratio


def demand(bands: npt.ArrayLike, residents: npt.ArrayLike, ages: tuple[int, int] | None) -> Floats:
    """Count the people whom a category serves, ages within a band spread evenly.

    Parameters
    ----------
    bands : array_like of float, shape (n, 5)
        Children by band.
    residents : array_like of float, shape (n,)
        Residents of every age.
    ages : tuple of int, or None
        Months [from, to); None means every resident.

    Returns
    -------
    ndarray of float, shape (n,)
        People served; NaN where a band that the category serves is not known.
    """
    if ages is None:
        return np.asarray(residents, float)
    low, high = ages
    overlap = [
        max(0, min(high, end) - max(low, start)) / (end - start)
        for start, end in AGE_BANDS.values()
    ]
    served = np.flatnonzero(overlap)
    counted: Floats = np.asarray(bands, float)[:, served] @ np.array(overlap)[served]
    return counted


def _shares(bands: Floats, residents: Floats) -> Floats:
    return np.divide(
        bands, residents[:, None], out=np.zeros_like(bands), where=residents[:, None] > 0
    )


def _group_shares(bands: Floats, then: Floats, groups: Ints) -> Floats:
    joined = np.isfinite(then) & np.isfinite(bands).all(axis=1)
    overall = _shares(bands[joined].sum(axis=0)[None], then[joined].sum()[None])[0]
    size = int(groups.max(initial=-1)) + 1
    of_group = joined & (groups >= 0)
    totals = np.bincount(groups[of_group], then[of_group], size).astype(float)
    summed = np.column_stack(
        [np.bincount(groups[of_group], column[of_group], size) for column in bands.T]
    ).astype(float)
    shares = np.where(totals[:, None] > 0, _shares(summed, totals), overall)
    return np.vstack([shares, overall])[groups]  # group -1 is the last row, all areas together
