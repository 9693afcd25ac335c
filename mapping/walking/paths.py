"""The path of a walk: its edges, and its line vertex by vertex."""

from typing import NamedTuple

import numpy as np

from mapping.arrays import Floats, Ints, Record, Records
from mapping.compiled import compiled
from mapping.walking.kernels import ALONG

PIECE = np.dtype([("edge", "i8"), ("start", "f8"), ("end", "f8")])
"""A row of `WalkedPieces`."""


EDGE = np.dtype([("u", "i4"), ("v", "i4"), ("first", "i4"), ("last", "i4"), ("metres", "f8")])
"""An edge: both ends, and where its vertices begin and end."""


class Shapes(NamedTuple):
    """The edges as they are drawn: records of `EDGE`, and the vertices from u to v, in metres.

    An edge that is walked is a *way*: twice its number, and 1 more where it is walked from u to v.
    """

    edges: Records
    vertices: Floats


class Start(NamedTuple):
    """Where walks leave from: the place, and its foot by edge and metres along it."""

    x: float
    y: float
    edge: int
    offset: float


class Ends(NamedTuple):
    """Where k walks lead: feet by edge and metres along it.

    `arrival` is the way by which each is reached, or `ALONG`.
    """

    edge: Ints
    offset: Floats
    arrival: Ints


class WalkedPieces(NamedTuple):
    """The edges of a walk in its order, each from where to where: metres from the edge's u.

    What is walked from a place to its foot, and from the last foot on, is not among them.
    """

    edge: Ints
    start: Floats
    end: Floats


class DrawnPaths(NamedTuple):
    """The lines of k walks, one after the other, and their pieces."""

    line: Floats
    """(p, 2) metres."""
    pieces: Records
    """Records of `PIECE`."""
    first: Ints
    """Where the vertices and the pieces of each begin, and those of the last end: (k + 1, 2)."""

    def line_of(self, walk: int) -> Floats:
        """Give the line of one walk.

        Parameters
        ----------
        walk : int
            Its rank.

        Returns
        -------
        ndarray of float, shape (p, 2)
            At least two vertices.
        """
        return self.line[self.first[walk, 0] : self.first[walk + 1, 0]]

    def pieces_of(self, walk: int) -> WalkedPieces:
        """Give the edges of one walk.

        Parameters
        ----------
        walk : int
            Its rank.

        Returns
        -------
        WalkedPieces
            At least one.
        """
        pieces = self.pieces[self.first[walk, 1] : self.first[walk + 1, 1]]
        return WalkedPieces(pieces["edge"], pieces["start"], pieces["end"])


@compiled
def _tail(edges: Records, way: int) -> int:
    edge = edges[way >> 1]
    return int(edge.u if way & 1 else edge.v)


@compiled
def _count(nodes: Records, tail: int) -> int:
    """Count the pieces of a walk whose last edge leaves a node."""
    count, node = 2, tail
    while nodes[node].came >= 0:
        count, node = count + 1, nodes[node].tail
    return count


@compiled
def _leave(edges: Records, start: Start, node: int) -> float:
    """Find the end of the first edge by which the walk leaves it for a node."""
    edge = edges[start.edge]
    by_u = node == edge.u and (edge.u != edge.v or start.offset <= edge.metres / 2)
    return 0.0 if by_u else edge.metres


@compiled
def _add(line: Floats, size: int, x: float, y: float) -> int:
    if size and line[size - 1, 0] == x and line[size - 1, 1] == y:
        return size
    line[size, 0], line[size, 1] = x, y
    return size + 1


@compiled
def _whole(edge: Record, reach: float, vertices: Floats, line: Floats, size: int) -> int:
    """Add all vertices of an edge; backwards where it is walked over less than no metres."""
    first, count = int(edge.first), int(edge.last) - int(edge.first)
    for step in range(count):
        vertex = first + (count - 1 - step if reach < 0 else step)
        size = _add(line, size, vertices[vertex, 0], vertices[vertex, 1])
    return size


@compiled
def _stretch(
    shapes: Shapes, number: int, span: tuple[float, float], line: Floats, size: int
) -> int:
    """Add the vertices of an edge from one place on it to another, in that direction."""
    edge, vertices = shapes.edges[number], shapes.vertices
    first, last = int(edge.first), int(edge.last)
    backwards = span[0] > span[1]
    start, end = (span[1], span[0]) if backwards else span
    if start == 0 and end == edge.metres:
        return _whole(edge, span[1] - span[0], vertices, line, size)
    piece, points, run = np.empty((last - first + 2, 2)), 0, 0.0
    for vertex in range(first, last - 1):
        x, y = vertices[vertex]
        dx, dy = vertices[vertex + 1, 0] - x, vertices[vertex + 1, 1] - y
        length = np.hypot(dx, dy)
        low, high = max(start - run, 0.0), min(end - run, length)
        if low <= high and length > 0:
            points = _add(piece, points, x + dx * low / length, y + dy * low / length)
            points = _add(piece, points, x + dx * high / length, y + dy * high / length)
        run += length
    for step in range(points):
        row = points - 1 - step if backwards else step
        size = _add(line, size, piece[row, 0], piece[row, 1])
    return size


@compiled
def _walk_back(
    edges: Records,
    nodes: Records,
    start: Start,
    end: tuple[int, float, int],
    pieces: Records,
) -> None:
    """Fill in the pieces of a walk, from the last to the first."""
    edge, offset, way = end
    last = len(pieces) - 1
    pieces[0].edge, pieces[0].start = start.edge, start.offset
    pieces[last].edge, pieces[last].end = edge, offset
    if way == ALONG:
        return
    pieces[last].start = 0.0 if way & 1 else edges[edge].metres
    node = _tail(edges, way)
    for place in range(last - 1, 0, -1):
        way = nodes[node].came
        whole = edges[way >> 1].metres
        pieces[place].edge = way >> 1
        pieces[place].start = 0.0 if way & 1 else whole
        pieces[place].end = whole if way & 1 else 0.0
        node = nodes[node].tail
    pieces[0].end = _leave(edges, start, node)


@compiled
def _line_of(shapes: Shapes, start: Start, pieces: Records, line: Floats) -> int:
    """Draw a walk into a line that has room for it; give how many vertices it has."""
    size, last = _add(line, 0, start.x, start.y), len(pieces) - 1
    edges, vertices = shapes.edges, shapes.vertices
    for place in range(last + 1):
        piece = pieces[place]
        if 0 < place < last:  # all but both ends are whole
            size = _whole(edges[piece.edge], piece.end - piece.start, vertices, line, size)
        else:
            size = _stretch(shapes, piece.edge, (piece.start, piece.end), line, size)
    if size == 1:
        line[1] = line[0]
    return max(size, 2)


@compiled
def draw(shapes: Shapes, nodes: Records, start: Start, ends: Ends) -> DrawnPaths:
    """Draw walks from one place over both feet.

    Parameters
    ----------
    shapes : Shapes
        The edges.
    nodes : ndarray of records
        By which way the search `came` to each, and the `tail` of that.
    start : Start
        Where all of them leave from.
    ends : Ends
        Where each leads, k of them.

    Returns
    -------
    DrawnPaths
        At least two vertices of each; none of them twice in a row, unless the walk has no length.
    """
    walks = len(ends.edge)
    first = np.zeros((walks + 1, 2), np.int64)
    for walk in range(walks):
        way = ends.arrival[walk]
        count = 1 if way == ALONG else _count(nodes, _tail(shapes.edges, way))
        first[walk + 1, 1] = first[walk, 1] + count
    pieces, room = np.empty(first[walks, 1], PIECE), 0
    for walk in range(walks):
        end = (ends.edge[walk], ends.offset[walk], ends.arrival[walk])
        part = pieces[first[walk, 1] : first[walk + 1, 1]]
        _walk_back(shapes.edges, nodes, start, end, part)
        room += 3
        for piece in part:
            room += shapes.edges[piece.edge].last - shapes.edges[piece.edge].first + 2
    line = np.empty((room, 2))
    for walk in range(walks):
        part = pieces[first[walk, 1] : first[walk + 1, 1]]
        drawn = _line_of(shapes, start, part, line[first[walk, 0] :])
        first[walk + 1, 0] = first[walk, 0] + drawn
    return DrawnPaths(line[: first[walks, 0]], pieces, first)
