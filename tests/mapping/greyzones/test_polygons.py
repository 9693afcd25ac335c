import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapping.greyzones.polygons import mosaic, neighbours, zones

ONE_UNIT = np.zeros(3, np.int64)


def squares(width, height):
    """A chessboard of unit squares, row by row."""
    cells = [shapely.box(x, y, x + 1, y + 1) for y in range(height) for x in range(width)]
    return np.array(cells, dtype=object)


def test_squares_are_neighbours_by_a_side_and_not_by_a_corner():
    one, other = neighbours(squares(2, 2))
    assert sorted(zip(one.tolist(), other.tolist(), strict=True)) == [
        (0, 1), (0, 2), (1, 3), (2, 3),
    ]  # fmt: skip


def test_neighbours_of_one_reason_are_one_zone():
    board = mosaic(squares(3, 1))
    (zone,) = zones(board, np.array([5, 5, 5]), ONE_UNIT[:3], np.array([0, 1, 2]))
    assert zone.members.tolist() == [0, 1, 2]
    assert board.seamless
    assert board.outline(zone.members).area == 3
    assert board.outline(zone.members).is_valid


def test_areas_that_overlap_are_joined_all_the_same():
    board = mosaic(np.array([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)], dtype=object))
    assert not board.seamless
    (zone,) = zones(board, np.array([5, 5]), ONE_UNIT[:2], np.array([0, 1]))
    assert board.outline(zone.members).area == 3


def test_the_border_of_a_unit_parts_two_zones():
    found = zones(mosaic(squares(3, 1)), np.array([5, 5, 5]), np.array([0, 0, 1]), np.arange(3))
    assert sorted(zone.members.tolist() for zone in found) == [[0, 1], [2]]


def test_a_served_square_between_them_parts_two_zones():
    found = zones(mosaic(squares(3, 1)), np.array([5, 0, 5]), ONE_UNIT[:3], np.array([0, 2]))
    assert [zone.members.tolist() for zone in found] == [[0], [2]]


def test_squares_of_different_reasons_are_not_joined():
    found = zones(mosaic(squares(2, 1)), np.array([5, 7]), ONE_UNIT[:2], np.array([0, 1]))
    assert sorted(zone.reason for zone in found) == [5, 7]


def test_nothing_grey_makes_no_zone():
    assert (
        zones(mosaic(squares(2, 1)), np.array([0, 0]), ONE_UNIT[:2], np.array([], np.int64)) == []
    )


@given(st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_zones_are_whole_and_share_no_square(reasons):
    board, labels = mosaic(squares(4, 3)), np.array(reasons)
    found = zones(board, labels, np.zeros(12, np.int64), np.flatnonzero(labels))
    outlines = [board.outline(zone.members) for zone in found]
    assert sum(shape.area for shape in outlines) == np.count_nonzero(labels)
    assert all(shape.geom_type == "Polygon" and shape.is_valid for shape in outlines)
    members = [area for zone in found for area in zone.members.tolist()]
    assert sorted(members) == np.flatnonzero(labels).tolist()
