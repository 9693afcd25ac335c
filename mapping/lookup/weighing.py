"""How much of a street's name was written, and what its answer is worth beside others."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from rapidfuzz.distance import OSA

from mapping.geocoding.address import PRIVATE, Address, parse, same_word
from mapping.geocoding.named_places import rivalled_share
from mapping.geocoding.place import Place
from mapping.geocoding.vocabulary import TYPO_LETTERS
from mapping.text import plain

RISEN_SHARE = 0.95
"""What is left of the confidence of the place before, to one that seemed to answer better."""
BESIDE_SHARE = 0.4
"""The most that a street is worth where a place of another kind was asked for."""
_WORD = re.compile(r"\w+")


@lru_cache(maxsize=20_000)
def street_words(name: str) -> tuple[str, ...]:
    """Take the comparable words of a street that the register has: many are asked for again."""
    return parse(name).tokens


def forget_streets() -> None:
    """Forget which streets were asked for."""
    street_words.cache_clear()
    _own_words.cache_clear()


def share_of_name(street: Place, address: Address) -> float:
    """Say how much of a street's name was written."""
    own = street_words(street.street or street.label)
    return min(len(set(address.tokens)) / max(len(own), 1), 1.0)


def is_typo(street: Place, address: Address) -> bool:
    """Whether the last word that was written is one of a street's, with a letter wrong."""
    *_, written = address.tokens or ("",)
    own = street_words(street.street)
    return len(written) >= TYPO_LETTERS and any(OSA.distance(written, word) == 1 for word in own)


def unsure(places: Iterable[Place]) -> list[Place]:
    """Give none a higher likeness than one of several that the words fit."""
    most = rivalled_share(1.0)
    return [replace(place, likeness=min(place.likeness, most)) for place in places]


def beside_kind(streets: Iterable[Place], words: Iterable[str]) -> list[Place]:
    """Keep the streets that have a word of a name, asked for as another kind of place."""
    written = [Address(None, word) for word in words]
    return [
        replace(street, likeness=min(street.likeness, BESIDE_SHARE))
        for street in streets
        if any(is_nearly_spelt(street, word) for word in written)
    ]


def is_nearly_spelt(street: Place, address: Address) -> bool:
    """Whether each word is one of a street's, with a letter wrong at most, the last half typed."""
    own = street_words(street.street or street.label)
    *whole, last = address.tokens or ("",)
    is_begun = bool(last) and any(word.startswith(last) for word in own)
    return all(_has_nearly(own, word) for word in whole) and (is_begun or _has_nearly(own, last))


def _has_nearly(own: tuple[str, ...], written: str) -> bool:
    is_long = len(written) >= TYPO_LETTERS
    return any(
        same_word(written, word) or (is_long and OSA.distance(written, word) == 1) for word in own
    )


def weighed(streets: list[Place], address: Address, *, has_rival: bool) -> list[Place]:
    """Lower the likeness of streets that the words fit, where they fit another place as well."""
    fitting = [place for place in streets if place.likeness >= 1]
    if not fitting or (len(fitting) == 1 and not has_rival):
        return streets
    shares = [share_of_name(place, address) for place in fitting]
    is_one = len(fitting) == 1 or shares.count(1.0) == 1
    placed = [
        place
        if is_one and not has_rival and share == max(shares)
        else replace(place, likeness=rivalled_share(share))
        for place, share in zip(fitting, shares, strict=True)
    ]
    placed.sort(key=lambda place: -place.likeness)
    return [*placed, *(place for place in streets if place.likeness < 1)]


def never_rising(places: Iterable[Place]) -> list[Place]:
    """Give none that would rise above one before it as much: who takes the highest is right."""
    falling: list[Place] = []
    most = 1.0
    for place in places:
        if place.confidence > most:
            share = RISEN_SHARE * most / place.confidence
            falling.append(replace(place, likeness=place.likeness * share))
        else:
            falling.append(place)
        most = falling[-1].confidence
    return falling


def is_whole_name(street: Place, address: Address) -> bool:
    """Whether a street's whole name was written, with every article: not ``Torre`` of della Torre.

    Whether it is private is left out as often.
    """
    return _own_words(street.street) == _each_word(address.street)


@lru_cache(maxsize=20_000)
def _own_words(name: str) -> list[str]:
    return _each_word(parse(name).street)


def _each_word(street: str) -> list[str]:
    words = _WORD.findall(plain(street))
    return sorted(word for word in words if word not in PRIVATE) or words
