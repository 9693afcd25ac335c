"""People of small areas as multiples of five: neither lost nor told, and neighbours together."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapping.coverage.random_rounding import randomly_rounded
from mapping.disclosure import rounded


def in_a_row(count: int) -> np.ndarray:
    return shapely.points(np.arange(count) * 100.0, 0.0)


def one_row(*people: float) -> np.ndarray:
    column = np.array(people, float)[:, None]
    return randomly_rounded(column, np.zeros(len(people), np.int64), in_a_row(len(people)))[:, 0]


@given(
    st.lists(st.floats(0, 400), min_size=1, max_size=40),
    st.lists(st.integers(-1, 2), min_size=40, max_size=40),
)
def test_every_area_is_a_multiple_of_five_and_every_neighbourhood_as_published(people, groups):
    column, group = np.array(people)[:, None], np.array(groups[: len(people)])
    done = randomly_rounded(column, group, in_a_row(len(people)))
    assert (done % 5 == 0).all()
    assert (np.abs(done - column) <= 5 + 1e-6).all()
    assert (done[column == 0] == 0).all()
    for number in set(group.tolist()):
        here = group == number
        assert done[here].sum() == rounded(column[here].sum())


@given(st.lists(st.floats(0, 400), min_size=2, max_size=40))
def test_neighbours_together_are_off_by_no_more_than_one(people):
    column = np.array(people)[:, None]
    shapes = in_a_row(len(people))
    done = randomly_rounded(column, np.zeros(len(people), np.int64), shapes)
    assert (np.abs(done[:-1].cumsum() - column[:-1].cumsum()) <= 5 + 1e-6).all()


def test_on_the_average_nobody_is_added():
    firsts = [one_row(12 + n / 1000, 488.0 - n / 1000)[0] for n in range(1000)]
    assert set(firsts) == {10.0, 15.0}
    assert np.mean(firsts) == pytest.approx(12.5, abs=0.3)


def test_the_same_people_are_always_rounded_alike_and_others_apart():
    people = [3.0, 4.0, 3.0, 8.0, 7.0, 2.0]
    assert one_row(*people).tolist() == one_row(*people).tolist()
    assert len({tuple(one_row(*people[:-1], 2 + n / 100)) for n in range(100)}) > 1


def test_another_neighbourhood_changes_nothing_here():
    people, group = np.array([[3.0], [4.0], [8.0], [9.0]]), np.array([0, 0, 1, 1])
    more = people + np.array([[0.0], [0.0], [1.0], [2.0]])
    both = [randomly_rounded(each, group, in_a_row(4)) for each in (people, more)]
    assert (both[0][:2] == both[1][:2]).all()


def test_what_nobody_knows_stays_unknown():
    done = one_row(12.0, np.nan, 30.0)
    assert np.isnan(done).tolist() == [False, True, False]
    assert np.nansum(done) == 40
    assert randomly_rounded(np.empty((0, 5)), np.empty(0, np.int64), in_a_row(0)).shape == (0, 5)
