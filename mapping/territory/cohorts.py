"""Children of parts of a city by single year of age: births and minors as cohorts that move.

A register of residents tells how many were born in a year, and how many minors there are at its
end. What the births and the eighteenth birthdays leave unexplained are moves, and at which ages
people moved nobody counts: each `PROFILES` is one answer that meets every total.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.arrays import Floats, Ints
from mapping.errors import SourceError
from mapping.tables import AGE_BANDS
from mapping.taxonomy import MONTHS_PER_YEAR

MINOR_AGES: Final = 18
PROFILES: Final = ("even", "young", "old", "at_birth", "steady")
"""When children move: at every age alike (the central answer); mostly while small; mostly when
older; all at birth; by one rate a year through the whole childhood."""
RECENT_YEARS: Final = 3
"""A forecast lets people of a part move as they did on the mean of so many years."""
STEEPEST: Final = 1.0
"""Logarithm of the yearly factor beyond which no steady rate is looked for."""
_HALVINGS: Final = 60
_AGES = np.arange(MINOR_AGES, dtype=float)
_YEARLY: Final = {
    "even": np.ones(MINOR_AGES),
    "young": 1 - _AGES / MINOR_AGES,
    "old": (_AGES + 1) / MINOR_AGES,
}
"""How likely a move is at each age, relative to one another, where years are met one by one."""


@dataclass(frozen=True, eq=False)
class Register:
    """What a register says of n parts of a city at the end of k consecutive years.

    `births`, `minors` and `residents` are (n, k); `years` is (k,).
    """

    part: npt.NDArray[np.object_]
    years: Ints
    births: Floats
    minors: Floats
    residents: Floats

    def of(self, parts: npt.NDArray[np.object_]) -> "Register":
        """Give the counts of these parts, in this order.

        Raises SourceError where one is not counted.

        Parameters
        ----------
        parts : ndarray of str, shape (m,)
            Ids of parts.

        Returns
        -------
        Register
            Of m parts.
        """
        row = pd.Index(self.part).get_indexer(pd.Index(parts))
        if (row < 0).any():
            raise SourceError(
                f"The registry counts nobody in '{parts[row < 0][0]}', which is a part of the city."
                " Add its rows (0 where nobody lives), or take the source out of the city's list."
            )
        counts = (self.births[row], self.minors[row], self.residents[row])
        return Register(self.part[row], self.years, *counts)

    def until(self, year: int) -> "Register":
        """Hide what came after the end of a year."""
        in_time = self.years <= year
        return Register(
            self.part,
            self.years[in_time],
            self.births[:, in_time],
            self.minors[:, in_time],
            self.residents[:, in_time],
        )


def ages_of_minors(register: Register, structure: npt.ArrayLike) -> Floats:
    """Give the children of each part in the last year, once for each profile of moves.

    Parameters
    ----------
    register : Register
        Births and minors of n parts.
    structure : array_like of float, shape (n, 18)
        Children by single year of age about the first year, such as those of a census.

    Returns
    -------
    ndarray of float, shape (5, n, 18)
        By profile of `PROFILES`, part and age; over its ages each part adds up to its minors.
    """
    first = np.asarray(structure, float)
    yearly = {name: _year_by_year(register, first, weight) for name, weight in _YEARLY.items()}
    stayed = _without_moves(register, first)
    minors, usual = register.minors[:, -1], yearly["even"].sum(axis=0)
    whole = {
        "at_birth": _scaled(stayed, minors, usual),
        "steady": _scaled(stayed * _steady_factors(stayed, minors), minors, usual),
    }
    return np.stack([(yearly | whole)[name] for name in PROFILES])


def forecast(register: Register, structure: npt.ArrayLike, births: npt.ArrayLike) -> Floats:
    """Give the children of years to come, were people to move as in the last `RECENT_YEARS`.

    Parameters
    ----------
    register : Register
        What is known of n parts until now, over more years than `RECENT_YEARS`.
    structure : array_like of float, shape (n, 18)
        As for `ages_of_minors`.
    births : array_like of float, shape (n, h)
        Births of the next h years.

    Returns
    -------
    ndarray of float, shape (n, h)
        Minors at the end of each.
    """
    first = np.asarray(structure, float)
    staying, moved = np.zeros(len(first)), np.zeros(len(first))
    for year in register.years[-RECENT_YEARS - 1 : -1]:
        ages = _year_by_year(register.until(year), first, _YEARLY["even"])
        column = int(np.searchsorted(register.years, year))
        stay = ages[:, :-1].sum(axis=1)
        moved += register.minors[:, column + 1] - register.births[:, column + 1] - stay
        staying += stay
    rate = np.divide(moved, staying, out=np.zeros(len(moved)), where=staying > 0)
    ages = _year_by_year(register, first, _YEARLY["even"])
    minors = []
    for born in np.asarray(births, float).T:
        ages = np.column_stack([born, np.clip(ages[:, :-1] * (1 + rate)[:, None], 0, None)])
        minors.append(ages.sum(axis=1))
    return np.column_stack(minors)


def bands_of_ages(ages: Floats) -> Floats:
    """Sum single years of age into the bands of `AGE_BANDS`.

    Parameters
    ----------
    ages : ndarray of float, shape (..., 18)
        Children of 0 to 17 years.

    Returns
    -------
    ndarray of float, shape (..., 5)
        Children by band.
    """
    spans = [(low // MONTHS_PER_YEAR, high // MONTHS_PER_YEAR) for low, high in AGE_BANDS.values()]
    return np.stack([ages[..., low:high].sum(axis=-1) for low, high in spans], axis=-1)


def spread(totals: Floats, weights: Floats, residents: Floats, part: Ints) -> Floats:
    """Share the children of parts out to the small areas in them.

    Parameters
    ----------
    totals : ndarray of float, shape (..., n, b)
        Children of n parts in b bands.
    weights : ndarray of float, shape (m, b)
        Children that each small area would have by other evidence; NaN counts as none.
    residents : ndarray of float, shape (m,)
        Its people: by them children are shared where no area of a part has a weight; evenly where
        nobody is counted there.
    part : ndarray of int, shape (m,)
        The part of each area; -1 for none.

    Returns
    -------
    ndarray of float, shape (..., m, b)
        Over the areas of a part they add up to its total.
    """
    count, inside = totals.shape[-2], part >= 0
    at = part[inside]
    shares = np.zeros((len(part), totals.shape[-1]))
    evenly = _shares(np.ones((len(at), 1)), at, count, None)
    people = _shares(residents[inside, None], at, count, evenly)
    shares[inside] = _shares(np.nan_to_num(weights[inside]), at, count, people)
    return np.asarray(totals[..., part, :] * shares)


def _shares(values: Floats, part: Ints, count: int, otherwise: Floats | None) -> Floats:
    """Give the share of each value in its part; another one where its part has nothing."""
    sums = np.column_stack([np.bincount(part, column, count) for column in values.T])[part]
    shares = np.divide(values, sums, out=np.zeros_like(values), where=sums > 0)
    return shares if otherwise is None else np.where(sums > 0, shares, otherwise)


def _year_by_year(register: Register, structure: Floats, weight: Floats) -> Floats:
    """Let the children of the first year grow older, and meet the minors of every year."""
    usual = structure.sum(axis=0)
    ages = _scaled(structure, register.minors[:, 0], usual)
    for column in range(1, len(register.years)):
        ages = np.column_stack([register.births[:, column], ages[:, :-1]])
        minors = register.minors[:, column]
        movers = ages * weight
        movable = movers.sum(axis=1)
        moved = minors - ages.sum(axis=1)
        rate = np.divide(moved, movable, out=np.zeros(len(moved)), where=movable > 0)
        # Where more leave than these ages hold, the others go too: the total is met in any case.
        ages = _scaled(np.clip(ages + movers * rate[:, None], 0, None), minors, usual)
    return ages


def _without_moves(register: Register, structure: Floats) -> Floats:
    """Let the children of the first year grow older, and others be born, where they are."""
    ages = _scaled(structure, register.minors[:, 0], structure.sum(axis=0))
    for column in range(1, len(register.years)):
        ages = np.column_stack([register.births[:, column], ages[:, :-1]])
    return ages


def _scaled(ages: Floats, minors: Floats, usual: Floats) -> Floats:
    """Scale each row to its minors; one without any children has the usual ages."""
    filled = np.where(ages.sum(axis=1, keepdims=True) > 0, ages, usual)
    sums = filled.sum(axis=1, keepdims=True)
    scaled: Floats = np.divide(
        filled * minors[:, None], sums, out=np.zeros_like(filled), where=sums > 0
    )
    return scaled


def _steady_factors(stayed: Floats, minors: Floats) -> Floats:
    """Find the rate r of each row for which the sum of stayed exp(r (age + ½)) is its minors."""
    exposed = _AGES + 0.5
    low, high = np.full(len(minors), -STEEPEST), np.full(len(minors), STEEPEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        too_many = (stayed * np.exp(middle[:, None] * exposed)).sum(axis=1) > minors
        low, high = np.where(too_many, low, middle), np.where(too_many, middle, high)
    return np.asarray(np.exp(low[:, None] * exposed))
