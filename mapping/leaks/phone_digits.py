"""Numbers of phones in a text, however they are grouped and with whatever prefix of Italy."""

import re
import unicodedata

from mapping.text import plain

FEWEST_DIGITS, MOST_DIGITS = 6, 15
_RUN = re.compile(r"\+?\d(?:[ ./()_:|\\-]{0,3}\d){5,}")
_PREFIX = re.compile(r"^(?:00)?39(?=\d{6})")


def phones_in(text: str) -> set[str]:
    """Find the numbers of a text that may be phones, as digits without the prefix of Italy.

    Of figures in a row, every run of groups counts: a civic number may stand before a phone.
    """
    if sum(map(str.isdigit, text)) < FEWEST_DIGITS:
        return set()
    runs: set[str] = set()
    for run in _RUN.findall(_plain_signs(text)):
        groups = re.findall(r"\d+", run)
        for first in range(len(groups)):
            digits = ""
            for group in groups[first:]:
                digits += group
                if len(digits) > MOST_DIGITS:
                    break
                runs.add(_PREFIX.sub("", digits))
    return {digits for digits in runs if len(digits) >= FEWEST_DIGITS}


def _plain_signs(text: str) -> str:
    """Write every dash as one and every blank as one; what is not seen parts nothing."""
    plainer = plain(text)
    if plainer.isascii():
        return plainer
    return "".join(map(_plain_sign, plainer))


def _plain_sign(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind == "Nd":
        return str(unicodedata.digit(sign))
    return {"Pd": "-", "Zs": " ", "Cf": "", "Po": "-", "Sm": "-"}.get(kind, sign)
