"""Opening hours as a weekly timetable, and whether other weeks differ."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from mapping.hours.opening import MIDNIGHT, Span, spans

WEEK = 7
WEEKS_OF_YEAR = 53
Day = tuple[Span, ...]
"""Of one day; empty when it is closed."""
ALL_DAY = ("00:00", MIDNIGHT)
_UNKNOWN_DAY = Span(*ALL_DAY, sure=False, remark="")
"""Outside of the dates of its hours: a week that has such a day is not told."""


@dataclass(frozen=True)
class Timetable:
    """The hours of a service, day by day."""

    days: tuple[Day, ...]
    """Seven, from Monday."""
    holidays: Day | None
    """On public holidays; None where the hours say nothing of them, or not one thing of all."""
    first_day: date
    """The seven days are those from here on."""
    regular: bool
    """Whether all weeks of the year are alike, the school holidays among them."""

    @property
    def day_groups(self) -> list[tuple[list[tuple[int, int]], Day]]:
        """Days of the same hours together, as runs from and to a weekday (0 is Monday).

        Closed days are left out.
        """
        groups: dict[Day, list[tuple[int, int]]] = {}
        for number, spans_of_day in enumerate(self.days):
            runs = groups.setdefault(spans_of_day, [])
            if runs and runs[-1][1] == number - 1:
                runs[-1] = (runs[-1][0], number)
            else:
                runs.append((number, number))
        return [(runs, spans_of_day) for spans_of_day, runs in groups.items() if spans_of_day]

    @property
    def always(self) -> bool:
        """Whether it never closes."""
        return all(len(day) == 1 and day[0][:2] == ALL_DAY and day[0].sure for day in self.days)


@lru_cache(maxsize=1024)
def timetable(osm: str | None, today: date) -> Timetable | None:
    """List the hours of seven days from `today`; None when the hours are not known."""
    week = _week(osm, today) if osm else None
    if osm is None or week is None:
        return None
    regular = "SH" not in osm and all(
        _week(osm, today + timedelta(weeks=n)) == week for n in range(1, WEEKS_OF_YEAR)
    )
    return Timetable(week, _holidays(osm, today), today, regular)


def _week(osm: str, today: date) -> tuple[Day, ...] | None:
    coming = [today + timedelta((n - today.weekday()) % WEEK) for n in range(WEEK)]
    day_spans = [spans(osm, day) for day in coming]
    days = [tuple(day) for day in day_spans if day is not None and _UNKNOWN_DAY not in day]
    return tuple(days) if len(days) == WEEK else None


def _holidays(osm: str, today: date) -> Day | None:
    day_spans = [spans(osm, today + timedelta(n), holiday=True) for n in range(WEEK)]
    first = day_spans[0]
    return tuple(first) if first is not None and all(day == first for day in day_spans) else None
