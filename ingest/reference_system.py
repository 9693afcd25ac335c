"""The reference system of a vector file: which it is, and whether its coordinates fit it."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj

from mapping.crs import WGS84
from mapping.errors import SourceError

MODERN = ("WGS 84", "GRS 1980")
"""Ellipsoids of which an unnamed datum is that of GPS, within a metre."""
_DEGREES = np.array([-180, -90, 180, 90])


def with_known_system(frame: gpd.GeoDataFrame, path: Path) -> gpd.GeoDataFrame:
    """Give degrees without an EPSG code the code 4326, and let what has one pass.

    Raises SourceError when there is no reference system, its datum is not known, or coordinates in
    degrees are no degrees.
    """
    if frame.crs is None:
        raise SourceError(f"{path.name} has no reference system. Give its .prj, or a GeoPackage.")
    crs = pyproj.CRS(frame.crs)
    code = crs.to_epsg()
    if _is_of_unknown_datum(crs):
        raise SourceError(
            f"{path.name} does not name the datum of its reference system, and on the ellipsoid"
            f" {crs.ellipsoid.name if crs.ellipsoid else 'unknown'} it may be 80 m off. Write the"
            " EPSG code into its .prj, or give a GeoPackage."
        )
    if not crs.is_geographic:
        return frame
    bounds = frame.total_bounds
    if np.isfinite(bounds).all() and (np.abs(bounds) > np.abs(_DEGREES)).any():
        raise SourceError(
            f"{path.name} says that its coordinates are degrees, and they reach"
            f" {np.abs(bounds).max():.0f}: they are metres. Give it with its reference system, as"
            " a GeoPackage or with a .prj."
        )
    return frame if code is not None else frame.set_crs(WGS84, allow_override=True)


def _is_of_unknown_datum(crs: pyproj.CRS) -> bool:
    datum, ellipsoid = crs.datum, crs.ellipsoid
    named = datum is not None and not datum.name.lower().startswith(("unknown", "not specified"))
    return not named and (ellipsoid is None or ellipsoid.name not in MODERN)
