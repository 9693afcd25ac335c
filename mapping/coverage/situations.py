"""Situations of which coverage is computed: who walks, when, and with what need."""

from typing import NamedTuple

from mapping.coverage import requirements
from mapping.coverage.requirements import requirement
from mapping.errors import BadInputError
from mapping.hours import windows
from mapping.hours.windows import window
from mapping.walking.profiles import profile, profiles

ADULT = "adult"


class Situation(NamedTuple):
    """One profile in one window with one requirement, by their ids."""

    profile: str = ADULT
    window: str = windows.ANY
    requirement: str = requirements.ANY


BASE = Situation()
"""The usual situation: an adult, at any time, without a requirement."""


def situations() -> list[Situation]:
    """List the situations of which coverage is computed, `BASE` first.

    Every profile in every window without a requirement, and an adult at any time with each.
    """
    timed = [Situation(walker, opening) for walker in profiles() for opening in windows.windows()]
    needing = [Situation(requirement=need) for need in requirements.requirements()]
    return list(dict.fromkeys([BASE, *timed, *needing]))


def situation(
    walker: str = ADULT, opening: str = windows.ANY, need: str = requirements.ANY
) -> Situation:
    """Make a situation of ids; raises BadInputError for an unknown one."""
    return Situation(profile(walker).id, window(opening).id, requirement(need).id)


def computed(situation: Situation) -> Situation:
    """Give the situation back if coverage is computed of it, else raise BadInputError."""
    if situation not in situations():
        raise BadInputError(
            f"Coverage with requirement '{situation.requirement}' is computed for profile"
            f" '{BASE.profile}' and window '{BASE.window}' only. Leave those two out."
        )
    return situation


def labels(situation: Situation) -> list[str]:
    """List the Italian labels of the parts of a situation that differ from `BASE`."""
    parts = Situation(
        profile(situation.profile).label,
        window(situation.window).label,
        requirement(situation.requirement).label,
    )
    pairs = zip(parts, situation, BASE, strict=True)
    return [label[0].lower() + label[1:] for label, part, usual in pairs if part != usual]
