"""Who walks: how fast, where not, and who says so."""

import tomllib
from dataclasses import dataclass
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from mapping.arrays import Bools, Floats
from mapping.errors import BadInputError
from mapping.walking.network import KINDS, Network


@dataclass(frozen=True)
class Profile:
    """Who walks: how fast, where not, and who says so."""

    id: str
    label: str
    metres_per_second: float
    source: str
    forbidden: tuple[str, ...] = ()
    """Kinds of way, of `network.KINDS`, that this walker cannot use."""
    max_slope: float = inf
    """The steepest way, as a share; one whose slope is not known is taken."""
    slope_source: str | None = None


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("profiles.toml").read_text(encoding="utf-8"))


def profiles() -> dict[str, Profile]:
    """Read the walking profiles.

    Returns
    -------
    dict of str to Profile
        Each with the published source of its speed, and of its slope.
    """
    walkers = {name: entry for name, entry in _table().items() if "metres_per_second" in entry}
    return {
        name: Profile(id=name, **{**entry, "forbidden": tuple(entry.get("forbidden", ()))})
        for name, entry in walkers.items()
    }


def profile(name: str) -> Profile:
    """Read one walking profile.

    Parameters
    ----------
    name : str
        Its id.

    Returns
    -------
    Profile
        The profile.

    Raises
    ------
    BadInputError
        When no profile has that id.
    """
    known = profiles()
    if name not in known:
        raise BadInputError(f"Unknown profile '{name}'. Use one of: {', '.join(known)}.")
    return known[name]


def slope_limits() -> list[float]:
    """Give the steepest ways that profiles take: streets are cut where one begins or ends.

    Returns
    -------
    list of float
        Shares, rising; those who go anywhere have none.
    """
    return sorted({who.max_slope for who in profiles().values() if np.isfinite(who.max_slope)})


def detour_index() -> float:
    """Give the published ratio of walked to straight metres, for where no streets are known.

    Returns
    -------
    float
        More than 1.
    """
    return float(_table()["straight_line"]["detour_index"])


def usable(network: Network, walker: Profile) -> Bools:
    """Tell the edges that a profile can use; `network.Footing` snaps to them.

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
    """Say which of a profile's limits a network does not know: its ways may not be passable.

    Parameters
    ----------
    network : Network
        The streets.
    walker : Profile
        Who walks.

    Returns
    -------
    tuple of str
        `steps` where steps are forbidden and no edge is known as steps; `slopes` where steep ways
        are forbidden and the slope of some edge is not known.
    """
    steps = "steps" in walker.forbidden and not network.knows_steps
    slopes = np.isfinite(walker.max_slope) and bool(np.isnan(network.edge_slope).any())
    return tuple(name for name, lacking in (("steps", steps), ("slopes", slopes)) if lacking)


def edge_seconds(network: Network, walker: Profile) -> Floats:
    """Walk every edge.

    Parameters
    ----------
    network : Network
        The streets, m edges.
    walker : Profile
        Who walks.

    Returns
    -------
    ndarray of float, shape (m,)
        Seconds, the same both ways (nobody is slowed down uphill); infinite where the profile
        cannot go.
    """
    seconds = network.edge_metres / walker.metres_per_second
    return np.where(usable(network, walker), seconds, np.inf)
