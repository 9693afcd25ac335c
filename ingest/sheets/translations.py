"""Sheets for translators: the Italian texts to translate, and the translations that come back."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped] # it has no stubs

from ingest.rows import RawTable
from ingest.sheets.refusal_texts import IN_ITALIAN
from ingest.sheets.spreadsheet import read_sheet
from ingest.sheets.template import HEAD, WRAP, workbook
from mapping.errors import BadInputError
from mapping.services.translations import FIELDS, Translation
from mapping.tax_codes import names_a_person
from mapping.text import tidy, without_controls

COLUMNS = ("Codice", "Servizio", "Campo", "Italiano", "Traduzione di prima", "Traduzione")
LABELS = dict(zip(FIELDS, ("documenti da portare", "note"), strict=True))
"""What a sheet calls a field."""
MAX_LETTERS = 2000
MAX_NAME = 100
SHOWN = 80
"""Of a wrong value no more letters are repeated."""
_WIDTHS = (30, 40, 22, 70, 70, 70)
_NEEDED = ("Codice", "Campo", "Italiano", "Traduzione")


def write_to_translate(texts: Iterable[Mapping[str, str]]) -> bytes:
    """Write an XLSX with the texts to translate, one a row, by column of `COLUMNS`."""

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


def read_translations(
    path: Path, language: str, translator: str, day: date
) -> dict[int, Translation]:
    """Read the translations of a sheet that `write_to_translate` wrote, by row of the sheet.

    Raises BadInputError when a column is missing, a row cannot be taken, or nothing is translated.
    """
    translator_name = _name(translator)
    table = _table(path, language)
    translations: dict[int, Translation] = {}
    first: dict[tuple[str, str], int] = {}
    for row in table.rows:
        text = _translated(row.texts["Traduzione"], row.line)
        if text is None:
            continue
        field = _field(row.texts["Campo"], row.line)
        code = row.texts["Codice"].strip()
        twice = first.setdefault((code, field), row.line)
        if twice != row.line:
            raise BadInputError(
                f"Riga {row.line}: lo stesso testo è già tradotto nella riga {twice}. Tienine una."
            )
        italian = tidy(row.texts["Italiano"])
        if italian is None:
            raise BadInputError(
                f"Riga {row.line}: la colonna «Italiano» è vuota. Ci vuole il testo da cui viene la"
                " traduzione."
            )
        translations[row.line] = Translation(
            code, field, language, italian, text, translator_name, day
        )
    if not translations:
        raise BadInputError(
            f"«{path.name}» non ha nessuna traduzione. Scrivi almeno un testo nella colonna"
            " «Traduzione»."
        )
    return translations


def cut(text: str) -> str:
    """Repeat at most the first `SHOWN` letters of a wrong value."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _table(path: Path, language: str) -> RawTable:
    table = read_sheet(path, f"traduzioni:{language}")
    if lacking := [name for name in _NEEDED if name not in table.columns]:
        raise BadInputError(
            f"«{path.name}» non ha la colonna «{lacking[0]}». Parti dal foglio di `prossima"
            " translations sheet`, e lascia le colonne come sono."
        )
    if twice := [name for name in table.columns if name.startswith("Traduzione (")]:
        raise BadInputError(
            f"«{path.name}» ha due colonne «Traduzione»: la seconda è «{twice[0]}». Tienine una."
        )
    for row in table.unreadable:
        message = IN_ITALIAN.get(row.code, row.message)
        raise BadInputError(f"Riga {row.line}: {message} Niente è stato importato.")
    return table


def _name(translator: str) -> str:
    name = tidy(without_controls(translator))
    if name is None or len(name) > MAX_NAME or names_a_person([name]):
        raise BadInputError(
            f"«{cut(translator)}»: scrivi dopo --translator il nome di chi ha tradotto, al massimo"
            f" {MAX_NAME} lettere e nessun codice fiscale."
        )
    return name


def _field(label: str, line: int) -> str:
    wanted = " ".join(label.split()).casefold()
    field = next((name for name, shown in LABELS.items() if wanted in (shown, name)), None)
    if field is None:
        raise BadInputError(
            f"Riga {line}: «{cut(label)}» non è un campo che si traduce. Scrivi uno di questi:"
            f" {', '.join(LABELS.values())}."
        )
    return field


def _translated(text: str, line: int) -> str | None:
    words = tidy(without_controls(text))
    if words is None:
        return None
    if len(words) > MAX_LETTERS:
        raise BadInputError(
            f"Riga {line}: la traduzione ha {len(words)} lettere. Scrivine al massimo"
            f" {MAX_LETTERS}."
        )
    if names_a_person([words]):
        raise BadInputError(
            f"Riga {line}: c'è il codice fiscale di una persona. Niente è stato importato: togli i"
            " dati di persone, e riprova."
        )
    if not any(letter.isalpha() for letter in words):
        # A sheet saved in the letters of the West has a question mark for each letter of the rest.
        raise BadInputError(
            f"Riga {line}: «{cut(words)}» non ha lettere. Salva il foglio come .xlsx, e riprova."
        )
    return words
