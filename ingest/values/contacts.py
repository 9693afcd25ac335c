"""Where an organisation is on the web, and by which public code it is known; never invented."""

import re

from mapping.text import tidy

_EMAIL = re.compile(r"[\w.%+'-]+@[\w-]+(?:\.[\w-]+)+")
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}"
_WEB = re.compile(rf"(?:(https?):?/{{1,2}})?({_HOST})((?::\d+)?(?:[/?#]\S*)?)", re.IGNORECASE)
_TAX_DIGITS = 11


def contact(text: str | None) -> tuple[str | None, str | None]:
    """Find the e-mail address and the web address of a text.

    Parameters
    ----------
    text : str or None
        Either of the two, or both, or several; ``http//www.x.it`` is mended.

    Returns
    -------
    tuple of str or None
        The first of each; a web address has its scheme, ``http`` where none is written.
    """
    words = [word.strip("<>()[].,;:'\"") for word in re.split(r"[\s;,|]+", tidy(text) or "")]
    words = [re.sub(r"^mailto:", "", word, flags=re.IGNORECASE) for word in words]
    email = next((word for word in words if _EMAIL.fullmatch(word)), None)
    web = next((found for word in words if (found := _WEB.fullmatch(word))), None)
    if web is None:
        return email, None
    return email, f"{(web[1] or 'http').lower()}://{web[2].lower()}{web[3]}"


def tax_code(text: str | None) -> str | None:
    """Find the codice fiscale or partita IVA of an organisation.

    Parameters
    ----------
    text : str or None
        Such as ``IT 09479870967`` or ``P. IVA 7712200968``, whose zero a spreadsheet took away.

    Returns
    -------
    str or None
        The first eleven digits whose control digit is right (decree of 23 December 1976); None for
        anything else. The sixteen characters of a person's code are never kept.
    """
    for digits in re.findall(r"(?<![A-Za-z0-9])(?:IT\s?)?([0-9]{8,11})(?![A-Za-z0-9])", text or ""):
        full = str(digits).zfill(_TAX_DIGITS)
        if int(full[:-1]) and _controlled(full):
            return full
    return None


def _controlled(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[1::2])
    return (sum(map(int, digits[::2])) + sum(doubled)) % 10 == 0
