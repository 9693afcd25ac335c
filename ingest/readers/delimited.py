"""Comma, semicolon and tab separated text."""

import csv
from pathlib import Path

from ingest.rows import RawRow, RawTable
from mapping.catalogue import QuarantinedRow
from mapping.errors import SourceError

MAX_CELL_CHARACTERS = 1_000_000


def read_delimited(path: Path, *, delimiter: str, source_id: str) -> RawTable:
    """Read a text table; rows that are not of the header's width are set apart, not lost.

    Parameters
    ----------
    path : Path
        A file in UTF-8, with or without a byte order mark, or in Windows-1252.
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
        When the file is empty, or its header has a single column.
    """
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    # PostgreSQL keeps no NUL: it becomes what stands for any character that nobody can read.
    text = _decode(path.read_bytes()).replace("\0", "\N{REPLACEMENT CHARACTER}")
    lines = text.splitlines(keepends=True)
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header, path, delimiter)
        numbered = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise SourceError(
            f"{path.name}, line {reader.line_num}: {error}. Give a text table with '{delimiter}'."
        ) from error
    return _read(numbered, header, source_id)


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _check_header(header: list[str], path: Path, delimiter: str) -> None:
    if not any(header):
        raise SourceError(f"{path.name} is empty. Give a text table with a header line.")
    if len(header) == 1:
        raise SourceError(
            f"{path.name} has one column, '{header[0][:40]}'. Its delimiter is not '{delimiter}':"
            " set `delimiter` in the source's TOML."
        )


def _read(lines: list[tuple[int, list[str]]], header: list[str], source_id: str) -> RawTable:
    table = RawTable(header, [])
    for line, cells in lines:
        if not cells:
            continue
        if len(cells) == len(header):
            table.rows.append(RawRow(line, dict(zip(header, cells, strict=True))))
        else:
            table.unreadable.append(_ragged(line, cells, header, source_id))
    return table


def _ragged(line: int, cells: list[str], header: list[str], source_id: str) -> QuarantinedRow:
    return QuarantinedRow(
        source_id=source_id,
        line=line,
        field="",
        code="ragged_row",
        message=f"{len(cells)} cells, the header has {len(header)}. Mend the line's delimiters.",
        raw=dict(_numbered(cells)),
    )


def _numbered(cells: list[str]) -> list[tuple[str, str]]:
    return [(str(number), cell) for number, cell in enumerate(cells, start=1)]
