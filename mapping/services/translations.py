"""Translations of the texts of services, and whether the Italian has changed since."""

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
    """Write the translations of a card as JSON: language, field, text, translator, day, outdated.

    `translations` are those of the card and of the records merged into it. The last of a text
    counts, but one of the very Italian that the card says goes first; a field that is empty now
    has none. None without any.
    """
    translated: dict[str, dict[str, object]] = {}
    # Those that count come last.
    ranked = [
        (tidy(getattr(service, translation.field)) == tidy(translation.italian), translation)
        for translation in translations
    ]
    for same, translation in sorted(ranked, key=lambda pair: (pair[0], pair[1].translated_on)):
        if getattr(service, translation.field) is not None:
            translated.setdefault(translation.language, {})[translation.field] = {
                "text": translation.text,
                "translator": translation.translator,
                "day": translation.translated_on.isoformat(),
                "older": not same,
            }
    return json.dumps(translated, ensure_ascii=False, sort_keys=True) if translated else None


def content(row: ServiceRow, field: str, language: str) -> Content | None:
    """Give a text of a service in a language (ISO 639-1), or in Italian where it is not translated.

    None where the service says nothing; a row of an older edition has no translations.
    """
    italian: str | None = getattr(row, field)
    if italian is None:
        return None
    translated = json.loads(row.translations or "{}").get(language, {}).get(field)
    return Content(language=language, **translated) if translated else Content(italian, "it")
