"""Reads workbooks (XLSX, XLSM, XLS, ODS) as data; nothing in them is run or computed."""

import json
import re
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.named_rows import signed
from ingest.passages import Aside, Passage, SideRow, SideTable
from ingest.rows import MAX_CELLS, MAX_COLUMNS, RawRow, RawTable, bounded, distinct
from ingest.zip_files import check_archive
from mapping.catalogue.batches import QuarantinedRow
from mapping.errors import SourceError

MAX_BYTES = 200 * 2**20
READ_SECONDS = 120
HEADER_ROWS = 3
"""A header merged over more rows than this is taken for a drawn table."""
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_CELL = re.compile(r"cella ([A-Z]{1,3})[0-9]+")
_PROGRAM = "ingest.readers.workbook_process"
_Range = tuple[tuple[int, int], tuple[int, int]]


def read_workbook(path: Path, *, source_id: str, sheet: str | None = None) -> RawTable:
    """Read one sheet of a workbook; without a name, the first visible one with a header.

    The header is the first row with two texts. A value merged down several rows is given to each of
    them, one merged across the header to each of its columns; a header of two rows, such as
    "Contatti" above "Tel", gives "Contatti Tel". A column that has data and no header is called by
    its letter, "colonna C". A row with an error (``#REF!``) or a cell that is struck through is
    quarantined; rows and columns that the sheet hides are read as the others, and listed, as are
    hidden sheets with a header that were passed over. An XLS marks no rows. What speaks of a
    confidential place in the name of the sheet, above the header, in a row alone, a comment, a
    drawing, the name of a range, the head or foot of a page, the properties of the file or a sheet
    of notes is a sign over its rows; so is a code of theirs
    of which a legend says so. In an XLS any text that is in no cell is of all rows.

    Rows have the number that the sheet shows. Dates and times are ISO texts, numbers have no
    needless ".0", booleans are "sì" and "no", and a formula is the value last computed. Raises
    SourceError when it is no workbook, damaged, locked, too large, or has no such sheet or header.
    """
    sheet_facts, grid = _ask(path, _kind(path), sheet or "")
    merged = [(tuple(first), tuple(last)) for first, last in sheet_facts["merged"]]
    bottom = _header_bottom(sheet_facts["header"], merged)
    _fill_down(grid, merged)
    header = _header(grid, range(sheet_facts["header"], bottom + 1), merged)
    records = {line: cells for line, cells in grid.items() if line > bottom}
    columns = _columns(header, records)
    last = max(records, default=0)
    ranges = (range(low, min(high, last) + 1) for low, high in sheet_facts["hidden"])
    shown_not = sorted(line + 1 for rows in ranges for line in rows if line in records)
    table = RawTable(
        list(columns.values()),
        [],
        hidden_rows=tuple(shown_not),
        hidden_columns=tuple(
            name
            for column, name in columns.items()
            if any(low <= column <= high for low, high in sheet_facts["hidden_columns"])
        ),
        hidden_sheets=tuple(sheet_facts["passed_over"]),
    )
    wrong = _wrong_cells(sheet_facts, columns, records)
    for line, cells in records.items():
        texts = {name: cells[column] for column, name in columns.items()}
        if line not in wrong:
            table.rows.append(RawRow(line + 1, texts))
        else:
            table.unreadable.append(_bad(source_id, line + 1, *wrong[line], texts))
    rows = {line + 1: [cells[column] for column in columns] for line, cells in records.items()}
    table = signed(table, rows, _aside(sheet_facts, columns, records))
    return bounded(table, name=path.name, source_id=source_id)


def _wrong_cells(
    sheet_facts: dict[str, Any], columns: dict[int, str], records: dict[int, list[str]]
) -> dict[int, tuple[str, str]]:
    """Give of each row that is set apart the column for which it is, and the code of why."""
    wrong: dict[int, tuple[str, str]] = {}
    for name, code in (("errors", "cell_error"), ("uncomputed", "no_value"), ("struck", "struck")):
        for line, column in sheet_facts[name]:
            is_empty = code == "struck" and not records.get(line, {column: ""})[column].strip()
            if column in columns and not is_empty:
                wrong.setdefault(line, (columns[column], code))
    return wrong


def _aside(
    sheet_facts: dict[str, Any], columns: dict[int, str], records: dict[int, list[str]]
) -> Aside:
    """Give what a workbook says beside the rows: of some of them, of all, in other sheets."""
    title = sheet_facts["sheet"]
    aside = Aside([Passage(title, "nome del foglio")])
    for first, last, place, text in sheet_facts["beside"]:
        passage = Passage(text, "accanto alle celle o nelle proprietà del file", place)
        near = range(first, min(last, max(records, default=0)) + 1)
        lines = [line for line in near if line in records]
        column = _column_of(place) if first == last == sheet_facts["header"] else None
        if column in columns:
            lines = [line for line, cells in records.items() if cells[column].strip()]
        for line in lines:
            aside.of_rows.setdefault(line + 1, []).append(replace(passage, place=""))
        aside.passages += [] if lines else [passage]
    above = [SideRow(cells, f"foglio «{sheet}», riga {line + 1}")
             for sheet, line, cells in sheet_facts["above"]]  # fmt: skip
    aside.tables.append(SideTable("", above, is_note=True))
    for name, rows in sheet_facts["others"]:
        aside.add(_other_sheet(name, rows, sheet_facts["of_sheets"].get(name, [])))
    return aside


def _other_sheet(name: str, rows: list[tuple[int, list[str]]], beside: list[Any]) -> Aside:
    """Give the rows of another sheet, with what stands beside them; the rest is of its list."""
    part = f"foglio «{name}»"
    near: dict[int, list[str]] = {}
    for line, _, _, text in beside:
        near.setdefault(line, []).append(text)
    sides = [SideRow([*cells, *near.pop(line, ())], f"riga {line + 1}") for line, cells in rows]
    side = SideTable(part, sides, name=name)
    left = [] if side.is_list else [text for texts in near.values() for text in texts]
    return Aside([Passage(text, part) for text in left], tables=[side])


def _column_of(place: str) -> int | None:
    match = _CELL.fullmatch(place)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def _kind(path: Path) -> str:
    if path.stat().st_size > MAX_BYTES:
        raise SourceError(f"{path.name} is larger than {MAX_BYTES >> 20} MB. Give a part of it.")
    with path.open("rb") as file:
        magic = file.read(len(_OLE))
    if zipfile.is_zipfile(path):
        names = check_archive(path)
        if "xl/workbook.xml" in names:
            return "xlsx"
        if "content.xml" in names:
            return "ods"
    elif magic == _OLE:
        # An XLSX with a password is one of these, with the real one inside.
        return "xlsx" if _LOCKED in path.read_bytes() else "xls"
    raise SourceError(f"{path.name} is not a workbook. Give an XLSX, XLSM, XLS or ODS.")


def _ask(path: Path, kind: str, sheet: str) -> tuple[dict[str, Any], dict[int, list[str]]]:
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as output:
        # The library goes by the suffix, which may lie.
        book = Path(folder) / f"book.{kind}"
        book.symlink_to(path.absolute())
        limits = str(MAX_COLUMNS), str(MAX_CELLS)
        try:
            subprocess.run(  # noqa: S603 - our own program
                [sys.executable, "-I", "-m", _PROGRAM, str(book), sheet, *limits],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                timeout=READ_SECONDS,
                check=True,
            )
        except subprocess.SubprocessError as error:
            raise SourceError(
                f"{path.name} asks for more memory or time than a workbook may. Delete what lies"
                " far from the table, or give a CSV."
            ) from error
        output.seek(0)
        head = json.loads(output.readline())
        if "refused" in head:
            # Names of sheets are the file's own: a line end in one would make two lines of this.
            detail = "".join(filter(str.isprintable, head.get("detail", "")))
            raise SourceError(f"{path.name} {head['refused']}", detail=detail)
        return head, dict(map(json.loads, output))


def _header_bottom(top: int, merged: list[_Range]) -> int:
    bottoms = (last[0] for first, last in merged if first[0] == top)
    return max((bottom for bottom in bottoms if bottom < top + HEADER_ROWS), default=top)


def _fill_down(grid: dict[int, list[str]], merged: list[_Range]) -> None:
    end = max(grid)
    for (top, column), (bottom, _) in merged:
        value = grid[top][column] if top in grid else ""
        for line in range(top + 1, min(bottom, end) + 1):
            if line in grid:
                grid[line][column] = value


def _header(grid: dict[int, list[str]], lines: range, merged: list[_Range]) -> list[str]:
    parts = [[" ".join(cell.split()) for cell in grid[line]] for line in lines if line in grid]
    for (top, left), (_, right) in merged:
        if top in lines and top in grid:
            row = parts[top - lines.start]
            row[left : right + 1] = [row[left]] * len(row[left : right + 1])
    return [" ".join(dict.fromkeys(filter(None, column))) for column in zip(*parts, strict=True)]


def _columns(header: list[str], records: dict[int, list[str]]) -> dict[int, str]:
    named = {
        column: name or f"colonna {_letters(column)}"
        for column, name in enumerate(header)
        if name or any(cells[column] for cells in records.values())
    }
    return dict(zip(named, distinct(list(named.values())), strict=True))


def _letters(column: int) -> str:
    before, letter = divmod(column, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + letter)


_MESSAGES = {
    "cell_error": "The cell has an error, such as #REF!. Mend its formula, or write the value.",
    "struck": "The cell is struck through: nobody knows whether it still holds. Delete it, or take"
    " the line away.",
    "no_value": "The cell has a formula of which no value was saved. Open the file in a spreadsheet"
    " and save it, or write the value.",
}


def _bad(source_id: str, line: int, name: str, code: str, texts: dict[str, str]) -> QuarantinedRow:
    return QuarantinedRow(
        source_id=source_id,
        line=line,
        field=name,
        code=code,
        message=_MESSAGES[code],
        raw=texts,
    )
