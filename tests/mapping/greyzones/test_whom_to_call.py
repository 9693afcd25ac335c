"""Whom to call in a drawn city: how many people each call is for, and who is called first."""

from pathlib import Path

from mapping.coverage.situations import BASE
from mapping.edition.call_list import callees, calls
from mapping.edition.queries import gravest_first, zone_rows
from mapping.model import Position, Provenance, Service
from tests.mapping.drawn_city import TODAY
from tests.mapping.greyzones.test_zone_table import STALE, pharmacy, town

OLDER = Provenance(source_id="prova", assured_date="2009", confidence="high")
UNSURE = Provenance(source_id="prova", assured_date="2026-02", confidence="high")


def within(metres: float, stale: Service) -> Service:
    """The same service, whose position is known no better than to so many metres."""
    (where,) = stale.locations
    spot = Position.model_validate({**where.position.model_dump(), "error_metres": metres})
    return stale.model_copy(update={"locations": (where.model_copy(update={"position": spot}),)})


def settled(root: Path, *services: Service) -> list[tuple[int | None, int | None]]:
    zones = zone_rows(town(root, pharmacy(0, "a"), *services), "farmacia")
    return [
        (z["call_people"], z["call_alone"]) for z in zones if z["reason"] == "records_unverified"
    ]


def test_a_call_is_for_whom_a_yes_gives_one_near_wherever_it_stands(tmp_path: Path) -> None:
    # Ten minutes are 800 m: of 25 people every 50 m those from 2,025 m to 3,175 m reach 2,800 m.
    stale = pharmacy(2800, "b", STALE)
    assert settled(tmp_path / "exact", stale) == [(600, 600)]
    # It may be 100 m farther: who is 725 m to 775 m from it, at 2,025 m and 2,075 m, may not.
    assert settled(tmp_path / "vague", within(100, stale)) == [(550, 550)]
    # Two of them: a yes from either is enough for all, and after a no there is the other.
    assert settled(tmp_path / "two", stale, pharmacy(2800, "c", STALE)) == [(600, 0)]
    # Of another at 2,600 m the yes is enough for those from 1,825 m on, 700: 600 have both.
    assert settled(tmp_path / "apart", stale, pharmacy(2600, "c", STALE)) == [(700, 100)]


def test_zones_are_ranked_by_those_for_whom_a_yes_is_enough(tmp_path: Path) -> None:
    # A yes of either of two at 3,600 m is enough for the 800 from 2,800 m on, of whom after a no
    # each has the other. The one at 1,600 m is alone for 600, those between 800 m and 2,000 m.
    edition = town(
        tmp_path,
        pharmacy(0, "a"),
        *(pharmacy(metres, key, STALE) for metres, key in ((3600, "b"), (3601, "c"), (1600, "d"))),
        count=18,
        residents=[100.0] * 10 + [0.0] * 3 + [200.0] * 5,
    )
    zones = [z for z in zone_rows(edition, "farmacia") if z["reason"] == "records_unverified"]
    told = [(z["rank"], z["call_id"], z["call_people"], z["call_alone"]) for z in zones]
    assert told == [(1, "prova:b", 800, 0), (2, "prova:d", 600, 600)]


def test_a_service_of_two_categories_is_called_once_for_the_people_of_one(tmp_path: Path) -> None:
    both = pharmacy(2800, "b", STALE).model_copy(update={"categories": ("wemi", "farmacia")})
    edition = town(tmp_path, pharmacy(0, "a"), both)
    (call,) = calls(edition, TODAY)
    assert (call.row.categories, call.category) == (("wemi", "farmacia"), "farmacia")
    assert call.people == 600
    assert [(one.category, one.people) for one in calls(edition, TODAY, "wemi")] == [("wemi", None)]
    assert calls(edition, TODAY, "nido") == []


def test_a_call_counts_nobody_where_it_is_not_declared_whom_the_service_is_for(
    tmp_path: Path,
) -> None:
    advice = pharmacy(2800, "w", OLDER).model_copy(update={"categories": ("wemi",)})
    edition = town(tmp_path, pharmacy(0, "a"), pharmacy(2800, "b", STALE), advice)
    assert {zone["call_people"] for zone in zone_rows(edition, "wemi")} == {None}
    due = calls(edition, TODAY)
    # It is older, and still comes after those of whom it is known how many they are for.
    assert [(call.row.service_id, call.people) for call in due] == [
        ("prova:b", 600), ("prova:w", None),
    ]  # fmt: skip


def test_whom_a_source_is_not_sure_of_is_called_however_fresh(tmp_path: Path) -> None:
    unsure = pharmacy(2800, "b", UNSURE, status="unsure")
    edition = town(tmp_path, pharmacy(0, "a"), unsure)
    (call,) = calls(edition, TODAY)
    assert (call.row.service_id, call.state, call.people) == ("prova:b", "unsure", 600)


def test_zones_are_summed_by_whom_to_call_and_the_call_for_most_comes_first() -> None:
    zone = {
        **BASE._asdict(), "reason": "records_unverified", "call_address": None, "call_phone": "02",
    }  # fmt: skip
    zones = [
        {**zone, "call_id": "x", "call_name": "X", "call_people": 300},
        {**zone, "call_id": "y", "call_name": "Y", "call_people": 200},
        {**zone, "call_id": "y", "call_name": "Y", "call_people": 150},
        # Of one section nobody says how many; where an entrance is no call tells.
        {**zone, "call_id": "x", "call_name": "X", "call_people": None},
        {
            **zone,
            "call_id": "x",
            "call_name": "X",
            "call_people": 95,
            "reason": "position_uncertain",
        },
    ]
    assert [(c.name, c.people, c.zones) for c in callees(zones)] == [("Y", 350, 2), ("X", 300, 1)]


def test_zones_without_a_rank_come_last_and_those_of_most_people_first() -> None:
    zones = [
        {"ranking": "to_check", "rank": rank, "demand": people}
        for rank, people in ((None, None), (None, 50), (2, 10), (None, 900), (1, 20))
    ]
    ranks = [(zone["rank"], zone["demand"]) for zone in gravest_first(zones)]
    assert ranks == [(1, 20), (2, 10), (None, 900), (None, 50), (None, None)]
