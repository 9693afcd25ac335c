import numpy as np
import shapely

from mapping.greyzones import neighbours, zone_id, zones


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
    board = squares(3, 1)
    found = zones(board, np.array([5, 5, 5]), np.array([0, 1, 2]), neighbours(board))
    assert [zone.members.tolist() for zone in found] == [[0, 1, 2]]
    assert found[0].outline.area == 3
    assert found[0].outline.is_valid


def test_a_served_square_between_them_parts_two_zones():
    board = squares(3, 1)
    found = zones(board, np.array([5, 0, 5]), np.array([0, 2]), neighbours(board))
    assert [zone.members.tolist() for zone in found] == [[0], [2]]


def test_squares_of_different_reasons_are_not_joined():
    board = squares(2, 1)
    found = zones(board, np.array([5, 7]), np.array([0, 1]), neighbours(board))
    assert sorted(zone.reason for zone in found) == [5, 7]


def test_nothing_grey_makes_no_zone():
    board = squares(2, 1)
    assert zones(board, np.array([0, 0]), np.array([], np.int64), neighbours(board)) == []


def test_a_zone_keeps_its_name_while_it_keeps_its_areas():
    assert zone_id("nido", "far", ["2", "10"]) == zone_id("nido", "far", ["10", "2"])
    assert zone_id("nido", "far", ["2"]) != zone_id("nido", "far", ["2", "10"])
