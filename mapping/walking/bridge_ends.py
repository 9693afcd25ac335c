"""Links from where the way over a bridge ends on the drawing to the street that it leads to."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from mapping.arrays import Bools, Floats, Ints
from mapping.walking.crossings import off_ground

Lines = npt.NDArray[np.object_]

LINK_METRES = 50.0
"""The longest link, in a straight line: a ramp, a verge, a square that nobody has drawn."""
BLIND_METRES = 10.0
"""The longest link where waters and railways are not known, so that it might cross one."""
BARRIERS = ("water", "stream", "rail")
"""Kinds of the background that nobody walks across where no bridge is drawn."""
RAMP_METRES = 150.0
"""A dead end so far behind a bridge, without a crossing between, is still the bridge's."""


class Links(NamedTuple):
    """New lines, and the pieces that they join."""

    lines: list[shapely.LineString]
    behind: list[int]
    """The piece that each link goes on from."""
    met: list[int]
    """The piece that each link leads to."""


def barriers(background: gpd.GeoDataFrame | None, epsg: int) -> Lines | None:
    """Take what no link may cross of a city's background.

    Parameters
    ----------
    background : GeoDataFrame or None
        With `kind`, in any reference system.
    epsg : int
        That of the streets, in metres.

    Returns
    -------
    ndarray of Geometry or None
        Waters and railways; None where either is not known.
    """
    if background is None or not {"water", "rail"} <= set(background["kind"]):
        return None
    crossed = background[background["kind"].isin(BARRIERS)]
    shapes: Lines = shapely.force_2d(crossed.geometry.to_crs(epsg).to_numpy())
    return shapes


def links(
    pieces: Lines, ends: Ints, minor: Bools, levels: Ints, barrier: Lines | None = None
) -> Links:
    """Lead the dead ends of bridges and tunnels on to the nearest line at grade.

    A bridge leads somewhere. The link goes ahead, never back over what the bridge crosses, over no
    barrier, and to no street that passes overhead or below.

    Parameters
    ----------
    pieces : ndarray of LineString, shape (n,)
        Metres.
    ends : ndarray of int, shape (n, 2)
        The node at each end.
    minor, levels : ndarray, shape (n,)
        Whether a piece is no street; its level, 0 at grade.
    barrier : ndarray of Geometry, optional
        Waters, railways, roads without walkers; None where they are not known.

    Returns
    -------
    Links
        At most one for each dead end.
    """
    reach = BLIND_METRES if barrier is None else LINK_METRES
    barred = shapely.STRtree(np.array([], object) if barrier is None else barrier)
    dead_ends = _dead_ends(pieces, ends, minor, levels)
    leads = Links([], [], [])
    if not dead_ends:
        return leads
    at_grade = np.flatnonzero(levels == 0)
    ground = _Ground(pieces[at_grade], ~minor[at_grade], at_grade)
    for dead_end in dead_ends:
        for piece, link in _ahead(dead_end, ground, reach):
            if not is_barred(link, barred):
                leads.lines.append(link)
                leads.behind.append(dead_end.chain[0])
                leads.met.append(piece)
                break
    return leads


class _Ground:
    """The pieces at grade, to which links lead."""

    def __init__(self, shapes: Lines, streets: Bools, pieces: Ints) -> None:
        self.shapes, self.streets, self.pieces = shapes, streets, pieces
        self.tree = shapely.STRtree(shapes)


def _ahead(
    dead_end: "_DeadEnd", ground: _Ground, reach: float
) -> Iterator[tuple[int, shapely.LineString]]:
    """Give the pieces that lie ahead, nearest first, each with the straight link to it."""
    chain, end, foot, ahead = dead_end
    row = ground.tree.query(shapely.Point(end), "dwithin", distance=reach)
    row = row[~np.isin(ground.pieces[row], chain)]
    place = np.repeat(shapely.Point(end), len(row))
    apart = off_ground(place, row, ground.shapes, ground.tree, ground.streets)
    row = row[~(apart & ground.streets[row])]
    lines = shapely.shortest_line(shapely.Point(end), ground.shapes[row])
    reached = shapely.get_coordinates(lines).reshape(-1, 2, 2)[:, 1]
    metres = np.hypot(*(reached - end).T)
    is_ahead = ((reached - foot) @ ahead >= 0) & (metres > 0)
    for best in np.flatnonzero(is_ahead)[np.argsort(metres[is_ahead], kind="stable")]:
        yield int(ground.pieces[row[best]]), shapely.LineString([end, reached[best]])


def is_barred(link: shapely.LineString, barred: shapely.STRtree) -> bool:
    """Tell whether a link goes over what nobody walks across."""
    # What it only touches, as a bank at which the bridge ends, it does not cross.
    return any(len(barred.query(link, predicate=how)) for how in ("crosses", "within"))


class _DeadEnd(NamedTuple):
    chain: list[int]
    """The pieces back to the bridge, which is the last."""
    end: Floats
    foot: Floats
    """Where the bridge ends."""
    ahead: Floats
    """The direction in which the bridge leads to its foot."""


def _dead_ends(pieces: Lines, ends: Ints, minor: Bools, levels: Ints) -> list[_DeadEnd]:
    at: dict[int, list[int]] = defaultdict(list)
    for piece, nodes in enumerate(ends.tolist()):
        for node in nodes:
            at[node].append(piece)
    metres, dead_ends = shapely.length(pieces), []
    for node, (piece, *others) in at.items():
        if not others and minor[piece]:
            chain, foot_node = _chain(at, ends, levels, (piece, node), metres)
            if chain:
                dead_ends.append(_dead_end(pieces, ends, chain, (node, foot_node)))
    return dead_ends


def _chain(
    at: dict[int, list[int]], ends: Ints, levels: Ints, start: tuple[int, int], metres: Floats
) -> tuple[list[int], int]:
    """Follow a way from its dead end to the bridge, and give the node of the bridge's foot."""
    piece, node = start
    chain, walked = [piece], 0.0
    while levels[piece] == 0:
        walked += metres[piece]
        u, v = ends[piece]
        node = int(v if u == node else u)
        ahead = [other for other in at[node] if other != piece]
        if len(ahead) != 1 or ahead[0] in chain or walked > RAMP_METRES:
            return [], node
        piece = ahead[0]
        chain.append(piece)
    return chain, node


def _dead_end(pieces: Lines, ends: Ints, chain: list[int], nodes: tuple[int, int]) -> _DeadEnd:
    end, foot = (
        shapely.get_coordinates(pieces[piece])[:: 1 if ends[piece, 0] == node else -1]
        for piece, node in zip((chain[0], chain[-1]), nodes, strict=True)
    )
    return _DeadEnd(chain, end[0], foot[0], foot[0] - foot[-1])
