"""The export as CSV for spreadsheets, a file for each table, without geometries."""

from pathlib import Path

import pandas as pd
from pandas.api.types import is_numeric_dtype

from api.exports.format import Format
from mapping.text import without_formula


def _write(tables: dict[str, pd.DataFrame], folder: Path) -> list[Path]:
    written = []
    for name, frame in tables.items():
        path = folder / f"{name}.csv"
        plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
        texts = {
            str(column): cells.map(without_formula)
            for column, cells in plain.items()
            if not is_numeric_dtype(cells)
        }
        plain.assign(**texts).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
        written.append(path)
    return written


FORMAT = Format(_write, "EPSG:4326", "lon and lat are degrees")
