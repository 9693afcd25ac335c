"""Words and number formats of opening hours written in Italian, as tokens."""

import re
from dataclasses import dataclass

Words = list[tuple[str, re.Pattern[str]]]
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
ITALIAN_DAYS = ("lun", "mar", "mer", "gio", "ven", "sab", "dom")
DAY = (
    r"(?:(?:lune|marte|mercole|giove|vener)d(?:i|ì)'?|sabat[oi]|domenic(?:a|he)"
    rf"|(?:{'|'.join(ITALIAN_DAYS)})\b\.?)"
)
DAYS_IN_A_ROW = re.compile(
    rf"(?<![\w/-])(?<![/-] )(?<!\ba )(?<!\bal ){DAY}(?: {DAY}){{1,5}}(?: e)? {DAY}"
    r"(?= ?(?:[\d,;:(]|dalle |ore |h |$))"
)
"""Three days or more with blanks between them: of two the dash may be lost."""
DAY_LETTERS = {"l": "lun", "g": "gio", "v": "ven", "s": "sab", "d": "dom"}
"""Initials of days; "m" is two of them."""
DAY_LETTER = re.compile(
    r"(?<![\w'.])(?:l(?=\.? ?- ?[gvsd]\b)|[lgvsd](?=\.?:? ?\d)|(?<=l-)[gvsd]\b|(?<=l - )[gvsd]\b)"
)
"""Where one stands for its day: ``L-V 9-12, S 9-11``."""
MONTHS = {
    "gennaio": "Jan", "febbraio": "Feb", "marzo": "Mar", "aprile": "Apr", "maggio": "May",
    "giugno": "Jun", "luglio": "Jul", "agosto": "Aug", "settembre": "Sep", "ottobre": "Oct",
    "novembre": "Nov", "dicembre": "Dec",
}  # fmt: skip
ORDINALS = {"prim": "1", "second": "2", "terz": "3", "quart": "4", "ultim": "-1"}


class NotUnderstoodError(ValueError):
    """A text of which a part is not understood."""


@dataclass(frozen=True)
class Token:
    """A word: what it is, and as it is written."""

    kind: str
    text: str


def _words(points: str) -> Words:
    # `points` part hours from minutes. "9,30" and "9-12,14-18" are both written: see `READINGS`.
    month = f"(?:{'|'.join(MONTHS)})"
    clock = rf"\d{{1,2}}(?:[{points}]\d{{2}}|h\d{{2}})? ?(?:h\b)?(?![{points}]?\d)"
    minutes = rf"\d{{1,2}}[{points}]\d{{2}}(?!\d)"
    hour = r"(?:ore |h\.? ?)?"
    nth = rf"(?:(?:{'|'.join(ORDINALS)})[oaie]|[1-4]°)"
    into = r"(?:(?:ad?|in|nel|nei|il|i|la|le|tutt[oi]|mes[ei]|di|giorni) )*"
    words = {
        "always": r"(?:h ?24|24 ?h|24 ?(?:/|ore su) ?24)(?:[ ,]*7 ?(?:/|giorni su) ?7)?|24/7",
        "school": r"(?:solo )?(?:durante |nel |in )?(?:l'|nell')?(?:anno|periodo) scolastico",
        "dates": _dates(month),
        "span": rf"(?:dalle |da )?{hour}{clock} ?(?:-|/|alle |a ) ?{hour}{clock}"
        rf"|{minutes} {minutes}",
        "months": rf"da {month} ad? {month}|{month} ?- ?{month}",
        "nth": rf"(?:ogni )?{nth}(?:(?:, ?| e )(?:il )?{nth})*",
        "of_month": r"(?:del|di ogni|di ciascun) mese",
        "except": rf"(?:tranne|esclus[oaie]|eccetto|salvo) {into}",
        "closed": rf"(?:chius[oaie]|chiusura) ?{into}",
        "month": month,
        "all": r"tutti i giorni|ogni giorno|7 ?(?:giorni su|/) ?7",
        "weekend": r"(?:nel )?(?:week-?end|fine settimana)",
        "holidays": r"festiv[oi]",
        "day": DAY,
        "besides": r"(?:(?:(?:e|ed|o|oppure) )?anche|e|ed|o|oppure) (?:(?:in|negli) altri (?:giorni"
        r"|orari) )?su appuntamento",
        "range": r"-|al? ",
        "slash": r"/",
        "and": r",|ed? |\+",
        "end": r";",
        "appointment": r"(?:(?:solo|previo|su) )+appuntamento",
        "nothing": r"(?:ad )?accesso libero|orari[oi](?: continuato)?|apert[oaie]|apertura"
        r"|(?:il|i|la|le|dal?|nei|giorni|di|tutt[ie]|ogni|ore|h) |[:.()\s]",
    }
    return [(kind, re.compile(pattern)) for kind, pattern in words.items()]


def _dates(month: str) -> str:
    year = r"(?:(?: del?|,)? 20\d\d\b)"
    numbers = r"\d{1,2} ?[/.] ?\d{1,2}(?:[/.]20\d\d)?"
    day = rf"(?:{numbers}|\d{{1,2}}°?(?: di)? ?{month}{year}?)(?![/.]?\d)"
    only, to = "(?:solo |soltanto )?", "(?:(?:e )?(?:fino )?(?:al |all'))"
    some = rf"(?:ad? |in |nel |nei )?(?:mes[ei] di )?{month}"
    return (
        rf"{only}(?:dal |dall')(?:{day}|\d{{1,2}}°?),? ?{to}{day}|{only}fino (?:al |all'){day}"
        # "1-31 agosto": no hour is after the 24th.
        rf"|{only}\d{{1,2}} ?- ?(?:2[5-9]|3[01]) {month}{year}?"
        rf"|solo (?:da )?{some}{year}?(?:(?: ?- ?| e | ad? ){month}{year}?)?"
        rf"|(?:da )?{month}{year}?(?: ?- ?| ad? ){month}{year}|{month}{year}"
    )


READINGS = (_words(":."), _words(":.,"))
"""Two ways to read a comma: "9-12,14-18", or "9,30-12"."""


def tokens(text: str, words: Words) -> list[Token]:
    """Split a text (small letters, no accents) into tokens, by one of `READINGS`.

    Words that say nothing about time are left out; raises NotUnderstoodError at any other word.
    """
    tokens_of_text, position = [], 0
    while position < len(text):
        kind, word = _next_word(text, position, words)
        position += len(word)
        if kind != "nothing":
            tokens_of_text.append(Token(kind, word))
    return tokens_of_text


def _next_word(text: str, position: int, words: Words) -> tuple[str, str]:
    for kind, pattern in words:
        match = pattern.match(text, position)
        if match and match[0] and not _cuts_a_word(match):
            return kind, match[0]
    raise NotUnderstoodError(text[position:])


def _cuts_a_word(match: re.Match[str]) -> bool:
    following = match.string[match.end() : match.end() + 1]
    return match[0][-1].isalpha() and following.isalpha()
