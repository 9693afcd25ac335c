"""E-mail and web addresses, and tax codes of organisations, found in a text."""

import re

from mapping.text import tidy

_EMAIL = re.compile(r"[\w.%+'-]+@[\w-]+(?:\.[\w-]+)+")
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}"
_WEB = re.compile(rf"(?:(https?):?/{{1,2}})?({_HOST})((?::\d+)?(?:[/?#]\S*)?)", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s|]+|[;,]+(?:\s+|$)|[;,](?=[\w.-]+@|https?:|www\.)", re.IGNORECASE)
"""What stands between two addresses; inside one, commas and semicolons are its own."""
_TAX_DIGITS = 11


def contact(text: str | None) -> tuple[str | None, str | None]:
    """Find the first e-mail address and the first web address of a text.

    A web address has its scheme, ``http`` where none is written; ``http//www.x.it`` is mended.
    """
    if not text:
        return None, None
    words = [_bare(word) for word in _BETWEEN.split(tidy(text) or "")]
    words = [re.sub(r"^mailto:", "", word, flags=re.IGNORECASE) for word in words]
    email = next((word for word in words if _EMAIL.fullmatch(word)), None)
    web = next((match for word in words if (match := _WEB.fullmatch(word))), None)
    if web is None:
        return email, None
    return email, f"{(web[1] or 'http').lower()}://{web[2].lower()}{web[3]}"


def _bare(word: str) -> str:
    bare = word.strip("<>[].,;:'\"").lstrip("(")
    # Of an address such as /wiki/Nido_(scuola) the bracket is a part.
    return bare if bare.count("(") >= bare.count(")") else bare.rstrip(")").rstrip(".,;:")


def tax_code(text: str | None) -> str | None:
    """Find the codice fiscale or partita IVA of an organisation, such as ``IT 09479870967``.

    Gives the first eleven digits whose control digit is right (decree of 23 December 1976), with a
    zero that a spreadsheet took away. The sixteen characters of a person's code are never kept.
    """
    for digits in re.findall(r"(?<![A-Za-z0-9])(?:IT\s?)?([0-9]{8,11})(?![A-Za-z0-9])", text or ""):
        full = str(digits).zfill(_TAX_DIGITS)
        if int(full[:-1]) and _controlled(full):
            return full
    return None


def _controlled(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[1::2])
    return (sum(map(int, digits[::2])) + sum(doubled)) % 10 == 0
