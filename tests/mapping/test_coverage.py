import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapping.coverage import (
    REASONS,
    Evidence,
    Walk,
    class_of,
    classify,
    main_reason,
    share_of,
    shares_within,
    street_points,
    weighted_median,
)

NO = np.array([False])


def reason(seconds, firm=np.nan, slack=0.0, *, complete=True, **evidence):
    walk = Walk(np.array([seconds]), np.array([firm]), np.array([slack]))
    allowed = {"estimated": False, "off_network": NO, "unplaced": NO, **evidence}
    return REASONS[classify(walk, Evidence(complete=complete, **allowed), 900.0)[0]]


def test_a_firm_record_within_the_walk_serves():
    assert reason(800, firm=800) == "within_walk"
    assert class_of(0) == "served"


def test_a_stale_record_within_the_walk_is_unsure():
    assert reason(800, firm=2000) == "records_unverified"


def test_far_is_claimed_of_a_complete_list():
    assert reason(1000, firm=1000) == "beyond_walk"
    assert class_of(REASONS.index("beyond_walk")) == "far"


def test_far_is_never_claimed_of_an_incomplete_list():
    assert reason(5000, firm=5000, complete=False) == "catalogue_incomplete"


@given(st.floats(0, 1e5), st.booleans(), st.floats(0, 1e4))
def test_an_incomplete_list_never_makes_far(seconds, firm, slack):
    found = reason(seconds, seconds if firm else np.nan, slack, complete=False)
    assert class_of(REASONS.index(found)) != "far"


@given(st.floats(0, 1e5))
def test_a_straight_line_claims_nothing(seconds):
    assert reason(seconds, seconds, estimated=True) == "estimated_times"


def test_a_record_without_a_place_forbids_to_say_far():
    assert reason(5000, unplaced=np.array([True])) == "records_unplaced"


def test_an_imprecise_position_that_could_turn_the_answer_forbids_to_say_far():
    assert reason(1000, slack=150) == "position_uncertain"
    assert reason(1000, slack=50) == "beyond_walk"


def test_a_place_that_no_street_reaches_is_not_called_far():
    assert reason(np.nan, off_network=np.array([True])) == "off_network"


def test_of_a_complete_list_without_any_record_everything_is_far():
    assert reason(np.nan) == "beyond_walk"


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
    assert main_reason(np.array([0]), people, np.array([0]), 1).tolist() == [-1]


class OneStreet:
    """A street of 200 m that runs along the border of two squares."""

    lines = np.array([shapely.LineString([(0, 100), (200, 100)])])


def test_people_of_both_sides_set_out_from_the_street_between_them():
    south, north, lonely = (
        shapely.box(0, 0, 200, 100),
        shapely.box(0, 100, 200, 200),
        shapely.box(900, 900, 910, 910),
    )
    points = street_points(OneStreet(), np.array([south, north, lonely]))
    assert np.bincount(points.owner).tolist() == [4, 4, 1]
    assert np.bincount(points.owner, points.weight) == pytest.approx([1, 1, 1])
    assert sorted(points.x[points.owner == 0]) == [25, 75, 125, 175]
    assert (points.x[points.owner == 2], points.y[points.owner == 2]) == (905, 905)
