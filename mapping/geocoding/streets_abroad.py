"""Words for a street in the pages' other languages, in Latin letters, read as ours."""

import re

_ABROAD = {
    "via": (
        "calle rue avenue avenida boulevard bulevar ulica ulitsa vulytsia vulytsya vulica vulitsa"
    ),
    "piazza": "plaza place ploshcha ploshchad",
}
"""Before a name."""
_ENGLISH = {"via": "street road", "piazza": "square"}
"""Before a name or behind it. Other names begin and end so: a street has a number beside them."""
_KINDS = {
    word: kind
    for words in (_ABROAD, _ENGLISH)
    for kind, called in words.items()
    for word in called.split()
}
_NUMBERED = {word for called in _ENGLISH.values() for word in called.split()} | {"place"}
_WORD = re.compile(rf"\b(?:{'|'.join(_KINDS)})\b", re.IGNORECASE)
_NUMBER = r"(?:(\d{1,4}\w?)[\s,]+)?"
_BEFORE = re.compile(
    rf"{_NUMBER}({'|'.join(_KINDS)})\b\.?\s+(?:(?:de la|d[eu]|of)\s+)?([^\W\d_]{{2}}.*)",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"{_NUMBER}([^\d,]*[^\W\d_]{{2}})\s+({'|'.join(_NUMBERED)})\b\.?(.*)", re.IGNORECASE
)


def in_italian(line: str) -> str:
    """Write ``rue Padova 5``, ``61 calle Padova`` and ``Padova street 5`` as ``via Padova 5``."""
    if _WORD.search(line) is None:
        return line
    if match := _BEFORE.fullmatch(line):
        number, word, name = match.groups(default="")
    elif match := _BEHIND.fullmatch(line):
        number, name, word, rest = match.groups(default="")
        name = f"{name}{rest}"
    else:
        return line
    if word.lower() in _NUMBERED and not re.search(r"\d", line):
        return line
    return f"{_KINDS[word.lower()]} {name} {number}".strip()
