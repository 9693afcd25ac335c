"""One search for all that people write in the box: an address, or the name of a place."""

from dataclasses import replace
from itertools import chain, zip_longest

from mapping.crs import point_to_metres
from mapping.errors import AmbiguousAddressError, UnknownAddressError
from mapping.geocoding.address import Address, parse
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.named_places import (
    AROUND,
    Answering,
    NamedPlace,
    NamedPlaces,
    name_words,
    rivalled_share,
)
from mapping.geocoding.other_comuni import OtherComuni
from mapping.geocoding.place import Place
from mapping.geocoding.sounds import in_latin, without_way
from mapping.geocoding.spelt_number import with_number
from mapping.geocoding.street_corners import crossing, two_addresses
from mapping.geocoding.vocabulary import BEGUN
from mapping.geocoding.written_point import as_written
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
from mapping.lookup.emergencies import is_emergency
from mapping.lookup.heard_places import HeardPlaces
from mapping.lookup.heard_streets import MAX_HEARD, with_heard
from mapping.lookup.namesakes import (
    EXACT,
    at_service,
    homonyms,
    is_elsewhere,
    is_from_town,
    nearly_alone,
    rivals_of_street,
    rivals_street,
)
from mapping.lookup.no_start import is_kind_alone, refusal
from mapping.lookup.refusals import NEARLY, STREETS, Refusals
from mapping.lookup.weighing import (
    beside_kind,
    never_rising,
    share_of_name,
    unsure,
    weighed,
)
from mapping.lookup.written_parts import with_gate
from mapping.text import plain

AS_COMUNE = 0.6
"""What sounds less like the name of a comune is not called so."""
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
        self._refusals = Refusals(gazetteer, names, self._comuni, self._heard)

    def find(self, text: str) -> Place:
        """Find the one place that is meant: an address, else a name.

        Raises UnknownAddressError, with candidates, when none fits or several do; one of a kind of
        which no list is held names the kind in `unheld`, and what is no place at all its `reason`.
        """
        text = self._read(text)
        if (reason := self._refusals.refused(text)) is not None:
            raise refusal(text, reason)
        if not any(map(str.isalpha, text)):
            raise UnknownAddressError(text, remedy=NO_NAME)
        if self._refusals.is_comune(text):
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
            within = self._refusals.inside(text)
            reason = self._refusals.unnamed(text, within)
            candidates = self._listed(text, reason)
            if reason is None:
                parts = [place.label for place in within]
                unknown.candidates = first_labels([*parts, *candidates, *unknown.candidates])
                raise
            is_elsewhere = reason == "elsewhere" or (reason == "comune" and not candidates)
            denied = ("elsewhere", []) if is_elsewhere else (reason, candidates)
            raise refusal(text, *denied) from None

    def _listed(self, text: str, reason: str | None) -> list[str]:
        """List the labels that were shown while a text was typed, in their order.

        Nothing is taken that was only heard, or is a part: it is asked about.
        """
        is_heard = reason in ("alphabet", "comune")
        listed = self.places(text, MAX_HEARD if is_heard else MAX_ALIKE)
        return [place.label for place in listed if place.kind != "stop"]

    def reason(self, text: str, *, is_found: bool = False) -> str | None:
        """Give the reason why a text, in which `places` finds nothing, is no place.

        An emergency is one whatever is found: no source says where an emergency room is. So is the
        name of another comune. Where something `is_found`, nothing else is looked for.
        """
        if is_emergency(text):
            return "emergency"
        text = self._read(text)
        if (reason := self._refusals.refused(text)) is not None:
            return reason
        if (reason := self._refusals.in_other_letters(text)) is not None:
            is_elsewhere = reason == "comune" and not self._offered(text, 1)
            return "elsewhere" if is_elsewhere else reason
        if self._refusals.is_comune(text):
            return "comune" if self._called_as_comune(text, 1) else "elsewhere"
        is_else = not is_found and self._refusals.is_elsewhere(text, self._refusals.inside(text))
        return "elsewhere" if is_else else None

    def _read(self, text: str) -> str:
        text = with_number(without_way(as_written(text)), self._gazetteer)
        text = with_gate(text, self._gazetteer)
        return without_city(text, self._gazetteer, self._names, self._comuni)

    def _called_as_comune(self, text: str, limit: int) -> list[Place]:
        """List the places that the name of another comune fits; none is sure to be meant."""
        if self._comuni.is_stated(text):
            return []
        name = self._comuni.name_alone(text) or text
        streets = [] if self._gazetteer is None else self._gazetteer.search(name, limit=limit)
        answers = self._names.search(name, limit)
        named = [self._place(each) for each in answers if rivals_street(each, in_part=True)]
        return unsure([*(place for place in streets if place.likeness >= 1), *named])[:limit]

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
        if is_kind_alone(text, self._names) or not self._refusals.may_be_name(text):
            raise unknown
        if self._refusals.is_street_name(text):
            unknown.candidates = first_labels(
                [*rivals_of_street(self._gazetteer, self._names, text), *unknown.candidates]
            )
            raise unknown
        named, is_kind = self._names.find(text), parse(text).kind in STREETS
        if named is not None and not (is_kind and named.kind == "stop"):
            return self._place(Answering(named, 1.0, 1.0))
        answers, streets = self._answers(text, MAX_ALIKE), unknown.candidates
        is_street = is_kind or bool(self._refusals.inside(text))
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
        if (known := self._elsewhere_by_catalogue(text, place)) is not None:
            raise AmbiguousAddressError(text, [place.label, known.label], CHOOSE)
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
        return self._refusals.unheld(text)

    def _chosen(self, text: str) -> NamedPlace | None:
        """Give the place whose label was written, or that is asked for by a word for its kind.

        Raises UnknownAddressError where several are: "ospedale" is not the only street called so.
        """
        labelled = self._names.labelled(text)
        begun = parse(text.partition(",")[0])
        if labelled is not None and not (begun.kind or self._refusals.is_street_name(text)):
            return labelled
        if (kind := self.unheld(text)) is not None:
            return self._named_so(text, kind)
        if not self._refusals.asks_for_kind(text):
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
        if self._refusals.refused(text) is not None or has_no_name:
            return []
        if self._refusals.is_comune(text):
            return self._called_as_comune(text, limit)
        if self._comuni.is_stated(text) and self._names.find(text) is None:
            return []  # "mm2 Udine" is a station, though 2 reads as a number
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
        if self._refusals.in_other_letters(text) == "comune":
            alike = [place for place in alike if place.confidence >= AS_COMUNE]
        is_like = any(place.likeness >= NEARLY for place in alike)
        if alike and not is_like and self._refusals.is_elsewhere(text, self._refusals.inside(text)):
            return []
        places = doubted(alike, text, self._gazetteer, self._names)
        return alike if places == alike else never_rising(places)

    def _with_heard(self, streets: list[Place], text: str, limit: int) -> list[Place]:
        """Put named places that sound like Arabic words among the streets that do.

        With a civic number it is a street, if any sounds so.
        """
        if streets and parse(in_latin(text) or text).civic is not None:
            return streets
        heard = [
            replace(self._place(Answering(place, 1.0, 1.0)), likeness=well)
            for place, well in self._heard.search(text, limit)
        ]
        if heard and self._names.kinds_in(text):
            return heard
        return sorted([*heard, *streets], key=lambda place: -place.confidence)[:limit]

    def _alike(self, text: str, limit: int) -> list[Place]:
        address = parse(text)
        if (kind := self._refusals.unheld(text)) is not None:
            return self._beside_unheld(text, kind, limit)
        streets = self._addresses(text, limit)
        fitting = [place for place in streets if place.likeness >= 1]
        is_street = address.kind in STREETS or any(place.asked_civic for place in fitting)
        enough = is_street and (fitting or len(streets) == limit)
        if enough or not self._refusals.may_be_name(text):
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
            named = [self._place(each) for each in answers if each.place.kind != "stop"]
            return never_rising([*streets, *named][:limit])
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
            parts = self._refusals.inside(text) if answered < AROUND else []
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
            if lacks_it and (known := self._of_catalogue(text)) is not None:
                return [known, *streets][:limit]
            elsewhere = self._elsewhere_by_catalogue(text, streets[0])
            return streets if elsewhere is None else [*streets, elsewhere][:limit]
        most = rivalled_share(1.0)
        inside = [replace(place, likeness=most) for place in self._refusals.inside(text)]
        inside = unread(inside, text, self._gazetteer)
        if inside:
            labels = {place.label for place in inside}
            return [*inside, *(place for place in streets if place.label not in labels)][:limit]
        known = self._of_catalogue(text)
        if known is not None:
            others = [place for place in streets if place.label != known.label]
            return [known, *others][:limit]
        return streets if self._gazetteer is None else with_heard(streets, self._gazetteer, text)

    def _of_catalogue(self, text: str) -> Place | None:
        service = self._names.addressed(text)
        if service is None or self._gazetteer is None:
            return None
        return at_service(self._gazetteer, text, self._place(Answering(service, AROUND, 1.0)))

    def _elsewhere_by_catalogue(self, text: str, place: Place) -> Place | None:
        """Give the service of this address that is not at the place that a number alone tells."""
        service = self._names.addressed(text) if place.is_by_number else None
        known = None if service is None else self._place(Answering(service, AROUND, 1.0))
        return known if known and is_elsewhere(known, place) else None

    def _place(self, answer: Answering) -> Place:
        named = answer.place
        x, y = point_to_metres(named.lon, named.lat, self._epsg)
        return Place(
            named.label, named.lon, named.lat, x, y, named.precision, named.error_metres,
            named.municipio, "", likeness=answer.confidence, kind=named.kind,
            category=named.category,
        )  # fmt: skip
