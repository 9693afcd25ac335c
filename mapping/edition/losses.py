"""What an edition lacks that the published one has: reasons not to publish it."""

from collections import Counter
from dataclasses import dataclass

import pyarrow.compute as pc

from mapping.edition.edition import Edition

MAX_LOST_SERVICES = 0.10
MAX_LOST_OF_CATEGORY = 0.20
MAX_LOST_ADDRESSES = 0.10


@dataclass(frozen=True)
class Holdings:
    """What an edition holds, counted."""

    streets: bool
    addresses: int
    levels: frozenset[str]
    services: int
    by_category: Counter[str]


def losses(before: Edition, after: Edition) -> list[str]:
    """List what `after` has lost against `before`; empty when it may be published."""
    return lost_holdings(holdings(before), holdings(after))


def holdings(edition: Edition) -> Holdings:
    """Count what an edition holds."""
    categories = edition.services["category"].to_pylist()
    addresses = 0
    if edition.has("addresses.arrow"):
        numbers = edition.table("addresses.arrow")["civic_number"]
        addresses = pc.sum(pc.list_value_length(numbers)).as_py() or 0
    return Holdings(
        streets=edition.has("network.arrow"),
        addresses=addresses,
        levels=frozenset(edition.areas["level"].to_pylist()),
        services=len(categories),
        by_category=Counter(categories),
    )


def lost_holdings(before: Holdings, after: Holdings) -> list[str]:
    """Compare two counts: streets, addresses, levels of areas, services in all and by category."""
    lost = []
    if before.streets and not after.streets:
        lost.append("the streets: times would be estimated along straight lines")
    lost += [f"the areas of level {level}" for level in sorted(before.levels - after.levels)]
    if _fell(before.addresses, after.addresses, MAX_LOST_ADDRESSES):
        lost.append(f"addresses, {before.addresses:,} before and {after.addresses:,} now")
    if _fell(before.services, after.services, MAX_LOST_SERVICES):
        lost.append(f"services, {before.services:,} before and {after.services:,} now")
    lost += [
        f"{category}, {count:,} before and {after.by_category[category]:,} now"
        for category, count in sorted(before.by_category.items())
        if _fell(count, after.by_category[category], MAX_LOST_OF_CATEGORY)
    ]
    return lost


def _fell(before: int, after: int, share: float) -> bool:
    return before - after >= share * before and after < before
