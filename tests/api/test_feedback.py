"""Reports over HTTP, on either store: kept, shown when borne out, settled, about nobody."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.reports import Reports
from tests.api.conftest import Server, serving
from tests.conftest import Cli

CANARY = "Sentinella Segretissima 977"
HOSTILE = "</textarea><script>alert(1)</script>"
SERVICE = "schede_qubi:F049"
FORM = f"/segnala/{SERVICE}"
PAGE = f"/servizi/{SERVICE}"
WAITING = "Segnalato, in attesa di verifica"


@pytest.fixture
def var(pack_var: Path, tmp_path: Path) -> Path:
    """The pack's edition with a catalogue of its own."""
    shutil.copytree(pack_var / "editions", tmp_path / "var" / "editions")
    return tmp_path / "var"


@pytest.fixture
def server(var: Path, pack: Path, store: str, tmp_path: Path) -> Iterator[Server]:
    Catalogue.open(store).close()
    with serving(var, pack, tmp_path / "server.log", PROSSIMA_DATABASE_URL=store) as server:
        yield server


def test_a_page_says_what_was_confirmed_until_it_is_settled(
    server: Server, store: str, cli: Cli
) -> None:
    assert WAITING not in server.client.get(PAGE).text
    sent = server.client.post(f"{FORM}?lang=it", data={"kind": "full", "text": CANARY})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{FORM}?grazie=1&lang=it")
    assert "Grazie" in server.client.get(sent.headers["location"]).text
    assert WAITING not in server.client.get(PAGE).text
    listed = cli("reports", "list", "--json", var=server.var, PROSSIMA_DATABASE_URL=store)
    (report,) = json.loads(listed.stdout)
    assert (report["service_id"], report["kind"], report["said"]) == (SERVICE, "full", CANARY)
    confirming = ["reports", "confirm", str(report["report_id"]), "--actor", "anna"]
    assert cli(*confirming, var=server.var, PROSSIMA_DATABASE_URL=store).returncode == 0
    assert "senza posto" in server.client.get(PAGE).text
    settling = ["reports", "settle", str(report["report_id"]), "--outcome"]
    database = {"PROSSIMA_DATABASE_URL": store}
    assert cli(*settling, "bene", var=server.var, **database).returncode == 2
    assert cli(*settling, "mended", "--actor", "anna", var=server.var, **database).returncode == 0
    assert WAITING not in server.client.get(PAGE).text
    assert cli("reports", "list", var=server.var, **database).stdout == ""
    assert cli(*settling, "mended", var=server.var, **database).returncode == 2
    assert CANARY not in server.log.read_text()
    assert "/segnala/" not in server.log.read_text()


@pytest.fixture
def local(var: Path, pack: Path, tmp_path: Path) -> Iterator[Server]:
    Catalogue.open(f"sqlite:///{var / 'catalogue.sqlite'}").close()
    with serving(var, pack, tmp_path / "server.log") as server:
        yield server


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Scegli che cosa è successo"),
        ({"kind": HOSTILE}, "Scegli che cosa è successo"),
        ({"kind": "other", "text": "a" * 501}, "al massimo 500 lettere"),
        ({"kind": "other", "text": f"{HOSTILE} RSSMRA85T10A562S"}, "codice fiscale"),
    ],
)
def test_a_report_that_cannot_be_kept_says_why_and_loses_no_word(pack_server, typed, said) -> None:
    answer = pack_server.client.post(FORM, data=typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert answer.text.count('role="alert"') == 1
    assert "<script>alert" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert f'value="{typed.get("kind")}" required checked' in answer.text or "other" not in typed


def test_who_writes_is_known_to_no_file(local: Server) -> None:
    """A program fills in what people do not see: thanked, and not kept."""
    trapped = {"kind": "closed", "text": CANARY, "website": "https://spam.example"}
    assert local.client.post(FORM, data=trapped).status_code == 303
    local.client.post(FORM, data={"kind": "closed", "text": "nuova via Disegnata 7"})
    bad = local.client.post(FORM, data={"kind": "", "text": CANARY})
    assert CANARY in bad.text
    held = [path for path in local.var.rglob("*") if path.is_file()]
    assert not [path for path in [*held, local.log] if CANARY.encode() in path.read_bytes()]
    keepers = {path.name for path in held if b"Disegnata 7" in path.read_bytes()}
    assert keepers
    assert all(name.startswith("catalogue.sqlite") for name in keepers)
    assert not [path for path in keepers if b"127.0.0.1" in (local.var / path).read_bytes()]


def test_a_flood_is_held_back_and_nobody_loses_what_they_wrote(local: Server) -> None:
    sent = [local.client.post(FORM, data={"kind": "no_answer"}).status_code for _ in range(5)]
    late = local.client.post(FORM, data={"kind": "no_answer", "text": "ieri alle dieci"})
    assert sent == [303] * 5
    assert late.status_code == 429
    assert 0 < int(late.headers["retry-after"]) <= 120
    assert "ieri alle dieci" in late.text
    assert WAITING not in local.client.get(PAGE).text
    with Reports.open(f"sqlite:///{local.var / 'catalogue.sqlite'}") as reports:
        assert [report.repeated for report in reports.waiting()] == [False, *[True] * 4]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "null"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
    ],
)
def test_what_another_site_sends_in_a_persons_name_is_not_kept(
    local: Server, headers: dict[str, str], status: int
) -> None:
    sent = local.client.post(FORM, data={"kind": "moved", "text": "ieri"}, headers=headers)
    assert sent.status_code == status
    with Reports.open(f"sqlite:///{local.var / 'catalogue.sqlite'}") as reports:
        assert len(reports.waiting()) == (status == 303)
    assert status == 303 or ("ieri" in sent.text and "da un altro sito" in sent.text)
    own = local.client.base_url.copy_with(path="/")
    mine = {"Origin": str(own).rstrip("/")}
    assert local.client.post(FORM, data={"kind": "full"}, headers=mine).status_code == 303


def test_pages_go_on_without_a_catalogue(var: Path, pack: Path, tmp_path: Path) -> None:
    away = "postgresql+psycopg://nobody@127.0.0.1:9/none?connect_timeout=2"
    with serving(var, pack, tmp_path / "away.log", PROSSIMA_DATABASE_URL=away) as server:
        assert server.client.get(PAGE).status_code == 200
        assert server.client.get("/servizi/mai").status_code == 404
        refused = server.client.post(FORM, data={"kind": "moved", "text": CANARY})
        assert refused.status_code == 503
        assert CANARY in refused.text
        assert CANARY not in server.log.read_text()
        assert server.nearest({"lon": 9.19, "lat": 45.4642})["results"]
    with serving(var, pack, tmp_path / "none.log") as server:
        assert server.client.post(FORM, data={"kind": "moved"}).status_code == 503
        assert not (var / "catalogue.sqlite").exists()
