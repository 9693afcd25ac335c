"""In which named areas of an edition a place lies: its NIL, its municipio, its city."""

import threading
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely

from mapping.arrays import Floats
from mapping.edition.edition import Edition
from mapping.edition.queries import NAMED, named_areas

CITY = "municipality"
CELLS_ACROSS = 140
"""Cells of the grid from west to east, and from south to north: about 100 m each in a city."""
MARGIN_DEGREES = 1e-9
"""A cell reaches so much beyond its sides: a coordinate beside them may be rounded across."""
FLAT = 2
IdByLevel = dict[str, str]


class AreasAround:
    """The named areas of one edition, asked place by place.

    Parameters
    ----------
    edition : Edition
        An open edition.
    """

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._lock = threading.Lock()
        self._grid: AreaGrid | None = None

    def lay_grid(self) -> None:
        """Find once which cells of a grid no outline crosses: most places lie in one of these.

        It takes as long as ten thousand questions, which a single look-up goes without.
        """
        areas, shapes, _ = self._outlines
        if areas and self._grid is None:
            self._grid = AreaGrid(areas, shapes)

    def at(self, lon: float, lat: float) -> IdByLevel:
        """Give the area of each level in which a place lies: on a border, the first.

        Parameters
        ----------
        lon, lat : float
            Degrees.

        Returns
        -------
        dict
            Its id by level; none of a level where no area of it is there.
        """
        known = None if self._grid is None else self._grid.at(lon, lat)
        return self._exactly_at(lon, lat) if known is None else known

    @cached_property
    def has_city(self) -> bool:
        """Whether the outline of the city is known."""
        areas, shapes, _ = self._outlines
        flat = shapely.get_dimensions(shapes) == FLAT
        return any(
            is_flat for (level, _), is_flat in zip(areas, flat, strict=True) if level == CITY
        )

    @cached_property
    def _outlines(self) -> tuple[list[tuple[str, str]], npt.NDArray[np.object_], Floats]:
        """Read the named areas: level and id, their outlines in degrees, and the bounds of these.

        The bounds are west, south, east and north, of the shape (4, n).
        """
        rows = [row for row in named_areas(self._edition) if row["level"] in NAMED]
        shapes = shapely.from_wkb([row["geometry"] for row in rows])
        shapely.prepare(shapes)
        bounds = np.ascontiguousarray(shapely.bounds(shapes).T)
        return [(row["level"], row["area_id"]) for row in rows], shapes, bounds

    def _exactly_at(self, lon: float, lat: float) -> IdByLevel:
        areas, shapes, (west, south, east, north) = self._outlines
        is_near = (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
        near = np.flatnonzero(is_near)
        # GEOS goes on preparing while it is asked, and two threads at once end the process.
        with self._lock:
            inside = near[shapely.intersects_xy(shapes[near], lon, lat)]
        return dict(areas[row] for row in reversed(inside.tolist()))


class AreaGrid:
    """A grid over areas: those of all places of a cell, where no outline crosses it.

    Parameters
    ----------
    areas : list of tuple of str
        Level and id of each, n of them; of two of a level at one place the first counts.
    shapes : ndarray of geometry, shape (n,)
        Their outlines in degrees.
    """

    def __init__(self, areas: list[tuple[str, str]], shapes: npt.NDArray[np.object_]) -> None:
        self._west, self._south, east, north = shapely.total_bounds(shapes).tolist()
        self._width = max(east - self._west, MARGIN_DEGREES) / CELLS_ACROSS
        self._height = max(north - self._south, MARGIN_DEGREES) / CELLS_ACROSS
        row, column = np.divmod(np.arange(CELLS_ACROSS**2), CELLS_ACROSS)
        west, south = self._west + column * self._width, self._south + row * self._height
        cells = shapely.box(
            west - MARGIN_DEGREES,
            south - MARGIN_DEGREES,
            west + self._width + MARGIN_DEGREES,
            south + self._height + MARGIN_DEGREES,
        )
        middles = shapely.points(west + self._width / 2, south + self._height / 2)
        is_flat = shapely.get_dimensions(shapes) == FLAT
        lines = np.where(is_flat, shapely.boundary(shapes), shapes)
        shapely.prepare(lines)
        _, crossed = shapely.STRtree(cells).query(lines, "intersects")
        inside: list[list[int]] = [[] for _ in row]
        for area, cell in shapely.STRtree(middles).query(shapes, "intersects").T.tolist():
            inside[cell].append(area)
        is_crossed = np.isin(np.arange(len(row)), crossed).tolist()
        ids_of = {
            tuple(rows): dict(areas[area] for area in sorted(rows, reverse=True)) for rows in inside
        }
        self._ids = [
            None if is_cut else ids_of[tuple(rows)]
            for rows, is_cut in zip(inside, is_crossed, strict=True)
        ]

    def at(self, lon: float, lat: float) -> IdByLevel | None:
        """Give the area of each level at a place, by degrees; None where it takes a closer look."""
        column = (lon - self._west) / self._width
        row = (lat - self._south) / self._height
        if 0 <= column < CELLS_ACROSS and 0 <= row < CELLS_ACROSS:
            return self._ids[int(row) * CELLS_ACROSS + int(column)]
        return None
