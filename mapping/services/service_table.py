"""Services at locations as one flat table, with the municipio and NIL of each."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pydantic import BaseModel

from mapping.crs import WGS84
from mapping.disclosure import any_confidential
from mapping.freshness import is_stale
from mapping.model import Location, Service
from mapping.services.funding import has_ended, without_mobiles
from mapping.services.quality_score import quality
from mapping.services.readable_names import is_same_name, readable_name
from mapping.services.translations import Translation, as_column
from mapping.tables import SERVICES, is_routed
from mapping.territory.areas import Areas


def flatten(
    services: Sequence[Service],
    areas: Areas,
    today: date,
    translations: Iterable[Translation] = (),
) -> gpd.GeoDataFrame:
    """List every service at each of its locations, with the columns of `tables.SERVICES`.

    A service without a location has one row without a place; those of a confidential category are
    left out: even a distance would give their place away. Geometry is missing where the place is
    not routed; staleness is counted from `today`.
    """
    by_id: dict[str, list[Translation]] = {}
    for translation in translations:
        by_id.setdefault(translation.service_id, []).append(translation)
    rows = [
        _row(service, location, today) | {"translations": _translated(service, by_id)}
        for service in services
        if not any_confidential(service.categories)
        for location in service.locations or (Location(location_id=service.service_id),)
    ]
    frame = pd.DataFrame(rows, columns=SERVICES.names).sort_values(list(SERVICES.key))
    frame = frame.reset_index(drop=True)
    lon, lat = frame["lon"].to_numpy(float), frame["lat"].to_numpy(float)
    municipio, nil = areas.locate(lon, lat)
    frame["municipio"] = _ids(areas.municipi, municipio, frame["municipio"])
    frame["nil"] = _ids(areas.nil, nil, frame["nil"])
    geometry = shapely.points(lon, lat)
    geometry[~np.isfinite(lon)] = None
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=WGS84)


def _row(service: Service, location: Location, today: date) -> dict[str, object]:
    position = location.position
    routed = is_routed(position.precision)
    score = quality(service, location, today)
    records = (service, location, position, service.provenance)
    name = readable_name(service.name, service.categories[0], location.city)
    ended = has_ended(service, today)
    return {name: _as_published(records, name) for name in SERVICES.names} | {
        "name": name,
        "legal_name": None if is_same_name(service.name, name) else service.name,
        "category": service.categories[0],
        "lon": position.lon if routed else None,
        "lat": position.lat if routed else None,
        "phone": without_mobiles(service.phone) if ended else service.phone,
        "status": "unsure" if ended and service.status == "active" else service.status,
        "funding_ended": ended,
        "stale": is_stale(service.provenance.assured_date, today),
        "field_sources": _sources_text(service),
        "quality": score.value,
        "quality_lacks": score.lacks,
    }


def _as_published(records: Iterable[BaseModel], name: str) -> object:
    """Read a column from the record that has a field of its name; None where none has."""
    value = next(
        (getattr(record, name) for record in records if name in type(record).model_fields), None
    )
    return (list(value) or None) if isinstance(value, tuple) else value


def _translated(service: Service, by_id: Mapping[str, list[Translation]]) -> str | None:
    ids = (service.service_id, *(service.same_as or ()))
    return as_column(
        service, [translation for other_id in ids for translation in by_id.get(other_id, ())]
    )


def _sources_text(service: Service) -> str | None:
    if service.field_sources is None:
        return None
    sources = {
        name: provenance.model_dump(exclude_none=True)
        for name, provenance in service.field_sources.items()
    }
    return json.dumps(sources, ensure_ascii=False)


def _ids(
    areas: gpd.GeoDataFrame, rows: npt.NDArray[np.int64], published: pd.Series
) -> npt.NDArray[np.object_]:
    ids = areas["area_id"].to_numpy(object)
    area_ids = published.to_numpy(object).copy()
    area_ids[rows >= 0] = ids[rows[rows >= 0]]
    return area_ids
