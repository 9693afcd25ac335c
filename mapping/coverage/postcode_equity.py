"""Who walks farther, by income: postcodes in the order of their income, and how sure that is.

Income is known by postcode and for nothing smaller, so the postcode is the unit that is compared,
and the unit that is drawn anew: people of one postcode are no further witnesses of its income.
"""

from typing import NamedTuple

import numpy as np

from mapping.arrays import Floats

MIN_POSTCODES = 10
"""Of fewer different incomes no interval holds: what is drawn anew is too much alike."""
RESAMPLES, SEED = 2_000, 38
FIFTH = 0.2
NINE_IN_TEN = (0.05, 0.95)


class Estimate(NamedTuple):
    """A figure, and between what it lies nine times in ten, postcodes drawn anew."""

    value: float
    low: float
    high: float


UNKNOWN = Estimate(*[float("nan")] * 3)


class IncomeGradient(NamedTuple):
    """How walks differ by income; minutes are means over people.

    `concentration` is below 0 where those of low income walk farther; `poorest` and `richest` are
    the minutes of the fifth of the people in the postcodes of lowest and of highest income, a
    postcode on the border split; `ratio` is one over the other.
    """

    concentration: Estimate
    poorest: Estimate
    richest: Estimate
    ratio: Estimate


def income_gradient(minutes: Floats, people: Floats, euro: Floats) -> IncomeGradient:
    """Compare the walks of postcodes by income, with intervals by drawing postcodes anew.

    The percentile bootstrap of clusters (B. Efron, R. Tibshirani 1993, *An Introduction to the
    Bootstrap*, chapters 8 and 13), with the same draws for everybody who asks.

    Parameters
    ----------
    minutes : ndarray of float, shape (n,)
        Mean walk of the people of each postcode; NaN where nobody reaches anything.
    people : ndarray of float, shape (n,)
        People of each postcode, not negative.
    euro : ndarray of float, shape (n,)
        Mean income; NaN where it is not known, and then the postcode is left out.

    Returns
    -------
    IncomeGradient
        NaN throughout where fewer than `MIN_POSTCODES` incomes differ.
    """
    counted = ~np.isnan(minutes) & ~np.isnan(euro) & (people > 0)
    incomes, group = np.unique(euro[counted], return_inverse=True)
    if len(incomes) < MIN_POSTCODES:
        return IncomeGradient(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)
    count = int(counted.sum())
    drawn = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), RESAMPLES)
    times = np.vstack([np.ones(count), drawn]) * people[counted]
    in_group = np.eye(len(incomes))[group]
    figures = _figures(times @ in_group, (times * minutes[counted]) @ in_group)
    return IncomeGradient(*map(_estimate, figures))


def _figures(people: Floats, walked: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Compute the four figures of each row of people and minutes by income, lowest first."""
    shares, minutes = _cumulated(people), _cumulated(walked)
    doubled = np.diff(shares) * (minutes[:, 1:] + minutes[:, :-1])
    mean = walked.sum(axis=1) / people.sum(axis=1)
    index = np.where(mean > 0, 1 - doubled.sum(axis=1), np.nan)
    borders = [FIFTH, 1 - FIFTH]
    ends = [np.interp(borders, *curve) for curve in zip(shares, minutes, strict=True)]
    low, high = np.array(ends).T
    poorest, richest = low * mean / FIFTH, (1 - high) * mean / FIFTH
    ratio = np.divide(poorest, richest, out=np.full(len(mean), np.nan), where=richest > 0)
    return index, poorest, richest, ratio


def _cumulated(parts: Floats) -> Floats:
    running = np.cumsum(parts, axis=1)
    total = running[:, -1:]
    shares = np.divide(running, total, out=np.zeros_like(running), where=total > 0)
    return np.pad(shares, ((0, 0), (1, 0)))


def _estimate(figures: Floats) -> Estimate:
    """Take the figure itself from the first row, and its interval from those drawn anew."""
    value, drawn = figures[0], figures[1:]
    if np.isnan(value):
        return UNKNOWN
    return Estimate(float(value), *np.nanquantile(drawn, NINE_IN_TEN).tolist())
