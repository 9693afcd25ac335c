"""Searches decoded files for texts and points of confidential records."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mapping.arrays import Floats
from mapping.leaks import arrow_values
from mapping.leaks.confidential_records import ConfidentialRecords
from mapping.leaks.decoded_part import CellColumn, FileContent
from mapping.leaks.file_content import contents
from mapping.leaks.points_near import points_near
from mapping.leaks.public_ground import PublicGround

LEAK_METRES = 50.0
EXPLAINED_METRES = 1.5
"""A published point is that near to the public thing that it is: coordinates are rounded."""
_CIVIC_NAME = re.compile(r"civic|num|house|street|addr|indirizz|\bvia\b|^nr?$", re.IGNORECASE)
"""What a column of civic numbers is called; those of other columns count beside ``Via …`` only."""
_CODE_NAME = re.compile(
    r"(^|_)(id|code|codice|cap|zip|municipio|nil|lines?|class|date|year)$", re.IGNORECASE
)
"""What a column is called whose short figures are no civic numbers, whatever stands beside them."""


@dataclass(frozen=True, order=True)
class Leak:
    """A file that gives something away, and whether by a text or by a point; never which."""

    file: str
    by: str


def leaks(
    paths: Iterable[Path],
    records: ConfidentialRecords,
    ground: PublicGround,
    *,
    near_metres: float = LEAK_METRES,
) -> list[Leak]:
    """List the files that hold a text, or an unexplained point, of confidential records."""
    if not records:
        return []
    leaking: set[Leak] = set()
    for path in paths:
        explained = ground.of_file(path.name)
        sought = records.without(explained.texts)
        for part in contents(path):
            ways = told_by(part, sought, explained, near_metres)
            leaking |= {Leak(path.name, way) for way in ways}
    return sorted(leaking)


def told_by(
    part: FileContent, records: ConfidentialRecords, ground: PublicGround, near_metres: float
) -> Iterator[str]:
    """Say by what a part of a file gives confidential records away."""
    unexplained = (text for text in part.texts if text not in ground.texts)
    if records.are_told_in(unexplained) or any(
        _is_told_by(table, records) for table in part.tables
    ):
        yield "text"
    if any(
        not all(ground.explains(points, EXPLAINED_METRES + part.rounded_metres))
        for rows in _stacked(part.numbers)
        for points in points_near(rows, records, near_metres)
        if len(points)
    ):
        yield "point"


def _stacked(numbers: list[Floats]) -> Iterator[Floats]:
    """Put pairs together, of which a text may have thousands: one look is enough for all."""
    pairs = [rows for rows in numbers if rows.shape[1:] == (2,)]
    if pairs:
        yield np.vstack(pairs)
    yield from (rows for rows in numbers if rows.shape[1:] != (2,))


def _is_told_by(table: list[CellColumn], records: ConfidentialRecords) -> bool:
    """Whether cells of one row of a table tell together what none of them tells alone."""
    if records.phones and any(_holds_phone(column.values, records) for column in table):
        return True
    texts = [column.values for column in table if arrow_values.is_text(column.values.type)]
    civics = [column.values for column in table if _CIVIC_NAME.search(column.name)]
    beside = [column.values for column in table if _may_be_civic(column)]
    for column in texts:
        clues = [cell for cell in column.unique().to_pylist() if cell]
        clues = [cell for cell in clues if records.may_be_told_by(cell)]
        if not clues:
            continue
        rows = pc.indices_nonzero(pc.is_in(column, value_set=pa.array(clues, column.type)))
        candidates = zip(
            column.take(rows).to_pylist(), _rows(beside, rows), _rows(civics, rows), strict=True
        )
        if any(records.are_told_by_row(*row) for row in set(candidates)):
            return True
    return False


def _may_be_civic(column: CellColumn) -> bool:
    return arrow_values.is_text(column.values.type) and not _CODE_NAME.search(column.name)


def _rows(columns: list[pa.Array], rows: pa.Array) -> list[tuple[str, ...]]:
    cells = [column.take(rows).to_pylist() for column in columns]
    written = ([str(cell or "") for cell in column] for column in cells)
    return list(zip(*written, strict=True)) or [()] * len(rows)


def _holds_phone(values: pa.Array, records: ConfidentialRecords) -> bool:
    """Whether a column of whole numbers has a phone, whose leading zero is lost."""
    if not pa.types.is_integer(values.type):
        return False
    phones = pa.array(sorted({int(phone) for phone in records.phones}), pa.int64())
    whole = values.cast(pa.int64(), safe=False)
    return bool(pc.any(pc.is_in(whole, value_set=phones)).as_py())
