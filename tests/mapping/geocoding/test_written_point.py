"""Points as people paste them: coordinates in any dress, and the links of maps."""

import sys
import unicodedata

import pytest

from mapping.errors import UnknownAddressError
from mapping.geocoding.address import parse
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.named_places import name_words
from mapping.geocoding.written_point import written_point
from mapping.lookup.place_names import indexed
from mapping.lookup.place_search import PlaceSearch
from tests.mapping.drawn_city import MILANO
from tests.mapping.geocoding.test_wrong_addresses import drawn_streets

LON, LAT = 9.22449, 45.49216
VISIBLE_SIGNS = ("ARABIC", "SYRIAC", "KAITHI", "EGYPTIAN")
"""Signs that Unicode counts among those for steering, and that are drawn."""


@pytest.fixture(scope="module")
def drawn() -> Gazetteer:
    return drawn_streets()


@pytest.mark.parametrize(
    "text",
    [
        "45.49216,9.22449,", "45.49216, 9.22449.", "9.22449;45.49216", "45.49216|9.22449",
        '{"lat": 45.49216, "lng": 9.22449}', "POINT(9.22449 45.49216)", "'45.49216, 9.22449'",
        "SRID=4326;POINT (9.22449 45.49216)", "lat=45.49216&lon=9.22449",
        "\u201c45.49216 9.22449\u201d", "N45.49216 E9.22449",
        "45.49216° N, 9.22449° E", "Coordinate: 45,49216 9,22449",
        "45° 29.5296' N, 9° 13.4694' E", "N 45° 29.5296' E 009° 13.4694'",
        "N45°29'31.776\" E9°13'28.164\"", "45º29'31.776\"N 9º13'28.164\"E",
        "\u200e45.49216,\u200e 9.22449\u202c", "45.49216,\u00a09.22449", "٤٥.49216، ٩.22449",
    ],
)  # fmt: skip
def test_coordinates_are_read_whatever_is_written_around_them(text: str) -> None:
    assert written_point(text) == pytest.approx((LON, LAT), abs=1e-5)


@pytest.mark.parametrize(
    "link",
    [
        "https://www.google.com/maps/@45.49216,9.22449,17z",
        "https://maps.google.com/?q=45.49216,9.22449",
        "maps.google.com/?q=loc:45.49216+9.22449",
        "https://www.google.com/maps/search/?api=1&query=45.49216%2C9.22449",
        "https://www.google.com/maps/place/Biblioteca/@45.1,9.1,17z/data=!3m1!8m2!3d45.49216!4d9.22449!16s",
        "https://www.google.com/maps/embed?pb=!1m18!1m3!1d2796!2d9.22449!3d45.49216!2m3",
        "https://maps.apple.com/?ll=45.49216,9.22449&q=Segnaposto",
        "https://www.openstreetmap.org/#map=17/45.49216/9.22449",
        "https://www.openstreetmap.org/?mlat=45.49216&mlon=9.22449#map=17/45.1/9.1",
        "https://osmand.net/map?pin=45.49216,9.22449#17/45.1/9.1",
        "https://osmand.net/go?lat=45.49216&lon=9.22449&z=17",
        "https://www.bing.com/maps?cp=45.49216~9.22449&lvl=16",
        "https://www.waze.com/ul?ll=45.49216%2C9.22449&navigate=yes",
        "https://yandex.com/maps/?ll=9.22449%2C45.49216&z=17",
        "https://share.here.com/l/45.49216,9.22449",
        "geo:45.49216,9.22449?z=17", "geo:0,0?q=45.49216,9.22449(Biblioteca)",
        "comgooglemaps://?center=45.49216,9.22449&zoom=14",
        "La mia posizione: https://maps.google.com/?q=45.49216,9.22449",
    ],
)  # fmt: skip
def test_the_point_of_a_link_is_read_and_its_pin_comes_before_its_view(link: str) -> None:
    assert written_point(link) == pytest.approx((LON, LAT), abs=1e-5)


@pytest.mark.parametrize(
    "text", ["", "9", "20127", "via Padova 61", "via Padova 61, 20127", "45.49, 9.22, 3.2", "geo:"]
)
def test_what_is_no_two_coordinates_is_no_point(text: str) -> None:
    assert written_point(text) is None


def test_a_link_without_a_point_is_said_and_an_address_beside_one_is_read(drawn: Gazetteer) -> None:
    search = PlaceSearch(drawn, indexed([]), MILANO.epsg)
    link = "https://maps.app.goo.gl/AbCd"
    with pytest.raises(UnknownAddressError, match="a link without a point") as caught:
        search.find(link)
    assert caught.value.reason == search.reason(link) == "link"
    assert search.places(link, 5) == []
    assert search.find(f"Via Padova 61, 20120 Milano {link}").label == "Via Padova 61"


def test_the_decimals_of_a_coordinate_are_no_postcode(drawn: Gazetteer) -> None:
    search = PlaceSearch(drawn, indexed([]), MILANO.epsg)
    assert parse("45.49216").cap is None
    assert search.reason("45.49216") is None
    assert parse("via Padova 61,20127").cap == "20127"


def test_what_cannot_be_seen_changes_no_address(drawn: Gazetteer) -> None:
    every = map(chr, range(sys.maxunicode + 1))
    unseen = [
        sign
        for sign in every
        if unicodedata.category(sign) == "Cf"
        and not unicodedata.name(sign, "").startswith(VISIBLE_SIGNS)
    ] + ["\u061c", "\ufe0f", "\u034f", "\u00ad"]
    assert len(unseen) > 100
    search, right = PlaceSearch(drawn, indexed([]), MILANO.epsg), parse("via Padova, 61, Milano")
    for sign in unseen:
        text = f"{sign}via {sign}Pa{sign}dova,{sign} {sign}6{sign}1,{sign} Milano{sign}"
        assert parse(text) == right
        assert name_words(text) == name_words("via Padova, 61, Milano")
    for sign in ("\u200e", "\u2068", "\ufeff", "\u200b"):
        text = f"{sign}via {sign}Padova,{sign} {sign}61,{sign} {sign}Milano"
        assert (search.find(text).label, search.places(text, 5)[0].label) == ("Via Padova 61",) * 2
    assert drawn.geocode("\u200fMilano, via Padova 61").label == "Via Padova 61"
    assert parse("via Padova\u060c ٦١") == parse("via Padova, 61")
    assert parse("via\u2028Padova\u3164 61") == parse("via Padova 61")
