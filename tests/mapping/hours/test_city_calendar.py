"""The days on which the city and its schools rest."""

from datetime import date

import pytest

from mapping.city import city
from mapping.config import read_config
from mapping.errors import BadInputError
from mapping.hours.city_calendar import FOLDER, SchoolCalendar, calendar_of

MILANO = city("milano")
CALENDAR = calendar_of(MILANO)


@pytest.mark.parametrize("day", ["2026-12-07", "2026-10-04", "2026-04-06", "2026-08-15"])
def test_the_patron_and_saint_francis_are_holidays_of_milano(day: str) -> None:
    assert CALENDAR.is_public_holiday(date.fromisoformat(day))


def test_the_patron_of_one_city_is_no_holiday_of_another() -> None:
    elsewhere = calendar_of(MILANO.model_copy(update={"holidays": None}))
    assert not elsewhere.is_public_holiday(date(2026, 12, 7))
    assert not CALENDAR.is_public_holiday(date(2025, 10, 4))


@pytest.mark.parametrize(
    ("day", "rests"),
    [
        ("2025-09-12", False), ("2025-12-22", False), ("2025-12-23", True), ("2026-01-07", False),
        ("2026-04-07", True), ("2026-07-15", True), ("2025-09-01", True),
        ("2026-02-20", None), ("2026-06-15", None), ("2040-01-15", None),
    ],
)  # fmt: skip
def test_schools_rest_on_the_published_days(day: str, rests: bool | None) -> None:  # noqa: FBT001 - a parameter of the test
    assert CALENDAR.is_school_holiday(date.fromisoformat(day)) is rests


def test_without_a_region_school_holidays_are_unknown() -> None:
    calendar = calendar_of(MILANO.model_copy(update={"school_calendar": None}))
    assert calendar.is_school_holiday(date(2025, 12, 29)) is None


@pytest.mark.parametrize(
    ("key", "value", "remedy"),
    [("holidays", "XX", "two letters"), ("school_calendar", "atlantide", "lombardia")],
)
def test_a_calendar_that_is_not_held_is_refused_with_the_remedy(
    key: str, value: str, remedy: str
) -> None:
    with pytest.raises(BadInputError, match=remedy):
        calendar_of(MILANO.model_copy(update={key: value}))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_school_year_is_in_order_and_has_its_source(path) -> None:
    for name, year in read_config(path, SchoolCalendar, BadInputError).years.items():
        begins = int(name[:4])
        assert name == f"{begins}/{(begins + 1) % 100}"
        assert year.source
        spells = [(year.first_lesson, year.last_lesson), *year.holidays, *year.doubtful]
        for first, last in spells:
            assert date(begins, 9, 1) <= first <= last <= date(begins + 1, 8, 31)
