"""Downloads walking networks and features of OpenStreetMap through osmnx."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import geopandas as gpd
import shapely

from mapping.errors import SourceError
from mapping.walking.osm_ways import READ_TAGS, from_osm

DOWNLOAD_SECONDS = 180
BUSY = (429, 504)
Tags = Mapping[str, bool | str | tuple[str, ...]]
_Downloaded = TypeVar("_Downloaded")


def download_osm(outline: shapely.Geometry) -> gpd.GeoDataFrame:
    """Download the walking network inside a polygon in degrees, as lines in degrees.

    `mapping.walking.topology.from_lines` takes them. Raises SourceError when the server cannot be
    reached, or refuses.
    """
    osmnx = _osmnx()
    graph = _downloaded(
        lambda: osmnx.graph_from_polygon(
            outline, network_type="walk", custom_filter='["highway"]', simplify=False
        )
    )
    # A street keeps its name, its kind and who may walk it where another goes on from its end.
    graph = osmnx.simplify_graph(graph, edge_attrs_differ=READ_TAGS)
    return from_osm(*osmnx.graph_to_gdfs(graph))


def download_features(outline: shapely.Geometry, tags: Tags) -> gpd.GeoDataFrame:
    """Download the features inside a polygon in degrees that carry any of the tags.

    True stands for any value of a tag. The rows have `osm_type`, `osm_id` and a column for each
    tag, always in the same order. Raises SourceError when the server cannot be reached, refuses, or
    knows nothing of the kind there.
    """
    osmnx = _osmnx()
    wanted = {
        key: list(value) if isinstance(value, tuple) else value for key, value in tags.items()
    }
    features = _downloaded(lambda: osmnx.features_from_polygon(outline, wanted))
    features.index.names = ["osm_type", "osm_id"]
    columns = sorted(set(features.columns) - {"osm_type", "osm_id"})
    return features[columns].sort_index().reset_index()


def _osmnx() -> Any:
    # osmnx takes seconds to import, and only a build with internet asks OpenStreetMap.
    import osmnx  # noqa: PLC0415

    osmnx.settings.requests_timeout = DOWNLOAD_SECONDS
    osmnx.settings.use_cache = False
    osmnx.settings.useful_tags_way = list(READ_TAGS)
    # Left alone, osmnx asks a busy server again every minute without end.
    osmnx.settings.requests_kwargs = {"hooks": {"response": _refuse_busy}}
    return osmnx


def _downloaded(ask: Callable[[], _Downloaded]) -> _Downloaded:
    try:
        return ask()
    except SourceError:
        raise
    except Exception as error:
        raise SourceError(
            f"OpenStreetMap could not be downloaded: {type(error).__name__}. Try again later,"
            " or give a mirror."
        ) from error


def _refuse_busy(response: Any, **_options: Any) -> None:
    if response.status_code in BUSY:
        raise SourceError(
            f"OpenStreetMap's server is busy: HTTP {response.status_code}. Try again later, or"
            " give a mirror."
        )
