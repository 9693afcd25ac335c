"""Reads registers of civic numbers, and the names of the streets on which they are."""

import re
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from ingest.border import Inside
from ingest.layers.layer import Layer
from ingest.layers.raw_table import read_table
from ingest.layers.reference import point_of, read_rows
from ingest.rows import CellError, RawRow
from ingest.source import Source
from ingest.values import normalise
from mapping.arrays import Floats
from mapping.city import City
from mapping.crs import to_metres
from mapping.errors import SourceError
from mapping.geocoding.address import MAX_CIVIC, civic_number
from mapping.text import tidy

APPLIED, UNDER_WAY = "applied", "under_way"
"""Whether a number hangs at its door already."""
STATUSES = (APPLIED, UNDER_WAY)
MIN_PLACED_SHARE = 0.5
"""A register in which fewer numbers than this have a point in the city is of another one."""
KEY = ["street_code", "number", "suffix"]
"""What names one civic number in every register of a city."""


def read_civics(source: Source, path: Path, city: City, inside: Inside) -> Layer:
    """Read civic numbers: street, number, suffix, postcode, municipio, section, and their points.

    A register with coordinates gives `lon` and `lat` in degrees, NaN where a number has none or
    one outside of the city. Raises SourceError when most of them are so.
    """
    layer = read_rows(source, read_table(source, path), city, _civic)
    if "lon" not in source.columns or layer.frame.empty:
        return layer
    points = zip(layer.frame["lon"], layer.frame["lat"], strict=True)
    placed = np.array([not np.isnan(lon) and inside(lon, lat) for lon, lat in points])
    if placed.mean() < MIN_PLACED_SHARE:
        raise SourceError(
            f"{source.id}: {placed.sum()} of {len(placed)} civic numbers have a point in"
            f" {city.name}. Give the register of this city, with longitude and latitude in degrees."
        )
    layer.frame.loc[~placed, ["lon", "lat"]] = np.nan
    layer.frame["error_metres"] = source.error_metres
    return layer


def read_street_names(source: Source, path: Path, city: City) -> Layer:
    """Read the names of streets by their code: kind, name, and whatever else they are called."""
    return read_rows(source, read_table(source, path), city, _street)


def with_municipi(civics: pd.DataFrame, municipi: gpd.GeoDataFrame) -> pd.DataFrame:
    """Tell the municipio of every number whose register tells its point, and not its municipio."""
    lacking = civics["municipio"].isna() & civics["lon"].notna()
    if not lacking.any():
        return civics
    x, y = civics.loc[lacking, "lon"], civics.loc[lacking, "lat"]
    rows, areas = municipi.sindex.query(gpd.points_from_xy(x, y), predicate="intersects")
    known = pd.Series(municipi["area_id"].to_numpy()[areas], index=x.index[rows])
    known = known[~known.index.duplicated()]
    municipio = civics["municipio"].astype(object)
    municipio[known.index] = known
    return civics.assign(municipio=municipio)


def joined(registers: Sequence[pd.DataFrame]) -> pd.DataFrame | None:
    """Lay registers of one city together: of each number the first that knows a thing tells it.

    None where there is no register.
    """
    whole: pd.DataFrame | None = None
    for register in registers:
        # No suffix is a suffix too: an index of missing values finds nothing.
        keyed = register.assign(suffix=register["suffix"].fillna(""))
        keyed = keyed.drop_duplicates(KEY).set_index(KEY)
        whole = keyed if whole is None else whole.combine_first(keyed)
    if whole is None:
        return None
    rows = whole.reset_index()
    return rows.assign(suffix=rows["suffix"].where(rows["suffix"] != "", None))


def homes(civics: pd.DataFrame, city: City) -> Floats | None:
    """Find where people live: the civic numbers that a register calls residential.

    Parameters
    ----------
    civics : DataFrame
        Of `joined`, with `residential`, `lon` and `lat` where a register has them.
    city : City
        Its reference system.

    Returns
    -------
    ndarray of float, shape (k, 2), or None
        Metres; None where no register tells which numbers are residential.
    """
    if "residential" not in civics or "lon" not in civics:
        return None
    lived_in = civics[civics["residential"].isin([True]) & civics["lon"].notna()]
    if lived_in.empty:
        return None
    x, y = to_metres(lived_in["lon"].to_numpy(), lived_in["lat"].to_numpy(), city.epsg)
    return np.column_stack([x, y])


def _civic(source: Source, row: RawRow, city: City) -> dict[str, object]:
    def text(name: str) -> str | None:
        return tidy(source.value(row.texts, name))

    number, suffix = civic_number(text("number") or "")
    if number is None and re.search("[0-9]", text("number") or ""):
        raise CellError(
            "number",
            "no_civic_number",
            f"'{text('number')}' is no civic number: registers write so what has none. Give one"
            f" from 1 to {MAX_CIVIC}, or leave the row out.",
        )
    if "suffix" in source.columns:
        suffix = "".join((text("suffix") or "").split()) or suffix
    record: dict[str, object] = {
        # Where streets have no code, their name is it.
        "street_code": text("street_code") or text("street"),
        "kind": text("kind"),
        "street": text("street"),
        "number": number,
        "suffix": suffix,
        "cap": normalise.cap(text("cap"), prefix=city.cap_prefix),
        "municipio": normalise.code(text("municipio")),
        "section": normalise.code(text("section")),
    }
    if "status" in source.columns:
        record["status"] = _status(text("status"))
    if "residential" in source.columns:
        record["residential"] = normalise.yes_no(text("residential"))
    if "lon" in source.columns:
        record["lon"], record["lat"] = point_of(source, row) or (np.nan, np.nan)
    return record


def _status(text: str | None) -> str:
    if text not in STATUSES:
        raise CellError(
            "status",
            "unknown_code",
            f"'{text or ''}' is no known status of a civic number. Add it to [values.status].",
        )
    return text


def _street(source: Source, row: RawRow, _city: City) -> dict[str, object]:
    columns = source.columns.get("aliases", ())
    others = (columns,) if isinstance(columns, str) else columns
    texts = [source.value(row.texts, "name"), *(row.texts.get(name, "") for name in others)]
    names = filter(None, map(tidy, texts))
    return {
        "street_code": tidy(source.value(row.texts, "street_code")),
        "kind": tidy(source.value(row.texts, "kind")),
        "names": tuple(dict.fromkeys(names)),
    }
