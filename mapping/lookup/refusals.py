"""What a text is that names no place of the city: a need, another comune, a kind alone."""

import re
from collections.abc import Sequence

from mapping.geocoding.address import parse
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.named_places import AROUND, NamedPlaces, name_words
from mapping.geocoding.other_comuni import OtherComuni
from mapping.geocoding.place import Place
from mapping.geocoding.written_point import has_link
from mapping.lookup.asked_about import MAX_ALIKE
from mapping.lookup.emergencies import is_emergency, is_nothing_else
from mapping.lookup.heard_places import HeardPlaces
from mapping.lookup.no_start import is_need, is_postcode_alone
from mapping.lookup.written_parts import parts_of

NEARLY = 0.9
"""A street so much alike is offered, whatever else the words may mean."""
STREETS = (
    "via", "viale", "piazza", "piazzale", "piazzetta", "corso", "largo", "vicolo", "alzaia",
    "ripa", "bastioni", "foro", "strada",
)  # fmt: skip
"""Whoever writes one of these means a street."""


class Refusals:
    """Says what a text asks for, by its words, and why it may be no place of the city.

    `gazetteer` is None where no addresses are known; texts are as `PlaceSearch` reads them.
    """

    def __init__(
        self,
        gazetteer: Gazetteer | None,
        names: NamedPlaces,
        comuni: OtherComuni,
        heard: HeardPlaces,
    ) -> None:
        self._gazetteer = gazetteer
        self._names = names
        self._comuni = comuni
        self._heard = heard

    def is_comune(self, text: str) -> bool:
        """Whether a text is the name of another comune, and not the whole label of a place."""
        return self._comuni.is_called(text) and self._names.labelled(text) is None

    def refused(self, text: str) -> str | None:
        """Give the reason why a text names no place, whatever is called so."""
        localities = None if self._gazetteer is None else self._gazetteer.localities
        if (is_link := has_link(text)) or is_postcode_alone(text, localities):
            return "link" if is_link else "postcode"
        if self._names.labelled(text) is not None:
            return None
        if is_nothing_else(text):
            return "emergency"
        is_meant = is_need(text, self._names) and self.unheld(text) is None
        return "need" if is_meant else None

    def unnamed(self, text: str, inside: Sequence[Place]) -> str | None:
        """Say why a text that was not found may not have been, of which these are parts."""
        if is_emergency(text) and not inside:
            return "emergency"
        if (reason := self.in_other_letters(text)) is not None:
            return reason
        if self.is_elsewhere(text, inside):
            return "elsewhere"
        if inside:
            return None
        answers = self._names.search(text, 1)
        is_answered = bool(answers) and answers[0].answered >= 1
        return "name" if self.asks_for_kind(text) and not is_answered else None

    def in_other_letters(self, text: str) -> str | None:
        """Say why a text in other letters than Latin ones names nothing; None for any other."""
        if not self._names.is_foreign(text):
            return None
        score = 0.0 if self._names.kinds_in(text) else self._comuni.heard_score(text)
        return "comune" if score > self._heard.quarter_score(text) else "alphabet"

    def is_elsewhere(self, text: str, inside: Sequence[Place]) -> bool:
        """Whether an address is in another comune: nothing is denied that the city has."""
        if self._comuni.is_stated(text):
            return True
        is_behind = self._comuni.is_behind(text)
        cap = parse(text).cap if re.search(r"[^\W\d_]", text) else None
        if not (is_behind or (self._gazetteer and self._gazetteer.is_other_cap(cap))):
            return False
        return not (inside or (is_behind and self._has_so_called(text)))

    def _has_so_called(self, text: str) -> bool:
        """Whether a street is called so, of whatever type, or a place with a name answers all."""
        answers = self._names.search(text, MAX_ALIKE)
        is_answered = any(answer.answered >= AROUND for answer in answers)
        if is_answered or self._gazetteer is None:
            return is_answered
        # Behind a word for a kind of place one word may be a street, several are the comune.
        telling = self._names.telling_words(text) if self.asks_for_kind(text) else []
        name = telling[0] if len(telling) == 1 else text
        nearly = (place.likeness >= NEARLY for place in self._gazetteer.search(text, MAX_ALIKE))
        return any(nearly) or bool(self._gazetteer.streets_called(name))

    def inside(self, text: str) -> list[Place]:
        """List the addresses that a part of a text is."""
        return parts_of(text, self._gazetteer, self._comuni)

    def unheld(self, text: str) -> str | None:
        """Give what the kind of place is called that is asked for, where none of it is held."""
        address = parse(text)
        if address.kind in STREETS or address.civic is not None:
            return None
        kind = self._names.unheld(text)
        if kind is None or len(name_words(text)) == len(name_words(kind)):
            return kind
        # "Chiesa Rossa" is the name of a quarter.
        return None if self._names.is_whole_name(text) else kind

    def asks_for_kind(self, text: str) -> bool:
        """Whether a word for a kind of place was written, and neither number nor kind of street."""
        address = parse(text)
        is_street = address.kind in STREETS or address.civic is not None
        return not is_street and self._names.is_asked_by_kind(text) and self.may_be_name(text)

    def is_street_name(self, text: str) -> bool:
        """Whether the words, none of which is for a kind of place, are those of several streets."""
        if self._gazetteer is None or self._names.is_asked_by_kind(text):
            return False
        return any(place.likeness >= 1 for place in self._gazetteer.search(text, limit=1))

    def may_be_name(self, text: str) -> bool:
        """Whether a text may name a place: not an address with a number, or of another city."""
        address = parse(text)
        if address.kind in STREETS and address.civic is not None:
            return False
        if self._gazetteer is None or not re.search(r"[,(]", text):
            return True
        if self._names.is_whole_name(text):
            return True
        return not self._gazetteer.localities.elsewhere(address.locality)
