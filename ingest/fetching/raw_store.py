"""Keeps downloads by content, and for each source which of them is its own."""

import os
import re
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from ingest.fetching.download import MAX_NOTE_BYTES, Version
from mapping.atomic_files import read_regular, sha256_of

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700


class StoredDownload(BaseModel):
    """A download in the raw store, and when its publisher gave or last confirmed it."""

    model_config = ConfigDict(frozen=True)

    origin: str
    file: str
    sha256: str
    version: Version
    pages: tuple[Version, ...] = ()
    """Of each page, where the download is one of pages."""
    retrieved: AwareDatetime
    judged: bool = False
    """Whether the list was read and names no confidential place; of other files nobody asks."""


class WithheldDownload(BaseModel):
    """A download of which no copy is kept, since it names a confidential place."""

    model_config = ConfigDict(frozen=True)

    origin: str
    retrieved: AwareDatetime
    reading: str
    """What was public of it, as who read it writes that down."""


Note = TypeVar("Note", StoredDownload, WithheldDownload)


class RawStore:
    """Files named `<2 hex>/<sha256><suffix>`, with a small index for each source.

    The suffix stays, since GDAL knows zip archives and GeoPackages by it. Nothing in the store is
    written to again; what a newer download replaces is deleted, for nobody would judge it again.
    Nobody else may read the files.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, stored: StoredDownload) -> Path:
        """Locate the bytes of a download."""
        return self._root / stored.file

    def find(self, source_id: str, origins: Collection[str]) -> StoredDownload | None:
        """Find the download of a source from one of the addresses that it declares today.

        None without a download, or when the disk has changed its bytes.
        """
        stored = self._noted(source_id, StoredDownload)
        if stored is None:
            return None
        path = self.path(stored)
        intact = stored.origin in origins and path.is_file() and sha256_of(path) == stored.sha256
        return stored if intact else None

    def keep(
        self,
        source_id: str,
        part: Path,
        *,
        origin: str,
        version: Version,
        pages: tuple[Version, ...] = (),
    ) -> StoredDownload:
        """Move a complete download, on the disk of the store, into it, as `find` will find it."""
        digest = sha256_of(part)
        # A download as it came is named by its address; what was made of several, by its maker.
        suffix = _suffix(version.url) if part.suffix == ".part" else part.suffix
        file = f"{digest[:2]}/{digest}{suffix}"
        path = self._root / file
        _make_private_folder(self._root)
        _make_private_folder(path.parent)
        part.chmod(PRIVATE_FILE)
        _to_disk(part)
        part.replace(path)
        stored = StoredDownload(
            origin=origin,
            file=file,
            sha256=digest,
            version=version,
            pages=pages,
            retrieved=_now(),
        )
        self._note(source_id, stored)
        return stored

    def confirm(self, source_id: str, stored: StoredDownload) -> StoredDownload:
        """Note that the publisher still has the same bytes now."""
        confirmed = stored.model_copy(update={"retrieved": _now()})
        self._note(source_id, confirmed)
        return confirmed

    def adopt(self, source_id: str, stored: StoredDownload, path: Path) -> Path:
        """Keep a list that names no confidential place, moved here from another store."""
        target = self.path(stored)
        if path != target:
            _make_private_folder(self._root)
            _make_private_folder(target.parent)
            path.replace(target)
        self._note(source_id, stored.model_copy(update={"judged": True}))
        return target

    def withhold(self, source_id: str, stored: StoredDownload, reading: str) -> None:
        """Keep of a download only that there was one, and what was public of it."""
        note = WithheldDownload(origin=stored.origin, retrieved=stored.retrieved, reading=reading)
        self._note(source_id, note)
        # Another source may have the same bytes: it fetches them again.
        for path in self._root.glob(f"{stored.sha256[:2]}/{stored.sha256}*"):
            path.unlink()

    def withheld(self, source_id: str, origins: Collection[str]) -> WithheldDownload | None:
        """Find what is known of a download that is not kept."""
        note = self._noted(source_id, WithheldDownload)
        return note if note is not None and note.origin in origins else None

    def reword(self, source_id: str, note: WithheldDownload, reading: str) -> None:
        """Note what is public now of a download that is not kept."""
        self._note(source_id, note.model_copy(update={"reading": reading}))

    def unjudged(self, other: Collection[str]) -> list[Path]:
        """List the files that may name a confidential place, for all that anybody knows.

        Those that no source has any more, and lists that were not judged: what is noted of a
        source that is not among the `other` ones, which give no services.
        """
        notes = {
            path.stem: self._noted(path.stem, StoredDownload)
            for path in self._root.glob("index/*.json")
        }
        known = {
            self.path(note)
            for source_id, note in notes.items()
            if note is not None and (note.judged or source_id in other)
        }
        files = [path for path in self._root.glob("[0-9a-f][0-9a-f]/*") if path.is_file()]
        return sorted(path for path in files if path not in known)

    def _note(self, source_id: str, note: StoredDownload | WithheldDownload) -> None:
        index, before = self._index(source_id), self._noted(source_id, StoredDownload)
        _make_private_folder(self._root)
        _make_private_folder(index.parent)
        draft = index.with_suffix(".tmp")
        draft.touch(PRIVATE_FILE)
        draft.write_text(note.model_dump_json(indent=1), encoding="utf-8")
        _to_disk(draft)
        draft.replace(index)
        if before is not None:
            self._delete_unless_noted(before)

    def _delete_unless_noted(self, stored: StoredDownload) -> None:
        notes = (self._noted(path.stem, StoredDownload) for path in self._root.glob("index/*.json"))
        if all(note is None or note.file != stored.file for note in notes):
            self.path(stored).unlink(missing_ok=True)

    def _noted(self, source_id: str, kind: type[Note]) -> Note | None:
        try:
            return kind.model_validate_json(read_regular(self._index(source_id), MAX_NOTE_BYTES))
        except (OSError, ValidationError):
            return None

    def _index(self, source_id: str) -> Path:
        return self._root / "index" / f"{source_id}.json"


def _suffix(url: str) -> str:
    suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
    return suffix if re.fullmatch(r"\.[a-z0-9]{1,10}", suffix) else ""


def _make_private_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(PRIVATE_FOLDER)


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _now() -> datetime:
    return datetime.now(UTC)
