"""Snap places to the nearest street, with a grid of the straight pieces of all streets.

A spatial tree of shapely finds the street, and shapely the point on it, in calls that cost ten
times the search. Of streets that are equally near it takes any; here it is the first.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mapping.arrays import Bools, Floats, Ints, Records
from mapping.compiled import compiled

OFF_NETWORK_METRES = 250.0
"""A place farther than this from every street is off the network: its walks are estimates."""
MAINLAND_METRES = 500.0
"""From up to so far one walks straight to the nearest street that leads anywhere."""
CELL_METRES = 60.0
CELLS_PER_PIECE = 4
"""Where streets are few and far between, cells are wider: there are about so many, no more."""


@dataclass(frozen=True, eq=False)
class Snaps:
    """The feet of n places on the network.

    `edge` and `offset_metres` (from the edge's first node) say where the foot is, `snap_metres` how
    far the place is from it.
    """

    edge: Ints
    offset_metres: Floats
    snap_metres: Floats
    x: Floats
    y: Floats

    @property
    def off_network(self) -> Bools:
        """Places farther from every street than `OFF_NETWORK_METRES`."""
        far: Bools = self.snap_metres > OFF_NETWORK_METRES
        return far

    @property
    def out_of_reach(self) -> Bools:
        """Places from which no street within `MAINLAND_METRES` leads anywhere."""
        far: Bools = self.snap_metres > MAINLAND_METRES
        return far

    def take(self, rows: Ints) -> "Snaps":
        """Choose some of the places.

        Parameters
        ----------
        rows : ndarray of int, shape (k,)
            Their numbers, in the order that is wanted.

        Returns
        -------
        Snaps
            Of k places.
        """
        return Snaps(
            self.edge[rows],
            self.offset_metres[rows],
            self.snap_metres[rows],
            self.x[rows],
            self.y[rows],
        )


EDGE_PIECE = np.dtype([(name, "f8") for name in ("x", "y", "dx", "dy", "at")] + [("edge", "i8")])
"""A straight piece of an edge: from where it leads, how far east and north, in metres.

`at` are the metres along the edge to the beginning of the piece. A place is compared with a few
pieces among many, so that a record of each is read faster than an array of each field.
"""


class Grid(NamedTuple):
    """Pieces by square cell, row by row: those of cell c are ``piece[first[c] : first[c + 1]]``."""

    west: float
    south: float
    cell: float
    columns: int
    rows: int
    first: Ints
    piece: Ints


class Foot(NamedTuple):
    """The nearest points of n places: edge, metres along it, metres away, and where they are."""

    edge: Ints
    offset: Floats
    away: Floats
    x: Floats
    y: Floats


def pieces(edges: Ints, first: Ints, x: Floats, y: Floats) -> Records:
    """Cut edges at their vertices.

    Parameters
    ----------
    edges : ndarray of int
        Which edges.
    first : ndarray of int, shape (m + 1,)
        Where the vertices of every edge begin, and the last end.
    x, y : ndarray of float
        The vertices, metres.

    Returns
    -------
    ndarray of records, shape (p,)
        Of `EDGE_PIECE`, edge by edge, in their order.
    """
    counts = first[edges + 1] - first[edges] - 1
    edge = np.repeat(edges, counts)
    begins = np.cumsum(counts) - counts
    vertex = first[edge] + np.arange(len(edge)) - np.repeat(begins, counts)
    cut = np.empty(len(edge), EDGE_PIECE)
    cut["edge"], cut["x"], cut["y"] = edge, x[vertex], y[vertex]
    cut["dx"], cut["dy"] = x[vertex + 1] - x[vertex], y[vertex + 1] - y[vertex]
    cut["at"] = _along(edge, np.hypot(cut["dx"], cut["dy"]))
    return cut


@compiled
def _along(edge: Ints, length: Floats) -> Floats:
    at = np.zeros(len(edge))
    for index in range(1, len(edge)):
        if edge[index] == edge[index - 1]:
            at[index] = at[index - 1] + length[index - 1]
    return at


def grid(pieces: Records) -> Grid:
    """Index pieces by grid cell: each is in every cell that its box meets.

    Parameters
    ----------
    pieces : ndarray of records, shape (p,)
        Of `EDGE_PIECE`, at least one.

    Returns
    -------
    Grid
        Cells no smaller than `CELL_METRES`, and of no more than `CELLS_PER_PIECE` to a piece.
    """
    west, east = _extent(pieces["x"], pieces["dx"])
    south, north = _extent(pieces["y"], pieces["dy"])
    width, height = east - west, north - south
    many = CELLS_PER_PIECE * len(pieces)
    cell = max(CELL_METRES, (width + height) / many, float(np.sqrt(width * height / many)))
    columns, rows = int(width // cell) + 1, int(height // cell) + 1
    x = _cells(pieces["x"], pieces["dx"], west, cell)
    y = _cells(pieces["y"], pieces["dy"], south, cell)
    first, piece = _filled(x, y, columns, rows)
    return Grid(west, south, cell, columns, rows, first, piece)


def _extent(start: Floats, length: Floats) -> tuple[float, float]:
    """Give the lowest and the highest end of all pieces."""
    end = start + length
    return float(min(start.min(), end.min())), float(max(start.max(), end.max()))


def _cells(start: Floats, length: Floats, lowest: float, cell: float) -> Ints:
    """Give the cells of the lower and the upper end of each piece, along one axis."""
    cells = np.empty((2, len(start)), np.int64)
    for row, end in enumerate((np.minimum, np.maximum)):
        cells[row] = (end(start, start + length) - lowest) // cell
    return cells


@compiled
def _filled(x: Ints, y: Ints, columns: int, rows: int) -> tuple[Ints, Ints]:
    first = np.zeros(columns * rows + 1, np.int64)
    for index in range(x.shape[1]):
        for row in range(y[0, index], y[1, index] + 1):
            for column in range(x[0, index], x[1, index] + 1):
                first[row * columns + column + 1] += 1
    for cell in range(columns * rows):
        first[cell + 1] += first[cell]
    free, piece = first[:-1].copy(), np.empty(first[-1], np.int64)
    for index in range(x.shape[1]):
        for row in range(y[0, index], y[1, index] + 1):
            for column in range(x[0, index], x[1, index] + 1):
                cell = row * columns + column
                piece[free[cell]] = index
                free[cell] += 1
    return first, piece


@compiled
def _share(pieces: Records, index: int, x: float, y: float) -> float:
    """Find how far along a piece its nearest point is, 0 to 1."""
    dx, dy = pieces[index].dx, pieces[index].dy
    square = dx * dx + dy * dy
    if square == 0:
        return 0.0
    along: float = ((x - pieces[index].x) * dx + (y - pieces[index].y) * dy) / square
    return min(max(along, 0.0), 1.0)


@compiled
def _nearest_in(
    pieces: Records,
    cells: Grid,
    cell: int,
    place: tuple[float, float],
    best: tuple[float, int],
) -> tuple[float, int]:
    """Look through a cell for a piece that is nearer than the best, by squared metres."""
    for entry in range(cells.first[cell], cells.first[cell + 1]):
        index = cells.piece[entry]
        share = _share(pieces, index, place[0], place[1])
        away_x = pieces[index].x + share * pieces[index].dx - place[0]
        away_y = pieces[index].y + share * pieces[index].dy - place[1]
        square = away_x * away_x + away_y * away_y
        if square < best[0] or (square == best[0] and index < best[1]):
            best = (square, index)
    return best


@compiled
def _nearest(pieces: Records, cells: Grid, x: float, y: float) -> int:
    """Look ring by ring around the cell of a place, which may lie beside the grid."""
    column, row = int((x - cells.west) // cells.cell), int((y - cells.south) // cells.cell)
    ring = max(0, -column, column - cells.columns + 1, -row, row - cells.rows + 1)
    best = (np.inf, -1)
    # What lies beyond a ring is farther than so many cells.
    while best[1] < 0 or best[0] >= (max(ring - 1, 0) * cells.cell) ** 2:
        if ring > max(column, cells.columns - 1 - column, row, cells.rows - 1 - row):
            break
        for at_row in range(max(row - ring, 0), min(row + ring, cells.rows - 1) + 1):
            step = 1 if abs(at_row - row) == ring else max(2 * ring, 1)
            for at in range(column - ring, column + ring + 1, step):
                if 0 <= at < cells.columns:
                    best = _nearest_in(pieces, cells, at_row * cells.columns + at, (x, y), best)
        ring += 1
    return best[1]


@compiled
def foot_of(
    pieces: Records, cells: Grid, x: float, y: float
) -> tuple[int, float, float, float, float]:
    """Find the nearest point of all pieces for one place.

    Parameters
    ----------
    pieces : ndarray of records, shape (p,)
        Straight pieces of streets.
    cells : Grid
        Their index.
    x, y : float
        The place, metres.

    Returns
    -------
    tuple of int and float
        The fields of `Foot`.
    """
    index = _nearest(pieces, cells, x, y)
    share = _share(pieces, index, x, y)
    offset = pieces[index].at + share * np.hypot(pieces[index].dx, pieces[index].dy)
    at_x = pieces[index].x + share * pieces[index].dx
    at_y = pieces[index].y + share * pieces[index].dy
    return pieces[index].edge, offset, np.hypot(at_x - x, at_y - y), at_x, at_y


@compiled
def feet(pieces: Records, cells: Grid, x: Floats, y: Floats) -> Foot:
    """Find the nearest point of all pieces for each place.

    Parameters
    ----------
    pieces : ndarray of records, shape (p,)
        The streets.
    cells : Grid
        The same, by cell.
    x, y : ndarray of float, shape (n,)
        Places, metres, anywhere.

    Returns
    -------
    Foot
        Of pieces equally near, that of the first.
    """
    count = len(x)
    edge, offset, away = np.empty(count, np.int64), np.empty(count), np.empty(count)
    at_x, at_y = np.empty(count), np.empty(count)
    for n in range(count):
        edge[n], offset[n], away[n], at_x[n], at_y[n] = foot_of(pieces, cells, x[n], y[n])
    return Foot(edge, offset, away, at_x, at_y)
