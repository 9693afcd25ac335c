"""The database under the catalogue: its tables, and how SQLite or PostgreSQL is opened for it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError

from mapping.atomic_files import locked
from mapping.catalogue import postgis
from mapping.errors import BadInputError, NoCatalogueError

PRIVATE_FILE = 0o600
BUSY_SECONDS = 30
"""How long a writer in SQLite waits for another, unless its URL says otherwise (``?timeout=5``)."""
CONNECT_SECONDS = 10
"""How long a server may take to answer, unless its URL says otherwise."""

# Writers take turns from their first statement on: in SQLite a transaction that begins by reading
# cannot wait for its turn to write. The number in PostgreSQL is the name of the lock.
_TAKE_TURN = {
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": "SELECT pg_advisory_xact_lock(20240508)",
}

_REMEDY = (
    "Give sqlite:///FILE, or postgresql+psycopg://USER@HOST/NAME of a database that USER owns,"
    " in PROSSIMA_DATABASE_URL."
)

_ROOM = "Free space on its disk, and run the command again: what is recorded is whole."
DAMAGED = (
    "It is damaged: restore it from a backup, as docs/runbook.md says ('The catalogue is damaged')."
)
NO_RECORD = f"The catalogue holds a record that is none. {DAMAGED}"
_AWAY = (
    "Start PostgreSQL (`pg_isready` says whether it answers), or mend the address in"
    " PROSSIMA_DATABASE_URL."
)
_FAILURES = {
    "is locked": "Another command writes into it: wait for its end, and run this one again.",
    "is full": _ROOM,
    "No space left": _ROOM,
    "disk I/O error": _ROOM,
    "malformed": DAMAGED,
    "no such table": DAMAGED,
    'relation "': DAMAGED,
    "Could not decode": DAMAGED,
    "readonly database": "Run the command as the user who owns it, on a writable disk.",
    "failed: Connection refused": _AWAY,
    "failed: No such file or directory": _AWAY,
    "timeout expired": _AWAY,
    "Can't locate revision": (
        "It is of a newer release: take that release, or restore the backup made before it."
    ),
}
"""What a database that cannot be used, or its schema, says of itself, and what mends it."""

metadata = sa.MetaData()

runs = sa.Table(
    "ingest_run",
    metadata,
    sa.Column("run_id", sa.Integer, primary_key=True),
    sa.Column("source_id", sa.String, nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("sha256", sa.String(64)),
    sa.Column("taken_from", sa.String, nullable=False),
    sa.Column("rows_in", sa.Integer, nullable=False),
    sa.Column("rows_kept", sa.Integer, nullable=False),
    sa.Column("rows_out_of_scope", sa.Integer, nullable=False),
    sa.Column("rows_quarantined", sa.Integer, nullable=False),
    sa.Index("ingest_run_source", "source_id", "run_id"),
)
quarantine = sa.Table(
    "quarantine",
    metadata,
    sa.Column("quarantine_id", sa.Integer, primary_key=True),
    sa.Column("run_id", sa.ForeignKey("ingest_run.run_id"), nullable=False),
    sa.Column("source_id", sa.String, nullable=False),
    sa.Column("line", sa.Integer),
    sa.Column("field", sa.String, nullable=False),
    sa.Column("code", sa.String, nullable=False),
    sa.Column("message", sa.String, nullable=False),
    sa.Column("raw", sa.JSON, nullable=False),
    sa.Index("quarantine_run", "run_id"),
)
revisions = sa.Table(
    "service_revision",
    metadata,
    sa.Column("revision_id", sa.Integer, primary_key=True),
    sa.Column("service_id", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("source_id", sa.String, nullable=False),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Index("service_revision_service", "service_id", "revision_id"),
)
decisions = sa.Table(
    "match_decision",
    metadata,
    sa.Column("decision_id", sa.Integer, primary_key=True),
    sa.Column("left_id", sa.String, nullable=False),
    sa.Column("right_id", sa.String, nullable=False),
    sa.Column("same", sa.Boolean, nullable=False),
    sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Index("match_decision_pair", "left_id", "right_id", "decision_id"),
)
content_translations = sa.Table(
    "content_translation",
    metadata,
    sa.Column("translation_id", sa.Integer, primary_key=True),
    sa.Column("service_id", sa.String, nullable=False),
    sa.Column("field", sa.String, nullable=False),
    sa.Column("language", sa.String, nullable=False),
    sa.Column("italian", sa.String, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("translator", sa.String, nullable=False),
    sa.Column("translated_on", sa.Date, nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("content_translation_service", "service_id", "field", "language", "translation_id"),
)
disclosure_decisions = sa.Table(
    "disclosure_decision",
    metadata,
    sa.Column("decision_id", sa.Integer, primary_key=True),
    sa.Column("service_id", sa.String, nullable=False),
    sa.Column("public", sa.Boolean, nullable=False),
    sa.Column("suspicions", sa.JSON, nullable=False),
    sa.Column("words_sha256", sa.String(64)),
    sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Index("disclosure_decision_service", "service_id", "decision_id"),
)
reports = sa.Table(
    "report",
    metadata,
    sa.Column("report_id", sa.Integer, primary_key=True),
    sa.Column("service_id", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("said", sa.String),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("repeated", sa.Boolean, nullable=False),
    sa.Index("report_service", "service_id", "report_id"),
)
confirmations = sa.Table(
    "report_confirmation",
    metadata,
    sa.Column("confirmation_id", sa.Integer, primary_key=True),
    sa.Column("report_id", sa.ForeignKey("report.report_id"), nullable=False, unique=True),
    sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("actor", sa.String, nullable=False),
)
outcomes = sa.Table(
    "report_outcome",
    metadata,
    sa.Column("outcome_id", sa.Integer, primary_key=True),
    sa.Column("report_id", sa.ForeignKey("report.report_id"), nullable=False, unique=True),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("note", sa.String),
    sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("actor", sa.String, nullable=False),
)
calibration_calls = sa.Table(
    "calibration_call",
    metadata,
    sa.Column("call_id", sa.Integer, primary_key=True),
    sa.Column("edition_id", sa.String, nullable=False),
    sa.Column("code", sa.String, nullable=False),
    sa.Column("service_id", sa.String, nullable=False),
    sa.Column("family", sa.String, nullable=False),
    sa.Column("word", sa.String, nullable=False),
    sa.Column("answered", sa.Boolean, nullable=False),
    sa.Column("serves", sa.Boolean),
    sa.Column("done_on", sa.Date, nullable=False),
    sa.Column("done_by", sa.String, nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
)
calibration_walks = sa.Table(
    "calibration_walk",
    metadata,
    sa.Column("walk_id", sa.Integer, primary_key=True),
    sa.Column("edition_id", sa.String, nullable=False),
    sa.Column("code", sa.String, nullable=False),
    sa.Column("service_id", sa.String, nullable=False),
    sa.Column("quarter", sa.String, nullable=False),
    sa.Column("predicted_minutes", sa.Float, nullable=False),
    sa.Column("walked_minutes", sa.Float, nullable=False),
    sa.Column("obstacles", sa.String),
    sa.Column("done_on", sa.Date, nullable=False),
    sa.Column("done_by", sa.String, nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
)
calibration_keys = sa.Table(
    "calibration_key",
    metadata,
    sa.Column("key_id", sa.Integer, primary_key=True),
    sa.Column("secret", sa.String(64), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)


def open_database(url: str, *, create: bool = True) -> sa.Engine:
    """Open a database, created or brought to the present schema where needed.

    Raises BadInputError when the URL names no database that this software can read.
    """
    parsed = _parse(url)
    if not create or _is_no_file(parsed):
        _require_file(parsed)
    _make_private(parsed)
    engine = _engine(parsed)
    try:
        if not create:
            _require_catalogue(engine)
        with _in_turn(engine):
            _migrate(engine)
            _show(engine)
    except BadInputError:
        engine.dispose()
        raise
    except (DBAPIError, CommandError, OSError) as error:
        engine.dispose()
        raise _unreadable(engine.url, error) from error
    return engine


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Write in one transaction, alone: other writers wait, readers do not.

    It is committed at the end, and rolled back after an exception or a killed process.
    """
    with engine.begin() as connection:
        connection.exec_driver_sql(_TAKE_TURN[engine.dialect.name])
        yield connection


def reason(error: Exception) -> str:
    """Give the first line of what a database itself said: no statement, no value of a row."""
    text = str(getattr(error, "orig", None) or error)
    return _without_values(text) or type(error).__name__


def remedy(error: Exception) -> str | None:
    """Say what mends a database that fails of itself; None where its address may be wrong."""
    text = reason(error)
    return next((words for sign, words in _FAILURES.items() if sign in text), None)


def _without_values(text: str) -> str:
    """Leave out of a database's words what stands in a row, which may be of a confidential place.

    PostgreSQL gives it on lines of its own (DETAIL), SQLite behind a column it cannot decode.
    """
    first, *_ = text.splitlines() or [""]
    return first.partition(" with text ")[0]


def _tell_no_values(context: ExceptionContext) -> None:
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None:
            error.args = tuple(
                _without_values(word) if isinstance(word, str) else word for word in error.args
            )


def named(url: sa.URL) -> str:
    """Name a database in a message: its URL without its passwords."""
    public = url.difference_update_query(["password", "sslpassword"])
    return public.render_as_string(hide_password=True)


def _parse(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except ArgumentError:
        # The text may hold a password: it is not repeated.
        raise BadInputError(f"This is not a database URL. {_REMEDY}") from None
    if parsed.get_backend_name() not in _TAKE_TURN:
        raise BadInputError(f"'{parsed.drivername}' is no database for a catalogue. {_REMEDY}")
    return parsed


def _make_private(url: sa.URL) -> None:
    """Let nobody else read a catalogue in SQLite: it holds confidential places."""
    path = Path(url.database or "")
    if not _is_in_file(url):
        return
    with suppress(OSError):  # whoever cannot open the file is told so a moment later
        path.touch(mode=PRIVATE_FILE)
        path.chmod(PRIVATE_FILE)


def _is_no_file(url: sa.URL) -> bool:
    path = Path(url.database or "")
    return url.get_backend_name() == "sqlite" and path.exists() and not path.is_file()


def _is_in_file(url: sa.URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")


def _require_file(url: sa.URL) -> None:
    if _is_in_file(url) and not Path(url.database or "").is_file():
        raise _no_catalogue(url)


def _require_catalogue(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() is None:
            raise _no_catalogue(engine.url)


def _no_catalogue(url: sa.URL) -> NoCatalogueError:
    return NoCatalogueError(
        f"There is no catalogue at {named(url)}. Check PROSSIMA_VAR, or build one first."
    )


def _engine(url: sa.URL) -> sa.Engine:
    engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
    event.listen(engine, "handle_error", _tell_no_values)
    return engine


def _postgresql(url: sa.URL) -> sa.Engine:
    timeout = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}
    try:
        return sa.create_engine(url, pool_pre_ping=True, connect_args=timeout, hide_parameters=True)
    except (ImportError, ArgumentError) as error:
        raise BadInputError(
            f"The driver of '{url.drivername}' is not installed."
            " Run `pip install prossima[postgis]`."
        ) from error


def _sqlite(url: sa.URL) -> sa.Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    # With isolation_level None the driver begins nothing by itself, so `writing` can say how.
    options: dict[str, Any] = {"isolation_level": None}
    if "timeout" not in url.query:
        options["timeout"] = BUSY_SECONDS
    engine = sa.create_engine(
        url,
        connect_args=options,
        hide_parameters=True,
        json_serializer=_written_json,
        json_deserializer=_read_json,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _written_json(content: Any) -> str:
    return orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS).decode()


def _read_json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        raise BadInputError(NO_RECORD) from None


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Readers go on while one writes (WAL); a committed import survives a power cut (FULL).
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def _in_turn(engine: sa.Engine) -> Iterator[None]:
    # SQLite does not wait when two processes turn a new file to WAL at once: they open in turn.
    file = engine.url.database
    if engine.dialect.name != "sqlite" or not file or file == ":memory:":
        yield
        return
    with locked(Path(file).parent):
        yield


def _migrate(engine: sa.Engine) -> None:
    config = Config()
    config.set_main_option("script_location", "mapping:catalogue/migrations")
    head = ScriptDirectory.from_config(config).get_current_head()
    with engine.connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() == head:
            return
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _show(engine: sa.Engine) -> None:
    if engine.dialect.name != "postgresql":
        return
    with engine.connect() as connection:
        if postgis.is_in_date(connection):
            return
    with writing(engine) as connection:
        postgis.show(connection)


def _unreadable(url: sa.URL, error: Exception) -> BadInputError:
    mends = remedy(error) or _REMEDY
    return BadInputError(f"The catalogue {named(url)} cannot be opened: {reason(error)}. {mends}")
