"""What is asked back where a text may mean several places."""

from mapping.errors import AmbiguousAddressError, UnknownAddressError
from mapping.geocoding.address import parse
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.named_places import name_words
from mapping.geocoding.place import Place
from mapping.lookup.no_start import refusal
from mapping.lookup.weighing import is_typo, is_whole_name, unsure

MAX_ALIKE = 8
CHOOSE = "Choose one of them."


def first_labels(labels: list[str]) -> list[str]:
    """Take the first of some labels, each once."""
    return list(dict.fromkeys(labels))[:MAX_ALIKE]


def rivals_with_number(
    gazetteer: Gazetteer | None, text: str, place: Place
) -> UnknownAddressError | None:
    """Ask about streets of nearly the name that have the number, which the one that fits lacks.

    Its own nearest numbers come first, but where its type is another one than was written, or where
    a longer name has all the words.
    """
    if gazetteer is None or place.asked_civic is None or place.label != place.street:
        return None
    address = parse(text)
    longer = [
        street.label for street in gazetteer.with_number(text) if street.street != place.street
    ]
    if longer:
        return AmbiguousAddressError(text, first_labels([*longer, place.label]), CHOOSE)
    is_other = address.kind not in (None, parse(place.street).kind)
    is_near = gazetteer.is_past_end(place) and not is_whole_name(place, address)
    if not (is_near or is_other):
        return None
    near = [
        street.label
        for street in gazetteer.search(text, limit=MAX_ALIKE)
        if street.civic == address.civic and is_typo(street, address)
    ]
    own = gazetteer.nearest_numbers(place) or [place.label]
    if is_other:
        return AmbiguousAddressError(text, first_labels([*near, *own]), CHOOSE)
    return refusal(text, "number", first_labels([*own, *near])) if near else None


def streets_beside(gazetteer: Gazetteer | None, text: str, kind: str) -> list[Place]:
    """List the streets that were written beside a kind of place: ``mercato di via Prova``."""
    if gazetteer is None:
        return []
    words, kind_words = name_words(text), name_words(kind)
    is_first = words[: len(kind_words)] == kind_words
    rest = words[len(kind_words) :] if is_first else words[: -len(kind_words)]
    streets = gazetteer.search(" ".join(rest), MAX_ALIKE) if rest else []
    return unsure(street for street in streets if street.likeness >= 1)
