"""Restoring a backup: into an empty place, verified before any of it is there, or not at all."""

import fcntl
import os
import re
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from api.jobs.backup import (
    CATALOGUE,
    CONTENTS,
    EDITIONS,
    Contents,
    reason_of,
    require_sound,
)
from api.jobs.sealed_file import CHUNK_BYTES, SealedReader
from api.settings import Settings
from mapping.atomic_files import rename, sha256_of, sync_folder, writing_file
from mapping.catalogue.database import open_database
from mapping.catalogue.transfer import transfer
from mapping.edition.edition import Edition, publish
from mapping.edition.manifest import EDITION_ID, MANIFEST, SEAL, TABLE_NAME
from mapping.edition.withheld import write_withheld
from mapping.errors import BadInputError

MAX_CONTENTS_BYTES = 1024 * 1024

_NAMES = "|".join((TABLE_NAME.pattern, re.escape(MANIFEST), re.escape(SEAL)))
_ENTRY = re.compile(f"{re.escape(CATALOGUE)}|{EDITIONS}/{EDITION_ID.pattern}/({_NAMES})")
"""Every name that an archive may hold: none leads out of the folder, or into another."""


def restore_backup(settings: Settings, path: Path, passphrase: str) -> Contents:
    """Restore a backup into an empty place; all of it is verified before any of it is there.

    Raises BadInputError when the place is not empty, or the backup is not whole and genuine.
    """
    _require_empty(settings.var)
    try:
        with path.open("rb") as source, _staging(settings.var) as staged:
            contents = _unpack(source, passphrase, staged)
            _verify(contents, staged)
            if settings.database_url and contents.catalogue_sha256 is not None:
                transfer(f"sqlite:///{(staged / CATALOGUE).resolve()}", settings.database_url)
                (staged / CATALOGUE).unlink()
            rename(staged, settings.var)
    except (OSError, sqlite3.Error, tarfile.TarError) as error:
        raise BadInputError(f"{path} was not restored: {reason_of(error)}.") from error
    return contents


def _require_empty(var: Path) -> None:
    names = sorted(entry.name for entry in var.iterdir()) if var.is_dir() else []
    if names or (var.exists() and not var.is_dir()):
        named = f" (it holds {', '.join(names[:3])})" if names else ""
        raise BadInputError(
            f"{var} is not empty{named}, and a restore replaces nothing. Name another folder in"
            " PROSSIMA_VAR."
        )
    if var.is_mount():
        raise BadInputError(
            f"{var} is a mounted file system, which cannot be put in place in one step. Name a"
            " folder inside it in PROSSIMA_VAR."
        )


@contextmanager
def _staging(var: Path) -> Iterator[Path]:
    """Make a folder beside the place, alone; what a killed restore left in it is removed."""
    staged = var.absolute().with_name(f".{var.absolute().name}.restoring")
    staged.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(staged, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for leftover in staged.iterdir():
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        try:
            yield staged
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    except BlockingIOError:
        raise BadInputError(f"Another restore into {var} is running. Wait for its end.") from None
    finally:
        os.close(descriptor)


def _unpack(source: BinaryIO, passphrase: str, staged: Path) -> Contents:
    reader = BufferedReader(SealedReader(source, passphrase), CHUNK_BYTES)
    with tarfile.open(fileobj=reader, mode="r|") as archive:
        contents = _read_contents(archive)
        while (entry := archive.next()) is not None:
            _write_entry(archive, entry, staged)
    # The last chunk tells that nothing was cut off.
    while reader.read(CHUNK_BYTES):
        pass
    return contents


def _read_contents(archive: tarfile.TarFile) -> Contents:
    entry = archive.next()
    file = None if entry is None else archive.extractfile(entry)
    if entry is None or file is None or entry.name != CONTENTS or entry.size > MAX_CONTENTS_BYTES:
        raise BadInputError(f"The backup does not begin with {CONTENTS}. Take another one.")
    try:
        return Contents.model_validate_json(file.read())
    except ValidationError:
        raise BadInputError(
            "The backup was written by another version of Prossima, whose format this one does not"
            " know. Restore it with that version."
        ) from None


def _write_entry(archive: tarfile.TarFile, entry: tarfile.TarInfo, staged: Path) -> None:
    """Write one entry by its checked name; nothing else of it (links, owners, modes) is taken."""
    content = archive.extractfile(entry) if entry.isreg() else None
    if content is None or not _ENTRY.fullmatch(entry.name):
        raise BadInputError(f"The backup holds {entry.name!r}, which is no part of one.")
    path = staged / entry.name
    path.parent.mkdir(parents=True, exist_ok=True)
    with writing_file(path) as sink:
        shutil.copyfileobj(content, sink, CHUNK_BYTES)


def _verify(contents: Contents, staged: Path) -> None:
    root = staged / EDITIONS
    edition_ids = {path.name for path in root.iterdir()} if root.exists() else set()
    if (
        edition_ids != set(contents.editions)
        or (contents.catalogue_sha256 is None) == (staged / CATALOGUE).exists()
    ):
        raise BadInputError("The backup does not hold what it says it holds. Take another one.")
    for name in contents.editions:
        Edition.open(root / name)
        sync_folder(root / name)
    if contents.withheld:
        write_withheld(root, contents.withheld)
    if contents.published is not None:
        publish(root, contents.published)
    if contents.catalogue_sha256 is not None:
        _verify_catalogue(staged / CATALOGUE, contents.catalogue_sha256)


def _verify_catalogue(path: Path, sha256: str) -> None:
    if sha256_of(path) != sha256:
        raise BadInputError("The catalogue in the backup is not the one that was saved.")
    require_sound(path)
    open_database(f"sqlite:///{path.resolve()}", create=False).dispose()
