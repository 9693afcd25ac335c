"""Counts how many services of an older register still stand in a newer one, and foretells others.

These are the points through which the curves of `mapping/coverage/confidence/survival.toml` go.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ingest.layers.raw_table import read_table
from ingest.source import Source, source
from mapping.arrays import Bools, Floats
from mapping.city import RegisterColumns, Survivors
from mapping.geocoding.address import Address, parse
from mapping.services.comparison import alike_streets

Find = Callable[[Source], Path]
RESAMPLES = 2_000
SEED = 20_261_130


@dataclass(frozen=True)
class Listed:
    """A record of a register: its code, who runs it, its kind and its address."""

    code: str
    organization: str
    kind: str
    written: str
    """Its address as it is written."""
    address: Address | None


@dataclass(frozen=True, eq=False)
class SurvivorCount:
    """What became of the records of an older register after some years."""

    name: str
    years: float
    by_code: Bools
    by_civic: Bools
    records: Sequence[Listed]

    @property
    def organizations(self) -> list[str]:
        """Who runs each."""
        return [record.organization for record in self.records]

    @property
    def surviving(self) -> Bools:
        """Which of them still stand there: at their civic number, or by code in their street."""
        return self.by_code | self.by_civic

    @property
    def interval(self) -> tuple[float, float]:
        """Between which the share found is nine times in ten, organisations drawn anew."""
        low, high = np.quantile(_resampled(self), (0.05, 0.95)).tolist()
        return low, high


@dataclass(frozen=True)
class Forecast:
    """How well one register foretells what became of the records of another."""

    of: str
    expected: float
    """The share that was foretold, along a constant hazard."""
    observed: float
    low: float
    high: float
    """Between which the observed share is nine times in ten, organisations drawn anew."""
    brier: float
    base_brier: float
    """Of the forecast that knows the observed share, and no more: none can be lower."""


def count_survivors(entry: Survivors, find: Find) -> SurvivorCount:
    """Count the records of an older register that the newer one still has."""
    older, newer = (listed(side, find) for side in (entry.older, entry.newer))
    known, old = _unique(newer), _unique(older)
    return SurvivorCount(
        entry.name,
        entry.years,
        np.array([_stayed(record, old, known) for record in older], bool),
        np.array([_stands(record, newer, entry.kinds) for record in older], bool),
        older,
    )


def foretell(known: SurvivorCount, other: SurvivorCount) -> Forecast:
    """Foretell one register from the other, by a hazard that stays the same."""
    expected = float(known.surviving.mean() ** (other.years / known.years))
    observed = float(other.surviving.mean())
    low, high = other.interval
    brier = float(((other.surviving - expected) ** 2).mean())
    return Forecast(other.name, expected, observed, low, high, brier, observed * (1 - observed))


def _resampled(count: SurvivorCount) -> Floats:
    """Share found, organisations drawn anew: what one body decides is one draw."""
    names = np.unique(np.array(count.organizations), return_inverse=True)[1]
    size = np.bincount(names)
    survivors = np.bincount(names, count.surviving)
    drawn = np.random.default_rng(SEED).integers(0, len(size), (RESAMPLES, len(size)))
    shares: Floats = survivors[drawn].sum(axis=1) / size[drawn].sum(axis=1)
    return shares


def listed(side: RegisterColumns, find: Find) -> list[Listed]:
    """Read the records of one side that are meant."""
    entry = source(side.source)
    table = read_table(entry, find(entry))
    return [_record(row.texts, side) for row in table.rows if _is_meant(row.texts, side)]


def _is_meant(row: dict[str, str], side: RegisterColumns) -> bool:
    return all(re.search(pattern, row[column] or "") for column, pattern in side.where.items())


def _record(row: dict[str, str], side: RegisterColumns) -> Listed:
    written = " ".join(row[column] or "" for column in side.address)
    return Listed(
        row[side.code].strip().lstrip("0"),
        row[side.organization] if side.organization else row[side.code],
        row[side.kind] if side.kind else "",
        written,
        parse(written),
    )


def _unique(listed: Sequence[Listed]) -> dict[str, Listed]:
    """Give the records by code; a code that several share proves nothing of one of them."""
    counts = Counter(record.code for record in listed)
    return {record.code: record for record in listed if record.code and counts[record.code] == 1}


def _stayed(record: Listed, old: dict[str, Listed], known: dict[str, Listed]) -> bool:
    other = known.get(record.code) if record.code in old else None
    if other is None or record.address is None or other.address is None:
        return False
    return alike_streets(record.address.street, other.address.street)


def _stands(record: Listed, newer: Sequence[Listed], kinds: dict[str, str]) -> bool:
    address = record.address
    if address is None or address.civic is None:
        return False
    kind = kinds.get(record.kind, record.kind)
    return any(
        other.address is not None
        and other.address.civic == address.civic
        and (not kinds or other.kind == kind)
        and alike_streets(address.street, other.address.street)
        for other in newer
    )
