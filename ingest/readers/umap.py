"""Reads the whole map that uMap exports (.umap): layers of features, as JSON."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import shapely

from ingest.file_parts import aside_of_json, texts_within
from ingest.named_rows import beside
from ingest.passages import Aside, Passage
from ingest.rows import LAT, LON, RawRow, RawTable, flat
from ingest.signs import speaking
from mapping.catalogue.batches import QuarantinedRow
from mapping.errors import SourceError

MAX_BYTES = 100 * 2**20
_OPTIONS = ("_umap_options", "_storage")
"""Where a layer says its name; older maps have the second."""
_OPTIONS_PREFIX = "_umap"
"""How what a feature says of its drawing is called."""


def read_umap(path: Path, *, source_id: str) -> RawTable:
    """Read the features of every layer of a map: its name as `folder`, properties, a point inside.

    What a layer or the map says of itself is a sign where it speaks of a confidential place. A
    layer that is empty is none. Raises SourceError when the file is no map, damaged or too large.
    """
    if path.stat().st_size > MAX_BYTES:
        raise SourceError(f"{path.name} is larger than {MAX_BYTES >> 20} MB. Give a part of it.")
    columns = dict.fromkeys(["folder"])
    rows: list[RawRow] = []
    broken: list[QuarantinedRow] = []
    aside, layers = _layers(path)
    for line, (texts, geometry, near) in enumerate(_features(layers), start=1):
        aside.of_rows[line] = near
        if texts is None:
            broken.append(_broken(source_id, line, {}, "properties"))
            continue
        columns.update(dict.fromkeys(texts))
        place = _point(geometry)
        if place is None:
            broken.append(_broken(source_id, line, texts, "geometry"))
        else:
            rows.append(RawRow(line, {**texts, **place}))
    return beside(RawTable(list(columns), rows, broken), aside)


def _layers(path: Path) -> tuple[Aside, list[Any]]:
    """Give what a map says of itself, and its layers."""
    try:
        whole_map = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path.name} is not a map of uMap: {error}. Export it again.") from error
    layers = whole_map.get("layers") if isinstance(whole_map, dict) else None
    if not isinstance(layers, list):
        raise SourceError(
            f"{path.name} is not a map of uMap: it has no list of layers. Export the whole map."
        )
    return aside_of_json({**whole_map, "layers": None}, "mappa"), layers


def _features(
    layers: list[Any],
) -> Iterator[tuple[dict[str, str] | None, Any, list[Passage]]]:
    """Give the texts of each feature, None where it says nothing, its geometry, what is beside."""
    for layer in layers:
        known = layer if isinstance(layer, dict) else {}
        options: dict[str, Any] = next(
            (known[key] for key in _OPTIONS if isinstance(known.get(key), dict)), {}
        )
        layer_texts = texts_within({**known, "features": None})
        of_layer = speaking(Passage(text, "livello della mappa") for text in layer_texts)
        for feature in known.get("features") or []:
            own = feature if isinstance(feature, dict) else {}
            properties = own.get("properties")
            cells = properties if isinstance(properties, dict) else {}
            public = {key: cells[key] for key in cells if not key.startswith(_OPTIONS_PREFIX)}
            drawing = {key: cells[key] for key in cells if key not in public}
            own_texts = texts_within({**own, "properties": drawing, "geometry": None})
            near = [*of_layer, *(Passage(text, "segnaposto") for text in own_texts)]
            if not isinstance(properties, dict):
                yield None, None, near
                continue
            texts = {key: text for key, text in flat(public).items() if text}
            folder = str(options.get("name") or "")
            yield {"folder": folder, **texts}, own.get("geometry"), near


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
