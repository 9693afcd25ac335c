"""Addresses and named places in one search, and names that leave with their service."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from mapping.edition.edition import Edition, current
from mapping.edition.withheld import withhold
from mapping.errors import OutsideItalyError, UnknownAddressError
from mapping.geocoding.gazetteer import Place
from mapping.geocoding.localities import Localities
from mapping.geocoding.named_places import NamedPlace
from mapping.lookup.origin import CityPlaces, Where
from mapping.lookup.place_names import indexed
from mapping.lookup.place_search import PlaceSearch
from tests.mapping.drawn_city import MILANO, drawn_city, place, service
from tests.mapping.geocoding.test_wrong_addresses import drawn_streets

NAMES = {
    "station": ("Prova FS", "Padova", "Inventata M1"),
    "park": ("Parco Prova", "Cimitero Inventato"),
    "area": ("Bergamo Vecchia",),
    "health": ("Ospedale Inventato", "Clinica Disegnata"),
    "school": ("Scuola Prova Disegnata",),
    "stop": ("Via Padova, 61 prima di Via Bergamo",),
}


@pytest.fixture(scope="module")
def search() -> PlaceSearch:
    """Places a kilometre apart, so that no two are halls of one."""
    rows = [(kind, name) for kind, names in NAMES.items() for name in names]
    named = [
        NamedPlace(name, kind, 9.1 + at / 60, 45.4, name) for at, (kind, name) in enumerate(rows)
    ]
    here = NamedPlace(
        "Inventata", "service", 9.3, 45.4, "Inventata", "civic", 10.0, "2", "farmacia",
        detail="via Pavia, 3",
    )  # fmt: skip
    return PlaceSearch(drawn_streets(), indexed([*named, here]), MILANO.epsg)


def first(search: PlaceSearch, text: str) -> Place:
    return search.places(text, 5)[0]


@pytest.mark.parametrize(
    ("typed", "label", "kind"),
    [
        ("stazione prova", "Prova FS", "station"),
        ("prova stazione", "Prova FS", "station"),
        ("metro inventata", "Inventata M1", "station"),
        ("m1 inventta", "Inventata M1", "station"),
        ("parco prova", "Parco Prova", "park"),
        ("osp. inventato", "Ospedale Inventato", "health"),
        ("ospedale invent", "Ospedale Inventato", "health"),
        ("clinica disegnata", "Clinica Disegnata", "health"),
        ("scuola disegnata", "Scuola Prova Disegnata", "school"),
        ("quartiere bergamo vecchia", "Bergamo Vecchia", "area"),
        ("farmacia inventata", "Inventata, via Pavia, 3", "service"),
        ("farmacia via pavia", "Inventata, via Pavia, 3", "service"),
        ("fermata via padova 61", "Via Padova, 61 prima di Via Bergamo", "stop"),
    ],
)
def test_a_place_is_found_by_its_name_and_the_word_for_it(
    search: PlaceSearch, typed: str, label: str, kind: str
) -> None:
    found = first(search, typed)
    assert (found.label, found.kind) == (label, kind)


def test_a_service_says_its_category_and_how_well_its_place_is_known(search: PlaceSearch) -> None:
    found = search.find("farmacia inventata")
    assert (found.category, found.precision, found.error_metres) == ("farmacia", "civic", 10.0)


def test_an_exact_address_comes_before_a_place_of_its_name(search: PlaceSearch) -> None:
    assert [found.label for found in search.places("via Padova 61", 5)] == ["Via Padova 61"]
    assert [found.label for found in search.places("via Padova", 5)] == ["Via Padova"]
    street, station, *_ = search.places("padova", 5)
    assert (street.kind, station.kind) == ("address", "station")
    assert first(search, "stazione padova").kind == "station"
    assert first(search, "pado").label == "Via Padova"
    assert search.find("padova").label == "Via Padova"


def test_of_several_places_none_is_guessed(search: PlaceSearch) -> None:
    with pytest.raises(UnknownAddressError) as caught:
        search.find("prova")
    assert {"Prova FS", "Parco Prova"} <= set(caught.value.candidates)
    for unknown in (
        "ospedale",
        "ospedale sconosciuto",
        "via Inventata 3",
        "stazione prova, Torino",
    ):
        with pytest.raises(UnknownAddressError):
            search.find(unknown)


def test_places_of_one_name_are_told_apart_and_each_can_be_chosen() -> None:
    twice = [
        NamedPlace("Aurora", "service", 9.1 + at / 10, 45.4, "Aurora", detail=detail)
        for at, detail in enumerate(("via Prova, 1", "via Prova, 9"))
    ]
    near = [NamedPlace("Parco Vero", "park", 9.1, 45.4 + at / 1000, "Parco Vero") for at in (1, 2)]
    names = indexed([*twice, *near, NamedPlace("Parco", "park", 9.0, 45.4, "Parco")])
    labels = [place.label for place in names.places]
    assert sorted(labels) == ["Aurora, via Prova, 1", "Aurora, via Prova, 9", "Parco Vero"]
    chosen = PlaceSearch(None, names, MILANO.epsg).find("Aurora, via Prova, 9")
    assert chosen.lon == pytest.approx(9.2)


def test_typed_words_alone_never_answer_from_another_city() -> None:
    names = indexed([NamedPlace("Ospedale Prova", "health", 9.1, 45.4, "Ospedale Prova")])
    elsewhere = PlaceSearch(None, names, MILANO.epsg)
    assert elsewhere.find("ospedale prova").kind == "health"
    assert Localities("Milano").elsewhere("Torino")


def named_city(root: Path) -> Edition:
    """A drawn city whose background, stops and premises have names."""
    lon, lat = place(500)
    at = gpd.points_from_xy([lon] * 3, [lat] * 3)
    background = gpd.GeoDataFrame(
        {"kind": ["station", "park", "park"], "name": ["Disegnata", "Parco Disegnato", "Ninfea"]},
        geometry=at,
        crs=4326,
    )
    shown, secret = service(400, "uno"), service(600, "due", name="Ninfea")
    premises = pd.DataFrame(
        {
            "premises_id": ["1", "2"],
            "name": ["Scuola Disegnata", "Casa Ninfea"],
            "kind": ["scuola", "sanità"],
            "lon": lon,
            "lat": lat,
            "source_id": "prova",
        }
    )
    stop = {"stop_id": ["1"], "name": ["Capolinea Ninfea"], "lines": [["1"]], "lon": lon}
    stops = gpd.GeoDataFrame({**stop, "lat": lat, "source_id": "prova"}, geometry=at[:1], crs=4326)
    return drawn_city(root, [shown, secret], background=background, premises=premises, stops=stops)


def test_a_hidden_service_leaves_with_its_premises_and_no_public_place(tmp_path: Path) -> None:
    edition = named_city(tmp_path)
    places = CityPlaces(edition, MILANO.epsg)
    assert places.find("stazione disegnata").label == "Stazione Disegnata"
    assert places.find("parco disegnato").kind == "park"
    assert places.find("nil disegnato").precision == "area"
    found = places.places(Where("ninfea"), 9)
    assert {one.kind for one in found} == {"park", "health", "stop"}  # the park is the service's
    withhold(tmp_path, {"prova:due"})
    hidden = CityPlaces(Edition.open(current(tmp_path)), MILANO.epsg)
    # A park or a stop that is missing would tell a word of the hidden name.
    assert {found.kind for found in hidden.places(Where("ninfea"), 9)} == {"park", "stop"}
    assert hidden.find("scuola disegnata").kind == "school"


@pytest.mark.parametrize("typed", ["{lat:.5f}, {lon:.5f}", "{lon:.5f} {lat:.5f}"])
def test_coordinates_that_were_typed_as_an_address_are_a_point(tmp_path: Path, typed: str) -> None:
    lon, lat = place(500)
    places = CityPlaces(named_city(tmp_path), MILANO.epsg)
    text = typed.format(lon=lon, lat=lat)
    found = places.find(text)
    assert (found.kind, found.precision, found.error_metres) == ("point", "premises", 0)
    assert (found.lon, found.lat) == pytest.approx((lon, lat), abs=1e-5)
    there, point = places.origin(Where(text)), places.origin(Where(lon=found.lon, lat=found.lat))
    assert there == point
    assert places.places(Where(text), 5) == places.places(Where(lon=found.lon, lat=found.lat), 5)
    with pytest.raises(OutsideItalyError):
        places.find("48.8566, 2.3522")


def test_a_place_beyond_the_border_is_not_offered(tmp_path: Path) -> None:
    lon, lat = place(9000)
    far = gpd.GeoDataFrame(
        {"kind": ["station"], "name": ["Lontana"]}, geometry=[shapely.Point(lon, lat)], crs=4326
    )
    edition = drawn_city(tmp_path, [service(400, "uno")], background=far)
    assert edition.table("places.parquet").num_rows == 0
