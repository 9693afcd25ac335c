"""Shares of one whole that sum to it, however they are rounded: by their largest remainders.

Rounded each by itself, three shares of 55 people may be 103 in a hundred. Hamilton's method rounds
all of them down, and gives what is left to those that were cut most.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mapping.arrays import Floats
from mapping.disclosure import MIN_SHARED_PEOPLE, ROUND_TO, rounded

DECIMALS = 9
"""A quotient of floats may lack so little of the whole number that it is."""


def apportioned(parts: Floats) -> Floats:
    """Round the parts of each row to whole numbers that sum to the rounded sum of the row.

    Parameters
    ----------
    parts : ndarray of float, shape (n, k)
        Not negative; NaN is unknown, and counts for nothing.

    Returns
    -------
    ndarray of float, shape (n, k)
        Each part rounded down or up; of those that were cut alike the first is rounded up. NaN
        stays NaN.

    Examples
    --------
    Shares of 0.364, 0.364 and 0.272 in percents, 36.4, 36.4 and 27.2, are 37, 36 and 27.
    """
    known = np.nan_to_num(parts).round(DECIMALS)
    down = np.floor(known)
    missing = np.round(known.sum(axis=1)) - down.sum(axis=1)
    place = np.argsort(np.argsort(down - known, axis=1, kind="stable"), axis=1, kind="stable")
    whole = down + (place < missing[:, None])
    return np.where(np.isnan(parts), np.nan, whole)


def whole_percents(shares: Sequence[float]) -> list[float]:
    """Round shares of one whole to whole percents that sum to it.

    Parameters
    ----------
    shares : sequence of float
        In [0, 1].

    Returns
    -------
    list of float
        In [0, 1].
    """
    percents: list[float] = (apportioned(100 * np.array([shares], float))[0] / 100).tolist()
    return percents


def shares_of_one_whole(shares: Floats, people: npt.ArrayLike, *, whole_percent: bool) -> Floats:
    """Give shares of people, of all that each row divides them into, as the published counts do.

    Parameters
    ----------
    shares : ndarray of float, shape (n, k)
        In [0, 1]; NaN where nobody knows.
    people : array_like of float, shape (n,)
        Of whom they are shares, not rounded.
    whole_percent : bool
        Whether to give no more than whole percents, as below the city.

    Returns
    -------
    ndarray of float, shape (n, k)
        As `disclosure.disclosed_shares`, but the parts, in fives, sum to the published people, and
        whole percents to 100 where all parts are known.
    """
    whole = rounded(people)[:, None]
    parts = ROUND_TO * apportioned(np.asarray(shares, float) * whole / ROUND_TO)
    nothing = np.full(parts.shape, np.nan)
    of_whole = np.divide(parts, whole, out=nothing, where=whole >= MIN_SHARED_PEOPLE)
    return apportioned(100 * of_whole) / 100 if whole_percent else of_whole.round(6)
