"""Medians and shares of groups of weighted points."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.coverage.weighted import (
    main_kind,
    rising,
    share_of,
    shares_of,
    shares_within,
    weighted_median,
)


def test_the_weighted_median_leaves_half_of_the_people_on_each_side():
    medians = weighted_median(
        np.array([10.0, 20, 30, 5, 7]), np.array([1.0, 1, 3, 1, 1]), np.array([0, 0, 0, 1, 1]), 3
    )
    assert medians[:2].tolist() == [30, 5]
    assert np.isnan(medians[2])


def test_when_half_of_the_people_reach_nothing_there_is_no_median():
    values, weights = np.array([60.0, np.nan]), np.array([1.0, 3.0])
    assert np.isnan(weighted_median(values, weights, np.array([0, 0]), 1)).all()


def test_shares_count_people_and_not_points():
    seconds, people = np.array([200.0, 500, 4000, np.nan]), np.array([1.0, 2, 3, 4])
    shares = shares_within(seconds, people, np.zeros(4, int), 1)[0]
    assert shares == pytest.approx([0.1, 0.3, 0.3, 0.3, 0.3])


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.tuples(st.floats(0, 4000), st.floats(0.1, 9)), min_size=1))
def test_shares_grow_with_time_and_stay_within_one(points):
    seconds, people = np.array(points).T
    shares = shares_within(seconds, people, np.zeros(len(points), int), 1)[0]
    assert (np.diff(shares) >= 0).all()
    assert (shares >= 0).all()
    assert (shares <= 1).all()


def test_a_group_without_people_has_no_share_and_no_reason():
    people = np.zeros(1)
    assert np.isnan(share_of(np.array([True]), people, np.array([0]), 1)).all()
    assert main_kind(shares_of(np.array([0]), people, np.array([0]), (1, 2))).tolist() == [-1]


points = st.lists(
    st.tuples(st.floats(0, 4000), st.floats(0, 9), st.integers(0, 3)), min_size=1, max_size=40
)


@settings(deadline=None)  # the first call compiles
@given(points)
def test_a_median_is_that_of_the_definition_in_whichever_order(found):
    values, weights, groups = np.array(found).T
    groups = groups.astype(int)
    medians = weighted_median(values, weights, groups, 4, order=rising(values))
    for group in range(4):
        mine = groups == group
        at_or_below = [weights[mine & (values <= v)].sum() for v in values[mine]]
        half = weights[mine].sum() / 2 * (1 - 1e-9)
        enough = [v for v, w in zip(values[mine], at_or_below, strict=True) if w >= half]
        expected = min(enough) if half > 0 else np.nan
        assert medians[group] == pytest.approx(expected, nan_ok=True)


@settings(deadline=None)  # the first call compiles
@given(points)
def test_shares_of_kinds_are_a_whole(found):
    _, weights, kinds = np.array(found).T
    shares = shares_of(kinds.astype(int), weights, np.zeros(len(kinds), int), (1, 4))
    if weights.sum() > 0:
        assert shares.sum() == pytest.approx(1)
        assert weights[kinds == main_kind(shares)[0]].sum() == pytest.approx(
            shares.max() * weights.sum()
        )
    else:
        assert main_kind(shares).tolist() == [-1]
