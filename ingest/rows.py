"""Raw rows of text, each with its line: what every reader of records gives."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.passages import Passage
from mapping.catalogue.batches import QuarantinedRow
from mapping.errors import SourceError

LON, LAT = "geometry.lon", "geometry.lat"
"""The columns in which a record's representative point, in degrees, joins its attributes."""
REACH = "geometry.reach_metres"
"""The column that says how far a record's shape reaches from that point, if it is no point."""
SIGN = "around"
"""How the columns begin in which what stands around a row is judged with its cells."""
MAX_COLUMNS = 2_000
MAX_CELL_CHARACTERS = 100_000
RAW_CHARACTERS = 200
"""So much of an endless text is kept in the quarantine."""
BLANK = "\x1a \t\r\n\u00a0"
"""What says nothing in a text; the first ends a text of old programs."""
MAX_CELLS = 10_000_000
"""A file of more cells than a machine of moderate memory holds is refused, not half read."""


@dataclass(frozen=True)
class RawRow:
    """One record as published: its line (or feature number, from 1) and its texts by column."""

    line: int
    texts: dict[str, str]
    written: dict[str, str] | None = None
    """The row as it stands in its file, where `texts` were read out of it."""
    signs: tuple[Passage, ...] = ()
    """What its file says of a confidential place outside of its cells, as `ingest.signs` gives."""

    @property
    def cells(self) -> dict[str, str]:
        """Every cell of the row, by the heading of its file, and its signs."""
        own = self.texts if self.written is None else self.written
        return own | as_cells(self.signs)


@dataclass(frozen=True)
class RawTable:
    """The records of one file, with those that could not even be read."""

    columns: list[str]
    rows: list[RawRow]
    unreadable: list[QuarantinedRow] = field(default_factory=list)
    deleted: int = 0
    """Rows that the file marks as deleted: they are no rows of it."""
    hidden_rows: tuple[int, ...] = ()
    """Rows that a sheet does not show: they are read as the others."""
    hidden_columns: tuple[str, ...] = ()
    """So are columns."""
    hidden_sheets: tuple[str, ...] = ()
    """Sheets that a workbook does not show, passed over on the way to the one that was read."""
    old_encoding: str = ""
    """How a text table was written, where its accents alone tell it."""

    @property
    def rows_in(self) -> int:
        """How many records the file holds, readable or not."""
        return len(self.rows) + len(self.unreadable)


def as_cells(signs: Sequence[Passage], first: int = 1) -> dict[str, str]:
    """Give what stands outside of the cells of a row as cells of it, under columns of their own."""
    return {f"{SIGN}.{number}": sign.text for number, sign in enumerate(signs, start=first)}


class CellError(ValueError):
    """A cell for which its row cannot be kept: the field, a code and what to mend."""

    def __init__(self, field_name: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field_name = field_name
        self.code = code


def bounded(table: RawTable, *, name: str, source_id: str) -> RawTable:
    """Set apart the rows with an endless cell.

    Raises SourceError when there are more than `MAX_COLUMNS` columns, or `MAX_CELLS` cells.
    """
    if len(table.columns) > MAX_COLUMNS:
        raise SourceError(
            f"{name} has {len(table.columns)} columns, more than {MAX_COLUMNS}. Give a part of it."
        )
    if sum(len(row.texts) for row in table.rows) > MAX_CELLS:
        raise SourceError(f"{name} has more than {MAX_CELLS} cells. Give a part of it.")
    within = replace(table, rows=[], unreadable=list(table.unreadable))
    for row in table.rows:
        endless = [key for key, text in row.texts.items() if len(text) > MAX_CELL_CHARACTERS]
        if endless:
            within.unreadable.append(_endless(source_id, row, endless[0]))
        else:
            within.rows.append(row)
    return within


def flat(record: dict[str, Any]) -> dict[str, str]:
    """Give a nested record as texts, with dotted names.

    ``{"a": {"b": 1}, "c": ["x", "y"], "d": [{"e": None}]}`` gives ``a.b``, ``c`` as ``x; y``, and
    ``d.0.e``, which is empty.
    """
    return dict(_texts("", record))


def table(records: Iterable[object], source_id: str) -> RawTable:
    """Make a table of nested records, numbered from 1; its columns are those of any of them.

    A record that is no JSON object is set apart.
    """
    rows: list[RawRow] = []
    unreadable: list[QuarantinedRow] = []
    for line, record in enumerate(records, start=1):
        if isinstance(record, dict):
            rows.append(RawRow(line, flat(record)))
        else:
            unreadable.append(_no_object(line, record, source_id))
    columns = list(dict.fromkeys(column for row in rows for column in row.texts))
    blank = dict.fromkeys(columns, "")
    return RawTable(columns, [RawRow(row.line, blank | row.texts) for row in rows], unreadable)


def _texts(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(f"{name}.{key}" if name else str(key), part)
    elif isinstance(value, list) and any(isinstance(part, dict | list) for part in value):
        for number, part in enumerate(value):
            yield from _texts(f"{name}.{number}", part)
    elif isinstance(value, list):
        yield name, "; ".join(_text(part) for part in value if part is not None)
    else:
        yield name, _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _no_object(line: int, record: object, source_id: str) -> QuarantinedRow:
    return QuarantinedRow(
        source_id=source_id,
        line=line,
        field="",
        code="no_object",
        message="The record is no object with named values. Mend it upstream.",
        raw={"record": str(record)[:RAW_CHARACTERS]},
    )


def distinct(names: list[str]) -> list[str]:
    """Tell columns of the same name apart: ``["Tel", "Tel"]`` gives ``["Tel", "Tel (2)"]``."""
    times: dict[str, int] = {}
    distinct_names: dict[str, None] = {}
    for name in names:
        free = name
        while free in distinct_names:
            times[name] = times.get(name, 1) + 1
            free = f"{name} ({times[name]})"
        distinct_names[free] = None
    return list(distinct_names)


def quoted(record: Sequence[str], delimiter: str) -> list[str] | None:
    """Read the lines of a record with quotes, doubled or not; None where one was never closed."""
    try:
        return next(csv.reader(record, delimiter=delimiter, strict=True))
    except csv.Error:
        return _undoubled(record[0], delimiter) if len(record) == 1 else None


def _undoubled(line: str, delimiter: str) -> list[str] | None:
    """Read a line with quotes inside quotes: one ends a cell only before a delimiter.

    ``"CASA "LO RUSSO""`` is one cell, and so is ``"A" scale``, with its quotes. None where a quote
    is not closed.
    """
    mark = re.escape(delimiter)
    cell = re.compile(rf'"((?:[^"]|"(?!{mark}|$))*)"(?={mark}|$)|([^{mark}]*)(?={mark}|$)')
    text, at = line.rstrip("\r\n"), 0
    cells: list[str] = []
    while match := cell.match(text, at):
        if match[1] is None and match[2].startswith('"') and match[2].count('"') % 2:
            return None
        cells.append(match[2] if match[1] is None else match[1].replace('""', '"'))
        at = match.end() + 1
        if at > len(text):
            return cells
    return None


def _endless(source_id: str, row: RawRow, name: str) -> QuarantinedRow:
    return QuarantinedRow(
        source_id=source_id,
        line=row.line,
        field=name,
        code="endless_cell",
        message=f"The cell has more than {MAX_CELL_CHARACTERS} characters. Shorten it.",
        raw={key: text[:RAW_CHARACTERS] for key, text in row.cells.items()},
    )
