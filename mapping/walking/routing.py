"""Walking seconds along the streets: from one origin, from many, or between all pairs."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_array

from mapping.arrays import Bools, Floats, Ints
from mapping.errors import BadInputError
from mapping.walking import kernels
from mapping.walking.kernels import ByEdge, Feet, Ways
from mapping.walking.network import Footing, Network, Snaps
from mapping.walking.paths import Ends, Shapes, Start, WalkedPieces, draw
from mapping.walking.profile_edges import edge_seconds
from mapping.walking.profiles import DETOUR_INDEX, Profile

BLOCK_ROWS = 64
"""Origins of a block of a matrix: the unit of work for an executor."""


@dataclass(frozen=True, eq=False)
class Trip:
    """A walk to one target; `metres` and `seconds` include both snaps, `path` is (p, 2) metres."""

    target: int
    seconds: float
    metres: float
    path: Floats | None = None
    pieces: WalkedPieces | None = None
    """The edges that the path takes."""


@dataclass(frozen=True, eq=False)
class Graph:
    """A network as one profile walks it; `edge_seconds` is infinite where it cannot go."""

    network: Network
    profile: Profile
    edge_seconds: Floats
    ways: Ways

    @cached_property
    def footing(self) -> Footing:
        """The edges on which the profile may walk."""
        usable = np.isfinite(self.edge_seconds)
        return self.network.footing if usable.all() else Footing(self.network, usable)

    @cached_property
    def shapes(self) -> Shapes:
        """The geometry of the edges, for drawing walks."""
        # Copied, since numba would compile everything again for the read-only arrays of an edition.
        net = self.network
        return Shapes(
            np.array(net.edge_u),
            np.array(net.edge_v),
            np.array(net.edge_metres),
            np.array(net.vertex_offset),
            np.array(net.vertex_x),
            np.array(net.vertex_y),
        )

    def snap(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Snaps:
        """Find the nearest point of the nearest edge that the profile may use.

        Parameters
        ----------
        x, y : array_like of float, shape (n,)
            Metres in the network's reference system.

        Returns
        -------
        Snaps
            As `Footing.snap`.
        """
        return self.footing.snap(x, y)

    def feet(self, snaps: Snaps) -> Feet:
        """Convert snaps into seconds: from the place to its edge, and from there to both ends.

        Parameters
        ----------
        snaps : Snaps
            Of this graph, t places.

        Returns
        -------
        Feet
            Arrays of shape (t,), in the order of the snaps.
        """
        whole = self.network.edge_metres[snaps.edge]
        share = np.divide(snaps.offset_metres, whole, out=np.zeros(len(whole)), where=whole > 0)
        along = self.edge_seconds[snaps.edge] * share.clip(0, 1)
        return Feet(
            np.array(snaps.edge),
            np.array(self.network.edge_u[snaps.edge]),
            np.array(self.network.edge_v[snaps.edge]),
            along,
            self.edge_seconds[snaps.edge] - along,
            snaps.snap_metres / self.profile.metres_per_second,
        )


@dataclass(frozen=True, eq=False)
class Targets:
    """Where one may go: t snapped places of one graph, found by their edge."""

    snaps: Snaps
    feet: Feet
    by_edge: ByEdge


def graph(network: Network, walker: Profile) -> Graph:
    """Weigh the edges of a network by the time that one profile takes.

    Parameters
    ----------
    network : Network
        The streets.
    walker : Profile
        Who walks.

    Returns
    -------
    Graph
        With both directions of every edge that the profile may use.

    Raises
    ------
    BadInputError
        When it may use none.
    """
    seconds = edge_seconds(network, walker)
    edges = np.flatnonzero(np.isfinite(seconds))
    if not len(edges):
        raise BadInputError(
            f"Profile '{walker.id}' can use no street of this network. Choose another profile."
        )
    u, v = network.edge_u[edges], network.edge_v[edges]
    tail, head = np.concatenate([u, v]), np.concatenate([v, u])
    order = np.argsort(tail, kind="stable")
    counts = np.bincount(tail, minlength=len(network.node_x))
    ways = Ways(
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        head[order].astype(np.int64),
        np.tile(seconds[edges], 2)[order],
        np.tile(edges, 2)[order].astype(np.int64),
        np.repeat([True, False], len(edges))[order],
    )
    return Graph(network, walker, seconds, ways)


def targets(graph: Graph, snaps: Snaps) -> Targets:
    """Index snapped places by edge, ready for a search.

    Parameters
    ----------
    graph : Graph
        The graph on which they were snapped.
    snaps : Snaps
        Of `Graph.snap`, t places.

    Returns
    -------
    Targets
        In the order of the places.
    """
    counts = np.bincount(snaps.edge, minlength=len(graph.edge_seconds))
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    place = np.argsort(snaps.edge, kind="stable").astype(np.int64)
    return Targets(snaps, graph.feet(snaps), ByEdge(first, place))


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
        Straight line times the published detour index `profiles.DETOUR_INDEX`.
    """
    metres: Floats = np.hypot(to_x - x, to_y - y) * DETOUR_INDEX
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
    metres = np.hypot(to_x[target] - x, to_y[target] - y) * DETOUR_INDEX
    return metres / metres_per_second, target


def nearest(  # noqa: PLR0913 - the whole question of a look-up
    graph: Graph,
    origin: tuple[float, float],
    to: Targets,
    *,
    count: int,
    wanted: Bools | None = None,
    max_seconds: float = np.inf,
    with_paths: bool = False,
    start: Snaps | None = None,
) -> list[Trip]:
    """Walk from one place to its nearest targets, and no farther than needed.

    Parameters
    ----------
    graph : Graph
        The streets as the profile walks them.
    origin : tuple of float
        x and y in metres.
    to : Targets
        Where one may go.
    count : int
        How many answers at the most.
    wanted : ndarray of bool, optional
        Which of the targets; all of them when left out.
    max_seconds : float
        Longer walks are left out.
    with_paths : bool
        Whether to give the way of each.
    start : Snaps, optional
        The snap of the origin, where it is known already.

    Returns
    -------
    list of Trip
        Sorted by seconds, then target; what cannot be reached is not in it.
    """
    if count < 1 or not len(to.snaps.edge):
        return []
    start = graph.snap([origin[0]], [origin[1]]) if start is None else start
    chosen = np.ones(len(to.snaps.edge), bool) if wanted is None else wanted
    feet = graph.feet(start)
    best, came = kernels.nearest_of_one(
        graph.ways, feet, (to.feet, to.by_edge, chosen), count, float(max_seconds)
    )
    reached = (best.target >= 0) & (best.seconds <= max_seconds)
    target, seconds = best.target[reached], best.seconds[reached]
    metres = (seconds * graph.profile.metres_per_second).tolist()
    paths: list[tuple[()]] | list[tuple[Floats, WalkedPieces]] = [()] * len(target)
    if with_paths and len(target):
        paths = _paths(graph, origin, start, to.snaps.take(target), (best.arrival[reached], came))
    trips = zip(target.tolist(), seconds.tolist(), metres, paths, strict=True)
    return [Trip(*trip, *path) for *trip, path in trips]


def nearest_k(
    graph: Graph, points: Snaps, to: Targets, *, count: int, max_seconds: float = np.inf
) -> tuple[Floats, Ints]:
    """Walk from every place to its nearest targets, all at once.

    Parameters
    ----------
    graph : Graph
        The streets as the profile walks them.
    points : Snaps
        The places, n of them.
    to : Targets
        Where one may go.
    count : int
        How many of each place, k.
    max_seconds : float
        Longer walks are left out.

    Returns
    -------
    tuple of ndarray, shape (n, k)
        Seconds, both snaps walked, and the targets, sorted by seconds, then target; NaN and -1
        where fewer can be reached.
    """
    if not len(to.snaps.edge):
        shape = (len(points.edge), count)
        return np.full(shape, np.nan), np.full(shape, -1, np.int64)
    labels = kernels.nearest_of_nodes(graph.ways, to.feet, count, float(max_seconds))
    places = (to.feet, to.by_edge, np.ones(len(to.snaps.edge), bool))
    return kernels.nearest_of_points(graph.feet(points), labels, places, float(max_seconds))


def matrix(
    graph: Graph,
    origins: Snaps,
    to: Targets,
    *,
    max_seconds: float,
    executor: Executor | None = None,
) -> csr_array:
    """Walk between all pairs that are near enough.

    Parameters
    ----------
    graph : Graph
        The streets as the profile walks them.
    origins : Snaps
        n places.
    to : Targets
        t places.
    max_seconds : float
        Pairs farther apart are left out.
    executor : Executor, optional
        Who searches the blocks of origins: threads of this machine when left out, or processes, or
        `dask.distributed`; the answer is the same to the last bit.

    Returns
    -------
    csr_array, shape (n, t)
        Seconds, both snaps walked. Only what is stored is within reach: a stored 0 is no time at
        all, a missing entry is beyond.

    Raises
    ------
    BadInputError
        When `max_seconds` is not a number above 0.
    """
    if not max_seconds > 0:
        raise BadInputError(f"max_seconds is {max_seconds}. Give a number above 0.")
    if len(to.snaps.edge) < len(origins.edge):
        # A walk is as long back as forth: the searches set out from the fewer places.
        back = _within(graph, to.feet, targets(graph, origins), max_seconds, executor)
        return csr_array(back.T)
    return _within(graph, graph.feet(origins), to, max_seconds, executor)


def node_seconds(graph: Graph, origin: Snaps, *, max_seconds: float = np.inf) -> Floats:
    """Walk from one place to every node.

    Parameters
    ----------
    graph : Graph
        The streets as the profile walks them, n nodes.
    origin : Snaps
        One place.
    max_seconds : float
        Longer walks are left out.

    Returns
    -------
    ndarray of float, shape (n,)
        Seconds, the origin's snap walked; infinite where none leads, or beyond `max_seconds`.
    """
    return kernels.node_seconds(graph.ways, graph.feet(origin), float(max_seconds))


def _within(
    graph: Graph, origins: Feet, to: Targets, max_seconds: float, executor: Executor | None
) -> csr_array:
    work = [
        (graph.ways, block, to.feet, to.by_edge, float(max_seconds)) for block in _blocks(origins)
    ]
    if executor is None:
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            parts = list(threads.map(_rows, work))
    else:
        parts = list(executor.map(_rows, work))
    counts = np.concatenate([np.zeros(1, np.int64), *(part[0] for part in parts)])
    target = np.concatenate([np.zeros(0, np.int64), *(part[1] for part in parts)])
    seconds = np.concatenate([np.zeros(0), *(part[2] for part in parts)])
    shape = (len(origins.edge), len(to.snaps.edge))
    rows = csr_array((seconds, target, np.cumsum(counts)), shape)
    rows.sort_indices()
    return rows


def _rows(work: tuple[Ways, Feet, Feet, ByEdge, float]) -> tuple[Ints, Ints, Floats]:
    return kernels.rows_within(*work)


def _blocks(origins: Feet) -> Iterator[Feet]:
    for start in range(0, len(origins.edge), BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        yield origins._replace(**{name: part[rows] for name, part in origins._asdict().items()})


def _paths(
    graph: Graph, origin: tuple[float, float], start: Snaps, to: Snaps, reached: tuple[Ints, Ints]
) -> list[tuple[Floats, WalkedPieces]]:
    arrival, came = reached
    leave = Start(
        float(origin[0]), float(origin[1]), int(start.edge[0]), float(start.offset_metres[0])
    )
    drawn = draw(graph.ways, graph.shapes, came, leave, Ends(to.edge, to.offset_metres, arrival))
    lines, parts = (pairwise(cuts.tolist()) for cuts in (drawn.line_first, drawn.pieces_first))
    return [
        (drawn.line[slice(*line)], _part(drawn.pieces, slice(*part)))
        for line, part in zip(lines, parts, strict=True)
    ]


def _part(pieces: WalkedPieces, rows: slice) -> WalkedPieces:
    return WalkedPieces(pieces.edge[rows], pieces.start[rows], pieces.end[rows])
