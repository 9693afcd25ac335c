"""Addresses and named places in one search, and names that leave with their service."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from mapping.edition.edition import Edition, current
from mapping.edition.withheld import withhold
from mapping.errors import OutsideItalyError, UnknownAddressError
from mapping.geocoding.civics import Civics, Middles
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.localities import Localities
from mapping.geocoding.named_places import NamedPlace
from mapping.geocoding.place import Place
from mapping.lookup.origin import CityPlaces, Where
from mapping.lookup.place_names import indexed, surroundings
from mapping.lookup.place_search import PlaceSearch
from mapping.model import Location
from tests.mapping.drawn_city import MILANO, drawn_city, place, service
from tests.mapping.geocoding.test_wrong_addresses import X, Y, drawn_streets

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
    "behind", ["Milano", "di Milano", ", Milano (MI)", "20120 Milano", "milano mi italia", "Milan"]
)
@pytest.mark.parametrize("name", ["stazione prova", "ospedale inventato", "bergamo vecchia"])
def test_the_city_behind_a_name_is_no_word_of_it(
    search: PlaceSearch, name: str, behind: str
) -> None:
    assert search.find(f"{name} {behind}") == search.find(name)
    assert search.places(f"{name} {behind}", 5) == search.places(name, 5)


@pytest.mark.parametrize("name", ["stazione prova", "ospedale inventato", "bergamo vecchia"])
def test_the_city_in_front_of_a_name_is_no_word_of_it(search: PlaceSearch, name: str) -> None:
    for written in (f"Milano {name}", f"milano, {name}", f"Milan: {name}"):
        assert search.find(written) == search.find(name)
        assert search.places(written, 5) == search.places(name, 5)


def test_the_city_and_a_number_are_another_town(search: PlaceSearch) -> None:
    for town in ("milano 2", "milano due"):
        with pytest.raises(UnknownAddressError):
            search.find(town)


def test_a_station_is_found_without_the_city_that_is_glued_to_its_name() -> None:
    rows = [{"kind": "station", "name": "Prova Fieramilano", "lon": 9.2, "lat": 45.5}]
    names = indexed(surroundings(rows, "Milano"))
    search = PlaceSearch(drawn_streets(), names, MILANO.epsg)
    for written in ("metro prova fiera", "prova fieramilano", "stazione prova fiera"):
        assert search.find(written).label == "Stazione Prova Fieramilano"


def test_of_two_streets_in_the_name_of_a_place_neither_is_left_out() -> None:
    school = NamedPlace(
        "Scuola via Asturie - via Mann", "school", 9.19, 45.51, "Scuola via Asturie - via Mann"
    )
    streets = drawn_streets(("via Asturie", "via Thomas Mann"))
    search = PlaceSearch(streets, indexed([school]), MILANO.epsg)
    assert search.find("scuola via Asturie - via Mann").label == school.label
    with pytest.raises(UnknownAddressError) as caught:
        search.find("via Asturie - via Mann")
    assert {"via Asturie", "via Thomas Mann"} <= set(caught.value.candidates)


def test_the_city_in_a_name_stays() -> None:
    named = [
        NamedPlace(name, "health", 9.1 + at / 60, 45.4, name)
        for at, name in enumerate(("Ats Milano", "Ospedale Ats"))
    ]
    search = PlaceSearch(drawn_streets(("via Giovanni da Milano",)), indexed(named), MILANO.epsg)
    assert search.find("ats milano").label == "Ats Milano"
    assert search.find("giovanni da milano").label == "via Giovanni da Milano"
    assert search.reason("20120 Milano") == "postcode"


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
    assert search.find("via padova").label == "Via Padova"


def test_of_several_places_none_is_guessed(search: PlaceSearch) -> None:
    with pytest.raises(UnknownAddressError) as caught:
        search.find("prova")
    assert {"Prova FS", "Parco Prova"} <= set(caught.value.candidates)
    for unknown in (
        "ospedale sconosciuto",
        "via Inventata 3",
        "stazione prova, Torino",
    ):
        with pytest.raises(UnknownAddressError):
            search.find(unknown)


def test_a_name_that_a_street_and_a_place_have_is_asked_about(search: PlaceSearch) -> None:
    with pytest.raises(UnknownAddressError) as caught:
        search.find("padova")
    assert set(caught.value.candidates[:2]) == {"Via Padova", "Padova"}
    assert search.find("Padova 61").label == "Via Padova 61"
    confidences = [found.confidence for found in search.places("padova", 5)]
    assert max(confidences) < 1
    assert confidences == sorted(confidences, reverse=True)


def test_a_name_that_several_have_in_part_is_no_certain_answer(search: PlaceSearch) -> None:
    several = search.places("disegnata", 5)
    assert {found.label for found in several} == {"Clinica Disegnata", "Scuola Prova Disegnata"}
    assert max(found.confidence for found in several) < 1
    assert search.places("clinica disegnata", 5)[0].confidence == 1
    with pytest.raises(UnknownAddressError) as caught:
        search.find("disegnata")
    assert len(caught.value.candidates) == 2


@pytest.mark.parametrize(
    "typed",
    [
        "biblioteca",
        "biblioteca inventata",
        "la questura",
        "مكتبة",
        "tribunale dei minori",
        "图书馆",
    ],
)
def test_a_kind_of_which_no_list_is_held_is_said(search: PlaceSearch, typed: str) -> None:
    with pytest.raises(UnknownAddressError) as caught:
        search.find(typed)
    kind = caught.value.unheld
    assert kind is not None
    assert kind.lower() in typed
    assert caught.value.candidates == []
    assert search.unheld(typed) == kind
    assert search.places(typed, 5) == []


@pytest.mark.parametrize("typed", ["ospedale", "via della Biblioteca", "biblioteca 3", "padova"])
def test_what_is_held_or_is_a_street_is_no_kind_without_a_list(
    search: PlaceSearch, typed: str
) -> None:
    assert search.unheld(typed) is None


def test_what_has_the_name_of_a_kind_that_is_not_held_is_offered() -> None:
    park = NamedPlace("Parco Biblioteca Prova", "park", 9.1, 45.4, "Parco Biblioteca Prova")
    library = NamedPlace("Biblioteca Vera", "school", 9.2, 45.4, "Biblioteca Vera")
    search = PlaceSearch(None, indexed([park, library]), MILANO.epsg)
    with pytest.raises(UnknownAddressError) as caught:
        search.find("biblioteca")
    assert set(caught.value.candidates) == {park.label, library.label}
    assert search.find("biblioteca vera").label == "Biblioteca Vera"
    assert {found.label for found in search.places("biblioteca", 5)} == {park.label, library.label}


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("محطة Prova", "Prova FS"),
        ("المحطة prova", "Prova FS"),
        ("Prova محطة", "Prova FS"),
        ("станція Prova", "Prova FS"),
        ("地铁站Inventata", "Inventata M1"),
        ("مستشفى Inventato", "Ospedale Inventato"),
        ("مدرسة Disegnata", "Scuola Prova Disegnata"),
        ("hôpital inventato", "Ospedale Inventato"),
        ("حديقة Prova", "Parco Prova"),
        ("পার্ক Prova", "Parco Prova"),
        ("صيدلية Inventata", "Inventata, via Pavia, 3"),
    ],
)
def test_words_for_kinds_of_place_are_known_in_the_languages_of_the_pages(
    typed: str, label: str
) -> None:
    rows = [(kind, name) for kind, names in NAMES.items() for name in names]
    places = [
        NamedPlace(name, kind, 9.1 + at / 60, 45.4, name) for at, (kind, name) in enumerate(rows)
    ]
    hospital = NamedPlace(
        "Ospedale Inventato", "service", 9.4, 45.4, "Ospedale Inventato", category="ospedale"
    )
    pharmacy = NamedPlace(
        "Inventata", "service", 9.3, 45.4, "Inventata", category="farmacia", detail="via Pavia, 3"
    )
    others = [place for place in places if place.label != "Ospedale Inventato"]
    found = PlaceSearch(drawn_streets(), indexed([*others, hospital, pharmacy]), MILANO.epsg)
    assert found.places(typed, 5)[0].label == label
    assert found.find(typed).label == label


def test_translated_labels_of_categories_are_names_of_their_kind() -> None:
    nothing = indexed([], {"cag": ["Youth club (cag)", "نادي الشباب"]})
    search = PlaceSearch(None, nothing, MILANO.epsg)
    assert search.unheld("youth club") == "Youth club"
    assert search.unheld("نادي الشباب") == "نادي الشباب"
    assert search.unheld("club") is None


@pytest.mark.parametrize("typed", ["C.so Vitt.Prova, 10", "c.so vitt.prova 10"])
def test_an_address_of_the_catalogue_is_found_as_its_source_writes_it(typed: str) -> None:
    there = NamedPlace(
        "Scuola Vera", "service", 9.3, 45.4, "Scuola Vera", "civic", 30.0, category="nido",
        detail="C.so Vitt.Prova, 10",
    )  # fmt: skip
    search = PlaceSearch(drawn_streets(), indexed([there]), MILANO.epsg)
    for found in (search.find(typed), search.places(typed, 5)[0]):
        # It is the place of the service, for no register has such a street.
        label = "Scuola Vera, C.so Vitt.Prova, 10"
        assert (found.label, found.kind, found.lon) == (label, "service", 9.3)
        assert (found.error_metres, found.confidence) == (30.0, 0.95)
    with pytest.raises(UnknownAddressError):
        search.find("C.so Vitt.Prova, 11")


@pytest.mark.parametrize("precision", ["civic", "street"])
def test_an_address_that_no_street_confirms_never_passes_for_one(precision: str) -> None:
    # One letter from a street of the register, whose number 4 is kilometres away from the service.
    there = NamedPlace(
        "Scuola Vera", "service", 9.3, 45.4, "Scuola Vera", precision, 30.0, category="nido",
        detail="via Inventtata, 1",
    )  # fmt: skip
    search = PlaceSearch(drawn_streets(("Via Inventata",)), indexed([there]), MILANO.epsg)
    assert search.find("via Inventtata, 1").label == "Via Inventata 1"
    first, *_ = search.places("via Inventtata, 1", 5)
    assert (first.label, first.kind) == ("Via Inventata 1", "address")
    assert first.confidence < 1


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
            "categories": [(), ()],
            "category_basis": None,
            "lon": lon,
            "lat": lat,
            "error_metres": 50.0,
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


def test_a_park_says_how_far_it_reaches_and_a_cemetery_is_none(tmp_path: Path) -> None:
    lon, lat = place(500)
    east, north = 200 / 78_000, 100 / 111_195  # 400 by 200 metres, around its middle
    green = shapely.box(lon - east, lat - north, lon + east, lat + north)
    names = ["Parco Disegnato", "Cimitero Inventato", "Area per Cani Prova"]
    background = gpd.GeoDataFrame({"kind": "park", "name": names}, geometry=[green] * 3, crs=4326)
    edition = drawn_city(tmp_path, [service(400, "uno")], background=background)
    places = CityPlaces(edition, MILANO.epsg)
    park = places.find("parco disegnato")
    assert (park.kind, park.error_metres) == ("park", pytest.approx(224, abs=3))
    assert places.find("cimitero inventato").kind == "cemetery"
    assert places.find("area cani prova").kind == "dog_area"


def test_the_parts_of_a_park_are_one_as_far_as_they_reach() -> None:
    near, far = (
        NamedPlace("Parco Vero", "park", lon, 45.4, "Parco Vero", error_metres=100)
        for lon in (9.1, 9.105)  # 390 m
    )
    (whole,) = indexed([near, far]).places
    assert whole.error_metres == pytest.approx(490, abs=3)


def test_of_the_places_beyond_the_border_only_stations_are_offered(tmp_path: Path) -> None:
    lon, lat = place(9000)
    far = gpd.GeoDataFrame(
        {"kind": ["station", "park"], "name": ["Lontana", "Parco Remoto"]},
        geometry=[shapely.Point(lon, lat)] * 2,
        crs=4326,
    )
    places = CityPlaces(drawn_city(tmp_path, [service(400, "uno")], background=far), MILANO.epsg)
    assert places.origin(Where("metro lontana")).outside_city
    assert places.places(Where("parco remoto"), 5) == []


def test_a_service_without_a_place_is_named_where_its_name_is_asked_for(tmp_path: Path) -> None:
    unplaced = service(400, "due", name="Bottega Inventata").model_copy(
        update={"locations": (Location(location_id="due"),)}
    )
    edition = drawn_city(tmp_path, [service(400, "uno"), unplaced])
    places = CityPlaces(edition, MILANO.epsg)
    with pytest.raises(UnknownAddressError) as caught:
        places.find("bottega inventata")
    assert [name for _, name in caught.value.unplaced] == ["Bottega Inventata"]
    with pytest.raises(UnknownAddressError) as caught:
        places.find("bottega sconosciuta")
    assert caught.value.unplaced == []


def test_police_is_found_by_name_and_those_that_are_called_so_come_first(tmp_path: Path) -> None:
    lon, lat = place(500)
    names = ["Caserma Disegnata", "Carabinieri Prova"]
    at = gpd.points_from_xy([lon, lon + 0.05], [lat, lat])
    background = gpd.GeoDataFrame({"kind": "police", "name": names}, geometry=at, crs=4326)
    edition = drawn_city(tmp_path, [service(400, "uno")], background=background)
    found = CityPlaces(edition, MILANO.epsg).places(Where("caserma"), 5)
    assert [one.kind for one in found][:1] == ["police"]
    assert found[0].label == "Caserma Disegnata"


def refused(search: PlaceSearch, text: str) -> UnknownAddressError:
    with pytest.raises(UnknownAddressError) as caught:
        search.find(text)
    return caught.value


def test_a_place_that_has_the_word_for_its_kind_in_its_name_is_not_passed_over() -> None:
    named = [
        NamedPlace(name, "service", 9.1 + at / 10, 45.4, name, category="ospedale")
        for at, name in enumerate(("San Vero", "Ospedale S. Vero Inventato"))
    ]
    search = PlaceSearch(None, indexed(named), MILANO.epsg)
    for typed in ("ospedale san vero", "san vero ospedale"):
        assert refused(search, typed).candidates == ["Ospedale S. Vero Inventato", "San Vero"]
        assert search.places(typed, 5)[0].label == "Ospedale S. Vero Inventato"
        assert search.places(typed, 5)[0].confidence < 1
    assert search.find("ospedale san vero inventato").label == "Ospedale S. Vero Inventato"


@pytest.mark.parametrize(
    "typed", ["20121", "20121 milano", "cap 20121", "MI 20121", "C.A.P. 20121 Milano (MI)"]
)
def test_a_postcode_alone_is_no_place(search: PlaceSearch, typed: str) -> None:
    assert refused(search, typed).reason == "postcode"
    assert search.places(typed, 5) == []
    assert search.reason(typed) == "postcode"
    assert search.find("via Padova 61, 20120 Milano").label == "Via Padova 61"


@pytest.mark.parametrize(
    "typed", ["farmacia", "صيدلية", "صيدليه", "consultorio", "حضانة", "ambulatorio", "la farmacia"]
)
def test_a_need_is_no_place(typed: str) -> None:
    named = [
        NamedPlace(f"Prova {at}", "service", 9.1 + at / 10, 45.4, f"Prova {at}", category=code)
        for at, code in enumerate(("farmacia", "nido", "consultorio", "ospedale"))
    ]
    health = NamedPlace("Clinica Vera", "health", 9.6, 45.4, "Clinica Vera")
    found = PlaceSearch(drawn_streets(), indexed([*named, health]), MILANO.epsg)
    assert (refused(found, typed).reason, refused(found, typed).candidates) == ("need", [])
    assert (found.places(typed, 5), found.reason(typed)) == ([], "need")


@pytest.mark.parametrize("typed", ["محطه Prova", "المحطه prova", "محـطة prova"])
def test_arabic_letters_that_are_written_for_one_another_are_one(
    search: PlaceSearch, typed: str
) -> None:
    assert search.find(typed).label == "Prova FS"


@pytest.mark.parametrize("typed", ["شارع بادوفا 61", "بادوفا", "вулиця Падова 61", "محطة لامبراته"])
def test_names_in_other_letters_are_asked_for_in_latin_ones(
    search: PlaceSearch, typed: str
) -> None:
    assert refused(search, typed).reason == "alphabet"
    assert search.reason(typed) == "alphabet"
    assert search.find("شارع Padova 61").label == "Via Padova 61"


@pytest.mark.parametrize("typed", ["clinica padova", "ospedale bergamo"])
def test_that_no_place_of_a_name_is_held_is_said_before_streets_that_have_it(
    search: PlaceSearch, typed: str
) -> None:
    error = refused(search, typed)
    assert (error.reason, error.candidates[0].split()[0]) == ("name", "Via")


def crossing_streets() -> Gazetteer:
    """Via Padova runs east, via Prova north from its 400 m; viale Lontano crosses neither."""
    streets = ["Via Padova", "Via Prova", "Viale Lontano", "Piazzale Vero"]
    numbers = np.arange(1, 22)
    along = [numbers * 40.0, 400.0 + 0 * numbers, numbers * 40.0, numbers * 2.0]
    across = [0.0 * numbers, numbers * 40.0, 3000.0 + 0 * numbers, 6000.0 + 0 * numbers]
    size = len(numbers) * len(streets)
    civics = Civics(
        np.arange(0, size + 1, len(numbers)), np.tile(numbers, len(streets)), [None] * size,
        ["2"] * size, [None] * size, X + np.concatenate(along), Y + np.concatenate(across),
        ["civic"] * size, np.full(size, 15.0), surveyed=True,
    )  # fmt: skip
    middles = Middles(
        np.arange(4), ["2"] * 4, np.full(4, X), np.full(4, Y), np.array([400.0, 400.0, 1600.0, 40])
    )
    return Gazetteer(Localities("Milano"), MILANO.epsg, streets, civics, middles)


@pytest.mark.parametrize(
    "typed",
    [
        "via Padova ang. via Prova", "via padova angolo prova",
        "via Padova, all'angolo con via Prova", "via Padova / via Prova",
        "via Padova, via Prova",
        "via padova/via prova", "incrocio via padova via prova",
        "via Padova e via Prova", "angolo tra via Padova e via Prova, Milano",
    ],
)  # fmt: skip
def test_two_streets_are_where_they_meet(typed: str) -> None:
    search = PlaceSearch(crossing_streets(), indexed([]), MILANO.epsg)
    found = search.find(typed)
    assert (found.label, found.kind) == ("Via Padova angolo Via Prova", "crossing")
    assert (found.x, found.y) == pytest.approx((X + 400, Y + 20), abs=0.1)
    assert found.error_metres == pytest.approx(15 + 20)
    assert search.places(typed, 5) == [found] == [search.find(found.label)]


def test_two_streets_that_are_not_known_to_meet_are_asked_about() -> None:
    search = PlaceSearch(crossing_streets(), indexed([]), MILANO.epsg)
    for typed in ("via Padova ang. viale Lontano", "via Padova angolo via Ignota"):
        error = refused(search, typed)
        assert (error.reason, error.candidates[0]) == ("crossing", "Via Padova")
    for typed in ("via Padova 3 ang. via Prova", "Padova 3/via Prova"):
        assert search.find(typed).label == "Via Padova 3"


def test_one_street_that_is_nearly_called_so_is_taken() -> None:
    search = PlaceSearch(crossing_streets(), indexed([]), MILANO.epsg)
    assert search.find("piazza vero").label == "Piazzale Vero"
    assert search.find("viale lotano 3").label == "Viale Lontano 3"
    # "Pdova" is via Prova as well.
    for typed in ("via pdova 3", "viale lotano 99", "viale lotano", "via lotano 3"):
        assert refused(search, typed)


def test_nobody_sets_out_from_the_middle_of_a_long_street(tmp_path: Path) -> None:
    places = CityPlaces(named_city(tmp_path), MILANO.epsg)
    places.__dict__["search"] = PlaceSearch(crossing_streets(), indexed([]), MILANO.epsg)
    with pytest.raises(UnknownAddressError) as caught:
        places.origin(Where("viale Lontano"))
    assert caught.value.reason == "wide"
    assert places.origin(Where("viale Lontano 3")).address == "Viale Lontano 3"
    assert places.origin(Where("via Padova")).address == "Via Padova"


def test_an_address_is_found_without_indexing_the_names() -> None:
    made: list[NamedPlace] = []

    def places() -> list[NamedPlace]:
        made.append(NamedPlace("Parco Prova", "park", 9.1, 45.4, "Parco Prova"))
        return made

    names = indexed(places, None, ["Parco Prova"])
    assert names.labelled("via Padova 61") is None
    assert not made
    assert names.labelled("parco prova") == names.places[0]
    assert len(made) == 1
