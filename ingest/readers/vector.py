"""Reads GeoJSON, GML, GeoPackage, FlatGeobuf and shapefiles through pyogrio, in pages too."""

import json
import sqlite3
import warnings
import zipfile
from contextlib import closing, suppress
from pathlib import Path
from xml.parsers import expat

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from ingest.dbase import deleted_rows
from ingest.layer_signs import beside_records
from ingest.named_rows import beside
from ingest.page_archive import page_names
from ingest.passages import Passage
from ingest.reference_system import with_known_system
from ingest.rows import LAT, LON, MAX_CELLS, MAX_COLUMNS, REACH, RawRow, RawTable, flat
from ingest.zip_files import check_archive
from mapping.crs import WGS84
from mapping.errors import SourceError
from mapping.territory.extent import reach_metres

_SQLITE = b"SQLite format 3\0"
_MAGIC = (b"{", _SQLITE, b"fgb\x03", bytes.fromhex("0000270a"))
_BLANKS = b"\xef\xbb\xbf\x1e \t\r\n"
_GDALG = b"gdal_streamed_alg"
_XML_POINTERS = (b"<OGR", b"<VRT", b"<GDAL")
"""How XML begins that only points at other files or addresses."""
_HEAD_BYTES = 2**20
_EXACT_BELOW = 2.0**53
"""From here on a float does not tell every whole number."""
_DELETED = "deleted_rows"
"""What a frame says of the rows that its file marks as deleted: they are in no frame."""
_ABOUT = "about"
"""What a file says of the layer of a frame: its name, its title, its description."""


def read_vector(path: Path, *, layer: str | None = None) -> gpd.GeoDataFrame:
    """Read one layer of a vector file; without a name, the file's only one.

    Degrees without an EPSG code are taken for EPSG:4326. Raises SourceError when the file is empty,
    truncated, of another format, lacks the layer, or holds several and none is named; also when
    its reference system is not known, or not that of its coordinates.
    """
    names = page_names(path)
    if not names:
        _check_kind(path)
        layer = layer or _only_layer(path)
        _check_table(path, layer)
        deleted = deleted_rows(path, layer)
        frame = _frame(str(path), path.name, layer, deleted=deleted)
        whole = with_known_system(frame, path)
        whole.attrs |= frame.attrs | {_DELETED: deleted}
        return whole
    check_archive(path)
    frames = [_frame(f"/vsizip/{path}/{name}", name, layer) for name in names]
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        raise SourceError(f"{path.name} has no features in any of its pages. Look at the service.")
    about = dict.fromkeys(text for frame in filled for text in frame.attrs[_ABOUT])
    coded = [with_known_system(frame, path) for frame in filled]
    whole = pd.concat([frame.to_crs(coded[0].crs) for frame in coded], ignore_index=True)
    whole.attrs[_ABOUT] = tuple(about)
    return whole


def _check_table(path: Path, layer: str | None) -> None:
    """Refuse a layer that is a view: a program of the file, which may never end."""
    with path.open("rb") as file:
        if not file.read(len(_SQLITE)).startswith(_SQLITE):
            return
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    views = "SELECT 1 FROM sqlite_master WHERE type = 'view' AND name = ? COLLATE NOCASE"
    # Of a damaged file the library says so.
    with closing(sqlite3.connect(uri, uri=True)) as store, suppress(sqlite3.DatabaseError):
        if store.execute(views, [layer]).fetchone():
            raise SourceError(
                f"{path.name}: the layer is a view, a program that is run as it is read. Save it as"
                " a table of its own.",
                detail=f"It is {layer!r}.",
            )


def deleted_of(frame: gpd.GeoDataFrame) -> int:
    """Say how many rows the file of a frame, of `read_vector`, marks as deleted."""
    return int(frame.attrs.get(_DELETED, 0))


def read_records(path: Path, *, layer: str | None = None) -> RawTable:
    """Read a layer as records of text, with a point inside each geometry as `LON` and `LAT`.

    What the file says of the layer, or beside it, is a sign where it speaks of a confidential
    place.
    """
    whole = read_vector(path, layer=layer)
    frame = whole.to_crs(WGS84)
    points = frame.geometry.representative_point()
    texts = frame.drop(columns=frame.geometry.name).apply(_written)
    texts = texts.assign(**_exact(path, frame))
    records: list[dict[str, str]] = texts.to_dict("records")
    if len(texts.select_dtypes("object").columns):
        # Lists and objects inside: dotted names, as in JSON records.
        records = [flat(record) for record in records]
    columns = dict.fromkeys(name for record in records for name in record) or list(texts.columns)
    blank = dict.fromkeys(columns, "")
    positions = {LON: _text(points.x), LAT: _text(points.y)}
    reach = reach_metres(frame.geometry.to_numpy(), points.x, points.y).round()
    if reach.any():
        positions[REACH] = _text(pd.Series(reach, index=texts.index))
    places: list[dict[str, str]] = pd.DataFrame(positions).to_dict("records")  # type: ignore[assignment] # names are text
    rows = [
        RawRow(line, {**blank, **record, **spot})
        for line, (record, spot) in enumerate(zip(records, places, strict=True), start=1)
    ]
    table = RawTable(list(columns), rows, deleted=deleted_of(whole))
    about = whole.attrs[_ABOUT]
    aside = beside_records(path, about[0] if about else "", table)
    aside.passages += [Passage(text, "descrizione del livello") for text in about]
    return beside(table, aside)


def _frame(file: str, name: str, layer: str | None, *, deleted: int = 0) -> gpd.GeoDataFrame:
    # GDAL would ask the schema of a GML of its server, and leave a file beside it.
    quiet = {"DOWNLOAD_SCHEMA": "NO", "WRITE_GFS": "NO"} if name.lower().endswith(".gml") else {}
    try:
        info = pyogrio.read_info(file, layer=layer, **quiet)
        # A shapefile promises the rows that were deleted in it too.
        promised = info["features"] - deleted
        _check_size(name, promised, len(info["fields"]))
        with warnings.catch_warnings():
            # A ring that somebody did not close is closed; what cannot be mended has no geometry.
            warnings.filterwarnings("ignore", "Non closed ring|.*Invalid coord", RuntimeWarning)
            # Of a column with numbers and texts every cell is a text.
            warnings.filterwarnings("ignore", "Could not parse column", UserWarning)
            frame = pyogrio.read_dataframe(file, layer=layer, on_invalid="fix", **quiet)
    except IndexError:
        # A GML without features has no layer.
        empty = gpd.GeoDataFrame(geometry=[], crs=WGS84)
        empty.attrs[_ABOUT] = ()
        return empty
    except SourceError:
        raise
    except (DataLayerError, DataSourceError, ValueError, RuntimeError) as error:
        raise SourceError(
            f"{name} cannot be read. Fetch the file again, or mend `layer` in the source's TOML.",
            detail=f"It was said: {_first_line(error)}.",
        ) from error
    if len(frame) < promised:
        # A FlatGeobuf cut between two features is read without a murmur.
        raise SourceError(
            f"{name} is truncated: it promises {promised} features and holds {len(frame)}."
            " Fetch the file again."
        )
    if not isinstance(frame, gpd.GeoDataFrame):
        raise SourceError(f"{name} has no geometry. Give a layer of points, lines or areas.")
    about = (info["layer_metadata"], info["dataset_metadata"])
    words = [str(text) for metadata in about for text in (metadata or {}).values()]
    frame.attrs[_ABOUT] = (str(info["layer_name"]), *words)
    return frame


def _only_layer(path: Path) -> str | None:
    """Name the only layer of a file that may hold several, such as a table of styles beside it."""
    # Only these formats hold several, and to list those of a GeoJSON is to read it.
    with path.open("rb") as file:
        holds_several = file.read(len(_SQLITE)) == _SQLITE or zipfile.is_zipfile(path)
    if not holds_several:
        return None
    try:
        names = [str(name) for name, kind in pyogrio.list_layers(path) if kind]
    except (DataSourceError, ValueError, RuntimeError):
        return None  # reading it will say what is wrong
    if len(names) > 1:
        raise SourceError(
            f"{path.name} holds {len(names)} layers. Say which in `layer` of the source's TOML.",
            detail=f"It holds {', '.join(ascii(name) for name in names[:10])}.",
        )
    return names[0] if names else None


def _check_kind(path: Path) -> None:
    # GDAL also follows files that only point elsewhere (VRT, GDALG, WFS), to any path or address.
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            is_vector = any(name.lower().endswith(".shp") for name in archive.namelist())
    else:
        is_known = head.lstrip(_BLANKS).startswith(_MAGIC) and _GDALG not in head
        is_vector = is_known or _is_gml(head)
    if not is_vector:
        raise SourceError(
            f"{path.name} cannot be read: it is no GeoJSON, GML, GeoPackage, FlatGeobuf or"
            " shapefile. Give one of these."
        )


def _is_gml(head: bytes) -> bool:
    """Whether XML begins with a collection of features, declares no type, and points nowhere."""
    if any(pointer in head for pointer in (*_XML_POINTERS, b"<!DOCTYPE")):
        return False
    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _: names.append(name)
    try:
        parser.Parse(head.lstrip(_BLANKS), False)  # noqa: FBT003 - expat's own signature
    except expat.ExpatError:
        return False
    return bool(names) and names[0].rpartition(" ")[2] == "FeatureCollection" and b"/gml" in head


def _check_size(name: str, features: int, fields: int) -> None:
    if fields > MAX_COLUMNS or features * fields > MAX_CELLS:
        raise SourceError(
            f"{name} has {features} features of {fields} columns, more than {MAX_COLUMNS}"
            f" columns or {MAX_CELLS} cells. Give a part of it."
        )


def _written(values: pd.Series) -> pd.Series:
    """Write a column as texts: a whole number beside a missing one is still ``61``.

    One with lists or objects keeps them.
    """
    if any(isinstance(value, (list, dict, np.ndarray)) for value in values):
        cells = [value.tolist() if isinstance(value, np.ndarray) else value for value in values]
        known = [None if isinstance(cell, float) and np.isnan(cell) else cell for cell in cells]
        return pd.Series(known, values.index, dtype=object)
    if values.dtype.kind != "f":
        return values.astype("string").fillna("")
    texts = [
        "" if np.isnan(value) else np.format_float_positional(value, trim="-")
        for value in values.to_numpy(float)
    ]
    return pd.Series(texts, values.index, dtype="string")


def _exact(path: Path, frame: gpd.GeoDataFrame) -> dict[str, pd.Series]:
    """Write the whole numbers of a GeoJSON that are too long for a float as they stand there."""
    numbers = frame.select_dtypes("float")
    long = [name for name in numbers if (numbers[name].abs() >= _EXACT_BELOW).any()]
    if not long or path.suffix.lower() not in (".geojson", ".json"):
        return {}
    features = json.loads(path.read_text("utf-8-sig"))["features"]
    columns = {name: [feature["properties"].get(name) for feature in features] for name in long}
    return {
        name: pd.Series(["" if value is None else str(value) for value in values], dtype="string")
        for name, values in columns.items()
        if len(values) == len(frame)
    }


def _text(values: pd.Series) -> list[str]:
    return ["" if np.isnan(value) else f"{value:.7f}" for value in values.to_numpy(float)]


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
