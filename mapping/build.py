"""The composer: reference layers and services in, a published edition out."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pydantic import JsonValue

from mapping.city import City, Completeness, CompletePart
from mapping.config import overlay_summary
from mapping.coverage import assess, demand_points, equity_table
from mapping.coverage import blocks as coverage_blocks
from mapping.coverage.border import Beyond, Border, metres_to_border
from mapping.coverage.case_measure import Assessment
from mapping.coverage.cases import Case, list_cases, living_services, with_outside
from mapping.coverage.situations import ADULT
from mapping.coverage.study_area import StudyArea, make_study_area
from mapping.disclosure import is_confidential, published_categories, speaking_names
from mapping.edition.edition import Edition, predecessor
from mapping.edition.edition_writer import write
from mapping.edition.geoparquet import with_geometry_metadata
from mapping.edition.hidden_rows import OUTSIDE
from mapping.edition.manifest import EditionSource
from mapping.edition.withheld import digest_of, read_withheld
from mapping.geocoding import gazetteer_table
from mapping.geocoding.gazetteer import Gazetteer
from mapping.greyzones import zone_table
from mapping.greyzones.columns import GREYZONES
from mapping.hours.city_calendar import calendar_of
from mapping.hours.windows import days_of, windows
from mapping.maps import basemap
from mapping.model import Service
from mapping.services.matching import Decision, Matches, match
from mapping.services.merging import cards
from mapping.services.near_addresses import near_addresses
from mapping.services.service_table import flatten
from mapping.services.translations import Translation
from mapping.table_schema import Table
from mapping.tables import (
    AREAS,
    EQUITY,
    NETWORKS,
    PLACES,
    PREMISES,
    SERVICES,
    STOPS,
)
from mapping.territory.areas import Areas, Layers, assemble
from mapping.territory.extent import reach_metres
from mapping.text import Say
from mapping.walking import network, topology
from mapping.walking.bridge_ends import BLIND_METRES, barriers
from mapping.walking.street_ends import Doors

ASKED_BY_NAME = ("station", "park", "police")
"""Kinds of the background that are places to set out from."""


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
    beyond: Beyond | None = None
    """What lies over the border; None where the city's outline is the edge of the world."""
    homes: npt.NDArray[np.float64] | None = None
    """Where people live, (k, 2) in metres: residential civic numbers, of which no edition tells."""
    executor: Executor | None = None
    """Who measures the coverage: threads of this machine when left out."""


@dataclass(frozen=True, eq=False)
class CoverageSurvey:
    """What coverage is measured of: places, people, streets, services, and each case of them."""

    areas: Areas
    matches: Matches
    services: gpd.GeoDataFrame
    outside: gpd.GeoDataFrame | None
    """Services over the border."""
    graph: network.Network | None
    study_area: StudyArea
    cases: list[Case]
    context: zone_table.ZoneContext


def build(
    inputs: BuildInput,
    *,
    root: Path,
    software_version: str,
    today: date,
    say: Say,
    folder: Path | None = None,
) -> Edition:
    """Compute everything, write an edition and verify it; `say` is told of each stage.

    It is written among the editions of `root`, from which it goes on, or into another folder.
    """
    surveyed = survey(inputs, withheld=read_withheld(root), today=today, say=say)
    areas, study_area, graph = surveyed.areas, surveyed.study_area, surveyed.graph
    context = surveyed.context
    blocks, results = assess.assess(
        surveyed.cases,
        study_area,
        partial(_zones_and_indices, field=context),
        inputs.executor,
    )
    zones, indices = [zones for zones, _ in results], [rows for _, rows in results]
    tables = _optional_tables(inputs, surveyed.outside) | {
        "areas.parquet": _arrow(areas.frame, AREAS),
        "services.parquet": _arrow(surveyed.services, SERVICES),
        "coverage.parquet": coverage_blocks.table(blocks),
        "equity.parquet": _arrow(equity_table.table(chain.from_iterable(indices)), EQUITY),
        "addresses.arrow": gazetteer_table.to_arrow(inputs.gazetteer),
        demand_points.FILE: demand_points.to_arrow(study_area),
    }
    say("grey zones: joining neighbours")
    past = _past_zones(root, inputs.city)
    tables["greyzones.parquet"] = _arrow(zone_table.zone_table(zones, context, past), GREYZONES)
    if graph is not None:
        tables["network.arrow"] = network.to_arrow(graph)
    say("maps: cutting tiles")
    return write(
        folder or root,
        tables | _tiles(inputs, areas),
        city=inputs.city.id,
        software_version=software_version,
        parameters=_parameters(inputs, graph, today) | _matched(surveyed.matches) | _overlay(),
        sources=inputs.sources,
    )


def survey(
    inputs: BuildInput, *, withheld: frozenset[str], today: date, say: Say
) -> CoverageSurvey:
    """Merge the records, spread the people over the streets, and list what is to be measured.

    Services over the border whose digest is in `withheld` are left out.
    """
    areas = assemble(inputs.layers, inputs.city, inputs.gazetteer.civics)
    public = [service for service in inputs.services if not is_confidential(service)]
    matches = match(public, epsg=inputs.city.epsg, decisions=inputs.decisions)
    merged = cards(public, matches.groups)
    services = flatten(merged, areas, today, inputs.translations)
    services["near_address"] = near_addresses(services, inputs.gazetteer)
    graph: network.Network | None = None
    if inputs.lines is not None and areas.outlined:
        say(f"streets: joining {len(inputs.lines)} lines")
        graph = _network(inputs.lines, inputs, say)
    say("coverage: walking from where people live")
    outside = _outside(inputs.beyond, withheld, areas, today)
    reached = services if outside is None else with_outside(services, outside)
    study_area = make_study_area(areas, graph, inputs.gazetteer.municipi_of_cap(), inputs.homes)
    if inputs.beyond is not None and areas.outlined:
        study_area = replace(study_area, border=_border(inputs, study_area))
    for line in expired_lists(inputs.city, today):
        say(line)
    cases = list_cases(reached, study_area, inputs.city, today, inputs.premises)
    context = zone_table.ZoneContext(study_area, inputs.city, living_services(reached))
    return CoverageSurvey(areas, matches, services, outside, graph, study_area, cases, context)


def expired_lists(city: City, today: date) -> Iterator[str]:
    """Say in one line of each list that was complete that no absence is claimed of it any more."""
    for code in published_categories():
        whole = city.completeness_on(code, today)
        named: list[tuple[Completeness | CompletePart, str]] = [(whole, "")]
        named += [(part, f" in {part.level} {', '.join(part.area_ids)}") for part in whole.parts]
        for declared, where in named:
            if declared.status == "expired":
                yield (
                    f"lists: '{code}'{where} was complete until {declared.expires}"
                    f" ({declared.source}, {declared.year}): no absence is claimed of it. Give a"
                    " later list."
                )


def _network(lines: gpd.GeoDataFrame, inputs: BuildInput, say: Say) -> network.Network:
    barred = barriers(inputs.background, inputs.city.epsg)
    if barred is None:
        say(f"streets: waters or railways not known, links of bridges up to {BLIND_METRES:.0f} m")
    doors = _doors(inputs.gazetteer)
    return topology.from_lines(lines, epsg=inputs.city.epsg, barriers=barred, doors=doors)


def _doors(gazetteer: Gazetteer) -> Doors:
    civics = gazetteer.civics
    street = np.repeat(np.arange(len(gazetteer.streets)), np.diff(civics.start))
    seen = np.array([civics.is_seen(row) for row in range(len(street))], bool)
    names = np.array([name.casefold() for name in gazetteer.streets], object)
    return Doors(civics.x[seen], civics.y[seen], names[street[seen]])


def _optional_tables(inputs: BuildInput, outside: gpd.GeoDataFrame | None) -> dict[str, pa.Table]:
    """Give the tables that a city may do without."""
    optional = {
        "networks.parquet": (inputs.networks, NETWORKS),
        "stops.parquet": (inputs.stops, STOPS),
        "premises.parquet": (inputs.premises, PREMISES),
        "places.parquet": (_named(inputs), PLACES),
        OUTSIDE: (outside, SERVICES),
    }
    return {
        name: _arrow(frame, table) for name, (frame, table) in optional.items() if frame is not None
    }


def _outside(
    beyond: Beyond | None, withheld: frozenset[str], areas: Areas, today: date
) -> gpd.GeoDataFrame | None:
    """List the services over the border; they lie in no area of the city, however it is drawn.

    The catalogue does not hold them: one that a person hid is known by its digest alone.
    """
    services = () if beyond is None else beyond.services
    shown = [service for service in services if digest_of(service.service_id) not in withheld]
    return flatten(shown, areas, today).assign(municipio=None, nil=None) if shown else None


def _border(inputs: BuildInput, study_area: StudyArea) -> Border:
    assert inputs.beyond is not None  # noqa: S101 - asked before
    outline = inputs.layers.municipi.to_crs(inputs.city.epsg).union_all()
    points = study_area.points
    return Border(metres_to_border(points.x, points.y, outline), inputs.beyond)


def _named(inputs: BuildInput) -> pd.DataFrame | None:
    if inputs.background is None or not inputs.layers.outlined:
        return None
    return named_of(inputs.background, inputs.layers.municipi)


def named_of(background: gpd.GeoDataFrame, municipi: gpd.GeoDataFrame) -> pd.DataFrame:
    """Take what the background has inside the city that people ask for by name.

    Of stations also those outside, from which people set out: trains go over the border.
    """
    drawn = background[background["kind"].isin(ASKED_BY_NAME) & background["name"].notna()]
    points = drawn.geometry.representative_point()
    speaking = drawn["name"].isin(speaking_names(drawn["name"]))
    is_here = points.within(municipi.union_all()) | (drawn["kind"] == "station")
    shown = ~speaking & is_here
    points, drawn = points[shown], drawn[shown]
    reach = reach_metres(drawn.geometry.to_numpy(), points.x, points.y).round()
    named = drawn[["kind", "name"]].assign(lon=points.x, lat=points.y, error_metres=reach)
    return pd.DataFrame(named.sort_values(["kind", "name", "lon"], ignore_index=True))


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
        code: _declared(inputs.city.completeness_on(code, today)) for code in published_categories()
    }
    return {
        "today": today.isoformat(),
        "profile": ADULT,
        "windows": _windows(inputs.city, today),
        "estimated": graph is None,
        "network": dict(network.summary(graph)) if graph is not None else None,
        "streets_beyond_metres": 0.0 if inputs.beyond is None else inputs.beyond.streets_metres,
        "completeness": completeness,
        "confidential": [dict(contact) for contact in inputs.city.confidential_contacts],
        "missing": list(inputs.missing),
    }


def _declared(completeness: Completeness) -> JsonValue:
    """Give what a city declares of a list; `parts` only where it has any."""
    document: JsonValue = completeness.model_dump(
        mode="json", exclude=None if completeness.parts else {"parts"}
    )
    return document


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
