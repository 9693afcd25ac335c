"""Where lines meet: at their ends, at a crossing on one level, or at a vertex that they share."""

from collections import defaultdict

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapping.arrays import Bools, Floats, Ints
from mapping.walking.ways import KINDS

Lines = npt.NDArray[np.object_]
Cuts = dict[int, list[float]]
"""By line, the metres along it at which it is cut."""

UNKNOWN_LEVEL = 99
"""The level of a line inside the outline of a bridge or a tunnel, of which it is not known
whether it is what the bridge carries or what it leaps over: it crosses nothing."""
TOUCH_METRES = 0.01
"""What is nearer than this is one place."""
APART_METRES = 2.0
"""Two lines that cross with this difference of height, or more, pass over each other."""
GROUND_METRES = 50.0
"""The streets so near tell how high the ground is."""
LONG_TUNNEL_METRES = 300.0
"""A street that runs so far inside a tunnel is for cars: longer than any underpass of a
railway in the files read so far, 290 m at the most."""


def cuts(shapes: Lines, kinds: Ints, levels: Ints, join_metres: float) -> Cuts:
    """Find where minor ways meet other lines without having been cut there.

    Where one ends within `join_metres` of a line of its level, or on any, and where one crosses a
    line of its level without a known difference of height.

    Parameters
    ----------
    shapes : ndarray of LineString, shape (n,)
        Metres.
    kinds : ndarray of int, shape (n,)
        Index into `ways.KINDS`; all but streets are minor.
    levels : ndarray of int, shape (n,)
        0 at grade; `UNKNOWN_LEVEL` crosses nothing, and meets any level at its ends, but no street
        that passes over or under the others.
    join_metres : float
        The tolerance at ends.

    Returns
    -------
    dict of int to list of float
        By line, metres along it.
    """
    met_at: Cuts = defaultdict(list)
    tree, minor = shapely.STRtree(shapes), kinds != KINDS.index("street")
    _at_ends(met_at, shapes, tree, (minor, levels), join_metres)
    row, met = tree.query(shapes[minor], predicate="crosses")
    row = np.flatnonzero(minor)[row]
    one_level = (levels[row] == levels[met]) & (levels[row] != UNKNOWN_LEVEL)
    row, met = row[one_level], met[one_level]
    points, pair = shapely.get_parts(
        shapely.extract_unique_points(shapely.intersection(shapes[row], shapes[met])),
        return_index=True,
    )
    row, met = row[pair], met[pair]
    apart = np.abs(heights(shapes[row], points) - heights(shapes[met], points)) >= APART_METRES
    for rows in (row, met):
        _add(met_at, rows[~apart], shapes[rows[~apart]], points[~apart])
    return met_at


def mixed(ends: Floats, levels: Ints) -> Bools:
    """Flag the ends at which lines of different levels meet: a way goes up or down from there.

    Parameters
    ----------
    ends : ndarray of float, shape (n, 2)
        Metres.
    levels : ndarray of int, shape (n,)
        The level of the line of each end.

    Returns
    -------
    ndarray of bool, shape (n,)
        True where another end at the same place has another level.
    """
    place = np.unique(ends.round(2), axis=0, return_inverse=True)[1].ravel()
    lowest, highest = np.full(len(place), UNKNOWN_LEVEL + 1), np.full(len(place), -UNKNOWN_LEVEL)
    np.minimum.at(lowest, place, levels)
    np.maximum.at(highest, place, levels)
    flags: Bools = (lowest < highest)[place]
    return flags


def off_ground(
    points: Lines, met: Ints, shapes: Lines, tree: shapely.STRtree, streets: Bools
) -> Bools:
    """Flag the streets that pass over or under most of the others that are near.

    Parameters
    ----------
    points : ndarray of Point, shape (k,)
        Where each is looked at.
    met : ndarray of int, shape (k,)
        Which line.
    shapes : ndarray of LineString, shape (n,)
        All lines, metres, with heights where they are known.
    tree : STRtree
        Of the lines.
    streets : ndarray of bool, shape (n,)
        Which of them tell how high the ground is.

    Returns
    -------
    ndarray of bool, shape (k,)
        False where heights do not tell.
    """
    point, other = tree.query(points, predicate="dwithin", distance=GROUND_METRES)
    others = streets[other] & (other != met[point])
    point, other = point[others], other[others]
    rise = heights(shapes[other], points[point]) - heights(shapes[met[point]], points[point])
    median = pd.Series(rise).groupby(point).median().reindex(range(len(points)))
    flags: Bools = (median.abs() >= APART_METRES).to_numpy()
    return flags


def cut_at_shared_vertices(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut lines at every vertex that two of them share, as OpenStreetMap's ways share nodes.

    Parameters
    ----------
    frame : GeoDataFrame
        Lines, in any reference system.

    Returns
    -------
    GeoDataFrame
        A row for each piece, with the columns of its line.
    """
    frame = frame.explode(index_parts=False, ignore_index=True)
    vertices, line = shapely.get_coordinates(frame.geometry, return_index=True)
    _, place, uses = np.unique(vertices, axis=0, return_inverse=True, return_counts=True)
    inner = (line == np.roll(line, 1)) & (line == np.roll(line, -1))
    inner[[0, -1]] = False
    # A vertex at which a line is cut ends one piece and begins the next.
    times = 1 + (inner & (uses[place.ravel()] > 1))
    begins = np.zeros(times.sum(), bool)
    begins[np.cumsum(times)[times > 1] - 1] = True
    begins |= np.append(True, np.diff(np.repeat(line, times)) > 0)
    piece = np.cumsum(begins) - 1
    shapes = shapely.linestrings(np.repeat(vertices, times, axis=0), indices=piece)
    rows = frame.iloc[np.repeat(line, times)[begins]]
    return rows.set_geometry(gpd.GeoSeries(shapes, rows.index, crs=frame.crs)).reset_index(
        drop=True
    )


def close_road_tunnels(frame: gpd.GeoDataFrame, tunnels: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Let nobody walk through long road tunnels, or be on their line from above.

    Parameters
    ----------
    frame : GeoDataFrame
        Lines with `kind` and `walkable`, in metres.
    tunnels : GeoSeries
        Outlines of tunnels, in the same reference system.

    Returns
    -------
    GeoDataFrame
        The same lines; a street with more than `LONG_TUNNEL_METRES` in one tunnel is not walkable.
    """
    shapes = frame.geometry.to_numpy()
    row, tunnel = shapely.STRtree(tunnels.to_numpy()).query(shapes, predicate="intersects")
    inside = shapely.length(shapely.intersection(shapes[row], tunnels.to_numpy()[tunnel]))
    closed = np.zeros(len(frame), bool)
    closed[row[inside > LONG_TUNNEL_METRES]] = True
    closed &= (frame["kind"] == "street").to_numpy()
    return frame.assign(walkable=frame["walkable"].to_numpy() & ~closed)


def cut_in_structures(frame: gpd.GeoDataFrame, structures: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Cut the minor lines that lie inside the outlines of bridges and tunnels, and level them.

    Parameters
    ----------
    frame : GeoDataFrame
        Lines with `kind`, in metres, and `level` where it is known.
    structures : GeoSeries
        Outlines of bridges and tunnels, in the same reference system.

    Returns
    -------
    GeoDataFrame
        The same lines; what lies inside an outline is a row of its own with `UNKNOWN_LEVEL`.
    """
    minor = np.flatnonzero(frame["kind"] != "street")
    line, outline = shapely.STRtree(structures.to_numpy()).query(
        frame.geometry.to_numpy()[minor], predicate="intersects"
    )
    rows = minor[np.unique(line)]
    if not len(rows):
        return frame
    of_line = pd.Series(structures.to_numpy()[outline]).groupby(minor[line]).agg(list)
    over = np.array([shapely.union_all(shapes) for shapes in of_line[rows]], dtype=object)
    lines = frame.iloc[rows]
    inside = lines.set_geometry(
        shapely.intersection(lines.geometry.to_numpy(), over), crs=frame.crs
    )
    outside = lines.set_geometry(shapely.difference(lines.geometry.to_numpy(), over), crs=frame.crs)
    rest = frame.drop(frame.index[rows])
    parts = pd.concat([rest, outside, inside.assign(level=UNKNOWN_LEVEL)])
    parts = parts.explode(index_parts=False, ignore_index=True)
    # What lies wholly inside an outline, or outside, leaves nothing on the other side.
    drawn = (parts.geom_type == "LineString") & (parts.length > 0)
    return parts[drawn].reset_index(drop=True)


def _at_ends(
    met_at: Cuts, shapes: Lines, tree: shapely.STRtree, ways: tuple[Bools, Ints], join_metres: float
) -> None:
    minor, levels = ways
    ends = np.stack([shapely.get_point(shapes, end) for end in (0, -1)])
    changes = mixed(shapely.get_coordinates(ends.ravel()), np.tile(levels, 2)).reshape(2, -1)
    for points, changing in zip(ends, changes, strict=True):
        row, met = tree.query(points, predicate="dwithin", distance=join_metres)
        _add(met_at, *_streets_at_vertices(points, row, met, shapes, (~minor, levels)))
        meets = (row != met) & (minor[row] | minor[met])
        row, met = row[meets], met[meets]
        unknown = (levels[row] == UNKNOWN_LEVEL) | (levels[met] == UNKNOWN_LEVEL)
        near = ~changing[row] & (unknown | (levels[row] == levels[met]))
        hidden = np.flatnonzero(unknown & near & minor[row] & ~minor[met])
        near[hidden] = ~off_ground(points[row[hidden]], met[hidden], shapes, tree, ~minor)
        # A bridge may pass exactly over where streets end; a path that ends on a line is on it.
        touches = minor[row] & (shapely.distance(points[row], shapes[met]) <= TOUCH_METRES)
        meets = near | touches | _shares_vertex(points[row], shapes[met])
        _add(met_at, met[meets], shapes[met[meets]], points[row[meets]])


def _streets_at_vertices(
    points: Lines, row: Ints, met: Ints, shapes: Lines, ways: tuple[Bools, Ints]
) -> tuple[Ints, Lines, Lines]:
    # A square is one line all around: a street that ends at a vertex of it has come to it.
    streets, levels = ways
    alike = streets[row] & streets[met] & (levels[row] == levels[met]) & (row != met)
    row, met = row[alike], met[alike]
    shared = _shares_vertex(points[row], shapes[met])
    row, met = row[shared], met[shared]
    over = np.abs(heights(shapes[met], points[row]) - shapely.get_z(points[row])) >= APART_METRES
    met, points = met[~over], points[row[~over]]
    return met, shapes[met], points


def _shares_vertex(points: Lines, shapes: Lines) -> Bools:
    vertices, owner = shapely.get_coordinates(shapes, return_index=True)
    at = shapely.get_coordinates(points)[owner]
    shared = np.zeros(len(shapes), bool)
    shared[owner[np.hypot(*(vertices - at).T) <= TOUCH_METRES]] = True
    return shared


def _add(met_at: Cuts, rows: Ints, shapes: Lines, points: Lines) -> None:
    along = shapely.line_locate_point(shapes, points)
    for row, metres in zip(rows.tolist(), along.tolist(), strict=True):
        met_at[row].append(metres)


def heights(shapes: Lines, points: Lines) -> Floats:
    """Give the height of each line at a point on it.

    Parameters
    ----------
    shapes : ndarray of LineString, shape (k,)
        Metres.
    points : ndarray of Point, shape (k,)
        Where each is looked at.

    Returns
    -------
    ndarray of float, shape (k,)
        Metres; NaN where a line has no heights.
    """
    along = shapely.line_locate_point(shapes, points)
    heights: Floats = shapely.get_z(shapely.line_interpolate_point(shapes, along))
    return heights
