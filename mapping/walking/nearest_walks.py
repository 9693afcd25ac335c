"""One look-up in one compiled call: snap the place, search, and draw the ways.

Apart, each of these steps takes less time than calling it from Python. Memory of a search is used
again by the next: to have as much of it zeroed takes longer than a search of a few hundred nodes.
"""

from typing import NamedTuple

import numpy as np

from mapping.arrays import Bools, Floats, Ints, Records
from mapping.compiled import compiled
from mapping.errors import BadInputError
from mapping.walking.entries import (
    MAX_NODES,
    MOST_SECONDS,
    NODE,
    SHORTEST_SECONDS,
    entry_of,
    put,
    take,
)
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
from mapping.walking.snapping import Grid, foot_of

HALF_EDGE = np.dtype([("to", "i4"), ("way", "i4"), ("seconds", "f8")])
"""To which node, by which way (`Shapes`), and how long it takes."""
TARGET = np.dtype([("target", "i4"), ("way", "i4"), ("seconds", "f8"), ("snap_seconds", "f8")])
"""What is reached along a way: how long to its foot, and from there to it."""
NODE_STATE = np.dtype([("seconds", "f8"), ("came", "i4"), ("tail", "i4")])
"""The best way to a node so far, the way by which it came, and the node which that leaves."""
UNSNAPPED = -1
"""In the place of an edge: the place is still to be snapped."""


class LeadingOn(NamedTuple):
    """Half-edges of `Ways` but for those into dead ends: from node n, those from ``first[n]`` on.

    What lies on the street of a dead end is offered where one enters it.
    """

    first: Ints
    half: Records
    """Of `HALF_EDGE`."""


class Streets(NamedTuple):
    """A graph as one profile walks it, with all that a look-up needs."""

    on: LeadingOn
    shapes: Shapes
    edge_seconds: Floats
    metres_per_second: float
    pieces: Records
    """Of `EDGE_PIECE`, of the streets to which places are snapped."""
    cells: Grid


class ByNode(NamedTuple):
    """Targets by the node from which their edge is entered: those of node n from ``first[n]`` on.

    They are in the order of half-edges, then of targets.
    """

    first: Ints
    targets: Records
    """Of `TARGET`."""


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

    nodes: Records
    """Of `NODE_STATE`."""
    queue: Ints
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
    count = len(ways.first) - 1
    if count > MAX_NODES:
        raise BadInputError(
            f"{count:,} nodes are too many to walk on. Cut the streets at a border."
        )
    nodes = np.empty(count, NODE_STATE)
    nodes["seconds"] = np.inf
    return Scratch(nodes, np.empty(len(ways.to) + 2, np.int64), np.empty(count, np.int64))


def leading_on(ways: Ways) -> LeadingOn:
    """Leave out the half-edges into dead ends, from which only the same edge leads back.

    Parameters
    ----------
    ways : Ways
        The graph.

    Returns
    -------
    LeadingOn
        In the order of the half-edges.
    """
    leaving = np.diff(ways.first)
    number = np.flatnonzero(leaving[ways.to] > 1)
    half = np.empty(len(number), HALF_EDGE)
    half["to"], half["way"] = ways.to[number], _way(ways, number)
    # So no node is walked from twice, and the queue has room for one entry of each half-edge.
    half["seconds"] = np.maximum(ways.seconds[number], SHORTEST_SECONDS)
    return LeadingOn(np.searchsorted(number, ways.first), half)


def _way(ways: Ways, half: Ints) -> Ints:
    return 2 * ways.edge[half] + ways.forward[half]


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
    reached = np.empty(len(half), TARGET)
    reached["target"], reached["way"] = target[order], _way(ways, half)
    reached["seconds"] = seconds[order]
    reached["snap_seconds"] = feet.snap_seconds[reached["target"]]
    return ByNode(first, reached)


@compiled
def _note(scratch: Scratch, count: int, way: tuple[int, int, int], seconds: float) -> int:
    """Note the best way so far to a node, from another; give how many were reached."""
    came, tail, node = way
    if scratch.nodes[node].seconds == np.inf:
        scratch.reached[count] = node
        count += 1
    scratch.nodes[node].seconds = seconds
    scratch.nodes[node].came, scratch.nodes[node].tail = came, tail
    return count


@compiled
def _offer_at_node(node: int, seconds: float, to: Destinations, wanted: Bools, best: Best) -> None:
    """Offer the targets on the edges that leave a node."""
    for slot in range(to.by_node.first[node], to.by_node.first[node + 1]):
        place = to.by_node.targets[slot]
        if wanted[place.target]:
            offer(best, seconds + place.seconds + place.snap_seconds, place.target, place.way)


@compiled
def _search(
    on: LeadingOn,
    origin: Feet,
    to: Destinations,
    wanted: Bools,
    limits: SearchLimits,
    scratch: Scratch,
) -> tuple[Best, int]:
    """Walk until the nearest of the wanted targets are certain; give how many nodes were reached.

    A node beyond the farthest of the best so far is not noted: no way over it is wanted.
    """
    best, last = none_yet(limits.max_count), limits.max_count - 1
    nodes, queue, size, count = scratch.nodes, scratch.queue, 0, 0
    offer_along(origin, 0, (to.feet, to.by_edge, wanted), best)
    limit = min(limits.limit_seconds, MOST_SECONDS)
    bound = min(limit, best.seconds[last])
    for node, along in ((origin.u[0], origin.u_seconds[0]), (origin.v[0], origin.v_seconds[0])):
        seconds = origin.snap_seconds[0] + along
        if seconds <= bound and seconds < nodes[node].seconds:  # a loop begins where it ends
            count = _note(scratch, count, (-1, -1, node), seconds)
            size = put(queue, size, entry_of(seconds, node))
    while size and queue[0] <= entry_of(bound, NODE):
        entry = queue[0]
        node = entry & NODE
        here = nodes[node].seconds
        size = take(queue, size)
        if entry != entry_of(here, node):
            continue  # since then a shorter way to it was found
        if to.by_node.first[node] < to.by_node.first[node + 1]:
            _offer_at_node(node, here, to, wanted, best)
            bound = min(limit, best.seconds[last])
        for place in range(on.first[node], on.first[node + 1]):
            half = on.half[place]
            seconds = here + half.seconds
            if seconds <= bound and seconds < nodes[half.to].seconds:
                count = _note(scratch, count, (half.way, node, half.to), seconds)
                size = put(queue, size, entry_of(seconds, half.to))
    return best, count


@compiled
def _foot(streets: Streets, place: Departure) -> tuple[Feet, float, float]:
    """Find the foot of a place, its metres along the edge, and its distance."""
    edge, offset, away = place.edge, place.offset_metres, place.snap_metres
    if edge == UNSNAPPED:
        edge, offset, away, _, _ = foot_of(streets.pieces, streets.cells, place.x, place.y)
    ends, seconds = streets.shapes.edges[edge], streets.edge_seconds[edge]
    share = min(max(offset / ends.metres, 0.0), 1.0) if ends.metres > 0 else 0.0
    along = seconds * share
    feet = Feet(
        np.array([edge]),
        np.array([int(ends.u)]),
        np.array([int(ends.v)]),
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
    best, reached = _search(streets.on, origin, to, wanted, limits, scratch)
    count = 0
    while count < limits.max_count and best.target[count] >= 0:
        if best.seconds[count] > limits.limit_seconds:
            break
        count += 1
    target = best.target[:count].copy()
    drawn = target if limits.with_paths else target[:0]
    ends = Ends(to.feet.edge[drawn], to.offset_metres[drawn], best.arrival[: len(drawn)])
    start = Start(place.x, place.y, origin.edge[0], offset)
    lines = draw(streets.shapes, scratch.nodes, start, ends)
    for slot in range(reached):
        scratch.nodes[scratch.reached[slot]].seconds = np.inf
    return NearestWalks(target, best.seconds[:count].copy(), lines, away)
