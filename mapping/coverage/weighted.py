"""Medians, means and shares of groups of weighted points."""

import numpy as np
import numpy.typing as npt

from mapping.arrays import Bools, Floats, Ints
from mapping.compiled import compiled
from mapping.tables import SECONDS_PER_MINUTE, THRESHOLDS_MINUTES

KindCodes = npt.NDArray[np.int8] | Ints

_ROUNDING = 1e-12


def rising(values: Floats) -> Ints:
    """Sort values once, for the medians of several groupings.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Values; NaN stands for infinity (not reached).

    Returns
    -------
    ndarray of int, shape (n,)
        From the least to the greatest.
    """
    return np.argsort(values)


def weighted_median(
    values: Floats, weights: Floats, groups: Ints, count: int, *, order: Ints | None = None
) -> Floats:
    """Find the weighted median of each group: half of the weight lies at or below it.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Values; NaN stands for infinity (not reached).
    weights : ndarray of float, shape (n,)
        Not negative.
    groups : ndarray of int, shape (n,)
        Group of each value in [0, count).
    count : int
        Number of groups.
    order : ndarray of int, optional
        Of `rising`, where it is known already.

    Returns
    -------
    ndarray of float, shape (count,)
        The medians; NaN for a group without weight, or with half of it not reached.
    """
    order = rising(values) if order is None else order
    half = np.bincount(groups, weights, count) / 2 * (1 - _ROUNDING)
    return _halfway(values, weights, groups, order, half)


@compiled
def _halfway(values: Floats, weights: Floats, groups: Ints, order: Ints, half: Floats) -> Floats:
    running = np.zeros(len(half))
    median = np.full(len(half), np.nan)
    for place in order:
        group, weight = groups[place], weights[place]
        if weight > 0 and running[group] < half[group]:
            running[group] += weight
            if running[group] >= half[group]:
                median[group] = values[place]
    return median


def shares_within(seconds: Floats, weights: Floats, groups: Ints, count: int) -> Floats:
    """Share of each group's weight that is within each of `THRESHOLDS_MINUTES`.

    Parameters
    ----------
    seconds : ndarray of float, shape (n,)
        NaN is not within any time.
    weights : ndarray of float, shape (n,)
        Not negative.
    groups : ndarray of int, shape (n,)
        Group of each value in [0, count).
    count : int
        Number of groups.

    Returns
    -------
    ndarray of float, shape (count, 5)
        Shares in [0, 1]; NaN for a group without weight.
    """
    limits = np.array(THRESHOLDS_MINUTES, float) * SECONDS_PER_MINUTE
    sums = _within(seconds, weights, groups, limits, np.zeros((count, len(limits) + 1)))
    total = sums[:, -1:]
    shares: Floats = np.divide(sums, total, out=np.full(sums.shape, np.nan), where=total > 0)
    return shares[:, :-1].clip(0, 1)


@compiled
def _within(seconds: Floats, weights: Floats, groups: Ints, limits: Floats, sums: Floats) -> Floats:
    """Sum the weight within each limit; the last column is all of it."""
    for place in range(len(seconds)):
        group, weight = groups[place], weights[place]
        for rank in range(len(limits)):
            if seconds[place] <= limits[rank]:
                sums[group, rank] += weight
        sums[group, len(limits)] += weight
    return sums


def share_of(mask: Bools, weights: Floats, groups: Ints, count: int) -> Floats:
    """Share of each group's weight for which the mask is true.

    Parameters
    ----------
    mask : ndarray of bool, shape (n,)
        What is counted.
    weights : ndarray of float, shape (n,)
        Not negative.
    groups : ndarray of int, shape (n,)
        Group of each value in [0, count).
    count : int
        Number of groups.

    Returns
    -------
    ndarray of float, shape (count,)
        Shares in [0, 1]; NaN for a group without weight.
    """
    return shares_of(mask.view(np.int8), weights, groups, (count, 2))[:, 1]


def mean_of(values: Floats, weights: Floats, groups: Ints, count: int) -> Floats:
    """Mean of each group's values by weight.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Values; NaN is allowed where the weight is 0.
    weights : ndarray of float, shape (n,)
        Not negative.
    groups : ndarray of int, shape (n,)
        Group of each value in [0, count).
    count : int
        Number of groups.

    Returns
    -------
    ndarray of float, shape (count,)
        The means; NaN for a group without weight.
    """
    total = np.bincount(groups, weights, count)
    summed = np.bincount(groups, np.where(weights > 0, values * weights, 0.0), count)
    means: Floats = np.divide(summed, total, out=np.full(count, np.nan), where=total > 0)
    return means


def shares_of(kinds: KindCodes, weights: Floats, groups: Ints, shape: tuple[int, int]) -> Floats:
    """Share of each group's weight that is of each kind.

    Parameters
    ----------
    kinds : ndarray of int, shape (n,)
        Kind of each point.
    weights : ndarray of float, shape (n,)
        Not negative.
    groups : ndarray of int, shape (n,)
        Group of each point.
    shape : tuple of int
        How many groups, and how many kinds.

    Returns
    -------
    ndarray of float, shape (groups, kinds)
        Shares in [0, 1] that sum to 1; NaN for a group without weight.
    """
    sums = _sums(kinds, weights, groups, np.zeros(shape))
    total = sums.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(sums, total, out=np.full(shape, np.nan), where=total > 0)
    return shares


@compiled
def _sums(kinds: KindCodes, weights: Floats, groups: Ints, sums: Floats) -> Floats:
    for place in range(len(kinds)):
        sums[groups[place], kinds[place]] += weights[place]
    return sums


def main_kind(shares: Floats) -> Ints:
    """Find the kind that holds for most of each group's weight.

    Parameters
    ----------
    shares : ndarray of float, shape (groups, kinds)
        Of `shares_of`.

    Returns
    -------
    ndarray of int, shape (groups,)
        The first of equal ones; -1 for a group without weight.
    """
    empty = np.isnan(shares[:, 0])
    return np.where(empty, -1, np.where(empty[:, None], 0.0, shares).argmax(axis=1))
