"""Street names along the streets of a small map, where there is room for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, radians, sin
from typing import Final

import numpy as np
import shapely
from shapely.affinity import rotate

Box = tuple[float, float, float, float]

LETTER_WIDTH: Final = 0.56
"""Mean width of a letter of the pages' fonts, in letter heights."""
STRAIGHT: Final = 0.985
"""How much shorter than the street the straight line under a name may be."""
ROOM: Final = 1.3
"""Height of a line of text, in letter heights."""
STEP: Final = 12.0


@dataclass(frozen=True)
class Name:
    """A name to be written: the middle of its base line, and its slope in degrees clockwise."""

    text: str
    x: float
    y: float
    angle: float


@dataclass(frozen=True, eq=False)
class Street:
    """The lines of one name on the map, in its own units; `aside` lifts the name off them."""

    name: str
    lines: Sequence[shapely.LineString]
    aside: bool = False


def place_names(
    streets: Sequence[Street],
    frame: Box,
    taken: Sequence[shapely.Geometry],
    *,
    size: float,
    most: int,
) -> list[Name]:
    """Place names so that none covers another, nor a mark, nor leaves the map."""
    inside = shapely.prepared.prep(shapely.box(*frame).buffer(-size / 2))
    covered = list(taken)
    placed: list[Name] = []
    for street in streets:
        for name in _places(street, size):
            room = _room(name, size)
            if inside.contains(room) and not any(room.intersects(other) for other in covered):
                covered.append(room)
                placed.append(name)
                break
        if len(placed) == most:
            break
    return placed


def _width(text: str, size: float) -> float:
    return len(text) * size * LETTER_WIDTH


def _places(street: Street, size: float) -> Iterator[Name]:
    """Give the places along a street, nearest to its middle first."""
    width = _width(street.name, size)
    for line in sorted(street.lines, key=lambda line: -line.length):
        slack = line.length - width
        if slack < 0:
            return
        starts = np.arange(0, slack + STEP, STEP).clip(max=slack)
        for start in sorted(set(starts.tolist()), key=lambda start: abs(start - slack / 2)):
            ends = shapely.line_interpolate_point(line, [start, start + width])
            (x0, y0), (x1, y1) = shapely.get_coordinates(ends).tolist()
            if np.hypot(x1 - x0, y1 - y0) >= STRAIGHT * width:
                yield _name(street, (x0, y0), (x1, y1), size)


def _name(
    street: Street, start: tuple[float, float], end: tuple[float, float], size: float
) -> Name:
    turn = degrees(atan2(end[1] - start[1], end[0] - start[0]))
    angle = (turn + 90) % 180 - 90  # never upside down
    # From the middle of the letters to their base line, or above a line that must be seen.
    down = -size * 0.8 if street.aside else size * 0.36
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    slope = radians(angle)
    return Name(street.name, x - down * sin(slope), y + down * cos(slope), angle)


def _room(name: Name, size: float) -> shapely.Polygon:
    half, height = _width(name.text, size) / 2 + size / 3, size * ROOM
    flat = shapely.box(name.x - half, name.y - height * 0.8, name.x + half, name.y + height * 0.3)
    return rotate(flat, name.angle, origin=(name.x, name.y))
