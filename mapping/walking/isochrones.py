"""Isochrones: outlines around the streets walked in so many minutes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
import shapely.ops

from mapping.arrays import Bools, Floats, Ints
from mapping.walking.network import Snaps
from mapping.walking.profiles import DETOUR_INDEX
from mapping.walking.routing import Graph, node_seconds

Shapes = npt.NDArray[np.object_]

WIDTH_METRES = 25.0
"""What lies so far from a walked stretch is taken to be reached: pavement, door, courtyard."""
HOLE_METRES2 = 40_000.0
"""A smaller hole, that of a block of 200 m by 200 m, is filled: one walks around it."""
SIMPLIFY_METRES = 2.0
MARGIN_METRES = 1.0
"""Each outline goes so far beyond the one before: more than rounding can take from it."""
_SEGMENTS = 2


@dataclass(frozen=True, eq=False)
class Isochrone:
    """What is within so many seconds of a place; `shape` is never empty, in metres."""

    seconds: float
    shape: shapely.Polygon | shapely.MultiPolygon
    street_metres: float | None
    """Streets walked; None where there is none to walk on."""
    estimated: bool
    """Whether part of it is a circle, where no street is near."""


@dataclass(frozen=True, eq=False)
class _Stretches:
    """Parts of edges, from share `start` to share `end` of each."""

    edge: Ints
    start: Floats
    end: Floats

    @property
    def whole(self) -> Bools:
        return (self.start <= 0) & (self.end >= 1)


def isochrones(
    graph: Graph, x: Floats, y: Floats, limits_seconds: Sequence[float]
) -> list[Isochrone]:
    """Draw the area reached from a place, or from the nearest of several.

    Parameters
    ----------
    graph : Graph
        The streets as the profile walks them.
    x, y : ndarray of float, shape (p,)
        The places, metres, at least one. Of one that is off the network a circle is drawn.
    limits_seconds : sequence of float
        Seconds, above 0.

    Returns
    -------
    list of Isochrone
        One of each limit, ascending; each lies inside the next.
    """
    snaps, speed = graph.snap(x, y), graph.profile.metres_per_second
    near = ~snaps.off_network
    feet = snaps.take(np.flatnonzero(near))
    ends = _node_seconds(graph, feet, max(limits_seconds))
    done = np.zeros(len(graph.edge_seconds), bool)
    bands, drawn = shapely.Polygon(), list[Isochrone]()
    for seconds in sorted(set(limits_seconds)):
        walked = _walked(graph, feet, ends, seconds)
        lines = _lines(graph, walked, done)
        leads = _leads(x[near], y[near], feet, seconds * speed)
        bands = shapely.union_all([bands, *_bands([*lines, *leads])])
        done[walked.edge[walked.whole]] = True
        discs = _discs(x[~near], y[~near], seconds * speed)
        shape = _outline(shapely.union_all([bands, *discs]), drawn[-1].shape if drawn else None)
        metres = ((walked.end - walked.start) * graph.network.edge_metres[walked.edge]).sum()
        drawn.append(
            Isochrone(seconds, shape, float(metres) if near.any() else None, not near.all())
        )
    return drawn


def circles(x: Floats, y: Floats, speed: float, limits_seconds: Sequence[float]) -> list[Isochrone]:
    """Estimate the area reached from places in a city whose streets are not loaded.

    Parameters
    ----------
    x, y : ndarray of float, shape (p,)
        The places, metres, at least one.
    speed : float
        Metres per second.
    limits_seconds : sequence of float
        Seconds, above 0.

    Returns
    -------
    list of Isochrone
        One of each limit, ascending: circles as wide as the metres walked over the detour index.
    """
    drawn: list[Isochrone] = []
    for seconds in sorted(set(limits_seconds)):
        shape = _outline(
            shapely.union_all(_discs(x, y, seconds * speed)), drawn[-1].shape if drawn else None
        )
        drawn.append(Isochrone(seconds, shape, None, estimated=True))
    return drawn


def _node_seconds(graph: Graph, feet: Snaps, limit_seconds: float) -> Floats:
    seconds = np.full(len(graph.network.node_x), np.inf)
    for place in range(len(feet.edge)):
        from_place = node_seconds(graph, feet.take(np.array([place])), max_seconds=limit_seconds)
        seconds = np.minimum(seconds, from_place)
    return seconds


def _walked(graph: Graph, feet: Snaps, ends: Floats, seconds: float) -> _Stretches:
    """Give the stretches within reach: from either end of an edge, and around the feet."""
    by_u, by_v = seconds - ends[graph.network.edge_u], seconds - ends[graph.network.edge_v]
    edge = np.flatnonzero(np.isfinite(graph.edge_seconds) & (np.maximum(by_u, by_v) > 0))
    whole = graph.edge_seconds[edge]
    from_u, from_v = _share(by_u[edge], whole), _share(by_v[edge], whole)
    place = graph.feet(feet)
    around = _share(seconds - place.snap_seconds, graph.edge_seconds[feet.edge])
    at = _share(place.u_seconds, graph.edge_seconds[feet.edge])
    return _joined(
        np.concatenate([edge, edge, feet.edge]),
        np.concatenate([np.zeros(len(edge)), 1 - from_v, at - around]).clip(0, 1),
        np.concatenate([from_u, np.ones(len(edge)), at + around]).clip(0, 1),
    )


def _share(part: Floats, whole: Floats) -> Floats:
    # What has no length is walked in no time.
    part = np.clip(part, 0, whole)
    share: Floats = np.divide(part, whole, out=np.ones(len(whole)), where=whole > 0)
    return share


def _joined(edge: Ints, start: Floats, end: Floats) -> _Stretches:
    """Join what overlaps on an edge, so that no metre counts twice."""
    some = end > start
    order = np.lexsort((start[some], edge[some]))
    edge, start, end = edge[some][order], start[some][order], end[some][order]
    so_far = np.maximum.accumulate(2 * edge + end)
    first = np.ones(len(edge), bool)
    first[1:] = (2 * edge + start)[1:] > so_far[:-1]
    last = np.append(first[1:], True)[: len(first)]
    return _Stretches(edge[first], start[first], so_far[last] - 2 * edge[last])


def _lines(graph: Graph, walked: _Stretches, done: Bools) -> list[shapely.LineString]:
    lines, parts = graph.network.lines, ~walked.whole
    cut = zip(walked.edge[parts], walked.start[parts], walked.end[parts], strict=True)
    fresh = walked.edge[walked.whole & ~done[walked.edge]]
    return [
        *lines[fresh],
        *(shapely.ops.substring(lines[e], a, b, normalized=True) for e, a, b in cut),
    ]


def _leads(x: Floats, y: Floats, feet: Snaps, metres: float) -> Shapes:
    """Give the lines from the places towards their feet on the streets, up to the limit."""
    share = _share(np.full(len(x), metres), feet.snap_metres)
    to_x, to_y = x + (feet.x - x) * share, y + (feet.y - y) * share
    ends = np.stack([np.column_stack([x, y]), np.column_stack([to_x, to_y])], axis=1)
    leads: Shapes = shapely.linestrings(ends)
    return leads


def _bands(lines: Sequence[shapely.LineString]) -> Shapes:
    bands: Shapes = shapely.buffer(np.array(lines, object), WIDTH_METRES, quad_segs=_SEGMENTS)
    return bands


def _discs(x: Floats, y: Floats, metres: float) -> Shapes:
    discs: Shapes = shapely.buffer(shapely.points(x, y), metres / DETOUR_INDEX)
    return discs


def _outline(reached: shapely.Geometry, before: shapely.Geometry | None) -> shapely.Geometry:
    shape = shapely.simplify(_filled(reached), SIMPLIFY_METRES)
    if before is None:
        return shape
    return _filled(shape.union(before.buffer(MARGIN_METRES, quad_segs=_SEGMENTS)))


def _filled(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [
        shapely.Polygon(
            part.exterior,
            [ring for ring in part.interiors if shapely.Polygon(ring).area >= HOLE_METRES2],
        )
        for part in shapely.get_parts(shape)
    ]
    # A part may lie in a hole of another one that was filled.
    return shapely.union_all(parts)
