"""Moving a catalogue from one database to another: every row, or none."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from mapping.catalogue.database import metadata, named, open_database, reason, writing
from mapping.errors import BadInputError

_ROWS_AT_A_TIME = 1000


@dataclass(frozen=True)
class Moved:
    """A table that was moved: its rows, and a digest of them that is the same on both sides."""

    table: str
    rows: int
    sha256: str


def transfer(source: str, target: str) -> list[Moved]:
    """Copy a catalogue into an empty one, in one transaction, and compare the two.

    Raises BadInputError when the source holds nothing, the target holds something, or a row cannot
    be copied; then the target is empty as before.
    """
    theirs = open_database(source, create=False)
    try:
        # A catalogue moved onto itself is refused too: as a source it holds something.
        _require_rows(theirs)
        ours = open_database(target)
        try:
            return _move(theirs, ours)
        finally:
            ours.dispose()
    finally:
        theirs.dispose()


def _move(theirs: sa.Engine, ours: sa.Engine) -> list[Moved]:
    try:
        with writing(ours) as target:
            _require_empty(target)
            with writing(theirs) as source:
                return [_moved(table, source, target) for table in metadata.sorted_tables]
    except SQLAlchemyError as error:
        raise BadInputError(
            f"The catalogue {named(theirs.url)} could not be moved: {reason(error)}."
            f" {named(ours.url)} is empty as before: mend what is named, and move it again."
        ) from error


def _require_rows(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        if not any(_count(connection, table) for table in metadata.sorted_tables):
            raise BadInputError(
                f"The catalogue {named(engine.url)} is empty: there is nothing to move."
                " Build first, or give another."
            )


def _require_empty(target: sa.Connection) -> None:
    counts = {table.name: _count(target, table) for table in metadata.sorted_tables}
    if any(counts.values()):
        contents = ", ".join(f"{count} rows of {name}" for name, count in counts.items() if count)
        raise BadInputError(
            f"The target {named(target.engine.url)} already holds {contents}. A catalogue is moved"
            " into an empty database only: give another."
        )


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def _moved(table: sa.Table, source: sa.Connection, target: sa.Connection) -> Moved:
    for rows in _chunks(table, source):
        target.execute(sa.insert(table), rows)
    _follow(table, target)
    read, written = _summary(table, source), _summary(table, target)
    if read != written:
        raise BadInputError(
            f"Table {table.name} differs after the move: {read.rows} rows of {read.sha256[:12]}"
            f" became {written.rows} of {written.sha256[:12]}. Nothing was moved: please report it."
        )
    return written


def _chunks(table: sa.Table, connection: sa.Connection) -> Iterator[list[dict[str, Any]]]:
    chosen = sa.select(table).order_by(*table.primary_key)
    chosen = chosen.execution_options(yield_per=_ROWS_AT_A_TIME)
    with connection.execute(chosen) as result:
        for rows in result.mappings().partitions():
            yield [{name: _in_utc(value) for name, value in row.items()} for row in rows]


def _in_utc(value: Any) -> Any:
    # SQLite forgets the offset of a moment, a server gives it in its own; all are of UTC.
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)
    return value


def _summary(table: sa.Table, connection: sa.Connection) -> Moved:
    digest, count = hashlib.sha256(), 0
    for rows in _chunks(table, connection):
        count += len(rows)
        for row in rows:
            digest.update(json.dumps(row, default=_iso).encode() + b"\n")
    return Moved(table.name, count, digest.hexdigest())


def _follow(table: sa.Table, target: sa.Connection) -> None:
    """Let the next number follow the last; SQLite does so by itself."""
    if target.dialect.name != "postgresql":
        return
    for column in table.primary_key:
        sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
        last = sa.select(sa.func.max(column)).scalar_subquery()
        target.execute(sa.select(sa.func.setval(sequence, last)))


def _iso(value: date) -> str:
    return value.isoformat()
