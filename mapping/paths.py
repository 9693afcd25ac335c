"""The way of a walk as a line, vertex by vertex."""

from typing import NamedTuple

import numpy as np

from mapping.walks import ALONG, Floats, Ints, Ways, compiled


class Shapes(NamedTuple):
    """The edges as they are drawn: ends, and the vertices from u to v, in metres."""

    u: Ints
    v: Ints
    metres: Floats
    first: Ints
    x: Floats
    y: Floats


class Walked(NamedTuple):
    """A walk as it was found: edge and metres along it at both feet, and the way between.

    `arrival` is the half-edge by which the target's edge is entered, or `ALONG`.
    """

    edge: int
    offset: float
    to_edge: int
    to_offset: float
    arrival: int


@compiled
def _tail(ways: Ways, shapes: Shapes, half: int) -> int:
    edge = ways.edge[half]
    return int(shapes.u[edge] if ways.forward[half] else shapes.v[edge])


@compiled
def _chain(ways: Ways, shapes: Shapes, came: Ints, half: int) -> Ints:
    """List the half-edges walked between the first edge and the last, in the order of the walk."""
    length, node = 0, _tail(ways, shapes, half)
    while came[node] >= 0:
        length, node = length + 1, _tail(ways, shapes, came[node])
    chain = np.empty(length, np.int64)
    node = _tail(ways, shapes, half)
    for place in range(length - 1, -1, -1):
        chain[place] = came[node]
        node = _tail(ways, shapes, came[node])
    return chain


@compiled
def _leave(shapes: Shapes, walked: Walked, node: int) -> float:
    """Find the end of the first edge by which the walk leaves it for a node."""
    u, v, metres = shapes.u[walked.edge], shapes.v[walked.edge], shapes.metres[walked.edge]
    by_u = node == u and (u != v or walked.offset <= metres / 2)
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
    piece, held, run = np.empty((last - first + 2, 2)), 0, 0.0
    for vertex in range(first, last - 1):
        x, y = shapes.x[vertex], shapes.y[vertex]
        dx, dy = shapes.x[vertex + 1] - x, shapes.y[vertex + 1] - y
        length = np.hypot(dx, dy)
        low, high = max(start - run, 0.0), min(end - run, length)
        if low <= high and length > 0:
            held = _add(piece, held, x + dx * low / length, y + dy * low / length)
            held = _add(piece, held, x + dx * high / length, y + dy * high / length)
        run += length
    for step in range(held):
        row = held - 1 - step if backwards else step
        size = _add(line, size, piece[row, 0], piece[row, 1])
    return size


@compiled
def _whole(line: Floats, size: int) -> Floats:
    if size == 1:
        line[1] = line[0]
    return line[: max(size, 2)].copy()


@compiled
def draw(ways: Ways, shapes: Shapes, came: Ints, walked: Walked, origin: Floats) -> Floats:
    """Draw a walk from its origin over both feet.

    Parameters
    ----------
    ways : Ways
        The graph.
    shapes : Shapes
        Its edges.
    came : ndarray of int
        Of `walks.nearest_of_one`.
    walked : Walked
        The walk.
    origin : ndarray of float, shape (2,)
        Where it starts, metres.

    Returns
    -------
    ndarray of float, shape (p, 2)
        Vertices in metres, at least two; none of them twice in a row, unless nobody moves.
    """
    if walked.arrival == ALONG:
        line = np.empty((shapes.first[walked.edge + 1] - shapes.first[walked.edge] + 3, 2))
        size = _add(line, 0, origin[0], origin[1])
        span = (walked.offset, walked.to_offset)
        return _whole(line, _stretch(shapes, walked.edge, span, line, size))
    chain = _chain(ways, shapes, came, walked.arrival)
    room = 3
    for edge in (walked.edge, walked.to_edge):
        room += shapes.first[edge + 1] - shapes.first[edge] + 2
    for half in chain:
        room += shapes.first[ways.edge[half] + 1] - shapes.first[ways.edge[half]] + 2
    line = np.empty((room, 2))
    size = _add(line, 0, origin[0], origin[1])
    leave = _leave(shapes, walked, _tail(ways, shapes, chain[0] if len(chain) else walked.arrival))
    size = _stretch(shapes, walked.edge, (walked.offset, leave), line, size)
    for half in chain:
        whole = shapes.metres[ways.edge[half]]
        span = (0.0, whole) if ways.forward[half] else (whole, 0.0)
        size = _stretch(shapes, ways.edge[half], span, line, size)
    enter = 0.0 if ways.forward[walked.arrival] else shapes.metres[walked.to_edge]
    size = _stretch(shapes, walked.to_edge, (enter, walked.to_offset), line, size)
    return _whole(line, size)
