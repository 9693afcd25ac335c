"""The smallest areas that hold people, as arrays."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from mapping import disclosure
from mapping.arrays import Bools, Floats, Ints
from mapping.territory import population
from mapping.territory.income import Income


@dataclass(frozen=True)
class Cells:
    """The smallest areas that hold people, aligned arrays of n cells.

    `shapes` is in metres, outlines or points; `nil` and `municipio` index into the city's areas,
    -1 for none. `residents` is NaN where no source counts them; `bands` has a column for each age
    band, NaN where the ages are not known. `income` is None where nothing is known of it.
    """

    level: str
    area_id: npt.NDArray[np.object_]
    shapes: npt.NDArray[np.object_]
    nil: Ints
    municipio: Ints
    residents: Floats
    bands: Floats
    income: Income | None = None
    profiles: Floats | None = None
    """Children by profile of moves, (5, n, 5): the first is `bands`. None without cohorts."""
    children_basis: str = population.BASIS
    women: Floats | None = None
    """Women of 15 to 49 years; None where nothing tells them."""
    census: Floats | None = None
    """Residents at the census whose ages are used, NaN where a cell does not join; None without."""

    @property
    def has_census_children(self) -> bool:
        """Whether children come from the ages of the census, and of no later count."""
        return self.census is not None and self.profiles is None

    def census_ratio(self, groups: Ints, count: int) -> Floats:
        """Compute residents over those at the census.

        Parameters
        ----------
        groups : ndarray of int, shape (n,)
            The area of each cell; -1 for none.
        count : int
            How many areas.

        Returns
        -------
        ndarray of float, shape (count,)
            NaN where nobody lived, or nobody knows.
        """
        if self.census is None:
            return np.full(count, np.nan)
        now = summed(self.residents, groups, count)
        return population.census_ratio(now, summed(np.nan_to_num(self.census), groups, count))

    def disagree(self, groups: Ints, count: int) -> Bools:
        """Flag areas of which the registry has more children than the residents of the census bear.

        Parameters
        ----------
        groups : ndarray of int, shape (n,)
            The area of each cell; -1 for none.
        count : int
            How many areas.

        Returns
        -------
        ndarray of bool, shape (count,)
            True where minors are more than `disclosure.MOST_CHILDREN` of the residents; false where
            children come from the same count.
        """
        if self.profiles is None:
            return np.zeros(count, bool)
        minors = summed(self.bands.sum(axis=1), groups, count)
        flags: Bools = minors > disclosure.MOST_CHILDREN * summed(self.residents, groups, count)
        return flags

    @property
    def outlined(self) -> bool:
        """Whether the cells are outlines, over which people can be spread."""
        return bool((shapely.get_dimensions(self.shapes) == 2).all())  # noqa: PLR2004 - a surface


def summed(values: Floats, groups: Ints, count: int) -> Floats:
    """Sum values of cells by area.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Of each cell.
    groups : ndarray of int, shape (n,)
        The area of each cell; -1 for none.
    count : int
        How many areas.

    Returns
    -------
    ndarray of float, shape (count,)
        0 of an area without cells; NaN where any is.
    """
    known = groups >= 0
    return np.bincount(groups[known], values[known], count).astype(float)
