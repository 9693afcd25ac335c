"""Round trips for several needs: from home over a place for each need and back."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from mapping.arrays import Floats, Ints
from mapping.edition.queries import without_records
from mapping.errors import BadInputError
from mapping.lookup.nearest import Lookup
from mapping.lookup.origin import Origin
from mapping.lookup.question import Question
from mapping.lookup.round_trip_legs import HOME, Legs, legs
from mapping.lookup.round_trip_search import Stops, shortest_rounds
from mapping.services.service_row import ServiceRow
from mapping.tables import SECONDS_PER_MINUTE
from mapping.walking.directions import Directions, Point
from mapping.walking.service_walks import ServiceWalks, Walk
from mapping.walking.snapping import Snaps

MIN_NEEDS, MAX_NEEDS = 2, 4
OUTINGS = 3
STAY = timedelta(minutes=30)
"""Spent at each place: an assumption, said wherever an hour of arrival is."""
OPENS_WITHIN = 4
"""A place is left out if it is closed at departure and after each of so many stays."""
NUMBERED = ("premises", "civic", "interpolated")
"""Precisions of an address with its number: services there are in one building."""


@dataclass(frozen=True, eq=False)
class Visit:
    """A service that one goes to, and what for."""

    needs: tuple[str, ...]
    """Category codes."""
    service: ServiceRow
    unknown: tuple[str, ...]
    """The conditions of which it is not known whether the service meets them."""
    is_open: bool | None
    """On arrival; None where that is not known, or no moment was given."""


@dataclass(frozen=True, eq=False)
class Leg:
    """A walk to the next place; `path` is (p, 2) lon and lat, None where no street is walked."""

    seconds: float
    metres: float
    estimated: bool
    path: Floats | None
    directions: Directions | None


@dataclass(frozen=True, eq=False)
class Stop:
    """A building, the walk to it, and the services in it that one goes to."""

    leg: Leg
    visits: tuple[Visit, ...]
    lon: float
    lat: float
    arrival: datetime | None


@dataclass(frozen=True, eq=False)
class Outing:
    """From home over the stops and back home."""

    stops: tuple[Stop, ...]
    home: Leg

    @property
    def legs(self) -> tuple[Leg, ...]:
        """All walks in their order."""
        return (*(stop.leg for stop in self.stops), self.home)

    @property
    def seconds(self) -> float:
        """Seconds walked in all, without the stays."""
        return sum(leg.seconds for leg in self.legs)

    @property
    def metres(self) -> float:
        """Metres walked in all."""
        return sum(leg.metres for leg in self.legs)

    @property
    def is_rough(self) -> bool:
        """Whether the place of any service is so roughly known that the minutes are about."""
        return any(visit.service.is_rough for stop in self.stops for visit in stop.visits)

    @property
    def back(self) -> datetime | None:
        """Time of return home after the stay at the last stop; None without a departure."""
        last = self.stops[-1].arrival
        return last and last + STAY + timedelta(seconds=self.home.seconds)

    @property
    def estimated(self) -> bool:
        """Whether the length of any leg is estimated."""
        return any(leg.estimated for leg in self.legs)


@dataclass(frozen=True, eq=False)
class Outings:
    """The shortest outings, and the needs that they leave out.

    For those that are `lacking` there is no place within reach, and no outing; of `unrecorded` ones
    no place is known at all, and the outings meet the others.
    """

    origin: Origin
    snap_metres: float | None
    streets: ServiceWalks
    rounds: list[Outing]
    lacking: list[str]
    unrecorded: list[str]
    may_be_shorter: bool = False
    """Whether streets over the border that are not known may make another round the shortest."""


def outings(lookup: Lookup, origin: Origin, question: Question) -> Outings:
    """Find the shortest outings that meet several needs.

    Parameters
    ----------
    lookup : Lookup
        The edition.
    origin : Origin
        Home.
    question : Question
        Each of its categories is a need; every place must fit it and be within `max_minutes` of
        home. `open_at` is when one sets out.

    Returns
    -------
    Outings
        At most three, the shortest first, along the streets that are known.

    Raises
    ------
    BadInputError
        When there are not 2 to 4 categories.
    """
    needs = tuple(dict.fromkeys(question.categories))
    if not MIN_NEEDS <= len(needs) <= MAX_NEEDS:
        raise BadInputError(
            f"{len(needs)} categories are given. Give {MIN_NEEDS} to {MAX_NEEDS} different ones."
        )
    silent = without_records(lookup.edition)
    unrecorded = [code for code in needs if code in silent]
    known = tuple(code for code in needs if code not in silent)
    plan = _Plan(lookup, origin, replace(question, categories=known or needs))
    snap_metres = None if plan.start is None else float(plan.start.snap_metres[0])
    return Outings(
        origin, snap_metres, plan.reach, plan.shortest(), plan.lacking, unrecorded,
        may_be_shorter=plan.may_be_shorter,
    )  # fmt: skip


_Visited = tuple[datetime | None, tuple[Visit, ...]]


class _Candidate(NamedTuple):
    """A service that fits, by its number in the look-up, and the needs that it meets."""

    row: int
    needs: frozenset[int]
    unknown: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Plan:
    """One question about several needs."""

    lookup: Lookup
    origin: Origin
    question: Question

    @cached_property
    def reach(self) -> ServiceWalks:
        return self.lookup.reach(self.question.profile)

    @cached_property
    def home(self) -> Point:
        return self.lookup.metres(self.origin)

    @cached_property
    def start(self) -> Snaps | None:
        """The snap of home, made once for all the walks; None when no streets are loaded."""
        return self.reach.snap(self.home)

    @cached_property
    def buildings(self) -> list[list[_Candidate]]:
        """Gather the services that fit by building, the best known place of each first."""
        by_building: dict[object, list[_Candidate]] = defaultdict(list)
        for candidate in self._candidates():
            by_building[_building(self.lookup.rows[candidate.row])].append(candidate)
        return [sorted(candidates, key=self._error) for candidates in by_building.values()]

    @cached_property
    def stops(self) -> Stops:
        places = self.places.tolist()
        x, y = np.array([self.reach.place(place) for place in places]).reshape(-1, 2).T
        pace = self.reach.walker.metres_per_second
        home = self.legs.home(self.question.max_minutes * SECONDS_PER_MINUTE)
        return Stops(home, self.serves, x / pace, y / pace)

    @cached_property
    def places(self) -> Ints:
        return np.array([candidates[0].row for candidates in self.buildings], np.int64)

    @cached_property
    def serves(self) -> Ints:
        needs = (
            frozenset[int]().union(*(candidate.needs for candidate in candidates))
            for candidates in self.buildings
        )
        return np.array([sum(1 << need for need in met) for met in needs], np.int64)

    @cached_property
    def legs(self) -> Legs:
        return legs(self.reach, (self.home, self.start), self.places, self.serves)

    @property
    def may_be_shorter(self) -> bool:
        wanted = np.zeros(len(self.lookup.rows), bool)
        wanted[[each.row for candidates in self.buildings for each in candidates]] = True
        limit = self.question.max_minutes * SECONDS_PER_MINUTE
        return self.reach.may_lack_streets(self.home, wanted, limit)

    @property
    def lacking(self) -> list[str]:
        """The needs that no place within the walk meets."""
        met = int(np.bitwise_or.reduce(self.stops.serves[np.isfinite(self.stops.home)]))
        return [code for need, code in enumerate(self.question.categories) if not met >> need & 1]

    def shortest(self) -> list[Outing]:
        if self.lacking:
            return []
        needs = len(self.question.categories)
        best = shortest_rounds(self.stops, needs, self.legs.walked, count=OUTINGS)
        return [self._outing(trip.stops) for trip in best]

    def _candidates(self) -> Iterator[_Candidate]:
        untimed = replace(self.question, open_at=None)
        wanted = {code: need for need, code in enumerate(self.question.categories)}
        for number, row in enumerate(self.lookup.rows):
            needs = frozenset(wanted[code] for code in row.categories if code in wanted)
            if needs and self._opens(row):
                fit = untimed.fit(row, self.lookup.calendar)
                if not fit.fails:
                    yield _Candidate(number, needs, fit.unknown)

    def _opens(self, row: ServiceRow) -> bool:
        start = self.question.open_at
        if start is None:
            return True
        moments = (start + stays * STAY for stays in range(OPENS_WITHIN + 1))
        return any(self._is_open(row, moment) is not False for moment in moments)

    def _is_open(self, row: ServiceRow, moment: datetime | None) -> bool | None:
        return None if moment is None else row.is_open_at(moment, self.lookup.calendar)

    def _error(self, candidate: _Candidate) -> tuple[float, int]:
        return self.lookup.rows[candidate.row].error_metres or 0.0, candidate.row

    def _outing(self, stops: tuple[int, ...]) -> Outing:
        way = self._ordered(stops)
        walks = [self.legs.walk(*ends) for ends in pairwise((HOME, *way, HOME))]
        legs = [self._leg(walk) for walk in walks]
        visited = self._visited(way, [walk.seconds for walk in walks])
        rows = [self.lookup.rows[self.places[place]] for place in way]
        reached = zip(legs[:-1], visited, rows, strict=True)
        return Outing(
            tuple(
                Stop(leg, visits, row.point[0], row.point[1], moment)
                for leg, (moment, visits), row in reached
            ),
            legs[-1],
        )

    def _ordered(self, stops: tuple[int, ...]) -> tuple[int, ...]:
        """Choose the direction with fewer closed places, else with the nearer first stop."""
        home = self.stops.home
        way = stops if home[stops[0]] <= home[stops[-1]] else stops[::-1]
        if self.question.open_at is None:
            return way
        seconds = [self.legs.walk(*ends).seconds for ends in pairwise((HOME, *way, HOME))]
        back = _closed(self._visited(way[::-1], seconds[::-1]))
        return way[::-1] if back < _closed(self._visited(way, seconds)) else way

    def _visited(self, way: tuple[int, ...], seconds: list[float]) -> list[_Visited]:
        left, visited = set(range(len(self.question.categories))), []
        moment = self.question.open_at
        for place, walked in zip(way, seconds[:-1], strict=True):
            moment = moment and moment + timedelta(seconds=walked)
            visited.append((moment, self._visits(place, left, moment)))
            left -= {need for candidate in self.buildings[place] for need in candidate.needs}
            moment = moment and moment + STAY
        return visited

    def _visits(self, place: int, left: set[int], moment: datetime | None) -> tuple[Visit, ...]:
        """Choose in a building a service for each need that is left."""

        def worth(candidate: _Candidate) -> tuple[bool, int, int, str]:
            closed = self._is_open(self.lookup.rows[candidate.row], moment) is False
            name = str(self.lookup.rows[candidate.row].name)
            return closed, -len(candidate.needs & left), len(candidate.unknown), name

        chosen: dict[_Candidate, list[int]] = defaultdict(list)
        for need in sorted(left):
            able = [candidate for candidate in self.buildings[place] if need in candidate.needs]
            if able:
                chosen[min(able, key=worth)].append(need)
        return tuple(self._visit(candidate, needs, moment) for candidate, needs in chosen.items())

    def _visit(self, candidate: _Candidate, needs: list[int], moment: datetime | None) -> Visit:
        codes = tuple(self.question.categories[need] for need in needs)
        row = self.lookup.rows[candidate.row]
        return Visit(codes, row, candidate.unknown, self._is_open(row, moment))

    def _leg(self, walk: Walk) -> Leg:
        if walk.target == HOME:
            place: Point = self.home
            error: float | None = self.origin.error_metres
        else:
            row = int(self.places[walk.target])
            place, error = self.reach.place(row), self.lookup.rows[row].error_metres
        words = self.reach.words(walk, place, error_metres=error)
        path = self.lookup.degrees(walk.path)
        return Leg(walk.seconds, walk.metres, walk.estimated, path, words)


def _building(row: ServiceRow) -> object:
    """Key of a building: its address with a civic number, else the place itself."""
    if row.address and row.precision in NUMBERED:
        return row.municipio, row.address.casefold()
    return row.location_id


def _closed(visited: list[_Visited]) -> int:
    return sum(visit.is_open is False for _, visits in visited for visit in visits)
