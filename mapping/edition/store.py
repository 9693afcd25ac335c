"""The store of editions that several servers share: a folder, or a bucket of S3, through fsspec.

It holds what the folder of editions of one machine holds: editions, the pointer, and what is
withheld. An edition is written whole and read back before the pointer moves, and the pointer moves
only if nobody else has moved it meanwhile.
"""

import hashlib
import io
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

import fsspec
from pydantic import TypeAdapter, ValidationError

from mapping.atomic_files import (
    PRIVATE,
    locked,
    rename,
    replace_text,
    sync_folder,
    temporary_folder,
)
from mapping.edition.edition import POINTER, PREVIOUS, Edition, publish
from mapping.edition.manifest import EDITION_ID, MANIFEST, SEAL, TABLE_NAME, read_manifest
from mapping.edition.old_editions import old_editions
from mapping.edition.shown_services import NAMING_SERVICES, ids_in
from mapping.edition.withheld import (
    FILE,
    is_private,
    parse_withheld,
    read_withheld,
    withheld_after,
    withheld_text,
    write_withheld,
)
from mapping.errors import BrokenEditionError, OvertakenError, ProssimaError, StoreError

S3 = "s3://"
COMPARED = "compared.json"
"""Beside the files of an edition: no machine takes it for one of them, and it goes with them."""
BLOCK_BYTES = 1 << 20
ATTEMPTS = 20
"""How often a change of what is withheld is tried, when others change it at the same time."""
MAX_REASON_LETTERS = 200
_DIGESTS = TypeAdapter(list[str])
_PATIENCE: dict[str, Any] = {
    "config_kwargs": {"connect_timeout": 5, "read_timeout": 20, "retries": {"max_attempts": 2}},
    "use_listings_cache": False,
}


class Pointer(NamedTuple):
    """The published edition of a store, and the tag by which a change of the pointer is seen."""

    edition_id: str
    tag: str


class EditionStore:
    """Editions in a folder or a bucket; `open` reads its address."""

    def __init__(self, files: Any, root: str, *, address: str) -> None:
        self._files = files
        self._root = root.rstrip("/")
        self._is_folder = not address.startswith(S3)
        self.address = address

    @classmethod
    def open(cls, address: str) -> Self:
        """Open the store at an address, a folder or ``s3://bucket/prefix``; nothing is asked yet.

        Raises StoreError for another kind of address, or without s3fs for a bucket.
        """
        if address.startswith(S3):
            try:
                files = fsspec.filesystem("s3", **_PATIENCE)
            except ImportError:
                raise StoreError(
                    "PROSSIMA_STORE on S3 needs s3fs. Install it: pip install 'prossima[s3]'."
                ) from None
            return cls(files, address.removeprefix(S3), address=address)
        if "://" in address:
            raise StoreError(
                f"PROSSIMA_STORE = '{address[:40]}' is neither a folder nor an address"
                " s3://BUCKET/PREFIX. Give one of them."
            )
        files = fsspec.filesystem("file", auto_mkdir=True)
        return cls(files, str(Path(address).resolve()), address=address)

    def pointer(self) -> Pointer | None:
        """Read which edition is published; None when none is.

        Raises StoreError when the store does not answer, or holds no id there.
        """
        with self._asking():
            content, tag = self._read(POINTER)
        if content is None or tag is None:
            return None
        edition_id = content[:100].decode(errors="replace").strip()
        if not EDITION_ID.fullmatch(edition_id):
            raise StoreError(
                f"'{POINTER}' in {self.address} names no edition. Mend it: `prossima editions use"
                " ID`."
            )
        return Pointer(edition_id, tag)

    def publish(
        self, edition: Edition, before: Pointer | None, settle: Callable[[], object] | None = None
    ) -> None:
        """Upload an edition, read it back, and move the pointer if it still is `before`.

        `settle` is called before it moves: what became confidential while no store had the edition
        is hidden then. Raises OvertakenError when another publisher has moved it, and StoreError
        when the store does not hold what was sent.
        """
        hashes = {file.name: file.sha256 for file in edition.manifest.files}
        if before is None:
            self.withhold(())
        # The manifest and its seal come last: an upload that was cut off has none.
        for name in (*hashes, MANIFEST, SEAL):
            self._upload(edition.path / name, f"{edition.id}/{name}", hashes.get(name))
        if settle is not None:
            settle()
        with self._asking():
            self._write_if(POINTER, f"{edition.id}\n", before.tag if before else None)
            if before is not None and before.edition_id != edition.id:
                self._files.pipe_file(self._path(PREVIOUS), f"{before.edition_id}\n".encode())

    def bring(self, root: Path, *, to_verify: bool = False) -> str | None:
        """Bring the published edition to this machine and publish it here; give its id.

        One that is here is hashed only if `to_verify`. Raises StoreError when the store does not
        answer, and BrokenEditionError when it holds something else than was published; what is
        published here stays then.
        """
        pointer = self.pointer()
        if pointer is None:
            return None
        edition_id = pointer.edition_id
        if to_verify or _published_in(root) != edition_id:
            if not _is_whole(root / edition_id):
                self.fetch(root, edition_id)
            if _published_in(root) != edition_id:
                publish(root, edition_id)
        return edition_id

    def fetch(self, root: Path, edition_id: str) -> None:
        """Copy an edition to this machine; it is there whole and verified, or not at all.

        What the store hides is hidden here first.
        """
        self.bring_withheld(root, frozenset())
        with locked(root), temporary_folder(root) as folder:
            with self._asking():
                for name in self._names_in(edition_id):
                    self._download(f"{edition_id}/{name}", folder / name)
            if read_manifest(folder).id != edition_id:
                raise BrokenEditionError(
                    f"The store holds another edition under the name {edition_id}. Publish it anew:"
                    " `prossima build`."
                )
            sync_folder(folder)
            shutil.rmtree(root / edition_id, ignore_errors=True)
            rename(folder, root / edition_id)

    def note_compared(self, edition_id: str, digests: Collection[str]) -> None:
        """Let all servers know without which confidential records an edition was found the same."""
        known = self.compared(edition_id) | frozenset(digests)
        with self._asking():
            content = _DIGESTS.dump_json(sorted(known))
            self._files.pipe_file(self._path(f"{edition_id}/{COMPARED}"), content)

    def compared(self, edition_id: str) -> frozenset[str]:
        """Read what `note_compared` noted of an edition; nothing where that cannot be read."""
        with self._asking():
            content, _ = self._read(f"{edition_id}/{COMPARED}")
        try:
            return frozenset(_DIGESTS.validate_json(content or b"[]"))
        except ValidationError:
            return frozenset()  # then the edition is searched for every record

    def has(self, edition_id: str) -> bool:
        """Whether the store holds an edition of that id."""
        if not EDITION_ID.fullmatch(edition_id):
            return False
        with self._asking():
            return bool(self._files.exists(self._path(f"{edition_id}/{SEAL}")))

    def remove(self, edition_id: str) -> bool:
        """Remove an edition, unless it is the published one; give whether it is gone."""
        pointer = self.pointer()
        if pointer is not None and pointer.edition_id == edition_id:
            return False
        with self._asking():
            # Without its seal it is no edition any more, though its other files go one by one.
            for name in (f"{edition_id}/{SEAL}", edition_id):
                if self._files.exists(self._path(name)):
                    self._files.rm(self._path(name), recursive=True)
        return True

    def remove_old(self, before: datetime, now: datetime) -> list[str]:
        """Remove the editions that were made `before`, and give their ids, oldest first.

        What is published stays, what was before it, which a server may still be copying, and what
        was written a short while before `now`, which somebody may still be sending.
        """
        with self._asking():
            previous, _ = self._read(PREVIOUS)
            names = [path.rpartition("/")[2] for path in self._list(self._root)]
            written = {name: self._written_at(name) for name in filter(EDITION_ID.fullmatch, names)}
        earlier = previous.decode(errors="replace").strip() if previous else ""
        return [name for name in old_editions(written, {earlier}, before, now) if self.remove(name)]

    def withhold(self, confidential: Collection[str], *, public: Collection[str] = ()) -> None:
        """Hide confidential services on every server, and show public ones again."""
        for _ in range(ATTEMPTS):
            before, tag = self._withheld()
            after = withheld_after(before, confidential, public)
            if after == before and tag is not None:
                return
            try:
                with self._asking():
                    self._write_if(FILE, withheld_text(after), tag)
            except OvertakenError:
                continue
            return
        raise StoreError(f"{FILE} in {self.address} is changed by others all the time. Try again.")

    def withhold_anew(self, confidential: Collection[str], *, keep: bool) -> None:
        """Hide services on every server, though the list of the store be lost.

        `keep` goes on hiding what it hides, where it can be read.
        """
        with self._asking():
            content, tag = self._read(FILE)
            before = frozenset[str]()
            with suppress(ValidationError):
                before = parse_withheld(content or b"[]") if keep else before
            self._write_if(FILE, withheld_text(withheld_after(before, confidential, ())), tag)

    def shown_ids(self, elsewhere: Collection[str] = ()) -> set[str]:
        """List the ids of the services that its editions show; not of those read `elsewhere`."""
        with self._asking():
            names = [path.rpartition("/")[2] for path in self._list(self._root)]
            return {
                service_id
                for name in filter(EDITION_ID.fullmatch, names)
                if name not in elsewhere
                for service_id in self._ids_of(name)
            }

    def _ids_of(self, edition_id: str) -> set[str]:
        ids = set[str]()
        for name in NAMING_SERVICES:
            with suppress(FileNotFoundError):  # an older edition has fewer, and one may go
                content = self._files.cat_file(self._path(f"{edition_id}/{name}"))
                ids |= ids_in(io.BytesIO(content))
        return ids

    def bring_withheld(self, root: Path, seen: frozenset[str]) -> frozenset[str]:
        """Hide here what the store hides, and show what it has ceased to hide since `seen`.

        Gives what the store hides now. What only this machine hides stays hidden.
        """
        there, _ = self._withheld()
        root.mkdir(parents=True, exist_ok=True)
        with locked(root):
            here = read_withheld(root)
            after = (here - (seen - there)) | there
            if after != here or not is_private(root):
                write_withheld(root, after)
        return there

    def _withheld(self) -> tuple[frozenset[str], str | None]:
        with self._asking():
            content, tag = self._read(FILE)
            if content is not None:
                return parse_withheld(content), tag
        if self.pointer() is not None:
            raise StoreError(
                f"{FILE} in {self.address} is missing; without it editions might show a"
                " confidential place. Run `prossima editions withhold`, which writes it from the"
                " catalogue."
            )
        return frozenset(), None

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _list(self, path: str) -> dict[str, Any]:
        """List a folder afresh, path by path, with what is known of each; empty without it."""
        try:
            entries = self._files.ls(path, detail=True, refresh=True)
        except FileNotFoundError:
            return {}
        return {str(entry["name"]): entry for entry in entries}

    def _written_at(self, edition_id: str) -> datetime:
        """Find when something of an edition was last written."""
        entries = self._list(self._path(edition_id)).values()
        if self._is_folder:
            moments = [datetime.fromtimestamp(entry["mtime"], UTC) for entry in entries]
        else:
            moments = [entry["LastModified"] for entry in entries]
        return max(moments, default=datetime.min.replace(tzinfo=UTC))

    def _read(self, name: str) -> tuple[bytes | None, str | None]:
        """Read a small file and its tag, which is never newer than what was read."""
        path = self._path(name)
        try:
            tag = None if self._is_folder else str(self._files.info(path, refresh=True)["ETag"])
            content: bytes = self._files.cat_file(path)
        except FileNotFoundError:
            return None, None
        return content, _digest(content) if tag is None else tag

    def _write_if(self, name: str, text: str, tag: str | None) -> None:
        """Replace a small file that still has the tag; None: that is not there yet."""
        if self._is_folder:
            folder = Path(self._root)
            folder.mkdir(parents=True, exist_ok=True)
            with locked(folder):
                if self._read(name)[1] != tag:
                    raise OvertakenError
                replace_text(folder / name, text, mode=PRIVATE if name == FILE else 0o666)
            return
        bucket, _, key = self._path(name).partition("/")
        condition = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}
        try:
            self._files.call_s3(
                "put_object", Bucket=bucket, Key=key, Body=text.encode(), **condition
            )
        except Exception as error:
            if _status_of(error) in _CHANGED:
                raise OvertakenError from None
            raise

    def _upload(self, path: Path, name: str, sha256: str | None) -> None:
        wanted = sha256 or _digest(path.read_bytes())
        with self._asking():
            if self._sha256(name) == wanted:
                return
            with path.open("rb") as content, self._files.open(self._path(name), "wb") as sink:
                shutil.copyfileobj(content, sink, BLOCK_BYTES)
                if self._is_folder:
                    sink.flush()
                    os.fsync(sink.fileno())
            if self._sha256(name) != wanted:
                raise StoreError(
                    f"{name} in {self.address} is not what was sent. Check the disk of the store,"
                    " and publish again."
                )

    def _sha256(self, name: str) -> str | None:
        digest = hashlib.sha256()
        try:
            with self._files.open(self._path(name), "rb") as content:
                while block := content.read(BLOCK_BYTES):
                    digest.update(block)
        except FileNotFoundError:
            return None
        return digest.hexdigest()

    def _names_in(self, edition_id: str) -> list[str]:
        """List the files of an edition: only names that an edition can have become paths here."""
        paths = self._list(self._path(edition_id))
        if not paths:
            raise BrokenEditionError(
                f"The store has no edition {edition_id}, though it names it. Publish one anew:"
                " `prossima build`."
            )
        names = [path.rpartition("/")[2] for path in paths]
        return [name for name in names if TABLE_NAME.fullmatch(name) or name in (MANIFEST, SEAL)]

    def _download(self, name: str, path: Path) -> None:
        with self._files.open(self._path(name), "rb") as content, path.open("wb") as sink:
            shutil.copyfileobj(content, sink, BLOCK_BYTES)
            sink.flush()
            os.fsync(sink.fileno())

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Put what a driver raises, whatever its kind, into one line."""
        try:
            yield
        except ProssimaError:
            raise
        except Exception as error:
            reason = " ".join(f"{type(error).__name__} {error}".split())[:MAX_REASON_LETTERS]
            raise StoreError(
                f"The store {self.address} cannot be used: {reason}. Check PROSSIMA_STORE, its"
                " credentials and the network, then try again."
            ) from error


_CHANGED = (409, 412)
"""What S3 answers when a condition does not hold, or another change is under way."""


def _status_of(error: BaseException) -> int | None:
    """Find the status that S3 answered with, in an error or in what it came of."""
    cause: BaseException | None = error
    while cause is not None:
        response = getattr(cause, "response", None)
        if isinstance(response, dict):
            status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            return int(status) if status is not None else None
        cause = cause.__cause__
    return None


def _published_in(root: Path) -> str | None:
    try:
        return (root / POINTER).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None


def _is_whole(folder: Path) -> bool:
    try:
        return read_manifest(folder).id == folder.name
    except BrokenEditionError:
        return False


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
