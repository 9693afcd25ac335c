"""Reads the lines of streets: their names, kinds and whether they may be walked."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from ingest.layers.layer import Layer, without_geometry
from ingest.layers.open_file import opened
from ingest.readers.pbf import read_ways
from ingest.readers.vector import read_vector
from ingest.source import Source, StreetLayer
from mapping.city import City
from mapping.config_values import MATCHED_LETTERS
from mapping.text import tidy
from mapping.walking.topology import from_osm


def read_streets(source: Source, path: Path, _city: City) -> Layer:
    """Read street lines with their names, kinds and whether they may be walked.

    The city is not asked: streets beyond the border are walked as well.
    """
    if source.reader in ("osm", "pbf"):
        frame = read_osm(path) if source.reader == "osm" else read_ways(path)
        return Layer(frame, len(frame), len(frame))
    with opened(source, path) as file:
        parts = [_street_layer(read_vector(file, layer=part.layer), part) for part in source.layers]
    lines = pd.concat([part.to_crs(parts[0].crs) for part in parts], ignore_index=True)
    empty = lines.geometry.is_empty | lines.geometry.isna()
    quarantined = [without_geometry(source, int(row) + 1) for row in np.flatnonzero(empty)]
    return Layer(lines[~empty], len(lines), int((~empty).sum()), quarantined=quarantined)


def read_osm(path: Path) -> gpd.GeoDataFrame:
    """Read the lines of a network that osmnx saved, with layers `nodes` and `edges`."""
    return from_osm(read_vector(path, layer="nodes"), read_vector(path, layer="edges"))


def _street_layer(frame: gpd.GeoDataFrame, layer: StreetLayer) -> gpd.GeoDataFrame:
    names = frame[layer.name].map(tidy) if layer.name else pd.Series([None] * len(frame))
    texts = names.fillna("").astype(str).str.slice(stop=MATCHED_LETTERS)
    unnamed = texts.str.contains(layer.unnamed) if layer.unnamed else texts.eq("")
    barred = texts.str.contains(layer.unwalkable) if layer.unwalkable else texts.ne(texts)
    columns = {
        "name": names.where(~unnamed, None).to_numpy(),
        "kind": layer.kind,
        "walkable": ~barred.to_numpy(),
    }
    return gpd.GeoDataFrame(columns, geometry=frame.geometry.to_numpy(), crs=frame.crs)
