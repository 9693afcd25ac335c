import re

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapping.geocoding.civics import Civics
from mapping.territory import income
from mapping.territory.income import Income
from tests.mapping.drawn_income import DECLARED, POOR, RICH, numbered, postcode
from tests.mapping.worked import numbers, section, table

NAN = float("nan")
SQUARES = np.array([shapely.box(100 * n, 0, 100 * n + 100, 100) for n in range(3)], object)


def known(civics: Civics, declared: pd.DataFrame = DECLARED) -> Income:
    found = income.of_areas(SQUARES, civics, declared)
    assert found is not None
    return found


def test_the_worked_example_of_the_methods_holds():
    text = section("Low income")
    told = table(text)
    low, modest, all_of = (
        numbers(told[name]) for name in ("up to 10,000", "up to 15,000", "taxpayers")
    )
    rows = [
        postcode(cap, [0, a, b - a, 0, 0, 0, 0, every - b], euro)
        for cap, a, b, every, euro in zip(
            told["postcode"], low, modest, all_of, numbers(told["euro declared"]), strict=True
        )
    ]
    counts = [int(n) for n in told["civic numbers in the section"]]
    civics = numbered(*((cap, 50.0) for cap in np.repeat(told["postcode"], counts).tolist()))
    found = known(civics, pd.DataFrame(rows))
    example = text.split("*Example*")[1].split("|")[0]
    children, middle, least, most, euro = (float(n) for n in re.findall(r"\d+", example))
    shares = [found.low_share[0], found.low_share_min[0], found.low_share_max[0]]
    assert [children * share for share in shares] == pytest.approx([middle, least, most])
    assert found.mean_euro[0] == euro


def test_an_area_has_the_income_of_its_civic_numbers_postcodes():
    found = known(numbered(("A", 10), ("A", 20), ("B", 30), ("B", 150), ("A", 250)))
    assert found.mean_euro == pytest.approx([(2 * 15_000 + 100_000) / 3, 100_000, 15_000])
    assert found.low_share_min == pytest.approx([(0.4 * 2 + 0.05) / 3, 0.05, 0.4])
    assert found.low_share_max == pytest.approx([(0.6 * 2 + 0.1) / 3, 0.1, 0.6])


def test_an_area_without_a_civic_number_takes_the_nearest():
    assert known(numbered(("A", 90), ("B", 290))).mean_euro[1] == 15_000


def test_a_number_without_a_place_or_a_known_postcode_says_nothing():
    civics = numbered(("A", 10), ("B", NAN), (None, 20), ("20100", 30))
    assert known(civics).mean_euro.tolist() == [15_000] * 3
    assert income.of_areas(SQUARES, numbered(("20100", 10), ("A", NAN)), DECLARED) is None
    assert income.of_areas(SQUARES, numbered(), DECLARED) is None


def test_a_postcode_whose_numbers_are_not_known_is_left_out():
    unread = pd.DataFrame([POOR, RICH | {"taxpayers_to_26000": None}, postcode("C", [0] * 8, 0)])
    civics = numbered(("A", 10), ("B", 150), ("C", 250))
    assert known(civics, unread).mean_euro.tolist() == [15_000] * 3


@given(st.lists(st.tuples(st.sampled_from("AB"), st.floats(0, 300)), min_size=1))
def test_shares_are_shares_and_the_estimate_lies_between_its_ends(civics):
    found = known(numbered(*civics))
    assert (found.low_share_min >= 0).all()
    assert (found.low_share_max <= 1).all()
    assert (found.low_share_min <= found.low_share).all()
    assert (found.low_share <= found.low_share_max).all()
