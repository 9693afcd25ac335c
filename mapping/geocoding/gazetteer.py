"""Gazetteer of a city: find addresses with coordinates and expected error, and never guess."""

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import takewhile

import numpy as np

from mapping.arrays import Floats
from mapping.crs import to_degrees
from mapping.errors import AmbiguousAddressError, UnknownAddressError
from mapping.geocoding.address import KINDS, Address, inner_kind, parse, suffix_key
from mapping.geocoding.civics import Civics, Middles
from mapping.geocoding.localities import Localities
from mapping.geocoding.place import Place
from mapping.geocoding.sounds import in_latin
from mapping.geocoding.street_index import StreetIndex

MAX_CANDIDATES = 8
ALIKE = {"via", "viale"}
"""Kinds of street that are written for one another."""
STRADA = ("strada", "via")
"""The first is written for the second: other languages have one word."""
HEARD_SCORE, SPELT_SCORE = 80, 90
"""How alike, of 100, a street sounds to what was written in Arabic letters, or in Latin ones."""
HEARD_SHARE = 0.9
"""What is left of the likeness of a street that was heard."""
GENERIC_CAP = re.compile(r"\d\d100")
"""The postcode of a whole city, of before it had several: it contradicts no street."""


MOTORWAY = re.compile(r"(?:tangenziale|autostrada|superstrada|raccordo)\b", re.IGNORECASE)
"""Nobody lives at one nor walks along it: it is no place to set out from."""


class Gazetteer:
    """The addresses of one city.

    Parameters
    ----------
    localities : Localities
        The city and its parts; an address that names another city is not found.
    epsg : int
        The reference system of x and y.
    streets : list of str
        Names with their kind, such as ``Via Padova``.
    civics : Civics
        Their numbers.
    middles : Middles
        Their middles.
    aliases : sequence of tuple of int and str, optional
        What else streets are called: their row, and the name with its kind.
    """

    def __init__(
        self,
        localities: Localities,
        epsg: int,
        streets: list[str],
        civics: Civics,
        middles: Middles,
        aliases: Sequence[tuple[int, str]] = (),
    ) -> None:
        self.localities = localities
        self.city = localities.city
        self.epsg = epsg
        self.streets = streets
        self.civics = civics
        self.middles = middles
        self.aliases = list(aliases)
        weights = np.diff(civics.start).tolist()
        self._index = StreetIndex(streets, self.aliases, weights)

    def geocode(self, text: str, *, municipio: str | None = None, cap: str | None = None) -> Place:
        """Find the one place that an address means; `municipio` and `cap` decide among homonyms.

        A civic number that is not in the register has precision `street`: interpolated between
        its neighbours, or in the middle of the street. Raises UnknownAddressError, with
        candidates, when no street fits or several do.
        """
        place = self.find(text, municipio=municipio, cap=cap)
        if place is not None:
            return place
        address = self._address(text, cap)
        if self._elsewhere(address):
            raise UnknownAddressError(text, remedy=f"Only addresses of {self.city} are held.")
        meant = [place for _, place in self._meant(address, municipio)]
        if meant:
            lacks_it = all(place.civic is None for place in meant)
            having = self.with_number(text) if lacks_it else []
            alike = [*having, *meant, *filter(None, [self._nearly(address, municipio)])]
            labels = list(dict.fromkeys(place.label for place in alike))[:MAX_CANDIDATES]
            if len(labels) == 1:
                raise UnknownAddressError(text, labels)
            raise AmbiguousAddressError(text, labels, "Choose one of the streets that are alike.")
        near = [place.label for place in self.search(text, limit=MAX_CANDIDATES)]
        remedy = "" if self.streets else "None are loaded."
        if self.streets and not address.tokens:
            remedy = "It names no street. Give its name, such as via Padova 61, or coordinates."
        raise UnknownAddressError(text, near, "" if near else remedy)

    def find(
        self, text: str, *, municipio: str | None = None, cap: str | None = None
    ) -> Place | None:
        """Find the place that an address means, as `geocode`; None when none or several fit."""
        address = self._address(text, cap)
        if self._elsewhere(address):
            return None
        meant = self._meant(address, municipio)
        if not meant:
            return self._nearly(address, municipio)
        street, place = meant[0]
        if not self._index.is_of_kind(street, address.kind):
            place = replace(place, likeness=self._index.likeness(address, street))
        elif municipio not in self._municipi[street] and self._is_by_number(
            street, address, self._index.matching(address)
        ):
            place = replace(place, is_by_number=True)
        sure = len(meant) == 1 and self._is_meant(street, address, municipio)
        if "cap" in place.doubts and municipio not in self._municipi[street]:
            # Another street of nearly this name has the postcode: which one is meant, nobody knows.
            sure = sure and self._nearly(address, municipio) is None
        return place if sure else None

    def search(
        self, text: str, limit: int = MAX_CANDIDATES, *, in_part: bool = False
    ) -> list[Place]:
        """List up to `limit` places that fit what was typed so far, best first.

        Typos, short forms and any order of words are allowed. Where the words are a street's whole
        name, only streets that go on from them are offered besides, and none of these once a civic
        number is written; where they fit streets that have the number, these alone. `in_part` a
        street is worth no less that lacks a written word.
        """
        address = self._parse(text)
        if self._elsewhere(address):
            return []
        places: list[Place] = []
        fitting = set(self._index.matching(address))
        for row in dict.fromkeys(self._offered(address, fitting, limit)):
            place = self._place(row, address, None)
            if place is not None:
                is_meant = row in fitting and self._index.is_of_kind(row, address.kind)
                alike = self._index.likeness if in_part else self._index.answering
                likeness = 1.0 if is_meant else alike(address, row)
                if is_meant and self._is_by_number(row, address, fitting):
                    place = replace(place, is_by_number=True)
                places.append(place if likeness == 1 else replace(place, likeness=likeness))
            if len(places) == limit:
                break
        return places

    def _offered(self, address: Address, fitting: set[int], limit: int) -> list[int]:
        """List the rows of the streets that a search gives, best first; `fitting` fit the words."""
        index, exact = self._index, self._index.named(address)
        of_kind = {row for row in fitting if index.is_of_kind(row, address.kind)}
        if address.civic is None:
            if whole := [row for row in exact if index.is_of_kind(row, address.kind)]:
                return [*whole, *index.going_on(address)]
            return index.alike(address, limit, fits=bool(of_kind))
        if exact:
            # Where none has the number, a longer name that has it may be meant.
            having = [row for row in exact if self._rows_of(row, address)]
            return having or [*exact, *self._having_number(address)]
        numbered = {row for row in of_kind if self._rows_of(row, address)}
        rows = index.alike(address, limit, fits=bool(numbered))
        own = [row for row in rows if row in numbered]
        return own or self._in_order(rows, address, fitting)

    def _in_order(self, rows: list[int], address: Address, fitting: set[int]) -> list[int]:
        """Order streets by how well the words fit; a civic number decides where they fit as well.

        A street that lacks the number and fits better comes before one that has it.
        """
        index = self._index

        def order(row: int) -> tuple[bool, int, bool]:
            lacks_it = not self._rows_of(row, address)
            is_alike = fitting == {row} and {address.kind, index.kinds[row]} == ALIKE
            is_other = (lacks_it or not is_alike) and not index.is_of_kind(row, address.kind)
            apart = 0 if row in fitting else index.letters_apart(address, row)
            return is_other or row not in fitting, apart + is_other, lacks_it

        return sorted(rows, key=order)

    def streets_called(self, text: str) -> list[int]:
        """List the rows of the streets that a text may mean, of the written kind if any are."""
        address = self._parse(text)
        rows = self._index.matching(address)
        return [row for row in rows if self._index.kinds[row] == address.kind] or rows

    def homonyms(self, text: str) -> list[Place]:
        """List the places that an address may mean, a ``via`` a viale as well; none for one.

        Those that have the civic number, whatever follows the words in their name, if any have.
        """
        address, kinds = self._parse(text), self._index.kinds
        meant = [row for row in self._index.matching(address) if kinds[row] in _alike(address.kind)]
        rows = self._having_number(address) or meant
        places = (self._place(row, address, None) for row in rows) if len(rows) > 1 else ()
        return [place for place in places if place is not None]

    def with_number(self, text: str) -> list[Place]:
        """List the places of a civic number on the streets whose names have all the words."""
        address = self._parse(text)
        places = (self._place(row, address, None) for row in self._having_number(address))
        return [place for place in places if place is not None]

    def _having_number(self, address: Address) -> list[int]:
        """List the rows of the streets of `with_number`."""
        rows = [] if address.civic is None else self._index.having(address)
        kinds = _alike(address.kind)
        return [
            row for row in rows if self._index.kinds[row] in kinds and self._rows_of(row, address)
        ]

    def _is_by_number(self, row: int, address: Address, fitting: Collection[int]) -> bool:
        """Whether only the civic number says which street is meant of several that fit."""
        if len(fitting) <= 1 or address.civic is None or address.cap in self._caps[row]:
            return False
        rows = [each for each in fitting if self._index.is_of_kind(each, address.kind)]
        return len(rows) > 1 and [each for each in rows if self._rows_of(each, address)] == [row]

    def sounding(self, text: str, limit: int = MAX_CANDIDATES) -> list[Place]:
        """List the addresses on streets that sound like what was written; none is sure."""
        latin = in_latin(text)
        address = self._parse(latin or text)
        if self._elsewhere(address):
            return []
        rows = self._index.sounding(address, limit, HEARD_SCORE if latin else SPELT_SCORE)
        heard = ((row, self._place(row, address, None)) for row in rows)
        alike = self._index.sounds_alike if latin else self._index.answering
        return [
            replace(place, likeness=HEARD_SHARE * alike(address, row))
            for row, place in heard
            if place is not None
        ]

    def nearest_numbers(self, place: Place, limit: int = 4) -> list[str]:
        """List, in order, the numbers of a street that are nearest to the one that it lacks.

        None where no register tells which numbers there are.
        """
        if self.civics.is_seen_only or place.asked_civic is None:
            return []
        numbers = self.civics.nearest(self.streets.index(place.street), place.asked_civic, limit)
        return [f"{place.street} {number}" for number in numbers]

    def is_past_end(self, place: Place) -> bool:
        """Whether its street lacks the civic number that was written, and goes on to none such."""
        civic = place.asked_civic
        if civic is None or place.label != place.street or place.street not in self.streets:
            return False
        street = self.streets.index(place.street)
        return self.civics.between(street, civic) is None

    def municipi_of(self, place: Place) -> set[str]:
        """List the municipi of a place: of a street without a number, all that it runs through."""
        if place.civic is None and place.street in self.streets:
            return self._municipi[self.streets.index(place.street)]
        return {place.municipio} if place.municipio else set()

    def is_other_cap(self, cap: str | None) -> bool:
        """Whether a postcode is none of the city's."""
        return bool(cap and self._cap_prefix and not cap.startswith(self._cap_prefix))

    def numbered(self, address: Address) -> list[int]:
        """List the rows of a civic number, with whatever suffix, on every street that fits."""
        start, number = self.civics.start, self.civics.number
        return [
            row
            for street in self._index.matching(address)
            for row in range(start[street], start[street + 1])
            if number[row] == address.civic
        ]

    def reverse(self, x: float, y: float) -> Place | None:
        """Find the civic number nearest to x and y, in metres; None when none has a place."""
        metres = np.hypot(self.civics.x - x, self.civics.y - y)
        if not np.isfinite(metres).any():
            return None
        row = int(np.nanargmin(metres))
        return self._civic_place(int(np.searchsorted(self.civics.start, row, "right")) - 1, row)

    def municipi_of_cap(self) -> dict[str, set[str]]:
        """List the municipi of each postcode; empty where civic numbers have no postcodes."""
        municipi: dict[str, set[str]] = defaultdict(set)
        for cap, municipio in zip(self.civics.cap, self.civics.municipio, strict=True):
            if cap and municipio:
                municipi[cap].add(municipio)
        return dict(municipi)

    def _address(self, text: str, cap: str | None) -> Address:
        address = self._parse(text)
        return replace(address, cap=cap) if cap and not address.cap else address

    def _meant(self, address: Address, municipio: str | None) -> list[tuple[int, Place]]:
        """Give the streets that an address may mean, each with its place there."""
        streets = self._index.matching(address)
        if len(streets) > 1:
            streets = self._decide(streets, address, municipio)
        places = ((street, self._place(street, address, municipio)) for street in streets)
        return [(street, place) for street, place in places if place is not None]

    def _parse(self, text: str) -> Address:
        address = parse(self.localities.behind_name(text))
        inner = inner_kind(address)
        if inner is None or self._index.matching(address):
            return address
        # "Via Bastioni di Porta Nuova" is the bastioni.
        return inner if self._index.matching(inner) else address

    def _elsewhere(self, address: Address) -> bool:
        return self.is_other_cap(address.cap) or self.localities.elsewhere(address.locality)

    def _is_meant(self, row: int, address: Address, municipio: str | None) -> bool:
        # "Via Lodi" may be Corso Lodi: the municipio or the postcode says so, or else the person.
        kinds = address.kind, self._index.kinds[row]
        if set(kinds) == ALIKE or kinds == STRADA or self._index.is_of_kind(row, address.kind):
            return True
        return municipio in self._municipi[row] or address.cap in self._caps[row]

    def _decide(self, rows: list[int], address: Address, municipio: str | None) -> list[int]:
        # By municipio, by postcode, by the civic number; the first that leaves any decides.
        rows = [row for row in rows if self._index.kinds[row] == address.kind] or rows
        rows = [row for row in rows if municipio in self._municipi[row]] or rows
        rows = [row for row in rows if address.cap in self._caps[row]] or rows
        if address.civic is None:
            return rows
        return [row for row in rows if self._rows_of(row, address)] or rows

    def _rows_of(self, street: int, address: Address) -> list[int]:
        start, end = self.civics.start[street : street + 2]
        same = [row for row in range(start, end) if self.civics.number[row] == address.civic]
        return self._of_suffix(same, address.suffix) or same

    def _of_suffix(self, rows: list[int], suffix: str | None) -> list[int]:
        """Choose the rows that have a suffix, however it is written."""
        for as_read in (suffix_key, lambda suffix: suffix_key(suffix).lstrip("0")):
            own = [row for row in rows if as_read(self.civics.suffix[row]) == as_read(suffix)]
            if own:
                return own
        return []

    def _place(self, street: int, address: Address, municipio: str | None) -> Place | None:
        if MOTORWAY.match(self.streets[street]):
            return None
        rows = self._rows_of(street, address) if address.civic is not None else []
        rows = [row for row in rows if np.isfinite(self.civics.x[row])]
        inside = [row for row in rows if self.civics.municipio[row] == municipio]
        place = self._numbered_place(street, inside or rows, address)
        if place is None and address.civic is not None:
            place = self._between(street, address.civic)
        if place is None:
            place = self._middle(street, municipio or self._likely_municipio(street, address))
        doubts = ("cap",) if self._contradicts(address.cap, street) else ()
        if place is None or (address.civic is None and not doubts):
            return place
        return replace(place, asked_civic=address.civic, doubts=(*doubts, *place.doubts))

    def _contradicts(self, cap: str | None, street: int) -> bool:
        if not cap or not self._caps[street] or GENERIC_CAP.fullmatch(cap):
            return False
        return cap not in self._caps[street]

    def _between(self, street: int, civic: int) -> Place | None:
        """Estimate the place of a number that the register lacks, from those beside it."""
        if (estimate := self.civics.between(street, civic)) is None:
            return None
        x, y, error, municipio = estimate
        name = self.streets[street]
        lon, lat = (float(degrees[0]) for degrees in to_degrees([x], [y], self.epsg))
        precision = "interpolated" if self.civics.is_seen_only else "street"
        return Place(name, lon, lat, x, y, precision, error, municipio, name)

    def _numbered_place(self, street: int, rows: list[int], address: Address) -> Place | None:
        """Give the place of a written number; one that has it with a letter alone is a guess."""
        plain = [row for row in rows if self.civics.suffix[row] is None]
        exact = self._of_suffix(rows, address.suffix)
        if not exact and address.suffix:
            # Of 24/C, where nobody has it, the building 24 is nearer than the number alone.
            building = re.match(r"\d*", suffix_key(address.suffix))
            plain = self._of_suffix(rows, building[0] if building else None) or plain
        if exact or plain:
            place = self._civic_place(street, (exact or plain)[0])
            return place if exact else replace(place, doubts=("suffix",))
        doors = [row for row in rows if self.civics.is_seen(row)]
        if not doors:
            return None
        place = self._civic_place(street, doors[0])
        apart = np.hypot(self.civics.x[doors] - place.x, self.civics.y[doors] - place.y)
        error = place.error_metres + float(apart.max())
        return replace(
            place, label=f"{place.street} {address.civic}", civic=None,
            precision="interpolated", error_metres=error,
            doubts=("suffix",) if address.suffix else (),
        )  # fmt: skip

    def _nearly(self, address: Address, municipio: str | None) -> Place | None:
        # A letter or a first name off: right only where postcode or municipio, and number, agree.
        agreeing = [
            row
            for row in self._index.nearly(address)
            if (address.cap in self._caps[row] or municipio in self._municipi[row])
            and (address.civic is None or self._rows_of(row, address))
        ]
        place = self._place(agreeing[0], address, municipio) if len(agreeing) == 1 else None
        return place and replace(place, likeness=self._index.likeness(address, agreeing[0]))

    def _likely_municipio(self, street: int, address: Address) -> str | None:
        # Of a street through several municipi, the one where the next numbers are.
        start, end = self.civics.start[street : street + 2]
        if address.civic is None or start == end:
            return None
        row = start + int(np.abs(self.civics.number[start:end] - address.civic).argmin())
        municipio: str | None = self.civics.municipio[row]
        return municipio

    def _civic_place(self, street: int, row: int) -> Place:
        civics = self.civics
        number, suffix = int(civics.number[row]), civics.suffix[row]
        label = f"{self.streets[street]} {number}" + (f"/{suffix}" if suffix else "")
        lon, lat = self._degrees[0]
        return Place(
            label, float(lon[row]), float(lat[row]), float(civics.x[row]), float(civics.y[row]),
            civics.precision[row], float(civics.error_metres[row]), civics.municipio[row],
            self.streets[street], number,
        )  # fmt: skip

    def _middle(self, street: int, municipio: str | None) -> Place | None:
        rows = self._middle_rows.get(street, [])
        inside = [row for row in rows if self.middles.municipio[row] == municipio]
        if not rows:
            return None
        # Of the parts in several municipi, the longest stands for the street.
        row = inside[0] if inside else max(rows, key=self.middles.error_metres.__getitem__)
        x, y = float(self.middles.x[row]), float(self.middles.y[row])
        error = max(
            math.hypot(self.middles.x[part] - x, self.middles.y[part] - y)
            + float(self.middles.error_metres[part])
            for part in ([row] if inside else rows)
        )
        name, (lon, lat) = self.streets[street], self._degrees[1]
        at = float(lon[row]), float(lat[row]), x, y
        return Place(name, *at, "street", error, self.middles.municipio[row], name)

    @cached_property
    def _degrees(self) -> list[tuple[Floats, Floats]]:
        """Longitudes and latitudes of all civic numbers and middles, converted together."""
        parts = (self.civics, self.middles)
        return [to_degrees(part.x, part.y, self.epsg) for part in parts]

    @cached_property
    def _middle_rows(self) -> dict[int, list[int]]:
        rows: dict[int, list[int]] = defaultdict(list)
        for row, street in enumerate(self.middles.street.tolist()):
            rows[street].append(row)
        return dict(rows)

    @cached_property
    def _municipi(self) -> list[set[str]]:
        return self._sets(
            self.civics.municipio, zip(self.middles.street, self.middles.municipio, strict=False)
        )

    @cached_property
    def _cap_prefix(self) -> str:
        caps = [cap for cap in self.civics.cap if cap]
        pairs = zip(min(caps, default=""), max(caps, default=""), strict=False)
        return "".join(low for low, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

    @cached_property
    def _caps(self) -> list[set[str]]:
        return self._sets(self.civics.cap, ())

    def _sets(
        self, values: list[str | None], more: Iterable[tuple[int, str | None]]
    ) -> list[set[str]]:
        bounds = zip(self.civics.start[:-1], self.civics.start[1:], strict=True)
        sets = [{value for value in values[start:end] if value} for start, end in bounds]
        for street, value in more:
            if value:
                sets[street].add(value)
        return sets


def _alike(kind: str | None) -> Collection[str | None]:
    """Give the kinds of street for which one is written; none stands for any."""
    if kind is None:
        return (None, *KINDS)
    return ALIKE if kind == "via" else {kind}
