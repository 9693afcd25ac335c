"""Two streets that are written together, ``via Padova angolo via Prova``, and where they meet."""

import re
from dataclasses import replace
from itertools import product

import numpy as np

from mapping.arrays import Floats
from mapping.crs import to_degrees
from mapping.errors import AmbiguousAddressError, UnknownAddressError
from mapping.geocoding.address import STREET_WORDS, kind_of, parse
from mapping.geocoding.gazetteer import MAX_CANDIDATES, Gazetteer
from mapping.geocoding.place import Place

MEET_METRES = 150.0
"""Streets whose nearest numbers are farther apart do not meet there."""
SAME_METRES = 300.0
"""Of streets that are alike, crossings no farther apart are one."""
KNOWN_METRES = 150.0
"""A number whose place is less well known tells of no crossing."""
NO_CROSSING = "Two streets are written, and where they meet is not known: give one, and a number."
_CORNER = (
    r"(?:all['\u2019]\s*)?(?:ang(?:olo|\.|(?=\s))|incrocio|incr\.)(?:\s*(?:con|tra|fra|di)(?=\s))?"
)
_OPENED = re.compile(rf"\s*{_CORNER}\s+", re.IGNORECASE)
_EXPLICIT = re.compile(rf"[\s,(]+{_CORNER}\s*", re.IGNORECASE)
_JOINT = re.compile(r"\s*[/+&]\s*|\s+(?:e|ed|con|x|[-\u2013])\s+", re.IGNORECASE)
_NEXT = re.compile(rf"[\s,]+(?=(?:{STREET_WORDS})\s)", re.IGNORECASE)

_ANOTHER = re.compile(
    rf"(?:[\s;,/+&()\u2013-]|\b(?:e|ed|o|oppure|anche)\b)+(?=(?:{STREET_WORDS})\s)", re.IGNORECASE
)
_LISTED = re.compile(rf",\s*(?=(?:{STREET_WORDS})\s+[^\W\d][^,\d]*$)", re.IGNORECASE)
"""Between two streets without a number."""


def crossing(gazetteer: Gazetteer, text: str) -> Place | None:
    """Find where two streets meet; None where a text names no two streets of the city.

    Raises UnknownAddressError, with the streets as candidates, where they are not known to meet.
    """
    pair = _written_pair(text)
    if pair is None or gazetteer.localities.elsewhere(parse(pair[1]).locality):
        return None
    first, second = (gazetteer.streets_called(written) for written in pair)
    if not first:
        return None
    meetings = [
        place
        for street, crossed in product(first, second)
        if street != crossed and (place := _meeting(gazetteer, street, crossed)) is not None
    ]
    meetings.sort(key=lambda place: place.error_metres)
    far = [place for place in meetings if _metres(place, meetings[0]) > SAME_METRES]
    if far:
        labels = [place.label for place in (meetings[0], *far)]
        raise AmbiguousAddressError(text, labels[:MAX_CANDIDATES])
    if not meetings:
        near = [place.label for written in pair for place in gazetteer.search(written, limit=3)]
        raise UnknownAddressError(text, near, NO_CROSSING, reason="crossing")
    return meetings[0]


def addresses_written(text: str) -> list[str]:
    """Split a text that has two addresses or more, each with its type of street and its number."""
    parts = _ANOTHER.split(text)
    return parts if len(parts) > 1 and all(map(_is_numbered, parts)) else []


def _is_numbered(text: str) -> bool:
    address = parse(text)
    return bool(address.kind) and address.civic is not None


def two_addresses(gazetteer: Gazetteer | None, text: str) -> list[Place]:
    """Find the places of two addresses or more in one text; none where they are one place."""
    parts = [] if gazetteer is None else addresses_written(text)
    places = [place for part in parts if gazetteer and (place := gazetteer.find(part)) is not None]
    apart = any(_metres(place, places[0]) > SAME_METRES for place in places)
    return places if apart else []


def _written_pair(text: str) -> tuple[str, str] | None:
    """Split what names two streets; a civic number of the first says more than a crossing."""
    opened = _OPENED.match(text)
    line = text[opened.end() :] if opened else text
    sure = opened is not None
    if (match := _EXPLICIT.search(line)) is not None:
        sure = True
    else:
        match = _JOINT.search(line) or (_NEXT if opened else _LISTED).search(line)
    if match is None:
        return None
    pair = line[: match.start()].strip(" ,("), line[match.end() :].strip(" ,()")
    first, second = map(parse, pair)
    if first.civic is not None or kind_of(pair[0]) or not (first.tokens and second.tokens):
        return None
    return pair if sure or (first.kind and second.kind) else None


def _meeting(gazetteer: Gazetteer, street: int, crossed: int) -> Place | None:
    """Give the middle between the nearest numbers of two streets."""
    left, right = (_known(gazetteer, row) for row in (street, crossed))
    apart = np.hypot(left[:, None, 0] - right[:, 0], left[:, None, 1] - right[:, 1])
    if not apart.size or apart.min() > MEET_METRES:
        return None
    a, b = np.unravel_index(int(apart.argmin()), apart.shape)
    x, y, error = ((left[a] + right[b]) / 2).tolist()
    lon, lat = (float(degrees[0]) for degrees in to_degrees([x], [y], gazetteer.epsg))
    first, second = gazetteer.streets[street], gazetteer.streets[crossed]
    nearest = gazetteer.reverse(x, y)
    place = Place(
        f"{first} angolo {second}", lon, lat, x, y, "premises",
        error + float(apart.min()) / 2, None, first, kind="crossing",
    )  # fmt: skip
    return replace(place, municipio=nearest.municipio) if nearest else place


def _known(gazetteer: Gazetteer, street: int) -> Floats:
    """List x, y and error of the numbers of a street whose place is known well."""
    civics = gazetteer.civics
    rows = slice(*civics.start[street : street + 2])
    known = np.column_stack([civics.x[rows], civics.y[rows], civics.error_metres[rows]])
    numbers: Floats = known[np.isfinite(known).all(axis=1) & (known[:, 2] <= KNOWN_METRES)]
    return numbers


def _metres(place: Place, other: Place) -> float:
    return float(np.hypot(place.x - other.x, place.y - other.y))
