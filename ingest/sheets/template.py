"""Writes workbooks for people: the empty sheet to fill in, and the refused rows to mend."""

import io
from collections.abc import Callable, Iterable

import xlsxwriter  # type: ignore[import-untyped] # it has no stubs
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from ingest.sheets.headings import TO_MEND, Headings, SheetField, fields
from ingest.sheets.spreadsheet import EXAMPLE, RefusedRow
from mapping.disclosure import published_labels

A3 = 8
"""The number by which workbooks know the paper."""
ROWS = 1000
"""How many rows of the template have drop-downs."""
MAX_CELL = 32_767
"""Characters in a cell of a workbook."""
DAYS = (
    "lun-ven", "lun-sab", "tutti i giorni", "lun", "mar", "mer", "gio", "ven", "sab", "dom",
    "sab e dom",
)  # fmt: skip
ROOM = ("c'è posto", "lista d'attesa", "al completo", "da valutare")
# A cell is what was typed, whatever it looks like: nothing becomes a formula or a link.
_AS_TYPED = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

_GUIDE = {
    "Come si compila": (
        "Un servizio per riga, nel foglio «Servizi». Le colonne con l'asterisco sono obbligatorie;"
        " le altre si possono lasciare vuote, o togliere. L'ordine delle righe e delle colonne non"
        " conta.",
        f"La riga che comincia con «{EXAMPLE}» è solo un esempio: non viene importata.",
        "Un servizio che si tiene in due luoghi occupa due righe. Se nello stesso luogo gli orari"
        " cambiano da un giorno all'altro basta una riga: lun 14-18; mer e ven 9-13.",
    ),
    "Privacy": (
        "Tutto ciò che si scrive qui sarà pubblico. Niente nomi, telefoni o storie di persone e di"
        " famiglie: solo del servizio. Se una colonna contiene dati di persone, l'importazione si"
        " ferma e non legge niente.",
        "I luoghi dei centri antiviolenza e delle case rifugio non si scrivono mai.",
    ),
    "Quando si rimanda il foglio": (
        "Il foglio è l'elenco completo: un servizio che non c'è più viene tolto dalla mappa, dopo"
        " una conferma. Se mandi solo qualche riga in più, o le righe corrette, dillo a chi le"
        " importa (opzione --add): gli altri servizi restano.",
        "Un servizio è riconosciuto da nome, ente, indirizzo e categoria: se ne cambia uno solo, è"
        " lo stesso servizio aggiornato. Per poterne cambiare di più, dai a ogni servizio un Codice"
        " fin dal primo invio.",
        "Le righe che non si capiscono tornano in un foglio «-da-correggere», con scritto che cosa"
        " sistemare.",
    ),
}
HEAD = {
    "bold": True, "font_color": "#ffffff", "bg_color": "#17324d", "valign": "vcenter",
    "num_format": "@",
}  # fmt: skip
_REQUIRED = {**HEAD, "bg_color": "#0066cc"}
_EXAMPLE = {"italic": True, "font_color": "#5c6f82", "bg_color": "#f0f4f8", "num_format": "@"}
WRAP = {"text_wrap": True, "valign": "top"}
_LINE_HEIGHT = 16


def write_template() -> bytes:
    """Write the empty XLSX that somebody fills in, with instructions and drop-downs."""
    return workbook(_fill_template)


def write_to_mend(columns: list[str], headings: Headings, refused: Iterable[RefusedRow]) -> bytes:
    """Write refused rows back as they came, each with what to mend in the column `TO_MEND`."""
    own_columns = [column for column in columns if column != TO_MEND]

    def fill(book: xlsxwriter.Workbook) -> None:
        _fill_to_mend(book, own_columns, headings, refused)

    return workbook(fill)


def workbook(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    """Write an XLSX in which every cell is what was typed; `fill` puts the sheets in."""
    whole = io.BytesIO()
    with xlsxwriter.Workbook(whole, {**_AS_TYPED, "in_memory": True}) as book:
        fill(book)
    return whole.getvalue()


def _fill_template(book: xlsxwriter.Workbook) -> None:
    shown = {name: entry for name, entry in fields().items() if entry.label}
    sheet, guide = book.add_worksheet("Servizi"), book.add_worksheet("Istruzioni")
    lists = book.add_worksheet("Elenchi")
    ranges = _fill_lists(lists)
    text, example = book.add_format({"num_format": "@"}), book.add_format(_EXAMPLE)
    for column, entry in enumerate(shown.values()):
        # As text, or a sheet makes the third of June of "3-6".
        sheet.set_column(column, column, entry.width, text)
        _head(sheet, column, entry, book.add_format(_REQUIRED if entry.required else HEAD))
        sheet.write_string(1, column, entry.example, example)
        _drop_down(sheet, column, entry, ranges)
    sheet.freeze_panes(1, 2)
    sheet.set_row(0, 24)
    _print_on_one_width(sheet)
    _fill_guide(guide, shown.values(), book)
    lists.hide()


def _print_on_one_width(sheet: Worksheet) -> None:
    sheet.set_landscape()
    sheet.set_paper(A3)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _head(sheet: Worksheet, column: int, entry: SheetField, style: Format) -> None:
    sheet.write_string(0, column, _heading(entry), style)
    message = {"validate": "any", "input_title": entry.label, "input_message": entry.help[:255]}
    sheet.data_validation(0, column, 0, column, message)


def _drop_down(sheet: Worksheet, column: int, entry: SheetField, ranges: dict[str, str]) -> None:
    if entry.choices is None:
        return
    sheet.data_validation(
        2,
        column,
        ROWS,
        column,
        {
            "validate": "list",
            "source": ranges[entry.choices],
            # Yes or no is all there is; categories may be several, and days are many.
            "show_error": entry.choices == "yes_no",
            "error_title": entry.label,
            "error_message": "Scegli sì o no, o lascia vuoto.",
        },
    )


def _fill_lists(sheet: Worksheet) -> dict[str, str]:
    labels = list(published_labels().values())
    ranges: dict[str, str] = {}
    for column, (name, words) in enumerate(
        {"category": labels, "days": DAYS, "yes_no": ("sì", "no"), "room": ROOM}.items()
    ):
        sheet.write_column(0, column, words)
        letter = "ABCD"[column]
        ranges[name] = f"=Elenchi!${letter}$1:${letter}${len(words)}"
    return ranges


def _fill_guide(guide: Worksheet, shown: Iterable[SheetField], book: xlsxwriter.Workbook) -> None:
    title, wrap = book.add_format({"bold": True, "font_size": 13}), book.add_format(WRAP)
    name = book.add_format({**WRAP, "bold": True})
    guide.hide_gridlines(2)
    guide.fit_to_pages(1, 0)
    guide.set_column(0, 0, 24)
    guide.set_column(1, 1, 90)
    row = 0
    for heading, texts in _GUIDE.items():
        guide.write_string(row, 0, heading, title)
        for line, text in enumerate(texts, start=row + 1):
            guide.merge_range(line, 0, line, 1, text, wrap)
            guide.set_row(line, _LINE_HEIGHT * (1 + len(text) // 120))
        row += len(texts) + 2
    guide.write_string(row, 0, "Le colonne", title)
    for line, entry in enumerate(shown, start=row + 1):
        guide.write_string(line, 0, _heading(entry), name)
        guide.write_string(line, 1, entry.help, wrap)
        guide.set_row(line, _LINE_HEIGHT * (1 + len(entry.help) // 105))


def _heading(entry: SheetField) -> str:
    return f"{entry.label} *" if entry.required else entry.label


def _fill_to_mend(
    book: xlsxwriter.Workbook, columns: list[str], headings: Headings, refused: Iterable[RefusedRow]
) -> None:
    sheet = book.add_worksheet(TO_MEND)
    head, message = book.add_format(HEAD), book.add_format({**WRAP, "bold": True})
    wrong = {"bg_color": "#ffe08a", "num_format": "@"}
    # Behind a quote a text stays a text, also when somebody goes into the cell and out again.
    marked, plain = (
        book.add_format({"num_format": "@", "quote_prefix": True, **style}) for style in (wrong, {})
    )
    for column, name in enumerate((TO_MEND, *columns)):
        sheet.write_string(0, column, name, head)
    sheet.set_column(0, 0, 60)
    sheet.set_column(1, len(columns), 22)
    sheet.freeze_panes(1, 1)
    _print_on_one_width(sheet)
    for line, refusal in enumerate(refused, start=1):
        sheet.set_row(line, _LINE_HEIGHT * (1 + len(refusal.message) // 55))
        sheet.write_string(line, 0, refusal.message[:MAX_CELL], message)
        suspects = headings.columns.get(refusal.field, (refusal.field,))
        for column, (name, text) in enumerate(_cells(columns, refusal), start=1):
            style = marked if name in suspects else plain
            sheet.write_string(line, column, text[:MAX_CELL], style)


def _cells(columns: list[str], refusal: RefusedRow) -> Iterable[tuple[str, str]]:
    if set(refusal.texts) & set(columns):
        return [(column, refusal.texts.get(column, "")) for column in columns]
    # Of a row that is not of the header's width nobody knows which cell is which.
    return [("", text) for text in refusal.texts.values()]
