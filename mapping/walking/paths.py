"""The path of a walk: its edges, and its line vertex by vertex."""

from typing import NamedTuple

import numpy as np

from mapping.arrays import Floats, Ints
from mapping.compiled import compiled
from mapping.walking.kernels import ALONG, Ways


class Shapes(NamedTuple):
    """The edges as they are drawn: ends, and the vertices from u to v, in metres."""

    u: Ints
    v: Ints
    metres: Floats
    first: Ints
    x: Floats
    y: Floats


class Start(NamedTuple):
    """Where walks leave from: the place, and its foot by edge and metres along it."""

    x: float
    y: float
    edge: int
    offset: float


class Ends(NamedTuple):
    """Where k walks lead: feet by edge and metres along it.

    `arrival` is the half-edge by which the edge of each is entered, or `ALONG`.
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
    """The lines of k walks, (p, 2) metres, and their pieces; walk w has those from first[w] on."""

    line: Floats
    line_first: Ints
    pieces: WalkedPieces
    pieces_first: Ints


@compiled
def _tail(ways: Ways, shapes: Shapes, half: int) -> int:
    edge = ways.edge[half]
    return int(shapes.u[edge] if ways.forward[half] else shapes.v[edge])


@compiled
def _pieces_of(ways: Ways, shapes: Shapes, came: Ints, arrival: int) -> int:
    """Count the pieces of a walk that enters its last edge by a half-edge."""
    if arrival == ALONG:
        return 1
    count, node = 2, _tail(ways, shapes, arrival)
    while came[node] >= 0:
        count, node = count + 1, _tail(ways, shapes, came[node])
    return count


@compiled
def _leave(shapes: Shapes, start: Start, node: int) -> float:
    """Find the end of the first edge by which the walk leaves it for a node."""
    u, v, metres = shapes.u[start.edge], shapes.v[start.edge], shapes.metres[start.edge]
    by_u = node == u and (u != v or start.offset <= metres / 2)
    return 0.0 if by_u else metres


@compiled
def _add(line: Floats, size: int, x: float, y: float) -> int:
    if size and line[size - 1, 0] == x and line[size - 1, 1] == y:
        return size
    line[size, 0], line[size, 1] = x, y
    return size + 1


@compiled
def _stretch(shapes: Shapes, edge: int, span: tuple[float, float], line: Floats, size: int) -> int:
    """Add the vertices of an edge from one place on it to another, in that direction."""
    first, last = shapes.first[edge], shapes.first[edge + 1]
    backwards = span[0] > span[1]
    start, end = (span[1], span[0]) if backwards else span
    if start == 0 and end == shapes.metres[edge]:
        for step in range(last - first):
            vertex = last - 1 - step if backwards else first + step
            size = _add(line, size, shapes.x[vertex], shapes.y[vertex])
        return size
    piece, points, run = np.empty((last - first + 2, 2)), 0, 0.0
    for vertex in range(first, last - 1):
        x, y = shapes.x[vertex], shapes.y[vertex]
        dx, dy = shapes.x[vertex + 1] - x, shapes.y[vertex + 1] - y
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
    ways: Ways,
    shapes: Shapes,
    came: Ints,
    start: Start,
    end: tuple[int, float, int],
    pieces: WalkedPieces,
) -> None:
    """Fill in the pieces of a walk, from the last to the first."""
    edge, offset, arrival = end
    pieces.edge[0], pieces.start[0] = start.edge, start.offset
    pieces.edge[-1], pieces.end[-1] = edge, offset
    if arrival == ALONG:
        return
    pieces.start[-1] = 0.0 if ways.forward[arrival] else shapes.metres[edge]
    node = _tail(ways, shapes, arrival)
    for place in range(len(pieces.edge) - 2, 0, -1):
        half = came[node]
        walked, forward = ways.edge[half], ways.forward[half]
        whole = shapes.metres[walked]
        pieces.edge[place] = walked
        pieces.start[place] = 0.0 if forward else whole
        pieces.end[place] = whole if forward else 0.0
        node = _tail(ways, shapes, half)
    pieces.end[0] = _leave(shapes, start, node)


@compiled
def _line_of(shapes: Shapes, start: Start, pieces: WalkedPieces, line: Floats) -> int:
    """Draw a walk into a line that has room for it; give how many vertices it has."""
    size = _add(line, 0, start.x, start.y)
    for place in range(len(pieces.edge)):
        span = (pieces.start[place], pieces.end[place])
        size = _stretch(shapes, pieces.edge[place], span, line, size)
    if size == 1:
        line[1] = line[0]
    return max(size, 2)


@compiled
def _part(pieces: WalkedPieces, first: int, last: int) -> WalkedPieces:
    return WalkedPieces(pieces.edge[first:last], pieces.start[first:last], pieces.end[first:last])


@compiled
def draw(ways: Ways, shapes: Shapes, came: Ints, start: Start, ends: Ends) -> DrawnPaths:
    """Draw walks from one place over both feet.

    Parameters
    ----------
    ways : Ways
        The graph.
    shapes : Shapes
        Its edges.
    came : ndarray of int
        Of `kernels.nearest_of_one`.
    start : Start
        Where all of them leave from.
    ends : Ends
        Where each leads, k of them, at least one.

    Returns
    -------
    DrawnPaths
        At least two vertices of each; none of them twice in a row, unless the walk has no length.
    """
    walks = len(ends.edge)
    pieces_first = np.zeros(walks + 1, np.int64)
    for walk in range(walks):
        count = _pieces_of(ways, shapes, came, ends.arrival[walk])
        pieces_first[walk + 1] = pieces_first[walk] + count
    size = pieces_first[-1]
    pieces, room = WalkedPieces(np.empty(size, np.int64), np.empty(size), np.empty(size)), 0
    for walk in range(walks):
        end = (ends.edge[walk], ends.offset[walk], ends.arrival[walk])
        part = _part(pieces, pieces_first[walk], pieces_first[walk + 1])
        _walk_back(ways, shapes, came, start, end, part)
        room += 3
        for edge in part.edge:
            room += shapes.first[edge + 1] - shapes.first[edge] + 2
    line, line_first = np.empty((room, 2)), np.zeros(walks + 1, np.int64)
    for walk in range(walks):
        part = _part(pieces, pieces_first[walk], pieces_first[walk + 1])
        drawn = _line_of(shapes, start, part, line[line_first[walk] :])
        line_first[walk + 1] = line_first[walk] + drawn
    return DrawnPaths(line[: line_first[-1]], line_first, pieces, pieces_first)
