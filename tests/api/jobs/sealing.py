"""A backup or a restore in a process of its own, which may be killed or have little disk."""

import resource
import sys
from pathlib import Path

from api.benches.worker import peak_megabytes
from api.jobs import backup, restore, sealed_file
from api.settings import Settings
from mapping.errors import ProssimaError

PASSPHRASE = "quattordici rane verdi"  # noqa: S105 - of drawn data
SCRYPT_COST = 2**4
"""Cheap: a key of a real backup takes a second to make."""
WORKS = {"backup": backup.write_backup, "restore": restore.restore_backup}


def save_or_restore(what: str, var: Path, path: Path, said: Path, limit: int = 0) -> None:
    """Do it, with files of `limit` bytes at the most, and write into a file what was refused."""
    sealed_file.SCRYPT_COST = SCRYPT_COST
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    refused = ""
    try:
        WORKS[what](Settings(var=var, database_url=""), path, PASSPHRASE)
    except ProssimaError as error:
        refused = f"{type(error).__name__} {error}"
    said.write_text(refused, encoding="utf-8")


if __name__ == "__main__":
    what, *paths = sys.argv[1:]
    save_or_restore(what, *map(Path, paths))
    sys.stdout.write(str(peak_megabytes()))
