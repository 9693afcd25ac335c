"""PySAL's spopt as a peer of the covering, with HiGHS as its solver."""

from importlib import import_module
from pathlib import Path

import numpy as np

from api.benches.siting import EFFORT, OPENED, WALK_SECONDS, site_problem
from api.benches.worker import Asks

locate, pulp = import_module("spopt.locate"), import_module("pulp")


def covering(folder: Path) -> Asks:
    """Prepare `MCLP` from a matrix of walks; making the model of it counts."""
    sample = site_problem(folder)
    walks = np.full(sample.seconds.shape, np.inf)
    pairs = sample.seconds.tocoo()
    walks[pairs.row, pairs.col] = pairs.data
    solver = pulp.HiGHS(msg=False, gapRel=EFFORT.gap, timeLimit=EFFORT.max_seconds)

    def ask() -> float:
        model = locate.MCLP.from_cost_matrix(
            walks, sample.people, service_radius=WALK_SECONDS, p_facilities=OPENED
        )
        # Who is served by whom takes another loop over all pairs: we do not ask for it.
        return float(pulp.value(model.solve(solver, results=False).problem.objective))

    return Asks([ask], np.atleast_1d)
