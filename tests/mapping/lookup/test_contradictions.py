"""What is written beside an address and contradicts it is said; what agrees changes nothing."""

import pytest

from mapping.errors import UnknownAddressError
from mapping.geocoding.localities import CAPITALS, CODES
from mapping.geocoding.named_places import NamedPlace, NamedPlaces
from mapping.geocoding.other_comuni import OtherComuni
from mapping.lookup.place_names import indexed
from mapping.lookup.place_search import PlaceSearch
from tests.mapping.drawn_city import MILANO
from tests.mapping.geocoding.test_wrong_addresses import drawn_streets

COMUNI = OtherComuni(
    ["Opera", "Basiglio", "Magenta"], sorted(CAPITALS - {"milano"}), "MI", "Milano"
)
AREAS = [
    NamedPlace("NIL Turro", "area", 9.2, 45.465, "Turro", "area", 400.0),
    NamedPlace("NIL Corvetto", "area", 9.22, 45.40, "Corvetto", "area", 700.0),
    NamedPlace("NIL Feltre", "area", 9.22, 45.40, "Q.RE FELTRE", "area", 700.0),
    NamedPlace("NIL Porta Romana", "area", 9.2, 45.455, "PTA ROMANA", "area", 400.0),
]
ADDRESS = "via Padova 61"


@pytest.fixture(scope="module")
def search() -> PlaceSearch:
    """Streets in municipio 2; a quarter there, one beside it and one seven kilometres away."""
    return PlaceSearch(drawn_streets(), indexed(AREAS), MILANO.epsg, COMUNI)


def refusal(search: PlaceSearch, text: str) -> UnknownAddressError:
    with pytest.raises(UnknownAddressError) as caught:
        search.find(text)
    return caught.value


@pytest.mark.parametrize(
    "tail",
    [
        ", Genova", " - Magenta (MI)", ", Magenta", ", Prato", ", Venezia", " Venezia", " (CO)",
        ", Milano 2", ", Milano 3", " Milano Due", " - Milano 3 Basiglio", ", Milano 3, Basiglio",
        " loc. Mirasole Opera", ", località Mirasole di Opera", ", Milano Marittima (RA)",
        ", frazione Prova, Opera",
    ],
)  # fmt: skip
def test_another_comune_is_said_though_a_quarter_is_called_so(
    search: PlaceSearch, tail: str
) -> None:
    error = refusal(search, ADDRESS + tail)
    assert (error.reason, error.candidates) == ("elsewhere", [])
    assert (search.places(ADDRESS + tail, 5), search.reason(ADDRESS + tail)) == ([], "elsewhere")


@pytest.mark.parametrize("capital", sorted(CAPITALS - {"milano"}))
def test_every_capital_of_a_province_is_another_comune(search: PlaceSearch, capital: str) -> None:
    for text in (f"{ADDRESS}, {capital}", f"{ADDRESS} {capital}", f"{capital}, {ADDRESS}"):
        assert refusal(search, text).reason == "elsewhere"


@pytest.mark.parametrize("code", sorted(set(CODES) - {"mi"}))
def test_every_other_province_is_said(search: PlaceSearch, code: str) -> None:
    for form in (
        "via Padova 61 ({})",
        "via Padova ({}) 61",
        "via Padova ({})",
        "via Padova ({}), 61",
    ):
        assert refusal(search, form.format(code.upper())).reason == "elsewhere"
    for form in ("via Padova 61, {}", "via Padova 61 {}", "via Padova 61 - {}"):
        text = form.format(code.upper())
        refusal(search, text)
        assert all(place.doubts and place.confidence < 0.8 for place in search.places(text, 5))


@pytest.mark.parametrize(
    ("tail", "doubts"),
    [
        (", municipio 8", ("area",)), (", zona 8", ("area",)), (" mun. 3", ("area",)),
        (", Corvetto", ("area",)), (" - quartiere Corvetto, Milano", ("area",)),
        (", Q.re Feltre", ("area",)), (", Feltre", ("area",)),
        (", municipio 2", ()), (", zona 2", ()), (", Turro", ()), (", q.re Turro, Milano", ()),
        (", Porta Romana", ()), (", Milano", ()), (" scala B", ()), (" Milano (MI)", ()),
        (", CAP 20151", ("cap",)), (" c.a.p. 20151", ("cap",)), (", CAP 20120", ()),
    ],
)  # fmt: skip
def test_another_part_of_the_city_is_a_doubt(
    search: PlaceSearch, tail: str, doubts: tuple[str, ...]
) -> None:
    found, first = search.find(ADDRESS + tail), search.places(ADDRESS + tail, 5)[0]
    for place in (found, first):
        assert (place.label, place.doubts) == ("Via Padova 61", doubts)
        assert (place.confidence < 0.9) == bool(doubts)
    before = search.find(f"Corvetto - {ADDRESS}")
    assert (before.label, before.doubts) == ("Via Padova 61", ("area",))


@pytest.mark.parametrize(
    ("tail", "doubt"), [(", Prova sul Lago", "unread"), (", 20099", "cap"), (" 20090", "cap")]
)
def test_what_may_be_another_comune_is_asked_about(
    search: PlaceSearch, tail: str, doubt: str
) -> None:
    assert refusal(search, ADDRESS + tail).candidates == ["Via Padova 61"]
    (offered,) = search.places(ADDRESS + tail, 5)
    assert offered.doubts == (doubt,)
    assert offered.confidence < 0.8


def test_another_number_in_a_name_and_signs_for_one_are_no_street(search: PlaceSearch) -> None:
    assert all(place.confidence <= 0.5 for place in search.places("via I Maggio 1", 5))
    for text in ("via ???", "via [", "viale ."):
        assert (search.places(text, 5), refusal(search, text).candidates) == ([], [])


def test_what_stands_behind_an_address_is_read_once_whatever_answers_it(
    search: PlaceSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    known = NamedPlaces.quarters_called

    def counted(names: NamedPlaces, text: str) -> list[NamedPlace]:
        read.append(text)
        return known(names, text)

    monkeypatch.setattr(NamedPlaces, "quarters_called", counted)
    search.places("via a, corvetto, feltre" + ", via a" * 25, 50)
    assert 0 < len(read) == len(set(read)) <= 3
