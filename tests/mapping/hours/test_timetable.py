from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.hours.opening import is_open, to_osm
from mapping.hours.timetable import timetable

MONDAY = date(2026, 3, 2)
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def told(osm: str, today: date = MONDAY) -> list[list[tuple[str, str]]]:
    table = timetable(osm, today)
    assert table
    return [[span[:2] for span in day] for day in table.days]


def test_each_day_has_its_hours_and_a_day_that_is_not_named_is_closed():
    week = told("Mo 14:00-18:00; We,Fr 09:00-13:00,14:00-18:00")
    twice = [("09:00", "13:00"), ("14:00", "18:00")]
    assert week == [[("14:00", "18:00")], [], twice, [], twice, [], []]


@pytest.mark.parametrize("today", [date(2026, 3, day) for day in range(2, 9)])
def test_the_week_is_the_same_whichever_day_it_is_printed(today):
    assert told("Tu 10:00-12:00; Sa 09:00-10:00", today) == told("Tu 10:00-12:00; Sa 09:00-10:00")


def test_hours_past_midnight_end_with_the_day_and_go_on_in_the_next():
    assert told("Sa 22:00-02:00")[5:] == [[("22:00", "24:00")], [("00:00", "02:00")]]


@pytest.mark.parametrize("osm", ["24/7", "Mo-Su 00:00-24:00"])
def test_a_place_that_never_closes_is_told_so(osm):
    table = timetable(osm, MONDAY)
    assert table
    assert table.always


def test_hours_by_appointment_are_told_with_their_remark_and_are_not_sure():
    table = timetable('Mo 09:00-12:00 "su appuntamento"', MONDAY)
    assert table
    (span,) = table.days[0]
    assert (span.opens, span.closes, span.sure) == ("09:00", "12:00", False)
    assert span.remark == "su appuntamento"
    assert not table.always


@pytest.mark.parametrize(
    ("osm", "regular"),
    [
        ("Mo 09:00-12:00", True),
        ("Mo 09:00-12:00; PH off", True),
        ("Oct-Jun Mo 10:00-11:30", False),
        ("Mo[1] 10:00-11:30", False),
        ("Mo 09:00-12:00; SH off", False),
    ],
)
def test_hours_that_change_in_the_year_are_told_as_such(osm, regular):
    table = timetable(osm, MONDAY)
    assert table
    assert table.regular is regular


def test_public_holidays_are_told_only_where_the_hours_speak_of_them():
    silent, closed = (
        timetable("Mo 09:00-12:00", MONDAY),
        timetable("Mo 09:00-12:00; PH off", MONDAY),
    )
    assert silent
    assert closed
    assert silent.holidays is None
    assert closed.holidays == ()


def test_a_public_holiday_in_the_week_does_not_hide_the_hours_of_its_day():
    easter_monday = date(2026, 4, 6)
    assert told("Mo 09:00-12:00; PH off", easter_monday)[0] == [("09:00", "12:00")]


@pytest.mark.parametrize("osm", [None, "", "quando capita"])
def test_hours_that_are_not_known_have_no_table(osm):
    assert timetable(osm, MONDAY) is None


@given(st.sampled_from(DAYS), st.integers(0, 22), st.integers(1, 12))
def test_the_table_says_open_when_the_service_is(day, first, length):
    last = min(first + length, 24)
    osm = to_osm(f"{day} {first:02d}:00-{last:02d}:00")
    assert osm
    for n, spans in enumerate(told(osm)):
        for hour in range(24):
            clock = f"{hour:02d}:30"
            when = datetime.combine(MONDAY + timedelta(n), time(hour, 30))
            assert any(a <= clock < b for a, b in spans) is is_open(osm, when)


def test_days_of_the_same_hours_stand_together_and_closed_ones_nowhere():
    week = timetable("Mo-We,Fr 09:00-12:00; Sa 10:00-11:00", MONDAY)
    groups = [(runs, [span[:2] for span in day]) for runs, day in week.day_groups]
    assert groups == [
        ([(0, 2), (4, 4)], [("09:00", "12:00")]),
        ([(5, 5)], [("10:00", "11:00")]),
    ]
