"""One search for all that people write in the box: an address, or the name of a place."""

import re

from mapping.crs import point_to_metres
from mapping.errors import UnknownAddressError
from mapping.geocoding.address import parse
from mapping.geocoding.gazetteer import Gazetteer, Place
from mapping.geocoding.named_places import Answering, NamedPlace, NamedPlaces

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
        named = self._chosen(text)
        if named is not None:
            return self._place(Answering(named, 1.0, 1.0))
        unknown = UnknownAddressError(
            text, remedy="No addresses are loaded: give coordinates or an area."
        )
        if self._gazetteer is not None:
            try:
                return self._gazetteer.geocode(text)
            except UnknownAddressError as error:
                unknown = error
        if not self._may_be_name(text) or self._is_street_name(text):
            raise unknown
        named = self._names.find(text)
        if named is not None:
            return self._place(Answering(named, 1.0, 1.0))
        is_street = parse(text).kind in STREETS
        near, streets = self._labels(text), unknown.candidates
        unknown.candidates = ([*streets, *near] if is_street else [*near, *streets])[:MAX_ALIKE]
        raise unknown

    def _chosen(self, text: str) -> NamedPlace | None:
        """Give the place whose label was written, or that is asked for by a word for its kind.

        Raises UnknownAddressError where several are: "ospedale" is not the only street called so.
        """
        labelled = self._names.labelled(text)
        begun = parse(text.partition(",")[0])
        if labelled is not None and not (begun.kind or self._is_street_name(text)):
            return labelled
        if not self._asks_for_kind(text):
            return None
        named, answers = self._names.find(text), self._names.search(text, 1)
        if named is None and answers and answers[0].confidence >= 1:
            raise UnknownAddressError(text, self._labels(text))
        return named

    def _labels(self, text: str) -> list[str]:
        return [answer.place.label for answer in self._names.search(text, MAX_ALIKE)]

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

    def _asks_for_kind(self, text: str) -> bool:
        """Whether a word for a kind of place was written, and neither number nor kind of street."""
        address = parse(text)
        is_street = address.kind in STREETS or address.civic is not None
        return not is_street and self._names.is_asked_by_kind(text) and self._may_be_name(text)

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
