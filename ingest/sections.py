"""What rows of a table say of others: headings of sections, notes below, groups written once."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.rows import BLANK, RawTable, SignPlace
from ingest.signs import MOST_SIGNS, signed_row, signed_unread, speaking, under
from mapping.confidential_words import suspicions
from mapping.disclosure import may_be_signs
from mapping.text import plain

Cells = Sequence[str]

_WORD = re.compile(r"[^\W\d_]{2,}")
_LABEL = re.compile(r".*:|(?:not[ae]|n\.? ?b|avvertenz[ae]|avviso|attenzione|fonte|totale)\W*")
"""How a row begins that is no record, however many cells follow."""
_COUNT = re.compile(r"\d{1,3}")
_SAME = {"idem", "id.", "c.s.", "come sopra", "ditto", '"', "''", "”", "〃", "do."}
"""Cells that say what the one above does."""
_CONTACT = re.compile(r"@|://|www\.")
_LONGEST_GROUP = 60
"""Letters of the name of a group; a column of longer cells is one of notes."""
_CODE, _BETWEEN_CODES = re.compile(r"\S{1,8}|\S{1,4} \S{1,4}"), re.compile(r"\s*[,;/+]\s*")
_LONGEST_CODES = 60
_PAIR = 2
"""A row of a legend below the records says a code and what it means."""
_LOOKED_AT = 2_000
_FULLER = 5
"""Rows as full as the fullest fifth show which columns a record fills."""


@dataclass(frozen=True)
class Said:
    """What the rows of a table say of others in words of a confidential place."""

    of_rows: list[tuple[str, ...]]
    """Of each row, in order."""
    of_all: tuple[str, ...]
    """Of the whole table: notes below the last record."""
    places: list[SignPlace]
    """Where, by the place of a row."""


def signed(
    table: RawTable,
    rows: Mapping[int, Cells],
    beside: Mapping[int, Iterable[str]] | None = None,
    legends: Iterable[Cells] = (),
) -> RawTable:
    """Put over the rows of a table what others say of them.

    Parameters
    ----------
    table : RawTable
        The rows, readable or not.
    rows : mapping of int to sequence of str
        The cells of all rows in order, by line.
    beside : mapping of int to iterable of str, optional
        What stands beside some of them, by line.
    legends : iterable of sequence of str, optional
        Rows of other tables that may say what a code in this one means.
    """
    meanings = _meanings(rows.values()) | _meanings_elsewhere(legends)
    around = [
        (*(beside or {}).get(line, ()), *_of_codes(cells, meanings)) for line, cells in rows.items()
    ]
    around_rows = said_by_rows([*rows.values()], around)
    signs = dict(zip(rows, around_rows.of_rows, strict=True))
    lines = list(rows)
    places = [replace(place, line=lines[place.line or 0]) for place in around_rows.places]
    notes = [place for place in places if place.kind == "note"]
    own = replace(
        table,
        sign_places=(*table.sign_places, *(place for place in places if place.kind != "note")),
        rows=[signed_row(row, signs[row.line]) for row in table.rows],
        unreadable=[signed_unread(row, signs.get(row.line or 0, ())) for row in table.unreadable],
    )
    return under(own, around_rows.of_all, *notes)


def _meanings(rows: Iterable[Cells]) -> dict[str, str]:
    """Give what speaks in rows of a code and its meaning, by the code: `R`, `Casa rifugio`."""
    pairs = [texts for cells in rows if len(texts := texts_of(cells)) == _PAIR]
    return _by_key([texts for texts in pairs if _CODE.fullmatch(texts[0])], str.strip)


def _meanings_elsewhere(rows: Iterable[Cells]) -> dict[str, str]:
    """Give what speaks in rows of other tables, by every cell that no other row there has.

    A code, an id or a name leads from a row of this table to one there, in whatever column.
    """
    filled = [texts for cells in rows if len(texts := texts_of(cells)) >= _PAIR]
    times = Counter(key for texts in filled for key in {plain(text) for text in texts})
    return _by_key(filled, lambda text: text if times[plain(text)] == 1 else "")


def _by_key(rows: Sequence[Sequence[str]], key_of: Callable[[str], str]) -> dict[str, str]:
    meanings: dict[str, str] = {}
    if not may_be_signs({text for texts in rows for text in texts}):
        return meanings
    for texts in rows:
        if signs := speaking(texts):
            keys = {plain(key).strip() for text in texts if (key := key_of(text))}
            meanings |= dict.fromkeys(keys - set(map(plain, signs)) - {""}, signs[0])
    return meanings


def _of_codes(cells: Cells, meanings: Mapping[str, str]) -> Iterator[str]:
    """Give what the codes in a row mean that speak; a cell may have several, as `D, R`."""
    if meanings:
        short = [plain(cell).strip() for cell in cells if len(cell) <= _LONGEST_CODES]
        codes = {code for cell in short for code in (cell, *_BETWEEN_CODES.split(cell))}
        yield from (meanings[code] for code in sorted(codes & meanings.keys()))


def said_by_rows(rows: Sequence[Cells], beside: Sequence[Iterable[str]]) -> Said:
    """Find what rows say of others, and what stands beside each of them.

    A row that is no record and speaks is a heading of those below it until the next, or, where no
    record follows, a note of all. A cell that speaks is also of the rows below it that leave it
    empty, in a column of groups.
    """
    is_record = records_among(rows)
    end = max((at for at, record in enumerate(is_record) if record), default=-1)
    grouped = _groups(rows, is_record)
    headings, of_rows = _Headings(), []
    for at, cells in enumerate(rows[: end + 1]):
        own = speaking(beside[at])
        of_rows.append((*headings.over(at, cells, is_record=is_record[at]), *own, *grouped[at]))
    behind = rows[end + 1 :]
    of_rows += [speaking(beside[at]) for at in range(end + 1, len(rows))]
    below: dict[str, int] = {}
    for at, cells in enumerate(behind, start=end + 1):
        for sign in _spoken(cells):
            below.setdefault(sign, at)
    places = [*headings.places(), *_places_of_groups(grouped)]
    if below:
        places.append(SignPlace("note", next(iter(below.values())), sum(is_record)))
    return Said(of_rows, tuple(below)[:MOST_SIGNS], places)


def _places_of_groups(grouped: Sequence[tuple[str, ...]]) -> list[SignPlace]:
    rows: Counter[int] = Counter()
    above = 0
    for at, signs in enumerate(grouped):
        above = above if signs else at
        rows[above] += bool(signs)
    return [SignPlace("group", at, number) for at, number in rows.items() if number]


def records_among(rows: Sequence[Cells]) -> list[bool]:
    """Tell rows that fill most columns that records do, in words too, from headings and notes."""
    some = rows[:: len(rows) // _LOOKED_AT + 1]
    sizes = sorted(size for cells in some if (size := sum(map(_is_filled, cells))) > 1)
    most = sizes[-1 - len(sizes) // _FULLER] if sizes else 0
    full = [cells for cells in some if 2 * sum(map(_is_filled, cells)) > most]
    usual = [(fits, _usual(full, fits)) for fits in (_is_filled, _is_word)]
    return [
        _may_be_record(texts_of(cells))
        and all(_fills(cells, wanted, fits) for fits, wanted in usual)
        for cells in rows
    ]


def _fills(cells: Cells, wanted: list[int], fits: Callable[[str], bool]) -> bool:
    """Whether a row fills more than half of some columns; none are wanted of anybody."""
    filled = sum(at < len(cells) and fits(cells[at]) for at in wanted)
    return not wanted or 2 * filled > len(wanted)


def texts_of(cells: Cells) -> list[str]:
    """Give what a row says, each text once."""
    return list(dict.fromkeys(text for cell in cells if (text := cell.strip(BLANK))))


def _may_be_record(texts: Sequence[str]) -> bool:
    return len(texts) > 1 and not _LABEL.fullmatch(plain(texts[0]))


class _Headings:
    """The heading above a row; one right below another adds to it."""

    def __init__(self) -> None:
        self._signs: tuple[str, ...] = ()
        self._heading: Cells = ()
        self._is_right_below = False
        self._at = 0
        self._rows: Counter[int] = Counter()

    def places(self) -> list[SignPlace]:
        """Say where the headings were that speak, and over how many records."""
        return [SignPlace("heading", at, number) for at, number in self._rows.items()]

    def over(self, at: int, cells: Cells, *, is_record: bool) -> tuple[str, ...]:
        """Give what speaks over the next row."""
        own = () if is_record else _spoken(cells)
        if is_record or not (own or _ends(cells, self._heading)):
            self._is_right_below = False
            self._rows.update([self._at] if self._signs else ())
            return self._signs
        self._at = at if own else self._at
        self._signs = (*(self._signs if self._is_right_below else ()), *own)[:MOST_SIGNS]
        self._heading, self._is_right_below = cells, True
        return self._signs


def _spoken(cells: Cells) -> tuple[str, ...]:
    """Give what speaks in a row, by cells or in one; what the rest of a row excuses does not."""
    texts = texts_of(cells)
    together = " ".join(texts)
    if not may_be_signs([together, *texts]):
        return ()
    whole = speaking([together])
    if whole:
        return speaking(texts) or whole
    return speaking(text for text in texts if not suspicions([text], around=True))


def _ends(cells: Cells, heading: Cells) -> bool:
    """Whether a row ends the section of a heading: one text alone, or a heading written alike.

    A helpline between two rows ends none.
    """
    texts = texts_of(cells)
    if len(texts) == 1:
        return not suspicions(texts)
    if _columns(cells, _is_filled) != _columns(heading, _is_filled):
        return False
    pairs = list(zip(cells, heading, strict=False))
    counts = (bool(_COUNT.fullmatch(a.strip()) and _COUNT.fullmatch(b.strip())) for a, b in pairs)
    return any(counts) or any(a.strip(BLANK) and a == b for a, b in pairs)


def _groups(rows: Sequence[Cells], is_record: Sequence[bool]) -> list[tuple[str, ...]]:
    """Give what speaks above the empty cells of each row, in columns of groups written once."""
    records = [cells for cells, record in zip(rows, is_record, strict=True) if record]
    columns = _columns_of_groups(records)
    names: dict[int, tuple[str, ...]] = dict.fromkeys(columns, ())
    return [
        tuple(_carried(cells, names, columns)) if record else ()
        for cells, record in zip(rows, is_record, strict=True)
    ]


def _carried(
    cells: Cells, names: dict[int, tuple[str, ...]], columns: Mapping[int, set[str]]
) -> Iterator[str]:
    for column, same in columns.items():
        text = cells[column].strip(BLANK) if column < len(cells) else ""
        if text.lower() in same:
            names[column] = speaking(names[column])
            yield from names[column]
        elif text:
            names[column] = (text,)


def _columns_of_groups(records: Sequence[Cells]) -> dict[int, set[str]]:
    """Find the columns that speak where a cell may mean what the one above says, with such cells.

    An empty one may in a column before the first that all records fill, or one that begins with a
    name, if its cells are short and no contacts.
    """
    width = max(map(len, records), default=0)
    columns = {at: {cell.strip(BLANK) for cell in _column(records, at)} for at in range(width)}
    name = next((at for at, texts in columns.items() if "" not in texts), 0)
    groups: dict[int, set[str]] = {}
    for at, texts in columns.items():
        begins = at < name or _is_filled(next(_column(records, at)))
        are_names = all(len(text) <= _LONGEST_GROUP for text in texts)
        may_be_empty = begins and are_names and not any(map(_CONTACT.search, texts))
        same = {*_SAME, ""} if may_be_empty else _SAME
        if not same.isdisjoint(map(str.lower, texts)) and may_be_signs(texts):
            groups[at] = same
    return groups


def _column(rows: Sequence[Cells], at: int) -> Iterator[str]:
    return (cells[at] for cells in rows if at < len(cells))


def _columns(cells: Cells, fits: Callable[[str], bool]) -> set[int]:
    return {column for column, cell in enumerate(cells) if fits(cell)}


def _usual(rows: Sequence[Cells], fits: Callable[[str], bool]) -> list[int]:
    """Give the columns that half of some rows fill."""
    times = Counter(at for cells in rows for at, cell in enumerate(cells) if fits(cell))
    return [at for at, number in times.items() if 2 * number >= len(rows)]


def _is_filled(cell: str) -> bool:
    return bool(cell.strip(BLANK))


def _is_word(cell: str) -> bool:
    return bool(_WORD.search(cell))
