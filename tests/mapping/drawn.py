"""Street maps drawn in a test: `-` and `|` are streets, `.` and `:` footpaths, `=` and `#` steps.

A line runs from the character before it to the character after it, so that `A--B` is a street
from A to B, and a footpath under the middle of a street ends on that street without cutting it.
Letters and digits are places; each character is `cell` metres wide and high, north is up.
"""

import re
from collections.abc import Iterator, Sequence

import geopandas as gpd
import pandas as pd
import shapely

from mapping.walking.network import Network
from mapping.walking.topology import from_lines

EPSG = 32632
STROKES = {
    "-": "street", "|": "street", ".": "footpath", ":": "footpath", "=": "steps", "#": "steps",
}  # fmt: skip
Place = tuple[float, float]
Vertex = tuple[float, ...]
"""x, y and, where it is known, the height."""


def draw(text: str, *, cell: float = 10.0) -> tuple[gpd.GeoDataFrame, dict[str, Place]]:
    rows = text.strip("\n").split("\n")
    width = max(map(len, rows))
    rows = [row.ljust(width) for row in rows]
    columns = ["".join(column) for column in zip(*rows, strict=True)]
    across = [
        (STROKES[kind], [(start * cell, -y * cell), (end * cell, -y * cell)])
        for y, row in enumerate(rows)
        for kind, start, end in _runs(row, r"-+|\.+|=+")
    ]
    down = [
        (STROKES[kind], [(x * cell, -start * cell), (x * cell, -end * cell)])
        for x, column in enumerate(columns)
        for kind, start, end in _runs(column, r"\|+|:+|#+")
    ]
    places = {
        mark: (x * cell, -y * cell)
        for y, row in enumerate(rows)
        for x, mark in enumerate(row)
        if mark.isalnum()
    }
    return lines(*across, *down), places


def lines(*strokes: tuple[str, Sequence[Vertex]]) -> gpd.GeoDataFrame:
    frame = {
        "name": pd.Series([None] * len(strokes), dtype=object),
        "kind": [kind for kind, _ in strokes],
        "walkable": True,
    }
    shapes = [shapely.LineString(vertices) for _, vertices in strokes]
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=EPSG)


def drawn(text: str, *, cell: float = 10.0) -> tuple[Network, dict[str, Place]]:
    streets, places = draw(text, cell=cell)
    return from_lines(streets, epsg=EPSG), places


def _runs(text: str, pattern: str) -> Iterator[tuple[str, int, int]]:
    for run in re.finditer(pattern, text):
        start, end = run.start(), run.end() - 1
        before = start - 1 if start > 0 and text[start - 1] != " " else start
        after = end + 1 if end + 1 < len(text) and text[end + 1] != " " else end
        yield run.group()[0], before, after
