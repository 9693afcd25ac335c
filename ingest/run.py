"""One run over a city's sources: reference layers out, services into the catalogue."""

import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from ingest.fetching.fetch import Fetcher, Query, Request, Taken
from ingest.layers.background import read_background
from ingest.layers.reference import (
    Layer,
    check_counts,
    read_areas,
    read_census,
    read_civics,
    read_income,
    read_networks,
    read_premises,
    read_stops,
    read_streets,
    read_table,
)
from ingest.locate import Locator, anchors_at, anchors_of, locator
from ingest.readers.osm import download_features, download_osm
from ingest.services import Inside, Reading, read_services
from ingest.sheets.spreadsheet import is_sheet, sheet_source
from ingest.source import Source, source
from mapping.catalogue.batches import QuarantinedRow, SourceBatch, TakenFrom
from mapping.catalogue.catalogue import Catalogue
from mapping.city import City
from mapping.errors import NoFileError, SourceError
from mapping.geocoding.gazetteer import Gazetteer
from mapping.model import Service
from mapping.territory.areas import Layers

POINT_MARGIN_DEGREES = 0.06
"""Where the city is known only by the points of its municipi, it ends this far from them."""
BORDER_DEGREES = 0.001
FEW_SERVICES = 10
"""A source with fewer services moves by a large share with each of them."""
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
    def is_ours(self) -> bool:
        """Whether somebody here put the file in its place: then they can mend it."""
        return self.taken is not None and self.taken.taken_from in ("mirror", "bundled")

    @property
    def taken_from(self) -> TakenFrom:
        """Whence its rows came; the walks of OpenStreetMap are asked for, not taken as a file."""
        if self.taken is not None:
            return self.taken.taken_from
        return "import" if is_sheet(self.source.id) else "live"

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
    stops: gpd.GeoDataFrame | None
    premises: pd.DataFrame | None
    background: gpd.GeoDataFrame | None
    gazetteer: Gazetteer
    runs: list[SourceRun]
    sheets: list[SourceRun]
    """What people brought in their sheets, one run for each, with the services placed."""
    missing: list[str]
    """What no source gave, each with the reason, to be said in the product."""


class _UnreadableError(SourceError):
    """A file that came from its publisher, and is not what its declaration says."""


class Ingest:
    """One run over the sources of a city.

    Parameters
    ----------
    city : City
        The city.
    fetcher : Fetcher
        Takes the files.
    say : callable
        Told of each stage.
    accepted : collection of str
        Sources that may move by more than their share, since a person looked at their files.
    """

    def __init__(
        self, city: City, fetcher: Fetcher, say: Say, *, accepted: Collection[str] = ()
    ) -> None:
        self.city = city
        self.runs: list[SourceRun] = []
        self.missing: list[str] = []
        self._fetcher = fetcher
        self._say = say
        self._accepted = accepted
        self._border = shapely.Polygon()
        self._sources = [self._declared(source_id) for source_id in city.sources]

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
        premises = self._frame("premises")
        self._border = layers.municipi.union_all()
        inside = within(layers.municipi)
        stops = self._stops(inside)
        readings = self._services(inside)
        # Points that our own geocoder found on an earlier day teach it nothing new.
        theirs = [run for run in readings if "precision" not in run.source.columns]
        known = theirs if lines is not None else readings
        # The order in which sources are read must not decide between two points of one address.
        told = sorted((s for run in known for s in run.services), key=lambda s: s.service_id)
        anchors = anchors_of(told, self.city)
        if stops is not None:
            anchors += anchors_at(stops, self.city)
        place = locator(self.city, layers, lines, civics, anchors)
        for run in readings:
            ours = run not in theirs
            for row, service in enumerate(run.services):
                run.services[row] = place.place(service, ours=ours)
        for run in [run for run in self.runs if self._is_steady(catalogue, run)]:
            catalogue.record(_batch(run))
        sheets = self._sheets(catalogue, place)
        self._say_limits(layers)
        return Harvest(
            layers,
            lines,
            networks,
            stops,
            premises,
            self._background(),
            place.gazetteer,
            self.runs,
            sheets,
            self.missing,
        )

    def _sheets(self, catalogue: Catalogue, place: Locator) -> list[SourceRun]:
        """Place what people's sheets say; the catalogue keeps it as they said it."""
        by_source: dict[str, list[Service]] = defaultdict(list)
        for service in catalogue.current():
            here = any(location.city == self.city.name for location in service.locations)
            if is_sheet(service.provenance.source_id) and here:
                by_source[service.provenance.source_id].append(place.place(service, ours=False))
        return [
            SourceRun(sheet_source(name), rows_in=len(found), rows_kept=len(found), services=found)
            for name, found in by_source.items()
        ]

    def _declared(self, source_id: str) -> Source:
        entry = source(source_id)
        expect = self.city.expect.get(source_id, entry.expect)
        return entry.model_copy(update={"expect": expect})

    def _layers(self) -> Layers:
        frames: dict[str, gpd.GeoDataFrame] = {}
        for entry in self._yielding("areas"):
            frame = self._layer(entry, read_areas)
            if frame is not None:
                frames[str(entry.level)] = frame
        for level in self.city.levels or ("neighbour",):
            if level not in frames:
                raise SourceError(
                    f"No source gives the areas of {self.city.name}, level {level}:"
                    f" {'; '.join(self.missing)}. Give a mirror (--mirror), or internet."
                )
        return Layers(
            frames["municipio"] if self.city.levels else self._outline(frames["neighbour"]),
            frames.get("nil"),
            frames.get("section"),
            frames.get("neighbour"),
            self._frame("population"),
            self._frame("income"),
        )

    def _outline(self, comuni: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        outline = comuni[comuni["area_id"] == self.city.istat]
        if outline.empty:
            raise SourceError(
                f"No comune has the ISTAT code {self.city.istat} of {self.city.name}. Mend `istat`"
                " in the city's TOML, or name a source with its province."
            )
        return outline

    def _say_limits(self, layers: Layers) -> None:
        if layers.sections is not None or (layers.nil is not None and "residents" in layers.nil):
            return
        if layers.census is None and "residents" not in layers.municipi:
            told = "residents: no source counts them, so coverage says nothing of an area"
        else:
            told = "sections: none with outlines, so people are spread evenly over larger areas"
        self.missing.append(told)

    def _stops(self, inside: Inside) -> gpd.GeoDataFrame | None:
        def read(entry: Source, path: Path, city: City) -> Layer:
            return read_stops(entry, path, city, inside)

        found = (self._layer(entry, read) for entry in self._yielding("stops"))
        return next((gpd.GeoDataFrame(stops) for stops in found if stops is not None), None)

    def _background(self) -> gpd.GeoDataFrame | None:
        """Lay what several sources give one upon another: each draws something else."""
        found = [self._layer(entry, read_background) for entry in self._yielding("background")]
        held = [frame for frame in found if frame is not None]
        return gpd.GeoDataFrame(pd.concat(held, ignore_index=True)) if held else None

    def _frame(self, yields: str) -> pd.DataFrame | None:
        readers: dict[str, ReadLayer] = {
            "population": read_census,
            "income": read_income,
            "addresses": read_civics,
            "networks": read_networks,
            "premises": read_premises,
        }
        frames = (self._layer(entry, readers[yields]) for entry in self._yielding(yields))
        return next((frame for frame in frames if frame is not None), None)

    def _streets(self, municipi: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
        for entry in self._yielding("streets"):
            if entry.is_asked:
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
            taken = self._fetcher.take(self._request(entry))
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
        return (
            self._read(self._declared(spare), read)
            if spare and spare not in self.city.sources
            else None
        )

    def _request(self, entry: Source) -> Request:
        if entry.reader != "osm" or not entry.tags:
            return Request.of(entry)
        outline = self._border

        def write(path: Path) -> None:
            if not outline.area:
                raise SourceError("not asked, for want of the outlines of the municipi")
            self._say(f"{entry.id}: downloading from OpenStreetMap")
            found = download_features(outline, entry.tags)
            path.write_text(found.to_json(na="drop", drop_id=True), encoding="utf-8")

        words = f"{sorted(entry.tags.items())} {outline.wkt}"
        return Request.of(entry, query=Query(words, write, ".geojson"))

    def _try(self, run: SourceRun, read: Callable[[SourceRun, Path], None]) -> None:
        assert run.taken is not None  # noqa: S101 - it was just taken
        try:
            read(run, run.taken.path)
        except SourceError as error:
            if run.is_ours:
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
        if pack is None or name is None or run.source.reader != "vector":
            return
        target = pack / name
        # Pages come in a zip, which is no GeoJSON whatever it is called.
        if target == path or target.suffix != path.suffix:
            return
        try:
            shutil.copyfile(path, target.with_suffix(".part"))
            target.with_suffix(".part").replace(target)
        except OSError:
            run.notes.append(f"{target.name} could not be left in the data folder")

    def _is_steady(self, catalogue: Catalogue, run: SourceRun) -> bool:
        """Whether a source may be recorded: not where it moves by more than its share."""
        fates = Counter(change.fate for change in catalogue.preview(_batch(run)))
        in_force = fates.total() - fates["new"]
        most = max(fates["new"], fates["withdrawn"])
        share = run.source.expect.max_change_share
        if run.source.id in self._accepted or in_force < FEW_SERVICES or most <= share * in_force:
            return True
        told = (
            f"{run.source.id}: of {in_force} services {fates['withdrawn']} would go and"
            f" {fates['new']} come, more than {share:.0%}. Look at its file; if it is right, say"
            f" `prossima build --accept {run.source.id}`."
        )
        if run.is_ours:
            raise SourceError(told)
        self.missing.append(f"{told} Until then it stays as it was.")
        return False


def _batch(run: SourceRun) -> SourceBatch:
    return SourceBatch(
        source_id=run.source.id,
        sha256=run.taken.sha256 if run.taken else None,
        taken_from=run.taken_from,
        started_at=run.started_at,
        rows_in=run.rows_in,
        rows_kept=run.rows_kept,
        rows_out_of_scope=run.rows_out_of_scope,
        quarantined=run.quarantined,
        services=run.services if run.source.role == "catalogue" else [],
        review=run.source.review,
    )


def _fill(run: SourceRun, rows_in: int, reading: Reading) -> None:
    run.rows_in, run.rows_kept = rows_in, reading.rows_kept
    run.out_of_scope, run.quarantined = reading.out_of_scope, reading.quarantined
    run.services = reading.services
    if reading.positions_refused:
        run.notes.append(
            f"{reading.positions_refused} positions outside the city refused: placed by address"
        )


def within(municipi: gpd.GeoDataFrame) -> Inside:
    """Make the test of whether a point lies in the city.

    Parameters
    ----------
    municipi : GeoDataFrame
        Their outlines in degrees, or their points where no outlines are held.

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
