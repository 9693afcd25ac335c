"""Failures of the machine that whoever runs a command can mend: a full disk, a locked catalogue."""

import errno
import sys

from api.settings import Settings

MENDING = {
    errno.ENOSPC: "Free space there, and run the command again",
    errno.EDQUOT: "Free space there, or raise the quota, and run the command again",
    errno.EFBIG: "Raise the limit of a file's size (ulimit -f), and run the command again",
    errno.EROFS: "Make it writable, or name another folder in PROSSIMA_VAR",
    errno.EACCES: "Run the command as the user who owns it, or name another folder in PROSSIMA_VAR",
    errno.EPERM: "Run the command as the user who owns it, or name another folder in PROSSIMA_VAR",
    errno.EEXIST: "Remove it, or name another folder in PROSSIMA_VAR",
    errno.ENOTDIR: "A file stands where a folder is wanted. Name a folder in PROSSIMA_VAR",
    errno.EISDIR: "Remove that folder, and run the command again",
    errno.EIO: "Look at the disk, and run the command again",
}
UNTOUCHED = "what is published and recorded is whole."


def machine_failure(error: Exception) -> str | None:
    """Say in one line what failed, and what mends it; None for what only a bug can cause."""
    if isinstance(error, OSError):
        return _disk_failure(error)
    if "sqlalchemy" in sys.modules:  # else no database was asked, and it is slow to load
        return _database_failure(error)
    return None


def _disk_failure(error: OSError) -> str | None:
    mending = MENDING.get(error.errno or 0)
    if mending is None:
        return None
    place = error.filename or f"{Settings().var}, or the folder of temporary files"
    return f"{error.strerror} ({place}). {mending}: {UNTOUCHED}"


def _database_failure(error: Exception) -> str | None:
    from sqlalchemy import exc  # noqa: PLC0415 - loaded already

    from mapping.catalogue.database import reason, remedy  # noqa: PLC0415 - loaded already

    failed = isinstance(error, exc.OperationalError | exc.InterfaceError | exc.InternalError)
    lacks_table = isinstance(error, exc.ProgrammingError) and remedy(error)
    # Damaged pages are of the class that has all others below it.
    if not (failed or lacks_table or type(error) is exc.DatabaseError):
        return None
    mending = remedy(error) or (
        "Start it, or look at its log, and run the command again: what is recorded is whole."
    )
    return f"The catalogue cannot be used: {reason(error)}. {mending}"
