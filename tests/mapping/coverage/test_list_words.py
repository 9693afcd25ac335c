"""How a share is told of a list: exactly, at the least, or not at all."""

import pytest

from mapping.coverage.list_words import (
    ABSENCE_COLUMNS,
    AT_LEAST_COLUMNS,
    LISTED_COLUMNS,
    italian_list_sentence,
    italian_of_known,
    italian_share,
)
from mapping.tables import COVERAGE

LIST = {
    "known_total": 190,
    "known": 10,
    "to_verify": 0,
    "unplaced": 0,
    "source": "Elenco",
    "year": 2023,
}
COMPLETE, PARTIAL, SAMPLE, EXPIRED = (
    {**LIST, "status": status} for status in ("complete", "partial", "sample", "expired")
)


def test_the_columns_that_a_list_qualifies_are_published() -> None:
    assert set(COVERAGE.names) >= ABSENCE_COLUMNS | AT_LEAST_COLUMNS | LISTED_COLUMNS


@pytest.mark.parametrize(
    ("column", "share", "declared", "text"),
    [
        ("share_15", 0.08, COMPLETE, "8%"),
        # Any record in hand counts, and some may have ended: that is no lower bound.
        ("share_15", 0.08, PARTIAL, "8%"),
        ("share_15", 0.08, SAMPLE, "8%"),
        # Only fresh ones do: more records could but raise it.
        ("share_served", 0.08, SAMPLE, "almeno 8%"),
        # Down, wherever it is at the least: 84.61% is not 85%, nor is 0.29 28%.
        ("share_served", 0.8461, SAMPLE, "almeno 84%"),
        ("share_served", 0.29, PARTIAL, "almeno 29%"),
        ("share_served", 0.999998, PARTIAL, "almeno 99%"),
        ("share_served", 0.009, PARTIAL, "non si può dire"),
        ("share_served", 0.957, EXPIRED, "96%"),
        ("share_served", 0.957, COMPLETE, "96%"),
        ("share_low_income_served", 0.004, PARTIAL, "non si può dire"),
        ("share_15", 1.0, PARTIAL, "100%"),
        ("share_served", 1.0, PARTIAL, "100%"),
        ("share_15", 0.0, PARTIAL, "non si può dire"),
        ("share_15", 0.0, COMPLETE, "0%"),
        # Services of an expired list may have ended: nothing is at the least.
        ("share_15", 0.08, EXPIRED, "8%"),
        ("share_far", 0.0, COMPLETE, "0%"),
        ("share_far", None, PARTIAL, "non si può dire"),
        # An edition from before shares of absence were null.
        ("share_far", 0.0, PARTIAL, "non si può dire"),
        # The list of a part of the city is complete.
        ("share_far", 0.3, PARTIAL, "30%"),
        ("share_unsure", 0.0, PARTIAL, "0%"),
        ("share_15", None, PARTIAL, "non noto"),
        ("share_far", None, COMPLETE, "non noto"),
    ],
)
def test_a_share_says_no_more_than_the_list_does(column, share, declared, text) -> None:
    assert italian_share(column, share, declared) == text


def test_figures_of_a_list_that_is_not_complete_are_of_the_services_that_are_known() -> None:
    assert italian_of_known(COMPLETE) == ""
    assert italian_of_known({**PARTIAL, "known": 1200}) == "di quelli che conosciamo (1.200)"
    to_verify = "di quelli che conosciamo (1.200, da verificare 1.100)"
    for declared in (COMPLETE, PARTIAL, EXPIRED):
        assert italian_of_known({**declared, "known": 1200, "to_verify": 1100}) == to_verify
    said = italian_list_sentence(SAMPLE)
    assert said.startswith("In città ne risultano circa 190 (Elenco, 2023); ne conosciamo 10.")
