"""How far shapes reach from the points that stand for them: parks, stations, hospitals."""

import numpy as np
import numpy.typing as npt
import shapely

from mapping.arrays import Floats
from mapping.crs import local_scale


def reach_metres(shapes: npt.NDArray[np.object_], lon: npt.ArrayLike, lat: npt.ArrayLike) -> Floats:
    """Say how far each shape of one city reaches from a point of its own.

    Parameters
    ----------
    shapes : ndarray of geometries, shape (n,)
        In degrees; None and empty shapes reach nowhere.
    lon, lat : array_like of float, shape (n,)
        The points, degrees.

    Returns
    -------
    ndarray, shape (n,)
        Metres to the farthest vertex: 0 for a point, and where there is no shape.
    """
    points = shapely.points(np.column_stack([lon, lat]))
    known = np.asarray(lat, float)
    known = known[~np.isnan(known)]
    scale = local_scale(float(known.mean()) if len(known) else 0.0)
    parts = (shapely.transform(part, lambda at: at * scale) for part in (points, shapes))
    metres: Floats = np.nan_to_num(shapely.hausdorff_distance(*parts))
    return metres
