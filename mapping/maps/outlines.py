"""Where things are: the areas of a map, their outlines made light, the box around them."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import shapely

from mapping.maps.map_words import Row

Feature = dict[str, Any]
Bounds = list[list[float]]

# Five decimals of a degree are about a metre and 5e-5 degrees about five: finer is not seen.
DECIMALS: Final = 5
SIMPLIFIED_DEGREES: Final = 5e-5


def area_rows(areas: pa.Table, *levels: str) -> list[Row]:
    """Pick the areas of some levels."""
    rows = areas.to_pylist()
    return [{"geometry": None, **row} for row in rows if row["level"] in levels]


def bounds(rows: Sequence[Row]) -> Bounds | None:
    """Box rows in degrees, ``[[south, west], [north, east]]``; None where none has a position."""
    outlines = known_outlines([row for row in rows if row.get("geometry")])
    points = [shapely.Point(row["lon"], row["lat"]) for row in rows if row["lon"] is not None]
    if not outlines and not points:
        return None
    west, south, east, north = shapely.total_bounds([*outlines, *points]).tolist()
    return [[south, west], [north, east]]


def shape(row: Row) -> Feature:
    """Give the geometry of an area: its outline when known, else its point."""
    if not row["geometry"]:
        return point(row)
    return simplified(shapely.from_wkb(row["geometry"]))


def known_outlines(rows: Sequence[Row]) -> list[shapely.Geometry]:
    """Read the outlines that are known."""
    return [shapely.from_wkb(row["geometry"]) for row in rows if row["geometry"]]


def simplified(geometry: shapely.Geometry) -> Feature:
    """Turn a geometry into GeoJSON, simplified to about five metres."""
    simple = shapely.simplify(geometry, SIMPLIFIED_DEGREES)
    rounded = shapely.transform(simple, lambda points: np.round(points, DECIMALS))
    return dict(shapely.geometry.mapping(rounded))


def point(row: Row) -> Feature:
    """Turn lon and lat of a row, in degrees, into GeoJSON."""
    place = [round(row["lon"], DECIMALS), round(row["lat"], DECIMALS)]
    return {"type": "Point", "coordinates": place}
