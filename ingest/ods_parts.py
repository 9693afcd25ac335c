"""What a sheet of an ODS says of its cells, and beside them."""

import re
from typing import IO

from ingest.workbook_parts import (
    ODS_CELLS,
    USUAL_STYLE,
    WORD,
    Beside,
    Marks,
    PartTexts,
    local_name,
    rows_of,
)

_CALC_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
_RANGES = ("named-range", "database-range")
_ADDRESSES = ("cell-range-address", "target-range-address")
_BY_LETTERS = re.compile(r"_([0-9a-f]{2})_")
"""How the name of a style in an ODS writes a blank."""


class _OdsTexts(PartTexts):
    """Follows the cells of one table too; repeated rows and cells are written once."""

    def __init__(self, index: int, sheet: str) -> None:
        super().__init__({}, attributes=True)
        self.marks = Marks()
        self._sheet, self._left, self._table = sheet, index + 1, ""
        self._row = self._next_row = self._column = 0
        self._style = ""
        self._parents: dict[str, str] = {}
        self._struck: set[str] = set()
        self._used: dict[str, set[int]] = {}

    def _look(self, name: str, attributes: dict[str, str]) -> None:
        if name == "style":
            self._style = attributes.get("name", "")
            self._parents[self._style] = attributes.get("parent-style-name", "")
        elif attributes.get("text-line-through-style", "none") != "none":
            self._struck.add(self._style)
        elif name == "table":
            self._left, self._table = self._left - 1, attributes.get("name", "")
            self._row = self._next_row = self._column = 0
        elif name == "table-column" and self._left == 0:
            self._begin_column(attributes)
        elif name in _RANGES and any(self._sheet in attributes.get(key, "") for key in _ADDRESSES):
            place = next(attributes[key] for key in _ADDRESSES if key in attributes)
            rows = rows_of(place.replace(self._sheet, ""))
            self.texts[*rows, "nome di celle", attributes.get("name", "")] = None
        elif name == "table-row":
            self._begin_row(attributes)
        elif name in ODS_CELLS and self._left == 0:
            self._cell(attributes)

    def _place_of(self, name: str, _attributes: dict[str, str]) -> tuple[int, int, str] | None:
        is_row = name == "table-row"
        return (self._row, self._next_row - 1, f"riga {self._row + 1}") if is_row else None

    def _end(self, name: str) -> None:
        super()._end(name)
        self._table = "" if local_name(name) == "table" else self._table

    def _note(self, words: str) -> None:
        if not self._table or self._left == 0:
            super()._note(words)
        elif words and WORD.search(words):
            of_table = self.marks.of_sheets.setdefault(self._table, [])
            of_table.append((*self._open[-1][0], words))

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._row, self._column = self._next_row, 0
        self._next_row += int(attributes.get("number-rows-repeated", 1))
        if self._left == 0 and attributes.get("visibility", "visible") != "visible":
            self.marks.hidden.append((self._row, self._next_row - 1))

    def _begin_column(self, attributes: dict[str, str]) -> None:
        first = self._column
        self._column += int(attributes.get("number-columns-repeated", 1))
        if attributes.get("visibility", "visible") != "visible":
            self.marks.hidden_columns.append((first, self._column - 1))

    def _cell(self, attributes: dict[str, str]) -> None:
        place = self._row, self._column
        rows = int(attributes.get("number-rows-spanned", 1))
        columns = int(attributes.get("number-columns-spanned", 1))
        if rows > 1 or columns > 1:
            self.marks.merged.append((place, (place[0] + rows - 1, place[1] + columns - 1)))
        style = attributes.get("style-name", "")
        self._used.setdefault(style, set()).add(self._row)
        if style in self._struck:
            self.marks.struck.append(place)
        if attributes.get(_CALC_TYPE) == "error":
            self.marks.errors.append(place)
        if "formula" in attributes and "value-type" not in attributes:
            self.marks.uncomputed.append(place)
        self._column += int(attributes.get("number-columns-repeated", 1))

    def of_styles(self) -> list[Beside]:
        """Give what the styles of cells are called, by the rows that have them."""
        words: dict[str, str] = {}
        for style in self._used:
            names = {style, self._parents.get(style, "")} - {USUAL_STYLE}
            written = " ".join(sorted(names))
            words[style] = _BY_LETTERS.sub(lambda code: chr(int(code[1], 16)), written).strip()
        return [
            (row, row, "stile di una cella", words[style])
            for style, rows in self._used.items()
            if WORD.search(words[style])
            for row in sorted(rows)
        ]


def ods_marks(content: IO[bytes], index: int, sheet: str) -> Marks:
    """Read the marks of a sheet of an ODS, by its place among the sheets and its name."""
    follower = _OdsTexts(index, sheet)
    follower.parser.ParseFile(content)
    follower.marks.beside = [*follower.texts, *follower.of_styles()]
    return follower.marks
