"""The numbering of nodes: what is near on the ground is near in memory.

A search goes from a node to its neighbours. Numbered by easting alone, two ends of one street may
lie a thousand nodes apart, and the processor waits for each.
"""

import numpy as np

from mapping.arrays import Floats, Ints

_SPREAD = ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555))
"""Shifts and masks that put a 0 before each of 16 bits."""
_MAX_CELL = 0xFFFF


def spatial_order(x: Floats, y: Floats) -> Ints:
    """Put points in the order of a Morton curve (G. M. Morton, 1966).

    Parameters
    ----------
    x, y : ndarray of float, shape (n,)
        Metres; at least one point.

    Returns
    -------
    ndarray of int, shape (n,)
        The numbers of the points, the first on the curve first.
    """
    cell = max(np.ptp(x), np.ptp(y)) / _MAX_CELL or 1.0
    column, row = (_spread((at - at.min()) / cell) for at in (x, y))
    return np.argsort(column | row << 1, kind="stable")


def _spread(cells: Floats) -> Ints:
    bits = cells.astype(np.int64)
    for shift, mask in _SPREAD:
        bits = (bits | bits << shift) & mask
    return bits
