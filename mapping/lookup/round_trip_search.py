"""The shortest rounds from home over a stop for every need and back, exact.

Assumes only a symmetric metric: a walk is as long back as forth, and no detour is shorter. Legs
are walked lazily: the best rounds are found on what each leg takes at the least, their legs are
walked, and so again until the best rounds have been walked whole. All others take at least as long
(as Dellin, Srinivasa (2016) evaluate expensive edges, ICAPS 26).
"""

import heapq
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import combinations, islice
from operator import attrgetter, or_

import numpy as np

from mapping.arrays import Floats, Ints

Walk = Callable[[Ints, float], Floats]

FIRST_LOOK = 6
"""How many of the nearest stops of each kind are tried first, to bound the search."""
ROUNDING_SECONDS = 1e-6


@dataclass(frozen=True)
class Round:
    """Stops in the order of the walk, and the seconds from home back to home."""

    stops: tuple[int, ...]
    seconds: float


@dataclass(frozen=True, eq=False)
class Stops:
    """n places to stop at.

    `home` are the seconds from home, infinite where no way leads. `serves` has a bit for each need
    that is met there. `x` and `y` are in seconds: no walk takes less than the straight line.
    """

    home: Floats
    serves: Ints
    x: Floats
    y: Floats

    def least(self, rows: Ints) -> Floats:
        """Give lower bounds of the seconds of the legs between some of the stops.

        Parameters
        ----------
        rows : ndarray of int, shape (m,)
            Which.

        Returns
        -------
        ndarray of float, shape (m, m)
            The straight line, or how much farther from home one is than the other.
        """
        x, y, home = self.x[rows], self.y[rows], self.home[rows]
        straight = np.hypot(x[:, None] - x, y[:, None] - y)
        least: Floats = np.maximum(straight, np.abs(home[:, None] - home))
        return least

    def stars(self, rows: Ints) -> Floats:
        """Give the seconds of the legs between some of the stops by way of home.

        Parameters
        ----------
        rows : ndarray of int, shape (m,)
            Which.

        Returns
        -------
        ndarray of float, shape (m, m)
            At the most.
        """
        home = self.home[rows]
        return home[:, None] + home


def shortest_rounds(stops: Stops, needs: int, walk: Walk, *, count: int) -> list[Round]:
    """Find the shortest rounds that meet every need, the shortest first.

    No two are over the same stops, and none has a stop that the others make needless. `walk` gives
    the seconds from m of the stops, rows of int (m,), to all of them, (m, n); what is farther than
    its limit of seconds may be infinite. Each round may as well be walked the other way round.
    """
    search = _Search(stops, needs, walk, count)
    near = _nearest(stops)
    # Out to each stop and back home is a round too, of which the legs are known. Half of it is the
    # farthest that a stop, or another stop from it, may be in a round that is no longer.
    search.limit = _half(search.shortest(near, stops.stars(near)), count)
    half = _half(search.settled(near), count)
    reached = np.flatnonzero(np.isfinite(stops.home))
    within = reached[stops.home[reached] <= half]
    over = search.least_over(within)
    return search.settled(within[np.isfinite(over) & (over <= 2 * half)])


def _half(rounds: list[Round], count: int) -> float:
    return rounds[-1].seconds / 2 + ROUNDING_SECONDS if len(rounds) == count else math.inf


def _nearest(stops: Stops) -> Ints:
    kinds = (np.flatnonzero(stops.serves == kind) for kind in np.unique(stops.serves))
    near = [rows[np.argsort(stops.home[rows], kind="stable")][:FIRST_LOOK] for rows in kinds]
    rows: Ints = np.sort(np.concatenate([np.zeros(0, np.int64), *near]))
    return rows[np.isfinite(stops.home[rows])]


class _Search:
    """The legs walked so far, and the rounds that they prove to be the shortest."""

    def __init__(self, stops: Stops, needs: int, walk: Walk, count: int) -> None:
        self._stops, self._needs, self._walk, self._count = stops, needs, walk, count
        self._walked: dict[int, Floats] = {}
        self.limit = math.inf
        """Longest leg, in seconds, that a round still worth finding can have."""

    def settled(self, rows: Ints) -> list[Round]:
        """Find the shortest rounds over some of the stops, walking only their legs."""
        while True:
            rounds = self.shortest(rows, self._legs(rows))
            # Of a leg one end is enough, since it is as long back as forth; home knows its own.
            new = {stop for trip in rounds for stop in trip.stops[1:]} - self._walked.keys()
            if not new:
                return rounds
            unwalked = sorted(new)
            self._walked.update(
                zip(unwalked, self._walk(np.array(unwalked), self.limit), strict=True)
            )

    def least_over(self, rows: Ints) -> Floats:
        """Give what the shortest round over each of some stops takes at the least."""
        families = self._families(rows, self._legs(rows))
        least = [family.shortest_over() for family in families]
        shortest: Floats = np.min([np.full(len(rows), np.inf), *least], axis=0)
        return shortest

    def shortest(self, rows: Ints, legs: Floats) -> list[Round]:
        """Find the shortest rounds over some of the stops, given the seconds of the legs."""
        families = self._families(rows, legs)
        ascending = heapq.merge(
            *(family.ascending() for family in families), key=attrgetter("seconds")
        )
        # The same stops come again in every other order, and later.
        shortest: dict[frozenset[int], Round] = {}
        for trip in ascending:
            shortest.setdefault(frozenset(trip.stops), trip)
            if len(shortest) == self._count:
                break
        return [
            Round(tuple(rows[list(trip.stops)].tolist()), trip.seconds)
            for trip in shortest.values()
        ]

    def _legs(self, rows: Ints) -> Floats:
        legs = self._stops.least(rows)
        for place, stop in enumerate(rows.tolist()):
            if stop in self._walked:
                legs[place] = legs[:, place] = self._walked[stop][rows]
        return legs

    def _families(self, rows: Ints, legs: Floats) -> list["_Family"]:
        home, serves = self._stops.home[rows], self._stops.serves[rows]
        kinds = np.unique(serves).tolist()
        return [_Family(home, legs, serves, chosen) for chosen in _covers(kinds, self._needs)]


def _covers(kinds: list[int], needs: int) -> Iterator[tuple[int, ...]]:
    """Choose kinds of stop that meet all needs together, each of them needed."""
    whole = (1 << needs) - 1
    for size in range(1, needs + 1):
        for chosen in combinations(kinds, size):
            fewer = combinations(chosen, size - 1)
            if reduce(or_, chosen) == whole and all(reduce(or_, few, 0) != whole for few in fewer):
                yield chosen


@dataclass(frozen=True)
class _Partial:
    """The beginning of a round, and the seconds of the shortest round that begins so."""

    total: float
    stops: tuple[int, ...]
    walked: float
    left: int


class _Family:
    """The rounds over one stop of each of some kinds.

    `onward[left, s]` are the seconds from stop s over one stop of each kind in `left`, and home
    (as Held, Karp (1962) count, J. SIAM 10(1), 196-210).
    """

    def __init__(self, home: Floats, legs: Floats, serves: Ints, kinds: tuple[int, ...]) -> None:
        self._home, self._legs = home, legs
        self._of_kind = [np.flatnonzero(serves == kind) for kind in kinds]
        self._whole = (1 << len(kinds)) - 1
        self._onward = np.full((self._whole + 1, len(home)), np.inf)
        self._onward[0] = home
        for left in range(1, self._whole + 1):
            for stops, rest in self._next(left):
                over = legs[:, stops] + self._onward[rest, stops]
                least = over.min(axis=1, initial=np.inf)
                np.minimum(self._onward[left], least, out=self._onward[left])

    def shortest_over(self) -> Floats:
        """Give the seconds of the shortest round over each stop; infinite where there is none."""
        over = np.full(len(self._home), np.inf)
        for kind, stops in enumerate(self._of_kind):
            others = self._whole & ~(1 << kind)
            for kinds_before in range(self._whole + 1):
                if not kinds_before & ~others:
                    round_over = (
                        self._onward[kinds_before, stops]
                        + self._onward[others & ~kinds_before, stops]
                    )
                    over[stops] = np.minimum(over[stops], round_over)
        return over

    def ascending(self) -> Iterator[Round]:
        """Give the rounds, the shortest first."""
        queue: list[_Queued] = []
        _queue(queue, self._further(_Partial(0.0, (), 0.0, self._whole)))
        while queue:
            *_, begun, siblings = heapq.heappop(queue)
            _queue(queue, siblings)
            if begun.left:
                _queue(queue, self._further(begun))
            else:
                yield Round(begun.stops, begun.total)

    def _next(self, left: int) -> Iterator[tuple[Ints, int]]:
        for kind, stops in enumerate(self._of_kind):
            if left >> kind & 1:
                yield stops, left & ~(1 << kind)

    def _further(self, begun: _Partial) -> Iterator[_Partial]:
        """Go on to any stop that is left, the best first."""
        leg = self._legs[begun.stops[-1]] if begun.stops else self._home
        options = list(self._next(begun.left))
        stops = np.concatenate([stops for stops, _ in options])
        rests = np.concatenate([np.full(len(stops), rest) for stops, rest in options])
        walked = begun.walked + leg[stops]
        totals = walked + self._onward[rests, stops]
        for row in np.argsort(totals, kind="stable"):
            if not np.isfinite(totals[row]):
                return
            path = (*begun.stops, int(stops[row]))
            yield _Partial(float(totals[row]), path, float(walked[row]), int(rests[row]))


_Queued = tuple[float, tuple[int, ...], _Partial, Iterator[_Partial]]


def _queue(queue: list[_Queued], coming: Iterator[_Partial]) -> None:
    for first in islice(coming, 1):
        heapq.heappush(queue, (first.total, first.stops, first, coming))
