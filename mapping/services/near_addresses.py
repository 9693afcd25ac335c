"""The civic number nearest to a service of which only the point is known."""

from collections.abc import Iterable

import geopandas as gpd
import numpy as np

from mapping.crs import to_metres
from mapping.geocoding.address import parse
from mapping.geocoding.gazetteer import Gazetteer

NEAR_METRES = 150.0
"""Farther away no number helps to find the door."""


def near_addresses(
    services: gpd.GeoDataFrame, gazetteer: Gazetteer, hidden: Iterable[str | None]
) -> list[str | None]:
    """Give each row without an address, and with a point, the nearest civic number.

    None for the others, where none is within `NEAR_METRES`, and where the number is that of one of
    the `hidden` addresses.
    """
    withheld = {row for text in hidden if text for row in gazetteer.numbered(parse(text))}
    x, y = to_metres(
        services["lon"].to_numpy(float), services["lat"].to_numpy(float), gazetteer.epsg
    )
    lacking = services["address"].isna().to_numpy() & np.isfinite(x)
    return [
        _near(gazetteer, float(x[row]), float(y[row]), withheld) if lacking[row] else None
        for row in range(len(services))
    ]


def _near(gazetteer: Gazetteer, x: float, y: float, withheld: set[int]) -> str | None:
    place = gazetteer.reverse(x, y)
    if place is None or np.hypot(place.x - x, place.y - y) > NEAR_METRES:
        return None
    return None if withheld.intersection(gazetteer.numbered(parse(place.label))) else place.label
