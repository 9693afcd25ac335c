"""Stations that two sources place far apart: taken is the point that stops bear out."""

from collections import defaultdict
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapping.arrays import Floats
from mapping.crs import metres_apart
from mapping.geocoding.named_places import APART_METRES, name_words

NEAR_METRES = 500.0
"""A stop that has the name of a station is no farther from it."""
_BESIDE_NAME = {"stazione", "fs", "fn", "fnm", "m1", "m2", "m3", "m4", "m5", "sotterranea"}


def agreed(
    background: gpd.GeoDataFrame, stops: pd.DataFrame | None, city: str
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Move the stations that another source, and the stops, have somewhere else; say which.

    Two stations of one name that both have such stops are two. Where neither has, or no stops are
    known, nothing tells which is right, and both stay.
    """
    if stops is None or not (background["kind"] == "station").any():
        return background, []
    moved, lines = background.geometry.to_numpy().copy(), []
    for first, second in _contradicting(background, city):
        near = [_nearest_stop(background, row, stops, city) for row in (first, second)]
        if (near[0] <= NEAR_METRES) == (near[1] <= NEAR_METRES):
            continue
        wrong, right = (first, second) if near[0] > near[1] else (second, first)
        moved[wrong] = moved[right]
        lines.append(str(background["name"].iloc[wrong]))
    return background.set_geometry(moved, crs=background.crs), lines


def _contradicting(background: gpd.GeoDataFrame, city: str) -> Iterator[tuple[int, int]]:
    """Give the rows of stations that have one name and are far apart, by twos."""
    called: dict[frozenset[str], list[int]] = defaultdict(list)
    is_station = (background["kind"] == "station") & background["name"].notna()
    for row in np.flatnonzero(is_station).tolist():
        if words := _own_words(background["name"].iloc[row], city):
            called[words].append(row)
    for rows in called.values():
        for at, first in enumerate(rows):
            for second in rows[at + 1 :]:
                apart = metres_apart(*_point(background, first), *_point(background, second))
                if apart > APART_METRES:
                    yield first, second


def _nearest_stop(background: gpd.GeoDataFrame, row: int, stops: pd.DataFrame, city: str) -> float:
    """Give the metres to the nearest stop whose name has that of a station."""
    words = _own_words(background["name"].iloc[row], city)
    own = [words <= set(name_words(str(name))) for name in stops["name"]]
    points: Floats = shapely.get_coordinates(stops.geometry[own])
    at = _point(background, row)
    return min((metres_apart(*at, lon, lat) for lon, lat in points.tolist()), default=np.inf)


def _point(background: gpd.GeoDataFrame, row: int) -> tuple[float, float]:
    point = background.geometry.iloc[row].representative_point()
    return float(point.x), float(point.y)


def _own_words(name: str, city: str) -> frozenset[str]:
    return frozenset(name_words(name)) - _BESIDE_NAME - frozenset(name_words(city))
