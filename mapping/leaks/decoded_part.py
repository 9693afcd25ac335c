"""What a part of a published file holds once decoded: texts, rows, numbers that may be a place."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from mapping.arrays import Floats
from mapping.leaks import arrow_values
from mapping.leaks.encodings import decoded_forms, inflated, packed_bytes, text_of
from mapping.leaks.plus_codes import points_coded_in
from mapping.leaks.written_numbers import column_of, pairs_in

FILE_STARTS = (
    b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"PAR1", b"ARROW1", b"PMTiles",
    b"SQLite format 3", b"%PDF",
)  # fmt: skip
"""How files begin that are taken apart wherever they are found."""
FEWEST_SHAPE_BYTES = 21
"""Of a point in WKB."""
_SHAPE_STARTS = (b"\x00\x00", b"\x01")
_MAY_BE_PLACE = (
    r"\d[.,°º]\s?\d{2}|\d{5}|[A-Za-z0-9+/_-]{16}|%[0-9A-Fa-f]{2}|&#|\\[ux]|[2-9A-Za-z]{4}\+"
)
"""What a cell of a table has at least where it may hold coordinates, in plain figures or coded."""


class CellColumn(NamedTuple):
    """A column of texts or whole numbers, and what it is called; nothing where nobody says."""

    name: str
    values: pa.Array


@dataclass
class FileContent:
    """Texts of a part of a file, its rows, and numbers of which two in a row may be a point."""

    texts: list[str] = field(default_factory=list)
    numbers: list[Floats] = field(default_factory=list)
    """Arrays (n, k) of rows with k numbers each, in any reference system and any order."""
    tables: list[list[CellColumn]] = field(default_factory=list)
    """Columns of one length, texts and whole numbers, whose cells of a row belong together."""
    rounded_metres: float = 0.0
    """How far its points may lie from what they are of, as those of map tiles do."""
    packed: list[bytes] = field(default_factory=list)
    """Bytes inside of it that may be a file of their own."""

    def add_text(self, text: str) -> None:
        """Take a text and all that it stands for, with any two numbers that are near."""
        for form in decoded_forms(text):
            self.texts.append(form)
            self.numbers += [*pairs_in(form), points_coded_in(form)]
            for content in packed_bytes(form):
                self.add_bytes(content)

    def add_bytes(self, content: bytes) -> None:
        """Take bytes that may be a shape in WKB, or a file of their own."""
        if content.startswith(_SHAPE_STARTS) and len(content) >= FEWEST_SHAPE_BYTES:
            self.numbers.append(vertices([shapely.from_wkb(content, on_invalid="ignore")]))
        if content.startswith(FILE_STARTS):
            self.packed.append(content)

    def add_rows(self, rows: Iterable[Sequence[object]]) -> None:
        """Take rows of cells, which may have different lengths."""
        texts = [[_shown(cell) for cell in row] for row in rows]
        width = max(map(len, texts), default=0)
        filled = [row + [""] * (width - len(row)) for row in texts]
        if width > 1:
            columns = zip(*filled, strict=True)
            self.tables.append(
                [CellColumn("", pa.array(column, pa.string())) for column in columns]
            )


def text_content(text: str) -> FileContent:
    """Take a text, each of its lines as a row of its words."""
    content = FileContent()
    content.add_text(text)
    return content


def document_content(document: object) -> FileContent:
    """Take every text and number of a document of JSON, and each object and list as a row."""
    content = FileContent()
    rows: list[list[object]] = []
    waiting = [document]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting += part.values()
            rows += [[value for value in part.values() if _is_plain(value)], [*part]]
        elif isinstance(part, list):
            waiting += part
            rows.append([value for value in part if _is_plain(value)])
    for row in rows:
        content.add_text("\n".join(map(_shown, row)))
    content.add_rows(rows)
    return content


def table_content(table: pa.Table) -> FileContent:
    """Read texts, outlines in WKB, and every pair of columns of numbers of one length."""
    content = FileContent()
    numbers: dict[int, list[Floats]] = defaultdict(list)
    cells: dict[int, list[CellColumn]] = defaultdict(list)
    for column in table.column_names:
        is_list = _is_in_list(table[column].type)
        for name, values in arrow_values.leaves(column, table[column]):
            if arrow_values.is_binary(values.type):
                _add_bytes(content, values)
                continue
            figures = _numbers_of(content, values)
            if len(figures):
                numbers[len(figures)].append(figures)
                content.numbers += [np.column_stack([figures[:-1], figures[1:]])] * is_list
            if not pa.types.is_floating(values.type):
                cells[len(values)].append(CellColumn(name, values))
    content.numbers += [np.column_stack(columns) for columns in numbers.values()]
    content.tables += cells.values()
    return content


def _numbers_of(content: FileContent, values: pa.Array) -> Floats:
    """Give the numbers of an array, also of one of texts, which are taken into the content."""
    if arrow_values.is_number(values.type):
        return _figures(values)
    if arrow_values.is_text(values.type):
        _add_texts(content, values)
        return _written_numbers(values)
    return np.empty(0)


def vertices(shapes: Iterable[object]) -> Floats:
    """Give the corners of shapes.

    Parameters
    ----------
    shapes : iterable of object
        Geometries; None has no corner.

    Returns
    -------
    ndarray of float, shape (n, 2)
        In the reference system of the shapes.
    """
    corners: Floats = shapely.get_coordinates(np.array(list(shapes), dtype=object))
    return corners


def _is_in_list(kind: arrow_values.Kind) -> bool:
    """Whether numbers of a column follow one another in its cells, as those of a point may."""
    return pa.types.is_nested(kind) and not pa.types.is_fixed_size_list(kind)


def _figures(values: pa.Array) -> Floats:
    if pa.types.is_decimal(values.type):
        values = values.cast(pa.float64())
    return np.asarray(values.to_numpy(zero_copy_only=False), float)


def _add_texts(content: FileContent, values: pa.Array) -> None:
    unique = _unique(values)
    if unique is None:  # no UTF-8
        for text in map(text_of, values.cast(pa.large_binary()).to_pylist()):
            content.add_text(text)
        return
    coded = pc.fill_null(pc.match_substring_regex(unique, _MAY_BE_PLACE), False)  # noqa: FBT003
    content.texts += [text for text in unique.filter(pc.invert(coded)).to_pylist() if text]
    for text in unique.filter(coded).to_pylist():
        content.add_text(text)


def _unique(values: pa.Array) -> pa.Array | None:
    try:
        values.validate(full=True)
    except pa.ArrowInvalid:
        return None
    return values.unique()


def _written_numbers(values: pa.Array) -> Floats:
    """Read a column whose texts are numbers with decimals, or of many digits; empty for others."""
    pattern = r"^\s*-?\d+[.,]\d{2,}\s*$|^\s*-?\d{6,}\s*$"
    if not pc.any(pc.match_substring_regex(values.unique(), pattern)).as_py():
        return np.empty(0)
    return column_of(values.to_pylist())


def _add_bytes(content: FileContent, values: pa.Array) -> None:
    known = [value for value in values.to_pylist() if value]
    shapes = shapely.from_wkb(np.array(known, dtype=object), on_invalid="ignore")
    content.numbers.append(vertices(shapes))
    for value, shape in zip(known, np.atleast_1d(shapes), strict=True):
        if shape is None and value.startswith(FILE_STARTS):
            content.packed.append(value)
        elif shape is None:
            content.add_text(text_of(inflated(value) or value))


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _shown(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)
