"""PySAL's access as a peer of the floating catchments."""

from importlib import import_module
from pathlib import Path

import pandas as pd

from api.benches.catchments import walks_and_places
from api.benches.graph import CUTOFF_SECONDS
from api.benches.worker import Asks
from mapping.coverage.floating_catchment import LUO_QI

fca, weights = import_module("access.fca"), import_module("access.weights")


def catchments(folder: Path) -> Asks:
    """Prepare `two_stage_fca` with a step function, which is the enhanced catchment."""
    seconds, people, places = walks_and_places(folder)
    pairs = seconds.tocoo()
    cost = pd.DataFrame({"origin": pairs.row, "dest": pairs.col, "cost": pairs.data})
    demand = pd.DataFrame({"demand": people}, index=pd.RangeIndex(len(people), name="geoid"))
    supply = pd.DataFrame({"supply": places}, index=pd.RangeIndex(len(places), name="geoid"))
    zones = len(LUO_QI)
    decay = weights.step_fn(
        {CUTOFF_SECONDS * (i + 1) / zones: weight for i, weight in enumerate(LUO_QI)}
    )
    return Asks(
        [lambda: fca.two_stage_fca(demand, supply, cost, CUTOFF_SECONDS, weight_fn=decay)],
        lambda result: result.reindex(demand.index, fill_value=0.0),
    )
