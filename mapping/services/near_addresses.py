"""The civic number nearest to a service of which only the point is known."""

import geopandas as gpd
import numpy as np

from mapping.crs import to_metres
from mapping.geocoding.gazetteer import Gazetteer

NEAR_METRES = 150.0
"""Farther away no number helps to find the door."""


def near_addresses(services: gpd.GeoDataFrame, gazetteer: Gazetteer) -> list[str | None]:
    """Give each row without an address, and with a point, the nearest civic number.

    None for the others, and where none is within `NEAR_METRES`. The gazetteer knows nothing of
    confidential places; to leave their numbers out here would tell which they are.
    """
    x, y = to_metres(
        services["lon"].to_numpy(float), services["lat"].to_numpy(float), gazetteer.epsg
    )
    lacking = services["address"].isna().to_numpy() & np.isfinite(x)
    return [
        _near(gazetteer, float(x[row]), float(y[row])) if lacking[row] else None
        for row in range(len(services))
    ]


def _near(gazetteer: Gazetteer, x: float, y: float) -> str | None:
    place = gazetteer.reverse(x, y)
    is_near = place is not None and np.hypot(place.x - x, place.y - y) <= NEAR_METRES
    return place.label if place is not None and is_near else None
