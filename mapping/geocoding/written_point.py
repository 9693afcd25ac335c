"""Coordinates as people paste them where an address is asked for: alone, or inside a map's link."""

import re
from urllib.parse import unquote, unquote_plus

from mapping.crs import ITALY
from mapping.text import visible

_DEGREES = r"([+-]?\d{1,3}(?:\.\d|[.,]\d{2})\d{0,13})\s*°?"
"""One decimal is enough behind a point; behind a comma it may be two whole numbers."""
_SIXTIETHS = (
    r"(\d{1,3})\s*[°º]\s*(\d{1,2}(?:[.,]\d{1,6})?)\s*['\u2019\u2032]?\s*"
    r"(?:(\d{1,2}(?:[.,]\d{1,6})?)\s*(?:[\"\u201d\u2033]|'')\s*)?"
)
_BETWEEN = r"\s*(?:[,;/|&~]\s*|\s)\s*"
_BEFORE = r"(?:geo:|(?:lat(?:itudine|itude)?|[NE])?[\s:=]*)"
_POINT = re.compile(
    rf"{_BEFORE}{_DEGREES}\s*[NEO]?{_BETWEEN}"
    rf"(?:lon(?:g(?:itudine|itude)?)?|lng|[NE])?[\s:=]*{_DEGREES}\s*[NEO]?",
    re.IGNORECASE,
)
_POINT_OF_SIXTIETHS = re.compile(
    rf"[NE]?\s*{_SIXTIETHS}[NE]?\s*[,;]?\s*[NE]?\s*{_SIXTIETHS}[NEO]?", re.IGNORECASE
)
_SIGNS = re.compile("[\"'\u2018\u2019\u201c\u201d(){}[\\]]")
_WORD_BEFORE = re.compile(
    r"(?:coordinate?s?|gps|posizione|(?:srid=\d+;\s*)?point|latlng)\b[\s:]*", re.IGNORECASE
)
"""What is written around two coordinates."""
_ENDS = " \t\r\n,;."
_LETTERS = 120
"""Coordinates are not longer."""
_LINK_LETTERS = 2000
"""Nor links: what follows is not read, so that no text takes long."""

_PLUS_DIGITS = "23456789CFGHJMPQRVWX"
_PLUS_CODE = re.compile(rf"([{_PLUS_DIGITS}]{{8}})\+([{_PLUS_DIGITS}]{{2}})", re.IGNORECASE)
_SHORT_CODE = re.compile(
    rf"([{_PLUS_DIGITS}]{{4}})\+([{_PLUS_DIGITS}]{{2}})(?:[\s,]+(\D*))?", re.IGNORECASE
)
_LINK = re.compile(
    r"\b(?:https?://|geo:|comgooglemaps://|om://|ge0://|google\.navigation:|www\.)\S+"
    r"|\b(?:[a-z0-9-]+\.)*[a-z0-9-]{3,}\.(?:com|org|net|it|app|gl|de|fr|eu|ru)/\S+",
    re.IGNORECASE,
)
_DECIMAL = r"([+-]?\d{1,3}\.\d{1,15})"
_IN_LINK = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # The pin comes before the middle of the view, which may lie anywhere.
        rf"!3d{_DECIMAL}!4d{_DECIMAL}",
        rf"mlat={_DECIMAL}&mlon={_DECIMAL}",
        rf"[?&#](?:q|query|daddr|destination|pin|marker|mark|poi|point|to|pt|dest)="
        rf"(?:[a-z]+:|point[._])?{_DECIMAL}[,~_ +/]+{_DECIMAL}",
        rf"lat(?:itude)?={_DECIMAL}&(?:.*&)?l(?:on|ng|ong|ongitude)={_DECIMAL}",
        rf"!2d{_DECIMAL}!3d{_DECIMAL}",
        rf"{_DECIMAL}(?:[,~_/;+ ]+|[a-z]?&[a-z]+=){_DECIMAL}",
    )
]


def written_point(text: str) -> tuple[float, float] | None:
    """Read coordinates: ``45.4642, 9.19``, ``45°27'51"N 9°11'24"E``, a link, or a whole plus code.

    Longitude and latitude in degrees: in Italy the smaller is the longitude, so that the order is
    never in doubt. None for a text that is no two coordinates, in Italy or out of it; those
    outside come latitude first, as maps write them.
    """
    stated = visible(text[:_LINK_LETTERS])
    pair = _in_link(stated) or _alone(stated[:_LETTERS]) or _in_plus_code(stated.strip(_ENDS))
    if pair is None:
        return None
    west, south, east, north = ITALY
    lon, lat = min(pair), max(pair)
    return (lon, lat) if west <= lon <= east and south <= lat <= north else pair[::-1]


def has_link(text: str) -> bool:
    """Whether a text has a link, which nobody follows here."""
    return _LINK.search(text) is not None


def as_written(text: str) -> str:
    """Give what can be seen of a text, without a link where an address stands beside it.

    Who shares a place from a map shares both. A text out of a link or of a file's name has other
    signs for its blanks.
    """
    seen = visible(text).replace("_", " ")
    if " " not in seen.strip() and not has_link(seen):
        seen = unquote_plus(seen)
    beside = " ".join(_LINK.sub(" ", seen).split()) if has_link(seen) else seen
    return beside if re.search(r"\w", beside) else seen


def _in_link(text: str) -> tuple[float, float] | None:
    link = _LINK.search(text)
    if link is None:
        return None
    address = unquote(unquote(link[0]))
    match = next(filter(None, (pattern.search(address) for pattern in _IN_LINK)), None)
    return match and (float(match[1]), float(match[2]))


def point_near(code: str, near: tuple[float, float]) -> tuple[float, float]:
    """Give the point, next to another one, that a plus code without its first four signs names."""
    lon, lat = near
    from_corner = (int(lat + 90), int(lon + 180))
    tens = "".join(_PLUS_DIGITS[degrees // 20] for degrees in from_corner)
    units = "".join(_PLUS_DIGITS[degrees % 20] for degrees in from_corner)
    south, west = _decoded(tens + units + code)
    return _nearest(west, lon), _nearest(south, lat)


def short_plus_code(text: str) -> tuple[str, str] | None:
    """Split a short plus code from the town behind it, on which it depends: ``F6RF+VQ Town``."""
    match = _SHORT_CODE.fullmatch(visible(text[:_LETTERS]).strip(_ENDS))
    return (match[1] + match[2], match[3] or "") if match else None


def _nearest(value: float, near: float) -> float:
    # A degree on either side: the code repeats.
    return min((value - 1, value, value + 1), key=lambda each: abs(each - near))


def _in_plus_code(text: str) -> tuple[float, float] | None:
    """Read the middle of the square, of 14 m, that a plus code names (Open Location Code)."""
    match = _PLUS_CODE.fullmatch(text)
    return _decoded(match[1] + match[2]) if match else None


def _decoded(code: str) -> tuple[float, float]:
    digits = [_PLUS_DIGITS.index(sign) for sign in code.upper()]
    steps = [20.0 / 20**at for at in range(5)]
    south, west = (
        sum(digit * step for digit, step in zip(digits[first::2], steps, strict=True))
        for first in (0, 1)
    )
    return south - 90 + steps[-1] / 2, west - 180 + steps[-1] / 2


def _alone(text: str) -> tuple[float, float] | None:
    bare = _WORD_BEFORE.sub("", _SIGNS.sub(" ", text).strip(_ENDS), count=1)
    if match := _POINT.fullmatch(bare):
        first, second = (float(part.replace(",", ".")) for part in match.groups())
        return first, second
    match = _POINT_OF_SIXTIETHS.fullmatch(text.strip(_ENDS + "()[]"))
    if match is None:
        return None
    parts = [float((part or "0").replace(",", ".")) for part in match.groups()]
    first, second = (parts[at] + parts[at + 1] / 60 + parts[at + 2] / 3600 for at in (0, 3))
    return first, second
