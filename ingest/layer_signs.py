"""What the file of a layer says beside its records: in JSON, metadata and tables of its own."""

import json
import re
import sqlite3
import zipfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any

from ingest.page_archive import page_names, read_page
from ingest.signs import said_around
from mapping.errors import SourceError

_BLANKS = b"\xef\xbb\xbf\x1e \t\r\n"
_AROUND_BYTES = 2**16
"""So much is read before and behind the features of what cannot be read as a whole."""
_LONGEST_JSON = 2**28
_LONGEST_SIDECAR = 2**22
_MOST_TEXTS = 2_000
"""So many rows of each table of a GeoPackage are read."""
_MEMBER = re.compile(rb"</?(?:\w+:)?(?:featureM|m)embers?\b")
_MARKS = re.compile(r"[<>\"]")
_TAGS = re.compile(r"<[^<>]*>")
_POINTS = ("coordinates", "geometries")
_ATTRIBUTE = re.compile(rb"""[\w.-]\s*=\s*["']([^"'<>]*)["']|<!--(.*?)-->""", re.DOTALL)
_METADATA = (".xml", ".qmd", ".qml", ".sld", ".txt")
"""How what is written of a file beside it ends."""
_SQLITE = b"SQLite format 3\0"
_OWN_TABLES = re.compile(
    r"gpkg_(?!tile_matrix|spatial_ref_sys|ogr_contents|geometry_columns)|layer_styles$"
)
"""What a GeoPackage says of layers; its systems of reference are everybody's."""
_TABLES = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
_LAYERS = "SELECT table_name FROM gpkg_geometry_columns"
_OF_EVERYBODY = re.compile(r"gpkg_|rtree_|sqlite_|idx_|trigger_")
_LAYER_COLUMNS = ("table_name", "f_table_name")

Beside = tuple[list[str], list[dict[str, None]]]
"""Texts of the whole layer, and of each of its features where the file says them one by one."""


def beside_records(path: Path, layer: str) -> Beside:
    """Give what the file of a layer says in no cell of it, and what stands beside the file."""
    pages = page_names(path)
    if not pages and zipfile.is_zipfile(path):
        return [], []
    texts = [] if pages else [*_sidecars(path)]
    of_features: list[dict[str, None]] = []
    for body in map(read_page, [path] * len(pages), pages) if pages else [_head(path)]:
        if body.startswith(_SQLITE):
            texts += _of_geopackage(path, layer)
        elif body.lstrip(_BLANKS).startswith(b"<"):
            texts += _of_gml(body if pages else path.read_bytes())
        elif body.lstrip(_BLANKS).startswith(b"{"):
            of_page, of_each = _of_geojson(body if pages else path.read_bytes())
            texts += of_page
            of_features += of_each
    return texts, of_features


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_AROUND_BYTES)


def _of_geojson(body: bytes) -> Beside:
    try:
        documents = [*_documents(body)]
    except (ValueError, RecursionError):
        ends = body[:_AROUND_BYTES].partition(b'"features"')[0], body.rpartition(b"]")[2]
        return [end[-_AROUND_BYTES:].decode(errors="replace") for end in ends], []
    of_all: dict[str, None] = {}
    of_features: list[dict[str, None]] = []
    for document in documents:
        features = document.get("features", [document])
        if "features" in document:
            of_all |= said_around({**document, "features": None})
        of_features += [_beside_cells(feature) for feature in features]
    return list(of_all), of_features


def _documents(body: bytes) -> Iterator[dict[str, Any]]:
    """Give the JSON of a file, or that of each of its lines. Raises ValueError where it is none."""
    if len(body) > _LONGEST_JSON:
        raise ValueError(len(body))
    text = body.decode("utf-8-sig")
    try:
        documents = [json.loads(text)]
    except ValueError:
        documents = [json.loads(line.strip("\x1e \t\r")) for line in text.splitlines() if line]
    for document in documents:
        if not isinstance(document, dict) or not isinstance(document.get("features", []), list):
            raise ValueError  # noqa: TRY004 - it is no GeoJSON
        yield document


def _beside_cells(feature: object) -> dict[str, None]:
    """Give what a feature says beside its properties and its coordinates."""
    if not isinstance(feature, dict):
        return {}
    cells = "properties" if "properties" in feature else "attributes"
    own = {key: value for key, value in feature.items() if key not in (cells, "geometry")}
    return said_around(own) | _beside_points(feature.get("geometry"))


def _beside_points(geometry: object) -> dict[str, None]:
    if not isinstance(geometry, dict):
        return {}
    own = {key: value for key, value in geometry.items() if key not in _POINTS}
    parts = geometry.get("geometries")
    inside = map(_beside_points, parts if isinstance(parts, list) else [])
    return {text: None for texts in (said_around(own), *inside) for text in texts}


def _of_gml(body: bytes) -> Iterator[str]:
    members = list(_MEMBER.finditer(body[:_AROUND_BYTES]))
    first = members[0].start() if members else _AROUND_BYTES
    last = max(
        (member.end() for member in _MEMBER.finditer(body, len(body) - _AROUND_BYTES)), default=None
    )
    yield from texts_of_markup(body[:first])
    if last is not None:
        yield from texts_of_markup(body[last:])
    # Of an attribute or a comment within a feature no cell is made.
    within = {part for pair in _ATTRIBUTE.findall(body[first:last]) for part in pair if part}
    yield from (unescape(text.decode("utf-8", "replace")) for text in within)


def texts_of_markup(body: bytes) -> Iterator[str]:
    """Give each text and attribute of markup, whole or not, and what it says without its tags."""
    whole = body.decode("utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
    yield from (text for part in _MARKS.split(whole) if (text := unescape(part).strip()))
    yield " ".join(unescape(_TAGS.sub("", whole)).split())


def _sidecars(path: Path) -> Iterator[str]:
    for beside in sorted(path.parent.iterdir()):
        is_of_file = beside != path and beside.name.lower().startswith(f"{path.stem.lower()}.")
        if is_of_file and beside.name.lower().endswith(_METADATA) and beside.is_file():
            with beside.open("rb") as file:
                yield from texts_of_markup(file.read(_LONGEST_SIDECAR))


def _of_geopackage(path: Path, layer: str) -> Iterator[str]:
    """Give what a GeoPackage says of a layer, and of all together, in tables beside the layers."""
    with closing(
        sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    ) as store:
        try:
            names = [name for (name,) in store.execute(_TABLES)]
            is_package = "gpkg_geometry_columns" in names
            layers = {name for (name,) in store.execute(_LAYERS)} if is_package else {*names}
            own = [name for name in names if _OWN_TABLES.match(name) or _is_apart(name, layers)]
            for quoted in (name.replace('"', '""') for name in own):
                rows = store.execute(
                    f'SELECT * FROM "{quoted}" LIMIT {_MOST_TEXTS}'  # noqa: S608
                )
                columns = [column for column, *_ in rows.description]
                for row in rows:
                    cells = dict(zip(columns, row, strict=True))
                    yield from _of_layer(cells, layer)
        except sqlite3.DatabaseError as error:
            raise SourceError(
                f"{path.name} cannot be read. Fetch the file again.",
                detail=f"It was said: {error}.",
            ) from error


def _is_apart(name: str, layers: Collection[str]) -> bool:
    """Whether a table is none of the format and has no places: it says what codes mean."""
    return name not in layers and not _OF_EVERYBODY.match(name)


def _of_layer(cells: dict[str, Any], layer: str) -> Iterable[str]:
    of = next((cells[name] for name in _LAYER_COLUMNS if cells.get(name)), layer)
    texts = [text for text in cells.values() if isinstance(text, str)] if of == layer else []
    return (part for text in texts for part in texts_of_markup(text.encode()))
