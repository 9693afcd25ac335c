"""What people found who called services and walked to them: outcomes are added, never changed."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from mapping.catalogue.database import (
    calibration_calls,
    calibration_keys,
    calibration_walks,
    open_database,
    writing,
)
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
KEY_BYTES = 32
MAX_OUTCOMES = 5_000
"""Fifty sheets: their results are summed while somebody waits."""
T = TypeVar("T", CallOutcome, WalkOutcome)


def sheet_key(url: str) -> bytes:
    """Give the secret that signs the rows of sheets; made once, it stays in the catalogue."""
    with _open(url, create=True) as engine, writing(engine) as connection:
        first = sa.select(calibration_keys.c.secret).order_by(calibration_keys.c.key_id).limit(1)
        secret = connection.execute(first).scalar()
        if secret is None:
            secret = secrets.token_hex(KEY_BYTES)
            row = {"secret": secret, "created_at": datetime.now(UTC)}
            connection.execute(sa.insert(calibration_keys), [row])
        return bytes.fromhex(secret)


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
    told = set(known)
    return [outcome for outcome in outcomes if outcome not in told]


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
