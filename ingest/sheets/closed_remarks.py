"""Says of a row of a sheet by which of its words its service is, or may be, closed."""

import textwrap
from collections.abc import Iterator, Mapping

from ingest.sheets.closed_rows import Cell, CellKind, closing_words
from ingest.sheets.headings import TO_MEND, Headings

_CLOSED = {
    "closed": (
        "Dice che è chiuso o trasferito: resta «da verificare», qualunque data abbia. Se ha chiuso"
        " togli la riga; se ha traslocato scrivi il nuovo indirizzo e cancella queste parole."
    ),
    "doubt": (
        "Dice «{}»: se è chiuso togli la riga; se è aperto scrivilo in un altro modo. Intanto resta"
        " «da verificare», qualunque data abbia."
    ),
}
_SHOWN_LETTERS = 60
_KINDS: dict[str, CellKind] = {
    **dict.fromkeys(("note", "days", "hours"), "text"),
    "name": "name",
    **dict.fromkeys(("street", "civic", "city"), "address"),
}
"""In which cells a row says that its service is closed, beside those that are not read."""


def closure_told(texts: Mapping[str, str], headings: Headings) -> tuple[str, str, str] | None:
    """Say by which words a row tells, or may tell, that its service is closed.

    Parameters
    ----------
    texts : mapping of str to str
        The row as it stands in the sheet.
    headings : Headings
        What its columns are taken for.

    Returns
    -------
    tuple of (str, str, str) or None
        Our name of the field, or the column; the text; and what to do.
    """
    spoken = closing_words(_speaking_cells(texts, headings))
    if spoken is None:
        return None
    cell, judged = spoken
    names = (name for name in _KINDS if cell.column in headings.columns.get(name, ()))
    words = textwrap.shorten(cell.text, _SHOWN_LETTERS, placeholder="…")
    return next(names, cell.column), cell.text, _CLOSED[judged].format(words)


def _speaking_cells(texts: Mapping[str, str], headings: Headings) -> Iterator[Cell]:
    for name, kind in _KINDS.items():
        for column in headings.columns.get(name, ()):
            yield Cell(column, texts.get(column, ""), kind)
    for column in headings.ignored:
        if column != TO_MEND:
            yield Cell(column, texts.get(column, ""), "unread")
