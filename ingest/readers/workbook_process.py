"""Prints one sheet of a workbook as lines of JSON: a program, run in a process of its own.

The library gives every cell between the first and the last a place in memory: one stray cell in the
last column of the last row asks for 500 GB, and takes its process with it. Here the memory is
bounded, and what dies is only this process.
"""

import datetime as dt
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from itertools import chain, islice
from typing import IO
from xml.parsers import expat

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from ingest.allowance import BeyondAllowanceError
from ingest.byte_words import words_in
from ingest.ods_parts import ods_marks
from ingest.workbook_parts import (
    ALL_ROWS,
    PAGE_CODE,
    WORD,
    Beside,
    Marks,
    Place,
    RefusedError,
    texts_of,
    xlsx_marks,
)

MEMORY_BYTES = 2**30
MAX_TEXT = 50_000_000
_TITLE_ROWS = 200
"""So many rows above a header, and of sheets before it, are read as titles."""
HEADER_TEXTS = 2
"""A row with as many texts is the header; what stands above it is a title."""
_CONTENT = "content.xml"
_OF_PROGRAMS = ("settings.xml", "META-INF/manifest.xml", "manifest.rdf")
"""What a program keeps of its windows and of its files, with the names of sheets."""
_ODS_SIGNS = re.compile(rb"<\w+:(line-break|tab)\s*(?:/>|></\w+:(?:line-break|tab)>)")
Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta
_RUN = r"[ -~\xc0-\xff]"
_NOT_IN_RUNS = re.compile(r"[^ -~\xc0-\xff]")
_LENGTH_SIGNS = 2
"""So many letters at either end of a text in an XLS may be a part of its length."""
_RUNS = re.compile(rf"(?:{_RUN}\0){{5,}}|{_RUN}{{5,}}".encode("latin-1"))


def main(path: str, wanted: str, columns: int, cells: int) -> None:
    """Print what a sheet is, then each row from its header on: the number, and the texts.

    Without a wanted name it is the first visible sheet that has a header; `columns` and `cells` are
    the most that it may have.
    """
    _bound_memory()
    try:
        path = _with_line_ends(path)
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib doubles what this process imports
            book = CalamineWorkbook.from_path(path)
            sheet, header = _chosen(book, wanted)
            _check_size(sheet, columns, cells)
            others = _others(book, sheet)
            marks = _marks(file, book, sheet.name)
        marks.merged.extend(sheet.merged_cell_ranges or [])
        _check_merged(marks.merged, sheet.end or (0, 0), cells)
        above = _above(book, sheet, header, wanted)
        beside = chain(marks.beside, *marks.of_sheets.values())
        _check_letters(sum(len(text) for *_, text in beside))
        passed = [] if wanted else _hidden_before(book, sheet.name)
        facts = {"sheet": sheet.name, "header": header, "above": above, "others": others}
        _say({**facts, "passed_over": passed, **marks.__dict__})
        _say_rows(sheet, header)
    except RefusedError as error:
        _say({"refused": error.args[0], "detail": " ".join(error.args[1:])})
    except BeyondAllowanceError:
        _say({"refused": "has files packed in it that are too large. Take them out."})
    except PasswordError:
        _say({"refused": "is locked by a password. Save a copy without one."})
    except (CalamineError, expat.ExpatError, zipfile.BadZipFile, KeyError, ValueError) as error:
        remedy = "cannot be read. Open it and save it anew as XLSX."
        _say({"refused": remedy, "detail": f"It was said: {error}."})


def _bound_memory() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    memory = MEMORY_BYTES if most == resource.RLIM_INFINITY else min(MEMORY_BYTES, most)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _with_line_ends(path: str) -> str:
    """Write line ends and tabs of an ODS, which the library leaves out, as the letters they are."""
    if not path.endswith(".ods"):
        return path
    with zipfile.ZipFile(path) as book:
        content = book.read(_CONTENT)
        if not _ODS_SIGNS.search(content):
            return path
        written = f"{path.removesuffix('.ods')}-written.ods"
        letters = {b"line-break": b"&#10;", b"tab": b"&#9;"}
        with zipfile.ZipFile(written, "w") as copy:
            for name in book.namelist():
                part = book.read(name)
                if name == _CONTENT:
                    part = _ODS_SIGNS.sub(lambda sign: letters[sign[1]], part)
                copy.writestr(name, part)
    return written


def _say(record: object) -> None:
    sys.stdout.write(json.dumps(record) + "\n")


def _say_rows(sheet: CalamineSheet, header: int) -> None:
    letters = 0
    for number, row in _rows(sheet):
        texts = [text(cell) for cell in row]
        letters += sum(map(len, texts))
        _check_letters(letters)
        if number >= header and any(texts):
            _say([number, texts])


def _check_letters(letters: int) -> None:
    if letters > MAX_TEXT:
        raise RefusedError(f"holds more than {MAX_TEXT // 10**6} MB of text. Give a part of it.")


def _above(
    book: CalamineWorkbook, sheet: CalamineSheet, header: int, wanted: str
) -> list[tuple[str, int, list[str]]]:
    """Give each row above the header, and those of covers: sheets passed over on the way to it."""
    before = [] if wanted else book.sheets_metadata[: book.sheet_names.index(sheet.name)]
    shown = (book.get_sheet_by_name(listed.name) for listed in before if _is_shown(listed))
    covers = ((cover.name, number, row) for cover in shown for number, row in _rows(cover))
    titles = ((sheet.name, number, row) for number, row in _rows(sheet) if number < header)
    lines = ((name, number, [*map(text, row)]) for name, number, row in chain(covers, titles))
    return [line for line in islice(lines, _TITLE_ROWS) if any(line[2])]


def _others(
    book: CalamineWorkbook, sheet: CalamineSheet
) -> list[tuple[str, list[tuple[int, list[str]]]]]:
    """Give the filled rows of every other sheet, hidden or not: notes, legends, other lists."""
    names = [listed.name for listed in book.sheets_metadata if _has_cells(listed)]
    sheets: list[tuple[str, list[tuple[int, list[str]]]]] = []
    letters = 0
    for other in (book.get_sheet_by_name(name) for name in names if name != sheet.name):
        rows = []
        for number, row in _rows(other):
            texts = [text(cell) for cell in row]
            letters += sum(map(len, texts))
            _check_letters(letters)
            if any(texts):
                rows.append((number, texts))
        sheets.append((other.name, rows))
    return sheets


def _has_cells(listed: SheetMetadata) -> bool:
    return listed.typ == SheetTypeEnum.WorkSheet


def _chosen(book: CalamineWorkbook, wanted: str) -> tuple[CalamineSheet, int]:
    if wanted and wanted not in book.sheet_names:
        names = ", ".join(book.sheet_names)
        raise RefusedError(f"has no sheet '{wanted}'.", f"Use one of: {names}.")
    for listed in book.sheets_metadata:
        if listed.name == wanted or (_is_shown(listed) and not wanted):
            sheet = book.get_sheet_by_name(listed.name)
            header = next((number for number, row in _rows(sheet) if _is_header(row)), None)
            if header is not None:
                return sheet, header
    where = f"sheet '{wanted}'" if wanted else "sheets"
    raise RefusedError(
        f"has no header in its {where}: a row with at least {HEADER_TEXTS} texts. Add one."
    )


def _hidden_before(book: CalamineWorkbook, chosen: str) -> list[str]:
    """Name the hidden sheets with a header that stand before the one that is read."""
    before = book.sheets_metadata[: book.sheet_names.index(chosen)]
    hidden = (listed.name for listed in before if _has_cells(listed) and not _is_shown(listed))
    rows = ((name, book.get_sheet_by_name(name)) for name in hidden)
    return [name for name, sheet in rows if any(_is_header(row) for _, row in _rows(sheet))]


def _is_shown(listed: SheetMetadata) -> bool:
    return listed.visible == SheetVisibleEnum.Visible and _has_cells(listed)


def _is_header(row: list[Cell]) -> bool:
    return sum(isinstance(cell, str) and bool(cell.strip()) for cell in row) >= HEADER_TEXTS


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[Cell]]]:
    # The library leaves out the empty columns on the left, but not the empty rows above.
    left: list[Cell] = [""] * (sheet.start[1] if sheet.start else 0)
    for number, row in enumerate(sheet.iter_rows()):
        yield number, left + row


def _check_size(sheet: CalamineSheet, columns: int, cells: int) -> None:
    last = sheet.end or (0, 0)
    if last[1] >= columns:
        raise RefusedError(f"has {last[1] + 1} columns, more than {columns}. Give a part of it.")
    if (last[0] + 1) * (last[1] + 1) > cells:
        raise RefusedError(
            f"has {last[0] + 1} rows of {last[1] + 1} columns, more than {cells} cells."
            " Give a part of it, or a CSV."
        )


def _check_merged(merged: list[tuple[Place, Place]], end: Place, cells: int) -> None:
    heights = sum(max(0, min(last[0], end[0]) - first[0]) for first, last in merged)
    if heights > cells:
        raise RefusedError("has merged cells that lie over one another. Split them.")


def text(cell: Cell) -> str:
    """Write a cell as people would: ``2026-03-01``, ``09:30``, ``20121``, ``sì``."""
    if isinstance(cell, bool):
        return "sì" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    if isinstance(cell, (dt.datetime, dt.time)):
        return cell.isoformat(timespec="auto" if cell.second or cell.microsecond else "minutes")
    return str(cell)


def _marks(file: IO[bytes], book: CalamineWorkbook, sheet: str) -> Marks:
    file.seek(0)
    index = book.sheet_names.index(sheet)
    if not zipfile.is_zipfile(file):
        return Marks(beside=_texts_of_xls(file, book))
    with zipfile.ZipFile(file) as parts:
        if _CONTENT not in parts.namelist():
            return xlsx_marks(parts, index, sheet)
        marks = ods_marks(parts.open(_CONTENT), index, sheet)
        for name in parts.namelist():
            if name.endswith(".xml") and name not in (_CONTENT, *_OF_PROGRAMS):
                # A page style has the name of some sheet.
                marks.beside += texts_of(parts.open(name), attributes=name != "styles.xml")
            elif not name.endswith((".xml", "/", "mimetype")):
                texts = words_in(parts.read(name))
                marks.beside += [(ALL_ROWS, ALL_ROWS, name, words) for words in texts]
        return marks


def _texts_of_xls(file: IO[bytes], book: CalamineWorkbook) -> list[Beside]:
    """Give the texts of an XLS that no cell of any sheet has: comments, boxes, its properties."""
    file.seek(0)
    sheets = map(book.get_sheet_by_name, book.sheet_names)
    cells = (text(cell) for sheet in sheets for _, row in _rows(sheet) for cell in row)
    texts = chain(cells, book.sheet_names)
    known = {part for words in texts for part in _NOT_IN_RUNS.split(words)}
    runs = {run.replace(b"\0", b"").decode("latin-1") for run in _RUNS.findall(file.read())}
    beside = [run for run in sorted(runs) if WORD.search(run) and known.isdisjoint(_cuts(run))]
    return [
        (ALL_ROWS, ALL_ROWS, "", words)
        for run in beside
        for words in dict.fromkeys([run, PAGE_CODE.sub(" ", run)])
    ]


def _cuts(run: str) -> set[str]:
    """Give a run without signs at its ends: the length of a text may look like letters."""
    ends = range(_LENGTH_SIGNS + 1)
    return {run[first : len(run) - last] for first in ends for last in ends}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
