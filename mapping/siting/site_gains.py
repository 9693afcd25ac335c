"""Gains by site: who has the service thanks to each site of a plan, and the minutes saved."""

import numpy as np

from mapping.arrays import Bools, Floats
from mapping.coverage.classes import differ
from mapping.coverage.weighted import weighted_median
from mapping.disclosure import ROUND_TO, rounded
from mapping.siting.asks import SiteAsk
from mapping.siting.border_walks import HomeWalks
from mapping.siting.inputs import People, PlanData, whole_people
from mapping.siting.models import SitePlan
from mapping.siting.problem import Problem
from mapping.tables import AGE_BANDS, Row


class SiteGains:
    """Who gains by which site: each place by the nearest, or by that which gives it a place."""

    def __init__(
        self,
        data: PlanData,
        ask: SiteAsk,
        people: People,
        problem: Problem,
        plan: SitePlan,
        before: HomeWalks,
    ) -> None:
        pairs = problem.seconds[:, plan.chosen].tocoo()
        self._data, self._ask, self._people, self._before = data, ask, people, before
        self.walk = np.full(pairs.shape, np.inf)
        self.walk[pairs.coords] = pairs.data
        self._site = (
            self.walk.argmin(axis=1) if len(plan.chosen) else np.zeros(len(problem.weights), int)
        )
        self._flows = None if plan.flows is None else plan.flows[:, plan.chosen].toarray()

    def row(self, number: int, candidate: Row) -> Row:
        """Give the figures of a site: people who gain, by area and by age, and minutes saved."""
        gained, shares_places = self._gained(number), self._ask.objective == "capacity"
        weight = self._people.weight
        share = np.divide(gained, weight, out=np.zeros(len(gained)), where=weight > 0)
        saved, by_streets = (self._saved_seconds(number, seconds) for seconds in self._before)
        return {
            "rank": number + 1,
            **candidate,
            "people": whole_people(float(gained.sum())),
            "people_estimated": whole_people(float(self._weight_by_estimate(number).sum())),
            "places": _places(gained) if shares_places else None,
            "median_minutes_saved": minutes(saved[0]),
            "mean_minutes_saved": minutes(saved[1]),
            "minutes_estimated": bool(differ(saved, by_streets).any()),
            "by_area": self._by_area(gained),
            "by_age": self._by_age(share),
        }

    def _by_area(self, gained: Floats) -> list[Row]:
        groups, areas = self._data.groups(self._data.level)
        in_area = groups >= 0
        by_area = rounded(np.bincount(groups[in_area], gained[in_area], len(areas)))
        return [
            {
                "level": self._data.level,
                "area_id": areas[n]["area_id"],
                "name": areas[n]["name"],
                "people": int(by_area[n]),
            }
            for n in np.argsort(-by_area, kind="stable").tolist()
            if by_area[n] > 0
        ]

    def _by_age(self, share: Floats) -> dict[str, int | None]:
        return {
            band: whole_people(float(self._people.bands[:, n] @ share))
            for n, band in enumerate(AGE_BANDS)
            if self._people.bands[:, n].any()
        }

    def _gained(self, number: int) -> Floats:
        """People of each place who have the service thanks to a site, and had not before."""
        if self._flows is not None:
            column: Floats = self._flows[:, number]
            return column
        return self._people.weight * (self._near(number) & ~self._has_one)

    def _weight_by_estimate(self, number: int) -> Floats:
        """People near a site who today have a service by an estimated walk alone."""
        if self._flows is not None:
            return np.zeros(0)  # what is over the border has no places to give
        return self._people.weight * (
            self._near(number) & self._before.depends(self._ask.walk_seconds)
        )

    @property
    def _has_one(self) -> Bools:
        return self._before.seconds <= self._ask.walk_seconds

    def _near(self, number: int) -> Bools:
        near: Bools = self._nearest(number) & (self.walk[:, number] <= self._ask.walk_seconds)
        return near

    def _saved_seconds(self, number: int, before: Floats) -> tuple[float, float]:
        """Median and mean of the seconds saved where the walk is shorter; NaN if it is nowhere."""
        saved = before - self.walk[:, number]
        has_gain = self._nearest(number) & (saved > 0) & (self._people.weight > 0)
        if not has_gain.any():
            return np.nan, np.nan
        weight = self._people.weight[has_gain]
        middle = weighted_median(saved[has_gain], weight, np.zeros(len(weight), np.int64), 1)
        return float(middle[0]), float(np.average(saved[has_gain], weights=weight))

    def _nearest(self, number: int) -> Bools:
        is_nearest: Bools = self._site == number
        return is_nearest & np.isfinite(self.walk[:, number])


def _places(gained: Floats) -> int:
    """Count the places of a new site as people are counted: a finer number would tell of them."""
    return ROUND_TO * int(np.ceil(gained.sum() / ROUND_TO - 1e-6))


def minutes(seconds: float) -> float | None:
    """Round seconds to tenths of minutes, as they are published; None for NaN."""
    return None if np.isnan(seconds) else round(float(seconds) / 60, 1)
