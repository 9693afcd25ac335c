"""Numbers read as points, in every system and scale in which one may be written."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from mapping.arrays import Floats
from mapping.crs import WGS84, to_degrees, to_metres
from mapping.leaks.confidential_records import ConfidentialRecords

SYSTEMS = (WGS84, 3857, 3003, 3004, 32632, 32633, 3035)
"""Reference systems in which a point may be written: degrees, the web's, and those of Italy."""
DEGREE_SCALES = (1.0, 1e5, 1e6, 1e7)
METRE_SCALES = (1.0, 100.0, 1000.0)
"""What coordinates are multiplied by to be written as whole numbers."""
_DEGREE_MARGIN, _METRE_MARGIN = 0.001, 100.0


class _Reading(NamedTuple):
    """A way in which numbers may be a point, and the box in which confidential points lie so."""

    epsg: int
    scale: float
    low: Floats
    high: Floats


def points_near(rows: Floats, records: ConfidentialRecords, near_metres: float) -> Iterator[Floats]:
    """Read any two numbers of each row as a point in any system, and give those that are near.

    Parameters
    ----------
    rows : ndarray of float, shape (m, k)
        The numbers of m rows; NaN where a row has none.
    records : ConfidentialRecords
        With their points.
    near_metres : float
        How near to one of them.

    Yields
    ------
    ndarray of float, shape (n, 2)
        Metres; for each pair of columns, system and scale that comes near.
    """
    if not len(records.points) or not len(rows):
        return
    extent = np.fmin.reduce(rows, axis=0), np.fmax.reduce(rows, axis=0)
    for reading in _readings(records):
        for points in _boxed(rows, extent, reading):
            metres = _in_system(points / reading.scale, reading.epsg, records.epsg)
            yield _near(metres, _tree(records), near_metres)


@lru_cache(32)
def _readings(records: ConfidentialRecords) -> list[_Reading]:
    readings = []
    for epsg in sorted({*SYSTEMS, records.epsg}):
        own = _in_system(records.points, records.epsg, epsg)
        margin = _DEGREE_MARGIN if epsg == WGS84 else _METRE_MARGIN
        low, high = own.min(axis=0) - margin, own.max(axis=0) + margin
        scales = DEGREE_SCALES if epsg == WGS84 else METRE_SCALES
        readings += [_Reading(epsg, scale, low * scale, high * scale) for scale in scales]
    return readings


@lru_cache(32)
def _tree(records: ConfidentialRecords) -> shapely.STRtree:
    return shapely.STRtree(shapely.points(records.points))


def _in_system(points: Floats, source: int, target: int) -> Floats:
    if source == target:
        return points
    lon, lat = points.T if source == WGS84 else to_degrees(points[:, 0], points[:, 1], source)
    return np.column_stack((lon, lat) if target == WGS84 else to_metres(lon, lat, target))


def _boxed(rows: Floats, extent: tuple[Floats, Floats], reading: _Reading) -> Iterator[Floats]:
    """Give pairs of columns, each in the rows that lie in the box of confidential points."""
    (least, most), low, high = extent, reading.low, reading.high
    easts = np.flatnonzero((most >= low[0]) & (least <= high[0]))
    norths = np.flatnonzero((most >= low[1]) & (least <= high[1])) if len(easts) else easts
    if not len(norths):
        return
    inside_east = {column: _between(rows[:, column], low[0], high[0]) for column in easts}
    inside_north = {column: _between(rows[:, column], low[1], high[1]) for column in norths}
    for east, of_east in inside_east.items():
        for north, of_north in inside_north.items():
            hit = of_east & of_north
            if east != north and hit.any():
                yield rows[hit][:, [east, north]]


def _between(values: Floats, low: float, high: float) -> npt.NDArray[np.bool_]:
    inside: npt.NDArray[np.bool_] = (values >= low) & (values <= high)
    return inside


def _near(points: Floats, tree: shapely.STRtree, near_metres: float) -> Floats:
    hit = tree.query(shapely.points(points), predicate="dwithin", distance=near_metres)
    hidden_points: Floats = points[np.unique(hit[0])]
    return hidden_points
