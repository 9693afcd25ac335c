"""Workbooks as people keep them: titles above, merged cells, dates, errors, several sheets."""

import datetime as dt
import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from ingest.readers.workbook import read_workbook
from ingest.rows import RawTable
from mapping.errors import SourceError

ODS_TABLE = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">
<office:body><office:spreadsheet><table:table table:name="Foglio1">{rows}</table:table>
</office:spreadsheet></office:body></office:document-content>"""


class Drawn:
    """A workbook of one sheet, to be written cell by cell."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "prova.xlsx"
        self.book = xlsxwriter.Workbook(self.path)
        self.sheet = self.book.add_worksheet("Uno")

    def rows(self, *rows: list[object], top: int = 0) -> "Drawn":
        for number, row in enumerate(rows, start=top):
            self.sheet.write_row(number, 0, row)
        return self

    def read(self, sheet: str | None = None) -> RawTable:
        self.book.close()
        return read_workbook(self.path, source_id="prova", sheet=sheet)


@pytest.fixture
def drawn(tmp_path: Path) -> Drawn:
    return Drawn(tmp_path)


def ods(folder: Path, *rows: str) -> RawTable:
    path = folder / "prova.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS_TABLE.format(rows="".join(rows)))
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return read_workbook(path, source_id="prova")


def ods_cell(text: str, attributes: str = "") -> str:
    kind = 'office:value-type="string"'
    return f"<table:table-cell {kind} {attributes}><text:p>{text}</text:p></table:table-cell>"


def ods_row(*cells: str) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def test_the_header_is_found_below_the_titles_and_lines_are_those_of_the_sheet(drawn: Drawn):
    drawn.rows(["Elenco 2026"], [], ["Nome", "Via"], ["Uno", "Via Prova"], [], ["Due", "Via B"])
    table = drawn.read()
    assert table.columns == ["Nome", "Via"]
    assert [(row.line, row.texts["Nome"]) for row in table.rows] == [(4, "Uno"), (6, "Due")]


def test_dates_times_numbers_and_booleans_are_what_people_read(drawn: Drawn):
    day = drawn.book.add_format({"num_format": "dd/mm/yyyy"})
    hour = drawn.book.add_format({"num_format": "hh:mm"})
    drawn.rows(["Nome", "Giorno", "Ora", "CAP", "Lat", "Gratis"])
    drawn.sheet.write_datetime(1, 1, dt.datetime(2026, 3, 1), day)  # noqa: DTZ001 - a sheet has no zones
    drawn.sheet.write_datetime(1, 2, dt.time(9, 30), hour)
    drawn.sheet.write_row(1, 3, [20121, 45.4642, True])
    (row,) = drawn.read().rows
    assert list(row.texts.values()) == ["", "2026-03-01", "09:30", "20121", "45.4642", "sì"]


def test_a_value_merged_down_is_given_to_each_row(drawn: Drawn):
    drawn.rows(["Nome", "Giorno"], ["", "lunedì"], ["", "martedì"], ["Altro", "sabato"])
    drawn.sheet.merge_range(1, 0, 2, 0, "Spazio")
    assert [row.texts["Nome"] for row in drawn.read().rows] == ["Spazio", "Spazio", "Altro"]


def test_a_header_of_two_rows_names_each_column(drawn: Drawn):
    drawn.rows(["", "", ""], ["", "Tel", "Mail"], ["Uno", "02", "a@example.org"])
    drawn.sheet.merge_range(0, 0, 1, 0, "Nome")
    drawn.sheet.merge_range(0, 1, 0, 2, "Contatti")
    table = drawn.read()
    assert table.columns == ["Nome", "Contatti Tel", "Contatti Mail"]
    assert [row.line for row in table.rows] == [3]


def test_columns_of_one_name_are_told_apart_and_one_without_a_name_has_its_letter(drawn: Drawn):
    drawn.rows(["Nome", "Tel", "Tel", "", ""], ["Uno", "1", "2", "", "perso"])
    (row,) = (table := drawn.read()).rows
    assert table.columns == ["Nome", "Tel", "Tel (2)", "colonna E"]
    assert row.texts["colonna E"] == "perso"


def test_a_row_with_an_error_is_quarantined(drawn: Drawn):
    drawn.rows(["Nome", "Posti"], ["Uno", 3], ["Due"])
    drawn.sheet.write_formula(2, 1, "=A1/0", None, "#DIV/0!")
    table = drawn.read()
    (bad,) = table.unreadable
    assert (bad.line, bad.field, bad.code) == (3, "Posti", "cell_error")
    assert bad.raw == {"Nome": "Due", "Posti": ""}
    assert table.rows_in == 2


def test_a_formula_is_its_last_value_and_a_text_that_looks_like_one_stays_text(drawn: Drawn):
    drawn.rows(["Nome", "Somma"])
    drawn.sheet.write_string(1, 0, '=HYPERLINK("http://example.org")')
    drawn.sheet.write_formula(1, 1, "=1+1", None, 2)
    (row,) = drawn.read().rows
    assert row.texts == {"Nome": '=HYPERLINK("http://example.org")', "Somma": "2"}


def test_the_first_visible_sheet_with_a_header_is_read_unless_one_is_named(drawn: Drawn):
    drawn.rows(["Istruzioni"], ["da leggere"])
    drawn.book.add_worksheet("Liste").write_row(0, 0, ["Nascosto", "A"])
    drawn.book.get_worksheet_by_name("Liste").hide()
    drawn.book.add_worksheet("Dati").write_row(0, 0, ["Nome", "Via"])
    assert drawn.read().columns == ["Nome", "Via"]
    assert read_workbook(drawn.path, source_id="p", sheet="Liste").columns == ["Nascosto", "A"]
    with pytest.raises(SourceError, match=r"no sheet 'Tre'\. Use one of: Uno, Liste, Dati"):
        read_workbook(drawn.path, source_id="p", sheet="Tre")


def test_a_sheet_without_a_header_is_refused(drawn: Drawn):
    with pytest.raises(SourceError, match="has no header in its sheets"):
        drawn.rows(["Uno"], [3, 4]).read()


def test_an_ods_gives_merged_cells_and_errors_as_an_xlsx_does(tmp_path: Path):
    tall, wrong = 'table:number-rows-spanned="2"', 'calcext:value-type="error"'
    table = ods(
        tmp_path,
        ods_row(ods_cell("Nome"), ods_cell("Giorno")),
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>',
        ods_row(ods_cell("Spazio", tall), ods_cell("lunedì")),
        ods_row("<table:covered-table-cell/>", ods_cell("martedì")),
        ods_row(ods_cell("Altro"), ods_cell("#REF!", wrong)),
    )
    assert [(row.line, row.texts["Nome"]) for row in table.rows] == [(4, "Spazio"), (5, "Spazio")]
    assert [(bad.line, bad.code) for bad in table.unreadable] == [(6, "cell_error")]


def test_one_stray_cell_in_the_last_corner_is_refused_and_kills_nobody(drawn: Drawn):
    drawn.rows(["Nome", "Via"])
    drawn.sheet.write(1_048_575, 16_383, "x")
    with pytest.raises(SourceError, match=re.escape("prova.xlsx asks for more memory")):
        drawn.read()


def without_values(path: Path) -> None:
    """Take the saved values of formulas away, as programs write them that compute nothing."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w") as book:
        for name, part in parts.items():
            bare = part.replace(b"</f><v>0</v>", b"</f><v/>")
            # A formula may give an empty text: of that one the kind is saved.
            book.writestr(name, bare.replace(b'<c r="B4"', b'<c r="B4" t="str"'))


def test_a_formula_of_which_no_value_was_saved_is_said(drawn: Drawn):
    drawn.rows(["nome", "tel"], ["Uno", "02"], ["Due", "x"], ["Tre", "y"])
    drawn.sheet.write_formula(2, 1, "=A2&A3")
    drawn.sheet.write_formula(3, 1, '=IF(A2="","",A2)')
    drawn.book.close()
    without_values(drawn.path)
    table = read_workbook(drawn.path, source_id="prova")
    assert [row.texts["nome"] for row in table.rows] == ["Uno", "Tre"]
    assert [(row.line, row.field, row.code) for row in table.unreadable] == [(3, "tel", "no_value")]


def test_a_formula_without_a_value_is_said_of_an_ods_too(tmp_path: Path):
    formula = '<table:table-cell table:formula="of:=[.A1]"/>'
    table = ods(
        tmp_path,
        ods_row(ods_cell("nome"), ods_cell("tel")),
        ods_row(ods_cell("Uno"), formula),
        ods_row(ods_cell("Due"), ods_cell("02")),
    )
    assert [row.texts["nome"] for row in table.rows] == ["Due"]
    assert [row.code for row in table.unreadable] == ["no_value"]


def test_days_of_a_workbook_that_counts_from_1904_are_those_days(tmp_path: Path):
    path = tmp_path / "mac.xlsx"
    with xlsxwriter.Workbook(path, {"date_1904": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["nome", "giorno"])
        sheet.write(1, 0, "Uno")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_datetime(1, 1, dt.datetime(2026, 3, 1), day)  # noqa: DTZ001 - a cell
    (row,) = read_workbook(path, source_id="prova").rows
    assert row.texts["giorno"] == "2026-03-01"


def test_rows_that_a_sheet_hides_are_read_and_listed(drawn: Drawn):
    drawn.rows(["Nome", "Via"], ["Uno", "A"], ["Due", "B"], ["Tre", "C"])
    drawn.sheet.set_row(2, None, None, {"hidden": True})
    table = drawn.read()
    assert [row.texts["Nome"] for row in table.rows] == ["Uno", "Due", "Tre"]
    assert table.hidden_rows == (3,)


def test_columns_that_a_sheet_hides_are_read_and_listed(drawn: Drawn):
    drawn.rows(["Nome", "Via", "Stato"], ["Uno", "A", "attivo"])
    drawn.sheet.set_column(2, 2, None, None, {"hidden": True})
    table = drawn.read()
    assert table.rows[0].texts["Stato"] == "attivo"
    assert table.hidden_columns == ("Stato",)


def test_a_column_without_width_is_hidden(drawn: Drawn):
    drawn.rows(["Nome", "Via", "Stato"], ["Uno", "A", "attivo"])
    drawn.sheet.set_column(2, 2, 0)
    drawn.sheet.set_column(1, 1, 10)
    assert drawn.read().hidden_columns == ("Stato",)


def test_a_hidden_sheet_that_is_passed_over_is_listed(tmp_path: Path):
    path = tmp_path / "prova.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, head in (
            ("Vecchi", ["Nome", "Via"]),
            ("Bozza", ["x"]),
            ("Servizi", ["Nome", "Via"]),
        ):
            book.add_worksheet(name).write_row(0, 0, head)
        shown = book.get_worksheet_by_name("Servizi")
        shown.write_row(1, 0, ["Uno", "A"])
        shown.activate()
        shown.set_first_sheet()
        book.get_worksheet_by_name("Vecchi").hide()
        book.get_worksheet_by_name("Bozza").hide()
    assert read_workbook(path, source_id="prova").hidden_sheets == ("Vecchi",)
    assert read_workbook(path, source_id="prova", sheet="Servizi").hidden_sheets == ()


def test_a_cell_that_is_struck_through_sets_its_row_apart(drawn: Drawn):
    drawn.rows(["Nome", "Tel"], ["Uno", "02"], ["Due"], ["Tre", "03"])
    struck = drawn.book.add_format({"font_strikeout": True})
    drawn.sheet.write(2, 1, "04", struck)
    drawn.sheet.write(3, 2, "", struck)
    drawn.sheet.write(1, 0, "Uno", drawn.book.add_format({"bold": True}))
    table = drawn.read()
    assert [row.texts["Nome"] for row in table.rows] == ["Uno", "Tre"]
    assert [(row.line, row.field, row.code) for row in table.unreadable] == [(3, "Tel", "struck")]


def test_a_cell_of_which_a_part_is_struck_through_sets_its_row_apart(drawn: Drawn):
    drawn.rows(["Nome", "Orario"], ["Uno", "lun-ven 9-12"], ["Due", ""])
    struck = drawn.book.add_format({"font_strikeout": True})
    drawn.sheet.write_rich_string(2, 1, struck, "lun-ven 14-18", " sab 10-12")
    table = drawn.read()
    assert [(row.line, row.field, row.code) for row in table.unreadable] == [
        (3, "Orario", "struck")
    ]


def test_an_ods_says_which_rows_it_hides_and_which_cells_are_struck_through(tmp_path: Path):
    style = (
        '<office:automatic-styles xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0">'
        '<style:style style:name="ce1" style:family="table-cell">'
        '<style:text-properties style:text-line-through-style="solid"/></style:style>'
        '<style:style style:name="ce2" style:family="table-cell">'
        '<style:text-properties style:text-line-through-style="none"/></style:style>'
        "</office:automatic-styles><office:body>"
    )
    path = tmp_path / "prova.ods"
    rows = [
        "<table:table-column/>",
        '<table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>',
        ods_row(ods_cell("nome"), ods_cell("tel")),
        ods_row(ods_cell("Uno", 'table:style-name="ce2"'), ods_cell("02")),
        ods_row(ods_cell("Due", 'table:style-name="ce1"'), ods_cell("03")),
        '<table:table-row table:visibility="filter" table:number-rows-repeated="2">'
        f"{ods_cell('Tre')}{ods_cell('04')}</table:table-row>",
    ]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        content = ODS_TABLE.format(rows="".join(rows)).replace("<office:body>", style)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    table = read_workbook(path, source_id="prova")
    assert [row.texts["nome"] for row in table.rows] == ["Uno", "Tre", "Tre"]
    assert [(row.line, row.code) for row in table.unreadable] == [(3, "struck")]
    assert table.hidden_rows == (4, 5)
    assert table.hidden_columns == ("tel",)
