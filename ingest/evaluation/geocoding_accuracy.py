"""Measures how well addresses are found: registers with known places, held out and found again."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from ingest.border import within
from ingest.evaluation.matching_accuracy import Truth, truths
from ingest.fetching.fetch import Fetcher, Request
from ingest.layers.addresses import joined, read_civics, read_street_names
from ingest.layers.background import read_background
from ingest.layers.raw_table import read_table
from ingest.layers.reference import read_areas, read_premises, read_stops
from ingest.layers.streets import read_streets
from ingest.locate import Locator, anchors_at, anchors_of
from ingest.services import read_services
from ingest.source import Source, source
from ingest.source_reader import ReadLayer
from mapping.build import named_of
from mapping.city import City
from mapping.crs import to_metres
from mapping.disclosure import is_confidential
from mapping.errors import UnknownAddressError
from mapping.geocoding.address import parse
from mapping.geocoding.build_gazetteer import Anchor, Numbering
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.localities import districts_of
from mapping.geocoding.named_places import NamedPlace, NamedPlaces
from mapping.lookup.place_names import indexed, premises, quarters, stops, surroundings
from mapping.model import Location, Service
from mapping.tables import Row
from mapping.text import readable

NEAR_METRES = 150.0
FOLDS = 5
QUARTERS, COMUNI = "nil", "neighbour"
"""Levels of areas."""
NAMED_SERVICES = (
    "ospedali_lombardia", "scuole_2026", "scuole_2016", "farmacie_2026", "dbt_premises",
    "impianti_sportivi", "schede_qubi",
)  # fmt: skip
BACKGROUNDS = ("dbt_sfondo", "metro_stazioni", "metro_m4", "stazioni_trenord")
PREMISES, STOPS = "dbt_sedi", "fermate_superficie"


class Registers:
    """The registers of a city, read for measuring: nothing is recorded.

    Parameters
    ----------
    city : City
        The city.
    fetcher : Fetcher
        Where their files are taken from.
    """

    def __init__(self, city: City, fetcher: Fetcher) -> None:
        self.city = city
        self._fetcher = fetcher
        self._municipi = gpd.GeoDataFrame(self._layer("municipi_ds379", read_areas))

    def survey(self, *civics: str, names: str | None = None) -> "Survey":
        """Read the streets, and civic numbers from these registers, without any anchor.

        `names` is the source of what streets are called besides.
        """
        lines = gpd.GeoDataFrame(self._layer("dbt_streets", read_streets)).to_crs(self.city.epsg)
        quarters, comuni = (self._areas(level)["name"] for level in (QUARTERS, COMUNI))
        municipi, districts = self._municipi.to_crs(self.city.epsg), districts_of(quarters, comuni)
        numbering = Numbering(lines, municipi, self.city, districts)
        read = partial(read_civics, inside=within(self._municipi))
        rows = joined([self._layer(name, read) for name in civics])
        called = None if names is None else self._layer(names, read_street_names)
        return Survey(self.city, numbering, rows, called)

    def services(self, *names: str) -> list[Service]:
        """Read the services of these sources in the city, as a build does."""
        inside, services = within(self._municipi), []
        for entry in map(source, names):
            table = read_table(entry, self.find(entry))
            services += read_services(entry, table, self.city, inside).services
        return services

    def anchors(self, *names: str) -> list[Anchor]:
        """Take the known addresses of these sources of services or stops, as a build does."""
        inside, anchors = within(self._municipi), []
        for entry in map(source, names):
            if entry.yields == "services":
                anchors += anchors_of(self.services(entry.id), self.city)
            else:
                path = self.find(entry)
                anchors += anchors_at(read_stops(entry, path, self.city, inside).frame, self.city)
        return anchors

    def named_places(self, gazetteer: Gazetteer) -> NamedPlaces:
        """Index what a build of these sources knows by name; services as they are published."""
        locator = Locator(self.city, gazetteer, surveyed=True)
        services = [
            locator.place(service, ours=False) for service in self.services(*NAMED_SERVICES)
        ]
        background = [
            named_of(gpd.GeoDataFrame(self._layer(name, read_background)), self._municipi)
            for name in BACKGROUNDS
        ]
        nil = gpd.GeoDataFrame(self._areas(QUARTERS))
        middles = nil.geometry.representative_point()
        quarter_rows = nil.assign(level="nil", area_km2=None, lon=middles.x, lat=middles.y)
        stop_rows = self._layer(STOPS, partial(read_stops, inside=within(self._municipi)))
        return indexed(
            [
                *(place for service in services for place in _named(service)),
                *surroundings(_rows(pd.concat(background)), self.city.name),
                *quarters(_rows(quarter_rows)),
                *premises(_rows(self._layer(PREMISES, read_premises))),
                *stops(_rows(stop_rows)),
            ]
        )

    def truths(self, labels: Path) -> list[Truth]:
        """Read the registers whose codes show which of their records are one service."""
        return truths(self.city, self.find, within(self._municipi), labels)

    def _areas(self, level: str) -> pd.DataFrame:
        name = next(name for name in self.city.sources if source(name).level == level)
        return self._layer(name, read_areas)

    def find(self, entry: Source) -> Path:
        """Give the file of a source."""
        return self._fetcher.take(Request.of(entry)).path

    def _layer(self, name: str, read: ReadLayer) -> pd.DataFrame:
        entry = source(name)
        return read(entry, self.find(entry), self.city).frame


@dataclass(frozen=True, eq=False)
class Survey:
    """The streets and the civic numbers of a city, to be placed from whichever anchors."""

    city: City
    numbering: Numbering
    civics: pd.DataFrame | None
    names: pd.DataFrame | None = None

    def gazetteer(self, anchors: Sequence[Anchor]) -> Gazetteer:
        """Place the civic numbers from these anchors and no others, as a build does."""
        return self.numbering.gazetteer(self.civics, anchors, self.names)

    def hold_out(self, services: Iterable[Service], anchors: Sequence[Anchor]) -> pd.DataFrame:
        """Find the addresses of services, and compare with where their source says they are.

        None of them is among the anchors. A row for each location with an address and a point:
        metres (NaN where not found), precision, error_metres, confidence, address.
        """
        return self.compare(services, self.gazetteer(anchors))

    def cross_validate(
        self, services: Sequence[Service], anchors: Sequence[Anchor]
    ) -> pd.DataFrame:
        """Hold out a part of a register at a time, and learn from the rest of it and the anchors.

        Rows as of `hold_out`. All services that share an address are held out together.
        """
        parts: list[list[Service]] = [[] for _ in range(FOLDS)]
        for service in services:
            parts[_fold(service)].append(service)
        trials = []
        for part in parts:
            rest = [service for other in parts if other is not part for service in other]
            trials.append(self.hold_out(part, [*anchors_of(rest, self.city), *anchors]))
        return pd.concat(trials, ignore_index=True)

    def compare(self, services: Iterable[Service], gazetteer: Gazetteer) -> pd.DataFrame:
        """Compare what a gazetteer finds with where a source has its services; as `hold_out`."""
        places = _places(services)
        lon = np.array([place.position.lon for place in places], float)
        lat = np.array([place.position.lat for place in places], float)
        rows: list[tuple[float, str | None, float, float, str]] = []
        for place, x, y in zip(places, *to_metres(lon, lat, self.city.epsg), strict=True):
            try:
                geocoded = gazetteer.geocode(
                    str(place.address), municipio=place.municipio, cap=place.cap
                )
            except UnknownAddressError:
                rows.append((np.nan, None, np.nan, np.nan, str(place.address)))
                continue
            metres = float(np.hypot(geocoded.x - x, geocoded.y - y))
            known = geocoded.precision, geocoded.error_metres, geocoded.confidence
            rows.append((metres, *known, str(place.address)))
        return pd.DataFrame(
            rows, columns=["metres", "precision", "error_metres", "confidence", "address"]
        )


def _places(services: Iterable[Service]) -> list[Location]:
    return [
        location
        for service in services
        for location in service.locations
        if location.address and location.position.lon is not None
    ]


def _named(service: Service) -> Iterator[NamedPlace]:
    for place in _routed(service):
        at = place.position
        yield NamedPlace(
            readable(service.name), "service", float(at.lon or 0), float(at.lat or 0), service.name,
            at.precision, float(at.error_metres or 0), place.municipio, service.categories[0],
            detail=place.address or "",
        )  # fmt: skip


def _routed(service: Service) -> Iterator[Location]:
    if not is_confidential(service):
        yield from (place for place in service.locations if place.position.lon is not None)


def _rows(frame: pd.DataFrame) -> list[Row]:
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    rows = plain.astype(object).where(plain.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _fold(service: Service) -> int:
    # By the address, taken apart: one building holds several schools, each spelling it its own way.
    address = parse(service.locations[0].address or "")
    return zlib.crc32(f"{sorted(address.tokens)} {address.civic}".encode()) % FOLDS
