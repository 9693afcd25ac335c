"""Regular hexagons over a city: another way to cut it than its sections."""

import numpy as np
import numpy.typing as npt

from mapping.arrays import Bools, Floats, Ints


def hexagon_nodes(x: Floats, y: Floats, metres: float) -> tuple[npt.NDArray[np.int64], Ints]:
    """Find the regular hexagon of each point.

    Parameters
    ----------
    x, y : ndarray of float, shape (n,)
        The points, metres.
    metres : float
        From side to opposite side of a hexagon, and from middle to middle.

    Returns
    -------
    tuple of ndarray
        The middles of the h hexagons that hold a point, shape (h, 2), in half steps of `metres`
        east and of ``metres * sqrt(3)`` north; and the number of each point's hexagon, shape (n,).
    """
    # Middles are the nodes of two grids of metres by √3 metres, one set off by half of both: of
    # the nearest node of each, the nearer one.
    step = np.array([metres, metres * np.sqrt(3)])
    place = np.column_stack([x, y])
    even = np.round(place / step) * 2
    odd = np.floor(place / step) * 2 + 1
    apart = [np.hypot(*((place - node / 2 * step).T)) for node in (even, odd)]
    node = np.where((apart[0] <= apart[1])[:, None], even, odd).astype(np.int64)
    used, unit = np.unique(node, axis=0, return_inverse=True)
    return used, unit.ravel()


def most_lack(unit: Ints, people: Floats, lacks: Bools) -> Bools:
    """Give each point what holds for most people of its unit; of a unit of nobody, nothing.

    Parameters
    ----------
    unit : ndarray of int, shape (p,)
        The unit of each point, from 0.
    people : ndarray of float, shape (p,)
        Who lives at each.
    lacks : ndarray of bool, shape (p,)
        Whether they lack the service.

    Returns
    -------
    ndarray of bool, shape (p,)
        Whether more than half of the people of its unit lack it.
    """
    lacking = np.bincount(unit, people * lacks)
    flags: Bools = (lacking > np.bincount(unit, people) / 2)[unit]
    return flags
