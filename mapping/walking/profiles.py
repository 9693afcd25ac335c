"""Walking profiles: speed, ways that cannot be used, steepest slope, and the source of each."""

from math import inf, isfinite
from pathlib import Path

from pydantic import Field, field_validator

from mapping.config import Config, cached_for_overlay, read_table
from mapping.config_values import Identifier, Label, Sentence
from mapping.errors import BadInputError
from mapping.walking.ways import KINDS

DETOUR_INDEX = 1.417
"""Walked metres for each metre of a straight line, where no street network is loaded.

Boscoe, Henry, Zdeb (2012), A nationwide comparison of driving distance versus straight-line
distance to hospitals, The Professional Geographer 64(2).
"""


class Profile(Config):
    """A walking profile: its speed, the ways it cannot use, and the published source."""

    id: Identifier
    label: Label
    metres_per_second: float = Field(ge=0.1, le=3, allow_inf_nan=False)
    source: Sentence
    forbidden: tuple[str, ...] = ()
    """Kinds of way, of `ways.KINDS`, that this walker cannot use."""
    max_slope: float = Field(default=inf, gt=0)
    """The steepest way, as a share; one whose slope is not known is taken."""
    slope_source: Sentence | None = None

    @field_validator("max_slope")
    @classmethod
    def _share_of_a_slope(cls, slope: float) -> float:
        if not 0.01 <= slope <= 1:  # noqa: PLR2004 - 1 % to 45 degrees
            raise ValueError("is a share: write 0.08 for 8 %, at most 1")
        return slope

    @field_validator("forbidden")
    @classmethod
    def _known_kinds(cls, kinds: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [kind for kind in kinds if kind not in KINDS]
        if unknown:
            raise ValueError(f"'{unknown[0]}' is no kind of way: use {', '.join(KINDS)}")
        return kinds


@cached_for_overlay
def profiles() -> dict[str, Profile]:
    """Read the walking profiles by id, in the order of `profiles.toml`; an overlay's come last."""
    return read_table(Path(__file__).with_suffix(".toml"), Profile)


def profile(name: str) -> Profile:
    """Look up one walking profile.

    Parameters
    ----------
    name : str
        Id of the profile, such as ``stroller``.

    Returns
    -------
    Profile
        The profile.

    Raises
    ------
    BadInputError
        When no profile has that id.
    """
    by_id = profiles()
    if name not in by_id:
        raise BadInputError(f"Unknown profile '{name}'. Use one of: {', '.join(by_id)}.")
    return by_id[name]


def slope_limits() -> list[float]:
    """List the finite slope limits of the profiles, as rise over run, ascending."""
    return sorted(
        {walker.max_slope for walker in profiles().values() if isfinite(walker.max_slope)}
    )
