"""Places and waiting as sheets write them: read, kept as a note, or without a day that counts."""

import pytest

from ingest.sheets.cells import NO_ROOM_DATE
from ingest.values.room import room_status, waiting_days
from tests.ingest.test_spreadsheet import ALPHA as ROW
from tests.ingest.test_spreadsheet import one, understood


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("C'è posto", "accepts"), ("posti disponibili", "accepts"),
        ("Lista d'attesa", "waiting_list"), ("liste di attesa", "waiting_list"),
        ("al completo", "full"), ("non c'è posto", "full"), ("nessun posto", "full"),
        ("da valutare", "to_assess"), ("", None), ("chissà", None),
        ("non ci sono posti disponibili", "full"), ("completo, lista d'attesa", "waiting_list"),
        ("non accoglie", None), ("senza lista d'attesa", None), ("nessuna lista d'attesa", None),
        ("posti liberi: no", None), ("c'è posto solo per residenti", None), ("incompleto", None),
        ("non al completo", None), ("completo tranne il nido", None), ("c'è posto?", None),
        ("c'è posto, lista d'attesa", None),
    ],
)  # fmt: skip
def test_a_status_of_places_is_read_from_the_words_of_people(text, status):
    assert room_status(text) == status


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("30", 30), ("0", 0), ("30 giorni", 30), ("3 mesi", 90), ("2 settimane", 14),
        ("1 anno", 365), ("-3", None), ("lunga", None), ("", None), ("30.0", 30), ("99 anni", None),
    ],
)  # fmt: skip
def test_a_waiting_is_days_and_never_below_zero(text, days):
    assert waiting_days(text) == days


def test_places_waiting_and_their_day_become_fields_of_the_service():
    service = one(
        **{"C'è posto": "lista d'attesa", "Giorni di attesa": "45", "Posti al": "21/11/2025"}
    )
    assert (service.room_status, service.waiting_days, service.room_date) == (
        "waiting_list", 45, "2025-11-21",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "lines"),
    [
        ({"C'è posto": "al completo"}, [("room_status", "al completo", NO_ROOM_DATE)]),
        (
            {"Giorni di attesa": "-3"},
            [("waiting_days", "-3", "Rimane nelle note. Scrivi quanti giorni si aspetta, da 0 in"
              " su, o quanti mesi.")],
        ),
        (
            {"C'è posto": "c'è posto", "Posti al": "1/1/2990"},
            [
                ("room_date", "1/1/2990", "Rimane nelle note. Scrivi un giorno passato, come"
                 " 21/11/2026: senza, posti e attesa non contano."),
                ("room_status", "c'è posto", NO_ROOM_DATE),
            ],
        ),
    ],
)  # fmt: skip
def test_what_does_not_count_is_said_in_one_line_with_value_rule_and_remedy(cells, lines):
    sheet = understood({**ROW, **cells})
    assert not sheet.refused
    assert [(said.field, said.value, said.message) for said in sheet.remarks] == lines
