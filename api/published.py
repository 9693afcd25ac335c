"""The published edition that the server reads, opened again when the pointer moves."""

import asyncio
import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from fastapi import Request

from api.directory import Directory
from api.freed_memory import give_back
from api.i18n import translated_labels
from api.store_follower import StoreFollower
from api.threads import open_edition
from ingest.source import source, sources
from mapping.city import City, city
from mapping.compiled import load_compiler
from mapping.edition.call_list import Call, calls
from mapping.edition.earlier_editions import stand_in
from mapping.edition.edition import POINTER, Edition, current, list_editions
from mapping.edition.manifest import EditionSource, read_head
from mapping.edition.tiles import Tiles
from mapping.edition.withheld import withheld_stamp
from mapping.errors import (
    BadInputError,
    BrokenEditionError,
    NoEditionError,
    OlderEditionError,
    ProssimaError,
)
from mapping.hours.city_calendar import calendar_of
from mapping.lookup.nearest import Lookup
from mapping.maps.areas_svg import AreaMosaic, mosaic
from mapping.maps.outlines import area_rows
from mapping.siting.inputs import PlanData
from mapping.text import without_controls
from mapping.walking.compile_kernels import compile_look_up

DRAWN = ("areas", "background", "streets")
"""What the sources yield that our maps draw; of the areas not the neighbours."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 2.0, 60.0
"""Between attempts to open an edition that could not be opened."""
INSPECT_SECONDS = 1.0
"""How often the files of the open edition are looked at: they are mapped to memory."""
AROUND_DEGREES = 0.1
"""How far a map without tiles shows the city around its centre."""
MAX_REASON_LETTERS = 300
MAX_ID_LETTERS = 40
MAX_OTHERS = 2
"""Older editions that are held open for comparisons."""
MAX_NAMED = 10
"""Editions that an error names as those that there are."""

_LOG = logging.getLogger("uvicorn.error")
_NONE_OPEN = (
    "No edition is open. The log of the server says why; build one with `prossima build`, or take"
    " another with `prossima editions use`."
)


@dataclass(frozen=True)
class EditionFailure:
    """Why the published edition could not be opened, and when that is tried again."""

    reason: str
    """Why the edition cannot be opened, in one line for the log."""
    wait_seconds: float
    retry_at: float
    """Seconds of the monotonic clock at which to try again."""


@dataclass(frozen=True)
class Backdrop:
    """What a page must know to draw a map: which tiles there are, where, and whose they are."""

    tiles: Mapping[str, Tiles]
    centre: tuple[float, float]
    attributions: tuple[str, ...]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the city, in degrees."""
        if self.tiles:
            return self.tiles[min(self.tiles)].bounds
        lon, lat = self.centre
        return (
            lon - AROUND_DEGREES,
            lat - AROUND_DEGREES,
            lon + AROUND_DEGREES,
            lat + AROUND_DEGREES,
        )

    def zooms(self, name: str) -> str:
        """Give the lowest and highest zoom that have tiles, as `9,14`; empty without tiles."""
        return "{},{}".format(*self.tiles[name].zooms) if name in self.tiles else ""


class Published:
    """One opened edition with its look-up."""

    def __init__(self, edition: Edition) -> None:
        # Now, not at the first look-up: who opened an edition is ready.
        load_compiler()
        compile_look_up()
        self.edition = edition
        self.city: City = city(edition.manifest.city)
        self.calendar = calendar_of(self.city)
        self.lookup = Lookup(edition, self.city.epsg, self.calendar, translated_labels)
        # The configuration is read now: read during a request, a broken file would fail the answer.
        drawn = [entry for entry in edition.manifest.sources if _is_drawn(entry.id)]
        self.backdrop = Backdrop(edition.tiles, self.city.centre, _attributions(drawn))
        self._called: tuple[date | None, dict[str, list[Call]]] = (None, {})

    @cached_property
    def directory(self) -> Directory:
        """Every service that it shows, by id."""
        return Directory(self.edition)

    @cached_property
    def plan_data(self) -> PlanData:
        """What plans need of it, read at the first."""
        return PlanData(self.edition, self.city)

    @property
    def estimated(self) -> bool:
        """Whether times are along straight lines, for want of streets."""
        return bool(self.edition.manifest.parameters["estimated"])

    @cached_property
    def area_names(self) -> dict[str, str]:
        """Name of each area that has one, by ``level:area_id``."""
        rows = [row for level in self.lookup.levels for row in self.lookup.areas(level)]
        return {f"{row['level']}:{row['area_id']}": row["name"] for row in rows}

    @cached_property
    def municipi(self) -> list[dict[str, Any]]:
        """The municipi with their people; none where the city is not divided."""
        divided = "municipio" in self.lookup.levels
        return self.lookup.areas("municipio") if divided else []

    @cached_property
    def mosaic(self) -> AreaMosaic | None:
        """The municipi side by side; None without their outlines."""
        return mosaic(area_rows(self.edition.areas, "municipio"), self.city.epsg)

    def calls(self, today: date, code: str = "") -> list[Call]:
        """List the services that wait for a call, of a category or all, computed once a day."""
        if self._called[0] != today:
            self._called = today, {}
        by_code = self._called[1]
        if code not in by_code:
            by_code[code] = calls(self.edition, today, code)
        return by_code[code]

    @property
    def attributions(self) -> tuple[str, ...]:
        """Who must be named wherever the data are shown."""
        return _attributions(self.edition.manifest.sources)


def _is_drawn(source_id: str) -> bool:
    if source_id not in sources():
        return False
    entry = source(source_id)
    return entry.yields in DRAWN and entry.level != "neighbour"


def _attributions(sources: Iterable[EditionSource]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.attribution for entry in sources if entry.attribution))


def _pointer_stamp(root: Path) -> tuple[int, ...]:
    """Give numbers that change when another edition is published; none while nothing is."""
    try:
        status = os.stat(f"{root}/{POINTER}")  # noqa: PTH116 - asked at every request
    except OSError:
        return ()
    return status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size


class Shelf:
    """Opens the published edition once, and again when the pointer has moved.

    An edition that cannot be opened, whatever the reason, never replaces one that is open: the last
    good one goes on answering, the failure is logged once, and the next attempt waits twice as long
    as the last. The city of the first edition is that of the server until it ends.
    """

    def __init__(self, root: Path, follower: StoreFollower | None = None) -> None:
        self._root = root
        self._follower = follower
        self._lock = threading.Lock()
        self._open: Published | None = None
        self._failure: EditionFailure | None = None
        self._others: OrderedDict[str, Edition] = OrderedDict()
        self._others_lock = threading.Lock()
        self._inspected_at = 0.0
        self._pointed: tuple[Path, tuple[int, ...]] | None = None
        self._is_fresh = False

    def require_open(self) -> None:
        """Open the published edition; raises what keeps it from being opened.

        One whose files are damaged is fetched from the store, where there is one; else, as where
        the pointer is broken, another is opened that can stand in, and `failure` says so.
        """
        if self._follower is not None:
            self._follower.follow(to_verify=True)
        with self._lock:
            try:
                self._open = self._opened()
            except (BrokenEditionError, NoEditionError) as error:
                self._open = self._last_good()
                if self._open is None:
                    raise
                self._failure = self._failed(error)

    @contextmanager
    def following(self) -> Iterator[None]:
        """Follow the store, where there is one, until the end of the block."""
        if self._follower is None:
            yield
            return
        with self._follower.following():
            yield

    def published(self) -> Published:
        """Give the edition that is published now, or the last one that could be opened.

        One object until the pointer moves. Raises NoEditionError when none could be opened yet.
        """
        with self._lock:
            if self._failure is None or self._failure.retry_at <= time.monotonic():
                try:
                    self._hold(self._opened())
                except Exception as error:
                    self._open = self._last_good()
                    self._failure = self._failed(error)
            if self._open is None:
                raise NoEditionError(_NONE_OPEN)
            return self._open

    def _hold(self, opened: Published) -> None:
        is_swapped = self._open is not None and self._open is not opened
        self._open, self._failure = opened, None
        if is_swapped:
            # Garbage is searched for seldom: without this, several editions would wait for it.
            give_back()

    async def reading(self) -> Published:
        """Give what `published` gives; only to open another edition takes a thread, of its own."""
        reading = self.at_hand()
        return await open_edition(self.published) if reading is None else reading

    def at_hand(self) -> Published | None:
        """Give the edition that is open, None where another must be opened first.

        Requests that were there before the event loop went on share one look at the pointer.
        """
        if self._is_fresh and self._open is not None:
            return self._open
        reading = self._unless_moved()
        if reading is not None:
            self._is_fresh = True
            asyncio.get_running_loop().call_soon(self._age)
        return reading

    def _age(self) -> None:
        self._is_fresh = False

    def _unless_moved(self) -> Published | None:
        reading, failure = self._open, self._failure
        try:
            if reading is not None and failure is not None:
                return reading if time.monotonic() < failure.retry_at else None
            if reading is not None and self._is_current(reading):
                return reading
        except (ProssimaError, OSError):
            pass
        return None

    @property
    def failure(self) -> str | None:
        """Why the published edition is not the one that answers; None when it is."""
        if self._failure:
            return self._failure.reason
        return self._follower.failure if self._follower else None

    def _opened(self) -> Published:
        if self._open and self._is_current(self._open):
            return self._open
        edition = Edition.open(current(self._root))
        if self._open is not None and self._open.city.id != edition.manifest.city:
            raise BadInputError(
                f"Edition {edition.id} is of '{edition.manifest.city}', and this server answers for"
                f" '{self._open.city.id}'. Serve each city from a PROSSIMA_VAR of its own."
            )
        return Published(edition)

    def _last_good(self) -> Published | None:
        """Give the open edition unless its files were written to, else one that can stand in."""
        if self._open is not None and self._open.edition.is_untouched:
            return self._open
        other = stand_in(self._root)
        if other is None or (self._open and self._open.city.id != other.manifest.city):
            return None
        return Published(other)

    def _is_current(self, reading: Published) -> bool:
        edition = reading.edition
        is_shown = edition.hidden.stamp == withheld_stamp(self._root)
        return is_shown and self._is_pointed_at(edition) and self._is_untouched(edition)

    def _is_pointed_at(self, edition: Edition) -> bool:
        """Whether the pointer names an edition; it is read again only when it was written."""
        stamp = _pointer_stamp(self._root)
        if stamp and (edition.path, stamp) == self._pointed:
            return True
        is_pointed_at = edition.path == current(self._root)
        self._pointed = (edition.path, stamp) if is_pointed_at else None
        return is_pointed_at

    def _is_untouched(self, edition: Edition) -> bool:
        now = time.monotonic()
        if now - self._inspected_at < INSPECT_SECONDS:
            return True
        is_untouched = edition.is_untouched
        if is_untouched:
            self._inspected_at = now
        return is_untouched

    def _failed(self, error: Exception) -> "EditionFailure":
        before = self._failure
        is_ours = isinstance(error, ProssimaError)
        description = f"{error}" if is_ours else f"{type(error).__name__} {error}"
        reason = without_controls(description)[:MAX_REASON_LETTERS]
        if before is None or before.reason != reason:
            going = self._open.edition.path.name if self._open else "none"
            _LOG.error("the published edition cannot be opened, %s goes on: %s", going, reason)
        wait = min(2 * before.wait_seconds, LONGEST_WAIT_SECONDS) if before else FIRST_WAIT_SECONDS
        return EditionFailure(reason, wait, time.monotonic() + wait)

    def comparable(self, reading: Published) -> list[str]:
        """List the other editions that can be compared with one, newest first."""
        city = reading.edition.manifest.city
        heads = ((name, read_head(self._root / name)) for name in list_editions(self._root))
        edition_ids = [name for name, head in heads if head.is_readable and head.city == city]
        return [name for name in edition_ids if name != reading.edition.id]

    def other(self, edition_id: str) -> Edition:
        """Open and verify an edition by its id.

        Raises BadInputError when it is not held or is broken, and OlderEditionError when its format
        is read no more.
        """
        known = list_editions(self._root)
        readable = [name for name in known if read_head(self._root / name).is_readable]
        remedy = f"Use one of: {', '.join(readable[:MAX_NAMED])}."
        if edition_id not in known:
            raise BadInputError(f"No edition '{edition_id[:MAX_ID_LETTERS]}' is held. {remedy}")
        try:
            return self._other(edition_id)
        except OlderEditionError:
            problem = f"Edition {edition_id} is of an older format, which cannot be compared."
            raise OlderEditionError(f"{problem} {remedy}") from None
        except BrokenEditionError:
            raise BadInputError(f"Edition {edition_id} is broken. {remedy}") from None

    def _other(self, edition_id: str) -> Edition:
        with self._others_lock:
            other = self._others.pop(edition_id, None)
            if other is None or other.hidden.stamp != withheld_stamp(self._root):
                other = Edition.open(self._root / edition_id)
            self._others[edition_id] = other
            while len(self._others) > MAX_OTHERS:
                self._others.popitem(last=False)
            return other


class PinnedShelf(Shelf):
    """Keeps to one edition, whatever is published meanwhile."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder.parent)
        self._pinned = Published(Edition.open(folder))

    def published(self) -> Published:
        """Give that edition."""
        return self._pinned


async def published(request: Request) -> Published:
    """Give a route the edition that is published now."""
    shelf: Shelf = request.app.state.shelf
    return await shelf.reading()
