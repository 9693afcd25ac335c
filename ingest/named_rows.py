"""Which rows of a list its file speaks of elsewhere: those with a key of a row that speaks."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from ingest import row_keys
from ingest.passages import Aside, Passage, SideRow, SideTable
from ingest.row_keys import ADDRESS, CODE, COUNT, ID, NAME, Key
from ingest.rows import BLANK, RawTable
from ingest.sections import LABEL, groups, over, records_among
from ingest.signs import (
    signed_row,
    signed_unread,
    signs_of_rows,
    speaking,
    spoken,
    texts_of,
    under,
)
from mapping.confidential_words import tidied_words
from mapping.disclosure import may_hold_signs
from mapping.text import NO_WORDS, plain

Cells = Sequence[str]

_LONGEST_MEANING = 6
PAIR = 2
"""A row of a legend says a code and what it means."""
_FURTHER = 3
"""Through so many tables a key leads to another."""
_TOGETHER = 100
_LEAST, _HEADINGS = 2, 5
"""So many usual headings make a row one of headings, among the first so many rows."""
_SHORT_CELL = 24
_RAISED = str.maketrans({sign: f"({number})" for number, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")})
_DENIED = {"", "-", *NO_WORDS}


class MainRows:
    """The rows of a list, found by their keys; made when they are first asked for."""

    def __init__(self, rows: Mapping[int, Cells], columns: Sequence[str]) -> None:
        self._rows = rows
        self._headings = dict(enumerate(columns))

    @cached_property
    def _never_keys(self) -> set[int]:
        """Columns of what names no single service."""
        return {column for column, text in self._headings.items() if row_keys.is_never_key(text)}

    @cached_property
    def _values(self) -> dict[int, dict[str, set[int]]]:
        """Lines of rows, by column and by each code of a cell."""
        columns: dict[int, dict[str, set[int]]] = {}
        for line, cells in self._rows.items():
            for column, cell in enumerate(cells):
                if column not in self._never_keys:
                    for code in row_keys.codes_of(cell):
                        columns.setdefault(column, {}).setdefault(code, set()).add(line)
        return columns

    @cached_property
    def _names(self) -> set[int]:
        """Columns of names, by their heading or because no two rows have the same."""
        names: set[int] = set()
        for column, by_value in self._values.items():
            heading = self._headings.get(column, "")
            is_each_its_own = all(len(lines) == 1 for lines in by_value.values())
            is_open = not row_keys.is_common(heading) and not row_keys.is_of_ids(heading)
            if is_open and (row_keys.is_of_names(heading) or is_each_its_own):
                names.add(column)
        return names

    @cached_property
    def _ids(self) -> set[int]:
        """Columns of ids, likewise."""
        return {
            column
            for column, by_value in self._values.items()
            if not row_keys.is_common(heading := self._headings.get(column, ""))
            and (row_keys.is_of_ids(heading) or all(len(some) == 1 for some in by_value.values()))
        }

    @cached_property
    def _by_address(self) -> dict[Key, set[int]]:
        by_key: dict[Key, set[int]] = {}
        for line, cells in self._rows.items():
            for key in row_keys.address_keys(cells, self._headings):
                by_key.setdefault(key, set()).add(line)
        return by_key

    @cached_property
    def _by_contact(self) -> dict[Key, set[int]]:
        return self._by_cell(lambda _, cell: row_keys.contact_keys(cell))

    @cached_property
    def _by_name(self) -> dict[Key, set[int]]:
        return self._by_cell(self._name_keys)

    def _name_keys(self, column: int, cell: str) -> Iterable[Key]:
        heading = self._headings.get(column, "")
        return row_keys.name_keys(cell, heading) if column in self._names else ()

    def _by_cell(self, keys: Callable[[int, str], Iterable[Key]]) -> dict[Key, set[int]]:
        """Find keys in every cell, behind the last heading too: a row may have a comma too many."""
        by_key: dict[Key, set[int]] = {}
        for line, cells in self._rows.items():
            for column, cell in enumerate(cells):
                for key in keys(column, cell) if column not in self._never_keys else ():
                    by_key.setdefault(key, set()).add(line)
        return by_key

    def lines(self, key: Key, among: set[str]) -> set[int]:
        """Give the lines of the rows with a key.

        A small number is a code only in a column where `among`, the other keys, are as usual.
        """
        kind, text = key
        if kind == ID:
            return {line for at in self._ids for line in self._values[at].get(text, ())}
        if kind == ADDRESS:
            return self._by_address.get(key, set())
        if kind != CODE:
            return (self._by_name if kind == NAME else self._by_contact).get(key, set())
        columns = [*self._values.values()]
        if COUNT.fullmatch(text):
            columns = [by for by in columns if 2 * len(by.keys() & among) >= len(by)]
        return {line for by_code in columns for line in by_code.get(text, ())}

    def marked(self, code: str, legend: set[str]) -> set[int]:
        """Give the lines of the rows that have a code of a legend in any form.

        It may be a part of a cell (``D-R``, ``DR``, ``R1``, ``R (notte)``, ``[R]``), a sign behind
        a name, or the heading of a column that a row fills.
        """
        bare = re.sub(r"^\W+|\W+$", "", code)
        sign, whole = _form(code, bare), _whole_form(bare, legend)
        lines: set[int] = set()
        for column, heading in self._headings.items():
            is_mark = bool(bare) and plain(heading).strip() == bare
            by_value = self._values.get(column, {})
            is_of_codes = (
                bool(by_value)
                and column not in self._names | self._ids
                and (
                    not COUNT.fullmatch(bare) or 2 * len(by_value.keys() & legend) >= len(by_value)
                )
            )
            for line, cells in self._rows.items():
                text = cells[column] if column < len(cells) else ""
                cell = plain(text.translate(_RAISED)).strip()
                is_form = is_of_codes and len(cell) <= _SHORT_CELL and whole.search(cell)
                if sign.search(cell) or is_form or (is_mark and cell not in _DENIED):
                    lines.add(line)
        return lines


def _form(code: str, bare: str) -> re.Pattern[str]:
    """Find a code in brackets, or one that is a sign alone, anywhere in a cell."""
    if bare:
        return re.compile(rf"[(\[]\s*{re.escape(bare)}\s*[)\]]")
    return re.compile(rf"(?<!{re.escape(code[0])}){re.escape(code)}(?!{re.escape(code[0])})")


def _whole_form(bare: str, legend: set[str]) -> re.Pattern[str]:
    """Find a code as a word, before a number, or among other codes that are written together."""
    if not bare:
        return re.compile(r"(?!)")
    letters = [re.escape(code) for code in {*legend, bare} if code.isalpha()]
    more = rf"(?:{'|'.join(letters)})*" if bare.isalpha() else ""
    number = r"\d{0,2}" if bare.isalpha() else ""
    return re.compile(rf"(?<![^\W_]){more}{re.escape(bare)}{more}{number}(?![^\W_])")


class SpeakingTable:
    """The rows of a table beside, with what speaks in each and over it."""

    def __init__(self, side: SideTable) -> None:
        self.side = side
        self.rows = side.rows
        self.own = {at: self._passages(at, signs) for at, signs in _speaking_rows(side)}
        above = speaking([Passage(side.name, side.part, kind="name")]) if side.name else ()
        self.signs: dict[int, list[Passage]] = {at: [*own] for at, own in self.own.items()}
        if not side.is_note and (self.own or above or self._headings_speak):
            for at, more in self._over().items():
                self.signs.setdefault(at, []).extend(more)
            titles = [text for at in self.own if at < (self.header or 0) for text in self.own[at]]
            of_each = [*above, *titles]
            for at in range(len(self.rows)) if of_each else ():
                self.signs.setdefault(at, []).extend(of_each)
            self.signs.pop(-1 if self.header is None else self.header, None)

    def _passages(self, at: int, signs: Sequence[str]) -> list[Passage]:
        row = self.rows[at]
        return [
            Passage(sign, self.side.part, row.place, self.side.kind, row.line) for sign in signs
        ]

    @cached_property
    def header(self) -> int | None:
        """Where its headings stand."""
        has_none = self.side.is_note or self.side.columns
        for at, row in enumerate(() if has_none else self.rows[:_HEADINGS]):
            texts = texts_of(row.cells)
            known = sum(map(row_keys.is_known, texts))
            if known and (known >= _LEAST or len(texts) == 1) and 2 * known >= len(texts):
                return at
        return None

    @cached_property
    def headings(self) -> dict[int, str]:
        """Its headings by column, of one without them none."""
        own = () if self.header is None else self.rows[self.header].cells
        return dict(enumerate(self.side.columns or own))

    @cached_property
    def is_list(self) -> bool:
        """Whether its rows are records, which tell of themselves."""
        return self.side.is_list or any(map(row_keys.is_of_names, self.headings.values()))

    def _over(self) -> dict[int, list[Passage]]:
        """Give what titles, groups, headings of columns and notes below say over its rows."""
        cells = [row.cells for row in self.rows]
        lines = list(range(len(cells)))
        is_record = [
            record and at != self.header and not self.is_label(at)
            for at, record in enumerate(records_among(cells))
        ]
        last = max((at for at, record in enumerate(is_record) if record), default=-1)
        below = [text for at, texts in self.own.items() if at > last for text in texts]
        above = over(cells, lines, is_record)
        signs: dict[int, list[Passage]] = {}
        for at, headings, names in zip(lines, above, groups(cells, lines, is_record), strict=True):
            columns = self._columns_that_speak(at)
            # A heading of this table is on no line of the list.
            texts = [replace(text, line=None, part=self.side.part) for text in (*headings, *names)]
            notes = below if is_record[at] and self.is_list else ()
            if more := [*texts, *columns, *notes]:
                signs[at] = more
        return signs

    def _columns_that_speak(self, at: int) -> list[Passage]:
        if not self._headings_speak or at == self.header:
            return []
        cells = self.rows[at].cells
        full = {column for column, cell in enumerate(cells) if plain(cell).strip() not in _DENIED}
        headings = [text for column, text in self.headings.items() if column in full]
        return [Passage(sign, self.side.part) for sign in spoken(headings)]

    @cached_property
    def _headings_speak(self) -> bool:
        return bool(self.headings and spoken([*self.headings.values()]))

    def is_label(self, at: int) -> bool:
        """Whether a row begins as a note on all does."""
        texts = texts_of(self.rows[at].cells)
        return bool(texts and LABEL.fullmatch(plain(texts[0])))

    @cached_property
    def values(self) -> dict[int, set[str]]:
        """What stands in each column."""
        columns: dict[int, set[str]] = {}
        for at, row in enumerate(self.rows):
            for column, cell in enumerate(row.cells if at != self.header else ()):
                columns.setdefault(column, set()).add(plain(cell).strip(BLANK))
        return columns

    def keys(self, at: int) -> set[tuple[Key, int]]:
        """Give the keys of a row, each with its column."""
        cells = self.rows[at].cells
        keys = {(key, -1) for key in row_keys.address_keys(cells, self.headings)}
        for column, cell in enumerate(cells):
            if row_keys.is_never_key(heading := self.headings.get(column, "")):
                continue
            code = plain(cell).strip(BLANK)
            own = {*row_keys.contact_keys(cell)}
            if not row_keys.is_common(heading):
                own |= {*row_keys.name_keys(cell, heading)}
            if row_keys.is_code(code) and (not COUNT.fullmatch(code) or self._is_id(column)):
                own.add((ID, code))
            if row_keys.is_code(code) and self._is_code(column, code):
                own.add((CODE, code))
            keys |= {(key, column) for key in own}
        return keys

    def _is_code(self, column: int, code: str) -> bool:
        heading = self.headings.get(column, "")
        if row_keys.is_of_ids(heading) or (column == 0 and not self.headings):
            return True
        is_each_its_own = len(self.values[column]) >= len(self.rows) - (self.header is not None)
        is_code = row_keys.is_short_code(code) or is_each_its_own
        return is_code and not row_keys.is_common(heading)

    def _is_id(self, column: int) -> bool:
        """Whether numbers of a column are ids of other rows, and not those of its own."""
        heading = self.headings.get(column, "")
        own = {str(number) for number in range(1, len(self.rows) + 1)}
        is_alone = all(len(row.cells) == 1 for row in self.rows)
        is_own = self.values[column] <= own
        return row_keys.is_reference(heading) or is_alone or (
            row_keys.is_of_ids(heading) and not is_own
        )  # fmt: skip

    @cached_property
    def silent(self) -> set[Key]:
        """Keys of rows that nothing speaks of: who has one may be meant by these."""
        rows = (at for at in range(len(self.rows)) if at not in self.signs and at != self.header)
        return {key for at in rows for key, _ in self.keys(at)}

    def telling(self, at: int) -> set[tuple[Key, int]]:
        """Give the keys of a row by which it speaks of others; an id is of whoever has it."""
        keys = self.keys(at)
        return {(key, column) for key, column in keys if key[0] == ID or key not in self.silent}

    def codes(self, at: int) -> set[str]:
        """Give what leads from a row to those of another table."""
        return {text for (kind, text), _ in self.telling(at) if kind in (CODE, NAME)}

    def is_pair(self, at: int) -> bool:
        """Whether a row says a code, and in a few words what it means."""
        texts = texts_of(self.rows[at].cells)
        return len(texts) == PAIR and row_keys.is_mark(plain(texts[0])) and not self.is_label(at)

    @cached_property
    def legend(self) -> set[str]:
        """The codes of all pairs."""
        return {
            plain(texts_of(row.cells)[0]) for at, row in enumerate(self.rows) if self.is_pair(at)
        }


def beside(table: RawTable, aside: Aside, rows: Mapping[int, Cells] | None = None) -> RawTable:
    """Put over the rows of a table what its file says beside them, each where it belongs.

    Parameters
    ----------
    table : RawTable
        The rows, readable or not.
    aside : Aside
        What the file says in no cell of them.
    rows : mapping of int to sequence of str, optional
        The cells of all rows by line and in order, where that is more than the table has.
    """
    columns = table.columns
    own = rows or {row.line: [row.texts.get(name, "") for name in columns] for row in table.rows}
    of_rows = {line: [*signs] for line, signs in signs_of_rows(aside.of_rows).items()}
    of_all = [*aside.passages, *spread(aside.tables, MainRows(own, columns), of_rows)]
    lines = signs_of_rows(of_rows)
    if lines:
        rows_below = [signed_row(row, lines.get(row.line, ())) for row in table.rows]
        unread = [signed_unread(row, lines.get(row.line or 0, ())) for row in table.unreadable]
        table = replace(table, rows=rows_below, unreadable=unread)
    return under(table, of_all)


def signed(table: RawTable, rows: Mapping[int, Cells], aside: Aside | None = None) -> RawTable:
    """Put over the rows of a table what others say of them, and what stands beside them.

    A row that is no record and speaks is a heading of those below it until the next, or, where no
    record follows, a note beside all. A cell that speaks is also of the rows below it that leave it
    empty, in a column of groups.

    Parameters
    ----------
    table : RawTable
        The rows, readable or not.
    rows : mapping of int to sequence of str
        The cells of all rows in order, by line.
    aside : Aside, optional
        What the file says beside the table.
    """
    whole, lines, cells = Aside(), list(rows), list(rows.values())
    whole.add(aside or Aside())
    is_record = records_among(cells)
    end = max((at for at, record in enumerate(is_record) if record), default=-1) + 1
    above = [*over(cells[:end], lines, is_record)]
    for line, signs, names in zip(lines, above, groups(cells, lines, is_record), strict=False):
        if signs or names:
            whole.of_rows.setdefault(line, []).extend((*signs, *names))
    known = {line: rows[line] for line in lines[:end]}
    pairs = [SideRow(own, line=at) for at, own in known.items() if len(texts_of(own)) == PAIR]
    # What rows of the list itself say of a code is of those with it, and no note.
    spread([SideTable("", pairs, "heading", is_note=True)], MainRows(known, table.columns),
           whole.of_rows)  # fmt: skip
    below = [SideRow(own, line=line) for line, own in zip(lines[end:], cells[end:], strict=True)]
    whole.tables.append(SideTable("", below, "note", is_note=True))
    return beside(table, whole, known)


def spread(
    sides: Sequence[SideTable], rows: MainRows, of_rows: dict[int, list[Passage]]
) -> list[Passage]:
    """Give to rows what speaks of them in tables beside; and give back what is of all.

    A row that speaks, or over which something does, is of the rows with one of its keys, unless a
    silent one beside it has the same; so is one of a further table that has its code. A note, or
    the pair of a legend, that names no row is of all.
    """
    tables = [SpeakingTable(side) for side in sides if side.rows]
    notes = [(table, at) for table in tables for at in table.own if at != table.header]
    _follow(tables)
    of_all: list[Passage] = []
    reached: set[tuple[int, int]] = set()
    for number, table in enumerate(tables):
        for at, passages in table.signs.items():
            if lines := _lines(table, at, rows):
                reached.add((number, at))
            for line in lines:
                of_rows.setdefault(line, []).extend(passages)
    numbers = {id(table): number for number, table in enumerate(tables)}
    for table, at in notes:
        is_narrow = (numbers[id(table)], at) in reached and not table.is_label(at)
        tells_of_itself = table.is_list and not table.is_label(at)
        if not (is_narrow or tells_of_itself):
            of_all += table.own[at]
    return of_all


def _lines(table: SpeakingTable, at: int, rows: MainRows) -> set[int]:
    """Give the lines of the rows of which a row beside speaks."""
    is_note = not table.is_list
    own = table.own.get(at, ())
    if table.is_pair(at) and is_note:
        if not _is_short([passage.text for passage in own]):
            return set()
        code = plain(texts_of(table.rows[at].cells)[0])
        if marked := rows.marked(code, table.legend):
            return marked
    if table.is_label(at):
        return set()
    lines: set[int] = set()
    for key, column in table.telling(at):
        if not is_note or key[0] in row_keys.OF_NOTES or not own:
            lines |= rows.lines(key, table.values.get(column, set()))
            is_letters = key[0] == CODE and row_keys.is_short_code(key[1])
            if is_letters and not lines and not COUNT.fullmatch(key[1]):
                lines |= rows.marked(key[1], table.values[column])
    return lines


def _follow(tables: Sequence[SpeakingTable]) -> None:
    """Let rows speak that have a code of one that speaks in another table, and so on."""
    lists = [table for table in tables if not table.side.is_note]
    last = {id(table): {*table.signs} for table in lists}
    for _ in range(_FURTHER if len(lists) > 1 else 0):
        codes: dict[str, list[Passage]] = {}
        for table in lists:
            for at in last[id(table)]:
                for code in table.codes(at):
                    codes.setdefault(code, table.signs[at])
        last = {id(table): _reached(table, codes) for table in lists}
        if not any(last.values()):
            return


def _reached(table: SpeakingTable, codes: Mapping[str, list[Passage]]) -> set[int]:
    """Let the rows of a table speak that have a code; give them."""
    some = {code for by in table.values.values() for code in by if code in codes} if codes else ()
    if not some:
        return set()
    reached = {}
    for at, row in enumerate(table.rows):
        texts = {plain(cell).strip(BLANK) for cell in row.cells} & some
        if texts and at not in table.signs and at != table.header:
            reached[at] = codes[min(texts)]
    table.__dict__.pop("silent", None)
    table.signs.update(reached)
    return {*reached}


def _is_short(signs: Sequence[str]) -> bool:
    """Whether what speaks may be the meaning of a code, and no sentence on all."""
    return all(len(tidied_words(sign).split()) <= _LONGEST_MEANING for sign in signs)


def _speaking_rows(side: SideTable) -> Iterator[tuple[int, list[str]]]:
    for first in range(0, len(side.rows), _TOGETHER):
        some = side.rows[first : first + _TOGETHER]
        texts = {cell for row in some for cell in row.cells if len(cell) > PAIR}
        if may_hold_signs(texts):
            for at, row in enumerate(some, first):
                if signs := spoken(row.cells):
                    yield at, signs
