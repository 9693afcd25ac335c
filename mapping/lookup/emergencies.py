"""Who needs help at once, by the words of every language: 112 comes before all else."""

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from mapping.geocoding.address import kind_of
from mapping.geocoding.named_places import name_words
from mapping.lookup.place_names import WORDS as PLACE_WORDS

WORDS = Path(__file__).with_name("emergency_words.toml")
HOSPITAL = "ospedale"
MISSPELT_LETTERS = 6
"""A word of so many letters is known with one that is wrong."""
_CHINESE = "\u4e00"
"""The first letter of those whose words stand without spaces between them."""
_Phrase = tuple[str, ...]


def is_emergency(text: str) -> bool:
    """Whether help is asked for at once: an emergency room, an ambulance, the police."""
    return _besides(name_words(text)) is not None


def is_nothing_else(text: str) -> bool:
    """Whether help is asked for, and no place named: ``emergency hospital``."""
    besides = _besides(name_words(text))
    return besides is not None and _hospital_words().issuperset(besides)


def _besides(written: _Phrase) -> list[str] | None:
    """List what was written besides a call for help; None where there is none."""
    if written in _known("exactly"):
        return []
    if any(word[0] >= _CHINESE and _has_chinese(word) for word in written):
        return [word for word in written if word[0] < _CHINESE]
    # Most texts have no word that is like one of these: they are told without trying each.
    if not any(extractOne(word, _words(), scorer=OSA.distance, score_cutoff=1) for word in written):
        return None
    rest = _without(written, _known("anywhere"))
    if len(rest) < len(written):
        return rest
    rest = _without(written, _known("alone"))
    is_alone = len(rest) < len(written) and _hospital_words().issuperset(rest)
    return rest if is_alone else None


def _without(written: _Phrase, phrases: Sequence[_Phrase]) -> list[str]:
    taken = {
        at + after
        for phrase in phrases
        for at in _places_of(phrase, written)
        for after in range(len(phrase))
    }
    return [word for at, word in enumerate(written) if at not in taken]


def _places_of(phrase: _Phrase, written: _Phrase) -> Iterator[int]:
    """Give where a phrase stands, but behind the type of a street it is the street's name."""
    for at in range(len(written) - len(phrase) + 1):
        is_street = at > 0 and kind_of(written[at - 1]) is not None
        if not is_street and all(map(_is_spelt, written[at:], phrase)):
            yield at


def _is_spelt(written: str, word: str) -> bool:
    if written == word:
        return True
    is_long = len(word) >= MISSPELT_LETTERS
    return is_long and OSA.distance(written, word, score_cutoff=1) <= 1


def _has_chinese(word: str) -> bool:
    return any(called[0] in word for called in _known("anywhere") if called[0] >= _CHINESE)


@cache
def _known(how: str) -> tuple[_Phrase, ...]:
    languages = tomllib.loads(WORDS.read_text(encoding="utf-8")).values()
    phrases = {name_words(words) for own in languages for words in own.get(how, ())}
    return tuple(sorted(phrases, key=len, reverse=True))


@cache
def _words() -> list[str]:
    return sorted({word for how in ("anywhere", "alone") for each in _known(how) for word in each})


@cache
def _hospital_words() -> frozenset[str]:
    names = tomllib.loads(PLACE_WORDS.read_text(encoding="utf-8"))[HOSPITAL]["names"]
    return frozenset(word for name in names for word in name_words(name))
