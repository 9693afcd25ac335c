"""Windows on real days of Milano, and requirements that are met, not met, or not known."""

from datetime import date

import pytest

from mapping.city import city
from mapping.coverage.requirements import requirement, requirements
from mapping.errors import BadInputError
from mapping.hours.city_calendar import calendar_of
from mapping.hours.opening import to_osm
from mapping.hours.windows import days_of, window, windows

MILANO = calendar_of(city("milano"))


def opened(
    name: str, osm: str | None, today: date = date(2025, 11, 22), assured: str | None = None
) -> bool | None:
    asked = window(name)
    return asked.is_open(osm, days_of(asked, today, MILANO), MILANO, assured)


def test_the_week_is_the_first_whole_one_without_holidays() -> None:
    week = days_of(window("weekday_morning"), date(2025, 11, 22), MILANO)
    assert (week[0], week[-1], len(week)) == (date(2025, 11, 24), date(2025, 11, 28), 5)
    # Monday 8 December, then school holidays until the Epiphany, which is a Tuesday.
    assert days_of(window("weekday_morning"), date(2025, 12, 2), MILANO)[0] == date(2025, 12, 15)
    assert days_of(window("weekday_morning"), date(2025, 12, 15), MILANO)[0] == date(2026, 1, 12)
    assert days_of(window("saturday"), date(2025, 12, 15), MILANO) == [date(2026, 1, 17)]


def test_august_has_its_working_days_without_ferragosto() -> None:
    days = days_of(window("august"), date(2024, 9, 1), MILANO)
    assert (days[0], len(days)) == (date(2025, 8, 1), 20)  # 15 August 2025 is a Friday
    assert days_of(window("august"), date(2025, 7, 31), MILANO) == days
    assert days_of(window("august"), date(2025, 8, 1), MILANO)[0] == date(2026, 8, 3)


@pytest.mark.parametrize(
    ("name", "osm", "expected"),
    [
        ("weekday_morning", "Mo-Fr 08:30-12:00", True),
        ("weekday_morning", "Tu 10:00-13:00", True),
        ("weekday_morning", "Mo-Fr 12:00-18:00", False),
        ("weekday_afternoon", "Mo-Fr 08:30-17:15", False),
        ("weekday_afternoon", "Mo-Fr 08:30-17:30", True),
        ("weekday_afternoon", "Sa 16:30-18:30", False),
        ("saturday", "Mo-Su 10:00-18:30", True),
        ("saturday", "Mo-Fr 10:00-18:30", False),
        ("saturday", 'Mo-Fr 09:00-12:00; Sa unknown "su appuntamento"', None),
        ("august", "Mo-Fr 09:00-12:00; Aug off", None),
        ("august", "Jan-Dec Mo-Fr 09:00-12:00", None),
        ("august", "Mo-Fr 09:00-12:00", None),
        ("august", "Sa 09:00-12:00", None),
        ("august", "Mo-Fr 09:00-12:00; 2026 Aug off", False),
        ("august", to_osm("lun-ven 9-12 dal 1 luglio al 31 agosto 2026"), True),
        ("august", to_osm("lun-mar 9-12 dal 1 luglio al 31 agosto 2026"), False),
        ("august", to_osm("lun-ven 9-12, chiuso dal 1 al 31 agosto 2026"), False),
        ("august", to_osm("lun-ven 9-12, chiuso dal 1 al 31 agosto 2025"), None),
        ("august", to_osm("lun-ven 9-12, chiuso dal 10 al 14 agosto 2026"), True),
        ("august", to_osm("lun-ven 9-12 dal 1 luglio al 31 agosto 2025"), None),
        ("august", to_osm("lun-ven 9-12 dal 1 giugno al 24 luglio 2026"), None),
        ("weekday_morning", to_osm("lun-ven 9-12 dal 1 giugno al 24 luglio 2025"), None),
        ("weekday_morning", to_osm("lun-ven 9-12 fino al 31 dicembre 2025"), True),
    ],
)
def test_hours_are_open_in_a_window_or_not(name: str, osm: str, *, expected: bool | None) -> None:
    assert opened(name, osm) is expected


@pytest.mark.parametrize(
    ("assured", "told"),
    [
        (None, False), ("2026", False), ("2026-05-31", False), ("2025-07-01", False),
        ("2026-06", True), ("2026-06-01", True), ("2026-08-31", True), ("2026-09-01", False),
    ],
)  # fmt: skip
def test_august_is_told_of_hours_assured_in_that_summer(assured: str, *, told: bool) -> None:
    july = date(2026, 7, 1)
    assert opened("august", "Mo-Fr 09:00-12:00", july, assured) is (True if told else None)
    assert opened("august", "Sa 09:00-12:00", july, assured) is (False if told else None)


@pytest.mark.parametrize("name", windows())
def test_hours_that_are_not_known_are_never_closed(name: str) -> None:
    for osm in (None, "", "not hours", 'unknown "su appuntamento"'):
        assert opened(name, osm) is (True if name == "any" else None)


def test_of_what_depends_on_the_school_calendar_nothing_is_said_in_a_year_without_one() -> None:
    # No published text of 2026/27 was read: whether schools rest that week is not known.
    assert opened("weekday_morning", "Mo-Fr 08:30-12:00; SH off", date(2026, 11, 21)) is None


def test_a_requirement_is_met_or_not_or_not_known() -> None:
    blank = dict.fromkeys(("residence_required", "languages", "appointment_required"))
    assert {name: one.met_by(blank) for name, one in requirements().items()} == {
        "any": True, "no_residence": None, "arabic": None, "no_appointment": None,
    }  # fmt: skip
    told = {"residence_required": True, "languages": ["it", "ar"], "appointment_required": False}
    assert [one.met_by(told) for one in requirements().values()] == [True, False, True, True]
    assert requirement("arabic").met_by({"languages": []}) is False


def test_an_unknown_window_or_requirement_says_which_there_are() -> None:
    with pytest.raises(BadInputError, match=r"Unknown window 'night'\. Use one of: any, weekday_"):
        window("night")
    with pytest.raises(BadInputError, match=r"Unknown requirement 'x'\. Use one of: any, no_res"):
        requirement("x")
