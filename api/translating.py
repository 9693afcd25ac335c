"""Texts of services in other languages: which are to be translated, and what translators bring."""

from datetime import UTC, date, datetime
from pathlib import Path

from api.directory import Directory, Row
from api.importing import save_workbook
from api.settings import Settings
from api.words import LANGUAGES, SOURCE
from ingest.translating import COLUMNS, LABELS, read_translations, write_to_translate
from mapping.catalogue import Catalogue
from mapping.edition import Edition, current
from mapping.errors import BadInputError
from mapping.text import tidy
from mapping.translations import Translation, content


def save_to_translate(settings: Settings, language: str, path: Path) -> int:
    """Write the sheet of the texts that lack a translation, or have one that is too old.

    Parameters
    ----------
    settings : Settings
        Where the published edition is.
    language : str
        Of the translations that are wanted.
    path : Path
        A new file ending in ``.xlsx``.

    Returns
    -------
    int
        How many texts there are.

    Raises
    ------
    BadInputError
        When the language is none of ours, or the file cannot be written.
    """
    _require_language(language)
    services = [rows[0] for rows in _directory(settings).living]
    texts = [
        dict(zip(COLUMNS, (row["service_id"], row["name"], label, row[field], old), strict=True))
        for row in services
        for field, label in LABELS.items()
        if (old := _outdated(row, field, language)) is not None
    ]
    save_workbook(path, write_to_translate(texts))
    return len(texts)


def bring(
    settings: Settings, path: Path, language: str, translator: str, day: str | None
) -> list[Translation]:
    """Record the translations of a sheet: all of them, or none.

    Parameters
    ----------
    settings : Settings
        The catalogue, and the published edition.
    path : Path
        The sheet.
    language : str
        Of the translations.
    translator : str
        Who made them.
    day : str or None
        ISO date on which they were made; today when left out.

    Returns
    -------
    list of Translation
        What was recorded; the next edition shows it.

    Raises
    ------
    BadInputError
        When the language is none of ours, nobody is named, or a row cannot be taken.
    """
    _require_language(language)
    who = tidy(translator)
    if who is None:
        raise BadInputError("Di chi sono le traduzioni? Scrivilo dopo --translator.")
    found = read_translations(path, language, who, _day(day))
    directory = _directory(settings)
    for one in found:
        if not directory.find(one.service_id):
            raise BadInputError(
                f"«{one.service_id}» non è un servizio dell'edizione pubblicata: niente è stato"
                " importato. Lascia i codici come sono nel foglio di `prossima translations sheet`."
            )
    with Catalogue.open(settings.catalogue_url) as catalogue:
        catalogue.translate(found)
    return found


def _directory(settings: Settings) -> Directory:
    return Directory(Edition.open(current(settings.editions)))


def _require_language(language: str) -> None:
    offered = [code for code in LANGUAGES if code != SOURCE]
    if language not in offered:
        raise BadInputError(
            f"«{language}» non è una lingua delle pagine. Scrivi una di queste:"
            f" {', '.join(offered)}."
        )


def _day(text: str | None) -> date:
    today = datetime.now(UTC).date()
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        day = None
    if day is None or day > today:
        raise BadInputError(f"--translated-on {text}: scrivi un giorno passato, come 2026-11-21.")
    return day


def _outdated(row: Row, field: str, language: str) -> str | None:
    """Give what there is in place of a translation that is wanted; None where none is."""
    told = content(row, field, language)
    if told is None or (told.language == language and not told.older):
        return None
    return told.text if told.older else ""
