"""What the world reads is the same with and without the confidential records."""

import asyncio
import json
import re
import stat
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.settings import Settings
from mapping.catalogue.catalogue import Catalogue
from mapping.disclosure import is_confidential
from mapping.edition.withheld import digest_of
from mapping.leaks.confidential_records import ConfidentialRecords, confidential_records
from mapping.leaks.decoded_part import text_content
from mapping.leaks.file_content import contents
from mapping.leaks.leak_scan import told_by
from mapping.leaks.public_ground import PublicGround
from tests.leaks.conftest import Built, Run
from tests.leaks.drawn_sources import SECRET_TEXTS

NOTHING = PublicGround.of([])


@pytest.fixture(scope="module")
def records(with_secrets: Built) -> ConfidentialRecords:
    with Catalogue.open(f"sqlite:///{with_secrets.var / 'catalogue.sqlite'}") as catalogue:
        services = catalogue.current()
    assert sum(map(is_confidential, services)) == 14
    return confidential_records(services, 32632)


def test_every_file_is_the_same_byte_for_byte(with_secrets: Built, without_secrets: Built) -> None:
    one, other = with_secrets.edition, without_secrets.edition
    assert {"network.arrow", "addresses.arrow", "areas.pmtiles"} <= {
        f.name for f in one.manifest.files
    }
    for file in one.manifest.files:
        assert (one.path / file.name).read_bytes() == (other.path / file.name).read_bytes()
    assert one.manifest.files == other.manifest.files
    differing = {"id", "created_at", "sources"}  # the id has the second of its making
    assert one.id.rpartition("-")[2] == other.id.rpartition("-")[2]
    assert one.manifest.model_dump(exclude=differing) == other.manifest.model_dump(
        exclude=differing
    )
    for mine, theirs in zip(one.manifest.sources, other.manifest.sources, strict=True):
        assert mine.model_dump(exclude={"retrieved"}) == theirs.model_dump(exclude={"retrieved"})


def test_a_service_without_an_address_says_the_number_that_it_would_say(
    with_secrets: Built, without_secrets: Built
) -> None:
    """The number of a confidential place is not said, and no other is left out for it."""
    near = [
        dict(zip(*(rows[name].to_pylist() for name in ("name", "near_address")), strict=True))
        for rows in (with_secrets.edition.services, without_secrets.edition.services)
    ]
    assert near[0] == near[1]
    assert near[0]["Ascolto Punto"] == "Via Lariana 9"


def test_no_file_and_nothing_printed_tells_of_them(
    with_secrets: Built, records: ConfidentialRecords
) -> None:
    for path in sorted(with_secrets.edition.path.iterdir()):
        for part in contents(path):
            assert not list(told_by(part, records, NOTHING, 50)), path.name
    assert not list(told_by(text_content(with_secrets.printed), records, NOTHING, 50))
    assert not [text for text in SECRET_TEXTS if text in with_secrets.printed]


@pytest.mark.parametrize("kind", ["gpkg", "geojson", "csv"])
def test_no_export_tells_of_them(
    with_secrets: Built, records: ConfidentialRecords, run: Run, tmp_path: Path, kind: str
) -> None:
    code, printed = run(
        "export", kind, "--out", str(tmp_path), var=with_secrets.var, config=with_secrets.config
    )
    assert code == 0, printed
    written = sorted(tmp_path.iterdir())
    assert written
    for path in written:
        for part in contents(path):
            assert not list(told_by(part, records, NOTHING, 50)), path.name


def test_no_route_and_no_log_tells_of_them(
    with_secrets: Built,
    records: ConfidentialRecords,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("PROSSIMA_VAR", str(with_secrets.var))
    monkeypatch.setenv("PROSSIMA_CONFIG", str(with_secrets.config))
    answers = asyncio.run(_answers())
    assert len(answers) > 20
    for address, (status, text) in answers.items():
        assert status < 500, address
        assert not list(told_by(text_content(text), records, NOTHING, 50)), address
    shown = [address for address, (status, _) in answers.items() if status == 200]
    assert {"/", "/servizi", "/rete", "/v1/services", "/sitemap.xml"} <= set(shown)
    assert "031 000111" in answers["/v1/categories"][1]
    assert not [text for text in SECRET_TEXTS if text in caplog.text]


async def _answers() -> dict[str, tuple[int, str]]:
    app = create_app(Settings())
    server = httpx.ASGITransport(app)
    found = {}
    async with httpx.AsyncClient(transport=server, base_url="http://localhost") as client:
        plan = (await client.get("/openapi.json")).json()
        paths = [
            path for path, verbs in plan["paths"].items() if "get" in verbs and "{" not in path
        ]
        pages = ["/", "/servizi", "/rete", "/embed", "/sitemap.xml", "/ready", "/health"]
        more = ["/rete?category=centro_ascolto", "/rete?category=antiviolenza"]
        more += ["/servizi/sportelli:3", "/v1/services/sportelli:3", "/v1/services?limit=1000"]
        more += [f"/v1/services/sportelli:{key}" for key in (20, 21, 22)]
        for address in dict.fromkeys([*pages, *paths, *more]):
            answer = await client.get(address)
            found[address] = answer.status_code, answer.text
        for words in ("via Lariana 9", "via Lariana 13", "via Segreta 185", "Aurora"):
            answer = await client.post("/v1/geocode", json={"address": words})
            found[f"geocode {words}"] = answer.status_code, answer.text.replace(words, "")
    return found


def test_the_report_of_a_build_counts_none_of_them_and_names_no_column_of_theirs(
    with_secrets: Built, without_secrets: Built
) -> None:
    reports = [
        re.sub(r"(?m)^\d\d:\d\d:\d\d |.*privacy.*\n", "", built.report).replace(
            built.edition.id, ""
        )
        for built in (with_secrets, without_secrets)
    ]
    assert "sportelli" in reports[0]
    assert reports[0] == reports[1]


def test_the_list_of_what_is_hidden_names_none_that_was_never_shown(
    with_secrets: Built, without_secrets: Built, run: Run
) -> None:
    lists = [built.var / "editions" / "withheld.json" for built in (with_secrets, without_secrets)]
    assert [path.read_text() for path in lists] == ["[]", "[]"]
    where = {"var": with_secrets.var, "config": with_secrets.config}
    assert run("editions", "withhold", **where)[0] == 0
    assert lists[0].read_text() == "[]"


def test_no_hash_of_an_id_is_printed_that_would_confirm_a_guess(with_secrets: Built) -> None:
    with Catalogue.open(f"sqlite:///{with_secrets.var / 'catalogue.sqlite'}") as catalogue:
        ids = [service.service_id for service in catalogue.known()]
    assert not [one for one in ids if digest_of(one)[:8] in with_secrets.printed]


def test_what_holds_them_is_for_its_owner_alone(with_secrets: Built) -> None:
    files = sorted(with_secrets.var.glob("catalogue.sqlite*"))
    files += with_secrets.var.glob("editions/withheld.json")
    assert files
    assert [stat.S_IMODE(path.stat().st_mode) & 0o077 for path in files] == [0] * len(files)


def test_no_line_of_them_is_listed_but_to_the_owner_of_the_data(
    with_secrets: Built, run: Run
) -> None:
    where = {"var": with_secrets.var, "config": with_secrets.config}
    _, listed = run("quarantine", "list", "--source", "sportelli", **where)
    assert "sportelli:(confidential)" in listed
    assert not re.search(r"sportelli:\d", listed)
    _, full = run("quarantine", "list", "--source", "sportelli", "--show-confidential", **where)
    assert re.search(r"sportelli:\d", full)


def test_the_workbook_of_rows_to_mend_says_nothing_of_them(with_secrets: Built) -> None:
    (path,) = with_secrets.var.parent.glob("foglio-da-correggere*.xlsx")
    said = " ".join(text for part in contents(path) for text in part.texts)
    assert "luogo" in said
    assert not [text for text in SECRET_TEXTS if text in said]


def test_the_owner_of_the_data_sees_them_and_decides(with_secrets: Built, run: Run) -> None:
    where = {"var": with_secrets.var, "config": with_secrets.config}
    _, printed = run("review", "list", "--json", "--show-confidential", **where)
    suspected = {one["name"] for one in json.loads(printed)["suspected"]}
    assert suspected == {
        "Casa rifugio Brina", "Casa rifugio Edera", "Edera due", "Ninfea", "Libellula", "Mirtillo",
        "Ortensia", "Ortensia due", "Ortensia tre", "Ortensia quattro",
    }  # fmt: skip
    _, printed = run("review", "list", "--json", **where)
    handle = json.loads(printed)["suspected"][0]["service_id"]
    code, printed = run("review", "hide", handle, "--actor", "anna", **where)
    assert code == 0, printed
