"""Phone numbers of Italy as people publish them: read, dialled and compared."""

import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

from mapping.text import tidy

REGION, COUNTRY_CODE = "IT", 39
MIN_DIGITS = 6
"""A phone number has at least so many, but for the short ones of public services, such as 1522."""
SHORT_DIGITS = 6
"""A short number has no more."""
MOST_DIGITS = 12
"""A number has no more, its prefix 39 among them."""
LABEL_LETTERS = 60
"""So much before a number may say whose it is: a long text is not read again for each of them."""
WHOLE_DIGITS = 8
"""After so many the number is whole: fewer than six more name a line of it, ``0255038490/1``."""
_RUN = r"(?:\+\s?)?[0-9](?:[0-9\s./;,|-]*[0-9])?"
_LETTERED = r"(?<=[0-9])(?:[lIiOoSBZz](?=[0-9])[0-9\s./-]*[0-9]|[lIO](?!\w))"
_MISTYPED = rf"(?:\+\s?)?[0-9](?:[0-9\s./-]*[0-9])?(?:{_LETTERED})+"
"""A letter that looks like a digit stands among them, ``02 8845l234``: which number it is, nobody
knows."""
_PIECE = re.compile(rf"\([^)]*\)?|{_MISTYPED}|{_RUN}|[^0-9(+]+|.")
_DIGIT = re.compile("[0-9]")
_ALONE = re.compile(r"\+?[0-9]+(?: [0-9]+)*")
"""A number and nothing else, as most cells have it."""
_BREAK = re.compile(r"\s*[;,|/]\s*|\s*-\s*")
_FAX = r"tele?fax|fax|fx|f"
_LABEL = re.compile(
    rf"(?<![^\W_])(?:(?P<fax>{_FAX})|tel(?:efono)?\.?\s?(?:e|[/+-])\s?fax|tel(?:efono)?|cell(?:ulare)?|whatsapp|ph(?:one)?|t|c|m)\b\W*$",
    re.IGNORECASE,
)
"""Also by its first letter: ``T 02 88451234 / F 02 88451235``."""
_INSIDE = r"\b(?:int(?:ern[oi])?|ext|x|stanza)"
_EXTENSION = re.compile(rf"{_INSIDE}\W*$", re.IGNORECASE)
"""What follows are digits to dial later, ``int. 302/303``, or a room."""
_AFTER_EXTENSION = re.compile(
    rf"({_INSIDE}[\s.:]*[0-9]{{1,4}}(?:/[0-9]{{1,4}})*)\s*[,;|/]\s*(?=\+?[0-9](?:[\s./-]?[0-9]){{5}})",
    re.IGNORECASE,
)
"""The number after next: ``0288451234 int 2, 0288455678``."""
_AREA = re.compile(r"\(\s*(\+?39|0[0-9]{0,3}|3[0-9]{2}|800)\s*\)(?=\s*[-./]?\s*[0-9])")
"""A prefix in brackets, ``(02) 88451234``: part of the number, and no remark."""
_CLOCK = r"(?:[01]?[0-9]|2[0-4])"
_MINUTES = r"[.:][0-5][0-9]"
_HOURS = re.compile(
    rf"(?<![\d.:+/-]){_CLOCK}{_MINUTES}\s*[-/]\s*{_CLOCK}{_MINUTES}(?!\s*[-./:]?[0-9]{{3}}|[0-9.:/-])"
    rf"|(?<=[^\W\d] )(?!0){_CLOCK}\s*-\s*{_CLOCK}(?!\s*[-./:]\s*[0-9]|\s*[1-9]|[0-9])"
)
"""Hours of the desk behind a number; with blanks between them they would look like a second one."""
_BRACKETED = re.compile(r"\(\s*(\+?[0-9][0-9 ./-]{5,}[0-9])\s*\)")
_PREFIX = re.compile(r"(?<![0-9])(0[0-9]{1,3})\s*[/-]\s*(?=[0-9]{5})")
"""A prefix with a stroke or a dash behind it, which parts no numbers."""
_SCIENTIFIC = re.compile(r"(?<![0-9])[0-9][.,]?[0-9]{0,15}E[+-]?[0-9]{1,3}", re.IGNORECASE)
"""A number of which a spreadsheet kept the first digits: which one it was is lost."""
# Mobiles have nine or ten digits, those of nine are older than 37 and 39, and none begins with 30
# or 31; what begins with 8 may be a free number, with 1 a short one.
_LOST_ZERO = re.compile(r"[245679][0-9]{7,9}|3[0-9]{7}|3(?:[017][0-9]|9[1-9])[0-9]{6}")
_WITHOUT_PLUS = re.compile(r"390[1-9][0-9]{7,8}|393[2-9][0-9]{8}")
"""Country code and number: of Italy's own numbers none that begins so has as many digits."""
# Either a landline that lost its zero or a number at a shared cost: the digits cannot tell.
_AMBIGUOUS = re.compile(r"8[0-9]{5,9}")
# A mobile with a digit too many has the shape of its voicemail.
_NOT_CALLED = (PhoneNumberType.UNKNOWN, PhoneNumberType.VOICEMAIL)
_SHORT = re.compile(r"1[0-9]{2,5}")
_MEDICAL = "116117"
"""Europe's number of the doctor on call, in service in Lombardia: the library does not know it."""


def phone(text: str | None) -> str | None:
    """Tidy the phone numbers of a text: digits grouped as published, ``;`` between numbers.

    A remark follows its number in brackets, and a lost zero is given back as in `phone_digits`.
    None for a text without a number.
    """
    numbers = [f"{_with_leading_zero(number)}{remark}" for number, remark in _numbers(text)]
    return "; ".join(numbers) or None


def phone_digits(text: str | None) -> frozenset[str]:
    """Read the Italian numbers of a text as national digits, landlines with their leading zero.

    A landline loses that zero where a spreadsheet takes it for a number. It is given back only
    where the digits can be nothing else: eight to ten that begin with 2, 4, 5, 6, 7 or 9; eight
    that begin with 3, since mobiles have nine or ten; nine that begin with 30, 31, 37 or 39, since
    mobiles of nine digits are older than those. With 8 they may be a free number.
    """
    return frozenset(filter(None, (_national(number) for number, _ in _numbers(text))))


def dialled(text: str | None) -> list[tuple[str, str | None]]:
    """Split what `phone` wrote into numbers with their remarks, each with the digits to dial.

    The digits are None where the number is none of Italy's.
    """
    parts = [part.strip() for part in (text or "").split(";")]
    return [(part, next(iter(phone_digits(part)), None)) for part in parts if part]


def _numbers(text: str | None) -> list[tuple[str, str]]:
    if text and _ALONE.fullmatch(text) and _is_run(text) and _count(text) <= MOST_DIGITS:
        return [(text, "")]
    # A run with enough digits is a number or several; all else is the remark of the number before,
    # but for the label of the next.
    tidied = re.sub(r"\s(?:e|o|oppure)\s(?=[+0-9])", ", ", _cleaned(text))
    tidied = _AFTER_EXTENSION.sub(r"\1: ", tidied)
    numbers: list[tuple[str, str]] = []
    before = label = ""
    for piece in _PIECE.findall(tidied):
        is_extension = _EXTENSION.search(before) is not None and _count(piece) < WHOLE_DIGITS
        if _is_mistyped(piece) and not is_extension:
            numbers.append((piece, "fax " if _is_fax(label) else ""))
            label = ""
        elif (_is_run(piece) and not (numbers and is_extension)) or (
            not numbers and _is_short_after(before, piece)
        ):
            of_fax = "fax " if _is_fax(label) else ""
            numbers += [(number, of_fax) for number in _split(piece)]
            label = ""
        else:
            tail = piece[-LABEL_LETTERS:]
            of_next = None if piece.startswith("(") else _LABEL.search(tail)
            if numbers:
                own = len(piece) - len(tail) + of_next.start() if of_next else None
                numbers[-1] = (numbers[-1][0], numbers[-1][1] + label + piece[:own])
            label = of_next[0] if of_next else ""
        before = (before + piece)[-LABEL_LETTERS:]
    if numbers and label:
        numbers[-1] = (numbers[-1][0], numbers[-1][1] + label)
    read = [(number, _remark(words)) for number, words in numbers]
    # A machine answers at a fax: the numbers of people come first.
    return sorted(read, key=lambda pair: pair[1].startswith(" (fax"))


def _is_fax(label: str) -> bool:
    match = _LABEL.search(label)
    return match is not None and match["fax"] is not None


def _cleaned(text: str | None) -> str:
    """Write digits, dashes and prefixes in one way, and hours as the remark that they are."""
    signs = tidy(text) or ""
    if not signs.isascii():
        signs = "".join(map(_sign, unicodedata.normalize("NFKC", signs)))
    signs = re.sub(r"^(\d{6,})[.,]0$", r"\1", signs)  # a column of numbers, some of them missing
    with_area = _AREA.sub(lambda match: match[1] if match[1] != "0" else " 0", signs)
    return _HOURS.sub(r"(\g<0>)", _SCIENTIFIC.sub("", _BRACKETED.sub(r", \1, ", with_area)))


def _sign(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind == "Nd":
        return str(unicodedata.decimal(letter))
    if kind == "Pd" or letter == "\u2212":
        return "-"
    return "" if kind == "Cf" else letter


def _is_run(piece: str) -> bool:
    # Noughts alone stand for a number that nobody knows.
    known = re.fullmatch(_RUN, piece) and re.search("[1-9]", piece)
    return bool(known) and _count(piece) >= MIN_DIGITS


def _is_mistyped(piece: str) -> bool:
    return _count(piece) >= MIN_DIGITS and re.fullmatch(_MISTYPED, piece) is not None


def _is_short_after(before: str, piece: str) -> bool:
    # Behind other words three digits may be an extension or a room.
    return (not before or bool(_LABEL.fullmatch(before))) and _is_short(piece)


def _remark(text: str) -> str:
    words = " ".join(re.sub(r"[()]", " ", text).split()).strip(" ,;:./|+-\u2013")
    return f" ({words})" if words else ""


def _split(run: str) -> list[str]:
    # "02/4022.1" is one number, "02 48953740 / 3516818198" are two.
    numbers: list[list[str]] = []
    digits = 0
    for part in _BREAK.split(_PREFIX.sub(r"\1 ", run)):
        if not numbers or _are_two(numbers[-1], digits, part):
            numbers.append([part])
            digits = _count(part)
        else:
            numbers[-1] += ["/" if digits >= WHOLE_DIGITS else " ", part]
            digits += _count(part)
    written = (" ".join(re.split(r"[\s.]+", "".join(number))).strip() for number in numbers)
    return [part for number in written for part in _glued(number)]


def _glued(number: str) -> list[str]:
    """Take numbers with only a blank between them apart: ``02 88451234 02 88455678``."""
    words = number.split()
    if _count(number) <= MOST_DIGITS or len(words) < 2:  # noqa: PLR2004 - nothing to part
        return [number]
    for at in range(1, len(words)):
        first, rest = " ".join(words[:at]), " ".join(words[at:])
        begins = re.match(r"\+|00|0[1-9]|3[2-9]|800", rest) and _count(first) >= MIN_DIGITS
        if begins and _national(first) and (parts := _glued(rest)) and all(map(_national, parts)):
            return [first, *parts]
    return [number]


def _are_two(number: list[str], digits: int, part: str) -> bool:
    if digits <= SHORT_DIGITS and _is_short("".join(number)):
        return _count(part) >= MIN_DIGITS or _is_short(part)
    return digits >= MIN_DIGITS and _count(part) >= MIN_DIGITS


def _with_leading_zero(number: str) -> str:
    digits = number.partition("/")[0].replace(" ", "")
    if _WITHOUT_PLUS.fullmatch(digits):
        return f"+{number}"
    return f"0{number}" if _LOST_ZERO.fullmatch(digits) else number


def _national(number: str) -> str | None:
    """Give the national digits of a number; None where Italy's numbering plan has no such one."""
    if _is_mistyped(number):
        return None
    digits = "".join(_DIGIT.findall(number.partition("/")[0]))
    if number.startswith("+") and not digits.startswith("00"):
        parsed = _italian(f"+{digits}")
    else:
        # Before the library takes the 39 of Monza's prefix, 039, for Italy's country code.
        parsed = _italian(_with_leading_zero(digits))
    if parsed is None:
        return None
    own_digits = phonenumbers.national_significant_number(parsed)
    national = _with_leading_zero(own_digits)
    if national != own_digits:
        parsed = _italian(f"+{COUNTRY_CODE}{national}")
    is_known = _AMBIGUOUS.fullmatch(national) or _is_assigned(parsed, national)
    return national if is_known else None


def _italian(digits: str) -> PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(digits, REGION)
    except NumberParseException:
        return None
    return parsed if parsed.country_code == COUNTRY_CODE else None


def _is_assigned(parsed: PhoneNumber | None, national: str) -> bool:
    if parsed is None:
        return False
    return phonenumbers.number_type(parsed) not in _NOT_CALLED or _is_short(national)


def _is_short(digits: str) -> bool:
    if digits == _MEDICAL:
        return True
    parsed = _italian(digits) if _SHORT.fullmatch(digits) else None
    return parsed is not None and phonenumbers.is_valid_short_number_for_region(parsed, REGION)


def _count(text: str) -> int:
    return len(_DIGIT.findall(text))
