"""A street, a stop or a service that has the name of another comune is not in that comune."""

import pytest

from mapping.errors import UnknownAddressError
from mapping.geocoding.other_comuni import OtherComuni
from mapping.lookup.place_names import indexed
from mapping.lookup.place_search import PlaceSearch
from tests.mapping.drawn_city import MILANO
from tests.mapping.geocoding.test_wrong_addresses import drawn_streets
from tests.mapping.lookup.test_whole_reading import services

COMUNI = OtherComuni(["Meda", "Opera"], ["Crema", "Lodi", "Aosta", "Sesto San Giovanni"], "MI")


@pytest.fixture(scope="module")
def search() -> PlaceSearch:
    streets = ("PIAZZA FILIPPO MEDA", "PIAZZA DUCA D'AOSTA", "CORSO LODI")
    named = [
        *services("farmacia", ("Farmacia Prova", "via Crema, 17", 9.1)),
        *services("scuola_primaria", ("Scuola Disegnata", "via Padova, 3", 9.2)),
    ]
    return PlaceSearch(drawn_streets(streets), indexed(named), MILANO.epsg, COMUNI)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("viale Filippo Meda", "Piazza Filippo Meda"),
        ("via Duca d'Aosta 5", "Piazza Duca D'Aosta"),
        ("farmacia Crema", "Farmacia Prova, via Crema, 17"),
        ("scuola Lodi", "Corso Lodi"),
    ],
)
def test_what_the_city_has_is_asked_about_in_list_and_answer(search, text, label):
    assert any(place.label.startswith(label) for place in search.places(text, 5))
    assert search.reason(text) is None
    with pytest.raises(UnknownAddressError) as refused:
        search.find(text)
    assert refused.value.reason != "elsewhere"
    assert any(each.startswith(label) for each in refused.value.candidates)


@pytest.mark.parametrize(
    "text",
    ["via Padova 61, Lodi", "farmacia Sesto San Giovanni", "farmacia Opera", "via Roma Crema"],
)
def test_what_the_city_has_not_is_elsewhere_in_list_and_answer(search, text):
    assert not search.places(text, 5)
    assert search.reason(text) == "elsewhere"
    with pytest.raises(UnknownAddressError) as refused:
        search.find(text)
    assert refused.value.reason == "elsewhere"
