"""Names by their sound: as an ear writes Italian, in Latin letters or in Arabic ones."""

import re

from mapping.geocoding.localities import EXONYMS
from mapping.text import plain

_ARABIC_OF = {
    "a": "اأآىةع", "b": "بپ", "c": "شچ", "d": "دضذ", "f": "فڤ", "g": "غگقج", "i": "إيیئ",
    "k": "خكک", "l": "ل", "m": "م", "n": "ن", "r": "ر", "s": "زظسص", "t": "تثط", "u": "وؤ",
    "": "حهء",
}  # fmt: skip
"""Letters as they stand for Italian sounds; what one sign stands for is one."""
_ARABIC = {letter: sound for sound, letters in _ARABIC_OF.items() for letter in letters}
_ARABIC_LETTERS = str.maketrans(_ARABIC)
_KINDS = {
    "شارع": "via", "طريق": "via", "فيا": "via", "شارعي": "via", "جادة": "viale", "فيالي": "viale",
    "ساحة": "piazza", "ميدان": "piazza", "بياتسا": "piazza", "بيازا": "piazza", "كورسو": "corso",
}  # fmt: skip
"""What kinds of street are called, or how they sound."""
_MEANINGS = {
    "مركزية": "centrale", "مركزيه": "centrale", "مركزي": "centrale", "واشنطن": "washington",
} | EXONYMS  # fmt: skip
"""Words of names that are translated, or spelt as they are known, and not as they sound."""
_ARTICLE = re.compile("^ال(?=.{3})")
_SIGNS = re.compile("[\u0640\u064b-\u0652\u0670]")
"""Signs for short vowels, which are left out as often, and the stroke that lengthens a word."""
_NUMBER = "(?:رقم|نمرة|نمره|عدد)"
_WAY = re.compile(
    r"^\s*(?:بالقرب من|قريب من|قريبا من|قرب|بجانب|بجوار|جنب|امام|أمام|مقابل|خلف|وراء|عند|في)\s+"
    rf"|(?<!\w)(?:ال)?(?:طابق|دور|شقة|شقه|سلم|درج|مدخل)\s+(?:{_NUMBER}\s*)?\w+"
    rf"|(?<!\w)(?:ال)?{_NUMBER}\s*(?=\d)"
)
"""Near something, a floor or a door inside, and the word for a number."""
_LATIN = [
    (r"(.)\1+", r"\1"), (r"ch|q|c(?![eiy])|x", "k"), (r"sc(?=[ei])|c(?=[eiy])", "c"),
    (r"gh", "G"), (r"gli", "li"), (r"gn", "ni"), (r"g(?=[eiy])", "j"), (r"G", "g"), (r"h|'", ""),
    (r"p", "b"), (r"v", "f"), (r"[ey]", "i"), (r"[ow]", "u"), (r"z", "s"), (r"ts|ds", "s"),
    (r"tc", "c"), (r"\ba(?=[iu])", ""), (r"(?<=[jc])i(?=[aiu])", ""), (r"(.)\1+", r"\1"),
]  # fmt: skip
"""Also an *a* before *i* or *u*, with which Arabic opens what begins with one of these."""
_RULES = [(re.compile(pattern), sound) for pattern, sound in _LATIN]


def sound(text: str) -> str:
    """Write a name as it may sound: *silinonte* and *Selinunte* are one, so are *p* and *b*."""
    heard = plain(text)
    for pattern, letters in _RULES:
        heard = pattern.sub(letters, heard)
    return heard


def in_latin(text: str) -> str | None:
    """Write an address in Arabic letters in Latin ones, by sound; None where it has none."""
    words = _SIGNS.sub("", text).split()
    if not any(letter in _ARABIC for letter in text):
        return None
    return " ".join(_KINDS.get(word) or _in_latin(_ARTICLE.sub("", word)) for word in words)


def without_way(text: str) -> str:
    """Leave out of an address in Arabic letters its floor and door, and the word for a number."""
    if in_latin(text) is None:
        return text
    bare = _SIGNS.sub("", text)
    return " ".join(_WAY.sub(" ", bare).split()).strip(" ,\u060c-") or bare


def _in_latin(word: str) -> str:
    return _MEANINGS.get(word) or word.translate(_ARABIC_LETTERS)
