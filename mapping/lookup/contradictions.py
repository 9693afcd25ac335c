"""What was written beside an address and is not so: another quarter, municipio or postcode."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from mapping.crs import metres_apart
from mapping.geocoding.address import parse
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.named_places import QUARTER, NamedPlace, NamedPlaces
from mapping.geocoding.place import Place
from mapping.text import plain

BESIDE_METRES = 1000.0
"""People call a quarter what lies so near: its edge is no wall."""
_MUNICIPIO = re.compile(r"\b(?:municipio|mun\.?|zona|circoscrizione)\s*(?:n\.?\s*)?(\d{1,2})\b")


class _Stated(NamedTuple):
    """What a text says of where its address is: a municipio, and quarters by the words for each."""

    municipio: str | None
    quarters: list[list[NamedPlace]]


def doubted(
    places: Sequence[Place], text: str, gazetteer: Gazetteer | None, names: NamedPlaces
) -> list[Place]:
    """Say of which addresses a text names another part of the city than theirs."""
    stated = None if gazetteer is None else _stated(text, gazetteer, names)
    if gazetteer is None or stated is None:
        return list(places)
    return [
        replace(place, doubts=(*place.doubts, "area"))
        if place.street and _is_other_area(place, stated, gazetteer)
        else place
        for place in places
    ]


def unread(places: Sequence[Place], text: str, gazetteer: Gazetteer | None) -> list[Place]:
    """Say of addresses that a part of a text is what the rest may be: another comune."""
    is_cap = gazetteer is not None and gazetteer.is_other_cap(parse(text).cap)
    doubt = "cap" if is_cap else "unread"
    return [replace(place, doubts=(*place.doubts, doubt)) for place in places]


def _stated(text: str, gazetteer: Gazetteer, names: NamedPlaces) -> _Stated | None:
    """Read what stands behind an address once, whatever places answer it."""
    locality = plain(parse(gazetteer.localities.behind_name(text)).locality or "")
    if not locality:
        return None
    municipio = _MUNICIPIO.search(locality)
    parts = {QUARTER.sub("", part) for part in re.split(r"[,;()]|\s-\s", locality)}
    quarters = [names.quarters_called(part) for part in parts if re.search("[a-z]{3}", part)]
    return _Stated(str(int(municipio[1])) if municipio else None, [q for q in quarters if q])


def _is_other_area(place: Place, stated: _Stated, gazetteer: Gazetteer) -> bool:
    """Whether a municipio or a quarter is stated in which the place that answers is not."""
    municipi = gazetteer.municipi_of(place)
    if stated.municipio and municipi and stated.municipio not in municipi:
        return True
    return any(_is_far(place, quarters) for quarters in stated.quarters)


def _is_far(place: Place, quarters: Sequence[NamedPlace]) -> bool:
    """Whether all the quarters that are called so, or begin so, are somewhere else."""
    apart = [
        metres_apart(place.lon, place.lat, area.lon, area.lat) - area.error_metres
        for area in quarters
    ]
    return min(apart) - place.error_metres > BESIDE_METRES
