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
        points : ndarray of float, shape (n, 2)
            Metres.
        tolerance_metres : float
            How near.

        Returns
        -------
        list of bool
            Of length n.
        """
        places = shapely.points(points)
        near = self.tree.query(places, predicate="dwithin", distance=tolerance_metres)
        explained = np.zeros(len(points), dtype=bool)
        explained[near[0]] = True
        return list(map(bool, explained))


def ground_of(inputs: BuildInput, secret: Floats) -> PublicGround:
    """Gather what the inputs of a build have around confidential points, but for those records.

    Outlines and streets with their corners, the points inside areas, stops, premises, the points
    of public services, and the numbers that were placed along streets.

    Parameters
    ----------
    inputs : BuildInput
        All that the build was given, confidential records too.
    secret : ndarray of float, shape (n, 2)
        The points of those records, in metres.

    Returns
    -------
    PublicGround
        Within `AROUND_METRES` of those points.
    """
    around = shapely.union_all(shapely.points(secret).reshape(-1)).buffer(AROUND_METRES)
    epsg = inputs.city.epsg
    shapes: list[object] = []
    for frame in _frames(inputs):
        metres = frame.to_crs(epsg).geometry
        inside = frame.geometry.representative_point().to_crs(epsg)
        for series in (metres, metres.boundary, metres.representative_point(), inside):
            known = series.to_numpy()
            shapes += list(known[shapely.intersects(known, around)])
    shapes = [shape for shape in shapes if not _is_surface(shape)]
    public = [service for service in inputs.services if not is_confidential(service)]
    parts = [points_of(public, epsg), _numbers(inputs)]
    tables = (inputs.stops, inputs.premises)
    parts += [_points(table, epsg) for table in tables if table is not None]
    points = shapely.points(np.vstack(parts))
    return PublicGround.of([*shapes, *points[shapely.intersects(points, around)]])


def _frames(inputs: BuildInput) -> list[gpd.GeoDataFrame]:
    layers = inputs.layers
    known = [
        layers.municipi, layers.nil, layers.sections, layers.neighbours,
        inputs.lines, inputs.background,
    ]  # fmt: skip
    return [frame for frame in known if frame is not None]


def _is_surface(shape: object) -> bool:
    return bool(shapely.get_dimensions(shape) == 2)  # noqa: PLR2004 - an area


def _points(table: pd.DataFrame, epsg: int) -> Floats:
    if isinstance(table, gpd.GeoDataFrame) and table.crs is not None and "lon" not in table:
        coordinates: Floats = shapely.get_coordinates(table.to_crs(epsg).geometry.to_numpy())
        return coordinates
    known = table.dropna(subset=["lon", "lat"])
    return np.column_stack(
        to_metres(known["lon"].to_numpy(float), known["lat"].to_numpy(float), epsg)
    )


def _numbers(inputs: BuildInput) -> Floats:
    """Give the numbers that were placed along a street; known addresses explain nothing here."""
    if inputs.lines is None:
        return np.empty((0, 2))
    civics, middles = inputs.gazetteer.civics, inputs.gazetteer.middles
    along = np.isin(np.array(civics.precision, dtype=object), _PLACED_ALONG)
    return np.vstack(
        [
            np.column_stack([civics.x[along], civics.y[along]]),
            np.column_stack([middles.x, middles.y]),
        ]
    )
