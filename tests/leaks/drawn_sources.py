"""A drawn city whose services come in four formats, with and without confidential records."""

import json
from pathlib import Path

from tests.overlay import HEAD, OUTLINES, SQUARE, write

CITY = """
name = "Valdilago"
istat = "013999"
epsg = 32632
cap_prefix = "22"
timezone = "Europe/Rome"
centre = [9.2, 45.6]
sources = ["confini", "vie", "sportelli", "mappa", "elenco"]

[help_lines]
antiviolenza = ["031 000111"]

[beyond]
sources = ["vicini"]
complete = []
"""
STREETS = f"""{HEAD}
yields = "streets"
reader = "vector"
mirror = "vie.geojson"

[[layers]]
layer = "vie"
kind = "street"
name = "nome"
"""
RULES = """
[[categories]]
column = "{column}"
pattern = "Centro d'ascolto"
category = "centro_ascolto"

[[categories]]
column = "{column}"
pattern = "Antiviolenza"
category = "antiviolenza"
"""
DESKS = f"""{HEAD}
yields = "services"
reader = "csv"
mirror = "sportelli.csv"

[columns]
key = "id"
name = "name"
street = "street"
lon = "lon"
lat = "lat"
phone = "phone"
{RULES.format(column="kind")}"""
MAP = f"""{HEAD}
yields = "services"
reader = "kml"
mirror = "mappa.kml"

[columns]
key = "name"
name = "name"
street = "description.Indirizzo"
phone = "description.Telefono"
lon = "geometry.lon"
lat = "geometry.lat"
{RULES.format(column="folder")}"""
LIST = f"""{HEAD}
yields = "services"
reader = "hsds"
mirror = "elenco.json"

[columns]
key = "id"
name = "name"
email = "email"
street = "location.addresses.0.address_1"
lon = "location.longitude"
lat = "location.latitude"
{RULES.format(column="description")}"""
NEIGHBOURS = f"""{HEAD}
yields = "services"
reader = "csv"
mirror = "vicini.csv"
scope = "comune"

[columns]
key = "id"
name = "name"
street = "street"
lon = "lon"
lat = "lat"
{RULES.format(column="kind")}"""
OVERLAY = {
    "cities/valdilago.toml": CITY,
    "sources/confini.toml": OUTLINES,
    "sources/vie.toml": STREETS,
    "sources/sportelli.toml": DESKS,
    "sources/mappa.toml": MAP,
    "sources/elenco.toml": LIST,
    "sources/vicini.toml": NEIGHBOURS,
}

SECRET_TEXTS = (
    "Aurora", "Brina", "Corallo", "Duna", "Edera", "Felce", "Ginepro", "Iris",
    "via Segreta", "viale Nascosto", "029871234", "029874321", "duna@esempio.org",
    "Libellula", "Mirtillo", "Ninfea", "Ortensia", "portone Segreta", "fees",
)  # fmt: skip
SECRET_POINTS = (
    (9.206617, 45.600829), (9.206133, 45.604221), (9.208211, 45.606117), (9.211871, 45.607733),
)  # fmt: skip
"""Farther than 50 m from every public point and street; the first has an address of the street."""

_ROWS = """id,name,kind,street,lon,lat,phone,note,tipo,visibilita,sede
1,Ascolto Lago,Centro d'ascolto,via Lariana 1,9.2,45.6,031111111,,Sportello,pubblica,
2,Ascolto Monte,Centro d'ascolto,via Lariana 9,9.205,45.6,031222222,,,,
6,Ascolto Punto,Centro d'ascolto,,9.2066,45.6002,031555555,,,,
"""
"""The last says no address, and no number is as near to it as that of the first secret."""
_HIDDEN_ROWS = """3,Aurora,Antiviolenza,via Lariana 13,9.206617,45.600829,029871234,,,,
4,Casa rifugio Brina,Centro d'ascolto,viale Nascosto 7,9.206133,45.604221,029874321,,,,
5,,Antiviolenza,via Segreta 185,9.203417,45.603129,029871234,,,,
8,Felce,Antiviolenza,via Segreta 187,9.9,45.9,029871234,,,,
9,Casa rifugio Ginepro,Mercato,via Segreta 189,9.203417,45.603129,029871234,,,,
20,Ninfea,Centro d'ascolto,via Segreta 41,9.206617,45.600829,029871234,indirizzo segreto,,,
21,Libellula,Centro d'ascolto,via Segreta 43,9.206133,45.604221,029871234,,Casa rifugio,,
22,Mirtillo,Centro d'ascolto,via Segreta 45,9.203417,45.603129,029871234,,,,riservata
23,Mirtillo,Mercato,via Segreta 47,9.203417,45.603129,029871234,,,NON PUBBLICARE,
24,,Centro d'ascolto,via Segreta 49,9.203417,45.603129,029871234,,,non pubblicare,
10,Aurora, accoglienza,Antiviolenza,via Segreta 191,9.203417,45.603129,029871234
11,Brina,Antiviolenza,via Segreta 193,9,203417,45,603129,029871234
12,Corallo,#N/D,via Segreta 195,9,203417,45,603129,029871234
Case rifugio,,,,,,,,,,
25,Mirtillo,Centro d'ascolto,via Segreta 53,9.206133,45.604221,029871234,,,,
26,Mirtillo,Centro d'ascolto,via Segreta 55,9.206133,45.604221
"""
"""Two are out of scope, outside the city and of no category; of the five with high numbers only a
column speaks that nobody reads, also of one out of scope and one without a name; three cannot be
read. The last two stand in a section that speaks, and one of them cannot be read."""
_NEIGHBOURS = """id,name,kind,street,lon,lat,comune
v1,Ascolto Altrove,Centro d'ascolto,via Lontana 1,9.9,45.9,Altrove
"""
_HIDDEN_NEIGHBOURS = """v2,Iris,Antiviolenza,via Lontana 3,9.91,45.91,Altrove
v3,Iris,Antiviolenza,via Lontana 5,9,91,45,91,Altrove
"""
_PLACE = """<Placemark><name>{name}</name><description><![CDATA[Indirizzo: {street}<br>Telefono:
 031333333]]></description><Point><coordinates>{lon},{lat},0</coordinates></Point></Placemark>"""


def write_config(folder: Path) -> Path:
    """Write the settings of the city."""
    return write(folder, OVERLAY)


def write_mirror(folder: Path, *, secret: bool) -> Path:
    """Write the files of every source, with or without the confidential records."""
    folder.mkdir()
    area = {"istat": "013999", "name": "Valdilago"}
    _write_layer(folder / "confini.geojson", area, "Polygon", SQUARE)
    street = [[9.195, 45.6], [9.2, 45.6], [9.205, 45.6], [9.215, 45.6]]
    _write_layer(folder / "vie.geojson", {"nome": "VIA LARIANA"}, "LineString", street)
    rows = _ROWS + (_HIDDEN_ROWS if secret else "")
    (folder / "sportelli.csv").write_text(rows, encoding="utf-8")
    rows = _NEIGHBOURS + (_HIDDEN_NEIGHBOURS if secret else "")
    (folder / "vicini.csv").write_text(rows, encoding="utf-8")
    (folder / "mappa.kml").write_text(_kml(secret=secret), encoding="utf-8")
    valley = _record("e1", "Ascolto Valle", "Centro d'ascolto", (9.212, 45.6), "valle")
    records: list[object] = [valley]
    if secret:
        records.append(_record("e2", "Duna", "Antiviolenza", SECRET_POINTS[3], "duna"))
        # Of two more the reader sets one apart, and cuts the other.
        long = _record("e3", "Duna", "Antiviolenza", SECRET_POINTS[3], "duna")
        records.append(long | {"fees": "via Segreta 23 " * 10_000})
        records.append("Duna, via Segreta 25, 029871234")
    (folder / "elenco.json").write_text(json.dumps(records), encoding="utf-8")
    return folder


def _kml(*, secret: bool) -> str:
    shown = _PLACE.format(name="Ascolto Riva", street="via Lariana 21", lon=9.209, lat=45.6)
    folders = f"<Folder><name>Centro d'ascolto</name>{shown}</Folder>"
    if secret:
        lon, lat = SECRET_POINTS[2]
        hidden = _PLACE.format(name="Corallo", street="via Segreta 11", lon=lon, lat=lat)
        hidden = hidden.replace("]]>", "<br>Codice del portone Segreta: 4411]]>")
        folders += f"<Folder><name>Antiviolenza</name>{hidden}</Folder>"
        unread = _PLACE.format(name="Ortensia", street="via Segreta 51", lon=lon, lat=lat)
        folders += f"<Folder><name>Centro d'ascolto / case rifugio</name>{unread}</Folder>"
        noted = unread.replace("Ortensia", "Ortensia due").replace("]]>", "<br>Non pubblicare]]>")
        folders += f"<Folder><name>Centro d'ascolto</name>{noted}</Folder>"
        styled = unread.replace("Ortensia", "Ortensia tre").replace(
            "<Point>", "<styleUrl>#casa-rifugio</styleUrl><Point>"
        )
        folders += f"<Folder><name>Centro d'ascolto</name>{styled}</Folder>"
        listed = unread.replace("Ortensia", "Ortensia quattro")
        folders += f"<Folder><name>Centro d'ascolto</name>{listed}<description>Elenco riservato"
        folders += "</description></Folder>"
    start = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    return f"{start}{folders}</Document></kml>"


def _record(
    key: str, name: str, kind: str, point: tuple[float, float], mailbox: str
) -> dict[str, object]:
    street = "via Lariana 31" if mailbox == "valle" else "via Segreta 23"
    location = {
        "longitude": point[0],
        "latitude": point[1],
        "addresses": [{"address_1": street}],
    }
    at = [{"id": f"{key}-at", "location": location}]
    email = f"{mailbox}@esempio.org"
    named = {"id": key, "name": name, "description": kind, "email": email}
    return named | {"service_at_locations": at}


def _write_layer(path: Path, named: dict[str, str], kind: str, coordinates: object) -> None:
    shape = {"type": kind, "coordinates": coordinates}
    feature = {"type": "Feature", "properties": named, "geometry": shape}
    document = {"type": "FeatureCollection", "name": path.stem, "features": [feature]}
    path.write_text(json.dumps(document), encoding="utf-8")
