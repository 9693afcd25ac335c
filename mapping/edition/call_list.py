"""Whom to call to know whether what is published still holds, those on whom most depends first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import isnan
from typing import Literal, NamedTuple

from mapping.coverage.situations import BASE
from mapping.edition.edition import Edition
from mapping.freshness import STALE_DAYS, assured_on
from mapping.services.service_row import ServiceRow
from mapping.tables import Row
from mapping.taxonomy import category

State = Literal["undated", "stale", "unsure", "soon"]
SOON_DAYS = 61
"""Whoever is called this month need not be called in haste the next."""
MEASURED = "position_uncertain"
"""The reason of a doubt that no call settles: somebody has to measure where an entrance is."""
_OF_ZONES = ("category", "reason", "call_id", "call_people")


@dataclass(frozen=True)
class Call:
    """A service that waits for a call."""

    row: ServiceRow
    """Its first location, as `tables.SERVICES` describes it."""
    state: State
    days: int | None
    """Since it was last assured; None when nobody knows."""
    category: str
    """Whom it is called for: of its categories that with most people."""
    people: int | None
    """Of those whom that category is declared to be for, to whom its yes is enough, zone by zone;
    None where another's yes is for more, or nobody declared whom it is for."""


class Callee(NamedTuple):
    """Whom to call of a category, and the people of all zones that the call is for."""

    name: str
    address: str | None
    near: str | None
    phone: str | None
    people: int
    zones: int


def calls(edition: Edition, today: date, code: str = "") -> list[Call]:
    """List the services that wait for a call, of one category or all: the most people first.

    Then the oldest. Where it is not declared whom a category is for, its services come last. A
    service of several categories is called once, and its people are those of one: they may be the
    same.
    """
    people = _people_by_call(edition)
    call_list = [
        _call(row, state, today, (code,) if code else row.categories, people)
        for row in _services(edition)
        if code in ("", *row.categories) and (state := state_of(row, today))
    ]
    return sorted(call_list, key=_need)


def _call(
    row: ServiceRow,
    state: State,
    today: date,
    codes: Iterable[str],
    people: Mapping[tuple[str, str], int],
) -> Call:
    def need(code: str) -> tuple[int, bool]:
        return people.get((code, row.service_id), 0), category(code).is_demand_declared

    code = max(codes, key=need)
    return Call(row, state, _days(row, today), code, people.get((code, row.service_id)))


def callees(zones: Iterable[Row]) -> list[Callee]:
    """Sum the zones of one category by whom to call: the call for most people first."""
    by_id: dict[str, Callee] = {}
    for zone in zones:
        people = _settled(zone)
        if people is None:
            continue
        before = by_id.get(zone["call_id"])
        by_id[zone["call_id"]] = Callee(
            zone["call_name"],
            zone["call_address"],
            zone.get("call_near"),
            zone["call_phone"],
            people + (before.people if before else 0),
            1 + (before.zones if before else 0),
        )
    return sorted(by_id.values(), key=lambda callee: (-callee.people, callee.name))


def state_of(row: ServiceRow, today: date) -> State | None:
    """Say why a service should be called; None if surely active of late, or known to have ended."""
    if not row.is_listed:
        return None
    days = _days(row, today)
    if days is None:
        return "undated"
    if days > STALE_DAYS:
        return "stale"
    if row.status == "unsure":
        return "unsure"
    return "soon" if days > STALE_DAYS - SOON_DAYS else None


def due_before(today: date) -> date:
    """Give the day on which the last of the services that are called becomes stale."""
    return today + timedelta(days=SOON_DAYS)


def _services(edition: Edition) -> Iterable[ServiceRow]:
    return {row.service_id: row for row in reversed(edition.service_rows)}.values()


def _days(row: ServiceRow, today: date) -> int | None:
    assured = row.assured_date
    return (today - assured_on(assured)).days if assured else None


def _people_by_call(edition: Edition) -> Mapping[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    table = edition.zones(**BASE._asdict())
    columns = [name for name in _OF_ZONES if name in table.column_names]
    for zone in table.select(columns).to_pylist():
        people = _settled(zone)
        if people is not None and category(zone["category"]).is_demand_declared:
            call = zone["category"], zone["call_id"]
            sums[call] = sums.get(call, 0) + people
    return sums


def _settled(zone: Row) -> int | None:
    """Read for how many people of a zone one call is; None where it settles nothing, or little."""
    people = zone.get("call_people")
    if zone["reason"] == MEASURED or not zone.get("call_id"):
        return None
    return None if not people or isnan(people) else int(people)


def _need(call: Call) -> tuple[int, bool, float, str]:
    days = float("inf") if call.days is None else call.days
    is_declared = category(call.category).is_demand_declared
    return -(call.people or 0), not is_declared, -days, call.row.service_id
