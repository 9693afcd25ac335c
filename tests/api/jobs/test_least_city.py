"""The least that a city may bring: an outline, streets, services without an address."""

import json
from pathlib import Path

import osmium
import pytest
from osmium.osm.mutable import Node, Way

from mapping.edition.edition import Edition, current
from tests.overlay import CITY, DESKS, HEAD, OUTLINES, SQUARE, TAXONOMY, write

STREETS = f"""{HEAD}
yields = "streets"
reader = "pbf"
mirror = "strade.osm.pbf"
"""
POINTS_ONLY = DESKS.replace(', street = "street"', "")
ROWS = "id,name,lon,lat\n1,Sportello Lago,9.2,45.6\n2,Sportello Monte,9.205,45.6\n"
NO_PLACE = "id,name,lon,lat\n1,Sportello Lago,,\n"


def write_streets(path: Path, name: dict[str, str]) -> None:
    with osmium.SimpleWriter(path) as writer:
        for number in range(1, 11):
            writer.add_node(Node(id=number, location=(9.195 + number / 1000, 45.6)))
        writer.add_way(Way(id=20, nodes=[*range(1, 11)], tags={"highway": "residential"} | name))


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ({}, NO_PLACE),
        pytest.param({"name": "Via Prova"}, NO_PLACE, marks=pytest.mark.all),
        pytest.param({"name": "Via Prova"}, ROWS, marks=pytest.mark.all),
    ],
    ids=["nothing has a name", "no service has a place", "streets and points"],
)
def test_a_city_is_built_of_the_least_that_it_may_bring(
    laid, run, monkeypatch, tmp_path, name, rows
):
    monkeypatch.setenv("PROSSIMA_VAR", str(tmp_path / "var"))
    laid(
        {
            "taxonomy.toml": TAXONOMY,
            "cities/valdilago.toml": CITY.replace('"sportelli"', '"sportelli", "strade"'),
            "sources/confini.toml": OUTLINES,
            "sources/sportelli.toml": POINTS_ONLY,
            "sources/strade.toml": STREETS,
        }
    )
    # The ring is not closed, as some programs write it.
    area = {"type": "Polygon", "coordinates": [SQUARE[0][:-1]]}
    names = {"istat": "013999", "name": "Valdilago"}
    feature = {"type": "Feature", "properties": names, "geometry": area}
    outlines = json.dumps({"type": "FeatureCollection", "features": [feature]})
    mirror = write(tmp_path / "mirror", {"confini.geojson": outlines, "sportelli.csv": rows})
    write_streets(mirror / "strade.osm.pbf", name)
    code, _, error = run("build", "--offline", "--city", "valdilago", "--mirror", str(mirror))
    assert code == 0, error
    edition = Edition.open(current(tmp_path / "var" / "editions"))
    assert len(edition.services) == rows.count("\n") - 1
    assert edition.network
