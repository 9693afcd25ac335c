"""Names of comuni around, that people write where a street is asked for."""

import pytest

from mapping.errors import UnknownAddressError
from mapping.geocoding.named_places import NamedPlace
from mapping.geocoding.other_comuni import OtherComuni
from mapping.lookup.place_names import indexed
from mapping.lookup.place_search import PlaceSearch
from tests.mapping.drawn_city import MILANO
from tests.mapping.geocoding.test_wrong_addresses import drawn_streets

COMUNI = OtherComuni(
    ["Prova sul Naviglio", "San Vero Milanese", "Corsico"], ["Lontano Terme"], "MI"
)


@pytest.mark.parametrize(
    "text",
    [
        "prova sul naviglio", "PROVA", "prova (MI)", "prova mi", "comune di Prova", "san vero",
        "s. vero", "Lontano Terme", "corsico, milano",
    ],
)  # fmt: skip
def test_a_comune_is_known_by_its_name_and_a_near_one_by_the_beginning(text: str) -> None:
    assert COMUNI.is_called(text)


@pytest.mark.parametrize(
    "text", ["via prova", "prova 5", "san", "lontano", "provaccia", "", "via", "prova vero", "5"]
)
def test_a_street_a_number_or_a_part_is_no_comune(text: str) -> None:
    assert not COMUNI.is_called(text)


@pytest.mark.parametrize(
    ("text", "is_behind"),
    [
        ("via roma 5 prova", True),
        ("via roma 5, Prova (MI)", True),
        ("via roma 5 - San Vero Milanese", True),
        ("via roma prova", True),
        ("via prova", False),
        ("via prova 5", False),
        ("via prova 5, Milano", False),
        ("via roma 5 scala b", False),
    ],
)
def test_a_comune_behind_an_address_is_told(text: str, is_behind: bool) -> None:  # noqa: FBT001
    assert COMUNI.is_behind(text) == is_behind


def test_a_street_that_is_called_as_a_comune_is_asked_about() -> None:
    streets = drawn_streets(("VIA CORSICO", "VIALE PROVA"))
    park = NamedPlace("Parco Corsico", "park", 9.1, 45.4, "Parco Corsico")
    search = PlaceSearch(streets, indexed([park]), MILANO.epsg, COMUNI)
    for typed, candidates in (
        ("corsico", ["Via Corsico", "Parco Corsico"]),
        ("prova", ["Viale Prova"]),
        ("lontano terme", []),
    ):
        with pytest.raises(UnknownAddressError) as caught:
            search.find(typed)
        assert caught.value.candidates == candidates
        assert caught.value.reason == ("comune" if candidates else "elsewhere")
        assert all(found.confidence < 1 for found in search.places(typed, 5))
        assert search.reason(typed) == caught.value.reason
    assert search.find("via corsico").label == "Via Corsico"
    assert search.find("corsico 3").label == "Via Corsico 3"
    assert search.find("parco corsico").kind == "park"
