"""Reads reference layers and raw tables into tables of our own columns."""

import re
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from ingest.border import Inside
from ingest.layers.layer import Layer
from ingest.layers.open_file import opened
from ingest.layers.raw_table import read_table
from ingest.readers.vector import read_vector
from ingest.rows import LAT, LON, CellError, RawRow, RawTable
from ingest.services import in_city
from ingest.source import Source
from ingest.values import normalise
from ingest.values.counts import count
from mapping.catalogue.batches import QuarantinedRow
from mapping.city import City
from mapping.crs import ITALY, WGS84
from mapping.disclosure import any_confidential
from mapping.errors import SourceError
from mapping.tables import NETWORKS
from mapping.text import tidy

Convert = Callable[[Source, RawRow, City], dict[str, object]]
COUNTS = ("residents", "families", "residents_2011", "residents_unplaced", "area_km2")


def read_areas(source: Source, path: Path, city: City) -> Layer:
    """Read areas in EPSG:4326, as outlines (vector files) or as points (text tables)."""
    layer = read_rows(source, read_table(source, path), city, _area)
    layer.frame["geometry"] = _shapes(source, path, layer.frame)
    layer.frame = gpd.GeoDataFrame(layer.frame, geometry="geometry", crs=WGS84)
    _require_italy(source, layer.frame)
    return layer


def _require_italy(source: Source, frame: gpd.GeoDataFrame) -> None:
    lon, lat, _, _ = frame.total_bounds
    west, south, east, north = ITALY
    if not np.isfinite((lon, lat)).all() or (west <= lon <= east and south <= lat <= north):
        return
    is_swapped = west <= lat <= east and south <= lon <= north
    reason = "latitude stands before longitude" if is_swapped else "they are in another system"
    raise SourceError(
        f"{source.id}: its areas begin at {lon:.5g}, {lat:.5g}, which is not in Italy: {reason}."
        " Give them as longitude and latitude in degrees."
    )


def read_census(source: Source, path: Path, city: City) -> Layer:
    """Read residents by five-year class of age, and the municipio where the source names it."""
    return read_rows(source, read_table(source, path), city, _numbers)


def read_income(source: Source, path: Path, city: City) -> Layer:
    """Read taxpayers and their declared income by class of income, a postcode a row.

    A number is 0 where the publisher left the cell empty: the taxpayers are too few to be
    published.
    """
    return read_rows(source, read_table(source, path), city, _declared)


def read_stops(source: Source, path: Path, city: City, inside: Inside) -> Layer:
    """Read the stops of public transport inside the city, with the columns of `tables.STOPS`.

    `address` is that before which a stop stands, where its source says it.

    Rows with one id are one stop, with the lines of each; other stops are out of scope.
    """
    layer = read_rows(source, read_table(source, path), city, _stop)
    if layer.frame.empty:
        # Of no row that could be used there are not even columns.
        layer.frame = pd.DataFrame(columns=["stop_id", "name", "address", "lines", "point"])
    is_inside = np.array([inside(*point) for point in layer.frame["point"]], bool)
    if not is_inside.all():
        layer.out_of_scope["outside the city"] = int((~is_inside).sum())
    layer.rows_kept = int(is_inside.sum())
    rows = layer.frame[is_inside].groupby("stop_id", as_index=False, sort=True)
    stops = rows.agg(
        name=("name", "first"),
        address=("address", "first"),
        lines=("lines", "sum"),
        point=("point", "first"),
    )
    stops["lines"] = stops["lines"].map(lambda lines: sorted(set(lines), key=_natural))
    lon, lat = zip(*stops.pop("point"), strict=True) if len(stops) else ((), ())
    stops = stops.assign(lon=lon, lat=lat, source_id=source.id)
    layer.frame = gpd.GeoDataFrame(stops, geometry=gpd.points_from_xy(lon, lat), crs=WGS84)
    return layer


def read_networks(source: Source, path: Path, city: City) -> Layer:
    """Read the networks that keep services together, with the columns of `tables.NETWORKS`."""
    return read_rows(source, read_table(source, path), city, _network)


def read_premises(source: Source, path: Path, city: City) -> Layer:
    """Read premises where a service might be opened, with the columns of `tables.PREMISES`."""
    layer = read_rows(source, read_table(source, path), city, _premises)
    lon, lat = zip(*layer.frame.pop("point"), strict=True) if len(layer.frame) else ((), ())
    layer.frame = layer.frame.assign(lon=lon, lat=lat, source_id=source.id)
    return layer


def read_institutions(source: Source, path: Path, city: City) -> Layer:
    """Read what tells that an institution is there: its name, kind, and a point."""
    layer = read_rows(source, read_table(source, path), city, _institution)
    lon, lat = zip(*layer.frame.pop("point"), strict=True) if len(layer.frame) else ((), ())
    layer.frame = gpd.GeoDataFrame(layer.frame, geometry=gpd.points_from_xy(lon, lat), crs=WGS84)
    return layer


def read_rows(source: Source, table: RawTable, city: City, convert: Convert) -> Layer:
    """Convert the rows that are in scope; one without its key, or with a bad cell, is set apart."""
    layer = Layer(pd.DataFrame(), table.rows_in, 0, columns=table.columns, deleted=table.deleted)
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
        try:
            record = convert(source, row, city)
            _require_key(record, seen)
        except CellError as error:
            layer.quarantined.append(_quarantined(source, row, error))
            continue
        records.append(record)
    layer.frame = pd.DataFrame(records)
    layer.rows_kept = len(records)
    return layer


def _require_key(record: dict[str, object], seen: set[object]) -> None:
    for field_name in ("area_id", "number", "network_id", "stop_id", "premises_id", "point"):
        if field_name in record and record[field_name] is None:
            message = f"The row has no {field_name}. Give one."
            raise CellError(field_name, "missing_value", message)
    area_id = record.get("area_id")
    if area_id is not None and area_id in seen:
        message = f"'{area_id}' stands twice. Keep one of the rows."
        raise CellError("area_id", "duplicate_key", message)
    seen.add(area_id)


def _area(source: Source, row: RawRow, city: City) -> dict[str, object]:
    area_id = normalise.code(source.value(row.texts, "area_id"))
    name = tidy(source.value(row.texts, "name"))
    if name is None and source.level == "municipio":
        name = city.municipio_name.replace("{id}", str(area_id))
    numbers = {
        column: _number(source, row, column)
        for column in source.columns
        if column in COUNTS or column.startswith(("class_", "male_"))
    }
    point = point_of(source, row) or (None, None)
    return {
        "area_id": area_id,
        "name": name or area_id,
        "parent": normalise.code(source.value(row.texts, "parent")),
        "touches": _touches(source.value(row.texts, "touches")),
        "institution": tidy(source.value(row.texts, "institution")),
        "lon": point[0],
        "lat": point[1],
        "line": row.line,
        **numbers,
    }


def point_of(source: Source, row: RawRow) -> tuple[float, float] | None:
    """Read the point of a row, lon and lat in degrees; None where it has none in Italy."""
    return normalise.coordinates(
        source.value(row.texts, "lon") or row.texts.get(LON),
        source.value(row.texts, "lat") or row.texts.get(LAT),
    )


def _stop(source: Source, row: RawRow, _city: City) -> dict[str, object]:
    return {
        "stop_id": normalise.code(source.value(row.texts, "stop_id")),
        "name": tidy(source.value(row.texts, "name")),
        "address": tidy(source.value(row.texts, "address")),
        "lines": [line for line in re.split(r"[,;\s]+", source.value(row.texts, "lines")) if line],
        "point": point_of(source, row),
    }


def _premises(source: Source, row: RawRow, _city: City) -> dict[str, object]:
    texts = {name: tidy(source.value(row.texts, name)) for name in ("premises_id", "name", "kind")}
    reach = normalise.decimal(source.value(row.texts, "error_metres"))
    rules = [rule for rule in source.categories if rule.fits(row.texts)]
    attributes = {
        rule.category: rule.column for rule in rules if not any_confidential([rule.category])
    }
    basis = (
        f"{source.attribution}, {', '.join(dict.fromkeys(attributes.values()))}"
        if attributes
        else None
    )
    return {
        **texts,
        "point": point_of(source, row),
        "error_metres": reach,
        "categories": list(attributes),
        "category_basis": basis,
    }


def _institution(source: Source, row: RawRow, _city: City) -> dict[str, object]:
    texts = {name: tidy(source.value(row.texts, name)) for name in ("name", "kind")}
    return {**texts, "point": point_of(source, row)}


def _natural(line: str) -> tuple[int, str]:
    digits = re.match(r"\d+", line)
    return (int(digits.group()) if digits else 10**6, line)


def _touches(text: str) -> list[str]:
    # "6:76%;5:24%": areas with their shares, largest first.
    return [
        part.split(":")[0].strip() for part in text.replace(",", ";").split(";") if part.strip()
    ]


def _numbers(source: Source, row: RawRow, _city: City) -> dict[str, object]:
    return {
        column: normalise.code(source.value(row.texts, column))
        if column in ("area_id", "municipio")
        else _number(source, row, column)
        for column in source.columns
    }


def _number(source: Source, row: RawRow, column: str) -> float | None:
    text = source.value(row.texts, column)
    number = normalise.decimal(text) if column == "area_km2" else count(text)
    if number is not None and number < 0:
        message = f"'{column}' is {number:g}. Give 0 or more, or leave the cell empty."
        raise CellError(column, "negative_count", message)
    return number


def _declared(source: Source, row: RawRow, city: City) -> dict[str, object]:
    cap = normalise.cap(source.value(row.texts, "area_id"), prefix=city.cap_prefix)
    texts = {column: source.value(row.texts, column) for column in source.columns}
    return {column: normalise.decimal(text or "0") for column, text in texts.items()} | {
        "area_id": cap
    }


def _network(source: Source, row: RawRow, _city: City) -> dict[str, object]:
    texts = {column: tidy(source.value(row.texts, column)) for column in source.columns}
    municipi = [normalise.code(part) for part in _touches(texts["municipio"] or "")]
    active_from, active_until = normalise.term(texts["status"])
    return {
        **dict.fromkeys(NETWORKS.names),
        **texts,
        "municipio": municipi[0] if len(municipi) == 1 else None,
        "municipi": municipi,
        "active_from": active_from,
        "active_until": active_until,
        "assured_date": normalise.assured_date(texts["assured_date"]),
    }


def _shapes(source: Source, path: Path, frame: pd.DataFrame) -> gpd.GeoSeries:
    if source.reader != "vector":
        return gpd.GeoSeries(gpd.points_from_xy(frame["lon"], frame["lat"]), crs=WGS84)
    with opened(source, path) as file:
        shapes = read_vector(file, layer=source.layer).to_crs(WGS84).geometry
    return shapes.iloc[frame["line"].to_numpy() - 1].reset_index(drop=True)


def _quarantined(source: Source, row: RawRow, error: CellError) -> QuarantinedRow:
    return QuarantinedRow(
        source_id=source.id,
        line=row.line,
        field=error.field_name,
        code=error.code,
        message=str(error),
        raw=row.texts,
    )
