"""What a plan is asked, and the ground it stands on: people, services and sites of one edition."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import shapely

from mapping.arrays import Floats, Ints
from mapping.city import City
from mapping.coverage import demand_points
from mapping.crs import require_italy, to_degrees, to_metres
from mapping.edition.edition import Edition
from mapping.errors import BadInputError, NoPlaceError
from mapping.siting.problem import Effort, Problem
from mapping.siting.scenario import Standing
from mapping.tables import AGE_BANDS, ROUTED
from mapping.taxonomy import Category, placed_category
from mapping.territory import population
from mapping.walking import routing
from mapping.walking.network import OFF_NETWORK_METRES, Network, Snaps
from mapping.walking.profiles import profile
from mapping.walking.routing import Graph

Row = dict[str, Any]
Objective = Literal["cover", "median", "capacity"]
Weight = Literal["children", "low-income"]
Candidates = Literal["premises", "services", "nodes"]
Basis = Literal["all", "verified"]

NODE_GRID_METRES = 250.0
"""Of the crossings, one in each square of this side may be proposed."""
MAX_MINUTES = 60.0
MIN_MINUTES = 5.0
"""A shorter walk would count the children of a few doors."""
MAX_COUNT = 50
MAX_SECONDS = 60.0
FARTHEST_METRES = 2000.0
"""A service to add farther than this from where anybody lives is not of this city."""


@dataclass(frozen=True)
class Ask:
    """For whom a plan is: the category, who walks how far, and which records are believed."""

    category: str
    minutes: float | None = None
    """The acceptable walk; the category's own when left out."""
    profile: str = "adult"
    basis: str = "all"
    """`all` counts every active record as a service; `verified` only those freshly assured."""
    weight: str = "children"

    def __post_init__(self) -> None:
        """Check every value against its rule."""
        placed_category(self.category)
        profile(self.profile)
        _one_of("basis", self.basis, get_args(Basis))
        _one_of("weight", self.weight, get_args(Weight))
        if self.minutes is not None and not MIN_MINUTES <= self.minutes <= MAX_MINUTES:
            raise BadInputError(
                f"minutes is {self.minutes}. Give {MIN_MINUTES:.0f} to {MAX_MINUTES:.0f}."
            )

    @property
    def kind(self) -> Category:
        """The category."""
        return placed_category(self.category)

    @property
    def walk_seconds(self) -> float:
        """The acceptable walk."""
        return 60.0 * (self.kind.walk_minutes if self.minutes is None else self.minutes)


@dataclass(frozen=True)
class SiteAsk(Ask):
    """Where the next services should be."""

    count: int = 1
    objective: str = "cover"
    candidates: str = "premises"
    places: float | None = None
    """How many new places in all; for the objective `capacity`."""
    site_places: float | None = None
    """The most that one new site may have; all of them when left out."""
    aversion: float = 0.0
    max_seconds: float = 20.0

    def __post_init__(self) -> None:
        """Check every value against its rule."""
        super().__post_init__()
        _one_of("objective", self.objective, get_args(Objective))
        _one_of("candidates", self.candidates, get_args(Candidates))
        if not 1 <= self.count <= MAX_COUNT:
            raise BadInputError(f"count is {self.count}. Give 1 to {MAX_COUNT} sites.")
        if not 0 < self.max_seconds <= MAX_SECONDS:
            raise BadInputError(f"max_seconds is {self.max_seconds}. Give up to {MAX_SECONDS:.0f}.")
        self._check_places()
        if self.aversion and self.objective != "median":
            raise BadInputError("An aversion to inequality belongs to the objective 'median'.")

    def _check_places(self) -> None:
        given = [value for value in (self.places, self.site_places) if value is not None]
        if self.objective == "capacity" and self.places is None:
            raise BadInputError("The objective 'capacity' needs places: how many in all.")
        if given and self.objective != "capacity":
            raise BadInputError("Places belong to the objective 'capacity'. Leave them out.")
        if not all(1 <= value < np.inf for value in given):
            raise BadInputError(f"Places are {given[0]:g}. Give 1 or more.")


@dataclass(frozen=True, eq=False)
class People:
    """Whom a category serves, point by point: `weight` is what a plan counts."""

    children: Floats
    bands: Floats
    """(n, 5) of them by age band."""
    weight: Floats


@dataclass(frozen=True, eq=False)
class Services:
    """The services of a category that stand, and what their records leave open."""

    rows: list[Row]
    standing: list[Standing]
    stale: int
    unverified: int
    unplaced: int
    left_out: int
    """Not counted as services, since only verified ones are believed."""


class PlanData:
    """One edition as plans need it; it holds no state between calls but what is laid out once.

    Parameters
    ----------
    edition : Edition
        An open edition.
    city : City
        Its city.

    Raises
    ------
    BadInputError
        When the edition has no streets, or does not tell where people live.
    """

    def __init__(self, edition: Edition, city: City) -> None:
        network = edition.network
        if network is None or not edition.has(demand_points.FILE):
            raise BadInputError(
                "A plan needs streets, and where people live along them. Build an edition with"
                " both: `prossima build --mirror DIR`, or with internet."
            )
        self.edition, self.city = edition, city
        self.network: Network = network
        self.demand = demand_points.from_arrow(edition.table(demand_points.FILE))
        self._graphs: dict[str, tuple[Graph, Snaps]] = {}

    def walks(self, profile_id: str) -> tuple[Graph, Snaps]:
        """Lay the streets out for a profile, and put everybody on them.

        Parameters
        ----------
        profile_id : str
            One of `profiles.profiles`.

        Returns
        -------
        tuple
            The graph, and the feet of the points of `demand`.
        """
        if profile_id not in self._graphs:
            graph = routing.graph(self.network, profile(profile_id))
            self._graphs[profile_id] = graph, graph.snap(self.demand.x, self.demand.y)
        return self._graphs[profile_id]

    @cached_property
    def level(self) -> str:
        """The smallest level of named areas: children are published from here upward."""
        if any(self.demand.nil):
            return "nil"
        return "municipio" if any(self.demand.municipio) else "municipality"

    def groups(self, level: str) -> tuple[Ints, list[Row]]:
        """Give the area of each point at a level.

        Parameters
        ----------
        level : str
            ``municipality``, ``municipio`` or ``nil``.

        Returns
        -------
        tuple
            Row of each point, -1 in none; and the areas, with area_id and name.
        """
        table = self.edition.areas.select(["level", "area_id", "name"]).to_pylist()
        rows = [row for row in table if row["level"] == level]
        if level == "municipality":
            return np.zeros(len(self.demand.x), np.int64), rows
        number = {row["area_id"]: n for n, row in enumerate(rows)}
        ids = self.demand.nil if level == "nil" else self.demand.municipio
        return np.array([number.get(area_id, -1) for area_id in ids], np.int64), rows

    def people(self, ask: Ask) -> People:
        """Count whom the category serves.

        Parameters
        ----------
        ask : Ask
            The category and the weight.

        Returns
        -------
        People
            Children of the ages that it serves; where it serves every age, all below 18.

        Raises
        ------
        BadInputError
            When no source tells ages, or incomes.
        """
        ages = (ask.kind.age_min_months or 0, ask.kind.age_max_months or 216)
        part = population.demand(np.eye(len(AGE_BANDS)), np.zeros(len(AGE_BANDS)), ages)
        bands = self.demand.bands * part
        children = bands.sum(axis=1)
        if np.isnan(children).any():
            raise BadInputError(
                f"No source tells the ages of all people of {self.city.name}: no plan can be made."
            )
        if ask.weight == "children":
            return People(children, bands, children)
        share = self.demand.low_income_share
        if np.isnan(share).all():
            raise BadInputError(
                f"No source tells incomes in {self.city.name}. Use the weight 'children'."
            )
        return People(children, bands, children * np.nan_to_num(share))

    def services(self, ask: Ask) -> Services:
        """Find the services of the category that stand.

        Parameters
        ----------
        ask : Ask
            The category, and which records are believed.

        Returns
        -------
        Services
            Those with a place.
        """
        rows = [
            row
            for row in self.edition.services.drop_columns(["geometry"]).to_pylist()
            if ask.category in row["categories"] and row["status"] != "defunct"
        ]
        placed = [row for row in rows if row["precision"] in ROUTED]
        firm = [row for row in placed if row["status"] == "active" and not row["stale"]]
        counted = firm if ask.basis == "verified" else placed
        x, y = self.metres(counted)
        standing = [
            Standing(_id(row), float(a), float(b), np.nan if row["capacity"] is None else float(
                row["capacity"]))
            for row, a, b in zip(counted, x, y, strict=True)
        ]  # fmt: skip
        return Services(
            counted,
            standing,
            sum(bool(row["stale"]) for row in counted),
            sum(row["status"] != "active" for row in counted),
            len(rows) - len(placed),
            len(placed) - len(counted),
        )

    def metres(self, rows: Sequence[Row]) -> tuple[Floats, Floats]:
        """Give the places of rows with lon and lat.

        Parameters
        ----------
        rows : sequence of dict
            Rows of a published table.

        Returns
        -------
        tuple of ndarray
            x and y.
        """
        lon, lat = [row["lon"] for row in rows], [row["lat"] for row in rows]
        return to_metres(lon, lat, self.city.epsg)

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        """Check a point at which somebody would put a service.

        Parameters
        ----------
        lon, lat : float
            Degrees.

        Returns
        -------
        tuple of float
            x and y.

        Raises
        ------
        NoPlaceError
            When nobody lives near it, or no street leads there.
        """
        require_italy(lon, lat)
        x, y = (float(value[0]) for value in to_metres([lon], [lat], self.city.epsg))
        home = self.homes_at(np.array([x]), np.array([y]))[0]
        if np.hypot(self.demand.x[home] - x, self.demand.y[home] - y) > FARTHEST_METRES:
            raise NoPlaceError(
                f"A point lies more than {FARTHEST_METRES / 1000:.0f} km from where anybody of"
                f" {self.city.name} lives. Give one in the city, longitude first."
            )
        if self.walks("adult")[0].snap([x], [y]).snap_metres[0] > OFF_NETWORK_METRES:
            raise NoPlaceError(
                f"No street is within {OFF_NETWORK_METRES:.0f} m of a point. Give one on a street."
            )
        return x, y

    def homes_at(self, x: Floats, y: Floats) -> Ints:
        """Find the point of `demand` nearest to places.

        Parameters
        ----------
        x, y : ndarray of float, shape (n,)
            Metres.

        Returns
        -------
        ndarray of int, shape (n,)
            Rows of `demand`: a place is in their area.
        """
        rows: Ints = self._homes.nearest(shapely.points(x, y)).astype(np.int64)
        return rows

    def candidates(self, ask: SiteAsk) -> list[Row]:
        """List where a service might be opened.

        Parameters
        ----------
        ask : SiteAsk
            Which kind of candidates.

        Returns
        -------
        list of dict
            id, name, kind, lon and lat.

        Raises
        ------
        BadInputError
            When the edition has none of that kind.
        """
        if ask.candidates == "nodes":
            return self._nodes()
        if ask.candidates == "services":
            return self._hosts(ask.category)
        if not self.edition.has("premises.parquet"):
            raise BadInputError(
                f"No source gives premises in {self.city.name}. Use the candidates 'services' or"
                " 'nodes'."
            )
        rows = self.edition.table("premises.parquet").to_pylist()
        return [
            {"id": row["premises_id"], **_spot(row, row["kind"])}
            for row in rows
            if ask.category == "sport" or row["kind"] != "sport"  # a racecourse is no nido
        ]

    @cached_property
    def _homes(self) -> shapely.STRtree:
        return shapely.STRtree(shapely.points(self.demand.x, self.demand.y))

    def _hosts(self, category: str) -> list[Row]:
        rows = [
            row
            for row in self.edition.services.drop_columns(["geometry"]).to_pylist()
            if category not in row["categories"]
            and row["precision"] in ROUTED
            and row["status"] == "active"
        ]
        return [{"id": _id(row), **_spot(row, row["category"])} for row in rows]

    def _nodes(self) -> list[Row]:
        x, y = self.network.node_x, self.network.node_y
        square = np.column_stack([x // NODE_GRID_METRES, y // NODE_GRID_METRES])
        nodes = np.unique(square, axis=0, return_index=True)[1]
        lon, lat = to_degrees(x[nodes], y[nodes], self.city.epsg)
        names = self._street_names()
        return [
            {"id": f"incrocio:{node}", "name": names.get(int(node)),
             "kind": "incrocio", "lon": float(a), "lat": float(b)}
            for node, a, b in zip(nodes, lon, lat, strict=True)
        ]  # fmt: skip

    def _street_names(self) -> dict[int, str]:
        net, names = self.network, {}
        for edge in np.flatnonzero(net.edge_name >= 0).tolist():
            for node in (int(net.edge_u[edge]), int(net.edge_v[edge])):
                names[node] = net.names[int(net.edge_name[edge])]
        return names


def problem_of(
    ground: PlanData, ask: SiteAsk, services: Services, candidates: Sequence[Row], people: People
) -> Problem:
    """Walk from everybody to every service that stands or might be opened.

    Parameters
    ----------
    ground : PlanData
        Streets and people.
    ask : SiteAsk
        How far, and how many places.
    services : Services
        Sites 0 to f - 1.
    candidates : sequence of dict
        Sites f to s - 1.
    people : People
        What is counted.

    Returns
    -------
    Problem
        For the objective `median`, walks of up to twice the acceptable one.
    """
    graph, homes = ground.walks(ask.profile)
    x, y = ground.metres(candidates)
    fixed = services.standing
    feet = graph.snap(np.append([s.x for s in fixed], x), np.append([s.y for s in fixed], y))
    seconds = routing.matrix(
        graph, homes, routing.targets(graph, feet), max_seconds=farthest_seconds(ask)
    )
    most = np.inf if ask.site_places is None else ask.site_places
    places = np.append([s.places for s in fixed], np.full(len(candidates), most))
    return Problem(seconds, people.weight, np.arange(len(places)) < len(fixed), places)


def farthest_seconds(ask: SiteAsk) -> float:
    """Give the longest walk that a plan looks at.

    Parameters
    ----------
    ask : SiteAsk
        The objective and the acceptable walk.

    Returns
    -------
    float
        Twice the acceptable walk for `median`, which counts it for whoever is farther.
    """
    return ask.walk_seconds * (2 if ask.objective == "median" else 1)


def effort(ask: SiteAsk) -> Effort:
    """Give the time that a plan may take.

    Parameters
    ----------
    ask : SiteAsk
        With a limit.

    Returns
    -------
    Effort
        The limit, and the usual gap.
    """
    return Effort(max_seconds=ask.max_seconds)


def whole_people(number: float) -> int | None:
    """Round people to a multiple of 5, as they are published; None if not known."""
    return None if np.isnan(number) else int(population.rounded(number))


def _spot(row: Row, kind: str) -> Row:
    return {"name": row["name"], "kind": kind, "lon": row["lon"], "lat": row["lat"]}


def _id(row: Row) -> str:
    return f"{row['service_id']}|{row['location_id']}"


def _one_of(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise BadInputError(f"Unknown {name} '{value}'. Use one of: {', '.join(known)}.")
