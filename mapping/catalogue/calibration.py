"""What people found who called services and walked to them: added, never changed, or erased."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from mapping.catalogue.database import (
    calibration_calls,
    calibration_walks,
    open_database,
    writing,
)
from mapping.catalogue.secret import secret_of
from mapping.errors import BadInputError


@dataclass(frozen=True)
class CallOutcome:
    """What came of a call: `serves` is None where nobody answered, or who did could not tell."""

    edition_id: str
    code: str
    """Which of the calls that were drawn for the edition."""
    service_id: str
    family: str
    word: str
    """One of `tables.SURENESS`: what was said of the record."""
    answered: bool
    serves: bool | None
    done_on: date
    done_by: str


@dataclass(frozen=True)
class WalkOutcome:
    """How long a walk with a pushchair took, and was said to take."""

    edition_id: str
    code: str
    service_id: str
    quarter: str
    predicted_minutes: float
    walked_minutes: float
    obstacles: str | None
    done_on: date
    done_by: str


@dataclass(frozen=True)
class CalibrationOutcomes:
    """CalibrationOutcomes of calls and of walks."""

    calls: Sequence[CallOutcome] = ()
    walks: Sequence[WalkOutcome] = ()

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.calls) + len(self.walks)


_TABLES = (calibration_calls, calibration_walks)
_SHOWN = 5
MAX_OUTCOMES = 5_000
"""Fifty sheets: their results are summed while somebody waits."""
T = TypeVar("T", CallOutcome, WalkOutcome)


def sheet_key(url: str) -> bytes:
    """Give the secret that signs the rows of sheets."""
    with _open(url, create=True) as engine, writing(engine) as connection:
        return secret_of(connection)


def read_outcomes(url: str) -> CalibrationOutcomes:
    """Read the last outcome of every call and walk.

    Raises BadInputError where there is no catalogue.
    """
    with _open(url, create=False) as engine, engine.connect() as connection:
        return _latest(connection)


def record_outcomes(url: str, outcomes: CalibrationOutcomes) -> int:
    """Record outcomes in one transaction; gives how many say something that was not known.

    Raises BadInputError when the catalogue would hold more than `MAX_OUTCOMES`.
    """
    with _open(url, create=True) as engine, writing(engine) as connection:
        known = _latest(connection)
        calls = _new(outcomes.calls, known.calls)
        walks = _new(outcomes.walks, known.walks)
        _require_room(connection, len(calls) + len(walks))
        _add(connection, calibration_calls, calls)
        _add(connection, calibration_walks, walks)
        return len(calls) + len(walks)


def erase_outcomes(url: str, code: str, edition_id: str | None = None) -> int:
    """Erase all that was ever recorded of a call or walk; gives how many rows are gone.

    The only rows of a catalogue that go: what a person wrote by hand may be of a family. Raises
    BadInputError where there is no such outcome, or several editions have one and none is named.
    """
    with _open(url, create=False) as engine:
        with writing(engine) as connection:
            edition_id = edition_id or _only_edition(connection, code)
            gone = sum(_erase(connection, table, code, edition_id) for table in _TABLES)
            if not gone:
                raise _no_outcome(code)
        if engine.dialect.name == "sqlite":
            with engine.connect() as connection:  # or the old pages stay in the log beside it
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return gone


def _only_edition(connection: sa.Connection, code: str) -> str:
    chosen = (sa.select(table.c.edition_id).where(table.c.code == code) for table in _TABLES)
    editions: list[str] = sorted(connection.execute(sa.union(*chosen)).scalars())
    if not editions:
        raise _no_outcome(code)
    if len(editions) > 1:
        raise BadInputError(
            f"Several editions have an outcome {code!r}: {', '.join(editions[:_SHOWN])}."
            " Name one with --edition ID."
        )
    return editions[0]


def _no_outcome(code: str) -> BadInputError:
    return BadInputError(
        f"The catalogue has no outcome {code!r}. Give the code of the sheet, such as T04, and"
        " the edition that the row names."
    )


def _erase(connection: sa.Connection, table: sa.Table, code: str, edition_id: str) -> int:
    """Delete rows though a trigger refuses it: it is away in this transaction alone."""
    chosen = sa.delete(table).where(table.c.code == code, table.c.edition_id == edition_id)
    if connection.dialect.name == "postgresql":
        trigger = f"TRIGGER {table.name}_append_only"
        connection.exec_driver_sql(f"ALTER TABLE {table.name} DISABLE {trigger}")
        gone = connection.execute(chosen).rowcount
        connection.exec_driver_sql(f"ALTER TABLE {table.name} ENABLE {trigger}")
        return gone
    name = f"{table.name}_no_delete"
    sql = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name")
    made_by = connection.execute(sql, {"name": name}).scalar_one()
    connection.exec_driver_sql("PRAGMA secure_delete=ON")
    connection.exec_driver_sql(f"DROP TRIGGER {name}")
    gone = connection.execute(chosen).rowcount
    connection.exec_driver_sql(made_by)
    return gone


@contextmanager
def _open(url: str, *, create: bool) -> Iterator[sa.Engine]:
    engine = open_database(url, create=create)
    try:
        yield engine
    finally:
        engine.dispose()


def _latest(connection: sa.Connection) -> CalibrationOutcomes:
    return CalibrationOutcomes(
        _last_of_each(connection, calibration_calls, CallOutcome),
        _last_of_each(connection, calibration_walks, WalkOutcome),
    )


def _last_of_each(connection: sa.Connection, table: sa.Table, kind: type[T]) -> list[T]:
    names = list(kind.__dataclass_fields__)
    chosen = sa.select(*(table.c[name] for name in names)).order_by(*table.primary_key)
    last: dict[tuple[Any, ...], T] = {}
    for row in connection.execute(chosen).mappings():
        last[row["edition_id"], row["code"]] = kind(**row)
    return list(last.values())


def _new(outcomes: Sequence[T], known: Sequence[T]) -> list[T]:
    known_already = set(known)
    return [outcome for outcome in outcomes if outcome not in known_already]


def _require_room(connection: sa.Connection, count: int) -> None:
    rows = 0
    for table in _TABLES:
        rows += connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    if count and rows + count > MAX_OUTCOMES:
        raise BadInputError(
            f"The catalogue holds {rows} outcomes of calls and walks, and takes {MAX_OUTCOMES}."
            " Erase what is not needed: prossima calibration erase CODE."
        )


def _add(connection: sa.Connection, table: sa.Table, outcomes: Sequence[T]) -> None:
    stamp = {"recorded_at": datetime.now(UTC)}
    if outcomes:
        connection.execute(sa.insert(table), [asdict(outcome) | stamp for outcome in outcomes])
