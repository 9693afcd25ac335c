"""Maximal covering, beside spopt: the same model, solver and gap."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from api.benches.contest import Contest, Peer, module
from api.benches.graph import PROFILE, SEED, BenchGraph, feet_on
from api.benches.worker import Asks
from mapping.arrays import Floats
from mapping.siting.models import cover
from mapping.siting.problem import Effort, Problem
from mapping.walking import routing
from mapping.walking.profiles import profile

PLACES, SITES, OPENED = 2000, 500, 10
WALK_SECONDS = 900.0
EFFORT = Effort(max_seconds=300.0, gap=1e-6)
"""The gap is less than one person: all best choices are equally good."""


@dataclass(frozen=True, eq=False)
class SitingSample:
    """Walks within reach, seconds (n, s), and drawn people (n,) of each place."""

    seconds: csr_array
    people: Floats


def contests() -> list[Contest]:
    """List the contests of siting on one graph."""

    def has_both() -> bool:
        return module("spopt")() and module("highspy")()

    spopt = Peer("spopt", "api.benches.peer_spopt:covering", 1, has_both)
    work = f"covering, {PLACES:,} places x {SITES} sites x {OPENED}"
    return [Contest(work, f"{__name__}:covering", (spopt,), 0.5)]


def site_problem(folder: Path) -> SitingSample:
    """Draw places with people and sites near the middle of the graph, and walk between them."""
    bench, rng = BenchGraph.read(folder), np.random.default_rng(SEED)
    network = bench.network
    graph = routing.graph(network, profile(PROFILE))
    walked = np.unique(np.concatenate(bench.streets[:2]))
    x, y = network.node_x[walked], network.node_y[walked]
    middle = np.argsort(np.hypot(x - np.median(x), y - np.median(y)), kind="stable")
    near = walked[middle[: 5 * PLACES]]
    places = rng.choice(near, min(PLACES, len(near)), replace=False)
    sites = rng.choice(near, min(SITES, len(near)), replace=False)
    to = routing.targets(graph, feet_on(network, sites))
    seconds = routing.matrix(graph, feet_on(network, places), to, max_seconds=WALK_SECONDS)
    return SitingSample(seconds, rng.integers(1, 200, len(places)).astype(float))


def covering(folder: Path) -> Asks:
    """Prepare our covering; making the model of it counts."""
    sample = site_problem(folder)

    def ask() -> float:
        fixed = np.zeros(sample.seconds.shape[1], bool)
        return cover(Problem(sample.seconds, sample.people, fixed), OPENED, EFFORT).objective

    return Asks([ask], np.atleast_1d)
