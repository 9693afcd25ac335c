"""Street and number in a text, in whatever order they are written."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mapping.geocoding.address import parse
from mapping.leaks.lookalikes import in_figures, latin
from mapping.text import plain

FEWEST_STREET_LETTERS = 4
BETWEEN = 2
"""So many words may stand between a street and its number: ``numero civico``."""
_NUMBER = re.compile(r"(\d{1,4})[a-z]?")


class StreetNumber(NamedTuple):
    """The tidied name of a street without its kind, and a civic number without its suffix."""

    street: str
    number: str


def tidied(text: str) -> str:
    """Lower a text, without accents, signs and what is not seen: words parted by one blank."""
    if not text.isascii():
        # A soft hyphen or a joiner within a word parts it for a program, and for nobody else.
        text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
        text = latin(text)
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain(text)).split())


def addresses_in(text: str) -> Iterable[StreetNumber]:
    """Read a text as an address: none where it names no street with a number."""
    address = parse(text)
    street = tidied(address.street)
    if (
        address.civic is None
        or len(street) < FEWEST_STREET_LETTERS
        or not re.search("[a-z]", street)
    ):
        return []
    return [StreetNumber(street, str(address.civic))]


def numbers_near(street: str, words: str) -> Iterator[str]:
    """Give the numbers that stand behind a street in tidied words, or before it.

    A number before a street that has its own directly behind belongs to something else.
    """
    parts, name = words.split(), street.split()
    for start in range(len(parts) - len(name) + 1):
        if parts[start : start + len(name)] != name:
            continue
        behind = in_figures(parts[start + len(name) :][: BETWEEN + 1])
        yield from first_number(behind)
        if not list(first_number(behind[:1])):
            yield from first_number(in_figures(parts[max(0, start - BETWEEN - 1) : start][::-1]))


def first_number(words: Iterable[str]) -> Iterator[str]:
    """Give the first civic number among words, if there is one."""
    for word in words:
        if number := _NUMBER.fullmatch(word):
            yield number[1]
            return
