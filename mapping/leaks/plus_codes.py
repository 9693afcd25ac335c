"""Plus codes (Open Location Code) in a text: places as maps of phones write them."""

import itertools
import re

import numpy as np

from mapping.arrays import Floats

DIGITS = "23456789CFGHJMPQRVWX"
PLACES = (20.0, 1.0, 0.05, 0.0025, 0.000125)
"""Degrees of each pair of digits; the last are 14 metres."""
SHORT_PAIRS = 3
"""Pairs of a code that leaves out where in the country it is."""
LONS, LATS = range(6, 19), range(35, 48)
"""Corners of the squares of one degree in which Italy lies, and such a code may mean a place."""
_CODE = re.compile(
    rf"(?<![A-Z0-9])(?:[{DIGITS}]{{2}})?((?:[{DIGITS}]{{4}})?[{DIGITS}]{{4}}\+[{DIGITS}]{{2}})"
)


def points_coded_in(text: str) -> Floats:
    """Decode the codes of a text.

    Parameters
    ----------
    text : str
        Any.

    Returns
    -------
    ndarray of float, shape (n, 2)
        Longitude and latitude; of a short code every place of Italy that it may mean.
    """
    if "+" not in text:
        return np.empty((0, 2))
    codes = _CODE.findall(text.upper())
    return np.array([point for code in codes for point in _places(code)]).reshape(-1, 2)


def _places(code: str) -> list[tuple[float, float]]:
    digits = [DIGITS.index(digit) for digit in code.replace("+", "")]
    values = PLACES[-len(digits) // 2 :]
    lat, lon = (
        sum(digit * value for digit, value in zip(digits[start::2], values, strict=True))
        + values[-1] / 2
        for start in (0, 1)
    )
    if len(values) > SHORT_PAIRS:
        return [(lon - 180, lat - 90)]
    return [(lon + east, lat + north) for east, north in itertools.product(LONS, LATS)]
