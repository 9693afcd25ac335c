"""The nearest services from one place, out of one edition; nothing of the place is kept."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson
import shapely

from mapping.arrays import Bools, Ints
from mapping.coverage.border import longest_walk_metres
from mapping.crs import to_degrees, to_metres
from mapping.edition.edition import Edition
from mapping.edition.queries import knows_streets_beyond
from mapping.errors import BadInputError, UnknownServiceError
from mapping.hours.city_calendar import Calendar
from mapping.lookup.candidates import Candidates
from mapping.lookup.competence import catchments, competent
from mapping.lookup.ended_projects import ended_last
from mapping.lookup.look import Look
from mapping.lookup.origin import CityPlaces, KindLabels, Origin, Where
from mapping.lookup.question import MAX_MINUTES, Question
from mapping.services.service_row import ServiceRow
from mapping.tables import SECONDS_PER_MINUTE, Row
from mapping.walking.directions import Directions
from mapping.walking.profiles import profile
from mapping.walking.service_walks import (
    FAR_FROM_STREETS_METRES,
    ServiceWalks,
    StraightLines,
    Walk,
)

if TYPE_CHECKING:
    from mapping.walking.isochrones import Isochrone

VIEW_MARGIN_METRES = 250.0
MAX_STREETS = 4000
MAX_OUTLINES = 6
MAX_OUTLINED = 60
"""Minutes of the widest outline."""
GRID_DEGREES = 1e-6
"""Outlines are given to a tenth of a metre."""


class NearbyService(NamedTuple):
    """One service at one place, and the walk to it; `path` is (p, 2) lon and lat, or None."""

    service: ServiceRow
    seconds: float
    metres: float
    estimated: bool
    snap_metres: float | None
    """From the street to the service; None where no street was walked."""
    is_open: bool | None
    unknown: tuple[str, ...]
    """The conditions of which it is not known whether the service meets them."""
    fails: str | None = None
    """The one condition that the service does not meet."""
    path: npt.NDArray[np.float64] | None = None
    directions: Directions | None = None
    """The path in words, where it is asked for."""
    start_metres: float | None = None
    """From the place to the street that it is left by; None where no street was walked."""
    detour: bool = False
    """Whether it is so far around that there may be a passage that is not known."""

    @property
    def straight_metres(self) -> float | None:
        """The end of the walk where no street is known, if it is long enough to be told."""
        away = self.snap_metres
        return away if away is not None and away > FAR_FROM_STREETS_METRES else None

    @property
    def straight_in_all(self) -> float | None:
        """The straight metres of both ends, if they are many or most of the walk."""
        both = (self.start_metres or 0.0) + (self.snap_metres or 0.0)
        return both if both > min(FAR_FROM_STREETS_METRES, self.metres / 2) else None


class LedAround(NamedTuple):
    """A service that would be the nearest in a straight line, and is far by the known streets."""

    service: ServiceRow
    straight_metres: float
    seconds: float


@dataclass(frozen=True, eq=False)
class Unplaced:
    """A service whose place is not known, and the conditions of which that is not known either."""

    service: ServiceRow
    unknown: tuple[str, ...]

    @cached_property
    def listed(self) -> Row:
        """What lists say of it."""
        return self.service.listed_without_place | {"unknown": list(self.unknown)}

    @cached_property
    def listed_json(self) -> orjson.Fragment:
        """The same as JSON."""
        return orjson.Fragment(orjson.dumps(self.listed))


@dataclass(frozen=True, eq=False)
class Answer:
    """The services found, nearest first, and those listed because their place is not known."""

    origin: Origin
    snap_metres: float | None
    """From the origin to the nearest street of the profile; None when no streets are loaded."""
    streets: ServiceWalks
    """Who walked, and on what."""
    results: list[NearbyService]
    almost: list[NearbyService]
    """If nothing was found: for each condition, the nearest service that fails only it."""
    unplaced: list[Unplaced]
    around: list[LedAround] = field(default_factory=list)
    """What would be the nearest in a straight line, where the ways are asked for."""
    competent: tuple[ServiceRow, ...] = ()
    """The services whose catchment the origin lies in, of the categories that are asked for."""


class Lookup(CityPlaces):
    """Look-ups in one edition; it holds no state between calls.

    Parameters
    ----------
    edition : Edition
        An open edition.
    epsg : int
        The projected reference system of the city.
    calendar : Calendar, optional
        Its holidays; without it, hours that depend on them are unknown.
    kind_labels : callable, optional
        Gives the labels of categories in other languages, asked when a place is first searched.
    """

    def __init__(
        self,
        edition: Edition,
        epsg: int,
        calendar: Calendar | None = None,
        kind_labels: KindLabels | None = None,
    ) -> None:
        super().__init__(edition, epsg, kind_labels)
        self.calendar = calendar
        listed = [row for row in edition.service_rows if row.is_listed]
        self._unplaced = [row for row in listed if not row.is_routed]
        outside = [row for row in edition.outside_rows if row.is_destination]
        self.rows = [*(row for row in listed if row.is_routed), *outside]
        """The services to which one may walk, in the order in which `reach` counts them."""
        self._x, self._y = to_metres(
            [row.point[0] for row in self.rows], [row.point[1] for row in self.rows], epsg
        )
        ends = range(len(self.rows) - len(outside), len(self.rows))
        unseen = () if knows_streets_beyond(edition) else ends
        self._beyond = StraightLines(np.array(unseen, np.int64), longest_walk_metres())
        self._reaches: dict[str, ServiceWalks] = {}
        self._prepared: set[str] = set()

    def nearest(
        self, origin: Origin, question: Question, *, paths: bool = False, words: bool = False
    ) -> Answer:
        """Find the nearest services that answer the question.

        Parameters
        ----------
        origin : Origin
            Of `origin`.
        question : Question
            What to look for.
        paths : bool
            Whether to give the walking path of each.
        words : bool
            Whether to give each path in words too.

        Returns
        -------
        Answer
            Sorted by seconds, those whose project is over behind the others; estimated along
            straight lines where streets do not serve.
        """
        look = self._look(origin, question, self._candidates(question))
        walks, snap_metres = look.around(paths=paths or words)
        results = ended_last(
            [self._result(look, walk, words=words) for walk in walks],
            lambda: self._nearest_going(look),
        )
        almost = [] if results else [self._result(look, *near) for near in look.almost()]
        unplaced = self._listed(origin, question)
        self._prepared.add(question.profile)
        around = self._around(look, walks) if paths else []
        ours = competent(self.by_catchment, origin, question.categories)
        return Answer(origin, snap_metres, look.reach, results, almost, unplaced, around, ours)

    def walk_to(
        self, origin: Origin, service_id: str, walker: str = "adult"
    ) -> NearbyService | None:
        """Walk to the nearest place of one service, however far it is.

        Parameters
        ----------
        origin : Origin
            Of `origin`.
        service_id : str
            The service; an id that was merged into it will do.
        walker : str
            Id of a profile.

        Returns
        -------
        NearbyService or None
            With its path, in words too; None where no place of it is known within a day.
        """
        question = Question((), count=1, max_minutes=MAX_MINUTES, profile=walker)
        named = np.array([row.is_named(service_id) for row in self.rows], bool)
        look = self._look(origin, question, Candidates(named))
        walks = look.around(paths=True).walks
        return self._result(look, walks[0], words=True) if walks else None

    def starts(self, where: Where | None, service_id: str | None) -> list[Origin]:
        """Find the places to set out from: one that is given, or those of a service.

        Parameters
        ----------
        where : Where or None
            A place.
        service_id : str or None
            A service instead; an id that was merged into it will do.

        Returns
        -------
        list of Origin
            Of a service one a location; those of which no place is known are left out.

        Raises
        ------
        UnknownServiceError
            When the edition does not hold it, as a living service.
        BadInputError
            When no place of it is known; or neither, or both, are given.
        """
        if (where is None) == (service_id is None):
            raise BadInputError("Give a place or a service_id, and not both.")
        return [self.origin(where)] if where else self._places_of(str(service_id))

    def _places_of(self, service_id: str) -> list[Origin]:
        rows = [row for row in self.rows if row.is_named(service_id)]
        if not rows and not any(row.is_named(service_id) for row in self._unplaced):
            raise UnknownServiceError(
                f"Unknown service '{service_id}'. Find the ids in /v1/services, or in a look-up."
            )
        if not rows:
            raise BadInputError(
                f"The place of service '{service_id}' is not known. Choose one with a position."
            )
        return [
            self._origin(*row.point, row.address, row.precision, row.error_metres or 0.0)
            for row in rows
        ]

    def isochrones(
        self, places: list[Origin], minutes: Sequence[int], walker: str = "adult"
    ) -> "list[Isochrone]":
        """Outline the area reached in so many minutes from a place, or from the nearest of several.

        Parameters
        ----------
        places : list of Origin
            Of `origin` or `places_of`.
        minutes : sequence of int
            1 to 60 each, at most 6 of them.
        walker : str
            Id of a profile.

        Returns
        -------
        list of Isochrone
            Ascending, outlines in degrees, each inside the next. Estimated where streets are
            lacking; on an island no more than its own streets.

        Raises
        ------
        BadInputError
            When the minutes, or the profile, are not such.
        """
        from mapping.walking.isochrones import circles, isochrones  # noqa: PLC0415 - for these alone

        distinct = sorted(set(minutes))
        if (
            not 1 <= len(distinct) <= MAX_OUTLINES
            or not 1 <= distinct[0] <= distinct[-1] <= MAX_OUTLINED
        ):
            listed = ", ".join(map(str, minutes)) or "none"
            raise BadInputError(
                f"minutes are {listed}. Give 1 to {MAX_OUTLINES} numbers, from 1 to {MAX_OUTLINED}."
            )
        reach = self.reach(walker)
        x, y = to_metres(
            [place.lon for place in places], [place.lat for place in places], self._epsg
        )
        limits = [minute * SECONDS_PER_MINUTE for minute in distinct]
        if self._network is None:
            drawn = circles(x, y, reach.walker.metres_per_second, limits)
        else:
            drawn = isochrones(reach.graph, x, y, limits)
        return [replace(outline, shape=self._outline(outline.shape)) for outline in drawn]

    def streets_around(self, answer: Answer) -> list[npt.NDArray[np.float64]]:
        """Give the streets around an answer, as the background of its map.

        Parameters
        ----------
        answer : Answer
            Of `nearest`.

        Returns
        -------
        list of ndarray
            Lines of (p, 2) degrees; empty where no streets are loaded, or the view is too wide.
        """
        if self._network is None:
            return []
        lon = [answer.origin.lon, *(result.service.point[0] for result in answer.results)]
        lat = [answer.origin.lat, *(result.service.point[1] for result in answer.results)]
        x, y = to_metres(lon, lat, self._epsg)
        view = shapely.box(x.min(), y.min(), x.max(), y.max()).buffer(VIEW_MARGIN_METRES)
        lines = self._network.lines[self._network.tree.query(view)]
        if len(lines) > MAX_STREETS:
            return []
        paths = [shapely.get_coordinates(line) for line in shapely.simplify(lines, 2)]
        return [path for line in paths if (path := self.degrees(line)) is not None]

    def reach(self, walker: str) -> ServiceWalks:
        """Give the walks of a profile; its streets are weighted at its first look-up.

        Parameters
        ----------
        walker : str
            Id of a profile.

        Returns
        -------
        ServiceWalks
            Always the same one.
        """
        if walker not in self._reaches:
            self._reaches[walker] = ServiceWalks(
                self._network, profile(walker), self._x, self._y, self._beyond
            )
        return self._reaches[walker]

    def is_prepared(self, walker: str) -> bool:
        """Whether a look-up of a profile has been answered: the first one weighs its streets.

        Parameters
        ----------
        walker : str
            Id of a profile.

        Returns
        -------
        bool
            True after the first.
        """
        return walker in self._prepared

    def _look(self, origin: Origin, question: Question, candidates: Candidates) -> Look:
        return Look(self.reach(question.profile), self.metres(origin), question, candidates)

    def _around(self, look: Look, walks: list[Walk]) -> list[LedAround]:
        near = look.led_around(walks)
        if near is None:
            return []
        row = self.rows[near.walk.target]
        return [LedAround(row, near.straight_metres, near.walk.seconds)]

    def _candidates(self, question: Question) -> Candidates:
        """Hold the services of the wanted categories against the conditions, if there are any."""
        if not question.categories and not question.is_conditional:
            return self._everything
        wanted = np.full(len(self.rows), not question.categories)
        for code in question.categories:
            if code in self._rows_of:
                wanted[self._rows_of[code]] = True
        if not question.is_conditional:
            return Candidates(wanted)
        return Candidates(
            wanted,
            {
                row: question.fit(self.rows[row], self.calendar)
                for row in np.flatnonzero(wanted).tolist()
            },
        )

    @cached_property
    def by_catchment(self) -> Mapping[str, tuple[ServiceRow, ...]]:
        """The services that say whom they are for, by area, with a place or without."""
        return catchments([*self.rows, *self._unplaced])

    @cached_property
    def _everything(self) -> Candidates:
        """All services, where nothing else is asked."""
        return Candidates(np.ones(len(self.rows), bool))

    @cached_property
    def _rows_of(self) -> dict[str, Ints]:
        """The services of each category, by their place in `rows`."""
        rows_of: dict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(self.rows):
            for code in set(row.categories):
                rows_of[code].append(number)
        return {code: np.array(numbers, np.int64) for code, numbers in rows_of.items()}

    @cached_property
    def _unplaced_of(self) -> dict[str | None, list[Unplaced]]:
        """What may be in each municipio: the unplaced services there, or none knows where."""
        municipi = {None, *(row.municipio for row in self._unplaced)}
        return {
            municipio: [
                Unplaced(row, ()) for row in self._unplaced if row.municipio in (None, municipio)
            ]
            for municipio in municipi
        }

    def _listed(self, origin: Origin, question: Question) -> list[Unplaced]:
        around = self._unplaced_of.get(origin.municipio, self._unplaced_of[None])
        near = [each for each in around if question.of_category(each.service)]
        if not question.is_conditional:
            return near
        fits = [(each.service, question.fit(each.service, self.calendar)) for each in near]
        return [Unplaced(row, fit.unknown) for row, fit in fits if not fit.fails]

    def _result(
        self, look: Look, walk: Walk, fails: str | None = None, *, words: bool = False
    ) -> NearbyService:
        service = self.rows[walk.target]
        when = look.question.open_at
        opened = service.is_open_at(when, self.calendar) if when else None
        return NearbyService(
            service,
            walk.seconds,
            walk.metres,
            walk.estimated,
            walk.snap_metres,
            opened,
            look.candidates.fit(walk.target).unknown,
            fails,
            self.degrees(walk.path),
            self._words(look.reach, walk) if words else None,
            walk.start_metres,
            look.reach.is_detour(look.point, walk),
        )

    def _nearest_going(self, look: Look) -> list[NearbyService]:
        """Find the nearest service that is not a project that is over."""
        others = replace(look, candidates=look.candidates.but(self._ended))
        alone = replace(others, question=replace(look.question, count=1))
        return [self._result(others, walk) for walk in alone.around(paths=True).walks]

    @cached_property
    def _ended(self) -> Bools:
        return np.array([bool(row.funding_ended) for row in self.rows], bool)

    def degrees(self, path: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float64] | None:
        """Give the line of a walk in degrees.

        Parameters
        ----------
        path : ndarray of float, shape (p, 2), or None
            Metres.

        Returns
        -------
        ndarray of float, shape (p, 2), or None
            Lon and lat; None where there is none.
        """
        if path is None:
            return None
        return np.column_stack(to_degrees(path[:, 0], path[:, 1], self._epsg))

    def _words(self, streets: ServiceWalks, walk: Walk) -> Directions | None:
        error = self.rows[walk.target].error_metres
        return streets.words(walk, streets.place(walk.target), error_metres=error)

    def _outline(self, shape: shapely.Geometry) -> shapely.Geometry:
        def degrees(metres: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            return np.column_stack(to_degrees(metres[:, 0], metres[:, 1], self._epsg))

        rounded = shapely.set_precision(shapely.transform(shape, degrees), GRID_DEGREES)
        return shapely.orient_polygons(rounded)
