"""The centreline of a street: its points ordered by distance walked from one end."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from mapping.arrays import Bools, Floats, Ints

SAMPLE_METRES = 10.0
GAP_METRES = 60.0
"""Lines of a street nearer than this go on into one another: carriageways, squares, crossings."""
_TOUCHING_METRES = 0.01


@dataclass(frozen=True, eq=False)
class Course:
    """A run of a street: points every few metres, and how far along the street each of them is."""

    points: Floats
    along: Floats

    @property
    def start(self) -> float:
        """Where the run begins, metres along the street."""
        return float(self.along[0])

    @property
    def metres(self) -> float:
        """How long the run is."""
        return float(self.along[-1] - self.along[0]) + SAMPLE_METRES

    def place_of(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Find how far along points are, and how far beside.

        Parameters
        ----------
        x, y : ndarray
            Metres.

        Returns
        -------
        tuple of ndarray
            Metres from the beginning of the run, and metres to its nearest point.
        """
        distances = np.hypot(self.points[:, 0, None] - x, self.points[:, 1, None] - y)
        return self.along[distances.argmin(axis=0)] - self.start, distances.min(axis=0)

    def at(self, metres: Floats) -> Floats:
        """Give the points that are so far along.

        Parameters
        ----------
        metres : ndarray
            From the beginning of the run.

        Returns
        -------
        ndarray
            Points of (n, 2); beyond the ends the first or the last.
        """
        wanted = metres + self.start
        after = np.clip(np.searchsorted(self.along, wanted), 0, len(self.along) - 1)
        before = np.maximum(after - 1, 0)
        nearer = wanted - self.along[before] < self.along[after] - wanted
        return self.points[np.where(nearer, before, after)]

    def turned(self) -> "Course":
        """Reverse the direction of the course."""
        return Course(self.points[::-1], self.along[-1] + self.along[0] - self.along[::-1])

    def part(self, inside: Bools) -> "Course":
        """Keep some of the points.

        Parameters
        ----------
        inside : ndarray of bool
            Which.

        Returns
        -------
        Course
            As far along the street as before.
        """
        return Course(self.points[inside], self.along[inside])


def course_along(lines: shapely.Geometry) -> Course:
    """Order the points of a street, with lines in metres, by distance walked from one of its ends.

    Sorted along a straight axis a bend would fold, and the carriageways of an avenue count twice.
    The start is one of the two ends that are farthest apart along the street.
    """
    parts = [part for part in shapely.get_parts(lines) if part.length > 0]
    length = np.array([part.length for part in parts])
    if len(parts) == 1:
        reached, ids = np.array([0.0, length[0]]), np.array([[0, 1]])
    else:
        ends = np.array([[part.coords[0], part.coords[-1]] for part in parts]).reshape(-1, 2)
        nodes, ids = np.unique(np.round(ends, 1), axis=0, return_inverse=True)
        ids = ids.reshape(-1, 2)
        reached = _from_end(nodes, ids, length)
    points, along = [], []
    for part, metres, (first, last) in zip(parts, length, ids, strict=True):
        count = max(int(np.ceil(metres / SAMPLE_METRES)), 1)
        own = (np.arange(count) + 0.5) * metres / count
        points.append(shapely.get_coordinates(shapely.line_interpolate_point(part, own)))
        along.append(np.minimum(reached[first] + own, reached[last] + metres - own))
    run = np.concatenate(along)
    order = np.argsort(run, kind="stable")
    return Course(np.vstack(points)[order], run[order])


def _from_end(nodes: Floats, ids: Ints, length: Floats) -> Floats:
    """Metres along the street from its end to every node."""
    if len(nodes) == 1:
        return np.zeros(1)
    near = cKDTree(nodes).query_pairs(GAP_METRES, output_type="ndarray")
    first = _reach(nodes, ids, length, near, 0)
    if np.isinf(first).any():
        # Pieces of one name that lie far apart are joined in a straight line, from all to all.
        near = np.column_stack(np.triu_indices(len(nodes), 1))
        first = _reach(nodes, ids, length, near, 0)
    return _reach(nodes, ids, length, near, int(first.argmax()))


def _reach(nodes: Floats, ids: Ints, length: Floats, hops: Ints, start: int) -> Floats:
    apart = np.hypot(*(nodes[hops[:, 0]] - nodes[hops[:, 1]]).T)
    pairs = np.sort(np.vstack([ids, hops]), axis=1)
    metres = np.maximum(np.concatenate([length, apart]), _TOUCHING_METRES)
    # A sparse matrix would add up the lines between the same two nodes: the shorter is the way.
    order = np.lexsort((metres, pairs[:, 1], pairs[:, 0]))
    pairs, metres = pairs[order], metres[order]
    once = np.r_[True, (np.diff(pairs, axis=0) != 0).any(axis=1)]
    graph = coo_array((metres[once], tuple(pairs[once].T)), shape=(len(nodes), len(nodes)))
    return np.asarray(dijkstra(graph.tocsr(), directed=False, indices=start), dtype=float)
