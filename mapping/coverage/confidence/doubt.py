"""Uncertainty by category: probability of being active, position, number missing."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.arrays import Bools, Floats
from mapping.coverage.classes import HOURS_UNKNOWN, SUITABILITY_UNKNOWN, Kinds
from mapping.coverage.confidence.draws import (
    UNSURE,
    DrawnRecords,
    Draws,
    UncertainRecords,
    draw,
    likelihood,
    uniform,
)
from mapping.coverage.confidence.simulate import Near, WalkLimit, shares_served
from mapping.coverage.confidence.unplaced import Spread, UnplacedServices, with_unplaced
from mapping.coverage.service_status import outside_of
from mapping.freshness import freshness

Metres = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Doubt:
    """Uncertain records of a category: `placed`, `lost` without a place, and the known total.

    `possible` (lost, cells) marks the cells where each of the lost may be.
    """

    placed: UncertainRecords
    lost: UncertainRecords
    possible: Bools
    known_total: int | None = None
    key: str = ""
    outside: Bools | None = None
    """Which of `placed` lie over the border: they are none of the known total."""

    def take(self, key: str, placed: Bools, lost: Bools, known_total: int | None) -> "Doubt":
        """Select the records of one category.

        Parameters
        ----------
        key : str
            The category.
        placed, lost : ndarray of bool, shape (records,)
            Masks of the records of `placed` and of `lost` to select.
        known_total : int or None
            How many services the category has, where a source states it.

        Returns
        -------
        Doubt
            Theirs.
        """
        taken = self.placed.take(placed), self.lost.take(lost)
        outside = None if self.outside is None else self.outside[placed]
        return Doubt(*taken, self.possible[lost], known_total, key, outside)

    @cached_property
    def _drawn(self) -> DrawnRecords:
        return draw(self.placed)

    @cached_property
    def _chance(self) -> Floats:
        return uniform(self.placed.key, "serves")

    def shares(self, status: Kinds, near: Near, spread: Spread, reach: WalkLimit) -> Draws:
        """Share of each cell, in each draw, that has a service within the walk.

        Parameters
        ----------
        status : ndarray of int8, shape (placed,)
            What is known of each in a situation, of `classes.STATUSES`.
        near : Near
            The nearest of those that are not known to be closed or unsuitable.
        spread : Spread
            Where people live.
        reach : WalkLimit
            What is within the walk.

        Returns
        -------
        ndarray of float, shape (cells, DRAWS)
            Shares in [0, 1].
        """
        unknown = np.isin(status, (HOURS_UNKNOWN, SUITABILITY_UNKNOWN))
        likely = self.placed.probability * np.where(unknown, UNSURE, 1.0)
        serves = self._chance < likely[:, None]
        drawn = self._drawn._replace(serves=serves.view(np.uint8))
        shares = shares_served(spread.points, near, drawn, reach)
        inside = serves if self.outside is None else serves[~self.outside]
        unplaced = UnplacedServices(
            self.lost, self.possible, self.known_total, inside.sum(axis=0), self.key
        )
        return with_unplaced(shares, spread, unplaced, reach)


def doubt(services: pd.DataFrame, metres: Metres, today: date, possible: Bools) -> Doubt:
    """Read how likely services are, and where.

    Parameters
    ----------
    services : DataFrame
        The columns of `tables.SERVICES`.
    metres : tuple of ndarray
        Their x and y, NaN where the place is unknown.
    today : date
        Freshness is counted to here.
    possible : ndarray of bool, shape (services, cells)
        Where each may be that has no place.

    Returns
    -------
    Doubt
        Each service both as placed and as lost: `Doubt.take` tells them apart.
    """
    assured = [text if isinstance(text, str) else None for text in services["assured_date"]]
    likely = likelihood(
        list(services["confidence"].astype(str)),
        (services["status"] == "unsure").to_numpy(bool),
        np.array([freshness(text, today) for text in assured], float),
    )
    ids = zip(services["service_id"], services["location_id"], strict=True)
    errors = services["error_metres"].fillna(0).to_numpy(float)
    records = UncertainRecords(
        [f"{service_id}|{place}" for service_id, place in ids], likely, errors, *metres
    )
    return Doubt(records, records, possible, outside=outside_of(services))
