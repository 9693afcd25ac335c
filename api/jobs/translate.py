"""Sheets of service texts to translate, and the translations that they bring back."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from api.directory import Directory
from api.i18n.language import LANGUAGES, SOURCE
from api.jobs.import_sheet import save_workbook
from api.settings import Settings
from ingest.sheets.template import MAX_CELL
from ingest.sheets.translations import COLUMNS, LABELS, cut, read_translations, write_to_translate
from mapping.catalogue.catalogue import Catalogue
from mapping.edition.edition import Edition, current
from mapping.errors import BadInputError
from mapping.services.service_row import ServiceRow
from mapping.services.translations import Translation, content
from mapping.text import tidy


def save_to_translate(settings: Settings, language: str, path: Path) -> tuple[int, int]:
    """Write the sheet of texts without a current translation.

    Gives how many there are, and how many more are too long for a cell. Raises BadInputError when
    the language is none of ours, or the file cannot be written.
    """
    _require_language(language)
    texts = [
        dict(
            zip(
                COLUMNS,
                (row.service_id, row.name, label, getattr(row, field), old, ""),
                strict=True,
            )
        )
        for row in _services(settings).values()
        for field, label in LABELS.items()
        if (old := _outdated(row, field, language)) is not None
    ]
    short = [text for text in texts if len(text["Italiano"]) <= MAX_CELL]
    save_workbook(path, write_to_translate(short))
    return len(short), len(texts) - len(short)


def bring(
    settings: Settings, path: Path, language: str, translator: str, day: str | None
) -> tuple[int, int]:
    """Record the translations of a sheet, all or none, made on an ISO day or today.

    Gives how many were recorded, and of how many the Italian text has changed since. Raises
    BadInputError when a row cannot be taken.
    """
    _require_language(language)
    translations = read_translations(path, language, translator, _day(day))
    services = _services(settings)
    italian = {
        line: _italian(services, translation, line) for line, translation in translations.items()
    }
    with Catalogue.open(settings.catalogue_url, create=False) as catalogue:
        catalogue.translate(list(translations.values()))
    return len(translations), sum(
        italian[line] != translation.italian for line, translation in translations.items()
    )


def _services(settings: Settings) -> dict[str, ServiceRow]:
    """Give a row of each living service of the published edition, by its id."""
    edition = Edition.open(current(settings.editions))
    return {rows[0].service_id: rows[0] for rows in Directory(edition).living}


def _italian(services: Mapping[str, ServiceRow], translation: Translation, line: int) -> str:
    row = services.get(translation.service_id)
    if row is None:
        raise BadInputError(
            f"Riga {line}: «{cut(translation.service_id)}» non è un servizio dell'edizione"
            " pubblicata. Lascia i codici come sono nel foglio di `prossima translations sheet`."
        )
    text = tidy(getattr(row, translation.field))
    if text is None:
        raise BadInputError(
            f"Riga {line}: «{cut(translation.service_id)}» non dice più niente in"
            f" «{LABELS[translation.field]}». Togli la traduzione dalla riga, e riprova."
        )
    return text


def _require_language(language: str) -> None:
    offered = [code for code in LANGUAGES if code != SOURCE]
    if language not in offered:
        raise BadInputError(
            f"«{cut(language)}» non è una lingua delle pagine. Scrivi una di queste:"
            f" {', '.join(offered)}."
        )


def _day(text: str | None) -> date:
    today = date.today()  # noqa: DTZ011 - the day where the translator is
    try:
        day = today if text is None else date.fromisoformat(text)
    except ValueError:
        day = date.max
    if day > today:
        raise BadInputError(
            f"--translated-on «{cut(text or '')}»: scrivi un giorno fino a oggi, come 2026-11-21."
        )
    return day


def _outdated(row: ServiceRow, field: str, language: str) -> str | None:
    """Give the translation that is too old, or an empty one; None where none is wanted."""
    translated = content(row, field, language)
    if translated is None or (translated.language == language and not translated.older):
        return None
    return translated.text if translated.older else ""
