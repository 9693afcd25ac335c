"""Published hours: understood, or left unknown."""

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.city import city
from mapping.errors import BadInputError
from mapping.hours.city_calendar import calendar_of
from mapping.hours.opening import is_by_appointment, is_open, parse_when, to_osm

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
            'Mo-Fr 08:30-12:00,14:00-15:15 "su appuntamento"',
        ),
    ],
)
def test_published_hours_are_read(text: str, osm: str) -> None:
    assert to_osm(text) == osm


@pytest.mark.parametrize(
    ("text", "osm"),
    [
        ("Martedì h 10:00 - 13:00", "Tu 10:00-13:00"),
        ("lun-ven 9/13 e 14/18", "Mo-Fr 09:00-13:00,14:00-18:00"),
        ("lun. - ven. 9.00 \u2013 12.30", "Mo-Fr 09:00-12:30"),
        ("lun 9,30-12,30", "Mo 09:30-12:30"),
        ("lun 9-12,14-18", "Mo 09:00-12:00,14:00-18:00"),
        (
            "lunedì, mercoledì e venerdì 9.00-12.30; martedì 14.30 17.30",
            "Mo,We,Fr 09:00-12:30; Tu 14:30-17:30",
        ),
        (
            "dal lunedì al venerdì dalle 9 alle 18, sabato dalle 9 alle 12",
            "Mo-Fr 09:00-18:00; Sa 09:00-12:00",
        ),
        ("dalle ore 9 alle 18 dal lunedì al venerdì", "Mo-Fr 09:00-18:00"),
        ("lun-mer e ven orario continuato 9-18", "Mo-We,Fr 09:00-18:00"),
        ("lun 9-12, lun 14-17", "Mo 09:00-12:00, Mo 14:00-17:00"),
        ("lun/mer/ven 9-12", "Mo,We,Fr 09:00-12:00"),
        ("lun/mar/mer 9-12, gio 14-18", "Mo-We 09:00-12:00; Th 14:00-18:00"),
        ("L-V 9-12", "Mo-Fr 09:00-12:00"),
        ("L - V 9.30-12.30; S 9-11", "Mo-Fr 09:30-12:30; Sa 09:00-11:00"),
        ("lun-ven 9:00/12:00 - 14:00/17:00", "Mo-Fr 09:00-12:00,14:00-17:00"),
        ("lun-ven 9-12 - 14-17", "Mo-Fr 09:00-12:00,14:00-17:00"),
        ("lun-ven 9-13; agosto chiuso", "Mo-Fr 09:00-13:00; Aug off"),
        ("lun-ven 9-13; luglio e agosto chiuso", "Mo-Fr 09:00-13:00; Jul off; Aug off"),
        (
            "lun-ven 9-13, dal 1 al 31 agosto chiuso",
            "Mo-Fr 09:00-13:00; Aug 01-Aug 31 unknown",
        ),
        ("24 ore su 24", "24/7"),
        ("sab e dom h24", "Sa,Su 00:00-24:00"),
    ],
)
def test_the_many_forms_of_days_and_hours_are_read(text: str, osm: str) -> None:
    assert to_osm(text) == osm


@pytest.mark.parametrize(
    ("text", "osm"),
    [
        ("tutti i giorni tranne la domenica 9-18", "Mo-Sa 09:00-18:00"),
        ("tutti i giorni 9-18 tranne il lunedì", "Mo-Su 09:00-18:00; Mo off"),
        ("lun-ven 9-18; sab e dom chiuso", "Mo-Fr 09:00-18:00; Sa,Su off"),
        ("lun-ven 9-13, chiuso ad agosto", "Mo-Fr 09:00-13:00; Aug off"),
        ("mar 9-13, chiuso dal 10 al 25 agosto", "Tu 09:00-13:00; Aug 10-Aug 25 unknown"),
        ("lun-ven 9-18 (esclusi i festivi)", "Mo-Fr 09:00-18:00; PH off"),
        ("domenica e festivi 10-12", "Su,PH 10:00-12:00"),
        ("lun 16-18 durante l'anno scolastico", "Mo 16:00-18:00; SH off"),
        ("primo e terzo sabato del mese 10-12", "Sa[1,3] 10:00-12:00"),
        ("1° martedì del mese 10-12", "Tu[1] 10:00-12:00"),
        ("da settembre a giugno lun 9-12", "Sep-Jun Mo 09:00-12:00"),
        ("lun 10-11:30, ottobre-giugno", "Oct-Jun Mo 10:00-11:30"),
        ("mar 9-12, dal 15 settembre al 15 giugno", None),
    ],
)
def test_exceptions_seasons_and_days_of_the_month_are_read(text: str, osm: str | None) -> None:
    assert to_osm(text) == osm


@pytest.mark.parametrize(
    ("text", "osm"),
    [
        ("lun-ven 9-18, mer 9-13", "Mo-Fr 09:00-18:00; We 09:00-13:00"),
        ("lun-sab 8-20; sab 8-13", "Mo-Sa 08:00-20:00; Sa 08:00-13:00"),
        ("lun-ven 8-18 (venerdì 8-16)", "Mo-Fr 08:00-18:00; Fr 08:00-16:00"),
        (
            "tutti i giorni 8.30-19.30; domenica e festivi 9-13",
            "Mo-Su 08:30-19:30; Su,PH 09:00-13:00",
        ),
        (
            "lun-ven 9-18, mer 9-13, mer 14-16",
            "Mo-Fr 09:00-18:00; We 09:00-13:00, We 14:00-16:00",
        ),
        ("lun-ven 9-18; primo lunedì del mese 9-13", "Mo-Fr 09:00-18:00; Mo[1] 09:00-13:00"),
        ("lun-ven 9-13, mer 14-18", "Mo-Fr 09:00-13:00, We 14:00-18:00"),
        ("lun 9-18, lun 10-12", None),
        ("mer 9-13, lun-ven 9-18", None),
        ("lun-ven 9-18; ven-sab 9-13", None),
    ],
)
def test_a_day_named_again_has_its_narrower_hours(text: str, osm: str | None) -> None:
    assert to_osm(text) == osm


@pytest.mark.parametrize(
    ("text", "osm"),
    [
        ("ultimo venerdì del mese chiuso; lun-ven 9-13", "Mo-Fr 09:00-13:00; Fr[-1] off"),
        ("primo lunedì del mese chiuso", "unknown; Mo[1] off"),
        ("lun-ven 9-13, chiuso il primo lunedì del mese", "Mo-Fr 09:00-13:00; Mo[1] off"),
        ("lun-ven 9-13 tranne il 2° e 4° martedì del mese", "Mo-Fr 09:00-13:00; Tu[2,4] off"),
    ],
)
def test_one_day_of_the_month_off_is_not_every_week(text: str, osm: str) -> None:
    assert to_osm(text) == osm
    assert is_open(to_osm("lun-ven 9-13, chiuso il primo lunedì del mese"), on(2, 10)) is False
    assert is_open(to_osm("lun-ven 9-13, chiuso il primo lunedì del mese"), on(9, 10)) is True


@pytest.mark.parametrize(
    "text",
    [
        "solo su appuntamento: martedì 14-17",
        "mar 14-17 su appuntamento",
        "previo appuntamento mar 14-17",
        "mar 14-17; su appuntamento",
    ],
)
def test_hours_by_appointment_say_so_and_are_not_simply_open(text: str) -> None:
    osm = to_osm(text)
    assert osm == 'Tu 14:00-17:00 "su appuntamento"'
    assert is_by_appointment(osm)
    assert is_open(osm, on(17, 15)) is None
    assert is_open(osm, on(17, 10)) is False


def test_appointments_for_some_of_the_hours_are_no_rule_of_the_place() -> None:
    osm = to_osm("lun 9-12; mar 14-17 su appuntamento")
    assert osm == 'Mo 09:00-12:00; Tu 14:00-17:00 "su appuntamento"'
    assert not is_by_appointment(osm)
    assert not is_by_appointment(None)
    assert is_by_appointment('Mo-Fr 09:00-12:00 "by appointment"; PH off')


@pytest.mark.parametrize(
    "text",
    [
        "lun-ven 9-19, sabato 9-13 da ottobre a maggio",
        "lun-ven 9-19, sab 9-13 ottobre-maggio",
        "lun-ven 9-19, sab 9-13 dal 1 ottobre al 31 maggio",
        "lun-ven 9-18, sab 9-13 durante l'anno scolastico",
    ],
)
def test_a_season_behind_several_hours_may_be_of_the_last_only(text: str) -> None:
    assert to_osm(text) is None


@pytest.mark.parametrize(
    ("text", "osm"),
    [
        ("Mo-Fr 09:00+", "Mo-Fr 09:00-24:00 unknown"),
        (
            "Mo-Fr 08:00-12:00,14:00+; Sa 09:00-12:00+",
            "Mo-Fr 08:00-12:00, Mo-Fr 14:00-24:00 unknown; Sa 09:00-12:00, Sa 12:00-24:00 unknown",
        ),
        ("09:00+", None),
        ("Mo 09:00+, Tu 10:00-12:00", None),
    ],
)
def test_nobody_knows_how_long_an_open_end_goes_on(text: str, osm: str | None) -> None:
    assert to_osm(text) == osm
    assert is_open(to_osm("Mo 08:00-12:00,14:00+"), on(16, 10)) is True
    assert is_open(to_osm("Mo 08:00-12:00,14:00+"), on(16, 13)) is False
    assert is_open(to_osm("Mo 08:00-12:00,14:00+"), on(16, 23)) is None


@pytest.mark.parametrize(
    ("text", "elsewhen"), [("su appuntamento", None), ("chiuso ad agosto", False)]
)
def test_what_tells_no_hours_is_never_closed_by_itself(text: str, *, elsewhen: bool | None) -> None:
    assert is_open(to_osm(text), on(16, 10)) is None
    assert is_open(to_osm(text), on(17, 10, month=8)) is elsewhen


SAID = (
    "lun|mar|sabato|domenica|-|,|;|e|al|dal|dalle|alle|9|10.30|14:00|18|9-13|14/18|h24|chiuso"
    "|agosto|tranne|festivi|primo|terzo|del mese|tutti i giorni|settembre|feriali"
)
WORDS = st.lists(st.sampled_from(SAID.split("|")), max_size=9).map(" ".join)


@given(WORDS)
def test_no_hour_is_invented(text: str) -> None:
    written = {(int(h), int(m or 0)) for h, m in re.findall(r"(\d+)(?:[.:](\d\d))?", text)}
    if "h24" in text:
        written |= {(0, 0), (24, 0)}
    read = re.findall(r"(\d\d):(\d\d)", to_osm(text) or "")
    assert {(int(hour), int(minute)) for hour, minute in read} <= written


@given(st.text(max_size=40))
def test_any_text_is_read_or_left_unknown(text: str) -> None:
    osm = to_osm(text)
    assert osm is None or is_open(osm, on(16, 10)) in (True, False, None)


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
        "mar 25-26",
        "lun 18-9",
        "lun 9",
        "",
        "lun/ven 9-12",
        "lun/mer/gio-sab 9-12",
        "M-V 9-12",
        "lun-ven 9-13; agosto chiuso sabato",
        "lun-ven 9-17 - 14-18",
        "lun 2-5",
        "lun 9-12 e 11-14",
        "festivi 10-12",
        "tutti i giorni 9-18 esclusi i festivi",
        "lun-sab 9-18 tranne il mercoledì 9-13",
        "chiuso lunedì 9-12",
        "primo martedì 10-12",
        "secondo sabato del mese 9-12; sab 15-18",
        "da settembre a giugno lun 9-12; mar 9-12",
        "lun-ven 9-18 durante l'anno scolastico; sab 9-12",
        "mar 10-12 solo donne",
        "9-12 lun 14-17",
        "dal 1 settembre 2025 lun 9-12",
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


@given(st.integers(6, 22), st.integers(0, 6), st.integers(0, 23))
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


CALENDAR = calendar_of(city("milano"))
SANT_AMBROGIO = on(7, 10, month=12)
CHRISTMAS_HOLIDAYS = datetime(2025, 12, 29, 17)  # noqa: DTZ001 - the place's own time
LESSONS = datetime(2025, 12, 15, 17)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("osm", "when", "open_then"),
    [
        ("Mo-Fr 09:00-18:00; PH off", SANT_AMBROGIO, False),
        ("Mo-Fr 09:00-18:00; PH off", on(9, 10, month=12), True),
        ("Mo,PH 09:00-11:00", SANT_AMBROGIO, True),
        ("Su,PH 09:00-11:00", SANT_AMBROGIO, True),
        ("Mo-Fr 16:00-18:00; SH off", CHRISTMAS_HOLIDAYS, False),
        ("Mo-Fr 16:00-18:00; SH off", LESSONS, True),
        ("SH Mo-Fr 16:00-18:00", CHRISTMAS_HOLIDAYS, True),
        ("SH Mo-Fr 16:00-18:00", LESSONS, False),
        ("Mo-Fr 16:00-18:00; PH,SH off", CHRISTMAS_HOLIDAYS, False),
        ("Mo-Su 20:00-02:00; PH off", on(8, 1, month=12), False),
    ],
)
def test_the_citys_holidays_decide(osm: str, when: datetime, *, open_then: bool) -> None:
    assert is_open(osm, when, CALENDAR) is open_then


def test_hours_that_say_nothing_of_holidays_are_not_believed_on_one() -> None:
    assert is_open("Mo-Fr 09:00-18:00", SANT_AMBROGIO, CALENDAR) is None
    assert is_open("Tu-Fr 09:00-18:00", SANT_AMBROGIO, CALENDAR) is False
    assert is_open("24/7", SANT_AMBROGIO, CALENDAR) is True


def test_school_holidays_that_nobody_published_are_unknown_where_they_matter() -> None:
    osm, later = "Mo-Fr 16:00-18:00; SH off", datetime(2040, 3, 5, 17)  # noqa: DTZ001 - own time
    assert is_open(osm, later, CALENDAR) is None
    assert is_open(osm, later.replace(hour=20), CALENDAR) is False


@pytest.mark.parametrize(("month", "open_then"), [(1, False), (7, True)])
def test_a_moment_of_another_zone_is_turned_into_the_citys_time(
    month: int, *, open_then: bool
) -> None:
    # 07:30 in Greenwich is 08:30 in Milano in winter, 09:30 in summer.
    when = datetime(2026, month, 7, 7, 30, tzinfo=UTC)
    assert is_open("Mo-Fr 09:00-18:00", when, CALENDAR) is open_then


@given(st.dates(date(2023, 9, 1), date(2027, 8, 31)), st.integers(0, 23))
def test_a_calendar_never_turns_closed_into_open(day: date, hour: int) -> None:
    when = datetime.combine(day, time(hour))
    for off in ("PH off", "SH off", "PH,SH off"):
        if is_open("Mo-Fr 09:00-18:00", when) is False:
            assert is_open(f"Mo-Fr 09:00-18:00; {off}", when, CALENDAR) is False


def test_the_worked_example_of_the_methods_holds() -> None:
    page = Path(__file__).parents[3] / "docs" / "methods.md"
    section = page.read_text(encoding="utf-8").split("## Opening hours")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\d{4}\S+) \|.*\| `(open|closed|unknown)` \|$", section, re.MULTILINE)
    text, osm = re.findall(r"^    (.+)$", section, re.MULTILINE)[:2]
    words = {True: "open", False: "closed", None: "unknown"}
    assert to_osm(text) == osm
    assert len(rows) == 6
    for when, answer in rows:
        assert words[is_open(osm, datetime.fromisoformat(when), CALENDAR)] == answer


@pytest.mark.parametrize(
    "osm",
    [
        "Mo-Fr 09:00-18:00; Sa 09:00-13:00",
        "24/7",
        "Mo-Su 08:00-20:00; PH off",
        'Mo-Fr 09:00-18:00 "su appuntamento"',
    ],
)
def test_hours_of_openstreetmap_stay_as_they_are(osm: str):
    assert to_osm(osm) == osm


def test_half_a_rule_of_openstreetmap_is_not_believed():
    assert to_osm("Mo-Fr 09:00-") is None
    assert to_osm("Su appuntamento") == to_osm("su appuntamento")


@pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
def test_on_a_night_when_the_clock_is_turned_hours_are_those_of_the_wall(night: date) -> None:
    calendar = calendar_of(city("milano"))
    start = datetime.combine(night, time(), UTC) - timedelta(hours=3)
    for quarter in range(36):
        moment = start + timedelta(minutes=15 * quarter)
        wall = moment.astimezone(calendar.timezone)
        expected = wall.date() == night and time(1, 30) <= wall.time() < time(3, 30)
        assert is_open("Su 01:30-03:30", moment, calendar) is expected, wall


@pytest.mark.parametrize(
    ("osm", "when", "open_then"),
    [
        ("Mo 06:00-15:00; Tu-Th 07:00-04:00; Fr-Su 09:00-17:00", on(18, 2), True),
        ("Mo-Su,PH 10:00-22:00", on(18, 11), True),
        ("Jan-Jun,Sep-Dec Sa[1,3] 09:00-13:00", on(7, 10), True),
        ("Jan-Jun,Sep-Dec Sa[1,3] 09:00-13:00", on(14, 10), False),
        ("Mo-Su 09:00-20:00; Jul-Aug 19:00-19:30 off", on(1, 10, month=7), True),
        ("Mo-Su 09:00-20:00; Jul-Aug 19:00-19:30 off", on(1, 19, 10, month=7), False),
        ("Mo-Fr 08:00-12:00, 14:00-18:00", on(18, 15), True),
        ("Mo\u2013Fr 08:00\u201312:00", on(18, 9), True),
        ("Mo-Fr 08:00-26:00", on(18, 1), True),
    ],
)
def test_hours_that_other_tools_misread_are_read(osm: str, when: datetime, *, open_then: bool):
    assert is_open(to_osm(osm), when) is open_then


@pytest.mark.parametrize(
    "osm",
    ['We 07:00-18:15; SH off || "on appointment"', "sunrise-sunset", "week 1-53/2 Mo 09:00-12:00",
     "Mo-Fr 09:00-12:00 || unknown", "Mon-Fri 08:00-12:00"],
)  # fmt: skip
def test_what_is_not_of_our_part_of_the_syntax_is_unknown(osm: str):
    assert to_osm(osm) is None
