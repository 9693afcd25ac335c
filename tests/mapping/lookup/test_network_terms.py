"""The end of a network's convention, as sources write it."""

from datetime import date

import pytest

from mapping.lookup.network_terms import ended_before


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
