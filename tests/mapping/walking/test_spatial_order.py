"""The numbers of nodes follow a curve that keeps neighbours together."""

import numpy as np

from mapping.walking.spatial_order import spatial_order
from mapping.walking.topology import from_lines
from tests.mapping.drawn import EPSG, draw

CROSSINGS = """
A--B--C--D
|  |  |  |
E--F--G--H
|  |  |  |
I--J--K--L
|  |  |  |
M--N--O--P
"""


def test_a_grid_is_walked_square_by_square() -> None:
    x, y = (at.ravel() for at in np.meshgrid([0.0, 10, 20, 30], [0.0, 10, 20, 30]))
    order = spatial_order(x + 500_000, y + 5_000_000)
    assert (x[order] / 10).astype(int).tolist() == [0, 1, 0, 1, 2, 3, 2, 3] * 2
    assert (y[order] / 10).astype(int).tolist() == [0, 0, 1, 1] * 2 + [2, 2, 3, 3] * 2


def test_one_place_is_an_order_too() -> None:
    assert spatial_order(np.array([7.0, 7.0]), np.array([3.0, 3.0])).tolist() == [0, 1]


def test_the_crossings_of_a_network_are_numbered_so() -> None:
    lines, _ = draw(CROSSINGS)
    network = from_lines(lines, epsg=EPSG)
    assert len(network.node_x) == 12  # the corners of the drawing are no crossings
    assert spatial_order(network.node_x, network.node_y).tolist() == list(range(12))
