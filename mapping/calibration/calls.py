"""Services to call: drawn by how sure their record is, and by how its family ages."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from mapping.coverage.confidence.doubt import age_years, serving_band
from mapping.coverage.confidence.draws import TRUST
from mapping.coverage.confidence.sureness import LIKELY_THERE, SURELY_THERE, UNKNOWN, sureness
from mapping.coverage.confidence.survival import (
    families,
    family_of,
)
from mapping.disclosure import any_confidential
from mapping.edition.edition import Edition
from mapping.services.service_row import ServiceRow
from mapping.tables import SURENESS

CALLS = 60
WORDS = tuple(SURENESS[word] for word in (SURELY_THERE, LIKELY_THERE, UNKNOWN))
"""What may be said of a record in hand: that none is there is said of places, not of records."""


class Stratum(NamedTuple):
    """A family of `survival.toml`, and a word of `tables.SURENESS`."""

    family: str
    word: str


@dataclass(frozen=True)
class PlannedCall:
    """A service to call; `code` names it within the calls of its edition."""

    code: str
    service: ServiceRow
    stratum: Stratum


@dataclass(frozen=True)
class CallPlan:
    """The calls that were drawn, and of how many services in each stratum."""

    calls: Sequence[PlannedCall]
    known: Mapping[Stratum, int]

    @property
    def drawn(self) -> Mapping[Stratum, int]:
        """How many were drawn in each stratum, none where there is nobody to call."""
        return Counter(call.stratum for call in self.calls)


def plan_calls(edition: Edition, seed: int, count: int = CALLS) -> CallPlan:
    """Draw the services to call: as many of each stratum, and where few are known, all of them.

    The same edition and seed give the same calls. What shares a phone is called once; nothing is
    drawn that is confidential.
    """
    strata: dict[Stratum, list[ServiceRow]] = defaultdict(list)
    today = edition.manifest.created_at.date()
    for row in _distinct(_in_drawn_order(edition, seed)):
        if (stratum := stratum_of(row, today)) is not None:
            strata[stratum].append(row)
    every = [Stratum(family, word) for family in families() for word in WORDS]
    known = {stratum: len(strata[stratum]) for stratum in every}
    shares = even_shares(known.values(), count)
    chosen = [
        (stratum, row)
        for stratum, share in zip(every, shares, strict=True)
        for row in strata[stratum][:share]
    ]
    calls = [PlannedCall(f"T{n:02}", row, stratum) for n, (stratum, row) in enumerate(chosen, 1)]
    return CallPlan(calls, known)


def stratum_of(row: ServiceRow, today: date) -> Stratum | None:
    """Say of what family a record is, and how sure it is; None where its family is not declared."""
    aging = family_of(row.category, row.ownership)
    if aging is None:
        return None
    age = np.array([age_years(row.assured_date, today)])
    trust = np.array([TRUST.get(row.confidence or "low", TRUST["low"])])
    vouched = np.array([row.status == "active"])
    band = serving_band(row.category, [row.ownership], age, trust, vouched)
    word = UNKNOWN if band is None else sureness(*band, np.zeros(1, bool))[0]
    return Stratum(aging.id, SURENESS[word])


def even_shares(known: Iterable[int], count: int) -> list[int]:
    """Share a number out as evenly as those allow of whom there are few; the first get the rest."""
    sizes = list(known)
    shares = [0] * len(sizes)
    left = min(count, sum(sizes))
    while left:
        for number, size in enumerate(sizes):
            if left and shares[number] < size:
                shares[number] += 1
                left -= 1
    return shares


def may_be_drawn(row: ServiceRow) -> bool:
    """Whether a service is listed, and not confidential."""
    return row.is_listed and not any_confidential(row.categories)


def _in_drawn_order(edition: Edition, seed: int) -> list[ServiceRow]:
    rows = {row.service_id: row for row in reversed(edition.service_rows)}.values()
    callable_rows = [row for row in rows if may_be_drawn(row)]
    return sorted(callable_rows, key=lambda row: drawn_key(edition, seed, row.service_id))


def _distinct(rows: Iterable[ServiceRow]) -> Iterable[ServiceRow]:
    phones: set[str] = set()
    for row in rows:
        if row.phone is None or row.phone not in phones:
            yield row
        if row.phone is not None:
            phones.add(row.phone)


def drawn_key(edition: Edition, seed: int, name: str) -> str:
    """Give a key by which names come in an order that only the edition and the seed decide."""
    return hashlib.sha256(f"{edition.id}|{seed}|{name}".encode()).hexdigest()
