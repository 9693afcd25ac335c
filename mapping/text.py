"""Clean texts as registers publish them, without inventing anything."""

import html
import re
import unicodedata
from collections.abc import Callable

Say = Callable[[str], None]
"""Shows one line of progress to whoever runs a command."""
_NOTHING = {
    "-", "--", "n.d.", "n.d", "nd", "n/d", "#n/d", "n/a", "#n/a", "non disponibile",
    "non disponibili", "null", "<null>", "(null)", "nan", "none", "<na>",
}  # fmt: skip
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}[0-9]{0,2});", re.IGNORECASE)
_AMPERSANDS = re.compile(r"&(?:(?:amp|#0{0,5}38|#x0{0,5}26);)+", re.IGNORECASE)
"""However often it was escaped: one by one, a text of them would take as many turns."""
_BREAKS = re.compile(r"</?(?:br|p|div|li|ul)\b[^<>]*>", re.IGNORECASE)
_MARKS = re.compile("[&<]")
_CUT_A_GRAVE = re.compile("(?<=[a-z])Ã(?=[\\s.,;:)]|$)")
"""An "à" that was decoded twice and lost its second half, a blank, to somebody's tidying."""
_SMALL = {
    "di", "de", "del", "dello", "della", "dei", "degli", "delle", "da", "dal", "dalla", "e", "al",
    "alla", "ai", "alle", "in",
}  # fmt: skip


_AREA_WORD = re.compile(r"(?<=\w)\.[^\W\d_]{2,3}\b|[^\W\d_]+'?")
_AS_IT_IS = re.compile(r"[IVX]{2,}|[^AEIOU']+")
"""Roman numbers, and letters that are no word."""
_SMALL_IN_AREAS = _SMALL | {"il", "sul"}
_WRITTEN_OUT = {"PTA": "Porta", "CITTA'": "Città"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_STEERING = {"Cc", "Cf", "Cs"}
_JOINERS = "\u200c\u200d"
"""Signs without a shape that Bengali is written with."""


def readable(text: str) -> str:
    """Capitalise an address written in capitals: ``VIA ROMA`` is ``Via Roma``.

    Initials and roman numerals keep their capitals; any other text is unchanged.
    """
    if not text.isupper():
        return text
    return " ".join(_readable_word(word) for word in text.split())


def _readable_word(word: str) -> str:
    if word.lower() in _SMALL:
        return word.lower()
    if re.fullmatch(r"(?:[A-Z]\.)+|[IVX]+", word):
        return word
    return re.sub(r"[^\W\d_]+", lambda match: match[0].capitalize(), word)


def area_name(text: str) -> str:
    """Write the name of an area, published in capitals, as people do.

    ``XXII MARZO`` is ``XXII Marzo``, ``BAGGIO - Q.RE DEGLI OLMI`` is ``Baggio - Q.re degli Olmi``;
    any other text is unchanged.
    """
    if not text.isupper():
        return text
    return _AREA_WORD.sub(_area_word, text.replace("P.TA ", "PTA "))


def _area_word(match: re.Match[str]) -> str:
    word = match[0]
    if word[0] == "." or (match.start() and word.lower() in _SMALL_IN_AREAS):
        return word.lower()
    if word in _WRITTEN_OUT:
        return _WRITTEN_OUT[word]
    return word if _AS_IT_IS.fullmatch(word) else word.capitalize()


def tidy(text: str | None) -> str | None:
    """Strip a text, collapse its blanks, and repair UTF-8 that was decoded twice.

    None when it says nothing, such as ``Non Disponibile`` or ``-``. Tidying twice changes nothing.
    """
    if text is None:
        return None
    tidied = _tidied(text)
    # What two blanks kept apart may be found to be decoded twice once they are one.
    while tidied != text and (_MARKS.search(tidied) or not tidied.isascii()):
        text, tidied = tidied, _tidied(tidied)
    return None if not tidied or tidied.casefold() in _NOTHING else tidied


def _tidied(text: str) -> str:
    # Letters of ASCII have nothing to undo: most texts are spared a slow look.
    if not text.isascii():
        import ftfy  # noqa: PLC0415 - for those who read sources

        text = _CUT_A_GRAVE.sub("à", ftfy.fix_encoding(text))
    if _MARKS.search(text):
        plain_text = _ENTITY.sub(
            lambda entity: html.unescape(entity[0]), _AMPERSANDS.sub("&", text)
        )
        text = _BREAKS.sub(" ", plain_text)
    return " ".join(text.split())


def without_controls(text: str) -> str:
    """Replace characters that control a terminal or the direction of text by blanks."""
    return "".join(" " if _steers(letter) else letter for letter in text)


def _steers(letter: str) -> bool:
    return unicodedata.category(letter) in _STEERING and letter not in _JOINERS


_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Letters without a shape (Unicode's *Default_Ignorable_Code_Point*): direction and joints."""
_BLANK = re.compile("[\x00-\x1f\x7f-\x9f\u115f\u1160\u2800\u3164\uffa0\u2028\u2029]")
"""Controls, and letters that are drawn as a blank."""
_SAME_SIGN = str.maketrans(
    "\u060c\uff0c\u3001\ufe50\uff0f\u2044\u2215\u2010\u2011\u2212\ufe63\uff0d\u066b",
    ",,,,///-----.",
)
"""Commas, strokes and hyphens of other alphabets, and of word processors."""
_DRAWN_ALIKE = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0430"
    "\u0435\u043e\u0440\u0441\u0443\u0445\u0410\u0392\u0395\u0396\u0397\u0399"
    "\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf",
    "ABEKMHOPCTXaeopcyxABEZHIKMNOPTYXo",
)
"""Letters of other alphabets that are drawn as ours."""
_STRAY = re.compile(r"\b(?=\w*[A-Za-z0-9])\w*[\u0370-\u04ff]\w*|(?<=\d )[\u0370-\u04ff]\b")
"""A word of two alphabets, and a letter alone behind a number."""


def visible(text: str) -> str:
    """Leave only what can be seen: who copies a text takes invisible letters along.

    Digits, commas and strokes of other alphabets become ours, and a letter that is drawn as one of
    ours beside others: the last of ``61A`` from a Cyrillic keyboard.
    """
    text = _BLANK.sub(" ", text)
    if text.isascii():
        return text
    shown = _INVISIBLE.sub("", text).translate(_SAME_SIGN)
    shown = _STRAY.sub(lambda word: word[0].translate(_DRAWN_ALIKE), shown)
    return "".join(
        str(unicodedata.decimal(letter)) if letter > "\x7f" and letter.isdecimal() else letter
        for letter in shown
    )


YES_WORDS = frozenset({"si", "s", "yes", "y", "1", "true", "vero", "x"})
NO_WORDS = frozenset({"no", "n", "0", "false", "falso"})
"""What cells say for yes and for no, `plain`."""


def plain(text: str) -> str:
    """Lower a text and remove its accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text).lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def without_formula(cell: object) -> object:
    """Put an apostrophe before a text that a spreadsheet would run (OWASP, *CSV Injection*)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


_UNITS = (
    "zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci",
    "undici", "dodici", "tredici", "quattordici", "quindici", "sedici", "diciassette", "diciotto",
    "diciannove",
)  # fmt: skip
_TENS = ("venti", "trenta", "quaranta", "cinquanta", "sessanta", "settanta", "ottanta", "novanta")
_ELIDING = ("o", "u")
"""Before these ``venti`` loses its vowel, and ``cento`` may."""


def number_words(most: int) -> dict[str, int]:
    """Give the Italian words of the numbers from 0 to `most`, 999 at the most, without accents."""
    words: dict[str, int] = {}
    for number in range(most + 1):
        hundreds, rest = divmod(number, 100)
        if not hundreds:
            words[_below_hundred(rest)] = number
            continue
        hundred = f"{_UNITS[hundreds] if hundreds > 1 else ''}cento"
        below = _below_hundred(rest) if rest else ""
        words[hundred + below] = number
        if below[:1] in _ELIDING:
            words[hundred[:-1] + below] = number
    return words


def _below_hundred(number: int) -> str:
    if number < len(_UNITS):
        return _UNITS[number]
    tens, unit = divmod(number, 10)
    below = _UNITS[unit] if unit else ""
    word = _TENS[tens - 2]
    return (word[:-1] if below[:1] in _ELIDING else word) + below


def italian_number(value: float) -> str:
    """Write a number as Italian does, without decimals: ``1.349.930``."""
    return f"{value:,.0f}".replace(",", ".")
