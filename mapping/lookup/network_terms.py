"""Until when a network's convention runs, out of the words of its source."""

import re
from datetime import date

_DAY = re.compile(r"\b(\d{1,2})[./](\d{1,2})[./](\d{4})\b")


def ended_before(status: str | None, today: date) -> date | None:
    """Read the end of a term that is over, ``attiva 8.5.2024 - 1.5.2026``; None where it is not.

    A single day says when something began.
    """
    days = _days(status or "")
    return days[-1] if len(days) > 1 and days[-1] < today else None


def _days(text: str) -> list[date]:
    days = []
    for day, month, year in _DAY.findall(text):
        try:
            days.append(date(int(year), int(month), int(day)))
        except ValueError:  # 31.2.2026 is no day
            continue
    return days
