"""What the SVG maps share: scaling to pixels, path data, lengths of a scale, words of it."""

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import shapely

from mapping.arrays import Floats
from mapping.crs import to_metres

METRES_PER_KM = 1000
_ROUND = (1, 2, 5)


def path_data(
    lines: Iterable[npt.ArrayLike], *, between: str = " ", digits: int = 1, closed: bool = False
) -> str:
    """Write lines as the data of one SVG path.

    Parameters
    ----------
    lines : iterable of array_like of float, shape (p, 2)
        x and y in pixels, y downwards.
    between : str
        What stands between x and y, a blank or a comma.
    digits : int
        Decimals of a pixel.
    closed : bool
        Whether each line is closed to a ring.

    Returns
    -------
    str
        Such as ``M0.0 0.0L5.0 2.5``; empty without lines.
    """
    end = "Z" if closed else ""
    return "".join(
        "M"
        + "L".join(f"{x:.{digits}f}{between}{y:.{digits}f}" for x, y in np.asarray(line).tolist())
        + end
        for line in lines
    )


def to_pixels(points: Floats, corner: tuple[float, float], scale: float | Floats) -> Floats:
    """Turn coordinates, y northwards, into pixels, y downwards.

    Parameters
    ----------
    points : ndarray of float, shape (p, 2)
        x and y in metres or degrees.
    corner : tuple of float
        Their west and north ends, which become (0, 0).
    scale : float or ndarray of float, shape (2,)
        Pixels for a unit; of x and of y where they differ.

    Returns
    -------
    ndarray of float, shape (p, 2)
        Pixels from the upper left corner.
    """
    pixels: Floats = (points - np.array(corner)) * (np.array([1.0, -1.0]) * scale)
    return pixels


def rings(shape: shapely.Geometry) -> list[shapely.Geometry]:
    """List the outer and inner rings of the polygons of a shape; lines and points have none."""
    return [
        ring
        for part in shapely.get_parts(shape)
        if not part.is_empty and part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors)
    ]


def in_metres(shape: shapely.Geometry, epsg: int) -> shapely.Geometry:
    """Project a shape in degrees to the metres of a city."""
    return shapely.transform(shape, lambda degrees: metres_of(degrees, epsg))


def metres_of(degrees: Floats, epsg: int) -> Floats:
    """Project points to the metres of a city.

    Parameters
    ----------
    degrees : ndarray of float, shape (p, 2)
        Lon and lat.
    epsg : int
        The projected reference system of the city.

    Returns
    -------
    ndarray of float, shape (p, 2)
        x and y in metres.
    """
    return np.column_stack(to_metres(degrees[:, 0], degrees[:, 1], epsg))


def bar_metres(longest: float) -> int:
    """Give the longest scale bar of 1, 2 or 5 times a power of ten up to so many metres."""
    ten = 10 ** math.floor(math.log10(longest))
    return int(max(step * ten for step in _ROUND if step * ten <= longest))


def bar_words(metres: int) -> str:
    """Write the length of a scale bar, in metres or whole kilometres."""
    return f"{metres} m" if metres < METRES_PER_KM else f"{metres // METRES_PER_KM} km"
