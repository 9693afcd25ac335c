"""Tells a row that only says what number to call in an emergency from one of a place."""

import re
from collections.abc import Mapping

from mapping.disclosure import as_sign
from mapping.geocoding.address import KINDS
from mapping.text import plain

_HELPLINE, _NUMBERS = "1522", re.compile(r"\d+")
_WORDS = re.compile(r"[a-z]+(?:\.[a-z]+)?")
_SHORTEST = 2
"""Letters of a short form of a kind of street that is no initial."""
_STREETS = {word for kind in KINDS.values() for word in kind if len(word) > _SHORTEST}
_PLACES = {
    "indirizzo", "via", "street", "address", "sede", "luogo", "ubicazione", "civico", "cap",
    "comune", "citta", "municipio", "zona", "quartiere", "lon", "lat", "longitudine",
    "latitudine",
}  # fmt: skip
"""Headings of what says where something is."""


def is_helpline(row: Mapping[str, str]) -> bool:
    """Whether a row says no more than what number to call: it has no place."""
    cells = {heading: cell.strip() for heading, cell in row.items() if cell.strip()}
    words = " ".join(cells.values())
    places = [heading for heading, cell in cells.items() if cell != _HELPLINE]
    headings = {word for heading in places for word in _WORDS.findall(plain(heading))}
    if not headings.isdisjoint(_PLACES) or not _STREETS.isdisjoint(_WORDS.findall(plain(words))):
        return False
    has_number_alone = set(_NUMBERS.findall(words)) == {_HELPLINE}
    return has_number_alone and as_sign(words) is None
