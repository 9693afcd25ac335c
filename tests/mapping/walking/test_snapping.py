"""Places on streets: the nearest point, wherever the place and however the streets are drawn."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapping.walking.snapping import feet, grid, pieces

METRES = st.integers(-5000, 5000).map(float)
PLACES = st.tuples(METRES, METRES)
LINES = st.lists(st.lists(PLACES, min_size=2, max_size=5), min_size=1, max_size=12)


def index(lines: list[list[tuple[float, float]]]):
    first = np.cumsum([0, *map(len, lines)])
    x, y = np.concatenate([np.array(line, float) for line in lines]).T
    cut = pieces(np.arange(len(lines)), first, x, y)
    return cut, grid(cut)


def foot(lines: list[list[tuple[float, float]]], x: float, y: float):
    return tuple(part[0] for part in feet(*index(lines), np.array([x]), np.array([y])))


@given(LINES, st.lists(PLACES, min_size=1, max_size=5))
def test_no_street_is_nearer_than_the_foot(lines, places):
    x, y = np.array(places).T
    found = feet(*index(lines), x, y)
    drawn, points = shapely.linestrings, shapely.points(x, y)
    streets = np.array([drawn(line) for line in lines], object)
    nearest = shapely.distance(streets[:, None], points).min(axis=0)
    assert found.away == pytest.approx(nearest, abs=1e-6)
    there = shapely.line_interpolate_point(streets[found.edge], found.offset)
    assert shapely.distance(there, shapely.points(found.x, found.y)).max() < 1e-6
    assert shapely.distance(there, points) == pytest.approx(found.away, abs=1e-6)


def test_foot_lies_on_the_piece_that_is_nearest_with_the_metres_before_it():
    corner = [(0.0, 0.0), (100.0, 0.0), (100.0, 50.0)]
    assert foot([corner], 110.0, 20.0) == (0, 120.0, 10.0, 100.0, 20.0)


def test_of_streets_equally_near_the_first_is_taken():
    crossing = [[(50.0, 0.0), (50.0, 90.0)], [(-90.0, 0.0), (50.0, 0.0)]]
    assert foot(crossing, 53.0, -4.0)[:3] == (0, 0.0, 5.0)


def test_place_far_beside_the_streets_is_snapped_too():
    assert foot([[(0.0, 0.0), (10.0, 0.0)]], 10.0, 40_000.0)[:3] == (0, 10.0, 40_000.0)


def test_street_without_length_is_a_point():
    assert foot([[(5.0, 5.0), (5.0, 5.0)]], 8.0, 9.0)[:3] == (0, 0.0, 5.0)
