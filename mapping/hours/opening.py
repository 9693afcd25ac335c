"""Opening hours in OpenStreetMap syntax: read from Italian text, and open, closed or unknown."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import opening_hours
from opening_hours import OpeningHours, State

from mapping.errors import BadInputError
from mapping.freshness import assured_on
from mapping.hours.city_calendar import Calendar
from mapping.hours.italian import parse_italian
from mapping.hours.italian_lexicon import DAY, DAYS, ITALIAN_DAYS

_HOLIDAY = re.compile(r'"[^"]*"|\b(PH|SH)\b')
_WITHIN = re.compile(rf"\b(?:PH|SH)(?:,(?:PH|SH))* (?=(?:{'|'.join(DAYS)})\b)")
_NEVER = "1900 "
"""Before a rule: a year that is never looked up."""
MIDNIGHT = "24:00"
"""How the end of a day is written."""
_ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# Days and months as OpenStreetMap writes them, clocks and marks, and nothing else.
_IS_OSM = re.compile(
    r"(?=.*(?:\b(?:Mo|Tu|We|Th|Fr|Sa|Su)\b|24/7))"
    r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH|off|closed"
    r"|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|unknown|\"[^\"]*\"|[\d:;,+/\[\] -])+"
)
_COLON = re.compile(r"\b(Mo|Tu|We|Th|Fr|Sa|Su|PH|SH|[A-Z][a-z]{2}): *(?=[\dMTWFSP])")
"""Behind a day or a month of that syntax people put a colon too."""
_WITHOUT_HOURS = re.compile(r"(?:off|closed|\d\d unknown)$(?<!:\d\d unknown)")
"""Days on which it is closed, or for which nobody knows the hours."""
_BY_APPOINTMENT = re.compile(r"\"[^\"]*(?:appuntamento|appointment)", re.IGNORECASE)


class Span(NamedTuple):
    """Some hours of a day, as clocks show them; `MIDNIGHT` is its end."""

    opens: str
    closes: str
    sure: bool
    """Whether it is surely open then: a remark such as ``su appuntamento`` makes it unsure."""
    remark: str
    """What is written beside them, such as ``su appuntamento``."""


@lru_cache(maxsize=4096)
def to_osm(text: str, assured: str | None = None) -> str | None:
    """Read published Italian hours.

    Parameters
    ----------
    text : str
        Such as ``lun 14-18; mer e ven 9-13 e 14-18``; hours in OpenStreetMap's syntax stay.
    assured : str, optional
        The day, month or year in which its record was assured: dates without a year are of that
        year, and without it unknown.

    Returns
    -------
    str or None
        ``Mo 14:00-18:00; We,Fr 09:00-13:00,14:00-18:00``; None when any part is not understood, or
        speaks of the telephone: nothing is invented.
    """
    stated = _COLON.sub(r"\1 ", re.sub("[\u2010-\u2015\u2212]", "-", text.strip()))
    if _IS_OSM.fullmatch(stated):
        osm = _with_known_ends(stated)
    else:
        osm = parse_italian(text, assured_on(assured) if assured else None)
    return osm if osm and _parsed(osm) else None


def is_by_appointment(osm: str | None) -> bool:
    """Whether all the hours of a place are kept for who has an appointment."""
    rules = (rule.strip() for rule in re.split(r";|, (?=[A-Z])", osm or ""))
    with_hours = [rule for rule in rules if rule and not _WITHOUT_HOURS.search(rule)]
    return bool(with_hours) and all(map(_BY_APPOINTMENT.search, with_hours))


def _with_known_ends(osm: str) -> str | None:
    """Write the open end of ``09:00+`` as what it is, unknown until midnight."""
    rules = [_open_ended(rule.strip()) if "+" in rule else rule.strip() for rule in osm.split(";")]
    return "; ".join(filter(None, rules)) if None not in rules else None


def _open_ended(rule: str) -> str | None:
    match = re.fullmatch(r"([^+]*?) ?((?:[\d:]+-[\d:]+,)*)(\d\d:\d\d)(-\d\d:\d\d)?\+", rule)
    if match is None or ", " in match[1]:
        return None
    days, before, start, end = match.groups()
    known = before.rstrip(",") if end is None else f"{before}{start}{end}"
    unknown = f"{days} {end[1:] if end else start}-{MIDNIGHT} unknown".strip()
    return f"{days} {known}, {unknown}".strip() if known else unknown


def is_open(osm: str | None, when: datetime, calendar: Calendar | None = None) -> bool | None:
    """Whether a place is open at a moment.

    Parameters
    ----------
    osm : str or None
        Hours in OpenStreetMap syntax, with ``PH`` and ``SH`` for public and school holidays.
    when : datetime
        The moment, in the place's own time unless it has a zone.
    calendar : Calendar, optional
        The days of the place; without it no day is known to be a holiday, or not to be one.

    Returns
    -------
    bool or None
        None when that is not known: the hours are not, or whether the day is a holiday is not and
        matters, or the day is a public holiday of which hours that would be open say nothing.
    """
    if not osm or not _parsed(osm):
        return None
    when = calendar.local(when) if calendar else when
    answers = {_state(variant, when) for variant in _variants(osm, when.date(), calendar)}
    answer = answers.pop() if len(answers) == 1 else None
    if answer and calendar and calendar.is_public_holiday(when.date()) and not _needs_calendar(osm):
        return None
    return answer


def open_minutes(
    osm: str, day: date, between: tuple[time, time], calendar: Calendar
) -> tuple[float, float]:
    """Count the minutes of a day, within `between`, that are known to be open, and that may be.

    The two differ where the hours are not known, as in `is_open`.
    """
    start, end = (datetime.combine(day, clock) for clock in between)
    whole = (end - start).total_seconds() / 60
    if not _parsed(osm):
        return 0.0, whole
    counts = [_counted(variant, start, end) for variant in _variants(osm, day, calendar)]
    least, most = min(low for low, _ in counts), max(high for _, high in counts)
    if calendar.is_public_holiday(day) and not _needs_calendar(osm):
        least = 0.0
    return least, most


def spans(osm: str, day: date, *, holiday: bool = False) -> list[Span] | None:
    """List the open spans of a day outside the school holidays; empty when it is closed.

    Hours past midnight are split between their two days. None when the text is not understood, or
    `holiday` is set and the text says nothing about public holidays.
    """
    hours = _parsed(_dated(osm, day, {"PH": [day] if holiday else [], "SH": []}))
    if hours is None or (holiday and not _needs_calendar(osm)):
        return None
    start = datetime.combine(day, time())
    end = start + timedelta(days=1)
    return [
        Span(
            f"{max(opens, start):%H:%M}",
            MIDNIGHT if closes >= end else f"{closes:%H:%M}",
            state == State.OPEN and not comment,
            comment,
        )
        for opens, closes, state, comment in hours.intervals(start, end)
        if state != State.CLOSED
    ]


def _counted(osm: str, start: datetime, end: datetime) -> tuple[float, float]:
    hours = _parsed(osm)
    if hours is None:
        return 0.0, (end - start).total_seconds() / 60
    sure = maybe = 0.0
    for opens, closes, state, comment in hours.intervals(start, end):
        minutes = (min(closes, end) - opens).total_seconds() / 60
        sure += minutes * (state == State.OPEN and not comment)
        maybe += minutes * (state == State.UNKNOWN or (state == State.OPEN and bool(comment)))
    return sure, sure + maybe


def _state(osm: str, when: datetime) -> bool | None:
    hours = _parsed(osm)
    if hours is None:
        return None
    state, comment = hours.state(when)
    # Hours with a remark ("su appuntamento") are "unknown" by the specification.
    is_certain = state != State.UNKNOWN and not (comment and state == State.OPEN)
    return state == State.OPEN if is_certain else None


def _needs_calendar(osm: str) -> bool:
    return "24/7" in osm or "PH" in (match[1] for match in _HOLIDAY.finditer(osm))


def _variants(osm: str, day: date, calendar: Calendar | None) -> Iterator[str]:
    # The library knows neither our holidays nor SH: each becomes the day of the week that it falls
    # on. Of two days, since hours may go on past midnight; both ways where it is not known.
    days = (day - timedelta(days=1), day)
    kinds = sorted({match[1] for match in _HOLIDAY.finditer(osm)} - {None})
    holiday_answers = [_rests(kind, on_day, calendar) for kind in kinds for on_day in days]
    for rests in product(*([True, False] if rest is None else [rest] for rest in holiday_answers)):
        resting = {
            kind: [
                on_day for on_day, rest in zip(days, rests[2 * n : 2 * n + 2], strict=True) if rest
            ]
            for n, kind in enumerate(kinds)
        }
        yield _dated(osm, day, resting)


def _rests(kind: str, day: date, calendar: Calendar | None) -> bool | None:
    if calendar is None:
        return None
    return calendar.is_public_holiday(day) if kind == "PH" else calendar.is_school_holiday(day)


def _dated(osm: str, day: date, resting: dict[str, list[date]]) -> str:
    def named(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0]
        days = resting[match[1]] or [day + timedelta(days=1)]
        return ",".join(DAYS[resting_day.weekday()] for resting_day in days)

    def within(match: re.Match[str]) -> str:
        # "SH Mo-Fr": those days, in the holidays only.
        rests = any(day in resting[kind] for kind in match[0].strip().split(","))
        return "" if rests else _NEVER

    return _HOLIDAY.sub(named, _WITHIN.sub(within, osm))


def parse_when(text: str, *, today: date) -> datetime:
    """Read the moment of a visit.

    Parameters
    ----------
    text : str
        ``sat 10:00``, ``sab 10:00`` (the next such day, today included), or ISO.
    today : date
        From where the next day is counted.

    Returns
    -------
    datetime
        Without a zone: the place's own time.

    Raises
    ------
    BadInputError
        When the text is neither.
    """
    pattern = rf"\s*({DAY}|{'|'.join(_ENGLISH)})\s+(\d{{1,2}})[:.](\d{{2}})\s*"
    match = re.fullmatch(pattern, text.lower())
    if match:
        day = next(n for n in range(len(DAYS)) if match[1][:3] in (ITALIAN_DAYS[n], _ENGLISH[n]))
        visit_day = today + timedelta(days=(day - today.weekday()) % 7)
        if int(match[2]) < 24 and int(match[3]) < 60:  # noqa: PLR2004 - the clock
            return datetime.combine(visit_day, time(int(match[2]), int(match[3])))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInputError(
            f"'{text}' is no moment. Give a day and a time, such as 'sat 10:00', or"
            " '2026-11-24T10:00'."
        ) from None
    if moment.tzinfo is not None:
        raise BadInputError(f"'{text}' has a zone. Give the place's own time, without one.")
    return moment


@lru_cache(maxsize=4096)
def _parsed(osm: str) -> OpeningHours | None:
    try:
        return OpeningHours(osm)
    except opening_hours.ParserError:  # type: ignore[attr-defined] # its stubs lack it
        return None
