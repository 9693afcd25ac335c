"""The tax code of a person (codice fiscale), found in a text however it is spaced out."""

import re
import unicodedata
from collections.abc import Iterable

from mapping.text import plain

_DIGIT = "[0-9lmnpqrstuv]"
"""A digit, or the letter that stands for it where two people would have one code (omocodia)."""
_MONTH = "[a-ehlmprst]"
_SIGNS = [*["[a-z]"] * 6, _DIGIT, _DIGIT, _MONTH, _DIGIT, _DIGIT, "[a-z]", *[_DIGIT] * 3, "[a-z]"]
_BETWEEN = r"[^a-z0-9\n]{0,3}"
_CODE = re.compile(rf"(?<![a-z0-9])(?={_BETWEEN.join(f'({sign})' for sign in _SIGNS)}(?![a-z0-9]))")
_BORDERS = {3, 6, 8, 9, 11, 15}
"""After so many signs one part of a code ends: surname, name, year, month, day, place of birth."""
_ODD = dict(
    zip(
        "0123456789abcdefghijklmnopqrstuvwxyz",
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21) * 2
        + (2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        strict=True,
    )
)
"""What a sign in an odd place counts for the control letter (decree of 23 December 1976)."""


def names_a_person(texts: Iterable[str]) -> bool:
    """Whether any text holds the codice fiscale of a person.

    The number of an organisation has digits only. Signs and blanks between the letters hide
    nothing: such a code is one that is cut where its parts end, or whose control letter is right.
    """
    return any(_is_code(match) for text in texts for match in _CODE.finditer(_seen(text)))


def _seen(text: str) -> str:
    letters = (letter for letter in plain(text) if unicodedata.category(letter) != "Cf")
    return "".join(letters)


def _is_code(match: re.Match[str]) -> bool:
    starts = [match.start(part) for part in range(1, len(_SIGNS) + 1)]
    cuts = {place for place in range(1, len(_SIGNS)) if starts[place] - starts[place - 1] > 1}
    code = "".join(match.groups())
    digits = sum(map(str.isdigit, code))
    if digits == _SIGNS.count(_DIGIT) and (cuts <= _BORDERS or len(cuts) == len(_SIGNS) - 1):
        return True
    return digits > 0 and _is_controlled(code)


def _is_controlled(code: str) -> bool:
    odd = sum(_ODD[sign] for sign in code[:15:2])
    even = sum(int(sign) if sign.isdigit() else ord(sign) - ord("a") for sign in code[1:15:2])
    return ord(code[15]) - ord("a") == (odd + even) % 26
