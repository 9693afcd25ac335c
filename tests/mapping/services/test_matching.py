"""Records of one service become one card; two services never do without a person."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.model import Location, Position, Provenance, Service
from mapping.services.matching import Decision, match, weights

EPSG = 32632
METRE = 1 / 111_200
"""Degrees of latitude."""


def record(
    key: str,
    name: str,
    address: str | None = None,
    *,
    metres: float | None = 0.0,
    category: str = "consultorio",
    **more: object,
) -> Service:
    """Draw a service of the source that the key begins with, so far north of one point."""
    position = Position()
    if metres is not None:
        position = Position(lon=9.19, lat=45.46 + metres * METRE, precision="civic")
    return Service.model_validate(
        {
            "service_id": key,
            "name": name,
            "categories": (category,),
            "locations": (Location(location_id=key, address=address, position=position),),
            "provenance": Provenance(source_id=key.split(":", maxsplit=1)[0]),
            **more,
        }
    )


def groups(*services: Service, decisions: tuple[Decision, ...] = ()) -> list[tuple[str, ...]]:
    return match(services, epsg=EPSG, decisions=decisions).groups


def asked(*services: Service, decisions: tuple[Decision, ...] = ()) -> list[tuple[str, str]]:
    queue = match(services, epsg=EPSG, decisions=decisions).queue
    return [(pair.left_id, pair.right_id) for pair in queue]


def test_one_place_in_two_sources_is_one_group():
    one = record("a:1", "CONSULTORIO TULIPANO", "VIA DISEGNATA 12/A")
    other = record("b:7", "Consultorio familiare Tulipano", "via Disegnata, 12", metres=20)
    assert groups(one, other) == [("a:1", "b:7")]


def test_two_registers_are_compared_where_they_put_it_wherever_its_door_is():
    at_door = {"lon": 9.19, "lat": 45.46 + 150 * METRE, "precision": "civic"}
    own = Position(**at_door, error_metres=1, published_lon=9.19, published_lat=45.46)
    place = Location(location_id="a:1", address=None, position=own)
    one = record("a:1", "Consultorio Tulipano").model_copy(update={"locations": (place,)})
    other = record("b:7", "Consultorio Tulipano", metres=10)
    far = record("b:8", "Consultorio Tulipano", metres=150)
    assert groups(one, other) == [("a:1", "b:7")]
    assert groups(one, far) == []


def test_another_category_is_another_service():
    one = record("a:1", "Spazio Tulipano", "via Disegnata 12")
    other = record("b:7", "Spazio Tulipano", "via Disegnata 12", category="doposcuola")
    assert groups(one, other) == []
    assert asked(one, other) == []


def test_a_renamed_place_at_the_same_door_is_asked_about():
    one = record("a:1", "Tulipano", "via Disegnata 12", phone="02 0000001")
    other = record("b:7", "Girasole", "via Disegnata 12", phone="02 0000001")
    assert groups(one, other) == []
    assert asked(one, other) == [("a:1", "b:7")]


def test_a_moved_place_is_asked_about():
    one = record("a:1", "Tulipano", "via Disegnata 12", phone="02 0000001")
    other = record("b:7", "Tulipano", "via Inventata 3", phone="+39 020000001", metres=2_000)
    assert groups(one, other) == []
    assert asked(one, other) == [("a:1", "b:7")]


def test_the_states_school_and_the_citys_in_one_building_stay_two():
    one = record("a:1", "Tulipano", "via Disegnata 12", ownership="state")
    other = record("b:7", "Tulipano", "via Disegnata 12", ownership="municipal")
    assert groups(one, other) == []


def test_a_register_that_names_a_service_twice_is_asked_about_never_joined():
    one = record("a:1", "Tulipano", "via Disegnata 12")
    twin = record("a:2", "Tulipano", "via Disegnata 12")
    other = record("b:7", "Tulipano", "via Disegnata 12")
    found = match([one, twin, other], epsg=EPSG)
    assert [len(group) for group in found.groups] == [2]
    assert ("a:1", "a:2") in [(pair.left_id, pair.right_id) for pair in found.queue]


def test_what_a_person_says_comes_before_any_evidence():
    one = record("a:1", "Tulipano", "via Disegnata 12")
    other = record("b:7", "Tulipano", "via Disegnata 12")
    third = record("c:3", "Rosa", "via Lontana 1", metres=5_000)
    decisions = (Decision("a:1", "b:7", same=False), Decision("b:7", "c:3", same=True))
    assert groups(one, other, third, decisions=decisions) == [("b:7", "c:3")]
    assert asked(one, other, third, decisions=decisions) == []


def test_a_decision_on_a_record_that_is_gone_is_no_matter():
    one = record("a:1", "Tulipano", "via Disegnata 12")
    assert groups(one, decisions=(Decision("a:1", "z:9", same=True),)) == []


def test_records_without_a_place_are_asked_about_at_the_most():
    one = record("a:1", "Tulipano", metres=None, phone="02 0000001")
    other = record("b:7", "Tulipano", metres=None, phone="02 0000001")
    assert groups(one, other) == []
    assert asked(one, other) == [("a:1", "b:7")]


def test_a_confidential_service_is_never_compared():
    one = record("a:1", "Tulipano", "via Disegnata 12", category="antiviolenza")
    other = record("b:7", "Tulipano", "via Disegnata 12", category="antiviolenza")
    assert groups(one, other) == []
    assert asked(one, other) == []


def test_the_order_of_the_records_changes_nothing():
    drawn = [
        record("a:1", "Tulipano", "via Disegnata 12"),
        record("a:2", "Tulipano", "via Disegnata 14", metres=15),
        record("b:7", "Tulipano", "via Disegnata 12", metres=5),
        record("c:3", "Tulipano", metres=10),
    ]
    found = {str(match(order, epsg=EPSG)) for order in permutations(drawn)}
    assert len(found) == 1


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.sampled_from(["Tulipano", "Rosa", "Giglio"]),
            st.integers(min_value=0, max_value=300),
        ),
        max_size=12,
    )
)
def test_no_group_holds_two_records_of_one_source(drawn: list[tuple[str, str, int]]):
    services = [
        record(f"{source}:{number}", name, metres=float(metres))
        for number, (source, name, metres) in enumerate(drawn)
    ]
    found = match(services, epsg=EPSG)
    members = [one for group in found.groups for one in group]
    assert len(members) == len(set(members))
    for group in found.groups:
        sources = [one.split(":")[0] for one in group]
        assert len(sources) == len(set(sources))


def test_the_probability_of_a_pair_is_the_sum_of_its_bits():
    one = record("a:1", "Tulipano", "via Disegnata 12")
    other = record("b:7", "Girasole", "via Disegnata 12")
    (pair,) = match([one, other], epsg=EPSG).queue
    bits = weights().prior + weights().bits["name"]["differs"] + weights().bits["place"]["door"]
    assert pair.probability == pytest.approx(1 / (1 + 2**-bits), abs=1e-3)
