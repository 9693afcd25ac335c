"""Parts of a text that are read for themselves: an address among other words, a short ``P.ta``."""

import re

from mapping.geocoding.address import parse
from mapping.geocoding.address_inside import addresses_inside
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.other_comuni import OtherComuni
from mapping.geocoding.place import Place
from mapping.lookup.asked_about import MAX_ALIKE
from mapping.lookup.weighing import street_words

_SHORT_GATE = re.compile(r"^\s*p\.?ta\b[.\s]*(?=[^\W\d])", re.IGNORECASE)


def with_gate(text: str, gazetteer: Gazetteer | None) -> str:
    """Read ``P.ta Romana`` as a gate, where no piazzetta is called so."""
    rest = _SHORT_GATE.sub("", text)
    if rest == text or gazetteer is None:
        return text
    is_piazzetta = any(place.likeness >= 1 for place in gazetteer.search(text, 1))
    return text if is_piazzetta else f"Porta {rest}"


def parts_of(text: str, gazetteer: Gazetteer | None, comuni: OtherComuni) -> list[Place]:
    """List the addresses that a part of a text is; none where it says another comune."""
    if gazetteer is None or comuni.is_stated(text):
        return []
    for part in addresses_inside(text):
        words, streets = parse(part).tokens, gazetteer.search(part, MAX_ALIKE)
        own = [(place, street_words(place.street)) for place in streets]
        # The type may be another one, and a part of the name be written, not its end.
        fitting = (
            [place for place in streets if place.likeness >= 1]
            or [place for place, name in own if name == words]
            or [place for place, name in own if set(words) <= set(name)]
        )
        if fitting:
            return [place for place in fitting if place.civic is not None] or fitting
    return []
