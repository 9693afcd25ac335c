"""Stations that two sources place far apart, on drawn points."""

import geopandas as gpd
import pytest
import shapely

from mapping.geocoding.station_points import agreed

EAST = 9.2 + 0.013
"""About a kilometre from 9.2."""


def points(rows: list[tuple[str, float]], **more: str) -> gpd.GeoDataFrame:
    names, lons = zip(*rows, strict=True)
    geometry = [shapely.Point(lon, 45.46) for lon in lons]
    return gpd.GeoDataFrame({"name": names, **more}, geometry=geometry, crs=4326)


@pytest.mark.parametrize(
    ("stops", "expected", "moved"),
    [
        # A stop of the name stands at the underground's station alone: trains stop there too.
        ([("Via Altra prima di Via Prova", 9.201)], [9.2, 9.2], ["Milano Prova"]),
        # Both have one: two stations are called so.
        ([("Via Prova", 9.201), ("P.le Prova FS", EAST)], [EAST, 9.2], []),
        # None has one: nothing tells which is right.
        ([("Via Altra", 9.201)], [EAST, 9.2], []),
    ],
)
def test_a_station_far_from_its_namesake_is_where_stops_have_its_name(stops, expected, moved):
    stations = points([("Milano Prova", EAST), ("Stazione Prova", 9.2)], kind="station")
    placed, lines = agreed(stations, points(stops), "Milano")
    assert placed.geometry.x.tolist() == pytest.approx(expected)
    assert lines == moved


def test_halls_of_one_station_stay_where_they_are():
    stations = points([("Prova FS", 9.2), ("Prova M2", 9.203)], kind="station")
    placed, lines = agreed(stations, points([("Via Prova", 9.2)]), "Milano")
    assert placed.geometry.x.tolist() == pytest.approx([9.2, 9.203])
    assert lines == []
