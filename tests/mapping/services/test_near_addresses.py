"""A service without an address says the nearest civic number, where there is one."""

import geopandas as gpd
import pytest
import shapely

from mapping.city import city
from mapping.crs import to_degrees, to_metres
from mapping.geocoding.build_gazetteer import Anchor, gazetteer_from_anchors
from mapping.services.near_addresses import near_addresses

MILANO = city("milano")
X, Y = (float(value[0]) for value in to_metres([9.19], [45.46], MILANO.epsg))
GAZETTEER = gazetteer_from_anchors(
    [Anchor("via Prova 12", X, Y), Anchor("via Prova 14", X + 60, Y)], MILANO
)


def services(*places: tuple[str | None, float | None]) -> gpd.GeoDataFrame:
    """Services with an address or none, so many metres east of number 12."""
    east = [X if metres is None else X + metres for _, metres in places]
    lon, lat = to_degrees(east, [Y] * len(places), MILANO.epsg)
    columns = {"address": [address for address, _ in places], "lon": lon, "lat": lat}
    frame = gpd.GeoDataFrame(columns, geometry=shapely.points(lon, lat), crs=4326)
    unplaced = [metres is None for _, metres in places]
    frame.loc[unplaced, ["lon", "lat"]] = float("nan")
    return frame


@pytest.mark.parametrize(
    ("place", "near"),
    [
        ((None, 10), "via Prova 12"),
        ((None, 55), "via Prova 14"),
        (("via Altra 3", 10), None),
        ((None, 400), None),
        ((None, None), None),
    ],
)
def test_the_nearest_number_stands_in_for_an_address_that_nobody_knows(place, near) -> None:
    assert near_addresses(services(place), GAZETTEER) == [near]
