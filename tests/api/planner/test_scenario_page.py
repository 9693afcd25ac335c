"""The page of scenarios on a drawn city: one street, one nido, what more of them would do."""

import html
import json
import re
import unicodedata
from pathlib import Path

import httpx
import pytest

from api.i18n.language import words
from api.planner.scenario_editor import refusal
from mapping.errors import BusyError
from tests.api.conftest import Server, serving
from tests.mapping.siting.test_answers import drawn, nido
from tests.mapping.test_build import place

HOSTILE = "<img src=x onerror=alert(1)>"
LON, LAT = place(2400)
ADD = {"do": "add", "lon": LON, "lat": LAT, "places": 40}
PAGE = "/rete/scenario?lang=it&category=nido"


@pytest.fixture(scope="module")
def var(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("scenario")
    desk = nido("sportello", 500).model_copy(update={"categories": ("access_point",)})
    drawn(folder / "editions", nido("ovest", 0, capacity=30), nido(HOSTILE, 300), desk)
    return folder


@pytest.fixture(scope="module")
def server(var: Path, pack: Path, tmp_path_factory):
    with serving(var, pack, tmp_path_factory.mktemp("log") / "scenario.log") as running:
        yield running


def scenario(*changes: dict, **asked: object) -> str:
    return json.dumps({"category": "nido", "changes": list(changes), **asked})


def weighed(server: Server, text: str, part: str = "&part=answer") -> httpx.Response:
    return server.client.post(PAGE + part, data={"scenario": text})


def problem(answer: httpx.Response) -> str:
    found = re.search(r'class="problem" role="alert">\s*<p>(.*?)</p>', answer.text, re.DOTALL)
    assert found, answer.text[:300]
    return html.unescape(found[1])


def test_the_page_tells_what_the_interface_tells(server: Server) -> None:
    said = server.client.post("/v1/scenario", json=json.loads(scenario(ADD))).json()
    answer = weighed(server, scenario(ADD))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert said["words"] in html.unescape(answer.text)
    assert said["cost"] == {
        "opened": 1, "closed": 0, "moved": 0,
        "places_added": 40, "places_removed": 0, "places_unknown": 0,
    }  # fmt: skip
    assert "40 in più, 0 in meno" in answer.text


def test_the_page_says_where_a_change_was_computed(server: Server) -> None:
    aside = {**ADD, "lon": place(2330)[0]}
    said = server.client.post("/v1/scenario", json=json.loads(scenario(aside))).json()
    (made,) = said["changes"]
    assert made["snapped_metres"] > 1
    assert made["words"] in html.unescape(weighed(server, scenario(aside)).text)


def test_where_nobody_has_declared_whom_it_is_for_nobody_is_counted(server: Server) -> None:
    shown = server.client.get("/rete/scenario?lang=it&category=access_point").text
    assert "A chi è rivolto questo servizio non è dichiarato" in html.unescape(shown)
    answer = weighed(server, scenario(ADD, category="access_point"))
    assert answer.status_code == 422
    assert problem(answer).startswith("A chi è rivolto questo servizio non è dichiarato")
    refused = server.client.get("/v1/closures?category=access_point")
    assert refused.status_code == 422
    assert "whom 'access_point' is for" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("code", "letters", "unit"),
    [
        ("it", "LATIN", "bambini di 3-36 mesi"),
        ("en", "LATIN", "children aged 3\u201336 months"),
        ("ar", "ARABIC", "أطفال من 3 إلى 36 شهرًا"),
    ],
)
def test_a_plan_is_told_in_the_language_of_the_reader(
    server: Server, code: str, letters: str, unit: str
) -> None:
    accepted = {"Accept-Language": code}
    asked = {"category": "nido", "count": 2}
    sites = server.client.post("/v1/siting", json=asked, headers=accepted)
    change = server.client.post("/v1/scenario", json=json.loads(scenario(ADD)), headers=accepted)
    closures = server.client.get("/v1/closures?category=nido", headers=accepted)
    for answer in (sites, change, closures):
        assert answer.headers["Content-Language"] == code
        assert "Accept-Language" in answer.headers["Vary"]
        said = answer.json()
        assert (said["unit"], said["weight"]) == (unit, "people")
        texts = [said.get("words", unit), *(one["text"] for one in said["warnings"])]
        texts += [one["words"] for one in said.get("sites", ())]
        for text in texts:
            assert any(letters in unicodedata.name(sign, "") for sign in text), text
            assert (" non " in text) <= (code == "it"), text
    page = server.client.post(f"{PAGE.replace('lang=it', f'lang={code}')}&part=answer",
                              data={"scenario": scenario(ADD)})  # fmt: skip
    assert change.json()["words"] in html.unescape(page.text)


def test_a_file_goes_on_in_the_editor_under_the_ids_of_the_edition(server: Server) -> None:
    file = scenario({"do": "close", "service_id": "prova:ovest"}, ADD, minutes=10).encode()
    answer = server.client.post(PAGE, files={"file": ("s.json", file, "application/json")})
    data = re.search(r'id="scenario-data">(.*?)</script>', answer.text, re.DOTALL)
    held = json.loads(data[1])["scenario"]
    assert held["minutes"] == 10
    assert [one["service_id"] for one in held["changes"]] == [
        "prova:ovest|prova:ovest@1", "nuovo:2",
    ]  # fmt: skip
    assert 'class="verdict"' in answer.text


def test_sites_are_proposed_with_their_reasons(server: Server) -> None:
    asked = {"category": "nido", "count": "2", "places": ""}
    answer = server.client.post("/rete/scenario/sedi?part=sites&lang=it", data=asked)
    assert "Sede lontana" in answer.text
    assert "bambini in più entro 15 minuti a piedi" in answer.text


def test_hostile_names_are_text(server: Server) -> None:
    answer = server.client.get(PAGE)
    assert HOSTILE not in answer.text
    assert html.escape(HOSTILE) in answer.text


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("", 422, "non è scritto in JSON"),
        ("[" * 5000, 422, "non è scritto in JSON"),
        (scenario(), 422, "Servono da 1 a 100 modifiche"),
        (scenario(*[ADD] * 101), 422, "Servono da 1 a 100 modifiche"),
        (scenario(ADD, {"do": HOSTILE}), 422, "La modifica 2 non va: controlla «do»"),
        (scenario(ADD, **{HOSTILE: 1}), 422, f"Il valore di «{HOSTILE}» non è ammesso"),
        (scenario(ADD, category=HOSTILE), 404, "Non conosciamo questa categoria"),
        (scenario(ADD, category="antiviolenza"), 422, "il conto non si può fare"),
        (scenario({"do": "close", "service_id": HOSTILE}), 404, "un servizio che in questa"),
        (scenario({**ADD, "lon": 9.9}), 422, "fuori dalla città"),
        (scenario({**ADD, "lon": 45.0, "lat": 9.0}), 422, "fuori dall'Italia"),
        (scenario({**ADD, "places": -1}), 422, "La modifica 1 non va: controlla «places»"),
    ],
    ids=map(str, range(12)),
)
@pytest.mark.parametrize("part", ["", "&part=answer"])
def test_what_cannot_be_is_told_in_a_sentence(
    server: Server, text: str, status: int, said: str, part: str
) -> None:
    answer = weighed(server, text, part)
    assert answer.status_code == status
    assert said in problem(answer)
    assert HOSTILE not in answer.text


def test_a_proposal_that_cannot_be_is_told_in_a_sentence(server: Server) -> None:
    for asked in ({}, {"category": "nido", "count": "0"}, {"category": "nido", "places": "9"}):
        answer = server.client.post("/rete/scenario/sedi?lang=it", data=asked)
        assert answer.status_code == 422
        assert problem(answer)


def test_a_category_that_is_not_known_leaves_a_page_to_go_on_from(server: Server) -> None:
    answer = server.client.get("/rete/scenario?lang=it&category=nidi")
    assert answer.status_code == 404
    assert "Non conosciamo questa categoria" in problem(answer)
    assert 'id="scenario-category"' in answer.text


def test_nothing_that_is_sent_is_kept(server: Server, var: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in var.rglob("*")}
    weighed(server, scenario({**ADD, "service_id": "nuovo:sentinella"}))
    assert {path: path.stat().st_mtime_ns for path in var.rglob("*")} == before
    assert "sentinella" not in server.log.read_text()


@pytest.mark.parametrize(("error", "text"), [(BusyError(), "riprova"), (MemoryError(), "grande")])
def test_a_plan_that_cannot_be_made_now_is_told(error: Exception, text: str) -> None:
    told = refusal(error, words("it"))
    assert (told.status, text in told.text) == (503, True)


def test_without_streets_the_page_says_what_is_missing(pack_server: Server) -> None:
    answer = pack_server.client.get(PAGE)
    assert answer.status_code == 200
    assert "servono le strade e i residenti" in answer.text
