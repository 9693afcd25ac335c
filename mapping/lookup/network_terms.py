"""From when and until when a network is active, out of the words of its source."""

import re
from datetime import date

_DAY = re.compile(r"\b(\d{1,2})[./](\d{1,2})[./](\d{4})\b")
_MONTHS = [
    "gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic",
]  # fmt: skip
_END = rf"(?:(\d{{1,2}})[./](\d{{1,2}})[./]|({'|'.join(_MONTHS)})[a-z]* )?((?:19|20)\d\d)\b"
_TERM = re.compile(rf"\b{_END} ?[-\u2013] ?{_END}")
_START = re.compile(rf"(?:attiv[oa] )?(?:dal|avviat[oa](?: nel)?) {_END}")


def term(status: str | None) -> tuple[str | None, str | None]:
    """Read from when and until when, ``ott 2021 - gen 2023``, each an ISO date, a month or a year.

    What is said of another time than the first, ``dal 2024 nella rete municipale``, is not read.
    """
    text = (status or "").strip().lower()
    if match := _TERM.search(text):
        return _iso(*match.groups()[:4]), _iso(*match.groups()[4:])
    begun = _START.match(text)
    return (_iso(*begun.groups()) if begun else None), None


def _iso(day: str | None, number: str | None, month: str | None, year: str) -> str | None:
    if day and number:
        try:
            return date(int(year), int(number), int(day)).isoformat()
        except ValueError:  # 31.2.2026 is no day
            return None
    return f"{year}-{_MONTHS.index(month) + 1:02d}" if month else year


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
