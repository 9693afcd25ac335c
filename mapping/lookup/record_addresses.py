"""The address of a record: placed where the page finds it, and never where the page asks."""

from dataclasses import dataclass

from mapping.errors import AmbiguousAddressError, UnknownAddressError
from mapping.geocoding.address import Address, parse
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.place import Place
from mapping.geocoding.street_corners import addresses_written
from mapping.lookup.no_start import require_start
from mapping.lookup.place_search import PlaceSearch
from mapping.lookup.weighing import is_whole_name

NO_ADDRESS = "It is no address: give the type of street, or the number."


@dataclass(frozen=True, eq=False)
class RecordAddresses:
    """The addresses of a city as records write them, beside a municipio and a postcode."""

    gazetteer: Gazetteer
    search: PlaceSearch

    def find(self, text: str, *, municipio: str | None = None, cap: str | None = None) -> Place:
        """Find the place of an address, of two that are written the first.

        Raises UnknownAddressError, with candidates, where the page would ask: a municipio that
        stands beside the address answers which of several streets is meant.
        """
        written = next(iter(addresses_written(text)), text)
        address = parse(written)
        if address.kind is None and address.civic is None:
            raise UnknownAddressError(text, [self.search.find(written).label], NO_ADDRESS)
        try:
            place = self.gazetteer.geocode(written, municipio=municipio, cap=cap)
        except UnknownAddressError as unknown:
            raise self._as_asked(written, unknown) from None
        if _is_plain(place, address):
            return place
        if self.gazetteer.civics.surveyed:  # else a number that is lacking may well be there
            require_start(self.gazetteer, text, place)
        try:
            self.search.find(f"{written}, {cap}" if cap and not address.cap else written)
        except AmbiguousAddressError:
            if municipio is None or place.municipio != municipio:
                raise
        return place

    def _as_asked(self, written: str, unknown: UnknownAddressError) -> UnknownAddressError:
        """Say of an address that no street has so what the page says, which may find it nearly so.

        What the page takes with a letter wrong its reader sees; of a record it is offered.
        """
        try:
            unknown.candidates = [self.search.find(written).label]
        except UnknownAddressError as error:
            if error.reason or isinstance(error, AmbiguousAddressError):
                return error
            unknown.candidates = error.candidates or unknown.candidates
        return unknown


def _is_plain(place: Place, address: Address) -> bool:
    """Whether a whole name and its number were written, and nothing that may say another place."""
    is_numbered = place.civic is not None and place.civic == address.civic
    is_alone = address.kind is not None and address.locality is None and not place.doubts
    return is_numbered and is_alone and is_whole_name(place, address)
