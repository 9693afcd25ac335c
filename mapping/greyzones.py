"""Grey zones: neighbouring areas of one class and reason, as polygons."""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Zone:
    """Areas that touch one another and share a class and a reason."""

    members: Ints
    reason: int
    outline: shapely.Geometry


def neighbours(areas: npt.NDArray[np.object_]) -> tuple[Ints, Ints]:
    """Find the pairs of areas that share a border, not only a corner.

    Parameters
    ----------
    areas : ndarray of shapely.Polygon, shape (n,)
        Areas in metres.

    Returns
    -------
    tuple of ndarray of int
        The two sides of every pair, each pair once.
    """
    one, other = shapely.STRtree(areas).query(areas, predicate="intersects")
    once = one < other
    one, other = one[once], other[once]
    border = shapely.length(shapely.intersection(areas[one], areas[other]))
    overlap = shapely.area(shapely.intersection(areas[one], areas[other]))
    shared = (border > 0) | (overlap > 0)
    return one[shared].astype(np.int64), other[shared].astype(np.int64)


def zones(
    areas: npt.NDArray[np.object_], reasons: Ints, grey: Ints, pairs: tuple[Ints, Ints]
) -> list[Zone]:
    """Join neighbouring grey areas of one reason.

    Parameters
    ----------
    areas : ndarray of shapely.Polygon, shape (n,)
        Areas in metres.
    reasons : ndarray of int, shape (n,)
        Reason of each area; areas of different reasons are never joined.
    grey : ndarray of int
        Indices of the areas that are grey; an area without people of the age is not.
    pairs : tuple of ndarray of int
        Of `neighbours`.

    Returns
    -------
    list of Zone
        Valid polygons, or multi-polygons where a border is only nearly shared.
    """
    is_grey = np.zeros(len(areas), bool)
    is_grey[grey] = True
    one, other = pairs
    joined = is_grey[one] & is_grey[other] & (reasons[one] == reasons[other])
    links = coo_array((np.ones(joined.sum()), (one[joined], other[joined])), (len(areas),) * 2)
    _, label = connected_components(links, directed=False)
    order = grey[np.argsort(label[grey], kind="stable")]
    starts = np.flatnonzero(np.diff(label[order], prepend=-1))
    groups = np.split(order, starts[1:]) if len(order) else []
    return [Zone(group, int(reasons[group[0]]), _outline(areas[group])) for group in groups]


def zone_id(category: str, class_name: str, area_ids: list[str]) -> str:
    """Name a zone so that an unchanged zone keeps its name between editions.

    Parameters
    ----------
    category : str
        Category code.
    class_name : str
        Class of the zone.
    area_ids : list of str
        The areas of the zone.

    Returns
    -------
    str
        Category and class, then the smallest area, then a short hash of all of them.
    """
    digest = hashlib.sha256(" ".join(sorted(area_ids)).encode()).hexdigest()[:8]
    return f"{category}-{class_name}-{min(area_ids)}-{digest}"


def _outline(areas: npt.NDArray[np.object_]) -> shapely.Geometry:
    return shapely.make_valid(shapely.union_all(areas))
