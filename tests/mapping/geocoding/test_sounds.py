"""Names as an ear writes them."""

import pytest

from mapping.errors import UnknownAddressError
from mapping.geocoding.sounds import in_latin, sound, without_way
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
        ("aurtica", "Ortica"), ("aisula", "Isola"), ("austa", "Aosta"),
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
    assert in_latin("شَـــارِع بَادُوفَا") == "via badufa"


@pytest.mark.parametrize(
    "text",
    [
        "شارع بادوفا رقم 61", "قرب شارع بادوفا 61", "شارع بادوفا 61 الطابق الثاني",
        "شَارِع بَادُوفَا 61",
        "شارع بادوفا 61، شقة رقم 5", "بالقرب من شارع بادوفا 61",
    ],
)  # fmt: skip
def test_what_leads_to_a_door_is_left_out_in_arabic(text: str) -> None:
    assert without_way(text) == "شارع بادوفا 61"


@pytest.mark.parametrize("text", ["via Padova 61, piano 2", "وraب", "قرب", "вулиця Падова 61"])
def test_where_nothing_else_is_written_nothing_is_left_out(text: str) -> None:
    assert without_way(text) == text


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
