"""Walking directions: streets, distances and turns, which `api/pages/directions.html` says.

Turns are classified by angle as OSRM does (`getTurnDirection` of its guidance, and the ten metres
of `LOOKAHEAD_DISTANCE_WITHOUT_LANES`): up to 20 degrees is straight on, up to 40 slight. Nearly
half a turn, with the tolerance of straight on, is back.
"""

import bisect
import cmath
import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from mapping.arrays import Floats
from mapping.text import readable
from mapping.walking.network import Network
from mapping.walking.paths import WalkedPieces
from mapping.walking.ways import KINDS

Turn = Literal["straight", "slight_left", "slight_right", "left", "right", "back"]
Wind = Literal["e", "ne", "n", "nw", "w", "sw", "s", "se"]
Side = Literal["left", "right"]
Point = tuple[float, float]

STRAIGHT_DEGREES = 20.0
SLIGHT_DEGREES = 40.0
LOOK_METRES = 10.0
"""A heading is that of so many metres before or after a turn: drawn corners have crumbs."""
CRUMB_METRES = 15.0
"""A way without a name and shorter than this is a crossing or a join, and is not mentioned."""
BACK_DEGREES = 180 - STRAIGHT_DEGREES
GOES_ON: tuple[Turn, ...] = ("straight", "slight_left", "slight_right")
"""A way without a name that bends so is not mentioned again."""
WINDS: tuple[Wind, ...] = ("e", "ne", "n", "nw", "w", "sw", "s", "se")
STEPS = KINDS.index("steps")


@dataclass(frozen=True)
class Step:
    """A part of a walk along one street; one without a name does not turn."""

    turn: Turn | None
    """At its beginning; None where one sets out."""
    street: str | None
    """None where the way has no name."""
    stairs: bool
    metres: float
    seconds: float


@dataclass(frozen=True)
class Directions:
    """A walk in words; metres and seconds of the steps add up to those of the walk."""

    wind: Wind | None
    """Direction at the start; None for a walk without length."""
    steps: tuple[Step, ...]
    side: Side | None
    """On which hand the place is at the end; None where that is not known."""


@dataclass(frozen=True)
class _StreetPart:
    """A stretch of one street, `enter` to `end` in metres walked; it is crossed to from `begin`."""

    street: int
    stairs: bool
    begin: float
    enter: float
    end: float


def directions(
    network: Network,
    path: Floats,
    pieces: WalkedPieces,
    *,
    metres: float,
    seconds: float,
    place: Point | None = None,
) -> Directions:
    """Put a walk into words.

    Parameters
    ----------
    network : Network
        The streets.
    path : ndarray of float, shape (p, 2)
        The walk from its origin to the last foot, metres.
    pieces : WalkedPieces
        The edges that it takes.
    metres : float
        Its length, both snaps walked: the first step has the way to the street, the last that
        from it.
    seconds : float
        How long it takes, at an even pace.
    place : tuple of float, optional
        Where it leads, in metres, if that is known well enough to tell the side of the street.

    Returns
    -------
    Directions
        At least one step; as far as a street keeps its name, it is one step.
    """
    course = _Course(path)
    parts = _without_crumbs(_parts(network, pieces, course.metres))
    starts = list(_step_starts(course, parts))
    begins = [0.0, *(part.begin for _, part in starts[1:])]
    pace = seconds / metres if metres > 0 else 0.0
    steps = tuple(
        Step(turn, _name(network, part), part.stairs, end - begin, (end - begin) * pace)
        for (turn, part), begin, end in zip(starts, begins, [*begins[1:], metres], strict=True)
    )
    return Directions(_wind(course.after(parts[0].enter)), steps, _side(course, place))


class _Course:
    """The line of a walk, by metres walked."""

    def __init__(self, path: Floats) -> None:
        ahead = np.cumsum(np.hypot(*np.diff(path, axis=0).T))
        self._at = [0.0, *ahead.tolist()]
        self._path = [complex(x, y) for x, y in path.tolist()]
        self.metres = self._at[-1]

    def place(self, metres: float) -> complex:
        """Give the place after so many metres, east and north."""
        vertex = min(max(bisect.bisect_right(self._at, metres), 1), len(self._at) - 1)
        start, end = self._at[vertex - 1], self._at[vertex]
        share = (metres - start) / (end - start) if end > start else 0.0
        return self._path[vertex - 1] + share * (self._path[vertex] - self._path[vertex - 1])

    def before(self, metres: float, since: float = 0.0) -> complex:
        """Give the heading with which one comes to a place on a street entered at `since`."""
        return self.place(metres) - self.place(max(since, metres - LOOK_METRES))

    def after(self, metres: float, until: float = math.inf) -> complex:
        """Give the heading with which one leaves a place on a street left at `until`."""
        return self.place(min(until, metres + LOOK_METRES)) - self.place(metres)


def _parts(network: Network, pieces: WalkedPieces, metres: float) -> list[_StreetPart]:
    lengths = np.abs(pieces.end - pieces.start)
    ends = metres - lengths.sum() + np.cumsum(lengths)
    walked = np.flatnonzero(lengths)
    rows = walked if len(walked) else np.array([len(lengths) - 1])
    streets = network.edge_name[pieces.edge[rows]].tolist()
    stairs = (network.edge_kind[pieces.edge[rows]] == STEPS).tolist()
    begins, ends = (ends - lengths)[rows].tolist(), ends[rows].tolist()
    return [_StreetPart(*part) for part in zip(streets, stairs, begins, begins, ends, strict=True)]


def _runs(parts: Iterable[_StreetPart]) -> list[list[_StreetPart]]:
    by_street = itertools.groupby(parts, lambda part: (part.street, part.stairs))
    return [list(run) for _, run in by_street]


def _without_crumbs(parts: list[_StreetPart]) -> list[_StreetPart]:
    """Leave crossings and joins out; who walks on has walked them."""
    streets: list[_StreetPart] = []
    begin = parts[0].begin
    for run in _runs(parts):
        crumb = run[0].street < 0 and not run[0].stairs
        if crumb and run[-1].end - run[0].begin < CRUMB_METRES:
            continue
        streets += [replace(run[0], begin=begin), *run[1:]]
        begin = run[-1].end
    return streets or parts


def _step_starts(
    course: _Course, parts: list[_StreetPart]
) -> Iterator[tuple[Turn | None, _StreetPart]]:
    """Yield the parts with which a step begins: another street, or a turn of one without a name."""
    yield None, parts[0]
    last, since, step_begin = parts[0], parts[0].enter, parts[0].begin
    for run in _runs(parts):
        for part in run:
            turn = _turn(course.before(last.end, since), course.after(part.enter, run[-1].end))
            turns = turn not in GOES_ON and part.begin - step_begin >= LOOK_METRES
            # Who walks along a street reads its name: its own turns need no words.
            if part is not parts[0] and (part is run[0] or (turns and part.street < 0)):
                yield turn, part
                step_begin = part.begin
            last, since = part, run[0].enter


def _turn(before: complex, after: complex) -> Turn:
    degrees = _left_degrees(before, after)
    if abs(degrees) <= STRAIGHT_DEGREES:
        return "straight"
    if abs(degrees) <= SLIGHT_DEGREES:
        return "slight_left" if degrees > 0 else "slight_right"
    if abs(degrees) > BACK_DEGREES:
        return "back"
    return "left" if degrees > 0 else "right"


def _left_degrees(heading: complex, other: complex) -> float:
    # Rounded, so that an angle at a threshold does not hang on the last bit of a coordinate.
    return round(math.degrees(cmath.phase(other * heading.conjugate())), 6)


def _wind(heading: complex) -> Wind | None:
    eighth = round(cmath.phase(heading) / (math.tau / len(WINDS)))
    return WINDS[eighth % len(WINDS)] if heading else None


def _side(course: _Course, place: Point | None) -> Side | None:
    if place is None:
        return None
    toward = complex(*place) - course.place(course.metres)
    degrees = _left_degrees(course.before(course.metres), toward)
    if not STRAIGHT_DEGREES < abs(degrees) < BACK_DEGREES:
        return None
    return "left" if degrees > 0 else "right"


def _name(network: Network, part: _StreetPart) -> str | None:
    return readable(network.names[part.street]) if part.street >= 0 else None
