"""Reads the whole map that uMap exports (.umap): layers of features, as JSON."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import shapely
from pydantic import BaseModel, Field, ValidationError

from ingest.rows import LAT, LON, RawRow, RawTable
from mapping.catalogue.batches import QuarantinedRow
from mapping.errors import SourceError

MAX_BYTES = 100 * 2**20


class _Feature(BaseModel):
    geometry: dict[str, Any] | None = None
    properties: dict[str, Any] = Field(default_factory=dict)


class _Options(BaseModel):
    name: str = ""


class _Layer(BaseModel):
    features: list[_Feature] = Field(default_factory=list)
    options: _Options = Field(default=_Options(), alias="_umap_options")


class _UmapFile(BaseModel):
    layers: list[_Layer]


def read_umap(path: Path, *, source_id: str) -> RawTable:
    """Read the features of every layer of a map: its name as `folder`, properties, a point inside.

    Raises SourceError when the file is no map, damaged or too large.
    """
    if path.stat().st_size > MAX_BYTES:
        raise SourceError(f"{path.name} is larger than {MAX_BYTES >> 20} MB. Give a part of it.")
    try:
        whole_map = _UmapFile.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise SourceError(
            f"{path.name} is not a map of uMap: {error.errors()[0]['msg']}. Export it again."
        ) from error
    columns = dict.fromkeys(["folder"])
    rows: list[RawRow] = []
    broken: list[QuarantinedRow] = []
    for line, (texts, geometry) in enumerate(_features(whole_map), start=1):
        columns.update(dict.fromkeys(texts))
        place = _point(geometry)
        if place is None:
            broken.append(_broken(source_id, line, texts))
        else:
            rows.append(RawRow(line, {**texts, **place}))
    return RawTable(list(columns), rows, broken)


def _features(whole_map: _UmapFile) -> Iterator[tuple[dict[str, str], dict[str, Any] | None]]:
    for layer in whole_map.layers:
        for feature in layer.features:
            own = {
                name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                for name, value in feature.properties.items()
                if value is not None and not name.startswith("_umap")
            }
            yield {"folder": layer.options.name, **own}, feature.geometry


def _point(geometry: dict[str, Any] | None) -> dict[str, str] | None:
    try:
        point = shapely.point_on_surface(shapely.from_geojson(json.dumps(geometry)))
    except shapely.GEOSException:
        return None
    return None if point.is_empty else {LON: f"{point.x:.7f}", LAT: f"{point.y:.7f}"}


def _broken(source_id: str, line: int, texts: dict[str, str]) -> QuarantinedRow:
    return QuarantinedRow(
        source_id=source_id,
        line=line,
        field="geometry",
        code="bad_geometry",
        message="Its geometry cannot be read. Draw the place again.",
        raw=texts,
    )
