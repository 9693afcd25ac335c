"""Reads what maps draw behind their answers: waters, green, rails, stations, premises."""

import re
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from ingest.layers.layer import Layer, without_geometry
from ingest.layers.open_file import opened
from ingest.layers.raw_table import read_table
from ingest.layers.reference import point_of, read_rows
from ingest.readers.vector import deleted_of, read_vector
from ingest.rows import RawRow
from ingest.source import BackgroundLayer, Source
from mapping.city import City
from mapping.config_values import MATCHED_LETTERS
from mapping.crs import WGS84
from mapping.text import readable, tidy

NOT_DRAWN = "of a kind that no map shows"


def read_background(source: Source, path: Path, city: City) -> Layer:
    """Read kind, name and geometry, in EPSG:4326, of what the maps of a city draw behind answers.

    Waters and rails go on beyond the border.
    """
    if source.reader != "vector":
        return _spots(source, path, city)
    with opened(source, path) as file:
        frames = [read_vector(file, layer=part.layer) for part in source.background]
        deleted = sum(map(deleted_of, frames))
        parts = list(map(_drawn, frames, source.background))
    rows = pd.concat([part.to_crs(WGS84) for part in parts], ignore_index=True)
    unknown = rows["kind"].isna()
    bare = ~unknown & (rows.geometry.isna() | rows.geometry.is_empty)
    drawn = rows[~unknown & ~bare].reset_index(drop=True)
    out_of_scope = Counter({NOT_DRAWN: int(unknown.sum())} if unknown.any() else {})
    quarantined = [without_geometry(source, int(row) + 1) for row in np.flatnonzero(bare)]
    return Layer(drawn, len(rows), len(drawn), out_of_scope, quarantined, deleted=deleted)


def _spots(source: Source, path: Path, city: City) -> Layer:
    """Read what is drawn as a point, such as the stations of a feed of timetables."""
    (part,) = source.background

    def spot(source: Source, row: RawRow, _city: City) -> dict[str, object]:
        name = _name(row.texts.get(part.name or "", ""), part.unnamed)
        return {"kind": part.kind, "name": name, "point": point_of(source, row)}

    layer = read_rows(source, read_table(source, path), city, spot)
    lon, lat = zip(*layer.frame.pop("point"), strict=True) if len(layer.frame) else ((), ())
    layer.frame = gpd.GeoDataFrame(layer.frame, geometry=gpd.points_from_xy(lon, lat), crs=WGS84)
    return layer


def _drawn(frame: gpd.GeoDataFrame, part: BackgroundLayer) -> gpd.GeoDataFrame:
    kinds = part.kind if part.column is None else frame[part.column].map(part.kinds).to_numpy()
    bare = pd.Series("", index=frame.index)
    texts = (frame[part.name] if part.name else bare).astype("string").fillna("")
    columns = {"kind": kinds, "name": [_name(text, part.unnamed) for text in texts]}
    return gpd.GeoDataFrame(columns, geometry=frame.geometry.to_numpy(), crs=frame.crs)


def _name(text: str, unnamed: re.Pattern[str] | None) -> str | None:
    tidied = tidy(text)
    if tidied is None or (unnamed and unnamed.search(tidied[:MATCHED_LETTERS])):
        return None
    written = readable(tidied)
    return written[0].upper() + written[1:]
