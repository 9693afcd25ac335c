"""Reports of areas: the numbers of the interface on paper, hostile names as text."""

import html
import io
import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from pypdf import PdfReader
from shapely.affinity import translate

from mapping.coverage.list_words import italian_of_known, italian_share
from mapping.walk_words import share_basis, whole_minutes
from tests.api.conftest import Server, serving
from tests.mapping.drawn_city import EAST, MILANO, NORTH, drawn_city, service, square
from tests.mapping.siting.test_answers import drawn, nido

AREAS = ("nil/1", f"municipality/{MILANO.istat}")
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def server(pack: Path, tmp_path_factory):
    var = tmp_path_factory.mktemp("report")
    drawn(var / "editions", nido("ovest", 0, capacity=30), nido(HOSTILE, 300))
    with serving(var, pack, tmp_path_factory.mktemp("log") / "report.log") as running:
        yield running


def page(server: Server, area: str, **asked: str) -> str:
    answer = server.client.get(f"/rete/zona/{area}.html", params=asked)
    assert answer.status_code == 200, answer.text[:300]
    return answer.text


def read(content: bytes) -> list[str]:
    return [
        re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(io.BytesIO(content)).pages
    ]


def words_of(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def italian(number: float) -> str:
    return f"{number:,}".replace(",", "x").replace(".", ",").replace("x", ".").removesuffix(",0")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("level", "area", "code"),
    [
        ("nil", "20", "scuola_infanzia"),
        ("municipio", "2", "farmacia"),
        ("municipality", "015146", "nido"),
    ],
)
def test_a_report_has_the_numbers_of_the_interface(milano_server, level, area, code):
    document = milano_server.get(f"/v1/coverage?category={code}&level={level}")
    declared = document["completeness"][code]
    (row,) = [row for row in document["results"] if row["area_id"] == area]
    said = words_of(page(milano_server, f"{level}/{area}", category=code))
    assert italian(row["demand"]) in said
    walk = f"{whole_minutes(row['seconds'])} min"
    assert (f"circa {walk} (stima)" if row["estimated"] else walk) in said
    for minutes in (5, 10, 15, 20, 30):
        column = f"share_{minutes}"
        told = italian_share(column, row[column], declared, share_basis(row, column))
        assert f"Entro {minutes} minuti {told}" in said
    assert (italian_of_known(declared) or "") in said
    assert "<svg" in page(milano_server, f"{level}/{area}", category=code)


@pytest.mark.shared
def test_a_printed_report_is_a_few_pages_that_say_which_they_are(milano_server):
    answer = milano_server.client.get("/rete/zona/nil/20.pdf?category=scuola_infanzia")
    assert answer.headers["content-type"] == "application/pdf"
    pages = read(answer.content)
    assert 2 <= len(pages) <= 5
    for number, text in enumerate(pages, 1):
        assert f"pagina {number} di {len(pages)}" in text
    assert "Loreto - Casoretto - Nolo" in pages[0]
    assert "Fonti:" in pages[-1]


def test_people_set_apart_in_institutions_are_told(pack: Path, tmp_path: Path):
    box = shapely.box(EAST - 500, NORTH - 500, EAST + 500, NORTH + 500)
    sections = gpd.GeoDataFrame(
        {
            "area_id": ["1", "360"],  # the second is on the list of Milano's file
            "residents": [100.0, 32.0],
            "families": [50.0, 11.0],
        },
        geometry=[box, translate(box, 1000)],
        crs=MILANO.epsg,
    ).to_crs(4326)
    layers = replace(square(), sections=sections)
    drawn_city(tmp_path / "editions", [service(0, "a")], layers=layers)
    with serving(tmp_path, pack, tmp_path / "report.log") as server:
        said = words_of(page(server, "nil/1", category="nido"))
    assert (
        "circa 30 residenti, comprese circa 10 famiglie che il censimento conta lì, in 1 sezione"
        " contata a parte. Non sono domanda di famiglie, né fra i residenti di quest'area."
        " Sezioni non confermate da una persona: 1 su 1." in said
    )


def test_residents_of_a_city_say_where_those_live_who_are_in_no_area(pack: Path, tmp_path: Path):
    box = shapely.box(EAST - 500, NORTH - 500, EAST + 500, NORTH + 500)
    sections = gpd.GeoDataFrame(
        {
            # Two institutions, and who has no real address.
            "area_id": ["1", "360", "2842", MILANO.fictitious_sections[0]],
            "residents": [100.0, 32.0, 21.0, 17.0],
            "families": [50.0, 14.0, 4.0, 17.0],
        },
        geometry=[translate(box, east) for east in (0, 1000, 2000, 3000)],
        crs=MILANO.epsg,
    ).to_crs(4326)
    drawn_city(
        tmp_path / "editions", [service(0, "a")], layers=replace(square(), sections=sections)
    )
    with serving(tmp_path, pack, tmp_path / "report.log") as server:
        city, quarter = (words_of(page(server, area, category="nido")) for area in AREAS[::-1])
    assert (
        "Di 170 residenti, 100 sono nelle aree (solo per loro si misurano i servizi), circa 50"
        " in istituti, 17 senza un indirizzo reale. Aree e istituti sono arrotondati a 5" in city
    )
    # Of the fewer than five nothing is told, and 14 are published as 15, which may be 13.
    assert "comprese almeno 10 famiglie" in city
    assert "senza un indirizzo reale" not in quarter


def test_paper_says_what_the_page_says(server):
    printed = " ".join(read(server.client.get("/rete/zona/nil/1.pdf?category=nido").content))
    for heading in ("In breve", "La carta", "I numeri", "I servizi", "Come si leggono"):
        assert heading in printed
    assert HOSTILE in printed


def test_people_of_a_class_are_about_so_many_below_the_city(server):
    quarter, city = (words_of(page(server, area, category="nido")) for area in AREAS)
    assert re.search(r"% circa \d", quarter)
    assert "Le persone sono «circa»" in quarter
    assert "circa" not in city.partition("Quante persone, per classe")[2].partition("Che entro")[0]


def test_hostile_names_are_text(server):
    text = page(server, "nil/1", category="nido")
    assert HOSTILE not in text
    assert html.escape(HOSTILE) in text


def test_children_are_told_rounded_and_never_by_section(server):
    text = words_of(page(server, "nil/1", category="nido"))
    (demand,) = re.findall(r"riguarda ([\d.]+) bambini", text)
    assert int(demand.replace(".", "")) % 5 == 0
    assert "Ogni tessera è una sezione" in text
    assert "Le zone di quest'area" not in text


def test_a_list_that_is_not_complete_is_said_before_any_number_of_lack(server):
    said = words_of(page(server, "municipality/015146", category="nido"))
    assert "non si può dire che manchino" in said
    assert "Ne conosciamo 2 (fonte" in said or "Ne conosciamo 2." in said
    assert "se ne conoscono circa" not in said
    shown = words_of(server.client.get("/rete?lang=it&category=nido&level=nil").text)
    told = said[said.index("L'elenco di questi servizi") : said.index(" Ne conosciamo 2")]
    assert told in shown


def test_the_situation_that_is_asked_is_the_one_told(server):
    said = words_of(page(server, "nil/1", category="nido", profile="stroller"))
    assert "· passeggino" in said
    rows = server.get("/v1/coverage?category=nido&level=nil&profile=stroller")["results"]
    assert f"{whole_minutes(rows[0]['seconds'])} min a piedi" in said


@pytest.mark.parametrize(
    ("area", "asked", "status", "said"),
    [
        ("nil/99", {}, 404, "Non conosciamo quest'area"),
        ("section/1", {}, 404, "Non conosciamo quest'area"),
        (f"nil/{HOSTILE}", {}, 404, "Non conosciamo quest'area"),
        ("nil/1", {"category": HOSTILE}, 404, "Non conosciamo questa categoria"),
        ("nil/1", {"category": "antiviolenza"}, 422, "la categoria è riservata"),
        ("nil/1", {"profile": "volo"}, 422, "non è calcolata"),
        ("nil/1", {"profile": "stroller", "requirement": "free"}, 422, "non è calcolata"),
    ],
)
def test_a_report_that_cannot_be_is_a_page_or_a_problem(server, area, asked, status, said):
    shown = server.client.get(f"/rete/zona/{area}.html", params={**asked, "lang": "it"})
    assert shown.status_code == status
    assert said in html.unescape(shown.text)
    assert HOSTILE not in shown.text
    printed = server.client.get(f"/rete/zona/{area}.pdf", params=asked)
    assert printed.status_code == status
    assert printed.headers["content-type"] == "application/problem+json"


def test_without_outlines_a_report_still_has_its_tables(pack_server):
    said = words_of(page(pack_server, "municipio/2", category="nido"))
    assert "Le zone di quest'area" in said
    assert "tempi sono stimati in linea d'aria" in said
