"""The word for how sure it is that a service is near: one of five."""

from typing import Final

import numpy as np
import numpy.typing as npt

from mapping.arrays import Bools, Floats
from mapping.tables import SURENESS

ALMOST: Final = 0.9
"""Almost certain is what holds nine times in ten at the least."""
LIKELY: Final = 0.5
"""Likely is what holds more often than not."""
IS_ABSENCE_PROVEN: Final = False
"""Whether a test has shown that what would be told as almost certainly missing is missing.

None has: against later registers the forecast of absence is no better than repeating the share of
another register, and of pharmacies worse (docs/quality.md). Until one does, likely is the most."""
MINORITY: Final = 0.2
"""Nothing is almost certain of an area so large a share of whose people has it otherwise."""
SURELY_THERE, LIKELY_THERE, UNKNOWN, LIKELY_MISSING, SURELY_MISSING = range(len(SURENESS))


def sureness(low: Floats, high: Floats, absent: Bools) -> npt.NDArray[np.int8]:
    """Choose the word of each area or zone; the cautious end of the band decides.

    That one is near is said by `low`; that none is by `high`, and only where the class claims an
    absence: a list that is not complete proves none. No absence is more than likely unless
    `IS_ABSENCE_PROVEN`. All else is not known, which is no half.

    Parameters
    ----------
    low, high : ndarray of float, shape (n,)
        Between which probabilities a record in hand within the walk still serves; NaN where that
        is not calibrated.
    absent : ndarray of bool, shape (n,)
        Whether the class is one of `classes.ABSENCES`.

    Returns
    -------
    ndarray of int8, shape (n,)
        Index into `tables.SURENESS`.
    """
    known = ~np.isnan(low) & ~np.isnan(high)
    claims = [
        known & (low >= ALMOST),
        known & (low >= LIKELY),
        known & absent & (high <= 1 - ALMOST) & IS_ABSENCE_PROVEN,
        known & absent & (high <= 1 - LIKELY),
    ]
    words = [SURELY_THERE, LIKELY_THERE, SURELY_MISSING, LIKELY_MISSING]
    return np.select(claims, words, default=UNKNOWN).astype(np.int8)


def is_belied(word: str, low: float) -> bool:
    """Whether a minority keeps a word at likely, where its probability is one of almost certain."""
    return word == SURENESS[LIKELY_THERE] and low >= ALMOST


def of_all(words: npt.NDArray[np.int8], within: Floats) -> npt.NDArray[np.int8]:
    """Keep from what is said of most people the certainty that a large minority belies.

    Parameters
    ----------
    words : ndarray of int8, shape (n,)
        Of `sureness`.
    within : ndarray of float, shape (n,)
        Share of the people with a record in hand within the walk; NaN where nobody knows.

    Returns
    -------
    ndarray of int8, shape (n,)
        Likely in place of almost certain, where more than `MINORITY` are without or with one.
    """
    without = 1 - within
    split = [
        (words == SURELY_THERE) & (without > MINORITY),
        (words == SURELY_MISSING) & (within > MINORITY),
    ]
    return np.select(split, [LIKELY_THERE, LIKELY_MISSING], default=words).astype(np.int8)
