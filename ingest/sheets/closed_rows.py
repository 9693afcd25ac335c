"""Rows whose own words say, or may say, that a service is closed or has moved."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from mapping.config import Config, read_document
from mapping.geocoding.address import KINDS
from mapping.text import NO_WORDS, YES_WORDS, plain

Verdict = Literal["closed", "doubt"]
"""Closed or moved, in plain words; or words that may say so. None where they say neither."""
CellKind = Literal["name", "text", "address", "unread"]
Subject = Literal["service", "other", "time", "unknown"]
Extent = Literal["bare", "lasting", "time", "other", "unknown"]
GONE = re.compile(r"\bchius\w+ (?:definitivamente|per sempre)|\bcessat[oa] (?:attivita|servizio)?$")
"""Hours that say so leave the row out."""

_MONTHS = (
    "gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre"
    "|gen|feb|apr|mag|giu|lug|ago|sett?|ott|nov|dic"
)
_SIGNS = (
    (re.compile(r"\b\d{4}-\d\d?-\d\d?(?:t[\d:]+)?\b|\b\d\d?([/.-])\d\d?\1(?:\d{4}|\d\d)\b"),
     "DATE"),
    (re.compile(rf"\b\d\d?°? (?:{_MONTHS})\.? (?:del )?(?:19|20)\d\d\b"), "DATE"),
    (re.compile(r"\b\d\d?[/.](?:19|20)\d\d\b"), "DATE"),
    (re.compile(rf"\b\d\d?°? (?:{_MONTHS})\b|\b\d\d?/\d\d?\b"), "DAY"),
    (re.compile(r"\b(?:19|20)\d\d(?:[/-]\d\d(?:\d\d)?)?\b"), "YEAR"),
    (re.compile(r"\b\d\d?[:.]\d\d\b(?:\s*[-\u2013]\s*\d\d?[:.]\d\d)?"), "CLOCK"),
    (re.compile(r"\b\d\d?\s*[-\u2013]\s*\d\d?\b"), "CLOCK"),
    (re.compile(rf"\b(?:{_MONTHS})\b"), "MONTH"),
    (re.compile(r"\b(DAY|DATE|MONTH)\s*[-\u2013]\s*(DAY|DATE|MONTH)"), r"dal \1 al \2"),
    (re.compile(r"\b(?:via|v\.?le|vicolo|viale|piazza|largo|corso|loc\.?|localita|frazione|borgo)"
                r" (?:(?:di|del|della|delle|le|la|val) )*chius\w+"), "via"),
)  # fmt: skip
"""Dates, months and hours by their kind; a street that is called *della Chiusa* by none."""
_BETWEEN = re.compile(
    r"[.;,:!?()\n\[\]/*|\u2022\u00ab\u00bb\"]|\s[-\u2013\u2014]+(?:\s|$)|^[-\u2013\u2014]+"
)
_NO_WORDS = re.compile(r"\S+@\S+|\bhttps?:\S+|\bwww\.\S+|</?[a-z][^<>]*>|_")
_SHORTENED = re.compile(r"\b(tel|cell|num|n|s|v|iscr|lun|mar|mer|gio|ven|sab|dom|fest)\.")
_TIED = {":", ",", "(", "-", "\u2013", "/"}
"""Signs between a subject and what is said of it."""
_DAYS = r"(?:DATE|DAY|MONTH|CLOCK|\d+)"
_RANGE = re.compile(rf"\b(?:da|dal|dall|dalla|dalle) .*\b(?:a|al|all|alla|alle|fino al) {_DAYS}\b")
_SINCE = re.compile(r"^da\w{0,3} (?:\S+ ){0,3}(?:YEAR|DATE|DAY|MONTH)\b")
_MONTH_OF_YEAR = re.compile(r"^(?:ad? |in |nel mese di )?(?:MONTH YEAR|MONTH e MONTH YEAR)\b")
_OBJECT = re.compile(r"^(?:(?:il|lo|la|l|i|gli|le|del|dell|dello|della|delle|dei|tutt[ei]) )*(.+)")
_CUT = re.compile(r".*\b(?:con|ha|hanno) (?=(?:il|lo|la|l|un|uno|una) )|.*\bcon ")
_ARTICLES = re.compile(r"^(?:(?:il|lo|la|l|un|uno|una|i|gli|le) )+")
_INCOMING = re.compile(r"^(?:qui|qua)\b|^da\w{0,3} (?!.*\b(?:in|a|al|presso|verso) )")
_KINDS = sorted({short for names in KINDS.values() for short in names}, key=len, reverse=True)
_STREET = re.compile(rf"(?:{'|'.join(map(re.escape, _KINDS))})\b")
_ACTIVE = re.compile(
    r"(?:e |risulta )?(?:ancora )?(?:attiv|apert|operativ|funzionant)[oaie]"
    r"|in (?:funzione|servizio)"
)
_SCALES: dict[Verdict | None, int] = {None: 0, "doubt": 1, "closed": 2}


class _Words(Config):
    id: str
    closed: tuple[str, ...]
    weak: tuple[str, ...]
    moved: tuple[str, ...]
    moving: tuple[str, ...]
    reopened: tuple[str, ...]
    fillers: tuple[str, ...]
    services: tuple[str, ...]
    things: tuple[str, ...]
    alone: tuple[str, ...]
    adjectives: tuple[str, ...]
    conditions: tuple[str, ...]
    nouns: tuple[str, ...]
    just_before: tuple[str, ...]
    between: tuple[str, ...]
    unsure: tuple[str, ...]
    times: tuple[str, ...]
    for_good: tuple[str, ...]
    reasons: tuple[str, ...]
    places: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """One text of a row: its column, and what kind of text the column has."""

    column: str
    text: str
    kind: CellKind = "text"


@dataclass(frozen=True)
class _Clause:
    """A part of a text between two signs; `sign` stands before it, `end` behind."""

    text: str
    sign: str
    end: str


def closing_words(cells: Iterable[Cell]) -> tuple[Cell, Verdict] | None:
    """Give the cell by which a service is closed or has moved, the plainest first.

    Parameters
    ----------
    cells : iterable of Cell
        Those of one row.

    Returns
    -------
    tuple of (Cell, Verdict) or None
        None where no cell says, or may say, so.
    """
    spoken = [(cell, judged) for cell in cells if (judged := verdict(cell)) is not None]
    return max(spoken, key=lambda pair: _SCALES[pair[1]], default=None)


def verdict(cell: Cell) -> Verdict | None:
    """Judge one cell.

    Parameters
    ----------
    cell : Cell
        The heading of one that is not read is a part of what it says.

    Returns
    -------
    Verdict or None
        None where it says nothing of the service being closed.
    """
    text = _signed(cell.text)
    if cell.kind == "unread":
        text = _under_heading(_signed(cell.column), text)
    if cell.kind == "address" and re.match(r"ex via\b", text):
        return "closed"
    worst: Verdict | None = None
    clauses = _clauses(text)
    for at, clause in enumerate(clauses):
        if _is_reopened(clause.text):
            worst = None
        before = clauses[at - 1] if at else None
        after = clauses[at + 1] if at + 1 < len(clauses) else None
        if cell.kind == "address" and before is not None and _STREET.match(before.text):
            before = None
        kind = "text" if at and cell.kind == "address" else cell.kind
        for judged in _of_clause(clause, before, after, kind):
            worst = max(worst, judged, key=_SCALES.__getitem__)
    return worst


def _under_heading(heading: str, text: str) -> str:
    """Write the cell of a column with what its heading says: *Attivo* no, *Chiuso dal* 2024."""
    answer = text.strip()
    if _ACTIVE.fullmatch(heading):
        return "chiuso" if answer in NO_WORDS else text
    if _any("closed").search(heading) or _any("weak").search(heading):
        if answer in YES_WORDS:
            return heading
        return "" if answer in NO_WORDS else f"{heading} {text}"
    is_other = _subject(heading, is_name=False) in {"time", "other"}
    return f"{heading}: {text}" if is_other else text


def _signed(text: str) -> str:
    """Write a text plain, its dates by their kind."""
    seen = plain(text).replace("'", " ").replace("\u2019", " ").replace("`", " ")
    seen = _NO_WORDS.sub(" ", _SHORTENED.sub(r"\1 ", seen)).replace(" x ", " per ")
    seen = re.sub(r"[^\S\n]+", " ", seen)
    for pattern, sign in _SIGNS:
        seen = pattern.sub(sign, seen)
    return re.sub(r" +", " ", seen).strip()


def _clauses(text: str) -> list[_Clause]:
    clauses: list[_Clause] = []
    begin, sign = 0, ""
    ends = [*((match.start(), match.end(), match[0].strip()) for match in _BETWEEN.finditer(text))]
    for start, following, end in [*ends, (len(text), len(text), "")]:
        words = " ".join(re.findall(r"\w+", text[begin:start]))
        if words:
            clauses.append(_Clause(words, sign, end))
            sign = end
        elif not sign or end in set(":("):
            sign = end
        begin = following
    return clauses


def _of_clause(
    clause: _Clause, before: _Clause | None, after: _Clause | None, kind: str
) -> Iterator[Verdict | None]:
    matches = list(_any("closed", "weak", "moved", "moving").finditer(clause.text))
    begin = 0
    for at, match in enumerate(matches):
        end = matches[at + 1].start() if at + 1 < len(matches) else len(clause.text)
        lead, tail = clause.text[begin : match.start()].strip(), clause.text[match.end() : end]
        begin = match.end()
        is_name = kind == "name" or (kind == "address" and bool(_STREET.match(lead)))
        is_moved = bool(_any("moved", "moving").fullmatch(match[0]))
        extent = _moved_extent(tail.strip()) if is_moved else _extent(tail.strip())
        subject = _subject(
            lead, is_name=is_name, noun=match[0].endswith(("sura", "sione", "zione"))
        )
        if at == 0 and subject == "service" and not is_name and not _of_service(lead):
            subject, extent = _beside(clause, before, after, extent)
        judged = _decided(subject, extent)
        is_weak = bool(_any("weak", "moving").fullmatch(match[0])) or clause.end == "?"
        if is_weak and judged == "closed":
            judged = None if match[0].startswith("nuov") and extent == "unknown" else "doubt"
        if _any("moving").fullmatch(match[0]) and extent in {"unknown", "bare"}:
            judged = None
        yield judged


def _decided(subject: Subject, extent: Extent) -> Verdict | None:
    if subject == "other" or extent in {"time", "other"}:
        return None
    if subject == "time":
        return "doubt" if extent == "lasting" else None
    return "closed" if subject == "service" and extent in {"bare", "lasting"} else "doubt"


def _beside(
    clause: _Clause, before: _Clause | None, after: _Clause | None, extent: Extent
) -> tuple[Subject, Extent]:
    """Look for the subject, or the time, in the parts beside: *domenica: chiuso*."""
    if (
        after is not None
        and extent == "bare"
        and clause.end in _TIED
        and _begins_with_time().match(after.text)
        and _extent(after.text) == "time"
    ):
        is_hours = "CLOCK" in after.text and clause.end != ":"
        return ("unknown" if is_hours else "time"), extent
    subject: Subject = "service"
    if before is not None:
        earlier = _subject(before.text, is_name=False)
        is_tied = clause.sign in _TIED
        if earlier == "time" and extent == "bare":
            is_hours = "CLOCK" in before.text and clause.sign != ":"
            if is_hours and not is_tied:
                return "service", extent
            return ("unknown" if is_hours else "time"), extent
        if earlier == "other" and is_tied:
            return "other", extent
        if earlier == "unknown" and clause.sign == ":":
            subject = "unknown"
    return subject, extent


def _subject(text: str, *, is_name: bool, noun: bool = False) -> Subject:
    """Say of what a text speaks that stands before a closing word."""
    own = _named(text)
    is_denied = re.search(rf"\b{_either('just_before')}(?: {_either('between')})*$", text)
    is_condition = _has("conditions", text) or (noun and _has("nouns", text))
    is_ours = is_name or not own or _has("reasons", text) or _all_are(own, "services", "fillers")
    rules: tuple[tuple[Subject, object], ...] = (
        ("unknown", _has("unsure", text)),
        ("other", is_denied or is_condition),
        ("service", is_ours),
        ("other", own and _is_thing(own)),
        ("time", _has("times", own) or re.search(r"MONTH|DAY|YEAR", own)),
        ("other", own.startswith("per ")),
    )
    return next((subject for subject, holds in rules if holds), "unknown")


def _named(text: str) -> str:
    """Leave what is named: *purtroppo il nostro centro* is *centro*, *con cortile* is *cortile*."""
    if _all_are(text, "fillers"):
        return ""
    cut = _ARTICLES.sub("", _CUT.sub("", text))
    return " ".join(re.sub(rf"^(?:{_either('fillers')} )+", "", f"{cut} ").split())


def _is_thing(text: str) -> bool:
    """Whether the first word is of a thing, or the last where the first is of no service."""
    first, *more = text.split()
    if "ex" in more:
        return True
    is_alone = re.fullmatch(_either("alone"), first) and not re.fullmatch(
        rf"\w+(?: {_either('fillers', 'adjectives')})*", text
    )
    if re.fullmatch(_either("things"), first) or re.match(rf"(?:{_either('things')})\b", text):
        return not is_alone
    is_of_service = re.fullmatch(_either("services"), first)
    content = [word for word in more if not re.fullmatch(_either("fillers"), word)]
    return bool(content and not is_of_service and re.fullmatch(_either("things"), content[-1]))


def _all_are(text: str, *names: str) -> bool:
    words = _either(*names)
    return bool(re.fullmatch(rf"{words}(?: {words})*", text))


def _of_service(text: str) -> bool:
    return any(re.fullmatch(_either("services"), word) for word in text.split())


def _extent(tail: str) -> Extent:
    """Say how long, by what stands behind a closing word."""
    match = _OBJECT.match(tail)
    is_thing = match and re.match(rf"{_either('things')}\b", match[1])
    is_dated = re.search(r"\b(?:YEAR|DATE)\b", tail)
    is_until = tail.startswith("fino ")
    is_time = _has("times", tail) or _has("conditions", tail)
    is_since = _SINCE.match(tail) or re.fullmatch(_either("reasons"), tail)
    is_month = re.search(r"\b(?:MONTH|DAY)\b", tail)
    rules: tuple[tuple[Extent, object], ...] = (
        ("lasting", _has("for_good", tail)),
        ("other", is_thing),
        ("time", _RANGE.search(tail)),
        ("unknown", is_until or (is_time and is_dated) or _MONTH_OF_YEAR.match(tail)),
        ("time", is_time),
        ("lasting", is_since),
        ("unknown", re.search(r"\ba[ld]? YEAR\b", tail)),
        ("lasting", is_dated),
        ("time", is_month),
        ("bare", not tail or _all_are(tail, "fillers", "services")),
    )
    return next((extent for extent, holds in rules if holds), "unknown")


def _moved_extent(tail: str) -> Extent:
    """Say where to, or when, by what stands behind a word that tells of a move."""
    rules: tuple[tuple[Extent, object], ...] = (
        ("lasting", _SINCE.match(tail) or re.search(r"\b(?:YEAR|DATE)\b", tail)),
        ("other", _INCOMING.match(tail)),
        ("lasting", _has("places", tail)),
        ("time", _has("times", tail) or re.search(r"\b(?:MONTH|DAY)\b", tail)),
        ("bare", not tail or re.fullmatch(r"(?:in|a|al|presso)(?: \w+)?", tail)),
    )
    return next((extent for extent, holds in rules if holds), "unknown")


def _is_reopened(text: str) -> bool:
    match = _any("reopened").search(text)
    return bool(match and not re.search(r"\b(?:non|mai)\b", text[: match.start()]))


@cache
def _begins_with_time() -> re.Pattern[str]:
    small = "(?:(?:il|lo|la|l|i|gli|le|a|ad|al|alla|di|nel|nei|nelle|in|tutti|tutto|tutte) )*"
    return re.compile(rf"{small}(?:{_either('times')}|MONTH|DAY|da\w? .*)\b")


@cache
def _words() -> _Words:
    return read_document(Path(__file__).with_name("closed_rows.toml"), _Words)


@cache
def _either(*names: str) -> str:
    words = [word for name in names for word in getattr(_words(), name)]
    return f"(?:{'|'.join(sorted(words, key=len, reverse=True))})"


@cache
def _any(*names: str) -> re.Pattern[str]:
    return re.compile(rf"\b{_either(*names)}\b")


def _has(name: str, text: str) -> bool:
    return bool(_any(name).search(text))
