"""Slopes of streets, measured from noisy heights along their lines."""

import numpy as np

from mapping.arrays import Floats, Ints

SLOPE_METRES = 20.0
"""A gradient is measured over this much of a way, and is not known of a shorter one.

Two ramps between landings of D.M. 236/1989 (art. 8.1.11: one every 10 m). In a topographic
database a height is off its neighbours' by 3.5 cm (standard deviation), one in a thousand by 27 cm:
over 20 m such a height feigns 1.3 %, over the metre between two vertices 27 %."""
STEP_METRES = 1.0
"""How finely the ends of a steep stretch are sought."""
_DECIMALS = 4
"""Of a slope: 2 mm over `SLOPE_METRES`, less than the error of any height."""
_APART_METRES = 1000.0
_ROUNDING_METRES = 1e-6


def steepest(vertices: Floats, offset: Ints) -> Floats:
    """Find the steepest stretch of `SLOPE_METRES` on every line.

    A height of exactly 0 is what formats write for want of one: not known.

    Parameters
    ----------
    vertices : ndarray of float, shape (n, 3)
        x, y and height in metres; NaN is a height that is not known.
    offset : ndarray of int, shape (m + 1,)
        Line e has the vertices ``offset[e]`` to ``offset[e + 1]``.

    Returns
    -------
    ndarray of float, shape (m,)
        Rise over run, 0.08 for 8 %, never negative: up one way is down the other. NaN for a line
        that is shorter, or has no such stretch with known heights.
    """
    height = _known(vertices[:, 2])
    line = np.repeat(np.arange(len(offset) - 1), np.diff(offset))
    steps = np.hypot(*np.diff(vertices[:, :2], axis=0).T)
    # All lines lie along one axis, apart from one another.
    along = np.concatenate([[0.0], np.cumsum(np.where(np.diff(line) > 0, _APART_METRES, steps))])
    start, end = along[offset[:-1]][line], along[offset[1:] - 1][line]
    slope = np.full(len(offset) - 1, np.nan)
    # Between its vertices a line is straight: the steepest stretch begins or ends at one.
    for low in (along, along - SLOPE_METRES):
        inside = (low >= start - _ROUNDING_METRES) & (low + SLOPE_METRES <= end + _ROUNDING_METRES)
        ends = np.interp([low[inside], low[inside] + SLOPE_METRES], along, height)
        np.fmax.at(slope, line[inside], np.abs(ends[1] - ends[0]) / SLOPE_METRES)
    return slope.round(_DECIMALS)


def steep_stretches(vertices: Floats, limit: float) -> list[tuple[float, float]]:
    """Find where a line is steeper than a limit: the parts that lie in no gentler `SLOPE_METRES`.

    Parameters
    ----------
    vertices : ndarray of float, shape (n, 3)
        Of one line, as in `steepest`.
    limit : float
        Rise over run.

    Returns
    -------
    list of tuple of float
        From and to, in metres along the line, in order; none where no height is known. What is
        left between them has no stretch that is steeper.
    """
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(vertices[:, :2], axis=0).T))])
    room = along[-1] - SLOPE_METRES
    low = np.concatenate([along, along - SLOPE_METRES, np.arange(0.0, room, STEP_METRES)])
    low = np.unique(low[(low >= 0) & (low <= room)])
    ends = np.interp([low, low + SLOPE_METRES], along, _known(vertices[:, 2]))
    low = low[(np.abs(ends[1] - ends[0]) / SLOPE_METRES).round(_DECIMALS) > limit]
    stretches = np.split(low, np.flatnonzero(np.diff(low) > SLOPE_METRES) + 1)
    return [(float(part[0]), float(part[-1] + SLOPE_METRES)) for part in stretches if len(part)]


def _known(height: Floats) -> Floats:
    return np.where(height == 0, np.nan, height)
