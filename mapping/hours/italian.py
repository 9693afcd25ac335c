"""Opening hours written in Italian: a text with one unknown word is not understood at all."""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby, pairwise

from mapping.hours.italian_lexicon import (
    DAY,
    DAY_LETTER,
    DAY_LETTERS,
    DAYS,
    DAYS_IN_A_ROW,
    ITALIAN_DAYS,
    MONTHS,
    ORDINALS,
    READINGS,
    NotUnderstoodError,
    Token,
    Words,
    tokens,
)
from mapping.hours.spells import (
    ContradictionError,
    Spell,
    around,
    refuse_contradiction,
    written_spell,
)
from mapping.text import plain

APPOINTMENT = '"su appuntamento"'
"""Behind hours that are kept for who has an appointment."""
_YEAR = re.compile(r"\b20\d\d\b")
_SOME_DAY = date(2000, 1, 1)
"""Whether days are the same ones does not depend on their year."""
_EARLIEST = "06:00"
""""dalle 2 alle 5" is the afternoon: an hour before this one is not believed, but for midnight."""


def parse_italian(text: str, assured: date | None = None) -> str | None:
    """Read hours written in Italian, such as ``lun-ven 9-13``, into OpenStreetMap syntax.

    None when a part is not understood, or may be read in two ways. Dates without a year are of the
    year in which the record was `assured`.
    """
    readings = set()
    for words in READINGS:
        try:
            readings.add(_reading(text, words, assured))
        except NotUnderstoodError:
            continue
    return readings.pop() if len(readings) == 1 else None


def is_contradiction(text: str) -> bool:
    """Whether a text says of the same days that a place is open and that it is closed."""
    for words in READINGS:
        try:
            _reading(text, words, _SOME_DAY)
        except ContradictionError:
            return True
        except NotUnderstoodError:
            continue
    return False


def _reading(text: str, words: Words, assured: date | None) -> str:
    segments = _segments(tokens(_cleaned(text), words))
    years = set(_YEAR.findall(text))
    if len(years) == 1:
        # A year beside some of the dates is the one of all.
        assured = date(int(years.pop()), 7, 1)
    return _osm([_read(segment, assured) for segment in segments])


def _cleaned(text: str) -> str:
    cleaned = plain(re.sub(r"[\u2010-\u2015\u2212]", "-", text).replace("º", "°"))
    cleaned = " ".join(re.sub(r"[\u2019`]", "'", cleaned).replace("\n", ";").split())
    cleaned = DAY_LETTER.sub(lambda match: DAY_LETTERS[match[0]], cleaned)
    return DAYS_IN_A_ROW.sub(lambda row: ", ".join(re.findall(DAY, row[0])), cleaned)


@dataclass(frozen=True)
class _HoursRule:
    """Days as they are written in OpenStreetMap, the days they are, and the times."""

    label: str
    days: frozenset[str]
    times: str
    remark: str = ""


@dataclass
class _Segment:
    """What stands between two semicolons; `off` holds the days and months of closing."""

    rules: list[_HoursRule] = field(default_factory=list)
    off: list[str] = field(default_factory=list)
    period: str = ""
    school: bool = False
    appointment: bool = False
    late: bool = False
    """Whether a season stands behind days or hours: of several rules it may narrow the last one."""


def _segments(tokens: list[Token]) -> list[list[Token]]:
    groups = groupby(tokens, key=lambda token: token.kind == "end")
    return [list(group) for is_end, group in groups if not is_end]


def _read(tokens: list[Token], assured: date | None) -> _Segment:
    reader = _HoursReader(tokens, assured)
    while reader.kind():
        reader.read_one()
    if reader.days or reader.times:
        raise NotUnderstoodError("days without hours, or hours without days")
    if reader.segment.late and len(reader.segment.rules) > 1:
        raise NotUnderstoodError("a season of which hours?")
    return reader.segment


class _HoursReader:
    """Reads one segment; days wait for their hours, or hours for their days."""

    def __init__(self, tokens: list[Token], assured: date | None) -> None:
        self.tokens = tokens
        self.assured = assured
        self.segment = _Segment()
        self.days: frozenset[str] | None = None
        self.nth = ""
        self.times = ""

    def kind(self, ahead: int = 0) -> str:
        return self.tokens[ahead].kind if ahead < len(self.tokens) else ""

    def take(self) -> str:
        return self.tokens.pop(0).text

    def read_one(self) -> None:
        kind = self.kind()
        if kind in _DAY_KINDS:
            self._days_come(self._days())
        elif kind in _PERIODS and self._closes():
            self._off()
            self.take()
        elif kind in ("months", "dates") and not self.segment.period:
            self._season_comes()
            self.segment.period = self._period(of_closing=False)
        elif kind == "school":
            self._season_comes()
            self.segment.school = bool(self.take())
        elif kind == "appointment":
            self.segment.appointment = bool(self.take())
        elif kind == "and" or (kind == "range" and self.days and self.kind(1) == "span"):
            self.take()
        else:
            self._read_more(kind)

    def _read_more(self, kind: str) -> None:
        known = {
            "span": lambda: self._times_come(self._spans()),
            "always": self._always,
            "nth": self._nth,
            "besides": self._besides,
            "except": self._except,
            "closed": self._closed,
        }
        if kind not in known:
            raise NotUnderstoodError(kind)
        known[kind]()

    def _besides(self) -> None:
        # "lun-ven 9-13 e su appuntamento": those hours are for everybody, others by appointment.
        self.take()
        if self.kind() or not self.segment.rules:
            raise NotUnderstoodError("which hours are by appointment?")

    def _season_comes(self) -> None:
        self.segment.late |= bool(self.segment.rules or self.days or self.times)

    def _days_come(self, days: frozenset[str]) -> None:
        if self.days:
            raise NotUnderstoodError("days twice")
        self.days = days
        self._join()

    def _times_come(self, times: str) -> None:
        if self.times:
            raise NotUnderstoodError("hours twice")
        self.times = times
        self._join()

    def _join(self) -> None:
        if not self.days or not self.times:
            return
        if "PH" in self.days and "Su" not in self.days:
            # "festivi" are Sundays too, whose hours would not be told.
            raise NotUnderstoodError("festivi")
        label = f"{_label(self.days)}{self.nth}"
        self.segment.rules.append(_HoursRule(label, self.days, self.times))
        self.days, self.nth, self.times = None, "", ""

    def _days(self) -> frozenset[str]:
        days = self._listed() or self._item()
        while self.kind() in ("and", "range", "slash"):
            ahead = 1 + (self.kind() == "and" and self.kind(1) == "and")
            if self.kind(ahead) not in _DAY_KINDS:
                break
            links = [self.take() for _ in range(ahead)]
            days = days | self._item() if links[0] != "/" else self._beside(days)
        return days

    def _listed(self) -> frozenset[str]:
        """Read three days or more with strokes between them: no range has three."""
        kinds = [token.kind for token in self.tokens]
        count = 1
        while kinds[2 * count - 2 : 2 * count + 1] == ["day", "slash", "day"]:
            count += 1
        if count < _FEWEST_LISTED or kinds[2 * count - 1 : 2 * count] in (["range"], ["slash"]):
            return frozenset()
        taken = [self.take() for _ in range(2 * count - 1)]
        return frozenset(DAYS[ITALIAN_DAYS.index(day[:3])] for day in taken[::2])

    def _item(self) -> frozenset[str]:
        kind, text = self.kind(), self.take()
        if kind != "day":
            return _DAY_KINDS[kind]
        first = ITALIAN_DAYS.index(text[:3])
        if self.kind() != "range" or self.kind(1) != "day":
            return frozenset([DAYS[first]])
        self.take()
        last = ITALIAN_DAYS.index(self.take()[:3])
        if first == last or (self.kind() == "range" and self.kind(1) == "day"):
            raise NotUnderstoodError("a range of days")
        return frozenset(DAYS[(first + n) % 7] for n in range((last - first) % 7 + 1))

    def _beside(self, days: frozenset[str]) -> frozenset[str]:
        # "sab/dom" is both; "lun/ven" may be two days or five.
        more = days | self._item()
        places = sorted(DAYS.index(day) for day in more if day in DAYS)
        if len(more) != len(places) or places[-1] - places[0] != len(places) - 1:
            raise NotUnderstoodError("/")
        return more

    def _spans(self) -> str:
        spans = [_span(self.take())]
        links = ("and", "slash", "range")
        while self.kind() == "span" or (self.kind() in links and self.kind(1) == "span"):
            if self.kind() != "span":
                self.take()
            spans.append(_span(self.take()))
        if any(span[6:] > following[:5] for span, following in pairwise(spans)):
            raise NotUnderstoodError("hours that overlap")
        return ",".join(spans)

    def _always(self) -> None:
        self.take()
        if self.days:
            self._times_come("00:00-24:00")
        else:
            self.segment.rules.append(_HoursRule("24/7", frozenset(DAYS), ""))

    def _nth(self) -> None:
        days, self.nth = self._nth_days()
        self._days_come(days)

    def _nth_days(self) -> tuple[frozenset[str], str]:
        ordinals = self.take()
        days = self._days_of_month()
        numbers = [number for stem, number in ORDINALS.items() if stem in ordinals]
        numbers += re.findall("[1-4]", ordinals)
        return days, f"[{','.join(sorted(numbers))}]"

    def _days_of_month(self) -> frozenset[str]:
        if self.kind() != "day" or self.kind(1) != "of_month" or self.times:
            raise NotUnderstoodError("a day of the month")
        days = self._item()
        self.take()
        return days

    def _except(self) -> None:
        self.take()
        if self.days and self.kind() in _DAY_KINDS:
            out = self._days()
            self.days = self.days - out or None
            if "PH" in out:
                self.segment.off.append("PH")
        else:
            self._off()

    def _closes(self) -> bool:
        """Whether nothing but "closed" stands behind the next periods: ``agosto chiuso``."""
        kinds = [token.kind for token in self.tokens]
        return kinds[-1] == "closed" and {*kinds[:-1]} <= {"and", *_PERIODS} and not self.times

    def _closed(self) -> None:
        self.take()
        if self.days:
            self.segment.off.append(f"{_label(self.days)}{self.nth}")
            self.days, self.nth = None, ""
        else:
            self._off()

    def _off(self) -> None:
        self.segment.off.append(self._target())
        while self.kind() == "and" and self.kind(1) in (*_DAY_KINDS, "nth", *_PERIODS):
            self.take()
            self.segment.off.append(self._target())
        if self.kind() == "span":
            raise NotUnderstoodError("hours of closing")

    def _target(self) -> str:
        if self.kind() in _DAY_KINDS:
            return _label(self._days())
        if self.kind() == "nth":
            days, nth = self._nth_days()
            return f"{_label(days)}{nth}"
        if self.kind() not in _PERIODS:
            raise NotUnderstoodError("closed when?")
        return self._period(of_closing=True)

    def _period(self, *, of_closing: bool) -> str:
        """Give months of every year, or dates of one year; of no known year for a closing alone."""
        if self.kind() != "dates":
            return _months_named(self.take())
        text = self.take()
        spell = written_spell(text, self.assured)
        if spell is None and not of_closing:
            raise NotUnderstoodError("of which year?")
        return str(spell) if spell else _every_year(text)


_FEWEST_LISTED = 3
_PERIODS = ("month", "months", "dates")
_DAY_KINDS = {
    "day": frozenset[str](),
    "all": frozenset(DAYS),
    "weekend": frozenset(["Sa", "Su"]),
    "holidays": frozenset(["PH"]),
}


def _label(days: frozenset[str]) -> str:
    places = [DAYS.index(day) for day in DAYS if day in days]
    runs = groupby(enumerate(places), key=lambda pair: pair[1] - pair[0])
    written = [_run([DAYS[place] for _, place in run]) for _, run in runs]
    return ",".join([*written, *(["PH"] if "PH" in days else [])])


def _run(days: list[str]) -> str:
    return f"{days[0]}-{days[-1]}" if len(days) > 2 else ",".join(days)  # noqa: PLR2004


def _months_named(text: str) -> str:
    # "settembre a giugno" -> "Sep-Jun"; "agosto" -> "Aug".
    return "-".join(MONTHS[name] for name in re.findall("|".join(MONTHS), text))


def _every_year(text: str) -> str:
    spell = written_spell(text, _SOME_DAY)
    if spell is None or not spell.every_year:
        raise NotUnderstoodError("of which year?")
    return spell.every_year


def _span(text: str) -> str:
    start, end = (_clock(clock) for clock in re.findall(r"\d{1,2}(?:[:.,h]\d{2})?", text))
    end = "24:00" if end == "00:00" else end
    if start >= end or "00:00" < start < _EARLIEST:
        raise NotUnderstoodError(text)
    return f"{start}-{end}"


def _clock(text: str) -> str:
    hour, _, minute = re.sub("[.,h]", ":", text).partition(":")
    if int(hour) * 60 + int(minute or 0) > 24 * 60 or int(minute or 0) > 59:  # noqa: PLR2004
        raise NotUnderstoodError(text)
    return f"{int(hour):02d}:{int(minute or 0):02d}"


def _osm(segments: list[_Segment]) -> str:
    with_hours = [segment for segment in segments if segment.rules]
    off = list(dict.fromkeys(off for segment in segments for off in segment.off))
    if _of_all(segments, [segment.school for segment in with_hours], "school"):
        off.append("SH")
    open_on = frozenset(
        day for segment in with_hours for rule in segment.rules for day in rule.days
    )
    if "Su" in open_on and any(not {"PH"}.isdisjoint(days.split(",")) for days in off):
        # "festivi" are Sundays too: the text contradicts itself, or means something else.
        raise NotUnderstoodError("festivi")
    periods = _periods(segments, with_hours)
    _mark_appointments(segments)
    rules = [(p, rule) for p, s in zip(periods, with_hours, strict=True) for rule in s.rules]
    if len(rules) > 1 and any(rule.label == "24/7" for _, rule in rules):
        raise NotUnderstoodError("24/7")
    refuse_contradiction(periods, off)
    body = _joined(rules) if rules else _without_hours(segments)
    return "; ".join([body, *around(periods, off)])


def _without_hours(segments: list[_Segment]) -> str:
    if any(segment.period for segment in segments):
        raise NotUnderstoodError("a period without hours")
    if any(segment.appointment for segment in segments):
        return f"unknown {APPOINTMENT}"
    if any(segment.off for segment in segments):
        return "unknown"
    raise NotUnderstoodError("no hours")


def _of_all(segments: list[_Segment], own: list[bool], name: str) -> bool:
    # A segment of its own holds for all; beside some of the hours it is unclear for which.
    apart = any(getattr(segment, name) for segment in segments if not segment.rules)
    if any(own) and not (apart or all(own)):
        raise NotUnderstoodError(name)
    return apart or any(own)


def _periods(segments: list[_Segment], with_hours: list[_Segment]) -> list[str]:
    apart = [segment.period for segment in segments if segment.period and not segment.rules]
    own = [segment.period for segment in with_hours]
    _of_all(segments, [bool(period) for period in own], "period")
    if len(apart) + any(own) > 1:
        raise NotUnderstoodError("two periods")
    periods = apart * len(with_hours) or own
    dated = [Spell.parse(period) is not None for period in filter(None, periods)]
    if any(dated):
        if not all(dated):
            raise NotUnderstoodError("dates, and months of every year")
        return periods
    if len(set(periods)) > 1:
        months = [month for period in set(periods) for month in _months(period)]
        if len(months) != len(set(months)):
            raise NotUnderstoodError("periods that overlap")
    return periods


def _months(period: str) -> list[str]:
    names = list(MONTHS.values())
    first, last = (names.index(month) for month in re.findall("[A-Z][a-z]{2}", period))
    return [names[(first + n) % 12] for n in range((last - first) % 12 + 1)]


def _mark_appointments(segments: list[_Segment]) -> None:
    # "su appuntamento" in a segment of its own holds for all.
    everywhere = any(segment.appointment and not segment.rules for segment in segments)
    for segment in segments:
        if segment.appointment or everywhere:
            segment.rules = [replace(rule, remark=APPOINTMENT) for rule in segment.rules]


def _joined(rules: list[tuple[str, _HoursRule]]) -> str:
    # After ";" a rule replaces an earlier one of the same day; after "," it adds to it.
    joined, seen = "", dict[str, tuple[str, list[_HoursRule]]]()
    for period, rule in rules:
        again = {day: seen[day][1] for day in rule.days if day in seen and seen[day][0] == period}
        replaces = not again or _narrows(rule, again)
        if not replaces and "[" in f"{joined}{rule.label}":
            raise NotUnderstoodError("a day of the month, and of the week")
        written = " ".join(filter(None, (period, rule.label, rule.times, rule.remark)))
        joined += ((", ", "; ")[replaces] if joined else "") + written
        for day in rule.days:
            seen[day] = (period, [rule] if replaces else [*again.get(day, ()), rule])
    return joined


def _narrows(rule: _HoursRule, again: dict[str, list[_HoursRule]]) -> bool:
    """Whether a rule says other hours of days that wider rules named; else it adds to theirs.

    Raises NotUnderstoodError where it is neither.
    """
    earlier = [other for others in again.values() for other in others]
    if not any(_overlap(rule.times, other.times) for other in earlier):
        return False
    is_of_month = "[" in rule.label
    wider = all(
        other.days > again.keys() or (is_of_month and "[" not in other.label) for other in earlier
    )
    if not wider or not rule.days - {"PH"} <= again.keys():
        raise NotUnderstoodError("other hours of the same days")
    return True


def _overlap(times: str, more: str) -> bool:
    spans = sorted(f"{times},{more}".split(","))
    return any(span[6:] > following[:5] for span, following in pairwise(spans))
