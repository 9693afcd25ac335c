"""Reads what a registry office counts of each part of a city, year by year."""

from collections.abc import Collection, Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ingest.layers.layer import Layer
from ingest.layers.raw_table import read_table
from ingest.layers.reference import read_rows
from ingest.rows import RawRow
from ingest.source import Source
from ingest.values import normalise
from ingest.values.counts import count
from mapping.city import City
from mapping.errors import SourceError
from mapping.territory.cohorts import Register

COUNTED = ("residents", "minors", "births")
MOST_BIRTHS_SHARE, FEW_BIRTHS = 0.1, 5
"""No part of a city has more births a year than a tenth of its residents, and five."""
MOST_PEOPLE = 100_000_000
FIRST_YEAR, LAST_YEAR = 1861, 2200


def read_registry(source: Source, path: Path, city: City, parts: Collection[str] = ()) -> Layer:
    """Read residents, minors (0-17 years) and births of parts of the city at the end of each year.

    Raises SourceError for the first count that cannot be, a part that stands twice in a year, and
    a year or one of the city's `parts` that is missing: cohorts need every one.
    """
    layer = read_rows(source, read_table(source, path), city, _counts)
    frame = layer.frame
    if frame.empty:
        raise SourceError(f"{source.id}: no row is of {city.name}. Give the file of this city.")
    for row, line in zip(frame.to_dict("records"), frame.pop("line"), strict=True):
        _refuse_wrong(row, f"{source.id}, row {line}")
    _refuse_gaps(source, frame)
    if lacking := [part for part in parts if part not in set(frame["part"])]:
        raise SourceError(
            f"{source.id}: {lacking[0]}, a part of {city.name}, is missing in every year. Add its"
            " rows, a 0 where nobody lives."
        )
    return layer


def register_of(frame: pd.DataFrame) -> Register:
    """Lay the counts of `read_registry` out by part and year."""
    births, minors, residents = (
        frame.pivot_table(index="part", columns="year", values=name)
        for name in ("births", "minors", "residents")
    )
    return Register(
        births.index.to_numpy(object),
        births.columns.to_numpy(np.int64),
        *(counts.to_numpy(float) for counts in (births, minors, residents)),
    )


def _counts(source: Source, row: RawRow, _city: City) -> dict[str, object]:
    return {
        "year": normalise.decimal(source.value(row.texts, "year")),
        "part": normalise.code(source.value(row.texts, "area_id")),
        **{name: count(source.value(row.texts, name)) for name in COUNTED},
        "line": row.line,
    }


def _refuse_wrong(row: Mapping[Hashable, Any], said_by: str) -> None:
    year, part = row["year"], row["part"]
    if not (isinstance(year, float) and year.is_integer() and FIRST_YEAR <= year <= LAST_YEAR):
        raise SourceError(f"{said_by}: no year. Give that at whose end the people were counted.")
    if pd.isna(part):
        raise SourceError(f"{said_by}: no part of the city. Give its area_id.")
    where = f"of {part} in {year:.0f}"
    counts = {name: row[name] for name in COUNTED}
    for name, value in counts.items():
        if not (isinstance(value, float) and value.is_integer() and 0 <= value <= MOST_PEOPLE):
            value_text = "no number" if pd.isna(value) else f"{value:.6g}"
            raise SourceError(
                f"{said_by}: the {name} {where} are {value_text}. Give a whole number, 0 or more."
            )
    residents, minors, births = (float(str(value)) for value in counts.values())
    if minors > residents:
        raise SourceError(
            f"{said_by}: {minors:.0f} minors {where} are more than its {residents:.0f} residents."
            " Mend one of the two."
        )
    if births > MOST_BIRTHS_SHARE * residents + FEW_BIRTHS:
        raise SourceError(
            f"{said_by}: {births:.0f} births {where} are more than a tenth of its {residents:.0f}"
            " residents. Mend one of the two."
        )


def _refuse_gaps(source: Source, frame: pd.DataFrame) -> None:
    frame["year"] = frame["year"].astype(int)
    twice = frame[frame.duplicated(["year", "part"])]
    if len(twice):
        row = twice.iloc[0]
        raise SourceError(
            f"{source.id}: {row['part']} stands twice in {row['year']}. Keep one of the rows."
        )
    years = range(frame["year"].min(), frame["year"].max() + 1)
    if len(years) > len(frame):  # a year mistyped as 20111 must not be counted up to
        raise SourceError(
            f"{source.id}: the years run from {years[0]} to {years[-1]}, and most are missing."
            " Mend the year that is mistyped."
        )
    parts = sorted(frame["part"].unique(), key=lambda part: (len(part), part))
    had = set(zip(frame["year"], frame["part"], strict=True))
    for year in years:
        lacking = [part for part in parts if (year, part) not in had]
        if len(lacking) == len(parts):
            raise SourceError(
                f"{source.id}: {year} is missing between {years[0]} and {years[-1]}. Add its rows."
            )
        if lacking:
            raise SourceError(
                f"{source.id}: {lacking[0]} is missing in {year}. Add its row, a 0 where nobody"
                " lives."
            )
