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


class _Options(BaseModel):
    name: str = ""


class _Layer(BaseModel):
    features: list[Any] = Field(default_factory=list)
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
        if texts is None:
            broken.append(_broken(source_id, line, {}, "properties"))
            continue
        columns.update(dict.fromkeys(texts))
        place = _point(geometry)
        if place is None:
            broken.append(_broken(source_id, line, texts, "geometry"))
        else:
            rows.append(RawRow(line, {**texts, **place}))
    return RawTable(list(columns), rows, broken)


def _features(whole_map: _UmapFile) -> Iterator[tuple[dict[str, str] | None, Any]]:
    """Give the texts of each feature, None where it says nothing of itself, and its geometry."""
    for layer in whole_map.layers:
        for feature in layer.features:
            known = feature if isinstance(feature, dict) else {}
            properties = known.get("properties")
            if not isinstance(properties, dict):
                yield None, None
                continue
            own = {
                name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                for name, value in properties.items()
                if value is not None and not name.startswith("_umap")
            }
            yield {"folder": layer.options.name, **own}, known.get("geometry")


def _point(geometry: Any) -> dict[str, str] | None:
    try:
        point = shapely.point_on_surface(shapely.from_geojson(json.dumps(geometry)))
    except shapely.GEOSException:
        return None
    return None if point.is_empty else {LON: f"{point.x:.7f}", LAT: f"{point.y:.7f}"}


def _broken(source_id: str, line: int, texts: dict[str, str], field: str) -> QuarantinedRow:
    return QuarantinedRow(
        source_id=source_id,
        line=line,
        field=field,
        code=f"bad_{field}",
        message=f"Its {field} cannot be read. Draw the place again.",
        raw=texts,
    )
