"""Inequality of what people have: Gini, concentration, Palma, and the depth of lack.

Every function takes one value, 0 or more, and one weight (people) an area, as arrays of shape (n,).
Areas with an unknown (NaN) value or rank are left out, and areas without people do not count.
Without anybody left, and where there is nothing to be shared, an index is NaN. Lengths that differ,
and values or weights that are negative or infinite, raise BadInputError.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mapping.arrays import Floats
from mapping.errors import BadInputError

PALMA_TOP, PALMA_BOTTOM = 0.1, 0.4


@dataclass(frozen=True, eq=False)
class Curve:
    """Cumulated shares from 0 to 1: `values` is what the first `people` have.

    Linear between its points: people of one area are not told apart.
    """

    people: Floats
    values: Floats


def lorenz(values: npt.ArrayLike, weights: npt.ArrayLike) -> Curve:
    """Cumulate what people have, from those who have least: at or below the diagonal.

    M. O. Lorenz (1905), Publications of the American Statistical Association 9(70). Empty
    when there is nothing to be shared.
    """
    return concentration_curve(values, weights, values)


def concentration_curve(
    values: npt.ArrayLike, weights: npt.ArrayLike, rank: npt.ArrayLike
) -> Curve:
    """Cumulate what people have, from the lowest `rank` by another measure, such as income.

    A. Wagstaff, P. Paci, E. van Doorslaer (1991), Social Science & Medicine 33(5),
    doi:10.1016/0277-9536(91)90212-U. Areas of one rank count as one. The curve is above the
    diagonal when the worst off have more, and empty when there is nothing to be shared.
    """
    value, people, order = _counted(values, weights, rank)
    _, group = np.unique(order, return_inverse=True)
    if not (people * value).sum():
        return Curve(np.empty(0), np.empty(0))
    return Curve(_cumulated(people, group), _cumulated(people * value, group))


def gini(values: npt.ArrayLike, weights: npt.ArrayLike) -> float:
    """Compute Gini's index of areas weighted by their people, in [0, 1): 0 is the same for all.

    C. Gini (1914); for grouped data, 1 minus twice the area under the Lorenz curve. Differences
    within an area are not seen, so it errs on the low side.
    """
    index = _index(lorenz(values, weights))
    return max(index, 0.0) if np.isfinite(index) else index


def concentration(values: npt.ArrayLike, weights: npt.ArrayLike, rank: npt.ArrayLike) -> float:
    """Compute the concentration index, in (-1, 1): below 0 those of the lowest `rank` have more.

    N. Kakwani, A. Wagstaff, E. van Doorslaer (1997), Journal of Econometrics 77(1),
    doi:10.1016/S0304-4076(96)01807-6: C = 2 / mean * sum(share * value * mid rank) - 1, which is
    1 minus twice the area under the concentration curve.
    """
    return _index(concentration_curve(values, weights, rank))


def palma(values: npt.ArrayLike, weights: npt.ArrayLike) -> float:
    """Divide what the best served tenth of the people has by what the worst served 40% have.

    J. G. Palma (2011), Development and Change 42(1), doi:10.1111/j.1467-7660.2011.01694.x. An area
    on the border of either group is split. 0.25 where all have the same; infinite where the worst
    served have nothing.
    """
    curve = lorenz(values, weights)
    if not len(curve.people):
        return float("nan")
    borders = [PALMA_BOTTOM, 1 - PALMA_TOP]
    bottom, rest = np.interp(borders, curve.people, curve.values).tolist()
    return (1 - rest) / bottom if bottom else float("inf")


def lack(
    minutes: npt.ArrayLike, weights: npt.ArrayLike, acceptable_minutes: float, *, alpha: int
) -> float:
    """Measure how many lack a service within the acceptable walk, and how deeply, in [0, 1].

    J. Foster, J. Greer, E. Thorbecke (1984), Econometrica 52(3), doi:10.2307/1913475: the mean of
    gap ** alpha over all people. A person's gap is the minutes missing beyond the acceptable walk
    over the acceptable walk, and 1 at the most: twice the walk, or no way at all (infinite), is
    full lack. Alpha 0 is the share of people beyond the walk, 1 the mean gap, 2 weighs deep gaps
    more; another alpha, or a walk that is not positive, raises BadInputError.
    """
    if not 0 < acceptable_minutes < np.inf:
        raise BadInputError(
            f"An acceptable walk of {acceptable_minutes} minutes. It must be positive and finite."
        )
    if alpha not in (0, 1, 2):
        raise BadInputError(f"alpha {alpha}. Use 0 (share), 1 (depth) or 2 (severity).")
    walk = np.asarray(minutes, float)
    # Whatever is beyond twice the walk is full lack: so is what cannot be reached.
    capped = np.minimum(walk, 2 * acceptable_minutes)
    value, people, _ = _counted(capped, weights, capped)
    if not len(value):
        return float("nan")
    gap = np.maximum(value / acceptable_minutes - 1, 0)
    return float(np.average(np.where(gap > 0, gap**alpha, 0), weights=people))


def _counted(
    values: npt.ArrayLike, weights: npt.ArrayLike, rank: npt.ArrayLike
) -> tuple[Floats, Floats, Floats]:
    value, people, order = (np.asarray(part, float) for part in (values, weights, rank))
    if not value.shape == people.shape == order.shape or value.ndim != 1:
        raise BadInputError(
            f"Values {value.shape}, weights {people.shape} and ranks {order.shape}. Give one of"
            " each an area."
        )
    if not ((people >= 0) & np.isfinite(people)).all():
        raise BadInputError("A weight is negative or unknown. Give the people of each area.")
    if (value < 0).any() or np.isinf(value).any():
        raise BadInputError("A value is negative or infinite. Give 0 or more, NaN if unknown.")
    counted = ~np.isnan(value) & ~np.isnan(order) & (people > 0)
    return value[counted], people[counted], order[counted]


def _cumulated(parts: Floats, group: npt.NDArray[np.int64]) -> Floats:
    running = np.append(0.0, np.cumsum(np.bincount(group, parts)))
    shares: Floats = running / running[-1]
    return shares


def _index(curve: Curve) -> float:
    if not len(curve.people):
        return float("nan")
    doubled = np.diff(curve.people) * (curve.values[1:] + curve.values[:-1])
    return float(1 - doubled.sum())
