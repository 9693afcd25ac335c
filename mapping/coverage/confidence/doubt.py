"""Uncertainty of a category's records: whether each still serves, and where it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.arrays import Bools, Floats
from mapping.coverage.classes import HOURS_UNKNOWN, SUITABILITY_UNKNOWN, Kinds
from mapping.coverage.confidence.draws import (
    TRUST,
    DrawnRecords,
    Draws,
    UncertainRecords,
    draw,
    uniform,
)
from mapping.coverage.confidence.simulate import Near, WalkLimit, shares_served
from mapping.coverage.confidence.survival import Band, family_of, is_calibrated, survival
from mapping.coverage.origins import Points
from mapping.freshness import assured_on

Metres = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
DAYS_PER_YEAR = 365.25


def serving_band(
    category: str, ownership: Sequence[str | None], age_years: Floats, trust: Floats, vouched: Bools
) -> Band | None:
    """Say between which probabilities each of n records of a category still serves.

    Parameters
    ----------
    category : str
        Its code.
    ownership : sequence of str or None
        Who runs each.
    age_years : ndarray of float, shape (n,)
        How long ago each was assured; NaN where nobody knows.
    trust : ndarray of float, shape (n,)
        What the source of each is worth, in [0, 1].
    vouched : ndarray of bool, shape (n,)
        Whether all that is asked of it is certain.

    Returns
    -------
    Band or None
        From 0 where that is not certain, or nobody knows how old the record is; from 0 to what its
        source is worth where nobody measured how long those that are run so hold. None where the
        category is not calibrated.
    """
    band = survival(category, np.nan_to_num(age_years))
    if band is None:
        return None
    measured = np.array([is_calibrated(category, who) for who in ownership], bool)
    known = ~np.isnan(age_years) & measured
    low = np.where(known & vouched, trust * band.low, 0.0)
    return Band(low, trust * np.where(known, band.high, 1.0))


@dataclass(frozen=True, eq=False)
class Doubt:
    """Uncertain records, r of them, of one category once it is chosen by `take`.

    `trust` is how often a fresh record of its source is true; `age_years` is NaN where nobody knows
    when it was; `vouched` marks those that their source calls active; `ownership` is who runs each.
    """

    records: UncertainRecords
    trust: Floats
    age_years: Floats
    vouched: Bools
    ownership: npt.NDArray[np.object_]
    category: str = ""

    def take(self, category: str, rows: Bools) -> "Doubt":
        """Select the placed records of a category.

        Parameters
        ----------
        category : str
            Its code.
        rows : ndarray of bool, shape (r,)
            Which ones.

        Returns
        -------
        Doubt
            Theirs.
        """
        return Doubt(
            self.records.take(rows),
            self.trust[rows],
            self.age_years[rows],
            self.vouched[rows],
            self.ownership[rows],
            category,
        )

    def probability(self, status: Kinds) -> Band | None:
        """Say between which probabilities each record serves in a situation.

        Parameters
        ----------
        status : ndarray of int8, shape (r,)
            Of `classes.STATUSES`.

        Returns
        -------
        Band or None
            From 0 where the source is not certain, nobody knows how old the record is, or what the
            situation asks is not known; from 0 to what its source is worth where nobody measured
            how long those that are run so hold. None where the category is not calibrated.
        """
        answered = ~np.isin(status, (HOURS_UNKNOWN, SUITABILITY_UNKNOWN))
        vouched = self.vouched & answered
        ownership = self.ownership.tolist()
        return serving_band(self.category, ownership, self.age_years, self.trust, vouched)

    def shares(
        self, status: Kinds, near: Near, points: Points, reach: WalkLimit
    ) -> tuple[Draws, Draws] | None:
        """Share of each cell, in each draw, that has a serving record within the walk.

        Records of a family with a common fate share one chance where the lower end is drawn: they
        stay or end together.

        Parameters
        ----------
        status : ndarray of int8, shape (r,)
            What is known of each in a situation, of `classes.STATUSES`.
        near : Near
            The nearest of those that are not known to be closed or unsuitable.
        points : Points
            Where people set out.
        reach : WalkLimit
            What is within the walk.

        Returns
        -------
        tuple of ndarray of float, shape (cells, DRAWS), or None
            Shares in [0, 1] at the lower and at the upper end; None where not calibrated.
        """
        band = self.probability(status)
        return None if band is None else self.shares_between(band, near, points, reach)

    def shares_between(
        self, band: Band, near: Near, points: Points, reach: WalkLimit
    ) -> tuple[Draws, Draws]:
        """Share of each cell as `shares`, of records that serve with these probabilities.

        Parameters
        ----------
        band : Band
            Of each record, shapes (r,).
        near : Near
            As of `shares`.
        points : Points
            Where people set out.
        reach : WalkLimit
            What is within the walk.

        Returns
        -------
        tuple of ndarray of float, shape (cells, DRAWS)
            Shares in [0, 1] at the lower and at the upper end.
        """
        family = family_of(self.category)
        together = self._one_chance if family and family.common_fate else self._chance
        low, high = (
            shares_served(points, near, self._serving(chance, probability), reach)
            for chance, probability in ((together, band.low), (self._chance, band.high))
        )
        return low, high

    def _serving(self, chance: Floats, probability: Floats) -> DrawnRecords:
        serves = chance < probability[:, None]
        return self._drawn._replace(serves=serves.view(np.uint8))

    @cached_property
    def _chance(self) -> Floats:
        return uniform(self.records.key, "serves")

    @cached_property
    def _one_chance(self) -> Floats:
        """The chance that all records share, shape (1, DRAWS)."""
        return uniform([self.category], "serves")

    @cached_property
    def _drawn(self) -> DrawnRecords:
        return draw(self.records)


def doubt(services: pd.DataFrame, metres: Metres, today: date) -> Doubt:
    """Read how true and how old records are, and where.

    Parameters
    ----------
    services : DataFrame
        The columns of `tables.SERVICES`.
    metres : tuple of ndarray
        Their x and y, NaN where the place is unknown.
    today : date
        Ages are counted to here.

    Returns
    -------
    Doubt
        Of all of them, in their order.
    """
    ids = zip(services["service_id"], services["location_id"], strict=True)
    errors = services["error_metres"].fillna(0).to_numpy(float)
    records = UncertainRecords([f"{service}|{place}" for service, place in ids], errors, *metres)
    trust = [TRUST.get(str(word), TRUST["low"]) for word in services["confidence"]]
    ages = [age_years(text, today) for text in services["assured_date"]]
    active = (services["status"] == "active").to_numpy(bool)
    owned = services["ownership"].to_numpy(object)
    return Doubt(records, np.array(trust, float), np.array(ages, float), active, owned)


def age_years(assured: object, today: date) -> float:
    """Count the years since a record was last assured; NaN: nobody knows, 0: a day to come."""
    if not isinstance(assured, str):
        return float("nan")
    return max((today - assured_on(assured)).days, 0) / DAYS_PER_YEAR
