"""Place civic numbers on their streets by known addresses, electoral sections and direction."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from mapping.arrays import Floats, Ints
from mapping.geocoding.centreline import Course
from mapping.geocoding.number_kriging import Bridge, Sightings

# Fitted on the places of schools left out and found again; see docs/methods.md.
ANCHOR_DEVIATION = 25.0
SECTION_DEVIATION = 70.0
BESIDE_SHARE = 0.5
"""A section seen from a street is known along it the less, the farther beside it lies."""
OWN_DEVIATION = 100.0
PASSES = 2
"""How often the sections are found anew from the numbers, and the numbers from the sections."""
OUTWARD = 1.0
ACROSS = 2.0
"""What the centre, and the order of the municipi, count against sightings for the direction."""
ANCHOR_ERROR_METRES = 45.0
BASE_ERROR_METRES = 60.0
ERROR_DEVIATIONS = 2.0
BELIEVED_METRES = 150.0
"""An address seen farther than this from where its number should be has wrong coordinates."""


@dataclass(frozen=True, eq=False)
class StreetNumbers:
    """The numbers of one street in one municipio, in ascending order, and the course they follow.

    `members` are their rows among all the civic numbers; `sections` their electoral sections, -1
    where not known; `course` is None where the street is not drawn; `anchors` are numbers seen,
    with x and y.
    """

    street: int
    members: Ints
    numbers: Floats
    sections: Ints
    course: Course | None
    anchors: Sequence[tuple[int, float, float]] = ()

    @property
    def bridge(self) -> Bridge:
        """The numbers along the course."""
        metres = self.course.metres if self.course else 0.0
        return Bridge(float(self.numbers[0]), float(self.numbers[-1]), metres)


@dataclass(frozen=True, eq=False)
class Placed:
    """Positions of the numbers, metres, NaN if unknown; their errors and precisions."""

    points: Floats
    error_metres: Floats
    precision: npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class _SeenSections:
    """Electoral sections seen from the streets that run through them.

    The row of the run and its mean number there; the middle of the section's other numbers, the
    deviation of that, and how far apart they are.
    """

    run: Ints
    section: Ints
    number: Floats
    at: Floats
    deviation: Floats
    spread: Floats


class _Sections:
    """The electoral sections: the numbers of one are neighbours, on whichever street they are."""

    def __init__(self, runs: Sequence[StreetNumbers]) -> None:
        # Of a city without any number there is no run.
        none = np.zeros(0, np.int64)
        self._members = np.concatenate([none, *(run.members[run.sections >= 0] for run in runs)])
        sections = np.concatenate([none, *(run.sections[run.sections >= 0] for run in runs)])
        number = np.concatenate([none, *(run.numbers[run.sections >= 0] for run in runs)])
        owner = np.repeat(np.arange(len(runs)), [(run.sections >= 0).sum() for run in runs])
        pairs, self._pair = np.unique(
            np.column_stack([owner, sections]), axis=0, return_inverse=True
        )
        self._run, self._section = pairs.T
        self._number = np.bincount(self._pair, number) / np.bincount(self._pair)

    def seen_from_streets(self, at: Floats, deviation: Floats) -> _SeenSections:
        """Find the middle of every section from the numbers of its other streets."""
        where, own = at[self._members], deviation[self._members]
        weight = np.where(np.isfinite(own), 1 / (own**2 + OWN_DEVIATION**2), 0.0)
        where = np.where(weight[:, None] > 0, where, 0.0)
        parts = (weight, *(weight * where.T), weight * (where**2).sum(axis=1))
        sums = np.column_stack([np.bincount(self._pair, part) for part in parts])
        total = np.column_stack([np.bincount(self._section, part) for part in sums.T])
        rest = total[self._section] - sums
        has_others = rest[:, 0] > 1e-9 * total[self._section, 0]
        rest = rest[has_others]
        middle = rest[:, 1:3] / rest[:, :1]
        spread = np.sqrt(np.maximum(rest[:, 3] / rest[:, 0] - (middle**2).sum(axis=1), 0))
        return _SeenSections(
            self._run[has_others],
            self._section[has_others],
            self._number[has_others],
            middle,
            np.sqrt(1 / rest[:, 0]),
            spread,
        )


def place(runs: Sequence[StreetNumbers], centre: Floats, count: int) -> Placed:
    """Place the civic numbers of a city.

    Parameters
    ----------
    runs : sequence of StreetNumbers
        Every number is a member of one run at most.
    centre : ndarray
        x and y of the city's centre, metres.
    count : int
        How many numbers there are.

    Returns
    -------
    Placed
        An anchor's number is `civic`, one along the street `interpolated`, one of a street that is
        not drawn `street`, in the middle of its section; `area` where the place is not known.
    """
    if not runs:
        return Placed(np.empty((0, 2)), np.empty(0), np.empty(0, dtype=object))
    sections, anchored = _Sections(runs), [_anchored(run) for run in runs]
    # Two threads sum in another order than one: an edition is the same on any number of processors.
    with threadpool_limits(limits=1, user_api="blas"):
        at, deviation = _spread(runs, anchored, centre, count)
        for _ in range(PASSES):
            sightings = _joined(runs, anchored, sections.seen_from_streets(at, deviation))
            at, deviation = _spread(runs, sightings, centre, count)
    return _placed(runs, at, deviation, sections.seen_from_streets(at, deviation))


def _anchored(run: StreetNumbers) -> Sightings:
    if run.course is None or not run.anchors:
        return Sightings(*np.zeros((3, 0)))
    number, x, y = np.array(run.anchors, dtype=float).T
    metres, _ = run.course.place_of(x, y)
    sightings = Sightings(number, metres, np.full(len(number), ANCHOR_DEVIATION))
    return sightings.within(run.bridge.low, run.bridge.high)


def _joined(
    runs: Sequence[StreetNumbers], anchored: Sequence[Sightings], seen: _SeenSections
) -> list[Sightings]:
    """Add the sections that a street runs through to its anchors."""
    bounds = np.searchsorted(seen.run, np.arange(len(runs) + 1))
    joined = []
    for run, own, first, last in zip(runs, anchored, bounds[:-1], bounds[1:], strict=True):
        if run.course is None or first == last:
            joined.append(own)
            continue
        metres, distance = run.course.place_of(*seen.at[first:last].T)
        parts = (SECTION_DEVIATION, BESIDE_SHARE * distance, seen.deviation[first:last])
        deviation = np.sqrt(sum(np.square(part) for part in parts))
        joined.append(
            Sightings(
                np.concatenate([own.number, seen.number[first:last]]),
                np.concatenate([own.metres, metres]),
                np.concatenate([own.deviation, deviation]),
            )
        )
    return joined


def _spread(
    runs: Sequence[StreetNumbers], sightings: Sequence[Sightings], centre: Floats, count: int
) -> tuple[Floats, Floats]:
    """Spread the numbers of every drawn street along it; points, and deviations along it."""
    at, deviation = np.full((count, 2), np.nan), np.full(count, np.inf)
    streets: dict[int, list[tuple[StreetNumbers, Course, Sightings]]] = defaultdict(list)
    for run, own in zip(runs, sightings, strict=True):
        if run.course is not None:
            streets[run.street].append((run, run.course, own))
    for parts in streets.values():
        turned = _direction(parts, centre) < 0
        for run, course, own in parts:
            way, seen = course, own
            if turned:
                way, seen = course.turned(), own.turned(course.metres)
            metres, deviation[run.members] = run.bridge.place(run.numbers, seen)
            at[run.members] = way.at(metres)
    return at, deviation


def _direction(parts: Sequence[tuple[StreetNumbers, Course, Sightings]], centre: Floats) -> float:
    """Below 0 where the numbers of a street run against its course."""
    fits = sum(
        run.bridge.misfit(seen.turned(course.metres)) - run.bridge.misfit(seen)
        for run, course, seen in parts
    )
    courses = sorted((course for _, course, _ in parts), key=lambda course: course.start)
    ends = np.vstack([courses[0].points[0], courses[-1].points[-1]])
    near, far = np.hypot(*(ends - centre).T)
    outward = np.clip((far - near) / max(np.hypot(*(ends[1] - ends[0])), ANCHOR_DEVIATION), -1, 1)
    number = np.array([run.numbers.mean() for run, _, _ in parts])
    along = np.array([course.along.mean() for _, course, _ in parts])
    pairs = np.subtract.outer(number, number) * np.subtract.outer(along, along)
    across = pairs.sum() / max(np.abs(pairs).sum(), 1)
    return float(fits + OUTWARD * outward + ACROSS * across)


def _placed(
    runs: Sequence[StreetNumbers], at: Floats, deviation: Floats, seen: _SeenSections
) -> Placed:
    drawn = np.isfinite(deviation)
    error = np.where(drawn, BASE_ERROR_METRES + ERROR_DEVIATIONS * deviation, np.nan)
    precision = np.where(drawn, "interpolated", "area").astype(object)
    for run in runs:
        for number, x, y in run.anchors if run.course else ():
            same = run.members[run.numbers == number]
            reach = np.maximum(BELIEVED_METRES, 2 * deviation[same])
            same = same[np.hypot(*(at[same] - (x, y)).T) <= reach]
            at[same], error[same], precision[same] = (x, y), ANCHOR_ERROR_METRES, "civic"
    for pair, row in enumerate(seen.run):
        run = runs[row]
        if run.course is None:
            same = run.members[run.sections == seen.section[pair]]
            at[same], precision[same] = seen.at[pair], "street"
            error[same] = BASE_ERROR_METRES + ERROR_DEVIATIONS * seen.spread[pair]
    return Placed(at, error, precision)
