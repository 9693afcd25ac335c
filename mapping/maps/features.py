"""Table rows as GeoJSON features, each with its style and its words, gathered into layers."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from mapping.maps import map_words
from mapping.maps.map_words import Row
from mapping.maps.outlines import (
    DECIMALS,
    Feature,
    area_rows,
    known_outlines,
    point,
    shape,
    simplified,
)
from mapping.services.service_row import ServiceRow
from mapping.tables import THRESHOLDS_MINUTES
from mapping.taxonomy import categories

# Colours told apart with any colour vision. Classes: Okabe and Ito (2008), "Color universal
# design". Minutes: cividis reversed, Nuñez, Anderton and Renslow (2018),
# doi:10.1371/journal.pone.0199239.
CLASS_COLOURS = {
    "served": "#0072b2",
    "far": "#d55e00",
    "unsure": "#999999",
    "closed": "#cc79a7",
    "unsuitable": "#e69f00",
    "crowded": "#56b4e9",
}
SURENESS_COLOURS = {
    "surely_there": "#5e3c99",
    "likely_there": "#b2abd2",
    "unknown": "#e6e6e6",
    "likely_missing": "#fdb863",
    "surely_missing": "#e66101",
}
MINUTE_COLOURS = ("#fee838", "#c8b866", "#948e77", "#666970", "#35456c", "#00224e")
NO_DATA: Final = "#ffffff"
_OTHER: Final = "#5c6f82"

_AREA = {"weight": 1, "color": "#3d3d3d", "fillOpacity": 1, "radius": 10}
_GROUND = {"stroke": False, "fillColor": "#ffffff", "fillOpacity": 1}
_OUTLINES = {
    "nil": {"weight": 0.7, "color": "#aab0b7", "fill": False},
    "municipio": {"weight": 1.6, "color": "#6b7280", "fill": False},
}
_WHOLE = {"municipality": _OUTLINES["municipio"]}
"""What is drawn of a city that is not divided."""
_HALT = {"stroke": False, "fillColor": "#9fb3c8", "fillOpacity": 0.9, "radius": 2}
_DOT = {"weight": 1, "color": "#9aa0a8", "fillColor": "#c9cdd3", "fillOpacity": 1, "radius": 3}
_STREET = {"weight": 2, "color": "#d3d7db", "fill": False}
_HIDDEN = {"stroke": False, "fill": False, "radius": 1}


@dataclass(frozen=True)
class MapLayer:
    """Features drawn together; with a name, the reader can switch the layer.

    Of the `base` layers one only is shown at a time; `show` says whether a layer is shown at
    first, `interactive` whether it answers to the pointer.
    """

    features: list[Feature]
    name: str | None = None
    base: bool = False
    show: bool = True
    interactive: bool = True


def background(areas: pa.Table) -> list[MapLayer]:
    """Draw NIL and municipi, or the undivided city, as the ground of a map, with their names."""
    styles = _styles(areas)
    levels = {level: area_rows(areas, level) for level in styles}
    outlines = {level: known_outlines(rows) for level, rows in levels.items()}
    ground = simplified(shapely.union_all([shape for part in outlines.values() for shape in part]))
    layers = [MapLayer([_feature(ground, _GROUND)], interactive=False)]
    for level, style in styles.items():
        # One line for a border that two areas share: two would be drawn beside each other.
        borders = shapely.line_merge(shapely.union_all(shapely.boundary(outlines[level])))
        dots = [_feature(point(row), _DOT) for row in levels[level] if not row["geometry"]]
        layers.append(MapLayer([_feature(simplified(borders), style), *dots], interactive=False))
    return [*layers, names(areas)]


def names(areas: pa.Table) -> MapLayer:
    """Write the names of municipi, and of NIL when the map is near enough."""
    rows = area_rows(areas, *_styles(areas))
    texts = [
        _feature(point(row), _HIDDEN, label=row["name"], place=row["level"])
        for row in rows
        if row["lon"] is not None
    ]
    return MapLayer(texts, interactive=False)


def service_layers(rows: Sequence[ServiceRow]) -> list[MapLayer]:
    """Draw services with a position as circles, one layer for each group of categories."""
    groups: dict[str, list[Feature]] = defaultdict(list)
    for row in rows:
        if row.lon is not None:
            kind = categories().get(row.category)
            groups[kind.group if kind else "altro"].append(_service(row))
    return [
        MapLayer(group_rows, name=f"{map_words.group(code)} ({map_words.number(len(group_rows))})")
        for code, group_rows in groups.items()
    ]


def stops_layer(stops: pa.Table) -> MapLayer:
    """Draw the stops of public transport as small dots, hidden at first."""
    points = np.column_stack([stops["lon"].to_numpy(), stops["lat"].to_numpy()])
    drawn = {"type": "MultiPoint", "coordinates": np.round(points, DECIMALS).tolist()}
    name = f"Fermate ({map_words.number(len(points))})"
    return MapLayer([_feature(drawn, _HALT)], name=name, show=False, interactive=False)


def area_layer(
    pairs: Iterable[tuple[Row, Sequence[str]]], style: dict[str, Feature], **options: Any
) -> MapLayer:
    """Draw areas, each with the facts of its coverage."""
    drawn = [
        _feature(
            shape(area),
            _AREA | style[area["area_id"]],
            name=area["name"],
            kind="area",
            facts=facts,
        )
        for area, facts in pairs
    ]
    return MapLayer(drawn, **options)


def class_style(row: Row) -> Feature:
    """Colour a row of coverage by its class; an unsure area has a dashed border."""
    colour = CLASS_COLOURS.get(row["class"], NO_DATA)
    return {"fillColor": colour, **({"dashArray": "4 3"} if row["class"] == "unsure" else {})}


def minute_style(row: Row) -> Feature:
    """Colour a row of coverage by the minutes to the nearest service."""
    seconds = row["seconds"]
    if seconds is None or math.isnan(seconds):
        return {"fillColor": NO_DATA, "dashArray": "4 3"}
    step = sum(seconds > 60 * minutes for minutes in THRESHOLDS_MINUTES)
    return {"fillColor": MINUTE_COLOURS[step]}


def position(service: ServiceRow) -> Row:
    """Give the coordinates of a service as a row with `lon` and `lat`."""
    return {"lon": service.lon, "lat": service.lat}


def stop(number: int, row: ServiceRow, facts: Sequence[str]) -> Feature:
    """Draw one answer of a look-up as a numbered circle."""
    style = {"color": colour(row.category), "fillColor": "#ffffff", "weight": 4, "radius": 11}
    facts_shown = {"name": row.name, "kind": "stop", "facts": facts}
    return _feature(point(position(row)), style, label=str(number), place="stop", **facts_shown)


def origin(lon: float, lat: float, label: str) -> Feature:
    """Draw the start of a look-up as a black ring."""
    style = {"color": "#000000", "fillColor": "#ffffff", "weight": 4, "radius": 8}
    return _feature(point({"lon": lon, "lat": lat}), style, name=label, kind="origin", facts=[])


def streets(lines: Iterable[npt.NDArray[np.float64]]) -> MapLayer:
    """Draw the streets around a look-up as pale lines.

    Parameters
    ----------
    lines : iterable of ndarray of shape (p, 2)
        lon, lat in degrees.

    Returns
    -------
    MapLayer
        One feature with all of them.
    """
    drawn = {
        "type": "MultiLineString",
        "coordinates": [np.round(line, DECIMALS).tolist() for line in lines],
    }
    return MapLayer([_feature(drawn, _STREET)], interactive=False)


def path(points: npt.NDArray[np.float64], *, dashed: bool) -> Feature:
    """Draw a walk.

    Parameters
    ----------
    points : ndarray of shape (p, 2)
        lon, lat in degrees.
    dashed : bool
        Whether it is a straight line in place of the streets.

    Returns
    -------
    dict
        A GeoJSON feature.
    """
    style = {"color": "#0059b3", "weight": 4, "opacity": 0.8, "fill": False}
    line = {"type": "LineString", "coordinates": np.round(points, 6).tolist()}
    return _feature(line, style | ({"dashArray": "2 8"} if dashed else {}))


def colour(code: str) -> str:
    """Give the colour of a category."""
    kind = categories().get(code)
    return kind.colour if kind else _OTHER


def _styles(areas: pa.Table) -> dict[str, Feature]:
    levels = set(areas["level"].to_pylist())
    return {level: style for level, style in _OUTLINES.items() if level in levels} or _WHOLE


def _service(row: ServiceRow) -> Feature:
    facts_shown = {"name": row.name, "kind": "service", "facts": map_words.service_facts(row)}
    return _feature(point(position(row)), {"fillColor": colour(row.category)}, **facts_shown)


def _feature(geometry: Feature, style: Feature, **about: Any) -> Feature:
    properties = {"style": style, **({"about": about} if about else {})}
    return {"type": "Feature", "geometry": geometry, "properties": properties}
