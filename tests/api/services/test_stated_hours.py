"""Whether a service is open, as look-ups, pages and cards say it."""

import json
from datetime import date, datetime

from api.services.stated_hours import stated_hours
from mapping.city import city
from mapping.hours.city_calendar import calendar_of
from mapping.hours.windows import days_of, window
from mapping.services.service_row import ServiceRow

MILANO = calendar_of(city("milano"))
AUGUST = datetime.fromisoformat("2026-08-04T10:00")
SEPTEMBER = datetime.fromisoformat("2026-09-01T10:00")


def service(**columns: object) -> ServiceRow:
    return ServiceRow.from_row(
        {"service_id": "a:1", "opening_hours": "Mo-Fr 09:00-13:00"} | columns
    )


def test_august_is_told_where_the_window_tells_it() -> None:
    days = days_of(window("august"), date(2026, 7, 1), MILANO)
    for assured, told in (("2026-07-01", True), ("2026-05-01", None), (None, None)):
        row = service(assured_date=assured)
        assert row.is_open_at(AUGUST, MILANO) is told
        assert window("august").is_open(row.opening_hours, days, MILANO, row.hours_assured) is told
        assert row.is_open_at(SEPTEMBER, MILANO) is True


def test_the_hours_of_a_merged_card_are_as_old_as_their_source() -> None:
    sources = json.dumps({"opening_hours": {"assured_date": "2026-07-01"}})
    assert service(assured_date="2026-11-01", field_sources=sources).is_open_at(AUGUST, MILANO)


def test_a_page_says_that_hours_contradict_themselves() -> None:
    text = "aperto dal 1 al 31 agosto lun-ven 9-13; chiuso ad agosto"
    row = service(opening_hours=None, opening_hours_text=text)
    stated = stated_hours(row, MILANO, AUGUST)
    assert (stated.contradicts, stated.week, stated.is_open) == (True, None, None)
    assert not stated_hours(service(), MILANO, AUGUST).contradicts
