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
_SIMPLIFY_DEGREES: Final = 5e-5


def area_rows(areas: pa.Table, *levels: str) -> list[Row]:
    """Pick the areas of some levels.

    Parameters
    ----------
    areas : pyarrow.Table
        Rows of `tables.AREAS`, with or without a `geometry` column of WKB in degrees.
    *levels : str
        The levels wanted.

    Returns
    -------
    list of mapping
        The rows, `geometry` being None where there is no outline.
    """
    rows = areas.to_pylist()
    return [{"geometry": None, **row} for row in rows if row["level"] in levels]


def bounds(rows: Sequence[Row]) -> Bounds | None:
    """Find the box around rows with a position, and around their outlines.

    Parameters
    ----------
    rows : sequence of mapping
        Rows with `lon`, `lat` and perhaps `geometry`.

    Returns
    -------
    list of list of float or None
        ``[[south, west], [north, east]]`` in degrees; None when no row has a position.
    """
    outlines = known([row for row in rows if row.get("geometry")])
    points = [shapely.Point(row["lon"], row["lat"]) for row in rows if row["lon"] is not None]
    if not outlines and not points:
        return None
    west, south, east, north = shapely.total_bounds([*outlines, *points]).tolist()
    return [[south, west], [north, east]]


def shape(row: Row) -> Feature:
    """Give the geometry of an area: its outline when known, else its point.

    Parameters
    ----------
    row : mapping
        A row of `tables.AREAS` with `geometry`, WKB in degrees or None.

    Returns
    -------
    dict
        A GeoJSON geometry, simplified to about five metres.
    """
    if not row["geometry"]:
        return point(row)
    return simplified(shapely.from_wkb(row["geometry"]))


def known(rows: Sequence[Row]) -> list[shapely.Geometry]:
    """Read the outlines that are known.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of `area_rows`.

    Returns
    -------
    list of shapely.Geometry
        In degrees; shorter than `rows` where some have a point only.
    """
    return [shapely.from_wkb(row["geometry"]) for row in rows if row["geometry"]]


def simplified(geometry: shapely.Geometry) -> Feature:
    """Turn a geometry into GeoJSON, simplified to about five metres.

    Parameters
    ----------
    geometry : shapely.Geometry
        In degrees.

    Returns
    -------
    dict
        A GeoJSON geometry; an empty one has no coordinates.
    """
    simple = shapely.simplify(geometry, _SIMPLIFY_DEGREES)
    rounded = shapely.transform(simple, lambda points: np.round(points, DECIMALS))
    return dict(shapely.geometry.mapping(rounded))


def point(row: Row) -> Feature:
    """Turn the point of a row into GeoJSON.

    Parameters
    ----------
    row : mapping
        A row with `lon` and `lat` in degrees.

    Returns
    -------
    dict
        A GeoJSON point.
    """
    place = [round(row["lon"], DECIMALS), round(row["lat"], DECIMALS)]
    return {"type": "Point", "coordinates": place}
