"""What every reader of records gives: raw rows of text, each with its line."""

from dataclasses import dataclass, field

from mapping.catalogue import QuarantinedRow
from mapping.errors import SourceError

LON, LAT = "geometry.lon", "geometry.lat"
"""The columns in which a record's representative point, in degrees, joins its attributes."""
MAX_COLUMNS = 2_000
MAX_CELLS = 10_000_000
"""A file of more cells than a machine of moderate memory holds is refused, not half read."""
MAX_CELL_CHARACTERS = 100_000
RAW_CHARACTERS = 200
"""So much of an endless text is kept in the quarantine."""


@dataclass(frozen=True)
class RawRow:
    """One record as published: its line (or feature number, from 1) and its texts by column."""

    line: int
    texts: dict[str, str]


@dataclass(frozen=True)
class RawTable:
    """The records of one file, with those that could not even be read."""

    columns: list[str]
    rows: list[RawRow]
    unreadable: list[QuarantinedRow] = field(default_factory=list)

    @property
    def rows_in(self) -> int:
        """How many records the file holds, readable or not."""
        return len(self.rows) + len(self.unreadable)


def bounded(table: RawTable, *, name: str, source_id: str) -> RawTable:
    """Set apart the rows with an endless cell; refuse a table that is too large altogether.

    Parameters
    ----------
    table : RawTable
        What a reader gives.
    name : str
        The file's name.
    source_id : str
        Named in the quarantined rows.

    Returns
    -------
    RawTable
        The rows that may be used, and those set apart.

    Raises
    ------
    SourceError
        When there are more than `MAX_COLUMNS` columns, or `MAX_CELLS` cells.
    """
    if len(table.columns) > MAX_COLUMNS:
        raise SourceError(
            f"{name} has {len(table.columns)} columns, more than {MAX_COLUMNS}. Give a part of it."
        )
    if sum(len(row.texts) for row in table.rows) > MAX_CELLS:
        raise SourceError(f"{name} has more than {MAX_CELLS} cells. Give a part of it.")
    kept = RawTable(table.columns, [], list(table.unreadable))
    for row in table.rows:
        endless = [key for key, text in row.texts.items() if len(text) > MAX_CELL_CHARACTERS]
        if endless:
            kept.unreadable.append(_endless(source_id, row, endless[0]))
        else:
            kept.rows.append(row)
    return kept


def _endless(source_id: str, row: RawRow, name: str) -> QuarantinedRow:
    return QuarantinedRow(
        source_id=source_id,
        line=row.line,
        field=name,
        code="endless_cell",
        message=f"The cell has more than {MAX_CELL_CHARACTERS} characters. Shorten it.",
        raw={key: text[:RAW_CHARACTERS] for key, text in row.texts.items()},
    )


def distinct(names: list[str]) -> list[str]:
    """Tell columns of the same name apart.

    Parameters
    ----------
    names : list of str
        As the header gives them, such as ``["Tel", "Tel"]``.

    Returns
    -------
    list of str
        Each once, such as ``["Tel", "Tel (2)"]``.
    """
    times: dict[str, int] = {}
    given: dict[str, None] = {}
    for name in names:
        free = name
        while free in given:
            times[name] = times.get(name, 1) + 1
            free = f"{name} ({times[name]})"
        given[free] = None
    return list(given)
