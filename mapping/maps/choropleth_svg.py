"""A map of areas as one SVG image, for paper and for browsers without scripts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from mapping.edition.geoparquet import geometries
from mapping.indicators import NAMED, UNKNOWN, Indicator, Scale
from mapping.maps.features import CLASS_COLOURS, MINUTE_COLOURS, SURENESS_COLOURS
from mapping.maps.svg import path_data, rings, to_pixels

PATTERNS: Final[Mapping[str, str]] = {
    "far": "slants",
    "unsure": "dots",
    "closed": "lines",
    "unsuitable": "crosses",
    "crowded": "bars",
    "unknown": "dots",
    "likely_missing": "lines",
    "surely_missing": "slants",
}
"""The pattern of each class and sureness: not everybody sees, nor every printer has, colours."""
UNKNOWN_COLOUR: Final = "#e3e7ea"
UNKNOWN_PATTERN: Final = "gaps"
STROKES: Final[Mapping[str, str]] = {
    "slants": "M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4",
    "lines": "M0,4 h8",
    "bars": "M4,0 v8",
    "crosses": "M0,8 l8,-8 M0,0 l8,8",
    "dots": "M3,4 h2",
    "gaps": "M-2,6 l4,4 M0,0 l8,8 M6,-2 l4,4",
}
"""Of each pattern, its path in a square of 8."""
_MAP_WIDTH, _KEY_WIDTH, _LINE, _TOP = 640, 300, 18, 46
_WIDE = 118
_EDGE, _DOT = 12, 6
_TOLERANCE_DEGREES = 2e-4


@dataclass(frozen=True)
class ClassKey:
    """One class of a legend: its words, its colour, its pattern (of `STROKES`, or none)."""

    label: str
    colour: str
    pattern: str = ""


def marks(indicator: Indicator, scale: Scale) -> dict[int, tuple[str, str]]:
    """Choose colours and patterns for the classes of an indicator.

    Classes have Okabe and Ito's colours, sureness the diverging ones of Brewer's PuOr; numbers
    those of cividis, of which the darkest is the worst, or the most where neither end is better.
    All are told apart with any colour vision.
    """
    unknown = {UNKNOWN: (UNKNOWN_COLOUR, UNKNOWN_PATTERN)}
    if indicator.unit in NAMED:
        colours = {**CLASS_COLOURS, **SURENESS_COLOURS}
        names = enumerate(NAMED[indicator.unit])
        return {n: (colours[name], PATTERNS.get(name, "")) for n, name in names} | unknown
    at = np.linspace(0, len(MINUTE_COLOURS) - 1, max(scale.steps, 2)).round().astype(int).tolist()
    ramp = [MINUTE_COLOURS[number] for number in at[: scale.steps]]
    if indicator.better == "more":
        ramp.reverse()
    return {step: (colour, "") for step, colour in enumerate(ramp)} | unknown


def choropleth(
    areas: pa.Table, steps: Mapping[str, int], keys: Mapping[int, ClassKey], title: str, foot: str
) -> str:
    """Draw areas in the colours of their classes, with a legend, as an SVG document on white.

    `steps` has the class of each area; one that it lacks is unknown. `keys` is the legend in its
    order, with `UNKNOWN` among its steps.
    """
    paths, height = _paths(geometries(areas))
    drawn = [
        _area(path, keys[steps.get(area_id, UNKNOWN)])
        for path, area_id in zip(paths, areas["area_id"].to_pylist(), strict=True)
    ]
    below = wrap(foot, _WIDE)
    width, tall = _MAP_WIDTH + _KEY_WIDTH, _TOP + height + _LINE * (len(below) + 1)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {tall:.0f}"'
            f' width="{width}" height="{tall:.0f}" role="img" font-family="sans-serif"'
            ' font-size="14" fill="#17324d">',
            f"<title>{escape(title)}</title>",
            f"<defs>{patterns()}</defs>",
            f'<rect width="{width}" height="{tall:.0f}" fill="#ffffff"/>',
            f'<text x="12" y="26" font-size="17" font-weight="bold">{escape(title)}</text>',
            f'<g transform="translate(0 {_TOP})" stroke="#ffffff" stroke-width="0.6">',
            *drawn,
            "</g>",
            *_legend(list(keys.values())),
            *_foot(below, _TOP + height + _LINE),
            "</svg>",
        ]
    )


def patterns() -> str:
    """Write one `pattern` for each of `STROKES`, by its name, for the `defs` of an SVG."""
    return "".join(
        f'<pattern id="{name}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<path d="{path}" fill="none" stroke="#17324d" stroke-width="{2 if name == "dots" else 1}"'
        "/></pattern>"
        for name, path in STROKES.items()
    )


def _paths(shapes: npt.NDArray[np.object_]) -> tuple[list[str], float]:
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    flat = np.cos(np.radians((south + north) / 2))
    scale = (_MAP_WIDTH - 2 * _EDGE) / ((east - west) * flat)
    factor = np.array([flat * scale, scale])
    placed = shapely.transform(
        _simplified(shapes), lambda points: to_pixels(points, (west, north), factor) + _EDGE
    )
    return [_path(shape) for shape in placed], (north - south) * scale + 2 * _EDGE


def _simplified(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    # Borders that two areas share stay shared, unless outlines overlap, or there are only points.
    outlined = bool((shapely.get_dimensions(shapes) == 2).all())  # noqa: PLR2004 - a surface
    if outlined and shapely.coverage_is_valid(shapes):
        simple: npt.NDArray[np.object_] = shapely.coverage_simplify(shapes, _TOLERANCE_DEGREES)
        return simple
    return np.asarray(shapely.simplify(shapes, _TOLERANCE_DEGREES))


def _path(shape: shapely.Geometry) -> str:
    drawn = shape.buffer(_DOT, 4) if shape.geom_type == "Point" else shape
    outlines = [shapely.get_coordinates(ring)[:-1] for ring in rings(drawn)]
    return path_data(outlines, between=",", closed=True)


def _area(path: str, key: ClassKey) -> str:
    drawn = f'<path d="{path}" fill="{key.colour}"/>'
    return drawn + (f'<path d="{path}" fill="url(#{key.pattern})"/>' if key.pattern else "")


def _legend(keys: Sequence[ClassKey]) -> list[str]:
    lines, at = [], _TOP + 10
    for key in keys:
        box = f'x="{_MAP_WIDTH + 8}" y="{at}" width="26" height="{_LINE - 2}"'
        lines.append(f'<rect {box} fill="{key.colour}" stroke="#5c6f82"/>')
        if key.pattern:
            lines.append(f'<rect {box} fill="url(#{key.pattern})"/>')
        for row in wrap(key.label, 34):
            at += _LINE
            lines.append(f'<text x="{_MAP_WIDTH + 42}" y="{at - 5}">{escape(row)}</text>')
        at += 6
    return lines


def _foot(lines: Sequence[str], top: float) -> list[str]:
    return [
        f'<text x="12" y="{top + number * _LINE:.0f}" font-size="12">{escape(line)}</text>'
        for number, line in enumerate(lines)
    ]
