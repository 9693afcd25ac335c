"""Freshness of a record, from the day on which its source last assured it."""

import json
from datetime import date

FRESH_DAYS = 183
ROOM_DAYS = 90
"""What is known of places and waiting holds for fewer days than these."""
STALE_DAYS = 730
"""Freshness decays from six months to two years (the scale of data·inclusion's quality score)."""


def assured_on(assured: str) -> date:
    """Convert an ISO date, month or year to the first day that it may mean."""
    year, month, day = [*map(int, assured.split("-")), 1, 1][:3]
    return date(year, month, day)


def is_of_late(stated_on: str | None, today: date) -> bool:
    """Whether what is known of places and waiting still holds: said under `ROOM_DAYS` ago.

    Not where nobody knows when it was said, or a day to come is given.
    """
    return stated_on is not None and 0 <= (today - assured_on(stated_on)).days < ROOM_DAYS


def is_stale(assured: str | None, today: date) -> bool:
    """Whether a record was assured more than `STALE_DAYS` ago, or nobody knows when."""
    return freshness(assured, today) < 0


def freshness(assured: str | None, today: date) -> float:
    """Rate how fresh a record is: 1 until `FRESH_DAYS`, 0 at `STALE_DAYS`, negative beyond.

    Between and beyond these days it falls linearly; minus infinity when the day is not known.
    """
    if assured is None:
        return float("-inf")
    age = (today - assured_on(assured)).days
    return min(1.0, (STALE_DAYS - age) / (STALE_DAYS - FRESH_DAYS))


def hours_assured(field_sources: str | None, assured: str | None) -> str | None:
    """Give the day of the hours: on a merged card they may be of another source than the rest."""
    sources = json.loads(field_sources or "{}")
    source = sources.get("opening_hours") or sources.get("opening_hours_text")
    return source.get("assured_date") if source else assured
