"""Decodes a published file part by part, by the format that its name says or its first bytes."""

import csv
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio

from mapping.crs import WGS84
from mapping.edition.tiles import Tiles
from mapping.errors import BadInputError
from mapping.leaks.archives import MAX_DEPTH, Bounds, is_archive, members
from mapping.leaks.arrow_values import metadata_texts
from mapping.leaks.decoded_part import (
    FileContent,
    document_content,
    table_content,
    text_content,
    vertices,
)
from mapping.leaks.encodings import text_of

ROUNDED_METRES = 7_000.0
"""At zoom 0: half the diagonal of one of the 4,096 steps that a tile has in each direction."""
_STARTS = {
    b"PAR1": ".parquet", b"ARROW1": ".arrow", b"PMTiles": ".pmtiles", b"%PDF": ".pdf",
    b"SQLite format 3": ".gpkg",
}  # fmt: skip


def contents(path: Path) -> Iterator[FileContent]:
    """Decode a file part by part, and what lies packed inside of it.

    Raises BadInputError for a format that nothing here reads, and for more than the bounds allow.
    """
    if path.suffix not in _DECODERS:
        known = ", ".join(sorted(_DECODERS))
        raise BadInputError(f"{path.name} cannot be searched. Use one of: {known}.")
    yield from _parts(path, path.suffix, Bounds(path.name), 0)


def _parts(path: Path, suffix: str, bounds: Bounds, depth: int) -> Iterator[FileContent]:
    for part in _DECODERS[suffix](path, bounds, depth):
        yield part
        for packed in part.packed:
            yield from _unpacked("", packed, bounds, depth + 1)


def _unpacked(name: str, content: bytes, bounds: Bounds, depth: int) -> Iterator[FileContent]:
    """Decode bytes by how they begin, or else by the name that they have in their archive."""
    if depth > MAX_DEPTH:
        raise bounds.refusal(f"holds archives more than {MAX_DEPTH} deep")
    suffix = next((kind for start, kind in _STARTS.items() if content.startswith(start)), None)
    suffix = suffix or PurePosixPath(name).suffix.lower()
    if is_archive(content):
        yield from _archive(name, content, bounds, depth)
    if suffix in (".xlsx", *_STARTS.values()):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, f"part{suffix}")
            path.write_bytes(content)
            yield from _parts(path, suffix, bounds, depth)
    elif not is_archive(content):
        yield from _written(text_of(content), suffix)


def _archive(name: str, content: bytes, bounds: Bounds, depth: int) -> Iterator[FileContent]:
    for inner, unpacked in members(content, bounds):
        # The name of a packed stream goes on without its suffix: rows.csv.gz is rows.csv.
        known = inner or PurePosixPath(name).stem
        yield from _unpacked(known, unpacked, bounds, depth + 1)


def _written(text: str, suffix: str) -> Iterator[FileContent]:
    if suffix in (".json", ".geojson") or text.lstrip()[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):  # it is searched as it stands, too
            yield document_content(json.loads(text))
    yield text_content(text)
    if suffix in (".csv", ".txt", ".tsv"):
        yield _rows_of(text)


def _rows_of(text: str) -> FileContent:
    content = FileContent()
    lines = text.splitlines()
    delimiter = max(",;\t|", key=lambda sign: sum(line.count(sign) for line in lines[:50]))
    try:
        content.add_rows(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        content.add_rows(line.split(delimiter) for line in lines)
    return content


def _text(path: Path, _bounds: Bounds, _depth: int) -> Iterator[FileContent]:
    yield from _written(text_of(path.read_bytes()), path.suffix)


def _packed(path: Path, bounds: Bounds, depth: int) -> Iterator[FileContent]:
    content = path.read_bytes()
    if not is_archive(content):
        raise bounds.refusal("is no archive, whatever its name says")
    yield from _archive(path.name, content, bounds, depth)


def _parquet(path: Path, _bounds: Bounds, _depth: int) -> Iterator[FileContent]:
    with pq.ParquetFile(path) as file:
        yield text_content("\n".join(metadata_texts(file.schema_arrow)))
        for number in range(file.num_row_groups):
            yield table_content(file.read_row_group(number))


def _arrow(path: Path, _bounds: Bounds, _depth: int) -> Iterator[FileContent]:
    table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    yield text_content("\n".join(metadata_texts(table.schema)))
    yield table_content(table)


def _layers(path: Path, _bounds: Bounds, _depth: int) -> Iterator[FileContent]:
    for layer, _ in pyogrio.list_layers(path):
        yield _frame(pyogrio.read_dataframe(path, layer=layer, fid_as_index=False))


def _tiles(path: Path, _bounds: Bounds, _depth: int) -> Iterator[FileContent]:
    """Read every zoom of an archive; points of what is drawn: lines are cut at tiles' edges."""
    tiles = Tiles(path)
    first, last = tiles.zooms
    yield document_content(tiles.metadata)
    for zoom in range(first, last + 1):
        for layer, _ in pyogrio.list_layers(path):
            frame = pyogrio.read_dataframe(path, layer=layer, ZOOM_LEVEL=str(zoom))
            part = _frame(frame, points_only=True)
            part.rounded_metres = ROUNDED_METRES / 2**zoom
            yield part


def _frame(frame: pd.DataFrame, *, points_only: bool = False) -> FileContent:
    shapes = getattr(frame, "geometry", None)
    corners = []
    if shapes is not None and "geometry" in frame:
        if shapes.crs is not None:
            shapes = shapes.to_crs(WGS84)
        if points_only:
            shapes = shapes[shapes.geom_type.isin(("Point", "MultiPoint"))]
        corners = [vertices(shapes.to_numpy())]
        frame = frame.drop(columns="geometry")
    frame = pd.DataFrame(frame)
    if points_only:
        frame = frame.select_dtypes(exclude="number")
    texts = frame.select_dtypes(include=["object", "string"]).columns
    frame[texts] = frame[texts].astype("string")
    content = table_content(pa.Table.from_pandas(frame, preserve_index=False))
    content.numbers += corners
    return content


def _workbook(path: Path, bounds: Bounds, depth: int) -> Iterator[FileContent]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - exports of sheets only

    book = CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python()
        content = text_content("\n".join("\t".join(map(str, row)) for row in rows))
        content.add_rows(rows)
        yield content
    if depth == 0:
        # Comments, properties and texts that no cell uses are in the archive alone.
        yield from _packed(path, bounds, depth)


def _pdf(path: Path, _bounds: Bounds, _depth: int) -> Iterator[FileContent]:
    try:
        from pypdf import PdfReader  # noqa: PLC0415 - comes with the tools of development
    except ImportError:
        raise BadInputError(f"{path.name} is searched with pypdf only. Install it.") from None
    reader = PdfReader(path)
    yield text_content("\n".join(map(str, (reader.metadata or {}).values())))
    for page in reader.pages:
        yield text_content(page.extract_text())
        for note in page.annotations or ():
            yield text_content(str(note.get_object()))


Decoder = Callable[[Path, Bounds, int], Iterator[FileContent]]
_DECODERS: dict[str, Decoder] = {
    ".parquet": _parquet,
    ".arrow": _arrow,
    ".pmtiles": _tiles,
    ".gpkg": _layers,
    ".xlsx": _workbook,
    ".pdf": _pdf,
    ".gz": _packed,
    ".zip": _packed,
    **dict.fromkeys(
        (".csv", ".txt", ".html", ".svg", ".xml", ".log", ".sha256", ".ics", ".json", ".geojson"),
        _text,
    ),
}
