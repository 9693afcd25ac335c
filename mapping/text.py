"""Texts as registers publish them, tidied without inventing."""

import re

import ftfy

_NOTHING = {"-", "--", "n.d.", "n.d", "nd", "n/a", "non disponibile", "non disponibili", "null"}


def tidy(text: str | None) -> str | None:
    """Strip a text, collapse its blanks, and undo UTF-8 that was decoded twice.

    Parameters
    ----------
    text : str or None
        As published.

    Returns
    -------
    str or None
        None when it says nothing, as ``Non Disponibile`` or ``-`` do; tidying twice changes nothing.
    """
    if text is None:
        return None
    tidied = re.sub(r"\s+", " ", ftfy.fix_encoding(text)).strip()
    return None if not tidied or tidied.casefold() in _NOTHING else tidied
