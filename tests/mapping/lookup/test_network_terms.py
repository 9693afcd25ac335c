"""The end of a network's convention, as sources write it."""

from datetime import date

import pytest

from mapping.lookup.network_terms import ended_before, term


@pytest.mark.parametrize(
    ("status", "end"),
    [
        ("attiva 8.5.2024 - 1.5.2026, prorogabile 24 mesi", date(2026, 5, 1)),
        ("attiva 8/5/2024-1/5/2026", date(2026, 5, 1)),
        ("attiva 8.5.2024 - 1.12.2026", None),
        ("attiva dal 8.5.2024", None),
        ("attiva 8.5.2024 - 31.2.2026", None),
        ("attiva 2024 - 2026", None),
        ("attiva", None),
        ("", None),
        (None, None),
    ],
)
def test_a_term_that_is_over_has_an_end(status: str | None, end: date | None) -> None:
    assert ended_before(status, date(2026, 11, 30)) == end


def test_on_its_last_day_a_convention_holds() -> None:
    assert ended_before("8.5.2024 - 1.5.2026", date(2026, 5, 1)) is None


@pytest.mark.parametrize(
    ("status", "first", "last"),
    [
        ("attiva 8.5.2024 - 1.5.2026, prorogabile 24 mesi", "2024-05-08", "2026-05-01"),
        ("rete 2019-2023; dal maggio 2024 confluita nella rete municipale", "2019", "2023"),
        ("ott 2021 - gen 2023, concluso", "2021-10", "2023-01"),
        ("avviato 2023", "2023", None),
        ("dal 2013; protocollo di rete gennaio 2021", "2013", None),
        ("rete citata nel 2023; dal maggio 2024 nella rete municipale", None, None),
        ("attiva 8.5.2024 - 31.2.2026", "2024-05-08", None),
        ("firmatario 2021", None, None),
        ("2025", None, None),
        (None, None, None),
    ],
)
def test_a_term_has_a_first_and_a_last_day_month_or_year(
    status: str | None, first: str | None, last: str | None
) -> None:
    assert term(status) == (first, last)
