"""Who needs help at once is told to call 112, in any language; a street stays a street."""

import pytest

from mapping.errors import UnknownAddressError
from mapping.lookup.emergencies import is_emergency, is_nothing_else
from mapping.lookup.place_names import indexed
from mapping.lookup.place_search import PlaceSearch
from tests.mapping.drawn_city import MILANO
from tests.mapping.geocoding.test_wrong_addresses import drawn_streets
from tests.mapping.lookup.test_whole_reading import services

CALLS = [
    "emergency", "emergency hospital", "soccorso", "pronto socorso", "prontosoccorso", "emergenza",
    "112", "118", "ambulanza", "anbulanza", "urgence", "urgencias", "إسعاف", "اسعاف", "سيارة إسعاف",
    "المستعجلات", "طوارئ", "الطوارئ", "طوارىء", "مستشفى طوارئ", "невідкладна допомога", "швидка",
    "জরুরি বিভাগ", "অ্যাম্বুলেন্স", "急诊", "急診", "急诊室", "救护车", "polizia", "شرطة", "police",
]  # fmt: skip


@pytest.fixture(scope="module")
def search() -> PlaceSearch:
    houses = services(
        "ospedale",
        ("Casa di cura Soccorso", "via Pavia, 3", 9.1),
        ("Clinica Emergenza", "via Pavia, 5", 9.1),
    )
    streets = drawn_streets(("VIA SOCCORSO", "VIA DEL PRONTO SOCCORSO", "VIA DELLA TEMPERANZA"))
    return PlaceSearch(streets, indexed(houses), MILANO.epsg)


@pytest.mark.parametrize("text", CALLS)
def test_who_needs_help_at_once_is_told_so_and_offered_nothing(search, text):
    assert search.reason(text) == "emergency"
    assert not search.places(text, 5)
    with pytest.raises(UnknownAddressError) as refused:
        search.find(text)
    assert (refused.value.reason, refused.value.candidates) == ("emergency", [])


@pytest.mark.parametrize(
    "text", ["via Soccorso", "v. Soccorso", "via del Pronto Soccorso", "via della Temperanza"]
)
def test_a_street_that_is_called_so_is_found_with_its_type(search, text):
    assert search.find(text).kind == "address"
    assert not is_emergency(text)


@pytest.mark.parametrize(
    "text",
    ["via Padova 118", "polizia locale", "mutuo soccorso", "pulizia", "Poliziano", "16 6 26"],
)
def test_what_only_has_such_a_word_or_number_is_no_emergency(text):
    assert not is_emergency(text)


def test_a_hospital_that_is_named_is_looked_for():
    assert is_emergency("pronto soccorso Disegnato")
    assert not is_nothing_else("pronto soccorso Disegnato")
