"""The ages that a service is for, in months, from the words in which they are published."""

import re
from functools import lru_cache

from mapping.taxonomy import INFANTS_END_MONTHS, MONTHS_PER_YEAR
from mapping.text import number_words, plain

_Span = tuple[int | None, int | None]

MAX_YEARS = 120
_MAX_MONTHS = MAX_YEARS * MONTHS_PER_YEAR
_GRADE = r"secondari[ae] (?:di )?"
SCHOOLS = {
    r"asil[oi] nido|\bnid[oi]\b": (3, 36),
    r"scuol[ae] (?:dell.\s?)?infanzia|scuol[ae] matern[ae]"
    r"|(?:^|\b(?:e|ed) |[/,;+-] ?)(?:infanzia|materna)\b": (36, 72),
    r"\b(?:primari[ae]|elementar[ei])\b": (72, 132),
    rf"scuol[ae][a-z, ]* medi[ae]\b|\bmedie\b|{_GRADE}(?:primo|i|1.?) grado": (132, 168),
    rf"\bsuperior[ei]\b|{_GRADE}(?:secondo|ii|2.?) grado": (168, 228),
}
"""The children of each order of school, by its regular years, in months."""
_ADULT = 18 * MONTHS_PER_YEAR
_CHILDREN_END = 84
"""Months: a nido and a school for children until six may be one service."""
_BEFORE_BIRTH = -9
"""Months: a service for those who expect a child is for the child too."""
_SOME = r"\b(?:disab|handicap|diversamente abil|special[ei] necessit|legge 104|l\.? ?104)"
_EXCEPTION = re.compile(
    rf"\(([^()]*{_SOME}[^()]*)\)|(?:^|[,;.]|\s-\s)(?:([^,;.()\d]*{_SOME}[^,;.()]*)"
    rf"|([^,;.()]*\b(?:per|se|con)\b[^,;.()\d]*{_SOME}[^,;.()]*))",
    re.IGNORECASE,
)
"""Ages for some children only: they widen those for all of them no more than they narrow them."""
_SHORT_TEXT = 500
"""Letters: a longer text is no list of ages."""
_ENGLISH = {"month": "mesi", "months": "mesi", "year": "anni", "years": "anni", "yrs": "anni"}
_SIGNS = ((re.compile("[<≤] ?="), "≤"), (re.compile("[>≥] ?="), "≥"))
_HALVES = (
    (re.compile(r"\s?½"), ",5"),
    (re.compile(r"(\d) (?:e )?1/2(?!\d)"), r"\1,5"),
    (re.compile(r"(\d) (ann[oi]|mes[ei]) e (?:mezzo|1/2(?!\d))"), r"\1,5 \2"),
)
_NUMBERS = {word: str(number) for word, number in number_words(20).items() if number > 1}
_COUNTS = (
    r"volt[ae]|or[ae]\b|giorn|euro|€|post[oi]|incontr|bambin|person|educator|operator|settiman"
    r"|pomerigg|class[ei]|sezion|grupp|minut|lezion|iscritt|alunn|partecipant|utent|student"
)
"""What else is counted where ages are written."""
_NUMBER = r"(\d{1,3}(?:[.,]\d)?)"
_AGE = rf"(?<![\d/.,:-]){_NUMBER}"
_UNIT = r"\s*(mes[ei]|ann[oi]|[ma](?![a-z]))"
_UNIT_BELOW = r"\s*(mes[ei]|ann[oi]|settiman[ae]|giorn[oi]|[ma](?![a-z]))"
_DAYS = {"g": 1, "s": 7}
_DAYS_PER_MONTH = 30.4
_EACH = re.compile(r"(?<![\d/.,:-])\d{1,2}(?:\s?(?:[-/,]| e )\s?\d{1,2}){2,}(?![\d/:-]|[.,]\d)")
"""``6-7-8 anni``: one age after another."""
_AND_ON = (
    r"(\s*(?:\+|(?:e|ed) (?:oltre|piu)(?! (?:i|gli|di)\b)|(?:e )?(?:in|a) (?:su|poi|salire)\b))?"
)
"""``dai 6 ai 14 anni e oltre``: the age that is named last is no end."""
_SHORT_OF = r"(\s*(?:non (?:ancora )?compiut[io]|esclus[io]))?"
_EQUAL = r"(?:uguale|uguali|pari)"
_COMPARISON = re.compile(
    rf"(\bnon )?\b({_EQUAL} (?:o|e) )?(superior|maggior|inferior|minor)[ei]( (?:o|e) {_EQUAL})?"
    r" (?:ad?|ai|agli|al|di|dei|degli)(?: anni)? (?=\d+(?!\d|\W{0,2}grado))"
)
"""``inferiore o uguale ai 6 anni``: an age, where ``superiori`` alone are a school."""
_THAN = re.compile(
    r"\b(?:superior|inferior)[ei] (?:o|e|a[a-z]*|di|de[a-z]+|rispetto)\b"
    r"[^,;.()\d]{0,20}\d(?!\W{0,2}grado)"
)
_BOUND = re.compile(
    r"(?:\bfino ad? )?(?:\b(?:un|al|a) )?\b(?:(massim[oa]|max\.?)|minim[oa]|(?<!\d )(?<!\d)min\.?)"
    rf"(?: (?:di|a))?:? ?(?={_NUMBER}\s*(?:mes[ei]|ann[oi])\b)"
)
"""``max 11 anni``, ``età minima: 6 anni``."""
_RANGE = re.compile(
    rf"(?<!class[ei] )(?<!\bore )(?<!\bh ){_AGE}(?:{_UNIT_BELOW}\.?)?(?: compiut[ei])?\s*"
    rf"(?:-|\u2013|e(?: i)?|ai|agli|a|/)\s*{_NUMBER}(?:{_UNIT})?"
    rf"(?![\d/-]|[.,:]\d|\s*(?:{_COUNTS})){_SHORT_OF}{_AND_ON}"
)
_UNTIL = re.compile(
    rf"(?:fino a(?:i|gli|l|d)?(?P<before> compimento de[il]| raggiungimento de[il])?"
    rf"|(?P<under>under|meno di|minori di|sotto (?:i|gli))"
    rf"|non (?:oltre (?:i|gli)|piu di)) {_AGE}(?:{_UNIT})?(?![\d/:]|\s*(?:{_COUNTS})){_SHORT_OF}"
)
_SINCE = re.compile(
    rf"(?:\bd(?:a|ai|agli)|(?<!non )oltre (?:i|gli)|maggiori di|sopra (?:i|gli)|almeno"
    rf"|(?<!non )piu di) {_AGE}(?:{_UNIT}|$)(?:\s*in (?:su|poi)\b)?"
    rf"|\bover {_AGE}(?:{_UNIT})?"
    rf"|{_AGE}(?:{_UNIT})?\s*(?:\+|(?:e|ed) (?:oltre|piu)(?! (?:i|gli|di)\b)|in (?:su|poi)\b)"
)
_NOT_READ = re.compile(
    rf"(?:^|[-;,.(]|\b(?:d?a(?:i|gli)?|e|o|di|per|con)\b)\s*{_AGE}\s*(?:mes[ei]|ann[oi])\b"
    r"|\b(?:over|under|oltre|sopra|sotto|meno di|piu di)\b[^,;.()]{0,40}\d"
    rf"|\b(?:max|massim[oaie]|min|minim[oaie])\b[^,;()\d]{{0,20}}{_AGE}(?!\d|\s*(?:{_COUNTS}))"
    r"|\b(?:e|ed) (?:oltre|piu)\b"
)
"""What still speaks of an age where all that is understood was taken out."""
_COMPARED = re.compile(
    r"\b(?:fino a\w*|over|under|oltre \w+|sopra \w+|sotto \w+|meno di|piu di|almeno"
    r"|min\w* di|magg\w* di)\s*\0"
)
"""``fino a 4 anni e 5 anni``: two ages of which the first is compared are no range."""
_DENIED = re.compile(
    r"\b(?:non(?! (?:ancora )?compiut| oltre (?:i|gli)\b| piu di\b)|esclus\w*|eccett\w*|tranne"
    r"|salvo|vietat\w*)\b[^,;.()\d]{0,30}\d"
)
"""``esclusi i minori di 3 anni``: an age for which it is not."""
_AND_OLDER = re.compile(r"\+|\b(?:over|oltre|sopra|piu|maggiori)\b|\bin (?:su|poi)\b")
_FIRST = re.compile(r"\bprim[oi] (?:(\d+) )?(anno|anni|mes[ei])\b(?P<of_life> di vita)?")
_FIRST_DAYS = re.compile(r"\bprimi (?:1\.?000|mille) giorni")
_MANY_DAYS = re.compile(r"(?<!primi )\b(\d{3}|1\.?\d{3}|mille) giorni\b")
_ANY_UNIT = re.compile(r"mes[ei]|ann[oi]|settiman|giorn|\d\s?m\b|\d\s?a\b(?!\s*\d)")


@lru_cache(maxsize=4096)
def ages(text: str | None, *, infants: bool = False) -> _Span:
    """Read the ages served: ``3-36 mesi``, ``dai 6 ai 14 anni``, ``12+``, ``scuola primaria``.

    Gives the youngest age and the first age no longer served, in months, each None where the text
    does not say it: "6-14" serves until the fifteenth birthday. Years are meant unless months are
    named; ages before birth are below zero ("dalla gravidanza"). Ages apart, such as "3-6 e 14-18",
    are not told by two numbers: nothing is. A service for `infants`, who are counted in months,
    means months by bare numbers that as years would be past them: ``12-36``. What then makes no
    sense either is not told.
    """
    words = _in_digits(_for_all(text or ""))
    read = _read(words, "anni")
    bare = infants and re.search(r"\d", words) and not _ANY_UNIT.search(words)
    if not bare or ((read[0] or 0) < INFANTS_END_MONTHS and (read[1] or 0) <= _CHILDREN_END):
        return read
    first, end = _read(words, "mesi")
    makes_sense = (first or 0) < INFANTS_END_MONTHS and (
        end is None or MONTHS_PER_YEAR <= end <= INFANTS_END_MONTHS + MONTHS_PER_YEAR
    )
    return (first, end) if makes_sense else (None, None)


def _read(words: str, unit: str) -> _Span:
    """Read ages of which those without a unit are in the one that is given."""
    expecting = re.search(r"\bgravidanza\b", words) is not None
    since_expecting = re.search(r"\bdalla gravidanza|\bgravidanza (?:e|ed|,) ", words) is not None
    words = words.replace("dalla gravidanza", "fino")
    ranges = [_range(match, unit) for match in _RANGE.finditer(words)]
    if None in ranges or _DENIED.search(words) or _COMPARED.search(_RANGE.sub("\0", words)):
        return None, None
    closed = [*filter(None, ranges)]
    spans, rest = _open_spans(_RANGE.sub(";", words), unit, closed, first=expecting)
    known = [*closed, *spans]
    if known and "adult" in words:
        known.append((_ADULT, None))
    if expecting and (known or since_expecting):
        known.append((_BEFORE_BIRTH, 0 if known else None))
    if known and any(more.search(rest) for more in (_NOT_READ, _SINCE, _UNTIL)):
        return None, None
    return _joined(known) if known else _of_schools(words)


def exception(text: str | None) -> str | None:
    """Give what a text says of ages for some children only: ``disabili fino a 18``."""
    stated = text or ""
    if _for_all(stated) == stated:
        return None
    match = _EXCEPTION.search(stated)
    return next(filter(None, match.groups())).strip() if match else None


def _for_all(text: str) -> str:
    """Leave out what holds for some children only, where other ages are told."""
    rest = _EXCEPTION.sub(" ; ", text) if len(text) <= _SHORT_TEXT else ""
    return rest if re.search(r"\d", rest) else text


def _in_digits(text: str) -> str:
    text = re.sub("[\u2010-\u2015\u2212]", "-", text)
    for sign, written in _SIGNS:
        text = sign.sub(written, text)
    text = re.sub("[≥>] ?", "over ", re.sub("≤ ?", "fino a ", re.sub("< ?", "under ", text)))
    for half, written in _HALVES:
        text = half.sub(written, text)
    known = _NUMBERS | _ENGLISH
    words = re.sub(r"[a-z]+", lambda word: known.get(word[0], word[0]), plain(text))
    words = _BOUND.sub(lambda bound: "fino a " if bound[1] else "almeno ", words)
    words = _COMPARISON.sub(_compared, words)
    return _MANY_DAYS.sub(_days_in_months, _EACH.sub(_from_to, words))


def _compared(match: re.Match[str]) -> str:
    denied, before, word, behind = match.groups()
    if word in ("superior", "maggior"):
        return "fino a " if denied else "almeno " if before or behind else "oltre i "
    return "almeno " if denied else "fino a " if before or behind else "meno di "


def _days_in_months(match: re.Match[str]) -> str:
    days = 1000 if match[1] == "mille" else int(match[1].replace(".", ""))
    return f"{round(days / _DAYS_PER_MONTH)} mesi"


def _from_to(match: re.Match[str]) -> str:
    ages = [int(age) for age in re.findall(r"\d+", match[0])]
    follow = ages == list(range(ages[0], ages[-1] + 1))
    return f"{ages[0]}-{ages[-1]}" if follow else match[0]


def _range(match: re.Match[str], unit: str) -> _Span | None:
    low, low_unit, high, high_unit, short_of, and_on = match.groups()
    unit = high_unit or unit
    low_months, end = _months(low, low_unit or unit), _end(high, unit, short_of)
    if not low_months < end <= _MAX_MONTHS:
        return None
    return low_months, None if and_on else end


def _open_spans(
    words: str, unit: str, closed: list[_Span], *, first: bool
) -> tuple[list[_Span], str]:
    """Read what is said of a youngest or an oldest age alone; give what is left of the words."""
    until, since = _UNTIL.search(words), _SINCE.search(words)
    youngest, end = _since(since, unit), _until(until, unit)
    spans: list[_Span] = []
    # "Under 6 e over 65" are two ages apart.
    are_apart = youngest is not None and end is not None and youngest >= end
    if until and (are_apart or not since):
        spans.append((None, end))
    if since and closed and (are_apart or not until):
        span = _beside(youngest or 0, closed, and_older=bool(_AND_OLDER.search(since[0])))
        spans += [span] if span else []
        since = since if span else None
    elif since:
        spans.append((youngest, None if are_apart else end))
    spans += [
        (0, _first_end(match[1], match[2]))
        for match in _FIRST.finditer(words)
        if first or match["of_life"]
    ]
    if _FIRST_DAYS.search(words):
        spans.append((_BEFORE_BIRTH, 2 * MONTHS_PER_YEAR))
    return spans, _without(words, *filter(None, (until, since)))


def _beside(youngest: int, closed: list[_Span], *, and_older: bool) -> _Span | None:
    """Say what a youngest age adds to ranges that end; None where nobody can tell.

    ``3-6 anni (anticipatari dai 2)`` still ends; after the end only ``e oltre`` opens a range.
    """
    end = max(end or _MAX_MONTHS for _, end in closed)
    if and_older and youngest >= end - MONTHS_PER_YEAR:
        return youngest, None
    return (youngest, end) if youngest < end else None


def _without(words: str, *matches: re.Match[str]) -> str:
    letters = list(_FIRST.sub(lambda match: ";" * len(match[0]), words))
    for match in matches:
        letters[match.start() : match.end()] = ";" * len(match[0])
    return "".join(letters)


def _until(match: re.Match[str] | None, unit: str) -> int | None:
    if not match:
        return None
    number, written, short_of = match.groups()[2:]
    return _end(number, written or unit, match["before"] or match["under"] or short_of)


def _first_end(number: str | None, unit: str) -> int | None:
    # "i primi anni" do not say how many.
    return _months(number or "1", unit) if number or unit in ("anno", "mese") else None


def _joined(spans: list[_Span]) -> _Span:
    """Put ages that follow one another together; with a gap between them no two numbers tell."""
    spans = sorted(spans, key=lambda span: (span[0] is not None, span[0] or 0))
    first, end = spans[0]
    open_until = end
    for low, high in spans[1:]:
        if end is not None and (low or 0) > end + MONTHS_PER_YEAR:
            return None, None
        # Of "until 3 years" the youngest age is told by what lies inside it, not by what follows.
        if first is None and low is not None and (open_until is None or low < open_until):
            first = low
        end = None if end is None or high is None else max(end, high)
    return first, end


def _since(match: re.Match[str] | None, unit: str) -> int | None:
    if not match:
        return None
    age, written = [*filter(None, match.groups()), ""][:2]
    return _months(age, written or unit)


def _of_schools(text: str) -> tuple[int | None, int | None]:
    if _THAN.search(text):
        return None, None
    named = [months for pattern, months in SCHOOLS.items() if re.search(pattern, text)]
    if not named:
        return None, None
    return min(start for start, _ in named), max(end for _, end in named)


def _months(number: str, unit: str) -> int:
    if unit[0] in _DAYS:
        return int(float(number.replace(",", ".")) * _DAYS[unit[0]] / _DAYS_PER_MONTH)
    years = unit.startswith("a")
    return round(float(number.replace(",", ".")) * (MONTHS_PER_YEAR if years else 1))


def _end(number: str, unit: str, short_of: str | None) -> int:
    # "until 14 years" includes the children who are 14; "36 mesi" ends with the 36th month, and a
    # nido "3 mesi - 3 anni" ends at the third birthday, as its regulations say.
    years = float(number.replace(",", "."))
    if short_of or unit.startswith("m") or years <= 3 or not years.is_integer():  # noqa: PLR2004
        return _months(number, unit)
    return _months(number, unit) + MONTHS_PER_YEAR
