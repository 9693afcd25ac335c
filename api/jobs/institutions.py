"""Lists the sections of institutions, and those that a person may look at."""

from functools import partial
from typing import Any

import geopandas as gpd
import pandas as pd

from api.jobs.build import fetcher
from api.settings import Settings
from ingest.fetching.fetch import Fetcher, Request
from ingest.layers.layer import with_public_names
from ingest.layers.reference import read_areas, read_institutions
from ingest.source import Source, source
from ingest.source_reader import ReadLayer
from mapping.city import City, city
from mapping.errors import BadInputError
from mapping.territory.institutions import institutions, proposals


def list_institutions(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    """Say which sections are left out of the demand of families, and which one sign proposes.

    Raises BadInputError where the city has no sections with residents.
    """
    place = city(settings.city)
    take = fetcher(settings, offline=True)
    entries = [source(name) for name in place.sources]
    read = partial(_frame, place, take)
    sections = [read(e, read_areas) for e in entries if (e.yields, e.level) == ("areas", "section")]
    if not sections:
        raise BadInputError(
            f"{place.name} has no source of sections. Name one of level 'section' in its file."
        )
    signs = [read(entry, read_institutions) for entry in entries if entry.yields == "institutions"]
    counted = sections[0][~sections[0]["area_id"].isin(place.fictitious_sections)]
    away = institutions(
        gpd.GeoDataFrame(counted),
        gpd.GeoDataFrame(pd.concat(signs, ignore_index=True)) if signs else None,
        place.institutions,
    )
    waiting = proposals(gpd.GeoDataFrame(counted), away)
    return {"institutions": _records(away), "proposed": _records(waiting)}


def _frame(place: City, take: Fetcher, entry: Source, read: ReadLayer) -> pd.DataFrame:
    frame = read(entry, take.take(Request.of(entry)).path, place).frame
    return with_public_names(frame, entry.yields)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in plain.to_dict("records")]
