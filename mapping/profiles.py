"""Who walks: how fast, where not, and who says so."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mapping.errors import BadInputError
from mapping.network import Floats, Network


@dataclass(frozen=True)
class Profile:
    """Who walks: how fast, and who says so."""

    id: str
    label: str
    metres_per_second: float
    source: str


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("profiles.toml").read_text(encoding="utf-8"))


def profiles() -> dict[str, Profile]:
    """Read the walking profiles.

    Returns
    -------
    dict of str to Profile
        Each with the published source of its speed.
    """
    walkers = {name: entry for name, entry in _table().items() if "metres_per_second" in entry}
    return {name: Profile(id=name, **entry) for name, entry in walkers.items()}


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


def detour_index() -> float:
    """Give the published ratio of walked to straight metres, for where no streets are known.

    Returns
    -------
    float
        More than 1.
    """
    return float(_table()["straight_line"]["detour_index"])


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
        Seconds, the same both ways; infinite where the profile cannot go.
    """
    return np.asarray(network.edge_metres / walker.metres_per_second)
