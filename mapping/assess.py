"""Coverage of every category in every situation, from services, streets and people."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from typing import Generic, NamedTuple, TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from mapping import coverage, population, requirements, summaries, surety, travel, windows
from mapping.areas import Areas, Cells
from mapping.city import City, published_categories
from mapping.confidence import Near, Reach, for_most
from mapping.coverage import CLOSED, STANDINGS, Evidence, Points, Walk
from mapping.holidays_it import calendar_of
from mapping.network import OFF_NETWORK_METRES, Network, Snaps
from mapping.profiles import detour_index, profile, profiles
from mapping.situations import ADULT, Situation, situations
from mapping.strays import Spread
from mapping.summaries import SECTION, Block, Head, Level, Walked, Weighing
from mapping.supply import Supply, standings, supply
from mapping.surety import Doubt
from mapping.tables import ROUTED
from mapping.taxonomy import Category, category
from mapping.travel import Graph
from mapping.worlds import CHILDREN_CV, RESIDENTS_CV, Worlds, factors

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Kinds = npt.NDArray[np.int8]
NEAREST = 8
"""How many services the walk is measured to: a second choice, a third, and what else may serve."""
T = TypeVar("T")


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
    def factors(self) -> dict[float, Worlds]:
        """How far the people of every cell may be off, by coefficient of variation."""
        ids = list(map(str, self.areas.cells.area_id))
        return {cv: factors(ids, cv) for cv in (CHILDREN_CV, RESIDENTS_CV)}

    @cached_property
    def levels(self) -> list[Level]:
        """The levels of areas of which coverage is told."""
        return summaries.levels(self.areas, self.points)


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

    @property
    def records(self) -> int:
        """How many records, with a place or without."""
        return len(self.rows) + len(self.doubt.lost.key)


@dataclass(frozen=True, eq=False)
class Assessment:
    """One category in one situation: by point the walk and the reason, by cell how many, how sure.

    `demand` is the people of each cell whom the category serves, NaN where their ages are not
    known, and `people` has residents in their place. `rows` are its placed services among the
    living ones, and `records` counts the others too. `shares` is the part of each cell that has a
    service within the walk, world by world; None where times are estimated.
    """

    category: Category
    situation: Situation
    walk: Walk
    reasons: Kinds
    """Index into `coverage.REASONS`."""
    records: int
    estimated: bool
    demand: Floats
    people: Floats
    rows: Ints
    shares: Worlds | None

    @property
    def people_cv(self) -> float:
        """How far the people of a cell are off."""
        return _people_cv(self.category)


class Outcome(NamedTuple, Generic[T]):
    """What a case gives: its rows of coverage, and what was asked of each assessment."""

    blocks: list[Block]
    found: list[T]


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
    those = living(services)
    metric = those.geometry.to_crs(city.epsg)
    metres = metric.x.to_numpy(), metric.y.to_numpy()
    known = supply(those, metres, today, calendar_of(city))
    doubt = surety.doubt(those, metres, today, possible=_possible(those, on))
    return [
        case
        for code in published_categories()
        for case in _cases(those, (known, doubt), category(code), city)
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
    on: Ground,
    ask: Callable[[Assessment], T],
    executor: Executor | None = None,
) -> tuple[list[Block], list[T]]:
    """Measure every case.

    Parameters
    ----------
    of : sequence of Case
        Of `cases`.
    on : Ground
        Points and streets.
    ask : callable
        What is kept of each assessment: all of them together would not fit into memory.
    executor : Executor, optional
        Who works through the cases: threads of this machine when left out. The answer is the same.

    Returns
    -------
    tuple of list
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
    return blocks, [one for outcome in outcomes for one in outcome.found]


def assess_one(case: Case, on: Ground, ask: Callable[[Assessment], T]) -> Outcome[T]:
    """Measure one case in each of its situations.

    Parameters
    ----------
    case : Case
        The category and the profile.
    on : Ground
        Points and streets.
    ask : callable
        What is kept of an assessment; asked only in situations in which sections are told.

    Returns
    -------
    Outcome
        The same whatever else is measured, and in which order.
    """
    people = _people(case.category, on.areas.cells)
    weighing = _weighing(people, on)
    walks = _Walks(case, on)
    sums: dict[int, Walked] = {}
    outcome: Outcome[T] = Outcome([], [])
    for situation in case.situations:
        walk, reasons = walks.classified(situation)
        walked = sums.setdefault(id(walk.nearest), Walked(walk, weighing))
        levels = _told(case, situation, on)
        for level in levels:
            head = Head(level.name, case.category.code, situation, on.estimated)
            kinds = reasons, weighing.at(level)
            more = walks.often(situation, level)
            outcome.blocks.append(summaries.block(head, level, walked, kinds, more))
        if levels[-1].name == SECTION:
            found = Assessment(
                case.category, situation, walk, reasons, case.records, on.estimated, people,
                walks.people, case.rows, walks.shares(situation),
            )  # fmt: skip
            outcome.found.append(ask(found))
    return outcome


def _walkers(network: Network, points: Points) -> dict[str, Walker]:
    x_y, place = np.unique(np.column_stack([points.x, points.y]), axis=0, return_inverse=True)
    graphs = {name: travel.graph(network, walker) for name, walker in profiles().items()}
    return {
        name: Walker(graph, graph.snap(*x_y.T), place.ravel()) for name, graph in graphs.items()
    }


def _cases(
    those: gpd.GeoDataFrame, known: tuple[Supply, Doubt], kind: Category, city: City
) -> Iterator[Case]:
    mine = those["categories"].map(lambda codes: kind.code in codes).to_numpy(bool)
    placed = those["precision"].isin(ROUTED).to_numpy(bool)
    about = city.completeness_of(kind.code)
    mine_known = known[0].take(mine & placed)
    doubt = known[1].take(kind.code, mine & placed, mine & ~placed, about.known_total)
    rows, complete = np.flatnonzero(mine & placed), about.status == "complete"
    for who in profiles():
        asked = tuple(one for one in situations() if one.profile == who)
        yield Case(kind, who, mine_known, rows, doubt, complete, asked)


class _Walks:
    """The walks of a case; services that are the same in two situations are walked to once."""

    def __init__(self, case: Case, on: Ground) -> None:
        self._case = case
        self._on = on
        self._found: dict[tuple[bytes, str, int], tuple[Floats, Ints]] = {}
        self._walks: dict[bytes, Walk] = {}
        self._shares: dict[bytes, Worlds] = {}
        self._often: dict[tuple[bytes, str], Floats] = {}

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
            unplaced=np.asarray(case.doubt.possible.any(axis=0))[on.points.owner],
            no_way=self._no_way(walk, standing < CLOSED, limit),
            short=np.zeros(len(walk.nearest), bool),
        )
        return walk, coverage.classify(walk, evidence, limit)

    def _walk(self, standing: Kinds) -> Walk:
        nearest, target = self._seconds(standing < CLOSED, NEAREST)
        each = [self._seconds(standing == code, 1) for code in range(len(STANDINGS))]
        errors = np.append(self._case.supply.error_metres, 0.0)  # the last is that of no target
        slack = errors[target[:, 0]] / profile(self._case.profile).metres_per_second
        by_standing = tuple(seconds[:, 0] for seconds, _ in each)
        return Walk(nearest, target, by_standing, tuple(t[:, 0] for _, t in each), slack)

    @cached_property
    def people(self) -> Floats:
        """People of each cell, residents where ages are not known."""
        cells = self._on.areas.cells
        served = _people(self._case.category, cells)
        return np.where(np.isnan(served), cells.residents, served)

    def shares(self, asked: Situation) -> Worlds | None:
        """Share of each cell that has a service within the walk, world by world."""
        if self._on.estimated:
            return None
        standing = standings(self._case.supply, asked)
        key = standing.tobytes()
        if key not in self._shares:
            walk, _ = self.classified(asked)
            speed = profile(self._case.profile).metres_per_second
            reach = Reach(self._case.category.walk_minutes * 60.0, detour_index() / speed)
            spread = Spread(self._on.points, self.people)
            near = Near(walk.nearest, walk.target)
            self._shares[key] = self._case.doubt.shares(standing, near, spread, reach)
        return self._shares[key]

    def often(self, asked: Situation, level: Level) -> dict[str, Floats]:
        """How often most people of each area of a level have a service within the walk."""
        shares = self.shares(asked)
        if shares is None:
            return {}
        key = standings(self._case.supply, asked).tobytes(), level.name
        if key not in self._often:
            groups = np.zeros(len(self.people), np.int64)
            groups[self._on.points.owner] = level.groups
            people = self.people, self._on.factors[_people_cv(self._case.category)]
            self._often[key] = for_most(shares, people, groups, level.areas)
        return {"confidence": self._often[key]}

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


def _people_cv(kind: Category) -> float:
    # Residents are counted, children estimated.
    return RESIDENTS_CV if kind.age_min_months is None else CHILDREN_CV


def _weighing(people: Floats, on: Ground) -> Weighing:
    owner, share = on.points.owner, on.points.weight
    here = people[owner] * share
    # Where the ages are not known, residents stand in as weights; no count of people is published.
    weight = np.where(np.isnan(here), on.areas.cells.residents[owner] * share, here)
    return Weighing(here, weight, share)


def _possible(those: gpd.GeoDataFrame, on: Ground) -> Bools:
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


def _inside(cells: Cells) -> npt.NDArray[np.object_]:
    points: npt.NDArray[np.object_] = shapely.point_on_surface(cells.shapes)
    return points
