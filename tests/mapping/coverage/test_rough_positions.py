"""Medians that rest on a service whose place is roughly known, by hand."""

from types import SimpleNamespace

import numpy as np

from mapping.coverage.classes import WalkTimes
from mapping.coverage.rough_positions import RoughWalks
from mapping.walking.profiles import profile

PACE = profile("adult").metres_per_second


def flags(error_metres: float, seconds: list[list[float]], target: list[list[int]]) -> list[bool]:
    nearest, targets = np.array(seconds, float), np.array(target)
    never = np.full(len(nearest), np.nan)
    walk = WalkTimes(nearest, targets, (), (), never, never)
    level = SimpleNamespace(groups=np.array([0, 0, 0, 1, 1, 1]), areas=2)
    measured = {"estimated": np.zeros(2)}
    rough = RoughWalks(np.array([error_metres, 0.0]), "adult")
    return (
        rough.flags(walk, measured, level, np.ones(6)).get("estimated", np.zeros(2)) > 0
    ).tolist()


def walks() -> tuple[list[list[float]], list[list[int]]]:
    # In the first area all go to the service of uncertain place, in the second one of three does.
    nobody = [np.nan] * 2
    near = [[600.0, 2000.0, *nobody]] * 3 + [
        [600.0, 2000.0, *nobody],
        *[[60.0, 900.0, *nobody]] * 2,
    ]
    target = [[0, 1, -1, -1]] * 4 + [[1, 0, -1, -1]] * 2
    return near, target


def test_a_median_rests_on_a_place_that_is_known_to_kilometres():
    assert flags(3400.0, *walks()) == [True, False]


def test_a_place_that_is_known_to_300_metres_leaves_minutes_measured():
    assert flags(300.0, *walks()) == [False, False]
