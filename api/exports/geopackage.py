"""The export as one GeoPackage, with a layer for each table and for each level of areas."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from api.exports.format import Format


def _write(tables: dict[str, pd.DataFrame], folder: Path) -> list[Path]:
    path = folder / "prossima.gpkg"
    for name, frame in tables.items():
        if isinstance(frame, gpd.GeoDataFrame) and name == "areas":
            for level, part in frame.groupby("level", sort=False):
                _write_layer(part, path, f"areas_{level}")
        else:
            _write_layer(frame, path, name)
    return [path]


def _write_layer(frame: pd.DataFrame, path: Path, layer: str) -> None:
    pyogrio.write_dataframe(frame, path, layer=layer, driver="GPKG")


FORMAT = Format(_write)
