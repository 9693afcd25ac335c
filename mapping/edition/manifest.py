"""The manifest of an edition: what it holds, from which sources, and the hashes that prove it."""

import hashlib
import json
import os
import re
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, NamedTuple, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    model_validator,
)

from mapping.atomic_files import read_regular, sha256_of, writing_file
from mapping.errors import BrokenEditionError, OlderEditionError

SCHEMA_VERSION: Final = 3
MANIFEST = "manifest.json"
SEAL = "manifest.json.sha256"
"""The hash of the manifest, as `sha256sum --check` reads it."""
EDITION_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
TABLE_NAME = re.compile(r"[a-z][a-z0-9_]*\.(parquet|arrow|pmtiles)")

MAX_MANIFEST_BYTES = 16 * 1024 * 1024
OF_ITS_DAY = ("today", "windows")
"""Parameters that move on with the calendar; what comes of them is in the files."""

_SHA256 = r"^[0-9a-f]{64}$"
_REMEDY = "Take another with `prossima editions use ID`, or run `prossima build`."


FileStamps = tuple[tuple[str, int, int], ...]
"""Name, size and time of files: another stamp is another file, or one that was written to."""


class _ManifestPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EditionSource(_ManifestPart):
    """A source that an edition rests on, and what became of its rows."""

    id: str
    publisher: str
    licence: str
    licence_url: str | None = None
    attribution: str | None = None
    retrieved: str | None = Field(default=None, pattern=r"^\d{4}(-\d{2}(-\d{2}(T.+)?)?)?$")
    """ISO date, or moment, at which the file was taken from its publisher."""
    sha256: str | None = Field(default=None, pattern=_SHA256)
    taken_from: Literal["mirror", "raw", "live", "bundled", "import"]
    rows_in: int = Field(ge=0)
    rows_kept: int = Field(ge=0)
    rows_out_of_scope: int = Field(default=0, ge=0)
    rows_quarantined: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _every_row_is_accounted_for(self) -> Self:
        accounted = self.rows_kept + self.rows_out_of_scope + self.rows_quarantined
        if self.rows_in != accounted:
            raise ValueError(
                f"source '{self.id}': {self.rows_in} rows in, {accounted} accounted for"
            )
        return self


class EditionFile(_ManifestPart):
    """A file of an edition, with the size and hash that it had when it was written."""

    name: str = Field(pattern=f"^{TABLE_NAME.pattern}$")
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=_SHA256)


class Manifest(_ManifestPart):
    """What an edition holds, from which sources, made by which software with what parameters."""

    schema_version: Literal[3] = SCHEMA_VERSION
    city: str
    id: str = Field(pattern=f"^{EDITION_ID.pattern}$")
    created_at: AwareDatetime
    software_version: str
    parameters: dict[str, JsonValue] = {}
    sources: tuple[EditionSource, ...] = ()
    files: tuple[EditionFile, ...]

    def has_content_of(self, other: Self) -> bool:
        """Whether another edition says the same: built on another day, or by another version."""
        return self._content() == other._content()

    def _content(self) -> tuple[object, ...]:
        parameters = {
            name: value for name, value in self.parameters.items() if name not in OF_ITS_DAY
        }
        return self.city, parameters, self.sources, sorted(self.files, key=lambda file: file.name)


class ManifestHead(NamedTuple):
    """What tells whether an edition can be opened, and beside which others; None: not readable."""

    schema_version: object
    city: str | None

    @property
    def is_readable(self) -> bool:
        """Whether this software opens editions of that format."""
        return self.schema_version == SCHEMA_VERSION


def fingerprint(path: Path) -> EditionFile:
    """Give name, size and hash of a file."""
    return EditionFile(name=path.name, bytes=path.stat().st_size, sha256=sha256_of(path))


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of a folder, and its seal."""
    text = f"{manifest.model_dump_json(indent=2)}\n".encode()
    for name, content in ((MANIFEST, text), (SEAL, _seal(text))):
        with writing_file(folder / name) as sink:
            sink.write(content)


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a folder, after every file has proved to be what it promises.

    Raises BrokenEditionError when the manifest or a file is missing, or is not what was written,
    and OlderEditionError when an older version of this software wrote it.
    """
    text = _sealed_text(folder)
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        raise _unreadable(folder, text) from error
    for file in manifest.files:
        _verify(folder, file)
    return manifest


def is_whole(folder: Path) -> bool:
    """Whether a manifest is sealed and its files are there in their sizes: none of them is read."""
    try:
        files = json.loads(_sealed_text(folder))["files"]
        return all((folder / file["name"]).stat().st_size == file["bytes"] for file in files)
    except (BrokenEditionError, OSError, ValueError, TypeError, KeyError, RecursionError):
        return False


def salvage_manifest(folder: Path) -> Manifest:
    """Read what can still be told of an edition of an older format, or with broken files.

    It promises only the files that are what was written. Raises BrokenEditionError when not even
    its own text is.
    """
    text = _sealed_text(folder)
    try:
        document = json.loads(text)
        files = [EditionFile.model_validate(file) for file in document["files"]]
        sources = [EditionSource.model_validate(source) for source in document["sources"]]
        city, parameters = str(document["city"]), dict(document["parameters"])
        created_at = datetime.fromisoformat(document["created_at"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _unreadable(folder, text) from error
    return Manifest.model_construct(
        city=city,
        id=folder.name,
        created_at=created_at,
        software_version=str(document.get("software_version")),
        parameters=parameters,
        sources=tuple(sources),
        files=tuple(file for file in files if _is_intact(folder, file)),
    )


def file_stamps(folder: Path) -> FileStamps:
    """Give name, size and time of every file of a folder; nothing of one that is not there."""
    try:
        with os.scandir(folder) as entries:
            stats = {entry.name: entry.stat() for entry in entries}
    except OSError:
        return ()
    return tuple(sorted((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats.items()))


def read_head(folder: Path) -> ManifestHead:
    """Read format and city of an edition without verifying its files."""
    path = folder / MANIFEST
    try:
        return _head_of(path, path.stat().st_mtime_ns)
    except OSError:
        return ManifestHead(None, None)


@lru_cache(1024)
def _head_of(path: Path, _changed_at: int) -> ManifestHead:
    return _parse_head(read_regular(path, MAX_MANIFEST_BYTES))


def _parse_head(text: bytes) -> ManifestHead:
    try:
        document = json.loads(text)
        return ManifestHead(document["schema_version"], document["city"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return ManifestHead(None, None)


def _sealed_text(folder: Path) -> bytes:
    try:
        text = read_regular(folder / MANIFEST, MAX_MANIFEST_BYTES)
        sealed = read_regular(folder / SEAL, MAX_MANIFEST_BYTES) == _seal(text)
    except OSError as error:
        raise _broken(folder, "its manifest or the seal of it cannot be read") from error
    if not sealed:
        raise _broken(folder, "its manifest is not the one that was sealed")
    return text


def _unreadable(folder: Path, text: bytes) -> BrokenEditionError:
    version = _parse_head(text).schema_version
    reason = f"its schema is {version}, and this software reads {SCHEMA_VERSION}"
    if isinstance(version, int) and version < SCHEMA_VERSION:
        return OlderEditionError(
            f"Edition {folder.name} is of an older format: {reason}. {_REMEDY}"
        )
    return _broken(folder, reason)


def _is_intact(folder: Path, promised: EditionFile) -> bool:
    try:
        _verify(folder, promised)
    except BrokenEditionError:
        return False
    return True


def _verify(folder: Path, promised: EditionFile) -> None:
    path = folder / promised.name
    try:
        same = path.stat().st_size == promised.bytes and fingerprint(path) == promised
    except OSError as error:
        raise _broken(folder, f"its {promised.name} cannot be read") from error
    if not same:
        raise _broken(folder, f"its {promised.name} is not the file that was written")


def _seal(text: bytes) -> bytes:
    return f"{hashlib.sha256(text).hexdigest()}  {MANIFEST}\n".encode()


def _broken(folder: Path, why: str) -> BrokenEditionError:
    return BrokenEditionError(f"Edition {folder.name} is broken: {why}. {_REMEDY}")
