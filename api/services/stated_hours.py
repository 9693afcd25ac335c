"""The hours that a service states: of a week, at a moment, and of which year they are."""

import json
from dataclasses import dataclass
from datetime import datetime

from mapping.freshness import is_stale
from mapping.hours.city_calendar import Calendar
from mapping.hours.opening import is_open
from mapping.hours.timetable import Timetable, timetable
from mapping.services.service_row import ServiceRow


@dataclass(frozen=True)
class StatedHours:
    """Hours as pages show them."""

    text: str | None
    """As the source writes them."""
    week: Timetable | None
    """The same, where they are understood: each language writes them its own way."""
    is_open: bool | None
    is_old: bool
    """Whether they were assured too long ago, or nobody knows when."""
    year: str | None


def stated_hours(row: ServiceRow, calendar: Calendar, moment: datetime) -> StatedHours:
    """Give the hours of a service around a moment, in the city's own time."""
    osm, assured = row.opening_hours, _assured(row)
    return StatedHours(
        text=row.opening_hours_text,
        week=timetable(osm, calendar.today()),
        is_open=is_open(osm, moment, calendar),
        is_old=row.stale or is_stale(assured, calendar.today()),
        year=assured and assured[:4],
    )


def _assured(row: ServiceRow) -> str | None:
    # On a merged card the hours may be of another source than the rest.
    sources = json.loads(row.field_sources or "{}")
    source = sources.get("opening_hours") or sources.get("opening_hours_text")
    return source.get("assured_date") if source else row.assured_date
