"""Of a list that is not complete no surface says anything that sounds like an absence."""

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from api.exports import export
from mapping.edition.edition import Edition, current
from mapping.tables import WHOLE_LIST_CLASSES
from tests.api.conftest import Server, serving
from tests.mapping.siting.test_answers import drawn, nido

ABSENCES = [f"share_{name}" for name in WHOLE_LIST_CLASSES]
KNOWN = "di quelli che conosciamo (2, da verificare 1)"
UNTOLD = "non si può dire"


@pytest.fixture(scope="module")
def server(pack: Path, tmp_path_factory) -> Iterator[Server]:
    var = tmp_path_factory.mktemp("partial")
    # The list of nidi is partial, that of pharmacies complete.
    pharmacy = nido("b", 1500).model_copy(update={"categories": ("farmacia",)})
    drawn(var / "editions", nido("a", 1500), nido("old", 2500, assured="2019"), pharmacy)
    with serving(var, pack, tmp_path_factory.mktemp("log") / "partial.log") as running:
        yield running


def read(server: Server, address: str) -> str:
    answer = server.client.get(address, headers={"accept-language": "it"})
    assert answer.status_code == 200, answer.text[:300]
    return re.sub(r"\s+", " ", unescape(answer.text))


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\N{BYTE ORDER MARK}"))))


def test_files_and_answers_have_no_share_of_an_absence(server: Server, tmp_path: Path) -> None:
    for code, is_told in (("nido", False), ("farmacia", True)):
        (row,) = server.get(f"/v1/coverage?category={code}&level=municipality")["results"]
        assert [row[name] is not None for name in ABSENCES] == [is_told] * 4
        asked = f"category={code}&level=municipio&indicator=share_far"
        (line,) = table(server.client.get(f"/rete.csv?{asked}").text)
        assert (line["value"] != "") == is_told
    export(Edition.open(current(server.var / "editions")), "csv", tmp_path)
    rows = [
        row
        for row in table((tmp_path / "coverage.csv").read_text(encoding="utf-8"))
        if row["level"] == "municipality"
    ]
    told = {row["category"]: (row["completeness"], row["known"], row["share_far"]) for row in rows}
    assert told["nido"] == ("partial", "2", "")
    assert {row["category"]: row["to_verify"] for row in rows} == {"nido": "1", "farmacia": "0"}
    assert told["farmacia"][:2] == ("complete", "1")
    assert float(told["farmacia"][2]) >= 0


def test_pages_maps_paper_and_commands_say_of_which_services_figures_are(
    server: Server, cli
) -> None:
    asked = "category=nido&level=municipio"
    far = read(server, f"/rete?{asked}&indicator=share_far")
    assert f"{UNTOLD}: l'elenco non è completo" in far
    page = read(server, f"/rete?{asked}&indicator=within&area=municipio:1")
    assert re.search(rf"entro 15 min, {re.escape(KNOWN)}: \d+%", page)
    usual = read(server, f"/rete?{asked}")
    assert f"minuti e quote: {KNOWN}" in usual
    assert "almeno" not in usual
    assert "Quante persone siano lontane non si può dire" in page
    report = read(server, "/rete/zona/municipio/1.html?category=nido")
    assert f"ha il servizio più vicino, {KNOWN}, a non più di" in report
    # Who has a fresh record near is a lower bound; who has any is none.
    assert re.search(r"vicina[^<]*</th><td>[^<]*</td><td class=\"n\">almeno \d+%", report)
    assert re.search(r">almeno \d+%</td><td class=\"n\">almeno [\d.]+</td>", report)
    assert not re.search(r"Entro \d+ minuti[^<]*</th><td class=\"n\">almeno", report)
    assert re.search(r"lontana</th><td>[^<]*</td><td class=\"n\">non si può dire</td>", report)
    folium = read(server, f"/maps/coverage.html?{asked}")
    assert f"lontana: {UNTOLD}" in folium
    assert f"in tutta la città), {KNOWN}" in folium
    printed = cli("coverage", "--category", "nido", "--level", "municipio", var=server.var).stdout
    assert f"Minuti e quote: {KNOWN}." in printed
    assert "almeno " not in printed
    assert "L'elenco di questi servizi non è completo" in printed


def test_of_a_complete_list_figures_stand_for_themselves(server: Server, cli) -> None:
    asked = "category=farmacia&level=municipio"
    texts = [
        read(server, f"/rete?{asked}&area=municipio:1"),
        read(server, "/rete/zona/municipio/1.html?category=farmacia"),
        read(server, f"/maps/coverage.html?{asked}"),
        cli("coverage", "--category", "farmacia", "--level", "municipio", var=server.var).stdout,
    ]
    assert not [text for text in texts if KNOWN in text or re.search(r"almeno \d+%", text)]
