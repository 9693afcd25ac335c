"""What every reader of records gives: raw rows of text, each with its line."""

from dataclasses import dataclass, field

from mapping.catalogue import QuarantinedRow

LON, LAT = "geometry.lon", "geometry.lat"
"""The columns in which a record's representative point, in degrees, joins its attributes."""
MAX_COLUMNS = 2_000
MAX_CELLS = 10_000_000
"""A file of more cells than a machine of moderate memory holds is refused, not half read."""


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
