"""People of small areas as multiples of five, so that no number of questions tells a finer one.

A plan lets anybody choose where services stand, so a sum that was rounded at its end could be had
again and again beside other people, and averaged. Here every small area is rounded before anything
is summed: up or down at random (Fellegi 1975, controlled random rounding), along a curve through
its neighbourhood, so that a sum over neighbours is off by a few people only.
"""

import hashlib

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from mapping.arrays import Floats, Ints
from mapping.disclosure import ROUND_TO, rounded

KEY_DECIMALS = 3
"""The people themselves are the key of the draw, as far as every processor agrees on them."""


def randomly_rounded(people: Floats, group: Ints, shapes: npt.NDArray[np.object_]) -> Floats:
    """Round the people of small areas to multiples of five, neighbours together.

    Within each group the running sums along a Hilbert curve are floored, from a start between 0 and
    5 that only who knows the people can know, one of those that lead to the total as it is
    published. The same people are always rounded alike.

    Parameters
    ----------
    people : ndarray of float, shape (n, b)
        People of each area, in b kinds that are rounded apart; NaN where nobody knows.
    group : ndarray of int, shape (n,)
        The neighbourhood of each area; its total is as it is published.
    shapes : ndarray of geometry, shape (n,)
        Where the areas lie.

    Returns
    -------
    ndarray of float, shape (n, b)
        Each one of the two multiples of five around the people; nobody where there is nobody. NaN
        stays NaN.

    Examples
    --------
    Areas of 3, 4 and 3 people have running sums 3, 7 and 10; from a start of 1.5 these are floored
    to 0 (4.5), 5 (8.5) and 10: the areas have 0, 5 and 5.
    """
    if not len(people):
        return people
    order = np.lexsort((_along_a_curve(shapes), group))
    result = np.empty_like(people)
    starts = np.flatnonzero(np.diff(group[order], prepend=-2))
    for rows in np.split(order, starts[1:]):
        result[rows] = _rounded_run(people[rows])
    return np.where(np.isnan(people), np.nan, result)


def _rounded_run(people: Floats) -> Floats:
    sums = np.cumsum(np.nan_to_num(people), axis=0)
    total = rounded(sums[-1])
    # Of the starts from 0 to 1, in fives, those from which the last sum is floored to the total.
    turn = 1 - sums[-1] / ROUND_TO % 1
    low, high = np.where(total > sums[-1], [turn, np.ones_like(turn)], [np.zeros_like(turn), turn])
    start = low + (high - low) * _generator(people).random(people.shape[1])
    floored = np.minimum(ROUND_TO * np.floor(sums / ROUND_TO + start), total)
    # However the last sum is divided, it ends at the total.
    return np.diff(np.where(sums == sums[-1], total, floored), axis=0, prepend=0.0)


def _generator(people: Floats) -> np.random.Generator:
    key = hashlib.sha256(np.round(people, KEY_DECIMALS).tobytes()).digest()
    return np.random.default_rng(list(key))


def _along_a_curve(shapes: npt.NDArray[np.object_]) -> Ints:
    order: Ints = gpd.GeoSeries(shapes).hilbert_distance().to_numpy().astype(np.int64)
    return order
