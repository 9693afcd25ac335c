"""Rows whose own words say that a service is closed, or has moved."""

import re
from collections.abc import Iterable

from mapping.text import plain

GONE = re.compile(r"\bchius\w+ (?:definitivamente|per sempre)|\bcessat[oa] (?:attivita|servizio)?$")
"""Hours that say so leave the row out."""
_DATED = r"(?:da|dal|dalla|nel|a) (?:\S+ ){0,3}(?:19|20)\d\d"
_CLOSED = re.compile(
    r"(?:(?:ora|attualmente|momentaneamente|risulta|e|sede|servizio|punto) )*chius[oaie]"
    rf"(?: (?:definitivamente|per sempre|temporaneamente|fino a nuovo avviso|per .+|{_DATED}))?"
    r"|(?:stato )?(?:non (?:e )?(?:piu )?|in)attiv[oaie]"
)
"""A whole clause: hours and holidays (*chiuso il lunedì*) are no closure."""
_MOVED = re.compile(
    r"\b(?:trasferit[oaie]|traslocat[oaie]|si (?:e |sono )?sposta\w*|(?:ha )?cambiato sede"
    r"|nuova sede|cessat[oaie]|ha cessato|cessazione|dismess[oaie]|soppress[oaie]"
    r"|non (?:e )?piu (?:attiv|apert|esistent|operativ)\w*|non esiste piu)\b"
)
_CLAUSE = re.compile(r"[.;,:!()\n\[\]/]|\s[-\u2013]\s")


def closing_words(texts: Iterable[str]) -> str | None:
    """Give the first text by which a service is closed or has moved; None where none says so."""
    return next((text for text in texts if _says_closed(plain(text))), None)


def _says_closed(text: str) -> bool:
    clauses = (clause.strip() for clause in _CLAUSE.split(text))
    return bool(_MOVED.search(text)) or any(map(_CLOSED.fullmatch, filter(None, clauses)))
