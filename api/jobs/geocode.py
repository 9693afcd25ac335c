"""Geocodes a whole table: what `prossima geocode` does."""

import csv
import io
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from api.settings import Settings
from ingest.readers.delimited import read_any
from ingest.rows import RawTable
from mapping.city import city
from mapping.edition.edition import Edition, current
from mapping.errors import BadInputError, SourceError, UnknownAddressError
from mapping.lookup.origin import CityPlaces
from mapping.text import without_formula

ADDED = (
    "lon", "lat", "precision", "error_metres", "confidence", "found", "kind", "doubts", "reason",
    "candidates",
)  # fmt: skip


def geocode_table(settings: Settings, file: str, column: str) -> tuple[str, str]:
    """Add a place to every row of a table of text; no address is written anywhere else.

    The file is read as a sheet that is imported is, whatever its delimiter and letters; ``-`` reads
    standard input. Gives the table with the columns of `ADDED`, empty where nothing is found, and
    how many rows came out how, with the lines that could not be read. Raises BadInputError when it
    cannot be read, lacks the column, or has one of ours.
    """
    read, delimiter = _read(file, column)
    header, rows = read.columns, [[*row.texts.values()] for row in read.rows]
    if column not in header:
        raise BadInputError(
            f"The table has no column '{column}'. Give one of: {', '.join(header)} (--column NAME)."
        )
    taken = [name for name in ADDED if name in header]
    if taken:
        raise BadInputError(
            f"The table has columns named {', '.join(taken)} already. Rename them: they are added."
        )
    if read.unreadable and not rows:
        first = read.unreadable[0]
        raise BadInputError(f"No row can be read. Line {first.line}: {first.message}")
    edition = Edition.open(current(settings.editions))
    places = CityPlaces(edition, city(edition.manifest.city).epsg)
    if places.gazetteer is None:
        raise BadInputError(
            "The published edition holds no addresses. Build one with --mirror DIR."
        )
    place = header.index(column)
    added = [_added_cells(places, row[place]) for row in rows]
    tally = Counter(cells[2] or ("candidates" if cells[-1] else "not found") for cells in added)
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in tally.most_common())
    table = [[*header, *ADDED], *([*row, *cells] for row, cells in zip(rows, added, strict=True))]
    lost = "".join(f". Line {row.line} is left out: {row.message}" for row in read.unreadable)
    return _written(table, delimiter), f"{len(rows)} rows: {outcomes or 'none'}{lost}"


def _read(file: str, column: str) -> tuple[RawTable, str]:
    try:
        if file != "-":
            return read_any(Path(file), source_id="geocode", column=column)
        with tempfile.NamedTemporaryFile(suffix=".csv") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
            copy.flush()
            return read_any(Path(copy.name), source_id="geocode", column=column)
    except OSError as error:
        raise BadInputError(f"'{file}' cannot be read. Give a table of text, or '-'.") from error
    except SourceError as error:
        raise BadInputError(
            f"'{file}' is empty or broken: give a header, then rows. {error.public}"
        ) from error


def _added_cells(places: CityPlaces, address: str) -> list[str]:
    blank = [""] * len(ADDED)
    if not address.strip():
        return blank
    try:
        place = places.find(address)
    except UnknownAddressError as error:
        return [*blank[:-2], error.reason or "", " | ".join(error.candidates)]
    numbers = (f"{place.lon:.6f}", f"{place.lat:.6f}", place.precision, f"{place.error_metres:.0f}")
    return [
        *numbers,
        f"{place.confidence:.2f}",
        place.label,
        place.kind,
        " ".join(place.doubts),
        "",
        "",
    ]


def _written(table: list[list[str]], delimiter: str) -> str:
    sink = io.StringIO()
    writer = csv.writer(sink, delimiter=delimiter, lineterminator="\n")
    writer.writerows([without_formula(cell) for cell in row] for row in table)
    return sink.getvalue()
