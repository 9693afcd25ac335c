"""Questions of planners: for whom, how far, with how many sites; every value is checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from mapping.errors import BadInputError
from mapping.siting.problem import Effort
from mapping.taxonomy import Category, placed_category
from mapping.walking.profiles import profile

Objective = Literal["cover", "median", "capacity"]
Weight = Literal["people", "low-income"]
Candidates = Literal["premises", "services", "nodes"]
Basis = Literal["all", "verified"]

MAX_MINUTES = 60.0
MIN_MINUTES = 5.0
"""A shorter walk would count the children of a few doors."""
MAX_COUNT = 50
MAX_SECONDS = 60.0


@dataclass(frozen=True)
class Ask:
    """Category, who walks how far, and which records count as services."""

    category: str
    minutes: float | None = None
    """The acceptable walk; the category's own when left out."""
    profile: str = "adult"
    basis: str = "all"
    """`all` counts every active record as a service; `verified` only those freshly assured."""
    weight: str = "people"
    """`people` weighs whom the category is for; `low-income` the children of poor families, whom
    it does not count."""

    def __post_init__(self) -> None:
        """Check every value against its rule."""
        placed_category(self.category)
        profile(self.profile)
        _one_of("basis", self.basis, get_args(Basis))
        _one_of("weight", self.weight, get_args(Weight))
        if self.weight == "low-income" and not self.counts_children:
            raise BadInputError(
                f"The weight 'low-income' counts children, and '{self.category}' is declared for"
                " others. Use the weight 'people'."
            )
        if self.minutes is not None and not MIN_MINUTES <= self.minutes <= MAX_MINUTES:
            raise BadInputError(
                f"minutes is {self.minutes}. Give {MIN_MINUTES:.0f} to {MAX_MINUTES:.0f}."
            )
        if self.minutes is not None and self.minutes % 1:
            # Walks that differ by a few doors would tell who lives behind them.
            raise BadInputError(f"minutes is {self.minutes}. Give whole minutes.")

    @property
    def kind(self) -> Category:
        """The category."""
        return placed_category(self.category)

    @property
    def counts_children(self) -> bool:
        """Whether the category is declared for children, of some ages."""
        return self.kind.counted_ages is not None

    @property
    def walk_seconds(self) -> float:
        """The acceptable walk."""
        return 60.0 * (self.kind.walk_minutes if self.minutes is None else self.minutes)


@dataclass(frozen=True)
class SiteAsk(Ask):
    """Question for the next sites."""

    count: int = 1
    objective: str = "cover"
    candidates: str = "premises"
    places: float | None = None
    """How many new places in all; for the objective `capacity`."""
    site_places: float | None = None
    """The most that one new site may have; all of them when left out."""
    aversion: float = 0.0
    max_seconds: float = 20.0

    def __post_init__(self) -> None:
        """Check every value against its rule."""
        super().__post_init__()
        _one_of("objective", self.objective, get_args(Objective))
        _one_of("candidates", self.candidates, get_args(Candidates))
        if not 1 <= self.count <= MAX_COUNT:
            raise BadInputError(f"count is {self.count}. Give 1 to {MAX_COUNT} sites.")
        if not 0 < self.max_seconds <= MAX_SECONDS:
            raise BadInputError(f"max_seconds is {self.max_seconds}. Give up to {MAX_SECONDS:.0f}.")
        self._check_places()
        if self.objective == "capacity" and self.weight == "low-income":
            raise BadInputError(
                "The objective 'capacity' would tell by its places how many of low income live near"
                " them. Use the weight 'people', or the objective 'cover'."
            )
        if self.aversion and self.objective != "median":
            raise BadInputError("An aversion to inequality belongs to the objective 'median'.")

    def _check_places(self) -> None:
        totals = [value for value in (self.places, self.site_places) if value is not None]
        if self.objective == "capacity" and self.places is None:
            raise BadInputError("The objective 'capacity' needs places: how many in all.")
        if totals and self.objective != "capacity":
            raise BadInputError("Places belong to the objective 'capacity'. Leave them out.")
        if not all(1 <= value < np.inf for value in totals):
            raise BadInputError(f"Places are {totals[0]:g}. Give 1 or more.")


def farthest_seconds(ask: SiteAsk) -> float:
    """Give the longest walk that counts: twice the acceptable one for `median`."""
    return ask.walk_seconds * (2 if ask.objective == "median" else 1)


def effort(ask: SiteAsk) -> Effort:
    """Give the time limit of the question, with the usual gap."""
    return Effort(max_seconds=ask.max_seconds)


def _one_of(name: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise BadInputError(f"Unknown {name} '{value}'. Use one of: {', '.join(allowed)}.")
