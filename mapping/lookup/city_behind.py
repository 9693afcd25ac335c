"""The city beside the name of a place, as phones and maps write it: with a comma or none."""

from mapping.geocoding.address import parse
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.named_places import NamedPlaces, name_words
from mapping.geocoding.other_comuni import OtherComuni
from mapping.lookup.no_start import is_kind_alone, is_postcode_alone


def without_city(
    text: str, gazetteer: Gazetteer | None, names: NamedPlaces, comuni: OtherComuni
) -> str:
    """Leave out the city, its postcode, province or country, unless the name itself has them."""
    if gazetteer is None or parse(text).civic is not None:
        return text
    bare = gazetteer.localities.before_city(text)
    if bare == text:
        bare = gazetteer.localities.after_city(text)
    if bare == text or not name_words(bare) or is_postcode_alone(text, gazetteer.localities):
        return text
    if comuni.is_called(text) or comuni.is_stated(text) or _is_street(text, gazetteer):
        return text
    return text if names.is_whole_name(text) or is_kind_alone(bare, names) else bare


def _is_street(text: str, gazetteer: Gazetteer) -> bool:
    """Whether a street has all the words, and a type or a postcode, which decides among streets."""
    address = parse(text)
    if gazetteer.is_other_cap(address.cap):
        return True
    is_meant = bool(address.kind or address.cap) or address.locality is None
    return is_meant and bool(gazetteer.streets_called(text))
