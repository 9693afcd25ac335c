"""Names as an ear writes them."""

import pytest

from mapping.errors import UnknownAddressError
from mapping.geocoding.sounds import in_latin, sound
from mapping.lookup.place_names import indexed
from mapping.lookup.place_search import PlaceSearch
from tests.mapping.drawn_city import MILANO
from tests.mapping.geocoding.test_wrong_addresses import drawn_streets


@pytest.mark.parametrize(
    ("heard", "name"),
    [
        ("silinonti", "Selinunte"), ("badofa", "Padova"), ("bandi niri", "Bande Nere"),
        ("lurintigiu", "Lorenteggio"), ("kiesa", "Chiesa"), ("filippo", "filibu"),
        ("giambelino", "Giambellino"), ("kuarto", "Quarto"), ("bolonia", "Bologna"),
    ],
)  # fmt: skip
def test_names_that_sound_alike_are_one(heard: str, name: str) -> None:
    assert sound(heard) == sound(name)


@pytest.mark.parametrize(("one", "other"), [("Torino", "Trento"), ("Monza", "Mosca"), ("", "a")])
def test_names_that_sound_apart_are_two(one: str, other: str) -> None:
    assert sound(one) != sound(other)


def test_arabic_letters_are_written_in_latin_ones_and_others_are_left() -> None:
    assert in_latin("شارع بادوفا 61") == "via badufa 61"
    assert in_latin("الدومو") == "dumu"
    assert in_latin("via Padova 61") is None
    assert in_latin("вулиця Падова 61") is None


def test_what_was_only_heard_is_asked_about() -> None:
    search = PlaceSearch(drawn_streets(), indexed([]), MILANO.epsg)
    for typed, reason in (("شارع بادوفا 61", "alphabet"), ("via badofa 61", None)):
        with pytest.raises(UnknownAddressError) as caught:
            search.find(typed)
        assert caught.value.candidates[0] == "Via Padova 61"
        assert caught.value.reason == reason
    with pytest.raises(UnknownAddressError) as caught:
        search.find("via badofa 61, Torino")
    assert caught.value.candidates == []
