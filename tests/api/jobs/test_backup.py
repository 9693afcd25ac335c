"""Backups of drawn data: what comes back is what was saved, and anything else is one line."""

import io
import json
import multiprocessing
import os
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
import tarfile
import tracemalloc
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pyarrow as pa
import pytest
from pydantic import SecretStr

from api.jobs import sealed_file
from api.jobs.backup import write_backup
from api.jobs.restore import restore_backup
from api.jobs.sealed_file import CHUNK_BYTES, MAGIC, SALT_BYTES, SealedReader, SealedWriter
from api.settings import Settings
from mapping.catalogue.catalogue import Catalogue
from mapping.edition.edition import Edition, current, list_editions, publish
from mapping.edition.withheld import digest_of, read_withheld, withhold
from mapping.errors import BadInputError, ProssimaError
from tests.api.jobs.sealing import PASSPHRASE, save_or_restore
from tests.mapping.catalogue.importing import READINGS, import_all
from tests.mapping.drawn_batches import batch, service
from tests.mapping.edition.test_edition import drawn_tables, write

ROOT = Path(__file__).parents[3]
OTHER = "quattordici rane rosse"
TILES_BYTES = 3 * CHUNK_BYTES + 12345


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make keys cheaply: a process of its own makes them at the real cost."""
    monkeypatch.setattr(sealed_file, "SCRYPT_COST", 2**4)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a catalogue and two editions, of which the first is published."""
    var = tmp_path_factory.mktemp("filled") / "var"
    var.mkdir()
    import_all(settings(var).catalogue_url, READINGS[0])
    tiles = {"areas.pmtiles": os.urandom(TILES_BYTES)}
    published = write(var / "editions", drawn_tables() | tiles)
    publish(var / "editions", published.id)
    withhold(var / "editions", {"drawn:secret"})
    write(var / "editions", drawn_tables(residents=8))
    return var


@pytest.fixture(scope="module")
def saved(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealed_file, "SCRYPT_COST", 2**4)
        path = tmp_path_factory.mktemp("saved") / "backup"
        write_backup(settings(filled), path, PASSPHRASE)
    return path


def settings(var: Path, **more: str) -> Settings:
    return Settings(var=var, database_url=more.get("database_url", ""))


def rows(path: Path) -> list[str]:
    """Every row of a catalogue, as statements."""
    connection = sqlite3.connect(path)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_restored_backup_is_what_was_saved(filled, saved, tmp_path):
    var = tmp_path / "var"
    held = restore_backup(settings(var), saved, PASSPHRASE)
    assert held.editions == (held.published,) == (current(filled / "editions").name,)
    assert files(current(var / "editions")) == files(current(filled / "editions"))
    assert rows(var / "catalogue.sqlite") == rows(filled / "catalogue.sqlite")
    # What became confidential after the edition was built stays hidden.
    assert read_withheld(var / "editions") == {digest_of("drawn:secret")}
    assert [path.name for path in tmp_path.iterdir()] == ["var"]


def test_all_editions_come_back_when_all_were_saved(filled, tmp_path):
    write_backup(settings(filled), tmp_path / "backup", PASSPHRASE, all_editions=True)
    restore_backup(settings(tmp_path / "var"), tmp_path / "backup", PASSPHRASE)
    ids = list_editions(filled / "editions")
    assert list_editions(tmp_path / "var" / "editions") == ids
    assert len(ids) == 2
    assert current(tmp_path / "var" / "editions").name == current(filled / "editions").name


def test_only_the_owner_may_read_a_backup_and_nobody_without_the_passphrase(filled, saved):
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert not list((filled / ".backup").glob(".tmp-*"))
    content = saved.read_bytes()
    for word in (b"SQLite format", b"Nido", b"manifest", b"PAR1", b"source_1"):
        assert word not in content


def test_two_backups_of_the_same_share_no_chunk(filled, saved, tmp_path):
    write_backup(settings(filled), tmp_path / "backup", PASSPHRASE)
    one, other = saved.read_bytes(), (tmp_path / "backup").read_bytes()
    start = len(MAGIC)
    assert one[start : start + SALT_BYTES] != other[start : start + SALT_BYTES]
    assert one[CHUNK_BYTES : CHUNK_BYTES + 64] != other[CHUNK_BYTES : CHUNK_BYTES + 64]


def refused(path: Path, var: Path, passphrase: str = PASSPHRASE) -> str:
    """Restore what may not be restored, and give the one line that says why."""
    with pytest.raises(ProssimaError) as raised:
        restore_backup(settings(var), path, passphrase)
    assert not var.exists()
    assert not list(var.parent.glob(".var*"))
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_another_passphrase_opens_nothing(saved, tmp_path):
    assert "the passphrase is another one" in refused(saved, tmp_path / "place" / "var", OTHER)


@pytest.mark.parametrize("part", [0.0, 1e-6, 2e-5, 1e-3, 0.2, 0.4, 0.6, 0.8, 0.99, 0.999999])
@pytest.mark.parametrize("bit", [0, 7])
def test_a_flipped_bit_anywhere_is_refused(saved, tmp_path, part, bit):
    content = bytearray(saved.read_bytes())
    content[int(part * len(content))] ^= 1 << bit
    damaged = tmp_path / "damaged"
    damaged.write_bytes(content)
    refused(damaged, tmp_path / "place" / "var")


SEALED_CHUNK = CHUNK_BYTES + sealed_file.TAG_BYTES
HEADER = len(MAGIC) + SALT_BYTES


@pytest.mark.parametrize(
    "size", [0, 1, HEADER - 1, HEADER, HEADER + 5, HEADER + SEALED_CHUNK, HEADER + SEALED_CHUNK + 1,
             HEADER + 2 * SEALED_CHUNK, -SEALED_CHUNK, -1]
)  # fmt: skip
def test_a_backup_that_was_cut_off_is_refused(saved, tmp_path, size):
    damaged = tmp_path / "damaged"
    damaged.write_bytes(saved.read_bytes()[:size])
    refused(damaged, tmp_path / "place" / "var")


def test_chunks_that_were_exchanged_repeated_or_added_are_refused(saved, tmp_path):
    content = saved.read_bytes()
    header, body = content[:HEADER], content[HEADER:]
    chunks = [body[start : start + SEALED_CHUNK] for start in range(0, len(body), SEALED_CHUNK)]
    first, second, *others = chunks
    for order in ([second, first, *others], [first, first, *others], [*chunks, chunks[-1]]):
        damaged = tmp_path / "damaged"
        damaged.write_bytes(header + b"".join(order))
        refused(damaged, tmp_path / "place" / "var")


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1])
def test_any_length_comes_back(size):
    content, sealed = os.urandom(size), io.BytesIO()
    with SealedWriter(sealed, PASSPHRASE) as sink:
        sink.write(content)
    sealed.seek(0)
    assert SealedReader(sealed, PASSPHRASE).readall() == content


def forged(path: Path, entries: list[tarfile.TarInfo], contents: dict | None = None) -> Path:
    """Seal an archive that `prossima backup` never writes, with the right passphrase."""
    said = {"software_version": "0", "created_at": "2026-03-02T00:00:00Z", "editions": [],
            "catalogue_sha256": None, "published": None} | (contents or {})  # fmt: skip
    text = json.dumps(said).encode()
    first = tarfile.TarInfo("backup.json")
    first.size = len(text)
    with (
        path.open("wb") as sink,
        SealedWriter(sink, PASSPHRASE) as sealed,
        tarfile.open(fileobj=sealed, mode="w|") as archive,
    ):
        archive.addfile(first, io.BytesIO(text))
        for entry in entries:
            archive.addfile(entry, io.BytesIO(b"x" * entry.size))
    return path


def entry(name: str, kind: bytes = tarfile.REGTYPE, leads_to: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, leads_to
    found.size = 1 if kind == tarfile.REGTYPE else 0
    return found


@pytest.mark.parametrize(
    "hostile",
    [
        entry("../outside"),
        entry("/tmp/outside"),  # noqa: S108 - a name in an archive
        entry("editions/../../outside"),
        entry("editions/20260302T000000Z-00000000/../../../outside"),
        entry("editions/20260302T000000Z-00000000/areas.parquet\n"),
        entry("catalogue.sqlite", tarfile.SYMTYPE, "/etc/passwd"),
        entry("catalogue.sqlite", tarfile.LNKTYPE, "backup.json"),
        entry("editions", tarfile.SYMTYPE, "/etc"),
        entry("catalogue.sqlite", tarfile.FIFOTYPE),
        entry("unknown"),
    ],
    ids=lambda hostile: f"{hostile.type.decode()} {hostile.name}",
)
def test_an_archive_with_any_other_name_or_link_is_refused(tmp_path, hostile):
    path = forged(tmp_path / "forged", [hostile])
    assert "which is no part of one" in refused(path, tmp_path / "place" / "var")
    assert not list(tmp_path.rglob("outside"))


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_header_that_claims_much_takes_no_memory(tmp_path, kind):
    long = entry("catalogue.sqlite", kind)
    long.size = 60 * CHUNK_BYTES
    path = tmp_path / "forged"
    said = {"software_version": "0", "created_at": "2026-03-02T00:00:00Z", "editions": [],
            "catalogue_sha256": None, "published": None}  # fmt: skip
    text = json.dumps(said).encode()
    first = tarfile.TarInfo("backup.json")
    first.size = len(text)
    with path.open("wb") as sink, SealedWriter(sink, PASSPHRASE) as sealed:
        sealed.write(first.tobuf() + text + bytes(-len(text) % tarfile.BLOCKSIZE))
        sealed.write(long.tobuf(tarfile.GNU_FORMAT))
        for _ in range(60):
            sealed.write(b"9" * CHUNK_BYTES)
    tracemalloc.start()
    try:
        assert "which is no part of one" in refused(path, tmp_path / "place" / "var")
        assert tracemalloc.get_traced_memory()[1] < 20 * CHUNK_BYTES
    finally:
        tracemalloc.stop()


@pytest.fixture
def leaking(tmp_path: Path) -> Path:
    """A backup whose edition shows a record that its own catalogue calls confidential."""
    var = tmp_path / "leaking"
    with Catalogue.open(f"sqlite:///{var / 'catalogue.sqlite'}") as catalogue:
        catalogue.record(batch(service("a", "Casa rifugio Ninfea")))
    shown = {"services.parquet": pa.table({"name": ["CASA RIFUGIO «Ninfea»"]})}
    publish(var / "editions", write(var / "editions", drawn_tables() | shown).id)
    write_backup(settings(var), tmp_path / "backup", PASSPHRASE)
    return tmp_path / "backup"


def test_an_edition_that_leaks_is_not_restored_and_its_catalogue_may_be(leaking, tmp_path):
    said = refused(leaking, tmp_path / "place" / "var")
    assert "holds something of a confidential record" in said
    assert "--catalogue-only" in said
    assert "Ninfea" not in said
    var = tmp_path / "var"
    held = restore_backup(settings(var), leaking, PASSPHRASE, catalogue_only=True)
    assert held.editions == ()
    assert list_editions(var / "editions") == []
    with Catalogue.open(settings(var).catalogue_url) as catalogue:
        assert [one.name for one in catalogue.current()] == ["Casa rifugio Ninfea"]


@pytest.mark.parametrize(
    "contents",
    [
        {"editions": ["20260302T000000Z-00000000"]},
        {"catalogue_sha256": "0" * 64},
        {"editions": ["../../etc"]},
        {"format": 2},
    ],
    ids=str,
)
def test_an_archive_that_lacks_what_it_names_is_refused(tmp_path, contents):
    refused(forged(tmp_path / "forged", [], contents), tmp_path / "place" / "var")


@pytest.mark.parametrize(
    ("part", "said"),
    [("catalogue.sqlite", "The catalogue"), ("areas.pmtiles", r"is broken: its areas\.pmtiles")],
)
def test_what_is_damaged_is_not_saved_as_if_it_were_whole(filled, tmp_path, part, said):
    var = shutil.copytree(filled, tmp_path / "copy")
    folder = var if part == "catalogue.sqlite" else current(var / "editions")
    page = 4096
    with (folder / part).open("r+b") as file:
        file.seek(2 * page)
        file.write(b"\xff" * page)
    with pytest.raises(ProssimaError, match=said) as raised:
        write_backup(settings(var), tmp_path / "backup", PASSPHRASE)
    assert "\n" not in str(raised.value)
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_nothing_is_replaced(filled, saved, tmp_path):
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "mine").write_text("kept")
    with pytest.raises(BadInputError, match=r"is not empty \(it holds mine\)"):
        restore_backup(settings(tmp_path / "var"), saved, PASSPHRASE)
    with pytest.raises(BadInputError, match="a backup replaces nothing"):
        write_backup(settings(filled), tmp_path / "var" / "mine", PASSPHRASE)
    assert [path.name for path in tmp_path.iterdir()] == ["var"]
    assert (tmp_path / "var" / "mine").read_text() == "kept"


def test_an_empty_folder_is_an_empty_place(saved, tmp_path):
    (tmp_path / "var").mkdir()
    held = restore_backup(settings(tmp_path / "var"), saved, PASSPHRASE)
    assert Edition.open(tmp_path / "var" / "editions" / "current").id == held.published


def test_the_commands_end_with_one_line(cli, filled, tmp_path):
    secret = tmp_path / "passphrase"
    secret.write_text(f"{PASSPHRASE}\n")
    path = tmp_path / "backup"
    done = cli("backup", str(path), "--passphrase-file", str(secret), var=filled)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{path}: the catalogue, editions: ")
    setting = {"PROSSIMA_BACKUP_PASSPHRASE": PASSPHRASE}
    done = cli("restore", str(path), var=tmp_path / "var", **setting)
    assert (done.returncode, done.stderr) == (0, "")
    for words, said in (
        (("restore", str(path)), "The passphrase has 0 characters"),
        (("restore", str(path), "--passphrase-file", str(tmp_path)), "cannot be read"),
        (("restore", str(tmp_path / "none"), "--passphrase-file", str(secret)), "No such file"),
        (("backup", str(tmp_path / "a" / "b"), "--passphrase-file", str(secret)), "no folder"),
    ):
        done = cli(*words, var=tmp_path / "nothing", PROSSIMA_BACKUP_PASSPHRASE="")
        assert done.returncode == 2, done.stderr
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
        assert PASSPHRASE not in done.stderr


def test_the_passphrase_shows_in_no_settings(filled):
    said = Settings(var=filled, backup_passphrase=SecretStr(PASSPHRASE))
    assert PASSPHRASE not in f"{said!r} {said} {said.model_dump_json()}"


FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.api.jobs.sealing"])


def forked(what: str, var: Path, path: Path, said: Path, limit: int = 0) -> ForkServerProcess:
    """Start it in a process of its own, which need not load the program first."""
    process = FORKS.Process(target=save_or_restore, args=(what, var, path, said, limit))
    process.start()
    return process


@pytest.mark.parametrize("limit", [100_000, CHUNK_BYTES, 2 * CHUNK_BYTES])
def test_a_full_disk_is_one_line_and_leaves_nothing(filled, saved, tmp_path, limit):
    place, said = tmp_path / "place", tmp_path / "said"
    place.mkdir()
    for what, var, path in (
        ("backup", filled, place / "backup"),
        ("restore", place / "var", saved),
    ):
        forked(what, var, path, said, limit).join()
        assert said.read_text().startswith("BadInputError "), said
        assert "\n" not in said.read_text()
    assert list(place.iterdir()) == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


@pytest.mark.slow
@pytest.mark.parametrize("what", ["backup", "restore"])
def test_killed_at_any_moment_it_leaves_nothing_half_and_can_be_repeated(
    filled, saved, tmp_path, what
):
    """Killed as soon as it has written so many files or bytes, from the first to the last."""
    outcomes = []
    said = tmp_path / "said"
    for turn in range(12):
        place = tmp_path / str(turn)
        place.mkdir()
        var, path = (filled, place / "backup") if what == "backup" else (place / "var", saved)
        process = forked(what, var, path, said)
        _wait_for_bytes(place, process, turn * TILES_BYTES // 10)
        process.kill()
        process.join()
        made = path if what == "backup" else var
        outcomes.append(made.exists())
        if not made.exists():
            forked(what, var, path, said).join()
            assert said.read_text() == ""
        assert [entry.name for entry in place.iterdir()] == [made.name]
        var = place / "restored" if what == "backup" else var
        if what == "backup":
            restore_backup(settings(var), path, PASSPHRASE)
        assert files(current(var / "editions")) == files(current(filled / "editions"))
        with Catalogue.open(settings(var).catalogue_url) as catalogue:
            assert len(catalogue.current()) == 24
    assert False in outcomes


def _wait_for_bytes(place: Path, process: ForkServerProcess, wanted: int) -> None:
    while process.is_alive() and _size(place) < wanted:
        pass


def _size(place: Path) -> int:
    try:
        return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    except FileNotFoundError:
        return 0


def test_memory_does_not_grow_with_the_edition(filled, tmp_path):
    """An edition of 200 MB takes less than 64 MB beyond what the process holds anyway."""
    sizes = []
    for size in (0, 200_000_000):
        var = shutil.copytree(filled, tmp_path / f"var{size}")
        edition = write(var / "editions", drawn_tables() | {"areas.pmtiles": bytes(size)})
        publish(var / "editions", edition.id)
        words = ["backup", var, tmp_path / f"backup{size}", tmp_path / "said"]
        program = [sys.executable, "-m", "tests.api.jobs.sealing", *map(str, words)]
        done = subprocess.run(program, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - our own program
        sizes.append(float(done.stdout))
        assert (tmp_path / "said").read_text() == ""
    assert sizes[1] - sizes[0] < 64


def test_a_catalogue_on_postgis_comes_back_on_either(filled, tmp_path, postgres):
    with postgres.database() as url, postgres.database() as another:
        import_all(url, READINGS[0])
        shutil.copytree(filled / "editions", tmp_path / "var" / "editions")
        path = tmp_path / "backup"
        write_backup(settings(tmp_path / "var", database_url=url), path, PASSPHRASE)
        restore_backup(settings(tmp_path / "one", database_url=another), path, PASSPHRASE)
        restore_backup(settings(tmp_path / "two"), path, PASSPHRASE)
        said = [
            _current(found) for found in (url, another, settings(tmp_path / "two").catalogue_url)
        ]
        assert said[0] == said[1] == said[2]
        assert not (tmp_path / "one" / "catalogue.sqlite").exists()
        with pytest.raises(BadInputError, match="already holds"):
            restore_backup(settings(tmp_path / "three", database_url=another), path, PASSPHRASE)
        assert not (tmp_path / "three").exists()


def _current(url: str) -> list:
    with Catalogue.open(url) as catalogue:
        found = catalogue.current()
        return sorted(map(str, found))
