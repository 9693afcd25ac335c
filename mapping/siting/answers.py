"""Plans told: which sites and why, what a change would do, which services must not close.

People are summed by NIL (or municipio), and rounded: a plan never tells who lives at a door.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mapping.arrays import Floats, Ints
from mapping.coverage.weighted import weighted_median
from mapping.edition.queries import completeness
from mapping.errors import BadInputError, UnknownServiceError
from mapping.siting.inputs import (
    Ask,
    People,
    PlanData,
    Services,
    SiteAsk,
    effort,
    farthest_seconds,
    problem_of,
    whole_people,
)
from mapping.siting.models import SitePlan, capacitated, cover, median
from mapping.siting.plan_warnings import record_warnings, solution_warnings
from mapping.siting.problem import Problem
from mapping.siting.scenario import (
    AreaAccess,
    Kind,
    ServiceChange,
    Standing,
    apply,
    closures,
    cost,
    places_per_hundred,
    reach,
)
from mapping.tables import AGE_BANDS
from mapping.territory.population import rounded
from mapping.walking import routing

Row = dict[str, Any]

FRAGILE = 10
MAX_CHANGES = 100


@dataclass(frozen=True)
class Wish:
    """A change as somebody asks for it; a service that stands is named by its id."""

    do: Kind
    service_id: str | None = None
    name: str | None = None
    lon: float | None = None
    lat: float | None = None
    places: float | None = None


def site(ground: PlanData, ask: SiteAsk) -> Row:
    """Say where the next services should be.

    Parameters
    ----------
    ground : PlanData
        An edition.
    ask : SiteAsk
        The question.

    Returns
    -------
    dict
        Ready for JSON.
    """
    people, services = ground.people(ask), ground.services(ask)
    candidates = ground.candidates(ask)
    problem = problem_of(ground, ask, services, candidates, people)
    plan = _solved(problem, ask)
    before = _seconds(ground, ask, services.standing)
    gains = _Gains(ground, ask, people, problem, plan, before)
    first = len(services.standing)
    sites = [
        _site(gains, number, candidates[chosen - first])
        for number, chosen in enumerate(plan.chosen.tolist())
    ]
    after = np.fmin(before, gains.walk.min(axis=1, initial=np.inf))
    after[np.isinf(after)] = np.nan
    return {
        **_asked(ask),
        "objective": ask.objective,
        "candidates": {"kind": ask.candidates, "number": len(candidates)},
        "sites": sites,
        "before": _told(_whole(before, people, ask)),
        "after": _told(_whole(after, people, ask)),
        "solution": _solution(plan, ask),
        "basis": _basis(services, ask),
        "warnings": [
            *record_warnings(ground, ask, services),
            *solution_warnings(ask, problem, plan, people),
        ],
        "completeness": completeness(ground.edition, [ask.category]),
        "edition": ground.edition.id,
    }


def change(ground: PlanData, ask: Ask, wishes: Sequence[Wish]) -> Row:
    """Say what changes of services would do, by area.

    Parameters
    ----------
    ground : PlanData
        An edition.
    ask : Ask
        The category and who walks.
    wishes : sequence of Wish
        Changes, made in their order.

    Returns
    -------
    dict
        Ready for JSON: the city, and every area in which something changes.

    Raises
    ------
    BadInputError
        When there is no change, or too many, or one that cannot be made.
    """
    if not 1 <= len(wishes) <= MAX_CHANGES:
        raise BadInputError(f"{len(wishes)} changes. Give 1 to {MAX_CHANGES}.")
    people, services = ground.people(ask), ground.services(ask)
    changes = [_change(ground, services, wish, number) for number, wish in enumerate(wishes, 1)]
    now, then = services.standing, apply(services.standing, changes)
    seconds = [_seconds(ground, ask, standing) for standing in (now, then)]
    levels = ["municipality", *(n for n in ("municipio", "nil") if _has(ground, n))]
    areas = [
        row
        for level in levels
        for row in _differences(ground, ask, people, (now, then), seconds, level)
    ]
    city = areas[0]
    return {
        **_asked(ask),
        "changes": [{"do": one.do, "id": one.id, "places": one.places} for one in changes],
        "before": city["before"],
        "after": city["after"],
        "areas": [row for row in areas if row["before"] != row["after"]],
        "cost": asdict(cost(now, then)),
        "basis": _basis(services, ask),
        "warnings": record_warnings(ground, ask, services),
        "completeness": completeness(ground.edition, [ask.category]),
        "edition": ground.edition.id,
    }


def fragile(ground: PlanData, ask: Ask, *, count: int = FRAGILE) -> Row:
    """Say which services most people would miss, were they to close.

    Parameters
    ----------
    ground : PlanData
        An edition.
    ask : Ask
        The category and who walks.
    count : int
        How many services at the most.

    Returns
    -------
    dict
        Ready for JSON, the one that most would miss first.
    """
    people, services = ground.people(ask), ground.services(ask)
    seconds, nearest = _two_nearest(ground, ask, services.standing)
    told = closures(
        seconds, nearest, people.weight, len(services.rows), walk_seconds=ask.walk_seconds
    )
    return {
        **_asked(ask),
        "services": [
            {
                "service_id": services.rows[one.service]["service_id"],
                "location_id": services.rows[one.service]["location_id"],
                "name": services.rows[one.service]["name"],
                "losing": whole_people(one.losing),
                "fallback": services.rows[one.fallback]["name"] if one.fallback >= 0 else None,
                "fallback_minutes": _minutes(one.fallback_seconds),
            }
            for one in told[:count]
        ],
        "basis": _basis(services, ask),
        "warnings": record_warnings(ground, ask, services),
        "completeness": completeness(ground.edition, [ask.category]),
        "edition": ground.edition.id,
    }


def _solved(problem: Problem, ask: SiteAsk) -> SitePlan:
    if ask.objective == "cover":
        return cover(problem, ask.count, effort(ask))
    if ask.objective == "median":
        beyond = farthest_seconds(ask)
        return median(
            problem, ask.count, beyond_seconds=beyond, aversion=ask.aversion, effort=effort(ask)
        )
    return capacitated(problem, ask.count, budget=ask.places or 0.0, effort=effort(ask))


class _Gains:
    """Who gains by which site: each place by the nearest, or by that which gives it a place."""

    def __init__(
        self,
        ground: PlanData,
        ask: SiteAsk,
        people: People,
        problem: Problem,
        plan: SitePlan,
        before: Floats,
    ) -> None:
        pairs = problem.seconds[:, plan.chosen].tocoo()
        self.ground, self.ask, self.people, self.before = ground, ask, people, before
        self.walk = np.full(pairs.shape, np.inf)
        self.walk[pairs.coords] = pairs.data
        self.flows = None if plan.flows is None else plan.flows[:, plan.chosen].toarray()

    def gained(self, number: int) -> Floats:
        """People of each place who have the service thanks to a site, and had not before."""
        if self.flows is not None:
            column: Floats = self.flows[:, number]
            return column
        walk_seconds = self.ask.walk_seconds
        here = self._nearest(number) & ~(self.before <= walk_seconds)
        return self.people.weight * (here & (self.walk[:, number] <= walk_seconds))

    def saved_seconds(self, number: int) -> tuple[float, float]:
        """Median and mean of what those save who had a longer walk; NaN if there is none."""
        saved = self.before - self.walk[:, number]
        here = self._nearest(number) & (saved > 0) & (self.people.weight > 0)
        if not here.any():
            return np.nan, np.nan
        weight = self.people.weight[here]
        middle = weighted_median(saved[here], weight, np.zeros(len(weight), np.int64), 1)
        return float(middle[0]), float(np.average(saved[here], weights=weight))

    def _nearest(self, number: int) -> npt.NDArray[np.bool_]:
        here: npt.NDArray[np.bool_] = self.walk.argmin(axis=1) == number
        return here & np.isfinite(self.walk[:, number])


def _site(gains: _Gains, number: int, candidate: Row) -> Row:
    gained, ask = gains.gained(number), gains.ask
    groups, areas = gains.ground.groups(gains.ground.level)
    known = groups >= 0
    by_area = rounded(np.bincount(groups[known], gained[known], len(areas)))
    order = np.argsort(-by_area, kind="stable")
    middle, mean = gains.saved_seconds(number)
    children = gains.people.children
    share = np.divide(gained, children, out=np.zeros(len(gained)), where=children > 0)
    return {
        "rank": number + 1,
        **candidate,
        "people": whole_people(float(gained.sum())),
        "places": int(np.ceil(gained.sum() - 1e-6)) if ask.objective == "capacity" else None,
        "median_minutes_saved": _minutes(middle),
        "mean_minutes_saved": _minutes(mean),
        "by_area": [
            {
                "level": gains.ground.level,
                "area_id": areas[n]["area_id"],
                "name": areas[n]["name"],
                "people": int(by_area[n]),
            }
            for n in order.tolist()
            if by_area[n] > 0
        ],
        "by_age": {
            band: whole_people(float(gains.people.bands[:, n] @ share))
            for n, band in enumerate(AGE_BANDS)
            if gains.people.bands[:, n].any()
        },
    }


def _solution(plan: SitePlan, ask: SiteAsk) -> Row:
    minutes = ask.objective == "median"
    figures = {"before": plan.before, "objective": plan.objective, "bound": plan.bound}
    return {
        "status": plan.status,
        "gap": round(plan.gap, 6),
        "seconds": round(plan.solve_seconds, 3),
        "unit": "minutes" if minutes else "people",
        **{name: _minutes(v) if minutes else whole_people(v) for name, v in figures.items()},
        "beyond_minutes": farthest_seconds(ask) / 60 if minutes else None,
        "aversion": ask.aversion if minutes else None,
    }


def _change(ground: PlanData, services: Services, wish: Wish, number: int) -> ServiceChange:
    x, y = None, None
    if wish.lon is not None and wish.lat is not None:
        x, y = ground.place(wish.lon, wish.lat)
    if wish.do == "add":
        return ServiceChange("add", wish.service_id or f"nuovo:{number}", x, y, wish.places)
    return ServiceChange(wish.do, _standing_id(services, wish), x, y, wish.places)


def _standing_id(services: Services, wish: Wish) -> str:
    named = wish.service_id or ""
    found = [
        one.id
        for row, one in zip(services.rows, services.standing, strict=True)
        if named in (one.id, row["service_id"], row["location_id"], *(row["same_as"] or ()))
    ]
    if len(found) > 1:
        raise BadInputError(f"'{named}' stands in several places. Give one: {', '.join(found)}.")
    if not found and not named.startswith("nuovo:"):
        raise UnknownServiceError(
            f"No service '{named}' of the category has a known place. Find the ids in"
            " /v1/services, or in a look-up."
        )
    return found[0] if found else named


def _seconds(ground: PlanData, ask: Ask, standing: Sequence[Standing]) -> Floats:
    return _nearest(ground, ask, standing, 1)[0][:, 0]


def _two_nearest(ground: PlanData, ask: Ask, standing: Sequence[Standing]) -> tuple[Floats, Ints]:
    return _nearest(ground, ask, standing, 2)


def _nearest(
    ground: PlanData, ask: Ask, standing: Sequence[Standing], count: int
) -> tuple[Floats, Ints]:
    graph, homes = ground.walks(ask.profile)
    feet = graph.snap([one.x for one in standing], [one.y for one in standing])
    return routing.nearest_k(graph, homes, routing.targets(graph, feet), count=count)


def _whole(seconds: Floats, people: People, ask: Ask) -> AreaAccess:
    everybody = np.zeros(len(seconds), np.int64)
    return reach(seconds, people.weight, everybody, 1, walk_seconds=ask.walk_seconds)


def _has(ground: PlanData, level: str) -> bool:
    return any(ground.demand.nil if level == "nil" else ground.demand.municipio)


def _differences(
    ground: PlanData,
    ask: Ask,
    people: People,
    standing: tuple[Sequence[Standing], Sequence[Standing]],
    seconds: Sequence[Floats],
    level: str,
) -> list[Row]:
    groups, areas = ground.groups(level)
    inside = groups >= 0
    sides = []
    for services, walks in zip(standing, seconds, strict=True):
        there = reach(
            walks[inside], people.weight[inside], groups[inside], len(areas),
            walk_seconds=ask.walk_seconds,
        )  # fmt: skip
        places = np.array([one.places for one in services])
        at = ground.homes_at(*(np.array([getattr(o, c) for o in services]) for c in "xy"))
        per_hundred = places_per_hundred(places, groups[at], there.people)
        sides.append([_told(there, n, per_hundred[n]) for n in range(len(areas))])
    return [
        {"level": level, "area_id": area["area_id"], "name": area["name"],
         "people": before.pop("people"), "before": before, "after": _without_people(after)}
        for area, before, after in zip(areas, *sides, strict=True)
    ]  # fmt: skip


def _without_people(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "people"}


def _told(there: AreaAccess, number: int = 0, per_hundred: float | None = None) -> Row:
    share = there.share[number]
    said: Row = {
        "people": whole_people(there.people[number]),
        "within": whole_people(there.within[number]),
        "share": None if np.isnan(share) else round(float(share), 3),
        "median_minutes": _minutes(there.median_seconds[number]),
    }
    if per_hundred is not None:
        known = not np.isnan(per_hundred)
        said["places_per_100"] = round(float(per_hundred), 1) if known else None
    return said


def _asked(ask: Ask) -> Row:
    return {
        "category": ask.category,
        "minutes": ask.walk_seconds / 60,
        "profile": ask.profile,
        "weight": ask.weight,
    }


def _basis(services: Services, ask: Ask) -> Row:
    unknown = sum(bool(np.isnan(one.places)) for one in services.standing)
    return {
        "basis": ask.basis,
        "services": len(services.rows),
        "stale": services.stale,
        "unverified": services.unverified,
        "unplaced": services.unplaced,
        "left_out": services.left_out,
        "places_unknown": unknown,
    }


def _minutes(seconds: float) -> float | None:
    return None if np.isnan(seconds) else round(float(seconds) / 60, 1)
