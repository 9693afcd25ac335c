"""Answers of plans: sites proposed, effects of a change, services whose closure costs most.

People are summed by NIL (or municipio), and rounded: a plan never tells who lives at a door.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from math import inf

import numpy as np

from mapping.arrays import Floats, Ints
from mapping.coverage.classes import differ
from mapping.disclosure import disclosed_shares, rounded
from mapping.edition.queries import completeness, people_bases
from mapping.errors import BadInputError
from mapping.siting.asks import Ask, SiteAsk, effort, farthest_seconds
from mapping.siting.border_walks import HomeWalks
from mapping.siting.counts_of_coverage import CITY, CoverageCounts
from mapping.siting.inputs import People, PlanData, Services, problem_of, whole_people
from mapping.siting.models import SitePlan, capacitated, cover, median
from mapping.siting.plan_warnings import border_warnings, record_warnings, solution_warnings
from mapping.siting.problem import LATE_SECONDS, Effort, Problem, finished_in
from mapping.siting.requested_changes import RequestedChange, change_of, change_row
from mapping.siting.scenario import (
    AreaAccess,
    Closure,
    ExistingService,
    apply,
    closures,
    cost,
    places_per_hundred,
    reach,
)
from mapping.siting.site_gains import SiteGains, minutes
from mapping.tables import Row
from mapping.walking import routing

FRAGILE = 10
MAX_CHANGES = 100
FIGURES_SHARE, FIGURES_SECONDS = 0.25, 3.0
"""Of the time of a plan, what the solver leaves for the figures of its sites, and at the most."""


def site(data: PlanData, ask: SiteAsk) -> Row:
    """Propose where the next services should be.

    Parameters
    ----------
    data : PlanData
        An edition.
    ask : SiteAsk
        The question.

    Returns
    -------
    dict
        Ready for JSON: numbers, names and codes of warnings, no sentences.

    Raises
    ------
    BadInputError
        When people or candidates are not known, or nothing was found within `max_seconds`, which
        bound all of it; what is found when they are over is given with its gap.
    """
    begun = time.perf_counter()
    plan = finished_in(ask.max_seconds - LATE_SECONDS, lambda: _site(data, ask, begun))
    if plan is None:
        raise BadInputError(
            f"No plan was found within {ask.max_seconds:g} s. Give more time, a shorter walk, or"
            " candidates of another kind."
        )
    return plan


def _site(data: PlanData, ask: SiteAsk, begun: float) -> Row:
    services, people = data.services(ask), data.people(ask)
    # Whoever is weighed, what is told is of all whom the category is for.
    everybody = replace(people, weight=people.served)
    candidates = data.candidates(ask)
    before = _walked(data, ask, services, services.standing)
    problem, by_streets = problem_of(data, ask, services, candidates, people)
    begun -= min(FIGURES_SHARE * ask.max_seconds, FIGURES_SECONDS)
    plan = _solved(problem, ask, effort(ask).left(begun))
    is_moved = _moved(plan, problem, by_streets, ask, begun)
    gains = SiteGains(data, ask, everybody, problem, plan, before)
    first = len(services.reached)
    sites = [
        _told_minutes(gains.row(number, candidates[chosen - first]), services)
        | {"rank_estimated": is_moved[number]}
        for number, chosen in enumerate(plan.chosen.tolist())
    ]
    after = HomeWalks(*(_shortened(seconds, gains.walk) for seconds in before))
    published = CoverageCounts(data.edition, ask)
    own, then = (_access_row(*_whole(walks, everybody, ask)) for walks in (before, after))
    city = next(iter(published.rows(CITY).values()), None)
    now, then = published.counted(own, then, city)
    return {
        **_ask_fields(ask),
        "objective": ask.objective,
        "candidates": {"kind": ask.candidates, "number": len(candidates)},
        "sites": sites,
        "before": _told_minutes(now, services),
        "after": _told_minutes(then, services),
        "solution": _told_minutes(_solution(plan, ask, now["within"] - own["within"]), services),
        "basis": _basis(services, ask),
        "warnings": [
            *record_warnings(services),
            *border_warnings(now),
            *solution_warnings(ask, problem, plan, people),
        ],
        "completeness": completeness(data.edition, [ask.category]),
        "people_bases": people_bases(data.edition),
        "edition": data.edition.id,
    }


def change(data: PlanData, ask: Ask, requested: Sequence[RequestedChange]) -> Row:
    """Compute what changes of services would do, by area.

    Parameters
    ----------
    data : PlanData
        An edition.
    ask : Ask
        The category and who walks.
    requested : sequence of RequestedChange
        Changes, made in their order.

    Returns
    -------
    dict
        Ready for JSON: the city, and every area in which something changes.

    Raises
    ------
    BadInputError
        When there is no change, or too many, or one that cannot be made; or children of low income
        are to be counted.
    """
    _refuse_low_income(ask)
    if not 1 <= len(requested) <= MAX_CHANGES:
        raise BadInputError(f"{len(requested)} changes. Give 1 to {MAX_CHANGES}.")
    services, people = data.services(ask), data.people(ask)
    changes = [change_of(data, services, each, number) for number, each in enumerate(requested, 1)]
    now, then = services.standing, apply(services.standing, changes)
    walked = [_walked(data, ask, services, side) for side in (now, then)]
    levels = ["municipality", *(n for n in ("municipio", "nil") if _has(data, n))]
    areas = [
        row
        for level in levels
        for row in _differences(data, ask, people, (now, then), walked, level)
    ]
    if not services.tells_places:
        for side in (row[name] for row in areas for name in ("before", "after")):
            side["places_per_100"] = None
    for row in areas:
        row |= {side: _told_minutes(row[side], services) for side in ("before", "after")}
    city = areas[0]
    return {
        **_ask_fields(ask),
        "changes": [change_row(data, *pair) for pair in zip(requested, changes, strict=True)],
        "before": city["before"],
        "after": city["after"],
        "areas": [row for row in areas if row["before"] != row["after"]],
        "cost": asdict(cost(now, then)),
        "basis": _basis(services, ask),
        "warnings": [*record_warnings(services), *border_warnings(city["before"])],
        "completeness": completeness(data.edition, [ask.category]),
        "people_bases": people_bases(data.edition),
        "edition": data.edition.id,
    }


def fragile(data: PlanData, ask: Ask, *, count: int = FRAGILE) -> Row:
    """Rank services by how many people would have none within the walk, were they to close.

    Parameters
    ----------
    data : PlanData
        An edition.
    ask : Ask
        The category and who walks.
    count : int
        How many services; more where others would be among so many if no walk were estimated.

    Returns
    -------
    dict
        Ready for JSON, the one that most would miss first.

    Raises
    ------
    BadInputError
        When children of low income are to be counted: around one service nobody knows them.
    """
    _refuse_low_income(ask)
    services, people = data.services(ask), data.people(ask)
    sides = _nearest(data, ask, services, services.standing, 2)
    rows = [*services.rows, *services.outside_rows]
    losses, by_streets = (
        closures(*side, people.weight, len(rows), walk_seconds=ask.walk_seconds) for side in sides
    )
    known = {loss.service: loss for loss in by_streets}
    places, places_by_streets = (_places(side, len(services.rows)) for side in (losses, by_streets))
    # Whoever would be among the first along streets alone is told too.
    ranked = [
        loss
        for loss in losses
        if min(places.get(loss.service, inf), places_by_streets.get(loss.service, inf)) <= count
    ]
    walked = HomeWalks(*(seconds[:, 0] for seconds, _ in sides))
    today = _access_row(*_whole(walked, people, ask))
    return {
        **_ask_fields(ask),
        "services": [
            {
                "service_id": services.rows[loss.service].service_id,
                "location_id": services.rows[loss.service].location_id,
                "name": services.rows[loss.service].name,
                "rank": places[loss.service],
                "rank_by_streets": places_by_streets[loss.service],
                "rank_estimated": places[loss.service] != places_by_streets[loss.service],
                "losing": whole_people(loss.losing),
                "losing_estimated": whole_people(known[loss.service].losing - loss.losing),
                "fallback": rows[loss.fallback].name if loss.fallback >= 0 else None,
                "fallback_minutes": minutes(loss.fallback_seconds),
                "fallback_estimated": _turns_by_estimate(loss, known[loss.service]),
            }
            for loss in ranked
        ],
        "basis": _basis(services, ask),
        "warnings": [*record_warnings(services), *border_warnings(today)],
        "completeness": completeness(data.edition, [ask.category]),
        "people_bases": people_bases(data.edition),
        "edition": data.edition.id,
    }


def _places(losses: Sequence[Closure], count: int) -> dict[int, int]:
    """Give the place of each service of the city, of `count`, among those that most would miss."""
    own = (loss.service for loss in losses if loss.service < count)
    return {service: place for place, service in enumerate(own, 1)}


def _turns_by_estimate(loss: Closure, by_streets: Closure) -> bool:
    """Whether those who lose a service would turn elsewhere along streets, or walk longer."""
    is_other_walk = bool(differ(loss.fallback_seconds, by_streets.fallback_seconds))
    return is_other_walk or loss.fallback != by_streets.fallback


def _moved(
    plan: SitePlan, problem: Problem, by_streets: Problem, ask: SiteAsk, begun: float
) -> list[bool | None]:
    """Say of each site whether another would have its rank if no walk were estimated.

    None where nobody knows, since there was no time to find the best of both.
    """
    if by_streets is problem:
        return [False] * len(plan.chosen)
    left = effort(ask).left(begun)
    other = None if left.is_spent else _solved(by_streets, ask, left)
    if other is None or {plan.status, other.status} != {"optimal"}:
        return [None] * len(plan.chosen)
    padded = [*other.chosen.tolist(), *[-1] * len(plan.chosen)]
    return [site != there for site, there in zip(plan.chosen.tolist(), padded, strict=False)]


def _told_minutes(figures: Row, services: Services) -> Row:
    """Leave minutes out where records are: whoever lives near one of those walks less."""
    if services.tells_minutes:
        return figures
    names = {"median_minutes", "median_minutes_saved", "mean_minutes_saved"}
    names |= {"before", "objective", "bound"} if figures.get("unit") == "minutes" else set()
    marks = dict.fromkeys({"median_estimated", "minutes_estimated"} & set(figures), False)
    return figures | dict.fromkeys(names & set(figures)) | marks


def _shortened(seconds: Floats, walks: Floats) -> Floats:
    """Give the walks to the nearest with those to new sites beside them; NaN for none."""
    least: Floats = np.fmin(seconds, walks.min(axis=1, initial=np.inf))
    least[np.isinf(least)] = np.nan
    return least


def _refuse_low_income(ask: Ask) -> None:
    """Count nobody of low income around single services: differences would tell of blocks."""
    if ask.weight == "low-income":
        raise BadInputError(
            "The weight 'low-income' is for new sites alone: incomes are known by postcode, which"
            " is larger than what is around one service. Use the weight 'people'."
        )


def _solved(problem: Problem, ask: SiteAsk, left: Effort) -> SitePlan:
    if ask.objective == "cover":
        return cover(problem, ask.count, left)
    if ask.objective == "median":
        beyond_seconds = farthest_seconds(ask)
        return median(
            problem,
            ask.count,
            beyond_seconds=beyond_seconds,
            aversion=ask.aversion,
            effort=left,
        )
    return capacitated(problem, ask.count, budget=ask.places or 0.0, effort=left)


def _solution(plan: SitePlan, ask: SiteAsk, more: int) -> Row:
    """Give what the solver found; `more` people within the walk are what coverage counts beside."""
    is_median = ask.objective == "median"
    figures = {"before": plan.before, "objective": plan.objective, "bound": plan.bound}
    if ask.objective == "cover":
        figures = {name: number + more for name, number in figures.items()}
    is_told = ask.weight == "people"  # plans of one site, subtracted, would tell of blocks
    return {
        "status": plan.status,
        "gap": round(plan.gap, 4 if is_told else 2),
        "seconds": round(plan.solve_seconds, 3),
        "unit": "minutes" if is_median else "people",
        **{
            name: (minutes(v) if is_median else whole_people(v)) if is_told else None
            for name, v in figures.items()
        },
        "beyond_minutes": farthest_seconds(ask) / 60 if is_median else None,
        "aversion": ask.aversion if is_median else None,
    }


def _walked(
    data: PlanData, ask: Ask, services: Services, standing: Sequence[ExistingService]
) -> HomeWalks:
    """Walk to the nearest of what stands in the city, or over its border."""
    sides = _nearest(data, ask, services, standing, 1)
    return HomeWalks(*(seconds[:, 0] for seconds, _ in sides))


def _nearest(
    data: PlanData, ask: Ask, services: Services, standing: Sequence[ExistingService], count: int
) -> tuple[tuple[Floats, Ints], tuple[Floats, Ints]]:
    """Walk to the nearest services; then the same along streets alone."""
    graph, homes = data.walks(ask.profile)
    around = data.border_walks(ask.profile, services.outside)
    sites = [*standing, *services.outside]
    numbers = around.on_streets(len(standing))
    x, y = (np.array([getattr(sites[n], axis) for n in numbers]) for axis in "xy")
    to = routing.targets(graph, graph.snap(x, y))
    seconds, target = routing.nearest_k(graph, homes, to, count=count)
    walked = seconds, np.append(numbers, -1)[target]
    return around.beside(walked, len(standing)), walked


def _whole(walked: HomeWalks, people: People, ask: Ask) -> tuple[AreaAccess, AreaAccess]:
    everybody = np.zeros(len(walked.seconds), np.int64)
    access, by_streets = (
        reach(seconds, people.weight, everybody, 1, walk_seconds=ask.walk_seconds)
        for seconds in walked
    )
    return access, by_streets


def _has(data: PlanData, level: str) -> bool:
    return any(data.demand.nil if level == "nil" else data.demand.municipio)


def _differences(
    data: PlanData,
    ask: Ask,
    people: People,
    standing: tuple[Sequence[ExistingService], Sequence[ExistingService]],
    walked: Sequence[HomeWalks],
    level: str,
) -> list[Row]:
    groups, areas = data.groups(level)
    inside = groups >= 0
    published = CoverageCounts(data.edition, ask)
    rows, sides = published.rows(level), []
    for services, walks in zip(standing, walked, strict=True):
        access, by_streets = (
            reach(
                seconds[inside], people.weight[inside], groups[inside], len(areas),
                walk_seconds=ask.walk_seconds,
            )
            for seconds in walks
        )  # fmt: skip
        places = np.array([site.places for site in services])
        at = data.homes_at(*(np.array([getattr(o, c) for o in services]) for c in "xy"))
        per_hundred = places_per_hundred(places, groups[at], access.people)
        sides.append(
            [_access_row(access, by_streets, n, per_hundred[n]) for n in range(len(areas))]
        )
    counted = [
        published.counted(before, after, rows.get(area["area_id"]))
        for area, before, after in zip(areas, *sides, strict=True)
    ]
    return [
        {"level": level, "area_id": area["area_id"], "name": area["name"],
         "people": pair[0]["people"], **_sides(pair)}
        for area, pair in zip(areas, counted, strict=True)
    ]  # fmt: skip


def _sides(pair: Sequence[Row]) -> Row:
    whole = zip(("before", "after"), pair, strict=True)
    return {side: {k: v for k, v in row.items() if k != "people"} for side, row in whole}


def _access_row(
    access: AreaAccess, by_streets: AreaAccess, number: int = 0, per_hundred: float | None = None
) -> Row:
    """Give the figures of an area, and of each what rests on estimated walks."""
    # Of the counts as they are published: a finer share would tell of single homes.
    people, within = access.people[number : number + 1], access.within[number : number + 1]
    share = disclosed_shares(access.share[number : number + 1], people, whole_percent=True)[0]
    row: Row = {
        "people": whole_people(people[0]),
        "within": whole_people(within[0]),
        # Both are rounded: so the two parts make the whole.
        "within_estimated": int(rounded(within[0]) - rounded(by_streets.within[number])),
        "share": None if np.isnan(share) else float(share),
        "median_minutes": minutes(access.median_seconds[number]),
        "median_estimated": bool(
            differ(access.median_seconds[number], by_streets.median_seconds[number])
        ),
    }
    if per_hundred is not None:
        is_known = not np.isnan(per_hundred)
        row["places_per_100"] = round(float(per_hundred), 1) if is_known else None
    return row


def _ask_fields(ask: Ask) -> Row:
    return {
        "category": ask.category,
        "minutes": ask.walk_seconds / 60,
        "profile": ask.profile,
        "weight": ask.weight,
        "counted": ask.kind.demand or "children",
    }


def _basis(services: Services, ask: Ask) -> Row:
    unknown = sum(bool(np.isnan(site.places)) for site in services.standing)
    return {
        "basis": ask.basis,
        "services": len(services.rows),
        "outside": len(services.outside),
        "stale": services.stale,
        "unverified": services.unverified,
        "unplaced": services.unplaced,
        "left_out": services.left_out,
        "places_unknown": unknown,
    }
