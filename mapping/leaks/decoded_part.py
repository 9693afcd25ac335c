"""What a published file holds once decoded: texts, and numbers that may be coordinates."""

import gzip
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely

from mapping.arrays import Floats
from mapping.crs import WGS84
from mapping.edition.tiles import Tiles
from mapping.errors import BadInputError

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_NOWHERE = np.empty((0, 2))


@dataclass
class FileContent:
    """Texts of a part of a file, and numbers of which two in a row may be a point."""

    texts: list[str] = field(default_factory=list)
    numbers: list[Floats] = field(default_factory=list)
    """Arrays (n, k) of rows with k numbers each, in any reference system and any order."""


def contents(path: Path) -> Iterator[FileContent]:
    """Decode a file part by part. Raises BadInputError for a format that nothing here reads."""
    if path.suffix not in _DECODERS:
        known = ", ".join(sorted(_DECODERS))
        raise BadInputError(f"{path.name} cannot be searched. Use one of: {known}.")
    yield from _DECODERS[path.suffix](path)


def text_content(text: str) -> FileContent:
    """Take a text, and any two numbers that follow one another in it."""
    numbers = np.array(_NUMBER.findall(text), float)
    pairs = np.column_stack([numbers[:-1], numbers[1:]]) if len(numbers) > 1 else _NOWHERE
    return FileContent([text], [pairs])


def _text(path: Path) -> Iterator[FileContent]:
    yield text_content(path.read_text(encoding="utf-8", errors="replace"))


def _json(path: Path) -> Iterator[FileContent]:
    # Written anew, so that no escape hides a letter.
    document = json.loads(path.read_text(encoding="utf-8"))
    yield text_content(json.dumps(document, ensure_ascii=False))


def _gzip(path: Path) -> Iterator[FileContent]:
    yield text_content(gzip.decompress(path.read_bytes()).decode("utf-8", errors="replace"))


def _parquet(path: Path) -> Iterator[FileContent]:
    with pq.ParquetFile(path) as file:
        yield FileContent([json.dumps(_metadata(file.schema_arrow), ensure_ascii=False)])
        for number in range(file.num_row_groups):
            yield _table(file.read_row_group(number))


def _arrow(path: Path) -> Iterator[FileContent]:
    table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    yield FileContent([json.dumps(_metadata(table.schema), ensure_ascii=False)])
    yield _table(table)


def _metadata(schema: pa.Schema) -> Mapping[str, str]:
    return {
        key.decode(errors="replace"): value.decode(errors="replace")
        for key, value in (schema.metadata or {}).items()
    }


def _table(table: pa.Table) -> FileContent:
    """Read texts, outlines in WKB, and every pair of columns of numbers of one length."""
    content = FileContent()
    numbers: dict[int, list[Floats]] = {}
    for name in table.column_names:
        for values in _flat(table[name].combine_chunks()):
            kind = values.type
            if pa.types.is_floating(kind) or pa.types.is_integer(kind):
                column = values.to_numpy(zero_copy_only=False).astype(float)
                numbers.setdefault(len(column), []).append(column)
            elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
                content.numbers.append(
                    _vertices(shapely.from_wkb(values.to_numpy(zero_copy_only=False)))
                )
            elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
                content.texts += [text for text in values.unique().to_pylist() if text]
    content.numbers += [np.column_stack(columns) for columns in numbers.values()]
    return content


def _flat(values: pa.Array | pa.ChunkedArray) -> Iterator[pa.Array]:
    """Take lists, records and dictionaries apart; of pairs in a list, each part by itself."""
    kind = values.type
    if isinstance(values, pa.ChunkedArray):
        parts = values.chunks
    elif pa.types.is_dictionary(kind):
        parts = [values.dictionary_decode()]
    elif pa.types.is_fixed_size_list(kind):
        flat = values.flatten()
        parts = [flat[start :: kind.list_size] for start in range(kind.list_size)]
    elif pa.types.is_struct(kind):
        parts = values.flatten()
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        parts = [values.flatten()]
    else:
        yield values
        return
    for part in parts:
        yield from _flat(part)


def _vertices(shapes: Iterable[object]) -> Floats:
    vertices: Floats = shapely.get_coordinates(np.array(list(shapes), dtype=object))
    return vertices


def _layers(path: Path) -> Iterator[FileContent]:
    for layer, _ in pyogrio.list_layers(path):
        yield _frame(pyogrio.read_dataframe(path, layer=layer, fid_as_index=False))


def _tiles(path: Path) -> Iterator[FileContent]:
    """Read every zoom of an archive; points of what is drawn: lines are cut at tiles' edges."""
    first, last = Tiles(path).zooms
    for zoom in range(first, last + 1):
        for layer, _ in pyogrio.list_layers(path):
            frame = pyogrio.read_dataframe(path, layer=layer, ZOOM_LEVEL=str(zoom))
            yield _frame(frame, points_only=True)


def _frame(frame: pd.DataFrame, *, points_only: bool = False) -> FileContent:
    content = FileContent()
    shapes = getattr(frame, "geometry", None)
    if shapes is not None and "geometry" in frame:
        if shapes.crs is not None:
            shapes = shapes.to_crs(WGS84)
        if points_only:
            shapes = shapes[shapes.geom_type.isin(("Point", "MultiPoint"))]
        content.numbers.append(_vertices(shapes.to_numpy()))
        frame = frame.drop(columns="geometry")
    for name in frame.select_dtypes(include=["object", "string"]):
        content.texts += [str(text) for text in frame[name].dropna().unique()]
    if not points_only:
        content.numbers.append(frame.select_dtypes("number").to_numpy(float))
    return content


def _workbook(path: Path) -> Iterator[FileContent]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - exports of sheets only

    book = CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python()
        yield text_content("\n".join("\t".join(map(str, row)) for row in rows))


def _pdf(path: Path) -> Iterator[FileContent]:
    try:
        from pypdf import PdfReader  # noqa: PLC0415 - comes with the tools of development
    except ImportError:
        raise BadInputError(f"{path.name} is searched with pypdf only. Install it.") from None
    for page in PdfReader(path).pages:
        yield text_content(page.extract_text())


def _zip(path: Path) -> Iterator[FileContent]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            yield text_content(archive.read(name).decode("utf-8", errors="replace"))


_DECODERS: dict[str, Callable[[Path], Iterator[FileContent]]] = {
    ".parquet": _parquet,
    ".arrow": _arrow,
    ".pmtiles": _tiles,
    ".gpkg": _layers,
    ".xlsx": _workbook,
    ".pdf": _pdf,
    ".gz": _gzip,
    ".zip": _zip,
    ".json": _json,
    ".geojson": _json,
    **dict.fromkeys((".csv", ".txt", ".html", ".svg", ".xml", ".log", ".sha256", ".ics"), _text),
}
