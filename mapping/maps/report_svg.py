"""A map for paper, as SVG: areas by colour, numbered dots, streets, a scale."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np
import numpy.typing as npt
import shapely

from mapping.maps.svg import bar_metres, bar_words, path_data, rings, to_pixels

WIDTH, HEIGHT = 700.0, 800.0
"""The most that a plate is wide and high, in its own units; about a quarter of a millimetre."""
EDGE_SHARE, EDGE_METRES = 0.06, 150.0
"""How much is shown round the areas: a share of them, and metres at the least."""
FINEST = 0.4
"""Outlines are no finer than this, in units: it is not seen."""
NUMBERED = 99
"""With more dots than this their numbers would hide the map."""
PALENESS = "0.6"
"""Areas are paler than their colours, so that what is drawn on them is seen."""
INK, SOFT, STREET = "#17324d", "#455b71", "#ffffff"


@dataclass(frozen=True)
class Patch:
    """An area: its shape in metres, its colour, and what is written on it."""

    shape: shapely.Geometry
    colour: str
    text: str = ""


@dataclass(frozen=True)
class Dot:
    """A place in metres, with its number; a pale one lies beyond the border."""

    x: float
    y: float
    text: str
    pale: bool = False


class Box(NamedTuple):
    """What a plate shows, in metres."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it, edges included; NaN lies nowhere."""
        return self.west <= x <= self.east and self.south <= y <= self.north


def box_around(shapes: Sequence[shapely.Geometry]) -> Box:
    """Box one or more areas, in metres, with some room around them."""
    west, south, east, north = shapely.total_bounds(list(shapes)).tolist()
    edge = max(EDGE_METRES, EDGE_SHARE * max(east - west, north - south))
    return Box(west - edge, south - edge, east + edge, north + edge)


def plate(
    box: Box,
    patches: Iterable[Patch],
    dots: Sequence[Dot],
    *,
    border: shapely.Geometry,
    streets: Sequence[shapely.Geometry] = (),
    title: str,
) -> str:
    """Draw a map as an SVG element, texts escaped; shapes are in metres."""
    paper = _Paper(box, title)
    for patch in patches:
        paper.patch(patch)
    paper.lines(streets, STREET, 0.9)
    paper.lines([shapely.boundary(border)], INK, 2.2)
    small = len(dots) > NUMBERED
    for dot in reversed(dots):  # the first numbers on top
        paper.dot(dot, small=small)
    paper.scale()
    return tostring(paper.root, encoding="unicode")


def swatch(colour: str) -> str:
    """Draw a little square of a colour such as ``#0072b2``, for a legend."""
    root = Element("svg", {"viewBox": "0 0 10 10", "class": "swatch", "aria-hidden": "true"})
    look = {"fill": colour, "fill-opacity": PALENESS, "stroke": SOFT}
    SubElement(root, "rect", {"width": "10", "height": "10", **look})
    return tostring(root, encoding="unicode")


class _Paper:
    def __init__(self, box: Box, title: str) -> None:
        wide, high = box.east - box.west, box.north - box.south
        self.units = min(WIDTH / wide, HEIGHT / high)
        self.box, self.width, self.height = box, wide * self.units, high * self.units
        self.root = Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {self.width:.0f} {self.height:.0f}",
                "class": "plate",
                "role": "img",
                "aria-label": title,
                "font-family": "Titillium Web, sans-serif",
            },
        )
        size = {"width": f"{self.width:.0f}", "height": f"{self.height:.0f}"}
        SubElement(self.root, "rect", {**size, "fill": "#eef2f6"})

    def patch(self, patch: Patch) -> None:
        look = {"fill": patch.colour, "fill-opacity": PALENESS, "stroke": STREET}
        for ground in shapely.get_parts(patch.shape):
            if isinstance(ground, shapely.Polygon):
                outlines = " ".join(self._way(ring) for ring in rings(ground))
                SubElement(self.root, "path", {"d": outlines, "fill-rule": "evenodd", **look})
            else:
                x, y = self._at(ground.centroid.x, ground.centroid.y)
                SubElement(self.root, "circle", {"cx": x, "cy": y, "r": "9", **look})
        if patch.text:
            middle = shapely.point_on_surface(patch.shape)
            self._write(self._at(middle.x, middle.y), patch.text, SOFT, 11)

    def lines(self, lines: Iterable[shapely.Geometry], colour: str, width: float) -> None:
        ways = [self._way(part) for line in lines for part in shapely.get_parts(line)]
        look = {"fill": "none", "stroke": colour, "stroke-width": f"{width}"}
        SubElement(self.root, "path", {"d": " ".join(filter(None, ways)), **look})

    def dot(self, dot: Dot, *, small: bool) -> None:
        if not self.box.holds(dot.x, dot.y):
            return
        x, y = at = self._at(dot.x, dot.y)
        fill, ink = (STREET, INK) if dot.pale else (INK, STREET)
        look = {"r": "3" if small else "9", "fill": fill, "stroke": ink if small else INK}
        SubElement(self.root, "circle", {"cx": x, "cy": y, "stroke-width": "1.2", **look})
        if not small:
            self._write(at, dot.text, ink, 11)

    def scale(self) -> None:
        metres = bar_metres((self.box.east - self.box.west) / 4)
        long, low = metres * self.units, self.height - 14
        bar = f"M14 {low - 5:.1f}v5h{long:.1f}v-5"
        SubElement(self.root, "path", {"d": bar, "fill": "none", "stroke": INK})
        self._write((f"{14 + long / 2:.1f}", f"{low - 8:.1f}"), bar_words(metres), INK, 12)

    def _write(self, at: tuple[str, str], text: str, colour: str, size: int) -> None:
        # The middle of a digit is about a third of its size above the line.
        place = {"x": at[0], "y": f"{float(at[1]) + size / 3:.1f}", "text-anchor": "middle"}
        label = SubElement(self.root, "text", {**place, "fill": colour, "font-size": f"{size}"})
        label.text = text

    def _way(self, line: shapely.Geometry) -> str:
        points = self._units(shapely.get_coordinates(shapely.simplify(line, FINEST / self.units)))
        return path_data([points]) if len(points) > 1 else ""

    def _at(self, x: float, y: float) -> tuple[str, str]:
        right, down = self._units(np.array([[x, y]]))[0]
        return f"{right:.1f}", f"{down:.1f}"

    def _units(self, points: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        return to_pixels(points, (self.box.west, self.box.north), self.units)
