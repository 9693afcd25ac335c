"""Reads comma, semicolon and tab separated text."""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

from ingest.named_rows import signed
from ingest.passages import Aside, SideRow, SideTable
from ingest.rows import (
    BLANK,
    MAX_CELL_CHARACTERS,
    MAX_CELLS,
    MAX_COLUMNS,
    RAW_CHARACTERS,
    RawRow,
    RawTable,
    distinct,
    quoted,
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
_BELOW = 3
"""So many more are looked at to tell a title from a header."""
_LOOKED_AT = 50
_SEP = re.compile(r"sep=([,;|\t]?).*", re.IGNORECASE)
_SEP_CHARACTERS = 20
_OPEN_QUOTE = "a quote is not closed"
_MACINTOSH = re.compile(rb"[A-Za-z][\x88\x8e\x8f\x93\x98\x9d](?=[\s,;\t.'\"()/-]|$)")
_WINDOWS = re.compile(rb"[A-Za-z][\xc0\xc8\xc9\xcc\xd2\xd9\xe0\xe8\xe9\xec\xf2\xf9]")
"""An accented vowel behind a letter: in Italian it ends its word."""
_DOS = re.compile(rb"(?:[A-Za-z][\x82\x8a\x8d\x95\x97]|[Tt][\x85\xb7])(?=[\s,;\t.'\"()/-]|$)")
"""The same of old programs, cp850 and cp437; of the sign that Windows has for three dots, and of
its middle dot, only behind a t: *Libertà*, no word that was cut."""
_OLD = ("mac_roman", "cp850")
_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_Record = tuple[int, list[str], str | None]
"""A record's last line, its cells, and what is wrong with it."""


def read_delimited(path: Path, *, delimiter: str, source_id: str) -> RawTable:
    """Read a text table in UTF-8, in UTF-16, in Windows-1252, in Mac Roman, or as DOS wrote it.

    A row has the line on which it ends. A row of another width than the header, with a NUL, an
    endless cell or a quote that is never closed is quarantined, and reading goes on at the next
    line. What stands above the header is passed over: blank lines, titles, and ``sep=;``, which
    goes before `delimiter`; so are rows without a word. A title or a section that speaks of a
    confidential place is a sign over its rows. Raises SourceError when the file is empty,
    too large, no text, or its header has a single column.
    """
    if path.stat().st_size > MAX_BYTES:
        raise SourceError(f"{path.name} is larger than {MAX_BYTES >> 20} MB. Give a part of it.")
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    own = _stated_delimiter(path)
    with path.open(encoding=_encoding(path), errors="replace", newline="") as file:
        records = _records(_Lines(file), own or delimiter)
        titles, first, records = _from_header(records)
        header = [_bare(name.lstrip("\ufeff")).strip() for name in first]
        _check_header(header, path, delimiter)
        table = _read(records, distinct(header), path, source_id, titles)
        old = file.encoding if file.encoding in _OLD else ""
        return replace(table, old_encoding=old)


def read_any(path: Path, *, source_id: str, column: str = "") -> tuple[RawTable, str]:
    """Read a text table whose delimiter nobody has told, and give it with its delimiter.

    Of a table of one column, which must be `column`, a line is a cell. Raises SourceError as
    `read_delimited`.
    """
    delimiter = likely_delimiter(path) or ","
    if column and _is_alone(path, column):
        return _one_column(path, source_id), ","
    return read_delimited(path, delimiter=delimiter, source_id=source_id), delimiter


def _is_alone(path: Path, column: str) -> bool:
    with path.open(encoding=_encoding(path), errors="replace") as file:
        first = next((line for line in file if line.strip(BLANK)), "")
    return first.strip(BLANK).strip('"') == column


def _one_column(path: Path, source_id: str) -> RawTable:
    # In an address there are commas: no delimiter is one here.
    with path.open(encoding=_encoding(path), errors="replace", newline="") as file:
        header, *rows = [record for record in _records(_Lines(file), "\x1f") if _filled(record[1])]
        return _read(iter(rows), header[1], path, source_id, [])


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
    """Count the lines of nearly the header's width, and its cells."""
    try:
        rows = [row for row in csv.reader(head, delimiter=delimiter) if any(row)]
    except csv.Error:
        return 0, 0
    width = next((len(row) for row in rows if len([*filter(None, row)]) > 1), 0)
    # A header may be a cell shorter than its rows, and a program may trim the last ones.
    near = sum(len(row) > 1 and abs(len(row) - width) <= 1 for row in rows)
    return near, width


def _stated_delimiter(path: Path) -> str | None:
    # Excel's own way of saying it, which no other program hides from its reader.
    with path.open(encoding=_encoding(path), errors="replace") as file:
        match = _SEP.fullmatch(file.readline(_SEP_CHARACTERS).strip())
    return match[1] if match else None


def _from_header(
    records: Iterator[_Record],
) -> tuple[list[SideRow], list[str], Iterator[_Record]]:
    """Give what stands above the header, the header, and the records behind it."""
    head = list(islice(records, _TITLE_LINES + _BELOW))
    for at, (_, cells, _) in enumerate(head[: _TITLE_LINES + 1]):
        behind = head[at + 1 :]
        is_row = len(_filled(cells)) > 1 and not _SEP.fullmatch(cells[0].strip())
        if is_row and not _is_title(cells, [row for _, row, _ in behind if _filled(row)][:2]):
            titles = [SideRow(above, f"riga {line}") for line, above, _ in head[:at]]
            return titles, cells, chain(behind, records)
    # No header follows: the first line that says anything is one, of a single column.
    return [], next((cells for _, cells, _ in head if any(cells)), []), iter(())


def _is_title(cells: list[str], below: Sequence[list[str]]) -> bool:
    """Whether a line of few cells stands above a whole line of words: that one is the header."""
    if len(below) < 2 or len({len(row) for row in below}) > 1:  # noqa: PLR2004 - and a row of it
        return False
    names = [cell.strip() for cell in below[0]]
    are_words = all(re.fullmatch(r"\D{3,}", name) for name in names)
    few = len(cells) < len(names) or 2 * len(_filled(cells)) <= len(names)
    return few and are_words and len(set(names)) == len(names)


def _filled(cells: Iterable[str]) -> list[str]:
    return [cell for cell in cells if cell.strip(BLANK)]


class _Lines(Iterator[str]):
    """The lines of a file; those of a record that fails can be read once more."""

    def __init__(self, file: Iterable[str]) -> None:
        self._file = iter(file)
        self._again: list[str] = []
        self.record: list[str] = []
        self.number = 0

    def __next__(self) -> str:
        if len(self.record) == MAX_RECORD_LINES:
            raise csv.Error(_OPEN_QUOTE)
        line = self._again.pop() if self._again else next(self._file, None)
        if line is None and self.record:
            raise csv.Error(_OPEN_QUOTE)
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
    width = 0
    while True:
        lines.record = []
        try:
            cells, problem = next(reader), None
        except StopIteration:
            return
        except csv.Error as error:
            cells, problem = [lines.after_first()[:RAW_CHARACTERS]], str(error)
        if problem is None and '"' in "".join(lines.record):
            read = _quoted(lines.record, delimiter, width)
            if read is None:
                # Somebody's open quote has met the next one: only its own line is lost.
                cells, problem = [lines.after_first()[:RAW_CHARACTERS]], _OPEN_QUOTE
                reader = csv.reader(lines, delimiter=delimiter)
            else:
                cells = read
        if problem is None and any("\0" in cell for cell in cells):
            problem = "it holds a NUL"
        width = width or (len(cells) if len(_filled(cells)) > 1 else 0)
        yield lines.number, cells, problem


def _quoted(record: list[str], delimiter: str, width: int) -> list[str] | None:
    """Read a record with quotes; None too where several lines make too short a row."""
    cells = quoted(record, delimiter)
    is_cut = cells is not None and len(record) > 1 and len(cells) < width
    return None if is_cut else cells


def _encoding(path: Path) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        head = file.read(4)
        if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        for order, noughts in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
            if noughts == b"\0\0":
                return order
        file.seek(0)
        try:
            while chunk := file.read(_CHUNK_BYTES):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            file.seek(0)
            return _of_one_byte(file.read(_CHUNK_BYTES))
    return "utf-8-sig"


def _of_one_byte(head: bytes) -> str:
    """Tell the letters of old Macintosh and DOS programs from those of Windows by their accents.

    What is an accented letter in one is a sign or nothing in the others, and none stands in a word.
    """
    accents = {
        "cp1252": len(_WINDOWS.findall(head)),
        "mac_roman": len(_MACINTOSH.findall(head)),
        "cp850": len(_DOS.findall(head)),
    }
    return max(accents, key=accents.__getitem__)


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
    titles: list[SideRow],
) -> RawTable:
    table = RawTable(header, [])
    rows: dict[int, list[str]] = {}
    for line, every, problem in records:
        if problem is None and not _filled(every):
            continue
        # Delimiters to spare at the end of a line hold nothing.
        cells = every if any(every[len(header) :]) else every[: len(header)]
        rows[line] = cells if len(header) > 1 else []
        if problem is None and len(cells) == len(header):
            texts = dict(zip(header, map(_bare, cells), strict=True))
            table.rows.append(RawRow(line, texts))
        else:
            table.unreadable.append(_unread(source_id, line, problem, cells, len(header)))
        if table.rows_in * len(header) > MAX_CELLS:
            raise SourceError(f"{path.name} has more than {MAX_CELLS} cells. Give a part of it.")
    return signed(table, rows, Aside(tables=[SideTable("", titles, is_note=True)]))


def _unread(
    source_id: str, line: int, problem: str | None, cells: list[str], width: int
) -> QuarantinedRow:
    if problem is not None:
        message = f"The line cannot be read: {problem}. Mend it."
        return _bad(source_id, line, "unreadable_row", message, cells)
    message = f"{len(cells)} cells, the header has {width}. Mend the line's delimiters."
    return _bad(source_id, line, "ragged_row", message, cells[:MAX_COLUMNS])


def _bare(cell: str) -> str:
    # ="0288451234" keeps a spreadsheet from taking a text for a number.
    match = _AS_TEXT.fullmatch(cell.strip()) if cell.lstrip().startswith('="') else None
    return match[1].replace('""', '"') if match else cell


def _bad(source_id: str, line: int, code: str, message: str, cells: list[str]) -> QuarantinedRow:
    raw = {str(number): cell.replace("\0", "") for number, cell in enumerate(cells, start=1)}
    return QuarantinedRow(
        source_id=source_id, line=line, field="", code=code, message=message, raw=raw
    )
