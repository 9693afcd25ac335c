"""Seconds on foot along the streets, from one place or from every place at once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
import shapely.ops
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from mapping.network import Network, Snaps, snap
from mapping.profiles import detour_index

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Trip:
    """A walk to one target; `metres` and `seconds` include both snaps, `path` is (p, 2) metres."""

    target: int
    seconds: float
    metres: float
    path: Floats | None = None


def straight_metres(x: float, y: float, to_x: Floats, to_y: Floats) -> Floats:
    """Estimate walked metres from straight lines, where no streets are known.

    Parameters
    ----------
    x, y : float
        The origin, metres.
    to_x, to_y : ndarray of float, shape (n,)
        The targets, metres.

    Returns
    -------
    ndarray of float, shape (n,)
        Straight line times the published detour index of `profiles.toml`.
    """
    metres: Floats = np.hypot(to_x - x, to_y - y) * detour_index()
    return metres


def nearest_straight(
    x: Floats, y: Floats, to_x: Floats, to_y: Floats, *, metres_per_second: float
) -> tuple[Floats, Ints]:
    """Estimate the seconds from every place to its nearest target, along straight lines.

    Parameters
    ----------
    x, y : ndarray of float, shape (n,)
        Places, metres.
    to_x, to_y : ndarray of float, shape (t,)
        Targets, metres.
    metres_per_second : float
        Speed.

    Returns
    -------
    tuple of ndarray, shape (n,)
        Seconds and target; NaN and -1 when there is no target.
    """
    if not len(to_x):
        return np.full(len(x), np.nan), np.full(len(x), -1, np.int64)
    tree = shapely.STRtree(shapely.points(to_x, to_y))
    target = tree.nearest(shapely.points(x, y)).astype(np.int64)
    index = detour_index()
    metres = np.hypot(to_x[target] - x, to_y[target] - y) * index
    return metres / metres_per_second, target


def nearest(  # noqa: PLR0913 - the whole question of a look-up
    network: Network,
    origin: tuple[float, float],
    targets: Snaps,
    *,
    count: int,
    metres_per_second: float,
    max_seconds: float = np.inf,
    with_paths: bool = False,
) -> list[Trip]:
    """Walk from one place to its nearest targets.

    Parameters
    ----------
    network : Network
        The streets.
    origin : tuple of float
        x and y in metres.
    targets : Snaps
        Where one may go.
    count : int
        How many answers at the most.
    metres_per_second : float
        Speed.
    max_seconds : float
        Longer walks are left out.
    with_paths : bool
        Whether to give the way of each.

    Returns
    -------
    list of Trip
        Sorted by seconds, then target; what cannot be reached is not in it.
    """
    start = snap(network, [origin[0]], [origin[1]])
    limit = max_seconds * metres_per_second
    ends = np.array([network.edge_u[start.edge[0]], network.edge_v[start.edge[0]]])
    length = network.edge_metres[start.edge[0]]
    to_ends = np.array([start.offset_metres[0], length - start.offset_metres[0]])
    from_ends, before = dijkstra(
        network.matrix, indices=ends, return_predecessors=True, limit=max(limit, 0.0)
    )
    ways = _ways(network, start, to_ends, from_ends, targets)
    metres = start.snap_metres[0] + ways.min(axis=0) + targets.snap_metres
    nearest_first = np.lexsort((np.arange(len(metres)), metres)).tolist()
    order = [t for t in nearest_first if metres[t] <= limit and np.isfinite(metres[t])][:count]
    route = _Route(network, origin, start, before, targets)
    return [
        Trip(
            target,
            float(metres[target] / metres_per_second),
            float(metres[target]),
            route.path(target, int(ways[:, target].argmin())) if with_paths else None,
        )
        for target in order
    ]


def nearest_seconds(
    network: Network, points: Snaps, targets: Snaps, *, metres_per_second: float
) -> tuple[Floats, Ints]:
    """Walk from every place to its nearest target, all at once.

    One search runs from all targets together: a walk is as long back as forth.

    Parameters
    ----------
    network : Network
        The streets.
    points : Snaps
        The places, n of them.
    targets : Snaps
        The targets.
    metres_per_second : float
        Speed.

    Returns
    -------
    tuple of ndarray, shape (n,)
        Seconds, both snaps walked, and the target; NaN and -1 where none can be reached.
    """
    if not len(targets.edge) or not len(points.edge):
        return np.full(len(points.edge), np.nan), np.full(len(points.edge), -1, np.int64)
    metres, source = _from_targets(network, targets)
    u, v = network.edge_u[points.edge], network.edge_v[points.edge]
    rest = network.edge_metres[points.edge] - points.offset_metres
    by_u, by_v = metres[u] + points.offset_metres, metres[v] + rest
    best, target = np.minimum(by_u, by_v), np.where(by_u <= by_v, source[u], source[v])
    along, neighbour = _along_edge(points, targets)
    direct = along < best
    best, target = np.where(direct, along, best), np.where(direct, neighbour, target)
    reached = np.isfinite(best)
    seconds = np.where(reached, best + points.snap_metres, np.nan) / metres_per_second
    return seconds, np.where(reached, target, -1)


def _from_targets(network: Network, targets: Snaps) -> tuple[Floats, Ints]:
    # Each target becomes a node of its own, joined to both ends of its edge.
    count, nodes = len(targets.edge), len(network.node_x)
    own = nodes + np.arange(count)
    rest = network.edge_metres[targets.edge] - targets.offset_metres
    weights = np.concatenate([targets.offset_metres, rest]) + np.tile(targets.snap_metres, 2)
    ends = np.concatenate([network.edge_u[targets.edge], network.edge_v[targets.edge]])
    streets = network.matrix.tocoo()
    # A weight of zero would be no edge at all: a target on a crossing is a micrometre away.
    graph = csr_array(
        (
            np.concatenate([streets.data, np.maximum(weights, 1e-6)]),
            (
                np.concatenate([streets.row, np.tile(own, 2)]),
                np.concatenate([streets.col, ends]),
            ),
        ),
        (nodes + count,) * 2,
    )
    metres, _, source = dijkstra(graph, indices=own, min_only=True, return_predecessors=True)
    return metres[:nodes], source[:nodes].astype(np.int64) - nodes


def _along_edge(points: Snaps, targets: Snaps) -> tuple[Floats, Ints]:
    """Metres to the nearest target on the same edge, its snap included; infinite without one."""
    order = np.argsort(targets.edge, kind="stable")
    first = np.searchsorted(targets.edge[order], points.edge, "left")
    size = np.searchsorted(targets.edge[order], points.edge, "right") - first
    point = np.repeat(np.arange(len(points.edge)), size)
    step = np.arange(len(point)) - np.repeat(np.cumsum(size) - size, size)
    target = order[first[point] + step]
    gap = np.abs(points.offset_metres[point] - targets.offset_metres[target])
    metres = gap + targets.snap_metres[target]
    best, neighbour = np.full(len(points.edge), np.inf), np.full(len(points.edge), -1, np.int64)
    by_length = np.argsort(-metres, kind="stable")  # the shortest is written last
    best[point[by_length]] = metres[by_length]
    neighbour[point[by_length]] = target[by_length]
    return best, neighbour


_DIRECT = 4


def _ways(
    network: Network, start: Snaps, to_ends: Floats, from_ends: Floats, targets: Snaps
) -> Floats:
    """Metres between the feet, by five ways: an end of the start, an end of the target; along."""
    ends = [network.edge_u[targets.edge], network.edge_v[targets.edge]]
    rest = [targets.offset_metres, network.edge_metres[targets.edge] - targets.offset_metres]
    around = [to_ends[i] + from_ends[i, ends[j]] + rest[j] for i in range(2) for j in range(2)]
    same = targets.edge == start.edge[0]
    along = np.abs(targets.offset_metres - start.offset_metres[0])
    return np.vstack([*around, np.where(same, along, np.inf)])


class _Route:
    """Draws the way of a trip from the predecessors of the two searches."""

    def __init__(
        self,
        network: Network,
        origin: tuple[float, float],
        start: Snaps,
        before: npt.NDArray[np.int32],
        targets: Snaps,
    ) -> None:
        self._network = network
        self._origin = origin
        self._start = start
        self._before = before
        self._targets = targets

    def path(self, target: int, way: int) -> Floats:
        """Vertices from the origin over both feet; (p, 2) metres."""
        network, edge = self._network, int(self._targets.edge[target])
        offset = float(self._targets.offset_metres[target])
        first, home = int(self._start.edge[0]), float(self._start.offset_metres[0])
        if way == _DIRECT:
            parts = [_stretch(network, edge, home, offset)]
        else:
            leave, arrive = divmod(way, 2)
            leave_at = (0.0, float(network.edge_metres[first]))[leave]
            arrive_at = (0.0, float(network.edge_metres[edge]))[arrive]
            node = int((network.edge_u, network.edge_v)[arrive][edge])
            parts = [
                _stretch(network, first, home, leave_at),
                *self._between(leave, node),
                _stretch(network, edge, arrive_at, offset),
            ]
        return np.vstack([[self._origin], *parts])

    def _between(self, leave: int, node: int) -> list[Floats]:
        parts = []
        while (previous := int(self._before[leave, node])) >= 0:
            edge = self._network.best_edge[min(previous, node), max(previous, node)]
            metres = float(self._network.edge_metres[edge])
            ends = (0.0, metres) if self._network.edge_u[edge] == previous else (metres, 0.0)
            parts.append(_stretch(self._network, edge, *ends))
            node = previous
        return parts[::-1]


def _stretch(network: Network, edge: int, start: float, end: float) -> Floats:
    """Vertices of an edge from one offset to another, in that direction."""
    line = shapely.ops.substring(network.lines[edge], start, end)
    return np.asarray(shapely.get_coordinates(line), float)
