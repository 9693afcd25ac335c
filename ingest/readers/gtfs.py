"""Reads the stops of a GTFS feed, with the lines that call there."""

import csv
import io
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import pandas as pd

from ingest.rows import RawRow, RawTable, distinct
from ingest.zip_files import check_archive
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
    with zipfile.ZipFile(path) as feed:
        text = _text(feed.read(f"{folder}stops.txt"))
    header, rows = _stops(path, csv.reader(io.StringIO(text, newline="")))
    if "stop_id" not in header:
        raise SourceError(f"{path.name}: stops.txt has no stop_id. Give the whole feed.")
    linked = all(f"{folder}{name}" in names for name, _ in _LINKS)
    lines = _lines(path, folder) if linked else {}
    table = RawTable([*header, LINES], [])
    for line, cells in rows:
        texts = dict(zip(header, cells, strict=False))
        texts[LINES] = " ".join(sorted(lines.get(texts["stop_id"], ())))
        # Commas to spare at the end of a line hold nothing.
        if len(cells) < len(header) or any(cells[len(header) :]):
            table.unreadable.append(_set_apart(source_id, line, "ragged_row", texts))
        elif texts.get("location_type", "") in BOARDING and texts.get("stop_lat"):
            table.rows.append(RawRow(line, texts))
        else:
            table.unreadable.append(_set_apart(source_id, line, "no_stop", texts))
    return table


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _stops(
    path: Path, records: Iterator[list[str]]
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Read the names of the columns, and the cells of each line with its number."""
    try:
        numbered = [
            (line, [cell.strip() for cell in cells])
            for line, cells in enumerate(records, start=1)
            if any(cells)
        ]
    except csv.Error as error:
        raise SourceError(f"{path.name}, stops.txt: {error}. Fetch the feed again.") from error
    if not numbered:
        return [], []
    (_, header), *rows = numbered
    return distinct(header), rows


def _folder(names: Iterable[str]) -> str | None:
    """Find the folder of the zip in which the feed lies: the outermost, "" at best."""
    places = [
        name.removesuffix("stops.txt") for name in names if PurePosixPath(name).name == "stops.txt"
    ]
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


def _table(path: Path, feed: zipfile.ZipFile, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
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
    texts: pd.DataFrame = frame.rename(columns=str.strip).apply(lambda column: column.str.strip())
    lacking = [column for column in columns if column not in texts]
    if lacking:
        raise SourceError(f"{path.name}, {name} has no {lacking[0]}. Fetch the feed again.")
    return texts


_MESSAGES = {
    "no_stop": (
        "location_type",
        "A station, an entrance, or a stop without a point. Nothing to mend if it is one.",
    ),
    "ragged_row": ("", "The line has other cells than the header. Mend its commas."),
}


def _set_apart(source_id: str, line: int, code: str, texts: dict[str, str]) -> QuarantinedRow:
    field, message = _MESSAGES[code]
    return QuarantinedRow(
        source_id=source_id, line=line, field=field, code=code, message=message, raw=texts
    )
