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
def _room(ways: Ways, shapes: Shapes, chain: Ints, edge: int, other: int) -> int:
    """Count the vertices that a walk can have at the most."""
    room = 3 + shapes.first[edge + 1] - shapes.first[edge] + 2
    room += shapes.first[other + 1] - shapes.first[other] + 2
    for half in chain:
        room += shapes.first[ways.edge[half] + 1] - shapes.first[ways.edge[half]] + 2
    return int(room)


@compiled
def _one(
    ways: Ways, shapes: Shapes, came: Ints, start: Start, end: tuple[int, float, int]
) -> Floats:
    edge, offset, arrival = end
    if arrival == ALONG:
        line = np.empty((shapes.first[edge + 1] - shapes.first[edge] + 3, 2))
        size = _add(line, 0, start.x, start.y)
        return _whole(line, _stretch(shapes, edge, (start.offset, offset), line, size))
    chain = _chain(ways, shapes, came, arrival)
    line = np.empty((_room(ways, shapes, chain, start.edge, edge), 2))
    size = _add(line, 0, start.x, start.y)
    leave = _leave(shapes, start, _tail(ways, shapes, chain[0] if len(chain) else arrival))
    size = _stretch(shapes, start.edge, (start.offset, leave), line, size)
    for half in chain:
        whole = shapes.metres[ways.edge[half]]
        span = (0.0, whole) if ways.forward[half] else (whole, 0.0)
        size = _stretch(shapes, ways.edge[half], span, line, size)
    enter = 0.0 if ways.forward[arrival] else shapes.metres[edge]
    return _whole(line, _stretch(shapes, edge, (enter, offset), line, size))


@compiled
def draw(ways: Ways, shapes: Shapes, came: Ints, start: Start, ends: Ends) -> tuple[Floats, Ints]:
    """Draw walks from one place over both feet.

    Parameters
    ----------
    ways : Ways
        The graph.
    shapes : Shapes
        Its edges.
    came : ndarray of int
        Of `walks.nearest_of_one`.
    start : Start
        Where all of them leave from.
    ends : Ends
        Where each leads, k of them.

    Returns
    -------
    ndarray of float, shape (p, 2)
        Vertices in metres of all of them, at least two of each; none of them twice in a row,
        unless nobody moves.
    ndarray of int, shape (k + 1,)
        Where each begins, and the last ends.
    """
    count = len(ends.edge)
    lines = [
        _one(ways, shapes, came, start, (ends.edge[k], ends.offset[k], ends.arrival[k]))
        for k in range(count)
    ]
    first = np.zeros(count + 1, np.int64)
    for k in range(count):
        first[k + 1] = first[k] + len(lines[k])
    vertices = np.empty((first[count], 2))
    for k in range(count):
        vertices[first[k] : first[k + 1]] = lines[k]
    return vertices, first
