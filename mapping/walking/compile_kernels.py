"""Compile the kernels of walks ahead: `python -m mapping.walking.compile_kernels`.

numba keeps the machine code beside the modules, or in NUMBA_CACHE_DIR, for the processes that come.
"""

import numpy as np

from mapping.compiled import load_compiler
from mapping.walking import routing
from mapping.walking.network import Network, from_arrow, to_arrow
from mapping.walking.profiles import profile
from mapping.walking.snapping import Snaps

PROFILE = "adult"
EPSG = 32632
"""Any system in metres."""


def compile_kernels() -> None:
    """Walk along one street in every way that there is, with arrays as an edition holds them."""
    load_compiler()
    graph, places, to = compile_look_up()
    routing.nearest_k(graph, places, to, count=1)
    routing.matrix(graph, places, to, max_seconds=60)
    routing.node_seconds(graph, places.take(np.zeros(1, np.int64)))


def compile_look_up() -> tuple[routing.Graph, Snaps, routing.Targets]:
    """Walk along one street as a look-up does; give what it walked on, from where, and to where."""
    graph = routing.graph(from_arrow(to_arrow(_street())), profile(PROFILE))
    places = graph.snap([10.0, 90.0], [0.0, 0.0])
    to = routing.targets(graph, places)
    routing.nearest(graph, (0.0, 0.0), to, count=1, wanted=np.ones(2, bool), with_paths=True)
    return graph, places, to


def _street() -> Network:
    zero = np.zeros(1, np.int64)
    return Network(
        epsg=EPSG,
        node_x=np.array([0.0, 100.0]),
        node_y=np.zeros(2),
        edge_u=zero,
        edge_v=zero + 1,
        edge_metres=np.array([100.0]),
        edge_name=zero - 1,
        edge_kind=zero,
        edge_slope=np.full(1, np.nan),
        vertex_offset=np.array([0, 2]),
        vertex_x=np.array([0.0, 100.0]),
        vertex_y=np.zeros(2),
        names=[],
    )


if __name__ == "__main__":
    compile_kernels()
