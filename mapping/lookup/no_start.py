"""What people write in the box that names no place to set out from, and what they are told."""

import re

from mapping.disclosure import public_categories
from mapping.errors import UnknownAddressError
from mapping.geocoding.address import parse
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.localities import Localities
from mapping.geocoding.named_places import NamedPlaces
from mapping.geocoding.place import Place
from mapping.tables import ROUGH_METRES

MAX_START_ERROR_METRES = 1500.0
"""Nobody sets out from the middle of what reaches farther, a street or a park: an address is asked
for. Who chooses an area by its number has asked about the area."""
ROUGH_START_METRES = ROUGH_METRES
"""One measure for every kind of start, and for services."""
REMEDIES = {
    "link": "It is a link without a point: paste the coordinates, or an address.",
    "postcode": "A postcode alone is too wide: give a street.",
    "need": "It is a need, not a place: ask for it as a category, and give where to set out from.",
    "emergency": "In an emergency call 112: which hospitals have an emergency room is not known.",
    "alphabet": "Give the names of streets and places in Latin letters.",
    "name": "No place of that kind has that name: check it, or give an address.",
    "elsewhere": "It is in another comune: give coordinates.",
    "comune": "Another comune, not covered, is called so too: choose one of these, or coordinates.",
    "number": "The street has no such civic number: give one that it has, or coordinates.",
    "wide": "It reaches too far to set out from its middle: give a civic number, or coordinates.",
}
"""What to do instead, by the reason."""
_NEEDS = {"health", "school"}
"""Kinds of premises that are needs as well as categories are."""
_POSTCODE = re.compile(r"\b\d{5}\b")
_POSTCODE_WORD = re.compile(r"\b(?:c\.?a\.?p\b\.?|codice postale|postcode|zip)", re.IGNORECASE)


def start_doubts(error_metres: float) -> tuple[str, ...]:
    """Say what is doubtful of a place to set out from that is known so well."""
    return ("rough",) if error_metres > ROUGH_START_METRES else ()


def require_start(gazetteer: Gazetteer | None, text: str, place: Place) -> None:
    """Require a place that is known well enough to set out from, or for a record to be at.

    A number that a street lacks is one of it where it lies between two that it has, and the
    place is known well: one past its end is asked about, however short the street is.
    """
    is_rough = place.error_metres > ROUGH_START_METRES
    is_lacked = place.asked_civic is not None and place.civic is None
    if gazetteer and is_lacked and (is_rough or gazetteer.is_past_end(place)):
        near = gazetteer.nearest_numbers(place)
        if near:
            raise refusal(text, "number", near)
    if place.error_metres > MAX_START_ERROR_METRES:
        raise refusal(text, "wide")


def refusal(text: str, reason: str, candidates: list[str] | None = None) -> UnknownAddressError:
    """Make the error that gives a reason of `REMEDIES`."""
    return UnknownAddressError(text, candidates or [], REMEDIES[reason], reason=reason)


def is_postcode_alone(text: str, localities: Localities | None) -> bool:
    """Whether a text is a postcode, with the city's name at most."""
    rest, count = _POSTCODE.subn(" ", text)
    if count != 1:
        return False
    rest = _POSTCODE_WORD.sub(" ", rest)
    if localities is None:
        return re.search(r"\w", rest) is None
    return localities.names_no_more(rest)


def is_kind_alone(text: str, names: NamedPlaces) -> bool:
    """Whether a type of street was written, and signs for its name: it is like no name."""
    address = parse(text)
    return address.kind is not None and not (address.tokens or names.is_foreign(text))


def is_need(text: str, names: NamedPlaces) -> bool:
    """Whether a text is what a need is called, and no more: ``farmacia``."""
    called = names.called_so(text)
    return bool(called) and not called.isdisjoint(_NEEDS | public_categories().keys())
