"""Look-ups in a drawn city: what is left out, what stays and is said, who walks."""

from pathlib import Path

import pytest
import shapely
from shapely.geometry import shape

from mapping.errors import BadInputError, UnknownServiceError
from mapping.lookup.documents import document, outlines
from mapping.lookup.nearest import Lookup
from mapping.lookup.origin import Origin, Where
from mapping.lookup.question import Question
from tests.mapping.drawn_city import MILANO, drawn_city, place, service


@pytest.fixture(scope="module")
def lookup(tmp_path_factory: pytest.TempPathFactory) -> Lookup:
    """Hold a street of 1000 m with four services, each of which knows something else."""
    services = [
        service(100, "silent"),
        service(200, "old", age_min_months=36, age_max_months=72, free=True),
        service(300, "dear", age_min_months=3, age_max_months=36, free=False),
        service(800, "fit", age_min_months=3, age_max_months=36, free=True),
    ]
    root: Path = tmp_path_factory.mktemp("drawn")
    return Lookup(drawn_city(root, services), MILANO.epsg)


def western_end(lookup: Lookup) -> Origin:
    lon, lat = place(0)
    return lookup.origin(Where(lon=lon, lat=lat))


def asked(lookup: Lookup, **wishes: object) -> dict:
    question = Question(("nido",), **wishes)
    return document(lookup.nearest(western_end(lookup), question), "x", question)


def straight_in_all(lookup: Lookup, beside_metres: float) -> list[float | None]:
    lon, lat = place(0)
    origin = lookup.origin(Where(lon=lon, lat=lat + beside_metres / 111_200))
    return [near.straight_in_all for near in lookup.nearest(origin, Question(("nido",))).results]


def test_straight_ends_are_told_where_they_are_more_than_fifty_metres(lookup: Lookup) -> None:
    # The services are by the street, 100, 200, 300 and 800 m along it.
    assert straight_in_all(lookup, 45) == [None] * 4
    assert straight_in_all(lookup, 60) == [pytest.approx(60, abs=1)] * 4


def test_of_a_short_walk_the_larger_part_may_be_straight(tmp_path: Path) -> None:
    beside = Lookup(drawn_city(tmp_path, [service(20, "next")]), MILANO.epsg)
    assert straight_in_all(beside, 40) == [pytest.approx(40, abs=1)]
    assert straight_in_all(beside, 15) == [None]


def names(rows: list[dict]) -> list[str]:
    return [row["service_id"].removeprefix("prova:") for row in rows]


def test_who_is_known_to_fail_is_left_out_and_who_is_unknown_stays(lookup: Lookup) -> None:
    said = asked(lookup, age_months=30, free=True)
    assert names(said["results"]) == ["silent", "fit"]
    assert [row["unknown"] for row in said["results"]] == [["age", "free"], []]
    assert said["almost"] == []


def test_each_wish_more_leaves_fewer_services(lookup: Lookup) -> None:
    everything = names(asked(lookup)["results"])
    young = names(asked(lookup, age_months=30)["results"])
    both = names(asked(lookup, age_months=30, free=True)["results"])
    assert everything == ["silent", "old", "dear", "fit"]
    assert set(both) < set(young) < set(everything)


def test_where_nothing_is_found_the_nearest_that_fails_one_thing_is_told(tmp_path: Path) -> None:
    services = [
        service(100, "both", age_min_months=36, age_max_months=72, free=False),
        service(200, "old", age_min_months=36, age_max_months=72, free=True),
        service(300, "older", age_min_months=72, age_max_months=90, free=True),
        service(350, "dear", age_min_months=3, age_max_months=36, free=False),
        service(900, "far", age_min_months=3, age_max_months=36, free=True),
    ]
    drawn = Lookup(drawn_city(tmp_path, services), MILANO.epsg)
    said = asked(drawn, age_months=30, free=True, max_minutes=5)
    assert said["results"] == []
    told = [(name, row["fails"]) for name, row in zip(names(said["almost"]), said["almost"])]  # noqa: B905
    # 900 m are 675 s, beyond five minutes; "both" fails two things, and "older" is farther.
    assert told == [("old", "age"), ("dear", "free"), ("far", "max_minutes")]
    assert said["almost"][-1]["seconds"] == 675


def test_both_snaps_are_told(lookup: Lookup) -> None:
    lon, lat = place(0)
    beside = lookup.origin(Where(lon=lon, lat=lat + 0.0005))
    question = Question(("nido",), count=1)
    said = document(lookup.nearest(beside, question), "x", question)
    assert said["origin"]["snap_metres"] == pytest.approx(55.6, abs=0.3)
    assert said["results"][0]["snap_metres"] == pytest.approx(0, abs=0.1)


def test_a_stroller_is_slower_and_the_answer_says_what_streets_do_not(lookup: Lookup) -> None:
    adult, stroller = asked(lookup), asked(lookup, profile="stroller")
    # 800 m at 80 metres a minute, and at 3.81 feet a second.
    assert adult["results"][-1]["seconds"] == 600
    assert stroller["results"][-1]["seconds"] == round(800 / 1.1613)
    assert adult["profile"] == {"id": "adult", "label": "Adulto", "unknown": []}
    assert stroller["profile"]["unknown"] == ["steps"]
    assert lookup.reach("stroller") is lookup.reach("stroller")


def test_outlines_lie_inside_one_another_in_degrees_too(lookup: Lookup) -> None:
    places = [western_end(lookup)]
    drawn = lookup.isochrones(places, [3, 1, 2, 30])
    said = outlines(places, lookup.reach("adult"), drawn, "x")
    shapes = [shape(one["geometry"]) for one in said["features"]]
    assert [one["properties"]["minutes"] for one in said["features"]] == [1, 2, 3, 30]
    assert [one["properties"]["kilometres"] for one in said["features"]] == [0.08, 0.16, 0.24, 1.0]
    assert shapely.is_valid(shapes).all()
    assert all(shapely.contains(shapes[1:], shapes[:-1]))


def test_a_service_is_outlined_from_all_its_places(lookup: Lookup) -> None:
    (found,) = lookup.starts(None, "prova:dear")
    (one,) = lookup.isochrones([found], [1])
    assert one.street_metres == pytest.approx(160, abs=0.1)
    with pytest.raises(UnknownServiceError, match="Unknown service 'prova:none'"):
        lookup.starts(None, "prova:none")
    with pytest.raises(BadInputError, match="and not both"):
        lookup.starts(None, None)


@pytest.mark.parametrize("minutes", [[], [0], [61], [-5, 10], [1, 2, 3, 4, 5, 6, 7]])
def test_absurd_minutes_are_one_line(lookup: Lookup, minutes: list[int]) -> None:
    with pytest.raises(BadInputError, match="Give 1 to 6 numbers, from 1 to 60"):
        lookup.isochrones([western_end(lookup)], minutes)


def test_off_the_streets_a_circle_is_drawn_and_called_an_estimate(lookup: Lookup) -> None:
    lon, lat = place(0)
    nowhere = lookup.origin(Where(lon=lon, lat=lat + 0.01))
    (one,) = lookup.isochrones([nowhere], [10])
    assert (one.estimated, one.street_metres) == (True, None)
    assert one.shape.contains(shapely.Point(lon, lat + 0.01))


@pytest.mark.parametrize(("down", "is_detour"), [(2, False), (3, True)])
def test_a_walk_far_around_may_lack_a_passage_and_the_answer_says_so(
    tmp_path: Path, down: int, *, is_detour: bool
) -> None:
    # From A to B, 200 m apart, around by the south: 600 m, and 800 m, 3 and 4 times as far.
    drawing = "\n".join(["A B", *["| |"] * (down - 1), "+-+"])
    around = Lookup(drawn_city(tmp_path, [service(200, "beyond")], drawing), MILANO.epsg)
    (found,) = asked(around)["results"]
    assert found["metres"] == 200 + down * 200
    assert (found["estimated"], found["detour"]) == (False, is_detour)


def test_the_nearest_in_a_straight_line_is_named_where_the_streets_lead_far_around(
    tmp_path: Path,
) -> None:
    # Between 500 and 700 m the street lacks; the way around is 1000 m south, and 1000 m back.
    sides = ["|           |"] * 9
    drawing = "\n".join(["A----B C----D", *sides, "E-----------F"])
    cut = Lookup(drawn_city(tmp_path, [service(720, "far"), service(100, "near")], drawing), 32632)
    (lon, lat), question = place(480), Question(("nido",), count=1)
    origin = cut.origin(Where(lon=lon, lat=lat))

    answer = cut.nearest(origin, question, paths=True)

    (near,) = answer.around
    assert [result.service.name for result in answer.results] == ["Inventato near"]
    assert (near.service.name, near.straight_metres) == ("Inventato far", pytest.approx(240, abs=1))
    assert near.seconds * 80 / 60 == pytest.approx(480 + 1000 + 1200 + 1000 + 480, abs=2)
    assert cut.nearest(origin, question).around == []
