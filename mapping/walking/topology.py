"""Build a network from street lines: cut where they meet, join ends, merge between crossings."""

import itertools
import operator
from collections import defaultdict
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from mapping.arrays import Floats, Ints
from mapping.errors import BadInputError
from mapping.walking import bridge_ends, crossings, street_ends
from mapping.walking.network import Network
from mapping.walking.profiles import slope_limits
from mapping.walking.slopes import steep_stretches, steepest
from mapping.walking.spatial_order import spatial_order
from mapping.walking.street_ends import Doors
from mapping.walking.ways import KINDS

Lines = npt.NDArray[np.object_]

JOIN_METRES = 2.0
"""Ends this near to a line, or to one another, meet: the layers were drawn apart."""
_SAME_CUT_METRES = 0.01
_Step = tuple[int, bool]
"""A piece, and whether the chain runs against its direction."""


class _Ways(NamedTuple):
    """Of each line: index into `KINDS`, level, name in small letters."""

    kinds: Ints
    levels: Ints
    called: Lines


def from_lines(
    lines: gpd.GeoDataFrame,
    *,
    epsg: int,
    join_metres: float = JOIN_METRES,
    barriers: Lines | None = None,
    doors: Doors | None = None,
) -> Network:
    """Join the walkable ones of lines (`name`, `kind` of KINDS, `walkable`; metres) into a network.

    Streets are cut where another ends at a vertex of theirs, and else taken to be cut at their
    crossings already, as topographic databases give them. Footpaths and cycle paths are not: where
    one ends within `join_metres` of a line, or crosses one on its own `level` (0 where the column
    is not there), both are cut. A bridge that ends before it meets anything is led on to what it
    leads to, but over none of the `barriers` (waters and railways; None where they are not known);
    so is a street that ends between the `doors` of another, where both are known. Heights of the
    lines give slopes.
    Raises BadInputError when no line is walkable.
    """
    walkable = lines[lines["walkable"].astype(bool)]
    parts = walkable.geometry.explode(index_parts=False)
    parts = parts[parts.length > _SAME_CUT_METRES]
    names, distinct = pd.factorize(walkable["name"].reindex(parts.index))
    kinds = walkable["kind"].reindex(parts.index).map(KINDS.index).to_numpy(np.int64)
    levels = np.zeros(len(parts), np.int64)
    if "level" in walkable:
        levels = walkable["level"].reindex(parts.index).to_numpy(np.int64)
    shapes = parts.to_numpy()
    pieces, owner = _cut(shapes, crossings.cuts(shapes, kinds, levels, join_metres))
    if barriers is not None:
        for_cars = lines.geometry[~lines["walkable"].astype(bool)]
        barriers = np.append(barriers, for_cars.to_numpy())
    called = np.append(distinct.str.casefold().to_numpy(object), "")[names]
    ways = _Ways(kinds, levels, called)
    pieces, owner, centres, ends = _joined(pieces, owner, ways, join_metres, (barriers, doors))
    usable = (ends[:, 0] != ends[:, 1]) | (shapely.length(pieces) > 2 * join_metres)
    pieces, owner, ends = pieces[usable], owner[usable], ends[usable]
    if not len(pieces):
        raise BadInputError("No line may be walked. Give streets, or build without them.")
    alike = names[owner] * len(KINDS) + kinds[owner]
    chains = _Joined(ends, alike).chains()
    first = owner[[chain[0][0] for chain in chains]]
    edges, edge_ends = _merge(pieces, ends, chains)
    edges, edge_ends, centres, uncut = _cut_where_steep(edges, edge_ends, centres)
    first = first[uncut]
    used, node = _numbered(edge_ends, centres)
    vertices, offset = _vertices(edges)
    return Network(
        epsg=epsg,
        node_x=centres[used, 0],
        node_y=centres[used, 1],
        edge_u=node[:, 0],
        edge_v=node[:, 1],
        edge_metres=shapely.length(edges),
        edge_name=names[first],
        edge_kind=kinds[first],
        edge_slope=steepest(vertices, offset),
        vertex_offset=offset,
        vertex_x=vertices[:, 0],
        vertex_y=vertices[:, 1],
        names=[str(name) for name in distinct],
    )


def _numbered(edge_ends: Ints, centres: Floats) -> tuple[Ints, Ints]:
    """Give the nodes in use, neighbours in space one after the other, and those of each edge."""
    used = np.unique(edge_ends)
    used = used[spatial_order(*centres[used].T)]
    number = np.empty(len(centres), np.int64)
    number[used] = np.arange(len(used))
    return used, number[edge_ends]


def _joined(
    pieces: Lines,
    owner: Ints,
    ways: _Ways,
    join_metres: float,
    known: tuple[Lines | None, Doors | None],
) -> tuple[Lines, Ints, Floats, Ints]:
    """Give the nodes of pieces, and the links behind dead ends as pieces of the way they go on."""
    barriers, doors = known
    levels = ways.levels
    centres, ends = _nodes(pieces, levels[owner], join_metres)
    minor = ways.kinds[owner] != KINDS.index("street")
    led_on = bridge_ends.links(pieces, ends, minor, levels[owner], barriers)
    if barriers is not None and doors is not None:
        grounded = ~minor & (levels[owner] == 0)
        opened = street_ends.links(pieces, ends, ways.called[owner], grounded, doors, barriers)
        led_on = bridge_ends.Links(*map(operator.add, led_on, opened))
    if not led_on.lines:
        return pieces, owner, centres, ends
    cuts: crossings.Cuts = defaultdict(list)
    for met, line in zip(led_on.met, led_on.lines, strict=True):
        cuts[met].append(pieces[met].project(shapely.get_point(line, -1)))
    cut, part_of = _cut(pieces, cuts)
    pieces = np.append(cut, np.array(led_on.lines, dtype=object))
    at_grade = np.append(levels[owner[part_of]], np.zeros(len(led_on.lines), np.int64))
    owner = np.append(owner[part_of], owner[led_on.behind])
    return pieces, owner, *_nodes(pieces, at_grade, join_metres)


def _cut(shapes: Lines, cuts: dict[int, list[float]]) -> tuple[Lines, Ints]:
    pieces: list[shapely.Geometry] = []
    owner: list[int] = []
    for row, line in enumerate(shapes):
        parts = _split(line, cuts[row]) if row in cuts else [line]
        pieces.extend(parts)
        owner.extend([row] * len(parts))
    return np.array(pieces, dtype=object), np.array(owner, dtype=np.int64)


def _split(line: shapely.LineString, metres: list[float]) -> list[shapely.LineString]:
    length = line.length
    places = [0.0]
    for place in sorted(metres):
        if place - places[-1] > _SAME_CUT_METRES and length - place > _SAME_CUT_METRES:
            places.append(place)
    if len(places) == 1:
        return [line]
    coordinates = shapely.get_coordinates(line, include_z=True)
    steps = np.hypot(*np.diff(coordinates[:, :2], axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    places.append(along[-1])
    return [
        shapely.LineString(_between(coordinates, along, low, high))
        for low, high in itertools.pairwise(places)
    ]


def _between(coordinates: Floats, along: Floats, low: float, high: float) -> Floats:
    inner = coordinates[(along > low) & (along < high)]
    ends = [[np.interp(at, along, axis) for axis in coordinates.T] for at in (low, high)]
    return np.vstack([ends[:1], inner, ends[1:]])


def _nodes(pieces: Lines, levels: Ints, join_metres: float) -> tuple[Floats, Ints]:
    """Give the nodes at the ends of pieces: ends near one another, on one level, are one."""
    first, last = shapely.get_point(pieces, 0), shapely.get_point(pieces, -1)
    ends, levels = shapely.get_coordinates(np.concatenate([first, last])), np.tile(levels, 2)
    places, row, place = np.unique(ends.round(2), axis=0, return_index=True, return_inverse=True)
    changes, levels = crossings.mixed(ends, levels)[row], levels[row]
    near = cKDTree(places).query_pairs(join_metres, output_type="ndarray")
    unknown = (levels[near] == crossings.UNKNOWN_LEVEL).any(axis=1)
    one_level = unknown | (levels[near[:, 0]] == levels[near[:, 1]])
    near = near[one_level & ~changes[near].any(axis=1)]
    links = coo_array((np.ones(len(near)), near.T), (len(places),) * 2)
    count, label = connected_components(links, directed=False)
    size = np.bincount(label, minlength=count)
    centres = np.column_stack([np.bincount(label, axis, count) / size for axis in places.T])
    return centres, label[place.ravel()].reshape(2, -1).T.astype(np.int64)


class _Joined:
    """Pieces by the nodes at their ends, to be followed where nothing else meets."""

    def __init__(self, ends: Ints, alike: Ints) -> None:
        self._ends = ends.tolist()
        self._alike = alike.tolist()
        self._done = [False] * len(ends)
        self._at: dict[int, list[int]] = defaultdict(list)
        for piece, (u, v) in enumerate(self._ends):
            self._at[u].append(piece)
            self._at[v].append(piece)

    def chains(self) -> list[list[_Step]]:
        """Give every piece once, in chains from one crossing to the next."""
        chains: list[list[_Step]] = []
        for piece, (u, v) in enumerate(self._ends):
            if not self._done[piece]:
                self._done[piece] = True
                back = [(other, not flipped) for other, flipped in self._follow(piece, u)]
                chains.append([*reversed(back), (piece, False), *self._follow(piece, v)])
        return chains

    def _follow(self, piece: int, node: int) -> list[_Step]:
        steps: list[_Step] = []
        while (other := self._next(piece, node)) is not None:
            self._done[other] = True
            u, v = self._ends[other]
            steps.append((other, u != node))
            piece, node = other, u if u != node else v
        return steps

    def _next(self, piece: int, node: int) -> int | None:
        if len(self._at[node]) != 2:  # noqa: PLR2004 - only where exactly two pieces meet
            return None
        first, second = self._at[node]
        ahead = second if first == piece else first
        same = self._alike[ahead] == self._alike[piece]
        return ahead if same and not self._done[ahead] else None


def _merge(pieces: Lines, ends: Ints, chains: list[list[_Step]]) -> tuple[Lines, Ints]:
    # A chain keeps the geometry of its pieces; their small gaps, of at most the tolerance, close.
    lines, nodes = [], []
    for chain in chains:
        parts = [
            shapely.get_coordinates(pieces[piece], include_z=True)[:: -1 if flipped else 1]
            for piece, flipped in chain
        ]
        lines.append(
            shapely.LineString(np.vstack(parts)) if len(parts) > 1 else pieces[chain[0][0]]
        )
        (first, first_flipped), (last, last_flipped) = chain[0], chain[-1]
        nodes.append((ends[first, int(first_flipped)], ends[last, int(not last_flipped)]))
    return np.array(lines, dtype=object), np.array(nodes, dtype=np.int64).reshape(-1, 2)


def _cut_where_steep(edges: Lines, ends: Ints, centres: Floats) -> tuple[Lines, Ints, Floats, Ints]:
    # A ramp that some profile cannot climb closes itself to it, not the whole street.
    limits = slope_limits()
    steep = steepest(*_vertices(edges)) > min(limits, default=np.inf)
    lines: list[shapely.Geometry] = []
    nodes: list[tuple[int, int]] = []
    rows: list[int] = []
    inner: list[shapely.Geometry] = []
    for row, (edge, (u, v)) in enumerate(zip(edges, ends.tolist(), strict=True)):
        parts = _split(edge, _steep_ends(edge, limits)) if steep[row] else [edge]
        between = len(centres) + len(inner) + np.arange(len(parts) - 1)
        inner.extend(shapely.get_point(part, -1) for part in parts[:-1])
        nodes.extend(itertools.pairwise([u, *between.tolist(), v]))
        lines.extend(parts)
        rows.extend([row] * len(parts))
    centres = np.vstack([centres, shapely.get_coordinates(inner)])
    return np.array(lines, object), np.array(nodes, np.int64), centres, np.array(rows, np.int64)


def _steep_ends(edge: shapely.LineString, limits: list[float]) -> list[float]:
    vertices = shapely.get_coordinates(edge, include_z=True)
    return [
        metres for limit in limits for part in steep_stretches(vertices, limit) for metres in part
    ]


def _vertices(lines: Lines) -> tuple[Floats, Ints]:
    _, vertices, (offset,) = shapely.to_ragged_array(lines, include_z=True)
    return vertices, offset.astype(np.int64)
