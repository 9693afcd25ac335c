"""Straight lines in place of walks along streets, to places to which not all streets are known."""

from typing import NamedTuple

import numpy as np

from mapping.arrays import Floats, Ints
from mapping.walking.profiles import DETOUR_INDEX

AROUND_RATIO = 2.0
"""A known walk that is more than so many times the straight line may lack a street: where all are
known, 4 in 100 are longer (docs/methods.md)."""
SQUARE_METRES = 250.0
"""Sides of the squares of ground of which a distance is remembered."""


class StraightPlaces(NamedTuple):
    """Places to which not all streets are known: x and y in metres, and their numbers."""

    x: Floats
    y: Floats
    number: Ints


class StraightLimits(NamedTuple):
    """How fast one walks, and how long a straight line may be, in metres."""

    metres_per_second: float
    metres: float

    @property
    def longest_seconds(self) -> float:
        """How long a walk along streets has to be known, to be held against a straight line."""
        return AROUND_RATIO * self.metres / self.metres_per_second


class FarGround:
    """How far some places are at the least from each square of the ground between them.

    Most people live far from all of them, and are spared to measure the way to each. The squares of
    a row are measured when the first of them is asked for.
    """

    def __init__(self, x: Floats, y: Floats) -> None:
        self._x, self._y = x, y
        self._left, self._bottom = float(x.min()), float(y.min())
        columns = np.arange(self._left, x.max(), SQUARE_METRES) + SQUARE_METRES / 2
        self._columns = columns[:, None]
        self._rows = np.arange(self._bottom, y.max(), SQUARE_METRES) + SQUARE_METRES / 2
        self._metres: dict[int, list[float]] = {}

    def metres(self, x: float, y: float) -> float:
        """Give what is known: no place is nearer; 0 outside the ground."""
        column = int((x - self._left) // SQUARE_METRES)
        row = int((y - self._bottom) // SQUARE_METRES)
        if not (0 <= row < len(self._rows) and 0 <= column < len(self._columns)):
            return 0.0
        if row not in self._metres:
            away = np.hypot(self._columns - self._x, self._rows[row] - self._y).min(axis=1)
            self._metres[row] = (away - SQUARE_METRES / np.sqrt(2)).tolist()
        return self._metres[row][column]


def with_straight(
    walked: tuple[Floats, Ints],
    points: tuple[Floats, Floats],
    places: StraightPlaces,
    limits: StraightLimits,
    known: tuple[Floats, Ints],
) -> tuple[Floats, Ints]:
    """Estimate walks along straight lines where those that are known lead far around.

    Parameters
    ----------
    walked : tuple of ndarray, shape (n, k)
        Seconds along the streets, and the number of the place, as `routing.nearest_k`.
    points : tuple of ndarray, shape (n,)
        From where: x and y, metres.
    places : StraightPlaces
        Where the straight lines may lead, p places.
    limits : StraightLimits
        Longer lines are left out.
    known : tuple of ndarray, shape (n, m)
        As `walked`, of these places alone, up to `StraightLimits.longest_seconds`.

    Returns
    -------
    tuple of ndarray, shape (n, k)
        Seconds and numbers, sorted by seconds; NaN and -1 where fewer can be reached.
    """
    from scipy.spatial import cKDTree  # noqa: PLC0415 - a tenth of a second, for coverage alone

    seconds, number = walked
    tree = cKDTree(np.column_stack([places.x, places.y]))
    metres, which = tree.query(
        np.column_stack(points),
        list(range(1, min(seconds.shape[1], len(places.number)) + 1)),
        distance_upper_bound=limits.metres,
    )
    near = np.flatnonzero(np.isfinite(metres[:, 0]))
    reached = np.append(places.number, -1)[which[near]]  # the last is that of no place
    straight = metres[near] / limits.metres_per_second
    by_streets = _seconds_to(reached, known[0][near], known[1][near])
    is_around = (reached >= 0) & (by_streets > AROUND_RATIO * straight)
    estimated = np.where(is_around, straight * DETOUR_INDEX, np.nan)
    both = np.hstack([seconds[near], estimated]), np.hstack([number[near], reached])
    seconds, number = seconds.copy(), number.copy()
    seconds[near], number[near] = shortest_to_each(*both, seconds.shape[1])
    return seconds, number


def _seconds_to(wanted: Ints, seconds: Floats, number: Ints) -> Floats:
    """Give the seconds to each wanted place of a row; infinite where they are not known."""
    is_same = wanted[:, :, None] == number[:, None, :]
    least: Floats = np.where(is_same, seconds[:, None, :], np.inf).min(axis=2)
    return np.where(np.isnan(least), np.inf, least)


def shortest_to_each(seconds: Floats, number: Ints, count: int) -> tuple[Floats, Ints]:
    """Keep the shortest walk to each place, in the order of their seconds.

    Parameters
    ----------
    seconds : ndarray of float, shape (n, m)
        Walks; NaN for none.
    number : ndarray of int, shape (n, m)
        To which place each leads.
    count : int
        How many to keep.

    Returns
    -------
    tuple of ndarray, shape (n, count)
        Seconds and numbers; NaN and -1 where there are fewer.
    """
    seconds, number = _sorted(seconds, np.where(np.isnan(seconds), -1, number))
    earlier = np.tril(np.ones((seconds.shape[1],) * 2, bool), -1)
    is_again = ((number[:, :, None] == number[:, None, :]) & earlier).any(axis=2)
    seconds, number = _sorted(np.where(is_again, np.nan, seconds), np.where(is_again, -1, number))
    return seconds[:, :count], number[:, :count]


def _sorted(seconds: Floats, number: Ints) -> tuple[Floats, Ints]:
    order = np.argsort(seconds, axis=1, kind="stable")
    return np.take_along_axis(seconds, order, 1), np.take_along_axis(number, order, 1)
