"""Geocodes a whole table: what `prossima geocode` does."""

import csv
import io
import sys
from collections import Counter
from pathlib import Path

from api.settings import Settings
from mapping.city import city
from mapping.edition.edition import Edition, current
from mapping.errors import BadInputError, UnknownAddressError
from mapping.lookup.origin import CityPlaces
from mapping.text import without_formula

ADDED = ("lon", "lat", "precision", "error_metres", "confidence", "found", "kind", "candidates")


def geocode_table(settings: Settings, file: str, column: str) -> tuple[str, str]:
    """Add a place to every row of a table of text; no address is written anywhere else.

    The file has a header and is comma or semicolon separated, in UTF-8; ``-`` reads standard input.
    Gives the table with the columns of `ADDED`, empty where nothing is found, and how many rows
    came out how. Raises BadInputError when it cannot be read, lacks the column, or has one of ours.
    """
    header, rows, delimiter = _read(_text(file))
    if column not in header:
        raise BadInputError(
            f"The table has no column '{column}'. Give one of: {', '.join(header)} (--column NAME)."
        )
    taken = [name for name in ADDED if name in header]
    if taken:
        raise BadInputError(
            f"The table has columns named {', '.join(taken)} already. Rename them: they are added."
        )
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
    return _written(table, delimiter), f"{len(rows)} rows: {outcomes or 'none'}"


def _text(file: str) -> str:
    if file == "-":
        return sys.stdin.read()
    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problem = "is not in UTF-8" if isinstance(error, UnicodeDecodeError) else "cannot be read"
        raise BadInputError(
            f"'{file}' {problem}. Give a table of text in UTF-8, or '-'."
        ) from error


def _read(text: str) -> tuple[list[str], list[list[str]], str]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        header, *rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    except (ValueError, csv.Error) as error:
        raise BadInputError("The table is empty or broken. Give a header, then rows.") from error
    for line, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise BadInputError(
                f"Row {line} has {len(row)} cells, the header {len(header)}. Mend its delimiters."
            )
    return [name.strip() for name in header], rows, delimiter


def _added_cells(places: CityPlaces, address: str) -> list[str]:
    blank = [""] * len(ADDED)
    if not address.strip():
        return blank
    try:
        place = places.find(address)
    except UnknownAddressError as error:
        return [*blank[:-1], " | ".join(error.candidates)]
    numbers = (f"{place.lon:.6f}", f"{place.lat:.6f}", place.precision, f"{place.error_metres:.0f}")
    return [*numbers, f"{place.confidence:.2f}", place.label, place.kind, ""]


def _written(table: list[list[str]], delimiter: str) -> str:
    sink = io.StringIO()
    writer = csv.writer(sink, delimiter=delimiter, lineterminator="\n")
    writer.writerows([without_formula(cell) for cell in row] for row in table)
    return sink.getvalue()
