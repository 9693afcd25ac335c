"""Coverage and grey zones of every category in every situation, from services, streets, people."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapping import coverage, greyzones, population, requirements, summaries, travel, windows
from mapping.areas import Areas, Cells
from mapping.city import City, published_categories
from mapping.coverage import CLOSED, REASONS, SERVED, STANDINGS, Evidence, Walk
from mapping.crs import WGS84
from mapping.ground import SECTION, Ground, Level
from mapping.groups import mean_of, share_of, weighted_median
from mapping.holidays_it import calendar_of
from mapping.profiles import profile, profiles
from mapping.room import places_per_100
from mapping.situations import ADULT, BASE, Situation, situations
from mapping.summaries import Block, Head, Walked, Weighing
from mapping.supply import Supply, standings, supply
from mapping.tables import GREYZONES, ROUTED
from mapping.taxonomy import Category, category

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Kinds = npt.NDArray[np.int8]
NEAREST = 3
"""How many services the walk is measured to: a second choice, and a third."""


@dataclass(frozen=True, eq=False)
class Case:
    """One category as one profile walks to it: the unit of work, which rests on nothing else.

    `placed` are its services that have a place, in the order of `supply`, and `unplaced` the
    others; `absent` marks the cells where one of these may be.
    """

    category: Category
    profile: str
    supply: Supply
    placed: gpd.GeoDataFrame
    unplaced: gpd.GeoDataFrame
    absent: Bools
    complete: bool
    situations: tuple[Situation, ...]


@dataclass(frozen=True, eq=False)
class Assessment:
    """One category in one situation: per point the walk and the reason; what it rests on."""

    category: Category
    situation: Situation
    walk: Walk
    """Its targets are rows of `placed`."""
    reasons: Kinds
    """Index into `coverage.REASONS`."""
    placed: gpd.GeoDataFrame
    unplaced: gpd.GeoDataFrame
    estimated: bool
    demand: Floats
    """People of each cell whom the category serves; NaN where their ages are not known."""

    @property
    def records(self) -> int:
        """On how many records it rests."""
        return len(self.placed) + len(self.unplaced)


class Outcome(NamedTuple):
    """What cases give: rows of coverage, and the assessments for grey zones."""

    blocks: list[Block]
    assessments: list[Assessment]


def cases(services: gpd.GeoDataFrame, on: Ground, city: City, today: date) -> list[Case]:
    """Part the work: every published category, as every profile walks to it.

    Parameters
    ----------
    services : GeoDataFrame
        The columns of `tables.SERVICES`.
    on : Ground
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
    living = services[services["status"] != "defunct"]
    metric = living.geometry.to_crs(city.epsg)
    metres = metric.x.to_numpy(), metric.y.to_numpy()
    known = supply(living, metres, today, calendar_of(city))
    return [
        case for code in published_categories() for case in _cases(living, known, code, on, city)
    ]


def assess(of: Sequence[Case], on: Ground, executor: Executor | None = None) -> Outcome:
    """Measure every case.

    Parameters
    ----------
    of : sequence of Case
        Of `cases`.
    on : Ground
        Points and streets.
    executor : Executor, optional
        Who works through the cases: threads of this machine when left out. The answer is the same.

    Returns
    -------
    Outcome
        In the order of the cases.
    """
    work = partial(assess_one, on=on)
    if executor is None:
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            found = list(threads.map(work, of))
    else:
        found = list(executor.map(work, of))
    return Outcome(
        [block for one in found for block in one.blocks],
        [assessment for one in found for assessment in one.assessments],
    )


def assess_one(case: Case, on: Ground) -> Outcome:
    """Measure one case in each of its situations.

    Parameters
    ----------
    case : Case
        The category and the profile.
    on : Ground
        Points and streets.

    Returns
    -------
    Outcome
        The same whatever else is measured, and in which order.
    """
    outcome = Outcome([], [])
    about = _About(case, on)
    for situation in case.situations:
        seen = about.seen(situation)
        outcome.blocks.extend(about.blocks(seen))
        if situation == BASE:
            outcome.assessments.append(about.assessment(seen))
    return outcome


def greyzone_table(assessments: list[Assessment], on: Ground, city: City) -> gpd.GeoDataFrame:
    """Join neighbouring cells of one class and reason into zones, category by category.

    Parameters
    ----------
    assessments : list of Assessment
        Of `assess`.
    on : Ground
        The ground on which they were made.
    city : City
        Gives the reference system.

    Returns
    -------
    GeoDataFrame
        The columns of `tables.GREYZONES` and the outline in EPSG:4326; empty when the cells are
        points, which have no border.
    """
    rows: list[dict[str, object]] = []
    outlines: list[shapely.Geometry] = []
    if on.areas.cells.level == "section":
        pairs = greyzones.neighbours(on.areas.cells.shapes)
        for assessment in assessments:
            for zone, row in _zones(assessment, on, pairs):
                outlines.append(zone.outline)
                rows.append(row)
    frame = pd.DataFrame(rows, columns=GREYZONES.names)
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(outlines, crs=city.epsg)).to_crs(WGS84)


def _cases(
    living: gpd.GeoDataFrame, known: Supply, code: str, on: Ground, city: City
) -> Iterator[Case]:
    mine = living["categories"].map(lambda codes: code in codes).to_numpy(bool)
    placed = living["precision"].isin(ROUTED).to_numpy(bool)
    unplaced = living[mine & ~placed]
    about = (
        known.take(mine & placed),
        living[mine & placed],
        unplaced,
        _absent(unplaced, on),
        city.completeness_of(code).status == "complete",
    )
    for who in profiles():
        asked = tuple(one for one in situations() if one.profile == who)
        yield Case(category(code), who, *about, asked)


class _Seen(NamedTuple):
    """A situation of a case, point by point; `per_100` is places, None where not known."""

    situation: Situation
    walk: Walk
    walked: Walked
    reasons: Kinds
    per_100: Floats | None


class _About:
    """A case; services that are the same in two situations are walked to once."""

    def __init__(self, case: Case, on: Ground) -> None:
        self._case = case
        self._on = on
        self._people = _people(case.category, on.areas.cells)
        self._weighing = _weighing(self._people, on)
        self._limit = case.category.walk_minutes * 60.0
        self._found: dict[tuple[bytes, str, int], tuple[Floats, Ints]] = {}
        self._walks: dict[bytes, tuple[Walk, Walked]] = {}
        self._rooms: dict[bytes, Floats | None] = {}

    def seen(self, asked: Situation) -> _Seen:
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
        reasons = coverage.classify(walk, evidence, self._limit)
        return _Seen(asked, walk, walked, reasons, per_100)

    def blocks(self, seen: _Seen) -> Iterator[Block]:
        case, on = self._case, self._on
        for level in _told(case, seen.situation, on):
            head = Head(level.name, case.category.code, seen.situation, on.estimated)
            weights = self._weighing.at(level)
            more = {} if level.name == SECTION else self._more(seen, level)
            yield summaries.block(head, level, seen.walked, (seen.reasons, weights), more)

    def assessment(self, seen: _Seen) -> Assessment:
        case = self._case
        return Assessment(
            case.category,
            seen.situation,
            seen.walk,
            seen.reasons,
            case.placed,
            case.unplaced,
            self._on.estimated,
            self._people,
        )

    def _more(self, seen: _Seen, level: Level) -> dict[str, Floats]:
        weights, groups, count = self._weighing.at(level), level.groups, level.areas
        income, owner = self._on.areas.cells.income, self._on.points.owner
        columns = {}
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

    def _walked(self, standing: Kinds) -> tuple[Walk, Walked]:
        key = standing.tobytes()
        if key not in self._walks:
            walk = self._walk(standing)
            self._walks[key] = walk, Walked(walk, self._weighing)
        return self._walks[key]

    def _walk(self, standing: Kinds) -> Walk:
        nearest, target = self._seconds(standing < CLOSED, NEAREST)
        each = (self._seconds(standing == code, 1)[0][:, 0] for code in range(len(STANDINGS)))
        return Walk(nearest, target, tuple(each), self._slack(target[:, 0], self._case.profile))

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

    def _evidence(self, walk: Walk, usable: Bools, short: Bools) -> Evidence:
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
            unplaced=case.absent[on.points.owner],
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


def _nearest(on: Ground, of: Supply, rows: Bools, asked: tuple[str, int]) -> tuple[Floats, Ints]:
    (who, count), x, y = asked, of.x[rows], of.y[rows]
    if on.estimated:
        speed = profile(who).metres_per_second
        seconds, target = travel.nearest_straight(
            on.points.x, on.points.y, x, y, metres_per_second=speed
        )
        # Along straight lines only the nearest is told.
        beyond = ((0, 0), (0, count - 1))
        seconds = np.pad(seconds[:, None], beyond, constant_values=np.nan)
        target = np.pad(target[:, None], beyond, constant_values=-1)
    else:
        seconds, target = on.walkers[who].nearest(x, y, count)
    return seconds, np.append(np.flatnonzero(rows), -1)[target]


def _told(case: Case, situation: Situation, on: Ground) -> list[Level]:
    # Where nothing is known that matters in it, a situation says of a section what its base says.
    plain = (situation.window, situation.requirement) == (windows.ANY, requirements.ANY)
    small = plain or case.supply.tells(situation)
    return [level for level in on.levels if small or level.name != SECTION]


def _people(kind: Category, cells: Cells) -> Floats:
    ages = None
    if kind.age_min_months is not None and kind.age_max_months is not None:
        ages = (kind.age_min_months, kind.age_max_months)
    return population.demand(cells.bands, cells.residents, ages)


def _weighing(people: Floats, on: Ground) -> Weighing:
    owner, share = on.points.owner, on.points.weight
    here = people[owner] * share
    # Where the ages are not known, residents stand in as weights; no count of people is published.
    weight = np.where(np.isnan(here), on.areas.cells.residents[owner] * share, here)
    return Weighing(here, weight, share)


def _absent(records: gpd.GeoDataFrame, on: Ground) -> npt.NDArray[np.bool_]:
    # A record known only by its municipio or postcode may be anywhere in it; else, anywhere.
    ids = on.areas.municipi["area_id"].to_numpy(object)[on.areas.cells.municipio]
    everywhere = set(map(str, ids))
    possible: set[str] = set()
    for municipio, cap in zip(records["municipio"], records["cap"], strict=True):
        possible |= {municipio} if isinstance(municipio, str) else on.caps.get(cap, everywhere)
    return np.isin(ids.astype(str), sorted(possible))


def _zones(
    assessment: Assessment, on: Ground, pairs: tuple[Ints, Ints]
) -> list[tuple[greyzones.Zone, dict[str, object]]]:
    cells, points = on.areas.cells, on.points
    count = len(cells.residents)
    main = coverage.main_reason(assessment.reasons, points.weight, points.owner, count)
    people = np.where(np.isnan(assessment.demand), cells.residents, assessment.demand)
    grey = np.flatnonzero((main > SERVED) & (people > 0))
    zones = greyzones.zones(cells.shapes, main, grey, pairs)
    label = np.full(count, -1)
    for number, zone in enumerate(zones):
        label[zone.members] = number
    here = label[points.owner] >= 0
    medians = weighted_median(
        assessment.walk.seconds[here],
        (people[points.owner] * points.weight)[here],
        label[points.owner][here],
        len(zones),
    )
    return [
        (zone, _zone_row(assessment, on.areas, zone, people, seconds))
        for zone, seconds in zip(zones, medians, strict=True)
    ]


def _zone_row(
    assessment: Assessment, areas: Areas, zone: greyzones.Zone, people: Floats, seconds: float
) -> dict[str, object]:
    cells, named = areas.cells, len(areas.nil) > 0
    of, parts = (cells.nil, areas.nil) if named else (cells.municipio, areas.municipi)
    by_part = np.bincount(of[zone.members], people[zone.members], len(parts))
    part = parts.iloc[int(by_part.argmax())]
    total = population.rounded(assessment.demand[zone.members].sum())
    class_name = coverage.class_of(zone.reason)
    kind = assessment.category
    ids = [str(area_id) for area_id in cells.area_id[zone.members]]
    return {
        "zone_id": greyzones.zone_id(kind.code, class_name, ids),
        "category": kind.code,
        "class": class_name,
        "reason": REASONS[zone.reason],
        "name": part["name"],
        "nil": part["area_id"] if named else None,
        "municipio": part["parent"] if named else part["area_id"],
        "sections": len(ids),
        "demand": total if len(ids) > 1 else np.nan,
        "seconds": round(float(seconds), 1),
        "walk_minutes": kind.walk_minutes,
        "records": assessment.records,
    }
