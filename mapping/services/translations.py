"""What a service says in Italian, said in other languages, and whether the Italian has moved on."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from mapping.model import Service
from mapping.services.service_row import ServiceRow
from mapping.text import tidy

FIELDS = ("required_documents", "note")
"""Texts of a service that a family reads; all else is a name, a number, or a word of ours."""


@dataclass(frozen=True)
class Translation:
    """One text of a service in one language, with the Italian that was translated."""

    service_id: str
    field: str
    language: str
    italian: str
    text: str
    translator: str
    translated_on: date


@dataclass(frozen=True)
class Content:
    """A text of a service as it is shown in one language."""

    text: str
    language: str
    """ISO 639-1: of a text without a translation, `it`."""
    translator: str | None = None
    day: str | None = None
    """ISO: when it was translated."""
    older: bool = False
    """Whether the Italian text has changed since."""


def as_column(service: Service, translations: Iterable[Translation]) -> str | None:
    """Write the translations of a service as its row tells them.

    Parameters
    ----------
    service : Service
        A card.
    translations : iterable of Translation
        Those of the card and of the records that were merged into it. The last of a text counts,
        but before it one of the very Italian that the card says.

    Returns
    -------
    str or None
        JSON: language to field to text, translator, day, and whether the Italian text has changed
        since; None without any. A field that says nothing any more has no translation.
    """
    told: dict[str, dict[str, object]] = {}
    # Those that count come last.
    ranked = [(tidy(getattr(service, one.field)) == tidy(one.italian), one) for one in translations]
    for same, one in sorted(ranked, key=lambda pair: (pair[0], pair[1].translated_on)):
        if getattr(service, one.field) is not None:
            told.setdefault(one.language, {})[one.field] = {
                "text": one.text,
                "translator": one.translator,
                "day": one.translated_on.isoformat(),
                "older": not same,
            }
    return json.dumps(told, ensure_ascii=False, sort_keys=True) if told else None


def content(row: ServiceRow, field: str, language: str) -> Content | None:
    """Say a text of a service in a language, or in Italian where nobody has translated it.

    Parameters
    ----------
    row : ServiceRow
        That of an older edition knows no translations.
    field : str
        One of `FIELDS`.
    language : str
        ISO 639-1.

    Returns
    -------
    Content or None
        None where the service says nothing.
    """
    italian: str | None = getattr(row, field)
    if italian is None:
        return None
    told = json.loads(row.translations or "{}").get(language, {}).get(field)
    return Content(language=language, **told) if told else Content(italian, "it")
