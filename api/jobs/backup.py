"""Writing a backup: catalogue and editions in one sealed file.

The catalogue travels as a SQLite file, whichever database it lives in: `transfer` copies and
compares every row of a catalogue on PostgreSQL, in turn with its writers.
"""

import io
import os
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

import sqlalchemy as sa
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.jobs.catalogue_health import LOST_CATALOGUE
from api.jobs.compared_editions import compared_with, read_compared
from api.jobs.sealed_file import SealedWriter
from api.settings import Settings
from mapping.atomic_files import locked, rename, sha256_of, temporary_folder
from mapping.catalogue.database import remedy
from mapping.catalogue.soundness import require_sound
from mapping.catalogue.transfer import transfer
from mapping.edition.edition import POINTER, Edition, current, list_editions
from mapping.edition.manifest import EDITION_ID, MANIFEST, SEAL
from mapping.edition.withheld import read_withheld
from mapping.errors import BadInputError, StoreError

CONTENTS = "backup.json"
CATALOGUE = "catalogue.sqlite"
EDITIONS = "editions"
MIN_PASSPHRASE = 12

_PRIVATE_MODE = 0o600


EditionId = Annotated[str, Field(pattern=f"^{EDITION_ID.pattern}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Contents(BaseModel):
    """What a backup holds; the first entry of its archive."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    software_version: str
    created_at: AwareDatetime
    catalogue_sha256: str | None
    """None when there was no catalogue."""
    editions: tuple[EditionId, ...]
    published: EditionId | None
    withheld: tuple[Digest, ...] = ()
    """Digests of the services that the editions hide."""
    compared: dict[EditionId, tuple[Digest, ...]] = Field(default_factory=dict)
    """By edition, digests of the confidential records without which it was found the same."""


def read_passphrase(settings: Settings, path: Path | None) -> str:
    """Read the passphrase from the first line of a file, or else from the settings."""
    try:
        text = settings.backup_passphrase.get_secret_value() if path is None else _first_line(path)
    except (OSError, UnicodeDecodeError):
        raise BadInputError(
            f"The passphrase file {path} cannot be read. Give a text file that you may read."
        ) from None
    if len(text) < MIN_PASSPHRASE:
        raise BadInputError(
            f"The passphrase has {len(text)} characters; it takes {MIN_PASSPHRASE} or more. Give it"
            " by --passphrase-file FILE, or in PROSSIMA_BACKUP_PASSPHRASE."
        )
    return text


def write_backup(
    settings: Settings, path: Path, passphrase: str, *, all_editions: bool = False
) -> Contents:
    """Write a backup that is complete or not there, readable by its owner alone.

    Raises BadInputError when the file exists, there is nothing to save, or it cannot be written.
    """
    if path.exists():
        raise BadInputError(f"{path} exists, and a backup replaces nothing. Give another name.")
    if not settings.var.is_dir():
        raise BadInputError(
            f"There is nothing to save: {settings.var} (PROSSIMA_VAR) is no folder."
        )
    editions = _editions_to_save(settings.editions, all_editions=all_editions)
    work = settings.var / ".backup"
    try:
        work.mkdir(mode=0o700, exist_ok=True)
        with locked(work), temporary_folder(work) as folder:
            copy = _copy_catalogue(settings.catalogue_url, folder)
            if copy is None and not editions:
                raise BadInputError(
                    f"There is nothing to save in {settings.var}: no catalogue, no published"
                    " edition. Set PROSSIMA_VAR, or run `prossima build`."
                )
            if editions and (copy is None or not _has_services(copy)):
                raise BadInputError(LOST_CATALOGUE)
            contents = _contents(settings, copy, editions)
            with _private_file(path) as sink, SealedWriter(sink, passphrase) as sealed:
                _archive(sealed, contents, copy, editions)
    except (OSError, sqlite3.Error) as error:
        raise BadInputError(
            f"The backup {path} was not written: {reason_of(error)}. {remedy(error) or ''}".strip()
        ) from error
    return contents


def _first_line(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().rstrip("\r\n")


def reason_of(error: Exception) -> str:
    """Give what the system or SQLite said, and of which file."""
    named = f" ({error.filename})" if isinstance(error, OSError) and error.filename else ""
    return f"{getattr(error, 'strerror', None) or error}{named}"


def _editions_to_save(root: Path, *, all_editions: bool) -> list[Edition]:
    if all_editions:
        return [Edition.open(root / name) for name in list_editions(root)]
    return [Edition.open(current(root))] if (root / POINTER).exists() else []


def _copy_catalogue(url: str, folder: Path) -> Path | None:
    """Copy the catalogue into a SQLite file, while others read and write; None without one."""
    copy = folder / CATALOGUE
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        transfer(url, f"sqlite:///{copy.resolve()}")
        return copy
    original = Path(parsed.database or "")
    if not original.is_file():
        return None
    with (
        closing(sqlite3.connect(f"{original.resolve().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
        # Without a journal beside it the file alone is the catalogue.
        target.execute("PRAGMA journal_mode=DELETE")
    require_sound(copy)
    return copy


def _has_services(copy: Path) -> bool:
    with closing(sqlite3.connect(copy)) as connection:
        return connection.execute("SELECT 1 FROM service_revision LIMIT 1").fetchone() is not None


def _contents(settings: Settings, copy: Path | None, editions: list[Edition]) -> Contents:
    root = settings.editions
    compared = read_compared(settings.var, (edition.id for edition in editions))
    with suppress(StoreError):  # a backup does not wait for a store that is away
        compared = {edition.id: compared_with(settings, edition.id) for edition in editions}
    names = tuple(edition.id for edition in editions)
    published = current(root).name if (root / POINTER).exists() else None
    return Contents(
        software_version=version("prossima"),
        created_at=datetime.now(UTC).replace(microsecond=0),
        catalogue_sha256=None if copy is None else sha256_of(copy),
        editions=names,
        published=published if published in names else None,
        withheld=tuple(sorted(read_withheld(root))),
        compared={name: tuple(sorted(digests)) for name, digests in compared.items() if digests},
    )


@contextmanager
def _private_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that only its owner may read, and name it so when it is complete."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE_MODE)
        with os.fdopen(descriptor, "wb") as sink:
            yield sink
            sink.flush()
            os.fsync(descriptor)
        rename(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _archive(
    sealed: SealedWriter, contents: Contents, copy: Path | None, editions: list[Edition]
) -> None:
    with tarfile.open(fileobj=sealed, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        text = contents.model_dump_json().encode()
        _add(archive, CONTENTS, io.BytesIO(text), len(text))
        if copy is not None:
            _add_file(archive, CATALOGUE, copy)
        for edition in editions:
            names = (*(file.name for file in edition.manifest.files), MANIFEST, SEAL)
            for name in names:
                _add_file(archive, f"{EDITIONS}/{edition.id}/{name}", edition.path / name)


def _add_file(archive: tarfile.TarFile, name: str, path: Path) -> None:
    with path.open("rb") as file:
        _add(archive, name, file, path.stat().st_size)


def _add(archive: tarfile.TarFile, name: str, content: BinaryIO, size: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, _PRIVATE_MODE
    archive.addfile(entry, content)
