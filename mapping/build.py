"""The composer: reference layers and services in, a published edition out."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
from pydantic import JsonValue

from mapping.city import City
from mapping.config import overlay_summary
from mapping.coverage import area_table, assess, demand_points, equity_table
from mapping.coverage.case_measure import Assessment
from mapping.coverage.cases import list_cases, living_services
from mapping.coverage.situations import ADULT
from mapping.coverage.study_area import make_study_area
from mapping.disclosure import is_confidential, published_categories
from mapping.edition.edition import Edition, predecessor, publish
from mapping.edition.edition_writer import write
from mapping.edition.geoparquet import with_geometry_metadata
from mapping.edition.manifest import EditionSource
from mapping.geocoding.gazetteer import Gazetteer
from mapping.greyzones import zone_table
from mapping.hours.city_calendar import calendar_of
from mapping.hours.windows import days_of, windows
from mapping.maps import basemap
from mapping.model import Service
from mapping.services.matching import Decision, Matches, match
from mapping.services.merging import cards
from mapping.services.near_addresses import near_addresses
from mapping.services.service_table import flatten
from mapping.services.translations import Translation
from mapping.tables import AREAS, EQUITY, GREYZONES, NETWORKS, PREMISES, SERVICES, STOPS, Table
from mapping.territory.areas import Areas, Layers, assemble
from mapping.text import Say
from mapping.walking import network, topology


@dataclass(frozen=True)
class BuildInput:
    """What a build starts from; `lines` and the gazetteer's streets may be missing."""

    city: City
    layers: Layers
    lines: gpd.GeoDataFrame | None
    networks: pd.DataFrame | None
    gazetteer: Gazetteer
    services: Sequence[Service]
    sources: Sequence[EditionSource]
    decisions: Sequence[Decision] = ()
    """What people said of records that may be one service."""
    translations: Sequence[Translation] = ()
    missing: Sequence[str] = field(default=())
    """What no source gave, each with the reason: said wherever the edition is shown."""
    stops: gpd.GeoDataFrame | None = None
    premises: pd.DataFrame | None = None
    background: gpd.GeoDataFrame | None = None
    """Waters, green, rails, with `kind` and `name`: what maps draw behind their answers."""
    executor: Executor | None = None
    """Who measures the coverage: threads of this machine when left out."""


def build(
    inputs: BuildInput,
    *,
    root: Path,
    software_version: str,
    today: date,
    to_publish: bool,
    say: Say,
) -> Edition:
    """Compute everything, write an edition and verify it; `say` is told of each stage."""
    areas = assemble(inputs.layers, inputs.city, inputs.gazetteer.civics)
    public = [service for service in inputs.services if not is_confidential(service)]
    matches = match(public, epsg=inputs.city.epsg, decisions=inputs.decisions)
    merged = cards(public, matches.groups)
    services = flatten(merged, areas, today, inputs.translations)
    services["near_address"] = near_addresses(services, inputs.gazetteer, _hidden(inputs.services))
    graph: network.Network | None = None
    if inputs.lines is not None and areas.outlined:
        say(f"streets: joining {len(inputs.lines)} lines")
        graph = topology.from_lines(inputs.lines, epsg=inputs.city.epsg)
    say("coverage: walking from where people live")
    study_area = make_study_area(areas, graph, inputs.gazetteer.municipi_of_cap())
    cases = list_cases(services, study_area, inputs.city, today)
    context = zone_table.ZoneContext(study_area, inputs.city, living_services(services))
    blocks, results = assess.assess(
        cases, study_area, partial(_zones_and_indices, field=context), inputs.executor
    )
    zones, indices = zip(*results, strict=True)
    tables = {
        "areas.parquet": _arrow(areas.frame, AREAS),
        "services.parquet": _arrow(services, SERVICES),
        "coverage.parquet": area_table.table(blocks),
        "equity.parquet": _arrow(equity_table.table(chain.from_iterable(indices)), EQUITY),
        "addresses.arrow": inputs.gazetteer.to_arrow(),
        demand_points.FILE: demand_points.to_arrow(study_area),
    }
    optional = ((inputs.networks, NETWORKS), (inputs.stops, STOPS), (inputs.premises, PREMISES))
    tables |= {
        f"{table.name}.parquet": _arrow(frame, table)
        for frame, table in optional
        if frame is not None
    }
    say("grey zones: joining neighbours")
    past = _past_zones(root, inputs.city)
    tables["greyzones.parquet"] = _arrow(zone_table.zone_table(zones, context, past), GREYZONES)
    if graph is not None:
        tables["network.arrow"] = network.to_arrow(graph)
    say("maps: cutting tiles")
    edition = write(
        root,
        tables | _tiles(inputs, areas),
        city=inputs.city.id,
        software_version=software_version,
        parameters=_parameters(inputs, graph, today) | _matched(matches) | _overlay(),
        sources=inputs.sources,
    )
    return publish(root, edition.id) if to_publish else edition


def _hidden(services: Iterable[Service]) -> Iterator[str | None]:
    """List the addresses of confidential services."""
    for service in services:
        if is_confidential(service):
            yield from (location.address for location in service.locations)


def _tiles(inputs: BuildInput, areas: Areas) -> dict[str, bytes]:
    """Make the map tiles: none without outlines of areas, no base map without streets."""
    if not areas.outlined:
        return {}
    tiles = {"areas.pmtiles": basemap.area_tiles(areas.frame)}
    if inputs.lines is not None:
        tiles["basemap.pmtiles"] = basemap.background_tiles(
            areas.frame, inputs.lines, inputs.background
        )
    return tiles


def _zones_and_indices(
    assessment: Assessment, field: zone_table.ZoneContext
) -> tuple[pd.DataFrame, list[equity_table.Row]]:
    """Compute the zones and the inequality indices of an assessment, which the edition holds."""
    return zone_table.zones(assessment, field), equity_table.rows(assessment, field.study_area)


def _past_zones(root: Path, city: City) -> pa.Table | None:
    """Read the grey zones whose ids go on; a city without an edition of its own starts anew."""
    before = predecessor(root)
    if before is None or before.manifest.city != city.id or not before.has("greyzones.parquet"):
        return None
    return before.greyzones


def _parameters(
    inputs: BuildInput, graph: network.Network | None, today: date
) -> dict[str, JsonValue]:
    completeness: dict[str, JsonValue] = {
        code: inputs.city.completeness_of(code).model_dump(mode="json")
        for code in published_categories()
    }
    return {
        "today": today.isoformat(),
        "profile": ADULT,
        "windows": _windows(inputs.city, today),
        "estimated": graph is None,
        "network": dict(network.summary(graph)) if graph is not None else None,
        "completeness": completeness,
        "confidential": [dict(contact) for contact in inputs.city.confidential_contacts],
        "missing": list(inputs.missing),
    }


def _overlay() -> dict[str, JsonValue]:
    """Trace the numbers to the overlay's files; an edition without an overlay says nothing."""
    summary = overlay_summary()
    return {} if summary is None else {"config": summary}


def _windows(place: City, today: date) -> dict[str, JsonValue]:
    calendar = calendar_of(place)
    days = {name: days_of(window, today, calendar) for name, window in windows().items()}
    return {name: [day.isoformat() for day in dates] for name, dates in days.items()}


def _matched(matches: Matches) -> dict[str, JsonValue]:
    records = sum(len(group) for group in matches.groups)
    return {
        "records_merged": records,
        "cards_merged": len(matches.groups),
        "pairs_to_review": len(matches.queue),
    }


def _arrow(frame: pd.DataFrame, table: Table) -> pa.Table:
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))[table.names]
    columns = {
        name: pa.array(_values(plain[name], column.type), column.type)
        for name, column in table.columns.items()
    }
    arrow = pa.table(columns, schema=table.schema)
    if not isinstance(frame, gpd.GeoDataFrame):
        return arrow
    wkb = pa.array(frame.geometry.to_wkb().to_numpy(), pa.binary())
    return with_geometry_metadata(arrow.append_column("geometry", wkb))


def _values(column: pd.Series, kind: pa.DataType) -> list[object]:
    if pa.types.is_list(kind):
        return [list(value) if isinstance(value, list | tuple) else None for value in column]
    present = [None if pd.isna(value) else value for value in column]
    if pa.types.is_integer(kind):
        return [None if value is None else round(float(value)) for value in present]
    if pa.types.is_string(kind):
        return [None if value is None else str(value) for value in present]
    return present
