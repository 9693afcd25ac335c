"""Numbers, codes, dates, yes and no, and languages from the text of one cell.

Each function gives None when the text says nothing; it never invents.
"""

import math
import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract, extractOne

from mapping.crs import ITALY
from mapping.freshness import assured_on
from mapping.services.languages import language_codes, names_of_languages, other_languages
from mapping.text import NO_WORDS, YES_WORDS, plain, tidy

MAX_DIGITS = 15
"""No count has more digits; Python refuses to read some thousands of them."""
_YES = {*YES_WORDS, *"☑✅✔✓"}
_FREE = {"gratis", "gratuito", "gratuita", "gratuitamente", "libero", "libera", "senza costi"}
_PAID = {"a pagamento", "pagamento", "con quota", "con contributo"}
_YES_NO_WORDS = {"si", "no"}
_ONLY_CODES = re.compile(r"[a-z]{2}(?:\W+[a-z]{2})*\.?")
_LISTED = re.compile(
    r"(?:[\0\s,;/.:()+&|\u2022\u060c\u3001]|\b(?:e|ed|and|anche|si|yes|x|lingu[ae]"
    r"|parlat[ae]|stranier[ae]|si parla(?:no)?|mediazione|mediator[ei]|mediatrice|mediatrici"
    r"|linguistic[aoi]|linguistico-culturale|culturale|culturali|operator[ei]|in"
    r"|che parla(?:no)?|ecc|etc|altr[aei])\b)*"
)
"""A list of languages, with a nought for each: names, and words that take nothing from them."""
_BETWEEN = re.compile(r"[,;/+&|\u2022\u060c\u3001]|\b(?:e|ed|and)\b")
_NAME_LETTERS = 5
"""A shorter word that is no known name is not taken for one."""
_PEOPLE = re.compile("[a-z]{3}(?:ese|iano|chino|sino)$")
_MONTHS = ("gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic")
_MONTH = (
    r"(gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre"
    rf"|dicembre|{'|'.join(_MONTHS)})\.?"
)
_LAST_DAY = 31
_ISO_DAY_LETTERS = 10
_YEAR = r"((?:19|20)\d\d)"
_DATES = (
    # As far as each goes: the day of a date that is none must not leave its year behind.
    rf"{_YEAR}[-/.](\d\d?)[-/.](\d\d?)",
    rf"(\d\d?)[-/.](\d\d?)[-/.]{_YEAR}",
    rf"(\d\d?)°? {_MONTH} {_YEAR}",
    rf"{_MONTH} {_YEAR}",
    rf"(\d\d?)/{_YEAR}",
    rf"{_YEAR}-(0[1-9]|1[0-2])",
    _YEAR,
)
_TO = re.compile(r" ?[-\u2013] ?")
_BEGUN = re.compile(r"(?:attiv[oa] )?(?:dal|avviat[oa](?: nel)?) ")
_DATE = re.compile("|".join(rf"(?<![\d/]){form}(?!\d)" for form in _DATES))


def decimal(text: str | None) -> float | None:
    """Read a number with a decimal comma or point, such as ``45,4527``; endless ones are none."""
    try:
        number = float((text or "").strip().replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in (text or "") else None


def whole(text: str | None) -> int | None:
    """Read the first whole number of a text, thousands points left out: ``1.200 posti``."""
    match = re.search(r"\d{1,3}(?:\.\d{3})+|\d+", text or "")
    digits = match.group().replace(".", "") if match else ""
    return int(digits) if 0 < len(digits) <= MAX_DIGITS else None


def code(text: str | None) -> str | None:
    """Read an official code that a spreadsheet may have turned into a number: ``15146.0``.

    Digits only where it was a number, else the tidied text.
    """
    tidied = tidy(text)
    return re.sub(r"^(\d+)[.,]0+$", r"\1", tidied) if tidied else None


def municipio(text: str | None) -> str | None:
    """Read the number of a municipio, ``2`` of ``Municipio 02``; None where there is none."""
    named = re.fullmatch(r"(?:municipio|zona|mun)?\W*0*(\d{1,2})", plain(code(text) or ""))
    return named[1] if named else None


def istat_code(text: str | None) -> str | None:
    """Read the ISTAT code of a comune, whatever a spreadsheet did to it: ``15.146``, ``15146.0``.

    Six digits, the zeros of the province given back and the region in front taken away.
    """
    digits = re.sub(r"\D", "", code(text) or "")
    return digits[-6:].zfill(6) if 4 <= len(digits) <= 8 else None  # noqa: PLR2004 - code widths


def cap(text: str | None, *, prefix: str) -> str | None:
    """Read a postcode that begins with the city's `prefix`: ``20138``, ``20138,0``, or ``138``."""
    digits = code(text) or ""
    full = prefix + digits if len(digits) + len(prefix) == 5 else digits  # noqa: PLR2004
    return full if re.fullmatch(r"\d{5}", full) and full.startswith(prefix) else None


def coordinates(first: str | None, second: str | None) -> tuple[float, float] | None:
    """Read longitude and latitude in degrees, in whichever order and notation they come.

    In Italy longitudes lie below 19 and latitudes above 35 degrees: the order is never in doubt.
    None for what is not a point in Italy.
    """
    one_degree, other_degree = decimal(first), decimal(second)
    if one_degree is None or other_degree is None:
        return None
    lon, lat = min(one_degree, other_degree), max(one_degree, other_degree)
    west, south, east, north = ITALY
    return (lon, lat) if west <= lon <= east and south <= lat <= north else None


def assured_date(text: str | None) -> str | None:
    """Find the latest date that a text names: ``2014-2016``, ``01/12/2024``, ``maggio 2023``.

    An ISO date, month or year. A day that no calendar has, or one to come, is no date.
    """
    dates = map(_iso, _DATE.finditer(plain(text or "")))
    return max(filter(None, dates), default=None)


def stated_date(text: str) -> str | None:
    """Read a cell that is a date, ``21/11/2026``, a month or a year; a time of day is left out."""
    match = _DATE.fullmatch(re.sub(r"[t ]\d\d:\d\d.*$", "", plain(text).strip()))
    return _iso(match) if match else None


def term(text: str | None) -> tuple[str | None, str | None]:
    """Read from when and until when, ``ott 2021 - gen 2023``, past or to come; ``dal 2013``.

    Each an ISO date, month or year. What is said of another time than the first is not read.
    """
    status = plain(text or "").strip()
    dates = [*_DATE.finditer(status)]
    for first, last in pairwise(dates):
        if _TO.fullmatch(status[first.end() : last.start()]):
            return _written(first), _written(last)
    begins = bool(dates) and _BEGUN.fullmatch(status[: dates[0].start()])
    return (_written(dates[0]) if begins else None), None


def whole_day(text: str) -> str | None:
    """Read a cell that is one day, past or to come, as ISO; None for a month, a year or no date."""
    match = _DATE.fullmatch(re.sub(r"[t ]\d\d:\d\d.*$", "", plain(text).strip()))
    written = None if match is None else _written(match)
    return written if written and len(written) == _ISO_DAY_LETTERS else None


def is_past(day: date) -> bool:
    """Whether a day may have been: by tomorrow, wherever its clock stands."""
    return day <= datetime.now(UTC).date() + timedelta(days=1)


def _iso(match: re.Match[str]) -> str | None:
    written = _written(match)
    return written if written and is_past(assured_on(written)) else None


def _written(match: re.Match[str]) -> str | None:
    """Write the parts of a date as ISO; None where no calendar has it."""
    parts = [
        _MONTHS.index(part[:3]) + 1 if part[0].isalpha() else int(part)
        for part in match.groups()
        if part
    ]
    year, month, day = [*(parts if parts[0] > _LAST_DAY else parts[::-1]), 1, 1][:3]
    try:
        date(year, month, day)
    except ValueError:
        return None
    return "-".join((f"{year:04}", f"{month:02}", f"{day:02}")[: len(parts)])


def yes_no(text: str | None) -> bool | None:
    """Read ``sì``, ``x`` or ``1``, ``no`` or ``0``; None for anything else: unknown is not no."""
    word = plain(tidy(text) or "").strip(" .'\ufe0f")
    return True if word in _YES else False if word in NO_WORDS else None


def free(text: str | None) -> bool | None:
    """Read whether a service is free: as `yes_no`, and ``gratis`` or ``a pagamento``."""
    word = plain(tidy(text) or "").strip(" .'\ufe0f")
    return True if word in _FREE else False if word in _PAID else yes_no(text)


def languages(text: str | None) -> tuple[str, ...]:
    """Read the languages that are spoken: ``arabo, inglese e spagnolo``, ``ar, en``, ``Español``.

    ISO 639-1 codes, sorted. None at all where the text says more than names that are known: a word
    may deny a language or limit it, as in ``inglese (no arabo)`` and ``arabo su richiesta``, and a
    misspelt name may be the one that is asked for. A language that has no code takes nothing from
    the others: `other_names`.
    """
    written = plain(tidy(text) or "")
    if not written:
        return ()
    codes = re.findall(r"[a-z]+", written)
    # Short words of Italian are codes too ("la" is Latin): codes are read where nothing else is.
    if _ONLY_CODES.fullmatch(written) and set(codes) <= set(language_codes().values()):
        # "Mediazione linguistica: sì" names no language, though Sinhala and Norwegian are si, no.
        return () if _YES_NO_WORDS & set(codes) else tuple(sorted(set(codes)))
    names = names_of_languages()
    spoken = {names[name] for name in _language_name().findall(written) if name in names}
    listed = _listed(written)
    return () if listed is None or listed[1] else tuple(sorted(spoken))


def other_names(text: str | None) -> tuple[str, ...]:
    """List what stands in a list of languages, and is the name of none that has a code."""
    written = plain(tidy(text) or "")
    if not written:  # the names of all languages are a hundred megabytes, while they are read
        return ()
    without_code, unread = _listed(written) or ([], [])
    return (*without_code, *unread)


def likely_languages(text: str) -> list[str]:
    """List the Italian names of the languages whose names misspelt words of a text nearly are."""
    names = names_of_languages()
    words = [word for word in re.findall(r"[^\W\d_]{4,}", plain(text)) if word not in names]
    near = (extract(word, list(names), scorer=OSA.distance, score_cutoff=1) for word in words)
    codes = {names[name] for matches in near for name, *_ in matches}
    return [name for name, code in language_codes().items() if code in codes]


def _listed(written: str) -> tuple[list[str], list[str]] | None:
    """List the languages without a code, and names that are not known; None for what is no list."""
    coded = names_of_languages()
    names: list[str] = _language_name().findall(written)
    others = [name for name in names if name not in coded]
    rest = re.sub("\0 ?[-/] ?(?=\0)", "\0,", _language_name().sub("\0", written))
    if _LISTED.fullmatch(rest):
        return others, []
    items = _BETWEEN.split(rest)
    unread = [word for word in map(_bare, items) if _is_like_a_name(word)]
    listed = ",".join("\0" if _bare(item) in unread else item for item in items)
    return (others, unread) if _LISTED.fullmatch(listed) else None


def _bare(item: str) -> str:
    return item.strip(" .")


def _is_like_a_name(word: str) -> bool:
    """Whether a word alone may be the name of a language: misspelt, or of a people."""
    if not (word.isalpha() and len(word) >= _NAME_LETTERS):
        return False
    near = extractOne(word, list(names_of_languages()), scorer=OSA.distance, score_cutoff=1)
    return bool(near or _PEOPLE.search(word))


@cache
def _language_name() -> re.Pattern[str]:
    names = sorted({*names_of_languages(), *other_languages()}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")
