"""Sheets for translators: the Italian texts to translate, and the translations that come back."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped] # it has no stubs

from ingest.headings import names_a_person
from ingest.rows import RawTable
from ingest.spreadsheet import read_sheet
from ingest.template import HEAD, WRAP, workbook
from mapping.errors import BadInputError
from mapping.text import tidy
from mapping.translations import FIELDS, Translation

COLUMNS = ("Codice", "Servizio", "Campo", "Italiano", "Traduzione")
LABELS = dict(zip(FIELDS, ("documenti da portare", "note"), strict=True))
"""What a sheet calls a field."""
MAX_LETTERS = 2000
_WIDTHS = (30, 40, 22, 70, 70)
_NEEDED = ("Codice", "Campo", "Italiano", "Traduzione")


def write_to_translate(texts: Iterable[Mapping[str, str]]) -> bytes:
    """Write a workbook with the texts that somebody is to translate.

    Parameters
    ----------
    texts : iterable of mapping
        By column of `COLUMNS`.

    Returns
    -------
    bytes
        An XLSX file, a text a row.
    """

    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("Traduzioni")
        head, wrap = book.add_format(HEAD), book.add_format({**WRAP, "num_format": "@"})
        for column, (name, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
            sheet.write_string(0, column, name, head)
            sheet.set_column(column, column, width, wrap)
        sheet.freeze_panes(1, 0)
        for line, text in enumerate(texts, start=1):
            for column, name in enumerate(COLUMNS):
                sheet.write_string(line, column, text[name], wrap)

    return workbook(fill)


def read_translations(path: Path, language: str, translator: str, day: date) -> list[Translation]:
    """Read the translations of a sheet.

    Parameters
    ----------
    path : Path
        As `write_to_translate` writes it, filled in; workbook or delimited text.
    language : str
        ISO 639-1, of the translations.
    translator : str
        Who made them: shown beside each.
    day : date
        When.

    Returns
    -------
    list of Translation
        Of the rows with a translation.

    Raises
    ------
    BadInputError
        When a column is missing, a row cannot be taken, or there is no translation at all.
    """
    table = read_sheet(path, f"traduzioni:{language}")
    if lacking := [name for name in _NEEDED if name not in table.columns]:
        raise BadInputError(
            f"«{path.name}» non ha la colonna «{lacking[0]}». Parti dal foglio di `prossima"
            " translations sheet`, e lascia le colonne come sono."
        )
    _require_sound(table)
    found = [
        Translation(
            service_id=row.texts["Codice"].strip(),
            field=_field(row.texts["Campo"], row.line),
            language=language,
            italian=_text(row.texts["Italiano"], "Italiano", row.line),
            text=_text(row.texts["Traduzione"], "Traduzione", row.line),
            translator=translator,
            translated_on=day,
        )
        for row in table.rows
        if tidy(row.texts["Traduzione"])
    ]
    if not found:
        raise BadInputError(
            f"«{path.name}» non ha nessuna traduzione. Scrivi almeno un testo nella colonna"
            " «Traduzione»."
        )
    return found


def _require_sound(table: RawTable) -> None:
    for unreadable in table.unreadable:
        raise BadInputError(
            f"La riga {unreadable.line} non si legge: {unreadable.message} Niente è stato"
            " importato: correggila, e riprova."
        )
    for row in table.rows:
        if names_a_person(row.texts.values()):
            raise BadInputError(
                f"Nella riga {row.line} c'è il codice fiscale di una persona: niente è stato"
                " importato. Togli i dati di persone, e riprova."
            )


def _field(label: str, line: int) -> str:
    wanted = " ".join(label.split()).casefold()
    found = next((field for field, said in LABELS.items() if wanted in (said, field)), None)
    if found is None:
        raise BadInputError(
            f"Riga {line}: «{label}» non è un campo che si traduce. Scrivi uno di questi:"
            f" {', '.join(LABELS.values())}."
        )
    return found


def _text(text: str, column: str, line: int) -> str:
    said = tidy(text)
    if said is None:
        raise BadInputError(
            f"Riga {line}: la colonna «{column}» è vuota. Ci vuole il testo italiano da cui viene"
            " la traduzione."
        )
    if len(said) > MAX_LETTERS:
        raise BadInputError(
            f"Riga {line}: il testo della colonna «{column}» ha {len(said)} lettere. Scrivine al"
            f" massimo {MAX_LETTERS}."
        )
    return said
