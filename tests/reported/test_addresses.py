"""Addresses as people write them, where geocoders and parsers of addresses were reported wrong."""

import pytest

from mapping.errors import UnknownAddressError
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.written_point import written_point
from tests.mapping.geocoding.test_wrong_addresses import drawn_streets
from tests.reported.kind import Kind

STREETS = (
    "PIAZZA CINQUE GIORNATE", "VIA QUATTRO NOVEMBRE", "PIAZZA SECONDO ALPINI", "VIALE CERTOSA",
    "VIA RIALTO", "VIA DIVISIONE FOLGORE", "ALZAIA NAVIGLIO GRANDE", "PIAZZALE LORETO",
)  # fmt: skip
PADOVA = "Via Padova 61"
REFUSED = None

KINDS = [
    Kind("openvenues/libpostal#613", "a letter behind a stroke, town and postcode last",
         "via Divisione Folgore 5/B Milano 20100", "Via Divisione Folgore 5"),
    Kind("openvenues/libpostal#664", "the number glued to its word",
         "via Rialto n.10, 20100 Milano", "Via Rialto 10"),
    Kind("openvenues/libpostal#176", "a numeral in Roman digits of two letters",
         "via IV Novembre 3", "Via Quattro Novembre 3"),
    Kind("openvenues/libpostal#176", "a numeral in Arabic digits",
         "via 4 Novembre 3", "Via Quattro Novembre 3"),
    Kind("openvenues/libpostal#176", "a numeral of a single Roman letter",
         "p.zza V Giornate 3", "Piazza Cinque Giornate 3"),
    Kind("openvenues/libpostal#176", "an ordinal in digits with its sign",
         "piazza 2° Alpini 3", "Piazza Secondo Alpini 3"),
    Kind("openvenues/libpostal#176", "an ordinal in Roman digits",
         "piazza II Alpini 3", "Piazza Secondo Alpini 3"),
    Kind("openvenues/libpostal#510", "a range of numbers before the postcode",
         "via Padova 61-63 20120 Milano", PADOVA),
    Kind("openvenues/libpostal#45", "a number of five digits, taken for a postcode",
         "via Padova 99999", REFUSED),
    Kind("openvenues/libpostal#27", "postcode and town twice",
         "via Padova 61 20120 Milano 20120 Milano", PADOVA),
    Kind("openvenues/pypostal#102", "postcode and town before the street",
         "20120 Milano, via Padova 61", PADOVA),
    Kind("openvenues/libpostal#57", "a short form of a rarer kind of street",
         "alz. Naviglio Grande 4", "Alzaia Naviglio Grande 4"),
    Kind("mapsme/omim#11357", "piazzale, in its short form",
         "p.le Loreto 3", "Piazzale Loreto 3"),
    Kind("OpenCageData/address-formatting#98", "no comma, and the province in brackets",
         "via Padova 61 20120 Milano (MI)", PADOVA),
    Kind("OpenCageData/address-formatting#98", "no number, said with a stroke",
         "viale Certosa s/n, 20120 Milano", "Viale Certosa"),
    Kind("pelias/api#655", "the number before the street",
         "61 via Padova, Milano", PADOVA),
    Kind("osm-search/Nominatim#2021", "a letter that the register lacks",
         "via Padova 61/c", PADOVA),
    Kind("osm-search/Nominatim#334", "a blank between number and letter",
         "via Padova 61 B", PADOVA),
    Kind("osm-search/Nominatim#845", "two numbers joined by a hyphen",
         "via Padova 61-65", PADOVA),
    Kind("alltheplaces/alltheplaces#11859", "two numbers joined by a stroke",
         "via Padova 15/16", "Via Padova 15"),
    Kind("osm-search/Nominatim#1399", "the number of an office behind that of the house",
         "via Padova 61 #225, Milano", PADOVA),
    Kind("osm-search/Nominatim#3171", "a word for a part of the building",
         "via Padova 61 corpo B scala rossa", PADOVA),
    Kind("pickware/address-splitter#26", "a word, and a sign, for the number",
         "via Padova \u2116 61", PADOVA),
    Kind("pickware/address-splitter#9", "a suffix of two letters is never guessed",
         "via Padova 3HS", REFUSED),
    Kind("italia/anpr#1627", "civic number nought",
         "viale Certosa 0", "Viale Certosa"),
    Kind("osmose-qa/osmose-backend#507", "a square is a street too",
         "Piazza Secondo Alpini", "Piazza Secondo Alpini"),
    Kind("thephpleague/geotools#62", "letters with an accent",
         "Vía Pàdova 61", PADOVA),
    Kind("openvenues/libpostal#664", "a word that is nearly another town's",
         "via Padova 61 Vicenza", REFUSED),
    Kind("pelias/pelias#419", "the name of the quarter behind",
         "via Padova 61, Crescenzago", PADOVA),
    Kind("osm-search/Nominatim#826", "a number that is not in the register, near one that is",
         "via Padova 71, 20120 Milano", "Via Padova"),
    Kind("datamade/usaddress#322", "a name of the place before the street",
         "Biblioteca, via Padova 61", PADOVA),
    Kind("openvenues/libpostal#607", "whose door it is, before the street",
         "c/o Biblioteca, via Padova 61", PADOVA),
    Kind("alexreisner/geocoder#1013", "the city in another language",
         "via Padova 61, Milan, Italy", PADOVA),
]  # fmt: skip
POINTS = [
    Kind("komoot/leaflet.photon#13", "coordinates in the box for addresses",
         "45.4642, 9.19", (9.19, 45.4642)),
    Kind("cachly/issues-tracker#2481", "coordinates without a comma between them",
         "45.4642 9.1900", (9.19, 45.4642)),
    Kind("cachly/issues-tracker#4661", "coordinates in brackets",
         "(45.4642, 9.1900)", (9.19, 45.4642)),
    Kind("cachly/issues-tracker#2987", "a line end between coordinates",
         "45.4642,\r\n9.1900\n", (9.19, 45.4642)),
    Kind("cachly/issues-tracker#5121", "minutes and seconds, with typographic signs",
         "45°27\u203251\u2033N 9°11\u203224\u2033E", (9.19, 45.464167)),
    Kind("komoot/leaflet.photon#13", "a number alone is no point", "45.4642", REFUSED),
]  # fmt: skip


@pytest.fixture(scope="module")
def drawn() -> Gazetteer:
    return drawn_streets(STREETS)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_an_address_is_found_or_refused(drawn: Gazetteer, kind: Kind) -> None:
    try:
        label = drawn.geocode(kind.example).label
    except UnknownAddressError:
        label = REFUSED
    assert label == kind.right


@pytest.mark.parametrize("kind", POINTS, ids=str)
def test_coordinates_are_a_point(kind: Kind) -> None:
    point = written_point(kind.example)
    assert point == (kind.right and pytest.approx(kind.right, abs=1e-6))
