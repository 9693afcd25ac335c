"""Confidential records at the door of public ones, or called as they are: editions go on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mapping.atomic_files import locked
from mapping.edition.edition import Edition, current
from mapping.edition.store import EditionStore
from tests.leaks.conftest import SHEET, Built, Run
from tests.leaks.drawn_sources import write_config, write_mirror

NEXT_DOOR = {
    "in the same building": "7,Aurora,Antiviolenza,via Lariana 1,9.2,45.6,031111111,,,,",
    "across the yard": "7,Aurora,Antiviolenza,via Segreta 185,9.20001,45.6003,029871234,,,,",
    "called as public ones": "7,Ascolto,Antiviolenza,via Segreta 185,9.2034,45.6031,029871234,,,,",
}


def _drawn(folder: Path, row: str) -> tuple[Path, Path]:
    mirror = write_mirror(folder / "mirror", secret=False)
    with (mirror / "sportelli.csv").open("a", encoding="utf-8") as file:
        file.write(f"{row}\n")
    return mirror, write_config(folder / "config")


def _built(folder: Path, run: Run, row: str) -> tuple[int, str, Path]:
    mirror, config = _drawn(folder, row)
    where = {"var": folder / "var", "config": config}
    sheet = folder / "foglio.csv"
    sheet.write_text(SHEET, encoding="utf-8")
    code, printed = run("import", str(sheet), "--source", "foglio_di_prova", "--yes", **where)
    assert code == 0, printed
    code, printed = run("build", "--offline", "--mirror", str(mirror), **where)
    return code, printed, folder / "var"


@pytest.mark.parametrize("row", NEXT_DOOR.values(), ids=NEXT_DOOR)
def test_an_edition_is_published_that_is_the_same_without_the_record(
    run: Run, tmp_path: Path, without_secrets: Built, row: str
) -> None:
    code, printed, var = _built(tmp_path, run, row)
    assert code == 0, printed
    edition = Edition.open(current(var / "editions"))
    assert edition.manifest.files == without_secrets.edition.manifest.files
    differing = {"id", "created_at", "sources"}
    assert edition.manifest.model_dump(exclude=differing) == (
        without_secrets.edition.manifest.model_dump(exclude=differing)
    )
    assert not any(path.is_dir() for path in (var / ".unsearched").iterdir())
    where = {"var": var, "config": var.parent / "config"}
    _, said = run("doctor", **where)
    assert "prune" not in said
    assert run("editions", "prune", **where)[0] == 0
    assert run("editions", "use", edition.id, **where)[0] == 0


def _environment(var: Path, config: Path) -> dict[str, str]:
    more = {"VAR": str(var), "CONFIG": str(config), "CITY": "valdilago", "MIRROR": ""}
    return {**os.environ, **{f"PROSSIMA_{name}": value for name, value in more.items()}}


@pytest.mark.parametrize("moment", ["maps: cutting", "searching", "building as if there were none"])
def test_a_build_that_is_killed_before_it_was_searched_leaves_no_edition(
    run: Run, tmp_path: Path, moment: str
) -> None:
    mirror, config = _drawn(tmp_path, NEXT_DOOR["in the same building"])
    var = tmp_path / "var"
    words = ["build", "--offline", "--mirror", str(mirror)]
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "api.cli", *words],
        env=_environment(var, config),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert any(moment in line for line in process.stdout or ())
        process.kill()
    assert list((var / "editions").glob("*Z-*")) == []
    (left,) = (path for path in (var / ".unsearched").iterdir() if path.is_dir())
    assert str(left) in run("doctor", var=var, config=config)[1]
    with locked(var / ".unsearched"):  # as a build that is at work does
        assert "A build was killed" not in run("doctor", var=var, config=config)[1]
        assert run("editions", "prune", var=var, config=config)[0] == 0
        assert left.exists()
    assert str(left) in run("editions", "prune", var=var, config=config)[1]
    assert not left.exists()
    assert run(*words, var=var, config=config)[0] == 0
    assert len(list((var / "editions").glob("*Z-*"))) == 1
    assert not any(path.is_dir() for path in (var / ".unsearched").iterdir())


def test_a_second_server_of_the_store_takes_such_an_edition_for_what_it_is(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has another folder, and the one catalogue: what was compared comes from the store."""
    monkeypatch.setenv("PROSSIMA_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("PROSSIMA_DATABASE_URL", f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    code, printed, var = _built(tmp_path, run, NEXT_DOOR["in the same building"])
    assert code == 0, printed
    edition_id = current(var / "editions").name
    root = tmp_path / "altrove" / "editions"
    assert EditionStore.open(str(tmp_path / "store")).bring(root) == edition_id
    where = {"var": root.parent, "config": tmp_path / "config"}
    _, said = run("doctor", **where)
    assert "no edition holds anything of a confidential record" in said
    for words in (("editions", "use", edition_id), ("editions", "prune")):
        code, printed = run(*words, **where)
        assert code == 0, printed
    assert (root / edition_id).is_dir()
    assert [path.name for path in (root / edition_id).glob("*.json")] == ["manifest.json"]


def test_such_an_edition_comes_back_from_a_backup(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROSSIMA_BACKUP_PASSPHRASE", "una frase di prova")
    code, printed, var = _built(tmp_path, run, NEXT_DOOR["in the same building"])
    assert code == 0, printed
    saved, config = str(tmp_path / "copia"), var.parent / "config"
    assert run("backup", saved, var=var, config=config)[0] == 0
    code, printed = run("restore", saved, var=tmp_path / "altrove", config=config)
    assert code == 0, printed
    assert current(tmp_path / "altrove" / "editions").name == current(var / "editions").name


GATES = {
    "addresses.arrow": ["ingest.locate.is_confidential"],
    "services.parquet": [
        "mapping.build.is_confidential", "mapping.services.service_table.any_confidential"
    ],
}  # fmt: skip
"""What keeps confidential records out of files."""


@pytest.mark.parametrize("file", GATES)
def test_a_copied_record_is_seen_though_a_public_one_is_next_door(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    for gate in GATES[file]:
        monkeypatch.setattr(gate, lambda _: False)
    row = "7,Ascolto,Antiviolenza,via Lariana 3,9.20001,45.6003,031111111,,,,"
    code, printed, var = _built(tmp_path, run, row)
    assert code == 2
    (line,) = [line for line in printed.splitlines() if line.startswith("prossima: ")]
    assert f"{file} by a point" in line
    assert list((var / "editions").glob("*Z-*")) == []
