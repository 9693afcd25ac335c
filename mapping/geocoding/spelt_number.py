"""A civic number that was written, or dictated, in words: ``via Padova sessantuno``."""

from functools import cache

from mapping.geocoding.address import parse
from mapping.geocoding.gazetteer import Gazetteer
from mapping.text import number_words, plain

MOST = 999


def with_number(text: str, gazetteer: Gazetteer | None) -> str:
    """Write a civic number in digits, where no street is called as it was written in words."""
    numbered = _in_digits(text)
    if numbered is None or gazetteer is None:
        return text
    is_name = parse(text).locality is None and gazetteer.streets_called(text)
    return text if is_name or not gazetteer.streets_called(numbered) else numbered


def _in_digits(text: str) -> str | None:
    before, _, last = text.rstrip(" .").rpartition(" ")
    number = _words().get(plain(last))
    if not number or parse(before).kind is None or parse(before).civic is not None:
        return None
    return f"{before.rstrip(' ,')} {number}"


@cache
def _words() -> dict[str, int]:
    return number_words(MOST)
