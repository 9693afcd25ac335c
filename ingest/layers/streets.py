"""Reads the lines of streets: their names, kinds and whether they may be walked."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from ingest.layers.layer import Layer, without_geometry
from ingest.layers.open_file import opened
from ingest.readers.pbf import read_ways
from ingest.readers.vector import deleted_of, read_vector
from ingest.source import Source, StreetLayer
from mapping.city import City
from mapping.config_values import MATCHED_LETTERS
from mapping.errors import SourceError
from mapping.text import tidy
from mapping.walking.crossings import (
    close_road_tunnels,
    cut_at_shared_vertices,
    cut_in_structures,
)
from mapping.walking.osm_ways import from_osm, level_of


def read_streets(source: Source, path: Path, _city: City) -> Layer:
    """Read street lines with their names, kinds and whether they may be walked.

    The city is not asked: streets beyond the border are walked as well.
    """
    if source.reader in ("osm", "pbf"):
        frame = read_osm(path) if source.reader == "osm" else read_ways(path)
        return Layer(frame, len(frame), len(frame))
    with opened(source, path) as file:
        frames = [read_vector(file, layer=part.layer) for part in source.layers]
        deleted = sum(map(deleted_of, frames))
        parts = list(map(_street_layer, frames, source.layers))
        rows_in = sum(map(len, parts))
        empty = np.concatenate([part.geometry.is_empty | part.geometry.isna() for part in parts])
        lines = _joined([part.to_crs(parts[0].crs) for part in parts], source.layers)
        if source.tunnels:
            lines = close_road_tunnels(lines, _outlines(file, source.tunnels, lines))
        if source.structures:
            lines = cut_in_structures(lines, _outlines(file, source.structures, lines))
    quarantined = [without_geometry(source, int(row) + 1) for row in np.flatnonzero(empty)]
    drawn = rows_in - len(quarantined)
    return Layer(lines, rows_in, drawn, quarantined=quarantined, deleted=deleted)


def _outlines(file: Path, layers: Sequence[str], lines: gpd.GeoDataFrame) -> gpd.GeoSeries:
    outlines = [read_vector(file, layer=layer).geometry.to_crs(lines.crs) for layer in layers]
    return gpd.GeoSeries(pd.concat(outlines, ignore_index=True))


def _joined(parts: Sequence[gpd.GeoDataFrame], layers: Sequence[StreetLayer]) -> gpd.GeoDataFrame:
    drawn = [part[~(part.geometry.is_empty | part.geometry.isna())] for part in parts]
    cut = [
        cut_at_shared_vertices(part) if layer.meets == "vertices" else part
        for part, layer in zip(drawn, layers, strict=True)
    ]
    return gpd.GeoDataFrame(pd.concat(cut, ignore_index=True))


def read_osm(path: Path) -> gpd.GeoDataFrame:
    """Read the lines of a network that osmnx saved, with layers `nodes` and `edges`."""
    return from_osm(read_vector(path, layer="nodes"), read_vector(path, layer="edges"))


def _street_layer(frame: gpd.GeoDataFrame, layer: StreetLayer) -> gpd.GeoDataFrame:
    named = (layer.column, layer.name, layer.level, layer.bridge, layer.tunnel)
    if lacking := [column for column in named if column and column not in frame]:
        raise SourceError(
            f"The streets lack the column {', '.join(lacking)}. Take the right file, or mend"
            " `layers` in the source's TOML."
        )
    names = pd.Series(None, frame.index, dtype=object)
    if layer.name:
        names = frame[layer.name].fillna("").map(tidy)
    texts = names.fillna("").astype(str).str.slice(stop=MATCHED_LETTERS)
    unnamed = texts.str.contains(layer.unnamed) if layer.unnamed else texts.eq("")
    barred = texts.str.contains(layer.unwalkable) if layer.unwalkable else texts.ne(texts)
    kinds = pd.Series(layer.kind, frame.index)
    if layer.column:
        kinds = frame[layer.column].map(layer.kinds).fillna(layer.kind)
        barred |= frame[layer.column].isin(layer.barred)
    columns = {
        "name": names.where(~unnamed, None).to_numpy(),
        "kind": kinds.to_numpy(object),
        "walkable": ~barred.to_numpy(),
        "level": _levels(frame, layer),
    }
    return gpd.GeoDataFrame(columns, geometry=frame.geometry.to_numpy(), crs=frame.crs)


def _levels(frame: gpd.GeoDataFrame, layer: StreetLayer) -> list[int]:
    columns = {"layer": layer.level, "bridge": layer.bridge, "tunnel": layer.tunnel}
    texts = {tag: frame[column].astype("string") for tag, column in columns.items() if column}
    tags = pd.DataFrame(texts, index=frame.index).fillna("").to_dict("records")
    return [level_of({str(tag): str(value) for tag, value in row.items()}) for row in tags]
