"""Hours with dates: from a day to a day, and unknown outside of them."""

from datetime import date, datetime

import pytest

from mapping.city import city
from mapping.hours.city_calendar import calendar_of
from mapping.hours.italian import is_contradiction
from mapping.hours.opening import is_by_appointment, is_open, to_osm
from mapping.hours.timetable import timetable

MILANO = calendar_of(city("milano"))
JUNE_JULY = (
    "2026 Jun 01-2026 Jul 24 Mo-Fr 09:00-13:00"
    "; 1900 Jan 01-2026 May 31 unknown; 2026 Jul 25-9999 Dec 31 unknown"
)


def opened(osm: str | None, day: str) -> bool | None:
    return is_open(osm, datetime.fromisoformat(f"{day}T10:00"), MILANO)


@pytest.mark.parametrize(
    "text",
    [
        "Dal 1 giugno al 24 luglio 2026: lun-ven 9-13",
        "dal 1° giugno 2026 al 24 luglio 2026 lun-ven 9-13",
        "lun-ven 9-13, dal 1/6 al 24/7/2026",
        "lun-ven 9-13 (dal 1/6/2026 al 24/7/2026)",
        "solo dal 1 giugno al 24 luglio 2026 lun-ven 9-13",
    ],
)
def test_hours_are_known_from_a_day_to_a_day_of_one_year(text: str) -> None:
    osm = to_osm(text)
    assert osm == JUNE_JULY
    assert [opened(osm, f"2026-{day}") for day in ("06-01", "07-24", "06-06")] == [
        True, True, False,
    ]  # fmt: skip
    outside = ("2025-06-03", "2026-05-29", "2026-07-27", "2026-12-01", "2027-06-01")
    assert [opened(osm, day) for day in outside] == [None] * 5


def test_a_year_that_is_not_written_is_the_one_of_the_assured_day() -> None:
    text = "Dal 1 giugno al 24 luglio lun-ven 9-13"
    assert to_osm(text, "2026-05-20") == JUNE_JULY == to_osm(text, "2026")
    assert to_osm(text) is None


def test_until_a_day_is_unknown_behind_it() -> None:
    osm = to_osm("fino al 30/6/2026 lun-ven 9-13")
    assert opened(osm, "2026-06-30") is True
    assert opened(osm, "2026-07-01") is None
    assert to_osm("fino al 30 giugno lun-ven 9-13") is None
    assert to_osm("fino al 30 giugno lun-ven 9-13", "2026-03") == osm


def test_a_month_alone_is_of_one_year() -> None:
    assert to_osm("solo a luglio lun-ven 9-13") is None
    osm = to_osm("solo a luglio lun-ven 9-13", "2026-07-01")
    assert osm == to_osm("luglio 2026: lun-ven 9-13")
    days = ("2026-07-31", "2026-06-30", "2026-08-03", "2027-07-01")
    assert [opened(osm, day) for day in days] == [True, None, None, None]
    february = to_osm("solo a febbraio lun-dom 9-13", "2028-01")
    assert [opened(february, day) for day in ("2028-02-29", "2028-03-01")] == [True, None]


def test_a_closing_with_dates_is_of_one_year_and_unknown_in_others() -> None:
    text = "lun-ven 9-13, chiuso dal 1 al 31 agosto"
    osm = to_osm(text, "2026-03-01")
    days = ("2026-08-03", "2027-08-02", "2026-07-31", "2027-07-30")
    assert [opened(osm, day) for day in days] == [False, None, True, True]
    assert opened(to_osm(text), "2026-08-03") is None
    assert opened(to_osm("chiuso dal 1 al 31 agosto", "2026"), "2026-08-03") is False
    assert to_osm("lun-ven 9-13; chiuso ad agosto 2026") == osm


@pytest.mark.parametrize(
    ("assured", "closed"),
    [("2026-10-01", "2026-12-28"), ("2026-02-01", "2026-12-28"), ("2026-01-02", "2025-12-29")],
)
def test_over_new_year_it_is_the_winter_of_the_assured_day(assured: str, closed: str) -> None:
    osm = to_osm("lun-ven 9-13, chiuso dal 24 dicembre al 5 gennaio", assured)
    winters = {day: opened(osm, day) for day in ("2025-12-29", "2026-12-28")}
    assert winters == {**dict.fromkeys(winters), closed: False}


def test_between_two_spells_nothing_is_known_and_a_closing_is() -> None:
    osm = to_osm(
        "dal 1 giugno al 24 luglio 2026 lun-ven 9-13"
        "; dal 1 al 30 settembre 2026 mar 9-12; chiuso ad agosto"
    )
    days = ("2026-07-24", "2026-07-27", "2026-08-03", "2026-09-01", "2026-09-02", "2027-08-02")
    assert [opened(osm, day) for day in days] == [True, None, False, True, False, None]


@pytest.mark.parametrize(
    "text",
    [
        "aperto dal 1 al 31 agosto lun-ven 9-13; chiuso tutto agosto",
        "1-31 agosto lun-ven 9-13, chiuso ad agosto",
        "lun-ven 9-13 dal 3 al 20 agosto 2026; chiuso dal 1 al 31 agosto",
        "solo ad agosto lun-ven 9-13; chiuso dal 1 al 15 agosto e dal 16 al 31 agosto",
    ],
)
def test_open_and_closed_on_the_same_days_is_unknown_and_told(text: str) -> None:
    assert to_osm(text) is to_osm(text, "2026-05-01") is None
    assert is_contradiction(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quando capita",
        "lun-ven 9-13; chiuso ad agosto",
        "da giugno a settembre lun-ven 9-13; chiuso ad agosto",
        "dal 1 luglio al 31 agosto 2026 lun-ven 9-13; chiuso dal 10 al 20 agosto",
        "dal 1 al 31 agosto 2025 lun-ven 9-13; chiuso dal 1 al 31 agosto 2026",
    ],
)
def test_what_can_be_is_no_contradiction(text: str) -> None:
    assert not is_contradiction(text)


@pytest.mark.parametrize(
    "text",
    [
        "dal 31 giugno al 5 luglio 2026 lun 9-12",
        "dal 1/13/2026 al 2/13/2026 lun 9-12",
        "dal 24 luglio 2026 al 1 giugno 2026 lun 9-12",
        "dal 1 giugno 2026 al 24 luglio 2028 lun 9-12",
        "dal 1 giugno al 24 luglio 2026 lun 9-12; mar 9-12",
        "dal 1 al 20 giugno 2026 lun 9-12; dal 15 al 30 giugno 2026 mar 9-12",
        "dal 1 giugno al 24 luglio 2026 lun 9-12; da settembre a ottobre mar 9-12",
    ],
)
def test_dates_that_cannot_be_or_are_of_some_hours_only_are_unknown(text: str) -> None:
    assert to_osm(text, "2026-05-01") is None


def test_months_of_every_year_stay() -> None:
    assert to_osm("da settembre a giugno lun 9-12", "2026") == "Sep-Jun Mo 09:00-12:00"


def test_appointments_are_of_all_hours_where_days_outside_are_unknown() -> None:
    osm = to_osm("dal 1 giugno al 24 luglio 2026 lun-ven 9-13 su appuntamento")
    assert is_by_appointment(osm)
    assert not is_by_appointment('Mo 09:00-10:00 "su appuntamento"; Tu 14:00-24:00 unknown')


def test_a_week_outside_of_the_dates_has_no_table() -> None:
    table = timetable(JUNE_JULY, date(2026, 6, 8))
    assert table
    assert not table.regular
    assert timetable(JUNE_JULY, date(2026, 7, 20)) is None
    assert timetable(JUNE_JULY, date(2026, 12, 1)) is None
