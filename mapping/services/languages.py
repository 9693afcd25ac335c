"""The languages of the world: their names and their codes."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from babel import Locale, UnknownLocaleError

from mapping.text import plain

_ALSO = {
    "arabo classico": "ar", "arabo standard": "ar", "bengali": "bn", "cingalese": "si",
    "dari": "fa", "farsi": "fa", "filippino": "tl", "cinese mandarino": "zh", "mandarino": "zh",
    "moldavo": "ro", "panjabi": "pa", "romeno": "ro", "urdo": "ur",
}  # fmt: skip
"""Names in use in Italy that the Unicode tables do not have."""
_UNCODED = {"lis", "lingua dei segni", "mandinka", "pidgin", "romanes"}
"""Languages that the tables have by another name, if at all."""
_OTHER_PAGES = ("fr", "es", "ar", "uk", "bn", "zh")
_ARTICLE = "ال"
"""The Arabic one, of "the Italian", is left out as often."""
_SPOKEN_IN_KINDS = {"arabo", "curdo", "cinese", "persiano", "berbero"}
_PAST = re.compile("antico|medio")
_NOUNS = {"corso"}
"""Names whose other forms are words of their own: ``corsi``."""
_SHORTEST_BENT = 4
_SHORTEST = 3
"""Letters: "ci" is a language of the tables, and a word of Italian."""


@cache
def language_codes() -> dict[str, str]:
    """Map the Italian name of every language, lower case without accents, to its ISO 639-1 code."""
    names = Locale("it").languages
    return {plain(str(name)): code for code, name in names.items() if len(code) == 2}  # noqa: PLR2004 - ISO 639-1


@cache
def other_languages() -> frozenset[str]:
    """List the Italian names of the languages that have no ISO 639-1 code, as `language_codes`."""
    coded = names_of_languages()
    names = {plain(str(name)) for code, name in Locale("it").languages.items() if code.isalpha()}
    return frozenset(name for name in names - coded.keys() if len(name) > _SHORTEST) | _UNCODED


@cache
def names_of_languages() -> dict[str, str]:
    """Map the names of every language, in Italian, English and its own, to its ISO 639-1 code.

    Lower case without accents; a name of two languages is that of none. So do the forms that an
    Italian name takes beside a noun, and its names in the other languages of the pages, where they
    are no other's.
    """
    english = Locale("en").languages
    pairs = {*language_codes().items(), *_ALSO.items()}
    for code in language_codes().values():
        pairs |= {(plain(str(name)), code) for name in (english.get(code), _own_name(code)) if name}
    pairs |= set(_kinds())
    known = _of_one(pairs)
    return _of_one({*_in_other_languages(), *_forms()}) | known


def _of_one(pairs: set[tuple[str, str]]) -> dict[str, str]:
    times = Counter(name for name, _ in pairs)
    return {
        name: code
        for name, code in pairs
        if times[name] == 1 and (len(name) >= _SHORTEST or not name.isascii())
    }


def _kinds() -> Iterator[tuple[str, str]]:
    """Give ``arabo marocchino``: who speaks it is one of those who speak Arabic."""
    for name in Locale("it").languages.values():
        first, _, kind = plain(str(name)).partition(" ")
        if first in _SPOKEN_IN_KINDS & language_codes().keys() and kind and not _PAST.search(kind):
            yield f"{first} {kind}", language_codes()[first]


def _forms() -> Iterator[tuple[str, str]]:
    """Give ``araba``, ``arabi``, ``arabe`` of ``arabo``, and ``cinesi`` of ``cinese``."""
    for name, code in {**language_codes(), **_ALSO}.items():
        if " " in name or len(name) < _SHORTEST_BENT or name in _NOUNS:
            continue
        hard = "h" if name.endswith(("co", "go")) else ""
        ends = {"o": ("a", f"{hard}i", f"{hard}e"), "e": ("i",)}.get(name[-1], ())
        yield from ((name[:-1] + end, code) for end in ends)


def _in_other_languages() -> Iterator[tuple[str, str]]:
    codes = set(language_codes().values())
    for locale in _OTHER_PAGES:
        for code, name in Locale(locale).languages.items():
            if code in codes and (own := plain(str(name))) not in language_codes():
                yield own, code
                if own.startswith(_ARTICLE):
                    yield own.removeprefix(_ARTICLE), code


def _own_name(code: str) -> str | None:
    try:
        return Locale(code).languages.get(code)
    except (UnknownLocaleError, ValueError):
        return None
