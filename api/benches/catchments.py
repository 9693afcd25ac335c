"""Floating catchments over the whole city, beside PySAL's access."""

from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from api.benches.contest import Contest, Peer, module
from api.benches.graph import CUTOFF_SECONDS, SEED, BenchGraph
from api.benches.walks import matrix
from api.benches.worker import Asks
from mapping.arrays import Floats
from mapping.coverage.floating_catchment import LUO_QI, two_step, zone_weights


def contests() -> list[Contest]:
    """List the contests of catchments on one graph."""
    access = Peer("access", "api.benches.peer_access:catchments", 1, module("access"))
    return [Contest("E2SFCA, sections x services", f"{__name__}:catchments", (access,), 1e-9)]


def walks_and_places(folder: Path) -> tuple[csr_array, Floats, Floats]:
    """Read the walks, and draw random people and places for both contestants.

    Parameters
    ----------
    folder : Path
        Holds the graph.

    Returns
    -------
    tuple
        Seconds (n, t), people (n,), places (t,).
    """
    bench, rng = BenchGraph.read(folder), np.random.default_rng(SEED)
    people = rng.integers(1, 200, len(bench.sections)).astype(float)
    places = rng.integers(10, 150, len(bench.places)).astype(float)
    return matrix(folder).each[0](), people, places


def catchments(folder: Path) -> Asks:
    """Prepare our enhanced two-step catchment, with the slower decay of Luo and Qi."""
    seconds, people, places = walks_and_places(folder)
    return Asks(
        [lambda: two_step(zone_weights(seconds, CUTOFF_SECONDS, zones=LUO_QI), people, places)],
        lambda result: result.places,
    )
