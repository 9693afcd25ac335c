"""Whom to call to know whether what is published still holds, those on whom most depends first."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from mapping.coverage.situations import BASE
from mapping.disclosure import rounded_count
from mapping.edition.edition import Edition
from mapping.freshness import STALE_DAYS, assured_on
from mapping.services.service_row import ServiceRow
from mapping.tables import AGE_BANDS, Row
from mapping.taxonomy import category

State = Literal["undated", "stale", "soon"]
SOON_DAYS = 61
"""Whoever is called this month need not be called in haste the next."""


@dataclass(frozen=True)
class Call:
    """A service that waits for a call."""

    row: ServiceRow
    """Its first location, as `tables.SERVICES` describes it."""
    state: State
    days: int | None
    """Since it was last assured; None when nobody knows."""
    children: int | None
    """Of the municipio and of the ages served, those for whom the answer is not sure, shared out
    among the calls of that category there; None where that is not known."""


def calls(edition: Edition, today: date) -> list[Call]:
    """List the services that wait for a call: the most children first, then the oldest."""
    due = [(row, state) for row in _services(edition) if (state := state_of(row, today))]
    many = Counter(_where(row) for row, _ in due)
    unsure = _unsure(edition)
    call_list = [
        Call(row, state, _days(row, today), _shared(unsure.get(_where(row)), many[_where(row)]))
        for row, state in due
    ]
    return sorted(call_list, key=_need)


def state_of(row: ServiceRow, today: date) -> State | None:
    """Say why a service should be called; None if assured of late, or known to have ended."""
    if not row.is_listed:
        return None
    days = _days(row, today)
    if days is None:
        return "undated"
    if days > STALE_DAYS:
        return "stale"
    return "soon" if days > STALE_DAYS - SOON_DAYS else None


def due_before(today: date) -> date:
    """Give the day on which the last of the services that are called becomes stale."""
    return today + timedelta(days=SOON_DAYS)


def _services(edition: Edition) -> Iterable[ServiceRow]:
    return {row.service_id: row for row in reversed(edition.service_rows)}.values()


def _days(row: ServiceRow, today: date) -> int | None:
    assured = row.assured_date
    return (today - assured_on(assured)).days if assured else None


def _where(row: ServiceRow) -> tuple[str | None, str]:
    return row.municipio, row.category


def _shared(children: float | None, calls: int) -> int | None:
    return None if children is None else rounded_count(children / calls)


def _unsure(edition: Edition) -> Mapping[tuple[str | None, str], float]:
    children = _children(edition.areas.to_pylist())
    covered = edition.coverage(level="municipio", **BASE._asdict()).to_pylist()
    return {
        (row["area_id"], row["category"]): people * row["share_unsure"]
        for row in covered
        if row["share_unsure"] is not None
        and (people := _served(row, children)) is not None
    }  # fmt: skip


def _served(row: Row, children: Mapping[str, int]) -> int | None:
    entry = category(row["category"])
    if entry.age_min_months is None and entry.age_max_months is None:
        return children.get(row["area_id"])
    people: int | None = row["demand"]
    return people


def _children(areas: list[Row]) -> Mapping[str, int]:
    counted = {
        row["area_id"]: [row[band] for band in AGE_BANDS]
        for row in areas
        if row["level"] == "municipio"
    }
    return {area: sum(bands) for area, bands in counted.items() if None not in bands}


def _need(call: Call) -> tuple[float, float, str]:
    days = float("inf") if call.days is None else call.days
    return -(call.children or 0), -days, call.row.service_id
