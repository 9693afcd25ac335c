"""Rows of a list, found by what another part of its file says of them."""

import pytest

from ingest.named_rows import MainRows
from ingest.row_keys import CONTACT, NAME, PHONE, Key

RAGGED = {
    2: ["Sportello Inventato", "lunedì 9-12"],
    3: [
        "Sportello Altro",
        "martedì",
        "ESEMPIO, 02 0000003",
        "prova@example.org",
        "Luogo Inventato",
    ],
}
"""A comma too many: the cells of the second row go on behind the last heading."""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ((NAME, "sportello inventato"), 2),
        ((PHONE, "020000003"), 3),
        ((CONTACT, "prova@example.org"), 3),
        ((NAME, "luogo inventato"), 3),
    ],
)
def test_a_row_is_found_by_cells_behind_the_last_heading(key: Key, line: int) -> None:
    rows = MainRows(RAGGED, ["nome", "orari"])
    assert rows.lines(key, set()) == {line}
