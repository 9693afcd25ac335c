"""From rows of services to worlds: what a city's records let happen on its ground."""

from collections.abc import Mapping
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from mapping.areas import Areas
from mapping.freshness import freshness
from mapping.worlds import Bools, Records, likelihood


def records(rows: gpd.GeoDataFrame, *, epsg: int, today: date) -> Records:
    """Read how likely services are, and where.

    Parameters
    ----------
    rows : GeoDataFrame
        The columns of `tables.SERVICES`.
    epsg : int
        The city's reference system.
    today : date
        Freshness is counted to here.

    Returns
    -------
    Records
        NaN coordinates where the place is unknown.
    """
    metric = rows.geometry.to_crs(epsg)
    assured = [text if isinstance(text, str) else None for text in rows["assured_date"]]
    return Records(
        [f"{a}|{b}" for a, b in zip(rows["service_id"], rows["location_id"], strict=True)],
        likelihood(
            list(rows["confidence"].astype(str)),
            (rows["status"] == "unsure").to_numpy(bool),
            np.array([freshness(text, today) for text in assured], float),
        ),
        rows["error_metres"].fillna(0).to_numpy(float),
        metric.x.to_numpy(float),
        metric.y.to_numpy(float),
    )


def possible(rows: pd.DataFrame, areas: Areas, caps: Mapping[str, set[str]]) -> Bools:
    """Say in which cells each record without a place may be.

    Parameters
    ----------
    rows : DataFrame
        The columns of `tables.SERVICES`.
    areas : Areas
        The city's areas.
    caps : mapping of str to set of str
        Postcode to municipi.

    Returns
    -------
    ndarray of bool, shape (rows, cells)
        In the municipio that the record names, or those of its postcode; else, anywhere.
    """
    ids = areas.municipi["area_id"].to_numpy(object)[areas.cells.municipio].astype(str)
    everywhere = set(ids.tolist())
    may = np.zeros((len(rows), len(ids)), bool)
    for row, (municipio, cap) in enumerate(zip(rows["municipio"], rows["cap"], strict=True)):
        known = {municipio} if isinstance(municipio, str) else caps.get(cap, everywhere)
        may[row] = np.isin(ids, sorted(known))
    return may
