"""GeoJSON, GeoPackage, FlatGeobuf and shapefiles, through pyogrio."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from ingest.rows import LAT, LON, RawRow, RawTable
from mapping.crs import WGS84
from mapping.errors import SourceError


def read_vector(path: Path, *, layer: str | None = None) -> gpd.GeoDataFrame:
    """Read one layer of a vector file.

    Parameters
    ----------
    path : Path
        Any file that GDAL opens.
    layer : str, optional
        The layer; the file's only one when left out.

    Returns
    -------
    GeoDataFrame
        The features. Degrees without an EPSG code are taken for EPSG:4326.

    Raises
    ------
    SourceError
        When the file is empty, truncated, of another format, or lacks the layer.
    """
    try:
        promised = pyogrio.read_info(path, layer=layer)["features"]
        frame = pyogrio.read_dataframe(path, layer=layer)
    except (DataLayerError, DataSourceError, ValueError, RuntimeError) as error:
        raise SourceError(
            f"{path.name} cannot be read: {_first_line(error)}. Fetch the file again, or mend"
            " `layer` in the source's TOML."
        ) from error
    if len(frame) < promised:
        # A FlatGeobuf cut between two features is read without a murmur.
        raise SourceError(
            f"{path.name} is truncated: it promises {promised} features and holds {len(frame)}."
            " Fetch the file again."
        )
    if not isinstance(frame, gpd.GeoDataFrame):
        raise SourceError(f"{path.name} has no geometry. Give a layer of points, lines or areas.")
    return _with_code(frame, path)


def read_records(path: Path, *, layer: str | None = None) -> RawTable:
    """Read a layer as records of text, each with a point inside its geometry.

    Parameters
    ----------
    path : Path
        Any file that GDAL opens.
    layer : str, optional
        The layer.

    Returns
    -------
    RawTable
        The attributes as text, `LON` and `LAT` with them.
    """
    frame = read_vector(path, layer=layer).to_crs(WGS84)
    points = frame.geometry.representative_point()
    texts = frame.drop(columns=frame.geometry.name).astype("string").fillna("")
    texts = texts.assign(**{LON: _text(points.x), LAT: _text(points.y)})
    records = texts.to_dict("records")
    rows = [RawRow(line, record) for line, record in enumerate(records, start=1)]
    return RawTable([column for column in texts.columns if column not in (LON, LAT)], rows)


def _text(values: pd.Series) -> list[str]:
    return ["" if np.isnan(value) else f"{value:.7f}" for value in values.to_numpy(float)]


def _with_code(frame: gpd.GeoDataFrame, path: Path) -> gpd.GeoDataFrame:
    if frame.crs is None:
        raise SourceError(f"{path.name} has no reference system. Give its .prj, or a GeoPackage.")
    if frame.crs.is_geographic and frame.crs.to_epsg() is None:
        return frame.set_crs(WGS84, allow_override=True)
    return frame


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
