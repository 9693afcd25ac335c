"""Effects of changes of services: who is nearer, who loses access, in which areas."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mapping.arrays import Floats, Ints
from mapping.coverage.weighted import share_of, weighted_median
from mapping.disclosure import MIN_SHARED_PEOPLE, rounded
from mapping.errors import BadInputError, UnknownServiceError

Kind = Literal["add", "move", "close", "resize"]


@dataclass(frozen=True)
class ExistingService:
    """A service where it stands: metres, and its places, NaN if not known."""

    id: str
    x: float
    y: float
    places: float = np.nan


@dataclass(frozen=True)
class ServiceChange:
    """One change: `add` and `move` need a point, `resize` places; `add` may have some."""

    do: Kind
    id: str
    x: float | None = None
    y: float | None = None
    places: float | None = None

    def __post_init__(self) -> None:
        """Check that the change has what it needs."""
        if self.do in ("add", "move") and not _is_point(self.x, self.y):
            raise BadInputError(f"To {self.do} '{self.id}' needs a point. Give lon and lat.")
        if self.do == "resize" and self.places is None:
            raise BadInputError(f"To resize '{self.id}' needs places. Give 0 or more.")
        if self.places is not None and not 0 <= self.places < np.inf:
            raise BadInputError(f"'{self.id}' cannot have {self.places} places. Give 0 or more.")


@dataclass(frozen=True, eq=False)
class AreaAccess:
    """What people of each of n areas have: NaN where there is nobody, or nothing to tell.

    `within` counts people within the acceptable walk, `share` is theirs of all, `median_seconds`
    the weighted median walk, NaN if half of them reach nothing.
    """

    people: Floats
    within: Floats
    share: Floats
    median_seconds: Floats


@dataclass(frozen=True)
class Closure:
    """What closing one service would do to those who have it within their walk and no other.

    `fallback` is the service to which most of them would turn, -1 where none can be reached;
    `fallback_seconds` the median walk of all of them to their next nearest, NaN for none.
    """

    service: int
    losing: float
    fallback: int
    fallback_seconds: float


@dataclass(frozen=True)
class Cost:
    """What changes take: sites opened, closed and moved; places that come and go.

    `places_unknown` counts the services that change whose places are not known, before or
    after: theirs are in neither sum.
    """

    opened: int
    closed: int
    moved: int
    places_added: float
    places_removed: float
    places_unknown: int


def apply(
    services: Sequence[ExistingService], changes: Sequence[ServiceChange]
) -> list[ExistingService]:
    """Make changes one after another.

    Raises UnknownServiceError when a service to change does not stand, or no longer, and
    BadInputError when one to add stands already.
    """
    standing = {service.id: service for service in services}
    for change in changes:
        if change.do == "add":
            _require_new(change, standing)
            standing[change.id] = _changed(ExistingService(change.id, np.nan, np.nan), change)
        else:
            _require_known(change, standing)
            before = standing.pop(change.id)
            if change.do != "close":
                standing[change.id] = _changed(before, change)
    return list(standing.values())


def cost(before: Sequence[ExistingService], after: Sequence[ExistingService]) -> Cost:
    """Count the changes between two sets of services, matched by id."""
    old, new = ({site.id: site for site in side} for side in (before, after))
    pairs = [(old.get(name), new.get(name)) for name in dict.fromkeys([*old, *new])]
    gains = [
        (0.0 if then is None else then.places) - (0.0 if now is None else now.places)
        for now, then in pairs
        if not _same_places(now, then)
    ]
    known_gains = [gain for gain in gains if not np.isnan(gain)]
    return Cost(
        sum(now is None for now, _ in pairs),
        sum(then is None for _, then in pairs),
        sum(bool(now and then and (now.x, now.y) != (then.x, then.y)) for now, then in pairs),
        sum(gain for gain in known_gains if gain > 0),
        -sum(gain for gain in known_gains if gain < 0),
        len(gains) - len(known_gains),
    )


def reach(
    seconds: Floats, people: Floats, groups: Ints, count: int, *, walk_seconds: float
) -> AreaAccess:
    """Count who has a service within the walk, by area.

    Parameters
    ----------
    seconds : ndarray of float, shape (p,)
        Walk to the nearest service; NaN where none can be reached.
    people : ndarray of float, shape (p,)
        People of each point.
    groups : ndarray of int, shape (p,)
        Area of each point in [0, count).
    count : int
        Number of areas.
    walk_seconds : float
        The acceptable walk.

    Returns
    -------
    AreaAccess
        Not rounded.
    """
    near = seconds <= walk_seconds
    total = np.bincount(groups, people, count).astype(float)
    within = np.bincount(groups, people * near, count).astype(float)
    median = weighted_median(seconds, people, groups, count)
    return AreaAccess(total, within, share_of(near, people, groups, count), median)


def closures(
    seconds: Floats, services: Ints, people: Floats, count: int, *, walk_seconds: float
) -> list[Closure]:
    """Close each service in turn, and see who would have none within the walk.

    Parameters
    ----------
    seconds : ndarray of float, shape (p, 2)
        Walks to the two nearest services; NaN where fewer can be reached.
    services : ndarray of int, shape (p, 2)
        Those services; -1 where fewer can be reached.
    people : ndarray of float, shape (p,)
        People of each point.
    count : int
        Number of services.
    walk_seconds : float
        The acceptable walk.

    Returns
    -------
    list of Closure
        One for each service, the one that most would miss first.
    """
    first = services[:, 0]
    depends = (seconds[:, 0] <= walk_seconds) & ~(seconds[:, 1] <= walk_seconds) & (people > 0)
    dependent = np.flatnonzero(depends)
    losing = np.bincount(first[dependent], people[dependent], count)
    walks = weighted_median(seconds[dependent, 1], people[dependent], first[dependent], count)
    turned = np.bincount(
        first[dependent] * (count + 1) + services[dependent, 1] + 1,
        people[dependent],
        count * (count + 1),
    ).reshape(count, count + 1)
    fallback = np.where(losing > 0, turned.argmax(axis=1) - 1, -1)
    order = np.lexsort((np.arange(count), -losing))
    return [Closure(int(s), float(losing[s]), int(fallback[s]), float(walks[s])) for s in order]


def places_per_hundred(places: Floats, area: Ints, people: Floats) -> Floats:
    """Count places for every hundred people of each area, where all places are known.

    Parameters
    ----------
    places : ndarray of float, shape (s,)
        Of each service; NaN where not known them.
    area : ndarray of int, shape (s,)
        Where it stands, in [0, n); -1 for nowhere.
    people : ndarray of float, shape (n,)
        People of each area.

    Returns
    -------
    ndarray of float, shape (n,)
        0 without a service; NaN where a service's places are not known, or of too few people. Of
        people as they are published: who chooses the places could else divide them out.
    """
    inside = area >= 0
    total = np.bincount(area[inside], places[inside], len(people)).astype(float)
    none, counted = np.full(len(people), np.nan), rounded(people)
    enough = counted >= MIN_SHARED_PEOPLE
    per_hundred: Floats = np.divide(100 * total, counted, out=none, where=enough)
    return per_hundred


def _is_point(x: float | None, y: float | None) -> bool:
    return x is not None and y is not None and bool(np.isfinite([x, y]).all())


def _same_places(now: ExistingService | None, then: ExistingService | None) -> bool:
    return bool(now and then and np.array_equal(now.places, then.places, equal_nan=True))


def _changed(service: ExistingService, change: ServiceChange) -> ExistingService:
    x = service.x if change.x is None else change.x
    y = service.y if change.y is None else change.y
    places = service.places if change.places is None else change.places
    return ExistingService(service.id, x, y, places)


def _require_new(change: ServiceChange, standing: dict[str, ExistingService]) -> None:
    if change.id in standing:
        raise BadInputError(f"'{change.id}' stands already. Give a new service another id.")


def _require_known(change: ServiceChange, standing: dict[str, ExistingService]) -> None:
    if change.id not in standing:
        raise UnknownServiceError(
            f"There is no '{change.id}' to {change.do}. Use an id of the category's services that"
            " stands, and is not closed before."
        )
