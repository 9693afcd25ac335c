"""A civic number that was written, or dictated, in words: ``via Padova sessantuno``."""

from functools import cache

from mapping.geocoding.address import parse
from mapping.text import number_words, plain

MOST = 999


def with_spelt_number(text: str) -> str | None:
    """Write the number at the end of an address in digits; None where none is in words there."""
    before, _, last = text.rstrip(" .").rpartition(" ")
    number = _words().get(plain(last))
    if not number or parse(before).kind is None or parse(before).civic is not None:
        return None
    return f"{before.rstrip(' ,')} {number}"


@cache
def _words() -> dict[str, int]:
    return number_words(MOST)
