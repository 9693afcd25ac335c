"""Addresses found on drawn streets, or refused: never guessed."""

import functools
import gc

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely

from mapping.city import city
from mapping.crs import to_degrees, to_metres
from mapping.errors import UnknownAddressError
from mapping.geocoding import gazetteer_table
from mapping.geocoding.address import same_street
from mapping.geocoding.build_gazetteer import Anchor, Numbering, gazetteer_from_anchors
from mapping.geocoding.civics import Civics, Middles
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.localities import Localities
from mapping.geocoding.withheld_numbers import without_numbers_of
from mapping.tables import PRECISIONS

MILANO = city("milano")
X, Y = (float(value[0]) for value in to_metres([9.19], [45.4642], MILANO.epsg))
# A kilometre of each street; distances east and north of the centre, in metres.
STREETS = {
    "VIA PADOVA": [(100, 0), (1100, 0)],
    "VIA GIOVANNI RICORDI": [(100, 500), (1100, 500)],
    "VIA ALDO ROSSI": [(100, 900), (300, 900)],
    "VIA ERNESTO ROSSI": [(-300, 900), (-100, 900)],
    "VIA SANT'UGUZZONE": [(100, -300), (600, -300)],
    "VIALE DEL SARTO": [(0, 100), (0, 400)],
}


@pytest.fixture(scope="module")
def drawn() -> Gazetteer:
    shapes = [shapely.LineString([(X + x, Y + y) for x, y in at]) for at in STREETS.values()]
    lines = gpd.GeoDataFrame({"name": list(STREETS)}, geometry=shapes, crs=MILANO.epsg)
    halves = [
        shapely.box(X, Y - 2000, X + 2000, Y + 2000),
        shapely.box(X - 2000, Y - 2000, X, Y + 2000),
    ]
    municipi = gpd.GeoDataFrame({"area_id": ["3", "9"]}, geometry=halves, crs=MILANO.epsg)
    columns = ["street_code", "kind", "street", "number", "suffix", "cap", "municipio"]
    padova = [("1", "VIA", "PADOVA", number, None, "20127", "3") for number in range(1, 102)]
    more = [
        ("2", "VIA", "RICORDI GIOVANNI", 1, None, "20131", "3"),
        ("2", "VIA", "RICORDI GIOVANNI", 9, "A", "20131", "3"),
        ("3", "VIA", "ROSSI ALDO", 2, None, "20151", "3"),
        ("4", "VIA", "ROSSI ERNESTO", 4, None, "20161", "9"),
    ]
    civics = pd.DataFrame([*padova, *more], columns=columns)
    anchors = [Anchor("via Padova 31", X + 400, Y + 5)]
    return Numbering(lines, municipi, MILANO).gazetteer(civics, anchors)


def test_a_known_number_stands_where_it_was_seen(drawn: Gazetteer) -> None:
    place = drawn.geocode("via Padova 31")
    assert (place.precision, place.civic, place.municipio) == ("civic", 31, "3")
    assert (place.x, place.y) == pytest.approx((X + 400, Y + 5))


def test_numbers_between_known_ones_are_interpolated(drawn: Gazetteer) -> None:
    # 31 is 300 m along, 101 is at 1,000 m: 66 is half-way between them.
    place = drawn.geocode("via Padova 66")
    assert place.precision == "interpolated"
    assert np.hypot(place.x - (X + 750), place.y - Y) < 15
    assert place.error_metres > drawn.geocode("via Padova 31").error_metres


def test_numbers_grow_outward_from_the_centre(drawn: Gazetteer) -> None:
    east = [drawn.geocode(f"via Padova {number}").x for number in (1, 20, 31, 60, 101)]
    assert east == sorted(east)


def test_an_unknown_number_is_never_invented(drawn: Gazetteer) -> None:
    place = drawn.geocode("via Padova 9999")
    assert (place.label, place.precision, place.civic) == ("Via Padova", "street", None)
    assert np.hypot(place.x - (X + 600), place.y - Y) < 15
    assert place.error_metres >= 490


@pytest.mark.parametrize(
    "text", ["via Padova 61, Torino", "via Padova 61 Torino", "via Padova 61 (TO)", "via Roma 1"]
)
def test_another_city_or_street_is_not_found(drawn: Gazetteer, text: str) -> None:
    with pytest.raises(UnknownAddressError):
        drawn.geocode(text)


def test_the_words_typed_never_enter_the_message(drawn: Gazetteer) -> None:
    with pytest.raises(UnknownAddressError) as caught:
        drawn.geocode("via Segretissima 77")
    assert "Segretissima" not in str(caught.value)
    assert "77" not in str(caught.value)
    assert caught.value.typed == "via Segretissima 77"


def test_a_street_is_found_by_its_surname(drawn: Gazetteer) -> None:
    assert drawn.geocode("via Ricordi 1").label == "Via Giovanni Ricordi 1"


def test_a_saint_is_found_by_its_initial(drawn: Gazetteer) -> None:
    assert drawn.geocode("via S. Uguzzone").street == drawn.geocode("via Sant'Uguzzone").street


def test_of_several_streets_none_is_guessed(drawn: Gazetteer) -> None:
    with pytest.raises(UnknownAddressError) as caught:
        drawn.geocode("via Rossi")
    assert sorted(caught.value.candidates) == ["Via Aldo Rossi", "Via Ernesto Rossi"]


def test_municipio_or_postcode_decides_among_several(drawn: Gazetteer) -> None:
    assert drawn.geocode("via Rossi", municipio="9").street == "Via Ernesto Rossi"
    assert drawn.geocode("via Rossi", cap="20151").street == "Via Aldo Rossi"


@pytest.mark.parametrize("typed", ["via padva", "padova", "VIA PADOVA 6", "v. Padova"])
def test_search_forgives_while_one_types(drawn: Gazetteer, typed: str) -> None:
    assert drawn.search(typed)[0].street == "Via Padova"


def test_search_offers_no_more_than_asked(drawn: Gazetteer) -> None:
    assert len(drawn.search("via Rossi", limit=1)) == 1
    assert drawn.search("") == []


def test_reverse_gives_the_nearest_number_back(drawn: Gazetteer) -> None:
    place = drawn.reverse(X + 400, Y + 6)
    assert place is not None
    assert place.label == "Via Padova 31"


def test_laid_out_in_arrow_it_answers_the_same(drawn: Gazetteer) -> None:
    sink = pa.BufferOutputStream()
    table = gazetteer_table.to_arrow(drawn)
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    again = gazetteer_table.from_arrow(pa.ipc.open_file(sink.getvalue()).read_all())
    for text in ("via Padova 66", "via Padova", "via Ricordi 9/A"):
        assert again.geocode(text) == drawn.geocode(text)


def test_every_place_has_a_precision_and_an_error(drawn: Gazetteer) -> None:
    places = [drawn.geocode(text) for text in ("via Padova 31", "via Padova 32", "via Padova")]
    assert {place.precision for place in places} <= set(PRECISIONS)
    assert all(np.isfinite([place.lon, place.lat, place.error_metres]).all() for place in places)


def test_without_streets_it_knows_the_addresses_it_was_told() -> None:
    gazetteer = gazetteer_from_anchors([Anchor("via Fusinato 7", X, Y, "8", "civic", 20.0)], MILANO)
    place = gazetteer.geocode("via Fusinato 7")
    assert (place.civic, place.municipio, place.error_metres) == (7, "8", 20.0)
    with pytest.raises(UnknownAddressError):
        gazetteer.geocode("via Padova 61")


@pytest.mark.parametrize(
    ("register", "name"),
    [
        ("PARETO VILFREDO", "Vilfredo Pareto"),
        ("A.DEL SARTO", "Andrea del Sarto"),
        ("BARTOLOMEO D'ALV", "Bartolomeo d'Alviano"),
    ],
)
def test_inverted_shortened_and_cut_names_are_recognised(register: str, name: str) -> None:
    assert same_street(register, name) is not None


def remembered() -> dict[str, int]:
    """Count what every function of ours keeps of its answers."""
    kept = [one for one in gc.get_objects() if isinstance(one, functools._lru_cache_wrapper)]
    ours = [one for one in kept if one.__module__.startswith(("mapping.", "api."))]
    return {f"{one.__module__}.{one.__qualname__}": one.cache_info().currsize for one in ours}


def test_no_memory_keeps_an_address_that_was_asked(drawn: Gazetteer) -> None:
    drawn.search("via Padova 31")
    before = remembered()
    assert before
    for typed in ("via Padova 33", "via Sentinella Segretissima 977", "Segretissima"):
        drawn.find(typed)
        drawn.search(typed)
    assert remembered() == before


def test_another_name_is_not_recognised() -> None:
    assert same_street("PARETO VILFREDO", "Vilfredo Rossi") is None


@pytest.fixture(scope="module")
def registered() -> Gazetteer:
    """Two streets of like names and a square, with surveyed numbers and other names."""
    shapes = [shapely.LineString([(X + 10, Y + y), (X + 900, Y + y)]) for y in (0, 300, 600)]
    drawn_names = ["VIA PADOVA", "VIA PAVIA", "PIAZZA DEL DUOMO"]
    lines = gpd.GeoDataFrame({"name": drawn_names}, geometry=shapes, crs=MILANO.epsg)
    whole = [shapely.box(X - 2000, Y - 2000, X + 2000, Y + 2000)]
    municipi = gpd.GeoDataFrame({"area_id": ["1"]}, geometry=whole, crs=MILANO.epsg)
    lon, lat = to_degrees(np.array([X + 500]), np.array([Y + 12]), MILANO.epsg)
    civics = pd.DataFrame(
        {
            "street_code": ["1", "1", "1", "2", "3"],
            "number": [61, 63, 65, 61, 1],
            "suffix": [None, None, "A", None, None],
            "municipio": ["1"] * 5,
            "cap": [None] * 5,
            "lon": [lon[0], np.nan, np.nan, lon[0], lon[0]],
            "lat": [lat[0], np.nan, np.nan, lat[0] + 0.0027, lat[0] + 0.0054],
            "error_metres": 15.0,
        }
    )
    names = pd.DataFrame(
        {
            "street_code": ["1", "2", "3"],
            "kind": ["Via", "Via", "Piazza"],
            "names": [("PADOVA", "CITTA' DI PADOVA"), ("PAVIA", "PADOVA"), ("DUOMO (DEL)",)],
        }
    )
    return Numbering(lines, municipi, MILANO).gazetteer(civics, [], names)


def test_a_surveyed_number_is_where_the_register_has_it(registered: Gazetteer) -> None:
    place = registered.geocode("via Padova 61")
    assert (place.precision, place.error_metres, place.confidence) == ("civic", 15, 1.0)
    assert (place.x, place.y) == pytest.approx((X + 500, Y + 12), abs=0.01)
    guess = registered.geocode("via Padova 63")
    assert (guess.precision, guess.confidence) == ("interpolated", 0.9)
    assert registered.geocode("via Padova 999").confidence == 0.6


def test_where_the_words_fit_exactly_nothing_else_is_offered(registered: Gazetteer) -> None:
    assert [place.label for place in registered.search("via Padova 61")] == ["Via Padova 61"]
    assert [place.label for place in registered.search("padova, 61")] == ["Via Padova 61"]
    assert [place.label for place in registered.search("via Padova")] == ["Via Padova"]
    first, *others = registered.search("via Padoa 61")
    assert first.label == "Via Padova 61"
    assert all(place.confidence < first.confidence < 1 for place in others)


def test_a_street_is_found_by_its_other_names_but_never_by_the_name_of_another(
    registered: Gazetteer,
) -> None:
    assert registered.geocode("via Città di Padova 61").street == "Via Padova"
    assert registered.geocode("via Padova 61").street == "Via Padova"
    alias, *_ = registered.aliases
    assert (registered.streets[alias[0]], alias[1]) == ("Via Padova", "Via Citta' di Padova")


def test_other_names_are_written_and_read(registered: Gazetteer) -> None:
    read = gazetteer_table.from_arrow(gazetteer_table.to_arrow(registered))
    assert (read.aliases, read.civics.surveyed) == (registered.aliases, True)
    table = gazetteer_table.to_arrow(registered).drop_columns(["alias_street", "alias_name"])
    assert gazetteer_table.from_arrow(table).aliases == []


def test_a_number_of_the_register_stays_when_a_service_there_is_hidden(
    registered: Gazetteer, drawn: Gazetteer
) -> None:
    hidden = ["via Padova 61", "via Padova 31"]
    kept_places = without_numbers_of(registered, hidden, [])
    assert kept_places.geocode("via Padova 61").precision == "civic"
    assert without_numbers_of(drawn, hidden, []).geocode("via Padova 31").precision != "civic"


@pytest.mark.parametrize(
    "text", ["via [", "via ???", "via Київська", "via شارع", "viale .", "piazza \\", "via *"]
)
def test_a_text_without_a_word_of_ours_is_no_address_and_like_none(drawn: Gazetteer, text: str):
    with pytest.raises(UnknownAddressError) as refusal:
        drawn.geocode(text)
    assert not refusal.value.candidates
    assert drawn.find(text) is None
    assert drawn.search(text) == []


@pytest.mark.parametrize("name", ["VIA PADOVA", None])
def test_streets_without_any_number_and_without_a_name_make_a_gazetteer(name: str | None):
    line = shapely.LineString([(X, Y), (X + 500, Y)])
    lines = gpd.GeoDataFrame({"name": [name]}, geometry=[line], crs=MILANO.epsg)
    whole = gpd.GeoDataFrame(
        {"area_id": ["1"]}, geometry=[shapely.box(X - 1000, Y - 1000, X + 1000, Y + 1000)],
        crs=MILANO.epsg,
    )  # fmt: skip
    gazetteer = Numbering(lines, whole, MILANO).gazetteer(None, [])
    place = gazetteer.find("via Padova 61")
    assert (place.precision if place else None) == ("street" if name else None)


def test_two_spellings_of_a_street_that_only_addresses_name_are_one_street():
    known = [Anchor("via R.Bettazzi 6", X, Y), Anchor("via R. Bettazzi, 8", X + 50, Y)]
    gazetteer = gazetteer_from_anchors(known, MILANO)
    assert len(gazetteer.streets) == 1
    for written in ("via R.Bettazzi 6", "via R. Bettazzi 6", "VIA R. BETTAZZI, 6"):
        assert gazetteer.geocode(written).x == X
    apart = [Anchor("via Le Chiuse 40", X, Y), Anchor("viale Chiuse 40", X + 900, Y)]
    assert len(gazetteer_from_anchors(apart, MILANO).streets) == 2


def lettered() -> Gazetteer:
    """A street with the numbers 40, 46/3 (estimated), 48, 57/A, 57/C and 61."""
    known = [(40, None, 0), (46, "3", 900), (48, None, 80), (57, "A", 200), (57, "C", 230)]
    known.append((61, None, 300))
    number, suffix, along = map(list, zip(*known, strict=True))
    size = len(known)
    civics = Civics(
        np.array([0, size]), np.array(number), suffix, ["3"] * size, [None] * size,
        X + np.array(along, float), np.full(size, Y),
        ["interpolated" if letter == "3" else "civic" for letter in suffix],
        np.array([1000.0 if letter == "3" else 15.0 for letter in suffix]), surveyed=True,
    )  # fmt: skip
    middles = Middles(np.array([0]), ["3"], np.array([X + 450]), np.array([Y]), np.array([450.0]))
    return Gazetteer(Localities("Milano"), MILANO.epsg, ["Via Prova"], civics, middles)


@pytest.mark.parametrize(("number", "along"), [(44, 40), (46, 60)])
def test_a_number_that_is_lacking_lies_between_those_that_were_seen(
    number: int, along: float
) -> None:
    found = lettered().geocode(f"via Prova {number}")
    assert (found.label, found.x) == ("Via Prova", pytest.approx(X + along))
    assert found.error_metres == 15 + 40


def test_a_plain_number_is_never_renamed_to_one_with_a_letter() -> None:
    found = lettered().geocode("via Prova 57")
    assert (found.label, found.civic, found.precision) == ("Via Prova 57", None, "interpolated")
    assert (found.x, found.error_metres, found.doubts) == (pytest.approx(X + 200), 15 + 30, ())


def test_a_letter_that_the_number_lacks_is_said() -> None:
    found = lettered().geocode("Prova 61/a")
    assert (found.label, found.doubts, found.confidence) == ("Via Prova 61", ("suffix",), 0.9)
    assert lettered().geocode("via Prova 57/C").doubts == ()
    other = lettered().geocode("via Prova 57/B")
    assert (other.label, other.doubts) == ("Via Prova 57", ("suffix",))
