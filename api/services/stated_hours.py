"""The hours that a service states: of a week, at a moment, and of which year they are."""

from dataclasses import dataclass
from datetime import datetime

from mapping.freshness import is_stale
from mapping.hours.city_calendar import Calendar
from mapping.hours.italian import is_contradiction
from mapping.hours.timetable import Timetable, timetable
from mapping.services.service_row import ServiceRow


@dataclass(frozen=True)
class StatedHours:
    """Hours as pages show them."""

    text: str | None
    """As the source writes them."""
    contradicts: bool
    """Whether they say open and closed of the same days, and so nothing is known."""
    week: Timetable | None
    """The same, where they are understood: each language writes them its own way."""
    is_open: bool | None
    is_old: bool
    """Whether they were assured too long ago, or nobody knows when."""
    year: str | None


def stated_hours(row: ServiceRow, calendar: Calendar, moment: datetime) -> StatedHours:
    """Give the hours of a service around a moment, in the city's own time."""
    osm, assured = row.opening_hours, row.hours_assured
    return StatedHours(
        text=row.opening_hours_text,
        contradicts=not osm and is_contradiction(row.opening_hours_text or ""),
        week=timetable(osm, calendar.today()),
        is_open=row.is_open_at(moment, calendar),
        is_old=row.stale or is_stale(assured, calendar.today()),
        year=assured and assured[:4],
    )
