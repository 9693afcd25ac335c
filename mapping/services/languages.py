"""The languages of the world: their Italian names and their codes."""

from functools import cache

from babel import Locale

from mapping.text import plain


@cache
def language_codes() -> dict[str, str]:
    """Map the Italian name of every language, lower case without accents, to its ISO 639-1 code."""
    names = Locale("it").languages
    return {plain(str(name)): code for code, name in names.items() if len(code) == 2}  # noqa: PLR2004 - ISO 639-1
