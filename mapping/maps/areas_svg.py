"""Outlines of areas as paths of one SVG, for a page that colours and links them itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import shapely

from mapping.maps.map_words import Row
from mapping.maps.outlines import known_outlines
from mapping.maps.svg import in_metres, path_data, to_pixels

WIDTH: Final = 600
FINEST: Final = 0.8
"""Outlines are no finer than this, in pixels: it is not seen."""


@dataclass(frozen=True)
class Piece:
    """An area: its path, and where its name may stand, in pixels."""

    area_id: str
    path: str
    x: int
    y: int


@dataclass(frozen=True)
class AreaMosaic:
    """Areas side by side, as wide as `WIDTH`."""

    height: int
    pieces: list[Piece]
    width: int = WIDTH


def mosaic(rows: Sequence[Row], epsg: int) -> AreaMosaic | None:
    """Lay areas out side by side; None when the outline of any of them is not known."""
    shapes = [in_metres(shape, epsg) for shape in known_outlines(rows) if shapely.area(shape)]
    if not rows or len(shapes) < len(rows):
        return None
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    scale = WIDTH / (east - west)
    flat = [
        shapely.transform(shape, lambda points: to_pixels(points, (west, north), scale))
        for shape in shapes
    ]
    pieces = [_piece(row["area_id"], shape) for row, shape in zip(rows, flat, strict=True)]
    return AreaMosaic(round((north - south) * scale), pieces)


def _piece(area_id: str, shape: shapely.Geometry) -> Piece:
    parts = shapely.get_parts(shapely.simplify(shape, FINEST))
    outer = [shapely.get_coordinates(shapely.get_exterior_ring(part)) for part in parts]
    path = path_data(outer, between=",", digits=0, closed=True)
    inside = shapely.maximum_inscribed_circle(shape, tolerance=1)
    middle = shapely.get_coordinates(inside)[0]
    return Piece(area_id, path, round(middle[0]), round(middle[1]))
