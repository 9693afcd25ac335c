"""Time to the nearest service from where people live, and what may be said of it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely

from mapping.coverage.weighted import main_kind, shares_of
from mapping.walking.network import Network

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Kinds = npt.NDArray[np.int8]

SPACING_METRES = 50.0
"""Distance between the points along its streets from which a section's people set out."""
GRID_METRES = 250.0
"""Distance between the points of an area where neither sections nor streets tell its people."""
BESIDE_METRES = 15.0
"""Sections end in the middle of their streets: a street this near belongs to both its sides."""
SERVED_REASON = "within_walk"
CLASS_OF = {
    SERVED_REASON: "served",
    "places_short": "crowded",
    "estimated_times": "unsure",
    "off_network": "unsure",
    "hours_unknown": "unsure",
    "suitability_unknown": "unsure",
    "records_unverified": "unsure",
    "catalogue_incomplete": "unsure",
    "records_unplaced": "unsure",
    "position_uncertain": "unsure",
    "all_closed": "closed",
    "all_unsuitable": "unsuitable",
    "no_way": "unsuitable",
    "beyond_walk": "far",
}
"""The class of each reason why a point has it: the first is `served`, the last `far`."""
REASONS = tuple(CLASS_OF)
SERVED, FAR = 0, len(REASONS) - 1
UNPEOPLED = "residents_unknown"
"""The reason of an area, never of a point: no source counts its residents."""

STANDINGS = (
    "sure",
    "hours_unknown",
    "suitability_unknown",
    "unverified",
    "closed",
    "unsuitable",
)
"""What is known of a service in a situation: that it serves; that it does if it is open, or
suitable; that a record says so which is stale or uncertain; that it is closed; that it is not
suitable."""
SURE, HOURS_UNKNOWN, SUITABILITY_UNKNOWN, UNVERIFIED, CLOSED, UNSUITABLE = range(len(STANDINGS))


@dataclass(frozen=True)
class Points:
    """Points from which the people of areas set out: owner area, weight within it, metres."""

    owner: Ints
    weight: Floats
    x: Floats
    y: Floats


@dataclass(frozen=True, eq=False)
class Walk:
    """The walk from every one of n points to the nearest services.

    `nearest` (n, k) is to the nearest k that are not known to be closed or unsuitable, sorted, and
    `target` (n, k) which ones; `by_standing` has, for each of `STANDINGS`, the walk to the nearest
    of that standing, and `of_standing` which one it is. All are seconds, NaN where none can be
    reached, and targets -1.
    `slack_seconds` is how much nearer the nearest may be, its position being known only so well.
    """

    nearest: Floats
    target: Ints
    by_standing: tuple[Floats, ...]
    of_standing: tuple[Ints, ...]
    slack_seconds: Floats

    @property
    def seconds(self) -> Floats:
        """The walk to the nearest."""
        first: Floats = self.nearest[:, 0]
        return first

    @cached_property
    def lost(self) -> Bools:
        """The points from which no service of any standing can be reached."""
        reached = np.zeros(len(self.nearest), bool)
        for seconds in self.by_standing:
            reached |= ~np.isnan(seconds)
        return ~reached


@dataclass(frozen=True)
class Evidence:
    """What the records of a category allow to be claimed.

    `off_network` marks points that no street reaches; `unplaced` those in whose municipio, or
    anywhere, a record of the category has no known place. `no_way` marks points from which an
    adult is within the walk while this profile can reach nothing, `astray` those of which the same
    may be, the nearest record's position being known only so well, and `short` those with fewer
    places than the norm, where every capacity in reach is known.
    """

    complete: bool
    estimated: bool
    off_network: Bools
    unplaced: Bools
    no_way: Bools
    astray: Bools
    short: Bools


def street_points(network: Network, areas: npt.NDArray[np.object_]) -> Points:
    """Spread points along the streets of each area, equally weighted.

    Parameters
    ----------
    network : Network
        The streets.
    areas : ndarray of shapely.Polygon, shape (n,)
        Areas in metres of the network's reference system.

    Returns
    -------
    Points
        Every `SPACING_METRES` of the walkable streets inside an area, or at most `BESIDE_METRES`
        from it; an area without a street has one point inside it.
    """
    on_streets = _along(network.lines)
    owner, point = shapely.STRtree(on_streets).query(
        areas, predicate="dwithin", distance=BESIDE_METRES
    )
    bare = np.setdiff1d(np.arange(len(areas)), owner)
    places = np.concatenate([on_streets[point], shapely.point_on_surface(areas[bare])])
    return _points(np.concatenate([owner, bare]), places)


def surface_points(areas: npt.NDArray[np.object_]) -> Points:
    """Spread points evenly over the surface of each area, for want of anything better.

    Parameters
    ----------
    areas : ndarray of shapely.Polygon, shape (n,)
        Areas in metres.

    Returns
    -------
    Points
        The nodes of a square grid of `GRID_METRES` inside each area; an area without a node has
        one point inside it.
    """
    west, south, east, north = shapely.total_bounds(areas)
    steps = np.arange(west, east, GRID_METRES), np.arange(south, north, GRID_METRES)
    nodes = shapely.points(*(axis.ravel() for axis in np.meshgrid(*steps)))
    owner, node = shapely.STRtree(nodes).query(areas, predicate="contains")
    bare = np.setdiff1d(np.arange(len(areas)), owner)
    places = np.concatenate([nodes[node], shapely.point_on_surface(areas[bare])])
    return _points(np.concatenate([owner, bare]), places)


def area_points(places: npt.NDArray[np.object_]) -> Points:
    """Take one point for each area, where nothing better is known.

    Parameters
    ----------
    places : ndarray of shapely.Point, shape (n,)
        A point inside each area, in metres.

    Returns
    -------
    Points
        One point of weight 1 for each area.
    """
    return _points(np.arange(len(places)), places)


def classify(walk: Walk, evidence: Evidence, walk_seconds: float) -> Kinds:
    """Say of every point what may be said, and why.

    Absence (`far`, `closed`, `unsuitable`, `crowded`) is claimed only of a complete list, on
    streets, when no record has an unknown place and no imprecise position could turn the answer:
    a wrong claim of absence is the worst defect.

    Parameters
    ----------
    walk : Walk
        The walk from every point.
    evidence : Evidence
        What the records allow.
    walk_seconds : float
        The acceptable walk.

    Returns
    -------
    ndarray of int8
        Index into `REASONS`.
    """
    within = [seconds <= walk_seconds for seconds in walk.by_standing]
    count = len(walk.nearest)
    whole = ~evidence.unplaced & evidence.complete
    claims = {
        "estimated_times": np.full(count, evidence.estimated),
        "places_short": within[SURE] & evidence.short & whole,
        SERVED_REASON: within[SURE],
        "off_network": evidence.off_network,
        "hours_unknown": within[HOURS_UNKNOWN],
        "suitability_unknown": within[SUITABILITY_UNKNOWN],
        "records_unverified": within[UNVERIFIED],
        "catalogue_incomplete": np.full(count, not evidence.complete),
        "records_unplaced": evidence.unplaced,
        "position_uncertain": (walk.seconds - walk.slack_seconds <= walk_seconds) | evidence.astray,
        "all_closed": within[CLOSED],
        "all_unsuitable": within[UNSUITABLE],
        "no_way": evidence.no_way,
    }
    codes = [REASONS.index(reason) for reason in claims]
    return np.select(list(claims.values()), codes, default=FAR).astype(np.int8)


def class_of(reason: int) -> str:
    """Name the class of a reason.

    Parameters
    ----------
    reason : int
        Index into `REASONS`.

    Returns
    -------
    str
        One of `tables.CLASSES`.
    """
    return CLASS_OF[REASONS[reason]]


def main_reason(reasons: Kinds, weights: Floats, groups: Ints, count: int) -> Ints:
    """Find the reason that holds for most of each group's weight.

    Parameters
    ----------
    reasons : ndarray of int8, shape (n,)
        Index into `REASONS`.
    weights : ndarray of float, shape (n,)
        Not negative.
    groups : ndarray of int, shape (n,)
        Group of each value in [0, count).
    count : int
        Number of groups.

    Returns
    -------
    ndarray of int, shape (count,)
        Index into `REASONS`; -1 for a group without weight.
    """
    return main_kind(shares_of(reasons, weights, groups, (count, len(REASONS))))


def _along(lines: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    # A line is cut into equal pieces of at most the spacing; a point stands amid each of them.
    length = shapely.length(lines)
    pieces = np.maximum(np.ceil(length / SPACING_METRES), 1).astype(np.int64)
    line = np.repeat(np.arange(len(lines)), pieces)
    first = np.cumsum(pieces) - pieces
    place = (np.arange(len(line)) - first[line] + 0.5) / pieces[line]
    points: npt.NDArray[np.object_] = shapely.line_interpolate_point(
        lines[line], place * length[line]
    )
    return points


def _points(owner: Ints, places: npt.NDArray[np.object_]) -> Points:
    weight = 1.0 / np.bincount(owner, minlength=1)[owner]
    return Points(owner.astype(np.int64), weight, shapely.get_x(places), shapely.get_y(places))
