"""GeoParquet 1.1 without geopandas: what an Arrow table says of its geometry."""

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyproj
import shapely

from mapping.crs import WGS84
from mapping.errors import BadInputError

GEOMETRY = "geometry"
_FULL_TURN = (180, 90, 180, 90)


def with_geometry_metadata(table: pa.Table, *, column: str = GEOMETRY) -> pa.Table:
    """Describe the geometry of a table as GeoParquet asks, so that any GIS opens it.

    Source: OGC GeoParquet 1.1.0, https://geoparquet.org/releases/v1.1.0/.
    `column` is WKB in degrees, EPSG:4326, longitude first; nulls are allowed. There is no `bbox`
    when every geometry is null or empty.
    Raises BadInputError when the coordinates cannot be degrees.
    """
    described = {
        "version": "1.1.0",
        "primary_column": column,
        "columns": {column: _describe(geometries(table, column=column))},
    }
    metadata = {**(table.schema.metadata or {}), b"geo": json.dumps(described).encode()}
    return table.replace_schema_metadata(metadata)


def geometries(table: pa.Table, *, column: str = GEOMETRY) -> npt.NDArray[np.object_]:
    """Read the geometries of a table.

    Parameters
    ----------
    table : pyarrow.Table
        With a column of WKB.
    column : str, optional
        Its name.

    Returns
    -------
    ndarray of object
        One shapely geometry a row; None where null.
    """
    # `to_numpy` would load pandas, for a third of a second.
    shapes: npt.NDArray[np.object_] = shapely.from_wkb(table[column].to_pylist())
    return shapes


def _describe(shapes: npt.NDArray[np.object_]) -> dict[str, Any]:
    described = {
        "encoding": "WKB",
        "geometry_types": sorted({_type_name(shape) for shape in shapes if shape is not None}),
        "crs": _degrees(),
    }
    if not shapely.get_num_coordinates(shapes).any():
        return described
    bounds = shapely.total_bounds(shapes)
    if (np.abs(bounds) > _FULL_TURN).any():
        raise BadInputError(
            f"The geometry spans {bounds.tolist()}, which are no degrees."
            " Give longitude and latitude, EPSG:4326."
        )
    return {**described, "bbox": bounds.tolist()}


def _degrees() -> dict[str, Any]:
    crs = pyproj.CRS.from_epsg(WGS84).to_json_dict()
    # As geopandas does: a reader with an older EPSG database does not know the newest members.
    for member in crs["datum_ensemble"]["members"]:
        del member["id"]
    return crs


def _type_name(shape: shapely.Geometry) -> str:
    return f"{shape.geom_type} Z" if shape.has_z else str(shape.geom_type)
