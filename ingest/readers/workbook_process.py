"""Prints one sheet of a workbook as lines of JSON: a program, run in a process of its own.

The library gives every cell between the first and the last a place in memory: one stray cell in the
last column of the last row asks for 500 GB, and takes its process with it. Here the memory is
bounded, and what dies is only this process.
"""

import datetime as dt
import io
import json
import posixpath
import re
import resource
import sys
import zipfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from html import unescape
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

MEMORY_BYTES = 2**30
MAX_TEXT = 50_000_000
_TITLE_ROWS = 200
"""So many rows above a header, and of sheets before it, are read as titles."""
HEADER_TEXTS = 2
"""A row with as many texts is the header; what stands above it is a title."""
_CALC_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
_UNCOMPUTED = re.compile(
    rb"<(?:x:)?c\b([^<>]*)>\s*<(?:x:)?f\b(?:[^<>]*/>|[^<>]*>[^<]*</(?:x:)?f>)\s*"
    rb"(?:<(?:x:)?v\s*/>|<(?:x:)?v>\s*</(?:x:)?v>)?\s*</(?:x:)?c>"
)
_ROW, _CELL = re.compile(rb"<(?:x:)?row\b([^<>]*)>"), re.compile(rb"<(?:x:)?c\b([^<>]*[^<>/])>")
_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_STYLES = "xl/styles.xml"
_STRIKE = re.compile(rb"""<(?:x:)?strike(?!\s+val=["'](?:0|false)["'])[\s/>]""")
_FONTS = re.compile(rb"<(?:x:)?fonts\b[^<>]*>(.*?)</(?:x:)?fonts>", re.DOTALL)
_FONT = re.compile(rb"<(?:x:)?font\b(?:[^<>]*/>|.*?</(?:x:)?font>)", re.DOTALL)
_CELL_STYLES = re.compile(rb"<(?:x:)?cellXfs\b[^<>]*>(.*?)</(?:x:)?cellXfs>", re.DOTALL)
_FONT_ID = re.compile(rb"""<(?:x:)?xf\b[^<>]*\bfontId=["'](\d+)["']""")
_STYLE = re.compile(rb"""\bs=["'](\d+)["']""")
_CONTENT = "content.xml"
_ODS_SIGNS = re.compile(rb"<\w+:(line-break|tab)\s*(?:/>|></\w+:(?:line-break|tab)>)")
_TYPE, _REFERENCE = re.compile(rb"""\bt=["'](\w+)["']"""), re.compile(rb"""\br=["'](\w+)["']""")
Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta
Place = tuple[int, int]
Started = Callable[[str, dict[str, str]], None]
Read = Callable[[str], None]
_PAGE_ENDS = re.compile(rb"<(?:x:)?(?:odd|even|first)(?:Header|Footer)>([^<]*)<")
_PAGE_CODE = re.compile(r'&(?:"[^"]*"|[0-9]+|K[0-9A-F]{6}|[A-Z])')
"""A font, a size, a colour, a place or a field, in the head or foot of a page."""
_PROPERTIES = ("title", "subject", "description", "keywords", "keyword", "category")
_BESIDE_CELLS = ("annotation", "frame", "custom-shape")
"""What an ODS keeps at a cell or over the sheet: comments, boxes, drawings."""
_ALL_ROWS = -1
"""The row of a comment that is of no row."""


class RefusedError(Exception):
    """What is wrong with a workbook and the remedy, without its name; then the detail."""


@dataclass
class Marks:
    """What the library does not give of a sheet; rows and columns count from 0."""

    merged: list[tuple[Place, Place]] = field(default_factory=list)
    errors: list[Place] = field(default_factory=list)
    uncomputed: list[Place] = field(default_factory=list)
    """Formulas of which no value was saved, as programs write them that compute nothing."""
    hidden: list[tuple[int, int]] = field(default_factory=list)
    """The first and the last of rows that the sheet does not show."""
    struck: list[Place] = field(default_factory=list)
    """Cells whose text is struck through."""
    comments: list[tuple[int, str]] = field(default_factory=list)
    """What is said beside the cells, by row: comments, drawings, properties of the file."""


def main(path: str, wanted: str, columns: int, cells: int) -> None:
    """Print what a sheet is, then each row from its header on: the number, and the texts.

    Without a wanted name it is the first visible sheet that has a header; `columns` and `cells` are
    the most that it may have.
    """
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    memory = MEMORY_BYTES if most == resource.RLIM_INFINITY else min(MEMORY_BYTES, most)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    try:
        path = _with_line_ends(path)
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib doubles what this process imports
            book = CalamineWorkbook.from_path(path)
            sheet, header = _chosen(book, wanted)
            _check_size(sheet, columns, cells)
            marks = _marks(file, book.sheet_names.index(sheet.name))
        marks.merged.extend(sheet.merged_cell_ranges or [])
        _check_merged(marks.merged, sheet.end or (0, 0), cells)
        above = _above(book, sheet, header, wanted)
        _check_letters(sum(map(len, above)) + sum(len(text) for _, text in marks.comments))
        _say({"sheet": sheet.name, "header": header, "above": above, **marks.__dict__})
        _say_rows(sheet, header)
    except RefusedError as error:
        _say({"refused": error.args[0], "detail": " ".join(error.args[1:])})
    except PasswordError:
        _say({"refused": "is locked by a password. Save a copy without one."})
    except (CalamineError, expat.ExpatError, zipfile.BadZipFile, KeyError, ValueError) as error:
        remedy = "cannot be read. Open it and save it anew as XLSX."
        _say({"refused": remedy, "detail": f"It was said: {error}."})


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


def _above(book: CalamineWorkbook, sheet: CalamineSheet, header: int, wanted: str) -> list[str]:
    """Give each row above the header, and those of covers: sheets passed over on the way to it."""
    before = [] if wanted else book.sheets_metadata[: book.sheet_names.index(sheet.name)]
    shown = (book.get_sheet_by_name(listed.name) for listed in before if _is_shown(listed))
    covers = (row for cover in shown for _, row in _rows(cover))
    titles = (row for number, row in _rows(sheet) if number < header)
    lines = (" ".join(filter(None, map(text, row))) for row in chain(covers, titles))
    return [line for line in islice(lines, _TITLE_ROWS) if line]


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


def _is_shown(listed: SheetMetadata) -> bool:
    return listed.visible == SheetVisibleEnum.Visible and listed.typ == SheetTypeEnum.WorkSheet


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


def _marks(file: IO[bytes], index: int) -> Marks:
    file.seek(0)
    if not zipfile.is_zipfile(file):
        return Marks()
    with zipfile.ZipFile(file) as book:
        if _CONTENT in book.namelist():
            marks = _ods_marks(book.open(_CONTENT), index)
            marks.comments.extend(_properties(book, "meta.xml"))
            return marks
        return _xlsx_marks(book, index)


def _walk(
    stream: IO[bytes], started: Started, within: Collection[str] = (), read: Read | None = None
) -> None:
    """Tell of each element that starts, and what each of those `within` says once it ends."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    texts: list[str] = []
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        local = {_local(key): value for key, value in attributes.items()}
        started(_local(name), {**attributes, **local})
        if depth or _local(name) in within:
            depth += 1
            parser.CharacterDataHandler = texts.append
            parser.EndElementHandler = end

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        if _local(name) == "p":
            texts.append(" ")
        if depth == 0 and read is not None:
            parser.CharacterDataHandler = parser.EndElementHandler = None
            read("".join(texts).strip())
            texts.clear()

    parser.StartElementHandler = start
    parser.ParseFile(stream)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _xlsx_marks(book: zipfile.ZipFile, index: int) -> Marks:
    marks = Marks(comments=_properties(book, "docProps/core.xml"))

    def cell(name: str, attributes: dict[str, str]) -> None:
        if name == "c" and attributes.get("t") == "e" and "r" in attributes:
            marks.errors.append(_place(attributes["r"]))

    part = _part(book, index)
    content = book.read(part)
    for ends in _PAGE_ENDS.findall(content):
        marks.comments.append((_ALL_ROWS, _PAGE_CODE.sub(" ", unescape(ends.decode()))))
    marks.comments.extend(_xlsx_comments(book, part))
    if b't="e"' in content or b"t='e'" in content:
        # Errors are rare, and the walk takes longer than all the rest.
        _walk(io.BytesIO(content), cell)
    marks.hidden = _hidden_rows(content)
    marks.struck = _struck_cells(content, _struck_styles(book))
    for match in _UNCOMPUTED.finditer(content):
        kind, reference = (pattern.search(match[1]) for pattern in (_TYPE, _REFERENCE))
        # A formula may well give an empty text: that one is saved.
        if reference and not (kind and kind[1] == b"str"):
            marks.uncomputed.append(_place(reference[1].decode()))
    return marks


def _hidden_rows(content: bytes) -> list[Place]:
    rows = [
        int(number[1]) - 1
        for match in _ROW.finditer(content)
        if _HIDDEN.search(match[1]) and (number := _REFERENCE.search(match[1]))
    ]
    return [(row, row) for row in rows]


def _struck_styles(book: zipfile.ZipFile) -> set[int]:
    """Give the numbers of the styles of cells whose letters are struck through."""
    content = book.read(_STYLES) if _STYLES in book.namelist() else b""
    if not _STRIKE.search(content):
        return set()
    fonts = _FONTS.search(content)
    styles = _CELL_STYLES.search(content)
    struck = [bool(_STRIKE.search(font)) for font in (_FONT.findall(fonts[1]) if fonts else [])]
    used = [int(font) for font in (_FONT_ID.findall(styles[1]) if styles else [])]
    return {at for at, font in enumerate(used) if font < len(struck) and struck[font]}


def _struck_cells(content: bytes, styles: set[int]) -> list[Place]:
    if not styles:
        return []
    return [
        _place(reference[1].decode())
        for match in _CELL.finditer(content)
        if (style := _STYLE.search(match[1])) and int(style[1]) in styles
        if (reference := _REFERENCE.search(match[1]))
    ]


def _part(book: zipfile.ZipFile, index: int) -> str:
    ids: list[str] = []

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            ids.append(attributes["id"])

    _walk(book.open("xl/workbook.xml"), sheet)
    return _related(book, "xl/workbook.xml")[ids[index]]


def _related(book: zipfile.ZipFile, part: str) -> dict[str, str]:
    """Give the names of the parts that a part of an XLSX names, by their id there."""
    folder, name = posixpath.split(part)
    relations = f"{folder}/_rels/{name}.rels"
    targets: dict[str, str] = {}

    def relationship(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            path = posixpath.join("/", folder, attributes["Target"])
            targets[attributes["Id"]] = posixpath.normpath(path).lstrip("/")

    if relations in book.namelist():
        _walk(book.open(relations), relationship)
    return targets


def _xlsx_comments(book: zipfile.ZipFile, sheet: str) -> list[tuple[int, str]]:
    """Read the comments of a sheet, old and new ones, and what its drawings say."""
    comments: list[tuple[int, str]] = []
    row = _ALL_ROWS

    def comment(name: str, attributes: dict[str, str]) -> None:
        nonlocal row
        if name in ("comment", "threadedComment"):
            row = _place(attributes.get("ref", ""))[0]
        elif name == "txBody":
            row = _ALL_ROWS

    def keep(words: str) -> None:
        comments.append((row, words))

    for part in sorted(set(_related(book, sheet).values()) & set(book.namelist())):
        if re.search(r"comment|drawing", part, re.IGNORECASE) and part.endswith(".xml"):
            _walk(book.open(part), comment, ("comment", "threadedComment", "txBody"), keep)
    return comments


def _properties(book: zipfile.ZipFile, part: str) -> list[tuple[int, str]]:
    """Read what a workbook says of itself: its title, its subject, its key words."""
    texts: list[tuple[int, str]] = []
    if part in book.namelist():
        _walk(
            book.open(part),
            lambda _, __: None,
            _PROPERTIES,
            lambda words: texts.append((_ALL_ROWS, words)),
        )
    return texts


def _place(reference: str) -> Place:
    match = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", reference)
    if match is None:
        raise RefusedError(f"has a cell at '{reference[:20]}'. Open it and save it anew as XLSX.")
    letters, digits = match.groups()
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(digits) - 1, column - 1


class _OdsMarks:
    """Follows the cells of one table; repeated rows and cells are written once."""

    def __init__(self, index: int) -> None:
        self.marks = Marks()
        self._tables_left = index + 1
        self._row = self._next_row = self._column = 0
        self._style = ""
        self._struck: set[str] = set()

    def started(self, name: str, attributes: dict[str, str]) -> None:
        if name == "style":
            self._style = attributes.get("name", "")
        elif name == "text-properties":
            if attributes.get("text-line-through-style", "none") != "none":
                self._struck.add(self._style)
        elif name == "table":
            self._tables_left -= 1
        elif self._tables_left == 0 and name == "table-row":
            self._row, self._column = self._next_row, 0
            self._next_row += int(attributes.get("number-rows-repeated", 1))
            if attributes.get("visibility", "visible") != "visible":
                self.marks.hidden.append((self._row, self._next_row - 1))
        elif self._tables_left == 0 and name in ("table-cell", "covered-table-cell"):
            self._cell(attributes)
            self._column += int(attributes.get("number-columns-repeated", 1))

    def keep(self, words: str) -> None:
        """Keep what stands beside the cells of the table, at the row where it does."""
        if self._tables_left == 0:
            self.marks.comments.append((self._row, words))

    def _cell(self, attributes: dict[str, str]) -> None:
        place = self._row, self._column
        rows = int(attributes.get("number-rows-spanned", 1))
        columns = int(attributes.get("number-columns-spanned", 1))
        if rows > 1 or columns > 1:
            last = self._row + rows - 1, self._column + columns - 1
            self.marks.merged.append((place, last))
        if attributes.get("style-name") in self._struck:
            self.marks.struck.append(place)
        if attributes.get(_CALC_TYPE) == "error":
            self.marks.errors.append(place)
        if "formula" in attributes and "value-type" not in attributes:
            self.marks.uncomputed.append(place)


def _ods_marks(content: IO[bytes], index: int) -> Marks:
    follower = _OdsMarks(index)
    _walk(content, follower.started, _BESIDE_CELLS, follower.keep)
    return follower.marks


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
