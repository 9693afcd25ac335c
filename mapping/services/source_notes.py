"""What a note of the source speaks of: of that nobody says that nothing is known."""

import re
from functools import lru_cache

from mapping.services.service_row import ServiceRow
from mapping.text import plain

SUBJECTS = {
    "free": r"gratuit|a pagamento|tariff|\bcost[oi]\b|\brett[ae]\b|\beuro\b",
    "appointment_required": r"appuntament|prenota",
    "referral_required": r"\binvi[oi]\b|inviat[aeio]\b|segnalazion",
    "residence_required": r"residen(?!ziale)",
    "step_free": r"gradin|barrier[ae] architetton|sedia a rotelle|\bscal[ae]\b|ascensore",
    "languages": r"\blingu[ae]\b|mediator|mediatric",
    "required_documents": r"\bdocument[oi]\b|carta d'identita|codice fiscale|\bisee\b",
    "age_min_months": r"\bann[oi]\b|\bmes[ei]\b",
    "opening_hours": r"\borari[o]?\b|\bdalle (?:ore )?\d",
}
"""Columns of `tables.SERVICES`, each with the words that speak of it, without accents."""
_PATTERNS = {name: re.compile(words) for name, words in SUBJECTS.items()}


def spoken_of(row: ServiceRow) -> frozenset[str]:
    """Give the columns that are empty while the note of the source speaks of them.

    Parameters
    ----------
    row : ServiceRow
        A service.

    Returns
    -------
    frozenset of str
        Of `SUBJECTS`; the note is to be read, it is no value.
    """
    spoken = _subjects(row.note) if row.note else ()
    return frozenset(name for name in spoken if getattr(row, name) is None)


@lru_cache(maxsize=4096)
def _subjects(note: str) -> tuple[str, ...]:
    """Search a note once: each field of each page asks."""
    text = plain(note)
    return tuple(name for name, words in _PATTERNS.items() if words.search(text))
