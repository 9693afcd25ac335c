"""networkx as a peer of the look-ups, alone and with osmnx to find the node of a point."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import networkx as nx
import numpy as np
import osmnx as ox
from scipy.spatial import cKDTree

from api.benches.graph import COUNT, CUTOFF_SECONDS, BenchGraph
from api.benches.walks import padded
from api.benches.worker import Asks

LOOK_UPS = 20
"""So many of the origins: osmnx takes seconds for each on a large graph."""
Ways = list[tuple[float, list[int]]]
FindNode = Callable[[float, float], int]


def look_ups(folder: Path) -> Asks:
    """Prepare look-ups with a tree of nodes that is kept: osmnx makes one for every point."""
    bench = BenchGraph.read(folder)
    tree = cKDTree(np.column_stack([bench.network.node_x, bench.network.node_y]))
    return _asks(bench, _graph(bench), lambda x, y: int(tree.query((x, y))[1]))


def osmnx_look_ups(folder: Path) -> Asks:
    """Prepare look-ups as osmnx documents them: `nearest_nodes`, then networkx."""
    bench = BenchGraph.read(folder)
    streets = _graph(bench)
    return _asks(bench, streets, partial(ox.distance.nearest_nodes, streets))


def _asks(bench: BenchGraph, streets: nx.Graph, find: FindNode) -> Asks:
    services = set(bench.services.tolist())
    x, y = bench.network.node_x, bench.network.node_y

    def ask(node: int) -> Ways:
        start = find(x[node], y[node])
        seconds, ways = nx.single_source_dijkstra(
            streets, start, cutoff=CUTOFF_SECONDS, weight="seconds"
        )
        # The nodes come in the order of their seconds.
        near = (place for place in seconds if place in services)
        return [(seconds[place], ways[place]) for place, _ in zip(near, range(COUNT), strict=False)]

    nodes = bench.origins[:LOOK_UPS].tolist()
    return Asks(
        [partial(ask, node) for node in nodes], lambda ways: padded([way[0] for way in ways])
    )


def _graph(bench: BenchGraph) -> nx.Graph:
    network, (tail, head, seconds) = bench.network, bench.streets
    order = np.argsort(-seconds, kind="stable")  # of parallel streets the shortest is written last
    streets = nx.Graph(crs=f"EPSG:{network.epsg}")
    places = zip(network.node_x.tolist(), network.node_y.tolist(), strict=True)
    streets.add_nodes_from((node, {"x": x, "y": y}) for node, (x, y) in enumerate(places))
    edges = (part[order].tolist() for part in (tail, head, seconds))
    streets.add_weighted_edges_from(zip(*edges, strict=True), weight="seconds")
    return streets
