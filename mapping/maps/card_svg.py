"""A small map as one SVG: the streets around a place, the way to it, nothing from elsewhere.

It is drawn without a browser and without scripts, for paper, for pages that have no other map and
for reports. Its colours are attributes, so that it needs no style; classes let a page change them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import jinja2
import numpy as np
import numpy.typing as npt
import shapely

from mapping.arrays import Floats
from mapping.maps.street_labels import Box, Street, place_names
from mapping.maps.svg import bar_words, metres_of, path_data
from mapping.text import readable
from mapping.walking.network import Network
from mapping.walking.ways import KINDS

Lines = npt.NDArray[np.object_]
LonLat = tuple[float, float]
"""Lon and lat in degrees."""

MARGIN: Final = 34.0
"""Room around what must be seen, for the marks that stand on it."""
NARROWEST_METRES: Final = 420.0
"""The view is at least this wide, so that it shows a known crossing."""
LETTERS: Final = 10.5
MOST_NAMES: Final = 16
MOST_LINES: Final = 2200
"""Of a wide view only the longest streets are drawn."""
MINOR_METRES_PER_PIXEL: Final = 3.0
"""In wider views footpaths are left out."""
ON_THE_WAY_METRES: Final = 5.0
ALONG_METRES: Final = 25.0
"""A street counts as part of the way when the way follows it for at least this long."""
DETAIL_PIXELS: Final = 0.4
BARS: Final = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
STREET: Final = KINDS.index("street")


@dataclass(frozen=True, eq=False)
class Scene:
    """What a sketch shows, in degrees; `way` is (p, 2), `straight` where no street was walked."""

    place: LonLat
    start: LonLat | None = None
    way: Floats | None = None
    straight: bool = False


@dataclass(frozen=True)
class _View:
    """The rectangle that is seen: its middle in metres, and its scale."""

    width: int
    height: int
    x: float
    y: float
    metres_per_pixel: float

    @property
    def box(self) -> Box:
        across, up = (side * self.metres_per_pixel / 2 for side in (self.width, self.height))
        return self.x - across, self.y - up, self.x + across, self.y + up

    def pixels(self, metres: Floats) -> Floats:
        west, _, _, north = self.box
        return (metres - [west, north]) * [1, -1] / self.metres_per_pixel


def sketch(
    network: Network | None,
    epsg: int,
    scene: Scene,
    *,
    title: str,
    size: tuple[int, int] = (480, 320),
    key: str = "sketch",
) -> str:
    """Draw a place, and the way to it where one is given, as an ``<svg>`` element, texts escaped.

    Without a network only marks and way are drawn. The view holds all of the scene; `size` is in
    pixels, and `key` is the id on the page, where there are several.
    """
    place, start, way = _metres(scene, epsg)
    view = _view(np.vstack([part for part in (place, start, way) if part is not None]), size)
    way = None if way is None else view.pixels(way)
    marks = [view.pixels(point)[0].tolist() for point in (place, start) if point is not None]
    bar, scale = _scale(view)
    corners = [_free(plates, marks) for plates in (_norths(view), _scales(view, bar))]
    taken = [shapely.box(*box) for box in (*map(_around, marks), *corners)]
    drawn = _drawn(network, view, way, taken) if network is not None else {}
    return _template().render(
        key=key,
        title=title,
        width=view.width,
        height=view.height,
        size=LETTERS,
        straight=scene.straight,
        way="" if way is None else path_data([way]),
        last="" if way is None else path_data([np.array([way[-1], marks[0]])]),
        marks=marks,
        corners=corners,
        bar=bar,
        scale=scale,
        broad=float(np.clip(7 / view.metres_per_pixel, 1.5, 7)),
        **{"streets": "", "paths": "", "names": [], **drawn},
    )


@cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(Path(__file__).with_name("templates"))
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True)
    return environment.get_template("sketch.svg")


def _metres(scene: Scene, epsg: int) -> tuple[Floats, Floats | None, Floats | None]:
    place, start = np.array([scene.place]), scene.start and np.array([scene.start])
    way = None if scene.way is None else metres_of(scene.way, epsg)
    return metres_of(place, epsg), None if start is None else metres_of(start, epsg), way


def _view(points: Floats, size: tuple[int, int]) -> _View:
    low, high = points.min(axis=0), points.max(axis=0)
    room = np.array(size) - 2 * MARGIN
    scale = max(*((high - low) / room), NARROWEST_METRES / size[0])
    middle = (low + high) / 2
    return _View(*size, float(middle[0]), float(middle[1]), float(scale))


def _around(mark: Sequence[float]) -> Box:
    """Box the mark that stands on a place: a pin rises from it, a house lies around it."""
    x, y = mark
    return x - 13, y - 29, x + 13, y + 13


def _scale(view: _View) -> tuple[float, str]:
    longest = view.width / 4 * view.metres_per_pixel
    metres = max([bar for bar in BARS if bar <= longest] or BARS[:1])
    return metres / view.metres_per_pixel, bar_words(metres)


def _norths(view: _View) -> list[Box]:
    return [(left, 5.0, left + 28, 33.0) for left in (view.width - 33.0, 5.0)]


def _scales(view: _View, bar: float) -> list[Box]:
    low, wide = view.height - 5.0, bar + 12
    return [(left, low - 24, left + wide, low) for left in (5.0, view.width - 5 - wide)]


def _free(corners: list[Box], marks: Sequence[Sequence[float]]) -> Box:
    taken = shapely.union_all([shapely.box(*_around(mark)) for mark in marks])
    free = [corner for corner in corners if not shapely.box(*corner).intersects(taken)]
    return (free or corners)[0]


def _drawn(
    network: Network, view: _View, way: Floats | None, taken: Sequence[shapely.Geometry]
) -> dict[str, Any]:
    edges = _seen(network, view)
    lines, edge = _in_pixels(network.lines[edges], view)
    names, is_street = network.edge_name[edges][edge], network.edge_kind[edges][edge] == STREET
    streets_by_name = {
        readable(network.names[name]): lines[is_street & (names == name)]
        for name in np.unique(names[is_street & (names >= 0)]).tolist()
    }
    walked = [] if way is None else [shapely.LineString(way).buffer(2)]
    return {
        "streets": path_data([shapely.get_coordinates(line) for line in lines[is_street]]),
        "paths": path_data([shapely.get_coordinates(line) for line in lines[~is_street]]),
        "names": place_names(
            _ranked(streets_by_name, way, view),
            (0, 0, view.width, view.height),
            [*taken, *walked],
            size=LETTERS,
            most=MOST_NAMES,
        ),
    }


def _seen(network: Network, view: _View) -> npt.NDArray[np.int64]:
    edges = np.sort(network.tree.query(shapely.box(*view.box)))
    if view.metres_per_pixel > MINOR_METRES_PER_PIXEL:
        edges = edges[network.edge_kind[edges] == STREET]
    if len(edges) > MOST_LINES:
        names = network.edge_name[edges]
        metres = np.bincount(names + 1, network.edge_metres[edges])
        metres[0] = 0
        edges = edges[np.argsort(-metres[names + 1], kind="stable")[:MOST_LINES]]
    return edges


def _in_pixels(lines: Lines, view: _View) -> tuple[Lines, npt.NDArray[np.int64]]:
    frame = shapely.box(*view.box).buffer(MARGIN * view.metres_per_pixel).bounds
    clipped = shapely.clip_by_rect(lines, *frame)
    parts, row = shapely.get_parts(clipped, return_index=True)
    pixels = shapely.simplify(shapely.transform(parts, view.pixels), DETAIL_PIXELS)
    visible = shapely.length(pixels) > 0
    return pixels[visible], row[visible]


def _ranked(streets_by_name: dict[str, Lines], way: Floats | None, view: _View) -> list[Street]:
    """Order streets for their names: those of the way first, then the longest."""
    near = None
    if way is not None:
        near = shapely.LineString(way).buffer(max(ON_THE_WAY_METRES / view.metres_per_pixel, 1.5))
    least = ALONG_METRES / view.metres_per_pixel
    ranked: list[tuple[float, float, Street]] = []
    for name, lines in streets_by_name.items():
        whole = shapely.line_merge(shapely.union_all(lines))
        along = 0.0 if near is None else shapely.intersection(whole, near).length
        street = Street(name, shapely.get_parts(whole).tolist(), aside=along > least)
        ranked.append((along if street.aside else 0.0, whole.length, street))
    return [street for *_, street in sorted(ranked, key=lambda entry: (-entry[0], -entry[1]))]
