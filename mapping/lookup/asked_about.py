"""What is asked back where a text may mean several places."""

from rapidfuzz.distance import OSA

from mapping.errors import AmbiguousAddressError, UnknownAddressError
from mapping.geocoding.address import Address, parse
from mapping.geocoding.gazetteer import Gazetteer, Place
from mapping.geocoding.vocabulary import TYPO_LETTERS
from mapping.lookup.no_start import refusal
from mapping.lookup.weighing import is_whole_name, street_words

MAX_ALIKE = 8
CHOOSE = "Choose one of them."


def first_labels(labels: list[str]) -> list[str]:
    """Take the first of some labels, each once."""
    return list(dict.fromkeys(labels))[:MAX_ALIKE]


def rivals_with_number(
    gazetteer: Gazetteer | None, text: str, place: Place
) -> UnknownAddressError | None:
    """Ask about streets of nearly the name that have the number, which the one that fits lacks.

    Its own nearest numbers come first, but where its type is another one than was written.
    """
    if gazetteer is None or place.asked_civic is None or place.label != place.street:
        return None
    address = parse(text)
    is_other = address.kind not in (None, parse(place.street).kind)
    is_near = gazetteer.is_past_end(place) and not is_whole_name(place, address)
    if not (is_near or is_other):
        return None
    near = [
        street.label
        for street in gazetteer.search(text, limit=MAX_ALIKE)
        if street.civic == address.civic and _is_typo(street, address)
    ]
    own = gazetteer.nearest_numbers(place) or [place.label]
    if is_other:
        return AmbiguousAddressError(text, first_labels([*near, *own]), CHOOSE)
    return refusal(text, "number", first_labels([*own, *near])) if near else None


def _is_typo(street: Place, address: Address) -> bool:
    """Whether the last word that was written is one of a street's, with a letter wrong."""
    *_, written = address.tokens or ("",)
    own = street_words(street.street)
    return len(written) >= TYPO_LETTERS and any(OSA.distance(written, word) == 1 for word in own)
