"""Walking seconds along the streets: from one origin, from many, or between all pairs."""

import math
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from mapping.arrays import Bools, Floats, Ints
from mapping.errors import BadInputError
from mapping.walking import kernels
from mapping.walking.kernels import ByEdge, ByPart, Feet, Ways
from mapping.walking.nearest_walks import (
    UNSNAPPED,
    Departure,
    Destinations,
    NearestWalks,
    Scratch,
    SearchLimits,
    Streets,
    by_node,
    leading_on,
    nearest_walks,
    scratch,
)
from mapping.walking.network import Footing, Network
from mapping.walking.paths import EDGE, DrawnPaths, Shapes, WalkedPieces
from mapping.walking.profile_edges import edge_seconds
from mapping.walking.profiles import DETOUR_INDEX, Profile
from mapping.walking.snapping import MAINLAND_METRES, Snaps

if TYPE_CHECKING:
    from scipy.sparse import csr_array

BLOCK_ROWS = 64
"""Origins of a block of a matrix: the unit of work for an executor."""


class Trip(NamedTuple):
    """A walk to one target; `metres` and `seconds` include both snaps."""

    target: int
    seconds: float
    metres: float
    drawn: DrawnPaths | None = None
    """The ways of all trips, where they are drawn; this is one of them."""
    rank: int = 0

    @property
    def path(self) -> Floats | None:
        """The way, (p, 2) metres."""
        return None if self.drawn is None else self.drawn.line_of(self.rank)

    @property
    def pieces(self) -> WalkedPieces | None:
        """The edges that the path takes."""
        return None if self.drawn is None else self.drawn.pieces_of(self.rank)


class NearestTrips(NamedTuple):
    """Walks to the nearest targets, and how far the place is from the street."""

    trips: list[Trip]
    snap_metres: float


@dataclass(frozen=True, eq=False)
class Graph:
    """A network as one profile walks it; `edge_seconds` is infinite where it cannot go."""

    network: Network
    profile: Profile
    edge_seconds: Floats
    ways: Ways
    searches: deque[tuple[Callable[..., NearestWalks], Scratch]] = field(
        default_factory=deque, init=False, repr=False
    )
    """`nearest_walks`, then its bare machine code, and memory, as much as ever was in use."""

    @cached_property
    def footing(self) -> Footing:
        """The edges on which the profile may walk."""
        usable = np.isfinite(self.edge_seconds)
        return self.network.footing if usable.all() else Footing(self.network, usable)

    @cached_property
    def shapes(self) -> Shapes:
        """The geometry of the edges, for drawing walks."""
        network = self.network
        edges = np.empty(len(network.edge_u), EDGE)
        edges["u"], edges["v"], edges["metres"] = (
            network.edge_u,
            network.edge_v,
            network.edge_metres,
        )
        edges["first"], edges["last"] = network.vertex_offset[:-1], network.vertex_offset[1:]
        return Shapes(edges, np.column_stack([network.vertex_x, network.vertex_y]))

    @cached_property
    def streets(self) -> Streets:
        """All that a look-up needs of the graph."""
        on, speed = leading_on(self.ways), self.profile.metres_per_second
        return Streets(on, self.shapes, self.edge_seconds, speed, *self.footing.mainland)

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
    ways: Ways

    @cached_property
    def destinations(self) -> Destinations:
        """The same places, ready for look-ups."""
        offset_metres, reached = np.array(self.snaps.offset_metres), by_node(self.ways, self.feet)
        return Destinations(self.feet, offset_metres, self.by_edge, reached)

    @cached_property
    def all(self) -> Bools:
        """A flag for each that says it is wanted."""
        return np.ones(len(self.snaps.edge), bool)


def graph(network: Network, walker: Profile, crossing_seconds: float = 0.0) -> Graph:
    """Weigh the edges of a network by the time that one profile takes.

    Parameters
    ----------
    network : Network
        The streets.
    walker : Profile
        Who walks.
    crossing_seconds : float
        How long one waits at a crossing, as `profile_edges.edge_seconds` counts them.

    Returns
    -------
    Graph
        With both directions of every edge that the profile may use.

    Raises
    ------
    BadInputError
        When it may use none.
    """
    seconds = edge_seconds(network, walker, crossing_seconds)
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
    return Targets(snaps, graph.feet(snaps), ByEdge(first, place), graph.ways)


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
) -> NearestTrips:
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
    NearestTrips
        Trips sorted by seconds, then target; what cannot be reached is not among them.
    """
    limits = SearchLimits(count, float(max_seconds), with_paths)
    if start is None and not all(map(math.isfinite, origin)):
        start = graph.snap([origin[0]], [origin[1]])
    if count < 1 or not len(to.snaps.edge):
        start = start or graph.snap([origin[0]], [origin[1]])
        return NearestTrips([], float(start.snap_metres[0]))
    walks = _nearest(graph, origin, to, wanted, limits, start)
    if start is None and walks.snap_metres > MAINLAND_METRES:
        start = graph.snap([origin[0]], [origin[1]])
        walks = _nearest(graph, origin, to, wanted, limits, start)
    speed, drawn = graph.profile.metres_per_second, walks.drawn if with_paths else None
    goals = zip(walks.target.tolist(), walks.seconds.tolist(), strict=True)
    trips = [
        Trip(target, seconds, seconds * speed, drawn, rank)
        for rank, (target, seconds) in enumerate(goals)
    ]
    return NearestTrips(trips, walks.snap_metres)


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
    parts = _by_part(graph.footing.component[to.snaps.edge])
    labels = kernels.nearest_of_nodes(graph.ways, to.feet, parts, count, float(max_seconds))
    places = (to.feet, to.by_edge, np.ones(len(to.snaps.edge), bool))
    return kernels.nearest_of_points(graph.feet(points), labels, places, float(max_seconds))


def _by_part(part: Ints) -> ByPart:
    place = np.argsort(part, kind="stable")
    starts = np.flatnonzero(np.diff(part[place], prepend=-1))
    return ByPart(np.append(starts, len(part)), place)


def matrix(
    graph: Graph,
    origins: Snaps,
    to: Targets,
    *,
    max_seconds: float,
    executor: Executor | None = None,
) -> "csr_array":
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
        return back.T.tocsr()
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
) -> "csr_array":
    work = [
        (graph.ways, block, to.feet, to.by_edge, float(max_seconds)) for block in _blocks(origins)
    ]
    if executor is None:
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            parts = list(threads.map(_rows, work))
    else:
        parts = list(executor.map(_rows, work))
    from scipy.sparse import csr_array  # noqa: PLC0415 - a tenth of a second, for matrices alone

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


def _nearest(
    graph: Graph,
    origin: tuple[float, float],
    to: Targets,
    wanted: Bools | None,
    limits: SearchLimits,
    start: Snaps | None,
) -> NearestWalks:
    foot = (UNSNAPPED, 0.0, 0.0)
    if start is not None:
        foot = int(start.edge[0]), float(start.offset_metres[0]), float(start.snap_metres[0])
    try:
        search, memory = graph.searches.pop()
    except IndexError:
        search, memory = nearest_walks, scratch(graph.ways)
    place = Departure(float(origin[0]), float(origin[1]), *foot)
    chosen = to.all if wanted is None else np.ascontiguousarray(wanted, bool)
    arguments = graph.streets, to.destinations, chosen, place, limits, memory
    walks = search(*arguments)
    if search is nearest_walks:
        search = nearest_walks.unchecked(*arguments)
    graph.searches.append((search, memory))
    return walks
