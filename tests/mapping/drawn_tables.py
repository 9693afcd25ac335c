"""Small tables for the tests of the maps: three square areas, drawn services."""

import math

import numpy as np
import pyarrow as pa
import shapely

from mapping import tables
from mapping.maps import folium_maps
from mapping.maps.folium_maps import MapStop
from mapping.maps.page import Frame
from mapping.services.service_row import ServiceRow

HOSTILE = "</script><img src=x onerror=alert(1)>`${7*7}` {{ 7*7 }} {% raw %} \"'&"
FRAME = Frame("Servizi di prova", "20260101T000000-0123abcd", ("Fonte di prova, CC BY 4.0",))


def areas(*, outlines: bool = True, name: str = "Zona") -> pa.Table:
    rows = [
        area("municipio", "1", "Municipio 1", 0, 3, outlines=outlines),
        *(area("nil", str(n), f"{name} {n}", n, n + 1, outlines=outlines) for n in range(3)),
    ]
    schema = tables.AREAS.schema.append(pa.field("geometry", pa.binary()))
    return pa.Table.from_pylist(rows, schema=schema)


def area(level: str, code: str, name: str, first: float, last: float, *, outlines: bool) -> dict:
    box = shapely.box(9 + first / 100, 45, 9 + last / 100, 45.01)
    return {
        "level": level,
        "area_id": code,
        "name": name,
        "lon": box.centroid.x,
        "lat": box.centroid.y,
        "geometry": box.wkb if outlines else None,
    }


def service(code: str = "farmacia", **fields: object) -> dict:
    blank: dict = dict.fromkeys(tables.SERVICES.names)
    given = {
        "service_id": "prova:1",
        "location_id": "prova:1",
        "name": "Luogo di prova",
        "category": code,
        "categories": [code],
        "lon": 9.005,
        "lat": 45.005,
        "precision": "civic",
        "status": "active",
        "stale": False,
    }
    return blank | given | fields


def service_row(code: str = "farmacia", **fields: object) -> ServiceRow:
    return ServiceRow.from_row(service(code, **fields))


def services(*rows: dict) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=tables.SERVICES.schema)


def cover(code: str, seconds: float, class_: str, demand: int, **fields: object) -> dict:
    blank: dict = dict.fromkeys(tables.COVERAGE.names)
    reached = {
        f"share_{limit}": float(seconds <= 60 * limit) for limit in tables.THRESHOLDS_MINUTES
    }
    shares = {f"share_{name}": float(name == class_) for name in tables.CLASSES}
    given = {
        "level": "nil",
        "area_id": code,
        "category": "scuola_infanzia",
        "profile": "adult",
        "window": "any",
        "requirement": "any",
        "demand": demand,
        "seconds": seconds,
        "class": class_,
        "estimated": False,
    }
    return blank | given | reached | shares | fields


COMPLETE = {
    "status": "complete", "known_total": 3, "known": 3, "to_verify": 0, "unplaced": 0,
    "source": "Elenco", "year": 2026,
}  # fmt: skip
PARTIAL = {**COMPLETE, "status": "partial", "known_total": 190, "known": 10}
CITY_SHARES = {
    "share_served": 100 / 155, "share_far": 35 / 155, "share_unsure": 20 / 155,
    "share_5": 100 / 155, "share_10": 100 / 155, "share_15": 100 / 155, "share_20": 100 / 155,
    "share_30": 135 / 155,
}  # fmt: skip
"""Of the people of the three areas, each by their own class and minutes."""


def coverage(*rows: dict) -> pa.Table:
    rows = rows or (
        cover("0", 240.0, "served", 100),
        cover("1", 1500.0, "far", 35),
        cover("2", math.nan, "unsure", 20, reason="catalogue_incomplete"),
        cover("999", 240.0, "served", 155, level="municipality", **CITY_SHARES),
    )
    return pa.Table.from_pylist(list(rows), schema=tables.COVERAGE.schema)


def coverage_map(drawn_areas: pa.Table) -> str:
    return folium_maps.coverage_map(
        coverage(),
        drawn_areas,
        FRAME,
        category_code="scuola_infanzia",
        level="nil",
        declared=COMPLETE,
    )


def stop(**fields: object) -> MapStop:
    path = np.array([[9.001, 45.001], [9.005, 45.005]])
    return MapStop(service_row(**fields), seconds=301.0, metres=401.0, path=path)
