import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from inequality.gini import Gini

from mapping.coverage.inequality import (
    concentration,
    concentration_curve,
    gini,
    lack,
    lorenz,
    palma,
)
from mapping.errors import BadInputError
from tests.mapping.worked import numbers, section, table

NAN, INF = float("nan"), float("inf")
AMOUNTS = arrays(float, 8, elements=st.floats(0, 1e6, width=32, allow_subnormal=False))
PEOPLE = arrays(float, 8, elements=st.integers(0, 500).map(float))


def test_the_worked_example_of_the_methods_holds():
    text = section("Equity")
    told = {name: numbers(cells) for name, cells in table(text).items() if name != "area"}
    children, places = told["children"], told["places per 100"]
    found = [
        gini(places, children),
        concentration(places, children, told["income"]),
        palma(places, children),
        *(lack(told["minutes"], children, 10, alpha=alpha) for alpha in (0, 1, 2)),
    ]
    example = text.split("*Example*")[1].split("|")[0]
    assert [round(index, 3) for index in found] == [
        float(number) for number in re.findall(r"\d\.\d{3}", example)
    ]


def test_pysal_gives_the_same_gini_where_every_area_weighs_the_same():
    # PySAL's takes no weights: an area of ten children would count as one of a thousand.
    values = np.random.default_rng(3).lognormal(size=50)
    assert gini(values, np.ones(50)) == pytest.approx(Gini(values).g)


def test_weights_are_people_written_once_for_each():
    values, people = np.array([1.0, 5, 9]), np.array([3, 1, 2])
    assert gini(values, people) == pytest.approx(Gini(np.repeat(values, people)).g)


@given(AMOUNTS, PEOPLE)
def test_gini_is_a_share_and_does_not_know_the_unit(values, people):
    index = gini(values, people)
    assert np.isnan(index) == ((values * people).sum() == 0)
    if not np.isnan(index):
        assert 0 <= index < 1
        assert gini(values * 7, people * 3) == pytest.approx(index, abs=1e-9)


@given(AMOUNTS, PEOPLE, arrays(float, 8, elements=st.integers(1, 5).map(float)))
def test_concentration_is_never_stronger_than_inequality(values, people, rank):
    index = concentration(values, people, rank)
    if not np.isnan(index):
        assert abs(index) <= gini(values, people) + 1e-9
        assert concentration(values, people, -rank) == pytest.approx(-index, abs=1e-9)
        order = np.random.default_rng(1).permutation(8)
        again = concentration(values[order], people[order], rank[order])
        assert again == pytest.approx(index, abs=1e-9)


@given(AMOUNTS, PEOPLE)
def test_concentration_is_the_covariance_formula_of_grouped_data(values, people):
    if not (values * people).sum():
        return
    rank, share = np.arange(8), people / people.sum()
    middle = np.cumsum(share) - share / 2
    mean = (share * values).sum()
    formula = 2 / mean * (share * values * middle).sum() - 1
    assert concentration(values, people, rank) == pytest.approx(formula, abs=1e-9)


@given(AMOUNTS, PEOPLE)
def test_the_lorenz_curve_lies_at_or_below_the_diagonal(values, people):
    curve = lorenz(values, people)
    assert (np.diff(curve.people) >= 0).all()
    assert (curve.values <= curve.people + 1e-9).all()
    if len(curve.people):
        assert (curve.people[[0, -1]] == curve.values[[0, -1]]).all()


def test_areas_of_one_income_count_as_one():
    one, other = (concentration_curve(v, [1, 1, 2], [5, 5, 9]) for v in ([0, 4, 3], [4, 0, 3]))
    assert one.values.tolist() == other.values.tolist() == [0, 0.4, 1]


def test_palma_splits_the_area_on_the_border():
    # Of ten people, the four of least and one of most: 4 * 1 and 3; the halves have 5 * 1, 5 * 3.
    assert palma([1, 3], [5, 5]) == pytest.approx(3 / 4)
    assert palma([2, 2], [1, 9]) == pytest.approx(0.25)
    assert palma([0, 5], [1, 1]) == INF


@given(PEOPLE, arrays(float, 8, elements=st.sampled_from([0.0, 5, 10, 11, 15, 20, 99, INF, NAN])))
def test_lack_is_a_share_that_never_rises_with_alpha(people, minutes):
    found = [lack(minutes, people, 10, alpha=alpha) for alpha in (0, 1, 2)]
    if people[~np.isnan(minutes)].sum():
        assert 1 >= found[0] >= found[1] >= found[2] >= 0
    else:
        assert np.isnan(found).all()


def test_no_way_at_all_is_full_lack_and_unknown_walks_are_left_out():
    assert lack([INF, 5, NAN], [1, 1, 9], 10, alpha=2) == 0.5
    assert lack([20, 10], [1, 1], 10, alpha=1) == 0.5
    assert lack([10], [1], 10, alpha=0) == 0


@pytest.mark.parametrize(
    ("values", "people"), [([], []), ([0, 0], [1, 1]), ([NAN], [5]), ([3, 4], [0, 0])]
)
def test_where_nothing_is_shared_there_is_no_index(values, people):
    for index in (
        gini(values, people),
        palma(values, people),
        concentration(values, people, values),
    ):
        assert np.isnan(index)
    assert len(lorenz(values, people).people) == 0


def test_one_area_is_even():
    assert gini([4], [9]) == concentration([4], [9], [1]) == 0
    assert palma([4], [9]) == pytest.approx(0.25)


def test_absurd_values_are_refused():
    for values, people in (([-1], [1]), ([INF], [1]), ([1], [-1]), ([1], [NAN]), ([1, 2], [1])):
        with pytest.raises(BadInputError):
            gini(values, people)
    for walk, alpha in ((0, 1), (NAN, 1), (10, 3), (10, -1)):
        with pytest.raises(BadInputError):
            lack([1], [1], walk, alpha=alpha)
