"""Conversion between degrees (EPSG:4326), used at boundaries, and metres of the city's UTM zone."""

from functools import cache
from math import isfinite, nan

import numpy as np
import numpy.typing as npt
from pyproj import Transformer

from mapping.arrays import Floats
from mapping.errors import OutsideItalyError

WGS84 = 4326
# The bounding box of Italy in degrees, islands included (ISTAT boundaries, rounded outwards).
ITALY = (6.0, 35.0, 19.0, 48.0)
METRES_PER_DEGREE = 111_195.0
"""Of a meridian, on a sphere of 6,371 km."""


@cache
def _transformer(source: int, target: int) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def to_metres(lon: npt.ArrayLike, lat: npt.ArrayLike, epsg: int) -> tuple[Floats, Floats]:
    """Project degrees to metres.

    Parameters
    ----------
    lon, lat : array_like of float
        Degrees, EPSG:4326; NaN stays NaN.
    epsg : int
        The projected reference system, such as 32632.

    Returns
    -------
    tuple of ndarray
        x and y in metres, of the shape of `lon`.
    """
    x, y = _transformer(WGS84, epsg).transform(np.asarray(lon, float), np.asarray(lat, float))
    return _nan_for_inf(x), _nan_for_inf(y)


def point_to_metres(lon: float, lat: float, epsg: int) -> tuple[float, float]:
    """Project one point as `to_metres` does, without making arrays of it."""
    x, y = _transformer(WGS84, epsg).transform(lon, lat)
    return (x if isfinite(x) else nan), (y if isfinite(y) else nan)


def to_degrees(x: npt.ArrayLike, y: npt.ArrayLike, epsg: int) -> tuple[Floats, Floats]:
    """Turn metres of `epsg` back into degrees; the inverse of `to_metres`.

    Parameters
    ----------
    x, y : array_like of float
        Metres; NaN stays NaN.
    epsg : int
        The projected reference system of x and y.

    Returns
    -------
    tuple of ndarray
        Longitude and latitude in degrees.
    """
    lon, lat = _transformer(epsg, WGS84).transform(np.asarray(x, float), np.asarray(y, float))
    return _nan_for_inf(lon), _nan_for_inf(lat)


def metres_apart(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Say how far apart two points of one city are; the error is below half a per cent."""
    x, y = local_scale(lat)
    return float(np.hypot((other_lon - lon) * x, (other_lat - lat) * y))


def local_scale(lat: float) -> tuple[float, float]:
    """Give the metres of a degree of longitude and of latitude, at a latitude in degrees."""
    return METRES_PER_DEGREE * float(np.cos(np.radians(lat))), METRES_PER_DEGREE


def require_italy(lon: float, lat: float) -> None:
    """Raise OutsideItalyError for a point (degrees) outside Italy's bounding box, or NaN."""
    west, south, east, north = ITALY
    if not (west <= lon <= east and south <= lat <= north):
        raise OutsideItalyError


def _nan_for_inf(values: npt.ArrayLike) -> Floats:
    array = np.asarray(values, float)
    return np.where(np.isfinite(array), array, np.nan)
