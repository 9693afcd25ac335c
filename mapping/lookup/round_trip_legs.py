"""Walks between home and a few services: along the streets, or straight where none serve."""

from typing import Protocol

import numpy as np

from mapping.arrays import Floats, Ints
from mapping.walking import routing
from mapping.walking.directions import Point
from mapping.walking.service_walks import ServiceWalks, Walk, is_on_network
from mapping.walking.snapping import Snaps

HOME = -1
"""The number of home among the places; the others are counted from 0."""


class Legs(Protocol):
    """The walks between home and n places."""

    def home(self, limit: float) -> Floats:
        """Give the walks from home to each place.

        Parameters
        ----------
        limit : float
            Seconds; what is farther is not looked for.

        Returns
        -------
        ndarray of float, shape (n,)
            Seconds; infinite beyond the limit and where no way leads.
        """

    def walked(self, places: Ints, limit: float) -> Floats:
        """Give the walks from some places to all.

        Parameters
        ----------
        places : ndarray of int, shape (m,)
            Numbers of places.
        limit : float
            Seconds; what is farther is not looked for.

        Returns
        -------
        ndarray of float, shape (m, n)
            Seconds; infinite beyond the limit.
        """

    def walk(self, start: int, end: int) -> Walk:
        """Walk from one place to another, with the path where there are streets."""


def legs(
    reach: ServiceWalks, home: tuple[Point, Snaps | None], services: Ints, serves: Ints
) -> Legs:
    """Choose how to walk between home and some services.

    Parameters
    ----------
    reach : ServiceWalks
        Who walks, and on what.
    home : tuple
        x and y in metres, and their snap; None where no streets are loaded.
    services : ndarray of int, shape (n,)
        Their numbers.
    serves : ndarray of int, shape (n,)
        A bit for each need that is met there.

    Returns
    -------
    Legs
        Along the streets where they lead from home to a service for each need that any of them
        meets; else straight, and estimated.
    """
    point, start = home
    if start is not None and is_on_network(start):
        part = reach.graph.footing.component
        home_part = part[start.edge]
        joined = serves[part[reach.targets.snaps.edge[services]] == home_part]
        if np.bitwise_or.reduce(joined) == np.bitwise_or.reduce(serves):
            return AlongStreets(reach, point, start, services)
    return Straight(reach, point, services)


class AlongStreets:
    """Walks along the streets.

    Parameters
    ----------
    reach : ServiceWalks
        Who walks, and on what.
    home : tuple of float
        x and y, metres.
    start : Snaps
        Of home.
    services : ndarray of int, shape (n,)
        The places.
    """

    def __init__(self, reach: ServiceWalks, home: Point, start: Snaps, services: Ints) -> None:
        self._on = reach.graph
        self._home = start
        self._snaps = reach.targets.snaps.take(services)
        self._points = {HOME: home} | dict(enumerate(map(reach.place, services.tolist())))
        self._targets = routing.targets(self._on, self._snaps)

    def home(self, limit: float) -> Floats:
        """Give the seconds from home to each place.

        Parameters
        ----------
        limit : float
            Seconds beyond which nobody walks.

        Returns
        -------
        ndarray of float, shape (n,)
            Infinite beyond the limit, or where no way leads.
        """
        seconds: Floats = self._seconds(self._home, limit)[0]
        return seconds

    def walked(self, places: Ints, limit: float) -> Floats:
        """Give the seconds from some of the places to all.

        Parameters
        ----------
        places : ndarray of int, shape (m,)
            Which.
        limit : float
            Seconds beyond which nobody walks.

        Returns
        -------
        ndarray of float, shape (m, n)
            Infinite beyond the limit, or where no way leads.
        """
        return self._seconds(self._snaps.take(places), limit)

    def walk(self, start: int, end: int) -> Walk:
        """Walk from one place to another."""
        foot = self._home if end == HOME else self._snaps.take(np.array([end]))
        to = routing.targets(self._on, foot)
        leave = self._home if start == HOME else self._snaps.take(np.array([start]))
        (trip,) = routing.nearest(
            self._on, self._points[start], to, count=1, with_paths=True, start=leave
        ).trips
        snap = float(foot.snap_metres[0])
        off = bool(foot.off_network[0] or leave.off_network[0])
        return Walk(end, trip.seconds, trip.metres, off, snap, trip.path, trip.pieces)

    def _seconds(self, origins: Snaps, limit: float) -> Floats:
        near = routing.matrix(self._on, origins, self._targets, max_seconds=limit).tocoo()
        seconds: Floats = np.full(near.shape, np.inf)
        seconds[near.row, near.col] = near.data
        return seconds


class Straight:
    """Estimates along straight lines.

    Parameters
    ----------
    reach : ServiceWalks
        Who walks.
    home : tuple of float
        x and y, metres.
    services : ndarray of int, shape (n,)
        The places.
    """

    def __init__(self, reach: ServiceWalks, home: Point, services: Ints) -> None:
        # Home is the last of the places: -1.
        self._xy = np.array([*map(reach.place, services.tolist()), home])
        self._pace = reach.walker.metres_per_second

    def home(self, limit: float) -> Floats:
        """Give the seconds from home to each place.

        Parameters
        ----------
        limit : float
            Seconds beyond which nobody walks.

        Returns
        -------
        ndarray of float, shape (n,)
            Infinite beyond the limit.
        """
        seconds = self._metres(HOME)[:HOME] / self._pace
        return np.where(seconds <= limit, seconds, np.inf)

    def walked(self, places: Ints, limit: float) -> Floats:
        """Give the seconds from some of the places to all.

        Parameters
        ----------
        places : ndarray of int, shape (m,)
            Which.
        limit : float
            Seconds beyond which nobody walks.

        Returns
        -------
        ndarray of float, shape (m, n)
            Infinite beyond the limit.
        """
        metres = np.array([self._metres(place)[:HOME] for place in places.tolist()])
        return np.where(metres / self._pace <= limit, metres / self._pace, np.inf)

    def walk(self, start: int, end: int) -> Walk:
        """Walk from one place to another."""
        metres = float(self._metres(start)[end])
        return Walk(end, metres / self._pace, metres, estimated=True)

    def _metres(self, place: int) -> Floats:
        return routing.straight_metres(*self._xy[place].tolist(), *self._xy.T)
