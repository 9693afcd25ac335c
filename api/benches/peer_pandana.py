"""pandana as a peer: contraction hierarchies, the nearest of every node, lengths of pairs."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from api.benches.graph import COUNT, CUTOFF_SECONDS, PROFILE, BenchGraph
from api.benches.worker import Asks
from mapping.arrays import Floats, Ints
from mapping.walking.profiles import profile

# By name: it is no dependency, and types are checked without it. Its import is not timed.
pandana = import_module("pandana")


def nearest(folder: Path) -> Asks:
    """Prepare `nearest_pois` of every node: seconds (n, 5), the cut-off where fewer are near."""
    bench = BenchGraph.read(folder)
    network = _network(bench)
    x, y = (
        pd.Series(axis[bench.services]) for axis in (bench.network.node_x, bench.network.node_y)
    )
    network.set_pois("service", CUTOFF_SECONDS, COUNT, x, y)
    return Asks([lambda: network.nearest_pois(CUTOFF_SECONDS, "service", num_pois=COUNT)])


def pairs(folder: Path) -> Asks:
    """Prepare `shortest_path_lengths` of all pairs, for it knows no cut-off."""
    bench = BenchGraph.read(folder)
    rows, columns = len(bench.sample), len(bench.places)
    every = np.repeat(np.arange(rows), columns), np.tile(np.arange(columns), rows)
    return _lengths(bench, bench.sample, *every)


def near_pairs(folder: Path) -> Asks:
    """Prepare `shortest_path_lengths` of pairs within the cut-off in a straight line."""
    bench = BenchGraph.read(folder)
    places = np.column_stack([bench.network.node_x, bench.network.node_y])
    trees = [cKDTree(places[nodes]) for nodes in (bench.sections, bench.places)]
    reach = CUTOFF_SECONDS * profile(PROFILE).metres_per_second
    near = trees[0].sparse_distance_matrix(trees[1], reach, output_type="coo_matrix")
    return _lengths(bench, bench.sections, near.row, near.col)


def _lengths(bench: BenchGraph, sections: Ints, rows: Ints, columns: Ints) -> Asks:
    network = _network(bench)
    start, end = sections[rows], bench.places[columns]

    def table(lengths: list[float]) -> Floats:
        seconds = np.full((len(sections), len(bench.places)), CUTOFF_SECONDS)
        seconds[rows, columns] = np.minimum(lengths, CUTOFF_SECONDS)
        return seconds

    return Asks([lambda: network.shortest_path_lengths(start, end)], table)


def _network(bench: BenchGraph) -> Any:
    tail, head, seconds = bench.streets
    return pandana.Network(
        pd.Series(bench.network.node_x),
        pd.Series(bench.network.node_y),
        pd.Series(tail),
        pd.Series(head),
        pd.DataFrame({"seconds": seconds}),
    )
