"""Whether a catalogue in SQLite is as it was written."""

import sqlite3
from contextlib import closing
from pathlib import Path

from mapping.catalogue.database import DAMAGED
from mapping.errors import BadInputError


def require_sound(path: Path) -> None:
    """Raise BadInputError when the pages or the references of a SQLite catalogue are damaged."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        flaw = _flaw(connection)
    if flaw is not None:
        raise BadInputError(f"The catalogue {path} cannot be used: {flaw}. {DAMAGED}")


def _flaw(connection: sqlite3.Connection) -> str | None:
    try:
        (flaw,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        orphans = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.OperationalError:  # it is locked, or cannot be read, which is no damage
        raise
    except sqlite3.DatabaseError as error:
        return str(error)
    if flaw != "ok":
        return " ".join(flaw.split())
    return None if orphans is None else "rows refer to others that are gone"
