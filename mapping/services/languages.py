"""The languages of the world: their names and their codes."""

from functools import cache

from babel import Locale, UnknownLocaleError

from mapping.text import plain

_ALSO = {
    "bengali": "bn", "cingalese": "si", "dari": "fa", "farsi": "fa", "filippino": "tl",
    "cinese mandarino": "zh", "mandarino": "zh", "moldavo": "ro", "panjabi": "pa", "romeno": "ro",
}  # fmt: skip
"""Names in use in Italy that the Unicode tables do not have."""
_UNCODED = {"lis", "lingua dei segni", "mandinka", "pidgin", "romanes"}
"""Languages that the tables have by another name, if at all."""
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
    """Map the names of every language, Italian, English and its own, to its ISO 639-1 code.

    Lower case without accents; a name of two languages is that of none.
    """
    english = Locale("en").languages
    pairs = {*language_codes().items(), *_ALSO.items()}
    for code in language_codes().values():
        pairs |= {(plain(str(name)), code) for name in (english.get(code), _own_name(code)) if name}
    names = [name for name, _ in pairs]
    return {
        name: code
        for name, code in pairs
        if names.count(name) == 1 and (len(name) >= _SHORTEST or not name.isascii())
    }


def _own_name(code: str) -> str | None:
    try:
        return Locale(code).languages.get(code)
    except (UnknownLocaleError, ValueError):
        return None
