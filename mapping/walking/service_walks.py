"""Walks from one origin to all services: along streets, or straight where no street leads."""

from functools import cached_property
from math import dist
from typing import NamedTuple

import numpy as np

from mapping.arrays import Bools, Floats, Ints
from mapping.walking import profile_edges, routing
from mapping.walking.directions import Directions, Point, directions
from mapping.walking.nearest_walks import SearchLimits
from mapping.walking.network import Network
from mapping.walking.paths import WalkedPieces
from mapping.walking.profiles import DETOUR_INDEX, Profile
from mapping.walking.routing import Graph, NearestTrips, Targets, Trip
from mapping.walking.snapping import MAINLAND_METRES, OFF_NETWORK_METRES, Snaps
from mapping.walking.straight_walks import AROUND_RATIO, FarGround

FAR_FROM_STREETS_METRES = 50.0
"""Where the nearest street is farther than this, the way out may lead to another one."""


DETOUR_RATIO, DETOUR_METRES = 3.5, 350.0
"""A walk that is so many times the straight line, and longer by so much, may go around a passage
that the drawing lacks."""

LOOKED_AT = 3
"""So many of the services that are nearer in a straight line are looked at for such a detour."""


class Walk(NamedTuple):
    """A walk to one service; `estimated` where no street leads all the way, or the last part."""

    target: int
    seconds: float
    metres: float
    estimated: bool
    snap_metres: float | None = None
    """From the street to the service; None where no street was walked."""
    path: Floats | None = None
    pieces: WalkedPieces | None = None
    """The edges that the path takes."""
    start_metres: float | None = None
    """From the place to the nearest street; None where no street was walked."""


class StraightWalk(NamedTuple):
    """A walk that leads far around, and how far away the service is in a straight line."""

    walk: Walk
    straight_metres: float


class StraightLines(NamedTuple):
    """The services to which not all streets are known, by their numbers.

    A straight line of up to so many metres may stand for the missing ones.
    """

    services: Ints
    metres: float


class NearestServices(NamedTuple):
    """The nearest services, by seconds, and how far the place is from the street."""

    walks: list[Walk]
    snap_metres: float | None
    """None when no streets are loaded."""


def is_on_network(start: Snaps) -> bool:
    """Whether the street that one place is snapped to is near enough to walk from."""
    return not start.out_of_reach[0]


class ServiceWalks:
    """What one profile reaches on one network.

    Parameters
    ----------
    network : Network or None
        The streets; None where none are loaded.
    walker : Profile
        Who walks.
    x, y : ndarray of float, shape (t,)
        The services, metres.
    beyond : StraightLines, optional
        The services to which not all streets are known; none where left out.
    """

    def __init__(
        self,
        network: Network | None,
        walker: Profile,
        x: Floats,
        y: Floats,
        beyond: StraightLines | None = None,
    ) -> None:
        self.network = network
        self.walker = walker
        self._x, self._y = x, y
        self._beyond = beyond or StraightLines(np.zeros(0, np.int64), 0.0)
        self._beyond_x, self._beyond_y = x[self._beyond.services], y[self._beyond.services]

    @cached_property
    def unknown(self) -> tuple[str, ...]:
        """The limits of this profile that the streets say nothing of (`profile_edges.unknown`)."""
        if self.network is not None:
            return profile_edges.unknown(self.network, self.walker)
        limits = ("steps" in self.walker.forbidden, np.isfinite(self.walker.max_slope))
        return tuple(np.array(["steps", "slopes"])[np.array(limits)].tolist())

    @cached_property
    def graph(self) -> Graph:
        """The streets as the profile walks them; only where there are any."""
        assert self.network is not None  # noqa: S101 - asked for only where `snap_metres` is known
        return routing.graph(self.network, self.walker)

    @cached_property
    def targets(self) -> Targets:
        """The services on these streets, in their order."""
        return routing.targets(self.graph, self.graph.snap(self._x, self._y))

    @cached_property
    def _far_ground(self) -> FarGround:
        """How far the services are to which not all streets are known; only where there are any."""
        return FarGround(self._beyond_x, self._beyond_y)

    def snap(self, origin: Point) -> Snaps | None:
        """Snap a place to the streets that the profile may use; None where none are loaded."""
        return None if self.network is None else self._snap(origin)

    def _snap(self, origin: Point) -> Snaps:
        return self.graph.snap([origin[0]], [origin[1]])

    def nearest(
        self,
        origin: Point,
        wanted: Bools,
        *,
        count: int,
        max_seconds: float,
        with_paths: bool = False,
    ) -> NearestServices:
        """Walk to the nearest of the wanted services.

        Parameters
        ----------
        origin : tuple of float
            x and y, metres.
        wanted : ndarray of bool, shape (t,)
            Which services.
        count : int
            How many at the most.
        max_seconds : float
            Longer walks are left out.
        with_paths : bool
            Whether to give the way of each.

        Returns
        -------
        NearestServices
            Sorted by seconds, then service.
        """
        if self.network is None:
            return NearestServices(self._straight(origin, wanted, count, max_seconds), None)
        if not wanted.any():
            return NearestServices([], float(self._snap(origin).snap_metres[0]))
        limits = SearchLimits(count, max_seconds, with_paths)
        trips, snap_metres = self._along(origin, wanted, limits)
        is_off = snap_metres > MAINLAND_METRES
        if is_off or (not trips and not self._is_joined(origin, wanted)):
            # No street leads to any of them: a straight line is better than "nothing".
            walks = self._straight(origin, wanted, count, max_seconds)
        else:
            walks = [self._along_streets(trip, snap_metres) for trip in trips]
            if snap_metres > OFF_NETWORK_METRES:
                beside = self._straight(origin, wanted, count, max_seconds)
                walks = self._with_beside(walks, beside, snap_metres)[:count]
            limit = walks[-1].seconds if len(walks) == count else max_seconds
            if len(around := self._around(origin, wanted, walks, limit)):
                straight = self._straight_to(around, origin, len(around), limit)
                walks = _shortest(walks, straight)[:count]
        return NearestServices(walks, snap_metres)

    def _along(self, origin: Point, wanted: Bools, limits: SearchLimits) -> NearestTrips:
        """Walk along the streets that are known."""
        trips, snap_metres = self._trips(origin, wanted, limits)
        if FAR_FROM_STREETS_METRES < snap_metres <= MAINLAND_METRES:
            trips = self._by_any_access(origin, wanted, limits)
        return NearestTrips(trips, snap_metres)

    def _by_any_access(self, origin: Point, wanted: Bools, limits: SearchLimits) -> list[Trip]:
        """Walk from a place far from all streets by the one from which each walk is shortest."""
        feet, best, nearest = self.graph.footing.accesses(*origin), dict[int, Trip](), list[Trip]()
        for foot in range(len(feet.edge)):
            start = feet.take(np.array([foot]))
            for trip in self._trips(origin, wanted, limits, start).trips:
                if trip.target not in best or trip.seconds < best[trip.target].seconds:
                    best[trip.target] = trip
            nearest = sorted(best.values(), key=lambda trip: (trip.seconds, trip.target))
            if len(nearest) >= limits.max_count:
                # By the streets that are farther away, only a shorter walk is looked for.
                limits = limits._replace(limit_seconds=nearest[limits.max_count - 1].seconds)
        return nearest[: limits.max_count]

    def _trips(
        self, origin: Point, wanted: Bools, limits: SearchLimits, start: Snaps | None = None
    ) -> NearestTrips:
        return routing.nearest(
            self.graph,
            origin,
            self.targets,
            count=limits.max_count,
            wanted=wanted,
            max_seconds=limits.limit_seconds,
            with_paths=limits.with_paths,
            start=start,
        )

    def led_around(self, origin: Point, wanted: Bools, metres: float) -> StraightWalk | None:
        """Find a service that is near in a straight line, and far by the streets that are known.

        Parameters
        ----------
        origin : tuple of float
            x and y, metres.
        wanted : ndarray of bool, shape (t,)
            Which services.
        metres : float
            How long the straight line may be, with its detour.

        Returns
        -------
        StraightWalk or None
            The first of the `LOOKED_AT` nearest to which the known walk is a detour.
        """
        straight = np.hypot(self._x - origin[0], self._y - origin[1])
        rows = np.flatnonzero(wanted & (straight * DETOUR_INDEX < metres))
        for row in rows[np.argsort(straight[rows], kind="stable")][:LOOKED_AT].tolist():
            alone = np.arange(len(wanted)) == row
            for walk in self.nearest(origin, alone, count=1, max_seconds=np.inf).walks:
                if self.is_detour(origin, walk):
                    return StraightWalk(walk, float(straight[row]))
        return None

    def place(self, service: int) -> Point:
        """Give x and y of a service, in metres."""
        return float(self._x[service]), float(self._y[service])

    def words(
        self, walk: Walk, place: Point, *, error_metres: float | None = None
    ) -> Directions | None:
        """Describe a walk in words; None where no street was walked.

        The side of the street is named only if the place is farther from the street than
        `error_metres`, the error of its position.
        """
        if self.network is None or walk.path is None or walk.pieces is None:
            return None
        sure = error_metres is not None and error_metres < (walk.snap_metres or 0)
        return directions(
            self.network,
            walk.path,
            walk.pieces,
            metres=walk.metres,
            seconds=walk.seconds,
            place=place if sure else None,
        )

    def is_detour(self, origin: Point, walk: Walk) -> bool:
        """Tell whether a walk along streets is far longer than the straight line."""
        straight = dist(origin, self.place(walk.target))
        longest = max(DETOUR_RATIO * straight, straight + DETOUR_METRES)
        return not walk.estimated and walk.metres > longest

    def _along_streets(self, trip: Trip, start_metres: float) -> Walk:
        snap_metres = float(self.targets.snaps.snap_metres[trip.target])
        return Walk(
            trip.target,
            trip.seconds,
            trip.metres,
            estimated=max(snap_metres, start_metres) > OFF_NETWORK_METRES,
            snap_metres=snap_metres,
            path=trip.path,
            pieces=trip.pieces,
            start_metres=start_metres,
        )

    def _with_beside(
        self, walks: list[Walk], beside: list[Walk], start_metres: float
    ) -> list[Walk]:
        """Go straight to what is nearer than the street and back: no street is between."""
        away = self.targets.snaps.snap_metres
        between = [walk for walk in beside if walk.metres < start_metres + away[walk.target]]
        return _shortest(walks, between)

    def _around(self, origin: Point, wanted: Bools, walks: list[Walk], max_seconds: float) -> Ints:
        """Find what is near in a straight line, and far by the streets, not all of which are known.

        Parameters
        ----------
        origin : tuple of float
            x and y, metres.
        wanted : ndarray of bool, shape (t,)
            Which services.
        walks : list of Walk
            Those that are known already.
        max_seconds : float
            Longer estimates are left out.

        Returns
        -------
        ndarray of int
            Their numbers.
        """
        rows, speed = self._beyond.services, self.walker.metres_per_second
        longest = min(self._beyond.metres, max_seconds * speed / DETOUR_INDEX)
        if not len(rows) or self._far_ground.metres(*origin) > longest:
            return rows[:0]
        straight = np.hypot(self._beyond_x - origin[0], self._beyond_y - origin[1])
        is_near = (straight <= longest) & wanted[rows]
        rows, straight = rows[is_near], straight[is_near]
        if not len(rows):
            return rows
        metres = {walk.target: walk.metres for walk in walks}
        far = np.array([row not in metres for row in rows.tolist()])
        if far.any():
            others = np.zeros(len(wanted), bool)
            others[rows[far]] = True
            limit = AROUND_RATIO * straight[far].max() / speed
            limits = SearchLimits(int(far.sum()), limit, with_paths=False)
            trips = self._along(origin, others, limits).trips
            metres |= {trip.target: trip.metres for trip in trips}
        walked = np.array([metres.get(row, np.inf) for row in rows.tolist()])
        return rows[walked > AROUND_RATIO * straight]

    def may_lack_streets(self, origin: Point, wanted: Bools, max_seconds: float) -> bool:
        """Whether a walk to any of the wanted services may be shorter than the streets tell.

        Parameters
        ----------
        origin : tuple of float
            x and y, metres.
        wanted : ndarray of bool, shape (t,)
            Which services.
        max_seconds : float
            Longer estimates are left out.

        Returns
        -------
        bool
            True where a look-up would estimate one along a straight line over the border.
        """
        if self.network is None:
            return False
        return bool(len(self._around(origin, wanted, [], max_seconds)))

    def _is_joined(self, origin: Point, wanted: Bools) -> bool:
        part = self.graph.footing.component
        own_part = part[self._snap(origin).edge]
        return bool(np.isin(part[self.targets.snaps.edge[wanted]], own_part).any())

    def _straight(self, origin: Point, wanted: Bools, count: int, max_seconds: float) -> list[Walk]:
        return self._straight_to(np.flatnonzero(wanted), origin, count, max_seconds)

    def _straight_to(self, rows: Ints, origin: Point, count: int, max_seconds: float) -> list[Walk]:
        metres = routing.straight_metres(*origin, self._x[rows], self._y[rows])
        seconds = metres / self.walker.metres_per_second
        nearest = np.lexsort((rows, seconds))[:count]
        return [
            Walk(int(rows[n]), float(seconds[n]), float(metres[n]), estimated=True)
            for n in nearest
            if seconds[n] <= max_seconds
        ]


def _shortest(walks: list[Walk], others: list[Walk]) -> list[Walk]:
    """Keep the shorter of two walks to one service, nearest first."""
    shortest = {walk.target: walk for walk in walks}
    for walk in others:
        if walk.target not in shortest or walk.metres < shortest[walk.target].metres:
            shortest[walk.target] = walk
    return sorted(shortest.values(), key=lambda walk: (walk.seconds, walk.target))
