"""Our walks: one look-up, the nearest from everywhere, and a matrix."""

from functools import partial
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from api.benches.contest import Contest, Peer, module
from api.benches.graph import COUNT, CUTOFF_SECONDS, PROFILE, BenchGraph, feet_on
from api.benches.postgres import has_pgrouting
from api.benches.worker import Asks
from mapping.arrays import Floats, Ints
from mapping.walking import routing
from mapping.walking.compile_kernels import compile_kernels
from mapping.walking.profiles import profile

COSTS = (
    "Of a look-up of ours about half is the search of 300 crossings, and a third what any call has:"
    " to hand arrays to compiled code and back, to snap the place, to make objects. Five ways are"
    " drawn along the streets; the peers give nodes only."
)
FEW = (
    "Where services are few and far between, so are the pairs that are near: a prepared hierarchy"
    " answers each at once, while we search around every service. Its preparation is not counted."
)
TOLERANCE_SECONDS = 0.5
"""pandana counts in whole thousandths of each street: over half an hour they add up."""


def contests() -> list[Contest]:
    """List the contests of walks on one graph."""
    by_networkx, by_pgrouting = "api.benches.peer_networkx", "api.benches.peer_pgrouting"
    networkx = Peer("networkx", f"{by_networkx}:look_ups", 40, module("networkx"), COSTS)
    osmnx = Peer("osmnx + networkx", f"{by_networkx}:osmnx_look_ups", 100, module("osmnx"))
    pgrouting = Peer("pgRouting", f"{by_pgrouting}:look_ups", 60, has_pgrouting, COSTS)
    pandana, scipy = module("pandana"), module("scipy")
    return [
        Contest(
            "nearest 5 with the way, from a point",
            f"{__name__}:look_ups",
            (osmnx, networkx, pgrouting),
            TOLERANCE_SECONDS,
            tail=5,
        ),
        Contest(
            "nearest 5 of every node, graph read and prepared",
            f"{__name__}:nearest",
            (Peer("pandana, cold", "api.benches.peer_pandana:nearest", 10, pandana),),
            TOLERANCE_SECONDS,
            cold=True,
        ),
        Contest(
            "nearest 5 of every node, prepared",
            f"{__name__}:nearest",
            (Peer("pandana, warm", "api.benches.peer_pandana:nearest", 1, pandana),),
            TOLERANCE_SECONDS,
        ),
        Contest(
            "matrix, sections x services, 30 minutes",
            f"{__name__}:matrix",
            (
                Peer(
                    "pandana, near pairs", "api.benches.peer_pandana:near_pairs", 20, pandana, FEW
                ),
                Peer("scipy, truncated", "api.benches.peer_scipy:matrix", 1, scipy),
            ),
            TOLERANCE_SECONDS,
        ),
        Contest(
            "matrix, some sections x services, 30 minutes",
            f"{__name__}:sample_matrix",
            (Peer("pandana, all pairs", "api.benches.peer_pandana:pairs", 20, pandana),),
            TOLERANCE_SECONDS,
        ),
    ]


def load() -> None:
    """Load the kernels that the contests call, on a street of our own."""
    compile_kernels()


def look_ups(folder: Path) -> Asks:
    """Prepare look-ups, each from the coordinates of a point: seconds to the five nearest."""
    bench, graph = _read(folder)
    to = routing.targets(graph, feet_on(bench.network, bench.services))
    x, y = bench.network.node_x, bench.network.node_y

    def ask(node: int) -> list[routing.Trip]:
        place = x[node], y[node]
        return routing.nearest(
            graph, place, to, count=COUNT, max_seconds=CUTOFF_SECONDS, with_paths=True
        ).trips

    return Asks(
        [partial(ask, int(node)) for node in bench.origins],
        lambda trips: padded([trip.seconds for trip in trips]),
    )


def nearest(folder: Path) -> Asks:
    """Prepare the five nearest services of every node: seconds (n, 5)."""
    bench, graph = _read(folder)
    everywhere = feet_on(bench.network, np.arange(len(bench.network.node_x)))
    to = routing.targets(graph, feet_on(bench.network, bench.services))
    return Asks(
        [lambda: routing.nearest_k(graph, everywhere, to, count=COUNT, max_seconds=CUTOFF_SECONDS)],
        lambda result: np.nan_to_num(result[0], nan=CUTOFF_SECONDS),
    )


def matrix(folder: Path) -> Asks:
    """Prepare the matrix of seconds from sections to places."""
    bench, graph = _read(folder)
    return _matrix(bench, graph, bench.sections)


def sample_matrix(folder: Path) -> Asks:
    """Prepare the matrix of seconds from some of the sections."""
    bench, graph = _read(folder)
    return _matrix(bench, graph, bench.sample)


def _matrix(bench: BenchGraph, graph: routing.Graph, sections: Ints) -> Asks:
    origins = feet_on(bench.network, sections)
    to = routing.targets(graph, feet_on(bench.network, bench.places))
    return Asks([lambda: routing.matrix(graph, origins, to, max_seconds=CUTOFF_SECONDS)], _dense)


def padded(seconds: list[float]) -> Floats:
    """Lay out the answer of a look-up.

    Parameters
    ----------
    seconds : list of float
        As many as were found.

    Returns
    -------
    ndarray of float, shape (5,)
        The cut-off stands for those that were not.
    """
    return np.array((sorted(seconds) + [CUTOFF_SECONDS] * COUNT)[:COUNT])


def _dense(matrix: csr_array) -> Floats:
    seconds = np.full(matrix.shape, CUTOFF_SECONDS)
    pairs = matrix.tocoo()
    seconds[pairs.row, pairs.col] = pairs.data
    return seconds


def _read(folder: Path) -> tuple[BenchGraph, routing.Graph]:
    bench = BenchGraph.read(folder)
    return bench, routing.graph(bench.network, profile(PROFILE))
