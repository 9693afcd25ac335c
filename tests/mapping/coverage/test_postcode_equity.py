"""Walks by income of drawn postcodes: figures follow by hand, intervals hold as often as said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.coverage import inequality
from mapping.coverage.postcode_equity import MIN_POSTCODES, UNKNOWN, income_gradient

EURO = np.arange(10.0) * 1000 + 15_000
PEOPLE = np.full(10, 200.0)
NAN = float("nan")
AMOUNTS = st.lists(st.integers(1, 60), min_size=12, max_size=12)


def test_the_poorest_fifth_walks_farther_than_the_richest():
    # Two postcodes of ten are a fifth: 20 minutes at one end, 5 at the other, 10 between.
    found = income_gradient(np.array([20.0] * 2 + [10] * 6 + [5] * 2), PEOPLE, EURO)
    assert found.poorest.value == pytest.approx(20)
    assert found.richest.value == pytest.approx(5)
    assert found.ratio.value == pytest.approx(4)
    assert found.concentration.value < 0
    for low, high in ((figure.low, figure.high) for figure in found):
        assert low < high
    assert found.richest.low == pytest.approx(5)
    assert found.richest.high > 5


@given(AMOUNTS, AMOUNTS)
def test_the_index_is_the_concentration_of_the_same_postcodes(minutes, people):
    walk, weight, euro = np.array(minutes, float), np.array(people, float), np.arange(12.0)
    found = income_gradient(walk, weight, euro).concentration
    assert found.value == pytest.approx(inequality.concentration(walk, weight, euro))
    assert -1 < found.low <= found.high < 1


def test_the_same_walk_for_all_is_no_gradient_however_postcodes_are_drawn():
    found = income_gradient(np.full(10, 7.0), PEOPLE, EURO)
    assert [*found.concentration] == pytest.approx([0, 0, 0])
    assert [*found.ratio] == pytest.approx([1, 1, 1])


def test_postcodes_drawn_anew_cover_what_is_true_nine_times_in_ten():
    # Walks that have nothing to do with income: the true index is 0.
    rng, held = np.random.default_rng(1), 0
    for _ in range(60):
        minutes = rng.gamma(4, 2.5, 38)
        found = income_gradient(minutes, np.full(38, 100.0), rng.permutation(38.0 + np.arange(38)))
        held += found.concentration.low <= 0 <= found.concentration.high
    assert 0.75 <= held / 60 < 1


def test_two_asks_give_the_same_interval():
    minutes = np.array([3.0, 9, 4, 8, 5, 7, 6, 2, 10, 1])
    assert income_gradient(minutes, PEOPLE, EURO) == income_gradient(minutes, PEOPLE, EURO)


@pytest.mark.parametrize(
    ("minutes", "people", "euro"),
    [
        pytest.param([], [], [], id="no postcode"),
        pytest.param([10.0] * 9, [5.0] * 9, [*range(9)], id="fewer than ten"),
        pytest.param([10.0] * 12, [5.0] * 12, [20_000.0] * 12, id="all equal incomes"),
        pytest.param([10.0] * 12, [5.0] * 12, [NAN] * 3 + [*range(9)], id="incomes not known"),
        pytest.param([10.0] * 12, [0.0] * 3 + [5.0] * 9, [*range(12)], id="nobody lives there"),
        pytest.param([NAN] * 3 + [10.0] * 9, [5.0] * 12, [*range(12)], id="nothing in reach"),
    ],
)
def test_of_too_few_postcodes_nothing_is_told(minutes, people, euro):
    arrays = (np.array(values, float) for values in (minutes, people, euro))
    assert all(np.isnan(figure).all() for figure in income_gradient(*arrays))


def test_a_postcode_without_an_income_is_left_out():
    minutes, people, euro = np.append(np.arange(10.0), 99), np.append(PEOPLE, 900), [*EURO, NAN]
    assert income_gradient(minutes, people, np.array(euro)) == income_gradient(
        np.arange(10.0), PEOPLE, EURO
    )


def test_where_nobody_walks_there_is_no_index_and_no_ratio():
    found = income_gradient(np.zeros(MIN_POSTCODES), PEOPLE, EURO)
    assert np.isnan([*found.concentration, *found.ratio]).all()
    assert [*found.poorest] == [0, 0, 0]
    assert np.isnan(UNKNOWN.value)
