"""An overlay folder of an imaginary comune, Valdilago, and what a build of it reads."""

import json
from pathlib import Path

TAXONOMY = """
[sportello_famiglia]
label = "Sportello famiglia"
group = "orientamento"
walk_minutes = 25
"""
CITY = """
name = "Valdilago"
istat = "013999"
epsg = 32632
cap_prefix = "22"
timezone = "Europe/Rome"
centre = [9.2, 45.6]
sources = ["confini", "sportelli"]

[completeness.sportello_famiglia]
status = "complete"
known_total = 2
source = "Comune di Valdilago"
year = 2026
"""
HEAD = """
title = "Prova"
publisher = "Comune di Valdilago"
licence = "CC0"
attribution = "Comune di Valdilago"
assured_date = "2026-11-01"
"""
OUTLINES = f"""{HEAD}
yields = "areas"
level = "neighbour"
reader = "vector"
mirror = "confini.geojson"
columns = {{ area_id = "istat", name = "name" }}
"""
DESKS = f"""{HEAD}
yields = "services"
reader = "csv"
mirror = "sportelli.csv"
columns = {{ key = "id", name = "name", street = "street", lon = "lon", lat = "lat" }}

[[categories]]
column = "name"
pattern = "Sportello"
category = "sportello_famiglia"

[[categories]]
column = "name"
pattern = "Mensa"
category = "mensa"
"""
HIDDEN = '[mensa]\nlabel = "Mensa"\ngroup = "sostegni"\nconfidential = true\n'
OVERLAY = {
    "taxonomy.toml": TAXONOMY,
    "cities/valdilago.toml": CITY,
    "sources/confini.toml": OUTLINES,
    "sources/sportelli.toml": DESKS,
}
ROWS = """id,name,street,lon,lat
1,Sportello Lago,via Prova 1,9.2,45.6
2,Sportello Monte,via Prova 9,9.205,45.605
3,Mensa nascosta,via Prova 5,9.203,45.603
"""
SQUARE = [[[9.19, 45.59], [9.22, 45.59], [9.22, 45.62], [9.19, 45.62], [9.19, 45.59]]]


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def build_valdilago(run, folder: Path) -> None:
    """Build the comune from a mirror made in a folder."""
    area = {"type": "Polygon", "coordinates": SQUARE}
    names = {"istat": "013999", "name": "Valdilago"}
    feature = {"type": "Feature", "properties": names, "geometry": area}
    outlines = json.dumps({"type": "FeatureCollection", "features": [feature]})
    mirror = write(folder / "mirror", {"confini.geojson": outlines, "sportelli.csv": ROWS})
    code, _, error = run("build", "--offline", "--city", "valdilago", "--mirror", str(mirror))
    assert code == 0, error


def refused(run, *words: str) -> str:
    code, _, error = run("sources", "list")
    assert code == 2
    (line,) = error.splitlines()
    assert line.startswith("prossima: ")
    for word in words:
        assert word in line, line
    return line
