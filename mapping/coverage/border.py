"""What lies over the city's border, and from where a service there could be in reach."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from mapping.arrays import Bools, Floats
from mapping.disclosure import published_categories
from mapping.model import Service
from mapping.taxonomy import category
from mapping.walking.profiles import profiles


@dataclass(frozen=True)
class Beyond:
    """Services over the border, for distance alone, and how far what is known there goes.

    `complete` are the categories of which they are all; `streets_metres` is how far over the border
    the streets are all known.
    """

    services: Sequence[Service] = ()
    complete: frozenset[str] = frozenset()
    streets_metres: float = 0.0

    @property
    def knows_streets(self) -> bool:
        """Whether all streets are known as far over the border as services are read."""
        return self.streets_metres >= longest_walk_metres()


@dataclass(frozen=True, eq=False)
class Border:
    """The border as seen from the points where people start, and what is known beyond it."""

    metres: Floats
    """From each point, in a straight line."""
    beyond: Beyond

    def hides(self, code: str, reach_metres: float) -> Bools:
        """Flag the points from which a service that nobody has listed could be in reach.

        Parameters
        ----------
        code : str
            A category.
        reach_metres : float
            The acceptable walk.

        Returns
        -------
        ndarray of bool, shape (n,)
            None of them where the list of the category is complete beyond the border.
        """
        if code in self.beyond.complete:
            return np.zeros(len(self.metres), bool)
        return self.near(reach_metres)

    def near(self, reach_metres: float) -> Bools:
        """Flag the points that are near to the border.

        Parameters
        ----------
        reach_metres : float
            How near.

        Returns
        -------
        ndarray of bool, shape (n,)
            True within so many metres.
        """
        near: Bools = self.metres <= reach_metres
        return near


def longest_walk_metres() -> float:
    """Give the longest way that anybody has to accept: what is farther out serves nobody here."""
    seconds = max(category(code).walk_seconds for code in published_categories())
    return seconds * max(walker.metres_per_second for walker in profiles().values())


def metres_to_border(x: Floats, y: Floats, outline: shapely.Geometry) -> Floats:
    """Measure straight lines from points to the border of a city.

    Parameters
    ----------
    x, y : ndarray of float, shape (n,)
        Metres.
    outline : shapely.Geometry
        The city, in metres.

    Returns
    -------
    ndarray of float, shape (n,)
        Metres; infinite where the outline is not known.
    """
    lines = shapely.get_parts(shapely.boundary(outline))
    if not len(lines):
        return np.full(len(x), np.inf)
    # The index finds the near stretch of a long border, where a distance would try all of it.
    starts, owner = shapely.get_coordinates(lines, return_index=True)
    same = owner[1:] == owner[:-1]
    stretches = shapely.linestrings(np.stack([starts[:-1][same], starts[1:][same]], axis=1))
    (row, _), metres = shapely.STRtree(stretches).query_nearest(
        shapely.points(x, y), return_distance=True, all_matches=False
    )
    nearest_metres = np.full(len(x), np.inf)
    nearest_metres[row] = metres
    return nearest_metres
