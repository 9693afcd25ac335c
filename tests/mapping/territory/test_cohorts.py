"""Cohorts of drawn parts of a city, with numbers by hand, and what holds of all of them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mapping.arrays import Floats
from mapping.errors import SourceError
from mapping.tables import AGE_BANDS
from mapping.territory.census_children import CLASS_COLUMNS, LATER_CLASSES, census_bands
from mapping.territory.cohorts import (
    MINOR_AGES,
    PROFILES,
    Register,
    ages_of_minors,
    bands_of_ages,
    forecast,
    spread,
)

TEN_OF_EACH = np.full((1, MINOR_AGES), 10.0)
PARTS, YEARS = 3, 4


def register(births: list[list[float]], minors: list[list[float]]) -> Register:
    """Parts 1, 2, … at the end of 2011, 2012, …; ten times as many residents as minors."""
    counted = np.array(minors, float)
    parts = np.array([str(number + 1) for number in range(len(counted))], object)
    years = np.arange(2011, 2011 + counted.shape[1])
    return Register(parts, years, np.array(births, float), counted, counted * 10)


def test_without_moves_children_are_those_born_and_those_a_year_older() -> None:
    # 180 in 2011; 20 are born, ten of 17 turn 18: 190 without anybody moving.
    ages = ages_of_minors(register([[0, 20]], [[180, 190]]), TEN_OF_EACH)
    assert ages[:, 0] == pytest.approx(np.array([[20, *[10] * 17]] * len(PROFILES)), abs=1e-6)


def test_each_way_of_moving_meets_the_total_at_other_ages() -> None:
    # 19 more than births and birthdays explain: a tenth of 190.
    ages = ages_of_minors(register([[0, 20]], [[180, 209]]), TEN_OF_EACH)[:, 0]
    of = dict(zip(PROFILES, ages, strict=True))
    assert of["even"] == pytest.approx([22, *[11] * 17])
    assert of["at_birth"] == pytest.approx([22, *[11] * 17])
    # Movers by age: 20 of weight 1, ten each of 17/18 … 1/18, in all 20 + 10 x 8.5 = 105.
    assert of["young"][0] == pytest.approx(20 + 19 * 20 / 105)
    assert of["young"][17] == pytest.approx(10 + 19 * (10 / 18) / 105)
    # And 20 of weight 1/18, ten each of 2/18 … 18/18, in all 20/18 + 10 x 170/18 = 1720/18.
    assert of["old"][0] == pytest.approx(20 + 19 * 20 / 1720)
    # One rate a year: the older have been exposed to it for longer.
    factors = of["steady"] / np.array([20, *[10] * 17])
    assert np.diff(np.log(factors)) == pytest.approx(np.full(17, np.log(factors[0]) * 2))


def test_more_may_leave_than_are_of_the_ages_that_move() -> None:
    # Of ages that move mostly when older, all leave: the others too, as the total says.
    ages = ages_of_minors(register([[0, 100]], [[180, 10]]), TEN_OF_EACH)
    assert (ages >= 0).all()
    assert ages.sum(axis=2) == pytest.approx(10)


def test_a_part_where_nobody_lived_has_the_usual_ages() -> None:
    known = register([[0, 9], [0, 0]], [[180, 179], [0, 36]])
    ages = ages_of_minors(known, np.vstack([TEN_OF_EACH, 0 * TEN_OF_EACH]))
    assert ages[:, 1].sum(axis=1) == pytest.approx(36)
    assert ages[0, 1] == pytest.approx(np.full(MINOR_AGES, 2))


counts = arrays(float, (PARTS, YEARS), elements=st.integers(0, 5000).map(float))
structures = arrays(float, (PARTS, MINOR_AGES), elements=st.integers(0, 900).map(float))


@given(counts, counts, structures)
def test_the_ages_of_every_part_add_up_to_its_minors(births, minors, structure) -> None:
    structure[0, 3] += 1  # somebody lives in the city
    ages = ages_of_minors(register(births, minors), structure)
    assert (ages >= 0).all()
    assert ages.sum(axis=2) == pytest.approx(np.tile(minors[:, -1], (len(PROFILES), 1)))
    bands = bands_of_ages(ages)
    assert bands.shape == (len(PROFILES), PARTS, len(AGE_BANDS))
    assert bands.sum(axis=2) == pytest.approx(ages.sum(axis=2))


@given(
    arrays(float, (2, PARTS, 5), elements=st.floats(0, 1e4)),
    arrays(float, (12, 5), elements=st.one_of(st.just(np.nan), st.floats(0, 50).map(round))),
    arrays(float, 12, elements=st.integers(0, 300).map(float)),
    st.permutations([*range(PARTS)] * 4),
)
def test_the_children_of_areas_add_up_to_those_of_their_part(totals, weights, people, part) -> None:
    rows = np.array(part)
    shared = spread(totals, weights, people, rows)
    for number in range(PARTS):
        of_part = shared[:, rows == number].sum(axis=1)
        assert of_part == pytest.approx(totals[:, number], abs=1e-6)


def test_children_are_shared_by_what_is_likely_then_by_people_then_evenly() -> None:
    part, people = np.array([0, 0, 1, 1, 2, 2, -1]), np.array([5.0, 5, 30, 10, 0, 0, 7])
    weights = np.array([[3.0], [1], [0], [np.nan], [0], [0], [9]])
    shared = spread(np.array([[80.0], [40], [6]]), weights, people, part)
    assert list(shared[:, 0]) == [60, 20, 30, 10, 3, 3, 0]


def test_a_forecast_lets_people_move_as_in_the_last_three_years() -> None:
    # Each year a tenth of those who stay come in besides, and as many are born as turn 18 …
    minors, births, ages = [180.0], [0.0], np.full(MINOR_AGES, 10.0)
    for _ in range(4):
        ages = np.concatenate([[12.0], ages[:-1] * 1.1])
        births.append(12.0)
        minors.append(ages.sum())
    known = register([births[:4]], [minors[:4]])
    # … the model moves newborns too, so that it is near, and not the same.
    assert forecast(known, TEN_OF_EACH, [[12]])[0, 0] == pytest.approx(minors[4], rel=0.01)


def test_a_forecast_without_moves_is_births_and_birthdays() -> None:
    known = register([[0, 10, 10, 10]], [[180] * 4])
    assert forecast(known, TEN_OF_EACH, [[30, 0]])[0] == pytest.approx([200, 190])


def test_a_part_that_the_registry_does_not_count_is_named() -> None:
    known = register([[0, 20]], [[180, 190]])
    assert list(known.of(np.array(["1"], object)).part) == ["1"]
    with pytest.raises(SourceError, match=r"counts nobody in '7'.*Add its rows"):
        known.of(np.array(["1", "7"], object))


def test_where_no_family_lives_the_children_of_others_are_not_placed() -> None:
    classes = {name: [0.0, 30.0] for name in CLASS_COLUMNS}
    then = {"area_id": ["centre", "homes"], "residents": [11.0, 300.0]}
    census = pd.DataFrame(then | classes | {name: [5.0, 100.0] for name in LATER_CLASSES})
    now, groups = np.array([509.0, 300.0]), np.zeros(2, np.int64)

    def bands(alone: list[bool]) -> Floats:
        return census_bands(census, census, now, groups, np.array(alone))

    assert bands([True, False])[0].sum() == 0
    assert bands([False, False])[0].sum() > 100
    assert (bands([True, False])[1] == bands([False, False])[1]).all()
