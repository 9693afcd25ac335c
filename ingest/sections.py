"""What rows of a table say of others: headings of sections, notes below, groups written once."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from ingest.passages import Passage
from ingest.rows import BLANK
from ingest.signs import MOST_SIGNS, speaking, spoken, texts_of
from mapping.confidential_words import suspicions
from mapping.disclosure import may_be_signs
from mapping.text import plain

Cells = Sequence[str]

LABEL = re.compile(
    r".*:|(?:not[ae]|n\.? ?b|p\.? ?s|att|avvertenz[ae]|avviso|attenzione|font[ei]|totale"
    r"|agg(?:iornat[oa])?\.?(?: al| il)?|legenda)\W*"
)
"""How a row begins that is no record, however many cells follow."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_COUNT = re.compile(r"\d{1,3}")
_SAME = {"idem", "id.", "c.s.", "come sopra", "ditto", '"', "''", "”", "〃", "do."}
"""Cells that say what the one above does."""
_CONTACT = re.compile(r"@|://|www\.")
_LONGEST_GROUP = 60
"""Letters of the name of a group; a column of longer cells is one of notes."""
_LOOKED_AT = 2_000
_FULLER = 5
"""Rows as full as the fullest fifth show which columns a record fills."""


def over(
    rows: Sequence[Cells], lines: Sequence[int], is_record: Sequence[bool]
) -> Iterator[tuple[Passage, ...]]:
    """Give what the headings above each row say; one right below another adds to it."""
    signs: tuple[Passage, ...] = ()
    heading: Cells = ()
    is_right_below = False
    for line, cells, record in zip(lines, rows, is_record, strict=False):
        own = [] if record else spoken(cells)
        if record or not (own or _ends(cells, heading)):
            is_right_below = False
        else:
            more = (Passage(text, kind="heading", line=line) for text in own)
            signs = (*(signs if is_right_below else ()), *more)[:MOST_SIGNS]
            heading, is_right_below = cells, True
        yield signs


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


def _may_be_record(texts: Sequence[str]) -> bool:
    return len(texts) > 1 and not LABEL.fullmatch(plain(texts[0]))


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


def groups(
    rows: Sequence[Cells], lines: Sequence[int], is_record: Sequence[bool]
) -> Iterator[tuple[Passage, ...]]:
    """Give what speaks above the empty cells of each row, in columns of groups written once."""
    records = [row for row, record in zip(rows, is_record, strict=True) if record]
    columns = _columns_of_groups(records)
    names: dict[int, tuple[Passage, ...]] = dict.fromkeys(columns, ())
    for line, cells, record in zip(lines, rows, is_record, strict=True):
        yield tuple(_carried(cells, line, names, columns)) if record else ()


def _carried(
    cells: Cells,
    line: int,
    names: dict[int, tuple[Passage, ...]],
    columns: Mapping[int, set[str]],
) -> Iterator[Passage]:
    for column, same in columns.items():
        text = cells[column].strip(BLANK) if column < len(cells) else ""
        if text.lower() in same:
            names[column] = speaking(names[column])
            yield from names[column]
        elif text:
            names[column] = (Passage(text, kind="group", line=line),)


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
