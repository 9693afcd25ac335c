"""What a list says of its rows outside of their cells: its title, its sections, its folders."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import median

from ingest.rows import RawRow, RawTable, SignPlace, as_cells
from mapping.catalogue.batches import QuarantinedRow
from mapping.disclosure import as_sign
from mapping.text import NO_WORDS, plain

MOST_SIGNS = 10
"""So many are kept of a row: one is enough to doubt it."""

AROUND_DEPTH = 8
"""So many objects deep is looked for what stands beside a list."""
RECORD_TEXTS = 3
"""What says as many things is a record; what usually says fewer is a note or a legend."""
_LOOKED_AT = 200
_HEADINGS = "fields"
"""What lists of open data portals call their columns."""
_NAMES = ("name", "alias", "id", "type")
"""How a column is called is judged with its cells; what else is said of it, a legend, is not."""
_DENIED = {"", *NO_WORDS}


def speaking(signs: Iterable[str | None]) -> tuple[str, ...]:
    """Give those of some texts around rows that speak of a confidential place, each once."""
    texts: dict[str, None] = {}
    for text in signs:
        if len(texts) == MOST_SIGNS:
            break
        if text and (sign := as_sign(text)):
            texts[sign] = None
    return tuple(texts)


def said_around(part: object, depth: int = AROUND_DEPTH) -> dict[str, None]:
    """Give what JSON says beside a list: all its texts and names, but for lists of their own.

    A name of which the answer is no says nothing.
    """
    if isinstance(part, str):
        return {part: None}
    if not depth or not isinstance(part, dict | list):
        return {}
    if isinstance(part, list):
        inside = [] if _are_records(part) else [said_around(text, depth - 1) for text in part]
    else:
        answered = {key: _but_headings(key, value) for key, value in part.items() if value}
        inside = [said_around(value, depth - 1) for value in answered.values()]
        inside.append(dict.fromkeys(str(key) for key in answered if not _is_denied(answered[key])))
    return {text: None for texts in inside for text in texts}


def _but_headings(key: str, part: object) -> object:
    if key != _HEADINGS or not isinstance(part, list):
        return part
    columns = (column for column in part if isinstance(column, dict))
    return [
        [*said_around({name: value for name, value in column.items() if name not in _NAMES})]
        for column in columns
    ]


def _is_denied(answer: object) -> bool:
    return isinstance(answer, str) and plain(answer).strip() in _DENIED


def _are_records(parts: Sequence[object]) -> bool:
    records = [part for part in parts[:_LOOKED_AT] if isinstance(part, dict)]
    return is_list_of_its_own([[*filter(None, map(str, part.values()))] for part in records])


def is_list_of_its_own(rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows, of filled cells alone, are usually records, and no notes of another list."""
    sizes = [len(cells) for cells in rows if cells]
    return len(sizes) > 1 and median(sizes) >= RECORD_TEXTS


def under(table: RawTable, signs: Iterable[str | None], place: SignPlace | None = None) -> RawTable:
    """Put over every row of a table those of some texts that speak of a confidential place.

    They stand around it, unless another `place` is said.
    """
    above = speaking(signs)
    if not above:
        return table
    return replace(
        table,
        rows=[signed_row(row, above) for row in table.rows],
        unreadable=[signed_unread(row, above) for row in table.unreadable],
        sign_places=(*table.sign_places, place or SignPlace("around", None, table.rows_in)),
    )


def signed_row(row: RawRow, signs: Sequence[str]) -> RawRow:
    """Put signs over a row."""
    return replace(row, signs=(*row.signs, *signs)) if signs else row


def signed_unread(row: QuarantinedRow, signs: Sequence[str]) -> QuarantinedRow:
    """Put signs over a row that cannot be read, among its cells."""
    cells = as_cells(signs, len(row.raw) + 1)
    return replace(row, raw={**row.raw, **cells}) if signs else row
