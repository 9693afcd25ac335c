"""The nearest services from one place, out of one edition; nothing of the place is kept."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import shapely

from mapping import travel
from mapping.crs import require_italy, to_degrees, to_metres
from mapping.edition import Edition
from mapping.errors import BadInputError, UnknownAddressError, UnknownAreaError
from mapping.gazetteer import Gazetteer, Place
from mapping.geoparquet import geometries
from mapping.holidays_it import Calendar
from mapping.hours import is_open
from mapping.network import OFF_NETWORK_METRES, snap
from mapping.profiles import profile
from mapping.tables import ROUTED
from mapping.taxonomy import placed_category
from mapping.travel import Graph, Targets

Row = dict[str, Any]
Rows = npt.NDArray[np.int64]
MAX_COUNT = 100
NAMED = ("nil", "municipio", "municipality")
LABELS = {"nil": "NIL", "municipio": "municipio"}
MAX_ALIKE = 8
VIEW_MARGIN_METRES = 250.0
MAX_STREETS = 4000
SECONDS_PER_MINUTE = 60
ONLY_TOLD = (
    "Without the city's streets only the services' own addresses are held: give coordinates or a"
    " area, or load the streets with `prossima build --mirror DIR` or with internet."
)


@dataclass(frozen=True)
class Where:
    """Where to look from: an address, or a point in degrees, or an area by id or name.

    `nil` names a NIL or, in a city without any, one of its municipi.
    """

    address: str | None = None
    lon: float | None = None
    lat: float | None = None
    nil: str | None = None


@dataclass(frozen=True)
class Question:
    """What to look for."""

    categories: tuple[str, ...]
    count: int = 5
    max_minutes: float = 60.0
    open_at: datetime | None = None
    """Services known to be closed then are left out; unknown hours are not closed."""

    def __post_init__(self) -> None:
        """Check every value against its rule."""
        for code in self.categories:
            placed_category(code)
        if not 1 <= self.count <= MAX_COUNT:
            raise BadInputError(f"count is {self.count}. Give 1 to {MAX_COUNT}.")
        if not 0 < self.max_minutes <= 24 * 60:
            raise BadInputError(f"max_minutes is {self.max_minutes}. Give more than 0, up to 1440.")


@dataclass(frozen=True)
class Origin:
    """The place found: degrees, how precisely it is known, and the areas it lies in."""

    lon: float
    lat: float
    address: str | None
    precision: str
    error_metres: float
    snap_metres: float | None
    """Metres to the nearest street; None when no streets are loaded."""
    municipio: str | None
    nil: str | None
    outside_city: bool

    @property
    def off_network(self) -> bool:
        """Whether no street is near enough to walk from."""
        return self.snap_metres is None or self.snap_metres > OFF_NETWORK_METRES


@dataclass(frozen=True, eq=False)
class Found:
    """One service at one place, and the walk to it; `path` is (p, 2) lon and lat, or None."""

    service: Row
    seconds: float
    metres: float
    estimated: bool
    is_open: bool | None
    path: npt.NDArray[np.float64] | None = None


@dataclass(frozen=True, eq=False)
class Answer:
    """What was found, nearest first, and what is listed because its place is not known."""

    origin: Origin
    found: list[Found]
    unplaced: list[Row]


class Lookup:
    """Look-ups in one edition; it holds no state between calls.

    Parameters
    ----------
    edition : Edition
        An open edition.
    epsg : int
        The projected reference system of the city.
    calendar : Calendar, optional
        Its holidays; without it, hours that depend on them are unknown.
    """

    def __init__(self, edition: Edition, epsg: int, calendar: Calendar | None = None) -> None:
        self.edition = edition
        self._calendar = calendar
        self._epsg = epsg
        self._network = edition.network
        living = [row for row in edition.services.to_pylist() if row["status"] != "defunct"]
        self._unplaced = [row for row in living if row["precision"] not in ROUTED]
        self._rows = [row for row in living if row["precision"] in ROUTED]
        self._x, self._y = to_metres(
            [row["lon"] for row in self._rows], [row["lat"] for row in self._rows], epsg
        )
        self._speed = profile("adult").metres_per_second

    @property
    def gazetteer(self) -> Gazetteer | None:
        """The addresses that the edition knows."""
        return self.edition.gazetteer

    def origin(self, where: Where) -> Origin:
        """Find the place to look from.

        Parameters
        ----------
        where : Where
            Exactly one of address, point and area.

        Returns
        -------
        Origin
            A point outside the city is answered, and flagged.

        Raises
        ------
        UnknownAddressError
            When the address is not known, with candidates.
        OutsideItalyError
            When the point is not in Italy.
        """
        _one_of(where)
        if where.address is not None:
            place = self._geocode(where.address)
            return self._origin(
                place.lon, place.lat, place.label, place.precision, place.error_metres
            )
        if where.nil is not None:
            return self._area_origin(where.nil)
        lon, lat = float(where.lon or 0), float(where.lat or 0)
        require_italy(lon, lat)
        return self._origin(lon, lat, None, "premises", 0.0)

    def places(self, where: Where, limit: int) -> list[Place]:
        """Find the places that an address may mean, or the known civic number next to a point.

        Parameters
        ----------
        where : Where
            An address, or its beginning; or a point.
        limit : int
            How many at the most.

        Returns
        -------
        list of Place
            Best first; empty where nothing is alike, or no addresses are held.
        """
        _one_of(where)
        if self.gazetteer is None:
            return []
        if where.address is not None:
            return self.gazetteer.search(where.address, limit=limit)
        lon, lat = float(where.lon or 0), float(where.lat or 0)
        require_italy(lon, lat)
        x, y = to_metres([lon], [lat], self._epsg)
        place = self.gazetteer.reverse(float(x[0]), float(y[0]))
        return [place] if place else []

    def nearest(self, origin: Origin, question: Question, *, paths: bool = False) -> Answer:
        """Find the nearest services that answer the question.

        Parameters
        ----------
        origin : Origin
            Of `origin`.
        question : Question
            What to look for.
        paths : bool
            Whether to give the walking path of each.

        Returns
        -------
        Answer
            Sorted by seconds; estimated along straight lines where streets do not serve.
        """
        rows = self._matching(question)
        found = self._walk(origin, rows, question, paths=paths)
        if not found and not self._joined(origin, rows):
            # No street leads from here to any of them: a straight line is better than "nothing".
            found = self._straight(origin, rows, question)
        wanted = set(question.categories)
        unplaced = [
            row
            for row in self._unplaced
            if (not wanted or wanted.intersection(row["categories"]))
            and row["municipio"] in (None, origin.municipio)
        ]
        return Answer(origin, found, unplaced)

    def streets_around(self, answer: Answer) -> list[npt.NDArray[np.float64]]:
        """Give the streets around an answer, as a background that one can find one's way on.

        Parameters
        ----------
        answer : Answer
            Of `nearest`.

        Returns
        -------
        list of ndarray
            Lines of (p, 2) degrees; empty where no streets are loaded, or the view is too wide.
        """
        if self._network is None:
            return []
        lon = [answer.origin.lon, *(found.service["lon"] for found in answer.found)]
        lat = [answer.origin.lat, *(found.service["lat"] for found in answer.found)]
        x, y = to_metres(lon, lat, self._epsg)
        view = shapely.box(x.min(), y.min(), x.max(), y.max()).buffer(VIEW_MARGIN_METRES)
        lines = self._network.lines[self._network.tree.query(view)]
        if len(lines) > MAX_STREETS:
            return []
        paths = [shapely.get_coordinates(line) for line in shapely.simplify(lines, 2)]
        return [path for line in paths if (path := self._degrees(line)) is not None]

    @cached_property
    def levels(self) -> list[str]:
        """The levels of named areas that the city has, the smallest areas first."""
        held = set(self.edition.areas["level"].unique().to_pylist())
        return [level for level in NAMED if level in held]

    @property
    def quarters(self) -> list[Row]:
        """The smallest named areas, to look from; none where the city is not divided."""
        level = self.levels[0]
        return [] if level == "municipality" else self.areas(level)

    def networks(self, municipio: str | None = None) -> list[Row]:
        """List the networks of services, of one municipio or of all.

        Parameters
        ----------
        municipio : str, optional
            Its area_id.

        Returns
        -------
        list of dict
            The columns of `tables.NETWORKS`; empty where no source gives them.
        """
        if not self.edition.has("networks.parquet"):
            return []
        rows: list[Row] = self.edition.table("networks.parquet").to_pylist()
        return [row for row in rows if municipio in (None, row["municipio"])]

    def areas(self, level: str) -> list[Row]:
        """List the areas of one level without their outlines.

        Parameters
        ----------
        level : str
            One of the levels that the edition holds.

        Returns
        -------
        list of dict
            The columns of `tables.AREAS`.

        Raises
        ------
        UnknownAreaError
            When the edition has no area of that level.
        """
        plain = self.edition.areas.drop_columns(["geometry"])
        rows: list[Row] = plain.filter(pc.field("level") == level).to_pylist()
        if not rows:
            levels = ", ".join(plain["level"].unique().to_pylist())
            raise UnknownAreaError(f"Unknown level '{level}'. Use one of: {levels}.")
        return rows

    def _geocode(self, address: str) -> Place:
        if self.gazetteer is None:
            raise UnknownAddressError(
                address, remedy="No addresses are loaded: give coordinates or an area."
            )
        try:
            return self.gazetteer.geocode(address)
        except UnknownAddressError as error:
            if self._network is not None:
                raise
            raise UnknownAddressError(address, error.candidates, ONLY_TOLD) from None

    def _area_origin(self, named: str) -> Origin:
        row = self._quarter(named)
        radius = float(np.sqrt((row["area_km2"] or 1.0) * 1e6 / np.pi))
        label = f"NIL {row['name']}" if row["level"] == "nil" else row["name"]
        return self._origin(row["lon"], row["lat"], label, "area", radius)

    def _quarter(self, named: str) -> Row:
        # "Baggio" means "BAGGIO - Q.RE DEGLI OLMI - Q.RE VALSESIA": a part will do that fits one.
        wanted, rows, level = named.strip().casefold(), self.quarters, self.levels[0]
        if not rows:
            raise UnknownAreaError(
                f"'{named}': the city is not divided. Give an address or a point."
            )
        exact = [row for row in rows if wanted in (row["area_id"], row["name"].casefold())]
        fitting = exact or [row for row in rows if wanted and wanted in row["name"].casefold()]
        if len(fitting) == 1:
            return fitting[0]
        alike = fitting or [row for row in rows if wanted[:4] in row["name"].casefold()]
        near = ", ".join(row["name"] for row in alike[:MAX_ALIKE]) or "none"
        raise UnknownAreaError(
            f"Unknown {LABELS[level]} '{named}'. Give its number, or words of its name that fit"
            f" only one; similar: {near}. All of them: /v1/areas/{level}."
        )

    def _origin(
        self, lon: float, lat: float, address: str | None, precision: str, error: float
    ) -> Origin:
        point = shapely.Point(lon, lat)
        municipio, nil = self._area_at("municipio", point), self._area_at("nil", point)
        x, y = to_metres([lon], [lat], self._epsg)
        metres = None
        if self._network is not None:
            metres = float(snap(self._network, x, y).snap_metres[0])
        outside = (
            municipio is None and self._outlined and self._area_at("municipality", point) is None
        )
        return Origin(lon, lat, address, precision, error, metres, municipio, nil, outside)

    def _matching(self, question: Question) -> Rows:
        wanted = set(question.categories)
        rows = [
            number
            for number, row in enumerate(self._rows)
            if not wanted or wanted.intersection(row["categories"])
        ]
        if question.open_at is not None:
            rows = [row for row in rows if self._open(row, question) is not False]
        return np.array(rows, dtype=np.int64)

    def _walk(self, origin: Origin, rows: Rows, question: Question, *, paths: bool) -> list[Found]:
        if self._network is None or origin.off_network or not len(rows):
            return []
        wanted = np.zeros(len(self._rows), bool)
        wanted[rows] = True
        trips = travel.nearest(
            self._graph,
            self._metres(origin),
            self._targets,
            count=question.count,
            wanted=wanted,
            max_seconds=question.max_minutes * SECONDS_PER_MINUTE,
            with_paths=paths,
        )
        far = self._targets.snaps.snap_metres > OFF_NETWORK_METRES
        return [
            Found(
                self._rows[trip.target],
                trip.seconds,
                trip.metres,
                estimated=bool(far[trip.target]),
                is_open=self._open(trip.target, question),
                path=self._degrees(trip.path),
            )
            for trip in trips
        ]

    def _joined(self, origin: Origin, rows: Rows) -> bool:
        if self._network is None or origin.off_network:
            return False
        x, y = self._metres(origin)
        here = self._network.component[snap(self._network, [x], [y]).edge]
        return bool(np.isin(self._network.component[self._targets.snaps.edge[rows]], here).any())

    def _straight(self, origin: Origin, rows: Rows, question: Question) -> list[Found]:
        x, y = self._metres(origin)
        metres = travel.straight_metres(x, y, self._x[rows], self._y[rows])
        seconds = metres / self._speed
        near = [
            i
            for i in np.lexsort((rows, seconds))[: question.count]
            if seconds[i] <= question.max_minutes * SECONDS_PER_MINUTE
        ]
        return [
            Found(
                self._rows[rows[i]],
                float(seconds[i]),
                float(metres[i]),
                estimated=True,
                is_open=self._open(rows[i], question),
            )
            for i in near
        ]

    def _open(self, row: int, question: Question) -> bool | None:
        if question.open_at is None:
            return None
        return is_open(self._rows[row]["opening_hours"], question.open_at, self._calendar)

    def _metres(self, origin: Origin) -> tuple[float, float]:
        x, y = to_metres([origin.lon], [origin.lat], self._epsg)
        return float(x[0]), float(y[0])

    def _degrees(self, path: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float64] | None:
        if path is None:
            return None
        return np.column_stack(to_degrees(path[:, 0], path[:, 1], self._epsg))

    @cached_property
    def _graph(self) -> Graph:
        assert self._network is not None  # noqa: S101 - only asked for where there are streets
        return travel.graph(self._network, profile("adult"))

    @cached_property
    def _targets(self) -> Targets:
        return travel.targets(self._graph, self._graph.snap(self._x, self._y))

    @cached_property
    def _shapes(self) -> dict[str, tuple[list[str], npt.NDArray[np.object_]]]:
        table = self.edition.areas
        shapes, levels, ids = geometries(table), table["level"].to_pylist(), table["area_id"]
        areas: dict[str, tuple[list[str], npt.NDArray[np.object_]]] = {}
        for level in NAMED:
            rows = [n for n, found in enumerate(levels) if found == level]
            areas[level] = ([ids[n].as_py() for n in rows], shapes[rows])
        return areas

    @property
    def _outlined(self) -> bool:
        shapes = self._shapes["municipality"][1]
        return bool((shapely.get_dimensions(shapes) == 2).any())  # noqa: PLR2004

    def _area_at(self, level: str, point: shapely.Point) -> str | None:
        ids, shapes = self._shapes[level]
        hits = np.flatnonzero(shapely.intersects(shapes, point))
        return ids[hits[0]] if len(hits) else None


def _one_of(where: Where) -> None:
    given = [where.address is not None, where.nil is not None, where.lon is not None]
    if sum(given) != 1 or (where.lon is None) != (where.lat is None):
        raise BadInputError("Give one of: an address, lon and lat, or an area.")
