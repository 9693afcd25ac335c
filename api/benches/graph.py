"""The graph that all contestants work on: a network, and the nodes that walks join."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from mapping.arrays import Floats, Ints
from mapping.edition.edition import Edition
from mapping.errors import BadInputError
from mapping.tables import is_routed
from mapping.walking.network import Network, from_arrow, to_arrow
from mapping.walking.profiles import profile
from mapping.walking.routing import Graph, graph
from mapping.walking.snapping import Snaps
from mapping.walking.spatial_order import spatial_order

if TYPE_CHECKING:  # a contestant needs no data frames, and pays for what it loads
    import geopandas as gpd


PROFILE, CATEGORY = "adult", "scuola_infanzia"
CUTOFF_SECONDS = 1800.0
COUNT = 5
LOOK_UPS = 500
SAMPLE = 250
SEED = 20
_SHAKE = 0.3
"""How far a crossing of the drawn grid stands from its place, as a share of the mesh."""


@dataclass(frozen=True, eq=False)
class BenchGraph:
    """A network and the nodes asked about: places are nodes, for some peers know nothing finer.

    `origins` are where look-ups start, `services` the one category, `sections` and `places` the
    rows and columns of the matrix.
    """

    network: Network
    seconds: Floats
    """Of each edge; infinite where nobody may walk."""
    origins: Ints
    services: Ints
    sections: Ints
    places: Ints

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Map what `write` wrote; its network is read-only."""
        table = pa.ipc.open_file(pa.memory_map(str(folder / "network.arrow"))).read_all()
        arrays = {name: np.load(folder / f"{name}.npy") for name in _ARRAYS}
        return cls(from_arrow(table), **arrays)

    def write(self, folder: Path) -> None:
        """Write the graph into a folder, for the processes of the contestants."""
        table = to_arrow(self.network)
        with pa.ipc.new_file(str(folder / "network.arrow"), table.schema) as writer:
            writer.write_table(table)
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))

    @property
    def streets(self) -> tuple[Ints, Ints, Floats]:
        """Both ends and the seconds of the edges on which one may walk."""
        usable = np.isfinite(self.seconds)
        return self.network.edge_u[usable], self.network.edge_v[usable], self.seconds[usable]

    @property
    def sample(self) -> Ints:
        """Some of the sections, for peers that ask pair by pair."""
        return self.sections[:: max(len(self.sections) // SAMPLE, 1)]


_ARRAYS = [field.name for field in fields(BenchGraph) if field.name != "network"]


def bench_graph(network: Network, services: Ints, places: Ints, sections: Ints) -> BenchGraph:
    """Choose the origins of the look-ups.

    Parameters
    ----------
    network : Network
        The streets.
    services, places : ndarray of int
        Nodes of one category, and of all services.
    sections : ndarray of int
        Nodes from which the matrix is asked.

    Returns
    -------
    BenchGraph
        The origins are drawn among the nodes on which a place with their coordinates is snapped.
    """
    rng, streets = np.random.default_rng(SEED), graph(network, profile(PROFILE))
    free = np.setdiff1d(np.arange(len(network.node_x)), services)
    tried = rng.choice(free, min(4 * LOOK_UPS, len(free)), replace=False)
    on_node = snapped_nodes(streets, network.node_x[tried], network.node_y[tried]) == tried
    return BenchGraph(
        network,
        streets.edge_seconds,
        tried[on_node][:LOOK_UPS],
        services,
        sections,
        places,
    )


def snapped_nodes(streets: Graph, x: Floats, y: Floats) -> Ints:
    """Find the nearer end of the edge on which each place is snapped.

    Parameters
    ----------
    streets : Graph
        Where to walk.
    x, y : ndarray of float, shape (n,)
        Metres.

    Returns
    -------
    ndarray of int, shape (n,)
        Nodes.
    """
    feet, network = streets.snap(x, y), streets.network
    before = feet.offset_metres < network.edge_metres[feet.edge] / 2
    return np.where(before, network.edge_u[feet.edge], network.edge_v[feet.edge])


def feet_on(network: Network, nodes: Ints) -> Snaps:
    """Make the feet of places that lie on nodes, without searching for the edge.

    Parameters
    ----------
    network : Network
        The streets.
    nodes : ndarray of int, shape (n,)
        Nodes, each an end of some edge.

    Returns
    -------
    Snaps
        Each on an edge that begins or ends there.
    """
    edges = np.arange(len(network.edge_u))
    edge = np.full(len(network.node_x), -1)
    edge[network.edge_v], edge[network.edge_u] = edges, edges
    edge = edge[nodes]
    begins = network.edge_u[edge] == nodes
    offset = np.where(begins, 0.0, network.edge_metres[edge])
    none = np.zeros(len(nodes))
    return Snaps(edge, offset, none, network.node_x[nodes], network.node_y[nodes])


def draw_city(nodes: int, like: BenchGraph) -> BenchGraph:
    """Draw a city: a shaken grid with the densities of `like`, less some streets.

    It is the same at every call, and connected.
    """
    rng = np.random.default_rng(SEED)
    model = like.network
    network = _grid(nodes, 2 * len(model.edge_u) / len(model.node_x), model, rng)
    share = nodes / len(model.node_x)

    def some(count: float) -> Ints:
        return np.sort(rng.choice(nodes, max(1, min(round(count), nodes // 2)), replace=False))

    services, places = some(len(like.services) * share), some(len(like.places))
    return bench_graph(network, services, places, some(len(like.sections)))


def of_edition(edition: Edition, epsg: int) -> BenchGraph:
    """Take streets, services and sections from an edition; the one category is `CATEGORY`.

    Raises BadInputError when the edition was built without streets.
    """
    network = edition.network
    if network is None:
        raise BadInputError("The edition has no streets. Build it from a mirror: --mirror DIR.")
    streets = graph(network, profile(PROFILE))
    services = edition.frame("services.parquet")
    services = services[services["precision"].map(is_routed)].to_crs(epsg)
    areas = edition.frame("areas.parquet").to_crs(epsg)
    sections = areas[areas["level"] == "section"].representative_point()
    nodes = snapped_nodes(streets, *_places(services.geometry))
    kind = (services["category"] == CATEGORY).to_numpy()
    own = snapped_nodes(streets, *_places(sections))
    return bench_graph(network, np.unique(nodes[kind]), np.unique(nodes), own)


def _places(points: "gpd.GeoSeries") -> tuple[Floats, Floats]:
    return points.x.to_numpy(float), points.y.to_numpy(float)


def _grid(nodes: int, degree: float, like: Network, rng: np.random.Generator) -> Network:
    width = int(np.ceil(np.sqrt(nodes)))
    mesh = float(like.edge_metres.mean())
    place = np.arange(nodes)
    x, y = (
        (axis + rng.uniform(-_SHAKE, _SHAKE, nodes)) * mesh
        for axis in (place % width, place // width)
    )
    across = place[(place % width < width - 1) & (place + 1 < nodes)]
    up = place[place + width < nodes]
    u, v = np.concatenate([across, up]), np.concatenate([across + 1, up + width])
    edges = _thinned(u, v, round(nodes * degree / 2), rng)
    # Numbered as the networks of editions are: what is near on the ground is near in memory.
    order = spatial_order(x, y)
    number = np.argsort(order)
    u, v = number[u[edges]], number[v[edges]]
    by_end = np.lexsort((v, u))
    x, y, u, v = x[order], y[order], u[by_end], v[by_end]
    return Network(
        epsg=like.epsg,
        node_x=x,
        node_y=y,
        edge_u=u,
        edge_v=v,
        edge_metres=np.hypot(x[v] - x[u], y[v] - y[u]),
        edge_name=np.full(len(u), -1),
        edge_kind=np.zeros(len(u), np.int64),
        edge_slope=np.full(len(u), np.nan),
        vertex_offset=2 * np.arange(len(u) + 1),
        vertex_x=np.column_stack([x[u], x[v]]).ravel(),
        vertex_y=np.column_stack([y[u], y[v]]).ravel(),
        names=[],
    )


def _thinned(u: Ints, v: Ints, count: int, rng: np.random.Generator) -> Ints:
    # A random tree keeps the city in one piece; the rest is drawn until there are enough.
    order = rng.permutation(len(u))
    rank = np.empty(len(u), np.int64)
    rank[order] = np.arange(1, len(u) + 1)
    size = int(max(u.max(), v.max())) + 1
    tree = minimum_spanning_tree(coo_array((rank.astype(float), (u, v)), (size, size)).tocsr())
    in_tree = order[tree.data.astype(np.int64) - 1]
    others = np.setdiff1d(order, in_tree, assume_unique=True)
    return np.sort(np.concatenate([in_tree, others[: max(count - len(in_tree), 0)]]))
