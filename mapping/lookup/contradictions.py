"""What was written beside an address and is not so: another quarter, municipio or postcode."""

import re
from collections.abc import Sequence
from dataclasses import replace

from mapping.crs import metres_apart
from mapping.geocoding.address import parse
from mapping.geocoding.gazetteer import Gazetteer, Place
from mapping.geocoding.named_places import NamedPlace, NamedPlaces, name_words
from mapping.text import plain

BESIDE_METRES = 1000.0
"""People call a quarter what lies so near: its edge is no wall."""
_MUNICIPIO = re.compile(r"\b(?:municipio|mun\.?|zona|circoscrizione)\s*(?:n\.?\s*)?(\d{1,2})\b")
_QUARTER = re.compile(r"^\s*(?:quartiere|q\.?re|rione|zona)\b\.?\s*")


def doubted(
    places: Sequence[Place], text: str, gazetteer: Gazetteer | None, names: NamedPlaces
) -> list[Place]:
    """Say of which addresses a text names another part of the city than theirs."""
    return [
        replace(place, doubts=(*place.doubts, "area"))
        if gazetteer and place.street and _is_other_area(place, text, gazetteer, names)
        else place
        for place in places
    ]


def unread(places: Sequence[Place], text: str, gazetteer: Gazetteer | None) -> list[Place]:
    """Say of addresses that a part of a text is what the rest may be: another comune."""
    is_cap = gazetteer is not None and gazetteer.is_other_cap(parse(text).cap)
    doubt = "cap" if is_cap else "unread"
    return [replace(place, doubts=(*place.doubts, doubt)) for place in places]


def _is_other_area(place: Place, text: str, gazetteer: Gazetteer, names: NamedPlaces) -> bool:
    """Whether a text names a municipio or a quarter in which the place that was found is not."""
    locality = plain(parse(gazetteer.localities.behind_name(text)).locality or "")
    if not locality:
        return False
    municipi = gazetteer.municipi_of(place)
    stated = _MUNICIPIO.search(locality)
    if stated and municipi and str(int(stated[1])) not in municipi:
        return True
    parts = (_QUARTER.sub("", part) for part in re.split(r"[,;()]|\s-\s", locality))
    return any(_is_far(place, part, names) for part in parts if re.search("[a-z]{3}", part))


def _is_far(place: Place, quarter: str, names: NamedPlaces) -> bool:
    """Whether all the quarters that are called so, or begin so, are somewhere else."""
    written = name_words(quarter)
    apart = [
        metres_apart(place.lon, place.lat, area.lon, area.lat) - area.error_metres
        for area in names.places
        if area.kind == "area" and written and _own_words(area)[: len(written)] == written
    ]
    return bool(apart) and min(apart) - place.error_metres > BESIDE_METRES


def _own_words(area: NamedPlace) -> tuple[str, ...]:
    return name_words(_QUARTER.sub("", plain(area.name)))
