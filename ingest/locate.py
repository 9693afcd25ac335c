"""Positions of services: the source's own point, else the gazetteer's, each with its precision."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd

from mapping.city import City
from mapping.crs import to_degrees, to_metres
from mapping.disclosure import is_confidential
from mapping.errors import UnknownAddressError
from mapping.geocoding.address import parse
from mapping.geocoding.build_gazetteer import Anchor, Numbering, gazetteer_from_anchors
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.localities import CAPITALS, TOWNS, districts_of
from mapping.geocoding.misspelt import a_letter_away
from mapping.geocoding.named_places import NamedPlace, NamedPlaces
from mapping.geocoding.other_comuni import OtherComuni
from mapping.geocoding.place import Place
from mapping.lookup.namesakes import EXACT
from mapping.lookup.place_search import PlaceSearch
from mapping.lookup.record_addresses import RecordAddresses
from mapping.model import Location, Position, Service
from mapping.territory.areas import Layers
from mapping.text import plain

FAR_METRES = 400.0
"""A published point farther than this from its own address is not believed."""
DOOR_METRES = 50.0
"""A published point farther than this from the surveyed number of its address gives way to it."""
MAX_ALIKE, HALF_ALIKE = 8, 0.5
"""So many streets may confirm a point whose own street no register has, of so like a name."""
_OPPOSITE = re.compile(r"\s+(?:DI )?FRONTE(?: AL?)?\s+(?=N\b)", re.IGNORECASE)
"""Between a street and the number across it: ``V.BOSSOLI FRONTE N.65``."""


@dataclass(frozen=True, eq=False)
class Locator:
    """Places services by the addresses of a city; `surveyed` when the streets are known."""

    city: City
    gazetteer: Gazetteer
    surveyed: bool
    comuni: OtherComuni = field(default_factory=OtherComuni)
    """Those around the city: their bare name is no street."""
    known: Sequence[NamedPlace] = ()
    """Addresses that have a point of their source: a number that contradicts it is doubted."""

    def place(self, service: Service, *, ours: bool) -> Service:
        """Give every location of a service the best position that is known.

        Points that are `ours`, found by this geocoder on an earlier day, are found anew where
        streets are known. A location without a point and without a findable address keeps its
        municipio only.
        """
        anew = ours and self.surveyed
        placed = (self._placed(location, anew=anew) for location in service.locations)
        locations = tuple(placed)
        return without_number(service.model_copy(update={"locations": locations}))

    def _placed(self, location: Location, *, anew: bool) -> Location:
        own = _as_published(location.position) if anew else location.position
        if own.precision == "none":
            place = self._sure_place(location)
            area: Position = Position(precision="area" if location.municipio else "none")
            return location.model_copy(update={"position": _position(place) if place else area})
        # By the addresses of anchors alone a place may be found, and no published point judged.
        place = self._geocoded(location) if self.surveyed else None
        if place is not None:
            position = self._checked(location.cap, own, place)
        elif self.gazetteer.civics.surveyed and location.address:
            position = self._unnamed(location.address, own)
        else:
            return location
        return location.model_copy(update={"position": _beside(own, position)})

    def _sure_place(self, location: Location) -> Place | None:
        """Find a place by the address alone, as the page does: it is not guessed at here either."""
        if not location.address:
            return None
        try:
            return self._addresses.find(
                location.address, municipio=location.municipio, cap=location.cap
            )
        except UnknownAddressError:
            return None

    @cached_property
    def _addresses(self) -> RecordAddresses:
        search = PlaceSearch(self.gazetteer, NamedPlaces(self.known), self.city.epsg, self.comuni)
        return RecordAddresses(self.gazetteer, search)

    def _geocoded(self, location: Location) -> Place | None:
        if not location.address:
            return None
        return self.gazetteer.find(location.address, municipio=location.municipio, cap=location.cap)

    def _checked(self, cap: str | None, own: Position, place: Place) -> Position:
        """Choose between a published point and the place of its address."""
        geocoded = _position(place)
        apart = self._metres_from(own, place)
        error = geocoded.error_metres or 0
        if apart - error <= FAR_METRES:
            if not (self._is_door(place) and own.precision != "premises"):
                return own
            # A surveyed number is no guess. A point that agrees with it is known as well as it is,
            # but for the metres between them.
            near = own.model_copy(
                update={"precision": "civic", "error_metres": round(apart) + error}
            )
            return near if apart <= DOOR_METRES else geocoded
        x, y = self._metres(own)
        if self._is_elsewhere(cap, place, self.gazetteer.reverse(x, y)):
            return geocoded
        # A family goes to the address: where the point contradicts a number whose place is known,
        # the number is believed, a guess never; either is known only as well as the two agree.
        numbered = geocoded.precision == "civic"
        return (geocoded if numbered else own).model_copy(update={"error_metres": round(apart)})

    def _unnamed(self, address: str, own: Position) -> Position:
        """Judge a point whose street no register has: near one that is nearly called so it stays.

        Else the number on the street that is a letter away is believed, a guess, or the point is
        known no better than to that street.
        """
        near = self.gazetteer.search(address, limit=MAX_ALIKE, in_part=True)
        alike = [place for place in near if place.likeness >= HALF_ALIKE]
        apart = {place.label: self._metres_from(own, place) for place in alike}
        if any(apart[place.label] - place.error_metres <= FAR_METRES for place in alike):
            return own
        nearly = a_letter_away(alike, parse(address))
        if len(nearly) == 1:
            error = round(apart[nearly[0].label])
            guess = {"precision": "interpolated", "error_metres": error}
            return _position(nearly[0]).model_copy(update=guess)
        error = round(next(iter(apart.values()), FAR_METRES))
        return own.model_copy(update={"precision": "street", "error_metres": error})

    def _is_door(self, place: Place) -> bool:
        """Whether a place is the surveyed number that was written, word for word."""
        is_exact = place.precision == "civic" and place.confidence == 1
        return is_exact and self.gazetteer.civics.surveyed

    def _metres(self, own: Position) -> tuple[float, float]:
        x, y = to_metres(np.array([own.lon], float), np.array([own.lat], float), self.city.epsg)
        return float(x[0]), float(y[0])

    def _metres_from(self, own: Position, place: Place) -> float:
        x, y = self._metres(own)
        return float(np.hypot(x - place.x, y - place.y))

    def _is_elsewhere(self, cap: str | None, place: Place, near: Place | None) -> bool:
        """Whether the postcode says that a place is right, and a point near another is wrong."""
        municipi = self._municipi_of_cap.get(cap or "", set())
        return near is not None and near.municipio not in municipi and place.municipio in municipi

    @cached_property
    def _municipi_of_cap(self) -> dict[str, set[str]]:
        return self.gazetteer.municipi_of_cap()


def without_number(service: Service) -> Service:
    """Say of each point whose address has no civic number that it is the point of no number."""
    return service.model_copy(update={"locations": tuple(map(_without_number, service.locations))})


def _without_number(location: Location) -> Location:
    """Say of a point whose address has no civic number, or two streets, that it is of no number."""
    position = location.position
    is_number = location.address is None or parse(location.address).civic is not None
    if position.precision != "civic" or is_number:
        return location
    return location.model_copy(
        update={"position": position.model_copy(update={"precision": "street"})}
    )


def _as_published(position: Position) -> Position:
    """Give the publisher's own point, if a row of ours has one, in place of where we found it."""
    if position.published_lon is None:
        return Position()
    return Position(
        lon=position.published_lon,
        lat=position.published_lat,
        precision="civic",
        error_metres=DOOR_METRES,
    )


def _beside(own: Position, position: Position) -> Position:
    """Keep the published point beside a position that is another one."""
    if (own.lon, own.lat) == (position.lon, position.lat):
        return position
    return position.model_copy(update={"published_lon": own.lon, "published_lat": own.lat})


def _position(place: Place) -> Position:
    return Position.model_validate(
        {
            "lon": round(place.lon, 6),
            "lat": round(place.lat, 6),
            "precision": place.precision,
            "error_metres": round(place.error_metres),
        }
    )


def locator(
    city: City,
    layers: Layers,
    lines: gpd.GeoDataFrame | None,
    civics: pd.DataFrame | None,
    anchors: Sequence[Anchor],
    names: pd.DataFrame | None = None,
) -> Locator:
    """Make the locator of a city; without streets it knows the addresses of the anchors only.

    `names` are those of the streets of the register `civics`, by code.
    """
    known = _addressed(anchors, city)
    if lines is None or not layers.outlined:
        return Locator(city, gazetteer_from_anchors(anchors, city), surveyed=False, known=known)
    quarters, comuni = (
        () if layer is None else layer["name"] for layer in (layers.nil, layers.neighbours)
    )
    others = {name for name in comuni if isinstance(name, str)} | CAPITALS | TOWNS
    besides = OtherComuni(far=[name for name in others if plain(name) != plain(city.name)])
    districts = districts_of(quarters, comuni)
    numbering = Numbering(lines, layers.municipi.to_crs(city.epsg), city, districts)
    gazetteer = numbering.gazetteer(civics, anchors, names)
    return Locator(city, gazetteer, surveyed=True, comuni=besides, known=known)


def _addressed(anchors: Sequence[Anchor], city: City) -> list[NamedPlace]:
    """Give the addresses that anchors have with a number, to be known by the whole address only."""
    exact = [anchor for anchor in anchors if anchor.precision in EXACT]
    lon, lat = to_degrees([anchor.x for anchor in exact], [anchor.y for anchor in exact], city.epsg)
    return [
        NamedPlace(
            f"{anchor.text}, {anchor.municipio or ''}", "service", east, north, "",
            anchor.precision, anchor.error_metres, anchor.municipio, detail=anchor.text,
        )
        for anchor, east, north in zip(exact, lon.tolist(), lat.tolist(), strict=True)
    ]  # fmt: skip


def anchors_of(services: Iterable[Service], city: City) -> list[Anchor]:
    """Take the addresses of services that have a point, as precise as their source says.

    Confidential services give none: an anchor is published as an address.
    """
    places = [
        location
        for service in services
        if not is_confidential(service)
        for location in service.locations
        if location.address and location.position.lon is not None
    ]
    lon = np.array([location.position.lon for location in places], float)
    lat = np.array([location.position.lat for location in places], float)
    x, y = to_metres(lon, lat, city.epsg)
    return [
        Anchor(
            str(location.address),
            float(x[row]),
            float(y[row]),
            location.municipio,
            location.position.precision,
            float(location.position.error_metres or 0),
        )
        for row, location in enumerate(places)
    ]


def anchors_at(stops: pd.DataFrame, city: City) -> list[Anchor]:
    """Take stops whose name, or whose address, says before which number they stand: `civic`."""
    names = stops["address"].fillna(stops["name"]) if "address" in stops else stops["name"]
    named = stops.assign(name=names.astype("string").str.replace(_OPPOSITE, " ", regex=True))
    named = named[named["name"].notna()].drop_duplicates(["name", "lon", "lat"])
    x, y = to_metres(named["lon"].to_numpy(float), named["lat"].to_numpy(float), city.epsg)
    return [
        Anchor(str(name), float(east), float(north))
        for name, east, north in zip(named["name"], x, y, strict=True)
    ]
