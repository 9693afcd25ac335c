"""Where published points may lie near a confidential place: what public sources have there."""

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapping.arrays import Floats
from mapping.build import BuildInput
from mapping.crs import to_metres
from mapping.disclosure import is_confidential
from mapping.leaks.confidential_records import points_of

AROUND_METRES = 60.0
_PLACED_ALONG = ("interpolated", "street", "area")


@dataclass(frozen=True, eq=False)
class PublicGround:
    """Shapes in metres that explain a point."""

    tree: shapely.STRtree

    @classmethod
    def of(cls, shapes: Iterable[object]) -> "PublicGround":
        """Take shapes in metres."""
        return cls(shapely.STRtree(list(shapes)))

    def explains(self, points: Floats, tolerance_metres: float) -> list[bool]:
        """Say of each point whether public ground is so near.

        Parameters
        ----------
        points : ndarray of float
            (n, 2) in metres.
        tolerance_metres : float
            How far a published point may be from the thing that it is.

        Returns
        -------
        list of bool
            One for each point.
        """
        places = shapely.points(points)
        near = self.tree.query(places, predicate="dwithin", distance=tolerance_metres)
        explained = np.zeros(len(points), dtype=bool)
        explained[near[0]] = True
        return list(map(bool, explained))


def ground_of(given: BuildInput, secret: Floats) -> PublicGround:
    """Gather what the inputs of a build have around confidential points, but for those records.

    Outlines and streets with their corners, the points inside areas, stops, premises, the points
    of public services, and the numbers that were placed along streets.

    Parameters
    ----------
    given : BuildInput
        The inputs.
    secret : ndarray of float
        (n, 2) confidential points in metres; n may be 0.

    Returns
    -------
    PublicGround
        Of what lies within `AROUND_METRES`.
    """
    around = shapely.union_all(shapely.points(secret).reshape(-1)).buffer(AROUND_METRES)
    epsg = given.city.epsg
    shapes: list[object] = []
    for frame in _frames(given):
        metres = frame.to_crs(epsg).geometry
        inside = frame.geometry.representative_point().to_crs(epsg)
        for series in (metres, metres.boundary, metres.representative_point(), inside):
            known = series.to_numpy()
            shapes += list(known[shapely.intersects(known, around)])
    shapes = [one for one in shapes if not _is_surface(one)]
    public = [one for one in given.services if not is_confidential(one)]
    parts = [points_of(public, epsg), _numbers(given)]
    tables = (given.stops, given.premises)
    parts += [_points(table, epsg) for table in tables if table is not None]
    points = shapely.points(np.vstack(parts))
    return PublicGround.of([*shapes, *points[shapely.intersects(points, around)]])


def _frames(given: BuildInput) -> list[gpd.GeoDataFrame]:
    layers = given.layers
    known = [
        layers.municipi, layers.nil, layers.sections, layers.neighbours,
        given.lines, given.background,
    ]  # fmt: skip
    return [frame for frame in known if frame is not None]


def _is_surface(shape: object) -> bool:
    return bool(shapely.get_dimensions(shape) == 2)  # noqa: PLR2004 - an area


def _points(table: pd.DataFrame, epsg: int) -> Floats:
    if isinstance(table, gpd.GeoDataFrame) and table.crs is not None and "lon" not in table:
        found: Floats = shapely.get_coordinates(table.to_crs(epsg).geometry.to_numpy())
        return found
    known = table.dropna(subset=["lon", "lat"])
    return np.column_stack(
        to_metres(known["lon"].to_numpy(float), known["lat"].to_numpy(float), epsg)
    )


def _numbers(given: BuildInput) -> Floats:
    """Give the numbers that were placed along a street; known addresses explain nothing here."""
    if given.lines is None:
        return np.empty((0, 2))
    civics, middles = given.gazetteer.civics, given.gazetteer.middles
    along = np.isin(np.array(civics.precision, dtype=object), _PLACED_ALONG)
    return np.vstack(
        [
            np.column_stack([civics.x[along], civics.y[along]]),
            np.column_stack([middles.x, middles.y]),
        ]
    )
