"""One search for all that people write in the box: an address, or the name of a place."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, zip_longest

from mapping.crs import point_to_metres
from mapping.errors import AmbiguousAddressError, UnknownAddressError
from mapping.geocoding.address import Address, parse
from mapping.geocoding.gazetteer import Gazetteer, Place
from mapping.geocoding.named_places import (
    AROUND,
    Answering,
    NamedPlace,
    NamedPlaces,
    name_words,
    rivalled_share,
)
from mapping.geocoding.other_comuni import OtherComuni
from mapping.geocoding.sounds import in_latin
from mapping.geocoding.spelt_number import with_number
from mapping.geocoding.street_corners import crossing, two_addresses
from mapping.geocoding.vocabulary import BEGUN
from mapping.geocoding.written_point import as_written, has_link
from mapping.lookup import hospitals
from mapping.lookup.asked_about import (
    CHOOSE,
    MAX_ALIKE,
    first_labels,
    rivals_with_number,
    streets_beside,
)
from mapping.lookup.city_behind import without_city
from mapping.lookup.contradictions import doubted, unread
from mapping.lookup.emergencies import is_emergency, is_nothing_else
from mapping.lookup.heard_places import HeardPlaces
from mapping.lookup.heard_streets import MAX_HEARD, with_heard
from mapping.lookup.namesakes import (
    EXACT,
    at_service,
    homonyms,
    is_from_town,
    nearly_alone,
    rivals_of_street,
    rivals_street,
)
from mapping.lookup.no_start import is_kind_alone, is_need, is_postcode_alone, refusal
from mapping.lookup.weighing import (
    beside_kind,
    never_rising,
    share_of_name,
    unsure,
    weighed,
)
from mapping.lookup.written_parts import parts_of, with_gate
from mapping.text import plain

NEARLY = 0.9
"""A street so much alike is offered, whatever else the words may mean."""
STREETS = ("via", "viale", "piazza", "piazzale", "piazzetta", "corso", "largo", "vicolo")
"""Whoever writes one of these means a street."""
NO_NAME = "It names no place. Give a street with its number, such as via Padova 61."
NO_LIST = "No list of such places is held: give an address."


class PlaceSearch:
    """Addresses and named places of a city; `gazetteer` is None where none are known.

    `comuni` are others, after which streets of the city are called.
    """

    def __init__(
        self,
        gazetteer: Gazetteer | None,
        names: NamedPlaces,
        epsg: int,
        comuni: OtherComuni | None = None,
    ) -> None:
        self._heard = HeardPlaces(names)
        self._comuni = comuni or OtherComuni()
        self._gazetteer = gazetteer
        self._names = names
        self._epsg = epsg

    def find(self, text: str) -> Place:
        """Find the one place that is meant: an address, else a name.

        Raises UnknownAddressError, with candidates, when none fits or several do; one of a kind of
        which no list is held names the kind in `unheld`, and what is no place at all its `reason`.
        """
        text = self._read(text)
        if (reason := self._refused(text)) is not None:
            raise refusal(text, reason)
        if not any(map(str.isalpha, text)):
            raise UnknownAddressError(text, remedy=NO_NAME)
        if self._is_comune(text):
            fitting = [place.label for place in self._called_as_comune(text, MAX_ALIKE)]
            raise refusal(text, "comune" if fitting else "elsewhere", fitting)
        try:
            place = self._crossing(text) or self._place_of(text)
            return doubted([place], text, self._gazetteer, self._names)[0]
        except AmbiguousAddressError as several:
            # An address of the catalogue is found, whatever else it may mean.
            known = self._names.addressed(text)
            labels = [known.label] if known and known.precision in EXACT else []
            several.candidates = first_labels([*several.candidates, *labels])
            raise
        except UnknownAddressError as unknown:
            if unknown.unheld or unknown.reason:
                raise
            within = self._inside(text)
            reason = self._unnamed(text, within)
            # Nothing is taken that was only heard, or is a part: it is asked about.
            # In the order of the list that was shown while typing.
            listed = self.places(text, MAX_HEARD if reason == "alphabet" else MAX_ALIKE)
            candidates = [place.label for place in listed if place.kind != "stop"]
            if reason is None:
                parts = [place.label for place in within]
                unknown.candidates = first_labels([*parts, *candidates, *unknown.candidates])
                raise
            raise refusal(text, reason, [] if reason == "elsewhere" else candidates) from None

    def reason(self, text: str, *, is_found: bool = False) -> str | None:
        """Give the reason why a text, in which `places` finds nothing, is no place.

        An emergency is one whatever is found: no source says where an emergency room is. So is the
        name of another comune. Where something `is_found`, nothing else is looked for.
        """
        if is_emergency(text):
            return "emergency"
        text = self._read(text)
        if (reason := self._refused(text)) is not None:
            return reason
        if self._names.is_foreign(text):
            return "alphabet"
        if self._is_comune(text):
            return "comune" if self._called_as_comune(text, 1) else "elsewhere"
        is_else = not is_found and self._is_elsewhere(text, self._inside(text))
        return "elsewhere" if is_else else None

    def _read(self, text: str) -> str:
        text = with_gate(with_number(as_written(text), self._gazetteer), self._gazetteer)
        return without_city(text, self._gazetteer, self._names, self._comuni)

    def _is_comune(self, text: str) -> bool:
        """Whether a text is the name of another comune, and not the whole label of a place."""
        return self._comuni.is_called(text) and self._names.labelled(text) is None

    def _called_as_comune(self, text: str, limit: int) -> list[Place]:
        """List the places that the name of another comune fits; none is sure to be meant."""
        if self._comuni.is_stated(text):
            return []
        name = self._comuni.name_alone(text) or text
        streets = [] if self._gazetteer is None else self._gazetteer.search(name, limit=limit)
        answers = self._names.search(name, limit)
        named = [self._place(each) for each in answers if rivals_street(each, in_part=True)]
        return unsure([*(place for place in streets if place.likeness >= 1), *named])[:limit]

    def _refused(self, text: str) -> str | None:
        localities = None if self._gazetteer is None else self._gazetteer.localities
        if (is_link := has_link(text)) or is_postcode_alone(text, localities):
            return "link" if is_link else "postcode"
        if self._names.labelled(text) is not None:
            return None
        if is_nothing_else(text):
            return "emergency"
        is_meant = is_need(text, self._names) and self.unheld(text) is None
        return "need" if is_meant else None

    def _unnamed(self, text: str, inside: Sequence[Place]) -> str | None:
        """Say why a text that was not found may not have been, of which these are parts."""
        if is_emergency(text) and not inside:
            return "emergency"
        if self._names.is_foreign(text):
            return "alphabet"
        if self._is_elsewhere(text, inside):
            return "elsewhere"
        if inside:
            return None
        answers = self._names.search(text, 1)
        is_answered = bool(answers) and answers[0].answered >= 1
        return "name" if self._asks_for_kind(text) and not is_answered else None

    def _is_elsewhere(self, text: str, inside: Sequence[Place]) -> bool:
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
        telling = self._names.telling_words(text) if self._asks_for_kind(text) else []
        name = telling[0] if len(telling) == 1 else text
        nearly = (place.likeness >= NEARLY for place in self._gazetteer.search(text, MAX_ALIKE))
        return any(nearly) or bool(self._gazetteer.streets_called(name))

    def _inside(self, text: str) -> list[Place]:
        return parts_of(text, self._gazetteer, self._comuni)

    def _crossing(self, text: str) -> Place | None:
        if self._gazetteer is None or self._names.labelled(text) is not None:
            return None
        if several := two_addresses(self._gazetteer, text):
            raise AmbiguousAddressError(text, [place.label for place in several], CHOOSE)
        return crossing(self._gazetteer, text)

    def _place_of(self, text: str) -> Place:
        named = self._chosen(text)
        if named is not None:
            return self._place(Answering(named, 1.0, 1.0))
        try:
            return self._address(text)
        except UnknownAddressError as error:
            unknown = error
        if is_kind_alone(text, self._names) or not self._may_be_name(text):
            raise unknown
        if self._is_street_name(text):
            unknown.candidates = first_labels(
                [*rivals_of_street(self._gazetteer, self._names, text), *unknown.candidates]
            )
            raise unknown
        named = self._names.find(text)
        if named is not None:
            return self._place(Answering(named, 1.0, 1.0))
        answers, streets = self._answers(text, MAX_ALIKE), unknown.candidates
        is_street = parse(text).kind in STREETS or bool(self._inside(text))
        if is_street:  # which is no stop that is called after two others
            answers = [each for each in answers if each.answered >= 1 and each.place.kind != "stop"]
        near = [answer.place.label for answer in answers]
        candidates = first_labels([*streets, *near] if is_street else [*near, *streets])
        if not is_street and len(answers) > 1 and answers[0].answered >= 1:
            raise AmbiguousAddressError(text, candidates, CHOOSE)
        unknown.candidates = candidates
        raise unknown

    def _address(self, text: str) -> Place:
        """Find the address that is meant, where no place is called like its street.

        One that no street has as it is written may be that of a service, which has a place.
        """
        if self._gazetteer is None:
            raise UnknownAddressError(
                text, remedy="No addresses are loaded: give coordinates or an area."
            )
        try:
            place = self._gazetteer.geocode(text)
        except UnknownAddressError:
            alone = self._of_catalogue(text) or nearly_alone(self._gazetteer, text)
            if alone is None:
                raise
            return alone
        lacks_it = place.asked_civic is not None and place.label == place.street
        if lacks_it and (known := self._of_catalogue(text)) is not None:
            return known
        if rivals := rivals_of_street(self._gazetteer, self._names, text):
            raise AmbiguousAddressError(text, first_labels([place.label, *rivals]), CHOOSE)
        self._require_sure(text, place)
        return place

    def _require_sure(self, text: str, place: Place) -> None:
        """Refuse a street of which a part of the name was written, where it may be another."""
        address = parse(text)
        if (rivals := rivals_with_number(self._gazetteer, text, place)) is not None:
            raise rivals
        if plain(place.street) in plain(text):
            return
        if others := homonyms(self._gazetteer, text, address, place):
            labels = [place.label, *(street.label for street in others)]
            raise AmbiguousAddressError(text, first_labels(labels), CHOOSE)
        if is_from_town(self._gazetteer, self._comuni, address, place):
            raise UnknownAddressError(text, [place.label])

    def unheld(self, text: str) -> str | None:
        """Give what the kind of place is called that is asked for, where none of it is held."""
        text = self._read(text)
        return self._unheld(text, parse(text))

    def _unheld(self, text: str, address: Address) -> str | None:
        if address.kind in STREETS or address.civic is not None:
            return None
        kind = self._names.unheld(text)
        if kind is None or len(name_words(text)) == len(name_words(kind)):
            return kind
        # "Chiesa Rossa" is the name of a quarter.
        return None if self._names.is_whole_name(text) else kind

    def _chosen(self, text: str) -> NamedPlace | None:
        """Give the place whose label was written, or that is asked for by a word for its kind.

        Raises UnknownAddressError where several are: "ospedale" is not the only street called so.
        """
        labelled = self._names.labelled(text)
        begun = parse(text.partition(",")[0])
        if labelled is not None and not (begun.kind or self._is_street_name(text)):
            return labelled
        if (kind := self.unheld(text)) is not None:
            return self._named_so(text, kind)
        if not self._asks_for_kind(text):
            return None
        named, answers = self._names.find(text), self._names.search(text, 1)
        is_doubted = bool(hospitals.in_doubt(text, self._names.search(text, MAX_ALIKE)))
        if is_doubted or (named is None and answers and answers[0].answered >= 1):
            labels = [answer.place.label for answer in self._answers(text, MAX_ALIKE)]
            if not labels:  # private houses alone
                raise refusal(text, "emergency")
            raise AmbiguousAddressError(text, labels, CHOOSE)
        return named

    def _named_so(self, text: str, kind: str) -> NamedPlace:
        """Give the place that has a name for a kind of which none is held: a park of a library."""
        answers = self._names.search(text, MAX_ALIKE)
        named = [answer for answer in answers if answer.answered >= 1]
        is_more = len(name_words(text)) > len(name_words(kind))
        if is_more and named and named[0].coverage >= 1 and not named[0].is_rivalled:
            return named[0].place
        labels = [answer.place.label for answer in named]
        streets = [street.label for street in streets_beside(self._gazetteer, text, kind)]
        raise UnknownAddressError(text, first_labels([*labels, *streets]), NO_LIST, unheld=kind)

    def _answers(self, text: str, limit: int) -> list[Answering]:
        """List the named places that answer a text; of several hospitals none is sure."""
        answers = hospitals.without_likely(text, self._names.search(text, max(limit, MAX_ALIKE)))
        return hospitals.with_doubted(answers, hospitals.in_doubt(text, answers))[:limit]

    def places(self, text: str, limit: int) -> list[Place]:
        """List places that answer what was typed so far, best first.

        An address that the words fit, then named places that they ask for, then addresses that are
        alike. Words for a kind of place put named places first: ``cimitero`` before its square; of
        a kind of which no list is held, only what has its name is given.
        """
        text = self._read(text)
        has_no_name = not any(map(str.isalpha, text)) or is_kind_alone(text, self._names)
        if self._refused(text) is not None or has_no_name:
            return []
        if self._is_comune(text):
            return self._called_as_comune(text, limit)
        if self._comuni.is_stated(text) and self._names.labelled(text) is None:
            return []
        try:
            met = self._crossing(text)
        except UnknownAddressError:
            met = None
            if several := two_addresses(self._gazetteer, text):
                return unsure(several)[:limit]
        return [met] if met is not None else self._offered(text, limit)

    def _offered(self, text: str, limit: int) -> list[Place]:
        alike = self._alike(text, limit)
        if self._names.is_foreign(text) and parse(in_latin(text) or text).kind not in STREETS:
            alike = self._with_heard(alike, text, limit)
        is_like = any(place.likeness >= NEARLY for place in alike)
        if alike and not is_like and self._is_elsewhere(text, self._inside(text)):
            return []
        places = doubted(alike, text, self._gazetteer, self._names)
        return alike if places == alike else never_rising(places)

    def _with_heard(self, streets: list[Place], text: str, limit: int) -> list[Place]:
        """Put named places that sound like Arabic words among the streets that do."""
        heard = [
            replace(self._place(Answering(place, 1.0, 1.0)), likeness=well)
            for place, well in self._heard.search(text, limit)
        ]
        if heard and self._names.kinds_in(text):
            return heard
        return sorted([*heard, *streets], key=lambda place: -place.confidence)[:limit]

    def _alike(self, text: str, limit: int) -> list[Place]:
        address = parse(text)
        if (kind := self._unheld(text, address)) is not None:
            return self._beside_unheld(text, kind, limit)
        streets = self._addresses(text, limit)
        fitting = [place for place in streets if place.likeness >= 1]
        is_street = address.kind in STREETS or any(place.asked_civic for place in fitting)
        enough = is_street and (fitting or len(streets) == limit)
        if enough or not self._may_be_name(text):
            alone = fitting[0] if len(fitting) == 1 else None
            rivals = homonyms(self._gazetteer, text, address, alone) if alone else []
            has_rival = bool(
                alone and (rivals or is_from_town(self._gazetteer, self._comuni, address, alone))
            )
            known = {place.street for place in streets}
            rivals = [place for place in rivals if place.street not in known]
            offered = weighed([*streets, *rivals], address, has_rival=has_rival)
            return never_rising(offered)[:limit]
        if is_street:
            answers = self._names.search(text, limit)
            return never_rising([*streets, *map(self._place, answers)][:limit])
        return self._with_named(text, address, streets, limit)

    def _with_named(
        self, text: str, address: Address, streets: list[Place], limit: int
    ) -> list[Place]:
        """List streets and places of the name, where none says that a street is meant."""
        by_kind = self._names.is_asked_by_kind(text)
        answers = self._answers(text, limit)
        fitting = [place for place in streets if place.likeness >= 1]
        whole = {place.label for place in fitting if share_of_name(place, address) >= 1}
        has_rival = any(rivals_street(answer, in_part=not whole) for answer in answers)
        streets = weighed(streets, address, has_rival=has_rival)
        fitting, others = streets[: len(fitting)], streets[len(fitting) :]
        named = [self._place(answer) for answer in answers]
        answered, coverage = (answers[0].answered, answers[0].coverage) if answers else (0.0, 0.0)
        if by_kind and answered < 1:
            # A service at the street that was written is what is asked for.
            parts = self._inside(text) if answered < AROUND else []
            inside = {place.label for place in parts}
            # So is a street of which all was written: "galleria del Corso" is no course.
            inside |= whole if address.kind else set()
            fitting = [place for place in streets if place.label in inside]
            others = beside_kind(streets, self._names.telling_words(text))
            offered = [*fitting, *named, *(place for place in others if place.label not in inside)]
        elif by_kind:
            offered = [*named, *fitting, *others]
        elif coverage >= 1 or (answered >= 1 and not fitting):
            # A stop is called as its street, and comes behind it.
            best = sorted(
                [*fitting, *named], key=lambda place: (place.kind == "stop", -place.confidence)
            )
            offered = best + others
        elif answered >= BEGUN and not fitting and len(address.tokens) == 1:
            # A word that is half typed may be of a street or a station as well.
            offered = list(filter(None, chain.from_iterable(zip_longest(others, named))))
        else:
            offered = [*fitting, *others, *named]
        return never_rising(offered[:limit])

    def _beside_unheld(self, text: str, kind: str, limit: int) -> list[Place]:
        """List what has the name of a kind of place of which none is held."""
        answers = self._names.search(text, limit)
        whole = [answer for answer in answers if answer.answered >= 1]
        named = [self._place(replace(answer, is_rivalled=True)) for answer in whole]
        return never_rising([*named, *streets_beside(self._gazetteer, text, kind)][:limit])

    def _addresses(self, text: str, limit: int) -> list[Place]:
        streets = [] if self._gazetteer is None else self._gazetteer.search(text, limit=limit)
        if any(place.likeness >= 1 for place in streets):
            lacks_it = all(place.asked_civic and place.label == place.street for place in streets)
            known = self._of_catalogue(text) if lacks_it else None
            return streets if known is None else [known, *streets][:limit]
        most = rivalled_share(1.0)
        inside = [replace(place, likeness=most) for place in self._inside(text)]
        inside = unread(inside, text, self._gazetteer)
        if inside:
            labels = {place.label for place in inside}
            return [*inside, *(place for place in streets if place.label not in labels)][:limit]
        known = self._of_catalogue(text)
        if known is not None:
            others = [place for place in streets if place.label != known.label]
            return [known, *others][:limit]
        return streets if self._gazetteer is None else with_heard(streets, self._gazetteer, text)

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
        if self._names.is_whole_name(text):
            return True
        return not self._gazetteer.localities.elsewhere(address.locality)

    def _of_catalogue(self, text: str) -> Place | None:
        service = self._names.addressed(text)
        if service is None or self._gazetteer is None:
            return None
        return at_service(self._gazetteer, text, self._place(Answering(service, AROUND, 1.0)))

    def _place(self, answer: Answering) -> Place:
        named = answer.place
        x, y = point_to_metres(named.lon, named.lat, self._epsg)
        return Place(
            named.label, named.lon, named.lat, x, y, named.precision, named.error_metres,
            named.municipio, "", likeness=answer.confidence, kind=named.kind,
            category=named.category,
        )  # fmt: skip
