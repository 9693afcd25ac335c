"""A damaged catalogue, and a defect of the program, are told without a word of a record."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from api.cli import main as command_line
from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.database import open_database, revisions
from tests.leaks.conftest import Built, Run
from tests.leaks.drawn_sources import SECRET_TEXTS, write_mirror
from tests.mapping.drawn_batches import batch, service

HOUSE = "30,Casa Edera,Antiviolenza,via Segreta 20,9.2034,45.6031,029871230,,,,\n"
PAGE_BYTES = 4096


@pytest.fixture
def copied(with_secrets: Built, tmp_path: Path) -> Built:
    var = shutil.copytree(with_secrets.var, tmp_path / "var")
    return Built(var, with_secrets.config, "")


def _told(run: Run, built: Built, *words: str) -> str:
    """Run a command that must fail in one line, without a word of a confidential record."""
    code, printed = run(*words, var=built.var, config=built.config)
    assert code == 2, printed
    assert "Traceback" not in printed
    assert not [word for word in (*SECRET_TEXTS, "029871230") if word in printed]
    return " ".join(printed.split())


def _overwrite(built: Built, offset: int, content: bytes) -> None:
    with (built.var / "catalogue.sqlite").open("r+b") as file:
        file.seek(offset)
        file.write(content)


def _free_list(built: Built) -> None:
    """Let the next page that is written come from a list of free ones that leads nowhere."""
    _overwrite(built, 32, bytes.fromhex("00ffffff00000005"))


def _index(built: Built) -> None:
    with closing(sqlite3.connect(built.var / "catalogue.sqlite")) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'service_revision_service'"
        ).fetchone()
    _overwrite(built, (page - 1) * PAGE_BYTES, b"\xff" * 64)


def _rows(built: Built) -> None:
    with closing(sqlite3.connect(built.var / "catalogue.sqlite")) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'service_revision'"
        ).fetchone()
    _overwrite(built, (page - 1) * PAGE_BYTES, bytes(range(256)) * 16)


def _letters(built: Built) -> None:
    """Break a letter within a confidential record: the pages around it are whole."""
    content = (built.var / "catalogue.sqlite").read_bytes()
    _overwrite(built, content.index(b"Edera"), b"\xff")


def _braces(built: Built) -> None:
    _overwrite(built, _name_of_a_record(built), b"x")


def _kinds(built: Built) -> None:
    _overwrite(built, _name_of_a_record(built), b'"eman"')


def _name_of_a_record(built: Built) -> int:
    content = (built.var / "catalogue.sqlite").read_bytes()
    return content.rindex(b'"name"', 0, content.index(b"Edera"))


DAMAGES = [_free_list, _index, _rows, _letters, _braces, _kinds]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__[1:])
def test_a_damaged_catalogue_is_one_line_with_the_way_to_a_backup(
    run: Run, copied: Built, tmp_path: Path, damage: Callable[[Built], None]
) -> None:
    mirror = write_mirror(tmp_path / "mirror", secret=True)
    with (mirror / "sportelli.csv").open("a", encoding="utf-8") as file:
        file.write(HOUSE)
    damage(copied)
    build = ("build", "--offline", "--mirror", str(mirror), "--accept", "sportelli")
    for words in (build, ("doctor",)):
        assert "restore it from a backup" in _told(run, copied, *words), words


@pytest.mark.parametrize("damage", [_index, _rows], ids=lambda damage: damage.__name__[1:])
def test_reviews_of_a_damaged_catalogue_are_one_line(
    run: Run, copied: Built, damage: Callable[[Built], None]
) -> None:
    damage(copied)
    for words in (("review", "list"), ("review", "hide", "x", "--actor", "anna")):
        assert "restore it from a backup" in _told(run, copied, *words), words


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE service_revision CASCADE",
        "DROP TABLE match_decision",
        'UPDATE service_revision SET content = \'{"name": "Casa Edera"}\'',
        "UPDATE service_revision SET content = '\"Casa Edera\"'",
    ],
)
def test_a_damaged_catalogue_on_a_server_is_one_line_too(
    run: Run, without_secrets: Built, store: str, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    where = without_secrets.edition.service_rows[0].service_id
    said = service(where.partition(":")[2], "Casa Edera", source_id=where.partition(":")[0])
    with Catalogue.open(store) as catalogue:
        catalogue.record(batch(said, source_id=said.provenance.source_id))
    engine = open_database(store)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
        else:
            connection.exec_driver_sql("DROP TRIGGER service_revision_no_update")
            damage = damage.removesuffix(" CASCADE")
        connection.exec_driver_sql(damage)
    engine.dispose()
    monkeypatch.setenv("PROSSIMA_DATABASE_URL", store)
    for words in (("review", "list"), ("review", "hide", where)):
        printed = _told(run, without_secrets, *words)
        assert "restore it from a backup" in printed, words
        if "match" in damage:
            break


def test_no_failed_statement_tells_its_values(store: str) -> None:
    """Whatever a database refuses, neither the statement nor its own words repeat a row."""
    Catalogue.open(store).close()
    engine = open_database(store)
    row = {"service_id": "drawn:1", "state": "published", "actor": "Casa Edera"}
    with pytest.raises(DBAPIError) as raised, engine.begin() as connection:
        connection.execute(sa.insert(revisions), [row | {"content": {"name": "Casa Edera"}}])
    engine.dispose()
    told = "".join(f"{error}" for error in (raised.value, raised.value.orig))
    assert "NULL" in told.upper()
    assert "Edera" not in told


def test_a_defect_is_told_by_its_place_and_not_by_its_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("Casa Edera", "via Segreta 20")

    def broken(**_: object) -> None:
        try:
            int(words[0])
        except ValueError as error:
            raise KeyError(words[1]) from error

    monkeypatch.setattr(command_line, "app", broken)
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    told = capsys.readouterr().err
    assert ended.value.code == 1
    assert "in broken" in told
    assert "ValueError" in told
    assert "KeyError" in told
    assert not [word for word in words if word in told]
