"""Puts over the rows of a list what its file says of them in words of a confidential place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from ingest.passages import Passage
from ingest.rows import BLANK, RawRow, RawTable, as_cells
from mapping.catalogue.batches import QuarantinedRow
from mapping.confidential_words import suspicions
from mapping.disclosure import as_sign, may_be_signs

MOST_SIGNS = 10
"""So many are kept of a row: one is enough to doubt it."""
_TOGETHER = 500
"""So many texts are judged at once: most say nothing."""


def speaking(passages: Iterable[Passage | str | None]) -> tuple[Passage, ...]:
    """Give those of some texts around rows that speak of a confidential place, each once."""
    signs: dict[str, Passage] = {}
    left = iter(passages)
    while len(signs) < MOST_SIGNS and (some := list(islice(left, _TOGETHER))):
        known = [text if isinstance(text, Passage) else Passage(text) for text in some if text]
        if len(known) > 1 and not may_be_signs([passage.text for passage in known]):
            continue
        for passage in known:
            sign = as_sign(passage.text) if passage.text else None
            if sign and len(signs) < MOST_SIGNS:
                signs.setdefault(sign, replace(passage, text=sign))
    return tuple(signs.values())


def signs_of_rows(of_rows: Mapping[int, Sequence[Passage]]) -> dict[int, tuple[Passage, ...]]:
    """Give what speaks beside each row that something speaks of; a text is judged once."""
    texts = dict.fromkeys(passage.text for passages in of_rows.values() for passage in passages)
    known = list(texts)
    some = (known[at : at + _TOGETHER] for at in range(0, len(known), _TOGETHER))
    loud = {text for batch in some if may_be_signs(batch) for text in batch if speaking([text])}
    return {
        line: speaking(passage for passage in passages if passage.text in loud)
        for line, passages in of_rows.items()
        if any(passage.text in loud for passage in passages)
    }


def texts_of(cells: Iterable[str]) -> list[str]:
    """Give what a row says, each text once."""
    return list(dict.fromkeys(text for cell in cells if (text := cell.strip(BLANK))))


def spoken(cells: Iterable[str]) -> list[str]:
    """Give what speaks in a row, by cells or in one; what the rest of a row excuses does not."""
    texts = texts_of(cells)
    together = " ".join(texts)
    if not may_be_signs([together, *texts]):
        return []
    whole = speaking([together])
    if whole:
        return [sign.text for sign in speaking(texts) or whole]
    alone = (text for text in texts if not suspicions([text], around=True))
    return [sign.text for sign in speaking(alone)]


def under(table: RawTable, passages: Iterable[Passage | str | None]) -> RawTable:
    """Put over every row of a table those of some texts that speak of a confidential place."""
    above = speaking(passages)
    if not above:
        return table
    return replace(
        table,
        rows=[signed_row(row, above) for row in table.rows],
        unreadable=[signed_unread(row, above) for row in table.unreadable],
    )


def signed_row(row: RawRow, signs: Sequence[Passage]) -> RawRow:
    """Put signs over a row."""
    return replace(row, signs=(*row.signs, *signs)) if signs else row


def signed_unread(row: QuarantinedRow, signs: Sequence[Passage]) -> QuarantinedRow:
    """Put signs over a row that cannot be read, among its cells."""
    cells = as_cells(signs, len(row.raw) + 1)
    return replace(row, raw={**row.raw, **cells}) if signs else row
