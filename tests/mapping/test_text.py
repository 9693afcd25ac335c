"""Fields of registers, tidied without inventing."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mapping.text import tidy


@pytest.mark.parametrize(
    "text", ["", "   ", "-", "n.d.", "ND", "Non Disponibile", " non disponibile"]
)
def test_words_that_say_nothing_are_nothing(text: str) -> None:
    assert tidy(text) is None


def test_nothing_stays_nothing() -> None:
    assert tidy(None) is None


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("  via \t Padova\n61 ", "via Padova 61"),
        ("VIA MONLU\u00c3\u02c6", "VIA MONLUÈ"),
        ("Citt\u00c3\u00a0", "Città"),
        ("Citt\u00c3\u0192\u00c2\u00a0", "Città"),
        ("Nido d'Andrè", "Nido d'Andrè"),
    ],
)
def test_blanks_collapse_and_double_utf8_is_undone(text: str, tidied: str) -> None:
    assert tidy(text) == tidied


@example(" \N{LATIN CAPITAL LETTER A WITH CIRCUMFLEX} 0")
@given(st.text(alphabet=st.characters(codec="latin-1", exclude_categories=["Cc"])))
def test_tidying_once_more_does_not_bring_blanks_back(text: str) -> None:
    once = tidy(text)
    assert once is None or (once == once.strip() and "  " not in once)
    assert tidy(once) == once
