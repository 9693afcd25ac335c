"""Ages as services publish them, in months."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.values.ages import ages


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("3-36 mesi", (3, 36)), ("6-14", (72, 180)), ("3 mesi - 3 anni", (3, 36)),
        ("0-6", (0, 84)), ("14-36 mesi (nido); 0-6 (centro)", (14, 36)),
        ("dai 6 ai 14 anni", (72, 180)), ("da 0 a 3 anni", (0, 36)), ("6/13 anni", (72, 168)),
        ("dai 18 mesi ai 3 anni", (18, 36)), ("0-18 e adulti", (0, None)),
    ],
)  # fmt: skip
def test_a_range_of_ages_is_months(text, months):
    assert ages(text) == months


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("fino a 3 anni", (None, 36)), ("fino ai 14 anni", (None, 180)),
        ("da 18 mesi", (18, None)), ("12+", (144, None)), ("dai 6 anni", (72, None)),
        ("da 18 mesi fino a 6 anni", (18, 84)),
    ],
)  # fmt: skip
def test_an_age_that_is_not_told_stays_unknown(text, months):
    assert ages(text) == months


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("scuola dell'infanzia", (36, 72)), ("scuola primaria", (72, 132)),
        ("scuola media", (132, 168)), ("Scuole secondarie di I grado", (132, 168)),
        ("scuola primaria e media", (72, 168)), ("scuole superiori", (168, 228)),
    ],
)  # fmt: skip
def test_an_order_of_school_stands_for_its_years(text, months):
    assert ages(text) == months


@pytest.mark.parametrize(
    "text",
    [None, "", "adolescenti", "donne adulte", "2019-2023", "medio/grandi", "14-6", "3/10/2023"],
)
def test_what_names_no_age_is_unknown(text):
    assert ages(text) == (None, None)


@given(st.text(max_size=30))
def test_the_youngest_is_younger_than_the_end(text):
    low, end = ages(text)
    assert low is None or end is None or low < end


@given(st.integers(0, 17), st.integers(1, 18))
def test_a_range_is_read_the_same_in_every_form(low, years):
    high = low + years
    forms = [f"{low}-{high} anni", f"da {low} a {high} anni", f"dai {low} ai {high} anni"]
    assert len({ages(form) for form in forms}) == 1
    assert ages(forms[0])[0] == 12 * low
