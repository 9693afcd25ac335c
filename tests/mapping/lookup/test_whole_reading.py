"""Every word that was written counts: none is dropped from what passes for exact."""

import pytest

from mapping.errors import AmbiguousAddressError, UnknownAddressError
from mapping.geocoding.named_places import NamedPlace
from mapping.geocoding.other_comuni import OtherComuni
from mapping.geocoding.written_point import point_near, short_plus_code, written_point
from mapping.lookup.place_names import indexed
from mapping.lookup.place_search import PlaceSearch
from tests.mapping.drawn_city import MILANO
from tests.mapping.geocoding.test_wrong_addresses import drawn_streets

PADOVA = "Via Padova 61"
CLINIC, HOSPITAL = "San Vero, via Pavia, 3", "Ospedale S. Vero Inventato, via Bergamo, 9"
COMUNI = OtherComuni(
    ["San Disegnato Milanese", "Novate Prova", "Opera"], ["Padova"], "MI", "Milano"
)


def services(category: str, *rows: tuple[str, str, float]) -> list[NamedPlace]:
    return [
        NamedPlace(name, "service", lon, 45.4, name, "civic", 15.0, "2", category, detail=detail)
        for name, detail, lon in rows
    ]


@pytest.fixture(scope="module")
def search() -> PlaceSearch:
    hospitals = services(
        "ospedale",
        ("San Vero", "via Pavia, 3", 9.1),
        ("Ospedale S. Vero Inventato", "via Bergamo, 9", 9.2),
        ("Casa di cura Sola", "via Padova, 5", 9.3),
        ("Ospedale Disegnato", "via Padova, 7", 9.4),
    )
    nidi = [(f"Asilo nido via {name}", "", 9.1) for name in ("Una", "Dua", "Tria")]
    stations = [
        NamedPlace(f"Stazione {name}", "station", lon, 45.4, name)
        for name, lon in (("Lambrate", 9.2), ("Milano Centrale", 9.3))
    ]
    named = [*hospitals, *services("nido", *nidi), *stations]
    gazetteer = drawn_streets(("VIA AMORETTI", "VIA SAN TOMASO", "VIALE CARLO ROMANO"))
    return PlaceSearch(gazetteer, indexed(named), MILANO.epsg, COMUNI)


@pytest.mark.parametrize(
    "text", ["pronto soccorso san vero", "clinica san vero", "ospedale san vero", "san vero"]
)
def test_a_private_house_is_not_taken_for_the_hospital_of_its_name(search, text):
    with pytest.raises(AmbiguousAddressError) as refused:
        search.find(text)
    assert refused.value.candidates == [HOSPITAL, CLINIC]
    shown = [place for place in search.places(text, 5) if place.category == "ospedale"]
    assert [place.label for place in shown] == [HOSPITAL, CLINIC]
    assert all(place.confidence < 0.9 for place in shown)


@pytest.mark.parametrize("text", ["policlinico", "ospedale policlinico"])
def test_a_private_house_comes_behind_the_hospital_of_which_it_has_a_word(text):
    named = services(
        "ospedale",
        ("Casa di cura del Policlinico", "via Pavia, 3", 9.1),
        ("Ospedale Inventato Policlinico", "via Bergamo, 9", 9.2),
    )
    search = PlaceSearch(drawn_streets(), indexed(named), MILANO.epsg)
    first, second = search.places(text, 5)
    assert (first.label, second.label) == (
        "Ospedale Inventato Policlinico, via Bergamo, 9",
        "Casa di cura del Policlinico, via Pavia, 3",
    )
    assert second.confidence <= first.confidence < 0.9
    assert search.find("casa di cura del policlinico").label == second.label


def test_a_station_that_is_called_after_a_hospital_comes_behind_it():
    named = services(
        "ospedale",
        ("Casa di cura del Policlinico", "via Pavia, 3", 9.1),
        ("Ospedale Inventato Vero Policlinico", "via Bergamo, 9", 9.2),
    )
    named.append(
        NamedPlace("Stazione Prova-Policlinico", "station", 9.2, 45.4, "Prova-Policlinico")
    )
    search = PlaceSearch(drawn_streets(), indexed(named), MILANO.epsg)
    assert search.places("policlinico", 3)[0].label == (
        "Ospedale Inventato Vero Policlinico, via Bergamo, 9"
    )
    assert search.find("metro policlinico").label == "Stazione Prova-Policlinico"


@pytest.mark.parametrize("text", ["طوارئ سان فيرو", "مستشفى سان فيرو", "سان فيرو"])
def test_hospitals_come_first_in_arabic_letters_too(search, text):
    shown = [place for place in search.places(text, 5) if place.category == "ospedale"]
    assert [place.label for place in shown] == [HOSPITAL, CLINIC]


@pytest.mark.parametrize("name", ["mangiagalli", "pediatrico"])
def test_of_an_emergency_no_house_is_offered_for_a_part_of_the_words(search, name):
    text = f"pronto soccorso {name}"
    assert not [place for place in search.places(text, 5) if place.category == "ospedale"]
    with pytest.raises(UnknownAddressError) as refused:
        search.find(text)
    assert not {HOSPITAL, CLINIC} & set(refused.value.candidates)


def test_who_asks_for_an_emergency_room_is_told_so_whatever_is_found(search):
    for text in ("pronto soccorso", "pronto soccorso disegnato", "emergency room", "طوارئ"):
        assert search.reason(text) == "emergency"
    for text in ("pronto soccorso", "pronto soccorso pediatrico"):
        with pytest.raises(UnknownAddressError) as refused:
            search.find(text)
        assert refused.value.reason == "emergency"
    assert search.reason("ospedale disegnato") is None


def test_an_institute_is_not_taken_for_an_emergency_room():
    named = services("ospedale", ("Fondazione IRCCS Inventata", "via Pavia, 3", 9.1))
    search = PlaceSearch(drawn_streets(), indexed(named), MILANO.epsg)
    with pytest.raises(AmbiguousAddressError):
        search.find("pronto soccorso inventata")


def test_a_name_with_a_comma_is_one_name():
    named = services("italiano_l2", ("Inventata, italiano per tutte", "via Pavia, 3", 9.1))
    search = PlaceSearch(drawn_streets(), indexed(named), MILANO.epsg)
    label = "Inventata, italiano per tutte, via Pavia, 3"
    assert search.find("Inventata, italiano per tutte").label == label
    assert [place.label for place in search.places("Inventata, italiano per tutte", 1)] == [label]


def test_of_an_emergency_only_what_calls_itself_a_hospital_is_taken(search):
    assert search.find("pronto soccorso disegnato").label == "Ospedale Disegnato, via Padova, 7"
    assert search.find("clinica sola").label == "Casa di cura Sola, via Padova, 5"
    with pytest.raises(UnknownAddressError) as refused:
        search.find("pronto soccorso sola")
    assert (refused.value.reason, refused.value.candidates) == ("emergency", [])
    assert not search.places("pronto soccorso sola", 5)


@pytest.mark.parametrize(
    "text",
    [
        "San Disegnato Milanese via San Tomaso 5", "Novate via Amoretti 1", "Opera v.le Romano 3",
        "Novate, via Amoretti 1", "via Amoretti 1, Novate", "Opera piazza Roma", "Opera: via Roma",
    ],
)  # fmt: skip
def test_nothing_of_the_city_is_offered_for_an_address_elsewhere(search, text):
    assert search.places(text, 5) == []
    assert search.reason(text) == "elsewhere"
    with pytest.raises(UnknownAddressError) as refused:
        search.find(text)
    assert (refused.value.reason, refused.value.candidates) == ("elsewhere", [])


@pytest.mark.parametrize("text", ["asilo via padova", "nido via padova", "asilo nido via pavia"])
def test_the_street_that_was_written_comes_before_services_of_others(search, text):
    street, *others = search.places(text, 5)
    assert street.label == f"Via {text.rpartition(' ')[2].title()}"
    assert all(place.confidence <= street.confidence for place in others)


@pytest.mark.parametrize(
    "text",
    [
        "Padova, 61", "PADOVA (VIA) 61", "via padova sessantuno", "via padova, sessantuno",
        "VIA_PADOVA_61", "via+Padova+61", "via%20Padova%2061", "via padova numero sessantuno",
    ],
)  # fmt: skip
def test_a_number_is_read_however_it_is_written(search, text):
    assert search.find(text).label == PADOVA
    first, *_ = search.places(text, 5)
    # The streets are drawn, and their numbers estimated along them.
    assert (first.label, first.confidence, first.doubts) == (PADOVA, 0.9, ())


def test_a_number_that_is_a_name_stays_one(search):
    assert search.find("via cinque maggio").street == "Via Cinque Maggio"


def test_of_two_streets_with_a_comma_none_is_dropped(search):
    # Where they meet is known of no estimated number.
    with pytest.raises(UnknownAddressError) as refused:
        search.find("via padova, via pavia")
    assert refused.value.reason == "crossing"
    assert {"Via Padova", "Via Pavia"} <= set(refused.value.candidates)
    assert search.find("via padova, 61, via pavia").label == PADOVA


def test_a_plus_code_is_a_point():
    assert written_point("8FQFF6RF+VQ") == pytest.approx((9.224438, 45.492188), abs=1e-6)
    assert written_point("8fqff6rf+vq.") == written_point("8FQFF6RF+VQ")
    for text in ("F6RF+VQ", "8FQFF6RF+V", "8FQFF6RA+VQ"):
        assert written_point(text) is None


@pytest.mark.parametrize("near", [(9.19, 45.46), (8.8, 45.9), (9.7, 44.999)])
def test_a_short_plus_code_is_the_nearest_of_its_points(near):
    assert short_plus_code("F6RF+VQ Prova, MI") == ("F6RFVQ", "Prova, MI")
    assert short_plus_code("f6rf+vq") == ("f6rfvq", "")
    assert point_near("F6RFVQ", near) == pytest.approx((9.224438, 45.492188), abs=1e-6)
    for text in ("via+Padova+61", "F6RF+VQ 5", "padova+61"):
        assert short_plus_code(text) is None


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("محطة لامبراتي", "Stazione Lambrate"),
        ("لامبراتي", "Stazione Lambrate"),
        ("محطة ميلانو المركزية", "Stazione Milano Centrale"),
        ("مستشفى ديسينياتو", "Ospedale Disegnato, via Padova, 7"),
        ("شارع بادوفا 61", PADOVA),
    ],
)
def test_places_are_known_by_ear_as_streets_are_and_never_taken(search, text, label):
    first, *_ = search.places(text, 5)
    assert first.label == label
    assert 0.5 < first.confidence < 0.9
    with pytest.raises(UnknownAddressError) as refused:
        search.find(text)
    assert (refused.value.reason, refused.value.candidates[0]) == ("alphabet", label)
