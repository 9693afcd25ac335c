"""What a list says of its rows outside of their cells: its title, its sections, its folders."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ingest.rows import RawRow, RawTable, SignPlace, as_cells
from mapping.catalogue.batches import QuarantinedRow
from mapping.disclosure import as_sign

MOST_SIGNS = 10
"""So many are kept of a row: one is enough to doubt it."""

AROUND_DEPTH = 4
"""So many objects deep is looked for what stands beside a list."""


def speaking(signs: Iterable[str | None]) -> tuple[str, ...]:
    """Give those of some texts around rows that speak of a confidential place, each once."""
    texts: dict[str, None] = {}
    for text in signs:
        if len(texts) == MOST_SIGNS:
            break
        if text and (sign := as_sign(text)):
            texts[sign] = None
    return tuple(texts)


def said_around(rows: object, depth: int = AROUND_DEPTH) -> dict[str, None]:
    """Give what an object of JSON says beside the list in it, in texts, lists of them, objects."""
    if isinstance(rows, str):
        return {rows: None}
    if not depth or not isinstance(rows, dict | list):
        return {}
    if isinstance(rows, list):
        return dict.fromkeys(text for text in rows if isinstance(text, str))
    inside = (said_around(part, depth - 1) for part in rows.values())
    return {text: None for texts in inside for text in texts}


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
