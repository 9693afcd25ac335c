"""A merged card takes each field from whom it should, and says from whom."""

from itertools import permutations

from mapping.model import Location, Position, Provenance, Service
from mapping.services.merging import cards, merge


def record(
    source: str, assured: str, authority: str, place: Location | None = None, **more: object
) -> Service:
    return Service.model_validate(
        {
            "service_id": f"{source}:1",
            "name": f"Nome di {source}",
            "categories": ("nido",),
            "locations": (place or Location(location_id=source),),
            "provenance": Provenance.model_validate(
                {"source_id": source, "assured_date": assured, "authority": authority}
            ),
            **more,
        }
    )


def test_each_field_is_of_the_most_authoritative_that_knows_it():
    register = record("albo", "2026-02", "register", phone=None, capacity=20)
    owner = record("ente", "2026-01", "owner", phone="02 0000001", note="suonare")
    card = merge([register, owner])
    assert (card.service_id, card.same_as) == ("ente:1", ("albo:1",))
    assert (card.name, card.phone, card.capacity) == ("Nome di ente", "02 0000001", 20)
    assert card.field_sources is not None
    assert {name: said.source_id for name, said in card.field_sources.items()} == {
        "name": "ente", "note": "ente", "phone": "ente", "capacity": "albo",
        "status": "albo",
    }  # fmt: skip


def test_an_authority_of_long_ago_gives_way():
    owner = record("ente", "2019", "owner", phone="02 0000001")
    gathered = record("raccolta", "2026-01", "compiled", phone="02 0000002")
    assert merge([owner, gathered]).phone == "02 0000002"


def test_the_freshest_says_whether_the_place_is_open():
    register = record("albo", "2020", "register")
    gathered = record("raccolta", "2024-05", "compiled", status="defunct")
    card = merge([register, gathered])
    assert (card.status, card.provenance.assured_date) == ("defunct", "2024-05")


def test_the_better_point_at_the_same_door_is_taken():
    written = Location(
        location_id="a",
        address="via Disegnata 12",
        position=Position(lon=9.1, lat=45.4, precision="street", error_metres=200),
    )
    placed = Location(
        location_id="b", position=Position(lon=9.2, lat=45.5, precision="premises", error_metres=10)
    )
    elsewhere = Location(
        location_id="c",
        address="via Inventata 1",
        position=Position(lon=9.3, lat=45.6, precision="premises", error_metres=1),
    )
    card = merge(
        [
            record("ente", "2026", "owner", written),
            record("albo", "2026", "register", placed),
            record("raccolta", "2026", "compiled", elsewhere),
        ]
    )
    assert card.locations[0].address == "via Disegnata 12"
    assert card.locations[0].position.lon == 9.2


def test_ages_come_as_a_pair():
    register = record("albo", "2026", "register", age_max_months=36)
    owner = record("ente", "2026", "owner", age_min_months=72)
    card = merge([register, owner])
    assert (card.age_min_months, card.age_max_months) == (72, None)


def test_an_itinerant_service_keeps_its_places():
    stops = tuple(Location(location_id=f"stop {day}") for day in ("Tu", "We"))
    moving = record("ente", "2026", "owner").model_copy(update={"locations": stops})
    assert merge([moving, record("albo", "2026", "register")]).locations == stops


def test_the_order_changes_nothing_and_nothing_is_lost():
    records = [
        record("albo", "2026", "register", capacity=20),
        record("ente", "2026", "owner"),
        record("raccolta", "2023", "compiled", email="a@example.org"),
    ]
    alone = record("altro", "2026", "register")
    group = [one.service_id for one in records]
    found = {str(cards([*order, alone], [group])) for order in permutations(records)}
    assert len(found) == 1
    (cards_,) = [cards([*records, alone], [group])]
    assert [one.service_id for one in cards_] == ["altro:1", "ente:1"]
