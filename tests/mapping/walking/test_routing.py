import itertools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from ingest.layers.streets import read_streets
from ingest.source import source
from mapping.arrays import Floats, Ints
from mapping.city import city
from mapping.walking import routing
from mapping.walking.network import Network, snap
from mapping.walking.profiles import Profile, profiles
from mapping.walking.routing import Graph, Trip, graph, nearest_straight, straight_metres, targets
from mapping.walking.snapping import Snaps
from mapping.walking.topology import from_lines
from tests.mapping.drawn import EPSG, Place, draw, drawn, lines

SPEED = 2.0

# Cells of 10 m: A to B 40 m, B to C 30 m, B to D 20 m, D to E 30 m; Y to Z is an island.
TOWN = """
A---B--C
    |
    D--E

Y---Z
"""


def at(network: Network, *places: Place) -> Snaps:
    x, y = np.array(places).T
    return snap(network, x, y)


def walked(network: Network, metres_per_second: float = SPEED) -> Graph:
    return graph(
        network,
        Profile(id="drawn", label="Prova", metres_per_second=metres_per_second, source="drawn"),
    )


def nearest(
    network: Network, origin: Place, feet: Snaps, *, metres_per_second: float, **asked: object
) -> list[Trip]:
    on = walked(network, metres_per_second)
    return routing.nearest(on, origin, targets(on, feet), **asked).trips


def nearest_seconds(
    network: Network, points: Snaps, feet: Snaps, *, metres_per_second: float
) -> tuple[Floats, Ints]:
    on = walked(network, metres_per_second)
    seconds, target = routing.nearest_k(on, points, targets(on, feet), count=1)
    return seconds[:, 0], target[:, 0]


def trips(network: Network, origin: Place, *targets: Place) -> list[Trip]:
    feet = at(network, *targets)
    return nearest(network, origin, feet, count=len(targets), metres_per_second=SPEED)


def answers(found: list[Trip]) -> list[tuple[int, float]]:
    return [(trip.target, round(trip.seconds, 6)) for trip in found]


def test_seconds_along_streets_are_those_computed_by_hand() -> None:
    network, town = drawn(TOWN)

    found = trips(network, town["A"], town["E"], town["C"], town["D"])

    # A-B-D 60 m, A-B-C 70 m, A-B-D-E 90 m.
    assert answers(found) == [(2, 30), (1, 35), (0, 45)]
    assert [trip.metres for trip in found] == [60, 70, 90]


def test_a_walk_is_as_long_back_as_forth() -> None:
    network, town = drawn(TOWN)

    for here, there in itertools.permutations("ACDE", 2):
        forth = trips(network, town[here], town[there])
        back = trips(network, town[there], town[here])
        assert_allclose(forth[0].seconds, back[0].seconds)


def test_both_snaps_are_walked() -> None:
    network, _ = drawn("A---------B")

    found = trips(network, (20, 6), (70, -8))

    assert answers(found) == [(0, (6 + 50 + 8) / SPEED)]


def test_a_place_across_from_its_foot_is_not_zero_minutes_away() -> None:
    network, _ = drawn("A---------B")

    feet = at(network, (50, -30))

    assert answers(trips(network, (50, 30), (50, -30))) == [(0, 60 / SPEED)]
    seconds, _ = nearest_seconds(network, at(network, (50, 30)), feet, metres_per_second=SPEED)
    assert list(seconds) == [60 / SPEED]


def test_places_on_one_edge_are_walked_between_directly_either_way() -> None:
    network, _ = drawn("A---------B")

    assert answers(trips(network, (20, 0), (70, 0))) == [(0, 25)]
    assert answers(trips(network, (70, 0), (20, 0))) == [(0, 25)]


def test_places_on_one_edge_are_walked_around_where_that_is_shorter() -> None:
    # The detour from A to B is 300 m long, the street between them 40 m; both ends of the detour
    # lie on one edge, so that the way between them over A and B is 10 + 40 + 10 m, not 280 m.
    street = ("street", [(0, 0), (40, 0)])
    stubs = [("street", [(0, 0), (-20, 0)]), ("street", [(40, 0), (60, 0)])]
    detour = ("street", [(0, 0), (0, 130), (40, 130), (40, 0)])
    network = from_lines(lines(street, *stubs, detour), epsg=EPSG)

    found = trips(network, (0, 10), (40, 10))
    seconds, _ = nearest_seconds(
        network, at(network, (0, 10)), at(network, (40, 10)), metres_per_second=SPEED
    )

    assert answers(found) == [(0, 60 / SPEED)]
    assert_allclose(seconds, 60 / SPEED)


def test_of_two_streets_between_the_same_crossings_the_shorter_is_walked() -> None:
    network, town = drawn("""
A--+--+--B
   |  |
   +--+
""")

    found = trips(network, town["A"], town["B"])

    assert answers(found) == [(0, 45)]


def test_a_loop_is_walked_the_short_way_round() -> None:
    # 100 m wide: from (90, 100) it is 190 m to the loop's only crossing one way, 210 m the other.
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    network = from_lines(lines(("street", [(-50, 0), (0, 0)]), ("street", ring)), epsg=EPSG)

    found = trips(network, (-50, 0), (90, 100))

    assert answers(found) == [(0, (50 + 190) / SPEED)]


def test_a_footpath_that_cuts_a_street_shortens_the_way() -> None:
    around = """
A----------B
|          |
|          |
C----------D
"""
    path = """
A-----+----B
|     :    |
|     :    |
C----------D
"""
    (long, town), (short, _) = drawn(around), drawn(path)

    # By B and D it is 30 + 30 + 30 m; by the path, which cuts C-D in its middle, 20 + 30 + 20 m.
    assert answers(trips(long, (80, 0), (80, -30))) == [(0, 45)]
    assert answers(trips(short, (80, 0), (80, -30))) == [(0, 35)]
    assert town["C"] == (0, -30)


def test_what_cannot_be_reached_is_left_out_of_a_look_up() -> None:
    network, town = drawn(TOWN)

    assert answers(trips(network, town["A"], town["Z"], town["B"])) == [(1, 20)]
    assert trips(network, town["A"], town["Z"]) == []


def test_what_cannot_be_reached_is_not_a_number_in_a_table() -> None:
    network, town = drawn(TOWN)
    points = at(network, town["A"], town["Y"], town["E"])

    seconds, target = nearest_seconds(
        network, points, at(network, town["B"]), metres_per_second=SPEED
    )

    assert_allclose(seconds, [20, np.nan, 25], rtol=1e-6)
    assert list(target) == [0, -1, 0]


def test_without_targets_nothing_is_near() -> None:
    network, town = drawn(TOWN)
    none = at(network, town["A"]).take(np.zeros(0, np.int64))

    seconds, target = nearest_seconds(network, at(network, town["A"]), none, metres_per_second=1)

    assert_array_equal(seconds, [np.nan])
    assert list(target) == [-1]
    assert nearest(network, town["A"], none, count=3, metres_per_second=1) == []


def test_a_far_origin_walks_to_the_street_first() -> None:
    network, _ = drawn("A----B")

    found = trips(network, (25, 5_000), (25, 0))

    assert answers(found) == [(0, 5_000 / SPEED)]


def test_equally_near_targets_come_in_their_own_order() -> None:
    network, town = drawn("A----M----B")

    found = trips(network, town["M"], town["B"], town["A"], town["B"])

    assert answers(found) == [(0, 25), (1, 25), (2, 25)]


@pytest.mark.parametrize(("limit", "reached"), [(0, 0), (29.9, 0), (30, 1), (35, 2), (45, 3)])
def test_a_walk_of_exactly_the_limit_is_allowed(limit: float, reached: int) -> None:
    network, town = drawn(TOWN)
    targets = at(network, town["D"], town["C"], town["E"])

    found = nearest(
        network, town["A"], targets, count=3, metres_per_second=SPEED, max_seconds=limit
    )

    assert [trip.target for trip in found] == [0, 1, 2][:reached]


def test_a_target_on_the_spot_is_there_even_without_time() -> None:
    network, town = drawn(TOWN)
    targets = at(network, town["A"])

    found = nearest(network, town["A"], targets, count=1, metres_per_second=SPEED, max_seconds=0)

    assert answers(found) == [(0, 0)]


def test_count_keeps_the_nearest() -> None:
    network, town = drawn(TOWN)
    targets = at(network, town["E"], town["D"], town["C"])

    found = nearest(network, town["A"], targets, count=2, metres_per_second=SPEED)

    assert [trip.target for trip in found] == [1, 2]


def test_twice_the_speed_is_half_the_time_over_the_same_metres() -> None:
    network, town = drawn(TOWN)
    targets = at(network, town["E"])

    slow, fast = (
        nearest(network, town["A"], targets, count=1, metres_per_second=speed)[0]
        for speed in (1.0, 2.0)
    )

    assert (slow.seconds, fast.seconds) == (90, 45)
    assert slow.metres == fast.metres == 90


@pytest.mark.parametrize(
    ("origin", "target", "expected"),
    [
        ((10, 5), (60, -20), [(10, 5), (10, 0), (40, 0), (40, -20), (60, -20)]),
        ((60, -20), (10, 0), [(60, -20), (40, -20), (40, 0), (10, 0)]),
        ((30, 0), (10, 4), [(30, 0), (10, 0)]),
    ],
)
def test_the_path_follows_the_streets_from_door_to_foot(
    origin: Place, target: Place, expected: list[Place]
) -> None:
    network, _ = drawn(TOWN)

    trip = nearest(
        network, origin, at(network, target), count=1, metres_per_second=1, with_paths=True
    )[0]

    assert trip.path is not None
    line = shapely.LineString(trip.path)
    assert line.simplify(0.001).equals_exact(shapely.LineString(expected), 1e-6)


def test_calls_do_not_affect_each_other() -> None:
    network, town = drawn(TOWN)
    before = answers(trips(network, town["A"], town["E"], town["C"]))
    points, targets = at(network, *town.values()), at(network, town["Y"])

    trips(network, town["Y"], town["Z"])
    nearest_seconds(network, points, targets, metres_per_second=3.0)

    assert answers(trips(network, town["A"], town["E"], town["C"])) == before


# A town of blocks 30 m wide, with a footpath through a block and an alley that ends nowhere.
BLOCKS = """
A--B--C--D
|  |  :  |
|  |  :  |
E--F--G--H
|     |  |
|  I..+  |
J-----K--L
"""
NETWORK, PLACES = drawn(BLOCKS)
spots = st.tuples(st.floats(-40, 130), st.floats(-100, 40))


def seconds_between(network: Network, here: Place, there: Place) -> float:
    seconds, _ = nearest_seconds(
        network, at(network, here), at(network, there), metres_per_second=SPEED
    )
    return float(seconds[0])


def metres_to_street(place: Place) -> float:
    return float(at(NETWORK, place).snap_metres[0])


@given(here=spots, there=spots)
def test_walks_are_symmetric_and_never_shorter_than_the_crow_flies(
    here: Place, there: Place
) -> None:
    forth, back = seconds_between(NETWORK, here, there), seconds_between(NETWORK, there, here)

    assert_allclose(forth, back, atol=1e-6)
    assert forth * SPEED >= np.hypot(here[0] - there[0], here[1] - there[1]) - 1e-6


def test_parts_that_no_street_joins_are_searched_each_for_itself() -> None:
    rows = "A----B--1-C---2\n\n" + "D--3---E-------4\n" + "\n" + "F-------G---5--H"
    network, places = drawn(rows)
    graph_of_all = walked(network)
    here = at(network, *(places[mark] for mark in "ABCDEFGH"))
    to = targets(graph_of_all, at(network, *(places[mark] for mark in "51423")))
    seconds, target = routing.nearest_k(graph_of_all, here, to, count=3)
    pairs = routing.matrix(graph_of_all, here, to, max_seconds=1e6).tocoo()
    table = np.full((8, 5), np.inf)
    table[pairs.row, pairs.col] = pairs.data
    order = np.argsort(table, axis=1, kind="stable")[:, :3]
    expected = np.take_along_axis(table, order, 1)
    assert_allclose(np.nan_to_num(seconds, nan=np.inf), expected)
    assert_array_equal(target, np.where(np.isinf(expected), -1, order))
    assert (target >= 0).sum(axis=1).tolist() == [2, 2, 2, 2, 2, 1, 1, 1]


@given(here=spots, by=spots, there=spots)
def test_a_stop_on_the_way_never_shortens_it(here: Place, by: Place, there: Place) -> None:
    direct = seconds_between(NETWORK, here, there)

    stopping = seconds_between(NETWORK, here, by) + seconds_between(NETWORK, by, there)

    assert direct <= stopping + 1e-6


@given(here=spots, targets=st.lists(spots, min_size=1, max_size=8))
def test_the_nearest_of_a_table_is_the_first_of_a_look_up(
    here: Place, targets: list[Place]
) -> None:
    feet = at(NETWORK, *targets)

    seconds, target = nearest_seconds(NETWORK, at(NETWORK, here), feet, metres_per_second=SPEED)
    found = nearest(NETWORK, here, feet, count=len(targets), metres_per_second=SPEED)

    assert len(found) == len(targets)
    assert_allclose(found[0].seconds, seconds[0], atol=1e-5)
    assert found[0].target == target[0] or found[1].seconds - found[0].seconds < 1e-5
    assert [trip.seconds for trip in found] == sorted(trip.seconds for trip in found)


@given(here=spots, targets=st.lists(spots, min_size=1, max_size=8), limit=st.floats(0, 200))
def test_a_longer_limit_never_removes_a_target(
    here: Place, targets: list[Place], limit: float
) -> None:
    feet = at(NETWORK, *targets)

    def within(seconds: float) -> dict[int, float]:
        found = nearest(NETWORK, here, feet, count=8, metres_per_second=SPEED, max_seconds=seconds)
        return {trip.target: trip.seconds for trip in found}

    everything = within(np.inf)
    assert within(limit) == {t: s for t, s in everything.items() if s * SPEED <= limit * SPEED}


def meets_streets_only_at_its_ends(pair: tuple[str, str]) -> bool:
    ends = [PLACES[name] for name in pair]
    streets, _ = draw(BLOCKS)
    shared = shapely.LineString(ends).intersection(streets.geometry.union_all())
    return shared.difference(shapely.MultiPoint(ends)).is_empty


# Streets come cut at their crossings: one that lies on others, uncut, is no street of a city.
LINKS = [*filter(meets_streets_only_at_its_ends, itertools.combinations("ABCDEFGHJKL", 2))]


@given(here=spots, there=spots, ends=st.sampled_from(LINKS))
def test_a_new_street_never_lengthens_a_walk_between_the_same_feet(
    here: Place, there: Place, ends: tuple[str, str]
) -> None:
    first, second = ends
    streets, _ = draw(BLOCKS)
    link = lines(("street", [PLACES[first], PLACES[second]]))
    linked = from_lines(pd.concat([streets, link], ignore_index=True), epsg=EPSG)
    feet = [at(NETWORK, place) for place in (here, there)]
    start, end = ((float(foot.x[0]), float(foot.y[0])) for foot in feet)

    assert seconds_between(linked, start, end) <= seconds_between(NETWORK, start, end) + 1e-6


@given(here=spots, there=spots)
def test_a_path_is_as_long_as_the_metres_walked(here: Place, there: Place) -> None:
    feet = at(NETWORK, there)

    trip = nearest(NETWORK, here, feet, count=1, metres_per_second=1, with_paths=True)[0]

    assert trip.path is not None
    assert tuple(trip.path[0]) == here
    assert_allclose(trip.path[-1], (feet.x[0], feet.y[0]), atol=1e-6)
    walked = shapely.LineString(trip.path).length + feet.snap_metres[0]
    assert_allclose(walked, trip.metres, atol=1e-5)


def test_each_speed_has_its_published_source() -> None:
    assert "adult" in profiles()
    for name, profile in profiles().items():
        assert profile.id == name
        assert 0.3 < profile.metres_per_second < 2
        assert profile.source
        assert profile.label


def test_straight_lines_are_lengthened_by_the_detour_index() -> None:
    metres = straight_metres(0, 0, np.array([300.0, 0.0]), np.array([400.0, 0.0]))
    seconds, target = nearest_straight(
        np.zeros(1), np.zeros(1), np.array([600.0, 300.0]), np.array([800.0, 400.0]),
        metres_per_second=SPEED,
    )  # fmt: skip

    assert_allclose(metres, [500 * 1.417, 0])
    assert_allclose(seconds, 500 * 1.417 / SPEED)
    assert list(target) == [1]


def test_straight_lines_to_nowhere_are_not_a_number() -> None:
    none = np.zeros(0)

    seconds, target = nearest_straight(np.zeros(2), np.zeros(2), none, none, metres_per_second=1)

    assert_array_equal(seconds, [np.nan, np.nan])
    assert list(target) == [-1, -1]


@pytest.fixture(scope="module")
def milano(mirror: Path) -> Network:
    entry = source("dbt_streets")
    lines = read_streets(entry, mirror / str(entry.mirror), city("milano")).frame
    return from_lines(gpd.GeoDataFrame(lines).to_crs(EPSG), epsg=EPSG)


def peer(network: Network, feet: Snaps) -> nx.MultiGraph:
    """The same graph in networkx: each foot a node that cuts its edge."""
    graph: nx.MultiGraph = nx.MultiGraph()
    for edge, (u, v) in enumerate(zip(network.edge_u, network.edge_v, strict=True)):
        here = np.flatnonzero(feet.edge == edge)
        here = here[np.argsort(feet.offset_metres[here])]
        stops = [int(u), *(("foot", int(n)) for n in here), int(v)]
        along = np.diff([0.0, *feet.offset_metres[here], network.edge_metres[edge]])
        for one, other, metres in zip(stops[:-1], stops[1:], along, strict=True):
            graph.add_edge(one, other, metres=float(metres))
    return graph


def around(network: Network, rng: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    node = rng.integers(0, len(network.node_x), count)
    x, y = network.node_x[node], network.node_y[node]
    return x + rng.normal(0, 60, count), y + rng.normal(0, 60, count)


def together(one: Snaps, other: Snaps) -> Snaps:
    pairs = zip(vars(one).values(), vars(other).values(), strict=True)
    return Snaps(*[np.concatenate(pair) for pair in pairs])


@pytest.mark.shared
@pytest.mark.slow
def test_two_hundred_walks_in_milano_equal_those_of_networkx(milano: Network) -> None:
    rng = np.random.default_rng(61)
    (x, y), targets = around(milano, rng, 200), snap(milano, *around(milano, rng, 300))
    origins = snap(milano, x, y)
    graph = peer(milano, together(origins, targets))
    table, _ = nearest_seconds(milano, origins, targets, metres_per_second=SPEED)

    for n in range(200):
        found = nearest(milano, (x[n], y[n]), targets, count=3, metres_per_second=SPEED)
        # Anything nearer than the third answer would be found within its metres.
        limit = found[-1].metres + 1 if len(found) == 3 else None
        metres = nx.single_source_dijkstra_path_length(graph, ("foot", n), limit, "metres")
        expected = sorted(
            (metres[foot] + origins.snap_metres[n] + targets.snap_metres[t]) / SPEED
            for t in range(300)
            if (foot := ("foot", 200 + t)) in metres
        )[:3]
        assert_allclose([trip.seconds for trip in found], expected, atol=1e-6)
        assert_allclose(table[n], expected[0] if expected else np.nan, atol=1e-5)


@pytest.mark.shared
@pytest.mark.slow
def test_paths_in_milano_are_as_long_as_the_metres_walked(milano: Network) -> None:
    rng = np.random.default_rng(7)
    (x, y), targets = around(milano, rng, 20), snap(milano, *around(milano, rng, 40))

    for here in zip(x, y, strict=True):
        for trip in nearest(milano, here, targets, count=3, metres_per_second=1, with_paths=True):
            assert trip.path is not None
            length = shapely.LineString(trip.path).length + targets.snap_metres[trip.target]
            # Ends that were up to 2 m apart have been joined: the drawing jumps, the sum does not.
            assert_allclose(length, trip.metres, rtol=0.01, atol=20)


def test_look_ups_at_once_do_not_disturb_each_other() -> None:
    network, town = drawn(TOWN)
    on = walked(network)
    to = targets(on, at(network, town["A"], town["E"], town["C"], town["D"]))

    def look_up(origin: Place) -> list[tuple[int, float, int]]:
        found = routing.nearest(on, origin, to, count=3, with_paths=True).trips
        return [(trip.target, trip.seconds, len(trip.path)) for trip in found]

    origins = list(town.values()) * 50
    alone = [look_up(origin) for origin in origins]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(look_up, origins)) == alone
    assert 1 <= len(on.searches) <= 9
    assert all(np.isinf(memory.nodes["seconds"]).all() for _, memory in on.searches)


def test_one_waits_at_a_crossing_that_is_passed_and_half_as_long_where_one_turns_up():
    network, places = drawn(TOWN)
    profile = Profile(id="drawn", label="Prova", metres_per_second=SPEED, source="drawn")
    waiting = graph(network, profile, 20.0)
    (trip,) = routing.nearest(
        waiting, places["A"], targets(waiting, at(network, places["C"])), count=1
    ).trips
    assert trip.seconds == pytest.approx(70 / SPEED + 20)
    ends = graph(network, profile, 20.0).edge_seconds - graph(network, profile).edge_seconds
    assert sorted(ends.tolist()) == pytest.approx([0, 10, 10, 10])
