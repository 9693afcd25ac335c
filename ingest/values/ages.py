"""The ages that a service is for, in months, from the words in which they are published."""

import re

from mapping.text import plain

MONTHS_PER_YEAR = 12
MAX_YEARS = 120
_GRADE = r"secondari[ae] (?:di )?"
SCHOOLS = {
    r"asil[oi] nido|\bnid[oi]\b": (3, 36),
    r"scuol[ae] (?:dell.\s?)?infanzia|scuol[ae] matern[ae]": (36, 72),
    r"\b(?:primari[ae]|elementar[ei])\b": (72, 132),
    rf"scuol[ae][a-z, ]* medi[ae]\b|\bmedie\b|{_GRADE}(?:primo|i|1.?) grado": (132, 168),
    rf"\bsuperior[ei]\b|{_GRADE}(?:secondo|ii|2.?) grado": (168, 228),
}
"""The children of each order of school, by its regular years, in months."""
_NUMBER = r"(\d{1,3}(?:[.,]\d)?)"
_AGE = rf"(?<![\d/]){_NUMBER}"
_UNIT = r"\s*(mes[ei]|ann[oi])"
_RANGE = re.compile(
    rf"{_AGE}(?:{_UNIT})?\s*(?:-|\u2013|ai|agli|a|/)\s*{_NUMBER}(?:{_UNIT})?(?![\d/-])"
)
_UNTIL = re.compile(rf"fino a(?:i|gli)? {_AGE}{_UNIT}")
_SINCE = re.compile(rf"\bd(?:a|ai|agli) {_AGE}{_UNIT}|{_AGE}(?:{_UNIT})?\s*\+")


def ages(text: str | None) -> tuple[int | None, int | None]:
    """Read the ages served: ``3-36 mesi``, ``dai 6 ai 14 anni``, ``12+``, ``scuola primaria``.

    Gives the youngest age and the first age no longer served, in months, each None where the text
    does not say it: "6-14" serves until the fifteenth birthday. Years are meant unless months are
    named.
    """
    words = plain(text or "")
    match = _RANGE.search(words)
    if match:
        low, low_unit, high, high_unit = match.groups()
        high_unit = high_unit or "anni"
        low_months, end = _months(low, low_unit or high_unit), _end(high, high_unit)
        if low_months >= end or end > MAX_YEARS * MONTHS_PER_YEAR:
            return None, None
        return low_months, None if "adult" in words else end
    until, since = _UNTIL.search(words), _SINCE.search(words)
    if until or since:
        return _since(since), _end(*until.groups()) if until else None
    return _of_schools(words)


def _since(match: re.Match[str] | None) -> int | None:
    if not match:
        return None
    age, unit, bare, bare_unit = match.groups()
    return _months(age or bare, unit or bare_unit or "anni")


def _of_schools(text: str) -> tuple[int | None, int | None]:
    named = [months for pattern, months in SCHOOLS.items() if re.search(pattern, text)]
    if not named:
        return None, None
    return min(start for start, _ in named), max(end for _, end in named)


def _months(number: str, unit: str) -> int:
    years = unit.startswith("ann")
    return round(float(number.replace(",", ".")) * (MONTHS_PER_YEAR if years else 1))


def _end(number: str, unit: str) -> int:
    # "until 14 years" includes the children who are 14; "36 mesi" ends with the 36th month, and a
    # nido "3 mesi - 3 anni" ends at the third birthday, as its regulations say.
    if unit.startswith("mes") or float(number.replace(",", ".")) <= 3:  # noqa: PLR2004
        return _months(number, unit)
    return _months(number, unit) + MONTHS_PER_YEAR
