"""Streets that may be meant by a name which is not, or not only, their own."""

import math

from mapping.geocoding.address import Address, parse
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.misspelt import a_letter_away
from mapping.geocoding.named_places import Answering, NamedPlaces, name_words
from mapping.geocoding.other_comuni import OtherComuni
from mapping.geocoding.place import Place
from mapping.geocoding.street_index import SQUARES
from mapping.lookup.asked_about import MAX_ALIKE
from mapping.lookup.weighing import is_nearly_spelt, is_whole_name, share_of_name
from mapping.text import plain

BESIDE_METRES = 400.0
"""An address and the place of the service at it are no farther apart."""
EXACT = ("premises", "civic")


def homonyms(gazetteer: Gazetteer | None, text: str, address: Address, place: Place) -> list[Place]:
    """List the streets of a surname, where it is more than one's: a via's and a viale's.

    With a number also those that are called after more: ``Albini`` of Albini Prova.
    """
    is_numbered = place.civic is not None and not address.cap
    if is_numbered:
        if is_whole_name(place, address):
            return []
    elif address.kind != "via" or address.cap or share_of_name(place, address) >= 1:
        return []
    alike = [] if gazetteer is None else gazetteer.homonyms(text)
    # "Via de Prova" is no via Prova Altra: whoever writes an article means the name that has it.
    written = plain(address.street)
    alike = [street for street in alike if written in plain(street.street)] or alike
    return alike[:MAX_ALIKE] if len(alike) > 1 else []


def is_from_town(
    gazetteer: Gazetteer | None, comuni: OtherComuni, address: Address, place: Place
) -> bool:
    """Whether only the town was written after which somebody is called: ``Cesare da Sesto``."""
    if not address.tokens or share_of_name(place, address) >= 1:
        return False
    city = () if gazetteer is None else name_words(gazetteer.city)
    is_town = address.tokens == city or comuni.is_name(address.tokens)
    return is_town and " da " in plain(place.street)


def nearly_alone(gazetteer: Gazetteer, text: str) -> Place | None:
    """Give the street that is meant where it alone is like the words, and one is near enough.

    A square of another size, or one letter wrong where the street has the civic number.
    """
    address, streets = parse(text), gazetteer.search(text, limit=2)
    if len(streets) != 1 or streets[0].doubts:
        return None
    own = parse(streets[0].street)
    if address.tokens == own.tokens:
        return streets[0] if {address.kind, own.kind} <= SQUARES else None
    nearly = a_letter_away(streets, address)
    return nearly[0] if nearly else None


def at_service(gazetteer: Gazetteer, text: str, service: Place) -> Place | None:
    """Give the place of a service whose address no street has as it was written.

    Where none is called so, it bears out the register's street of nearly the name that has the
    number there; where that is somewhere else, nobody knows which is meant.
    """
    address, is_exact = parse(text), service.precision in EXACT
    if gazetteer.streets_called(text):
        lacks_it = address.civic is not None and not gazetteer.numbered(address)
        return service if lacks_it and is_exact else None
    near = [
        street
        for street in gazetteer.search(text, MAX_ALIKE)
        if street.civic == address.civic and is_nearly_spelt(street, address)
    ]
    there = [street for street in near if _metres(street, service) <= BESIDE_METRES]
    if len(there) == 1:
        return there[0]
    return service if is_exact and not near else None


def is_elsewhere(service: Place, place: Place) -> bool:
    """Whether the place of a service is known well, and is not that of its address."""
    return service.precision in EXACT and _metres(service, place) > BESIDE_METRES


def _metres(place: Place, other: Place) -> float:
    return math.hypot(place.x - other.x, place.y - other.y)


def rivals_of_street(gazetteer: Gazetteer | None, names: NamedPlaces, text: str) -> list[str]:
    """List the places that are called as a street is, where nothing says that one is meant."""
    address = parse(text)
    if address.kind or address.civic is not None or address.cap or gazetteer is None:
        return []
    streets = gazetteer.search(text, limit=MAX_ALIKE)
    whole = any(place.likeness >= 1 and share_of_name(place, address) >= 1 for place in streets)
    answers = names.search(text, MAX_ALIKE)
    return [answer.place.label for answer in answers if rivals_street(answer, in_part=not whole)]


def rivals_street(answer: Answering, *, in_part: bool) -> bool:
    """Whether a place may be meant by a name that a street has, or has `in_part`.

    Not a stop, which is called as its street, nor a service, which is rarely asked for so.
    """
    place = answer.place
    is_place = place.kind not in ("stop", "service") or place.category == "ospedale"
    return is_place and answer.answered >= 1 and (in_part or answer.coverage >= 1)
