"""What the file of a layer says beside its records: in JSON, metadata and tables of its own."""

import json
import re
import zipfile
from collections.abc import Collection, Iterator
from html import unescape
from itertools import chain, count
from pathlib import Path
from typing import Any

from ingest.bounded_parts import aside_of_files, aside_of_layers
from ingest.byte_words import words_in
from ingest.file_parts import BLANKS, SQLITE, aside_of_json, texts_of_markup, texts_within
from ingest.page_archive import page_names, read_page
from ingest.passages import Aside, Passage
from ingest.rows import RawTable

_HEAD_BYTES = 2**16
_LONGEST_JSON = 2**28
_MEMBER = re.compile(rb"</?(?:\w+:)?(?:featureM|m)embers?\b")
_MEMBER_START = re.compile(rb"<(?:\w+:)?(?:featureM|m)ember\b")
_POINTS = ("coordinates", "geometries")
_IN_FEATURE = re.compile(
    rb"""[\w.-]\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')|<!--(.*?)(?:-->|\Z)|<\?(.*?)(?:\?>|\Z)"""
    rb"""|<!\[CDATA\[(.*?)(?:\]\]>|\Z)|>([^<>]*+)(?=<)""",
    re.DOTALL,
)
"""An attribute, a comment, an instruction, a text; what never ends goes on to the end."""
_WORD = re.compile(r"[^\W\d_]{3}")
_OF_RECORDS = (".shp", ".shx", ".dbf", ".sbn", ".sbx", ".qix", ".cpg")
"""Parts of a shapefile in which there is nothing but its records and their order."""
_OTHER_FILES = (".zip", ".csv", ".tsv", ".geojson", ".json", ".gpkg", ".fgb", ".gml", ".kml",
                ".kmz", ".xlsx", ".xls", ".ods", ".part")  # fmt: skip
"""What lies beside a file under its name, and is a list of its own."""


def beside_records(path: Path, layer: str, table: RawTable) -> Aside:
    """Give what the file of a layer says in no cell of its table, and what stands beside it.

    What a file says of each of its features is of its row, where they are as many.
    """
    pages = page_names(path)
    if not pages and zipfile.is_zipfile(path):
        return Aside()
    aside, numbers = Aside() if pages else _sidecars(path), count(1)
    for page in pages or [""]:
        body = read_page(path, page) if page else _head(path)
        start = body.lstrip(BLANKS)
        if body.startswith(SQLITE):
            aside.add(aside_of_layers(path, layer))
        elif start.startswith(b"<"):
            known = {text.strip() for row in table.rows for text in row.texts.values()}
            aside.add(_of_gml(body if page else path.read_bytes(), numbers, known))
        elif start.startswith(b"{"):
            aside.add(_of_geojson(body if page else path.read_bytes(), numbers))
        elif not path.suffix.lower().endswith(_OF_RECORDS):
            aside.passages += [Passage(words, "descrizione del file") for words in words_in(body)]
    if next(numbers) != len(table.rows) + 1:
        aside.passages += chain.from_iterable(aside.of_rows.values())
        aside.of_rows.clear()
    return aside


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)


def _of_geojson(body: bytes, numbers: Iterator[int]) -> Aside:
    try:
        documents = [*_documents(body)]
    except (ValueError, RecursionError):
        ends = body[:_HEAD_BYTES].partition(b'"features"')[0], body.rpartition(b"]")[2]
        texts = (end[-_HEAD_BYTES:].decode(errors="replace") for end in ends)
        return Aside([Passage(text, "membri della raccolta") for text in texts])
    aside = Aside()
    for document in documents:
        features = document.get("features", [document])
        if "features" in document:
            aside.add(aside_of_json({**document, "features": None}, "membri della raccolta"))
        for feature, number in zip(features, numbers, strict=False):
            if own := _beside_cells(feature):
                aside.of_rows[number] = [Passage(text, "membri di un elemento") for text in own]
    return aside


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


def _beside_cells(feature: object) -> list[str]:
    """Give what a feature says beside its properties and its coordinates."""
    if not isinstance(feature, dict):
        return []
    cells = "properties" if "properties" in feature else "attributes"
    own = {key: value for key, value in feature.items() if key not in (cells, "geometry", "type")}
    return texts_within(own) + _beside_points(feature.get("geometry"))


def _beside_points(geometry: object) -> list[str]:
    if not isinstance(geometry, dict):
        return []
    own = {key: value for key, value in geometry.items() if key not in (*_POINTS, "type")}
    parts = geometry.get("geometries")
    inside = map(_beside_points, parts if isinstance(parts, list) else [])
    return [*texts_within(own), *(text for texts in inside for text in texts)]


def _of_gml(body: bytes, numbers: Iterator[int], known: Collection[str]) -> Aside:
    """Read what a GML says around its features, and within them in what is no known cell."""
    members = [member.start() for member in _MEMBER.finditer(body)]
    first, last = (members[0], members[-1]) if members else (len(body), len(body))
    around = (*texts_of_markup(body[:first]), *texts_of_markup(body[last:]))
    aside = Aside([Passage(text, "testa o coda del file") for text in around])
    starts = [member.start() for member in _MEMBER_START.finditer(body)]
    if starts:
        ends = [*starts[1:], last]
        for start, end, number in zip(starts, ends, numbers, strict=False):
            aside.of_rows[number] = [*_within(body[start:end], known)]
    else:
        aside.passages += _within(body[first:last], known)
    return aside


def _within(feature: bytes, known: Collection[str]) -> Iterator[Passage]:
    parts = {
        (part, part is parts[-1])
        for parts in _IN_FEATURE.findall(feature)
        for part in parts
        if part
    }
    for part, is_text in sorted(parts):
        text = unescape(part.decode("utf-8", "replace")).strip()
        if text not in known and (_WORD.search(text) or not is_text):
            yield Passage(text, "testi e attributi di un elemento")


def _sidecars(path: Path) -> Aside:
    """Read what is written of a file beside it, under its name."""
    sidecars = []
    for near in sorted(path.parent.iterdir()):
        name = near.name.lower()
        is_of_file = near != path and name.startswith(f"{path.stem.lower()}.")
        if is_of_file and not name.endswith((*_OF_RECORDS, *_OTHER_FILES)) and near.is_file():
            sidecars.append(near)
    return aside_of_files(sidecars)
