"""What the machine fails in is one line with what mends it, and exit 2; nothing is half done."""

import errno
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.cli.machine_failures import machine_failure
from mapping.catalogue.reports import Reports
from mapping.edition.edition import Edition, current
from tests.conftest import environment
from tests.mapping.catalogue.importing import READINGS, import_all

ROOT = Path(__file__).parents[2]
SMALL_BYTES = 60_000
"""Less than the largest file of the pack's edition."""
PAGE_BYTES = 4096
"""A change of the catalogue writes more than a page."""


def run(pack: Path, var: Path, *words: str, before=None, **settings: str):
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "api.cli", *words],
        cwd=ROOT,
        env={**environment(pack, var), "PYTHONDONTWRITEBYTECODE": "1", **settings},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=before,
    )


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    lines = [line for line in done.stderr.splitlines() if not line[:2].isdigit()]
    assert done.returncode == 2, done.stderr
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("prossima: ")
    for word in words:
        assert word in lines[0]


def small_files(size: int = SMALL_BYTES) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def files(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_size for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def var(pack_var: Path, tmp_path: Path) -> Path:
    var = tmp_path / "var"
    shutil.copytree(pack_var, var)
    return var


@pytest.mark.slow
def test_a_build_on_a_full_disk_is_one_line_and_the_edition_goes_on(var: Path, pack: Path) -> None:
    before = files(var / "editions")
    refused(run(pack, var, "build", "--offline", before=small_files), "ulimit -f", "is whole")
    assert Edition.open(current(var / "editions"))
    assert files(var / "editions") == before


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system is mounted as root")
def test_a_store_on_a_full_file_system_is_one_line(var: Path, pack: Path, tmp_path: Path) -> None:
    with file_system(tmp_path / "small", "size=200k") as small:
        edition = current(var / "editions").name
        done = run(pack, var, "editions", "use", edition, PROSSIMA_STORE=str(small / "store"))
        refused(done, "No space left on device")
        assert not (small / "store" / "current").exists()
    assert Edition.open(current(var / "editions")).id == edition


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system is mounted as root")
def test_a_backup_on_a_full_file_system_says_what_to_do(
    var: Path, pack: Path, tmp_path: Path
) -> None:
    with file_system(tmp_path / "small", "size=100k") as small:
        secret = {"PROSSIMA_BACKUP_PASSPHRASE": "una frase di prova"}
        done = run(pack, var, "backup", str(small / "saved"), **secret)
        refused(done, "No space left on device", "Free space")
        assert list(small.iterdir()) == []


def test_a_full_disk_without_a_name_is_told_with_the_places_to_look_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROSSIMA_VAR", str(tmp_path))
    told = machine_failure(OSError(errno.ENOSPC, "No space left on device"))
    assert told is not None
    assert str(tmp_path) in told


@contextmanager
def file_system(place: Path, options: str) -> Iterator[Path]:
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", place], check=True)  # noqa: S603, S607
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)  # noqa: S603, S607


@pytest.fixture
def catalogue(var: Path) -> str:
    url = f"sqlite:///{var / 'catalogue.sqlite'}"
    import_all(url, READINGS[0])
    with Reports.open(url) as reports:
        reports.add("drawn:a", "moved")
    return url


SETTLE = ("reports", "settle", "1", "--outcome", "mended")


def test_a_locked_catalogue_is_one_line(var: Path, pack: Path, catalogue: str) -> None:
    other = sqlite3.connect(var / "catalogue.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    url = {"PROSSIMA_DATABASE_URL": f"{catalogue}?timeout=0.2"}
    refused(run(pack, var, *SETTLE, **url), "locked", "wait for its end")
    other.execute("ROLLBACK")
    other.close()
    assert run(pack, var, *SETTLE, **url).returncode == 0


def test_a_full_disk_under_the_catalogue_is_one_line(var: Path, pack: Path, catalogue: str) -> None:
    with Reports.open(catalogue) as reports:
        before = reports.waiting()
    refused(run(pack, var, *SETTLE, before=lambda: small_files(PAGE_BYTES)), "Free space")
    with Reports.open(catalogue) as reports:
        assert reports.waiting() == before
    assert run(pack, var, *SETTLE).returncode == 0


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody write into a folder: not even root, whom permissions do not bind."""
    if os.geteuid() == 0:
        mount = ["mount", "--bind", str(folder), str(folder)]
        subprocess.run(mount, check=True)  # noqa: S603
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)  # noqa: S603, S607
    else:
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        yield
    finally:
        if os.geteuid() == 0:
            subprocess.run(["umount", str(folder)], check=True)  # noqa: S603, S607
        else:
            for path in (folder, *folder.rglob("*")):
                path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.mark.parametrize("words", [SETTLE, ("editions", "use", "{edition}")])
def test_a_folder_that_may_not_be_written_is_one_line(
    var: Path, pack: Path, catalogue: str, words: tuple[str, ...]
) -> None:
    assert catalogue
    edition = current(var / "editions").name
    with read_only(var):
        refused(run(pack, var, *(word.format(edition=edition) for word in words)))
    assert current(var / "editions").name == edition
