"""Workbooks as programs save them, where readers of spreadsheets were reported wrong."""

import datetime as dt
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from ingest.readers.workbook import read_workbook
from mapping.errors import SourceError
from tests.ingest.readers.test_workbook import ODS_TABLE, ods_cell
from tests.reported.kind import Kind

REFUSED = None
HEAD = ["nome", "via", "altro"]


def ods(*paragraphs: str) -> Callable[[Path], Path]:
    """Draw an ODS whose second row begins with a cell of these paragraphs."""
    kind = 'office:value-type="string"'
    cell = f"<table:table-cell {kind}>{''.join(paragraphs)}</table:table-cell>"
    head = "".join(map(ods_cell, HEAD))
    rows = (head, f"{cell}{ods_cell('via A')}{ods_cell('x')}")
    drawn = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)

    def write(folder: Path) -> Path:
        path = folder / "prova.ods"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("content.xml", ODS_TABLE.format(rows=drawn))
            archive.writestr("META-INF/manifest.xml", "<manifest/>")
        return path

    return write


def xlsx(
    draw: Callable[[xlsxwriter.Workbook, Worksheet], object], *, raw: bytes = b"", **options: bool
) -> Callable[[Path], Path]:
    """Draw an XLSX; `raw` stands for its cell A2 as other programs write it."""

    def write(folder: Path) -> Path:
        path = folder / "prova.xlsx"
        book = xlsxwriter.Workbook(path, options)
        sheet = book.add_worksheet("Uno")
        if draw is not merged_title:
            sheet.write_row(0, 0, HEAD)
        draw(book, sheet)
        book.close()
        return with_cell(path, raw) if raw else path

    return write


def with_cell(path: Path, raw: bytes) -> Path:
    other = path.with_name("altra.xlsx")
    with zipfile.ZipFile(path) as book, zipfile.ZipFile(other, "w") as copy:
        for name in book.namelist():
            part = book.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = re.sub(rb'<c r="A2"[^>]*>.*?</c>', raw, part)
            copy.writestr(name, part)
    return other


def html(folder: Path) -> Path:
    path = folder / "prova.xls"
    path.write_text("<html><table><tr><td>nome</td><td>via</td></tr></table></html>")
    return path


def row(*cells: object) -> Callable[[xlsxwriter.Workbook, Worksheet], object]:
    return lambda _book, sheet: sheet.write_row(1, 0, cells)


def clock(moment: dt.time | dt.date, form: str) -> Callable[..., object]:
    def draw(book: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.write_datetime(1, 0, moment, book.add_format({"num_format": form}))
        sheet.write_row(1, 1, ["via A", "x"])

    return draw


def merged_title(_book: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    sheet.merge_range(0, 0, 0, 2, "ELENCO")
    sheet.write_row(1, 0, HEAD)
    sheet.write_row(2, 0, ["A", "via A", "x"])


def rich(book: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    bold = book.add_format({"bold": True})
    sheet.write_rich_string(1, 0, bold, "Casa ", "di ", bold, "Prova")
    sheet.write_row(1, 1, ["via A", "x"])


PART = b'<r><t xml:space="preserve">Casa</t></r><r><t xml:space="preserve"> di Prova</t></r>'
KINDS = [
    Kind("eea/odfpy#114", "a line end inside a paragraph of an ODS",
         ods("<text:p>tel 02<text:line-break/>fax 03</text:p>"), "tel 02\nfax 03"),
    Kind("pandas-dev/pandas#55728", "a paragraph for each line of a cell of an ODS",
         ods("<text:p>tel 02</text:p>", "<text:p>fax 03</text:p>"), "tel 02\nfax 03"),
    Kind("pyexcel/pyexcel-ods#41", "a line end inside a formatted part of an ODS",
         ods("<text:p><text:span>a<text:line-break/>b</text:span></text:p>"), "a\nb"),
    Kind("pandas-dev/pandas#32207", "blanks that an ODS counts",
         ods('<text:p>a<text:s text:c="3"/>b<text:tab/>c</text:p>'), "a   b\tc"),
    Kind("box/spout#779", "a text in several parts, inside its cell",
         xlsx(row("A", "via A", "x"), raw=b'<c r="A2" t="inlineStr"><is>' + PART + b"</is></c>"),
         "Casa di Prova"),
    Kind("productdevbook/hucre#3", "a text of which words are bold", xlsx(rich), "Casa di Prova"),
    Kind("productdevbook/hucre#3", "a carriage return written out in XML",
         xlsx(row("A", "via A", "x"),
              raw=b'<c r="A2" t="inlineStr"><is><t>a_x000D_&#10;b</t></is></c>'), "a\r\nb"),
    Kind("productdevbook/hucre#3", "empty rows between the rows",
         xlsx(lambda _book, sheet: sheet.write_row(40, 0, ["A", "via A", "x"])), "A"),
    Kind("ycphs/openxlsx#112", "a text that is not in the common table of texts",
         xlsx(row("A", "via A", "x"), raw=b'<c r="A2" t="inlineStr"><is><t>A</t></is></c>'), "A"),
    Kind("pyexcel/pyexcel-xlsx#23", "midnight", xlsx(clock(dt.time(0, 0), "hh:mm")), "00:00"),
    Kind("dimastbk/python-calamine#35", "a time in a workbook that counts from 1904",
         xlsx(clock(dt.time(9, 30), "hh:mm"), date_1904=True), "09:30"),
    Kind("catamphetamine/read-excel-file#3", "a date in a workbook that counts from 1904",
         xlsx(clock(dt.date(2018, 5, 5), "dd/mm/yyyy"), date_1904=True), "2018-05-05"),
    Kind("SheetJS/sheetjs#1764", "numbers in a text, which are no date",
         xlsx(row("Torre 1,2,3", "via A", "x")), "Torre 1,2,3"),
    Kind("tidyverse/readxl#383", "a title merged over all columns", xlsx(merged_title), "A"),
    Kind("dimastbk/python-calamine#150", "a page of the web that is called .xls", html, REFUSED),
    Kind("nightscape/spark-excel#321", "a number of eleven digits",
         xlsx(row(97056220155, "via A", "x")), "97056220155"),
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_cell_is_read_as_it_is_shown(tmp_path: Path, kind: Kind) -> None:
    path = kind.example(tmp_path)
    if kind.right is REFUSED:
        with pytest.raises(SourceError, match="is not a workbook"):
            read_workbook(path, source_id="prova")
        return
    (only,) = read_workbook(path, source_id="prova").rows
    assert (only.texts["nome"], only.texts["via"]) == (kind.right, "via A")
