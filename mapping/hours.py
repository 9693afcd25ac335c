"""Opening hours: OpenStreetMap syntax inside, Italian text in, open or closed or unknown out."""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import opening_hours
from opening_hours import OpeningHours

from mapping.errors import BadInputError

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_ITALIAN = ("lun", "mar", "mer", "gio", "ven", "sab", "dom")
_LONG = (
    *(f"{day}[iì]" for day in ("luned", "marted", "mercoled", "gioved", "venerd")),
    "sabato",
    "domenica",
)
_ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = rf"(?:{'|'.join(_LONG)}|{'|'.join(_ITALIAN)})\.?"
_DAYS = rf"{_DAY}(?:\s*(?:-|,|e|/|al|da|a)\s*{_DAY})*"
_CLOCK = r"\d{1,2}(?:[:.]\d{2})?"
_SPAN = rf"(?:dalle\s+)?{_CLOCK}\s*(?:-|/|\u2013|alle|a)\s*{_CLOCK}"
_RULE = re.compile(
    rf"(?:dal\s+)?({_DAYS}|tutti i giorni)\s*:?\s*(?:h|ore)?\.?\s*"
    rf"({_SPAN}(?:\s*(?:e|,)\s*{_SPAN})*)"
)
# Words that say how one enters, not when; whatever else is left over is not understood.
_HARMLESS = re.compile(
    r"accesso libero|su appuntamento|\(su appuntamento\)|^orari[oi]?:?|[;,.()\s]"
)


def to_osm(text: str) -> str | None:
    """Read published Italian hours.

    Parameters
    ----------
    text : str
        Such as ``lun 14-18; mer e ven 9-13 e 14-18``.

    Returns
    -------
    str or None
        ``Mo 14:00-18:00; We,Fr 09:00-13:00,14:00-18:00``; None when any part is not understood, or
        speaks of the telephone: nothing is invented.
    """
    lowered = text.lower().strip()
    rules = _RULE.findall(lowered)
    rest = _HARMLESS.sub("", _RULE.sub("", lowered))
    if not rules or rest:
        return None
    parts = [(_days(days), _spans(spans)) for days, spans in rules]
    if any(days is None or spans is None for days, spans in parts):
        return None
    said = _joined([(str(days), str(spans)) for days, spans in parts])
    return said if _parsed(said) else None


def is_open(osm: str | None, when: datetime) -> bool | None:
    """Whether a place is open at a moment.

    Parameters
    ----------
    osm : str or None
        Hours in OpenStreetMap syntax.
    when : datetime
        The moment, in the place's own time.

    Returns
    -------
    bool or None
        None when the hours are not known: that is never "closed".
    """
    hours = _parsed(osm) if osm else None
    if hours is None or hours.is_unknown(when):
        return None
    return bool(hours.is_open(when))


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
    pattern = rf"\s*({_DAY}|{'|'.join(_ENGLISH)})\s+(\d{{1,2}})[:.](\d{{2}})\s*"
    found = re.fullmatch(pattern, text.lower())
    if found:
        day = next(n for n in range(len(DAYS)) if found[1][:3] in (_ITALIAN[n], _ENGLISH[n]))
        on = today + timedelta(days=(day - today.weekday()) % 7)
        if int(found[2]) < 24 and int(found[3]) < 60:  # noqa: PLR2004 - the clock
            return datetime.combine(on, time(int(found[2]), int(found[3])))
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


def _joined(rules: list[tuple[str, str]]) -> str:
    # After ";" a rule replaces an earlier one of the same day; after "," it adds to it.
    said, seen = "", set[str]()
    for days, spans in rules:
        first, _, last = days.partition("-")
        week = DAYS[DAYS.index(first) : DAYS.index(last) + 1] if last else days.split(",")
        said += ("" if not said else ", " if seen & set(week) else "; ") + f"{days} {spans}"
        seen |= set(week)
    return said


def _days(text: str) -> str | None:
    if text == "tutti i giorni":
        return "Mo-Su"
    tokens = re.findall(rf"{_DAY}|-|,|/|\be\b|\bal?\b", text)
    days = [DAYS[_ITALIAN.index(token[:3])] for token in tokens if token[:3] in _ITALIAN]
    links = [token for token in tokens if token[:3] not in _ITALIAN]
    if any(link in ("-", "al", "a") for link in links):
        return "-".join(days) if len(days) == 2 and len(links) == 1 else None  # noqa: PLR2004
    return ",".join(days)


def _spans(text: str) -> str | None:
    clocks = [_clock(found) for found in re.findall(_CLOCK, text)]
    if None in clocks or len(clocks) % 2:
        return None
    pairs = list(zip(clocks[::2], clocks[1::2], strict=True))
    if any(start >= end for start, end in pairs if start and end):
        return None
    return ",".join(f"{start}-{end}" for start, end in pairs)


def _clock(text: str) -> str | None:
    hour, _, minute = text.replace(".", ":").partition(":")
    if int(hour) > 24 or int(minute or 0) > 59:  # noqa: PLR2004 - the clock
        return None
    return f"{int(hour):02d}:{int(minute or 0):02d}"
