"""Whether a point lies in the city."""

from collections.abc import Callable

import geopandas as gpd
import shapely

Inside = Callable[[float, float], bool]
"""Whether a point, lon and lat in degrees, lies in the city."""

POINT_MARGIN_DEGREES = 0.06
"""Where the city is known only by the points of its municipi, it ends this far from them."""
BORDER_DEGREES = 0.001
"""Outlines and points of services were surveyed apart: a point this far outside is still inside."""


def within(municipi: gpd.GeoDataFrame) -> Inside:
    """Make the test of whether a point lies in the city, from outlines or points of municipi."""
    outline = municipi.union_all()
    margin = BORDER_DEGREES if outline.area else POINT_MARGIN_DEGREES
    region = outline.buffer(margin) if outline.area else outline.envelope.buffer(margin)
    shapely.prepare(region)
    return lambda lon, lat: bool(shapely.contains_xy(region, lon, lat))
