"""Points from which the people of an area start walking."""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from mapping.arrays import Bools, Floats, Ints
from mapping.walking.network import Network

SPACING_METRES = 50.0
"""Distance between the points along its streets from which its people start."""


GRID_METRES = 250.0
"""Distance between the points of an area where neither sections nor streets tell its people."""


BESIDE_METRES = 15.0
"""Sections end in the middle of their streets: a street this near belongs to both its sides."""

APART_METRES = 1e7
"""Areas are held so far from one another, in a third direction, that homes stay in their own."""
NOBODY_LIVES = re.compile(
    r"\b(cavalcavia|sottopass\w*|sottovia|viadotto|tunnel|svincol\w*|sopraelevata|tangenziale)\b",
    re.IGNORECASE,
)
"""Names of ways on which no door stands."""


@dataclass(frozen=True)
class Points:
    """Starting points: owner area, weight within it, coordinates in metres."""

    owner: Ints
    weight: Floats
    x: Floats
    y: Floats

    def near_any(self, places: tuple[Floats, Floats], metres: Floats) -> Bools:
        """Flag the points that lie near any of some places, in a straight line.

        Parameters
        ----------
        places : tuple of ndarray, shape (s,)
            Their x and y, metres.
        metres : ndarray of float, shape (s,)
            How near is near, for each place.

        Returns
        -------
        ndarray of bool, shape (n,)
            True within the metres of a place.
        """
        circles = shapely.points(*places)
        near = np.zeros(len(self.x), bool)
        if len(circles):
            _, point = self._tree.query(circles, predicate="dwithin", distance=metres)
            near[point] = True
        return near

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(shapely.points(self.x, self.y))


def street_points(
    network: Network, areas: npt.NDArray[np.object_], homes: Floats | None = None
) -> Points:
    """Spread points along the streets of each area, weighted by the homes that they are nearest to.

    A point stands for homes, and is none: no door of a home is among the points.

    Parameters
    ----------
    network : Network
        The streets.
    areas : ndarray of shapely.Polygon, shape (n,)
        Areas in metres of the network's reference system.
    homes : ndarray of float, shape (k, 2), optional
        Where people live, in metres: the doors of residential civic numbers.

    Returns
    -------
    Points
        Every `SPACING_METRES` of the walkable streets inside an area, or at most `BESIDE_METRES`
        from it, where a home is nearest; without a home in the area all of them alike, but for
        tunnels, viaducts and ramps. An area without a street has one point inside it.
    """
    on_streets, edge = _along(network.lines)
    owner, point = shapely.STRtree(on_streets).query(
        areas, predicate="dwithin", distance=BESIDE_METRES
    )
    lived_in = ~_doorless(network)[edge[point]]
    elsewhere = np.zeros(len(areas), bool)
    elsewhere[owner[lived_in]] = True
    inhabited = lived_in | ~elsewhere[owner]
    owner, point = owner[inhabited], point[inhabited]
    bare = np.setdiff1d(np.arange(len(areas)), owner)
    places = np.concatenate([on_streets[point], shapely.point_on_surface(areas[bare])])
    points = _points(np.concatenate([owner, bare]), places)
    return points if homes is None else _weighted_by_homes(points, areas, homes)


def _doorless(network: Network) -> Bools:
    names = [bool(NOBODY_LIVES.search(name)) for name in network.names]
    # Edge name -1, of a way without a name, is the last.
    return np.array([*names, False], bool)[network.edge_name]


def _weighted_by_homes(points: Points, areas: npt.NDArray[np.object_], homes: Floats) -> Points:
    """Let each home of an area be walked from at its nearest point of that area."""
    home, area = shapely.STRtree(areas).query(shapely.points(homes), predicate="intersects")
    tree = cKDTree(np.column_stack([points.x, points.y, points.owner * APART_METRES]))
    _, nearest = tree.query(np.column_stack([homes[home], area * APART_METRES]))
    nearby = np.bincount(nearest, minlength=len(points.owner)).astype(float)
    in_area = np.bincount(points.owner, nearby, len(areas))[points.owner]
    weight = np.divide(nearby, in_area, out=points.weight.copy(), where=in_area > 0)
    used = weight > 0
    return Points(points.owner[used], weight[used], points.x[used], points.y[used])


def surface_points(areas: npt.NDArray[np.object_]) -> Points:
    """Spread points evenly over the surface of each area, for want of anything better.

    Parameters
    ----------
    areas : ndarray of shapely.Polygon, shape (n,)
        Areas in metres.

    Returns
    -------
    Points
        The nodes of a square grid of `GRID_METRES` inside each area; an area without a node has
        one point inside it.
    """
    west, south, east, north = shapely.total_bounds(areas)
    steps = np.arange(west, east, GRID_METRES), np.arange(south, north, GRID_METRES)
    nodes = shapely.points(*(axis.ravel() for axis in np.meshgrid(*steps)))
    owner, node = shapely.STRtree(nodes).query(areas, predicate="contains")
    bare = np.setdiff1d(np.arange(len(areas)), owner)
    places = np.concatenate([nodes[node], shapely.point_on_surface(areas[bare])])
    return _points(np.concatenate([owner, bare]), places)


def area_points(places: npt.NDArray[np.object_]) -> Points:
    """Take one point for each area, where nothing better is known.

    Parameters
    ----------
    places : ndarray of shapely.Point, shape (n,)
        A point inside each area, in metres.

    Returns
    -------
    Points
        One point of weight 1 for each area.
    """
    return _points(np.arange(len(places)), places)


def _along(lines: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.object_], Ints]:
    # A line is cut into equal pieces of at most the spacing; a point stands amid each of them.
    length = shapely.length(lines)
    pieces = np.maximum(np.ceil(length / SPACING_METRES), 1).astype(np.int64)
    line = np.repeat(np.arange(len(lines)), pieces)
    first = np.cumsum(pieces) - pieces
    place = (np.arange(len(line)) - first[line] + 0.5) / pieces[line]
    points: npt.NDArray[np.object_] = shapely.line_interpolate_point(
        lines[line], place * length[line]
    )
    return points, line


def _points(owner: Ints, places: npt.NDArray[np.object_]) -> Points:
    weight = 1.0 / np.bincount(owner, minlength=1)[owner]
    return Points(owner.astype(np.int64), weight, shapely.get_x(places), shapely.get_y(places))
