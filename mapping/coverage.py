"""Time to the nearest service from where people live, and what may be said of it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from mapping.network import Network
from mapping.tables import THRESHOLDS_MINUTES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SPACING_METRES = 50.0
"""Distance between the points along its streets from which a section's people set out."""
GRID_METRES = 250.0
"""Distance between the points of an area where neither sections nor streets tell its people."""
BESIDE_METRES = 15.0
"""Sections end in the middle of their streets: a street this near belongs to both its sides."""
SECONDS_PER_MINUTE = 60

REASONS = (
    "within_walk",
    "estimated_times",
    "off_network",
    "records_unverified",
    "catalogue_incomplete",
    "records_unplaced",
    "position_uncertain",
    "beyond_walk",
)
"""Why a point has its class: the first is `served`, the last `far`, all others `unsure`."""
SERVED, FAR = 0, len(REASONS) - 1
UNPEOPLED = "residents_unknown"
"""The reason of an area, never of a point: no source counts its residents."""


@dataclass(frozen=True)
class Points:
    """Points from which the people of areas set out: owner area, weight within it, metres."""

    owner: Ints
    weight: Floats
    x: Floats
    y: Floats


@dataclass(frozen=True)
class Walk:
    """The walk to the nearest record from every point.

    `seconds` is to the nearest record of any kind, `firm_seconds` to the nearest one that is
    active and freshly assured; NaN where none can be reached. `slack_seconds` is how much nearer
    the nearest may be, its position being known only so well.
    """

    seconds: Floats
    firm_seconds: Floats
    slack_seconds: Floats


@dataclass(frozen=True)
class Evidence:
    """What the records of a category allow to be claimed.

    `off_network` marks points that no street reaches; `unplaced` those in whose municipio, or
    anywhere, a record of the category has no known place.
    """

    complete: bool
    estimated: bool
    off_network: Bools
    unplaced: Bools


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


def classify(walk: Walk, evidence: Evidence, walk_seconds: float) -> Ints:
    """Say of every point what may be said, and why.

    `far` is claimed only of a complete list, on streets, when no record has an unknown place and
    no imprecise position could turn the answer: a wrong claim of absence is the worst defect.

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
    ndarray of int
        Index into `REASONS`.
    """
    incomplete = np.full(len(walk.seconds), not evidence.complete)
    estimated = np.full(len(walk.seconds), evidence.estimated)
    claims = {
        "estimated_times": estimated,
        "within_walk": walk.firm_seconds <= walk_seconds,
        "off_network": evidence.off_network,
        "records_unverified": walk.seconds <= walk_seconds,
        "catalogue_incomplete": incomplete,
        "records_unplaced": evidence.unplaced,
        "position_uncertain": walk.seconds - walk.slack_seconds <= walk_seconds,
    }
    codes = [REASONS.index(reason) for reason in claims]
    return np.select(list(claims.values()), codes, default=FAR).astype(np.int64)


def class_of(reason: int) -> str:
    """Name the class of a reason.

    Parameters
    ----------
    reason : int
        Index into `REASONS`.

    Returns
    -------
    str
        ``served``, ``far`` or ``unsure``.
    """
    return {SERVED: "served", FAR: "far"}.get(reason, "unsure")


def weighted_median(values: Floats, weights: Floats, groups: Ints, count: int) -> Floats:
    """Find the weighted median of each group: half of the weight lies at or below it.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Values; NaN stands for infinity (not reached).
    weights : ndarray of float, shape (n,)
        Not negative.
    groups : ndarray of int, shape (n,)
        Group of each value in [0, count).
    count : int
        Number of groups.

    Returns
    -------
    ndarray of float, shape (count,)
        The medians; NaN for a group without weight, or with half of it not reached.
    """
    filled = np.where(np.isnan(values), np.inf, values)
    order = np.lexsort((filled, groups))
    order = order[weights[order] > 0]
    group, running = groups[order], np.cumsum(weights[order])
    totals = np.bincount(group, weights[order], count)
    before = np.concatenate([[0.0], np.cumsum(totals)[:-1]])
    past_half = running - before[group] >= totals[group] / 2 * (1 - 1e-12)
    medians = np.full(count, np.nan)
    found, first = np.unique(group[past_half], return_index=True)
    medians[found] = filled[order][past_half][first]
    return np.where(np.isfinite(medians), medians, np.nan)


def shares_within(seconds: Floats, weights: Floats, groups: Ints, count: int) -> Floats:
    """Share of each group's weight that is within each of `THRESHOLDS_MINUTES`.

    Parameters
    ----------
    seconds : ndarray of float, shape (n,)
        NaN is not within any time.
    weights : ndarray of float, shape (n,)
        Not negative.
    groups : ndarray of int, shape (n,)
        Group of each value in [0, count).
    count : int
        Number of groups.

    Returns
    -------
    ndarray of float, shape (count, 5)
        Shares in [0, 1]; NaN for a group without weight.
    """
    within = [seconds <= minutes * SECONDS_PER_MINUTE for minutes in THRESHOLDS_MINUTES]
    return np.column_stack([share_of(mask, weights, groups, count) for mask in within])


def share_of(mask: Bools, weights: Floats, groups: Ints, count: int) -> Floats:
    """Share of each group's weight for which the mask is true.

    Parameters
    ----------
    mask : ndarray of bool, shape (n,)
        What is counted.
    weights : ndarray of float, shape (n,)
        Not negative.
    groups : ndarray of int, shape (n,)
        Group of each value in [0, count).
    count : int
        Number of groups.

    Returns
    -------
    ndarray of float, shape (count,)
        Shares in [0, 1]; NaN for a group without weight.
    """
    total = np.bincount(groups, weights, count)
    part = np.bincount(groups, weights * mask, count)
    shares: Floats = np.divide(part, total, out=np.full(count, np.nan), where=total > 0)
    return shares.clip(0, 1)


def main_reason(reasons: Ints, weights: Floats, groups: Ints, count: int) -> Ints:
    """Find the reason that holds for most of each group's weight.

    Parameters
    ----------
    reasons : ndarray of int, shape (n,)
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
    size = len(REASONS)
    weight = np.bincount(groups * size + reasons, weights, count * size).reshape(count, size)
    return np.where(weight.sum(axis=1) > 0, weight.argmax(axis=1), -1)


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
