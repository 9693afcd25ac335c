"""Services that are somewhere: records without a place, and what a list is known to lack."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mapping.arrays import Bools, Floats, Ints, compiled
from mapping.coverage.confidence.draws import UncertainRecords, Worlds, serving, uniform
from mapping.coverage.confidence.simulate import WalkLimit
from mapping.coverage.origins import Points


class Spread(NamedTuple):
    """Where people live: the points of their areas, and how many each area has."""

    points: Points
    people: Floats


@dataclass(frozen=True)
class Strays:
    """Services that are somewhere: records without a place, and those that a list is known to lack.

    `possible` (s, areas) says where each record may be. With `known_total`, each world has that
    many services in all, `placed` of which, (WORLDS,), have a place.
    """

    records: UncertainRecords
    possible: Bools
    known_total: int | None
    placed: Ints
    key: str
    """Of what is missing: the category."""


def with_strays(shares: Worlds, spread: Spread, strays: Strays, reach: WalkLimit) -> Worlds:
    """Let the services whose place is unknown stand where people live, each in its worlds.

    Parameters
    ----------
    shares : ndarray of float, shape (areas, WORLDS)
        Of `shares_served`.
    spread : Spread
        Where people live.
    strays : Strays
        The services without a place.
    reach : WalkLimit
        What is within the walk.

    Returns
    -------
    ndarray of float, shape (areas, WORLDS)
        1 where a stray is within the walk of the middle of an area, along a straight line.
    """
    points, total = spread.points, np.zeros(len(shares))
    world, chosen = _places(spread, strays)
    if not len(world):
        return shares
    for axis in (points.x, points.y):
        total = np.vstack([total, np.bincount(points.owner, points.weight * axis, len(shares))])
    middle = total[1:] / np.bincount(points.owner, points.weight, len(shares))
    order = np.argsort(middle[0], kind="stable")
    raised = shares.copy()
    radius = reach.walk_seconds / reach.seconds_per_metre
    strayed = _Strayed(world, points.x[chosen], points.y[chosen])
    _raise(raised, _Middles(order, middle[0][order], middle[1][order]), strayed, radius)
    return raised


def _places(spread: Spread, strays: Strays) -> tuple[Ints, Ints]:
    """Draw the world and the point of every stray, as likely as people live there."""
    living = spread.people[spread.points.owner] * spread.points.weight
    serves = serving(strays.records)
    drawn = [
        (np.flatnonzero(here), _choice(where[here], living * may[spread.points.owner]))
        for here, where, may in zip(
            serves, uniform(strays.records.key, "place"), strays.possible, strict=True
        )
    ]
    if strays.known_total is not None:
        missing = strays.known_total - strays.placed - serves.sum(axis=0)
        lacks = np.arange(missing.max(initial=0))[:, None] < missing
        keys = [f"{strays.key}|{number}" for number in range(len(lacks))]
        drawn.append((np.nonzero(lacks)[1], _choice(uniform(keys, "missing")[lacks], living)))
    nothing = np.zeros(0, np.int64)
    worlds, points = zip((nothing, nothing), *(d for d in drawn if len(d[1])), strict=True)
    return np.concatenate(worlds), np.concatenate(points)


def _choice(chance: Floats, weight: Floats) -> Ints:
    running = np.cumsum(weight)
    if not len(running) or running[-1] <= 0:
        return np.zeros(0, np.int64)
    found = np.searchsorted(running, chance * running[-1], "right")
    return np.asarray(np.minimum(found, len(running) - 1), np.int64)


class _Middles(NamedTuple):
    area: Ints
    x: Floats
    y: Floats


class _Strayed(NamedTuple):
    world: Ints
    x: Floats
    y: Floats


@compiled
def _raise(shares: Worlds, areas: _Middles, strays: _Strayed, radius: float) -> None:
    for stray in range(len(strays.world)):
        x, y, world = strays.x[stray], strays.y[stray], strays.world[stray]
        first = np.searchsorted(areas.x, x - radius)
        last = np.searchsorted(areas.x, x + radius, "right")
        for area in range(first, last):
            if (areas.x[area] - x) ** 2 + (areas.y[area] - y) ** 2 <= radius**2:
                shares[areas.area[area], world] = 1
