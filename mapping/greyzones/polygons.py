"""Grey zones: neighbouring areas of one class and reason, as polygons."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mapping.arrays import Ints


@dataclass(frozen=True)
class Zone:
    """Areas that touch one another and share a class and a reason."""

    members: Ints
    reason: int


@dataclass(frozen=True, eq=False)
class CellMosaic:
    """Areas of a city with their shared borders, found once for all zones.

    `pairs` are the two sides of every shared border; a `seamless` mosaic has neither gaps nor
    overlaps, and its areas are joined by dropping the borders between them.
    """

    shapes: npt.NDArray[np.object_]
    pairs: tuple[Ints, Ints]
    seamless: bool
    _outlines: dict[bytes, shapely.Geometry] = field(default_factory=dict, repr=False)

    def outline(self, members: Ints) -> shapely.Geometry:
        """Join areas.

        Parameters
        ----------
        members : ndarray of int
            Which of the areas.

        Returns
        -------
        shapely.Geometry
            A valid polygon, or a multi-polygon where a border is only nearly shared.
        """
        # Zones of several situations are the same areas, of several needs and hours above all.
        key = members.tobytes()
        if key not in self._outlines:
            self._outlines[key] = self._joined(self.shapes[members])
        return self._outlines[key]

    def _joined(self, parts: npt.NDArray[np.object_]) -> shapely.Geometry:
        if len(parts) == 1:
            return parts[0]
        join = shapely.coverage_union_all if self.seamless else shapely.union_all
        return shapely.make_valid(join(parts))


def mosaic(shapes: npt.NDArray[np.object_]) -> CellMosaic:
    """Find what all zones of a city share.

    Parameters
    ----------
    shapes : ndarray of shapely.Polygon, shape (n,)
        The areas.

    Returns
    -------
    CellMosaic
        With the pairs of areas that share a border.
    """
    return CellMosaic(shapes, neighbours(shapes), bool(shapely.coverage_is_valid(shapes)))


def neighbours(areas: npt.NDArray[np.object_]) -> tuple[Ints, Ints]:
    """Find the pairs of areas that share a border, not only a corner.

    Parameters
    ----------
    areas : ndarray of shapely.Polygon, shape (n,)
        Areas.

    Returns
    -------
    tuple of ndarray of int
        The two sides of every pair, each pair once.
    """
    first, second = shapely.STRtree(areas).query(areas, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    # Of areas that overlap it is the rim of what they share.
    shared = shapely.length(shapely.intersection(areas[first], areas[second])) > 0
    return first[shared].astype(np.int64), second[shared].astype(np.int64)


def zones(cells: CellMosaic, reasons: Ints, units: Ints, grey: Ints) -> list[Zone]:
    """Join neighbouring grey areas of one reason within one unit.

    Parameters
    ----------
    cells : CellMosaic
        Of `mosaic`, n areas.
    reasons : ndarray of int, shape (n,)
        Reason of each area; areas of different reasons are never joined.
    units : ndarray of int, shape (n,)
        Unit of each area, within which it is joined.
    grey : ndarray of int
        Indices of the areas that are grey; an area without people of the age is not.

    Returns
    -------
    list of Zone
        No area is in two of them.
    """
    size = len(cells.shapes)
    is_grey = np.zeros(size, bool)
    is_grey[grey] = True
    first, second = cells.pairs
    joined = is_grey[first] & is_grey[second]
    joined &= (reasons[first] == reasons[second]) & (units[first] == units[second])
    links = coo_array((np.ones(joined.sum()), (first[joined], second[joined])), (size, size))
    _, label = connected_components(links, directed=False)
    order = grey[np.argsort(label[grey], kind="stable")]
    starts = np.flatnonzero(np.diff(label[order], prepend=-1))
    groups = np.split(order, starts[1:]) if len(order) else []
    return [Zone(group, int(reasons[group[0]])) for group in groups]
