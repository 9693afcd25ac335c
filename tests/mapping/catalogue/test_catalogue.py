"""The catalogue: nothing is lost, nothing is said twice, and a killed import leaves no trace."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from mapping.catalogue import database
from mapping.catalogue.batches import RecordResult, SourceBatch
from mapping.catalogue.catalogue import Catalogue
from mapping.errors import BadInputError, SourceError
from tests.mapping.drawn_batches import BAD_ROW, batch, service

REPOSITORY = Path(__file__).parents[3]


@contextmanager
def changing(url: str) -> Iterator[sa.Connection]:
    """Write into a catalogue from beside it, as a person at the database's prompt could."""
    engine = database.open_database(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def url_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'catalogue.sqlite'}"


@pytest.fixture
def catalogue(store: str):
    with Catalogue.open(store) as opened:
        yield opened


def test_what_is_recorded_is_current(catalogue: Catalogue) -> None:
    services = [service("a"), service("b")]
    assert catalogue.record(batch(*services)) == RecordResult(new=2)
    assert catalogue.current() == services


def test_the_same_batch_twice_makes_no_revision(catalogue: Catalogue) -> None:
    catalogue.record(batch(service("a"), service("b")))
    assert catalogue.record(batch(service("b"), service("a"))) == RecordResult(unchanged=2)
    assert len(catalogue.history("drawn:a")) == 1
    assert len(catalogue.runs(latest=False)) == 2


def test_a_change_is_a_revision_and_the_past_stays(catalogue: Catalogue) -> None:
    catalogue.record(batch(service("a", "Nido")), actor="anna")
    changed = batch(service("a", "Nido comunale"), service("b"))
    assert catalogue.record(changed, actor="bruno") == RecordResult(new=1, changed=1)
    past, present = catalogue.history("drawn:a")
    assert (past.service.name, past.actor) == ("Nido", "anna")
    assert (present.service.name, present.actor) == ("Nido comunale", "bruno")
    assert past.recorded_at <= present.recorded_at <= datetime.now(UTC)


def test_a_service_that_its_source_no_longer_names_is_withdrawn(catalogue: Catalogue) -> None:
    catalogue.record(batch(service("a"), service("b")))
    assert catalogue.record(batch(service("b"))) == RecordResult(unchanged=1, withdrawn=1)
    assert catalogue.current() == [service("b")]
    assert catalogue.current("withdrawn") == [service("a")]
    assert [revision.state for revision in catalogue.history("drawn:a")] == [
        "published",
        "withdrawn",
    ]


def test_a_withdrawn_service_comes_back_as_new(catalogue: Catalogue) -> None:
    catalogue.record(batch(service("a")))
    catalogue.record(batch())
    assert catalogue.record(batch()) == RecordResult()
    assert catalogue.record(batch(service("a"))) == RecordResult(new=1)
    assert catalogue.current() == [service("a")]


def test_a_source_never_withdraws_the_services_of_another(catalogue: Catalogue) -> None:
    other = service("a", source_id="other")
    catalogue.record(batch(other, source_id="other"))
    catalogue.record(batch(service("a")))
    catalogue.record(batch())
    assert catalogue.current() == [other]


def test_a_proposal_changes_nothing_until_it_is_published(catalogue: Catalogue, store: str) -> None:
    catalogue.record(batch(service("a", "Nido")))
    with changing(store) as connection:
        content = service("a", "Asilo").model_dump(mode="json", exclude_none=True)
        [said] = connection.execute(sa.select(database.revisions)).mappings()
        proposed = {**said, "revision_id": 2, "state": "proposed", "content": content}
        connection.execute(sa.insert(database.revisions), proposed)
    assert catalogue.current() == [service("a", "Nido")]
    assert catalogue.current("proposed") == [service("a", "Asilo")]
    assert catalogue.record(batch(service("a", "Nido"))) == RecordResult(unchanged=1)


def test_a_run_says_what_became_of_every_row(catalogue: Catalogue) -> None:
    catalogue.record(batch(service("a"), rows_in=6, rows_out_of_scope=4, quarantined=[BAD_ROW]))
    [run] = catalogue.runs()
    assert (run.rows_in, run.rows_kept, run.rows_out_of_scope, run.rows_quarantined) == (6, 1, 4, 1)
    assert (run.source_id, run.sha256, run.taken_from) == ("drawn", "0" * 64, "bundled")
    assert run.started_at == datetime(2026, 2, 15, 12, tzinfo=UTC) < run.finished_at


def test_the_quarantine_is_that_of_the_last_run_of_each_source(catalogue: Catalogue) -> None:
    catalogue.record(batch(rows_in=1, quarantined=[BAD_ROW]))
    catalogue.record(batch(source_id="other"))
    assert catalogue.quarantined() == catalogue.quarantined("drawn") == [BAD_ROW]
    assert catalogue.quarantined("other") == []
    catalogue.record(batch())
    assert catalogue.quarantined() == []


@pytest.mark.parametrize(
    ("unsound", "rule"),
    [
        (batch(service("a"), rows_in=2), "2 rows came in but 1 are accounted for"),
        (batch(service("a"), service("a")), "'drawn:a' comes 2 times"),
        (batch(service("a", source_id="other")), "comes from 'other'"),
    ],
)
def test_an_unsound_batch_is_refused_whole(
    catalogue: Catalogue, unsound: SourceBatch, rule: str
) -> None:
    with pytest.raises(SourceError, match=rule):
        catalogue.record(unsound)
    assert catalogue.current() == []
    assert catalogue.runs() == []


@pytest.mark.parametrize("table", ["service_revision", "ingest_run", "quarantine"])
@pytest.mark.parametrize("change", ["UPDATE {} SET source_id = 'x'", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_the_past(
    catalogue: Catalogue, store: str, table: str, change: str
) -> None:
    catalogue.record(batch(service("a"), rows_in=2, quarantined=[BAD_ROW]))
    with changing(store) as connection, pytest.raises(DBAPIError, match=f"{table} is append-only"):
        connection.exec_driver_sql(change.format(table))


def test_the_migrations_make_the_tables_that_the_code_uses(store: str) -> None:
    engine = database.open_database(store)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _of_record})
        assert compare_metadata(context, database.metadata) == []
    engine.dispose()


def _of_record(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name not in {"service_location", "spatial_ref_sys"}


def test_the_migrations_lead_back_to_nothing_and_up_again(store: str) -> None:
    engine = database.open_database(store)
    before = sa.inspect(engine).get_table_names()
    config = Config()
    config.set_main_option("script_location", "mapping.catalogue:migrations")
    with database.writing(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(sa.inspect(engine).get_table_names()) <= {"alembic_version", "spatial_ref_sys"}
    engine.dispose()
    with Catalogue.open(store) as catalogue:
        assert catalogue.record(batch(service("a"))) == RecordResult(new=1)
    assert set(before) > {"service_revision", "ingest_run", "quarantine"}


def test_a_catalogue_is_reopened_with_what_it_held(store: str) -> None:
    with Catalogue.open(store) as first:
        first.record(batch(service("a")))
    with Catalogue.open(store) as second:
        assert second.current() == [service("a")]


def test_the_folder_of_a_new_catalogue_is_made(tmp_path: Path) -> None:
    Catalogue.open(url_in(tmp_path / "made" / "when missing")).close()
    assert (tmp_path / "made" / "when missing" / "catalogue.sqlite").exists()


def test_services_come_in_the_same_order_from_every_database(catalogue: Catalogue) -> None:
    keys = ["10", "9", "B", "Z-1", "Z1", "_", "a", "z", "È", "é"]
    catalogue.record(batch(*map(service, reversed(keys))))
    assert [one.service_id for one in catalogue.current()] == [f"drawn:{key}" for key in keys]


@pytest.mark.parametrize("url", ["", "catalogue.sqlite", "mysql://u:secret@h/d", "nonsense://x"])
def test_a_url_of_no_catalogue_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(BadInputError, match="Give sqlite:///FILE") as refusal:
        Catalogue.open(url)
    assert "secret" not in str(refusal.value)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "catalogue.sqlite").write_text("ID;NOME\n1;Nido\n" * 99)
    with pytest.raises(BadInputError, match="file is not a database"):
        Catalogue.open(url_in(tmp_path))
    assert (tmp_path / "catalogue.sqlite").read_text().startswith("ID;NOME")


def test_a_catalogue_of_a_newer_software_is_refused(tmp_path: Path) -> None:
    Catalogue.open(url_in(tmp_path)).close()
    connection = sqlite3.connect(tmp_path / "catalogue.sqlite", isolation_level=None)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(BadInputError, match="9999"):
        Catalogue.open(url_in(tmp_path))


readings = st.lists(
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["x", "y"])), max_size=5
)


@given(readings)
def test_current_is_always_the_last_reading_and_history_only_grows(
    names_by_key: list[dict[str, str]],
) -> None:
    with Catalogue.open("sqlite://") as catalogue:
        lengths = dict.fromkeys("abcd", 0)
        for names in names_by_key:
            services = [service(key, name) for key, name in sorted(names.items())]
            result = catalogue.record(batch(*services))
            assert catalogue.current() == services
            grown = {key: len(catalogue.history(f"drawn:{key}")) for key in "abcd"}
            made = result.new + result.changed + result.withdrawn
            assert sum(grown.values()) - sum(lengths.values()) == made
            assert catalogue.record(batch(*services)) == RecordResult(unchanged=len(services))
            lengths = grown


def test_processes_that_record_at_once_all_succeed(store: str) -> None:
    writers = [start_python("write", store, source_id) for source_id in ("one", "two")]
    for writer in writers:
        _, errors = writer.communicate(timeout=120)
        assert writer.returncode == 0, errors
    with Catalogue.open(store) as catalogue:
        assert len(catalogue.runs(latest=False)) == 2 * TIMES
        assert {each.service_id for each in catalogue.current()} == {"one:a", "two:a"}
        assert len(catalogue.history("one:a")) == TIMES


def test_an_import_killed_at_any_moment_leaves_the_catalogue_as_it_was(tmp_path: Path) -> None:
    url = url_in(tmp_path)
    with Catalogue.open(url) as catalogue:
        catalogue.record(batch(service("a"), service("b")))
    killer = start_python("die", url)
    seen, errors = killer.communicate(timeout=120)
    assert killer.returncode == 0, errors
    *killed, finished = seen.split()
    assert len(killed) > 8
    assert set(killed) == {"Nido,Nido;1;0"}
    assert finished == "Asilo,Nido;2;1"


def test_a_first_opening_killed_at_any_moment_can_be_repeated(tmp_path: Path) -> None:
    killer = start_python("die", url_in(tmp_path), str(tmp_path))
    seen, errors = killer.communicate(timeout=120)
    assert killer.returncode == 0, errors
    *killed, finished = seen.split()
    assert len(killed) > 8
    assert set(killed) == {";0;0"}
    assert finished == "Asilo,Nido;1;1"


TIMES = 20


def start_python(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603
        [sys.executable, __file__, *arguments],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _write(url: str, source_id: str) -> None:
    for time in range(TIMES):
        with Catalogue.open(url) as catalogue:
            named = service("a", f"Nido {time}", source_id=source_id)
            catalogue.record(batch(named, source_id=source_id))


def _import_dying_at(moment: int, url: str) -> None:
    """Open and record, killing this process at the given statement that reaches SQLite."""
    left = moment

    def count(_statement: str) -> None:
        nonlocal left
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    def watch(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_trace_callback(count)

    sa.event.listen(sa.Engine, "connect", watch)
    with Catalogue.open(url) as catalogue:
        changed = batch(service("a", "Asilo"), service("c"), rows_in=3, quarantined=[BAD_ROW])
        catalogue.record(changed)


def _die_at_every_moment(url: str, emptied: str = "") -> None:
    status = -1
    moment = 0
    while status:
        for path in Path(emptied).glob("catalogue.sqlite*") if emptied else ():
            path.unlink()
        child = os.fork()
        if not child:
            _import_dying_at(moment, url)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        if status not in {0, signal.SIGKILL}:
            sys.exit(f"moment {moment}: status {status}")
        moment += 1
        sys.stdout.write(f"{_summary(url)}\n")


def _summary(url: str) -> str:
    with Catalogue.open(url) as catalogue:
        names = ",".join(each.name for each in catalogue.current())
        return f"{names};{len(catalogue.runs(latest=False))};{len(catalogue.quarantined())}"


if __name__ == "__main__":
    {"write": _write, "die": _die_at_every_moment}[sys.argv[1]](*sys.argv[2:])


def test_a_server_that_is_down_is_to_be_started() -> None:
    with pytest.raises(BadInputError, match="Connection refused") as refusal:
        Catalogue.open("postgresql+psycopg://prossima@127.0.0.1:9/prossima")
    assert "Start PostgreSQL (`pg_isready`" in str(refusal.value)


def test_a_socket_that_is_not_there_is_a_server_to_be_started(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="Start PostgreSQL"):
        Catalogue.open(f"postgresql+psycopg://prossima@/prossima?host={tmp_path}")


def test_a_catalogue_of_a_newer_release_is_no_wrong_address(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.sqlite"
    Catalogue.open(f"sqlite:///{file}").close()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'ffff'")
    connection.close()
    with pytest.raises(BadInputError, match="of a newer release: take that release") as refusal:
        Catalogue.open(f"sqlite:///{file}")
    assert "Give sqlite" not in str(refusal.value)
