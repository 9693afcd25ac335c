"""One count on every surface, and no figure of a category without records on any."""

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from api.exports import export
from mapping.edition.edition import Edition, current
from mapping.tables import Row
from tests.api.conftest import Server, serving
from tests.mapping.greyzones.test_zone_table import pharmacy, town

SITUATION = "level=municipality&category="
FAR = re.compile(r"Lontani in tutta la città: ([\d.]+);")
NOTHING = "ne conosciamo nessuno"
UNLISTED = "biblioteca"


@pytest.fixture(scope="module")
def server(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    # Ten minutes are 800 m: of a street of 4 km that is some 800 m of it behind the last pharmacy.
    var = tmp_path_factory.mktemp("conto")
    town(var / "editions", pharmacy(0, "a"), pharmacy(2050, "b"), residents=137.0)
    with serving(var, pack, tmp_path_factory.mktemp("log") / "conto.log") as ready:
        yield ready


def read(server: Server, address: str) -> str:
    answer = server.client.get(address, headers={"accept-language": "it"})
    assert answer.status_code == 200, answer.text[:300]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def exported(server: Server, out: Path, name: str = "coverage.csv") -> list[Row]:
    export(Edition.open(current(server.var / "editions")), "csv", out)
    return list(csv.DictReader(io.StringIO((out / name).read_text(encoding="utf-8-sig"))))


def test_who_is_far_is_one_number_on_every_surface(server: Server, cli, tmp_path: Path) -> None:
    (row,) = server.get(f"/v1/coverage?{SITUATION}farmacia")["results"]
    (line,) = [
        each
        for each in exported(server, tmp_path)
        if (each["category"], each["level"]) == ("farmacia", "municipality")
    ]
    texts = {
        "page": read(server, "/rete?category=farmacia"),
        "folium": read(server, "/maps/coverage.html?category=farmacia"),
        "report": read(server, f"/rete/zona/municipality/{row['area_id']}.html?category=farmacia"),
        "command": cli("coverage", "--category", "farmacia", var=server.var).stdout,
    }
    told = {name: FAR.findall(text) for name, text in texts.items()}
    people = 5 * round(row["share_far"] * row["demand"] / 5)

    assert people > 500
    assert 5 * round(float(line["share_far"]) * float(line["demand"]) / 5) == people
    legend = f"{people:,}".replace(",", ".")
    assert told == {name: [legend] for name in texts}
    # The legends count each by their own class, beside the areas of that colour.
    assert re.search(rf"lontana \d+ [\d.]+ {re.escape(legend)} ", texts["page"])
    assert f"lontana: {legend} in tutta la città" in texts["folium"]


def test_of_a_category_without_records_no_surface_has_a_figure(
    server: Server, cli, tmp_path: Path
) -> None:
    for address in ("coverage", "greyzones"):
        answer = server.get(f"/v1/{address}?category={UNLISTED}")
        assert answer["results"] == []
        assert answer["completeness"][UNLISTED]["known"] == 0
    assert server.get(f"/v1/places?category={UNLISTED}")["known"] == 0
    for address in ("/rete", "/rete/zone"):
        said = read(server, f"{address}?category={UNLISTED}")
        assert NOTHING in said
        assert not re.search(r"\d ?%|\d min\b", said.split(NOTHING)[1])
    files = ("/rete.csv", "/rete.geojson", "/rete/valori.json", "/rete/zone.geojson")
    for address in (*files, "/rete/mappa.svg", "/maps/coverage.html", "/v1/closures"):
        assert server.client.get(f"{address}?category={UNLISTED}").status_code == 404, address
    asked = {"category": UNLISTED}
    added = {**asked, "changes": [{"do": "add", "lon": 9.19, "lat": 45.46}]}
    for address, body in (("/v1/siting", asked), ("/v1/scenario", added)):
        assert server.client.post(address, json=body).status_code == 404, address
    for command in ("coverage", "greyzones"):
        assert NOTHING in cli(command, "--category", UNLISTED, var=server.var).stdout
    for name in ("coverage.csv", "greyzones.csv"):
        rows = exported(server, tmp_path / name, name)
        assert UNLISTED not in {row["category"] for row in rows}
