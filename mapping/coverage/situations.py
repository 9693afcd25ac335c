"""Who comes, when, and with what need: the situations of which coverage is told."""

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
"""What is told where nothing else is asked."""


def situations() -> list[Situation]:
    """List the situations of which coverage is computed.

    Returns
    -------
    list of Situation
        Every profile in every window without a requirement, and every requirement of an adult at
        any time; `BASE` is the first.
    """
    timed = [Situation(who, when) for who in profiles() for when in windows.windows()]
    needing = [Situation(requirement=need) for need in requirements.requirements()]
    return list(dict.fromkeys([BASE, *timed, *needing]))


def situation(who: str = ADULT, when: str = windows.ANY, need: str = requirements.ANY) -> Situation:
    """Check a situation that somebody asks for.

    Parameters
    ----------
    who, when, need : str
        Ids of a profile, a window and a requirement.

    Returns
    -------
    Situation
        Of known parts; coverage may not be computed of all together.

    Raises
    ------
    BadInputError
        When one of them is not known.
    """
    return Situation(profile(who).id, window(when).id, requirement(need).id)


def computed(asked: Situation) -> Situation:
    """Check that coverage is computed of a situation.

    Parameters
    ----------
    asked : Situation
        Of known parts.

    Returns
    -------
    Situation
        The same.

    Raises
    ------
    BadInputError
        When it is none of `situations`.
    """
    if asked not in situations():
        raise BadInputError(
            f"Coverage with requirement '{asked.requirement}' is computed for profile"
            f" '{BASE.profile}' and window '{BASE.window}' only. Leave those two out."
        )
    return asked


def told(asked: Situation) -> list[str]:
    """Say a situation in Italian, as far as it differs from `BASE`.

    Parameters
    ----------
    asked : Situation
        Of known parts.

    Returns
    -------
    list of str
        One text a part; none for `BASE`.
    """
    labels = Situation(
        profile(asked.profile).label,
        window(asked.window).label,
        requirement(asked.requirement).label,
    )
    pairs = zip(labels, asked, BASE, strict=True)
    return [label[0].lower() + label[1:] for label, part, usual in pairs if part != usual]
