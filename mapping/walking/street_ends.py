"""Links from where a street ends on the drawing to the street that it opens on."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from mapping.arrays import Bools, Floats, Ints
from mapping.walking.bridge_ends import Links, is_barred
from mapping.walking.crossings import APART_METRES, heights

Lines = npt.NDArray[np.object_]
Texts = npt.NDArray[np.object_]

REACH_METRES = 25.0
"""The longest link: half the breadth of an avenue."""
HOUSE_METRES = 6.0
"""No house is less deep: none fits between an end and the fronts that are nearer than this."""
FRONT_METRES = 60.0
"""The doors so near to a place, on either side of it, tell how broad the street is there."""
WAY_AROUND_METRES = 150.0
"""An end that has a shorter way to where it would be led is joined well enough."""
AHEAD_COSINE = 0.5
"""A link goes less than 60 degrees aside from the street that ends, and meets the other at more."""
STRAIGHT_METRES = 5.0
"""So much of a street before its end tells where it leads."""


class Doors(NamedTuple):
    """Civic numbers that were seen, metres, each with the name of its street in small letters."""

    x: Floats
    y: Floats
    street: Texts


class _Meetings(NamedTuple):
    """Ends of streets beside the pieces that they may open on, one by one."""

    behind: Ints
    """The piece that ends."""
    node: Ints
    end: Floats
    met: Ints
    along: Floats
    """Metres along the piece that is met."""
    place: Floats

    def take(self, rows: Bools | Ints) -> "_Meetings":
        behind, node, end, met, along, place = self
        return _Meetings(behind[rows], node[rows], end[rows], met[rows], along[rows], place[rows])

    @property
    def metres(self) -> Floats:
        metres: Floats = np.hypot(*(self.place - self.end).T)
        return metres


def links(
    pieces: Lines, ends: Ints, called: Texts, grounded: Bools, doors: Doors, barrier: Lines
) -> Links:
    """Lead streets that end within the breadth of another one on to its middle.

    A street ends there where it meets a square or a street for walkers whose line was drawn apart.
    The breadth is known of the doors of the street that is met: where they are as far from its
    middle as the end is, no house stands between.

    Parameters
    ----------
    pieces : ndarray of LineString, shape (n,)
        Metres, with heights where they are known.
    ends : ndarray of int, shape (n, 2)
        The node at each end.
    called : ndarray of str, shape (n,)
        The name of each in small letters; empty where it has none.
    grounded : ndarray of bool, shape (n,)
        Whether a piece is a street at grade.
    doors : Doors
        Those of the city.
    barrier : ndarray of Geometry
        Waters, railways, roads without walkers.

    Returns
    -------
    Links
        At most one for each dead end, to the nearest street ahead that has another name, less than
        2 m higher or lower, and that is far away by the streets.
    """
    met = _ahead(_meetings(pieces, ends, called, np.flatnonzero(grounded & (called != ""))), pieces)
    met = met.take(met.metres - _breadth(met, called, doors) <= HOUSE_METRES)
    met = met.take(_way_around(met, pieces, ends) >= WAY_AROUND_METRES)
    barred = shapely.STRtree(barrier)
    lines = shapely.linestrings(np.stack([met.end, met.place], axis=1))
    free = np.flatnonzero([not is_barred(line, barred) for line in lines])
    free = free[np.argsort(met.metres[free], kind="stable")]
    best = np.sort(free[np.unique(met.node[free], return_index=True)[1]])
    return Links(list(lines[best]), met.behind[best].tolist(), met.met[best].tolist())


def _meetings(pieces: Lines, ends: Ints, called: Texts, streets: Ints) -> _Meetings:
    is_dead = np.bincount(ends.ravel())[ends] == 1
    behind = np.repeat(streets, 2)
    side = np.tile([0, 1], len(streets))
    dead = is_dead[behind, side]
    behind, side = behind[dead], side[dead]
    points = shapely.get_point(pieces[behind], np.where(side == 0, 0, -1))
    row, met = shapely.STRtree(pieces[streets]).query(points, "dwithin", distance=REACH_METRES)
    met = streets[met]
    other = called[met] != called[behind[row]]
    row, met = row[other], met[other]
    along = shapely.line_locate_point(pieces[met], points[row])
    place = shapely.get_coordinates(shapely.line_interpolate_point(pieces[met], along))
    at = shapely.get_coordinates(points)[row]
    return _Meetings(behind[row], ends[behind, side][row], at, met, along, place)


def _ahead(met: _Meetings, pieces: Lines) -> _Meetings:
    """Keep what lies ahead of the end, across the street that is met, and on one level with it."""
    met = met.take(met.metres > 0)
    ended, crossed = pieces[met.behind], pieces[met.met]
    ends, places = shapely.points(met.end), shapely.points(met.place)
    from_start = shapely.line_locate_point(ended, ends) > 0
    back = np.where(from_start, shapely.length(ended) - STRAIGHT_METRES, STRAIGHT_METRES)
    back = np.clip(back, 0, shapely.length(ended))
    leads = met.end - shapely.get_coordinates(shapely.line_interpolate_point(ended, back))
    before, after = (
        shapely.get_coordinates(shapely.line_interpolate_point(crossed, np.maximum(at, 0)))
        for at in (met.along - STRAIGHT_METRES, met.along + STRAIGHT_METRES)
    )
    link = met.place - met.end
    apart = np.abs(heights(ended, ends) - heights(crossed, places)) >= APART_METRES
    is_ahead = _cosine(link, leads) >= AHEAD_COSINE
    is_across = np.abs(_cosine(link, after - before)) <= AHEAD_COSINE
    return met.take(is_ahead & is_across & ~apart)


def _cosine(direction: Floats, other: Floats) -> Floats:
    lengths = np.hypot(*direction.T) * np.hypot(*other.T)
    cosine: Floats = (direction * other).sum(axis=1) / np.where(lengths > 0, lengths, 1)
    return cosine


def _breadth(met: _Meetings, called: Texts, doors: Doors) -> Floats:
    """Give how far the doors of the street that is met are from its middle on the side of the end.

    Of the two nearest before the place and the two nearest after it, the nearest to the middle; 0
    where there is none.
    """
    at = np.column_stack([doors.x, doors.y])
    tree = cKDTree(at)
    breadth = np.zeros(len(met.node))
    for row, (end, place) in enumerate(zip(met.end, met.place, strict=True)):
        near = np.array(tree.query_ball_point(place, FRONT_METRES), np.int64)
        near = near[doors.street[near] == called[met.met[row]]]
        out = (end - place) / np.hypot(*(end - place))
        away, beside = (at[near] - place) @ out, (at[near] - place) @ [-out[1], out[0]]
        fronts = [
            away[side][np.argsort(np.abs(beside[side]))[:2]]
            for side in ((away > 0) & (beside < 0), (away > 0) & (beside >= 0))
        ]
        breadth[row] = min(np.concatenate(fronts), default=0.0)
    return breadth


def _way_around(met: _Meetings, pieces: Lines, ends: Ints) -> Floats:
    """Give the walk from each end to where it would be led; infinite where it is far."""
    metres = shapely.length(pieces)
    edges = pd.DataFrame({"u": ends.min(axis=1), "v": ends.max(axis=1), "metres": metres})
    shortest = edges.groupby(["u", "v"])["metres"].min()
    u, v = (shortest.index.get_level_values(level) for level in ("u", "v"))
    graph = csr_array((shortest.to_numpy(), (u, v)), (int(ends.max()) + 1,) * 2)
    nodes, row = np.unique(met.node, return_inverse=True)
    if not len(nodes):
        return np.zeros(0)
    walks = dijkstra(graph, directed=False, indices=nodes, limit=WAY_AROUND_METRES)
    to_first, to_last = (walks[row, ends[met.met, side]] for side in (0, 1))
    around: Floats = np.minimum(to_first + met.along, to_last + metres[met.met] - met.along)
    return around
