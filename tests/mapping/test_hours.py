"""Published hours: understood, or left unknown."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.errors import BadInputError
from mapping.hours import is_open, parse_when, to_osm

MONDAY = date(2026, 2, 16)


def on(day: int, hour: int, minute: int = 0, *, month: int = 2) -> datetime:
    # Naive on purpose: hours are read in the place's own time.
    return datetime.combine(date(2026, month, day), time(hour, minute))


@pytest.mark.parametrize(
    ("text", "osm"),
    [
        ("martedì h 10:00 - 13:00", "Tu 10:00-13:00"),
        ("mar 10:00-13:00", "Tu 10:00-13:00"),
        ("lun 9-12, mer 14-17, gio 9-12", "Mo 09:00-12:00; We 14:00-17:00; Th 09:00-12:00"),
        (
            "lun 14-18; mer e ven 9-13 e 14-18",
            "Mo 14:00-18:00; We,Fr 09:00-13:00,14:00-18:00",
        ),
        ("lun-gio 10-13, accesso libero", "Mo-Th 10:00-13:00"),
        ("tutti i giorni 10-18:30", "Mo-Su 10:00-18:30"),
        (
            "lun-ven 8:30-12:00 e 14:00-15:15 (su appuntamento)",
            "Mo-Fr 08:30-12:00,14:00-15:15",
        ),
    ],
)
def test_published_hours_are_read(text: str, osm: str) -> None:
    assert to_osm(text) == osm


@pytest.mark.parametrize(
    "text",
    [
        "telefono 8-19",
        "telefono: lun 15-18",
        "pomeriggio",
        "orario serale",
        "mattino: corsi di italiano",
        "4 ore consecutive (8-13 o 14-18)",
        "estate 2023: mar e gio 9:30-12:30 e 14-18",
        "lun-gio 10-11:30 e 15-16:30, ottobre-giugno",
        "lun-ven 9-13, chiuso agosto",
        "1° martedì del mese 10-12",
        "mar 25-26",
        "lun 18-9",
        "lun 9",
        "",
    ],
)
def test_what_is_not_understood_whole_is_unknown(text: str) -> None:
    assert to_osm(text) is None


@pytest.mark.parametrize("osm", [None, "", "boh"])
def test_unknown_hours_are_never_closed(osm: str | None) -> None:
    assert is_open(osm, on(16, 10)) is None


def test_a_closing_time_is_no_longer_open() -> None:
    moments = [on(16, 9), on(16, 11, 59), on(16, 12)]
    assert [is_open("Mo 09:00-12:00", when) for when in moments] == [True, True, False]


@given(st.integers(0, 22), st.integers(0, 6), st.integers(0, 23))
def test_hours_read_are_the_hours_of_the_day_named(start: int, day: int, hour: int) -> None:
    names = ("lun", "mar", "mer", "gio", "ven", "sab", "dom")
    osm = to_osm(f"{names[day]} {start}-{start + 1}")
    for other in range(7):
        when = on(16, hour) + timedelta(days=other)
        assert is_open(osm, when) is (other == day and hour == start)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("tue 10:00", on(17, 10)),
        ("mar 10:00", on(17, 10)),
        ("sab 10.30", on(21, 10, 30)),
        ("mon 9:00", on(16, 9)),
        ("2026-11-24T10:00", on(24, 10, month=11)),
    ],
)
def test_a_moment_is_the_next_such_day(text: str, when: datetime) -> None:
    assert parse_when(text, today=MONDAY) == when


@pytest.mark.parametrize("text", ["", "boh", "mar", "mar 25:00", "10:00", "2026-02-30T10:00"])
def test_a_moment_that_is_none_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(BadInputError, match="sat 10:00"):
        parse_when(text, today=MONDAY)
