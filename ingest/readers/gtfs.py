"""Reads the stops of a GTFS feed, with the lines that call there."""

import codecs
import io
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from ingest.rows import BLANK, RAW_CHARACTERS, RawRow, RawTable, distinct, quoted
from ingest.zip_files import check_archive
from mapping.catalogue.batches import QuarantinedRow
from mapping.errors import SourceError

LINES = "lines"
"""The column with the short names of the lines at a stop, joined by a blank."""
BOARDING = ("", "0", "4")
"""Location types where one boards; stations, entrances and nodes are no stops (GTFS reference)."""
_LINKS = ("routes.txt", "trips.txt", "stop_times.txt")
_NAMES = ("route_short_name", "route_long_name")
"""Of a line: one of the two is enough (GTFS reference)."""
_WINDOWS = "windows-1252"
codecs.register_error(
    _WINDOWS, lambda error: (_bytes_of(error).decode("cp1252", "replace"), _end_of(error))
)


def read_gtfs(path: Path, *, source_id: str) -> RawTable:
    """Read the columns of stops.txt, and `LINES` where the feed links them to stops.

    A station, an entrance, or a stop without a point is set apart, and so is each line of the feed
    that cannot be read, with its file and number. Raises SourceError when the zip is refused, or
    has no stops.txt with stop_id.
    """
    names = check_archive(path)
    folder = _folder(names)
    if folder is None:
        raise SourceError(f"{path.name} is no GTFS: it has no stops.txt. Give the whole feed.")
    with zipfile.ZipFile(path) as archive:
        feed = _Feed(archive, folder, path.name, source_id)
        header, stops = feed.table("stops.txt")
        if "stop_id" not in header:
            raise SourceError(f"{path.name}: stops.txt has no stop_id. Give the whole feed.")
        linked = all(f"{folder}{name}" in names for name in _LINKS)
        lines = _lines(feed) if linked else {}
        rows: list[RawRow] = []
        for line, cells in stops:
            texts = dict(zip(header, cells, strict=True))
            texts[LINES] = " ".join(sorted(lines.get(texts["stop_id"], ())))
            if texts.get("location_type", "") in BOARDING and texts.get("stop_lat"):
                rows.append(RawRow(line, texts))
            else:
                feed.set_apart(line, "location_type", "no_stop", _NO_STOP, texts)
    return RawTable([*header, LINES], rows, feed.unreadable)


class _Feed:
    """The tables of one feed; a value never goes over a line's end (GTFS reference)."""

    def __init__(
        self, archive: zipfile.ZipFile, folder: str, file_name: str, source_id: str
    ) -> None:
        self.unreadable: list[QuarantinedRow] = []
        self._archive, self._folder = archive, folder
        self._file_name, self._source_id = file_name, source_id

    def table(self, name: str) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
        """Give the columns of a table, none where it is empty, and its lines with their number."""
        lines = self._lines(name)
        _, header = next(lines, (0, []))
        return distinct(header), lines

    def columns(self, name: str, *wanted: str) -> Iterator[list[str]]:
        """Give some columns of a table, line by line. Raises SourceError when it lacks one."""
        header, lines = self.table(name)
        lacking = [column for column in wanted if column not in header]
        if header and lacking:
            raise SourceError(
                f"{self._file_name}, {name} has no {lacking[0]}. Fetch the feed again."
            )
        places = [header.index(column) for column in (*wanted, *_NAMES) if column in header]
        return ([cells[place] for place in places] for _, cells in lines)

    def set_apart(
        self, line: int, field: str, code: str, message: str, raw: dict[str, str]
    ) -> None:
        """Keep a line that cannot be used, with what is wrong."""
        row = QuarantinedRow(
            source_id=self._source_id, line=line, field=field, code=code, message=message, raw=raw
        )
        self.unreadable.append(row)

    def _lines(self, name: str) -> Iterator[tuple[int, list[str]]]:
        width = 0
        try:
            with self._archive.open(f"{self._folder}{name}") as file:
                is_wide = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            with self._archive.open(f"{self._folder}{name}") as file:
                for number, text in enumerate(_decoded(file, is_wide=is_wide), start=1):
                    if not text.strip(f"{BLANK},"):
                        continue
                    cells = [cell.strip(BLANK) for cell in _cells(text)]
                    width = width or len(cells)
                    # Commas to spare at the end of a line hold nothing.
                    if cells and len(cells) >= width and not any(cells[width:]):
                        yield number, cells[:width]
                        continue
                    code = "ragged_row" if cells else "unreadable_row"
                    wrong = _RAGGED if cells else _OPEN_QUOTE
                    message = f"{name}, line {number}: {wrong}"
                    self.set_apart(number, name, code, message, {name: text[:RAW_CHARACTERS]})
        except zipfile.BadZipFile as error:
            raise SourceError(
                f"{self._file_name}, {name}: {error}. Fetch the feed again."
            ) from error


_NO_STOP = "A station, an entrance, or a stop without a point. Nothing to mend if it is one."
_RAGGED = "it has other cells than the header. Mend its commas."
_OPEN_QUOTE = "a quote is not closed. Mend it."


def _folder(names: Iterable[str]) -> str | None:
    """Find the folder of the zip in which the feed lies: the outermost, "" at best."""
    places = [
        name.removesuffix("stops.txt") for name in names if PurePosixPath(name).name == "stops.txt"
    ]
    return min(places, key=len, default=None)


def _lines(feed: _Feed) -> dict[str, set[str]]:
    """List the names of the lines at each stop: timetables are long, and are read but once."""
    named = {
        route: next(filter(None, names), "").replace(" ", "-")
        for route, *names in feed.columns("routes.txt", "route_id")
    }
    line_of = {
        trip: named.get(route, "")
        for trip, route in feed.columns("trips.txt", "trip_id", "route_id")
    }
    lines: dict[str, set[str]] = defaultdict(set)
    for stop_id, trip in feed.columns("stop_times.txt", "stop_id", "trip_id"):
        if line := line_of.get(trip):
            lines[stop_id].add(line)
    return lines


def _cells(text: str) -> list[str]:
    """Take a line apart; nothing of one with an open quote."""
    if '"' not in text:
        return text.rstrip("\r\n").split(",")
    return quoted([text], ",") or []


def _decoded(file: IO[bytes], *, is_wide: bool) -> Iterator[str]:
    """Read the lines of a text in UTF-8, in the letters of Windows, or in UTF-16 with its mark."""
    encoding, errors = ("utf-16", "replace") if is_wide else ("utf-8-sig", _WINDOWS)
    yield from io.TextIOWrapper(file, encoding=encoding, errors=errors)


def _bytes_of(error: UnicodeError) -> bytes:
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101 - it is registered for decoding
    return error.object[error.start : error.end]


def _end_of(error: UnicodeError) -> int:
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101
    return error.end
