"""Moving a catalogue: every row arrives as it was, or none arrives."""

import os
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.catalogue.batches import QuarantinedRow, RecordResult
from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.database import metadata, open_database, revisions
from mapping.catalogue.reports import Reports
from mapping.catalogue.transfer import transfer
from mapping.errors import BadInputError
from mapping.services.translations import Translation
from tests.mapping.drawn_batches import BAD_ROW, batch, service

ROOT = Path(__file__).parents[3]
ACCENTS = service("é", "Nido «L'Isola», 0-3 anni\n日本 \\u0041")


def full(url: str) -> str:
    """Fill a catalogue: changes, a withdrawal, a refused row, and numbers that leave a gap."""
    with Catalogue.open(url) as catalogue:
        catalogue.record(batch(service("a"), service("b"), ACCENTS))
        catalogue.record(batch(rows_in=1, quarantined=[BAD_ROW], source_id="other", sha256=None))
        catalogue.record(batch(service("a", "Asilo"), ACCENTS), actor="anna")
        catalogue.decide("drawn:a", "drawn:b", same=False, actor="anna")
        day = date(2026, 1, 2)
        catalogue.translate([Translation("drawn:é", "note", "bn", "è", "বাংলা", "anna", day)])
    with Reports.open(url) as reports:
        for kind in ("full", "moved"):
            reports.add("drawn:é", kind, "è così")
        reports.confirm(reports.waiting()[0].report_id)
        reports.settle([reports.waiting()[1].report_id], "mended")
    engine = open_database(url)
    with engine.begin() as connection:
        [said] = connection.execute(sa.select(revisions).where(revisions.c.revision_id == 1))
        later = {"revision_id": 90, "state": "proposed", "recorded_at": datetime.now(UTC)}
        connection.execute(sa.insert(revisions), {**said._mapping, **later})
    engine.dispose()
    return url


FULL = {
    "content_translation": 1, "ingest_run": 3, "match_decision": 1, "quarantine": 1,
    "report": 2, "report_confirmation": 1, "report_outcome": 1, "service_revision": 6,
}  # fmt: skip


def rows(url: str) -> dict[str, int]:
    engine = open_database(url)
    with engine.connect() as connection:
        counts = {
            table.name: connection.scalar(sa.select(sa.func.count()).select_from(table))
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return counts


def written(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        said = [line for line in connection.iterdump() if line.startswith("INSERT")]
    connection.close()
    return said


def test_there_and_back_not_a_byte_of_a_row_differs(new_store, tmp_path: Path) -> None:
    first = full(f"sqlite:///{tmp_path / 'first.sqlite'}")
    with new_store() as second:
        there = transfer(first, second)
        back = transfer(second, f"sqlite:///{tmp_path / 'third.sqlite'}")
    assert there == back
    assert {one.table: one.rows for one in there if one.rows} == FULL
    assert written(tmp_path / "first.sqlite") == written(tmp_path / "third.sqlite")


def test_a_moved_catalogue_goes_on_where_the_other_stopped(new_store, store: str) -> None:
    with new_store() as target:
        transfer(full(store), target)
        with Catalogue.open(store) as old, Catalogue.open(target) as new:
            assert new.current() == old.current() == [service("a", "Asilo"), ACCENTS]
            assert new.runs(latest=False) == old.runs(latest=False)
            assert new.quarantined() == old.quarantined() == [BAD_ROW]
            assert new.history("drawn:b") == old.history("drawn:b")
            again = batch(service("a", "Asilo"), ACCENTS, service("c"))
            assert new.record(again) == RecordResult(new=1, unchanged=2)
            assert [one.revision_id for one in new.history("drawn:c")] == [91]
            assert max(run.run_id for run in new.runs()) == 4


def test_a_catalogue_is_moved_into_an_empty_one_only(new_store, store: str) -> None:
    full(store)
    with new_store() as target:
        with Catalogue.open(target) as catalogue:
            catalogue.record(batch(service("z")))
        before = rows(target)
        for source, into in ((store, target), (store, store)):
            with pytest.raises(BadInputError, match="already holds"):
                transfer(source, into)
        assert rows(target) == before


def test_an_empty_or_missing_catalogue_is_not_moved(new_store, store: str, tmp_path: Path) -> None:
    Catalogue.open(store).close()
    with new_store() as target:
        with pytest.raises(BadInputError, match="nothing to move"):
            transfer(store, target)
        with pytest.raises(BadInputError, match="There is no catalogue at"):
            transfer(f"sqlite:///{tmp_path / 'none' / 'x.sqlite'}", target)
    assert not (tmp_path / "none").exists()


@pytest.mark.postgis
def test_a_database_without_a_catalogue_stays_without_one(postgres, tmp_path: Path) -> None:
    with postgres.database("template0") as bare:
        with pytest.raises(BadInputError, match="There is no catalogue at"):
            transfer(bare, f"sqlite:///{tmp_path / 'x.sqlite'}")
        engine = sa.create_engine(bare)
        assert sa.inspect(engine).get_table_names() == []
        engine.dispose()


@pytest.mark.postgis
def test_a_row_that_cannot_be_kept_stops_the_whole_move(postgres, tmp_path: Path) -> None:
    source = full(f"sqlite:///{tmp_path / 'first.sqlite'}")
    with Catalogue.open(source) as catalogue:
        spoiled = QuarantinedRow(**{**vars(BAD_ROW), "message": "a NUL: \0"})
        catalogue.record(batch(rows_in=1, quarantined=[spoiled]))
    with postgres.database() as target:
        with pytest.raises(BadInputError, match=r"cannot contain NUL.* is empty as before"):
            transfer(source, target)
        assert set(rows(target).values()) == {0}


FORGETFUL = """
CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN NEW.actor = 'nobody'; RETURN NEW; END $$;
CREATE TRIGGER forget BEFORE INSERT ON service_revision
FOR EACH ROW EXECUTE FUNCTION forget()
"""
SLOW = """
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN PERFORM pg_sleep(2); RETURN NEW; END $$;
CREATE TRIGGER wait BEFORE INSERT ON service_revision
FOR EACH ROW WHEN (NEW.revision_id = 90) EXECUTE FUNCTION wait()
"""
SLEEPING = "SELECT datname FROM pg_stat_activity WHERE wait_event = 'PgSleep'"


@pytest.mark.postgis
def test_a_target_that_changes_what_it_is_given_is_found_out(postgres, tmp_path: Path) -> None:
    source = full(f"sqlite:///{tmp_path / 'first.sqlite'}")
    with postgres.database() as target:
        postgres.say(FORGETFUL, sa.make_url(target).database)
        with pytest.raises(BadInputError, match="Table service_revision differs after the move"):
            transfer(source, target)
        assert set(rows(target).values()) == {0}


@pytest.mark.postgis
def test_a_move_killed_half_way_leaves_the_target_empty(postgres, tmp_path: Path) -> None:
    source = full(f"sqlite:///{tmp_path / 'first.sqlite'}")
    with postgres.database() as target:
        name = sa.make_url(target).database
        postgres.say(SLOW, name)
        mover = migrating(source, target)
        while (name,) not in postgres.ask(SLEEPING):
            assert mover.poll() is None
            time.sleep(0.05)
        mover.kill()
        mover.communicate()
        assert set(rows(target).values()) == {0}
        postgres.say("DROP TRIGGER wait ON service_revision", name)
        assert {one.table: one.rows for one in transfer(source, target) if one.rows} == FULL


@pytest.mark.postgis
def test_the_command_says_what_was_moved_and_no_password(postgres, tmp_path: Path) -> None:
    source = full(f"sqlite:///{tmp_path / 'first.sqlite'}")
    with postgres.database() as target:
        secret = target.replace("postgres@", "postgres:segreto@") + "&password=segreto"
        said = []
        for code in (0, 2):
            mover = migrating(source, secret)
            out, errors = mover.communicate(timeout=60)
            assert mover.returncode == code, errors
            said.append(out + errors)
    assert "service_revision        6 rows  sha256 " in said[0]
    assert len(said[1].splitlines()) == 1
    assert "already holds 1 rows of content_translation, 3 rows of ingest_run" in said[1]
    assert "segreto" not in "".join(said)


def migrating(source: str, target: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "api.cli", "migrate", "--from", source, "--to", target],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
finite = st.floats(allow_nan=False, allow_infinity=False)
published = st.dictionaries(st.text(), st.one_of(st.text(), st.none(), finite))


@given(raw=published, message=texts, name=texts)
@settings(max_examples=20, deadline=None)
def test_whatever_a_publisher_wrote_is_moved_as_it_is(
    new_store, raw: dict[str, object], message: str, name: str
) -> None:
    with new_store() as first, new_store() as second:
        with Catalogue.open(first) as catalogue:
            row = QuarantinedRow(**{**vars(BAD_ROW), "message": message, "raw": raw})
            catalogue.record(batch(service("a", name), rows_in=2, quarantined=[row]))
        transfer(first, second)
        with Catalogue.open(second) as catalogue:
            assert catalogue.quarantined() == [row]
            assert catalogue.current() == [service("a", name)]
