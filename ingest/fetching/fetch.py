"""Takes the file of a source: from the raw store, the mirror, the publisher or the pack."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, Literal, NamedTuple, Self
from urllib.parse import quote

from ingest.fetching.download import Downloader, Progress, Version
from ingest.fetching.paging import InHand, Paging
from ingest.fetching.raw_store import RawStore, StoredDownload, WithheldDownload
from ingest.fetching.unjudged import UnjudgedFolder, left_behind
from ingest.live import CkanResource, Live, Paged, origin
from ingest.source import Source, source, sources
from mapping.atomic_files import sha256_of
from mapping.errors import NoFileError, SourceError, WithheldCopyError

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
    is_list: bool = False
    """Whether it gives services, so that a download is judged before it is kept."""

    def __post_init__(self) -> None:
        """Refuse whatever would reach outside its folder."""
        if not re.fullmatch(r"\w+", self.source_id):
            raise SourceError(f"Source id '{self.source_id}': use letters, digits and '_' only.")
        for key, path in (("mirror", self.mirror), ("bundled", self.bundled)):
            _refuse_outside(self.source_id, key, path)
        for entry in self.live:
            _refuse_other_schemes(self.source_id, origin(entry))

    def is_fresh(self, retrieved: datetime) -> bool:
        """Whether a download of that moment need not be asked for again."""
        return datetime.now(UTC) - retrieved < timedelta(days=self.refresh_days)

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
            is_list=source.yields == "services",
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


class _List(NamedTuple):
    """A list of services that was taken in this run, from the store or from its publisher."""

    taken: Taken
    stored: StoredDownload


class Fetcher:
    """Takes the files of sources, each from the first place that works.

    The order is: a download that is still fresh, the mirror, the publisher, a download that is no
    longer fresh, the pack. Mirror and pack are read in place; only downloads enter the folder
    `raw`. Without `mirror` or `bundled` those places give nothing; `offline` asks no publisher.

    A downloaded list of services is kept when whoever read it says by `keep` that it names no
    confidential place; until then it lies apart, and is gone when the run is closed or killed.
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
        self._unjudged = UnjudgedFolder(raw)
        self._lists: dict[str, _List] = {}
        self._notes: dict[str, WithheldDownload] = {}
        self._store = RawStore(raw)
        self._raw = raw
        self._downloader = Downloader(progress=progress)

    def __enter__(self) -> Self:
        """Give the fetcher itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Delete the lists that nobody judged."""
        self.close()

    def close(self) -> None:
        """Delete the lists that nobody judged, and what is left of those that were not kept."""
        self._unjudged.close()

    @property
    def unreachable(self) -> dict[str, str]:
        """Hosts that gave no answer in this run, each with the reason."""
        return dict(self._downloader.unreachable)

    def take(self, request: Request) -> Taken:
        """Take the file of a source from the first place that works; it is never written to again.

        A list is taken once a run. Raises NoFileError, with what was tried and what to do, when no
        place works, and WithheldCopyError when its publisher gives nothing now and no copy of it
        is kept.
        """
        if request.source_id in self._lists:
            return self._lists[request.source_id].taken
        tried: list[str] = []
        steps: tuple[Callable[[Request, list[str]], Taken | None], ...] = (
            self._fresh,
            self._from_mirror,
            self._from_publisher,
            self._withheld,
            self._stale,
            self._from_pack,
        )
        for step in steps:
            if taken := step(request, tried):
                return replace(taken, tried=tuple(tried))
        raise NoFileError(request.source_id, tried)

    def awaits_judgement(self, source_id: str) -> bool:
        """Whether a list was taken of which nobody has said that it may be kept."""
        known = self._lists.get(source_id)
        return known is not None and not known.stored.judged

    def keep(self, source_id: str) -> Path | None:
        """Keep the list of a source, which names no confidential place, and say where it is."""
        known = self._lists.get(source_id)
        return known and self._store.adopt(source_id, known.stored, known.taken.path)

    def withhold(self, source_id: str, reading: str) -> None:
        """Keep no copy of the list of a source, but `reading`, what is public of it."""
        if known := self._lists.get(source_id):
            self._store.withhold(source_id, known.stored, reading)
        elif note := self._notes.get(source_id):
            self._store.reword(source_id, note, reading)

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
        fresh = stored is not None and request.is_fresh(stored.retrieved)
        return self._taken(request, stored, "raw") if stored and fresh else None

    def _stale(self, request: Request, tried: list[str]) -> Taken | None:
        stored = self._in_store(request)
        if stored is None:
            return None
        tried.append(f"download in hand: older than {request.refresh_days} days")
        return self._taken(request, stored, "raw")

    def _withheld(self, request: Request, tried: list[str]) -> None:
        origins = [request.origin(entry) for entry in request.live]
        if note := self._store.withheld(request.source_id, origins):
            self._notes[request.source_id] = note
            raise WithheldCopyError(request.source_id, tried, note.reading)

    def _in_store(self, request: Request) -> StoredDownload | None:
        return self._store.find(
            request.source_id, [request.origin(entry) for entry in request.live]
        )

    def _taken(
        self, request: Request, stored: StoredDownload, taken_from: Literal["raw", "live"]
    ) -> Taken:
        retrieved = stored.retrieved.isoformat(timespec="seconds")
        taken = Taken(self._store.path(stored), taken_from, stored.sha256, retrieved)
        if request.is_list:
            self._lists[request.source_id] = _List(taken, stored)
        return taken

    def _received(self, request: Request, part: Path, **of_part: Any) -> Taken:
        """Keep a download, apart where it has to be judged first."""
        if not request.is_list:
            stored = self._store.keep(request.source_id, part, **of_part)
            return self._taken(request, stored, "live")
        apart = RawStore(self._unjudged.path)
        stored = apart.keep(request.source_id, part, **of_part)
        note = self._store.withheld(request.source_id, [stored.origin])
        taken_from: Literal["raw", "live"] = "live"
        if note is not None and request.is_fresh(note.retrieved):
            # An edition says what it would say if a copy were kept: else it would tell of which
            # lists none is, and so that they have something to hide.
            stored = stored.model_copy(update={"retrieved": note.retrieved})
            taken_from = "raw"
        taken = replace(self._taken(request, stored, taken_from), path=apart.path(stored))
        self._lists[request.source_id] = _List(taken, stored)
        return taken

    def _part(self, request: Request, address: str, suffix: str = "") -> Path:
        """Name the file, or the folder of pages, of a download under way."""
        folder = self._unjudged.path if request.is_list else self._raw
        return folder / "parts" / f"{request.source_id}-{_digest(address)}{suffix}"

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
        if request.query:
            return self._queried(request, request.query, entry)
        if isinstance(entry, Paged):
            return self._pages(request, entry)
        url = entry if isinstance(entry, str) else self._resource(request, entry)
        part = self._part(request, origin(entry), ".part")
        stored = self._in_store(request)
        if stored and stored.version.url == url:
            download = self._downloader.fetch_if_changed(
                url, part, max_bytes=request.max_bytes, known=stored.version
            )
            if download is None:
                confirmed = self._store.confirm(request.source_id, stored)
                return self._taken(request, confirmed, "live")
        else:
            download = self._downloader.fetch(url, part, max_bytes=request.max_bytes)
        path, version = download
        return self._received(request, path, origin=origin(entry), version=version)

    def _queried(self, request: Request, query: Query, entry: Live) -> Taken:
        self._downloader.reach(origin(entry))
        part = self._part(request, request.origin(entry), query.suffix)
        part.parent.mkdir(parents=True, exist_ok=True)
        query.write(part)
        version = Version(url=origin(entry))
        return self._received(request, part, origin=request.origin(entry), version=version)

    def _pages(self, request: Request, service: Paged) -> Taken:
        stored = self._in_store(request)
        in_hand = InHand(self._store.path(stored), stored.pages) if stored else None
        folder = self._part(request, service.origin)
        paging = Paging(self._downloader, folder, max_bytes=request.max_bytes)
        path, pages = paging.fetch(service, in_hand)
        version = Version(url=service.origin)
        return self._received(request, path, origin=service.origin, version=version, pages=pages)

    def _resource(self, request: Request, wanted: CkanResource) -> str:
        """Ask a CKAN portal for the present address of a resource."""
        url = f"{wanted.ckan.rstrip('/')}/api/3/action/package_show?id={quote(wanted.package)}"
        part = self._part(request, wanted.origin, "-package.part")
        path, _ = self._downloader.fetch(url, part, max_bytes=MAX_PACKAGE_BYTES)
        text = path.read_bytes()
        path.unlink()
        return _address(text, wanted)


def unjudged_copies(raw: Path) -> list[Path]:
    """List what lies in the raw store and may name a confidential place, for all anybody knows.

    Copies of lists that nobody judged, copies that no source has any more, and what is left of
    downloads that were killed; nothing of a run that is under way.
    """
    layers = [name for name in sources() if source(name).yields != "services"]
    parts = [
        path
        for path in sorted((raw / "parts").glob("*"))
        if not any(re.fullmatch(rf"{name}-[0-9a-f]{{12}}\b.*", path.name) for name in layers)
    ]
    return [*RawStore(raw).unjudged(layers), *parts, *left_behind(raw)]


def delete_copies(copies: Iterable[Path]) -> None:
    """Delete what `unjudged_copies` lists."""
    for path in copies:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


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
