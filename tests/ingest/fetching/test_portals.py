"""From a TOML file alone to services: each protocol, through download, reader and rows."""

from pathlib import Path

import pytest

from ingest.fetching.fetch import Fetcher, Request
from ingest.layers.raw_table import read_table
from ingest.services import RowsRead, read_services
from ingest.source import Source
from mapping.city import city
from mapping.config import read_config
from mapping.errors import SourceError
from tests.ingest.portal import Page

DECLARED = """
title = "Luoghi di prova"
publisher = "Prova"
licence = "CC0 1.0"
attribution = "Prova"
yields = "services"
reader = "{reader}"
live = [{live}]

[columns]
{columns}

[[categories]]
column = "{category}"
pattern = "."
category = "biblioteca"
"""
FLAT = {"key": "codice", "name": "nome", "lon": "lon", "lat": "lat"}
FEATURE = {"key": "codice", "name": "nome", "lon": "geometry.lon", "lat": "geometry.lat"}
NESTED = {
    "key": "id",
    "name": "name",
    "lon": "location.longitude",
    "lat": "location.latitude",
    "hours": "hours",
    "phone": "phones.0.number",
}
NUMBER = 7
SPOTS = [(9.1 + n / 1000, 45.46) for n in range(NUMBER)]


def feature(n: int) -> dict[str, object]:
    named = {"codice": f"c{n}", "nome": f"Luogo {n}"}
    return {
        "type": "Feature",
        "properties": named,
        "geometry": {"type": "Point", "coordinates": SPOTS[n]},
    }


def collection(start: int, **more: object) -> dict[str, object]:
    found = [feature(n) for n in range(start, min(start + 3, NUMBER))]
    return {"type": "FeatureCollection", "features": found, **more}


def socrata(_path: str, query: dict[str, str]) -> object:
    start = int(query["$offset"])
    return [
        {"codice": f"c{n}", "nome": f"Luogo {n}", "lon": SPOTS[n][0], "lat": SPOTS[n][1]}
        for n in range(start, min(start + 3, NUMBER))
    ]


def arcgis(_path: str, query: dict[str, str]) -> object:
    start = int(query["resultOffset"])
    return collection(start, exceededTransferLimit=start + 3 < NUMBER)


def wfs(_path: str, query: dict[str, str]) -> object:
    return collection(int(query["startIndex"]), numberMatched=NUMBER)


def gml(_path: str, query: dict[str, str]) -> object:
    start = int(query["startIndex"])
    members = "".join(
        f'<w:member><a:luoghi g:id="l.{n}"><a:codice>c{n}</a:codice><a:nome>Luogo {n}</a:nome>'
        f'<a:geom><g:Point srsName="urn:ogc:def:crs:EPSG::4326" g:id="p.{n}"><g:pos>{SPOTS[n][1]}'
        f" {SPOTS[n][0]}</g:pos></g:Point></a:geom></a:luoghi></w:member>"
        for n in range(start, min(start + 3, NUMBER))
    )
    root = (
        '<w:FeatureCollection xmlns:w="http://www.opengis.net/wfs/2.0" xmlns:a="http://a.example"'
        f' xmlns:g="http://www.opengis.net/gml/3.2" numberMatched="unknown">{members}'
        "</w:FeatureCollection>"
    )
    return Page(root.encode(), kind="application/gml+xml")


def ogc(_path: str, query: dict[str, str]) -> object:
    start = int(query.get("offset", "0"))
    links = [{"rel": "next", "href": f"items?offset={start + 3}"}] if start + 3 < NUMBER else []
    return collection(start, links=links)


def hsds(path: str, query: dict[str, str]) -> object:
    if path == "/services":
        number = int(query["page"])
        listed = [{"id": f"c{n}"} for n in range(3 * number - 3, min(3 * number, NUMBER))]
        return {"total_pages": 3, "contents": listed}
    key = path.rpartition("/")[2]
    lon, lat = SPOTS[int(key[1:])]
    weekly = {"freq": "WEEKLY", "byday": "MO", "opens_at": "09:00", "closes_at": "13:00"}
    place = {"id": key, "schedules": [weekly], "location": {"longitude": lon, "latitude": lat}}
    return {"id": key, "name": f"Luogo {key[1:]}", "service_at_locations": [place]}


def declared(folder: Path, live: str, reader: str, columns: dict[str, str]) -> Source:
    lines = "\n".join(f'{ours} = "{theirs}"' for ours, theirs in columns.items())
    text = DECLARED.format(reader=reader, live=live, columns=lines, category=columns["key"])
    (folder / "prova.toml").write_text(text, encoding="utf-8")
    return read_config(folder / "prova.toml", Source, SourceError)


def read(source: Source, folder: Path) -> RowsRead:
    fetcher = Fetcher(raw=folder / "raw", mirror=None, bundled=None, offline=False)
    table = read_table(source, fetcher.take(Request.of(source)).path)
    return read_services(source, table, city("milano"), lambda _lon, _lat: True)


@pytest.mark.parametrize(
    ("service", "live", "reader", "columns"),
    [
        (socrata, 'socrata = "{at}", dataset = "abcd-1234"', "json", FLAT),
        (arcgis, 'arcgis = "{at}/FeatureServer/0", page = 3', "vector", FEATURE),
        (wfs, 'wfs = "{at}/wfs", type = "luoghi", page = 3', "vector", FEATURE),
        (gml, 'wfs = "{at}/wfs", type = "luoghi", page = 3, format = "gml32"', "vector", FEATURE),
        (ogc, 'ogc = "{at}/collections/luoghi"', "vector", FEATURE),
        (hsds, 'hsds = "{at}"', "hsds", NESTED),
    ],
    ids=["socrata", "arcgis", "wfs", "gml", "ogc", "hsds"],
)
def test_a_portal_declared_in_toml_gives_its_services(
    portal, tmp_path, service, live, reader, columns
):
    portal.service = service
    source = declared(tmp_path, f"{{ {live.format(at=portal.address)} }}", reader, columns)
    reading = read(source, tmp_path)
    assert (reading.rows_kept, reading.quarantined) == (NUMBER, [])
    assert [one.name for one in reading.services] == [f"Luogo {n}" for n in range(NUMBER)]
    positions = [one.locations[0].position for one in reading.services]
    found = [(round(at.lon or 0, 6), round(at.lat or 0, 6)) for at in positions]
    assert found == [(round(lon, 6), lat) for lon, lat in SPOTS]
    if reader == "hsds":
        assert reading.services[0].locations[0].opening_hours == "Mo 09:00-13:00"


def test_a_json_service_that_renamed_its_key_is_refused(portal, tmp_path):
    portal.service = socrata
    live = f'{{ socrata = "{portal.address}", dataset = "abcd-1234" }}'
    source = declared(tmp_path, live, "json", FLAT | {"key": "id_luogo", "phone": "telefono"})
    with pytest.raises(SourceError, match="lacks the columns id_luogo of prova"):
        read(source, tmp_path)
