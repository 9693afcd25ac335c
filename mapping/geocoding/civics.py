"""Civic numbers and middles of streets as arrays."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from mapping.arrays import Floats, Ints

SEEN = ("civic", "premises")
"""Precisions of a number whose place somebody gave."""


@dataclass(frozen=True, eq=False)
class Civics:
    """Civic numbers as aligned arrays, grouped by street.

    Those of street s are rows ``start[s]`` to ``start[s + 1]``; `precision` may be ``area``, where
    the number is known to exist, but not where.
    """

    start: Ints
    number: Ints
    suffix: list[str | None]
    municipio: list[str | None]
    cap: list[str | None]
    x: Floats
    y: Floats
    precision: list[str]
    error_metres: Floats
    surveyed: bool = False
    """Whether a register tells where they are: their places then tell of no service."""

    @cached_property
    def is_seen_only(self) -> bool:
        """Whether no register lists them: other numbers than these may exist."""
        return not self.surveyed and set(self.precision) <= set(SEEN)

    def is_seen(self, row: int) -> bool:
        """Whether the place of a number is known, not estimated."""
        return self.precision[row] in SEEN and bool(np.isfinite(self.x[row]))

    def nearest(self, street: int, civic: int, limit: int) -> list[int]:
        """List, in order, the numbers with a place that are nearest to one: of its side first."""
        start, end = self.start[street : street + 2]
        known = {int(self.number[row]) for row in range(start, end) if np.isfinite(self.x[row])}
        near = sorted(known, key=lambda number: (abs(number - civic), number % 2 != civic % 2))
        return sorted(near[:limit])

    def between(self, street: int, civic: int) -> tuple[float, float, float, str | None] | None:
        """Estimate x, y, error and municipio of a number that a street lacks, from those beside it.

        Numbers that were seen come before those that are estimated themselves.
        """
        start, end = self.start[street : street + 2]
        placed = np.arange(start, end)[np.isfinite(self.x[start:end])]
        own_side = placed[self.number[placed] % 2 == civic % 2]
        seen = np.array([row for row in own_side if self.precision[row] in SEEN], np.int64)
        neighbours = _around(civic, self.number, seen) or _around(civic, self.number, own_side)
        if neighbours is None and self.is_seen_only:
            # Where few numbers are known, those across the street are as far along it.
            neighbours = _around(civic, self.number, placed)
        if neighbours is None:
            return None
        low, high = neighbours
        ends = np.array([[self.x[row], self.y[row]] for row in (low, high)])
        share = (civic - self.number[low]) / (self.number[high] - self.number[low])
        x, y = (ends[0] + share * (ends[1] - ends[0])).tolist()
        apart = float(np.hypot(*(ends[1] - ends[0]))) / 2
        error = float(max(self.error_metres[low], self.error_metres[high])) + apart
        return x, y, error, self.municipio[low]


@dataclass(frozen=True, eq=False)
class Middles:
    """The middle of each street within each municipio, and how far its ends are."""

    street: Ints
    municipio: list[str | None]
    x: Floats
    y: Floats
    error_metres: Floats


def _around(civic: int, number: Ints, rows: Ints) -> tuple[int, int] | None:
    """Give the rows, in order of their numbers, between which a number lies."""
    after = int(np.searchsorted(number[rows], civic))
    return (int(rows[after - 1]), int(rows[after])) if 0 < after < len(rows) else None


def repeated_texts(values: pa.Array) -> list[str | None]:
    """Read texts of which many are alike: each is held once, which takes a fifth of the memory.

    Parameters
    ----------
    values : pyarrow.Array
        Of text.

    Returns
    -------
    list of str or None
        As long.
    """
    known: dict[str | None, str | None] = {}
    return [known.setdefault(text, text) for text in values.to_pylist()]
