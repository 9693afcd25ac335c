"""Coordinates as people paste them where an address is asked for."""

import re

from mapping.crs import ITALY

_DEGREES = r"([+-]?\d{1,3}(?:\.\d|[.,]\d{2})\d{0,13})\s*°?"
"""One decimal is enough behind a point; behind a comma it may be two whole numbers."""
_SIXTIETHS = (
    r"(\d{1,3})\s*°\s*(\d{1,2})\s*['\u2019\u2032]\s*"
    r"(?:(\d{1,2}(?:[.,]\d{1,6})?)\s*(?:[\"\u201d\u2033]|'')\s*)?"
)
_BETWEEN = r"\s*(?:[,;/]\s*|\s)\s*"
_PREFIX = r"(?:geo:|(?:lat(?:itudine|itude)?|[NE])?[\s:=]*)"
_POINT = re.compile(
    rf"[(\[]?\s*{_PREFIX}{_DEGREES}\s*[NEO]?{_BETWEEN}"
    rf"(?:lon(?:g(?:itudine|itude)?)?|lng|[NE])?[\s:=]*{_DEGREES}\s*[NEO]?\s*[)\]]?",
    re.IGNORECASE,
)
_POINT_OF_SIXTIETHS = re.compile(rf"{_SIXTIETHS}[NE]?\s*[,;]?\s*{_SIXTIETHS}[NE]?", re.IGNORECASE)
_LETTERS = 80
"""Coordinates are not longer."""


def written_point(text: str) -> tuple[float, float] | None:
    """Read coordinates: ``45.4642, 9.19``, ``45,4642 9,19``, ``45°27'51"N 9°11'24"E``.

    Longitude and latitude in degrees: in Italy the smaller is the longitude, so that the order is
    never in doubt. None for a text that is no two coordinates, in Italy or out of it; those
    outside come latitude first, as maps write them.
    """
    stated = text.strip()[:_LETTERS]
    if match := _POINT.fullmatch(stated):
        first, second = (float(part.replace(",", ".")) for part in match.groups())
    elif match := _POINT_OF_SIXTIETHS.fullmatch(stated):
        parts = [float((part or "0").replace(",", ".")) for part in match.groups()]
        first, second = (parts[at] + parts[at + 1] / 60 + parts[at + 2] / 3600 for at in (0, 3))
    else:
        return None
    west, south, east, north = ITALY
    lon, lat = min(first, second), max(first, second)
    return (lon, lat) if west <= lon <= east and south <= lat <= north else (second, first)
