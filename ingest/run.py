"""Reads all sources of a city: reference layers for the build, services into the catalogue."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import partial

import geopandas as gpd
import pandas as pd

from ingest.beyond import ground
from ingest.border import Inside, within
from ingest.fetching.fetch import Fetcher
from ingest.layers.addresses import (
    homes,
    joined,
    read_civics,
    read_street_names,
    with_municipi,
)
from ingest.layers.background import read_background
from ingest.layers.reference import (
    read_areas,
    read_census,
    read_income,
    read_institutions,
    read_networks,
    read_premises,
    read_stops,
)
from ingest.layers.registry import read_registry, register_of
from ingest.layers.streets import read_streets
from ingest.locate import Locator
from ingest.placing import AddressSources, meeting, placed, without_confidential
from ingest.sheets.spreadsheet import is_sheet, sheet_source
from ingest.source_reader import ReadLayer, SourceReader
from ingest.source_result import SourceResult
from mapping.build import BuildInput
from mapping.catalogue.catalogue import Catalogue
from mapping.city import City
from mapping.coverage.border import Beyond, longest_walk_metres
from mapping.disclosure import is_confidential
from mapping.edition.manifest import EditionSource
from mapping.edition.withheld import digest_of
from mapping.errors import SourceError
from mapping.geocoding.station_points import agreed
from mapping.model import Service
from mapping.territory.areas import Layers
from mapping.territory.cohorts import Register
from mapping.text import Say

FEW_SERVICES = 10
"""A source with fewer services moves by a large share with each of them."""
_FRAMES: dict[str, ReadLayer] = {
    "population": read_census,
    "income": read_income,
    "networks": read_networks,
    "street_names": read_street_names,
    "premises": read_premises,
}


class Ingest:
    """One run over the sources of a city.

    Sources in `accepted` may move by more than their share, since a person looked at their files.
    `withheld` are the digests of the services that a person hid, over the border too.
    """

    def __init__(
        self,
        city: City,
        fetcher: Fetcher,
        say: Say,
        *,
        accepted: Collection[str] = (),
        withheld: Collection[str] = (),
    ) -> None:
        self.city = city
        self._say = say
        self._reader = SourceReader(city, fetcher, say)
        self._accepted = accepted
        self._withheld = withheld
        self._streets_metres = 0.0
        self._unplaced: list[SourceResult] = []
        self._addresses: AddressSources | None = None
        self.withdrawn: set[str] = set()
        """Ids that were withdrawn, though their source waits, because they are confidential now."""

    @property
    def results(self) -> list[SourceResult]:
        """What was done with each source, in the order of reading; people's sheets come last."""
        return self._reader.results

    @property
    def neighbours(self) -> list[SourceResult]:
        """What was done with the lists that are read for what they have over the border alone."""
        return self._reader.neighbours

    @property
    def missing(self) -> list[str]:
        """What no source gave, each with the reason, to be said in the product."""
        return self._reader.missing

    def run(self, catalogue: Catalogue) -> BuildInput:
        """Read every source, record the services, and give all that a build starts from."""
        layers = self._layers()
        lines = self._streets(layers.municipi)
        networks, premises = self._frame("networks"), self._frame("premises")
        self._reader.border = layers.municipi.union_all()
        inside = within(layers.municipi)
        civics, names = self._civics(inside, layers.municipi), self._frame("street_names")
        stops = self._stops(inside)
        lists = self._reader.services(inside, _area_names(layers))
        for result in lists:
            result.services = catalogue.decided(result.services)
            result.services_read = result.services
        self._addresses = AddressSources(self.city, layers, lines, civics, names, stops)
        self._unplaced = [replace(result) for result in lists]
        place = self._addresses.locator(lists)
        for result in lists:
            result.services = placed(result, place)
        self._record(catalogue)
        self._say_limits(layers)
        background, beyond = self._background(stops), self._beyond(layers)
        self._reader.settle_copies(partial(self._marked, catalogue))
        services = self._current(catalogue, place)
        return BuildInput(
            city=self.city,
            layers=layers,
            lines=lines,
            networks=networks,
            gazetteer=place.gazetteer,
            services=services,
            sources=self._manifest_entries(),
            decisions=catalogue.decisions(),
            translations=catalogue.translations(),
            missing=self.missing,
            stops=stops,
            premises=premises,
            background=background,
            beyond=beyond,
            homes=None if civics is None else homes(civics, self.city),
        )

    def without_confidential(self, inputs: BuildInput) -> BuildInput:
        """Give what a build would start from if no list had ever held a confidential record."""
        assert self._addresses is not None  # noqa: S101 - `run` gave the inputs
        lists, doubted = self._unplaced, self._reader.unreadable
        return without_confidential(inputs, lists, self._addresses, doubted)

    def _beyond(self, layers: Layers) -> Beyond:
        """Read what lies over the border; a city that is known only by points has none."""
        if not layers.outlined:
            return Beyond()
        comuni = {} if layers.neighbours is None else layers.neighbours
        names = dict(zip(comuni["area_id"], comuni["name"], strict=True)) if len(comuni) else {}
        metres = longest_walk_metres()
        beyond = self._reader.beyond(ground(layers.municipi, metres, self.city.epsg, names))
        return replace(beyond, streets_metres=self._streets_metres)

    def _marked(self, catalogue: Catalogue, services: list[Service]) -> list[Service]:
        """Mark services over the border, which no catalogue holds, with what people said."""
        return [
            service.model_copy(update={"confirmed": True})
            if digest_of(service.service_id) in self._withheld
            else service
            for service in catalogue.decided(services)
        ]

    def _manifest_entries(self) -> list[EditionSource]:
        results = [*self.results, *self.neighbours]
        hashes = {
            result.taken.sha256
            for result in results
            if result.taken and result.source.yields == "services"
        }
        return [result.manifest_entry(hashes) for result in results]

    def _record(self, catalogue: Catalogue) -> None:
        # What is said again of a list without a copy tells the catalogue nothing.
        read = [result for result in self.results if result.restored is None]
        steady = [self._is_steady(catalogue, result) for result in read]
        for result, is_steady in zip(read, steady, strict=True):
            if is_steady:
                catalogue.record(result.batch())
                continue
            # What has become confidential does not wait for a person.
            hidden = {service.service_id for service in result.services if is_confidential(service)}
            catalogue.withdraw(hidden, result.source.id)
            self.withdrawn |= hidden

    def _current(self, catalogue: Catalogue, place: Locator) -> list[Service]:
        """Give the city's services in force; those of sheets are placed anew in each build."""
        current = catalogue.current()
        sheets = _sheets(current, self.city)
        self._unplaced += [replace(sheet) for sheet in sheets]
        for sheet in sheets:
            sheet.services = placed(sheet, place)
        self.results.extend(sheets)
        ours = (service for service in current if belongs(service, self.city))
        listed = [service for service in ours if not is_sheet(service.provenance.source_id)]
        return [*listed, *(service for sheet in sheets for service in sheet.services)]

    def _layers(self) -> Layers:
        frames: dict[str, gpd.GeoDataFrame] = {}
        basis: str | None = None
        for entry in self._reader.yielding("areas"):
            frame = self._reader.layer(entry, read_areas)
            if frame is not None:
                frames[str(entry.level)] = frame
            if frame is not None and "residents" in frame:
                basis = f"{entry.publisher}, {entry.assured_date}"
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
            self._registry(frames.get("nil")),
            self._signs(),
            basis,
        )

    def _registry(self, nil: pd.DataFrame | None) -> Register | None:
        read = partial(read_registry, parts=() if nil is None else nil["area_id"].tolist())
        layers = (self._reader.layer(entry, read) for entry in self._reader.yielding("registry"))
        return next((register_of(frame) for frame in layers if frame is not None), None)

    def _signs(self) -> gpd.GeoDataFrame | None:
        """Lay together what tells of prisons, barracks, convents and hospitals."""
        entries = self._reader.yielding("institutions")
        layers = [self._reader.layer(entry, read_institutions) for entry in entries]
        frames = [layer for layer in layers if layer is not None and len(layer)]
        return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True)) if frames else None

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
            limit = "residents: no source counts them, so coverage says nothing of an area"
        else:
            limit = "sections: none with outlines, so people are spread evenly over larger areas"
        self.missing.append(limit)

    def _civics(self, inside: Inside, municipi: gpd.GeoDataFrame) -> pd.DataFrame | None:
        """Lay the registers of civic numbers together, those with coordinates first."""
        read = partial(read_civics, inside=inside)
        layers = (self._reader.layer(entry, read) for entry in self._reader.yielding("addresses"))
        civics = joined([layer for layer in layers if layer is not None])
        if civics is None or "lon" not in civics:
            return civics
        return with_municipi(civics, municipi)

    def _stops(self, inside: Inside) -> gpd.GeoDataFrame | None:
        read = partial(read_stops, inside=inside)
        layers = (self._reader.layer(entry, read) for entry in self._reader.yielding("stops"))
        return next((gpd.GeoDataFrame(stops) for stops in layers if stops is not None), None)

    def _background(self, stops: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
        """Lay what several sources give one upon another: each draws something else.

        Of a station that two of them place far apart the point is taken that the stops bear out.
        """
        entries = self._reader.yielding("background")
        layers = [self._reader.layer(entry, read_background) for entry in entries]
        frames = [frame for frame in layers if frame is not None]
        if not frames:
            return None
        laid = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True))
        agreeing, moved = agreed(laid, stops, self.city.name)
        if moved:
            names = ", ".join(moved)
            self._say(f"stations: {names}: moved to where another source and the stops have them")
        return agreeing

    def _frame(self, yields: str) -> pd.DataFrame | None:
        entries = self._reader.yielding(yields)
        frames = (self._reader.layer(entry, _FRAMES[yields]) for entry in entries)
        return next((frame for frame in frames if frame is not None), None)

    def _streets(self, municipi: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
        for entry in self._reader.yielding("streets"):
            if entry.is_asked:
                metres = longest_walk_metres()
                around = ground(municipi, metres, self.city.epsg, {}).around
                osm_lines = self._reader.osm_streets(entry, around)
                if osm_lines is not None:
                    self._streets_metres = metres
                    return osm_lines
                continue
            lines = self._reader.layer(entry, read_streets)
            if lines is None:
                continue
            metric = gpd.GeoDataFrame(lines).to_crs(self.city.epsg)
            if _touch(metric, municipi):
                self._streets_metres = entry.beyond_metres
                return metric
            self.missing.append(
                f"{entry.id}: none of its {len(metric)} streets lies in {self.city.name}. Give the"
                " streets of this city, or mend its outline."
            )
        return None

    def _is_steady(self, catalogue: Catalogue, result: SourceResult) -> bool:
        """Whether a source may be recorded: not where it moves by more than its share.

        The public services alone decide, for an edition shows what was decided.
        """
        changes = catalogue.preview(result.batch())
        known = [change.before for change in changes if change.before]
        new = [change.after for change in changes if change.after]
        before, after = (_public_ids(catalogue.decided(each)) for each in (known, new))
        in_force, gone, come = len(before), len(before - after), len(after - before)
        most = max(gone, come)
        entry = result.source
        share = entry.expect.max_change_share
        if entry.id in self._accepted or in_force < FEW_SERVICES or most <= share * in_force:
            return True
        numbers = f"Of {in_force}, {gone} would go and {come} come."
        reason = (
            f"{entry.id}: more than {share:.0%} of its services would go or come. Look at its file;"
            f" if it is right, say `prossima build --accept {entry.id}`."
        )
        if result.is_ours:
            raise SourceError(reason, detail=numbers)
        self._say(f"{entry.id}: {numbers}")
        self.missing.append(f"{reason} Until then it stays as it was.")
        return False


def _area_names(layers: Layers) -> set[str]:
    """Name the areas that a catchment may have."""
    levels = {"municipio": layers.municipi, "nil": layers.nil}
    return {
        f"{level}:{area_id}"
        for level, frame in levels.items()
        if frame is not None
        for area_id in frame["area_id"]
    }


def _touch(lines: gpd.GeoDataFrame, municipi: gpd.GeoDataFrame) -> bool:
    """Whether any line lies in the city, or may: of one that is known by points nobody can say."""
    outline = municipi.to_crs(lines.crs).union_all()
    return not outline.area or bool(meeting(lines, outline).any())


def _public_ids(services: Iterable[Service]) -> set[str]:
    return {service.service_id for service in services if not is_confidential(service)}


def belongs(service: Service, place: City) -> bool:
    """Whether a service of the catalogue is the city's: of its sources or of a sheet, and no other.

    False for what a regional source gave to another city with the same catalogue.
    """
    cities = {location.city for location in service.locations} - {None}
    source_id = service.provenance.source_id
    return (source_id in place.sources or is_sheet(source_id)) and cities <= {place.name}


def _sheets(current: Sequence[Service], city: City) -> list[SourceResult]:
    """Give what people's sheets say, not placed yet: one result for each sheet."""
    by_source: dict[str, list[Service]] = defaultdict(list)
    for service in current:
        here = any(location.city == city.name for location in service.locations)
        if is_sheet(service.provenance.source_id) and here:
            by_source[service.provenance.source_id].append(service)
    return [
        SourceResult(
            sheet_source(name), rows_in=len(services), rows_kept=len(services), services=services
        )
        for name, services in by_source.items()
    ]
