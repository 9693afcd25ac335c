"""Reads comma, semicolon and tab separated text."""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ingest.rows import (
    MAX_CELL_CHARACTERS,
    MAX_CELLS,
    MAX_COLUMNS,
    RAW_CHARACTERS,
    RawRow,
    RawTable,
    distinct,
)
from mapping.catalogue.batches import QuarantinedRow
from mapping.errors import SourceError

MAX_BYTES = 256 * 2**20
MAX_RECORD_LINES = 100
"""A record of more lines is taken for a quote that nobody closed."""
DELIMITERS = {",": ",", ";": ";", "\t": "\\t", "|": "|"}
"""Those that fit a table, as a TOML spells them."""
_CHUNK_BYTES = 2**20
_TITLE_LINES = 10
"""So many lines may stand above a header."""
_LOOKED_AT = 50
_SEP = re.compile(r"sep=([,;|\t]?).*", re.IGNORECASE)
_SEP_CHARACTERS = 20
_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_Record = tuple[int, list[str], str | None]
"""A record's last line, its cells, and what is wrong with it."""


def read_delimited(path: Path, *, delimiter: str, source_id: str) -> RawTable:
    """Read a text table in UTF-8, in UTF-16 with a byte order mark, or in Windows-1252.

    A row has the line on which it ends. A row of another width than the header, with a NUL, an
    endless cell or a quote that is never closed is quarantined, and reading goes on at the next
    line. What stands above the header is passed over: blank lines, a title in one cell, and
    ``sep=;``, which goes before `delimiter`. Raises SourceError when the file is empty, too large,
    no text, or its header has a single column.
    """
    if path.stat().st_size > MAX_BYTES:
        raise SourceError(f"{path.name} is larger than {MAX_BYTES >> 20} MB. Give a part of it.")
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    own = _stated_delimiter(path)
    with path.open(encoding=_encoding(path), errors="replace", newline="") as file:
        records = _records(_Lines(file), own or delimiter)
        first, records = _from_header(records)
        header = [_bare(name.lstrip("\ufeff")).strip() for name in first]
        _check_header(header, path, delimiter)
        return _read(records, distinct(header), path, source_id)


def likely_delimiter(path: Path) -> str | None:
    """Find the delimiter by which most of the first lines have as many cells as the header.

    None where none makes a table of them.
    """
    own = _stated_delimiter(path)
    if own:
        return own
    with path.open(encoding=_encoding(path), errors="replace", newline="") as file:
        head = [line for line, _ in zip(file, range(_LOOKED_AT), strict=False)]
    scores = {delimiter: _score(head, delimiter) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > (0, 0) else None


def _score(head: list[str], delimiter: str) -> tuple[int, int]:
    """Count the lines of the header's width, and its cells."""
    try:
        rows = [row for row in csv.reader(head, delimiter=delimiter) if any(row)]
    except csv.Error:
        return 0, 0
    width = next((len(row) for row in rows if len([*filter(None, row)]) > 1), 0)
    return sum(len(row) == width for row in rows), width


def _stated_delimiter(path: Path) -> str | None:
    # Excel's own way of saying it, which no other program hides from its reader.
    with path.open(encoding=_encoding(path), errors="replace") as file:
        match = _SEP.fullmatch(file.readline(_SEP_CHARACTERS).strip())
    return match[1] if match else None


def _from_header(records: Iterator[_Record]) -> tuple[list[str], Iterator[_Record]]:
    """Pass over what stands above the header, and give it and the records behind it."""
    above: list[_Record] = []
    for record in records:
        cells = [cell for cell in record[1] if cell.strip()]
        if len(cells) > 1 and not _SEP.fullmatch(record[1][0].strip()):
            return record[1], records
        above.append(record)
        if len(above) > _TITLE_LINES:
            break
    # No header follows: the first line that says anything is one, of a single column.
    return next((cells for _, cells, _ in above if any(cells)), []), records


class _Lines(Iterator[str]):
    """The lines of a file; those of a record that fails can be read once more."""

    def __init__(self, file: Iterable[str]) -> None:
        self._file = iter(file)
        self._again: list[str] = []
        self.record: list[str] = []
        self.number = 0

    def __next__(self) -> str:
        if len(self.record) == MAX_RECORD_LINES:
            raise csv.Error("a quote is not closed")
        line = self._again.pop() if self._again else next(self._file, None)
        if line is None and self.record:
            raise csv.Error("a quote is not closed")
        if line is None:
            raise StopIteration
        self.record.append(line)
        self.number += 1
        return line

    def after_first(self) -> str:
        """Go back to just after the first line of the record, and give that line."""
        self._again.extend(reversed(self.record[1:]))
        self.number -= len(self.record) - 1
        return self.record[0]


def _records(lines: _Lines, delimiter: str) -> Iterator[_Record]:
    """Give each record's last line and cells, or the line and what is wrong with it."""
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        lines.record = []
        try:
            cells, problem = next(reader), None
        except StopIteration:
            return
        except csv.Error as error:
            cells, problem = [lines.after_first()[:RAW_CHARACTERS]], str(error)
        if problem is None and any("\0" in cell for cell in cells):
            problem = "it holds a NUL"
        yield lines.number, cells, problem


def _encoding(path: Path) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        file.seek(0)
        try:
            while chunk := file.read(_CHUNK_BYTES):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _check_header(header: list[str], path: Path, delimiter: str) -> None:
    if not any(header):
        raise SourceError(f"{path.name} is empty. Give a text table with a header line.")
    if any("\0" in name for name in header):
        raise SourceError(f"{path.name} is not a text table. Give a CSV in UTF-8.")
    if len(header) > MAX_COLUMNS:
        raise SourceError(
            f"{path.name} has {len(header)} columns, more than {MAX_COLUMNS}. Give a part of it."
        )
    if len(header) == 1:
        fits = max(DELIMITERS, key=header[0].count)
        wanted = f' = "{DELIMITERS[fits]}"' if fits in header[0] else ""
        # The line itself is not told: in a file without a header it is a row.
        raise SourceError(
            f"{path.name} has one column. Its delimiter is not {delimiter!r}:"
            f" set `delimiter{wanted}` in the source's TOML."
        )


def _read(
    records: Iterator[_Record],
    header: list[str],
    path: Path,
    source_id: str,
) -> RawTable:
    table = RawTable(header, [])
    for line, every, problem in records:
        # Delimiters to spare at the end of a line hold nothing.
        cells = every if any(every[len(header) :]) else every[: len(header)]
        if problem is not None:
            message = f"The line cannot be read: {problem}. Mend it."
            table.unreadable.append(_bad(source_id, line, "unreadable_row", message, cells))
        elif len(cells) == len(header):
            table.rows.append(RawRow(line, dict(zip(header, map(_bare, cells), strict=True))))
        elif cells:
            message = (
                f"{len(cells)} cells, the header has {len(header)}. Mend the line's delimiters."
            )
            table.unreadable.append(
                _bad(source_id, line, "ragged_row", message, cells[:MAX_COLUMNS])
            )
        if table.rows_in * len(header) > MAX_CELLS:
            raise SourceError(f"{path.name} has more than {MAX_CELLS} cells. Give a part of it.")
    return table


def _bare(cell: str) -> str:
    # ="0288451234" keeps a spreadsheet from taking a text for a number.
    match = _AS_TEXT.fullmatch(cell.strip()) if cell.lstrip().startswith('="') else None
    return match[1].replace('""', '"') if match else cell


def _bad(source_id: str, line: int, code: str, message: str, cells: list[str]) -> QuarantinedRow:
    raw = {str(number): cell.replace("\0", "") for number, cell in enumerate(cells, start=1)}
    return QuarantinedRow(
        source_id=source_id, line=line, field="", code=code, message=message, raw=raw
    )
