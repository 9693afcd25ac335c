"""Walks from a drawn place far from all streets, with seconds by hand at 80 metres a minute."""

import itertools

import numpy as np
import pytest

from mapping.walking.profiles import DETOUR_INDEX, profile
from mapping.walking.service_walks import NearestServices, ServiceWalks, StraightLines
from mapping.walking.topology import from_lines
from tests.mapping.drawn import EPSG, lines

METRES_PER_SECOND = profile("adult").metres_per_second
# A spur of 400 m that ends beside the place, a street that leads to the service, and one that
# crosses both at the other end of the spur.
SPUR = ("street", [(0, 0), (0, 400)])


def walks(place: tuple[float, float], street_x: float, count: int = 1, **asked: object):
    street = ("street", [(street_x, 0), (street_x, 500)])
    xs = [-100, 0, street_x, street_x + 100]
    across = [("street", [(west, 0), (east, 0)]) for west, east in itertools.pairwise(xs)]
    network = from_lines(lines(SPUR, street, *across), epsg=EPSG)
    service_walks = ServiceWalks(
        network, profile("adult"), np.array([street_x, 0.0]), np.array([500.0, 100.0])
    )
    wanted = np.ones(2, bool)
    return service_walks.nearest(place, wanted, count=count, max_seconds=3600, **asked)


def test_the_way_out_is_by_the_street_from_which_the_walk_is_shortest() -> None:
    found = walks((60, 400), 140, count=2)

    # 80 m to the street and 100 m along it; 60 m to the spur and 300 m down.
    assert [walk.target for walk in found.walks] == [0, 1]
    assert [walk.seconds * METRES_PER_SECOND for walk in found.walks] == pytest.approx([180, 360])
    assert found.snap_metres == pytest.approx(60)


def test_a_street_half_as_far_again_is_another_street_and_beyond_it_is_none() -> None:
    # 90 m are within 1.5 times 60 m; 91 m are not: down the spur, along, and up.
    within, beyond = walks((60, 400), 150), walks((60, 400), 151)

    assert within.walks[0].seconds * METRES_PER_SECOND == pytest.approx(90 + 100)
    assert beyond.walks[0].target == 1


def test_a_place_by_a_street_sets_out_on_it() -> None:
    found = walks((50, 400), 120, count=2)

    by_spur = [50 + 300, 50 + 400 + 120 + 500]
    assert [walk.seconds * METRES_PER_SECOND for walk in found.walks] == pytest.approx(by_spur)


def test_the_way_is_drawn_from_the_place_by_the_street_that_is_taken() -> None:
    (walk,) = walks((60, 400), 140, with_paths=True).walks

    assert walk.path is not None
    assert walk.path.tolist() == [[60, 400], [140, 400], [140, 500]]


def border_walks(place: tuple[float, float], service: tuple[float, float]) -> NearestServices:
    # A street of the city, and one beyond the border that nothing joins to it.
    city = ("street", [(0, 0), (3000, 0)])
    island = ("street", [(1000, 350), (1020, 350)])
    network = from_lines(lines(city, island), epsg=EPSG)
    reach = ServiceWalks(network, profile("adult"), np.array([service[0]]), np.array([service[1]]))
    return reach.nearest(place, np.array([True]), count=1, max_seconds=3600)


def test_a_service_on_an_island_is_walked_to_from_the_mainland_with_its_end_straight() -> None:
    (walk,) = border_walks((500, 0), (1000, 300)).walks

    assert walk.metres == pytest.approx(500 + 300)
    assert walk.snap_metres == pytest.approx(300)
    assert walk.estimated


def test_whoever_lives_on_an_island_sets_out_by_the_mainland() -> None:
    found = border_walks((1000, 300), (500, 0))

    assert found.walks[0].metres == pytest.approx(300 + 500)
    assert found.walks[0].estimated
    assert found.snap_metres == pytest.approx(300)


def test_at_the_door_of_a_service_far_from_streets_nobody_walks_to_a_street_and_back() -> None:
    (walk,) = border_walks((1000, 300), (1000, 310)).walks

    assert walk.metres == pytest.approx(10 * DETOUR_INDEX)
    assert walk.estimated


def beyond_a_cut_street(metres: float = 2000) -> ServiceWalks:
    """One service stands on the far stump of a street that is cut for 170 m, one in the city.

    The way around goes 1000 m north, 470 m east and back.
    """
    around = [(0, 0), (0, 1000), (470, 1000), (470, 0)]
    streets = [("street", [(0, 0), (300, 0)]), ("street", [(470, 0), (700, 0)])]
    streets += [("street", list(pair)) for pair in itertools.pairwise(around)]
    network = from_lines(lines(*streets), epsg=EPSG)
    x, y = np.array([0.0, 500]), np.array([900.0, 0])
    return ServiceWalks(network, profile("adult"), x, y, StraightLines(np.array([1]), metres))


def cut_street(place: tuple[float, float], *, metres: float = 2000, **asked: object):
    wanted = np.ones(2, bool)
    asked = {"count": 2, "max_seconds": 7200} | asked
    return beyond_a_cut_street(metres).nearest(place, wanted, **asked).walks


def test_over_the_border_a_straight_line_stands_for_the_street_that_lacks() -> None:
    service, other = cut_street((250, 0))

    # 250 m in a straight line; 250 + 1000 + 470 + 1000 + 30 m by the streets that are known.
    assert (service.target, service.estimated, service.path) == (1, True, None)
    assert service.metres == pytest.approx(250 * DETOUR_INDEX)
    assert (other.target, other.estimated) == (0, False)
    assert other.metres == pytest.approx(250 + 900)


def test_a_walk_may_be_shorter_where_a_straight_line_would_stand_for_a_street() -> None:
    cut, both, inside = beyond_a_cut_street(), np.ones(2, bool), np.array([True, False])

    assert cut.may_lack_streets((250, 0), both, 7200)
    assert not cut.may_lack_streets((250, 0), inside, 7200)
    # From (0, 970) the known walk is no detour; 250 m with the detour index take 265.7 s.
    assert not cut.may_lack_streets((0, 970), both, 7200)
    assert not cut.may_lack_streets((250, 0), both, 265)


def test_a_service_is_estimated_alike_however_many_are_wanted() -> None:
    alone, both = cut_street((250, 0), count=1), cut_street((250, 0), count=2)

    assert alone[0] == both[0]


def test_over_the_border_a_known_walk_up_to_twice_the_straight_line_stays() -> None:
    # From (0, 970): 30 + 470 + 1000 + 30 m of streets, 1092 m straight.
    walks = cut_street((0, 970))

    assert [walk.target for walk in walks] == [0, 1]
    assert walks[1].metres == pytest.approx(30 + 470 + 1000 + 30)
    assert not walks[1].estimated


def test_a_straight_line_stands_for_no_more_metres_than_services_are_read_over_the_border() -> None:
    near, far = cut_street((250, 0), metres=251)[0], cut_street((250, 0), metres=249)[0]

    assert (near.target, far.target) == (1, 0)
    # 250 m with the detour index take 265.7 s.
    assert cut_street((250, 0), max_seconds=266)[0].estimated
    assert cut_street((250, 0), max_seconds=265) == []


def test_what_is_near_in_a_straight_line_and_far_by_the_streets_is_named() -> None:
    streets, both = beyond_a_cut_street(metres=0), np.ones(2, bool)

    near = streets.led_around((250, 0), both, 250 * DETOUR_INDEX + 1)

    assert near is not None
    assert (near.walk.target, near.straight_metres) == (1, 250)
    assert near.walk.metres == pytest.approx(250 + 1000 + 470 + 1000 + 30)
    assert streets.led_around((250, 0), both, 250 * DETOUR_INDEX) is None
    assert streets.led_around((0, 970), both, 2000) is None
    # Over the border it is estimated, and led nowhere around.
    assert beyond_a_cut_street().led_around((250, 0), both, 1000) is None
