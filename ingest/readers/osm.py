"""Walking networks of OpenStreetMap: osmnx's GeoPackages, and its live download."""

from pathlib import Path

import geopandas as gpd
import shapely

from ingest.readers.vector import read_vector
from mapping.errors import SourceError
from mapping.streets import from_osm

CONNECT_SECONDS = 5
DOWNLOAD_SECONDS = 180


def read_osm(path: Path) -> gpd.GeoDataFrame:
    """Read the lines of a network that osmnx saved.

    Parameters
    ----------
    path : Path
        A GeoPackage with the layers `nodes` and `edges`.

    Returns
    -------
    GeoDataFrame
        Lines with name, kind and walkable, as `mapping.network.from_lines` takes them.
    """
    return from_osm(read_vector(path, layer="nodes"), read_vector(path, layer="edges"))


def download_osm(outline: shapely.Geometry) -> gpd.GeoDataFrame:
    """Download the walking network inside an outline from OpenStreetMap.

    Parameters
    ----------
    outline : shapely.Geometry
        A polygon in degrees.

    Returns
    -------
    GeoDataFrame
        Lines as of `read_osm`, in degrees.

    Raises
    ------
    SourceError
        When the server cannot be reached, or refuses.
    """
    import osmnx  # noqa: PLC0415 - heavy, and only for those with internet

    osmnx.settings.requests_timeout = DOWNLOAD_SECONDS
    osmnx.settings.use_cache = False
    try:
        graph = osmnx.graph_from_polygon(outline, network_type="walk")
    except Exception as error:
        raise SourceError(
            f"OpenStreetMap could not be downloaded: {type(error).__name__}. Try again later,"
            " or give a mirror."
        ) from error
    return from_osm(*osmnx.graph_to_gdfs(graph))
