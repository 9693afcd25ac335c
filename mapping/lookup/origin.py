"""The places of an edition: its areas and addresses, and the origin of a look-up among them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mapping.crs import point_to_metres, require_italy
from mapping.edition.edition import Edition
from mapping.edition.queries import NAMED, named_areas
from mapping.errors import (
    AmbiguousAddressError,
    BadInputError,
    UnknownAddressError,
    UnknownAreaError,
)
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.named_places import name_words
from mapping.geocoding.place import Place
from mapping.geocoding.written_point import point_near, short_plus_code, written_point
from mapping.lookup.areas_around import CITY, AreasAround
from mapping.lookup.no_start import (
    require_start,
    start_doubts,
)
from mapping.lookup.place_names import comuni_besides, place_names
from mapping.lookup.place_search import PlaceSearch
from mapping.tables import Row
from mapping.text import area_name

LABELS = {"nil": "NIL", "municipio": "municipio"}
MAX_ALIKE = 8
UNNAMED = ("address", "point")
ONLY_TOLD = (
    "Without the city's streets only the services' own addresses are held: give coordinates or a"
    " area, or load the streets with `prossima build --mirror DIR` or with internet."
)
KindLabels = Callable[[], Mapping[str, Sequence[str]]]
"""Gives the labels of categories in other languages, by which places are asked for as well."""


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
class Origin:
    """The place found: degrees, how precisely it is known, and the areas it lies in."""

    lon: float
    lat: float
    address: str | None
    precision: str
    error_metres: float
    municipio: str | None
    nil: str | None
    outside_city: bool
    doubts: tuple[str, ...] = ()
    """What was written and contradicts the place, as of `Place`; ``rough`` where it is not known to
    `ROUGH_START_METRES`."""
    named: bool = False
    """Whether it is a place that was asked for by its name, not by an address."""


class CityPlaces:
    """The places of one edition."""

    def __init__(self, edition: Edition, epsg: int, kind_labels: KindLabels | None = None) -> None:
        self.edition = edition
        self._epsg = epsg
        self._kind_labels = kind_labels
        self._network = edition.network
        self.areas_around = AreasAround(edition)

    @property
    def gazetteer(self) -> Gazetteer | None:
        """The addresses that the edition knows."""
        return self.edition.gazetteer

    def origin(self, where: Where) -> Origin:
        """Find the place to look from.

        Raises UnknownAddressError when the address is not known, with candidates.
        Raises OutsideItalyError when the point is not in Italy.
        """
        where = self._read(where)
        if where.address is not None:
            place = self.find(where.address)
            require_start(self.gazetteer, where.address, place)
            origin = self._origin(
                place.lon, place.lat, place.label, place.precision, place.error_metres
            )
            if origin.outside_city and place.street and place.municipio:
                # The middle of a street along the border, of which the city has the numbers.
                origin = replace(origin, municipio=place.municipio, outside_city=False)
            doubts = (*place.doubts, *origin.doubts)
            return replace(origin, doubts=doubts, named=place.kind not in UNNAMED)
        if where.nil is not None:
            return self._area_origin(where.nil)
        lon, lat = float(where.lon or 0), float(where.lat or 0)
        require_italy(lon, lat)
        return self._origin(lon, lat, None, "premises", 0.0)

    def _read(self, where: Where) -> Where:
        """Require one way to say a place; coordinates that were typed as an address are a point."""
        point = None if _one_of(where).address is None else self._point_in(where.address or "")
        return where if point is None else Where(lon=point[0], lat=point[1])

    def _point_in(self, text: str) -> tuple[float, float] | None:
        """Read coordinates, or a plus code, a short one with the city's name or none behind it."""
        point, code = written_point(text), short_plus_code(text)
        if point is not None or code is None or self.gazetteer is None:
            return point
        cities = (row for row in named_areas(self.edition) if row["level"] == CITY)
        city = next(cities, None)
        if city is None or not self.gazetteer.localities.names_no_more(code[1]):
            return None
        return point_near(code[0], (city["lon"], city["lat"]))

    def places(self, where: Where, limit: int) -> list[Place]:
        """Find places by the beginning of an address or name, or the one next to a point.

        An address that the words fit comes first; places with a name next, where all the words are
        theirs; then addresses that are alike.
        """
        where = self._read(where)
        if where.address is not None:
            return self.search.places(where.address, limit)
        if self.gazetteer is None:
            return []
        lon, lat = float(where.lon or 0), float(where.lat or 0)
        require_italy(lon, lat)
        place = self.gazetteer.reverse(*point_to_metres(lon, lat, self._epsg))
        return [place] if place else []

    @cached_property
    def levels(self) -> list[str]:
        """The levels of named areas that the city has, the smallest areas first."""
        levels = {row["level"] for row in named_areas(self.edition)}
        return [level for level in NAMED if level in levels]

    @property
    def quarters(self) -> list[Row]:
        """The smallest named areas, to look from; none where the city is not divided."""
        level = self.levels[0]
        return [] if level == "municipality" else self.areas(level)

    def networks(self, municipio: str | None = None) -> list[Row]:
        """List the networks of one municipio or of all; none where no source gives them."""
        if not self.edition.has("networks.parquet"):
            return []
        rows: list[Row] = self.edition.table("networks.parquet").to_pylist()
        return [
            row
            for row in rows
            if municipio in (None, row["municipio"], *(row.get("municipi") or ()))
        ]

    def municipal_networks(self, municipio: str | None = None) -> list[Row]:
        """List the networks that answer now: the neighbourhood ones joined them in 2024."""
        return [row for row in self.networks(municipio) if row["kind"] == "municipal"]

    def areas(self, level: str) -> list[Row]:
        """List the areas of one level without their outlines.

        Raises UnknownAreaError when the edition has no area of that level.
        """
        import pyarrow.compute as pc  # noqa: PLC0415 - 9 MB that a look-up goes without

        plain = self.edition.areas.drop_columns(["geometry"])
        rows: list[Row] = plain.filter(pc.field("level") == level).to_pylist()
        if not rows:
            levels = ", ".join(plain["level"].unique().to_pylist())
            raise UnknownAreaError(f"Unknown level '{level}'. Use one of: {levels}.")
        return rows

    @cached_property
    def search(self) -> PlaceSearch:
        """The search among addresses and names."""
        labels = None if self._kind_labels is None else self._kind_labels()
        names = place_names(self.edition, labels)
        return PlaceSearch(self.gazetteer, names, self._epsg, comuni_besides(self.edition))

    def find(self, text: str) -> Place:
        """Find the one place that an address or a name means.

        Coordinates are a point of their own. Raises UnknownAddressError, with candidates, when none
        fits or several do.
        """
        point = self._point_in(text)
        if point is not None:
            return self._point(*point)
        try:
            return self.search.find(text)
        except UnknownAddressError as error:
            error.unplaced = self._unplaced_services(text)
            is_streets_fault = not (
                error.unheld or error.reason or isinstance(error, AmbiguousAddressError)
            )
            if self.gazetteer is None or self._network is not None or not is_streets_fault:
                raise
            without_streets = UnknownAddressError(text, error.candidates, ONLY_TOLD)
            without_streets.unplaced = error.unplaced
            raise without_streets from None

    def _unplaced_services(self, text: str) -> list[tuple[str, str]]:
        """List the services, id and name, that have all the words in their name, and no place."""
        written = frozenset(name_words(text))
        return [
            (service_id, name)
            for service_id, name, words in self._names_without_place
            if written and written <= words
        ][:MAX_ALIKE]

    @cached_property
    def _names_without_place(self) -> list[tuple[str, str, frozenset[str]]]:
        """Give id, name and its words of each service of which the place is not known."""
        return [
            (row.service_id, name, frozenset(name_words(name)))
            for row in self.edition.service_rows
            if row.is_listed and not row.is_routed and (name := row.name)
        ]

    def _point(self, lon: float, lat: float) -> Place:
        require_italy(lon, lat)
        x, y = point_to_metres(lon, lat, self._epsg)
        municipio = self.areas_around.at(lon, lat).get("municipio")
        label = f"{lat:.6f}, {lon:.6f}"
        return Place(label, lon, lat, x, y, "premises", 0.0, municipio, "", kind="point")

    def _area_origin(self, named: str) -> Origin:
        row = self._quarter(named)
        radius = float(np.sqrt((row["area_km2"] or 1.0) * 1e6 / np.pi))
        label = f"NIL {area_name(row['name'])}" if row["level"] == "nil" else row["name"]
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
        around = self.areas_around.at(lon, lat)
        municipio, nil = around.get("municipio"), around.get("nil")
        outside = municipio is None and self.areas_around.has_city and CITY not in around
        doubts = start_doubts(error)
        return Origin(lon, lat, address, precision, error, municipio, nil, outside, doubts)

    def metres(self, origin: Origin) -> tuple[float, float]:
        """Give x and y of a place in metres of the city's UTM zone."""
        return point_to_metres(origin.lon, origin.lat, self._epsg)


def _one_of(where: Where) -> Where:
    """Require one way to say a place."""
    ways = [where.address is not None, where.nil is not None, where.lon is not None]
    if sum(ways) != 1 or (where.lon is None) != (where.lat is None):
        raise BadInputError("Give one of: an address, lon and lat, or an area.")
    return where
