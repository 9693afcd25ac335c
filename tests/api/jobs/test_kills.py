"""Killed at random moments, 200 times in all where everything is tested: nothing is lost."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from api.jobs import sealed_file
from api.jobs.restore import restore_backup
from api.settings import Settings
from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.reports import Reports
from mapping.catalogue.transfer import transfer
from mapping.edition.edition import Edition, list_editions, publish
from mapping.edition.store import EditionStore
from tests.api.jobs.killing import PASSPHRASE, REPORTS, SCRYPT_COST, WORKS, url_in
from tests.mapping.catalogue.importing import READINGS, SOURCES, import_all
from tests.mapping.catalogue.test_kill import history, whole_batches
from tests.mapping.edition.test_edition import drawn_tables, write

ROOT = Path(__file__).parents[3]
Kill = Callable[[str, Path, float | None], tuple[int, int, float]]


@pytest.fixture(scope="module")
def kill() -> Iterator[Kill]:
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, str(Path(__file__).with_name("killing.py"))],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as program:

        def order(name: str, folder: Path, pause: float | None) -> tuple[int, int, float]:
            program.stdin.write(json.dumps([name, str(folder), pause]) + "\n")
            return tuple(json.loads(program.stdout.readline()))

        yield order


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as it is before each kill: a catalogue, an edition, and a store that has it."""
    folder = tmp_path_factory.mktemp("kills") / "model"
    root = folder / "editions"
    publish(root, write(root).id)
    import_all(url_in(folder), READINGS[0])
    edition = Edition.open(root / "current")
    EditionStore.open(str(folder / "store")).publish(edition, None)
    write(folder / "newest", drawn_tables(residents=8))
    return folder


def whole_editions(root: Path) -> None:
    assert Edition.open(root / "current")
    assert all(Edition.open(root / name) for name in list_editions(root))


def check_publish(folder: Path, _told: int) -> None:
    whole_editions(folder / "editions")
    root = folder / "editions"
    publish(root, write(root, drawn_tables(residents=9)).id)
    assert not list(root.glob(".tmp-*"))


def check_share(folder: Path, _told: int) -> None:
    store = EditionStore.open(str(folder / "store"))
    store.bring(folder / "there")
    whole_editions(folder / "there")
    (newest,) = (folder / "newest").glob("2*")
    store.publish(Edition.open(newest), store.pointer())
    assert store.bring(folder / "there") == newest.name


def check_import(folder: Path, _told: int) -> None:
    assert 0 <= whole_batches(url_in(folder)) <= len(SOURCES)
    import_all(url_in(folder), READINGS[1])
    assert len(history(url_in(folder))) == 6 * len(SOURCES)


def check_migrate(folder: Path, _told: int) -> None:
    with Catalogue.open(url_in(folder, "moved")) as moved:
        is_empty = not moved.runs()
    if is_empty:
        transfer(url_in(folder), url_in(folder, "moved"))
    assert history(url_in(folder, "moved")) == history(url_in(folder))


def check_backup(folder: Path, _told: int) -> None:
    backup = folder / "backup"
    if backup.exists():
        restore_backup(Settings(var=folder / "restored", database_url=""), backup, PASSPHRASE)
        assert history(url_in(folder / "restored")) == history(url_in(folder))
        whole_editions(folder / "restored" / "editions")


def check_report(folder: Path, told: int) -> None:
    with Reports.open(url_in(folder)) as reports:
        waiting = [report.service_id for report in reports.waiting()]
    # The last one may be kept and not yet told.
    assert waiting == [f"service {number}" for number in range(len(waiting))]
    assert told <= len(waiting) <= min(told + 1, REPORTS)


CHECKS = {
    "publish": check_publish,
    "share": check_share,
    "import": check_import,
    "migrate": check_migrate,
    "backup": check_backup,
    "report": check_report,
}


@pytest.mark.slow
@pytest.mark.parametrize("count", [3, pytest.param(34, marks=pytest.mark.all)])
@pytest.mark.parametrize("name", WORKS)
def test_killed_at_any_moment_nothing_is_lost(
    kill: Kill,
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    count: int,
) -> None:
    monkeypatch.setattr(sealed_file, "SCRYPT_COST", SCRYPT_COST)
    shutil.copytree(model, tmp_path / "whole")
    status, told, seconds = kill(name, tmp_path / "whole", None)
    assert status == 0
    CHECKS[name](tmp_path / "whole", told)
    killed = 0
    moments = np.random.default_rng(2028)
    while killed < count:
        folder = tmp_path / f"{killed}"
        shutil.copytree(model, folder, dirs_exist_ok=True)
        status, told, _ = kill(name, folder, moments.uniform(0, seconds))
        assert status in {0, signal.SIGALRM}
        CHECKS[name](folder, told)
        if status == signal.SIGALRM:
            killed += 1
        else:  # it went by faster than it was measured
            seconds *= 0.7
        shutil.rmtree(folder)
