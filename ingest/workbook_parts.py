"""What the parts of a workbook say that its cells do not: merged cells, errors, texts beside them.

It is read in the process of `ingest.readers.workbook_process`, whose memory is bounded.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from html import unescape
from typing import IO
from xml.parsers import expat

ALL_ROWS = -1
"""The row of a text that is of no row."""
_CALC_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
_UNCOMPUTED = re.compile(
    rb"<(?:x:)?c\b([^<>]*)>\s*<(?:x:)?f\b(?:[^<>]*/>|[^<>]*>[^<]*</(?:x:)?f>)\s*"
    rb"(?:<(?:x:)?v\s*/>|<(?:x:)?v>\s*</(?:x:)?v>)?\s*</(?:x:)?c>"
)
WORD = re.compile(r"[^\W\d_]{3}")
_REFERENCE_TEXT = re.compile(r"[A-Z]{1,3}([0-9]{1,7})")
_TYPE, _REFERENCE = re.compile(rb"""\bt=["'](\w+)["']"""), re.compile(rb"""\br=["'](\w+)["']""")
_ROW, _CELL = re.compile(rb"<(?:x:)?row\b([^<>]*)>"), re.compile(rb"<(?:x:)?c\b([^<>]*[^<>/])>")
_COLUMN = re.compile(rb"<(?:x:)?col\b([^<>]*)>")
_ENDS = re.compile(rb"""\bmin=["'](\d+)["']"""), re.compile(rb"""\bmax=["'](\d+)["']""")
_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_STYLES, _SHARED = "xl/styles.xml", "xl/sharedStrings.xml"
_ITEM = re.compile(rb"<(?:x:)?si\b(?:[^<>]*/>|.*?</(?:x:)?si>)", re.DOTALL)
_SHARED_CELL = re.compile(
    rb"""<(?:x:)?c\b([^<>]*\bt=["']s["'][^<>]*)>\s*<(?:x:)?v>(\d+)</(?:x:)?v>"""
)
_NAMED = re.compile(rb'''<(?:x:)?(?:numFmt|cellStyle)\b[^<>]*?(?:formatCode|name)="([^"]*)"''')
_TABLES = re.compile(rb"<table:table\b.*</table:table>", re.DOTALL)
_STRIKE = re.compile(rb"""<(?:x:)?strike(?!\s+val=["'](?:0|false)["'])[\s/>]""")
_FONTS = re.compile(rb"<(?:x:)?fonts\b[^<>]*>(.*?)</(?:x:)?fonts>", re.DOTALL)
_FONT = re.compile(rb"<(?:x:)?font\b(?:[^<>]*/>|.*?</(?:x:)?font>)", re.DOTALL)
_CELL_STYLES = re.compile(rb"<(?:x:)?cellXfs\b[^<>]*>(.*?)</(?:x:)?cellXfs>", re.DOTALL)
_FONT_ID = re.compile(rb"""<(?:x:)?xf\b[^<>]*\bfontId=["'](\d+)["']""")
_STYLE = re.compile(rb"""\bs=["'](\d+)["']""")
Place = tuple[int, int]
Started = Callable[[str, dict[str, str]], None]
Read = Callable[[str], None]
_SHEET_DATA = re.compile(rb"<(?:\w+:)?sheetData\b.*</(?:\w+:)?sheetData\s*>", re.DOTALL)
PAGE_CODE = re.compile(r'&(?:"[^"]*"|[0-9]+|K[0-9A-F]{6}|[A-Z])')
"""A font, a size, a colour, a place or a field, in the head or foot of a page."""
_PARTS = (".xml", ".vml")
_OF_CELLS = (
    "tableColumn", "filter", "customFilter", "formula", "formula1", "formula2",
    "calculatedColumnFormula", "TitlesOfParts", "HeadingPairs", "creator", "initial-creator",
    "lastModifiedBy",
)  # fmt: skip
"""What repeats headings or cells, lists what a cell may say, names other sheets, or an office."""
_AS_WHOLE = ("comment", "threadedComment", "txBody", "textbox", "header", "footer")
"""What is one text, however many pieces it has."""
_BESIDE_CELLS = ("annotation", "frame", "custom-shape", "title", "desc")
"""What an ODS keeps at a cell or over the sheet: comments, boxes, drawings."""
_RANGES = ("definedName", "named-range", "database-range")
_ADDRESSES = ("cell-range-address", "target-range-address")


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
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    """The same of columns."""
    struck: list[Place] = field(default_factory=list)
    """Cells whose text is struck through."""
    comments: list[tuple[int, str]] = field(default_factory=list)
    """What is said beside the cells, by row: comments, drawings, properties of the file."""


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


def xlsx_marks(book: zipfile.ZipFile, index: int, sheet: str) -> Marks:
    """Read the marks of a sheet of an XLSX, by its place among the sheets and its name."""
    marks = Marks()

    def cell(name: str, attributes: dict[str, str]) -> None:
        if name == "c" and attributes.get("t") == "e" and "r" in attributes:
            marks.errors.append(_place(attributes["r"]))

    part = _part(book, index)
    content = book.read(part)
    marks.comments.extend(_beside_cells(book, part, content))
    marks.comments.extend((ALL_ROWS, name) for name in _names_of_ranges(book, sheet))
    if b't="e"' in content or b"t='e'" in content:
        # Errors are rare, and the walk takes longer than all the rest.
        _walk(io.BytesIO(content), cell)
    marks.hidden = _hidden_rows(content)
    marks.hidden_columns = _hidden_columns(content)
    marks.struck = [
        *_struck_cells(content, _struck_styles(book)),
        *_struck_in_part(content, _struck_texts(book)),
    ]
    for match in _UNCOMPUTED.finditer(content):
        kind, reference = (pattern.search(match[1]) for pattern in (_TYPE, _REFERENCE))
        # A formula may well give an empty text: that one is saved.
        if reference and not (kind and kind[1] == b"str"):
            marks.uncomputed.append(_place(reference[1].decode()))
    return marks


def _read_if_any(book: zipfile.ZipFile, part: str) -> bytes:
    return book.read(part) if part in book.namelist() else b""


def _hidden_rows(content: bytes) -> list[Place]:
    rows = [
        int(number[1]) - 1
        for match in _ROW.finditer(content)
        if _HIDDEN.search(match[1]) and (number := _REFERENCE.search(match[1]))
    ]
    return [(row, row) for row in rows]


def _hidden_columns(content: bytes) -> list[Place]:
    ends = (
        [pattern.search(match[1]) for pattern in _ENDS]
        for match in _COLUMN.finditer(content)
        if _HIDDEN.search(match[1])
    )
    return [(int(low[1]) - 1, int(high[1]) - 1) for low, high in ends if low and high]


def _struck_styles(book: zipfile.ZipFile) -> set[int]:
    """Give the numbers of the styles of cells whose letters are struck through."""
    content = _read_if_any(book, _STYLES)
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


def _struck_texts(book: zipfile.ZipFile) -> set[int]:
    """Give the numbers of the shared texts of which a part is struck through."""
    content = _read_if_any(book, _SHARED)
    if not _STRIKE.search(content):
        return set()
    return {at for at, item in enumerate(_ITEM.findall(content)) if _STRIKE.search(item)}


def _struck_in_part(content: bytes, texts: set[int]) -> list[Place]:
    return [
        _place(reference[1].decode())
        for match in (_SHARED_CELL.finditer(content) if texts else ())
        if int(match[2]) in texts and (reference := _REFERENCE.search(match[1]))
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


def _beside_cells(book: zipfile.ZipFile, part: str, content: bytes) -> list[tuple[int, str]]:
    """Read all that an XLSX says of a sheet outside of its cells, and of itself.

    That is around its rows, in comments, drawings, tables and whatever else it names, at its links,
    and in the properties of the file.
    """
    texts = texts_of(io.BytesIO(_SHEET_DATA.sub(b"", content)), _related(book, part))
    # A format may put words before each value; a style may be called after what it marks.
    named = _NAMED.findall(_read_if_any(book, _STYLES))
    texts += [(ALL_ROWS, unescape(words.decode())) for words in named]
    names = set(book.namelist())
    left = sorted(name for name in names if name.startswith("docProps/"))
    left += _related(book, part).values()
    seen: set[str] = set()
    while left:
        name = left.pop()
        if name in names and name not in seen and name.endswith(_PARTS):
            texts += texts_of(book.open(name), _related(book, name))
            left += _related(book, name).values()
        seen.add(name)
    return texts


def _names_of_ranges(book: zipfile.ZipFile, sheet: str) -> list[str]:
    names: list[str] = []
    ranges: list[str] = []

    def named(name: str, attributes: dict[str, str]) -> None:
        if name in _RANGES:
            names.append(" ".join(map(attributes.get, ("name", "comment"), ("", ""))))

    _walk(book.open("xl/workbook.xml"), named, _RANGES, ranges.append)
    pairs = zip(names, ranges, strict=True)
    return [f"{name} {place}" for name, place in pairs if sheet in place or "!" not in place]


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

    def __init__(self, index: int, sheet: str) -> None:
        self.marks = Marks()
        self._sheet = sheet
        self._tables_left = index + 1
        self._row = self._next_row = self._column = 0
        self._style = ""
        self._struck: set[str] = set()

    def started(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("style", "text-properties"):
            self._styled(name, attributes)
        elif name == "table":
            self._tables_left -= 1
        elif name in _RANGES and any(self._sheet in attributes.get(key, "") for key in _ADDRESSES):
            self.marks.comments.append((ALL_ROWS, attributes.get("name", "")))
        elif self._tables_left == 0:
            self._in_table(name, attributes)

    def _styled(self, name: str, attributes: dict[str, str]) -> None:
        """Note the styles of cells whose text is struck through; they stand before the tables."""
        if name == "style":
            self._style = attributes.get("name", "")
        elif attributes.get("text-line-through-style", "none") != "none":
            self._struck.add(self._style)

    def _in_table(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table-row":
            self._row, self._column = self._next_row, 0
            self._next_row += int(attributes.get("number-rows-repeated", 1))
            if attributes.get("visibility", "visible") != "visible":
                self.marks.hidden.append((self._row, self._next_row - 1))
        elif name == "table-column":
            first = self._column
            self._column += int(attributes.get("number-columns-repeated", 1))
            if attributes.get("visibility", "visible") != "visible":
                self.marks.hidden_columns.append((first, self._column - 1))
        elif name in ("table-cell", "covered-table-cell"):
            self._cell(attributes)
            self._column += int(attributes.get("number-columns-repeated", 1))
        elif "href" in attributes:
            self.keep(attributes["href"])

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


def ods_marks(content: IO[bytes], index: int, sheet: str) -> Marks:
    """Read the marks of a sheet of an ODS, by its place among the sheets and its name."""
    follower, body = _OdsMarks(index, sheet), content.read()
    _walk(io.BytesIO(body), follower.started, _BESIDE_CELLS, follower.keep)
    # Styles, messages of validations and names stand before the tables, or behind them.
    follower.marks.comments += texts_of(io.BytesIO(_TABLES.sub(b"", body)))
    return follower.marks


class _Texts:
    """Follows a part of a workbook, and keeps all that it says, by the row of the cell it is of."""

    def __init__(self, related: dict[str, str], *, attributes: bool) -> None:
        self.texts: dict[tuple[int, str], None] = {}
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._read
        self._related, self._attributes = related, attributes
        self._rows = [ALL_ROWS]
        self._whole = self._of_cells = 0
        self._text: list[str] = []

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = {_local(key): value for key, value in attributes.items()}
        place = _REFERENCE_TEXT.fullmatch(local.get("ref", local.get("sqref", "")))
        self._rows.append(int(place[1]) - 1 if place else self._rows[-1])
        self._of_cells += bool(self._of_cells) or _local(name) in _OF_CELLS
        if not self._whole:
            self._keep()
        self._whole += bool(self._whole) or _local(name) in _AS_WHOLE
        if self._attributes and not self._of_cells:
            for value in local.values():
                self._note(self._related.get(value, value))

    def _read(self, words: str) -> None:
        self._text.append(words)

    def _end(self, name: str) -> None:
        self._whole -= bool(self._whole)
        if _local(name) in ("p", "div", "br"):
            self._text.append(" ")
        if not self._whole:
            self._keep()
        self._of_cells -= bool(self._of_cells)
        self._rows.pop()

    def _keep(self) -> None:
        if not self._of_cells:
            self._note(PAGE_CODE.sub(" ", "".join(self._text)).strip())
        self._text.clear()

    def _note(self, words: str) -> None:
        if words and WORD.search(words):
            self.texts[self._rows[-1], words] = None


def texts_of(
    stream: IO[bytes], related: dict[str, str] | None = None, *, attributes: bool = True
) -> list[tuple[int, str]]:
    """Give each text and attribute of a part, by the row of the cell that it is of."""
    follower = _Texts(related or {}, attributes=attributes)
    follower.parser.ParseFile(stream)
    return list(follower.texts)
