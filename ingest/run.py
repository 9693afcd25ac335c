"""One run over a city's sources: reference layers out, services into the catalogue."""

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from ingest.fetch import Fetcher, Request, Taken
from ingest.locate import anchors_at, anchors_of, locator
from ingest.readers.osm import download_osm
from ingest.reference import (
    Layer,
    check_counts,
    read_anchors,
    read_areas,
    read_census,
    read_civics,
    read_networks,
    read_streets,
    read_table,
)
from ingest.services import Inside, Reading, read_services
from ingest.source import Source, source
from mapping.areas import Layers
from mapping.catalogue import Catalogue, QuarantinedRow, SourceBatch
from mapping.city import City
from mapping.errors import NoFileError, SourceError
from mapping.gazetteer import Gazetteer
from mapping.model import Service

POINT_MARGIN_DEGREES = 0.06
"""Where the city is known only by the points of its municipi, it ends this far from them."""
BORDER_DEGREES = 0.001
Say = Callable[[str], None]
ReadLayer = Callable[[Source, Path, City], Layer]


@dataclass
class SourceRun:
    """What one run did with one source; the sums balance."""

    source: Source
    taken: Taken | None = None
    rows_in: int = 0
    rows_kept: int = 0
    out_of_scope: Counter[str] = field(default_factory=Counter)
    quarantined: list[QuarantinedRow] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def rows_out_of_scope(self) -> int:
        """Rows of another comune, or of nothing that a family looks for."""
        return sum(self.out_of_scope.values())


@dataclass
class Harvest:
    """Everything that a build needs from the sources."""

    layers: Layers
    lines: gpd.GeoDataFrame | None
    networks: pd.DataFrame | None
    gazetteer: Gazetteer
    runs: list[SourceRun]
    missing: list[str]
    """What no source gave, each with the reason, to be said in the product."""


class _UnreadableError(SourceError):
    """A file that came from its publisher, and is not what its declaration says."""


class Ingest:
    """One run over the sources of a city."""

    def __init__(self, city: City, fetcher: Fetcher, say: Say) -> None:
        self.city = city
        self.runs: list[SourceRun] = []
        self.missing: list[str] = []
        self._fetcher = fetcher
        self._say = say
        self._sources = [source(source_id) for source_id in city.sources]

    def run(self, catalogue: Catalogue) -> Harvest:
        """Read every source, and record the services.

        Parameters
        ----------
        catalogue : Catalogue
            Where services, runs and quarantined rows go.

        Returns
        -------
        Harvest
            The reference layers.
        """
        layers = self._layers()
        lines = self._streets(layers.municipi)
        civics, networks = self._frame("addresses"), self._frame("networks")
        readings = self._services(inside_of(layers.municipi))
        # Points that our own geocoder found on an earlier day teach it nothing new.
        theirs = [run for run in readings if "precision" not in run.source.columns]
        known = theirs if lines is not None else readings
        anchors = anchors_of((s for run in known for s in run.services), self.city)
        for entry in self._yielding("anchors") if lines is not None else ():
            frame = self._layer(entry, read_anchors)
            anchors += [] if frame is None else anchors_at(frame, self.city)
        place = locator(self.city, layers, lines, civics, anchors)
        for run in readings:
            ours = run not in theirs
            run.services = [place.place(service, ours=ours) for service in run.services]
        for run in self.runs:
            self._record(catalogue, run)
        return Harvest(layers, lines, networks, place.gazetteer, self.runs, self.missing)

    def _layers(self) -> Layers:
        frames: dict[str, gpd.GeoDataFrame] = {}
        for entry in self._yielding("areas"):
            frame = self._layer(entry, read_areas)
            if frame is not None:
                frames[str(entry.level)] = frame
        for level in ("municipio", "nil"):
            if level not in frames:
                raise SourceError(
                    f"No source gives the areas of level {level}: {'; '.join(self.missing)}."
                    " Give a mirror (--mirror), or internet."
                )
        return Layers(
            frames["municipio"],
            frames["nil"],
            frames.get("section"),
            frames.get("neighbour"),
            self._frame("population"),
        )

    def _frame(self, yields: str) -> pd.DataFrame | None:
        readers: dict[str, ReadLayer] = {
            "population": read_census,
            "addresses": read_civics,
            "networks": read_networks,
        }
        frames = (self._layer(entry, readers[yields]) for entry in self._yielding(yields))
        return next((frame for frame in frames if frame is not None), None)

    def _streets(self, municipi: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
        for entry in self._yielding("streets"):
            if entry.reader == "osm" and not (entry.mirror or entry.bundled):
                layer = self._live_streets(entry, municipi)
                if layer is not None:
                    return layer
                continue
            lines = self._layer(entry, read_streets)
            if lines is not None:
                return gpd.GeoDataFrame(lines).to_crs(self.city.epsg)
        return None

    def _live_streets(self, entry: Source, municipi: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
        run, outline = SourceRun(entry), municipi.union_all()
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
        self.runs.append(run)
        run.rows_in = run.rows_kept = len(frame)
        return frame.to_crs(self.city.epsg)

    def _services(self, inside: Inside) -> list[SourceRun]:
        def read(run: SourceRun, path: Path) -> None:
            table = read_table(run.source, path)
            reading = read_services(run.source, table, self.city, inside)
            check_counts(run.source, table.rows_in - reading.out_of_scope["another comune"])
            self._note_columns(run, table.columns)
            _fill(run, table.rows_in, reading)

        runs = [self._read(entry, read) for entry in self._yielding("services")]
        return [run for run in runs if run is not None]

    def _yielding(self, yields: str) -> list[Source]:
        return [entry for entry in self._sources if entry.yields == yields]

    def _layer(self, entry: Source, read: ReadLayer) -> pd.DataFrame | None:
        frames: list[pd.DataFrame] = []

        def keep(run: SourceRun, path: Path) -> None:
            layer = read(run.source, path, self.city)
            self._keep(run, layer)
            frames.append(layer.frame)
            self._leave_outlines(run, path)

        return frames[0] if self._read(entry, keep) else None

    def _read(self, entry: Source, read: Callable[[SourceRun, Path], None]) -> SourceRun | None:
        """Take and read a source, or its fallback; what none of them gave is told in `missing`."""
        try:
            taken = self._fetcher.take(Request.of(entry))
            run = SourceRun(entry, taken)
            self._try(run, read)
        except NoFileError as error:
            self.missing.append(f"{entry.id}: {error.tried}")
        except _UnreadableError as error:
            self.missing.append(f"{entry.id}: {error}")
        else:
            self.runs.append(run)
            return run
        spare = entry.fallback
        return self._read(source(spare), read) if spare and spare not in self.city.sources else None

    def _try(self, run: SourceRun, read: Callable[[SourceRun, Path], None]) -> None:
        assert run.taken is not None  # noqa: S101 - it was just taken
        try:
            read(run, run.taken.path)
        except SourceError as error:
            if run.taken.taken_from in ("mirror", "bundled"):
                raise
            # A publisher who changes the shape of a file must not stop the city's build.
            raise _UnreadableError(str(error)) from error

    def _keep(self, run: SourceRun, layer: Layer) -> None:
        check_counts(run.source, layer.rows_in - layer.out_of_scope["another comune"])
        run.rows_in, run.rows_kept = layer.rows_in, layer.rows_kept
        run.out_of_scope, run.quarantined = layer.out_of_scope, layer.quarantined
        self._note_columns(run, layer.columns)
        self._say(f"{run.source.id}: {run.rows_kept} of {run.rows_in} rows kept")

    def _note_columns(self, run: SourceRun, columns: list[str]) -> None:
        known = run.source.mapped_columns | set(run.source.known_columns)
        new = [column for column in columns if column not in known and "*" not in known]
        if new:
            run.notes.append(f"unknown columns: {', '.join(new[:10])}")

    def _leave_outlines(self, run: SourceRun, path: Path) -> None:
        # The official outlines are not ours to commit: they arrive in data/municipi/ with a build.
        pack, name = self._fetcher.bundled, run.source.bundled
        if pack is None or name is None or run.source.reader != "vector" or pack / name == path:
            return
        target = pack / name
        try:
            shutil.copyfile(path, target.with_suffix(".part"))
            target.with_suffix(".part").replace(target)
        except OSError:
            run.notes.append(f"{target.name} could not be left in the data folder")

    def _record(self, catalogue: Catalogue, run: SourceRun) -> None:
        catalogue.record(
            SourceBatch(
                source_id=run.source.id,
                sha256=run.taken.sha256 if run.taken else None,
                taken_from=run.taken.taken_from if run.taken else "live",
                started_at=run.started_at,
                rows_in=run.rows_in,
                rows_kept=run.rows_kept,
                rows_out_of_scope=run.rows_out_of_scope,
                quarantined=run.quarantined,
                services=run.services if run.source.role == "catalogue" else [],
            )
        )


def _fill(run: SourceRun, rows_in: int, reading: Reading) -> None:
    run.rows_in, run.rows_kept = rows_in, reading.rows_kept
    run.out_of_scope, run.quarantined = reading.out_of_scope, reading.quarantined
    run.services = reading.services
    if reading.positions_refused:
        run.notes.append(
            f"{reading.positions_refused} positions outside the city refused: placed by address"
        )


def inside_of(municipi: gpd.GeoDataFrame) -> Inside:
    """Tell which points lie in the city.

    Parameters
    ----------
    municipi : GeoDataFrame
        Their outlines, or points where no more is known.

    Returns
    -------
    callable
        Of lon and lat; with a margin, since outlines and points were surveyed apart.
    """
    outline = municipi.union_all()
    margin = BORDER_DEGREES if outline.area else POINT_MARGIN_DEGREES
    region = outline.buffer(margin) if outline.area else outline.envelope.buffer(margin)
    shapely.prepare(region)
    return lambda lon, lat: bool(shapely.contains_xy(region, lon, lat))
