"""What every reader of records gives: raw rows of text, each with its line."""

from dataclasses import dataclass, field

from mapping.catalogue import QuarantinedRow


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
