"""The civic number nearest to a service of which only the point is known."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mapping.arrays import Floats
from mapping.crs import to_metres
from mapping.geocoding.gazetteer import Gazetteer

if TYPE_CHECKING:
    import geopandas as gpd

NEAR_METRES = 150.0
"""Farther away no number helps to find the door."""


def near_addresses(services: "gpd.GeoDataFrame", gazetteer: Gazetteer) -> list[str | None]:
    """Give each row without an address, and with a point, the nearest civic number.

    None for the others, and where none is within `NEAR_METRES`. The gazetteer knows nothing of
    confidential places; to leave their numbers out here would tell which they are.
    """
    lon, lat = services["lon"].to_numpy(float), services["lat"].to_numpy(float)
    return _near_points(services["address"].isna().to_numpy(), lon, lat, gazetteer)


def with_near_addresses(services: pa.Table, gazetteer: Gazetteer) -> pa.Table:
    """Say the nearest numbers anew, for a gazetteer that knows of fewer than the build did."""
    lon, lat = (services[name].to_numpy().astype(float) for name in ("lon", "lat"))
    lacking = services["address"].is_null().to_numpy()
    column = services.column_names.index("near_address")
    field = services.schema.field(column)
    near = _near_points(lacking, lon, lat, gazetteer)
    return services.set_column(column, field, pa.array(near, field.type))


def _near_points(
    lacking: npt.NDArray[np.bool_], lon: Floats, lat: Floats, gazetteer: Gazetteer
) -> list[str | None]:
    x, y = to_metres(lon, lat, gazetteer.epsg)
    lacking = lacking & np.isfinite(x)
    return [
        _near(gazetteer, float(x[row]), float(y[row])) if lacking[row] else None
        for row in range(len(lacking))
    ]


def _near(gazetteer: Gazetteer, x: float, y: float) -> str | None:
    place = gazetteer.reverse(x, y)
    is_near = place is not None and np.hypot(place.x - x, place.y - y) <= NEAR_METRES
    return place.label if place is not None and is_near else None
