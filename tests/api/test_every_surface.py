"""One count on every surface, and no figure of a category without records on any."""

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from api.exports import export
from mapping.coverage.border import Beyond
from mapping.edition.edition import Edition, current
from mapping.tables import Row
from mapping.walk_words import whole_minutes
from tests.api.conftest import Server, serving
from tests.mapping.coverage.test_border import outside
from tests.mapping.drawn_city import drawn_city
from tests.mapping.greyzones.test_zone_table import pharmacy, sections, town

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


@pytest.fixture(scope="module")
def border(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A street of 3 km that ends at the border; 200 m behind it a pharmacy, and no street there.

    From 1880 m on the nearest is that one, by a straight line; within 800 m of it it is in doubt.
    """
    var = tmp_path_factory.mktemp("confine")
    beyond = Beyond([outside(3200)], frozenset({"farmacia"}))
    street, people = f"A{'-' * 29}B C--D", sections(15, residents=137.0)
    drawn_city(var / "editions", [pharmacy(0, "a")], street, people, beyond=beyond)
    with serving(var, pack, tmp_path_factory.mktemp("log") / "confine.log") as ready:
        yield ready


def minutes_said(row: Row) -> str:
    """The minutes of an area, as every page and command says them."""
    text = f"{whole_minutes(float(row['seconds']))} min"
    return f"circa {text} (stima)" if str(row["estimated"]) in ("True", "true") else text


def test_no_minute_of_an_area_stands_anywhere_without_the_mark_of_an_estimate(
    border: Server, tmp_path: Path
) -> None:
    found = border.get("/v1/coverage?category=farmacia&level=section")["results"]
    rows = {row["area_id"]: row for row in found}
    (city,) = border.get(f"/v1/coverage?{SITUATION}farmacia")["results"]
    # Sections are of 200 m: of the tenth, from 1800 m, half is nearer to the other pharmacy.
    assert {number for number, row in rows.items() if row["estimated"]} == set(
        map(str, range(10, 16))
    )
    assert city["estimated"]
    assert city["share_estimated"] == pytest.approx(1124 / 3000, abs=0.02)
    assert len({minutes_said(row) for row in rows.values()}) > 5

    view = "category=farmacia&level=section&indicator=seconds"
    values = border.get(f"/rete/valori.json?{view}")
    assert dict(zip(values["area"], values["said"], strict=True)) == {
        number: minutes_said(row) for number, row in rows.items()
    }
    table = csv.DictReader(
        io.StringIO(border.client.get(f"/rete.csv?{view}").text.lstrip("\ufeff"))
    )
    for line in table:
        marks = line["estimated"], line["value_estimated"]
        assert set(marks) == {str(rows[line["area_id"]]["estimated"])}
    for feature in border.get(f"/rete.geojson?{view}")["features"]:
        own = feature["properties"]
        assert own["estimated"] == rows[own["area_id"]]["estimated"]
    for line in exported(border, tmp_path):
        key = line["category"], line["level"], line["profile"], line["window"], line["requirement"]
        if key == ("farmacia", "section", "adult", "any", "any"):
            assert line["estimated"].lower() == str(rows[line["area_id"]]["estimated"]).lower()


def test_every_text_marks_an_estimate_and_says_for_how_many_it_is(border: Server, cli) -> None:
    view = "category=farmacia&level=section&indicator=seconds"
    rows = border.get("/v1/coverage?category=farmacia&level=section")["results"]
    (city,) = border.get(f"/v1/coverage?{SITUATION}farmacia")["results"]
    page = read(border, f"/rete?{view}")
    command = cli("coverage", "--category", "farmacia", "--level", "section", var=border.var).stdout
    for row in rows:
        assert minutes_said(row) in page
        assert minutes_said(row) in command
    people = f"(residenti: {5 * round(city['share_estimated'] * city['demand'] / 5)})"
    report = read(border, f"/rete/zona/municipality/{city['area_id']}.html?category=farmacia")
    folium = read(border, "/maps/coverage.html?category=farmacia")
    whole = cli("coverage", "--category", "farmacia", "--level", "municipality", var=border.var)
    for text in (folium, report, whole.stdout):
        assert minutes_said(city) in text
    for text in (folium, report, whole.stdout, read(border, "/rete?category=farmacia")):
        assert people in text


def test_no_share_stands_anywhere_without_what_it_is_along_streets(border: Server, cli) -> None:
    (city,) = border.get(f"/v1/coverage?{SITUATION}farmacia")["results"]
    # Within 800 m are 800 of 3000 m of street, and 364 more by the straight line.
    assert city["share_10"] == pytest.approx(1164 / 3000, abs=0.02)
    assert city["share_10_by_streets"] == pytest.approx(800 / 3000, abs=0.02)
    assert city["share_5_by_streets"] == pytest.approx(400 / 3000, abs=0.02)
    assert city["share_30_by_streets"] == pytest.approx(2400 / 3000, abs=0.02)
    (area,) = border.get("/v1/coverage?category=farmacia&level=municipio")["results"]
    pair = [round(100 * area[name]) for name in ("share_10", "share_10_by_streets")]
    said = f"circa {pair[0]}%, per strade note {pair[1]}%"
    view = "category=farmacia&level=municipio&indicator=within&threshold=10"
    (line,) = csv.DictReader(
        io.StringIO(border.client.get(f"/rete.csv?{view}").text.lstrip("\ufeff"))
    )
    assert (line["value_estimated"], float(line["value_by_streets"])) == ("True", pair[1])
    assert float(line["share_10_by_streets"]) == area["share_10_by_streets"]
    assert border.get(f"/rete/valori.json?{view}")["said"] == [said]
    key = f"municipio/{area['area_id']}"
    for text in (
        read(border, f"/rete?{view}"),
        read(border, f"/rete?category=farmacia&level=municipio&area={key.replace('/', ':')}"),
        read(border, f"/rete/zona/{key}.html?category=farmacia"),
        cli("coverage", "--category", "farmacia", "--level", "municipio", var=border.var).stdout,
    ):
        assert said in text
    # The bars of its sheet share people out: beyond ten minutes are the fewer of both.
    sheet = read(border, f"/rete?{view}&area={key.replace('/', ':')}")
    assert re.search(r"circa \d+%, per strade note \d+% .*da 10 a 15 minuti", sheet)
    folium = read(border, "/maps/coverage.html?category=farmacia")
    assert re.search(r"da 5 a 10 minuti: circa [\d.]+, per strade note [\d.]+", folium)


def test_a_zone_of_estimated_minutes_says_so_and_that_its_rank_rests_on_them(
    border: Server, cli, tmp_path: Path
) -> None:
    zones = border.get("/v1/greyzones?category=farmacia")["results"]
    (far,) = (zone for zone in zones if zone["class"] == "far")
    assert (far["estimated"], far["depends_on"]) == (True, ["estimate"])
    assert (far["ranking"], far["rank"]) == ("ascertained", 1)
    told = f"circa {far['nearest_minutes']} minuti in mediana, stimati in linea d'aria"
    # No other zone has a rank: along known streets it would be the first too.
    assert far["rank_by_streets"] == 1
    rests = "I minuti dipendono da una stima in linea d'aria, oltre il confine; il rango no."
    command = cli("greyzones", "--category", "farmacia", var=border.var).stdout
    for text in (read(border, "/rete/zone?category=farmacia"), " ".join(command.split())):
        assert told in text
        assert rests in text
    lines = exported(border, tmp_path, "greyzones.csv")
    (line,) = (line for line in lines if line["zone_id"] == far["zone_id"])
    assert line["estimated"].lower() == "true"
    assert "estimate" in line["depends_on"]
    for feature in border.get("/rete/zone.geojson?category=farmacia")["features"]:
        own = feature["properties"]
        (zone,) = (zone for zone in zones if zone["zone_id"] == own["zone_id"])
        assert ("stimati in linea d'aria" in own["why"]) == zone["estimated"]
        assert own["rank_by_streets"] == zone["rank_by_streets"]


def test_a_plan_tells_people_by_streets_and_by_estimates_apart(border: Server, cli) -> None:
    asked = {"category": "farmacia", "candidates": "nodes"}
    plan = border.client.post("/v1/siting", json=asked).json()
    (city,) = border.get(f"/v1/coverage?{SITUATION}farmacia")["results"]
    before = plan["before"]
    # 800 m to the pharmacy, and 365 m of the street's end by the straight line.
    assert before["within_estimated"] == pytest.approx(2055 * 365 / 3000, abs=40)
    assert before["within"] == pytest.approx(city["share_10"] * city["demand"], abs=10)
    (warning,) = (one for one in plan["warnings"] if one["code"] == "border_estimated")
    assert warning["number"] == before["within_estimated"]
    assert (
        f"Solo con un cammino stimato, oltre il confine: {before['within_estimated']} oggi"
        in (plan["words"])
    )
    (site,) = plan["sites"]
    assert site["minutes_estimated"]
    assert "I minuti risparmiati sono in parte stimati." in site["words"]
    added = {**asked, "changes": [{"do": "close", "service_id": "prova:a"}]}
    del added["candidates"]
    change = border.client.post("/v1/scenario", json=added).json()
    assert change["before"]["within_estimated"] == before["within_estimated"]
    assert change["after"]["within"] == change["after"]["within_estimated"]
    assert change["after"]["median_estimated"]
    # 25 minutes are 2 km: by streets as many have the western one, by the line the other from 1790.
    (service,) = border.get("/v1/closures?category=farmacia&minutes=25")["services"]
    assert service["fallback_estimated"]
    assert service["losing_estimated"] == pytest.approx(2055 * 210 / 3000, abs=40)
    command = cli("closures", "--category", "farmacia", "--minutes", "25", var=border.var).stdout
    assert "(stima)" in command
    assert f"altri {service['losing_estimated']} avrebbero solo un cammino stimato" in command
