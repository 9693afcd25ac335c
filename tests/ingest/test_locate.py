from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from ingest.border import within
from ingest.layers.addresses import joined, read_civics, read_street_names
from ingest.layers.raw_table import read_table
from ingest.layers.reference import read_areas
from ingest.layers.streets import read_streets
from ingest.locate import anchors_at, anchors_of, locator
from ingest.services import read_services
from ingest.source import source
from mapping.city import city
from mapping.crs import to_metres
from mapping.model import Location, Position, Provenance, Service
from mapping.territory.areas import Layers

MILANO = city("milano")
UNKNOWN = Position()
FOUND = ("civic", "interpolated", "street")


def services(mirror: Path, name: str) -> list[Service]:
    entry = source(name)
    table = read_table(entry, mirror / str(entry.mirror))
    return read_services(
        entry, table, MILANO, lambda lon, lat: 9 < lon < 9.3 and lat < 45.54
    ).services


@pytest.fixture(scope="module")
def surveyed(mirror):
    """A locator that knows where schools and hospitals are, and no pharmacy."""

    def layer(name, read):
        entry = source(name)
        return read(entry, mirror / str(entry.mirror), MILANO).frame

    layers = Layers(layer("municipi_ds379", read_areas), layer("nil_ds964", read_areas))
    lines = gpd.GeoDataFrame(layer("dbt_streets", read_streets)).to_crs(MILANO.epsg)
    entry = source("stradario")
    civics = read_civics(entry, mirror / str(entry.mirror), MILANO, lambda *_: True).frame
    known = ("scuole_2016", "scuole_2026", "ospedali_lombardia")
    anchors = [service for name in known for service in services(mirror, name)]
    known = anchors_of(anchors, MILANO)
    return locator(MILANO, layers, lines, civics, known)


def service(address: str, position: Position = UNKNOWN, **known: str) -> Service:
    return Service(
        service_id="prova:1",
        name="Servizio di prova",
        categories=("farmacia",),
        locations=(
            Location(location_id="prova:1", address=address, position=position, **known),
        ),
        provenance=Provenance(source_id="prova"),
    )  # fmt: skip


def apart(one: Position, other: Position) -> float:
    x, y = to_metres([one.lon, other.lon], [one.lat, other.lat], MILANO.epsg)
    return float(np.hypot(np.diff(x), np.diff(y))[0])


@pytest.mark.shared
@pytest.mark.slow
def test_pharmacies_held_out_are_found_near_where_they_are(surveyed, mirror):
    known = services(mirror, "farmacie_2026")
    found = [surveyed.place(one, ours=True).locations[0].position for one in known]
    placed = [
        (apart(own.locations[0].position, ours), ours.error_metres)
        for own, ours in zip(known, found, strict=True)
        if ours.precision in FOUND
    ]
    metres, error = np.array(placed).T
    assert len(known) == 421
    # Measured, and proved to the figure by tests/api/jobs/test_quality.py: docs/quality.md.
    assert len(placed) / len(known) >= 0.99
    assert (metres <= 150).sum() / len(known) >= 0.8
    assert np.median(metres) <= 60
    assert (metres <= error).mean() >= 0.8


WRONG = Position(lon=9.19, lat=45.46, precision="civic", error_metres=30)


@pytest.fixture(scope="module")
def registered(mirror):
    """A locator that has the register of civic numbers with coordinates, and no other address."""

    def layer(name, read, *more):
        entry = source(name)
        return read(entry, mirror / str(entry.mirror), MILANO, *more).frame

    layers = Layers(layer("municipi_ds379", read_areas))
    inside = within(layers.municipi)
    civics = joined([layer(name, read_civics, inside) for name in ("civici_ds634", "stradario")])
    lines = gpd.GeoDataFrame(layer("dbt_streets", read_streets)).to_crs(MILANO.epsg)
    names = layer("vie_ds634", read_street_names)
    return locator(MILANO, layers, lines, civics, [], names)


@pytest.mark.shared
def test_a_point_that_contradicts_its_number_is_not_believed(registered):
    (location,) = registered.place(service("via Padova 61", WRONG), ours=False).locations
    assert location.position.precision == "civic"
    assert location.position.lat > 45.485
    assert location.position.error_metres > 3000


@pytest.mark.shared
def test_a_guess_never_overrules_a_published_point(surveyed):
    (location,) = surveyed.place(service("via Padova 61", WRONG), ours=False).locations
    assert (location.position.lon, location.position.lat) == (WRONG.lon, WRONG.lat)
    assert location.position.error_metres > 3000


@pytest.mark.shared
def test_a_point_that_postcode_and_municipio_contradict_gives_way_to_the_street(surveyed, mirror):
    (school,) = (s for s in services(mirror, "scuole_2016") if s.service_id.endswith("MI1A58200P"))
    (published,) = school.locations
    assert (published.position.lon, published.position.lat) == (9.1664882, 45.4523208)
    (location,) = surveyed.place(school, ours=False).locations
    assert location.position.lon == pytest.approx(9.2476, abs=0.002)
    assert location.position.lat == pytest.approx(45.5156, abs=0.002)
    assert location.position.error_metres < 1000
    # Without a postcode that bears it out, a guess overrules nothing.
    (alone,) = surveyed.place(service("largo Bigatti 2", published.position), ours=False).locations
    assert alone.position.lon == published.position.lon


@pytest.mark.shared
def test_with_the_register_an_address_is_where_its_door_is(registered, mirror):
    known = services(mirror, "farmacie_2026")
    found = [registered.place(one, ours=True).locations[0].position for one in known]
    metres = np.array(
        [
            apart(own.locations[0].position, ours) if ours.precision in FOUND else np.inf
            for own, ours in zip(known, found, strict=True)
        ]
    )
    # Their points were made from this register: it is a test of words.
    assert (metres <= 50).mean() >= 0.97
    assert (metres <= 150).mean() >= 0.99


@pytest.mark.shared
@pytest.mark.parametrize(
    ("written", "street"),
    [
        ("via San Giovanni Bosco", "Via Don Bosco"),
        ("corso 22 marzo 10", "Corso Ventidue Marzo"),
        ("piazza Caneva Carlo", "Piazza Carlo Caneva"),
    ],
)
def test_a_street_is_found_by_each_of_its_names(registered, written, street):
    assert [place.street for place in registered.gazetteer.search(written)] == [street]


@pytest.mark.shared
def test_a_point_near_its_address_is_kept_as_published(surveyed):
    (first,) = surveyed.place(service("via Padova 61"), ours=False).locations
    own = Position(lon=first.position.lon, lat=first.position.lat, precision="civic")
    (location,) = surveyed.place(service("via Padova 61", own), ours=False).locations
    assert location.position == own


@pytest.mark.shared
def test_a_place_that_is_no_street_keeps_its_municipio_only(surveyed):
    (location,) = surveyed.place(service("Parco Trapezio", municipio="4"), ours=True).locations
    assert location.position == Position(precision="area")
    (nowhere,) = surveyed.place(service("Parco Trapezio"), ours=True).locations
    assert nowhere.position == Position(precision="none")


def test_a_confidential_service_tells_the_geocoder_nothing() -> None:
    known = Position(lon=9.131234, lat=45.448765, precision="premises")
    shelter = service("via Lorenteggio 183", known)
    shelter = shelter.model_copy(update={"categories": ("consultorio", "antiviolenza")})
    assert anchors_of([shelter], MILANO) == []
    assert len(anchors_of([service("via Lorenteggio 183", known)], MILANO)) == 1


def test_a_stop_tells_the_number_before_which_it_stands():
    stops = gpd.GeoDataFrame(
        {
            "name": ["CIMABUE", "CIMABUE", "Via Prova, 8", None],
            "address": ["V.PROVA FRONTE N.79", "V.PROVA N.81", None, None],
            "lon": 9.19,
            "lat": 45.46,
        }
    )
    told = [anchor.text for anchor in anchors_at(stops, MILANO)]
    assert told == ["V.PROVA N.79", "V.PROVA N.81", "Via Prova, 8"]
    assert [anchor.text for anchor in anchors_at(stops.drop(columns="address"), MILANO)] == [
        "CIMABUE",
        "Via Prova, 8",
    ]


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "municipio", "precision"),
    [
        # What the page asks about is not placed; what stands beside an address may answer it.
        ("Corsico", None, "none"),
        ("Corsico", "6", "area"),
        ("via Corsico 5", None, "interpolated"),
        ("via Claudio 9", None, "none"),
        ("via Padova 61; via Porpora 5", None, "interpolated"),
    ],
)
def test_a_record_is_placed_where_the_page_finds_its_address(
    surveyed, address, municipio, precision
):
    more = {} if municipio is None else {"municipio": municipio}
    one = surveyed.place(service(address, **more), ours=False)
    assert one.locations[0].position.precision == precision
