"""The manifest of an edition: what it holds, from which sources, and the hashes that prove it."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    model_validator,
)

from mapping.atomic_files import writing_file
from mapping.errors import BrokenEditionError

SCHEMA_VERSION: Final = 3
MANIFEST = "manifest.json"
SEAL = "manifest.json.sha256"
"""The hash of the manifest, as `sha256sum --check` reads it."""
EDITION_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
TABLE_NAME = re.compile(r"[a-z][a-z0-9_]*\.(parquet|arrow|pmtiles)")

_SHA256 = r"^[0-9a-f]{64}$"
_REMEDY = "Take another with `prossima editions use ID`, or run `prossima build`."


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


def fingerprint(path: Path) -> EditionFile:
    """Give name, size and hash of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return EditionFile(name=path.name, bytes=path.stat().st_size, sha256=digest)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of a folder, and its seal."""
    text = f"{manifest.model_dump_json(indent=2)}\n".encode()
    for name, content in ((MANIFEST, text), (SEAL, _seal(text))):
        with writing_file(folder / name) as sink:
            sink.write(content)


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a folder, after every file has proved to be what it promises.

    Raises BrokenEditionError when the manifest or a file is missing, or is not what was written.
    """
    try:
        text = (folder / MANIFEST).read_bytes()
        sealed = (folder / SEAL).read_bytes() == _seal(text)
    except OSError as error:
        raise _broken(folder, "its manifest or the seal of it cannot be read") from error
    if not sealed:
        raise _broken(folder, "its manifest is not the one that was sealed")
    manifest = _parse(folder, text)
    for file in manifest.files:
        _verify(folder, file)
    return manifest


def _parse(folder: Path, text: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        version = _version(json.loads(text))
        raise _broken(
            folder, f"its schema is {version}, and this software reads {SCHEMA_VERSION}"
        ) from error


def _version(document: Any) -> object:
    return document.get("schema_version") if isinstance(document, dict) else None


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
