"""Streets whose name is the written one but for a letter."""

from collections.abc import Iterable

from rapidfuzz.distance import OSA

from mapping.geocoding.address import Address, parse
from mapping.geocoding.place import Place
from mapping.geocoding.vocabulary import TYPO_LETTERS


def a_letter_away(places: Iterable[Place], address: Address) -> list[Place]:
    """Take the places that have the number, on a street of the kind, one letter wrong in its name.

    A name of few letters is another one by then.
    """
    if address.civic is None or len(address.street) < TYPO_LETTERS:
        return []
    return [
        place
        for place in places
        if place.civic == address.civic and _is_misspelt(address, parse(place.street))
    ]


def _is_misspelt(address: Address, own: Address) -> bool:
    is_typo = OSA.distance(" ".join(address.tokens), " ".join(own.tokens)) == 1
    return is_typo and address.kind == own.kind
