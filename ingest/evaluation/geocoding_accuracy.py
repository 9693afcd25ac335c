"""Measures how well addresses are found: registers with known places, held out and found again."""

import zlib
from collections.abc import Callable, Iterable, Sequence
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
from ingest.layers.raw_table import read_table
from ingest.layers.reference import read_areas, read_stops
from ingest.layers.streets import read_streets
from ingest.locate import anchors_at, anchors_of
from ingest.services import read_services
from ingest.source import Source, source
from ingest.source_reader import ReadLayer
from mapping.city import City
from mapping.crs import to_metres
from mapping.errors import UnknownAddressError
from mapping.geocoding.address import parse
from mapping.geocoding.build_gazetteer import Anchor, Numbering
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.localities import districts_of
from mapping.model import Location, Service

NEAR_METRES = 150.0
FOLDS = 5
FIRST = 5
"""How many of the places found are looked at while one types."""
STREETS_TRIED = 200
AROUND = ("nil_ds964", "comuni_milano")
Blur = Callable[[str, np.random.Generator], str | None]


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
        quarters, comuni = (self._layer(name, read_areas)["name"] for name in AROUND)
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
            table = read_table(entry, self._path(entry))
            services += read_services(entry, table, self.city, inside).services
        return services

    def anchors(self, *names: str) -> list[Anchor]:
        """Take the known addresses of these sources of services or stops, as a build does."""
        inside, anchors = within(self._municipi), []
        for entry in map(source, names):
            if entry.yields == "services":
                anchors += anchors_of(self.services(entry.id), self.city)
            else:
                path = self._path(entry)
                anchors += anchors_at(read_stops(entry, path, self.city, inside).frame, self.city)
        return anchors

    def truths(self, labels: Path) -> list[Truth]:
        """Read the registers whose codes show which of their records are one service."""
        return truths(self.city, self._path, within(self._municipi), labels)

    def _path(self, entry: Source) -> Path:
        return self._fetcher.take(Request.of(entry)).path

    def _layer(self, name: str, read: ReadLayer) -> pd.DataFrame:
        entry = source(name)
        return read(entry, self._path(entry), self.city).frame


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


def measure_typing(gazetteer: Gazetteer, blur: Blur) -> tuple[int, int, int]:
    """Look streets up as people type them.

    Parameters
    ----------
    gazetteer : Gazetteer
        Its streets are drawn at random, with a fixed seed.
    blur : callable
        What is typed in the place of a name; None where the name gives no occasion.

    Returns
    -------
    tuple of int
        How many streets were tried, found first, and found among the first five.
    """
    rng = np.random.default_rng(1)
    tried = first = among_first = 0
    for row in rng.permutation(len(gazetteer.streets)):
        name = gazetteer.streets[row]
        wanted = blur(name, rng)
        if wanted is None:
            continue
        streets = [place.street for place in gazetteer.search(wanted, limit=FIRST)]
        tried, first, among_first = (
            tried + 1,
            first + (name in streets[:1]),
            among_first + (name in streets),
        )
        if tried == STREETS_TRIED:
            break
    return tried, first, among_first


def _places(services: Iterable[Service]) -> list[Location]:
    return [
        location
        for service in services
        for location in service.locations
        if location.address and location.position.lon is not None
    ]


def _fold(service: Service) -> int:
    # By the address, taken apart: one building holds several schools, each spelling it its own way.
    address = parse(service.locations[0].address or "")
    return zlib.crc32(f"{sorted(address.tokens)} {address.civic}".encode()) % FOLDS
