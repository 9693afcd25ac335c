"""Whether a service is at the door of its address, or at the point that its source publishes."""

import numpy as np
import pytest

from ingest.locate import Locator
from mapping.city import city
from mapping.crs import to_degrees
from mapping.geocoding.civics import Civics, Middles
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.localities import Localities
from mapping.model import Location, Position, Provenance, Service

MILANO = city("milano")
X, Y = 515_000.0, 5_034_000.0
STREETS = ("Via Prova", "Via Sant'Erlembardo", "Via Pier Lombardo")
"""A kilometre apart, with the numbers 1 to 9, every 100 metres."""


def locator() -> Locator:
    size, count = 9 * len(STREETS), len(STREETS)
    number = np.tile(np.arange(1, 10), count)
    street = np.repeat(np.arange(count), 9)
    civics = Civics(
        np.arange(0, size + 1, 9), number, [None] * size, ["2"] * size, [None] * size,
        X + 100.0 * number, Y + 1000.0 * street, ["civic"] * size, np.full(size, 15.0),
        surveyed=True,
    )  # fmt: skip
    middles = Middles(
        np.arange(count), ["2"] * count, np.full(count, X + 500), Y + 1000.0 * np.arange(count),
        np.full(count, 500.0),
    )  # fmt: skip
    gazetteer = Gazetteer(Localities("Milano"), MILANO.epsg, list(STREETS), civics, middles)
    return Locator(MILANO, gazetteer, surveyed=True)


def at(x: float, y: float, precision: str = "civic") -> Position:
    lon, lat = (round(float(value[0]), 6) for value in to_degrees([x], [y], MILANO.epsg))
    return Position(lon=lon, lat=lat, precision=precision, error_metres=100)


def placed(address: str, position: Position) -> Position:
    service = Service(
        service_id="prova:1",
        name="Scuola di prova",
        categories=("nido",),
        locations=(Location(location_id="prova:1", address=address, position=position),),
        provenance=Provenance(source_id="prova"),
    )
    return locator().place(service, ours=False).locations[0].position


@pytest.mark.parametrize(
    ("metres", "error", "is_moved"),
    [(0, 15, False), (40, 55, False), (60, 15, True), (300, 15, True)],
)
def test_the_surveyed_number_of_an_address_wins_over_a_point_that_is_not_at_it(
    metres, error, is_moved
):
    own = at(X + 400, Y + metres)
    place = placed("via Prova 4", own)
    assert place.precision == "civic"
    assert place.error_metres == pytest.approx(error, abs=1)
    door = at(X + 400, Y)
    expected = door if is_moved else own
    assert (place.lon, place.lat) == (expected.lon, expected.lat)
    # The point that the source publishes stays beside.
    assert (place.published_lon, place.published_lat) == (
        (own.lon, own.lat) if is_moved else (None, None)
    )


@pytest.mark.parametrize(
    "address", ["via Prova", "via Prova - via Altra", "via Prova ang. Lombardo 4"]
)
def test_a_point_of_an_address_without_a_number_or_of_two_streets_is_at_no_number(address):
    place = placed(address, at(X + 400, Y + 20))
    assert (place.precision, place.error_metres) == ("street", 100)
    assert (place.lon, place.lat) == (at(X + 400, Y + 20).lon, at(X + 400, Y + 20).lat)


def test_an_outline_on_the_map_and_a_number_that_the_street_lacks_overrule_no_point():
    for address, own in (
        ("via Prova 4", at(X + 400, Y + 200, "premises")),
        ("via Prova 11", at(X + 800, Y + 200)),
        ("via Prova 4/B", at(X + 400, Y + 200)),
    ):
        assert placed(address, own) == own


def test_a_point_on_another_street_gives_way_to_the_street_a_letter_away():
    place = placed("via San Elembardo 4", at(X + 400, Y + 2000))
    street = at(X + 400, Y + 1000)
    assert (place.lon, place.lat) == (street.lon, street.lat)
    assert (place.precision, place.error_metres) == ("interpolated", pytest.approx(1000, abs=1))


def test_a_point_near_a_street_of_nearly_the_name_stays():
    own = at(X + 430, Y + 1000)
    assert placed("via San Elembardo 4", own) == own


def test_a_point_that_no_street_confirms_is_no_civic_number():
    own = at(X + 400, Y + 2000)
    unknown = placed("via Inesistente 4", own)
    assert (unknown.lon, unknown.lat, unknown.precision) == (own.lon, own.lat, "street")
    assert unknown.error_metres == 400
