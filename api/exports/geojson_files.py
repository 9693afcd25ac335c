"""The export as GeoJSON (RFC 7946), a file for each table that has a geometry."""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from api.exports.format import Format


def _write(tables: dict[str, pd.DataFrame], folder: Path) -> list[Path]:
    written = []
    for name, frame in tables.items():
        if isinstance(frame, gpd.GeoDataFrame):
            path = folder / f"{name}.geojson"
            path.write_text(frame.to_json(drop_id=True, to_wgs84=True), encoding="utf-8")
            written.append(path)
    return written


FORMAT = Format(_write, only_crs="EPSG:4326", rule="RFC 7946")
