"""Phone numbers of Italy, as people publish them: to be read, called and compared."""

import re

from mapping.text import tidy

MIN_DIGITS = 6
"""A phone number has at least so many; fewer are an extension, a floor, an hour."""
WHOLE_DIGITS = 8
"""After so many the number is whole: fewer than six more name a line of it, ``0255038490/1``."""
_RUN = r"(?:\+\s?)?[0-9](?:[0-9\s./;,|-]*[0-9])?"
_PIECE = re.compile(rf"\([^)]*\)?|{_RUN}|[^0-9(+]+|.")
_BREAK = re.compile(r"\s*[;,|/]\s*|\s*-\s*")
_LABEL = re.compile(r"\b(?:tel(?:efono)?|cell(?:ulare)?|fax|whatsapp)\b\W*$", re.IGNORECASE)
# Mobiles have nine or ten digits, those of nine are older than 37 and 39, and none begins with 30
# or 31; what begins with 8 may be a free number, with 1 a short one.
_LOST_ZERO = re.compile(r"[245679][0-9]{7,9}|3[0-9]{7}|3(?:[017][0-9]|9[1-9])[0-9]{6}")
_NATIONAL = re.compile(r"0[1-9][0-9]{4,9}|3[0-9]{8,9}|8[0-9]{5,9}|1[0-9]{2,5}")


def phone(text: str | None) -> str | None:
    """Tidy the phone numbers of a text, as they will be read and called.

    Parameters
    ----------
    text : str or None
        Such as ``02/4022.1 (centralino San Carlo)``, or several numbers.

    Returns
    -------
    str or None
        Digits grouped by blanks, several numbers apart by ``;``, each with its remark; a lost zero
        is given back as in `phone_digits`. None without at least six digits.
    """
    numbers = [f"{_given_back(number)}{remark}" for number, remark in _numbers(text)]
    return "; ".join(numbers) or None


def phone_digits(text: str | None) -> frozenset[str]:
    """Read the phone numbers of a text so that they can be compared.

    A landline lost its leading zero where a spreadsheet took it for a number. The zero is given
    back only where the digits can be nothing else: eight to ten that begin with 2, 4, 5, 6, 7 or
    9; eight that begin with 3, since mobiles have nine or ten; nine that begin with 30, 31, 37 or
    39, since mobiles of nine digits are older than those. With 8 they may be a free number.

    Parameters
    ----------
    text : str or None
        As published.

    Returns
    -------
    frozenset of str
        National numbers: digits only, no +39, landlines with their zero. A number that is none of
        Italy's is left out.
    """
    read = (_national(number) for number, _ in _numbers(text))
    return frozenset(digits for digits in read if _NATIONAL.fullmatch(digits))


def dialled(text: str | None) -> list[tuple[str, str | None]]:
    """Split the phone numbers of a text, each as it is read and as it is dialled.

    Parameters
    ----------
    text : str or None
        As `phone` writes it.

    Returns
    -------
    list of tuple
        The number with its remark, and its digits; None where it is none of Italy's.
    """
    parts = [part.strip() for part in (text or "").split(";")]
    return [(part, next(iter(phone_digits(part)), None)) for part in parts if part]


def _numbers(text: str | None) -> list[tuple[str, str]]:
    # A run with enough digits is a number or several; all else is the remark of the number before,
    # but for the label of the next.
    tidied = re.sub(r"\s(?:e|o|oppure)\s(?=[+0-9])", ", ", tidy(text) or "")
    found: list[tuple[str, str]] = []
    label = ""
    for piece in _PIECE.findall(tidied):
        if re.fullmatch(_RUN, piece) and _count(piece) >= MIN_DIGITS:
            found += [(number, label) for number in _split(piece)]
            label = ""
        elif found:
            of_next = None if piece.startswith("(") else _LABEL.search(piece)
            found[-1] = found[-1][0], found[-1][1] + piece[: of_next.start() if of_next else None]
            label = "fax " if of_next and "fax" in of_next[0].lower() else ""
    return [(number, _remark(said)) for number, said in found]


def _remark(said: str) -> str:
    words = " ".join(re.sub(r"[()]", " ", said).split()).strip(" ,;:./|+-\u2013")
    return f" ({words})" if words else ""


def _split(run: str) -> list[str]:
    # "02/4022.1" is one number, "02 48953740 / 3516818198" are two.
    numbers: list[str] = []
    for part in _BREAK.split(run):
        whole = bool(numbers) and _count(numbers[-1]) >= MIN_DIGITS
        if not numbers or (whole and _count(part) >= MIN_DIGITS):
            numbers.append(part)
        else:
            numbers[-1] += f"{'/' if _count(numbers[-1]) >= WHOLE_DIGITS else ' '}{part}"
    return [" ".join(re.split(r"[\s.]+", number)).strip() for number in numbers]


def _given_back(number: str) -> str:
    digits = number.partition("/")[0].replace(" ", "")
    return f"0{number}" if _LOST_ZERO.fullmatch(digits) else number


def _national(number: str) -> str:
    digits = re.sub(r"[^0-9]", "", number.partition("/")[0])
    abroad = "+" if number.startswith("+") else "00" if digits.startswith("00") else ""
    if abroad:
        home = digits.removeprefix("00").startswith("39")
        return _given_back(digits.removeprefix("00")[2:]) if home else ""
    if re.fullmatch(r"39(?:0[0-9]{8,10}|3[0-9]{9})", digits):
        digits = digits[2:]
    return _given_back(digits)


def _count(text: str) -> int:
    return len(re.findall("[0-9]", text))
