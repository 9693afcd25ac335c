"""Which hospital is meant: a private house of nearly the name has no emergency room."""

from collections.abc import Sequence
from dataclasses import replace

from mapping.geocoding.named_places import SAME_DEGREES, Answering, NamedPlace, name_words
from mapping.lookup.emergencies import is_emergency

CATEGORY = "ospedale"
_HOSPITAL = {"ospedale", "osped", "osp", "irccs", "presidio", "policlinico"}
_CLINIC = {"casa", "clinica", "clinico", "istituto", "polo", "centro"}
"""What a house calls itself in its own name. No source says which has an emergency room."""
_INSTITUTE = {"irccs"}
"""One for a single illness is called so as well: of an emergency it is asked about."""
_SAYS_PRIVATE = {"casa", "cura", "clinica"}
"""Who writes one of these means no public hospital."""


def in_doubt(text: str, answers: Sequence[Answering]) -> list[Answering]:
    """List the hospitals that a name may mean, those that call themselves so first.

    None where the first calls itself what was asked for, or it is no hospital; a station that is
    called after one is not first where a hospital's word was written.
    """
    written = name_words(text)
    is_passed = "station" if not _HOSPITAL.isdisjoint(written) else None
    whole = [each for each in answers if each.answered >= 1 and each.place.kind != is_passed]
    houses = [answer for answer in whole if _is_house(answer.place)]
    if not houses or whole[0] is not houses[0]:
        return []
    is_urgent = is_emergency(text)
    known = _HOSPITAL - _INSTITUTE if is_urgent else _HOSPITAL | _CLINIC
    first, *others = houses
    apart = [other for other in others if _is_apart(first, other)]
    # Nor is a house meant of whose name less was written than of another's.
    is_meant = _is_called(first.place, known) and first.coverage >= max(
        (other.coverage for other in apart), default=0.0
    )
    if _is_private(first.place):
        has_public = any(is_public(other.place) for other in apart)
        is_meant &= not is_urgent and (not has_public or not _SAYS_PRIVATE.isdisjoint(written))
    if is_meant or not (is_urgent or apart):
        return []
    return sorted(houses, key=lambda each: not is_public(each.place))


def without_likely(text: str, answers: Sequence[Answering]) -> Sequence[Answering]:
    """Leave out, where an emergency room is asked for, private houses and what answers in part."""
    if not is_emergency(text):
        return answers
    return [each for each in answers if each.answered >= 1 and not _is_private(each.place)]


def with_doubted(answers: Sequence[Answering], doubted: Sequence[Answering]) -> list[Answering]:
    """Put the hospitals that are in doubt first, none of them sure, and nothing behind surer."""
    rest = [answer for answer in answers if answer not in doubted]
    least, unsure = 1.0, []
    for each in (*doubted, *(rest if doubted else ())):
        least = min(least, each.coverage)
        unsure.append(replace(each, coverage=least, is_rivalled=True, is_tied=True))
    return unsure or rest


def is_public(place: NamedPlace) -> bool:
    """Whether a place calls itself a hospital, and no private house."""
    return _is_called(place, _HOSPITAL) and not _is_private(place)


def _is_house(place: NamedPlace) -> bool:
    return place.category == CATEGORY or (place.kind == "health" and is_public(place))


def _is_called(place: NamedPlace, known: set[str]) -> bool:
    return not known.isdisjoint(name_words(place.name))


def _is_private(place: NamedPlace) -> bool:
    return _has(name_words(place.name), ("casa", "cura"))


def _is_apart(answer: Answering, other: Answering) -> bool:
    apart = abs(answer.place.lon - other.place.lon) + abs(answer.place.lat - other.place.lat)
    return apart > SAME_DEGREES


def _has(words: Sequence[str], wanted: Sequence[str]) -> bool:
    length = len(wanted)
    return any(tuple(words[at : at + length]) == tuple(wanted) for at in range(len(words)))
