"""Walking networks of OpenStreetMap, downloaded through osmnx."""

import geopandas as gpd
import shapely

from mapping.errors import SourceError
from mapping.streets import from_osm

DOWNLOAD_SECONDS = 180


def download_osm(outline: shapely.Geometry) -> gpd.GeoDataFrame:
    """Download the walking network inside an outline from OpenStreetMap.

    Parameters
    ----------
    outline : shapely.Geometry
        A polygon in degrees.

    Returns
    -------
    GeoDataFrame
        Lines as `mapping.streets.from_lines` takes them, in degrees.

    Raises
    ------
    SourceError
        When the server cannot be reached, or refuses.
    """
    import osmnx  # noqa: PLC0415 - heavy, and only for those with internet

    osmnx.settings.requests_timeout = DOWNLOAD_SECONDS
    osmnx.settings.use_cache = False
    try:
        graph = osmnx.graph_from_polygon(outline, network_type="walk", simplify=False)
        # A street keeps its name and its kind where another one goes on from its end.
        graph = osmnx.simplify_graph(graph, edge_attrs_differ=["name", "highway"])
    except Exception as error:
        raise SourceError(
            f"OpenStreetMap could not be downloaded: {type(error).__name__}. Try again later,"
            " or give a mirror."
        ) from error
    return from_osm(*osmnx.graph_to_gdfs(graph))
