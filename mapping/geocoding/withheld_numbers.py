"""Addresses that only a service has told which is hidden now: they are taken back."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from mapping.arrays import Ints
from mapping.geocoding.address import parse
from mapping.geocoding.civics import Civics
from mapping.geocoding.gazetteer import Gazetteer

REGISTERED = 0.5
"""Where more of the numbers were seen, there is no register: all that are known were seen."""


def without_numbers_of(
    gazetteer: Gazetteer, hidden: Iterable[str | None], known: Iterable[str | None]
) -> Gazetteer:
    """Forget where the numbers are that hidden addresses name and no known one does.

    A number of a register without places is put between its neighbours, as those are that nobody
    has seen; where there is no register, nobody else knows of it, and it is left out. What a
    register of places says stays: it says so of every door.
    """
    if gazetteer.civics.surveyed:
        return gazetteer
    rows = np.array(sorted(_rows_of(gazetteer, hidden) - _rows_of(gazetteer, known)), np.int64)
    if not len(rows):
        return gazetteer
    civics = gazetteer.civics
    seen = np.array(civics.precision, dtype=object) == "civic"
    if seen.mean() <= REGISTERED:
        civics = _between_neighbours(civics, rows[seen[rows]])
    else:
        civics = _left_out(civics, rows)
    return Gazetteer(
        gazetteer.localities,
        gazetteer.epsg,
        gazetteer.streets,
        civics,
        gazetteer.middles,
        gazetteer.aliases,
    )


def _rows_of(gazetteer: Gazetteer, addresses: Iterable[str | None]) -> set[int]:
    return {row for text in addresses if text for row in gazetteer.numbered(parse(text))}


def _left_out(civics: Civics, rows: Ints) -> Civics:
    left = np.ones(len(civics.number), dtype=bool)
    left[rows] = False
    before = np.concatenate([[0], np.cumsum(left)])
    columns: dict[str, Any] = {
        name: values[left]
        if isinstance(values, np.ndarray)
        else [value for value, is_left in zip(values, left, strict=True) if is_left]
        for name, values in vars(civics).items()
        if name not in ("start", "surveyed")
    }
    return Civics(start=before[civics.start], **columns)


def _between_neighbours(civics: Civics, rows: Ints) -> Civics:
    x, y, error = civics.x.copy(), civics.y.copy(), civics.error_metres.copy()
    precision = list(civics.precision)
    street_of = np.searchsorted(civics.start, rows, "right") - 1
    for row, street in zip(rows.tolist(), street_of.tolist(), strict=True):
        others = np.arange(*civics.start[street : street + 2])
        others = others[np.isfinite(civics.x[others]) & ~np.isin(others, rows)]
        number = civics.number[others]
        others = others[number % 2 == civics.number[row] % 2]
        number = civics.number[others].astype(float)
        if not len(others):
            x[row] = y[row] = error[row] = np.nan
            precision[row] = "area"
            continue
        at = float(civics.number[row])
        x[row], y[row] = (np.interp(at, number, values[others]) for values in (civics.x, civics.y))
        error[row] = civics.error_metres[others[np.abs(number - at).argsort()[:2]]].max()
        precision[row] = "interpolated"
    return replace(civics, x=x, y=y, error_metres=error, precision=precision)
