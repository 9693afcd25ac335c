"""Spells of days in hours: from a day to a day of one year, never repeated in the next."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter

from mapping.hours.italian_lexicon import MONTHS, NotUnderstoodError

JUNE, AUGUST = 6, 8
MONTH_NAMES = tuple(MONTHS.values())
_MONTH = "|".join(MONTHS)
_WRITTEN = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})(?!\d)°?"
    rf"(?: ?[/.] ?(?P<number>\d{{1,2}})|(?: di)? ?(?P<name>{_MONTH}))?"
    r"(?:(?:[/.]| del? | |, )(?P<year>20\d\d))?"
)
_WRITTEN_MONTH = re.compile(rf"(?P<name>{_MONTH})(?: del?)?(?: (?P<year>20\d\d))?")
_ENDS = r"(\d{4}) ([A-Z][a-z]{2}) (\d\d)-(\d{4}) ([A-Z][a-z]{2}) (\d\d)"
_SPELL = re.compile(_ENDS)
_TOLD_SPELL = re.compile(rf"\b{_ENDS}(?! unknown)")
_EVERY_YEAR = re.compile(r"([A-Z][a-z]{2})(?: (\d\d))?(?:-([A-Z][a-z]{2})(?: (\d\d))?)?")
_EVER = (date(1900, 1, 1), date(9999, 12, 31))
"""A spell that only has an end begins on the first of these days."""
_LEAP = 2000
"""A year that has all days."""
_OF_NO_YEAR = re.compile(r"[A-Z][a-z]{2} \d\d-[A-Z][a-z]{2} \d\d")
_LONGEST_DAYS = 366
_END_OF_MONTH = 99
"""For the day of a month whose length its year tells."""
_DAY = timedelta(days=1)


class ContradictionError(NotUnderstoodError):
    """A text by which a place is open and closed on the same days."""


@dataclass(frozen=True)
class Spell:
    """A first and a last day, both counted."""

    first: date
    last: date

    def __str__(self) -> str:
        """Write it in OpenStreetMap's syntax: ``2026 Jun 01-2026 Jul 24``."""
        return f"{_osm_day(self.first)}-{_osm_day(self.last)}"

    @property
    def every_year(self) -> str:
        """The same days of any year, in OpenStreetMap's syntax; empty where it has no first."""
        if self.first == _EVER[0]:
            return ""
        return "-".join(_osm_day(day)[5:] for day in (self.first, self.last))

    @classmethod
    def parse(cls, osm: str) -> "Spell | None":
        """Read what `str` writes; None for days of any year."""
        match = _SPELL.fullmatch(osm)
        return _spell_of(match) if match else None


def written_spell(text: str, assured: date | None) -> Spell | None:
    """Read Italian dates: ``dal 1 giugno al 24 luglio 2026``, ``fino al 30/6/2026``, ``luglio``.

    A year that is not written is the one of the day on which the record was assured; None where
    nobody knows that day.
    """
    if "fino" in text:
        (end,) = _days_written(text)
        year = end[0] or (assured and assured.year)
        return Spell(_EVER[0], _day(year, *end[1:])) if year else None
    first, last = _days_written(text) or _months_written(text)
    wraps = first[1:] > last[1:]
    if last[0] or first[0]:
        begins, ends = first[0] or last[0] - wraps, last[0] or first[0] + wraps
    elif assured is None:
        return None
    else:
        # Over the turn of a year: assured in its second part, it began the year before.
        begins = assured.year - (wraps and (assured.month, assured.day) <= last[1:])
        ends = begins + wraps
    spell = Spell(_day(begins, *first[1:]), _day(ends, *last[1:]))
    if not timedelta(0) <= spell.last - spell.first <= timedelta(days=_LONGEST_DAYS):
        raise NotUnderstoodError("a last day before the first, or years after it")
    return spell


def _outside(spells: Iterable[Spell]) -> list[Spell]:
    """List the spells between, before and after; raises NotUnderstoodError where two overlap."""
    gaps, follows = list[Spell](), _EVER[0]
    for spell in sorted(set(spells), key=attrgetter("first")):
        if spell.first < follows:
            raise NotUnderstoodError("spells that overlap")
        if follows < spell.first:
            gaps.append(Spell(follows, spell.first - _DAY))
        follows = spell.last + _DAY
    return [*gaps, Spell(follows, _EVER[1])]


def around(periods: list[str], off: list[str]) -> list[str]:
    """Write when it is closed, and that nobody knows the hours outside of dates.

    The days of a closing with dates are unknown in other years: it is not told of them.
    """
    spells = [spell for spell in map(Spell.parse, periods) if spell]
    dated = {days: spell for days in off if (spell := Spell.parse(days))}
    undated = [days for days in off if _OF_NO_YEAR.fullmatch(days)]
    named = [days for days in off if days[:3] in MONTH_NAMES and days not in undated]
    weekly = [days for days in off if days not in (*dated, *undated, *named)]
    unknown = [*undated, *filter(None, (spell.every_year for spell in dated.values()))]
    gaps = _outside(spells) if spells else []
    if spells:
        years = sorted({spell.last.year for spell in spells})
        named = [f"{year} {days}" for days in named for year in years]
    return [
        *(f"{days} off" for days in weekly),
        *(f"{days} unknown" for days in (*gaps, *unknown)),
        *(f"{days} off" for days in (*named, *dated)),
    ]


def refuse_contradiction(periods: Iterable[str], closed: Iterable[str]) -> None:
    """Raise ContradictionError where a place is closed on all days of a period when it is open."""
    closings = list(closed)
    for period in filter(None, periods):
        days = _days(period)
        if days and days <= set().union(*(_days(off) for off in closings if _meet(period, off))):
            raise ContradictionError(period)


def tells_of(osm: str, days: Sequence[date]) -> bool:
    """Whether hours name dates, with their year, among some days in a row."""
    spells = [_spell_of(match) for match in _TOLD_SPELL.finditer(osm)]
    months = {f"{day.year} {MONTH_NAMES[day.month - 1]}" for day in days}
    return any(spell.first <= days[-1] and days[0] <= spell.last for spell in spells) or any(
        month in osm for month in months
    )


def told_of_summer(osm: str, days: Sequence[date], assured: str | None) -> bool:
    """Whether hours are told of days in August: dated among them, or assured in that summer.

    So many places close then that neither a week without dates nor last year's tells of it.
    """
    if tells_of(osm, days):
        return True
    # A year alone may be its winter.
    year, *month = map(int, (assured or "0").split("-")[:2])
    return year == days[0].year and bool(month) and JUNE <= month[0] <= AUGUST


def _spell_of(match: re.Match[str]) -> Spell:
    first, last = (
        _day(int(year), MONTH_NAMES.index(month) + 1, int(day))
        for year, month, day in (match.groups()[:3], match.groups()[3:])
    )
    return Spell(first, last)


def _days_written(text: str) -> list[tuple[int, int, int]]:
    ends = [match.groupdict() for match in _WRITTEN.finditer(text)]
    months = [_month(end["name"], end["number"]) for end in ends]
    if ends and not months[-1]:
        raise NotUnderstoodError("a day without its month")
    return [
        (int(end["year"] or 0), month or months[-1], int(end["day"]))
        for end, month in zip(ends, months, strict=True)
    ]


def _months_written(text: str) -> list[tuple[int, int, int]]:
    ends = [match.groupdict() for match in _WRITTEN_MONTH.finditer(text)]
    (first, last) = ends[0], ends[-1]
    return [
        (int(first["year"] or 0), _month(first["name"], None), 1),
        (int(last["year"] or 0), _month(last["name"], None), _END_OF_MONTH),
    ]


def _month(name: str | None, number: str | None) -> int:
    return list(MONTHS).index(name) + 1 if name else int(number or 0)


def _day(year: int, month: int, day: int) -> date:
    try:
        if day == _END_OF_MONTH:
            return date(year + month // 12, month % 12 + 1, 1) - _DAY
        return date(year, month, day)
    except ValueError:
        raise NotUnderstoodError("a day that no month has") from None


def _osm_day(day: date) -> str:
    return f"{day.year} {MONTH_NAMES[day.month - 1]} {day.day:02d}"


def _meet(period: str, off: str) -> bool:
    opening, closing = Spell.parse(period), Spell.parse(off)
    if opening is None or closing is None:
        return True
    return opening.first <= closing.last and closing.first <= opening.last


def _days(period: str) -> set[tuple[int, int]]:
    """List the days that a period names, as month and day; none for days of the week."""
    spell = Spell.parse(period)
    match = _EVERY_YEAR.fullmatch(period)
    if spell is None and match and match[1] in MONTH_NAMES:
        months = [MONTH_NAMES.index(name) + 1 for name in (match[1], match[3] or match[1])]
        first = date(_LEAP, months[0], int(match[2] or 1))
        last = _last_day(months[1], match[4], wraps=months[1] < months[0])
        spell = Spell(first, last)
    if spell is None or spell.first == _EVER[0]:
        return set()
    count = (spell.last - spell.first).days + 1
    days = (spell.first + timedelta(n) for n in range(count))
    return {(day.month, day.day) for day in days}


def _last_day(month: int, day: str | None, *, wraps: bool) -> date:
    return _day(_LEAP + wraps, month, int(day or _END_OF_MONTH))
