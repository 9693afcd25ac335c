"""Which rows of a list a row elsewhere in its file speaks of: those that have what it alone has."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ingest.passages import Aside, Passage, SideRow, SideTable
from ingest.rows import RawTable
from ingest.signs import signed_row, signed_unread, signs_of_rows, spoken, texts_of, under
from mapping.confidential_words import tidied_words
from mapping.disclosure import may_hold_signs
from mapping.text import NO_WORDS, YES_WORDS, plain

Cells = Sequence[str]

_CODE, _BETWEEN_CODES = re.compile(r"\S{1,8}|\S{1,4} \S{1,4}"), re.compile(r"\s*[,;/+]\s*")
_LONGEST_CODES = 60
_COUNT = re.compile(r"\d{1,4}")
"""A number that says how many, or which of nine, in more columns than that of a code."""
_UNUSED = re.compile(r"\w{1,3}")
"""What is surely a code in a legend, though no row has it: a longer word may begin a note."""
LABEL = re.compile(r".*:|(?:not[ae]|n\.? ?b|avvertenz[ae]|avviso|attenzione|fonte|totale)\W*")
"""How a row begins that is no record, however many cells follow."""
_NAME = re.compile(r"(?!\d+$)(?:.{4,}|\d+\D+|\D+\d+)")
"""What may be the name or the id of one row, where no other has the same."""
_LONGEST_MEANING = 6
PAIR = 2
"""A row of a legend says a code and what it means."""
_ANSWERS = YES_WORDS | NO_WORDS | {"-", ""}
_TOGETHER = 100


class RowNames:
    """The rows of a list by their cells, and by each code of a cell with several, as `D, R`."""

    def __init__(self, rows: Mapping[int, Cells]) -> None:
        self._rows = rows
        self._columns: dict[int, dict[str, set[int]]] = {}

    @property
    def columns(self) -> dict[int, dict[str, set[int]]]:
        """Lines of rows, by column and by what stands in it; made when it is first asked for."""
        if not self._columns:
            for line, cells in self._rows.items():
                for column, cell in enumerate(cells):
                    for code in _codes(cell):
                        by_code = self._columns.setdefault(column, {})
                        by_code.setdefault(code, set()).add(line)
        return self._columns

    def lines(self, key: str, among: set[str]) -> set[int]:
        """Give the lines of the rows that have a key in a cell.

        A small number is a code only in a column where `among`, the other keys, are as usual.
        """
        columns = [*self.columns.values()]
        if _COUNT.fullmatch(key):
            columns = [by for by in columns if 2 * len(by.keys() & among) >= len(by)]
        return {line for by_code in columns for line in by_code.get(key, ())}

    def are_sure(self, key: str, among: set[str]) -> bool:
        """Whether a key surely names rows: all of its column are such, or it is one row's name."""
        return any(
            self._are_codes(by_code, among) or self._is_name(by_code, key)
            for by_code in self.columns.values()
            if key in by_code
        )

    @staticmethod
    def _are_codes(by_code: Mapping[str, set[int]], among: set[str]) -> bool:
        return all(code in among or _BETWEEN_CODES.search(code) for code in by_code)

    @staticmethod
    def _is_name(by_code: Mapping[str, set[int]], key: str) -> bool:
        is_each_its_own = all(len(lines) == 1 for lines in by_code.values())
        return is_each_its_own and bool(_NAME.fullmatch(key))

    def uses(self, keys: set[str]) -> bool:
        """Whether one column has most of some keys: they are its codes."""
        most = max((len(by.keys() & keys) for by in self.columns.values()), default=0)
        return most >= PAIR and 2 * most >= len(keys)


def _codes(cell: str) -> set[str]:
    if len(cell) > _LONGEST_CODES:
        return set()
    whole = plain(cell).strip()
    return {whole, *_BETWEEN_CODES.split(whole)} - _ANSWERS


def beside(table: RawTable, aside: Aside, rows: Mapping[int, Cells] | None = None) -> RawTable:
    """Put over the rows of a table what its file says beside them, each where it belongs.

    Parameters
    ----------
    table : RawTable
        The rows, readable or not.
    aside : Aside
        What the file says in no cell of them.
    rows : mapping of int to sequence of str, optional
        The cells of all rows by line, where that is more than the table has.
    """
    own = rows or {row.line: [*row.texts.values()] for row in table.rows}
    names, of_all = RowNames(own), list(aside.passages)
    of_rows = {line: [*signs] for line, signs in signs_of_rows(aside.of_rows).items()}
    for side in aside.tables:
        of_all += spread(side, names, of_rows)
    lines = signs_of_rows(of_rows)
    if lines:
        rows_below = [signed_row(row, lines.get(row.line, ())) for row in table.rows]
        unread = [signed_unread(row, lines.get(row.line or 0, ())) for row in table.unreadable]
        table = replace(table, rows=rows_below, unreadable=unread)
    return under(table, of_all)


def spread(
    side: SideTable, names: RowNames, of_rows: dict[int, list[Passage]], *, is_own: bool = False
) -> list[Passage]:
    """Give to rows what speaks of them in a table beside; and give back what is of all.

    A row there speaks of those that have what it alone has: a code, an id, a name. Where nobody has
    it, the row of a list tells of itself, and so does that of a legend of which others are in use;
    any other is a note on all. A part of the list itself (`is_own`) is no note.
    """
    of_all: list[Passage] = []
    keys = _SideKeys(side)
    for row, signs in _speaking_rows(side):
        passages = [Passage(sign, side.part, row.place, side.kind, row.line) for sign in signs]
        of_row = keys.naming(row, signs)
        for line in {line for key, among in of_row for line in names.lines(key, among)}:
            of_rows.setdefault(line, []).extend(passages)
        is_note = bool(LABEL.fullmatch(plain(texts_of(row.cells)[0])))
        tells_of_itself = is_own or (side.is_list and not is_note)
        is_narrow = any(names.are_sure(key, among) for key, among in of_row) and _is_short(signs)
        if not (is_narrow or tells_of_itself or _is_unused(row, side, names)):
            of_all += passages
    return of_all


class _SideKeys:
    """What the rows of a table beside have in each column, and what one of them alone has."""

    def __init__(self, side: SideTable) -> None:
        self._side = side
        self._times: Counter[str] = Counter()
        self._columns: dict[int, set[str]] = {}

    def naming(self, row: SideRow, signs: Sequence[str]) -> list[tuple[str, set[str]]]:
        """Give what a row alone has and does not speak, each with its column's."""
        if not self._times:
            for other in self._side.rows:
                self._times.update({plain(text).strip() for text in texts_of(other.cells)})
                for column, cell in enumerate(other.cells):
                    self._columns.setdefault(column, set()).add(plain(cell).strip())
        speaks = {*map(plain, signs), *_ANSWERS}
        keys = [(plain(cell).strip(), column) for column, cell in enumerate(row.cells)]
        return [
            (key, self._columns[column])
            for key, column in keys
            if self._times[key] == 1 and key not in speaks
        ]


def _is_short(signs: Sequence[str]) -> bool:
    """Whether what speaks may be a name or the meaning of a code, and no sentence on all."""
    return all(len(tidied_words(sign).split()) <= _LONGEST_MEANING for sign in signs)


def _speaking_rows(side: SideTable) -> Iterator[tuple[SideRow, list[str]]]:
    for first in range(0, len(side.rows), _TOGETHER):
        some = side.rows[first : first + _TOGETHER]
        texts = {cell for row in some for cell in row.cells if len(cell) > PAIR}
        if may_hold_signs(texts):
            yield from ((row, signs) for row in some if (signs := spoken(row.cells)))


def _is_pair(row: SideRow) -> bool:
    texts = texts_of(row.cells)
    code = plain(texts[0]) if texts else ""
    return len(texts) == PAIR and bool(_CODE.fullmatch(code)) and not LABEL.fullmatch(code)


def _is_unused(row: SideRow, side: SideTable, names: RowNames) -> bool:
    """Whether a row says what a code means that no row has, among others that rows do have."""
    code = plain(texts_of(row.cells)[0])
    if not (_is_pair(row) and _UNUSED.fullmatch(code)):
        return False
    others = {plain(texts_of(other.cells)[0]) for other in side.rows if _is_pair(other)}
    return names.uses(others - {code})
