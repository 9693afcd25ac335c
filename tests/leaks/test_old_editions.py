"""What turns confidential disappears at once; old editions that hold it are named and removed."""

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from api.app import create_app
from api.jobs.build import publish_edition
from api.settings import Settings
from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.reports import Reports
from mapping.edition.edition import Edition, current
from tests.leaks.conftest import SHEET, Built, Run
from tests.leaks.drawn_sources import write_config
from tests.mapping.drawn_batches import batch, service

SHELTER = SHEET.replace("Centro di ascolto", "Centro antiviolenza")


@pytest.fixture
def where(without_secrets: Built, tmp_path: Path) -> dict[str, Path]:
    """Copy a city whose edition is published."""
    shutil.copytree(without_secrets.var, tmp_path / "var")
    return {"var": tmp_path / "var", "config": without_secrets.config}


def _build(run: Run, built: Built, where: dict[str, Path], *more: str) -> None:
    mirror = built.var.parent / "mirror"
    words = "build", "--offline", "--mirror", str(mirror), "--accept-loss", *more
    code, printed = run(*words, **where)
    assert code == 0, printed


async def _pages(*addresses: str) -> list[str]:
    server = httpx.ASGITransport(create_app(Settings()))
    async with httpx.AsyncClient(transport=server, base_url="http://localhost") as client:
        answers = [await client.get(address) for address in addresses]
    assert all(answer.status_code < 500 for answer in answers)
    return [answer.text for answer in answers]


def _shown(monkeypatch: pytest.MonkeyPatch, where: dict[str, Path]) -> str:
    monkeypatch.setenv("PROSSIMA_VAR", str(where["var"]))
    monkeypatch.setenv("PROSSIMA_CONFIG", str(where["config"]))
    asked = "/v1/services?limit=1000", "/servizi", "/sitemap.xml", "/embed", "/", "/v1/categories"
    return "\n".join(asyncio.run(_pages(*asked)))


@pytest.mark.parametrize("more", [(), pytest.param(("--add",), marks=pytest.mark.all)])
def test_a_record_imported_again_as_a_shelter_is_hidden_at_once(
    run: Run, tmp_path: Path, where, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    assert "Ascolto Piazza" in _shown(monkeypatch, where)
    sheet = tmp_path / "foglio.csv"
    sheet.write_text(SHELTER, encoding="utf-8")
    words = "import", str(sheet), "--source", "foglio_di_prova", "--yes", *more
    code, printed = run(*words, **where)
    assert code == 0, printed
    shown = _shown(monkeypatch, where)
    assert not [text for text in ("Ascolto Piazza", "031444444") if text in shown]
    assert "Ascolto Lago" in shown


def test_the_next_edition_is_without_it(
    run: Run, without_secrets: Built, where, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = next(
        row.service_id
        for row in without_secrets.edition.service_rows
        if row.name == "Ascolto Piazza"
    )
    code, printed = run("review", "hide", handle, **where)
    assert code == 0, printed
    assert "Ascolto Piazza" not in _shown(monkeypatch, where)
    _build(run, without_secrets, where)
    edition = Edition.open(current(where["var"] / "editions"))
    assert "Ascolto Piazza" not in {row.name for row in edition.service_rows}
    assert edition.hidden.recomputed == frozenset()


def _handle(built: Built, name: str) -> str:
    return next(row.service_id for row in built.edition.service_rows if row.name == name)


def test_a_new_catalogue_shows_nothing_again_that_a_person_hid(
    run: Run, without_secrets: Built, where, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = _handle(without_secrets, "Ascolto Piazza")
    assert run("review", "hide", handle, **where)[0] == 0
    for file in where["var"].glob("catalogue.sqlite*"):
        file.unlink()
    sheet = where["var"].parent / "foglio.csv"
    sheet.write_text(SHEET, encoding="utf-8")
    words = "import", str(sheet), "--source", "foglio_di_prova", "--yes"
    monkeypatch.setenv("PROSSIMA_BACKUP_PASSPHRASE", "una frase di prova")
    saved = sheet.with_name("copia")
    for refused in (("doctor",), ("build", "--offline"), words, ("backup", str(saved))):
        code, printed = run(*refused, **where)
        assert code == 2, printed
        assert "Restore it from a backup" in " ".join(printed.split()), printed
        assert not (where["var"] / "catalogue.sqlite").exists()
    assert not saved.exists()
    _build(run, without_secrets, where, "--new-catalogue", "--no-publish")
    assert run(*words, **where)[0] == 0
    _build(run, without_secrets, where)
    assert "Ascolto Piazza" not in _shown(monkeypatch, where)
    _, printed = run("doctor", **where)
    assert "1 records are hidden of which the catalogue does not tell why" in printed
    code, printed = run("editions", "withhold", **where)
    assert (code, "1 records are hidden" in printed) == (0, True), printed
    assert "Ascolto Piazza" not in _shown(monkeypatch, where)
    code, printed = run("editions", "withhold", "--anew", **where)
    assert (code, "0 records are hidden" in printed) == (0, True), printed
    assert "Ascolto Piazza" in _shown(monkeypatch, where)  # a person decided so


@pytest.mark.parametrize("kind", ["none", "empty", "of others"])
def test_what_is_hidden_stays_so_without_its_catalogue(
    run: Run,
    without_secrets: Built,
    where,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    assert run("review", "hide", _handle(without_secrets, "Ascolto Piazza"), **where)[0] == 0
    other = tmp_path / "other.sqlite"
    monkeypatch.setenv("PROSSIMA_DATABASE_URL", f"sqlite:///{other}")
    if kind != "none":
        with Catalogue.open(f"sqlite:///{other}") as catalogue:
            if kind == "of others":
                catalogue.record(batch(service("a")))
    listed = where["var"] / "editions" / "withheld.json"
    before = listed.read_bytes()
    (shown,) = json.loads(before)
    for words in (
        ("review", "list"),
        ("editions", "withhold"),
        ("editions", "withhold", "--anew"),
        ("editions", "prune"),
        ("editions", "use", without_secrets.edition.id),
    ):
        code, printed = run(*words, **where)
        assert code == 2, (words, printed)
        assert len(printed.strip().splitlines()) < 5, printed
    assert run("quarantine", "list", **where)[0] == (2 if kind == "none" else 0)
    assert (listed.read_bytes(), other.exists()) == (before, kind != "none")
    assert "Ascolto Piazza" not in _shown(monkeypatch, where)
    monkeypatch.delenv("PROSSIMA_DATABASE_URL")
    _, printed = run("review", "list", "--json", **where)
    assert not [one for one in json.loads(printed)["suspected"] if one["service_id"] in shown]


def test_a_report_of_what_has_become_confidential_names_it_no_more(
    run: Run, without_secrets: Built, where
) -> None:
    hidden = _handle(without_secrets, "Ascolto Piazza")
    with Reports.open(f"sqlite:///{where['var'] / 'catalogue.sqlite'}") as reports:
        reports.add(hidden, "moved", "ora in via Segreta 5")
        reports.add("sportelli:1", "full")
    assert run("review", "hide", hidden, **where)[0] == 0
    settle = "reports", "settle", "1", "2", "--outcome", "mended"
    for words in (("reports", "list"), ("reports", "list", "--json"), settle):
        code, printed = run(*words, **where)
        assert (code, "sportelli:1" in printed) == (0, True), printed
        assert not [text for text in (hidden, "Segreta") if text in printed]


def test_what_becomes_confidential_while_an_edition_is_made_is_hidden_from_it(
    run: Run, without_secrets: Built, where, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has published it, so the list does not name what only it shows."""
    root = where["var"] / "editions"
    made = without_secrets.edition.path.name
    (root / made).rename(root.parent / "made")
    (root / "current").unlink()
    assert run("review", "hide", _handle(without_secrets, "Ascolto Piazza"), **where)[0] == 0
    assert json.loads((root / "withheld.json").read_text()) == []
    (root.parent / "made").rename(root / made)
    monkeypatch.setenv("PROSSIMA_VAR", str(where["var"]))
    monkeypatch.setenv("PROSSIMA_CONFIG", str(where["config"]))
    publish_edition(Settings(city="valdilago"), Edition.open(root / made), accept_loss=False)
    assert len(json.loads((root / "withheld.json").read_text())) == 1
    assert "Ascolto Piazza" not in _shown(monkeypatch, where)


def test_to_hide_does_not_wait_for_a_list_that_is_lost(
    run: Run, without_secrets: Built, where, monkeypatch: pytest.MonkeyPatch
) -> None:
    (where["var"] / "editions" / "withheld.json").unlink()
    code, printed = run("review", "hide", _handle(without_secrets, "Ascolto Piazza"), **where)
    assert code == 0, printed
    shown = _shown(monkeypatch, where)
    assert "Ascolto Piazza" not in shown
    assert "Ascolto Lago" in shown


def test_an_overlay_that_hides_a_category_acts_on_the_published_edition(
    run: Run, without_secrets: Built, tmp_path: Path, where, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Ascolto Lago" in _shown(monkeypatch, where)
    stricter = write_config(tmp_path / "stricter")
    hidden = 'label = "Ascolto"\ngroup = "orientamento"\nconfidential = true\n'
    (stricter / "taxonomy.toml").write_text(f"[centro_ascolto]\n{hidden}", encoding="utf-8")
    where = {"var": where["var"], "config": stricter}
    assert "Ascolto Lago" not in _shown(monkeypatch, where)
    (old,) = (where["var"] / "editions").glob("*Z-*")
    code, printed = run("doctor", **where)
    assert code == 2
    assert old.name in printed
    _build(run, without_secrets, where)
    code, printed = run("editions", "use", old.name, **where)
    assert (code, "confidential today" in printed) == (2, True), printed
    code, printed = run("editions", "prune", **where)
    assert (code, f"{old.name} is removed." in printed) == (0, True), printed
    assert old.name not in run("doctor", **where)[1]


def test_a_damaged_edition_is_named_and_removed_as_one_that_nobody_can_search(
    run: Run, without_secrets: Built, where
) -> None:
    assert run("review", "hide", _handle(without_secrets, "Ascolto Piazza"), **where)[0] == 0
    editions = where["var"] / "editions"
    old = current(editions)
    _build(run, without_secrets, where)
    table = old / "coverage.parquet"
    table.chmod(0o600)
    table.write_bytes(table.read_bytes()[:-200])
    code, printed = run("doctor", **where)
    assert code == 2
    assert "Traceback" not in printed
    assert old.name in printed
    code, printed = run("editions", "use", old.name, **where)
    assert (code, "a file of it is damaged" in " ".join(printed.split())) == (2, True), printed
    code, printed = run("editions", "prune", **where)
    assert (code, f"{old.name} is removed" in printed) == (0, True), printed


def _truncated(folder: Path) -> None:
    with (folder / "services.parquet").open("r+b") as file:
        file.truncate(1000)


def _half_copied(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name > "premises.parquet":
            path.unlink()


@pytest.mark.parametrize("damage", [_truncated, _half_copied], ids=lambda damage: damage.__name__)
def test_a_damaged_edition_stops_neither_builds_nor_the_other_editions(
    run: Run, without_secrets: Built, where: dict[str, Path], damage: Callable[[Path], None]
) -> None:
    editions = where["var"] / "editions"
    sound = current(editions)
    newer = shutil.copytree(sound, editions / f"29991231T000000Z-{sound.name[-8:]}")
    pq.write_table(pa.table({"service_id": ["oltre:1"]}), newer / "outside.parquet")
    damage(newer)
    code, printed = run("editions", "list", **where)
    assert code == 0
    assert f"! {newer.name}" in printed
    assert f"* {sound.name}" in printed
    for words in (("editions", "use", sound.name), ("review", "list"), ("editions", "prune")):
        code, printed = run(*words, **where)
        assert code == 0, (words, printed)
    handle = _handle(without_secrets, "Ascolto Piazza")
    assert run("review", "hide", handle, **where)[0] == 0
    code, printed = run("editions", "prune", **where)
    assert (code, f"{newer.name} is removed" in printed) == (0, True), printed


@pytest.mark.parametrize("damage", [_truncated, _half_copied], ids=lambda damage: damage.__name__)
def test_a_build_beside_a_damaged_edition(
    run: Run, without_secrets: Built, where: dict[str, Path], damage: Callable[[Path], None]
) -> None:
    editions = where["var"] / "editions"
    sound = current(editions)
    newer = shutil.copytree(sound, editions / f"20991231T000000Z-{sound.name[-8:]}")
    pq.write_table(pa.table({"service_id": ["oltre:1"]}), newer / "outside.parquet")
    damage(newer)
    _build(run, without_secrets, where)
