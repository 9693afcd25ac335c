"""Reads the stops of a GTFS feed, with the lines that call there."""

import zipfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import pandas as pd

from ingest.readers.delimited import read_delimited
from ingest.rows import RawRow, RawTable
from ingest.zip_files import check_archive, unpacked
from mapping.catalogue.batches import QuarantinedRow
from mapping.errors import SourceError

LINES = "lines"
"""The column with the short names of the lines at a stop, joined by a blank."""
BOARDING = ("", "0", "4")
"""Location types where one boards; stations, entrances and nodes are no stops (GTFS reference)."""
_LINKS = (
    ("stop_times.txt", ("stop_id", "trip_id")),
    ("trips.txt", ("trip_id", "route_id")),
    ("routes.txt", ("route_id",)),
)
_NAMES = ("route_short_name", "route_long_name")
"""Of a line: one of the two is enough (GTFS reference)."""


def read_gtfs(path: Path, *, source_id: str) -> RawTable:
    """Read the columns of stops.txt, and `LINES` where the feed links them to stops.

    A station, an entrance, or a stop without a point is set apart. Raises SourceError when the zip
    is refused, or has no stops.txt with stop_id.
    """
    names = check_archive(path)
    folder = _folder(names)
    if folder is None:
        raise SourceError(f"{path.name} is no GTFS: it has no stops.txt. Give the whole feed.")
    with unpacked(path, f"{folder}stops.txt", (".txt",), many=False) as file:
        stops = read_delimited(file, delimiter=",", source_id=source_id)
    if "stop_id" not in stops.columns:
        raise SourceError(f"{path.name}: stops.txt has no stop_id. Give the whole feed.")
    linked = all(f"{folder}{name}" in names for name, _ in _LINKS)
    lines = _lines(path, folder) if linked else {}
    table = RawTable([*stops.columns, LINES], [], list(stops.unreadable))
    for row in stops.rows:
        texts = {name: text.strip() for name, text in row.texts.items()}
        texts[LINES] = " ".join(sorted(lines.get(texts["stop_id"], ())))
        if texts.get("location_type", "") in BOARDING and texts.get("stop_lat"):
            table.rows.append(RawRow(row.line, texts))
        else:
            table.unreadable.append(_no_stop(source_id, row.line, texts))
    return table


def _folder(names: Iterable[str]) -> str | None:
    """Find the folder of the zip in which the feed lies: the outermost, "" at best."""
    places = [name.removesuffix("stops.txt") for name in names if PurePosixPath(name).name == "stops.txt"]
    return min(places, key=len, default=None)


def _lines(path: Path, folder: str) -> dict[str, set[str]]:
    with zipfile.ZipFile(path) as feed:
        calls, trips, routes = (
            _table(path, feed, f"{folder}{name}", columns).drop_duplicates()
            for name, columns in _LINKS
        )
    routes_at = calls.merge(trips, on="trip_id")[["stop_id", "route_id"]].drop_duplicates()
    named = routes_at.merge(routes, on="route_id")
    lines: dict[str, set[str]] = defaultdict(set)
    for stop_id, *words in named[["stop_id", *filter(named.__contains__, _NAMES)]].to_numpy(str):
        line = next(filter(None, words), "")
        if line:
            lines[stop_id].add(line.replace(" ", "-"))
    return lines


def _table(
    path: Path, feed: zipfile.ZipFile, name: str, columns: tuple[str, ...]
) -> pd.DataFrame:
    """Read some columns; blanks around names and cells, and commas to spare, say nothing."""
    try:
        with feed.open(name) as file:
            frame = pd.read_csv(
                file,
                usecols=lambda column: column.strip() in (*columns, *_NAMES),
                dtype=str,
                keep_default_na=False,
                encoding="utf-8-sig",
                encoding_errors="replace",
                skipinitialspace=True,
                index_col=False,
                on_bad_lines="skip",
            )
    except (ValueError, zipfile.BadZipFile) as error:
        raise SourceError(f"{path.name}, {name}: {error}. Fetch the feed again.") from error
    texts = frame.rename(columns=str.strip).apply(lambda column: column.str.strip())
    lacking = [column for column in columns if column not in texts]
    if lacking:
        raise SourceError(f"{path.name}, {name} has no {lacking[0]}. Fetch the feed again.")
    return texts


def _no_stop(source_id: str, line: int, texts: dict[str, str]) -> QuarantinedRow:
    return QuarantinedRow(
        source_id=source_id,
        line=line,
        field="location_type",
        code="no_stop",
        message="A station, an entrance, or a stop without a point. Nothing to mend if it is one.",
        raw=texts,
    )
