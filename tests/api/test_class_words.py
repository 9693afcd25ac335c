"""The word of a class is the same wherever it is read: pages, maps, paper, programs, files."""

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from api.exports import export
from mapping.coverage.class_words import CLASS_LABELS, UNTOLD, class_key, class_label
from mapping.edition.edition import Edition, current
from mapping.model import Service
from mapping.tables import CLASSES
from mapping.taxonomy import categories
from tests.api.conftest import Server, serving
from tests.mapping.siting.test_answers import drawn, nido

ROOM = {"room_status": "accepts", "room_date": "2026-02-20", "residence_required": False}
ROOM_LONG_AGO = {"room_status": "accepts", "room_date": "2025-11-20"}
NOTICE = "C'è vicino: lo dice la classe. Può venire: non si sa. C'è posto: non si sa."
ASKED = "category=nido&level=nil"


def of_category(code: str, **said: object) -> Service:
    return nido(code, 1500).model_copy(update={"categories": (code,), **said})


@pytest.fixture(scope="module", params=["unknown", "old", "known"])
def told(request, pack: Path, tmp_path_factory) -> Iterator[tuple[str, Server]]:
    said: dict = {"unknown": {}, "old": ROOM_LONG_AGO, "known": ROOM}[request.param]
    var = tmp_path_factory.mktemp(f"words_{request.param}")
    services = (of_category("nido", **said), of_category("farmacia"), of_category("wemi"))
    drawn(var / "editions", *services)
    with serving(var, pack, tmp_path_factory.mktemp("log") / "words.log") as server:
        yield request.param, server


def read(server: Server, address: str) -> str:
    answer = server.client.get(address, headers={"accept-language": "it"})
    assert answer.status_code == 200, answer.text[:300]
    return unescape(answer.text)


def words_on_every_surface(server: Server, cli, code: str, out: Path) -> dict[str, str]:
    """Of each surface, the word of the class of the one NIL."""
    asked = f"category={code}&level=nil"
    page = read(server, f"/rete?{asked}&area=nil:1")
    report = read(server, f"/rete/zona/nil/1.html?category={code}")
    folium = read(server, f"/maps/coverage.html?{asked}")
    table = read(server, f"/rete.csv?{asked}").removeprefix("\N{BYTE ORDER MARK}")
    areas = server.get(f"/rete.geojson?{asked}")["features"]
    printed = cli("coverage", "--category", code, "--level", "nil", var=server.var).stdout
    export(Edition.open(current(server.var / "editions")), "csv", out)
    exported = csv.DictReader(io.StringIO((out / "coverage.csv").read_text(encoding="utf-8-sig")))
    (row,) = [row for row in exported if (row["level"], row["category"]) == ("nil", code)]
    return {
        "page": re.findall(r'<td class="kind"><span class="tag kind-served">([^<]+)<', page)[0],
        "sheet": re.findall(r'"verdict"><span class="tag kind-served">([^<]+)<', page)[0],
        "report": re.findall(r"La classe dell'area è <strong>([^<]+)<", report)[0],
        "folium": re.findall(r"<td>(servita|vicina)</td>", folium)[0],
        "api": server.get(f"/v1/coverage?{asked}")["results"][0]["class_label"],
        "csv": next(csv.DictReader(io.StringIO(table)))["class_label"],
        "geojson": areas[0]["properties"]["class_label"],
        "cli": re.findall(r"servita|vicina", printed)[0],
        "export": row["class_label"],
    }


def test_near_is_not_served_until_room_is_known_on_any_surface(told, cli, tmp_path) -> None:
    state, server = told
    words = words_on_every_surface(server, cli, "nido", tmp_path)
    assert set(words.values()) == {"servita" if state == "known" else "vicina"}, words


def test_who_receives_whoever_comes_serves_on_every_surface(told, cli, tmp_path) -> None:
    _, server = told
    words = words_on_every_surface(server, cli, "farmacia", tmp_path)
    assert set(words.values()) == {"servita"}, words


def test_legends_say_beside_near_that_places_and_waiting_are_not_known(told) -> None:
    state, server = told
    key = "servita" if state == "known" else "vicina (posti e attese: non si sa)"
    # The key of an image is broken over lines.
    image = re.sub(r"</?text[^>]*>", " ", read(server, f"/rete/mappa.svg?{ASKED}"))
    assert key in re.sub(r"\s+", " ", image)
    legend = read(server, f"/rete?{ASKED}").split('class="legend"', 1)[1].split("</table>", 1)[0]
    assert key in legend
    assert f"{key}: " in read(server, f"/maps/coverage.html?{ASKED}")
    assert f"{key}</span>" in read(server, "/rete/zona/nil/1.html?category=nido")


def test_what_nobody_knows_is_said_once_and_what_is_known_gets_two_columns(told, cli) -> None:
    state, server = told
    assert UNTOLD["columns"] == NOTICE
    pages = [
        read(server, f"/rete?{ASKED}"),
        read(server, f"/maps/coverage.html?{ASKED}"),
        read(server, "/rete/zona/nil/1.html?category=nido"),
        cli("coverage", "--category", "nido", "--level", "nil", var=server.var).stdout,
    ]
    answers = server.get(f"/v1/coverage?{ASKED}")["results"][0]
    if state == "known":
        assert [page.count(NOTICE) for page in pages] == [0] * 4
        assert "anche chi non è residente" in pages[0]
        assert (answers["may_come"], answers["has_room"]) == ("yes", "yes")
        assert answers["share_room"] == answers["share_may_come"] > 0
    else:
        assert [page.count(NOTICE) for page in pages] == [1] * 4
        assert (answers["may_come"], answers["has_room"]) == ("unknown", "unknown")
        assert answers["share_room"] is None
    assert not any(answers[f"share_{name}"] for name in ("no_room", "may_not_come"))


def test_where_whoever_comes_is_received_residence_and_room_stay_unknown(told, cli) -> None:
    _, server = told
    asked = "category=farmacia&level=nil"
    pages = [
        read(server, f"/rete?{asked}"),
        read(server, f"/maps/coverage.html?{asked}"),
        read(server, "/rete/zona/nil/1.html?category=farmacia"),
        cli("coverage", "--category", "farmacia", "--level", "nil", var=server.var).stdout,
    ]
    assert [page.count(UNTOLD["open"]) for page in pages] == [1] * 4
    assert "se servano la residenza o un appuntamento, non si sa" in UNTOLD["open"]
    assert UNTOLD["open"].endswith("C'è posto: non si sa.")
    assert not any(NOTICE in page for page in pages)


def test_a_report_says_whose_shares_are_where_nobody_declared_whom_it_is_for(told) -> None:
    _, server = told
    report = read(server, "/rete/zona/nil/1.html?category=wemi")
    assert "A chi è rivolto questo servizio non è dichiarato: i minuti e le quote" in report
    assert "non pubblicato</strong>" not in report
    assert "Il servizio riguarda <strong>" in read(server, "/rete/zona/nil/1.html?category=nido")


def test_every_class_has_its_word_and_every_category_declares_its_admission() -> None:
    assert tuple(CLASS_LABELS) == CLASSES
    assert [code for code, kind in categories().items() if kind.admission is None] == []


@pytest.mark.parametrize(
    ("room", "word", "key"),
    [
        (None, "vicina", "vicina (posti e attese: non si sa)"),
        ("unknown", "vicina", "vicina (posti e attese: non si sa)"),
        ("no", "vicina", "vicina (posti: al completo)"),
        ("waiting", "servita", "servita"),
        ("yes", "servita", "servita"),
    ],
)
def test_a_category_of_which_nobody_declared_it_is_taken_not_to_receive_all(room, word, key):
    for code in ("nido", "una_che_non_conosciamo"):
        assert (class_label("served", code, room), class_key("served", code, room)) == (word, key)
    assert class_label("served", "farmacia", room) == "servita"
    assert class_label("far", "nido", room) == "lontana"


def test_places_by_kind_are_told_of_areas_and_the_norm_of_the_whole_city_alone(told) -> None:
    _, server = told
    city = server.get("/v1/places?category=nido")
    assert city["known"] == 1
    silent = server.get("/v1/places?category=uonpia")
    assert (silent["known"], silent["results"][0]["services"]) == (0, 0)
    assert (city["norm"]["places_per_100"], "n. 234" in city["norm"]["source"]) == (33, True)
    assert [row["kind"] for row in city["results"]][:2] == ["all", "unknown"]
    assert server.get("/v1/places?category=nido&level=nil")["norm"] is None
    (norm,) = {server.get("/v1/places?category=doposcuola")["norm"]["places_per_100"]}
    assert norm is None
    (whole,) = server.get("/v1/areas/municipality")["results"]
    of_city = read(server, f"/rete/zona/municipality/{whole['area_id']}.html?category=nido")
    assert "non si sa, i posti sono noti per meno di un decimo" in of_city
    assert "La norma ne chiede 33" in of_city
    assert "La norma" not in read(server, "/rete/zona/nil/1.html?category=nido")
    of_pharmacies = f"/rete/zona/municipality/{whole['area_id']}.html?category=farmacia"
    assert "Nessuna norma pubblicata" in read(server, of_pharmacies)
