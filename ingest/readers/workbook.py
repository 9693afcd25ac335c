"""Workbooks of spreadsheets: XLSX, XLS and ODS, as people keep them."""

import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetVisibleEnum,
)

from ingest.rows import RawRow, RawTable
from mapping.catalogue import QuarantinedRow
from mapping.errors import SourceError

HEADER_WITHIN = 30
"""Titles and notes may stand above the header; it is among the first rows of this many."""
_ERROR = re.compile(r"#(REF|DIV/0|VALUE|NAME|N/A|NULL|NUM|RIF|VALORE|NOME|N/D|NULLO)[!?]?")


def read_workbook(path: Path, *, source_id: str, sheet: str | None = None) -> RawTable:
    """Read one sheet of a workbook; the values of formulas are read, never computed.

    Parameters
    ----------
    path : Path
        An XLSX, XLS or ODS file.
    source_id : str
        Named in the quarantined rows.
    sheet : str, optional
        Its name; the first one that is not hidden when left out.

    Returns
    -------
    RawTable
        The rows that hold something, each with its number in the sheet; dates are ISO.

    Raises
    ------
    SourceError
        When the file is no workbook, or has no such sheet, or the sheet no header.
    """
    try:
        page = _sheet(CalamineWorkbook.from_path(path), path, sheet)
        cells = [[_text(cell) for cell in row] for row in page.to_python(skip_empty_area=False)]
    except CalamineError as error:
        raise SourceError(f"{path.name} is no workbook that can be read: {error}.") from error
    _spread_merged(cells, page)
    top = _header(cells)
    if top is None:
        raise SourceError(f"{path.name} has no header. Give every column a heading in one row.")
    header = _distinct(cells[top])
    table = RawTable([name for name in header if name], [])
    for line, row in enumerate(cells[top + 1 :], start=top + 2):
        texts = {name: text for name, text in zip(header, row, strict=True) if name}
        _keep(table, line, texts, source_id)
    return table


def _sheet(book: CalamineWorkbook, path: Path, name: str | None) -> CalamineSheet:
    visible = [one.name for one in book.sheets_metadata if one.visible == SheetVisibleEnum.Visible]
    if not visible or name not in (None, *book.sheet_names):
        held = ", ".join(visible) or "none"
        raise SourceError(f"{path.name} has no sheet '{name or ''}'. Use one of: {held}.")
    return book.get_sheet_by_name(name or visible[0])


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    if isinstance(cell, date | timedelta | bool | int | float):
        return str(cell)
    return str(cell).strip()


def _spread_merged(cells: list[list[str]], page: CalamineSheet) -> None:
    for (first_row, first), (last_row, last) in page.merged_cell_ranges or ():
        # A title above the table is merged over columns; a shared value over rows.
        if first == last and last_row < len(cells):
            for row in range(first_row + 1, last_row + 1):
                cells[row][first] = cells[first_row][first]


def _header(cells: list[list[str]]) -> int | None:
    """Find the first row that is about as full as the fullest: titles fill a cell or two."""
    full = [sum(map(bool, row)) for row in cells[:HEADER_WITHIN]]
    enough = max(2, max(full, default=0) / 2)
    return next((row for row, count in enumerate(full) if count >= enough), None)


def _distinct(names: list[str]) -> list[str]:
    # Of two columns with one heading the second has its number behind, and none is lost.
    found: dict[str, int] = {}
    distinct = []
    for name in names:
        found[name] = found.get(name, 0) + 1
        distinct.append(f"{name} {found[name]}" if name and found[name] > 1 else name)
    return distinct


def _keep(table: RawTable, line: int, texts: dict[str, str], source_id: str) -> None:
    if not any(texts.values()):
        return
    broken = next((name for name, text in texts.items() if _ERROR.fullmatch(text)), None)
    if broken is None:
        table.rows.append(RawRow(line, texts))
        return
    table.unreadable.append(
        QuarantinedRow(
            source_id=source_id,
            line=line,
            field=broken,
            code="cell_error",
            message=f"'{broken}' holds the error {texts[broken]}. Mend its formula.",
            raw=texts,
        )
    )
