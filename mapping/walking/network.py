"""The street network as a compressed graph, and snapping of places to its edges."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from mapping.arrays import Bools, Floats, Ints, Records
from mapping.compiled import compiled
from mapping.errors import BadInputError
from mapping.walking.snapping import (
    MAINLAND_METRES,
    Grid,
    Snaps,
    feet,
    grid,
    pieces,
)
from mapping.walking.ways import KINDS

Lines = npt.NDArray[np.object_]

MAINLAND_SHARE = 0.01
"""A connected part with less than this share of the length is an island: no place to set out from
while the mainland is near, for nothing can be reached there."""

ACCESS_RATIO = 1.5
"""A street that is up to so many times as far as the nearest may be the one that a place far from
all of them is left by: which of them has the way out is not known."""


@dataclass(frozen=True, eq=False)
class Network:
    """A walkable graph of n nodes and m edges, in metres of `epsg`; edges go both ways.

    The geometry of edge e, from its node u to its node v, is the vertices
    ``vertex_offset[e]`` to ``vertex_offset[e + 1]``.
    """

    epsg: int
    node_x: Floats
    node_y: Floats
    edge_u: Ints
    edge_v: Ints
    edge_metres: Floats
    edge_name: Ints
    """Index into `names`; -1 for an edge without a name."""
    edge_kind: Ints
    """Index into `KINDS`."""
    edge_slope: Floats
    """The steepest gradient over `slopes.SLOPE_METRES`, 0.08 for 8 %; NaN where not known."""
    vertex_offset: Ints
    vertex_x: Floats
    vertex_y: Floats
    names: list[str]

    @cached_property
    def lines(self) -> Lines:
        """The geometry of every edge, from its node u to its node v."""
        vertices = np.column_stack([self.vertex_x, self.vertex_y])
        lines: Lines = shapely.from_ragged_array(
            shapely.GeometryType.LINESTRING, vertices, (self.vertex_offset,)
        )
        return lines

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Spatial index of the edges."""
        return shapely.STRtree(self.lines)

    @cached_property
    def footing(self) -> "Footing":
        """All edges, without any restriction."""
        return Footing(self, np.ones(len(self.edge_u), bool))

    @property
    def component(self) -> Ints:
        """The connected part of each edge, a number from 0."""
        return self.footing.component

    @property
    def knows_steps(self) -> bool:
        """Whether any edge is known as steps; if not, any footpath may have some."""
        return bool((self.edge_kind == KINDS.index("steps")).any())


@dataclass(frozen=True, eq=False)
class Footing:
    """The usable edges of a network: their connected parts, and snaps to them.

    Parts and islands are those of this walker: streets that only steps join are apart for a
    stroller.
    """

    network: Network
    usable: Bools
    """Of every edge, whether it may be used."""

    @cached_property
    def component(self) -> Ints:
        """The connected part of each edge, a number from 0; -1 where it may not be used."""
        network = self.network
        u, v = network.edge_u[self.usable], network.edge_v[self.usable]
        part = np.full(len(self.usable), -1, np.int64)
        first = _first_joined(u, v, len(network.node_x))
        part[self.usable] = np.unique(first[u], return_inverse=True)[1]
        return part

    @cached_property
    def on_mainland(self) -> Bools:
        """Of every edge, whether it may be used and lies on no island."""
        mainland = self.usable.copy()
        mainland[self.usable] = ~self._on_island
        return mainland

    @cached_property
    def mainland(self) -> tuple[Records, Grid]:
        """The pieces of the edges that lie on no island, and the same by cell."""
        return self._indexed(np.flatnonzero(self.on_mainland))

    @cached_property
    def _islands(self) -> tuple[Records, Grid] | None:
        """The pieces of the other edges; None where there is no island."""
        edges = np.flatnonzero(self.usable)[self._on_island]
        return self._indexed(edges) if len(edges) else None

    @cached_property
    def _on_island(self) -> Bools:
        part = self.component[self.usable]
        metres = np.bincount(part, self.network.edge_metres[self.usable])
        small: Bools = metres < MAINLAND_SHARE * metres.sum()
        return small[part]

    def _indexed(self, edges: Ints) -> tuple[Records, Grid]:
        net = self.network
        cut = pieces(edges, net.vertex_offset, net.vertex_x, net.vertex_y)
        return cut, grid(cut)

    def snap(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Snaps:
        """Find the nearest point of the nearest usable edge for each place.

        Edges of islands (`MAINLAND_SHARE`) count only where the mainland is more than
        `MAINLAND_METRES` away: a hospital among footpaths that were never joined to a street, or a
        pharmacy on a street that the edge of the map cut off, is reached from the mainland.

        Parameters
        ----------
        x, y : array_like of float, shape (n,)
            Metres in the network's reference system.

        Returns
        -------
        Snaps
            However far the foot is: `Snaps.off_network` says where it is too far.

        Raises
        ------
        BadInputError
            When a coordinate is not a finite number; none is repeated in the message.
        """
        x, y = np.array(x, float), np.array(y, float)
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            raise BadInputError("A place has coordinates that are not finite. Leave it out.")
        foot = feet(*self.mainland, x, y)
        far = np.flatnonzero(foot.away > MAINLAND_METRES)
        if len(far) and self._islands is not None:
            other = feet(*self._islands, x[far], y[far])
            nearer = other.away < foot.away[far]
            for values, others in zip(foot, other, strict=True):
                values[far[nearer]] = others[nearer]
        return Snaps(*foot)

    def accesses(self, x: float, y: float) -> Snaps:
        """Find the streets that a place away from all of them may be left by.

        Parameters
        ----------
        x, y : float
            Metres.

        Returns
        -------
        Snaps
            The nearest point of each street of the mainland that is at most `ACCESS_RATIO` times as
            far as the nearest, nearest first; the nearest alone where that is out of reach.
        """
        nearest, place = self.snap([x], [y]), shapely.Point(x, y)
        if nearest.out_of_reach[0]:
            return nearest
        reach = min(ACCESS_RATIO * nearest.snap_metres[0], MAINLAND_METRES)
        near = self.network.tree.query(place, "dwithin", distance=reach)
        edges = near[self.on_mainland[near]]
        lines = self.network.lines[edges]
        offset = shapely.line_locate_point(lines, place)
        feet = shapely.get_coordinates(shapely.line_interpolate_point(lines, offset))
        away = np.hypot(*(feet - [x, y]).T)
        return Snaps(edges, offset, away, *feet.T).take(np.argsort(away, kind="stable"))


@compiled
def _first_joined(u: Ints, v: Ints, nodes: int) -> Ints:
    """Find for each node the first of those that edges join to it, as `csgraph` of scipy would.

    scipy takes longer to import than this to run.
    """
    first = np.arange(nodes)
    for edge in range(len(u)):
        start, end = u[edge], v[edge]
        while first[start] != start:
            first[start] = first[first[start]]
            start = first[start]
        while first[end] != end:
            first[end] = first[first[end]]
            end = first[end]
        first[max(start, end)] = min(start, end)
    for node in range(nodes):
        first[node] = first[first[node]]
    return first


def snap(network: Network, x: npt.ArrayLike, y: npt.ArrayLike) -> Snaps:
    """Find the nearest point of the nearest edge for each place, whoever walks.

    Parameters
    ----------
    network : Network
        The streets.
    x, y : array_like of float, shape (n,)
        Metres in the network's reference system.

    Returns
    -------
    Snaps
        As `Footing.snap`, on all edges.
    """
    return network.footing.snap(x, y)


def summary(network: Network) -> Mapping[str, int | float]:
    """Describe a network for the build report; shares are of the length, 0 to 1."""
    metres = np.bincount(network.component, network.edge_metres)
    sloped = np.isfinite(network.edge_slope)
    return {
        "nodes": len(network.node_x),
        "edges": len(network.edge_u),
        "kilometres": round(float(metres.sum()) / 1000, 1),
        "components": len(metres),
        "largest_share": round(float(metres.max() / metres.sum()), 4),
        "knows_steps": network.knows_steps,
        "slope_share": round(float(network.edge_metres[sloped].sum() / metres.sum()), 4),
    }


_ARRAYS: dict[str, pa.DataType] = {
    "node_x": pa.float64(),
    "node_y": pa.float64(),
    "edge_u": pa.int64(),
    "edge_v": pa.int64(),
    "edge_metres": pa.float64(),
    "edge_name": pa.int64(),
    "edge_kind": pa.int64(),
    "edge_slope": pa.float64(),
    "vertex_offset": pa.int64(),
    "vertex_x": pa.float64(),
    "vertex_y": pa.float64(),
    "names": pa.string(),
}


def to_arrow(network: Network) -> pa.Table:
    """Write a network as one row with a list for each array; the EPSG code is in the metadata."""
    columns = {}
    for name, kind in _ARRAYS.items():
        values = pa.array(getattr(network, name), kind)
        columns[name] = pa.LargeListArray.from_arrays(
            pa.array([0, len(values)], pa.int64()), values
        )
    return pa.table(columns).replace_schema_metadata({"epsg": str(network.epsg)})


def from_arrow(table: pa.Table) -> Network:
    """Read a network that `to_arrow` wrote, without copying: its arrays are read-only."""

    def values(name: str) -> pa.Array:
        return table[name].chunk(0).values

    # `to_numpy` would load pandas, for a third of a second.
    arrays: dict[str, Any] = {
        name: np.from_dlpack(values(name)) for name in _ARRAYS if name != "names"
    }
    epsg = int(table.schema.metadata[b"epsg"])
    return Network(epsg=epsg, names=values("names").to_pylist(), **arrays)
