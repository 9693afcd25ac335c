"""What a walking profile makes of a network: which edges it can use, and how long each takes."""

import numpy as np

from mapping.arrays import Bools, Floats
from mapping.walking.network import Network
from mapping.walking.profiles import Profile
from mapping.walking.ways import KINDS

CROSSING_STREETS = 3
"""So many ends of streets that meet make a crossing."""


def usable(network: Network, walker: Profile) -> Bools:
    """Find the edges that a profile can use; `network.Footing` snaps to them.

    Parameters
    ----------
    network : Network
        The streets, m edges.
    walker : Profile
        Who walks.

    Returns
    -------
    ndarray of bool, shape (m,)
        False for a forbidden kind, or steeper than the profile goes. What is not known forbids
        nothing: see `unknown`.
    """
    forbidden = [KINDS.index(kind) for kind in walker.forbidden]
    passable: Bools = ~np.isin(network.edge_kind, forbidden) & ~(
        network.edge_slope > walker.max_slope
    )
    return passable


def unknown(network: Network, walker: Profile) -> tuple[str, ...]:
    """List the limits of a profile that the network has no data for.

    `steps` where steps are forbidden and no edge is known as steps; `slopes` where slopes are
    limited and that of some edge is not known.
    """
    steps = "steps" in walker.forbidden and not network.knows_steps
    slopes = np.isfinite(walker.max_slope) and bool(np.isnan(network.edge_slope).any())
    return tuple(name for name, lacking in (("steps", steps), ("slopes", slopes)) if lacking)


def edge_seconds(network: Network, walker: Profile, crossing_seconds: float = 0.0) -> Floats:
    """Compute the seconds that a profile takes along every edge.

    Waiting at a crossing is shared by the two edges that meet there; what begins or ends along an
    edge waits for its share of it.

    Parameters
    ----------
    network : Network
        The streets, m edges.
    walker : Profile
        Who walks.
    crossing_seconds : float
        How long one waits where three streets or more meet.

    Returns
    -------
    ndarray of float, shape (m,)
        Seconds, the same both ways (no slower uphill); infinite where the profile cannot go.
    """
    ends = np.bincount(np.append(network.edge_u, network.edge_v), minlength=len(network.node_x))
    crosses = ends >= CROSSING_STREETS
    met = crosses[network.edge_u].astype(float) + crosses[network.edge_v]
    seconds = network.edge_metres / walker.metres_per_second + met * crossing_seconds / 2
    return np.where(usable(network, walker), seconds, np.inf)
