"""Numbers in a text of which two that stand near one another may be a point."""

import re
from collections.abc import Iterator

import numpy as np

from mapping.arrays import Floats

APART = 4
"""So many numbers further the second one may stand."""
_POINT = re.compile(r"-?\d+(?:\.\d+)?")
_COMMA = re.compile(r"-?\d+(?:,\d+)?(?![\d.])")
_GROUPED = re.compile(r"(?<!\d)\d{1,3}(?:[.' ]\d{3}){1,3}(?:,\d+)?(?!\d)")
_SEXAGESIMAL = re.compile(
    r"(\d{1,3})\s*(?:°|º|˚|\*|deg|d|gradi)\s*(\d{1,2}(?:[.,]\d+)?)"
    r"(?:\s*(?:'|\u2032|\u2019|`|m|min|primi)\s*(\d{1,2}(?:[.,]\d+)?)?)?",
    re.IGNORECASE,
)
_COLONS = re.compile(r"(?<![\d:])(\d{1,3}):([0-5]?\d):([0-5]?\d(?:[.,]\d+))")


def pairs_in(text: str) -> Iterator[Floats]:
    """Read a text with decimal points, decimal commas, and degrees with minutes and seconds.

    Parameters
    ----------
    text : str
        Any.

    Yields
    ------
    ndarray of float, shape (n, 2)
        Each number with one of the next ones.
    """
    yield from _near_pairs([float(number) for number in _POINT.findall(text)])
    if "," in text:
        commas = (number.replace(",", ".") for number in _COMMA.findall(text))
        yield from _near_pairs([float(number) for number in commas])
    if grouped := _GROUPED.findall(text):
        digits = (re.sub(r"[.' ]", "", number).replace(",", ".") for number in grouped)
        yield from _near_pairs([float(number) for number in digits])
    for pattern in (_SEXAGESIMAL, _COLONS):
        yield from _near_pairs([_degrees(*parts) for parts in pattern.findall(text)])


def column_of(texts: list[str | None]) -> Floats:
    """Read a column of texts as numbers, with a point or a comma.

    Parameters
    ----------
    texts : list of str or None
        The cells of the column.

    Returns
    -------
    ndarray of float, shape (n,)
        NaN where a cell is no number.
    """
    return np.array([_number(text) for text in texts], float)


def _number(text: str | None) -> float:
    written = (text or "").strip().replace(",", ".")
    return float(written) if re.fullmatch(r"-?\d+(?:\.\d+)?", written) else float("nan")


def _degrees(whole: str, minutes: str, seconds: str) -> float:
    parts = (float(part.replace(",", ".")) if part else 0.0 for part in (whole, minutes, seconds))
    return sum((part / 60.0**power for power, part in enumerate(parts)), 0.0)


def _near_pairs(numbers: list[float]) -> Iterator[Floats]:
    values = np.array(numbers, float)
    for apart in range(1, min(APART, len(values) - 1) + 1):
        yield np.column_stack([values[:-apart], values[apart:]])
