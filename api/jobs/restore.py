"""Restoring a backup: into an empty place, verified before any of it is there, or not at all."""

import fcntl
import io
import os
import re
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from api.jobs.backup import (
    CATALOGUE,
    CONTENTS,
    EDITIONS,
    Contents,
    reason_of,
)
from api.jobs.compared_editions import write_compared
from api.jobs.edition_leaks import leaking_editions
from api.jobs.sealed_file import CHUNK_BYTES, SealedReader
from api.settings import Settings
from mapping.atomic_files import rename, sha256_of, sync_folder, writing_file
from mapping.catalogue.database import open_database
from mapping.catalogue.soundness import require_sound
from mapping.catalogue.transfer import transfer
from mapping.edition.edition import POINTER, Edition, publish
from mapping.edition.manifest import EDITION_ID, MANIFEST, SEAL, TABLE_NAME
from mapping.edition.withheld import write_withheld
from mapping.errors import BadInputError

MAX_CONTENTS_BYTES = 1024 * 1024

_NAMES = "|".join((TABLE_NAME.pattern, re.escape(MANIFEST), re.escape(SEAL)))
_ENTRY = re.compile(f"{re.escape(CATALOGUE)}|{EDITIONS}/{EDITION_ID.pattern}/({_NAMES})")
"""Every name that an archive may hold: none leads out of the folder, or into another."""


def restore_backup(
    settings: Settings, path: Path, passphrase: str, *, catalogue_only: bool = False
) -> Contents:
    """Restore a backup into an empty place; all of it is verified before any of it is there.

    Raises BadInputError when the place is not empty, the backup is not whole and genuine, or an
    edition in it holds something of a record that its catalogue calls confidential.
    """
    _require_empty(settings.var)
    try:
        with path.open("rb") as source, _staging(settings.var) as staged:
            contents = _unpack(source, passphrase, staged)
            _verify(contents, staged)
            if catalogue_only:
                contents = _without_editions(contents, staged)
            _refuse_leaks(contents, staged)
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
    reader = io.BufferedReader(SealedReader(source, passphrase), CHUNK_BYTES)
    contents = _read_contents(reader)
    while (entry := _next_entry(reader)) is not None:
        if not _ENTRY.fullmatch(entry.name):
            raise _foreign(entry)
        path = staged / entry.name
        path.parent.mkdir(parents=True, exist_ok=True)
        with writing_file(path) as sink:
            for chunk in _content(reader, entry):
                sink.write(chunk)
    # The last chunk tells that nothing was cut off.
    while reader.read(CHUNK_BYTES):
        pass
    return contents


def _read_contents(reader: io.BufferedIOBase) -> Contents:
    entry = _next_entry(reader)
    if entry is None or entry.name != CONTENTS or entry.size > MAX_CONTENTS_BYTES:
        raise BadInputError(f"The backup does not begin with {CONTENTS}. Take another one.")
    try:
        return Contents.model_validate_json(b"".join(_content(reader, entry)))
    except ValidationError:
        raise BadInputError(
            "The backup was written by another version of Prossima, whose format this one does not"
            " know. Restore it with that version."
        ) from None


def _next_entry(reader: io.BufferedIOBase) -> tarfile.TarInfo | None:
    """Read the next header of an archive; None at its end.

    Links are refused, and headers that go on behind their block (PAX, long names), which `tarfile`
    would read into memory whatever their size: `prossima backup` writes neither.
    """
    block = reader.read(tarfile.BLOCKSIZE)
    if not any(block):
        return None
    entry = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    if entry.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or entry.size < 0:
        raise _foreign(entry)
    return entry


def _foreign(entry: tarfile.TarInfo) -> BadInputError:
    return BadInputError(f"The backup holds {entry.name!r}, which is no part of one.")


def _content(reader: io.BufferedIOBase, entry: tarfile.TarInfo) -> Iterator[bytes]:
    """Give the bytes of an entry in pieces, and pass over what fills its last block."""
    left = entry.size
    while left:
        chunk = reader.read(min(left, CHUNK_BYTES))
        if not chunk:
            raise BadInputError(f"The backup ends within {entry.name}. Take another one.")
        left -= len(chunk)
        yield chunk
    reader.read(-entry.size % tarfile.BLOCKSIZE)


def _verify(contents: Contents, staged: Path) -> None:
    root = staged / EDITIONS
    edition_ids = {path.name for path in root.iterdir()} if root.exists() else set()
    if (
        edition_ids != set(contents.editions)
        or (contents.catalogue_sha256 is None) == (staged / CATALOGUE).exists()
    ):
        raise BadInputError("The backup does not hold what it says it holds. Take another one.")
    write_withheld(root, contents.withheld)
    if contents.compared:
        write_compared(staged, contents.compared)
    for name in contents.editions:
        Edition.open(root / name)
        sync_folder(root / name)
    if contents.published is not None:
        publish(root, contents.published)
    if contents.catalogue_sha256 is not None:
        _verify_catalogue(staged / CATALOGUE, contents.catalogue_sha256)


def _verify_catalogue(path: Path, sha256: str) -> None:
    if sha256_of(path) != sha256:
        raise BadInputError("The catalogue in the backup is not the one that was saved.")
    require_sound(path)
    open_database(f"sqlite:///{path.resolve()}", create=False).dispose()


def _without_editions(contents: Contents, staged: Path) -> Contents:
    if contents.catalogue_sha256 is None:
        raise BadInputError("The backup holds no catalogue. Restore it without --catalogue-only.")
    for name in contents.editions:
        shutil.rmtree(staged / EDITIONS / name)
    (staged / EDITIONS / POINTER).unlink(missing_ok=True)
    return contents.model_copy(update={"editions": (), "published": None})


def _refuse_leaks(contents: Contents, staged: Path) -> None:
    """Search the editions for what the catalogue beside them calls confidential."""
    if contents.catalogue_sha256 is None or not contents.editions:
        return
    leaking = leaking_editions(Settings(var=staged, database_url=""))
    if leaking:
        raise BadInputError(
            f"Of the backup, {', '.join(leaking)} holds something of a confidential record, or is"
            " damaged, and nothing was restored. Restore with --catalogue-only, and run"
            " `prossima build`."
        )
