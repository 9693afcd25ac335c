"""Counts of people from the text of one cell."""

import re

from ingest.values.normalise import decimal

_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:[.,'\u2019\s]\d{3})+")


def count(text: str) -> float | None:
    """Read how many people: ``1234``, ``1.234``, ``12 345``, ``1.234,0``; None where it says none.

    Three digits behind a point or a comma are thousands: people are whole.
    """
    plain = text.strip()
    whole, comma, rest = plain.rpartition(",")
    if comma and "." in whole and _THOUSANDS.fullmatch(whole):
        plain = f"{whole.replace('.', '')}.{rest}"
    elif _THOUSANDS.fullmatch(plain):
        plain = re.sub(r"[^\d-]", "", plain)
    return decimal(plain)
