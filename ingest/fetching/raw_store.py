"""Keeps downloads by content, and for each source which of them is its own."""

import os
import re
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
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


class RawStore:
    """Files named `<2 hex>/<sha256><suffix>`, with a small index for each source.

    The suffix stays, since GDAL knows zip archives and GeoPackages by it. Nothing in the store is
    written to again. Files of publishers may name confidential places: nobody else may read them.
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
        try:
            stored = StoredDownload.model_validate_json(
                read_regular(self._index(source_id), MAX_NOTE_BYTES)
            )
        except (OSError, ValidationError):
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
        return self._note(source_id, stored)

    def confirm(self, source_id: str, stored: StoredDownload) -> StoredDownload:
        """Note that the publisher still has the same bytes now."""
        return self._note(source_id, stored.model_copy(update={"retrieved": _now()}))

    def _note(self, source_id: str, stored: StoredDownload) -> StoredDownload:
        index = self._index(source_id)
        _make_private_folder(index.parent)
        draft = index.with_suffix(".tmp")
        draft.write_text(stored.model_dump_json(indent=1), encoding="utf-8")
        _to_disk(draft)
        draft.replace(index)
        return stored

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
