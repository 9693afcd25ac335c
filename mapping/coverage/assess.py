"""Coverage of every category in every situation, from services, streets and people."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from typing import Generic, NamedTuple, TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from mapping.arrays import Bools, Floats, Ints
from mapping.city import City
from mapping.coverage import area_table, classes, requirements
from mapping.coverage.area_table import Block, Head, Walked, Weighing
from mapping.coverage.classes import CLOSED, SERVED, STANDINGS, Evidence, WalkTimes
from mapping.coverage.confidence import doubt
from mapping.coverage.confidence.doubt import Doubt
from mapping.coverage.confidence.draws import CHILDREN_CV, RESIDENTS_CV, Worlds
from mapping.coverage.confidence.simulate import Near, WalkLimit, for_most
from mapping.coverage.confidence.unplaced import Spread
from mapping.coverage.places_per_child import places_per_100
from mapping.coverage.service_status import Supply, standings, supply
from mapping.coverage.situations import ADULT, Situation, situations
from mapping.coverage.study_area import SECTION, Level, StudyArea
from mapping.coverage.weighted import mean_of, share_of
from mapping.disclosure import published_categories, tells_people
from mapping.hours import windows
from mapping.hours.city_calendar import calendar_of
from mapping.tables import ROUTED
from mapping.taxonomy import Category, category
from mapping.territory import population
from mapping.territory.areas import Cells
from mapping.walking import routing
from mapping.walking.profiles import DETOUR_INDEX, profile, profiles

Kinds = npt.NDArray[np.int8]
NEAREST = 8
"""How many services the walk is measured to: a second choice, a third, and what else may serve."""
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Case:
    """One category as one profile walks to it: the unit of work, which rests on nothing else.

    `rows` are the places of the services among the living ones.
    """

    category: Category
    profile: str
    supply: Supply
    rows: Ints
    doubt: Doubt
    complete: bool
    situations: tuple[Situation, ...]


@dataclass(frozen=True, eq=False)
class Assessment:
    """One category in one situation: by point the walk and the reason, by cell how many.

    `demand` is the people of each cell whom the category serves, NaN where their ages are not
    known, and `people` has residents in their place; they are off by `cv`. `shares` is the part of
    each cell that has a service within the walk, world by world; None where times are estimated.
    """

    case: Case
    situation: Situation
    walk: WalkTimes
    reasons: Kinds
    """Index into `coverage.REASONS`."""
    demand: Floats
    people: Floats
    cv: float
    shares: Worlds | None


class CaseOutcome(NamedTuple, Generic[T]):
    """What a case gives: its rows of coverage, and what was asked of each assessment."""

    blocks: list[Block]
    found: list[T]


def cases(services: gpd.GeoDataFrame, on: StudyArea, city: City, today: date) -> list[Case]:
    """Part the work: every published category, as every profile walks to it.

    Parameters
    ----------
    services : GeoDataFrame
        The columns of `tables.SERVICES`.
    on : StudyArea
        Points and streets.
    city : City
        Declares which lists are complete.
    today : date
        The windows' days are counted from here.

    Returns
    -------
    list of Case
        In the order of the taxonomy.
    """
    those = living(services)
    metric = those.geometry.to_crs(city.epsg)
    metres = metric.x.to_numpy(), metric.y.to_numpy()
    known = supply(those, metres, today, calendar_of(city))
    doubts = doubt.doubt(those, metres, today, possible=_possible(those, on))
    return [
        case
        for code in published_categories()
        for case in _cases(those, (known, doubts), category(code), city)
    ]


def living(services: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out the services that have ended.

    Parameters
    ----------
    services : GeoDataFrame
        The columns of `tables.SERVICES`.

    Returns
    -------
    GeoDataFrame
        The others, in their order.
    """
    return services[services["status"] != "defunct"]


def assess(
    of: Sequence[Case],
    on: StudyArea,
    ask: Callable[[Assessment], T],
    executor: Executor | None = None,
) -> CaseOutcome[T]:
    """Measure every case.

    Parameters
    ----------
    of : sequence of Case
        Of `cases`.
    on : StudyArea
        Points and streets.
    ask : callable
        What is kept of each assessment: all of them together would not fit into memory.
    executor : Executor, optional
        Who works through the cases: threads of this machine when left out. The answer is the same.

    Returns
    -------
    CaseOutcome
        The rows of coverage of every situation, for `summaries.table`, and what was asked; in the
        order of the cases.
    """
    work = partial(assess_one, on=on, ask=ask)
    if executor is None:
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            outcomes = list(threads.map(work, of))
    else:
        outcomes = list(executor.map(work, of))
    blocks = [block for outcome in outcomes for block in outcome.blocks]
    return CaseOutcome(blocks, [one for outcome in outcomes for one in outcome.found])


def assess_one(case: Case, on: StudyArea, ask: Callable[[Assessment], T]) -> CaseOutcome[T]:
    """Measure one case in each of its situations.

    Parameters
    ----------
    case : Case
        The category and the profile.
    on : StudyArea
        Points and streets.
    ask : callable
        What is kept of an assessment; asked only in situations in which sections are told.

    Returns
    -------
    CaseOutcome
        The same whatever else is measured, and in which order.
    """
    outcome: CaseOutcome[T] = CaseOutcome([], [])
    about = _About(case, on)
    for situation in case.situations:
        seen = about.seen(situation)
        outcome.blocks.extend(about.blocks(seen))
        if _tells(case, situation):
            outcome.found.append(ask(about.assessment(seen)))
    return outcome


def _cases(
    those: gpd.GeoDataFrame, known: tuple[Supply, Doubt], kind: Category, city: City
) -> Iterator[Case]:
    mine = those["categories"].map(lambda codes: kind.code in codes).to_numpy(bool)
    placed = those["precision"].isin(ROUTED).to_numpy(bool)
    about = city.completeness_of(kind.code)
    mine_known = known[0].take(mine & placed)
    rows, complete = np.flatnonzero(mine & placed), about.status == "complete"
    # What a complete list holds may have closed; it lacks nothing that would stand elsewhere.
    total = None if complete else about.known_total
    doubt = known[1].take(kind.code, mine & placed, mine & ~placed, total)
    for who in profiles():
        asked = tuple(one for one in situations() if one.profile == who)
        yield Case(kind, who, mine_known, rows, doubt, complete, asked)


class _CaseWalks(NamedTuple):
    """A situation of a case, point by point; `per_100` is places, None where not known."""

    situation: Situation
    standing: Kinds
    walk: WalkTimes
    walked: Walked
    reasons: Kinds
    per_100: Floats | None


class _About:
    """A case; services that are the same in two situations are walked to once."""

    def __init__(self, case: Case, on: StudyArea) -> None:
        self._case = case
        self._on = on
        self._people = _people(case.category, on.areas.cells)
        self._weighing = _weighing(self._people, on)
        self._limit = case.category.walk_minutes * 60.0
        self._found: dict[tuple[bytes, str, int], tuple[Floats, Ints]] = {}
        self._walks: dict[bytes, tuple[WalkTimes, Walked]] = {}
        self._rooms: dict[bytes, Floats | None] = {}
        self._worlds: dict[bytes, Worlds] = {}
        self._mostly: dict[tuple[bytes, str], Floats] = {}

    def seen(self, asked: Situation) -> _CaseWalks:
        case, on = self._case, self._on
        standing = standings(case.supply, asked, ways_known=on.ways_known)
        walk, walked = self._walked(standing)
        usable = standing < CLOSED
        per_100 = self._room(usable)
        norm = case.category.places_per_100_norm
        short = np.zeros(len(walk.nearest), bool)
        if per_100 is not None and norm is not None:
            short = per_100 < norm
        evidence = self._evidence(walk, usable, short)
        reasons = classes.classify(walk, evidence, self._limit)
        return _CaseWalks(asked, standing, walk, walked, reasons, per_100)

    def blocks(self, seen: _CaseWalks) -> Iterator[Block]:
        case, on = self._case, self._on
        for level in _told(case, seen.situation, on):
            head = Head(level.name, case.category.code, seen.situation, on.estimated)
            weights = self._weighing.at(level)
            more = self._often(seen, level) | self._more(seen, level)
            yield area_table.block(head, level, seen.walked, (seen.reasons, weights), more)

    def assessment(self, seen: _CaseWalks) -> Assessment:
        people, cv = self._counted
        return Assessment(
            self._case,
            seen.situation,
            seen.walk,
            seen.reasons,
            self._people,
            people,
            cv,
            self._shares(seen),
        )

    @cached_property
    def _counted(self) -> tuple[Floats, float]:
        """People of each cell, residents where ages are not known, and how far they are off."""
        counted = np.where(np.isnan(self._people), self._on.areas.cells.residents, self._people)
        everybody = self._case.category.age_min_months is None
        return counted, RESIDENTS_CV if everybody else CHILDREN_CV

    def _shares(self, seen: _CaseWalks) -> Worlds | None:
        """Share of each cell that has a service within the walk, world by world."""
        if self._on.estimated:
            return None
        key = seen.standing.tobytes()
        if key not in self._worlds:
            speed = profile(self._case.profile).metres_per_second
            reach = WalkLimit(self._limit, DETOUR_INDEX / speed)
            spread = Spread(self._on.points, self._counted[0])
            near = Near(seen.walk.nearest, seen.walk.target)
            self._worlds[key] = self._case.doubt.shares(seen.standing, near, spread, reach)
        return self._worlds[key]

    def _often(self, seen: _CaseWalks, level: Level) -> dict[str, Floats]:
        """How often most people of each area of a level have a service within the walk."""
        shares = self._shares(seen)
        if shares is None:
            return {}
        key = seen.standing.tobytes(), level.name
        if key not in self._mostly:
            counted, cv = self._counted
            groups = np.zeros(len(counted), np.int64)
            groups[self._on.points.owner] = level.groups
            people = counted, self._on.factors[cv]
            self._mostly[key] = for_most(shares, people, groups, level.areas)
        return {"confidence": self._mostly[key]}

    def _more(self, seen: _CaseWalks, level: Level) -> dict[str, Floats]:
        if not tells_people(level.name):
            return {}
        weights, groups, count = self._weighing.at(level), level.groups, level.areas
        income, owner = self._on.areas.cells.income, self._on.points.owner
        columns: dict[str, Floats] = {}
        if income is not None:
            poor = weights * np.nan_to_num(income.low_share)[owner]
            columns["share_low_income_served"] = share_of(
                seen.reasons == SERVED, poor, groups, count
            )
        if seen.per_100 is not None:
            told = ~np.isnan(seen.per_100)
            columns["places_per_100"] = mean_of(seen.per_100, weights * told, groups, count)
            columns["share_capacity_known"] = share_of(told, weights, groups, count)
        return columns

    def _walked(self, standing: Kinds) -> tuple[WalkTimes, Walked]:
        key = standing.tobytes()
        if key not in self._walks:
            walk = self._walk(standing)
            self._walks[key] = walk, Walked(walk, self._weighing)
        return self._walks[key]

    def _walk(self, standing: Kinds) -> WalkTimes:
        nearest, target = self._seconds(standing < CLOSED, NEAREST)
        each = [self._seconds(standing == code, 1) for code in range(len(STANDINGS))]
        by_standing = tuple(seconds[:, 0] for seconds, _ in each)
        of_standing = tuple(found[:, 0] for _, found in each)
        slack = self._slack(target[:, 0], self._case.profile)
        return WalkTimes(nearest, target, by_standing, of_standing, slack)

    def _room(self, usable: Bools) -> Floats | None:
        case, on = self._case, self._on
        key = usable.tobytes()
        if key not in self._rooms:
            self._rooms[key] = (
                None
                if on.estimated
                else places_per_100(
                    case.supply.take(usable),
                    on.walkers[case.profile],
                    self._weighing.people,
                    self._limit,
                    complete=case.complete,
                )
            )
        return self._rooms[key]

    def _evidence(self, walk: WalkTimes, usable: Bools, short: Bools) -> Evidence:
        case, on = self._case, self._on
        lost = walk.lost if len(case.supply.x) else np.zeros_like(walk.lost)
        no_way = astray = np.zeros_like(lost)
        if not on.estimated and case.profile != ADULT:
            seconds, slack = self._as_adult(usable)
            blocked = np.isnan(walk.seconds)
            no_way = blocked & (seconds <= self._limit)
            # A service that may stand elsewhere may stand on this side of what blocks the way.
            astray = blocked & (slack > 0) & (seconds - slack <= self._limit)
            lost = lost & np.isnan(self._as_adult(np.ones_like(usable))[0])
        if not on.estimated:
            lost = lost | on.walkers[case.profile].off_network
        return Evidence(
            complete=case.complete,
            estimated=on.estimated,
            off_network=lost,
            unplaced=np.asarray(case.doubt.possible.any(axis=0))[on.points.owner],
            no_way=no_way,
            astray=astray,
            short=short,
        )

    def _as_adult(self, rows: Bools) -> tuple[Floats, Floats]:
        """Seconds of an adult to the nearest, and how much nearer it may be."""
        seconds, target = self._seconds(rows, 1, ADULT)
        return seconds[:, 0], self._slack(target[:, 0], ADULT)

    def _slack(self, target: Ints, who: str) -> Floats:
        errors = np.append(self._case.supply.error_metres, 0.0)  # the last is that of no target
        slack: Floats = errors[target] / profile(who).metres_per_second
        return slack

    def _seconds(self, rows: Bools, count: int, who: str | None = None) -> tuple[Floats, Ints]:
        """Walk to the nearest of some services; targets are numbered among all of the case."""
        who = who or self._case.profile
        key = rows.tobytes(), who, count
        if key not in self._found:
            self._found[key] = _nearest(self._on, self._case.supply, rows, (who, count))
        return self._found[key]


def _nearest(on: StudyArea, of: Supply, rows: Bools, asked: tuple[str, int]) -> tuple[Floats, Ints]:
    (who, count), x, y = asked, of.x[rows], of.y[rows]
    if on.estimated:
        speed = profile(who).metres_per_second
        seconds, target = routing.nearest_straight(
            on.points.x, on.points.y, x, y, metres_per_second=speed
        )
        # Along straight lines only the nearest is told.
        beyond = ((0, 0), (0, count - 1))
        seconds = np.pad(seconds[:, None], beyond, constant_values=np.nan)
        target = np.pad(target[:, None], beyond, constant_values=-1)
    else:
        seconds, target = on.walkers[who].nearest(x, y, count)
    return seconds, np.append(np.flatnonzero(rows), -1)[target]


def _tells(case: Case, situation: Situation) -> bool:
    # Where nothing is known that matters in it, a situation says of a section what its base says.
    plain = (situation.window, situation.requirement) == (windows.ANY, requirements.ANY)
    return plain or case.supply.tells(situation)


def _told(case: Case, situation: Situation, on: StudyArea) -> list[Level]:
    small = _tells(case, situation)
    return [level for level in on.levels if small or level.name != SECTION]


def _people(kind: Category, cells: Cells) -> Floats:
    ages = None
    if kind.age_min_months is not None and kind.age_max_months is not None:
        ages = (kind.age_min_months, kind.age_max_months)
    return population.demand(cells.bands, cells.residents, ages)


def _weighing(people: Floats, on: StudyArea) -> Weighing:
    owner, share = on.points.owner, on.points.weight
    here = people[owner] * share
    # Where the ages are not known, residents stand in as weights; no count of people is published.
    weight = np.where(np.isnan(here), on.areas.cells.residents[owner] * share, here)
    return Weighing(here, weight, share)


def _possible(those: gpd.GeoDataFrame, on: StudyArea) -> Bools:
    """Say in which cells each record without a place may be, shape (records, cells)."""
    # A record known only by its municipio or postcode may be anywhere in it; else, anywhere.
    ids = on.areas.municipi["area_id"].to_numpy(object)[on.areas.cells.municipio].astype(str)
    everywhere = set(ids.tolist())
    may = np.zeros((len(those), len(ids)), bool)
    known = zip(those["municipio"], those["cap"], those["precision"], strict=True)
    for row, (municipio, cap, precision) in enumerate(known):
        if precision not in ROUTED:
            named = {municipio} if isinstance(municipio, str) else on.caps.get(cap, everywhere)
            may[row] = np.isin(ids, sorted(named))
    return may
