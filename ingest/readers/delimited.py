"""Comma, semicolon and tab separated text."""

import codecs
import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

from ingest.rows import RawRow, RawTable
from mapping.catalogue import QuarantinedRow
from mapping.errors import SourceError

MAX_FILE_BYTES = 1_000_000_000
MAX_CELL_CHARACTERS = 1_000_000
MAX_COLUMNS = 2_000
MAX_BROKEN_LINES = 100
"""So many lines with broken quotes are another format."""
HEAD_BYTES, MAX_HEAD_NULS = 200, 5
"""More NULs than this among so many bytes are no slip: no text, or two bytes a letter."""
SHOWN_CHARACTERS = 1_000
"""Of a line that cannot be read: enough to find it."""
_DELIMITERS = ",;\t|"
_MARKS = {
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8-sig",
}


def read_delimited(path: Path, *, delimiter: str, source_id: str) -> RawTable:
    """Read a text table; rows that are not of the header's width are set apart, not lost.

    Parameters
    ----------
    path : Path
        A file in UTF-8 or UTF-16 with a byte order mark, in UTF-8 without, or in Windows-1252.
    delimiter : str
        One character.
    source_id : str
        Named in the quarantined rows and the errors.

    Returns
    -------
    RawTable
        The rows, with the line on which each ends.

    Raises
    ------
    SourceError
        When the file is empty, no text or too large, or its header has a single column, or more
        than `MAX_COLUMNS`.
    """
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    lines = _decode(path).splitlines(keepends=True)
    numbered = _numbered_rows(lines, delimiter, path)
    _, header = next(numbered, (0, []))
    header = [name.strip() for name in header or []]
    _check_header(header, path, delimiter)
    return _read(numbered, lines, header, source_id)


def _decode(path: Path) -> str:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise SourceError(f"{path.name} is larger than {MAX_FILE_BYTES} bytes. Give a part of it.")
    raw = path.read_bytes()
    encoding = next((name for mark, name in _MARKS.items() if raw.startswith(mark)), None)
    if encoding is None and raw[:HEAD_BYTES].count(0) > MAX_HEAD_NULS:
        raise SourceError(f"{path.name} is no text: it holds NUL bytes. Save it as CSV in UTF-8.")
    try:
        text = raw.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    # PostgreSQL keeps no NUL: it becomes what stands for any character that nobody can read.
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _numbered_rows(
    lines: list[str], delimiter: str, path: Path
) -> Iterator[tuple[int, list[str] | None]]:
    """Give each row with the line on which it ends; None for a line whose quotes are broken.

    A quote that is never closed would swallow the rest of the file: only its own line is given up,
    and reading goes on with the next one.
    """
    start, broken = 0, 0
    while start < len(lines):
        reader = csv.reader(itertools.islice(lines, start, None), delimiter=delimiter, strict=True)
        read = 0
        try:
            for cells in reader:
                read = reader.line_num
                yield start + read, cells
        except csv.Error:
            broken += 1
        else:
            return
        if broken > MAX_BROKEN_LINES:
            raise SourceError(
                f"{path.name} has more than {MAX_BROKEN_LINES} lines with broken quotes. It is no"
                f" table with '{delimiter}': save it anew as CSV."
            )
        start += read + 1
        yield start, None


def _check_header(header: list[str], path: Path, delimiter: str) -> None:
    if not any(header):
        raise SourceError(f"{path.name} is empty. Give a text table with a header line.")
    if len(header) == 1:
        better = max(_DELIMITERS, key=header[0].count)
        likely = f", it looks like '{better}'" if better in header[0] else ""
        raise SourceError(
            f"{path.name} has one column, '{header[0][:40]}'. Its delimiter is not '{delimiter}'"
            f"{likely}: set `delimiter` in the source's TOML."
        )
    if len(header) > MAX_COLUMNS:
        raise SourceError(
            f"{path.name} has {len(header)} columns, more than {MAX_COLUMNS}. Give fewer."
        )


def _read(
    numbered: Iterator[tuple[int, list[str] | None]],
    lines: list[str],
    header: list[str],
    source_id: str,
) -> RawTable:
    table = RawTable(header, [])
    for line, cells in numbered:
        if cells is None:
            table.unreadable.append(_broken(line, lines[line - 1], source_id))
        elif len(cells) == len(header):
            table.rows.append(RawRow(line, dict(zip(header, cells, strict=True))))
        elif cells:
            table.unreadable.append(_ragged(line, cells, header, source_id))
    return table


def _broken(line: int, text: str, source_id: str) -> QuarantinedRow:
    return QuarantinedRow(
        source_id=source_id,
        line=line,
        field="",
        code="broken_quotes",
        message="A quote is not closed, or a cell is too long. Mend the line's quotes.",
        raw={"line": text.rstrip("\r\n")[:SHOWN_CHARACTERS]},
    )


def _ragged(line: int, cells: list[str], header: list[str], source_id: str) -> QuarantinedRow:
    return QuarantinedRow(
        source_id=source_id,
        line=line,
        field="",
        code="ragged_row",
        message=f"{len(cells)} cells, the header has {len(header)}. Mend the line's delimiters.",
        raw={str(number): cell for number, cell in enumerate(cells, start=1)},
    )
