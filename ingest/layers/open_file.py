"""Opens the file of a source as its reader wants it, out of the zip that it may come in."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from ingest.bounded_parts import aside_of_zip
from ingest.page_archive import page_names
from ingest.passages import Aside
from ingest.source import Source
from ingest.zip_files import unpacked

SUFFIXES = {
    "csv": (".csv", ".tsv", ".txt"),
    "kml": (".kml",),
    "umap": (".umap",),
    "vector": (".shp", ".geojson", ".json", ".gpkg", ".fgb", ".gml"),
}
"""What each reader looks for in a zip; a workbook is a zip itself, which its reader checks."""


def opened(source: Source, path: Path) -> AbstractContextManager[Path]:
    """Give the file of a source to be read, there until the block ends."""
    if page_names(path) or (source.reader not in SUFFIXES and not source.member):
        return nullcontext(path)
    suffixes = SUFFIXES.get(source.reader, ())
    return unpacked(path, source.member, suffixes, many=source.reader == "vector")


def other_files(source: Source, path: Path, file: Path) -> Aside:
    """Read what the other files say of the zip in which the file of a source comes."""
    if source.reader in ("workbook", "gtfs") or page_names(path):
        return Aside()
    pattern = source.member if source.member and "*" not in source.member else file.name
    return aside_of_zip(path, pattern, source.layer if file == path else None)
