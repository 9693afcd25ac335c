"""What the parts of a workbook say that its cells do not: merged cells, errors, texts beside them.

It is read in the process of `ingest.readers.workbook_process`, whose memory is bounded.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from typing import IO
from xml.parsers import expat

from ingest.byte_words import words_in

ALL_ROWS = -1
"""The row of a text that is of no row."""
_WHOLE = (ALL_ROWS, ALL_ROWS, "")
_UNCOMPUTED = re.compile(
    rb"<(?:x:)?c\b([^<>]*)>\s*<(?:x:)?f\b(?:[^<>]*/>|[^<>]*>[^<]*</(?:x:)?f>)\s*+"
    rb"(?:<(?:x:)?v\s*/>|<(?:x:)?v>\s*</(?:x:)?v>)?+\s*+</(?:x:)?c>"
)
WORD = re.compile(r"[^\W\d_]{3}")
_REFERENCE_TEXT = re.compile(r"\$?[A-Z]{1,3}\$?([0-9]{1,7})")
_TYPE, _REFERENCE = re.compile(rb"""\bt=["'](\w+)["']"""), re.compile(rb"""\br=["'](\w+)["']""")
_ROW, _CELL = re.compile(rb"<(?:x:)?row\b([^<>]*)>"), re.compile(rb"<(?:x:)?c\b([^<>]*[^<>/])>")
_COLUMN = re.compile(rb"<(?:x:)?col\b([^<>]*)>")
_ENDS = re.compile(rb"""\bmin=["'](\d+)["']"""), re.compile(rb"""\bmax=["'](\d+)["']""")
_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_NO_WIDTH = re.compile(rb"""\bwidth=["']0(?:\.0*)?["']""")
_STYLES, _SHARED = "xl/styles.xml", "xl/sharedStrings.xml"
_ITEM = re.compile(rb"<(?:x:)?si\b(?:[^<>]*/>|.*?(?:</(?:x:)?si>|\Z))", re.DOTALL)
"""What never ends, here and below, ends with the part: to look for its end again takes long."""
_SHARED_CELL = re.compile(rb"<(?:x:)?c\b([^<>]*)>\s*<(?:x:)?v>(\d+)</(?:x:)?v>")
_FORMAT = re.compile(rb'<(?:x:)?numFmt\b((?:[^<>"]|"[^"]*+")*+)')
_NAMED_STYLE = re.compile(rb'<(?:x:)?cellStyle\b((?:[^<>"]|"[^"]*+")*+)')
_ATTRIBUTE = re.compile(rb'(\w++)="([^"]*)"')
_STYLE_OF_CELLS, _NUMBER = re.compile(rb"<(?:x:)?xf\b([^<>]*)"), re.compile(rb'(\w+)="(\d+)"')
_DEFINED_NAME = re.compile(rb"<(?:x:)?definedName\b([^<>]*)>([^<>]*)<")
_PAIR = re.compile(r'(\w+)="([^"]*)"')
_STRIKE = re.compile(rb"""<(?:x:)?strike(?!\s+val=["'](?:0|false)["'])[\s/>]""")
_FONTS = re.compile(rb"<(?:x:)?fonts\b[^<>]*>(.*?)(?:</(?:x:)?fonts>|\Z)", re.DOTALL)
_FONT = re.compile(rb"<(?:x:)?font\b(?:[^<>]*/>|.*?(?:</(?:x:)?font>|\Z))", re.DOTALL)
_CELL_STYLES = re.compile(rb"<(?:x:)?cellXfs\b[^<>]*>(.*?)(?:</(?:x:)?cellXfs>|\Z)", re.DOTALL)
_FONT_ID = re.compile(rb"""<(?:x:)?xf\b[^<>]*\bfontId=["'](\d+)["']""")
_STYLE = re.compile(rb"""\bs=["'](\d+)["']""")
Place = tuple[int, int]
Started = Callable[[str, dict[str, str]], None]
Beside = tuple[int, int, str, str]
"""The first and the last row that a text is of, both `ALL_ROWS` of any, its place, and the text."""
_SHEET_DATA = re.compile(rb"<(?:\w+:)?sheetData\b")
_SHEET_DATA_END = re.compile(rb"</(?:\w+:)?sheetData\s*>")
_REMARK = re.compile(rb"<!--(.*?)(?:-->|\Z)", re.DOTALL)
_PHONETIC = re.compile(rb"<(?:x:)?rPh\b.*?(?:</(?:x:)?rPh>|\Z)", re.DOTALL)
PAGE_CODE = re.compile(r'&(?:"[^"]*"|[0-9]+|K[0-9A-F]{6}|[A-Z])')
"""A font, a size, a colour, a place or a field, in the head or foot of a page."""
_XML = (".xml", ".vml")
_READ_APART = ("xl/sharedStrings.xml", "xl/styles.xml", "xl/calcChain.xml", "[Content_Types].xml")
_OF_CELLS = (
    "tableColumn", "filter", "customFilter", "formula", "formula1", "formula2",
    "calculatedColumnFormula", "TitlesOfParts", "HeadingPairs", "creator", "initial-creator",
    "lastModifiedBy", "sheet", "definedName", "sharedItems", "pivotCacheRecords", "sheetDataSet",
    "sheetNames", "database-range", "named-range", "table-cell", "covered-table-cell", "style",
)  # fmt: skip
"""What repeats headings or cells, lists what a cell may say, names other sheets, or an office."""
_AS_WHOLE = (
    "comment", "threadedComment", "txBody", "textbox", "header", "footer", "annotation", "frame",
    "custom-shape",
)  # fmt: skip
"""What is one text, however many pieces it has."""
_BESIDE_CELLS = ("annotation", "frame", "custom-shape", "title", "desc")
"""What an ODS keeps at a cell or over the sheet: comments, boxes, drawings."""
ODS_CELLS, USUAL_STYLE = ("table-cell", "covered-table-cell"), "Default"
_COUNTED = (*ODS_CELLS, "table-row", "table-column", "table")
"""What counts though it has no attributes."""


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
    beside: list[Beside] = field(default_factory=list)
    """What is said beside the cells: comments, drawings, properties of the file."""
    of_sheets: dict[str, list[Beside]] = field(default_factory=dict)
    """What is said so of other sheets, by their names."""


def _starts(stream: IO[bytes], started: Started) -> None:
    """Tell of each element that starts."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, attributes: started(
        local_name(name), attributes | {local_name(key): value for key, value in attributes.items()}
    )
    parser.ParseFile(stream)


@lru_cache(4096)
def local_name(name: str) -> str:
    """Give the name of an element or an attribute without its namespace.

    Parameters
    ----------
    name : str
        Namespace, a blank and the name, or the name alone.

    Returns
    -------
    str
        The name.
    """
    return name.rpartition(" ")[2]


def xlsx_marks(book: zipfile.ZipFile, index: int, sheet: str) -> Marks:
    """Read the marks of a sheet of an XLSX, by its place among the sheets and its name."""
    marks = Marks()

    def cell(name: str, attributes: dict[str, str]) -> None:
        if name == "c" and attributes.get("t") == "e" and "r" in attributes:
            marks.errors.append(_place(attributes["r"]))

    content = book.read(list(_sheets(book))[index])
    marks.beside, marks.of_sheets = _beside_cells(book, index)
    marks.beside += _names_of_ranges(book, sheet)
    marks.beside += _of_styles(_read_if_any(book, _STYLES), content)
    if b't="e"' in content or b"t='e'" in content:
        # Errors are rare, and the walk takes longer than all the rest.
        _starts(io.BytesIO(content), cell)
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
        if _HIDDEN.search(match[1]) or _NO_WIDTH.search(match[1])
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
    return [place for place, _ in _cells_of(content, styles)]


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
        if (kind := _TYPE.search(match[1])) and kind[1] == b"s" and int(match[2]) in texts
        if (reference := _REFERENCE.search(match[1]))
    ]


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
        _starts(book.open(relations), relationship)
    return targets


def _beside_cells(
    book: zipfile.ZipFile, index: int
) -> tuple[list[Beside], dict[str, list[Beside]]]:
    """Read all that an XLSX says of a sheet outside of its cells, of itself, and of other sheets.

    That is every part of it: around the rows of sheets, in comments, drawings, tables, properties,
    and what is no XML. What another sheet alone names is of that one.
    """
    sheets = _sheets(book)
    ours, own = list(sheets)[index], list[Beside]()
    reach = {part: _reachable(book, part) for part in sheets}
    of_sheets: dict[str, list[Beside]] = {}
    for name in book.namelist():
        naming = [part for part in reach if name in reach[part]]
        texts = own
        if naming and ours not in naming:
            texts = of_sheets.setdefault(sheets[naming[0]], [])
        texts += _texts_of_part(book, name)
    return own, of_sheets


def _texts_of_part(book: zipfile.ZipFile, name: str) -> list[Beside]:
    if name in _READ_APART or name.endswith((".rels", "/")):
        named = _PHONETIC.findall(book.read(name)) if name == _SHARED else []
        return [
            (*_WHOLE, re.sub("<[^<>]*>", "", text.decode("utf-8", "replace"))) for text in named
        ]
    body = book.read(name)
    if not name.endswith(_XML):
        return [(*_WHOLE, text) for text in words_in(body)]
    remarks = [(*_WHOLE, text.decode("utf-8", "replace")) for text in _REMARK.findall(body)]
    return remarks + texts_of(io.BytesIO(around_rows(body)), _related(book, name))


def around_rows(body: bytes) -> bytes:
    """Give a part of a workbook without the rows of a sheet.

    Parameters
    ----------
    body : bytes
        XML, whole or not.

    Returns
    -------
    bytes
        What stands before the first element of rows and after the last.
    """
    start = _SHEET_DATA.search(body)
    ends = [end.end() for end in _SHEET_DATA_END.finditer(body, start.end())] if start else []
    return body[: start.start()] + body[ends[-1] :] if start and ends else body


def _sheets(book: zipfile.ZipFile) -> dict[str, str]:
    """Give the names of all sheets by their parts, in order."""
    sheets: dict[str, str] = {}
    related = _related(book, "xl/workbook.xml")

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            sheets[related[attributes["id"]]] = attributes.get("name", "")

    _starts(book.open("xl/workbook.xml"), sheet)
    return sheets


def _reachable(book: zipfile.ZipFile, part: str) -> set[str]:
    reached, left, names = set[str](), [part], set(book.namelist())
    while left:
        name = left.pop()
        if name in names and name not in reached:
            reached.add(name)
            left += _related(book, name).values()
    return reached


def _names_of_ranges(book: zipfile.ZipFile, sheet: str) -> list[Beside]:
    """Give the names of ranges, of their rows, and of texts; those of other sheets are theirs."""
    names: list[Beside] = []
    for words, place in _DEFINED_NAME.findall(book.read("xl/workbook.xml")):
        attributes = dict(_PAIR.findall(words.decode("utf-8", "replace")))
        named = " ".join(map(attributes.get, ("name", "comment"), ("", "")))
        refers = unescape(place.decode("utf-8", "replace"))
        if sheet in refers or "!" not in refers:
            names.append((*rows_of(refers.rpartition("!")[2]), f"nome «{named.strip()}»",
                          unescape(f"{named} {refers}")))  # fmt: skip
    return names


def rows_of(reference: str) -> tuple[int, int]:
    """Give the first and the last row of a reference to cells; all where it is none.

    Parameters
    ----------
    reference : str
        As ``$B$3:C7``.

    Returns
    -------
    tuple of (int, int)
        Counted from 0; both `ALL_ROWS` where no row is named.
    """
    rows = [int(row) - 1 for row in _REFERENCE_TEXT.findall(reference)]
    return (min(rows), max(rows)) if rows else (ALL_ROWS, ALL_ROWS)


def _of_styles(styles: bytes, content: bytes) -> list[Beside]:
    """Give what formats and styles of cells are called that a person made, by their rows."""
    formats = {
        of.get(b"numFmtId", b""): of.get(b"formatCode", b"") for of in _tags(_FORMAT, styles)
    }
    named = {
        of.get(b"xfId", b""): of.get(b"name", b"")
        for of in _tags(_NAMED_STYLE, styles)
        if b"builtinId" not in of
    }
    used = _CELL_STYLES.search(styles)
    words: dict[int, str] = {}
    for at, attributes in enumerate(_STYLE_OF_CELLS.findall(used[1]) if used else []):
        of = dict(_NUMBER.findall(attributes))
        texts = formats.get(of.get(b"numFmtId", b""), b""), named.get(of.get(b"xfId", b""), b"")
        text = unescape(" ".join(text.decode("utf-8", "replace") for text in texts)).strip()
        if at and WORD.search(text):
            words[at] = text
    rows = {(place[0], style) for place, style in _cells_of(content, set(words))}
    return [(row, row, "formato di una cella", words[style]) for row, style in sorted(rows)]


def _tags(pattern: re.Pattern[bytes], content: bytes) -> Iterator[dict[bytes, bytes]]:
    return (dict(_ATTRIBUTE.findall(words)) for words in pattern.findall(content))


def _cells_of(content: bytes, styles: set[int]) -> list[tuple[Place, int]]:
    """Give the cells of a sheet that have some styles, with the style."""
    return [
        (_place(reference[1].decode()), int(style[1]))
        for match in (_CELL.finditer(content) if styles else ())
        if (style := _STYLE.search(match[1])) and int(style[1]) in styles
        if (reference := _REFERENCE.search(match[1]))
    ]


def _place(reference: str) -> Place:
    match = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", reference)
    if match is None:
        raise RefusedError(f"has a cell at '{reference[:20]}'. Open it and save it anew as XLSX.")
    letters, digits = match.groups()
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(digits) - 1, column - 1


class PartTexts:
    """Follows a part of a workbook, and keeps all that it says, by the row of the cell it is of."""

    def __init__(self, related: dict[str, str], *, attributes: bool) -> None:
        self.texts: dict[Beside, None] = {}
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._read
        self.parser.CommentHandler = self._note
        self._related, self._attributes = related, attributes
        self._open: list[tuple[tuple[int, int, str], bool]] = [(_WHOLE, False)]
        """Of each element that is open where it stands, and whether it repeats cells."""
        self._whole = 0
        self._text: list[str] = []

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local, own = local_name(name), {local_name(key): value for key, value in attributes.items()}
        if self._text and not self._whole:
            self._keep()
        if own or local in _COUNTED:
            self._look(local, attributes | own)
        place, is_of_cells = self._open[-1]
        is_of_cells = local not in _BESIDE_CELLS and (is_of_cells or local in _OF_CELLS)
        self._open.append((self._place_of(local, own) or place, is_of_cells))
        self._whole += bool(self._whole) or local in _AS_WHOLE
        if "href" in own or (self._attributes and not is_of_cells):
            for key, value in own.items():
                if key == "href" or not is_of_cells:
                    self._note(self._related.get(value, value))

    def _look(self, name: str, attributes: dict[str, str]) -> None:
        """See an element that starts."""

    def _place_of(self, _name: str, attributes: dict[str, str]) -> tuple[int, int, str] | None:
        reference = attributes.get("ref", attributes.get("sqref", ""))
        rows = rows_of(reference)
        return None if rows[0] == ALL_ROWS else (*rows, f"cella {reference}")

    def _read(self, words: str) -> None:
        self._text.append(words)

    def _end(self, name: str) -> None:
        self._whole -= bool(self._whole)
        if local_name(name) in ("p", "div", "br"):
            self._text.append(" ")
        if self._text and not self._whole:
            self._keep()
        self._open.pop()

    def _keep(self) -> None:
        if not self._open[-1][1]:
            self._note(PAGE_CODE.sub(" ", "".join(self._text)).strip())
        self._text.clear()

    def _note(self, words: str) -> None:
        if words and WORD.search(words):
            self.texts[*self._open[-1][0], words] = None


def texts_of(
    stream: IO[bytes], related: dict[str, str] | None = None, *, attributes: bool = True
) -> list[Beside]:
    """Give each text and attribute of a part, by the row of the cell that it is of."""
    follower = PartTexts(related or {}, attributes=attributes)
    follower.parser.ParseFile(stream)
    return list(follower.texts)
