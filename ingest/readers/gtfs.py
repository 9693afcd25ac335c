"""Reads the stops of a GTFS feed, with the lines that call there."""

import zipfile
from collections import defaultdict
from pathlib import Path

import pandas as pd

from ingest.rows import RawRow, RawTable
from ingest.zip_files import check_archive
from mapping.catalogue.batches import QuarantinedRow
from mapping.errors import SourceError

LINES = "lines"
"""The column with the short names of the lines at a stop, joined by a blank."""
BOARDING = ("", "0", "4")
"""Location types where one boards; stations, entrances and nodes are no stops (GTFS reference)."""
_LINKS = (
    ("stop_times.txt", "stop_id", "trip_id"),
    ("trips.txt", "trip_id", "route_id"),
    ("routes.txt", "route_id", "route_short_name"),
)


def read_gtfs(path: Path, *, source_id: str) -> RawTable:
    """Read the columns of stops.txt, and `LINES` where the feed links them to stops.

    A station, an entrance, or a stop without a point is set apart. Raises SourceError when the zip
    is refused, or has no stops.txt with stop_id.
    """
    names = check_archive(path)
    if "stops.txt" not in names:
        raise SourceError(f"{path.name} is no GTFS: it has no stops.txt. Give the whole feed.")
    with zipfile.ZipFile(path) as feed:
        stops = _table(path, feed, "stops.txt", None)
        if "stop_id" not in stops:
            raise SourceError(f"{path.name}: stops.txt has no stop_id. Give the whole feed.")
        linked = all(name in names for name, _, _ in _LINKS)
        lines = _lines(path, feed) if linked else {}
    table = RawTable([*stops.columns, LINES], [])
    for line, cells in enumerate(stops.to_numpy(str), start=2):
        texts = dict(zip(stops.columns, map(str, cells), strict=True))
        texts[LINES] = " ".join(sorted(lines.get(texts["stop_id"], ())))
        if texts.get("location_type", "") in BOARDING and texts.get("stop_lat"):
            table.rows.append(RawRow(line, texts))
        else:
            table.unreadable.append(_no_stop(source_id, line, texts))
    return table


def _lines(path: Path, feed: zipfile.ZipFile) -> dict[str, set[str]]:
    calls, trips, routes = (
        _table(path, feed, name, [key, value]).drop_duplicates() for name, key, value in _LINKS
    )
    routes_at = calls.merge(trips, on="trip_id")[["stop_id", "route_id"]].drop_duplicates()
    named = routes_at.merge(routes, on="route_id")
    lines: dict[str, set[str]] = defaultdict(set)
    for stop_id, line in zip(named["stop_id"], named["route_short_name"], strict=True):
        lines[stop_id].add(line.replace(" ", "-"))
    return lines


def _table(path: Path, feed: zipfile.ZipFile, name: str, columns: list[str] | None) -> pd.DataFrame:
    try:
        with feed.open(name) as file:
            return pd.read_csv(
                file, usecols=columns, dtype=str, keep_default_na=False, encoding="utf-8-sig"
            )
    except (ValueError, UnicodeDecodeError, zipfile.BadZipFile) as error:
        raise SourceError(f"{path.name}, {name}: {error}. Fetch the feed again.") from error


def _no_stop(source_id: str, line: int, texts: dict[str, str]) -> QuarantinedRow:
    return QuarantinedRow(
        source_id=source_id,
        line=line,
        field="location_type",
        code="no_stop",
        message="A station, an entrance, or a stop without a point. Nothing to mend if it is one.",
        raw=texts,
    )
