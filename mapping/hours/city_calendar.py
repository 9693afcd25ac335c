"""Public holidays and school calendars of a city."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from pydantic import model_validator

from mapping.city import City
from mapping.config import Config, config_files, read_config
from mapping.config_values import Identifier, Sentence
from mapping.errors import BadInputError

if TYPE_CHECKING:
    import holidays

FOLDER = Path(__file__).with_name("school_calendars")
COUNTRY = "IT"
FIRST_MONTH = 9
"""A school year begins on 1 September: art. 74, d.lgs. 297/1994."""
LONGEST_SPELL_DAYS = 200
Days = tuple[date, date]
"""A first and a last day, both counted."""


class SchoolYear(Config):
    """The days without lessons, 1 September to 31 August, in the schools of a region."""

    first_lesson: date
    last_lesson: date
    holidays: tuple[Days, ...]
    doubtful: tuple[Days, ...] = ()
    """Days on which some schools have lessons and others have none."""
    source: Sentence

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if not self.first_lesson < self.last_lesson:
            raise ValueError("first_lesson is not before last_lesson")
        for first, last in (*self.holidays, *self.doubtful):
            if first > last or (last - first).days > LONGEST_SPELL_DAYS:
                raise ValueError(
                    f"'{first}' to '{last}' is no spell of days: give its first, then its last"
                )
        return self


class SchoolCalendar(Config):
    """The school years of a region of which a published text was read."""

    id: Identifier
    years: dict[str, SchoolYear]

    @model_validator(mode="after")
    def _lessons_in_their_year(self) -> Self:
        for name, year in self.years.items():
            begins = year.first_lesson.year
            if name != _school_year(begins) or year.last_lesson.year != begins + 1:
                raise ValueError(
                    f"the lessons of '{name}' are of {_school_year(begins)}: write the year in"
                    " which they begin, and the last two digits of the next"
                )
        return self

    def is_holiday(self, day: date) -> bool | None:
        """Whether schools are closed; None in an unknown year, and where schools differ."""
        begins = day.year - (day.month < FIRST_MONTH)
        year = self.years.get(_school_year(begins))
        if year is None or _within(day, year.doubtful):
            return None
        lessons = year.first_lesson <= day <= year.last_lesson
        return not lessons or _within(day, year.holidays)


@dataclass(frozen=True, eq=False)
class Calendar:
    """The time zone of a city, its public holidays, and its school calendar."""

    timezone: ZoneInfo
    public: "holidays.HolidayBase"
    school: SchoolCalendar | None = None

    def local(self, when: datetime) -> datetime:
        """Convert a moment with a zone to the city's own time, without a zone."""
        return when.astimezone(self.timezone).replace(tzinfo=None) if when.tzinfo else when

    def now(self) -> datetime:
        """Give the present moment in the city's own time, without a zone."""
        return self.local(datetime.now(UTC))

    def today(self) -> date:
        """Give the present day in the city."""
        return self.now().date()

    def is_public_holiday(self, day: date) -> bool:
        """Whether a day is a public holiday, the patron's day included; a Sunday as such is not."""
        return day in self.public

    def is_school_holiday(self, day: date) -> bool | None:
        """Whether the city's schools are closed; None when that is not known."""
        return self.school.is_holiday(day) if self.school else None


def calendar_of(city: City) -> Calendar:
    """Make the calendar of a city.

    Parameters
    ----------
    city : City
        Its `holidays` names a province of the `holidays` library, its `school_calendar` a region.

    Returns
    -------
    Calendar
        National holidays only where no province is named; schools unknown where no region is.

    Raises
    ------
    BadInputError
        When no such province or region is held.
    """
    import holidays  # noqa: PLC0415 - only a question of hours is worth its time

    region = city.school_calendar
    try:
        public = holidays.country_holidays(COUNTRY, subdiv=city.holidays)
    except NotImplementedError as problem:
        raise BadInputError(
            f"holidays = '{city.holidays}' is no province of Italy. Give its two letters, such as"
            " 'MI'."
        ) from problem
    school = None if region is None else school_calendar(region)
    return Calendar(ZoneInfo(city.timezone), public, school)


def school_calendar_files() -> dict[str, Path]:
    """Find the file of each region's school calendar, bundled or of the overlay."""
    return config_files(FOLDER, "school_calendars")


def school_calendar(region: str) -> SchoolCalendar:
    """Read the school calendar of a region; raises BadInputError when there is none."""
    files = school_calendar_files()
    if region not in files:
        raise BadInputError(f"Unknown school_calendar '{region}'. Use one of: {', '.join(files)}.")
    return read_config(files[region], SchoolCalendar, BadInputError)


def _school_year(begins: int) -> str:
    return f"{begins}/{(begins + 1) % 100:02d}"


def _within(day: date, spells: tuple[Days, ...]) -> bool:
    return any(first <= day <= last for first, last in spells)
