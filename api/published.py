"""The published edition that the server reads, opened again when the pointer moves."""

import logging
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from fastapi import Request

from api.directory import Directory
from api.plan_slots import PlanSlots
from ingest.source import source, sources
from mapping.city import City, city
from mapping.edition.call_list import Call, calls
from mapping.edition.edition import Edition, current, list_editions
from mapping.edition.manifest import EditionSource
from mapping.edition.tiles import Tiles
from mapping.edition.withheld import withheld_stamp
from mapping.errors import BadInputError, BrokenEditionError, NoEditionError, ProssimaError
from mapping.hours.city_calendar import calendar_of
from mapping.lookup.nearest import Lookup
from mapping.maps.areas_svg import AreaMosaic, mosaic
from mapping.maps.outlines import area_rows

DRAWN = ("areas", "background", "streets")
"""What the sources yield that our maps draw; of the areas not the neighbours."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 2.0, 60.0
"""Between attempts to open an edition that could not be opened."""
AROUND_DEGREES = 0.1
"""How far a map without tiles shows the city around its centre."""


_LOG = logging.getLogger("uvicorn.error")
_UNREADABLE = "The files of the published edition cannot be read. Run `prossima editions verify`."


@dataclass(frozen=True)
class EditionFailure:
    """Why the published edition could not be opened, and when that is tried again."""

    error: ProssimaError
    wait_seconds: float
    retry_at: float
    """Of the monotonic clock."""


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
        self.edition = edition
        self.city: City = city(edition.manifest.city)
        self.planner = PlanSlots(edition, self.city)
        self.calendar = calendar_of(self.city)
        self.lookup = Lookup(edition, self.city.epsg, self.calendar)
        self._called: tuple[date | None, list[Call]] = (None, [])

    @cached_property
    def directory(self) -> Directory:
        """Every service that it shows, by id."""
        return Directory(self.edition)

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

    def calls(self, today: date) -> list[Call]:
        """List the services that wait for a call, computed once a day."""
        if self._called[0] != today:
            self._called = today, calls(self.edition, today)
        return self._called[1]

    @property
    def attributions(self) -> tuple[str, ...]:
        """Who must be named wherever the data are shown."""
        return _attributions(self.edition.manifest.sources)

    @cached_property
    def backdrop(self) -> Backdrop:
        """The maps of the edition."""
        drawn = [entry for entry in self.edition.manifest.sources if _is_drawn(entry.id)]
        return Backdrop(self.edition.tiles, self.city.centre, _attributions(drawn))


def open_published(root: Path) -> Published:
    """Open the published edition of a folder of editions.

    Raises NoEditionError where none is published, and BrokenEditionError where it cannot be read.
    """
    try:
        return Published(Edition.open(current(root)))
    except OSError:
        raise BrokenEditionError(_UNREADABLE) from None


def _is_drawn(source_id: str) -> bool:
    if source_id not in sources():
        return False
    entry = source(source_id)
    return entry.yields in DRAWN and entry.level != "neighbour"


def _attributions(held: Iterable[EditionSource]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.attribution for entry in held if entry.attribution))


class Shelf:
    """Opens the published edition once, and again when the pointer has moved.

    An edition that cannot be opened never replaces one that is open: the last good one goes on
    answering, the failure is logged once, and the next attempt waits twice as long as the last.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._open: Published | None = None
        self._failure: EditionFailure | None = None

    def published(self) -> Published:
        """Give the edition that is published now, or the last one that could be opened.

        One object until the pointer moves. Raises NoEditionError or BrokenEditionError when
        nothing could be opened yet.
        """
        with self._lock:
            if self._failure is None or self._failure.retry_at <= time.monotonic():
                try:
                    self._open, self._failure = self._opened(), None
                except (NoEditionError, BrokenEditionError, OSError) as error:
                    self._failure = self._failed(error)
            if self._open is not None:
                return self._open
            raise self._failure.error if self._failure else NoEditionError("No edition is open.")

    @property
    def failure(self) -> str | None:
        """Why the published edition is not the one that answers; None when it is."""
        return f"{self._failure.error}" if self._failure else None

    def _opened(self) -> Published:
        folder = current(self._root)
        held = self._open.edition if self._open else None
        stamp = withheld_stamp(self._root)
        if self._open and held and held.path == folder and held.hidden.stamp == stamp:
            return self._open
        return Published(Edition.open(folder))

    def _failed(self, error: ProssimaError | OSError) -> "EditionFailure":
        before = self._failure
        kept = error if isinstance(error, ProssimaError) else BrokenEditionError(_UNREADABLE)
        if before is None or f"{before.error}" != f"{kept}":
            going = self._open.edition.path.name if self._open else "none"
            _LOG.error("the published edition cannot be opened, %s goes on: %s", going, error)
        wait = min(2 * before.wait_seconds, LONGEST_WAIT_SECONDS) if before else FIRST_WAIT_SECONDS
        return EditionFailure(kept, wait, time.monotonic() + wait)

    def editions(self) -> list[str]:
        """List the ids of the editions that are held, newest first."""
        return list_editions(self._root)

    def held(self, edition_id: str) -> Edition:
        """Open and verify an edition by its id; raises BadInputError when it is not held."""
        known = list_editions(self._root)
        if edition_id not in known:
            raise BadInputError(
                f"No edition '{edition_id}' is held. Use one of: {', '.join(known)}."
            )
        return Edition.open(self._root / edition_id)


def published(request: Request) -> Published:
    """Give a route the edition that is published now."""
    shelf: Shelf = request.app.state.shelf
    return shelf.published()
