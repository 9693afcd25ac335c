"""Whose families a service is for, from the text of one cell."""

import re
from collections.abc import Collection

from ingest.values.normalise import code
from mapping.model import WHOLE_CITY
from mapping.text import plain

_CITY = re.compile(r"(?:tutta la )?citta|tutto il comune|city")
_LEVELS = {"municip": "municipio", "zon": "municipio", "circoscrizion": "municipio", "nil": "nil"}
_WRITTEN = re.compile(r"(municipi[o]?|zon[ae]|circoscrizion[ei]|nil)\b\W*(\d[\d\s,;/e-]*)")
_NUMBER = re.compile(r"\d{1,3}")
_BETWEEN = re.compile(r"[\s,;/]|\be\b")
MAX_AREAS = 100


def catchment(text: str) -> tuple[str, ...] | None:
    """Read ``Municipi 1 e 4``, ``NIL 76``, ``tutta la città`` or ``municipio:1;nil:76``.

    Parameters
    ----------
    text : str
        One cell; a number alone names a municipio.

    Returns
    -------
    tuple of str or None
        Areas as ``level:area_id``, each once, in their order; None where any part of the text is
        something else: half a catchment would send families away.
    """
    words = plain(code(text) or "").replace(":", " ")
    if not words or _CITY.fullmatch(words):
        return (WHOLE_CITY,) if words else None
    if words[0].isdigit():
        words = f"municipi {words}"
    areas = [
        f"{_level(kind)}:{int(number)}"
        for kind, numbers in _WRITTEN.findall(words)
        for number in _NUMBER.findall(numbers)
    ]
    rest = _BETWEEN.sub("", _WRITTEN.sub("", words))
    is_whole = bool(areas) and not rest and "-" not in words and len(areas) <= MAX_AREAS
    return tuple(dict.fromkeys(areas)) if is_whole else None


def contradiction(
    name: str, areas: tuple[str, ...], known: Collection[str] | None
) -> tuple[str, str] | None:
    """Say what is wrong with a catchment of no area that there is, or not the name's own.

    Parameters
    ----------
    name : str
        Of the service.
    areas : tuple of str
        Of `catchment`.
    known : collection of str or None
        All areas of the city; None where they are not known.

    Returns
    -------
    tuple of (str, str) or None
        A code, and a sentence with the value and what to do.
    """
    if WHOLE_CITY in areas:
        return None
    nowhere = [area for area in areas if known is not None and area not in known]
    if nowhere:
        return "unknown_area", f"There is no area '{nowhere[0]}'. Mend it, or leave it out."
    municipi = {area for area in areas if area.startswith("municipio:")}
    named = {
        f"municipio:{int(number)}"
        for kind, numbers in _WRITTEN.findall(plain(name))
        if _level(kind) == "municipio"
        for number in _NUMBER.findall(numbers)
    }
    if municipi and named and not municipi & named:
        listed = ", ".join(sorted(municipi))
        return "contradicts_name", f"'{name}' is not for {listed}. Mend one of the two."
    return None


def _level(kind: str) -> str:
    return next(level for stem, level in _LEVELS.items() if kind.startswith(stem))
