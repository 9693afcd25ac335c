"""Searches decoded files for texts and points of confidential records."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from mapping.arrays import Floats
from mapping.crs import to_degrees, to_metres
from mapping.leaks.confidential_records import ConfidentialRecords
from mapping.leaks.file_content import FileContent, contents
from mapping.leaks.public_ground import PublicGround

LEAK_METRES = 50.0
EXPLAINED_METRES = 1.5
"""A published point is that near to the public thing that it is: coordinates are rounded."""
_DEGREE_MARGIN = 0.001


@dataclass(frozen=True, order=True)
class Leak:
    """A file that gives something away, and whether by a text or by a point; never which."""

    file: str
    by: str


def leaks(
    paths: Iterable[Path],
    records: ConfidentialRecords,
    ground: PublicGround,
    *,
    near_metres: float = LEAK_METRES,
) -> list[Leak]:
    """List the files that hold a text, or an unexplained point, of confidential records."""
    if not records:
        return []
    leaking: set[Leak] = set()
    for path in paths:
        for part in contents(path):
            leaking |= {Leak(path.name, by) for by in told_by(part, records, ground, near_metres)}
    return sorted(leaking)


def told_by(
    part: FileContent, records: ConfidentialRecords, ground: PublicGround, near_metres: float
) -> Iterator[str]:
    """Say by what a part of a file gives confidential records away."""
    if records.are_told_in(part.texts):
        yield "text"
    if any(
        not all(ground.explains(points, EXPLAINED_METRES))
        for rows in part.numbers
        for points in points_near(rows, records, near_metres)
        if len(points)
    ):
        yield "point"


def points_near(rows: Floats, records: ConfidentialRecords, near_metres: float) -> Iterator[Floats]:
    """Read any two numbers of each row as degrees and as metres, and give the points that are near.

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
        Metres; for each pair of columns that comes near.
    """
    if not len(records.points) or not len(rows):
        return
    secret = records.points
    lon_lat = np.column_stack(to_degrees(secret[:, 0], secret[:, 1], records.epsg))
    for metres in _boxed(rows, secret, near_metres):
        yield _near(metres, secret, near_metres)
    for degrees in _boxed(rows, lon_lat, _DEGREE_MARGIN):
        metres = np.column_stack(to_metres(degrees[:, 0], degrees[:, 1], records.epsg))
        yield _near(metres, secret, near_metres)


def _boxed(rows: Floats, secret: Floats, margin: float) -> Iterator[Floats]:
    """Give pairs of columns, each in the rows that lie in the box of confidential points."""
    low, high = secret.min(axis=0) - margin, secret.max(axis=0) + margin
    inside = [(rows >= low[axis]) & (rows <= high[axis]) for axis in (0, 1)]
    easts, norths = (np.flatnonzero(mask.any(axis=0)) for mask in inside)
    for east in easts:
        for north in norths:
            hit = inside[0][:, east] & inside[1][:, north]
            if east != north and hit.any():
                yield rows[hit][:, [east, north]]


def _near(points: Floats, secret: Floats, near_metres: float) -> Floats:
    tree = shapely.STRtree(shapely.points(secret))
    hit = tree.query(shapely.points(points), predicate="dwithin", distance=near_metres)
    hidden_points: Floats = points[np.unique(hit[0])]
    return hidden_points
