"""The street that the words fit comes first, whatever number it has, in the list as on the page."""

import numpy as np
import pytest

from mapping.errors import AmbiguousAddressError, UnknownAddressError
from mapping.geocoding.civics import Civics, Middles
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.localities import Localities
from mapping.geocoding.named_places import NamedPlace
from mapping.lookup.place_names import indexed
from mapping.lookup.place_search import PlaceSearch
from tests.mapping.drawn_city import MILANO
from tests.mapping.geocoding.test_wrong_addresses import X, Y

NUMBERS = {
    "Via Giuseppe Bardelli": (1, 3),
    "Via Giuseppe Barellai": (1, 2, 3),
    "Via Achille Marazza": (1, 2),
    "Via Achille Zezon": (4, 5),
    "Via Melchiorre Gioia": (1, 2),
    "Via Melchiorre Delfico": (10, 11),
    "Via Giuseppe Mazzini": (4, 6, 7),
    "Via Antonio Bazzini": (1, 3),
    "Via Lorenteggio": tuple(range(1, 60)),
    "Via Lorenzo Prova": tuple(range(1, 50)),
    "Via Lorenzo Inventato": tuple(range(1, 40)),
    "Piazza Gian Lorenzo Vero": tuple(range(1, 30)),
    "Piazzale Loreto": (1, 2),
    "Via Anselmo da Baggio": tuple(range(1, 9)),
    "Via Francesco Caracciolo": tuple(range(20, 40)),
    "Via dei Carracci": (1, 2),
    "Via Mauro Macchi": (5,),
    "Via Emilio de Marchi": (1, 2),
    "Via Tibaldi": (1, 2),
    "Piazzale Stazione Prova": (1, 2),
}
"""The streets of a drawn city, a kilometre apart, and their civic numbers."""
DOOR = (9.151, 45.451)


@pytest.fixture(scope="module")
def streets() -> Gazetteer:
    rows = [(row, number) for row, own in enumerate(NUMBERS.values()) for number in own]
    street, number = (np.array(column) for column in zip(*rows, strict=True))
    size, count = len(rows), len(NUMBERS)
    civics = Civics(
        np.searchsorted(street, np.arange(count + 1)), number, [None] * size, ["2"] * size,
        [None] * size, X + 20.0 * number, Y + 1000.0 * street, ["civic"] * size,
        np.full(size, 15.0), surveyed=True,
    )  # fmt: skip
    across = Y + 1000.0 * np.arange(count)
    middles = Middles(
        np.arange(count), ["2"] * count, np.full(count, X), across, np.full(count, 100.0)
    )
    return Gazetteer(Localities("Milano"), MILANO.epsg, list(NUMBERS), civics, middles)


@pytest.fixture(scope="module")
def search(streets: Gazetteer) -> PlaceSearch:
    named = [
        NamedPlace("Casa di cura Inventata", "service", 9.1, 45.4, "Casa di cura Inventata",
                   category="ospedale", detail="via Mauro Macchi, 5"),
        NamedPlace("Stazione Loreto", "station", 9.2, 45.4, "Loreto"),
        NamedPlace("Cpia 5 Prova", "school", 9.3, 45.4, "Cpia 5 Prova"),
        NamedPlace("Npia Prova", "service", 9.4, 45.4, "Npia Prova", category="uonpia"),
        NamedPlace("Scuola secondaria di 1° grado", "service", 9.5, 45.4, "Scuola di 1° grado",
                   category="scuola_secondaria_1", detail="via Tibaldi, 1"),
    ]  # fmt: skip
    return PlaceSearch(streets, indexed(named), MILANO.epsg)


def asked(search: PlaceSearch, text: str) -> UnknownAddressError:
    with pytest.raises(UnknownAddressError) as caught:
        search.find(text)
    return caught.value


@pytest.mark.parametrize(
    ("typed", "street"),
    [
        ("via giuseppe bardellc 2", "Via Giuseppe Bardelli"),
        ("via achille mnrazza 5", "Via Achille Marazza"),
        ("via Melchiore Gioia 10", "Via Melchiorre Gioia"),
        ("via Mazzini 3", "Via Giuseppe Mazzini"),
        ("via giuseppe barellai 2", "Via Giuseppe Barellai 2"),
    ],
)
def test_the_street_that_the_words_fit_is_worth_most_without_the_number_too(
    search: PlaceSearch, typed: str, street: str
) -> None:
    found = search.places(typed, 5)
    assert found[0].label == street
    assert all(other.confidence < found[0].confidence for other in found[1:])


@pytest.mark.parametrize(
    "typed", ["via giuseppe bardellc 2", "via achille mnrazza 5", "via Melchiore Gioia 10"]
)
def test_what_is_asked_after_sending_is_in_the_order_of_the_list(
    search: PlaceSearch, typed: str
) -> None:
    listed = [place.label for place in search.places(typed, 8)]
    assert asked(search, typed).candidates[: len(listed)] == listed


def test_a_street_without_the_number_offers_its_own_before_one_of_nearly_its_name(
    search: PlaceSearch,
) -> None:
    error = asked(search, "via Mazzini 3")
    assert error.reason == "number"
    own = [f"Via Giuseppe Mazzini {number}" for number in (4, 6, 7)]
    assert error.candidates == [*own, "Via Antonio Bazzini 3"]


def test_a_word_that_goes_on_to_several_names_offers_each(search: PlaceSearch) -> None:
    for typed in ("lore", "p.za lore"):
        assert "Piazzale Loreto" in [place.label for place in search.places(typed, 5)]
    assert "Stazione Loreto" in [place.label for place in search.places("lore", 5)]


@pytest.mark.parametrize("typed", ["1", "0, 0", "61", " 12/3 "])
def test_numbers_alone_offer_nothing(search: PlaceSearch, typed: str) -> None:
    assert search.places(typed, 5) == []
    assert asked(search, typed).candidates == []


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("باجيو", "Via Anselmo da Baggio"),
        ("شارع لورينتيجيو 18", "Via Lorenteggio 18"),
        ("via Carraciolo 30", "Via Francesco Caracciolo 30"),
    ],
)
def test_a_street_is_offered_for_its_sound_while_typing_as_after_sending(
    search: PlaceSearch, typed: str, label: str
) -> None:
    found = search.places(typed, 5)
    assert (found[0].label, found[0].confidence < 1) == (label, True)
    assert asked(search, typed).candidates[0] == label


@pytest.mark.parametrize(
    ("typed", "street"),
    [("clinica de marchi", "Via Emilio de Marchi"), ("stazione tibaldi", "Via Tibaldi")],
)
def test_where_no_place_has_the_name_nothing_far_fetched_is_offered(
    search: PlaceSearch, typed: str, street: str
) -> None:
    found = search.places(typed, 5)
    assert [place.label for place in found] == [street]
    assert found[0].confidence <= 0.4
    assert (asked(search, typed).reason, asked(search, typed).candidates) == ("name", [street])


def test_a_whole_word_of_a_name_comes_before_those_that_are_misspelt(search: PlaceSearch) -> None:
    assert search.places("cpia", 5)[0].label == "Cpia 5 Prova"


@pytest.fixture(scope="module")
def with_services(streets: Gazetteer) -> PlaceSearch:
    places = [
        NamedPlace("Scuola Prova", "service", *DOOR, "Scuola Prova", "civic", 30.0,
                   detail="via Mazzini, 5"),
        NamedPlace("Scuola Altra", "service", *DOOR, "Scuola Altra", "street", 300.0,
                   detail="via Marazza, 9"),
        NamedPlace("Scuola Gioia", "service", *DOOR, "Scuola Gioia", "civic", 30.0,
                   detail="via Gioia, 2"),
    ]  # fmt: skip
    return PlaceSearch(streets, indexed(places), MILANO.epsg)


@pytest.mark.parametrize("typed", ["via mazzini 4", "via mazzini", "mazzini 4", "via bazzini 1"])
def test_nothing_else_is_offered_where_the_words_fit_one_street(search, typed):
    (place,) = search.places(typed, 8)
    assert place.confidence == 1
    assert search.find(typed).label == place.label


@pytest.mark.parametrize(
    ("typed", "most"),
    [
        ("giuseppe sforzesco", 0.4),  # one of two words
        ("bardellonecchia", 0.3),  # none
        ("via loren 12", 0.4),  # a word that no number follows half typed
        ("piazza lorenzo della pace", 0.4),
    ],
)
def test_a_street_that_lacks_a_written_word_is_worth_less(search, typed, most):
    assert all(place.confidence <= most for place in search.places(typed, 8))


def test_an_address_of_the_catalogue_that_the_register_denies_is_that_service(with_services):
    for typed in ("via Mazzini, 5", "via mazzini 5"):
        place = with_services.find(typed)
        assert (place.label, place.kind) == ("Scuola Prova, via Mazzini, 5", "service")
        assert (place.precision, place.error_metres) == ("civic", 30.0)
        assert with_services.places(typed, 5)[0].label == place.label


def test_a_service_whose_place_is_a_guess_does_not_stand_for_a_number(with_services):
    place = with_services.find("via Marazza, 9")
    assert (place.label, place.kind, place.precision) == (
        "Via Achille Marazza", "address", "street",
    )  # fmt: skip


def test_a_number_that_the_register_has_is_its_own(with_services):
    assert with_services.find("via Gioia, 2").label == "Via Melchiorre Gioia 2"


@pytest.mark.parametrize("between", [" / ", "; ", " e ", " - ", ", ", " ", " oppure ", " (", " & "])
def test_two_addresses_in_one_text_are_asked_about(search, between):
    typed = f"via Mazzini 4{between}via Marazza 2"
    labels = ["Via Giuseppe Mazzini 4", "Via Achille Marazza 2"]
    with pytest.raises(AmbiguousAddressError) as several:
        search.find(typed)
    assert several.value.candidates == labels
    listed = search.places(typed, 5)
    assert [place.label for place in listed] == labels
    assert all(place.confidence < 1 for place in listed)


def test_two_doors_of_one_place_are_the_first(search):
    assert search.find("via Mazzini 4, via Mazzini 6").label == "Via Giuseppe Mazzini 4"
