"""Takes the file of a source, or of its fallback, and reads it."""

import shutil
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
from pydantic import ValidationError

from ingest.beyond import BeyondReading, Ground, read_beyond
from ingest.border import Inside
from ingest.fetching.fetch import Fetcher, Query, Request
from ingest.layers.layer import Layer, with_public_names
from ingest.layers.raw_table import check_counts, check_degrees, read_table
from ingest.readers.osm import download_features, download_osm
from ingest.services import any_row_hides, read_services
from ingest.source import Source, is_of_overlay, source
from ingest.source_result import PublicReading, SourceResult
from mapping.city import City
from mapping.coverage.border import Beyond
from mapping.errors import NoFileError, SourceError, WithheldCopyError
from mapping.model import Service
from mapping.text import Say

ReadLayer = Callable[[Source, Path, City], Layer]
ReadFile = Callable[[SourceResult, Path], None]


class _UnreadableError(SourceError):
    """A file that came from its publisher, and is not what its declaration says."""


class SourceReader:
    """Reads the sources of a city one after another; `missing` says what none of them gave.

    OpenStreetMap is asked for services inside `border`, in degrees, once that is known.
    """

    def __init__(self, city: City, fetcher: Fetcher, say: Say) -> None:
        self.city = city
        self.results: list[SourceResult] = []
        self.missing: list[str] = []
        self.unreadable: list[str] = []
        """Of the missing, lists of services that could be had and not read: a reason may repeat a
        cell, which no other line does."""
        self.neighbours: list[SourceResult] = []
        """What was read of other comuni alone: the catalogue does not hear of it."""
        self.border = shapely.Polygon()
        self._fetcher = fetcher
        self._say = say
        self._sources = [self._declared(source_id) for source_id in city.sources]

    def yielding(self, yields: str) -> list[Source]:
        """List the city's sources of one kind, in the city's order."""
        return [entry for entry in self._sources if entry.yields == yields]

    def layer(self, entry: Source, read: ReadLayer) -> pd.DataFrame | None:
        """Read a reference layer; None where neither the source nor its fallback gives it."""
        frames: list[pd.DataFrame] = []

        def keep(result: SourceResult, path: Path) -> None:
            layer = read(result.source, path, self.city)
            self._keep(result, layer)
            frames.append(with_public_names(layer.frame, entry.yields))
            self._leave_outlines(result, path)

        return frames[0] if self._read(entry, keep) else None

    def services(self, inside: Inside, areas: Collection[str]) -> list[SourceResult]:
        """Read every list of services, one result for each that could be read.

        Catchments name `areas`, each ``level:area_id``.
        """

        def read(result: SourceResult, path: Path) -> None:
            table = read_table(result.source, path)
            check_degrees(result.source, table)
            reading = read_services(result.source, table, self.city, inside, areas)
            result.keep_services(table.rows_in, reading)
            check_counts(result.source, result.public_rows_of_city)
            result.note_columns([name for name in table.columns if name in reading.public_columns])
            result.note_deleted(table.deleted)
            if not result.is_ours:
                result.row_hides = any_row_hides(result.source, table, reading.rows_left)

        results = [self._read(entry, read) for entry in self.yielding("services")]
        return [result for result in results if result is not None]

    def beyond(self, ground: Ground) -> Beyond:
        """Read the services over the border; what is not known there is among the `missing`."""
        services: list[Service] = []
        unknown: set[str] = set()
        for source_id in self.city.beyond.sources:
            entry = self._declared(source_id)

            def read(result: SourceResult, path: Path) -> None:
                table = read_table(result.source, path)
                result.beyond = read_beyond(result.source, table, self.city, ground)
                result.rows_in, result.rows_kept = table.rows_in, len(result.beyond.services)
                result.out_of_scope["another comune"] = table.rows_in - result.rows_kept
                hidden = result.beyond.hidden
                result.hidden["another comune"] = hidden + len(table.unreadable)
                if not result.is_ours and result.source.id not in self.city.sources:
                    result.row_hides = hidden > 0 or any_row_hides(result.source, table, [])

            result = self._read_beyond(entry, read)
            reading = result.beyond if result and result.beyond else BeyondReading()
            services += reading.services
            if reading.is_whole:
                continue
            unknown |= {rule.category for rule in entry.categories}
            if reading.placeless:
                self.missing.append(
                    f"{entry.id}: {reading.placeless} of its {reading.rows} rows of other comuni"
                    " have no position: near the border no absence is claimed of them. Give a list"
                    " with coordinates."
                )
        return Beyond(services, frozenset(self.city.beyond.complete) - unknown)

    def _read_beyond(self, entry: Source, read: ReadFile) -> SourceResult | None:
        # A list that is the city's too is among the results already: what is kept of it is that.
        known = len(self.results)
        result = self._read(entry, read)
        del self.results[known:]
        if result is not None and entry.id not in self.city.sources:
            self.neighbours.append(result)
        for listed in self.results:
            if result is not None and listed.source.id == result.source.id:
                listed.beyond = result.beyond
        return result

    def settle_copies(self, marked: Callable[[list[Service]], list[Service]]) -> None:
        """Keep the downloaded lists that name no confidential place, and of others what is public.

        For the end of a run: until then a list may be read again. `marked` gives services over the
        border with what people said of them.
        """
        lists = [
            result
            for result in [*self.results, *self.neighbours]
            if result.source.yields == "services" and (result.taken or result.restored)
        ]
        for result in lists:
            if result.beyond is not None:
                result.beyond = replace(result.beyond, services=marked(result.beyond.services))
        # Two sources may be of one file, and judge it by rules of their own.
        hiding = {
            result.taken and result.taken.sha256 for result in lists if result.names_confidential
        }
        for result in lists:
            if result.names_confidential or (result.taken and result.taken.sha256 in hiding):
                reading = result.public_reading().model_dump_json(exclude_none=True)
                self._fetcher.withhold(result.source.id, reading)
            else:
                self._fetcher.keep(result.source.id)

    def osm_streets(self, entry: Source, outline: shapely.Geometry) -> gpd.GeoDataFrame | None:
        """Download the walking network of OpenStreetMap inside an outline in degrees."""
        result = SourceResult(entry)
        if not outline.area:
            self.missing.append(f"{entry.id}: not asked, for want of the outlines of the municipi")
            return None
        try:
            self._fetcher.reach(entry.id, entry.live)
            self._say(f"{entry.id}: downloading from OpenStreetMap")
            frame = download_osm(outline)
        except SourceError as error:
            self.missing.append(f"{entry.id}: {error}")
            return None
        self.results.append(result)
        result.rows_in = result.rows_kept = len(frame)
        named = gpd.GeoDataFrame(with_public_names(frame, entry.yields))
        return named.to_crs(self.city.epsg)

    def _declared(self, source_id: str) -> Source:
        entry = source(source_id)
        expect = self.city.expect.get(source_id, entry.expect)
        return entry.model_copy(update={"expect": expect})

    def _read(self, entry: Source, read: ReadFile) -> SourceResult | None:
        """Take and read a source, or its fallback; `missing` says why neither gave anything."""
        try:
            taken = self._fetcher.take(self._request(entry))
            result = SourceResult(entry, taken)
            _try(result, taken.path, read)
        except WithheldCopyError as error:
            # An older list, of the pack or of the fallback, would undo what the catalogue knows.
            return self._restored(entry, error)
        except NoFileError as error:
            self.missing.append(f"{entry.id}: {error.tried}")
        except _UnreadableError as error:
            self.missing.append(f"{entry.id}: {error}")
            self.unreadable += self.missing[-1:] if entry.yields == "services" else []
        else:
            self.results.append(result)
            return result
        spare = entry.fallback
        return (
            self._read(self._declared(spare), read)
            if spare and spare not in self.city.sources
            else None
        )

    def _restored(self, entry: Source, error: WithheldCopyError) -> SourceResult | None:
        """Say of a list what was public of it; the catalogue knows its services."""
        try:
            reading = PublicReading.model_validate_json(error.reading)
        except ValidationError:  # written by another version
            self.missing.append(f"{entry.id}: {error.tried}")
            return None
        result = SourceResult.of_reading(entry, reading)
        result.notes.append(
            f"not read now ({error.tried}), and no copy is kept, for a row of it is confidential or"
            " may be: its services stay as the catalogue knows them"
        )
        self.results.append(result)
        return result

    def _request(self, entry: Source) -> Request:
        if entry.reader != "osm" or not entry.tags:
            return Request.of(entry)
        outline = self.border

        def write(path: Path) -> None:
            if not outline.area:
                raise SourceError("not asked, for want of the outlines of the municipi")
            self._say(f"{entry.id}: downloading from OpenStreetMap")
            features = download_features(outline, entry.tags)
            path.write_text(features.to_json(na="drop", drop_id=True), encoding="utf-8")

        words = f"{sorted(entry.tags.items())} {outline.wkt}"
        return Request.of(entry, query=Query(words, write, ".geojson"))

    def _keep(self, result: SourceResult, layer: Layer) -> None:
        check_counts(result.source, layer.rows_in - layer.out_of_scope["another comune"])
        result.keep_layer(layer)
        result.note_columns(layer.columns)
        self._say(f"{result.source.id}: {result.rows_kept} of {result.rows_in} rows kept")

    def _leave_outlines(self, result: SourceResult, path: Path) -> None:
        # The official outlines are not ours to commit: they arrive in data/municipi/ with a build.
        pack, name = self._fetcher.bundled, result.source.bundled
        if pack is None or name is None or result.source.reader != "vector":
            return
        if is_of_overlay(result.source.id):
            return
        target = pack / name
        # Pages come in a zip, which is no GeoJSON whatever it is called.
        if target == path or target.suffix != path.suffix:
            return
        try:
            shutil.copyfile(path, target.with_suffix(".part"))
            target.with_suffix(".part").replace(target)
        except OSError:
            result.notes.append(f"{target.name} could not be left in the data folder")


def _try(result: SourceResult, path: Path, read: ReadFile) -> None:
    try:
        read(result, path)
    except SourceError as error:
        if result.is_ours:
            raise
        # A publisher who changes the shape of a file must not stop the city's build.
        raise _UnreadableError(error.public) from error
