"""Stations of the railway, which are called after the city too."""

import pytest

from mapping.lookup.place_names import indexed, stops, surroundings
from mapping.lookup.place_search import PlaceSearch
from tests.mapping.drawn_city import MILANO
from tests.mapping.geocoding.test_wrong_addresses import drawn_streets

ROWS = [
    {"kind": "station", "name": name, "lon": 9.1 + at / 60, "lat": 45.4}
    for at, name in enumerate(
        (
            "Milano Prova",
            "Milano Inventata Fnm",
            "Porta Vera",
            "Disegnata",
            "Lodi T.I.B.B.",
            "Stazione Altra",
        )
    )
]
BESIDE = {"kind": "station", "name": "Milano Porta Vera", "lon": 9.1 + 2 / 60 + 0.001, "lat": 45.4}


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("stazione prova", "Stazione Milano Prova"),
        ("prova", "Stazione Milano Prova"),
        ("milano prova", "Stazione Milano Prova"),
        ("stazione di milano prova", "Stazione Milano Prova"),
        ("stazione inventata", "Stazione Milano Inventata FNM"),
        ("inventata fnm", "Stazione Milano Inventata FNM"),
        ("porta vera", "Stazione Porta Vera"),
        ("stazione disegnata", "Stazione Disegnata"),
        ("metro altra", "Stazione Altra"),
        ("lodi tibb", "Stazione Lodi T.I.B.B."),
        ("lodi-tibb", "Stazione Lodi T.I.B.B."),
    ],
)
def test_a_station_is_found_with_the_name_of_the_city_and_without(typed: str, label: str) -> None:
    search = PlaceSearch(None, indexed(list(surroundings([*ROWS, BESIDE], "Milano"))), MILANO.epsg)
    assert search.find(typed).label == label
    assert search.places(typed, 5)[0].label == label
    labels = [place.label for place in search.places(typed, 5)]
    assert len(labels) == len(set(labels))


def test_a_stop_comes_behind_the_street_that_it_is_called_after() -> None:
    beside = [{"name": f"P.le Disegnata, {at} prima di Via {at}", "lon": 9.1 + 3 / 60, "lat": 45.4}
              for at in range(6)]  # fmt: skip
    places = indexed([*surroundings(ROWS), *stops(beside)])
    search = PlaceSearch(drawn_streets(("PIAZZALE DISEGNATA",)), places, MILANO.epsg)
    assert "Piazzale Disegnata" in [place.label for place in search.places("disegnata", 3)]


@pytest.mark.parametrize("typed", ["P.ta Vera", "pta vera", "p.ta Vera"])
def test_a_gate_is_read_by_its_short_form_at_the_beginning(typed: str) -> None:
    places = indexed(list(surroundings(ROWS)))
    search = PlaceSearch(drawn_streets(("PIAZZETTA DISEGNATA",)), places, MILANO.epsg)
    assert search.find(typed).label == "Stazione Porta Vera"
    assert search.find(typed.replace("Vera", "Disegnata").replace("vera", "disegnata")).label == (
        "Piazzetta Disegnata"
    )
