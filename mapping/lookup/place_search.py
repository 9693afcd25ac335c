"""One search for all that people write in the box: an address, or the name of a place."""

import re

from mapping.crs import point_to_metres
from mapping.errors import UnknownAddressError
from mapping.geocoding.address import parse
from mapping.geocoding.gazetteer import Gazetteer, Place
from mapping.geocoding.named_places import Answering, NamedPlaces

MAX_ALIKE = 8
STREETS = ("via", "viale", "piazza", "piazzale", "piazzetta", "corso", "largo", "vicolo")
"""Whoever writes one of these means a street."""


class PlaceSearch:
    """Addresses and named places of a city; `gazetteer` is None where none are known."""

    def __init__(self, gazetteer: Gazetteer | None, names: NamedPlaces, epsg: int) -> None:
        self._gazetteer = gazetteer
        self._names = names
        self._epsg = epsg

    def find(self, text: str) -> Place:
        """Find the one place that is meant: an address, else a name.

        Raises UnknownAddressError, with candidates, when none fits or several do.
        """
        named = self._names.labelled(text)
        if named is not None and not (parse(text).kind or self._is_street_name(text)):
            return self._place(Answering(named, 1.0, 1.0))
        if self._gazetteer is None:
            unknown = UnknownAddressError(
                text, remedy="No addresses are loaded: give coordinates or an area."
            )
        else:
            try:
                return self._gazetteer.geocode(text)
            except UnknownAddressError as error:
                unknown = error
        if self._may_be_name(text) and not self._is_street_name(text):
            named = self._names.find(text)
            if named is not None:
                return self._place(Answering(named, 1.0, 1.0))
            near = [answer.place.label for answer in self._names.search(text, MAX_ALIKE)]
            streets = unknown.candidates
            is_street = parse(text).kind in STREETS
            alike = [*streets, *near] if is_street else [*near, *streets]
            unknown.candidates = alike[:MAX_ALIKE]
        raise unknown

    def places(self, text: str, limit: int) -> list[Place]:
        """List places that answer what was typed so far, best first.

        An address that the words fit, then named places that they ask for, then addresses that are
        alike. Words for a kind of place put named places first: ``cimitero`` before its square.
        """
        streets = [] if self._gazetteer is None else self._gazetteer.search(text, limit=limit)
        fitting = [place for place in streets if place.likeness >= 1]
        is_street = parse(text).kind in STREETS or any(place.asked_civic for place in fitting)
        enough = is_street and (fitting or len(streets) == limit)
        if enough or not self._may_be_name(text):
            return streets
        answers = self._names.search(text, limit)
        named = [self._place(answer) for answer in answers]
        by_kind = self._names.is_asked_by_kind(text)
        if is_street or not answers or not (by_kind or answers[0].coverage >= 1):
            return [*streets, *named][:limit]
        if by_kind:
            return [*named, *streets][:limit]
        rest = [place for place in streets if place not in fitting]
        return [*fitting, *named, *rest][:limit]

    def _is_street_name(self, text: str) -> bool:
        """Whether the words, none of which is for a kind of place, are those of several streets."""
        if self._gazetteer is None or self._names.is_asked_by_kind(text):
            return False
        return any(place.likeness >= 1 for place in self._gazetteer.search(text, limit=1))

    def _may_be_name(self, text: str) -> bool:
        """Whether a text may name a place: not an address with a number, or of another city."""
        address = parse(text)
        if address.kind in STREETS and address.civic is not None:
            return False
        if self._gazetteer is None or not re.search(r"[,(]", text):
            return True
        return not self._gazetteer.localities.elsewhere(address.locality)

    def _place(self, answer: Answering) -> Place:
        named = answer.place
        x, y = point_to_metres(named.lon, named.lat, self._epsg)
        return Place(
            named.label, named.lon, named.lat, x, y, named.precision, named.error_metres,
            named.municipio, "", likeness=answer.confidence, kind=named.kind,
            category=named.category,
        )  # fmt: skip
