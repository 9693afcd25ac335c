"""Maps that people draw: My Maps (KML, KMZ) and uMap (its own JSON), as records with a point.

KML is walked as XML: GDAL's drivers lose the folder of a folder and the accents of a column. A
file that declares a document type is refused, so that there is no entity to expand.
"""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from zipfile import BadZipFile, ZipFile, is_zipfile

import shapely
from shapely.errors import ShapelyError

from ingest.archive import check_archive
from ingest.rows import LAT, LON, RawRow, RawTable
from mapping.catalogue import QuarantinedRow
from mapping.errors import SourceError

MAX_BYTES = 100_000_000
_SAID = re.compile(r"^([^:\n]{1,40}):\s+(.+)$")
_SHAPES = ("Point", "LineString", "LinearRing")
_Record = tuple[str, dict[str, str], shapely.Geometry | None]


def read_webmap(path: Path, *, source_id: str) -> RawTable:
    """Read the marks of a map that somebody drew.

    Parameters
    ----------
    path : Path
        A KML, a KMZ, or uMap's export.
    source_id : str
        Named in the quarantined rows.

    Returns
    -------
    RawTable
        One row a mark: `folder`, `name`, `description`, whatever else it says, each line
        ``key: value`` of its description as ``description.key``, and `LON` and `LAT` of a point
        inside its shape. A link to another map is not followed: it is quarantined.

    Raises
    ------
    SourceError
        When the file is too large, is no such map, or declares a document type.
    """
    if path.stat().st_size > MAX_BYTES:
        raise SourceError(f"{path.name} is larger than {MAX_BYTES} bytes. Export fewer layers.")
    if is_zipfile(path):
        check_archive(path)
    table = RawTable([], [])
    for line, (folder, texts, shape) in enumerate(_records(path, table, source_id), start=1):
        row = {"folder": folder, **_described(texts), **_point(shape)}
        table.rows.append(RawRow(line, row))
        table.columns.extend(name for name in row if name not in {*table.columns, LON, LAT})
    return table


def _records(path: Path, table: RawTable, source_id: str) -> Iterator[_Record]:
    text = _document(path)
    if text[:1_000].lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{":
        yield from _umap_records(path, text)
        return
    _refuse_doctype(path, text)
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - without a document type it is inert
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise SourceError(f"{path.name} is no KML: {error}. Export the map again.") from error
    for link in root.iter():
        if _tag(link) == "NetworkLink":
            table.unreadable.append(_link(link, source_id))
    yield from _marks(root, ())


def _document(path: Path) -> bytes:
    if not is_zipfile(path):
        return path.read_bytes()
    try:
        with ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith(".kml")]
            if not names:
                raise SourceError(f"{path.name} holds no .kml. Export the map as KML or KMZ.")
            return archive.read("doc.kml" if "doc.kml" in names else names[0])
    except (BadZipFile, OSError, EOFError) as error:
        raise SourceError(f"{path.name} is damaged: {error}. Export the map again.") from error


def _marks(element: Element, folders: tuple[str, ...]) -> Iterator[_Record]:
    for child in element:
        kind = _tag(child)
        if kind == "Placemark":
            yield " / ".join(folders), _texts(child), _kml_shape(child)
        elif kind == "Folder":
            yield from _marks(child, (*folders, _own(child, "name")))
        elif kind == "Document":
            yield from _marks(child, folders)


def _texts(mark: Element) -> dict[str, str]:
    said = {
        element.get("name", ""): "".join(element.itertext()).strip()
        for element in mark.iter()
        if _tag(element) in ("Data", "SimpleData")
    }
    own = {name: _own(mark, name) for name in ("name", "description", "address", "phoneNumber")}
    return {**said, **{name: text for name, text in own.items() if text}}


def _kml_shape(mark: Element) -> shapely.Geometry | None:
    """Give the first shape of a mark; of an area, its outer border."""
    for element in mark.iter():
        if _tag(element) in _SHAPES:
            numbers = [part.split(",")[:2] for part in _own(element, "coordinates").split()]
            try:
                points = shapely.points([[float(one), float(other)] for one, other in numbers])
            except ValueError:
                return None
            if not len(points):
                return None
            closed = _tag(element) == "LinearRing" and len(points) > 3  # noqa: PLR2004 - a ring
            return shapely.Polygon(points) if closed else shapely.MultiPoint(points)
    return None


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _own(element: Element, name: str) -> str:
    return next(("".join(child.itertext()).strip() for child in element if _tag(child) == name), "")


def _refuse_doctype(path: Path, text: bytes) -> None:
    # In UTF-16 the letters stand apart: without the NULs they stand together.
    if b"<!doctype" in text.replace(b"\0", b"").lower():
        raise SourceError(
            f"{path.name} declares a document type, which maps do not need and bombs do."
            " Export the map again."
        )


def _link(link: Element, source_id: str) -> QuarantinedRow:
    hrefs = ["".join(one.itertext()).strip() for one in link.iter() if _tag(one) == "href"]
    return QuarantinedRow(
        source_id=source_id,
        line=None,
        field="NetworkLink",
        code="link_not_followed",
        message="The map shows another map. Export that one too, or copy its marks.",
        raw={"href": " ".join(hrefs)},
    )


def _umap_records(path: Path, text: bytes) -> Iterator[_Record]:
    try:
        layers = json.loads(text.decode("utf-8-sig"))["layers"]
        for layer in layers:
            folder = (layer.get("_umap_options") or {}).get("name") or ""
            for feature in layer["features"]:
                said = feature.get("properties") or {}
                texts = {
                    name: _text(value) for name, value in said.items() if not name.startswith("_")
                }
                yield str(folder), texts, _shape(feature.get("geometry"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SourceError(
            f"{path.name} is no export of uMap ({type(error).__name__}). Export the map as .umap,"
            " GeoJSON or KML."
        ) from error


def _shape(geometry: Any) -> shapely.Geometry | None:
    try:
        return shapely.from_geojson(json.dumps(geometry)) if geometry else None
    except ShapelyError:
        return None


def _point(shape: shapely.Geometry | None) -> dict[str, str]:
    if shape is None or shape.is_empty:
        return {LON: "", LAT: ""}
    point = shapely.point_on_surface(shape)
    return {LON: f"{point.x:.7f}", LAT: f"{point.y:.7f}"}


def _described(texts: dict[str, str]) -> dict[str, str]:
    """Name the columns as KML does, and take the description apart."""
    description = _without_tags(texts.get("description", ""))
    said = (_SAID.match(line.strip()) for line in description.splitlines())
    parts = {f"description.{found[1].strip()}": found[2].strip() for found in said if found}
    return {"name": "", **texts, "description": description, **parts}


def _text(value: object) -> str:
    if value is None or value != value:  # noqa: PLR0124 - NaN is not itself
        return ""
    return str(value).strip()


class _Words(HTMLParser):
    """The words of a description; a break, a paragraph or a row ends a line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("br", "p", "div", "tr", "li"):
            self.words.append("\n")
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.words.append(f"{href} ")


def _without_tags(text: str) -> str:
    words = _Words()
    words.feed(text)
    words.close()
    lines = (re.sub(r"[ \t\xa0]+", " ", line).strip() for line in "".join(words.words).splitlines())
    return "\n".join(line for line in lines if line)
