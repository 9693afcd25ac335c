"""Simulated positions of unplaced and missing services."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mapping.arrays import Bools, Floats, Ints
from mapping.compiled import compiled
from mapping.coverage.confidence.draws import Draws, UncertainRecords, serving, uniform
from mapping.coverage.confidence.simulate import WalkLimit
from mapping.coverage.origins import Points


class Spread(NamedTuple):
    """Where people live: the points of their areas, and the people of each area."""

    points: Points
    people: Floats


@dataclass(frozen=True)
class UnplacedServices:
    """Services without a position: records without a place, and those a list is known to lack.

    `possible` (s, areas) marks where each record may be. With `known_total`, each draw has that
    many services in all, of which `placed` (DRAWS,) have a place.
    """

    records: UncertainRecords
    possible: Bools
    known_total: int | None
    placed: Ints
    key: str
    """The category whose records are missing."""


def with_unplaced(
    shares: Draws, spread: Spread, unplaced: UnplacedServices, reach: WalkLimit
) -> Draws:
    """Place the services of unknown position where people live, draw by draw.

    Parameters
    ----------
    shares : ndarray of float, shape (areas, DRAWS)
        Of `shares_served`.
    spread : Spread
        Where people live.
    unplaced : UnplacedServices
        The services without a place.
    reach : WalkLimit
        What is within the walk.

    Returns
    -------
    ndarray of float, shape (areas, DRAWS)
        1 where such a service is within the walk of the middle of an area, along a straight line.
    """
    points, total = spread.points, np.zeros(len(shares))
    draw, chosen = _places(spread, unplaced)
    if not len(draw):
        return shares
    for axis in (points.x, points.y):
        total = np.vstack([total, np.bincount(points.owner, points.weight * axis, len(shares))])
    middle = total[1:] / np.bincount(points.owner, points.weight, len(shares))
    order = np.argsort(middle[0], kind="stable")
    raised = shares.copy()
    radius = reach.walk_seconds / reach.seconds_per_metre
    simulated = _Simulated(draw, points.x[chosen], points.y[chosen])
    _raise(raised, _Middles(order, middle[0][order], middle[1][order]), simulated, radius)
    return raised


def _places(spread: Spread, unplaced: UnplacedServices) -> tuple[Ints, Ints]:
    """Draw the simulation and the point of every unplaced service, in proportion to people."""
    living = spread.people[spread.points.owner] * spread.points.weight
    serves = serving(unplaced.records)
    drawn = [
        (np.flatnonzero(serves_in), _choice(where[serves_in], living * may[spread.points.owner]))
        for serves_in, where, may in zip(
            serves, uniform(unplaced.records.key, "place"), unplaced.possible, strict=True
        )
    ]
    if unplaced.known_total is not None:
        missing = unplaced.known_total - unplaced.placed - serves.sum(axis=0)
        lacks = np.arange(missing.max(initial=0))[:, None] < missing
        keys = [f"{unplaced.key}|{number}" for number in range(len(lacks))]
        drawn.append((np.nonzero(lacks)[1], _choice(uniform(keys, "missing")[lacks], living)))
    no_index = np.zeros(0, np.int64)
    draws, points = zip((no_index, no_index), *(d for d in drawn if len(d[1])), strict=True)
    return np.concatenate(draws), np.concatenate(points)


def _choice(chance: Floats, weight: Floats) -> Ints:
    running = np.cumsum(weight)
    if not len(running) or running[-1] <= 0:
        return np.zeros(0, np.int64)
    chosen = np.searchsorted(running, chance * running[-1], "right")
    return np.asarray(np.minimum(chosen, len(running) - 1), np.int64)


class _Middles(NamedTuple):
    area: Ints
    x: Floats
    y: Floats


class _Simulated(NamedTuple):
    draw: Ints
    x: Floats
    y: Floats


@compiled
def _raise(shares: Draws, areas: _Middles, unplaced: _Simulated, radius: float) -> None:
    for service in range(len(unplaced.draw)):
        x, y, draw = unplaced.x[service], unplaced.y[service], unplaced.draw[service]
        first = np.searchsorted(areas.x, x - radius)
        last = np.searchsorted(areas.x, x + radius, "right")
        for area in range(first, last):
            if (areas.x[area] - x) ** 2 + (areas.y[area] - y) ** 2 <= radius**2:
                shares[areas.area[area], draw] = 1
