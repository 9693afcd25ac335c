"""scipy as a peer of the matrix: Dijkstra's search with a limit."""

from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from api.benches.graph import CUTOFF_SECONDS, BenchGraph
from api.benches.worker import Asks
from mapping.arrays import Floats

BLOCK_BYTES = 200_000_000
"""Its answer has a column for every node: it is asked for in blocks."""


def matrix(folder: Path) -> Asks:
    """Prepare the matrix, searched from the side with fewer nodes: walks are symmetric."""
    bench = BenchGraph.read(folder)
    streets = _graph(bench)
    turned = len(bench.places) < len(bench.sections)
    ends = (bench.sections, bench.places)
    start, end = ends[::-1] if turned else ends
    step = max(BLOCK_BYTES // (8 * streets.shape[0]), 1)

    def ask() -> Floats:
        blocks = [
            dijkstra(streets, indices=start[row : row + step], limit=CUTOFF_SECONDS)[:, end]
            for row in range(0, len(start), step)
        ]
        return np.concatenate(blocks)

    def table(seconds: Floats) -> Floats:
        limited = np.minimum(seconds, CUTOFF_SECONDS)
        return limited.T if turned else limited

    return Asks([ask], table)


def _graph(bench: BenchGraph) -> csr_array:
    tail, head, seconds = bench.streets
    nodes = len(bench.network.node_x)
    # Of parallel streets the shortest: a sparse matrix would add them up.
    key = np.minimum(tail, head) * nodes + np.maximum(tail, head)
    order = np.lexsort((seconds, key))
    first = order[np.unique(key[order], return_index=True)[1]]
    u, v, weight = tail[first], head[first], seconds[first]
    ends = np.concatenate([u, v]), np.concatenate([v, u])
    return csr_array((np.tile(weight, 2), ends), (nodes, nodes))
