"""Coverage and grey zones of every category in every situation, from services, streets, people."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapping import coverage, greyzones, population, requirements, summaries, travel, windows
from mapping.areas import Areas, Cells
from mapping.city import City, published_categories
from mapping.coverage import CLOSED, REASONS, SERVED, STANDINGS, Evidence, Points, Walk
from mapping.crs import WGS84
from mapping.groups import weighted_median
from mapping.holidays_it import calendar_of
from mapping.network import OFF_NETWORK_METRES, Network, Snaps
from mapping.profiles import profile, profiles
from mapping.situations import ADULT, BASE, Situation, situations
from mapping.summaries import SECTION, Block, Head, Level, Walked, Weighing
from mapping.supply import Supply, standings, supply
from mapping.tables import GREYZONES, ROUTED
from mapping.taxonomy import Category, category
from mapping.travel import Graph

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Kinds = npt.NDArray[np.int8]
NEAREST = 3
"""How many services the walk is measured to: a second choice, and a third."""


class Walker(NamedTuple):
    """The streets as one profile walks them, and the points as it stands on them.

    A street that belongs to both its sides is walked once: `snaps` are the feet of the places at
    which points are, and `place` (n,) says at which of them each point is.
    """

    graph: Graph
    snaps: Snaps
    place: Ints

    @property
    def off_network(self) -> Bools:
        """Points farther from any street than may be called on the network."""
        far: Bools = (self.snaps.snap_metres > OFF_NETWORK_METRES)[self.place]
        return far

    def nearest(self, x: Floats, y: Floats, count: int) -> tuple[Floats, Ints]:
        """Walk from every point to the nearest of some services.

        Parameters
        ----------
        x, y : ndarray of float, shape (s,)
            The services, metres.
        count : int
            How many of them, k.

        Returns
        -------
        tuple of ndarray, shape (n, k)
            Seconds and services, as `travel.nearest_k`.
        """
        targets = travel.targets(self.graph, self.graph.snap(x, y))
        seconds, target = travel.nearest_k(self.graph, self.snaps, targets, count=count)
        return seconds[self.place], target[self.place]


@dataclass(frozen=True)
class Ground:
    """What every category is measured on: the points where people set out, and the streets.

    `walkers` has the streets of each profile, and is empty without streets; `caps` gives the
    municipi in which civic numbers of each postcode stand.
    """

    areas: Areas
    points: Points
    walkers: Mapping[str, Walker]
    caps: Mapping[str, set[str]] = field(default_factory=dict)

    @property
    def estimated(self) -> bool:
        """Whether there are no streets, and times are estimated."""
        return not self.walkers

    @cached_property
    def levels(self) -> list[Level]:
        """The levels of areas of which coverage is told."""
        return summaries.levels(self.areas, self.points)


@dataclass(frozen=True, eq=False)
class Case:
    """One category as one profile walks to it: the unit of work, which rests on nothing else.

    `unplaced` marks the cells where a record without a place may be.
    """

    category: Category
    profile: str
    supply: Supply
    records: int
    complete: bool
    unplaced: Bools
    situations: tuple[Situation, ...]


@dataclass(frozen=True, eq=False)
class Assessment:
    """One category in one situation: per point the walk, the reason, and how many it stands for."""

    category: Category
    situation: Situation
    walk: Walk
    reasons: Kinds
    """Index into `coverage.REASONS`."""
    records: int
    estimated: bool
    demand: Floats
    """People of each cell whom the category serves; NaN where their ages are not known."""


class Outcome(NamedTuple):
    """What a case gives: its rows of coverage, and the points of the situations of grey zones."""

    blocks: list[Block]
    assessments: list[Assessment]


def ground(areas: Areas, network: Network | None, caps: Mapping[str, set[str]]) -> Ground:
    """Spread the people of the city over its streets.

    Parameters
    ----------
    areas : Areas
        The city's areas.
    network : Network or None
        The streets; without them times are estimated.
    caps : mapping of str to set of str
        Postcode to municipi.

    Returns
    -------
    Ground
        Points with their snaps.
    """
    cells = areas.cells
    if network is not None and cells.outlined:
        points = coverage.street_points(network, cells.shapes)
        return Ground(areas, points, _walkers(network, points), caps)
    if cells.level == SECTION or not cells.outlined:
        return Ground(areas, coverage.area_points(_inside(cells)), {}, caps)
    return Ground(areas, coverage.surface_points(cells.shapes), {}, caps)


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


def assess(
    of: Sequence[Case], on: Ground, executor: Executor | None = None
) -> tuple[list[Block], list[Assessment]]:
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
    tuple of list
        The rows of coverage of every situation, for `summaries.table`, and the assessments from
        which grey zones are made; in the order of the cases.
    """
    work = partial(assess_one, on=on)
    if executor is None:
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            outcomes = list(threads.map(work, of))
    else:
        outcomes = list(executor.map(work, of))
    blocks = [block for outcome in outcomes for block in outcome.blocks]
    return blocks, [found for outcome in outcomes for found in outcome.assessments]


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
    people = _people(case.category, on.areas.cells)
    weighing = _weighing(people, on)
    walks = _Walks(case, on)
    sums: dict[int, Walked] = {}
    outcome = Outcome([], [])
    for situation in case.situations:
        walk, reasons = walks.classified(situation)
        walked = sums.setdefault(id(walk.nearest), Walked(walk, weighing))
        for level in _told(case, situation, on):
            head = Head(level.name, case.category.code, situation, on.estimated)
            kinds = reasons, weighing.at(level)
            outcome.blocks.append(summaries.block(head, level, walked, kinds, {}))
        if situation == BASE:
            found = Assessment(
                case.category, situation, walk, reasons, case.records, on.estimated, people
            )
            outcome.assessments.append(found)
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


def _walkers(network: Network, points: Points) -> dict[str, Walker]:
    x_y, place = np.unique(np.column_stack([points.x, points.y]), axis=0, return_inverse=True)
    graphs = {name: travel.graph(network, walker) for name, walker in profiles().items()}
    return {
        name: Walker(graph, graph.snap(*x_y.T), place.ravel()) for name, graph in graphs.items()
    }


def _cases(
    living: gpd.GeoDataFrame, known: Supply, code: str, on: Ground, city: City
) -> Iterator[Case]:
    mine = living["categories"].map(lambda codes: code in codes).to_numpy(bool)
    placed = living["precision"].isin(ROUTED).to_numpy(bool)
    unplaced = _unplaced(living[mine & ~placed], on)
    complete = city.completeness_of(code).status == "complete"
    mine_known = known.take(mine & placed)
    for who in profiles():
        asked = tuple(one for one in situations() if one.profile == who)
        yield Case(category(code), who, mine_known, int(mine.sum()), complete, unplaced, asked)


class _Walks:
    """The walks of a case; services that are the same in two situations are walked to once."""

    def __init__(self, case: Case, on: Ground) -> None:
        self._case = case
        self._on = on
        self._found: dict[tuple[bytes, str, int], tuple[Floats, Ints]] = {}
        self._walks: dict[bytes, Walk] = {}

    def classified(self, asked: Situation) -> tuple[Walk, Kinds]:
        case, on = self._case, self._on
        standing = standings(case.supply, asked)
        key = standing.tobytes()
        if key not in self._walks:
            self._walks[key] = self._walk(standing)
        walk = self._walks[key]
        limit = case.category.walk_minutes * 60.0
        evidence = Evidence(
            complete=case.complete,
            estimated=on.estimated,
            off_network=self._off_network(walk),
            unplaced=case.unplaced[on.points.owner],
            no_way=self._no_way(walk, standing < CLOSED, limit),
            short=np.zeros(len(walk.nearest), bool),
        )
        return walk, coverage.classify(walk, evidence, limit)

    def _walk(self, standing: Kinds) -> Walk:
        nearest, target = self._seconds(standing < CLOSED, NEAREST)
        each = (self._seconds(standing == code, 1)[0][:, 0] for code in range(len(STANDINGS)))
        errors = np.append(self._case.supply.error_metres, 0.0)  # the last is that of no target
        slack = errors[target[:, 0]] / profile(self._case.profile).metres_per_second
        return Walk(nearest, target, tuple(each), slack)

    def _off_network(self, walk: Walk) -> Bools:
        on = self._on
        lost = walk.lost if len(self._case.supply.x) else np.zeros_like(walk.lost)
        return lost if on.estimated else lost | on.walkers[self._case.profile].off_network

    def _no_way(self, walk: Walk, open_to: Bools, limit: float) -> Bools:
        """Points from which an adult is within the walk, and this profile can reach nothing."""
        if self._case.profile == ADULT or self._on.estimated:
            return np.zeros(len(walk.nearest), bool)
        seconds, _ = self._seconds(open_to, 1, ADULT)
        reached: Bools = (seconds[:, 0] <= limit) & np.isnan(walk.seconds)
        return reached

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


def _unplaced(records: gpd.GeoDataFrame, on: Ground) -> npt.NDArray[np.bool_]:
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


def _inside(cells: Cells) -> npt.NDArray[np.object_]:
    points: npt.NDArray[np.object_] = shapely.point_on_surface(cells.shapes)
    return points
