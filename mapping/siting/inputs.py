"""One edition as plans need it: people, services and candidate sites on its streets."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import shapely
from scipy.sparse import csr_array

from mapping.arrays import Floats, Ints
from mapping.city import City
from mapping.coverage import demand_points
from mapping.crs import require_italy, to_degrees, to_metres
from mapping.disclosure import rounded
from mapping.edition.edition import Edition
from mapping.edition.queries import (
    completeness,
    incomplete,
    knows_streets_beyond,
    listed_services,
)
from mapping.errors import (
    BadInputError,
    NoPlaceError,
    NoRecordsError,
    NothingCountedError,
    UndeclaredDemandError,
)
from mapping.services.service_row import ServiceRow
from mapping.siting.asks import Ask, SiteAsk, farthest_seconds
from mapping.siting.border_walks import BorderWalks, border_walks, no_border_walks
from mapping.siting.problem import Problem
from mapping.siting.scenario import ExistingService
from mapping.tables import AGE_BANDS, Row
from mapping.taxonomy import Category
from mapping.territory import population
from mapping.walking import routing
from mapping.walking.network import Network
from mapping.walking.profiles import profile
from mapping.walking.routing import Graph
from mapping.walking.snapping import OFF_NETWORK_METRES, Snaps

NODE_GRID_METRES = 250
"""Of the crossings, one in each square of this side may be proposed."""
SAME_SITE_METRES = 1.0
FARTHEST_METRES = 2000.0
"""A service to add farther than this from where anybody lives is not of this city."""


@dataclass(frozen=True, eq=False)
class People:
    """Whom a category serves, point by point: `weight` is what a plan counts."""

    served: Floats
    bands: Floats
    """(n, 5) of them by age band; 0 where they are not counted by age."""
    weight: Floats


@dataclass(frozen=True, eq=False)
class Services:
    """The services of a category that stand, and what their records leave open."""

    rows: list[ServiceRow]
    standing: list[ExistingService]
    stale: int
    unverified: int
    unplaced: int
    left_out: int
    """Not counted as services, here or over the border, since only verified ones are believed."""
    complete: bool
    """Whether their list is declared complete, in the whole city."""
    outside_rows: list[ServiceRow] = field(default_factory=list)
    """Those over the border: they are walked to, and have no places to give."""
    outside: list[ExistingService] = field(default_factory=list)

    @property
    def reached(self) -> list[ExistingService]:
        """What is walked to: the city's, then those over the border."""
        return [*self.standing, *self.outside]

    @property
    def tells_minutes(self) -> bool:
        """Whether the nearest that counts is the nearest that is known, as far as places are."""
        return not self.left_out

    @property
    def tells_places(self) -> bool:
        """Whether an area without any of them is known to have no place, as lists tell of it."""
        has_places = any(not np.isnan(service.places) for service in self.standing)
        return self.complete and not self.unplaced and has_places


class PlanData:
    """One edition as plans need it; what several plans share is computed once.

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
        self._groups: dict[str, tuple[Ints, list[Row]]] = {}
        self._border_walks: dict[tuple[str, tuple[str, ...]], BorderWalks] = {}

    def walks(self, profile_id: str) -> tuple[Graph, Snaps]:
        """Give the streets weighted for a profile, and the points of `demand` snapped to them."""
        if profile_id not in self._graphs:
            graph = routing.graph(self.network, profile(profile_id))
            self._graphs[profile_id] = graph, graph.snap(self.demand.x, self.demand.y)
        return self._graphs[profile_id]

    def border_walks(self, profile_id: str, outside: Sequence[ExistingService]) -> BorderWalks:
        """Estimate walks to services over the border, as coverage does.

        Parameters
        ----------
        profile_id : str
            Who walks.
        outside : sequence of ExistingService
            The services.

        Returns
        -------
        BorderWalks
            From the points of `demand`; of none where all streets there are known.
        """
        if not outside or knows_streets_beyond(self.edition):
            return no_border_walks(len(outside))
        key = profile_id, tuple(service.id for service in outside)
        if key not in self._border_walks:
            x, y = (np.array([getattr(place, axis) for place in outside]) for axis in "xy")
            homes = self.demand.x, self.demand.y
            self._border_walks[key] = border_walks(self.walks(profile_id), homes, (x, y))
        return self._border_walks[key]

    def prepare(self, profile_ids: Iterable[str]) -> None:
        """Read now what plans share, so that no plan has to: walks of profiles, homes, areas."""
        for profile_id in profile_ids:
            with suppress(BadInputError):  # one that can use no street here
                self.walks(profile_id)
        self._homes.query(shapely.Point(0, 0))  # the first query builds the index
        self.groups(self.level)

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
        if level not in self._groups:
            self._groups[level] = self._grouped(level)
        return self._groups[level]

    def _grouped(self, level: str) -> tuple[Ints, list[Row]]:
        table = self.edition.areas.select(["level", "area_id", "name"]).to_pylist()
        rows = [row for row in table if row["level"] == level]
        if level == "municipality":
            return np.zeros(len(self.demand.x), np.int64), rows
        number = {row["area_id"]: n for n, row in enumerate(rows)}
        ids = self.demand.nil if level == "nil" else self.demand.municipio
        return np.array([number.get(area_id, -1) for area_id in ids], np.int64), rows

    def people(self, ask: Ask) -> People:
        """Count whom the category is declared to be for.

        Raises UndeclaredDemandError when nobody has declared it, and BadInputError when no source
        tells ages, or incomes where they are the weight.
        """
        served, bands = self._served(ask.kind)
        if np.isnan(served).any():
            raise BadInputError(
                f"No source tells the ages of all people of {self.city.name}: no plan can be made."
            )
        if ask.weight == "people":
            return People(served, bands, served)
        share = self.demand.low_income_share
        if np.isnan(share).all():
            raise BadInputError(
                f"No source tells incomes in {self.city.name}. Use the weight 'people'."
            )
        return People(served, bands, served * np.nan_to_num(share))

    def _served(self, kind: Category) -> tuple[Floats, Floats]:
        if not kind.is_demand_declared:
            raise UndeclaredDemandError(kind.code)
        if kind.counted_ages is None:
            counted = {"residents": self.demand.residents, "women_15_49": self.demand.women}
            return counted[str(kind.demand)], np.zeros_like(self.demand.bands)
        nobody = np.zeros(len(AGE_BANDS))
        part = population.demand(np.eye(len(AGE_BANDS)), nobody, kind.counted_ages)
        # A band that the category does not serve may be unknown.
        bands = np.where(part > 0, self.demand.bands * part, 0.0)
        return bands.sum(axis=1), bands

    def services(self, ask: Ask) -> Services:
        """Find the services of the category with a place, and count what records leave open.

        Raises NoRecordsError when none is known, with a place or without, and NothingCountedError
        when none of them counts: nothing is walked to.
        """
        rows = listed_services(self.edition, ask.category)
        if not rows:
            raise NoRecordsError(ask.category)
        placed = [row for row in rows if row.is_routed]
        verified = [row for row in placed if row.is_verified]
        counted = verified if ask.basis == "verified" else placed
        outside, outside_sites, outside_left_out = self._outside(ask)
        if not counted and not outside:
            raise NothingCountedError(ask.category, len(rows))
        x, y = self.metres([{"lon": row.lon, "lat": row.lat} for row in counted])
        standing = [
            ExistingService(_id(row), float(a), float(b), np.nan if row.capacity is None else float(
                row.capacity))
            for row, a, b in zip(counted, x, y, strict=True)
        ]  # fmt: skip
        return Services(
            counted,
            standing,
            sum(row.stale for row in counted),
            sum(row.status != "active" for row in counted),
            len(rows) - len(placed),
            len(placed) - len(counted) + outside_left_out,
            not incomplete(completeness(self.edition, [ask.category])),
            outside,
            outside_sites,
        )

    def _outside(self, ask: Ask) -> tuple[list[ServiceRow], list[ExistingService], int]:
        """Give the services over the border, their sites, and how many are not believed."""
        listed = [
            row
            for row in self.edition.outside_rows
            if row.is_destination and ask.category in row.categories
        ]
        rows = [row for row in listed if row.is_verified or ask.basis != "verified"]
        x, y = self.metres([{"lon": row.lon, "lat": row.lat} for row in rows])
        places = zip(rows, x.tolist(), y.tolist(), strict=True)
        sites = [ExistingService(_id(row), a, b, 0.0) for row, a, b in places]
        return list(rows), sites, len(listed) - len(rows)

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
        """Check a point in degrees where a service would stand, and give its site in metres.

        That is a premises that stands there, or else the nearest of the crossings that may be
        proposed: points tried one beside the other would tell who lives between them. Raises
        NoPlaceError when nobody lives near it, or no street leads there.
        """
        require_italy(lon, lat)
        x, y = (float(value[0]) for value in to_metres([lon], [lat], self.city.epsg))
        home = self.homes_at(np.array([x]), np.array([y]))[0]
        if np.hypot(self.demand.x[home] - x, self.demand.y[home] - y) > FARTHEST_METRES:
            raise NoPlaceError(
                f"A point lies more than {FARTHEST_METRES / 1000:.0f} km from where anybody of"
                f" {self.city.name} lives. Give one in the city, longitude first."
            )
        if self.walks("adult")[0].snap([x], [y]).off_network[0]:
            raise NoPlaceError(
                f"No street is within {OFF_NETWORK_METRES:.0f} m of a point. Give one on a street."
            )
        site = self._sites.query_nearest(shapely.Point(x, y), max_distance=SAME_SITE_METRES)
        if len(site):
            return x, y
        crossing = self._crossings.geometries[self._crossings.nearest(shapely.Point(x, y))]
        return float(crossing.x), float(crossing.y)

    def degrees(self, x: float | None, y: float | None) -> Row:
        """Give a site as `lon` and `lat`; both None where it does not move."""
        if x is None or y is None:
            return {"lon": None, "lat": None}
        lon, lat = to_degrees([x], [y], self.city.epsg)
        return {"lon": round(float(lon[0]), 6), "lat": round(float(lat[0]), 6)}

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
        """List possible sites: id, name (None for a nameless street), kind, lon and lat.

        Raises BadInputError when the edition has none of that kind.
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
    def _sites(self) -> shapely.STRtree:
        """The premises and services that may be hosts: known to everybody, and kept as they are."""
        rows: list[Row] = []
        if self.edition.has("premises.parquet"):
            rows += self.edition.table("premises.parquet").select(["lon", "lat"]).to_pylist()
        rows += [
            {"lon": row.lon, "lat": row.lat} for row in self.edition.service_rows if row.is_routed
        ]
        return shapely.STRtree(shapely.points(*self.metres(rows)))

    @cached_property
    def _crossings(self) -> shapely.STRtree:
        return shapely.STRtree(shapely.points(*self.metres(self._nodes())))

    @cached_property
    def _homes(self) -> shapely.STRtree:
        return shapely.STRtree(shapely.points(self.demand.x, self.demand.y))

    def _hosts(self, category: str) -> list[Row]:
        rows = [
            row
            for row in self.edition.service_rows
            if category not in row.categories and row.is_routed and row.status == "active"
        ]
        return [
            {"id": _id(row), "name": row.name, "kind": row.category, "lon": row.lon, "lat": row.lat}
            for row in rows
        ]

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
    data: PlanData, ask: SiteAsk, services: Services, candidates: Sequence[Row], people: People
) -> tuple[Problem, Problem]:
    """Compute the walks from demand to fixed sites (0 to f - 1) and candidates (f to s - 1).

    For the objective `median`, walks of up to twice the acceptable one are kept. The second problem
    is the same along streets alone; the first itself, where no walk is estimated.
    """
    graph, homes = data.walks(ask.profile)
    x, y = data.metres(candidates)
    fixed = services.reached
    x, y = np.append([s.x for s in fixed], x), np.append([s.y for s in fixed], y)
    longest = farthest_seconds(ask)
    around = data.border_walks(ask.profile, services.outside)
    numbers = around.on_streets(len(services.standing), len(candidates))
    to = routing.targets(graph, graph.snap(x[numbers], y[numbers]))
    walked = routing.matrix(graph, homes, to, max_seconds=longest)
    shape = walked.shape[0], len(x)
    streets = csr_array((walked.data, numbers[walked.indices], walked.indptr), shape=shape)
    seconds = around.within(streets, len(services.standing), longest)
    most = np.inf if ask.site_places is None else ask.site_places
    places = np.append([s.places for s in fixed], np.full(len(candidates), most))
    problem = Problem(seconds, people.weight, np.arange(len(places)) < len(fixed), places)
    return problem, problem if seconds is streets else replace(problem, seconds=streets)


def whole_people(number: float) -> int | None:
    """Round people to a multiple of 5, as they are published; None if not known."""
    return None if np.isnan(number) else int(rounded(number))


def _spot(row: Row, kind: str) -> Row:
    return {"name": row["name"], "kind": kind, "lon": row["lon"], "lat": row["lat"]}


def _id(row: ServiceRow) -> str:
    return f"{row.service_id}|{row.location_id}"
