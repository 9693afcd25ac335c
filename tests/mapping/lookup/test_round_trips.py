"""Outings in a drawn city of one street, worked by hand: 80 metres are a minute."""

from datetime import datetime
from pathlib import Path

import pytest

from mapping.errors import BadInputError
from mapping.lookup.documents import outings_document
from mapping.lookup.nearest import Lookup
from mapping.lookup.origin import Where
from mapping.lookup.question import Question
from mapping.lookup.round_trips import outings
from mapping.model import Service
from tests.mapping.drawn_city import MILANO, drawn_city, place, service
from tests.mapping.worked import numbers, section, table

TEN = datetime(2026, 3, 3, 10)  # noqa: DTZ001 - the place's own time; a Tuesday
NUMBER_FOUR = "via Inventata, 4"


def at(metres: float, key: str, *codes: str, address: str | None = None, **said: object) -> Service:
    given = service(metres, key, categories=codes, **said)
    (where,) = given.locations
    return given.model_copy(update={"locations": (where.model_copy(update={"address": address}),)})


@pytest.fixture(scope="module")
def lookup(tmp_path_factory: pytest.TempPathFactory) -> Lookup:
    """Hold a street of 1000 m; each test asks for needs of its own."""
    services = [
        at(200, "nido", "nido"),
        at(700, "far nido", "nido"),
        at(800, "pharmacy", "farmacia"),
        at(1000, "far pharmacy", "farmacia"),
        at(300, "both", "cag", "consultorio"),
        at(400, "desk", "wemi"),
        at(300, "games", "ludoteca", address=NUMBER_FOUR),
        at(310, "books", "biblioteca", address=NUMBER_FOUR),
        at(100, "dear", "emporio_solidale", free=False),
        at(300, "free", "emporio_solidale", free=True),
        at(400, "silent", "emporio_solidale"),
        at(600, "meals", "mensa"),
        at(200, "late", "uonpia", opening_hours="Mo-Fr 10:30-12:00"),
        at(800, "early", "ospedale", opening_hours="Mo-Fr 08:00-10:30"),
        at(500, "evening", "sport", opening_hours="Mo-Fr 17:00-20:00"),
    ]
    root: Path = tmp_path_factory.mktemp("drawn")
    return Lookup(drawn_city(root, services), MILANO.epsg)


def asked(
    lookup: Lookup, *needs: str, home: float = 0, beside: float = 0, **wishes: object
) -> dict:
    lon, lat = place(home)
    origin = lookup.origin(Where(lon=lon, lat=lat + beside))
    return outings_document(outings(lookup, origin, Question(needs, **wishes)), "x")


def told(outing: dict) -> list[list[tuple[str, list[str]]]]:
    return [
        [(row["service_id"].removeprefix("prova:"), row["needs"]) for row in stop["services"]]
        for stop in outing["stops"]
    ]


def test_the_places_that_make_the_day_short_are_not_the_nearest_of_each(lookup: Lookup) -> None:
    # From 450 the nido at 200 is as near as that at 700, but the pharmacy lies beyond the latter.
    best, *others = asked(lookup, "nido", "farmacia", home=450)["rounds"]
    assert told(best) == [[("far nido", ["nido"])], [("pharmacy", ["farmacia"])]]
    assert (best["metres"], best["seconds"], best["estimated"]) == (700, 525, False)
    walks = [*(stop["leg"]["metres"] for stop in best["stops"]), best["home"]["metres"]]
    assert walks == [250, 100, 350]
    assert [other["metres"] for other in others] == [1100, 1200]


def test_the_worked_example_is_that_of_the_docs(lookup: Lookup) -> None:
    rows = table(section("Several needs in one outing"))
    found = asked(lookup, "nido", "farmacia", home=450)["rounds"]
    assert [one["metres"] for one in found] == numbers(rows["metres"])
    assert [one["seconds"] for one in found] == numbers(rows["seconds"])
    spots = {"nido": 200, "far nido": 700, "pharmacy": 800, "far pharmacy": 1000}
    for one, nido, pharmacy in zip(found, rows["nido"], rows["pharmacy"], strict=True):
        assert {spots[stop[0][0]] for stop in told(one)} == {int(nido), int(pharmacy)}


def test_a_place_of_two_needs_is_one_stop(lookup: Lookup) -> None:
    (only,) = asked(lookup, "consultorio", "wemi", "cag")["rounds"]
    assert told(only) == [[("both", ["consultorio", "cag"])], [("desk", ["wemi"])]]
    assert only["metres"] == 800


def test_services_of_one_address_are_one_stop(lookup: Lookup) -> None:
    (only,) = asked(lookup, "biblioteca", "ludoteca")["rounds"]
    (services,) = told(only)
    assert sorted(services) == [("books", ["biblioteca"]), ("games", ["ludoteca"])]
    assert only["metres"] in (600, 620)


def test_every_place_fits_the_conditions(lookup: Lookup) -> None:
    said = asked(lookup, "emporio_solidale", "mensa", home=350, free=True)
    shops = [stop["services"][0] for one in said["rounds"] for stop in one["stops"]]
    unknown = {row["service_id"].removeprefix("prova:"): row["unknown"] for row in shops}
    assert unknown == {"free": [], "silent": ["free"], "meals": ["free"]}


def test_a_need_beyond_reach_is_told_and_there_is_no_round(lookup: Lookup) -> None:
    # 600 m are seven and a half minutes.
    near = asked(lookup, "nido", "mensa", max_minutes=7)
    assert (near["rounds"], near["lacking"]) == ([], ["mensa"])


def test_of_a_need_without_any_data_the_round_says_so_and_meets_the_others(lookup: Lookup) -> None:
    # Of "cav" no place is known at all: 200 m to the nido and back.
    found = asked(lookup, "nido", "cav")

    assert (found["unrecorded"], found["lacking"]) == (["cav"], [])
    assert found["rounds"][0]["metres"] == 400


def test_the_way_round_is_that_in_which_places_are_open(lookup: Lookup) -> None:
    (plain,) = asked(lookup, "uonpia", "ospedale")["rounds"]
    assert [stop[0][0] for stop in told(plain)] == ["late", "early"]
    assert plain["back"] is None
    assert "open" not in plain["stops"][0]["services"][0]
    (timed,) = asked(lookup, "uonpia", "ospedale", open_at=TEN)["rounds"]
    # 800 m are ten minutes, then half an hour there and 600 m; half an hour and 200 m.
    assert [stop[0][0] for stop in told(timed)] == ["early", "late"]
    assert [stop["arrival"][11:] for stop in timed["stops"]] == ["10:10", "10:47"]
    assert [stop["services"][0]["open"] for stop in timed["stops"]] == [True, True]
    assert timed["back"] == "2026-03-03T11:20"


def test_a_place_that_opens_much_later_is_left_out(lookup: Lookup) -> None:
    assert asked(lookup, "uonpia", "sport", open_at=TEN)["lacking"] == ["sport"]
    assert asked(lookup, "uonpia", "sport")["lacking"] == []


def test_hours_that_are_not_known_are_not_closed(lookup: Lookup) -> None:
    (only,) = asked(lookup, "wemi", "mensa", open_at=TEN)["rounds"]
    assert [stop["services"][0]["open"] for stop in only["stops"]] == [None, None]


def test_who_walks_is_respected(lookup: Lookup) -> None:
    (adult,) = asked(lookup, "wemi", "mensa")["rounds"]
    (stroller,) = asked(lookup, "wemi", "mensa", profile="stroller")["rounds"]
    assert (adult["seconds"], stroller["seconds"]) == (900, round(1200 / 1.1613))


def test_off_the_streets_a_round_is_an_estimate(lookup: Lookup) -> None:
    (only,) = asked(lookup, "wemi", "mensa", beside=0.02)["rounds"]
    assert (only["estimated"], only["home"]["line"], only["home"]["directions"]) == (
        True, None, None,
    )  # fmt: skip


@pytest.mark.parametrize(
    "needs",
    [(), ("nido",), ("nido", "nido"), ("nido", "farmacia", "cag", "sport", "wemi")],
)
def test_one_need_or_five_are_one_line(lookup: Lookup, needs: tuple[str, ...]) -> None:
    with pytest.raises(BadInputError, match="Give 2 to 4 different ones"):
        asked(lookup, *needs)
