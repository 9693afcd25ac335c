"""Numbers along drawn streets: the order one walks in, and what their neighbours tell."""

import os
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapping.city import city
from mapping.crs import to_metres
from mapping.geocoding.address import parse
from mapping.geocoding.build_gazetteer import Anchor, Numbering
from mapping.geocoding.centreline import course_along
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.number_kriging import Bridge, Sightings
from mapping.geocoding.register_streets import (
    Registered,
    StreetNames,
    aliases_of,
    with_apostrophes,
)
from mapping.geocoding.street_index import StreetIndex

MILANO = city("milano")
X, Y = (float(value[0]) for value in to_metres([9.19], [45.4642], MILANO.epsg))
NOTHING = Sightings(*np.zeros((3, 0)))


def test_a_street_that_bends_back_is_walked_to_its_end():
    bend = shapely.LineString([(0, 0), (500, 0), (500, 80), (0, 80)])
    course = course_along(bend)
    assert course.metres == pytest.approx(1080, abs=15)
    metres, beside = course.place_of(np.array([250.0, 250.0]), np.array([0.0, 80.0]))
    assert sorted(metres) == pytest.approx([250, 830], abs=15)
    assert (beside < 10).all()


def test_the_carriageways_of_an_avenue_count_once():
    avenue = shapely.MultiLineString([[(0, 0), (600, 0)], [(0, 20), (600, 20)]])
    assert course_along(avenue).metres == pytest.approx(600, abs=40)


@given(st.lists(st.tuples(st.integers(1, 101), st.floats(0, 1000), st.floats(5, 200)), max_size=6))
def test_numbers_never_go_back_whatever_was_seen(seen):
    told = Sightings(*np.array(seen, float).reshape(-1, 3).T)
    metres, deviation = Bridge(1, 101, 1000).place(np.arange(1.0, 102), told)
    assert (np.diff(metres) >= 0).all()
    assert (metres >= 0).all()
    assert (metres <= 1000).all()
    assert np.isfinite(deviation).all()


def test_a_sighting_draws_its_neighbours_and_makes_them_surer():
    told = Sightings(np.array([31.0]), np.array([400.0]), np.array([20.0]))
    number = np.array([11.0, 31.0, 91.0])
    (free, unsure), (drawn, surer) = (
        Bridge(1, 101, 1000).place(number, seen) for seen in (NOTHING, told)
    )
    assert abs(drawn[1] - 400) < 25
    assert (drawn > free).all()
    assert (surer < unsure).all()
    assert surer[1] < surer[0] < surer[2]


MANY_NUMBERS = """
import hashlib, numpy as np, shapely
from mapping.geocoding.centreline import course_along
from mapping.geocoding.place_numbers import StreetNumbers, place
course = course_along(shapely.LineString([(0, 0), (4000, 0)]))
numbers = np.arange(1.0, 801.0)
seen = [(n, 5 * n + 8 * np.sin(n), 0.0) for n in range(1, 800, 3)]
run = StreetNumbers(0, np.arange(800), numbers, np.full(800, -1), course, seen)
placed = place([run], np.zeros(2), 800)
print(hashlib.sha256(placed.points.tobytes() + placed.error_metres.tobytes()).hexdigest())
"""


def test_positions_are_the_same_on_any_number_of_processors():
    placed = {
        subprocess.check_output(  # noqa: S603 - our own module
            [sys.executable, "-c", MANY_NUMBERS],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads},
        )
        for threads in ("1", "2")
    }
    assert len(placed) == 1


def test_one_wrong_sighting_among_many_is_not_believed():
    number = np.array([11.0, 31.0, 51.0, 71.0, 91.0])
    right = number * 10
    wrong = np.where(number == 51, 1000, right)
    metres, _ = Bridge(1, 101, 1010).place(
        np.array([51.0]), Sightings(number, wrong, np.full(5, 25.0))
    )
    assert abs(metres[0] - 510) < 80


def around(*streets: tuple[str, list[tuple[int, int]]]) -> Numbering:
    shapes = [shapely.LineString([(X + x, Y + y) for x, y in at]) for _, at in streets]
    lines = gpd.GeoDataFrame({"name": [name for name, _ in streets]}, geometry=shapes)
    area = gpd.GeoDataFrame({"area_id": ["3"]}, geometry=[shapely.Point(X, Y).buffer(5000)])
    return Numbering(lines, area, MILANO)


def register(*rows: tuple[str, str, int, str]) -> pd.DataFrame:
    told = [(name, "VIA", name, n, None, None, "3", section) for name, _, n, section in rows]
    columns = ["street_code", "kind", "street", "number", "suffix", "cap", "municipio", "section"]
    return pd.DataFrame(told, columns=columns)


@pytest.fixture(scope="module")
def ring() -> Gazetteer:
    """A street beside the centre, numbered westward, as only its sections tell; one not drawn."""
    numbering = around(
        ("VIA LUNGA", [(-600, 500), (600, 500)]),
        ("VIA EST", [(500, 450), (500, 400)]),
        ("VIA OVEST", [(-500, 450), (-500, 400)]),
    )
    long = [("LUNGA", "", n, "1" if n <= 50 else "2") for n in range(1, 101)]
    short = [("EST", "", n, "1") for n in range(1, 10)] + [
        ("OVEST", "", n, "2") for n in range(1, 10)
    ]
    hidden = [("NASCOSTA", "", 1, "2")]
    return numbering.gazetteer(register(*long, *short, *hidden), [])


def test_the_electoral_sections_tell_which_end_is_low(ring):
    low, high = ring.geocode("via Lunga 10"), ring.geocode("via Lunga 90")
    assert low.x > X + 200
    assert high.x < X - 200


def test_a_street_that_is_not_drawn_is_where_its_section_is(ring):
    place = ring.geocode("via Nascosta 1")
    assert (place.precision, place.civic) == ("street", 1)
    assert place.x < X - 100
    assert place.error_metres > 60


def test_a_number_that_is_not_registered_stands_between_its_neighbours():
    numbering = around(("VIA PADOVA", [(0, 0), (1000, 0)]))
    civics = register(*(("PADOVA", "", n, "1") for n in (*range(1, 40), *range(60, 101))))
    place = numbering.gazetteer(civics, []).geocode("via Padova 50")
    assert (place.label, place.precision, place.civic) == ("Via Padova", "street", None)
    assert abs(place.x - (X + 495)) < 40
    assert place.confidence < numbering.gazetteer(civics, []).geocode("via Padova 30").confidence


def test_without_a_register_a_number_is_interpolated_between_those_seen():
    numbering = around(("VIA PADOVA", [(0, 0), (1000, 0)]))
    seen = {2: 100, 17: 200, 60: 700, 101: 950}
    anchors = [Anchor(f"via Padova {number}", X + at, Y) for number, at in seen.items()]
    gazetteer = numbering.gazetteer(None, anchors)
    beside = gazetteer.geocode("via Padova 59")  # from 17 to 101, on its own side
    assert (beside.precision, beside.civic) == ("interpolated", None)
    assert beside.x == pytest.approx(X + 575)
    assert beside.error_metres == pytest.approx(45 + 375)
    across = gazetteer.geocode("via Padova 5")  # no lower odd number was seen: from 2 to 17
    assert across.precision == "interpolated"
    assert across.x == pytest.approx(X + 120)
    assert gazetteer.geocode("via Padova 120").precision == "street"


def test_an_anchor_far_from_its_street_changes_nothing():
    numbering = around(("VIA PADOVA", [(0, 0), (1000, 0)]))
    civics = register(*(("PADOVA", "", n, "1") for n in range(1, 101)))
    free = numbering.gazetteer(civics, []).geocode("via Padova 40")
    wrong = numbering.gazetteer(civics, [Anchor("via Padova 40", X + 400, Y + 900)])
    assert wrong.geocode("via Padova 40") == free


@pytest.mark.parametrize(
    ("kind", "street", "name"),
    [
        ("VIA", "D'ADDA CARLO", "VIA CARLO DADDA"),
        ("VIA", "SANT' ABBONDIO", "VIA SANTABBONDIO"),
        ("VIA", "ARCADIA", "VIA DELLARCADIA"),
        ("VIA", "FORO BUONAPARTE", "FORO BUONAPARTE"),
        ("PZA", "GOBETTI PIERO", "PIAZZA PIETRO GOBETTI"),
        ("VIA", "SPALLANZANI L.V", "VIA LAZZARO SPALLANZANI"),
        ("VIA", "MUSCO ANGELOV", "VIA ANGELO MUSCO"),
    ],
)
def test_a_register_and_a_map_that_spell_apart_are_brought_together(kind, street, name):
    names = StreetNames([name, "VIA CARLO PORTA"], [{"3"}, {"3"}])
    assert names.matched([Registered("1", kind, street, frozenset({"3"}))]) == {"1": 0}
    assert names.matched([Registered("1", kind, street, frozenset({"9"}))]) == {}


def test_a_register_calls_a_street_by_a_name_that_is_cut_and_not_by_a_surname_alone():
    def names(short: str, *full: str) -> list[str]:
        return Registered("1", "VIA", short, frozenset({"3"}), full).full_names

    full = "LEON BATTISTA ALBERTI"
    assert names("ALBERTI LEON BATT", full) == [f"via {full}", "via ALBERTI LEON BATT"]
    assert names("ALBERTI", full) == [f"via {full}"]
    assert names("ALBERTI") == ["via ALBERTI"]


def test_a_street_is_called_by_what_the_register_calls_it_too():
    own = ["Via Bergognone da Fossano", "Via Leon Battista Alberti", "Via Giuseppe Colombo"]
    other = {
        0: ["Via BERGOGNONE"],
        1: ["Via ALBERTI LEON BATTISTA", "Via ALBERTI LEON BATT"],
        2: ["Via COLOMBO", "Via COLOMBO GIUSEPPE"],
    }
    assert aliases_of(own, other) == [(0, "Via Bergognone"), (1, "Via Alberti Leon Batt")]
    # The own name of another street is none.
    assert aliases_of([*own, "Via Bergognone"], {0: other[0]}) == []


def test_a_name_gets_its_apostrophe_back():
    assert with_apostrophes("VIA CARLO DADDA", "D'ADDA CARLO") == "VIA CARLO D'ADDA"
    assert with_apostrophes("VIA DELLARCADIA", "ARCADIA") == "VIA DELL'ARCADIA"
    assert with_apostrophes("VIA DALMINE", "DALMINE") == "VIA DALMINE"


def test_without_a_register_a_known_number_stays_where_it_was_seen() -> None:
    drawn = around(("VIA PROVA", [(0, 0), (1560, 0)]))
    anchors = [Anchor("via Prova 40", X + 390, Y + 6), Anchor("via Prova 44", X + 430, Y + 6)]
    found = drawn.gazetteer(None, anchors)
    for number, metres in ((40, 390), (42, 410), (44, 430)):
        place = found.geocode(f"via Prova {number}")
        assert (place.x, place.y) == pytest.approx((X + metres, Y + 6), abs=0.1)
    assert found.geocode("via Prova 44").precision == "civic"
    assert found.geocode("via Prova 42").precision == "interpolated"
    # What lies beyond what was seen is somewhere along the street, and no street's end.
    assert found.geocode("via Prova 80").error_metres > 700


@pytest.mark.parametrize(
    ("text", "street"),
    [
        ("via Nova", None),
        ("Nova", None),
        ("via Frances", None),
        ("via Bernardino da Nova", "Via Bernardino da Novate"),
        ("via Brambilla Frances", "Via Francesco Brambilla"),
        ("via Brambilla", "Via Francesco Brambilla"),
    ],
)
def test_what_a_register_cut_off_is_the_beginning_of_a_name(text: str, street: str | None):
    streets = ["Via Bernardino da Novate", "Via Francesco Brambilla"]
    aliases = [(0, "Via Bernardino da Nova"), (1, "Via Brambilla Frances")]
    rows = StreetIndex(streets, aliases).matching(parse(text))
    assert [streets[row] for row in rows] == ([street] if street else [])
