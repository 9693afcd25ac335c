"""One look-up in one compiled call: snap the place, search, and draw the ways.

Apart, each of these steps takes less time than calling it from Python. Memory of a search is used
again by the next: to have as much of it zeroed takes longer than a search of a few hundred nodes.
"""

from typing import NamedTuple

import numpy as np

from mapping.arrays import Bools, Floats, Ints
from mapping.compiled import compiled
from mapping.walking.heap import Heap, pop, push
from mapping.walking.kernels import (
    Best,
    ByEdge,
    Feet,
    Ways,
    none_yet,
    offer,
    offer_along,
)
from mapping.walking.paths import DrawnPaths, Ends, Shapes, Start, draw
from mapping.walking.snapping import EdgePieces, Grid, foot_of

UNSNAPPED = -1
"""In the place of an edge: the place is still to be snapped."""


class Streets(NamedTuple):
    """A graph as one profile walks it, with all that a look-up needs."""

    ways: Ways
    shapes: Shapes
    edge_seconds: Floats
    metres_per_second: float
    pieces: EdgePieces
    """Of the streets to which places are snapped."""
    cells: Grid


class ByNode(NamedTuple):
    """Targets by the node from which their edge is entered: those of node n from ``first[n]`` on.

    Each is a `target`, the `half`-edge that leads to it, and the seconds along that. They are in
    the order of half-edges, then of targets.
    """

    first: Ints
    target: Ints
    half: Ints
    seconds: Floats


class Destinations(NamedTuple):
    """Where one may go: t places, found by edge and by node."""

    feet: Feet
    offset_metres: Floats
    by_edge: ByEdge
    by_node: ByNode


class Departure(NamedTuple):
    """From where: metres, and the foot, where it is known; its edge is `UNSNAPPED` if not."""

    x: float
    y: float
    edge: int
    offset_metres: float
    snap_metres: float


class SearchLimits(NamedTuple):
    """How many, how far, and whether the ways are drawn."""

    max_count: int
    limit_seconds: float
    with_paths: bool


class Scratch(NamedTuple):
    """Memory of a search over n nodes; between searches `seconds` are infinite everywhere."""

    seconds: Floats
    came: Ints
    heap: Heap
    reached: Ints
    """The nodes whose seconds are not infinite."""


class NearestWalks(NamedTuple):
    """The nearest, sorted by seconds, then target, and their ways, if they are drawn."""

    target: Ints
    seconds: Floats
    drawn: DrawnPaths
    snap_metres: float
    """From the place to its foot."""


def scratch(ways: Ways) -> Scratch:
    """Make the memory of a search.

    Parameters
    ----------
    ways : Ways
        The graph.

    Returns
    -------
    Scratch
        For one search at a time.
    """
    nodes, room = len(ways.first) - 1, len(ways.to) + 2
    return Scratch(
        np.full(nodes, np.inf),
        np.empty(nodes, np.int64),
        Heap(np.empty(room), np.empty(room, np.int64)),
        np.empty(nodes, np.int64),
    )


def by_node(ways: Ways, feet: Feet) -> ByNode:
    """Find the half-edges by which targets are reached.

    Parameters
    ----------
    ways : Ways
        The graph.
    feet : Feet
        The targets; those on an edge that may not be walked are reached by none.

    Returns
    -------
    ByNode
        At most two of each.
    """
    nodes, halves = len(ways.first) - 1, np.arange(len(ways.to))
    leaving = np.full((2, max(feet.edge.max(), ways.edge.max()) + 1), -1)
    leaving[ways.forward.astype(np.int64), ways.edge] = halves
    half = np.concatenate([leaving[1, feet.edge], leaving[0, feet.edge]])
    target = np.tile(np.arange(len(feet.edge)), 2)
    seconds = np.concatenate([feet.u_seconds, feet.v_seconds])
    order = np.lexsort((target, half))
    order = order[half[order] >= 0]
    half = half[order]
    tail = np.searchsorted(ways.first, half, side="right") - 1
    counts = np.bincount(tail, minlength=nodes)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return ByNode(first, target[order], half, seconds[order])


@compiled
def _reach(
    scratch: Scratch, sizes: tuple[int, int], node: int, seconds: float, came: int
) -> tuple[int, int]:
    """Note a way to a node if it is the best so far; give the sizes of queue and `reached`."""
    queued, reached = sizes
    before = scratch.seconds[node]
    if seconds >= before:
        return sizes
    if before == np.inf:
        scratch.reached[reached] = node
        reached += 1
    scratch.seconds[node] = seconds
    scratch.came[node] = came
    return push(scratch.heap, queued, seconds, node), reached


@compiled
def _offer_at_node(node: int, seconds: float, to: Destinations, wanted: Bools, best: Best) -> None:
    """Offer the targets on the edges that leave a node."""
    for slot in range(to.by_node.first[node], to.by_node.first[node + 1]):
        target = to.by_node.target[slot]
        if wanted[target]:
            total = seconds + to.by_node.seconds[slot] + to.feet.snap_seconds[target]
            offer(best, total, target, to.by_node.half[slot])


@compiled
def _search(
    ways: Ways,
    origin: Feet,
    to: Destinations,
    wanted: Bools,
    limits: SearchLimits,
    scratch: Scratch,
) -> tuple[Best, int]:
    """Walk until the nearest of the wanted targets are certain; give how many nodes were reached.

    A node beyond the farthest of the best so far is not noted: no way over it is wanted.
    """
    best, last, snap = none_yet(limits.max_count), limits.max_count - 1, origin.snap_seconds[0]
    offer_along(origin, 0, (to.feet, to.by_edge, wanted), best)
    sizes = _reach(scratch, (0, 0), origin.u[0], snap + origin.u_seconds[0], -1)
    sizes = _reach(scratch, sizes, origin.v[0], snap + origin.v_seconds[0], -1)
    heap = scratch.heap
    while sizes[0] and heap.key[0] <= min(limits.limit_seconds, best.seconds[last]):
        node, here = heap.item[0], heap.key[0]
        sizes = pop(heap, sizes[0]), sizes[1]
        if here > scratch.seconds[node]:
            continue  # since then a shorter way to it was found
        _offer_at_node(node, here, to, wanted, best)
        bound = min(limits.limit_seconds, best.seconds[last])
        for half in range(ways.first[node], ways.first[node + 1]):
            seconds = here + ways.seconds[half]
            if seconds <= bound:
                sizes = _reach(scratch, sizes, ways.to[half], seconds, half)
    return best, sizes[1]


@compiled
def _foot(streets: Streets, place: Departure) -> tuple[Feet, float, float]:
    """Find the foot of a place, its metres along the edge, and its distance."""
    edge, offset, away = place.edge, place.offset_metres, place.snap_metres
    if edge == UNSNAPPED:
        edge, offset, away, _, _ = foot_of(streets.pieces, streets.cells, place.x, place.y)
    whole, seconds = streets.shapes.metres[edge], streets.edge_seconds[edge]
    share = min(max(offset / whole, 0.0), 1.0) if whole > 0 else 0.0
    along = seconds * share
    feet = Feet(
        np.array([edge]),
        np.array([streets.shapes.u[edge]]),
        np.array([streets.shapes.v[edge]]),
        np.array([along]),
        np.array([seconds - along]),
        np.array([away / streets.metres_per_second]),
    )
    return feet, offset, away


@compiled
def nearest_walks(
    streets: Streets,
    to: Destinations,
    wanted: Bools,
    place: Departure,
    limits: SearchLimits,
    scratch: Scratch,
) -> NearestWalks:
    """Walk from one place to the nearest of the wanted targets.

    Parameters
    ----------
    streets : Streets
        Where one walks.
    to : Destinations
        Where one may go, t places.
    wanted : ndarray of bool, shape (t,)
        Which of them.
    place : Departure
        From where.
    limits : SearchLimits
        At least one, and seconds, both snaps included.
    scratch : Scratch
        Of `scratch`, which no other search uses meanwhile.

    Returns
    -------
    NearestWalks
        Fewer than asked where fewer can be reached. Not to be used where the place had to be
        snapped and its foot is off the network: streets of islands are not tried.
    """
    origin, offset, away = _foot(streets, place)
    best, reached = _search(streets.ways, origin, to, wanted, limits, scratch)
    count = 0
    while count < limits.max_count and best.target[count] >= 0:
        if best.seconds[count] > limits.limit_seconds:
            break
        count += 1
    target = best.target[:count].copy()
    drawn = target if limits.with_paths else target[:0]
    ends = Ends(to.feet.edge[drawn], to.offset_metres[drawn], best.arrival[: len(drawn)])
    start = Start(place.x, place.y, origin.edge[0], offset)
    lines = draw(streets.ways, streets.shapes, scratch.came, start, ends)
    for slot in range(reached):
        scratch.seconds[scratch.reached[slot]] = np.inf
    return NearestWalks(target, best.seconds[:count].copy(), lines, away)
