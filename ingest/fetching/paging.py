"""Downloads a paged service: page after page, resumed, checked, and bound into one file."""

import shutil
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from ingest.fetching.download import MAX_NOTE_BYTES, Downloader, Version
from ingest.live import Paged, PageStep
from ingest.page_archive import bind, page_name, read_page
from mapping.atomic_files import read_regular
from mapping.errors import SourceError

MAX_PAGES = 10_000
TOTAL_SECONDS = 3600.0
"""All pages together: a service that goes on and on may not hang a build."""
RESUME_SECONDS = 6 * 3600
"""Pages older than this are asked again: records may have moved from one page to another."""


@dataclass(frozen=True)
class InHand:
    """An earlier download of the same pages."""

    path: Path
    """The pages, bound."""
    versions: tuple[Version, ...]
    """What the publisher said of each, in order."""


@dataclass
class _Gathered:
    """The pages so far."""

    paths: list[Path] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    bytes: int = 0
    records: int = 0
    matched: int | None = None
    marks: dict[str, int] = field(default_factory=dict)
    """The page that holds the records of each mark."""


class Paging:
    """One paged download; `max_bytes` bounds all pages together.

    Pages stay in the folder until all are here; what an interrupted run left there is resumed.
    """

    def __init__(self, downloader: Downloader, folder: Path, *, max_bytes: int) -> None:
        self._downloader = downloader
        self._folder = folder
        self._max_bytes = max_bytes

    def fetch(self, service: Paged, in_hand: InHand | None) -> tuple[Path, tuple[Version, ...]]:
        """Download every page into one file, for the caller to move away, with the version of each.

        A page that is still the same by its publisher's word is taken from what is known. Raises
        SourceError when a page cannot be had, is of another shape, or the pages do not come to an
        end.
        """
        self._begin()
        gathered = _Gathered()
        with self._downloader.kept_open():
            self._gather(service, in_hand, gathered)
        target = self._folder.with_suffix(".zip")
        bind(gathered.paths, target)
        shutil.rmtree(self._folder)
        return target, tuple(gathered.versions)

    def _gather(self, service: Paged, in_hand: InHand | None, gathered: _Gathered) -> None:
        waiting, requested = deque([service.first()]), set[str]()
        deadline = time.monotonic() + TOTAL_SECONDS
        while waiting:
            url = waiting.popleft()
            requested.add(url)
            body = self._page(url, service.suffix, in_hand, gathered)
            try:
                step = _checked(service.step(url, body), requested, gathered, deadline)
            except SourceError as error:
                # Resumed, the same pages would be refused again.
                shutil.rmtree(self._folder)
                raise SourceError(f"page {len(gathered.paths)}: {error}") from error
            waiting.extend(more for more in step.details if more not in requested | set(waiting))
            waiting.extend([step.next] if step.next else [])
        if gathered.matched is not None and gathered.records < gathered.matched:
            shutil.rmtree(self._folder)
            raise SourceError(
                f"the service speaks of {gathered.matched} records and gave {gathered.records}"
            )

    def _page(self, url: str, suffix: str, in_hand: InHand | None, gathered: _Gathered) -> bytes:
        path = self._folder / page_name(len(gathered.paths) + 1, suffix)
        version = _noted(path, url)
        if version is None:
            version = self._ask(url, path, in_hand, gathered.bytes)
        body = path.read_bytes()
        gathered.paths.append(path)
        gathered.versions.append(version)
        gathered.bytes += len(body)
        return body

    def _ask(self, url: str, path: Path, in_hand: InHand | None, already: int) -> Version:
        numbers = {version.url: n for n, version in enumerate(in_hand.versions)} if in_hand else {}
        part = self._folder.with_name(f"{self._folder.name}-{path.stem}.part")
        if in_hand and url in numbers:
            version = in_hand.versions[numbers[url]]
            download = self._downloader.fetch_if_changed(
                url, part, max_bytes=self._max_bytes, already=already, known=version
            )
            if download is None:
                page = page_name(numbers[url] + 1, path.suffix)
                path.write_bytes(read_page(in_hand.path, page))
                return _note(path, version)
        else:
            download = self._downloader.fetch(url, part, max_bytes=self._max_bytes, already=already)
        download[0].replace(path)
        return _note(path, download[1])

    def _begin(self) -> None:
        """Empty the folder, unless an interrupted run left pages there that are recent enough."""
        started = self._folder / ".started"
        young = started.exists() and time.time() - started.stat().st_mtime < RESUME_SECONDS
        if not young:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True)
            started.touch()


def _checked(step: PageStep, requested: set[str], gathered: _Gathered, deadline: float) -> PageStep:
    number = len(gathered.paths)
    same = gathered.marks.setdefault(step.mark, number)
    if same != number:
        raise SourceError(f"it repeats page {same}: the service does not page")
    if step.next in requested:
        raise SourceError(f"it leads back to {step.next}")
    if number >= MAX_PAGES:
        raise SourceError(f"more than {MAX_PAGES} pages")
    if time.monotonic() > deadline:
        raise SourceError(f"the pages took more than {TOTAL_SECONDS:.0f} s")
    gathered.records += step.records
    gathered.matched = step.matched if step.matched is not None else gathered.matched
    return step


def _noted(path: Path, url: str) -> Version | None:
    """Read the version of a page that an interrupted run left; None when it is another page."""
    try:
        version = Version.model_validate_json(read_regular(_beside(path), MAX_NOTE_BYTES))
    except (OSError, ValidationError):
        return None
    return version if version.url == url and path.is_file() else None


def _note(path: Path, version: Version) -> Version:
    # After the page: a note without its page would promise what is not here.
    _beside(path).write_text(version.model_dump_json(), encoding="utf-8")
    return version


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.version")
