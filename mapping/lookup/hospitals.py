"""Which hospital is meant: a private house of nearly the name has no emergency room."""

from collections.abc import Sequence
from dataclasses import replace

from mapping.geocoding.named_places import SAME_DEGREES, Answering, name_words

CATEGORY = "ospedale"
_EMERGENCY = tuple(
    map(name_words, ("pronto soccorso", "emergency room", "urgences", "urgencias", "طوارئ", "急诊"))
)
_HOSPITAL = {"ospedale", "osped", "osp", "irccs", "presidio", "policlinico"}
_CLINIC = {"casa", "clinica", "clinico", "istituto", "polo", "centro"}
"""What a house calls itself in its own name. No source says which has an emergency room."""


def in_doubt(text: str, answers: Sequence[Answering]) -> list[Answering]:
    """List the hospitals that a name may mean, those that call themselves so first.

    None where the first calls itself what was asked for, or it is no hospital.
    """
    whole = [answer for answer in answers if answer.answered >= 1]
    houses = [answer for answer in whole if answer.place.category == CATEGORY]
    if not houses or whole[0] is not houses[0]:
        return []
    is_emergency = any(_has(name_words(text), words) for words in _EMERGENCY)
    known = _HOSPITAL if is_emergency else _HOSPITAL | _CLINIC
    first, *others = houses
    if _is_called(first, known) and not (is_emergency and _is_private(first)):
        return []
    if not (is_emergency or any(_is_apart(first, other) for other in others)):
        return []
    return sorted(houses, key=lambda each: not _is_called(each, _HOSPITAL) or _is_private(each))


def with_doubted(answers: Sequence[Answering], doubted: Sequence[Answering]) -> list[Answering]:
    """Put the hospitals that are in doubt first, none of them sure."""
    rest = [answer for answer in answers if answer not in doubted]
    return [*(replace(each, is_rivalled=True, is_tied=True) for each in doubted), *rest]


def _is_called(answer: Answering, known: set[str]) -> bool:
    return not known.isdisjoint(name_words(answer.place.name))


def _is_private(answer: Answering) -> bool:
    return _has(name_words(answer.place.name), ("casa", "cura"))


def _is_apart(answer: Answering, other: Answering) -> bool:
    apart = abs(answer.place.lon - other.place.lon) + abs(answer.place.lat - other.place.lat)
    return apart > SAME_DEGREES


def _has(words: Sequence[str], wanted: Sequence[str]) -> bool:
    length = len(wanted)
    return any(tuple(words[at : at + length]) == tuple(wanted) for at in range(len(words)))
