import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mapping.disclosure import rounded
from mapping.tables import AGE_BANDS
from mapping.territory.census_children import census_women
from mapping.territory.population import (
    bands_from_classes,
    children,
    demand,
    single_years,
    year_shares,
)

EVEN = np.full((4, 5), 0.2)
counts = arrays(float, st.integers(6, 18), elements=st.floats(0, 1e5))


@given(counts)
def test_the_single_years_of_a_class_add_up_to_the_class(totals):
    assert single_years(totals).sum(axis=1) == pytest.approx(totals[:-2], abs=1e-6)


def test_a_straight_line_of_ages_is_split_into_the_same_straight_line():
    years = np.arange(100.0, 70.0, -1.0)  # 100 of age 0, 99 of age 1, …
    assert single_years(years.reshape(6, 5).sum(axis=1)).ravel() == pytest.approx(years[:20])


def test_without_later_classes_the_years_of_a_class_are_equal():
    assert year_shares([10, 20, 30]) == pytest.approx(EVEN)


def test_an_empty_class_is_split_evenly():
    assert year_shares([0, 0, 0, 0, 0, 0, 0]) == pytest.approx(EVEN)


def test_bands_take_whole_years_of_their_classes():
    # 5 a year in 0-4, 10 a year in 5-9, 15 in 10-14, 20 in 15-19.
    bands = bands_from_classes([[25, 50, 75, 100]], EVEN)[0]
    assert bands == pytest.approx([15, 5 + 5 + 10, 40 + 15, 45, 15 + 60])


def test_residents_of_today_have_the_shares_of_the_census():
    now = children([110], [100], [[10, 0, 0, 0, 0]], np.array([0]))
    assert now[0] == pytest.approx([11, 0, 0, 0, 0])


@pytest.mark.parametrize("then", [50, 400])
def test_a_section_that_changed_its_people_takes_the_shares_of_its_nil(then):
    bands = [[50, 0, 0, 0, 0], [20, 0, 0, 0, 0], [90, 0, 0, 0, 0]]
    now = children([100, 200, 100], [then, 200, 100], bands, np.array([0, 0, 1]))
    assert now[0, 0] == pytest.approx(100 * (50 + 20) / (then + 200))


@pytest.mark.parametrize("then", [np.nan, 0])
def test_a_section_that_the_census_does_not_know_takes_the_shares_of_its_nil(then):
    bands = [[0 * then] * 5, [20, 0, 0, 0, 0]]
    assert children([100, 200], [then, 200], bands, np.array([0, 0]))[0, 0] == pytest.approx(10)


def test_women_are_the_share_of_the_census_in_the_residents_of_now():
    names = ("15_19", "20_24", "25_29", "30_34", "35_39", "40_44", "45_49")
    # 14 women of 100 residents, and of a section that doubled none known but by its group.
    census = pd.DataFrame(
        {"residents": [100.0, 100.0]}
        | {f"class_{name}": [5.0, 5.0] for name in names}
        | {f"male_{name}": [3.0, 2.0] for name in names}
    )
    groups = np.array([0, 0])
    women = census_women(census, np.array([110.0, 300.0]), groups)
    assert women == pytest.approx([110 * 0.14, 300 * (14 + 21) / 200])
    assert census_women(census.drop(columns="male_15_19"), np.ones(2), groups) is None
    assert census_women(None, np.ones(2), groups) is None


def test_a_section_of_no_nil_takes_the_shares_of_the_city():
    now = children([100, 100], [np.nan, 100], [[np.nan] * 5, [30, 0, 0, 0, 0]], np.array([-1, 0]))
    assert now[0, 0] == pytest.approx(30)


def test_demand_counts_the_part_of_a_band_that_a_category_serves():
    bands = np.array([[36.0, 36, 60, 36, 48]])
    assert demand(bands, [0], (3, 36)) == pytest.approx([33])  # three months of the 36 are left out
    assert demand(bands, [0], (36, 132)) == pytest.approx([36 + 60])
    assert demand(bands, [999], None) == pytest.approx([999])


def test_an_unknown_age_matters_only_to_the_categories_that_serve_it():
    bands = np.array([[10.0, 10, 10, 10, np.nan]])
    assert demand(bands, [0], (0, 36)) == pytest.approx([10])
    assert np.isnan(demand(bands, [0], (0, 216))).all()


@given(st.floats(0, 1e6))
def test_published_children_are_multiples_of_five(people):
    assert rounded(people) % 5 == 0
    assert abs(rounded(people) - people) <= 2.5


def test_the_bands_cover_childhood_without_a_gap():
    spans = list(AGE_BANDS.values())
    assert [low for low, _ in spans[1:]] == [high for _, high in spans[:-1]]
