"""Compiled searches over a street graph: arrays in, arrays out, no Python object per node.

scipy's Dijkstra cannot stop at the k-th service, keeps one source per node, and knows nothing of
places between nodes; so the searches are written here. The queue is a binary heap in two arrays.
Equal times are ordered by number, so that results do not depend on the order of the input.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mapping.arrays import Bools, Floats, Ints
from mapping.compiled import compiled
from mapping.walking.heap import Heap, comes_before, pop, push

ALONG = -1
"""Arrival at a target on the origin's own edge, without a crossing between."""
NOWHERE = -2
SETTLED = 2


class Ways(NamedTuple):
    """A graph of n nodes and m edges, weighted by seconds, each passable edge both ways.

    The half-edges that leave node i are ``first[i]`` to ``first[i + 1]``: the node `to` which each
    leads, in how many `seconds`, along which `edge`, and whether that is from its u to its v.
    """

    first: Ints
    to: Ints
    seconds: Floats
    edge: Ints
    forward: Bools


class Feet(NamedTuple):
    """Places on a graph: seconds to the edge, and along it from the foot to both of its ends."""

    edge: Ints
    u: Ints
    v: Ints
    u_seconds: Floats
    v_seconds: Floats
    snap_seconds: Floats


class ByEdge(NamedTuple):
    """The places of `Feet` by edge: those on edge e are ``place[first[e] : first[e + 1]]``."""

    first: Ints
    place: Ints


class Best(NamedTuple):
    """The k nearest targets so far, sorted; infinite and -1 where there are fewer."""

    seconds: Floats
    target: Ints
    arrival: Ints


@compiled
def offer(best: Best, seconds: float, target: int, arrival: int) -> None:
    """Put a target where it belongs among the best, once.

    Parameters
    ----------
    best : Best
        The best so far, changed in place.
    seconds : float
        The walk to the target.
    target, arrival : int
        Its number, and the half-edge by which it is reached, or `ALONG`.
    """
    count = len(best.seconds)
    place = count
    for rank in range(count):
        if best.target[rank] == target:
            place = rank
            break
    if place == count:
        place -= 1
    if not comes_before(seconds, target, best.seconds[place], best.target[place]):
        return
    while place > 0 and comes_before(
        seconds, target, best.seconds[place - 1], best.target[place - 1]
    ):
        best.seconds[place] = best.seconds[place - 1]
        best.target[place] = best.target[place - 1]
        best.arrival[place] = best.arrival[place - 1]
        place -= 1
    best.seconds[place], best.target[place], best.arrival[place] = seconds, target, arrival


@compiled
def none_yet(count: int) -> Best:
    """Make room for the nearest targets.

    Parameters
    ----------
    count : int
        How many, k.

    Returns
    -------
    Best
        Arrays of shape (k,): infinite, -1 and `NOWHERE`.
    """
    far = np.full(count, np.inf)
    return Best(far, np.full(count, -1, np.int64), np.full(count, NOWHERE, np.int64))


class Search(NamedTuple):
    """What a search from one place keeps: seconds, state, and the half-edge by which it came."""

    seconds: Floats
    state: npt.NDArray[np.uint8]
    came: Ints
    heap: Heap


@compiled
def _fresh(ways: Ways) -> Search:
    # Memory that is never touched costs nothing: only `state` is written from end to end.
    nodes, half_edges = len(ways.first) - 1, len(ways.to)
    heap = Heap(np.empty(half_edges + 2), np.empty(half_edges + 2, np.int64))
    return Search(np.empty(nodes), np.zeros(nodes, np.uint8), np.empty(nodes, np.int64), heap)


@compiled
def _reach(search: Search, size: int, node: int, seconds: float, came: int) -> int:
    """Note a way to a node if it is the best so far."""
    if search.state[node] == 0 or (
        search.state[node] != SETTLED and seconds < search.seconds[node]
    ):
        search.state[node] = 1
        search.seconds[node] = seconds
        search.came[node] = came
        return push(search.heap, size, seconds, node)
    return size


@compiled
def _set_out(search: Search, origin: Feet, row: int) -> int:
    snap = origin.snap_seconds[row]
    size = _reach(search, 0, origin.u[row], snap + origin.u_seconds[row], -1)
    return _reach(search, size, origin.v[row], snap + origin.v_seconds[row], -1)


@compiled
def _spread(ways: Ways, search: Search, size: int, node: int, limit_seconds: float) -> int:
    for half in range(ways.first[node], ways.first[node + 1]):
        seconds = search.seconds[node] + ways.seconds[half]
        if seconds <= limit_seconds:
            size = _reach(search, size, ways.to[half], seconds, half)
    return size


@compiled
def node_seconds(ways: Ways, origin: Feet, limit_seconds: float) -> Floats:
    """Walk from one place to every node.

    Parameters
    ----------
    ways : Ways
        The graph, n nodes.
    origin : Feet
        One place.
    limit_seconds : float
        Seconds; longer walks are left out.

    Returns
    -------
    ndarray of float, shape (n,)
        Seconds, the origin's snap included; infinite where the limit does not reach.
    """
    search = _fresh(ways)
    reached = np.full(len(ways.first) - 1, np.inf)
    size = _set_out(search, origin, 0)
    while size and search.heap.key[0] <= limit_seconds:
        seconds, node = search.heap.key[0], search.heap.item[0]
        size = pop(search.heap, size)
        if search.state[node] != SETTLED:
            search.state[node] = SETTLED
            reached[node] = seconds
            size = _spread(ways, search, size, node, limit_seconds)
    return reached


@compiled
def offer_along(origin: Feet, row: int, places: tuple[Feet, ByEdge, Bools], best: Best) -> None:
    """Offer the targets on the origin's own edge.

    Parameters
    ----------
    origin : Feet
        Places, of which `row` is the origin.
    row : int
        Its number.
    places : tuple
        The targets, the same by edge, and a flag for each that is wanted.
    best : Best
        The nearest so far, changed in place.
    """
    feet, by_edge, wanted = places
    edge = origin.edge[row]
    for slot in range(by_edge.first[edge], by_edge.first[edge + 1]):
        target = by_edge.place[slot]
        if wanted[target]:
            gap = abs(origin.u_seconds[row] - feet.u_seconds[target])
            offer(best, origin.snap_seconds[row] + gap + feet.snap_seconds[target], target, ALONG)


class Labels(NamedTuple):
    """The k nearest targets of every node, (n, k), infinite and -1 where there are fewer."""

    seconds: Floats
    target: Ints
    filled: Ints


@compiled
def _takes(labels: Labels, node: int, target: int) -> bool:
    """Whether a target would be new to a node that has room."""
    count = labels.filled[node]
    closed = count == labels.target.shape[1]
    for earlier in range(count):
        closed |= labels.target[node, earlier] == target
    return not closed


class ByPart(NamedTuple):
    """The places of `Feet` by connected part of the streets: ``place[first[p] : first[p + 1]]``."""

    first: Ints
    place: Ints


@compiled
def nearest_of_nodes(
    ways: Ways, targets: Feet, parts: ByPart, count: int, limit_seconds: float
) -> Labels:
    """Find the k nearest of t targets of every node within `limit_seconds`, part by part.

    Searching backwards from the targets is right because a walk takes as long both ways. Parts that
    no street joins are searched one after the other: a queue of all of them would jump between
    them, and find none of their nodes in the processor's cache. Labels are sorted by seconds, then
    target.

    Parameters
    ----------
    ways : Ways
        The graph, n nodes.
    targets : Feet
        The targets, arrays of shape (t,).
    parts : ByPart
        The targets by connected part of the streets.
    count : int
        How many targets a node keeps, k; at least 1.
    limit_seconds : float
        The longest walk that counts.

    Returns
    -------
    Labels
        Arrays of shape (n, k), seconds with the target's snap; infinite and -1 for none.
    """
    nodes, number = len(ways.first) - 1, len(targets.edge)
    labels = Labels(
        np.full((nodes, count), np.inf),
        np.full((nodes, count), -1, np.int64),
        np.zeros(nodes, np.int64),
    )
    room = count * len(ways.to) + 2 * number + 1
    heap = Heap(np.empty(room), np.empty(room, np.int64))
    for part in range(len(parts.first) - 1):
        size = 0
        for slot in range(parts.first[part], parts.first[part + 1]):
            target = parts.place[slot]
            snap, item = targets.snap_seconds[target], target * nodes
            size = push(heap, size, snap + targets.u_seconds[target], item + targets.u[target])
            size = push(heap, size, snap + targets.v_seconds[target], item + targets.v[target])
        _label(ways, labels, heap, size, limit_seconds)
    return labels


@compiled
def _label(ways: Ways, labels: Labels, heap: Heap, size: int, limit_seconds: float) -> None:
    """Label the nodes that the queue leads to; an entry is a target on its way to a node."""
    nodes = len(ways.first) - 1
    while size and heap.key[0] <= limit_seconds:
        seconds, item = heap.key[0], heap.item[0]
        size = pop(heap, size)
        target, node = item // nodes, item % nodes
        if not _takes(labels, node, target):
            continue
        rank = labels.filled[node]
        labels.seconds[node, rank], labels.target[node, rank] = seconds, target
        labels.filled[node] = rank + 1
        for half in range(ways.first[node], ways.first[node + 1]):
            to = ways.to[half]
            if _takes(labels, to, target):
                size = push(heap, size, seconds + ways.seconds[half], target * nodes + to)


@compiled
def nearest_of_points(
    points: Feet, labels: Labels, places: tuple[Feet, ByEdge, Bools], limit_seconds: float
) -> tuple[Floats, Ints]:
    """Find the k nearest targets of places between the nodes.

    Parameters
    ----------
    points : Feet
        p places.
    labels : Labels
        Of `nearest_of_nodes`, for these targets.
    places : tuple
        The targets, the same by edge, and a flag for each that is wanted: all of them.
    limit_seconds : float
        Seconds; longer walks are left out.

    Returns
    -------
    tuple of ndarray, shape (p, k)
        Seconds, both snaps included, and targets; NaN and -1 where fewer can be reached.
    """
    count = labels.target.shape[1]
    seconds = np.full((len(points.edge), count), np.nan)
    target = np.full((len(points.edge), count), -1, np.int64)
    for point in range(len(points.edge)):
        best = none_yet(count)
        offer_along(points, point, places, best)
        for node, along in (
            (points.u[point], points.u_seconds[point]),
            (points.v[point], points.v_seconds[point]),
        ):
            start = points.snap_seconds[point] + along
            for rank in range(labels.filled[node]):
                offer(best, start + labels.seconds[node, rank], labels.target[node, rank], node)
        for rank in range(count):
            if best.seconds[rank] <= limit_seconds and best.target[rank] >= 0:
                seconds[point, rank], target[point, rank] = best.seconds[rank], best.target[rank]
    return seconds, target


@compiled
def _note(best: tuple[Floats, Ints, Ints], count: int, seconds: float, target: int) -> int:
    """Note a way to a target of this row if it is the best so far."""
    nearest, slot, order = best
    if slot[target] >= 0:
        nearest[slot[target]] = min(nearest[slot[target]], seconds)
        return count
    slot[target], nearest[count], order[count] = count, seconds, target
    return count + 1


@compiled
def _row(
    ways: Ways,
    origins: tuple[Feet, int],
    places: tuple[Feet, ByEdge],
    limit_seconds: float,
    best: tuple[Floats, Ints, Ints],
) -> int:
    """Find every target within the limit of one origin; give how many."""
    (origin, row), (feet, by_edge) = origins, places
    search, count = _fresh(ways), 0
    edge = origin.edge[row]
    for slot in range(by_edge.first[edge], by_edge.first[edge + 1]):
        target = by_edge.place[slot]
        gap = abs(origin.u_seconds[row] - feet.u_seconds[target])
        total = origin.snap_seconds[row] + gap + feet.snap_seconds[target]
        count = _note(best, count, total, target) if total <= limit_seconds else count
    size = _set_out(search, origin, row)
    while size and search.heap.key[0] <= limit_seconds:
        node = search.heap.item[0]
        size = pop(search.heap, size)
        if search.state[node] == SETTLED:
            continue
        search.state[node] = SETTLED
        for half in range(ways.first[node], ways.first[node + 1]):
            edge = ways.edge[half]
            for slot in range(by_edge.first[edge], by_edge.first[edge + 1]):
                target = by_edge.place[slot]
                along = feet.u_seconds[target] if ways.forward[half] else feet.v_seconds[target]
                total = search.seconds[node] + along + feet.snap_seconds[target]
                count = _note(best, count, total, target) if total <= limit_seconds else count
        size = _spread(ways, search, size, node, limit_seconds)
    return count


@compiled
def rows_within(
    ways: Ways, origins: Feet, targets: Feet, by_edge: ByEdge, limit_seconds: float
) -> tuple[Ints, Ints, Floats]:
    """Find every target within the limit of every origin.

    Parameters
    ----------
    ways : Ways
        The graph.
    origins : Feet
        n places.
    targets : Feet
        t places.
    by_edge : ByEdge
        The targets by edge.
    limit_seconds : float
        Seconds, both snaps included.

    Returns
    -------
    tuple of ndarray
        How many of each row, (n,); then the targets and seconds of all rows, one after another.
    """
    rows, number = len(origins.edge), len(targets.edge)
    counts = np.zeros(rows, np.int64)
    target, seconds = np.empty(4 * rows + number, np.int64), np.empty(4 * rows + number)
    nearest, order = np.empty(number), np.empty(number, np.int64)
    slot, end = np.full(number, -1, np.int64), 0
    for row in range(rows):
        count = _row(
            ways, (origins, row), (targets, by_edge), limit_seconds, (nearest, slot, order)
        )
        if end + count > len(target):
            target = np.append(target, np.empty(len(target) + count, np.int64))
            seconds = np.append(seconds, np.empty(len(seconds) + count))
        target[end : end + count], seconds[end : end + count] = order[:count], nearest[:count]
        slot[order[:count]] = -1
        counts[row], end = count, end + count
    return counts, target[:end], seconds[:end]
