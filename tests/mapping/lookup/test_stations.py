"""Stations of the railway, which are called after the city too."""

import pytest

from mapping.lookup.place_names import indexed, surroundings
from mapping.lookup.place_search import PlaceSearch
from tests.mapping.drawn_city import MILANO

ROWS = [
    {"kind": "station", "name": name, "lon": 9.1 + at / 60, "lat": 45.4}
    for at, name in enumerate(("Milano Prova", "Milano Inventata Fnm", "Porta Vera", "Disegnata"))
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
    ],
)
def test_a_station_is_found_with_the_name_of_the_city_and_without(typed: str, label: str) -> None:
    search = PlaceSearch(None, indexed(list(surroundings([*ROWS, BESIDE], "Milano"))), MILANO.epsg)
    assert search.find(typed).label == label
    assert search.places(typed, 5)[0].label == label
    labels = [place.label for place in search.places(typed, 5)]
    assert len(labels) == len(set(labels))
