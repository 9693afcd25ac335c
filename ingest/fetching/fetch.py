"""Takes the file of a source: from the raw store, the mirror, the publisher or the pack."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Literal, Self
from urllib.parse import quote

from ingest.fetching.download import Downloader, Progress, Version
from ingest.fetching.paging import InHand, Paging
from ingest.fetching.raw_store import RawStore, StoredDownload
from ingest.live import CkanResource, Live, Paged, origin
from ingest.source import Source
from mapping.atomic_files import sha256_of
from mapping.errors import NoFileError, SourceError

MAX_BYTES = 500_000_000
MAX_PACKAGE_BYTES = 5_000_000
"""Of a portal's description of a package."""

TakenFrom = Literal["raw", "mirror", "live", "bundled"]


@dataclass(frozen=True)
class Query:
    """A download that another library makes from a live address."""

    words: str
    """The text of the query: another text is another download."""
    write: Callable[[Path], None]
    """Downloads into the file that it is given."""
    suffix: str


@dataclass(frozen=True)
class Request:
    """What a source may be taken from; paths are below the mirror and below the pack."""

    source_id: str
    mirror: str | None = None
    live: tuple[Live, ...] = ()
    bundled: str | None = None
    refresh_days: int = 30
    max_bytes: int = MAX_BYTES
    query: Query | None = None

    def __post_init__(self) -> None:
        """Refuse whatever would reach outside its folder."""
        if not re.fullmatch(r"\w+", self.source_id):
            raise SourceError(f"Source id '{self.source_id}': use letters, digits and '_' only.")
        for key, path in (("mirror", self.mirror), ("bundled", self.bundled)):
            _refuse_outside(self.source_id, key, path)
        for entry in self.live:
            _refuse_other_schemes(self.source_id, origin(entry))

    def origin(self, entry: Live) -> str:
        """Name a download by its address and a digest of what is asked, the same in every run."""
        suffix = f"#{_digest(self.query.words)}" if self.query else ""
        return origin(entry) + suffix

    @classmethod
    def of(cls, source: Source, *, max_bytes: int = MAX_BYTES, query: Query | None = None) -> Self:
        """Ask for the file of a declared source, or for what the query downloads of it."""
        return cls(
            source.id,
            source.mirror,
            source.live,
            source.bundled,
            source.refresh_days,
            max_bytes,
            query,
        )


@dataclass(frozen=True)
class Taken:
    """The file of a source, and where it came from."""

    path: Path
    taken_from: TakenFrom
    sha256: str
    retrieved: str
    """ISO 8601 in UTC: when the publisher gave or confirmed it; else the file's own date."""
    tried: tuple[str, ...] = ()
    """Why each better place gave nothing, for the build report."""


class Fetcher:
    """Takes the files of sources, each from the first place that works.

    The order is: a download that is still fresh, the mirror, the publisher, a download that is no
    longer fresh, the pack. Mirror and pack are read in place; only downloads enter the folder
    `raw`. Without `mirror` or `bundled` those places give nothing; `offline` asks no publisher.
    """

    def __init__(
        self,
        *,
        raw: Path,
        mirror: Path | None,
        bundled: Path | None,
        offline: bool,
        progress: Progress | None = None,
    ) -> None:
        self.bundled = bundled
        self._mirror = mirror
        self._offline = offline
        self._store = RawStore(raw)
        self._parts = raw / "parts"
        self._downloader = Downloader(self._parts, progress=progress)

    @property
    def unreachable(self) -> dict[str, str]:
        """Hosts that gave no answer in this run, each with the reason."""
        return dict(self._downloader.unreachable)

    def take(self, request: Request) -> Taken:
        """Take the file of a source from the first place that works; it is never written to again.

        Raises NoFileError, with what was tried and what to do, when no place works.
        """
        tried: list[str] = []
        steps: tuple[Callable[[Request, list[str]], Taken | None], ...] = (
            self._fresh,
            self._from_mirror,
            self._from_publisher,
            self._stale,
            self._from_pack,
        )
        for step in steps:
            if taken := step(request, tried):
                return replace(taken, tried=tuple(tried))
        raise NoFileError(request.source_id, tried)

    def reach(self, source_id: str, live: tuple[Live, ...]) -> None:
        """Make sure that a publisher may be asked by another library, which has its own timeouts.

        Raises SourceError when the run is offline, or none of the hosts answers.
        """
        tried = ["offline"] if self._offline else []
        for entry in () if self._offline else live:
            try:
                return self._downloader.reach(origin(entry))
            except SourceError as error:
                tried.append(str(error))
        reasons = "; ".join(tried) or "it declares no address"
        raise SourceError(f"Source '{source_id}' is only to be had live: {reasons}. Go online.")

    def _fresh(self, request: Request, _tried: list[str]) -> Taken | None:
        stored = self._in_store(request)
        age = timedelta(days=request.refresh_days)
        fresh = stored is not None and datetime.now(UTC) - stored.retrieved < age
        return self._taken(stored, "raw") if stored and fresh else None

    def _stale(self, request: Request, tried: list[str]) -> Taken | None:
        stored = self._in_store(request)
        if stored is None:
            return None
        tried.append(f"download in hand: older than {request.refresh_days} days")
        return self._taken(stored, "raw")

    def _in_store(self, request: Request) -> StoredDownload | None:
        return self._store.find(
            request.source_id, [request.origin(entry) for entry in request.live]
        )

    def _taken(self, stored: StoredDownload, taken_from: Literal["raw", "live"]) -> Taken:
        path = self._store.path(stored)
        return Taken(
            path, taken_from, stored.sha256, stored.retrieved.isoformat(timespec="seconds")
        )

    def _from_mirror(self, request: Request, tried: list[str]) -> Taken | None:
        if request.mirror is None:
            return None
        if self._mirror is None:
            tried.append("mirror: none given")
            return None
        return _in_place(self._mirror, request.mirror, "mirror", tried)

    def _from_pack(self, request: Request, tried: list[str]) -> Taken | None:
        if request.bundled is None or self.bundled is None:
            return None
        return _in_place(self.bundled, request.bundled, "bundled", tried)

    def _from_publisher(self, request: Request, tried: list[str]) -> Taken | None:
        if self._offline:
            tried.extend(["live: skipped, offline"] if request.live else [])
            return None
        for entry in request.live:
            try:
                return self._download(request, entry)
            except (SourceError, OSError) as error:
                reason = error.public if isinstance(error, SourceError) else error
                tried.append(f"live {origin(entry)}: {reason}")
        return None

    def _download(self, request: Request, entry: Live) -> Taken:
        name = f"{request.source_id}-{_digest(request.origin(entry))}"
        if request.query:
            return self._queried(request, request.query, entry, name)
        if isinstance(entry, Paged):
            return self._pages(request, entry, name)
        url = entry if isinstance(entry, str) else self._resource(entry, name)
        stored = self._in_store(request)
        if stored and stored.version.url == url:
            download = self._downloader.fetch_if_changed(
                url, name, max_bytes=request.max_bytes, known=stored.version
            )
            if download is None:
                return self._taken(self._store.confirm(request.source_id, stored), "live")
        else:
            download = self._downloader.fetch(url, name, max_bytes=request.max_bytes)
        path, version = download
        stored = self._store.keep(request.source_id, path, origin=origin(entry), version=version)
        return self._taken(stored, "live")

    def _queried(self, request: Request, query: Query, entry: Live, name: str) -> Taken:
        self._downloader.reach(origin(entry))
        part = self._parts / f"{name}{query.suffix}"
        part.parent.mkdir(parents=True, exist_ok=True)
        query.write(part)
        version = Version(url=origin(entry))
        stored = self._store.keep(
            request.source_id, part, origin=request.origin(entry), version=version
        )
        return self._taken(stored, "live")

    def _pages(self, request: Request, service: Paged, name: str) -> Taken:
        stored = self._in_store(request)
        in_hand = InHand(self._store.path(stored), stored.pages) if stored else None
        paging = Paging(self._downloader, self._parts / name, max_bytes=request.max_bytes)
        path, pages = paging.fetch(service, in_hand)
        stored = self._store.keep(
            request.source_id,
            path,
            origin=service.origin,
            version=Version(url=service.origin),
            pages=pages,
        )
        return self._taken(stored, "live")

    def _resource(self, wanted: CkanResource, name: str) -> str:
        """Ask a CKAN portal for the present address of a resource."""
        url = f"{wanted.ckan.rstrip('/')}/api/3/action/package_show?id={quote(wanted.package)}"
        path, _ = self._downloader.fetch(url, f"{name}-package", max_bytes=MAX_PACKAGE_BYTES)
        text = path.read_bytes()
        path.unlink()
        return _address(text, wanted)


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def _address(text: bytes, wanted: CkanResource) -> str:
    try:
        resources = [
            (item["format"], item["url"]) for item in json.loads(text)["result"]["resources"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError("the portal's description of the package is not CKAN's") from error
    for kind, url in resources:
        if str(kind).lower() == wanted.format.lower():
            return str(url)
    kinds = ", ".join(sorted({str(kind) for kind, _ in resources})) or "none"
    raise SourceError(f"the package has no resource in '{wanted.format}', only: {kinds}")


def _in_place(
    root: Path, name: str, taken_from: Literal["mirror", "bundled"], tried: list[str]
) -> Taken | None:
    path = root / name
    try:
        dated = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
        return Taken(path, taken_from, sha256_of(path), dated)
    except FileNotFoundError:
        tried.append(f"{taken_from}: no {name}")
    except OSError as error:
        tried.append(f"{taken_from}: {name} cannot be read ({error.strerror})")
    return None


def _refuse_outside(source_id: str, key: str, path: str | None) -> None:
    inside = PurePosixPath(path or "")
    if ".." in inside.parts or inside.is_absolute() or path == "":
        raise SourceError(
            f"{source_id}: {key} '{path}' leads outside its folder. Give a path below it, without"
            " '..'."
        )


def _refuse_other_schemes(source_id: str, origin: str) -> None:
    if not re.match(r"https?://\w", origin):
        raise SourceError(f"{source_id}: live '{origin}' is no web address. Give http(s)://….")
