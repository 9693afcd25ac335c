"""In which areas a place lies: by a grid where no outline is near, else by the outlines."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapping.edition.edition import Edition, current
from mapping.lookup.areas_around import AreaGrid, AreasAround

WEST = shapely.box(9.0, 45.0, 9.1, 45.1)
EAST = shapely.Polygon([(9.1, 45.0), (9.2, 45.0), (9.15, 45.1), (9.1, 45.1)])
AREAS = [("nil", "1"), ("nil", "2"), ("municipality", "city")]
SHAPES = np.array([WEST, EAST, shapely.union(WEST, EAST)])
DRAWN = AreaGrid(AREAS, SHAPES)


def test_away_from_outlines_the_grid_knows_the_areas() -> None:
    assert DRAWN.at(9.05, 45.05) == {"nil": "1", "municipality": "city"}
    assert DRAWN.at(9.12, 45.03) == {"nil": "2", "municipality": "city"}
    assert DRAWN.at(9.199, 45.09) == {}


@pytest.mark.parametrize("place", [(9.1, 45.05), (9.0, 45.0), (9.175, 45.05), (8.9, 45.05)])
def test_on_outlines_and_beyond_all_of_them_it_takes_a_closer_look(
    place: tuple[float, float],
) -> None:
    assert DRAWN.at(*place) is None


def test_of_two_areas_of_a_level_the_first_counts() -> None:
    twice = AreaGrid([("nil", "1"), ("nil", "2")], np.array([WEST, WEST]))
    assert twice.at(9.05, 45.05) == {"nil": "1"}


@given(st.floats(8.99, 9.21), st.floats(44.99, 45.11))
def test_what_the_grid_says_is_what_the_outlines_say(lon: float, lat: float) -> None:
    said = DRAWN.at(lon, lat)
    inside = np.flatnonzero(shapely.intersects_xy(SHAPES, lon, lat)).tolist()
    assert said is None or said == dict(AREAS[area] for area in reversed(inside))


def test_in_milano_a_grid_changes_no_answer(milano_var: Path) -> None:
    edition = Edition.open(current(milano_var / "editions"))
    plain, by_grid = AreasAround(edition), AreasAround(edition)
    by_grid.lay_grid()
    places = np.random.default_rng(1).uniform((9.03, 45.38), (9.28, 45.54), (20_000, 2)).tolist()
    assert [by_grid.at(*place) for place in places] == [plain.at(*place) for place in places]
