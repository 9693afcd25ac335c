"""Straight lines beside streets that lead far around, at one metre a second."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from mapping.walking.profiles import DETOUR_INDEX
from mapping.walking.straight_walks import (
    AROUND_RATIO,
    SQUARE_METRES,
    FarGround,
    StraightLimits,
    StraightPlaces,
    with_straight,
)

NEVER = np.nan
PLACES = StraightPlaces(np.array([100.0, 300]), np.zeros(2), np.array([3, 5]))
LIMITS = StraightLimits(1.0, 350.0)


def from_origin(walked: list[tuple[float, int]], known: list[tuple[float, int]]):
    ways = [
        (np.array([[s for s, _ in w]], float), np.array([[n for _, n in w]]))
        for w in (walked, known)
    ]
    point = np.zeros(1), np.zeros(1)
    seconds, number = with_straight(ways[0], point, PLACES, LIMITS, ways[1])
    return seconds[0].tolist(), number[0].tolist()


def test_the_known_walk_that_leads_far_around_gives_way_to_the_straight_line() -> None:
    seconds, number = from_origin([(200, 1), (900, 3), (590, 5)], [(590, 5), (900, 3)])

    # Place 5 is 300 m away, and 590 is less than twice that.
    assert number == [3, 1, 5]
    assert_allclose(seconds, [100 * DETOUR_INDEX, 200, 590])


def test_a_place_that_no_known_street_reaches_is_estimated() -> None:
    seconds, number = from_origin([(NEVER, -1), (NEVER, -1)], [(NEVER, -1)])

    assert number == [3, 5]
    assert_allclose(seconds, [100 * DETOUR_INDEX, 300 * DETOUR_INDEX])


def test_beyond_the_longest_line_nothing_is_estimated() -> None:
    walked = np.array([[NEVER]]), np.array([[-1]])
    point = np.array([1000.0]), np.zeros(1)

    seconds, number = with_straight(walked, point, PLACES, LIMITS, walked)

    assert np.isnan(seconds).all()
    assert (number == -1).all()


@given(st.lists(st.floats(0, 2000), min_size=2, max_size=2))
def test_each_place_is_walked_to_once_and_never_farther_than_by_the_streets(ways) -> None:
    (near, far), longest = ways, 2000
    known = sorted([(min(100 + near, longest), 3), (min(300 + far, longest), 5)])

    seconds, number = from_origin([*known, (NEVER, -1)], known)

    assert seconds[:2] == sorted(seconds[:2])
    assert (sorted(number[:2]), number[2]) == ([3, 5], -1)
    for walked, place in known:
        straight = PLACES.x[PLACES.number == place][0]
        expected = straight * DETOUR_INDEX if walked > AROUND_RATIO * straight else walked
        assert_allclose(seconds[number.index(place)], expected)


def test_no_place_is_nearer_than_the_ground_says() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, 5000, 20), rng.uniform(0, 3000, 20)
    ground = FarGround(x, y)
    stated, nearest = [], []
    for from_x, from_y in rng.uniform((-500, -500), (5500, 3500), (2000, 2)):
        stated.append(ground.metres(from_x, from_y))
        nearest.append(np.hypot(x - from_x, y - from_y).min())
    assert (np.array(stated) <= nearest).all()
    within = np.array(stated) != 0  # outside, nothing is known
    assert within.mean() > 0.4
    assert (np.array(nearest) - stated)[within].max() <= np.sqrt(2) * SQUARE_METRES


def test_ground_with_a_single_place_says_nothing() -> None:
    ground = FarGround(np.array([100.0]), np.array([200.0]))
    assert ground.metres(100.0, 200.0) == ground.metres(9000.0, 9000.0) == 0
