"""What an edition lacks that the published one has: reasons not to publish it."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mapping.edition.edition import Edition
from mapping.tables import AGE_BANDS

MAX_LOST_SERVICES = 0.10
MAX_LOST_OF_CATEGORY = 0.20
MAX_LOST_ADDRESSES = 0.10
MAX_LOST_STREETS = 0.10
MAX_LOST_PEOPLE = 0.10
MAX_LOST_OF_SOURCE = 0.20
MAX_LOST_ROWS = 0.20
FREE_TABLES = ("demand.arrow", "greyzones.parquet", "services.parquet")
"""Zones are better fewer, services are counted by category, people in the whole city."""
PEOPLE = ("residents", *AGE_BANDS, "children_low_income")
"""Columns of the areas that are compared for the whole city."""
COUNTED_OTHERWISE = (*AGE_BANDS, "children_low_income")
"""Of `PEOPLE`, what is not compared where the children were estimated in another way."""
REPLACED = "bundled"
"""A source of the pack gives way to the fuller one that it stands for."""


@dataclass(frozen=True)
class Holdings:
    """What an edition holds, counted; what an older format does not tell is left out."""

    streets: bool
    addresses: int
    levels: frozenset[str]
    services: int
    by_category: Counter[str]
    street_kilometres: int = 0
    people: Mapping[str, int] = field(default_factory=dict)
    """By one of `PEOPLE`, how many there are in the whole city."""
    children_basis: str | None = None
    """How the children were estimated; None where there are none."""
    table_rows: Mapping[str, int] = field(default_factory=dict)
    source_rows: Mapping[str, int] = field(default_factory=dict)


def losses(before: Edition, after: Edition) -> list[str]:
    """List what `after` has lost against `before`; empty when it may be published."""
    held_before, held_after = before.manifest.city, after.manifest.city
    if held_before != held_after:
        return [
            f"the whole city: '{held_before}' is published here, and this is '{held_after}', which"
            " wants a folder PROSSIMA_VAR of its own"
        ]
    return lost_holdings(holdings(before), holdings(after))


def not_compared(before: Holdings, after: Holdings) -> str | None:
    """Say what is counted otherwise than in the published edition, where fewer is no loss."""
    if not _counts_otherwise(before, after):
        return None
    return (
        f"children are not compared: they come from '{after.children_basis}' now, and from"
        f" '{before.children_basis}' before"
    )


def holdings(edition: Edition) -> Holdings:
    """Count what an edition holds."""
    return Holdings(
        streets=edition.has("network.arrow"),
        addresses=_addresses(edition),
        levels=frozenset(_column(edition, "areas.parquet", "level")),
        services=len(_column(edition, "services.parquet", "category")),
        by_category=Counter(_column(edition, "services.parquet", "category")),
        street_kilometres=_street_kilometres(edition),
        people=_people(edition),
        children_basis=_of_city(edition, "children_basis"),
        table_rows={
            file.name: edition.table(file.name).num_rows
            for file in edition.manifest.files
            if not file.name.endswith(".pmtiles")
        },
        source_rows={
            entry.id: entry.rows_kept
            for entry in edition.manifest.sources
            if entry.taken_from != REPLACED
        },
    )


def lost_holdings(before: Holdings, after: Holdings) -> list[str]:
    """Compare two counts, from the streets to the rows of each source and table."""
    return [
        *_lost_layers(before, after),
        *_lost_services(before, after),
        *_lost_rows(before, after),
    ]


def _lost_layers(before: Holdings, after: Holdings) -> Iterator[str]:
    if before.streets and not after.streets:
        yield "the streets: times would be estimated along straight lines"
    elif _fell(before.street_kilometres, after.street_kilometres, MAX_LOST_STREETS):
        yield _loss_text("kilometres of streets", before.street_kilometres, after.street_kilometres)
    for level in sorted(before.levels - after.levels):
        yield f"the areas of level {level}"
    if _fell(before.addresses, after.addresses, MAX_LOST_ADDRESSES):
        yield _loss_text("addresses", before.addresses, after.addresses)
    otherwise = COUNTED_OTHERWISE if _counts_otherwise(before, after) else ()
    for name, count in before.people.items():
        if name not in otherwise and _fell(count, after.people.get(name, 0), MAX_LOST_PEOPLE):
            yield _loss_text(name, count, after.people.get(name, 0))


def _lost_services(before: Holdings, after: Holdings) -> Iterator[str]:
    if _fell(before.services, after.services, MAX_LOST_SERVICES):
        yield _loss_text("services", before.services, after.services)
    for category, count in sorted(before.by_category.items()):
        if _fell(count, after.by_category[category], MAX_LOST_OF_CATEGORY):
            yield _loss_text(category, count, after.by_category[category])


def _lost_rows(before: Holdings, after: Holdings) -> Iterator[str]:
    for source, count in sorted(before.source_rows.items()):
        if _fell(count, after.source_rows.get(source, 0), MAX_LOST_OF_SOURCE):
            yield _loss_text(f"rows of source {source}", count, after.source_rows.get(source, 0))
    for name, count in sorted(before.table_rows.items()):
        if name not in after.table_rows:
            yield f"the table {name}"
        elif name not in FREE_TABLES and _fell(count, after.table_rows[name], MAX_LOST_ROWS):
            yield _loss_text(f"rows of {name}", count, after.table_rows[name])


def _column(edition: Edition, name: str, column: str) -> list[Any]:
    if not edition.has(name) or column not in edition.table(name).column_names:
        return []
    return list(edition.table(name)[column].to_pylist())


def _addresses(edition: Edition) -> int:
    numbers = _column(edition, "addresses.arrow", "civic_number")
    return sum(len(of_street or ()) for of_street in numbers)


def _street_kilometres(edition: Edition) -> int:
    network = edition.manifest.parameters.get("network")
    length = network.get("kilometres") if isinstance(network, dict) else None
    return round(length) if isinstance(length, int | float) else 0


def _people(edition: Edition) -> dict[str, int]:
    counts = {name: _of_city(edition, name) for name in PEOPLE}
    return {name: count for name, count in counts.items() if count is not None}


def _of_city(edition: Edition, name: str) -> Any:
    """Give what a column of the areas says of the whole city."""
    levels = _column(edition, "areas.parquet", "level")
    values = _column(edition, "areas.parquet", name)
    return values[levels.index("municipality")] if values and "municipality" in levels else None


def _counts_otherwise(before: Holdings, after: Holdings) -> bool:
    """Whether both have children, and estimate them in different ways, of whatever years."""
    if before.children_basis is None or after.children_basis is None:
        return False
    ways = (re.sub(r"[\d-]+", "", basis) for basis in (before.children_basis, after.children_basis))
    return len(set(ways)) > 1


def _loss_text(what: str, before: int, after: int) -> str:
    return f"{what}, {before:,} before and {after:,} now"


def _fell(before: int, after: int, share: float) -> bool:
    return before - after >= share * before and after < before
