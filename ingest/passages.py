"""What a file says outside of the rows of a list: where it stands, and of which rows it is."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Literal, NamedTuple

RECORD_TEXTS = 3
"""What says as many things is a record; what usually says fewer is a note or a legend."""
Kind = Literal["heading", "note", "group", "around", "name"]
"""A row above others, one below all, a cell above empty ones, what is no row, a file's name."""

_NAMED = re.compile(r" ?«([^»]*)»")
_USUAL_NAME = re.compile(
    r"(?:legend[ae]|not[ae]|leggimi|dati|elenco|altro|servizi|codici|tipi|info|foglio ?\d+"
    r"|sheet ?\d+)(?:\.\w{2,4})?"
)
"""Names of sheets, tables and files that tell nothing."""


@dataclass(frozen=True)
class Passage:
    """A text that stands in no cell of a row, and where."""

    text: str
    part: str = ""
    """Of the file, as people of a sheet call it: ``foglio «Legenda»``."""
    place: str = ""
    """Within the part, such as ``cella B4``."""
    kind: Kind = "around"
    line: int | None = None
    """Where it is a row of the list itself."""

    @property
    def where(self) -> str:
        """The part and the place in it, as a person finds them."""
        own = f"riga {self.line}" if self.line else ""
        return ", ".join(filter(None, (self.part, self.place, own)))

    def masked(self, phrases: Callable[[str], Sequence[str]]) -> str:
        """Give `where` with no more of a name than is usual, or the phrases by which it speaks."""

        def shown(match: re.Match[str]) -> str:
            own = [match[1]] if _USUAL_NAME.fullmatch(match[1].lower()) else phrases(match[1])
            return f" «{' … '.join(own)}»" if own else ""

        return _NAMED.sub(shown, self.where)


class SideRow(NamedTuple):
    """A row of a table that stands beside the list."""

    cells: Sequence[str]
    place: str = ""
    line: int | None = None


@dataclass(frozen=True)
class SideTable:
    """Rows beside the list: a legend, notes, another list."""

    part: str
    rows: list[SideRow]
    kind: Kind = "around"
    is_note: bool = False
    """Whether it stands above or below the rows of the list itself."""
    name: str = ""
    """As its file calls it: that is over its own rows alone."""
    columns: Sequence[str] = ()
    """Its headings, where no row has them."""

    @property
    def is_list(self) -> bool:
        """Whether its rows are usually records, which tell of themselves, and no notes."""
        if self.is_note:
            return False
        sizes = [size for row in self.rows if (size := sum(map(bool, row.cells)))]
        return len(sizes) > 1 and median(sizes) >= RECORD_TEXTS


@dataclass
class Aside:
    """All that a file says beside the rows of a list."""

    passages: list[Passage] = field(default_factory=list)
    """Of all rows, for nothing narrower is told."""
    of_rows: dict[int, list[Passage]] = field(default_factory=dict)
    """Of the row with a line."""
    tables: list[SideTable] = field(default_factory=list)

    def add(self, other: "Aside") -> None:
        """Take along what another part of the file says."""
        self.passages += other.passages
        self.tables += other.tables
        for line, passages in other.of_rows.items():
            self.of_rows.setdefault(line, []).extend(passages)
