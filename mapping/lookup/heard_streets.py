"""Streets that sound like what was written, where none is spelt nearly so."""

from mapping.geocoding.address import parse
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.place import Place
from mapping.lookup.weighing import is_nearly_spelt

MAX_HEARD = 4
"""Streets at the most that are offered for their sound."""


def with_heard(streets: list[Place], gazetteer: Gazetteer, text: str) -> list[Place]:
    """Put streets that sound like the words before others, unless the first is spelt nearly so."""
    if streets and is_nearly_spelt(streets[0], parse(text)):
        return streets
    heard = gazetteer.sounding(text, MAX_HEARD)
    labels = {place.label for place in heard}
    return [*heard, *(place for place in streets if place.label not in labels)]
