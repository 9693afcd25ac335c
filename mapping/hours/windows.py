"""Time windows in which a family can come, on real days, and whether hours are open in them."""

import math
from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from mapping.config import Config, cached_for_overlay, read_table
from mapping.config_values import Identifier, Label
from mapping.errors import BadInputError
from mapping.hours.city_calendar import Calendar
from mapping.hours.opening import open_minutes
from mapping.hours.spells import AUGUST, told_of_summer

ANY = "any"
SATURDAY = 5
WEEKS_AHEAD = 52


class Window(Config):
    """Hours of some days, and for how long a service must be open in them."""

    id: Identifier
    label: Label
    days: Literal["week", "saturday", "august"] | None = None
    opens: time = Field(default=time(0), alias="from")
    closes: time = Field(default=time(0), alias="to")
    minutes: int = Field(default=0, ge=0)
    days_share: float = Field(default=0, ge=0, le=1)

    @model_validator(mode="after")
    def _hold(self) -> "Window":
        if self.opens.tzinfo or self.closes.tzinfo:
            raise ValueError("'from' and 'to' are times of the city, without a time zone")
        if self.days is not None and not self.opens < self.closes:
            raise ValueError(f"'from' is {self.opens}, 'to' {self.closes}: give an earlier 'from'")
        if self.days is not None and not (self.minutes and self.days_share):
            raise ValueError("a window with days needs minutes and days_share above 0")
        if self.days is not None and self.minutes > _minutes(self.closes) - _minutes(self.opens):
            raise ValueError("minutes is more than lie between 'from' and 'to'")
        return self

    def is_open(
        self,
        osm: str | None,
        days: Sequence[date],
        calendar: Calendar,
        assured: str | None = None,
    ) -> bool | None:
        """Whether hours in OpenStreetMap syntax are open in the window on its `days`, of `days_of`.

        None when that is not known, as of August where the hours name no date of that summer, and
        were not `assured` in it. Everything is open in the window ``any``.
        """
        if self.days is None:
            return True
        if not osm or (self.days == "august" and not told_of_summer(osm, days, assured)):
            return None
        spans = [open_minutes(osm, day, (self.opens, self.closes), calendar) for day in days]
        needed = max(1, math.ceil(self.days_share * len(days)))
        if sum(least >= self.minutes for least, _ in spans) >= needed:
            return True
        return None if sum(most >= self.minutes for _, most in spans) >= needed else False


@cached_for_overlay
def windows() -> dict[str, Window]:
    """Read the windows by id; the first, ``any``, asks for no hours."""
    return read_table(Path(__file__).with_suffix(".toml"), Window, weakened=_weakened)


def window(name: str) -> Window:
    """Look up one window.

    Parameters
    ----------
    name : str
        Its id.

    Returns
    -------
    Window
        The window.

    Raises
    ------
    BadInputError
        When no window has that id.
    """
    by_id = windows()
    if name not in by_id:
        raise BadInputError(f"Unknown window '{name}'. Use one of: {', '.join(by_id)}.")
    return by_id[name]


def days_of(opening: Window, today: date, calendar: Calendar) -> list[date]:
    """List the real days of a window for a build on `today`; none for the window ``any``."""
    if opening.days is None:
        return []
    if opening.days == "august":
        return _working_august(today, calendar)
    week = _usual_week(today, calendar)
    return [day for day in week if (day.weekday() == SATURDAY) == (opening.days == "saturday")]


def _minutes(clock: time) -> int:
    return 60 * clock.hour + clock.minute


def _weakened(_bundled: Window, own: Window) -> str | None:
    if own.id == ANY and own.days is not None:
        return f"'{ANY}' asks for hours: it is what holds at any time. Give another id."
    return None


def _usual_week(today: date, calendar: Calendar) -> list[date]:
    # A calendar that is not published yet forbids no week: only what is known to be a holiday does.
    weeks = list(_weeks(today))
    usual = (
        week
        for week in weeks
        if not any(calendar.is_public_holiday(d) or calendar.is_school_holiday(d) for d in week)
    )
    return next(usual, weeks[0])


def _weeks(today: date) -> Iterator[list[date]]:
    monday = today + timedelta(days=7 - today.weekday())
    for week in range(WEEKS_AHEAD):
        first = monday + timedelta(weeks=week)
        yield [first + timedelta(days=day) for day in range(SATURDAY + 1)]


def _working_august(today: date, calendar: Calendar) -> list[date]:
    year = today.year + (today.month >= AUGUST)
    month = (date(year, AUGUST, 1) + timedelta(days=day) for day in range(31))
    return [d for d in month if d.weekday() < SATURDAY and not calendar.is_public_holiday(d)]
