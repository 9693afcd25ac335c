"""The planner's page over HTTP: its numbers are the published ones, wherever they are taken."""

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from shapely.geometry import shape

from mapping.edition.edition import Edition, publish
from mapping.edition.edition_writer import write
from tests.api.conftest import Server, serving

pytestmark = pytest.mark.shared
SECTION_COLUMNS = {
    "level", "area_id", "name", "category", "profile", "window", "requirement", "indicator", "unit",
    "value", "value_estimated", "value_by_streets", "class", "class_label", "may_come",
    "has_room", "reason", "minutes", "sureness", "estimated", "completeness", "edition",
    "attribution",
}  # fmt: skip


def page(server: Server, query: str, status: int = 200) -> str:
    answer = server.client.get(f"/rete?lang=it&{query}")
    assert answer.status_code == status, answer.text
    return answer.text


def table(server: Server, query: str) -> list[dict[str, str]]:
    answer = server.client.get(f"/rete.csv?{query}")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\N{BYTE ORDER MARK}"))))


@pytest.mark.parametrize("level", ["municipio", "nil", "section"])
def test_minutes_are_those_of_the_interface(milano_server: Server, level: str):
    told = milano_server.get(f"/v1/coverage?category=farmacia&level={level}")["results"]
    shown = milano_server.get(
        f"/rete/valori.json?category=farmacia&level={level}&indicator=seconds"
    )
    rows = table(milano_server, f"category=farmacia&level={level}&indicator=seconds")
    expected = {row["area_id"]: row["seconds"] and row["seconds"] / 60 for row in told}
    assert set(shown["area"]) == set(expected) == {row["area_id"] for row in rows}
    for row in rows:
        minutes = expected[row["area_id"]]
        assert (float(row["value"]) if row["value"] else None) == pytest.approx(minutes)


def test_the_table_of_the_page_says_what_the_file_says(milano_server: Server):
    query = "category=farmacia&level=municipio&indicator=share_far"
    html = page(milano_server, query)
    rows = table(milano_server, query)
    assert [row["area_id"] for row in rows] == re.findall(r'<tr data-area="(\w+)"', html)
    people = [f"{int(row['people']):,}".replace(",", ".") for row in rows]
    assert all(f'<td class="figure">{count}</td>' in html for count in people)


def test_every_row_of_a_file_can_be_traced(milano_server: Server):
    edition = milano_server.get("/v1/categories")["edition"]
    rows = table(milano_server, "category=farmacia&profile=stroller")
    assert {(row["edition"], row["profile"]) for row in rows} == {(edition, "stroller")}
    assert all("ISTAT" in row["attribution"] for row in rows)


def test_areas_for_a_gis_have_outlines_edition_and_sources(milano_server: Server):
    answer = milano_server.client.get("/rete.geojson?category=farmacia&indicator=within")
    found = answer.json()
    assert found["edition"] == answer.headers["Prossima-Edition"]
    assert "ISTAT" in found["attribution"]
    assert all(shape(one["geometry"]).is_valid for one in found["features"])
    assert {one["properties"]["unit"] for one in found["features"]} == {"percent"}


def test_of_sections_nothing_is_given_but_class_sureness_and_minutes(milano_server: Server):
    query = "category=farmacia&level=section"
    rows = table(milano_server, query)
    assert set(rows[0]) == SECTION_COLUMNS
    assert {row["value_by_streets"] for row in rows} == {""}
    feature = milano_server.get(f"/rete.geojson?{query}")["features"][0]
    assert set(feature["properties"]) <= SECTION_COLUMNS
    assert all(
        key["people"] is None for key in milano_server.get(f"/rete/valori.json?{query}")["keys"]
    )
    sheet = page(milano_server, f"{query}&area=section:2")
    assert "solo la classe, la parola e i minuti" in sheet
    assert "chart-ages" not in sheet


@pytest.mark.parametrize("asked", ["indicator=demand", "versus=children_0_2", "indicator=within"])
def test_people_of_sections_are_refused_in_words(milano_server: Server, asked: str):
    html = page(milano_server, f"level=section&{asked}", 422)
    assert "ci vivono poche persone" in html
    assert milano_server.client.get(f"/rete.csv?level=section&{asked}").status_code == 422


def test_the_legend_counts_all_areas_and_all_people(milano_server: Server):
    told = milano_server.get("/v1/coverage?category=farmacia&level=nil")["results"]
    keys = milano_server.get("/rete/valori.json?category=farmacia&level=nil&indicator=seconds")[
        "keys"
    ]
    assert sum(key["areas"] for key in keys) == len(told)
    # Of the area of which two counts disagree nobody is counted.
    assert [row["reason"] for row in told if row["demand"] is None] == ["people_disagree"]
    assert sum(key["people"] or 0 for key in keys) == sum(row["demand"] or 0 for row in told)
    assert {key["dwellers"] for key in keys} == {None}


def test_the_legend_of_classes_tells_who_lives_there_apart_from_whose_class_it_is(
    milano_server: Server,
):
    told = milano_server.get("/v1/coverage?category=farmacia&level=nil")["results"]
    keys = milano_server.get("/rete/valori.json?category=farmacia&level=nil")["keys"]
    (far,) = (key for key in keys if key["label"] == "lontana")
    assert far["dwellers"] == sum(row["demand"] for row in told if row["class"] == "far")
    assert far["people"] > far["dwellers"]
    html = unescape(page(milano_server, "category=farmacia&level=nil"))
    assert "Residenti di queste aree" in html
    assert "Residenti di questa classe, in tutta la città" in html
    assert "con un passo del 15% più svelto sarebbero" in html


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("category=%3Cscript%3E", "«…» non è fra le scelte di «Servizio»"),
        ("since=chiama%20il%20333%20per%20il%20bonus", "«…» non è fra le scelte"),
        ("category=antiviolenza", "«antiviolenza» non è fra le scelte di «Servizio»"),
        ("level=quartiere", "«quartiere» non è fra le scelte di «Per»"),
        ("threshold=7", "«7» non è fra le scelte di «Soglia in minuti»"),
        ("since=ieri", "«ieri» non è fra le scelte"),
        ("area=nil:9999", "«nil:9999» non è un&#39;area di questa città"),
        ("page=-1", "«-1» non è il numero di una pagina"),
        ("requirement=arabic&profile=child", "Le esigenze sono calcolate solo per un adulto"),
        (
            "level=section&window=saturday&category=scuola_infanzia",
            "per sezione non c&#39;è una mappa",
        ),
    ],
)
def test_a_wrong_address_is_told_and_the_form_is_still_there(milano_server: Server, query, said):
    html = page(milano_server, query, 422)
    assert said in html
    assert '<form id="choices"' in html
    assert html.count("<tr data-area") > 8
    refused = milano_server.client.get(f"/rete.geojson?{query}")
    assert refused.status_code == 422
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_a_class_of_a_partial_list_is_never_shown_without_a_warning(milano_server: Server):
    html = page(milano_server, "category=doposcuola")
    assert "In città ne risultano circa 190 (Co-programmazione QuBì" in html
    assert "ne conosciamo 10. Gli altri ci sono, ma non si sa dove" in html
    assert {row["completeness"] for row in table(milano_server, "category=doposcuola")} == {
        "sample"
    }


def test_the_sheet_of_an_area_says_how_far_its_people_walk(milano_server: Server):
    html = page(milano_server, "category=farmacia&area=nil:10")
    chart = html[html.index('id="chart-walks"') :].split("</figure>")[0]
    shares = [int(text) for text in re.findall(r'<td class="figure">(?:circa )?(\d+)%[,<]', chart)]
    ours, city = shares[0::2], shares[1::2]
    assert sum(ours) == pytest.approx(100, abs=3)
    assert sum(city) == pytest.approx(100, abs=3)
    assert "/rete/zona/nil/10.pdf?" in html
    assert html.count('role="img"') >= 4


def test_the_sheet_has_the_published_indices(milano_server: Server):
    edition = Edition.open(milano_server.var / "editions" / "current")
    row = edition.rows(
        "equity.parquet", category="farmacia", level="municipio", area_id="2"
    ).to_pylist()[0]
    gini = f"{round(row['gini'], 2)}".replace(".", ",")
    assert f"Indice di Gini: {gini};" in page(milano_server, "category=farmacia&area=municipio:2")


def test_the_table_is_sorted_without_a_script(milano_server: Server):
    query = "category=farmacia&level=nil&sort=demand"
    for order, reverse in (("down", True), ("up", False)):
        rows = table(milano_server, f"{query}&order={order}")
        people = [int(row["people"]) for row in rows if row["people"]]
        assert people == sorted(people, reverse=reverse)
        assert [bool(row["people"]) for row in rows] == [*[True] * len(people), False]
    assert 'aria-sort="descending"' in page(milano_server, query)


def test_the_page_that_holds_the_chosen_section_is_shown(milano_server: Server):
    last = table(milano_server, "category=farmacia&level=section")[-1]["area_id"]
    html = page(milano_server, f"category=farmacia&level=section&area=section:{last}")
    assert f'<tr data-area="{last}" aria-current="true">' in html


def test_without_a_script_there_is_a_drawn_map(milano_server: Server):
    html = page(milano_server, "category=farmacia")
    address = re.search(r'<noscript><img class="still" src="([^"]+)"', html).group(1)
    drawn = milano_server.client.get(address.replace("&amp;", "&"))
    assert drawn.headers["Content-Type"].startswith("image/svg+xml")
    assert drawn.text.count("<path d=") > 88
    assert "ISTAT" in drawn.text


def test_grey_zones_are_drawn_with_why_they_are_grey(milano_server: Server):
    told = milano_server.get("/v1/greyzones?category=farmacia")["results"]
    drawn = milano_server.get("/rete/zone.geojson?category=farmacia")["features"]
    assert {one["properties"]["zone_id"] for one in drawn} == {row["zone_id"] for row in told}
    assert all(one["properties"]["why"] for one in drawn)
    assert told[0]["why"].replace("'", "&#39;").replace('"', "&#34;") in page(
        milano_server, "category=farmacia"
    )


def test_the_gravest_zones_stand_by_the_map_and_all_of_them_on_a_page(milano_server: Server):
    zones = milano_server.get("/v1/greyzones?category=scuola_infanzia")["results"]
    told = [row["zone_id"] for row in zones]
    few = page(milano_server, "category=scuola_infanzia")
    assert re.findall(r'data-zone="(.+?)"', few) == told[:10] != told
    address = unescape(re.search(r'href="(/rete/zone\?.+?)"', few)[1])
    every = milano_server.client.get(address)
    assert every.status_code == 200
    assert re.findall(r'data-zone="(.+?)"', every.text) == told
    wrong = milano_server.client.get("/rete/zone?category=mai_stata&lang=it")
    assert wrong.status_code == 422
    assert "mai_stata" in wrong.text


@pytest.mark.parametrize("query", ["level=nil", "level=municipio&indicator=within", "since=mai"])
def test_the_colours_of_the_map_come_with_the_page(milano_server: Server, query: str):
    html = milano_server.client.get(f"/rete?lang=it&category=farmacia&{query}").text
    held = json.loads(re.search(r'id="values" data-swap>(.+?)</script>', html)[1])
    address = unescape(re.search(r'data-colours="(.+?)"', html)[1])
    assert held == milano_server.get(f"/rete/valori.json?{address}")


def test_sections_are_too_many_to_come_with_the_page(milano_server: Server):
    html = page(milano_server, "category=farmacia&level=section")
    assert 'id="values" data-swap>null</script>' in html


def test_two_indicators_stand_side_by_side(milano_server: Server):
    query = "category=farmacia&level=nil&indicator=seconds&versus=seconds_2nd"
    for row in table(milano_server, query):
        if row["value"] and row["other_value"]:
            assert float(row["difference"]) == pytest.approx(
                float(row["value"]) - float(row["other_value"]), abs=1e-5
            )
    assert milano_server.get(f"/rete/valori.json?{query}")["other"]["step"]


@pytest.fixture(scope="module")
def two_editions(pack_var: Path, pack: Path, tmp_path_factory) -> Iterator[tuple[Server, str]]:
    """Serve an edition in which every walk is a minute longer than in the one before."""
    var = tmp_path_factory.mktemp("two") / "var"
    shutil.copytree(pack_var, var)
    before = Edition.open(var / "editions" / "current")
    tables = {file.name: before.table(file.name) for file in before.manifest.files}
    longer = tables["coverage.parquet"]
    number = longer.schema.get_field_index("seconds")
    minutes: pa.ChunkedArray = pc.add(longer["seconds"], 60.0)
    tables["coverage.parquet"] = longer.set_column(number, "seconds", minutes)
    manifest = before.manifest
    after = write(
        var / "editions",
        tables,
        city=manifest.city,
        software_version=manifest.software_version,
        parameters=manifest.parameters,
        sources=manifest.sources,
    )
    publish(var / "editions", after.id)
    with serving(var, pack, var / "log") as server:
        yield server, before.id


def test_two_editions_stand_side_by_side(two_editions: tuple[Server, str]):
    server, before = two_editions
    rows = table(server, f"category=consultorio&indicator=seconds&since={before}")
    assert {round(float(row["difference"]), 3) for row in rows if row["value"]} == {1.0}
    html = page(server, f"category=consultorio&indicator=seconds&since={before}")
    assert "+1 min" in html
    assert "peggio" in html
    assert f"edizione {before}" in html


def test_no_map_puts_nil_in_order_by_income(milano_server: Server):
    for indicator in ("mean_income_euro", "children_low_income", "low_income_served"):
        html = page(milano_server, f"category=nido&level=nil&indicator={indicator}", 422)
        assert "per reddito i NIL non si mettono in ordine" in html
        assert html.count("<tr data-area") == 9
    told = milano_server.get("/v1/areas/nil")
    assert {row["mean_income_euro"] for row in told["results"]} == {None}


def test_the_index_by_income_never_stands_without_its_interval(milano_server: Server):
    edition = Edition.open(milano_server.var / "editions" / "current")
    row = edition.rows("equity.parquet", category="farmacia", level="municipality").to_pylist()[0]
    low, value, high = (
        f"{round(row[f'concentration{end}'], 3)}".replace(".", ",") for end in ("_low", "", "_high")
    )
    html = page(milano_server, "category=farmacia&area=nil:10").replace("\N{MINUS SIGN}", "-")
    assert f"Indice di concentrazione in città: {value}, fra {low} e {high}" in html
    assert html.count("oncentrazione in città") == 1


def test_what_an_outgrown_census_does_not_tell_says_why(milano_server: Server):
    html = page(milano_server, "category=consultorio&area=nil:59")
    assert "le età sono del censimento del 2011, e da allora i residenti sono 1,92 volte" in html
    rows = {row["area_id"]: row for row in table(milano_server, "category=consultorio&level=nil")}
    assert rows["59"]["people"] == ""
    assert rows["10"]["people"] != ""


@pytest.mark.parametrize("sort", ["value", "seconds", "within"])
def test_minutes_of_a_partial_list_put_no_area_before_another(milano_server: Server, sort: str):
    asked = f"category=doposcuola&level=nil&indicator=seconds&sort={sort}"
    names = [row["name"] for row in table(milano_server, asked)]
    assert names == sorted(names, key=str.casefold)
    html = page(milano_server, asked)
    assert "Le aree sono in ordine alfabetico" in html
    assert f"sort={sort}&" not in html.partition("<thead>")[2].partition("</thead>")[0]
    whole = table(milano_server, "category=farmacia&level=nil&indicator=seconds&sort=seconds")
    minutes = [float(row["minutes"]) for row in whole if row["minutes"]]
    assert minutes == sorted(minutes, reverse=True)


def test_of_a_nil_about_which_two_counts_disagree_no_number_is_shown(milano_server: Server):
    html = page(milano_server, "category=nido&area=nil:73")
    assert "i dati non concordano, per l'anagrafe ci vivono più minori" in unescape(html)
    row = {row["area_id"]: row for row in table(milano_server, "category=nido&level=nil")}["73"]
    assert row["people"] == row["minutes"] == ""
