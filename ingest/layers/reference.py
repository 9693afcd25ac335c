"""Reads reference layers and raw tables into tables of our own columns."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from ingest.layers.open_file import opened
from ingest.readers.delimited import read_delimited
from ingest.readers.gtfs import read_gtfs
from ingest.readers.hsds import read_hsds
from ingest.readers.kml import read_kml
from ingest.readers.pbf import read_tagged, read_ways
from ingest.readers.records import read_json
from ingest.readers.umap import read_umap
from ingest.readers.vector import read_records, read_vector
from ingest.readers.workbook import read_workbook
from ingest.rows import LAT, LON, RawRow, RawTable, bounded
from ingest.services import in_city
from ingest.source import Source, StreetLayer
from ingest.values import normalise
from mapping.catalogue.batches import QuarantinedRow
from mapping.city import City
from mapping.config_values import MATCHED_LETTERS
from mapping.crs import WGS84
from mapping.errors import SourceError
from mapping.text import tidy
from mapping.walking.topology import from_osm

Inside = Callable[[float, float], bool]
_Convert = Callable[[Source, RawRow, City], dict[str, object]]
COUNTS = ("residents", "families", "residents_2011", "residents_unplaced", "area_km2")


@dataclass
class Layer:
    """One reference layer, and what became of its rows."""

    frame: pd.DataFrame
    rows_in: int
    rows_kept: int
    out_of_scope: Counter[str] = field(default_factory=Counter)
    quarantined: list[QuarantinedRow] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)


def read_table(source: Source, path: Path) -> RawTable:
    """Read the raw rows of a source, whatever its format. Raises SourceError on another shape."""
    with opened(source, path) as file:
        table = _raw_table(source, file)
    lacking = sorted(source.required_columns - {*table.columns, LON, LAT})
    if lacking:
        raise SourceError(
            f"{path.name} lacks the columns {', '.join(lacking)} of {source.id}. It is a file of"
            " another shape: take the right one, or mend `columns` in the source's TOML."
        )
    return table


def read_areas(source: Source, path: Path, city: City) -> Layer:
    """Read areas in EPSG:4326, as outlines (vector files) or as points (text tables)."""
    layer = _read(source, read_table(source, path), city, _area)
    layer.frame["geometry"] = _shapes(source, path, layer.frame)
    layer.frame = gpd.GeoDataFrame(layer.frame, geometry="geometry", crs=WGS84)
    return layer


def read_census(source: Source, path: Path, city: City) -> Layer:
    """Read residents by five-year class of age, and the municipio where the source names it."""
    return _read(source, read_table(source, path), city, _numbers)


def read_income(source: Source, path: Path, city: City) -> Layer:
    """Read taxpayers and their declared income by class of income, a postcode a row.

    A number is 0 where the publisher left the cell empty: the taxpayers are too few to be
    published.
    """
    return _read(source, read_table(source, path), city, _declared)


def read_stops(source: Source, path: Path, city: City, inside: Inside) -> Layer:
    """Read the stops of public transport inside the city, with the columns of `tables.STOPS`.

    Rows with one id are one stop, with the lines of each; other stops are out of scope.
    """
    layer = _read(source, read_table(source, path), city, _stop)
    here = [inside(*point) for point in layer.frame["point"]]
    if not all(here):
        layer.out_of_scope["outside the city"] = len(here) - sum(here)
    layer.rows_kept = sum(here)
    rows = layer.frame[here].groupby("stop_id", as_index=False, sort=True)
    stops = rows.agg(name=("name", "first"), lines=("lines", "sum"), point=("point", "first"))
    stops["lines"] = stops["lines"].map(lambda lines: sorted(set(lines), key=_natural))
    lon, lat = zip(*stops.pop("point"), strict=True) if len(stops) else ((), ())
    stops = stops.assign(lon=lon, lat=lat, source_id=source.id)
    layer.frame = gpd.GeoDataFrame(stops, geometry=gpd.points_from_xy(lon, lat), crs=WGS84)
    return layer


def read_networks(source: Source, path: Path, city: City) -> Layer:
    """Read the networks that keep services together, with the columns of `tables.NETWORKS`."""
    return _read(source, read_table(source, path), city, _network)


def read_premises(source: Source, path: Path, city: City) -> Layer:
    """Read premises where a service might be opened, with the columns of `tables.PREMISES`."""
    layer = _read(source, read_table(source, path), city, _premises)
    lon, lat = zip(*layer.frame.pop("point"), strict=True) if len(layer.frame) else ((), ())
    layer.frame = layer.frame.assign(lon=lon, lat=lat, source_id=source.id)
    return layer


def read_civics(source: Source, path: Path, city: City) -> Layer:
    """Read civic numbers: street, number, suffix, postcode, municipio and electoral section."""
    return _read(source, read_table(source, path), city, _civic)


def read_streets(source: Source, path: Path, _city: City) -> Layer:
    """Read street lines with their names, kinds and whether they may be walked.

    The city is not asked: streets beyond the border are walked as well.
    """
    if source.reader in ("osm", "pbf"):
        frame = read_osm(path) if source.reader == "osm" else read_ways(path)
        return Layer(frame, len(frame), len(frame))
    with opened(source, path) as file:
        parts = [_street_layer(read_vector(file, layer=part.layer), part) for part in source.layers]
    lines = pd.concat([part.to_crs(parts[0].crs) for part in parts], ignore_index=True)
    empty = lines.geometry.is_empty | lines.geometry.isna()
    quarantined = [without_geometry(source, int(row) + 1) for row in np.flatnonzero(empty)]
    return Layer(lines[~empty], len(lines), int((~empty).sum()), quarantined=quarantined)


def without_geometry(source: Source, line: int) -> QuarantinedRow:
    """Quarantine a row that can be drawn nowhere, by its number, from 1, through all layers."""
    why = "The row has no geometry. Mend it upstream."
    return _quarantined(source, RawRow(line, {}), "geometry", "no_geometry", why)


def read_osm(path: Path) -> gpd.GeoDataFrame:
    """Read the lines of a network that osmnx saved, with layers `nodes` and `edges`."""
    return from_osm(read_vector(path, layer="nodes"), read_vector(path, layer="edges"))


def check_counts(source: Source, rows: int) -> None:
    """Refuse a source that has collapsed, or swollen, upstream.

    `rows` speak of the city: a regional file and a city's cut of it are one source. Raises
    SourceError when the count is outside of what is expected.
    """
    low, high = source.expect.min_rows, source.expect.max_rows
    if not low <= rows <= high:
        raise SourceError(
            f"{source.id} has {rows} rows of the city where {low} to {high} are expected."
            " Look at the file; if it is right, mend `expect` in the source's TOML."
        )


def _raw_table(source: Source, path: Path) -> RawTable:
    name = source.id
    readers: dict[str, Callable[[], RawTable]] = {
        "csv": lambda: read_delimited(path, delimiter=source.delimiter, source_id=name),
        "gtfs": lambda: read_gtfs(path, source_id=name),
        "hsds": lambda: read_hsds(path, source_id=name),
        "json": lambda: read_json(path, records=source.records, source_id=name),
        "kml": lambda: read_kml(path, source_id=name),
        "osm": lambda: read_records(path),
        "pbf": lambda: read_tagged(path, tags=source.tags, source_id=name),
        "umap": lambda: read_umap(path, source_id=name),
        "vector": lambda: read_records(path, layer=source.layer),
        "workbook": lambda: read_workbook(path, source_id=name, sheet=source.sheet),
    }
    if source.reader not in readers:
        raise SourceError(
            f"{name}: the reader '{source.reader}' gives streets, and no {source.yields}. Mend"
            " `reader` in the source's TOML."
        )
    return bounded(readers[source.reader](), name=path.name, source_id=name)


def _read(source: Source, table: RawTable, city: City, convert: _Convert) -> Layer:
    layer = Layer(pd.DataFrame(), table.rows_in, 0, columns=table.columns)
    layer.quarantined = list(table.unreadable)
    records: list[dict[str, object]] = []
    seen: set[object] = set()
    for row in table.rows:
        if source.scope and not in_city(row.texts.get(source.scope, ""), city):
            layer.out_of_scope["another comune"] += 1
            continue
        left_out = next((skip.reason for skip in source.skip if skip.fits(row.texts)), None)
        if left_out is not None:
            layer.out_of_scope[left_out] += 1
            continue
        record = convert(source, row, city)
        problem = _problem(record, seen)
        if problem:
            layer.quarantined.append(_quarantined(source, row, *problem))
            continue
        records.append(record)
    layer.frame = pd.DataFrame(records)
    layer.rows_kept = len(records)
    return layer


def _problem(record: dict[str, object], seen: set[object]) -> tuple[str, str, str] | None:
    for field_name in ("area_id", "number", "network_id", "stop_id", "premises_id", "point"):
        if field_name in record and record[field_name] is None:
            return field_name, "missing_value", f"The row has no {field_name}. Give one."
    area_id = record.get("area_id")
    if area_id is not None and area_id in seen:
        return "area_id", "duplicate_key", f"'{area_id}' stands twice. Keep one of the rows."
    seen.add(area_id)
    return None


def _area(source: Source, row: RawRow, city: City) -> dict[str, object]:
    area_id = normalise.code(source.value(row.texts, "area_id"))
    name = tidy(source.value(row.texts, "name"))
    if name is None and source.level == "municipio":
        name = city.municipio_name.replace("{id}", str(area_id))
    numbers = {
        column: normalise.decimal(source.value(row.texts, column))
        for column in source.columns
        if column in COUNTS or column.startswith("class_")
    }
    point = _point(source, row) or (None, None)
    return {
        "area_id": area_id,
        "name": name or area_id,
        "parent": normalise.code(source.value(row.texts, "parent")),
        "touches": _touches(source.value(row.texts, "touches")),
        "lon": point[0],
        "lat": point[1],
        "line": row.line,
        **numbers,
    }


def _point(source: Source, row: RawRow) -> tuple[float, float] | None:
    return normalise.coordinates(
        source.value(row.texts, "lon") or row.texts.get(LON),
        source.value(row.texts, "lat") or row.texts.get(LAT),
    )


def _stop(source: Source, row: RawRow, _city: City) -> dict[str, object]:
    return {
        "stop_id": normalise.code(source.value(row.texts, "stop_id")),
        "name": tidy(source.value(row.texts, "name")),
        "lines": [line for line in re.split(r"[,;\s]+", source.value(row.texts, "lines")) if line],
        "point": _point(source, row),
    }


def _premises(source: Source, row: RawRow, _city: City) -> dict[str, object]:
    texts = {name: tidy(source.value(row.texts, name)) for name in ("premises_id", "name", "kind")}
    return {**texts, "point": _point(source, row)}


def _natural(line: str) -> tuple[int, str]:
    digits = re.match(r"\d+", line)
    return (int(digits.group()) if digits else 10**6, line)


def _touches(text: str) -> list[str]:
    # "6:76%;5:24%": areas with their shares, largest first.
    return [
        part.split(":")[0].strip() for part in text.replace(",", ";").split(";") if part.strip()
    ]


def _numbers(source: Source, row: RawRow, _city: City) -> dict[str, object]:
    values: dict[str, object] = {
        column: normalise.decimal(source.value(row.texts, column)) for column in source.columns
    }
    named = [column for column in ("area_id", "municipio") if column in source.columns]
    return values | {name: normalise.code(source.value(row.texts, name)) for name in named}


def _declared(source: Source, row: RawRow, city: City) -> dict[str, object]:
    cap = normalise.cap(source.value(row.texts, "area_id"), prefix=city.cap_prefix)
    texts = {column: source.value(row.texts, column) for column in source.columns}
    return {column: normalise.decimal(text or "0") for column, text in texts.items()} | {
        "area_id": cap
    }


def _network(source: Source, row: RawRow, _city: City) -> dict[str, object]:
    texts = {column: tidy(source.value(row.texts, column)) for column in source.columns}
    return {**texts, "assured_date": normalise.assured_date(texts["assured_date"])}


def _civic(source: Source, row: RawRow, city: City) -> dict[str, object]:
    def text(name: str) -> str | None:
        return tidy(source.value(row.texts, name))

    number = text("number")
    return {
        "street_code": text("street_code"),
        "kind": text("kind"),
        "street": text("street"),
        "number": int(number) if number and number.isdigit() else None,
        "suffix": text("suffix"),
        "cap": normalise.cap(text("cap"), prefix=city.cap_prefix),
        "municipio": normalise.code(text("municipio")),
        "section": normalise.code(text("section")),
    }


def _shapes(source: Source, path: Path, frame: pd.DataFrame) -> gpd.GeoSeries:
    if source.reader != "vector":
        return gpd.GeoSeries(gpd.points_from_xy(frame["lon"], frame["lat"]), crs=WGS84)
    with opened(source, path) as file:
        shapes = read_vector(file, layer=source.layer).to_crs(WGS84).geometry
    return shapes.iloc[frame["line"].to_numpy() - 1].reset_index(drop=True)


def _street_layer(frame: gpd.GeoDataFrame, layer: StreetLayer) -> gpd.GeoDataFrame:
    names = frame[layer.name].map(tidy) if layer.name else pd.Series([None] * len(frame))
    texts = names.fillna("").astype(str).str.slice(stop=MATCHED_LETTERS)
    unnamed = texts.str.contains(layer.unnamed) if layer.unnamed else texts.eq("")
    barred = texts.str.contains(layer.unwalkable) if layer.unwalkable else texts.ne(texts)
    columns = {
        "name": names.where(~unnamed, None).to_numpy(),
        "kind": layer.kind,
        "walkable": ~barred.to_numpy(),
    }
    return gpd.GeoDataFrame(columns, geometry=frame.geometry.to_numpy(), crs=frame.crs)


def _quarantined(source: Source, row: RawRow, name: str, code: str, why: str) -> QuarantinedRow:
    return QuarantinedRow(
        source_id=source.id, line=row.line, field=name, code=code, message=why, raw=row.texts
    )
