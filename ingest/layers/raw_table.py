"""Reads the raw rows of a source, whatever its format, and checks how many there are."""

from collections.abc import Callable
from pathlib import Path

from ingest.layers.open_file import opened, other_files
from ingest.named_rows import beside
from ingest.passages import Aside, Passage
from ingest.readers.delimited import read_delimited
from ingest.readers.gtfs import read_gtfs
from ingest.readers.hsds import read_hsds
from ingest.readers.kml import read_kml
from ingest.readers.pbf import read_tagged
from ingest.readers.records import read_json
from ingest.readers.umap import read_umap
from ingest.readers.vector import read_records
from ingest.readers.workbook import read_workbook
from ingest.rows import LAT, LON, REACH, RawTable, bounded
from ingest.services import hides
from ingest.source import Source
from ingest.values.normalise import coordinates, decimal
from mapping.errors import SourceError


def read_table(source: Source, path: Path) -> RawTable:
    """Read the raw rows of a source, whatever its format. Raises SourceError on another shape."""
    with opened(source, path) as file:
        # A list may say what it is by its name alone.
        names = (source.id, source.member, source.layer, source.sheet, path.stem, file.stem)
        aside = Aside([Passage(name, "nome del file", kind="name") for name in names if name])
        aside.add(other_files(source, path, file))
        table = beside(_raw_table(source, file), aside)
    lacking = sorted(source.required_columns - {*table.columns, LON, LAT, REACH})
    if lacking:
        raise SourceError(
            f"{path.name} lacks the columns {', '.join(lacking)} of {source.id}. It is a file of"
            " another shape: take the right one, or mend `columns` in the source's TOML."
        )
    return table


def check_counts(source: Source, rows: int) -> None:
    """Refuse a source that has collapsed, or swollen, upstream.

    `rows` speak of the city: a regional file and a city's cut of it are one source. Raises
    SourceError when the count is outside of what is expected.
    """
    low, high = source.expect.min_rows, source.expect.max_rows
    if not low <= rows <= high:
        raise SourceError(
            f"{source.id} has not {low} to {high} rows of the city, as is expected. Look at the"
            " file; if it is right, mend `expect` in the source's TOML.",
            detail=f"It has {rows}.",
        )


def check_degrees(source: Source, table: RawTable) -> None:
    """Refuse a list whose public positions are none of them degrees in Italy."""
    written = 0
    for row in table.rows:
        pair = source.value(row.texts, "lon"), source.value(row.texts, "lat")
        if any(decimal(text) is None for text in pair) or hides(source, row):
            continue
        if coordinates(*pair):
            return
        written += 1
    if written:
        raise SourceError(
            f"{source.id}: none of its {written} positions is in Italy, as degrees are read:"
            " they may be metres. Give longitude and latitude in degrees, or a file that names its"
            " reference system.",
        )


def _raw_table(source: Source, path: Path) -> RawTable:
    name = source.id
    readers: dict[str, Callable[[], RawTable]] = {
        "csv": lambda: read_delimited(path, delimiter=source.delimiter, source_id=name),
        "gtfs": lambda: read_gtfs(path, source_id=name),
        "hsds": lambda: read_hsds(path, source_id=name),
        "json": lambda: read_json(path, records=source.records, source_id=name),
        "kml": lambda: read_kml(path, source_id=name),
        "osm": lambda: read_records(path),
        "pbf": lambda: read_tagged(path, tags=source.tags, source_id=name),
        "umap": lambda: read_umap(path, source_id=name),
        "vector": lambda: read_records(path, layer=source.layer),
        "workbook": lambda: read_workbook(path, source_id=name, sheet=source.sheet),
    }
    if source.reader not in readers:
        raise SourceError(
            f"{name}: the reader '{source.reader}' gives streets, and no {source.yields}. Mend"
            " `reader` in the source's TOML."
        )
    return bounded(readers[source.reader](), name=path.name, source_id=name)
