"""The maps of an edition: what lies behind them, and the areas that they colour."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapping.disclosure import speaking_names
from mapping.maps.tiling import TileLayer, archive
from mapping.text import area_name, readable

AREA_ZOOMS = {"municipality": 9, "municipio": 9, "nil": 9, "section": 9}
"""By level, from which zoom on its areas are seen."""
ZOOMS = {
    "water": 9, "stream": 12, "green": 9, "rail": 9, "metro": 10, "tram": 13,
    "road": 9, "street": 12, "path": 14, "border": 9, "place": 9, "station": 11, "premises": 14,
}  # fmt: skip
"""By layer of the background, from which zoom on it is seen."""
SURFACES = {"water": ("water",), "green": ("green", "park")}
COURSES = ("stream", "rail", "tram")
SPOTS = ("station", "premises")
MAIN_METRES = 1500.0
"""A street longer than this is drawn as a main street, since no source marks those."""
_LINE, _SURFACE = 1, 2


def area_tiles(areas: gpd.GeoDataFrame) -> bytes:
    """Make the tiles of the areas to be coloured, with their level and id only."""
    return archive(
        [
            TileLayer(level, _of_level(areas, level)[["area_id", "name", "geometry"]], zoom)
            for level, zoom in AREA_ZOOMS.items()
        ]
    )


def background_tiles(
    areas: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, background: gpd.GeoDataFrame | None
) -> bytes:
    """Make the tiles of the background, without any name that speaks of a confidential place."""
    empty = gpd.GeoDataFrame({"kind": [], "name": []}, geometry=[], crs=areas.crs)
    drawn = empty if background is None else _with_public_names(background)
    lines = _with_public_names(lines)
    frames = {
        **{name: _with(drawn, kinds, _SURFACE)[["geometry"]] for name, kinds in SURFACES.items()},
        **{name: _with(drawn, (name,), _LINE)[["geometry"]] for name in COURSES},
        "metro": _services(_with(drawn, ("metro",), _LINE)),
        **_ways(lines),
        "border": _borders(areas),
        "place": _places(areas, drawn),
        **{name: _labels(_with(drawn, (name,)))[["name", "geometry"]] for name in SPOTS},
    }
    return archive([TileLayer(name, frames[name], zoom) for name, zoom in ZOOMS.items()])


def _with_public_names(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    speaking = frame["name"].isin(speaking_names(frame["name"]))
    return frame.assign(name=frame["name"].where(~speaking, None)) if speaking.any() else frame


def _of_level(areas: gpd.GeoDataFrame, level: str) -> gpd.GeoDataFrame:
    of_level = areas[areas["level"] == level]
    return of_level[_dimension(of_level) == _SURFACE]


def _with(
    drawn: gpd.GeoDataFrame, kinds: tuple[str, ...], dimension: int | None = None
) -> gpd.GeoDataFrame:
    of_kinds = drawn[drawn["kind"].isin(kinds)]
    return of_kinds if dimension is None else of_kinds[_dimension(of_kinds) == dimension]


def _dimension(frame: gpd.GeoDataFrame) -> npt.NDArray[np.int32]:
    dimension: npt.NDArray[np.int32] = shapely.get_dimensions(frame.geometry.to_numpy())
    return dimension


def _ways(lines: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """Join the pieces of each street, so that its name finds room, and set the main ones apart."""
    flat = lines.set_geometry(lines.geometry.force_2d())
    named = flat["name"].notna()
    rows = flat[named].groupby(["name", "kind", "walkable"], sort=True).geometry.agg(_joined)
    joined = gpd.GeoDataFrame(rows.reset_index(), geometry="geometry", crs=lines.crs)
    joined["name"] = joined["name"].map(readable)
    ways = pd.concat([joined, flat.loc[~named, joined.columns]], ignore_index=True)
    long = ways["name"].notna() & (ways.length >= MAIN_METRES)
    main = (ways["kind"] == "street") & (long | ~ways["walkable"].astype(bool))
    street = (ways["kind"] == "street") & ~main
    return {
        "road": ways.loc[main, ["name", "geometry"]],
        "street": ways.loc[street, ["name", "geometry"]],
        "path": ways.loc[~main & ~street, ["name", "geometry"]],
    }


def _joined(pieces: gpd.GeoSeries) -> shapely.Geometry:
    return shapely.line_merge(shapely.multilinestrings(shapely.get_parts(pieces.to_numpy())))


def _services(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Draw a line of trains once, though a source gives it by direction and terminus."""
    rows = lines.assign(name=lines["name"].fillna("")).groupby("name", sort=True)["geometry"]
    courses = [(name, shapely.line_merge(pieces.union_all())) for name, pieces in rows]
    return gpd.GeoDataFrame(
        courses, columns=["name", "geometry"], geometry="geometry", crs=lines.crs
    )


def _borders(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Draw each border once, though two areas share it."""
    outlines = {level: _of_level(areas, level) for level in ("municipality", "municipio", "nil")}
    by_level = {level: frame for level, frame in outlines.items() if len(frame)}
    lines = [shapely.line_merge(frame.boundary.union_all()) for frame in by_level.values()]
    return gpd.GeoDataFrame({"level": list(by_level)}, geometry=lines, crs=areas.crs)


def _places(areas: gpd.GeoDataFrame, drawn: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Name the parts of the city, and its parks."""
    parts = [_labels(_of_level(areas, level)).assign(kind=level) for level in ("municipio", "nil")]
    parks = _labels(_with(drawn, ("park",))).to_crs(areas.crs)
    rows = pd.concat([*parts, parks], ignore_index=True)[["name", "kind", "geometry"]]
    return rows.assign(name=rows["name"].map(area_name))


def _labels(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    named = frame[frame["name"].notna()]
    return named.set_geometry(named.representative_point())
