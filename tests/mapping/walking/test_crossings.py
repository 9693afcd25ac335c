"""Drawn maps of bridges, tunnels and crossings, with seconds by hand at 80 metres a minute."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pytest
import shapely
from numpy.testing import assert_allclose

from mapping.walking import routing
from mapping.walking.bridge_ends import barriers
from mapping.walking.crossings import (
    UNKNOWN_LEVEL,
    close_road_tunnels,
    cut_at_shared_vertices,
    cut_in_structures,
)
from mapping.walking.network import Network, summary
from mapping.walking.profiles import profile
from mapping.walking.topology import from_lines
from tests.mapping.drawn import EPSG, Place, Vertex, lines

STREET: tuple[str, Sequence[Vertex]] = ("street", [(-500, 0), (500, 0)])
METRES_PER_SECOND = 80 / 60


def seconds(network: Network, start: Place, end: Place) -> float:
    graph = routing.graph(network, profile("adult"))
    targets = routing.targets(graph, graph.snap([end[0]], [end[1]]))
    walks, _ = routing.nearest_k(graph, graph.snap([start[0]], [start[1]]), targets, count=1)
    return float(walks[0, 0])


def levelled(
    *strokes: tuple[str, Sequence[Vertex]],
    levels: Sequence[int],
    barriers: Sequence[shapely.Geometry] | None = (),
) -> Network:
    frame = lines(*strokes).assign(level=list(levels))
    known = None if barriers is None else np.array(barriers, object)
    return from_lines(frame, epsg=EPSG, barriers=known)


# A footbridge over a street, and the way round by its end: 100 m up, 500 m along, 100 m back.
BRIDGE = ("footpath", [(0, -100), (0, 100)])
ROUND = ("street", [(500, 0), (500, 100), (0, 100)])


@pytest.mark.parametrize("level", [1, -1, 2])
def test_a_footpath_over_or_under_a_street_does_not_meet_it(level: int) -> None:
    network = levelled(STREET, BRIDGE, ROUND, levels=[0, level, 0])

    # From the street below, 500 + 100 + 500 + 100 m, though the footpath passes overhead.
    walk = seconds(network, (0, 0), (0, -100))
    assert_allclose(walk, (500 + 100 + 500 + 200) / METRES_PER_SECOND, rtol=0.001)


def test_a_footpath_crosses_a_street_at_grade() -> None:
    network = levelled(STREET, BRIDGE, ROUND, levels=[0, 0, 0])

    assert_allclose(seconds(network, (0, 0), (0, -100)), 100 / METRES_PER_SECOND, rtol=0.001)


def test_lines_without_levels_are_at_grade() -> None:
    network = from_lines(lines(STREET, BRIDGE), epsg=EPSG)

    assert summary(network)["components"] == 1


def test_ways_of_different_levels_meet_at_a_node_that_they_share() -> None:
    stairs, deck = ("steps", [(0, 0), (0, 50)]), ("footpath", [(0, 50), (0, 90)])

    network = levelled(STREET, stairs, deck, levels=[0, 0, 1])

    assert_allclose(seconds(network, (0, 0), (0, 90)), 90 / METRES_PER_SECOND, rtol=0.001)


def test_a_junction_on_a_bridge_is_not_that_of_the_street_below() -> None:
    below = [("street", [(-500, 0), (0, 0)]), ("street", [(0, 0), (500, 0)])]
    deck = [("footpath", [(0, -90), (0, 1)]), ("footpath", [(0, 1), (0, 90)])]
    side = ("footpath", [(0, 1), (60, 60)])

    network = levelled(*below, *deck, side, levels=[0, 0, 1, 1, 1])

    assert summary(network)["components"] == 2


@pytest.mark.parametrize(("height", "components"), [(0.0, 1), (1.9, 1), (2.0, 2), (5.0, 2)])
def test_heights_say_whether_lines_that_cross_meet(height: float, components: int) -> None:
    street = ("street", [(-50, 0, 120.0), (50, 0, 120.0)])
    path = ("footpath", [(0, -50, 120.0 + height), (0, 50, 120.0 + height)])

    network = from_lines(lines(street, path), epsg=EPSG)

    assert summary(network)["components"] == components


def test_a_path_inside_the_outline_of_a_bridge_meets_only_what_it_ends_at() -> None:
    canal_path = ("footpath", [(0, -300), (0, 300)])
    stub = ("footpath", [(300, 0), (300, 40)])
    outline = gpd.GeoSeries([shapely.box(-10, -8, 10, 8), shapely.box(290, -8, 310, 8)], crs=EPSG)

    cut = cut_in_structures(lines(STREET, canal_path, stub).assign(level=0), outline)
    network = from_lines(cut, epsg=EPSG)

    assert sorted(cut.length) == [8, 16, 32, 292, 292, 1000]
    assert (cut["level"] == UNKNOWN_LEVEL).sum() == 2
    # The path passes under the street; the stub begins on it.
    assert_allclose(seconds(network, (0, 0), (300, 40)), 340 / METRES_PER_SECOND, rtol=0.001)
    assert summary(network)["components"] == 2


def test_a_narrow_bridge_is_not_met_by_the_ends_of_what_passes_below() -> None:
    path = ("footpath", [(0, -50), (0, 50)])
    outline = gpd.GeoSeries([shapely.box(-10, -1, 10, 1)], crs=EPSG)

    network = from_lines(cut_in_structures(lines(STREET, path).assign(level=0), outline), epsg=EPSG)

    assert summary(network)["components"] == 2
    assert_allclose(seconds(network, (0, -40), (0, 40)), 80 / METRES_PER_SECOND, rtol=0.001)


def test_a_footbridge_that_ends_before_the_street_is_led_on_to_it() -> None:
    bank = ("street", [(-500, -60), (500, -60)])
    bridge, ramp = ("footpath", [(0, -60), (0, -20)]), ("footpath", [(0, -20), (20, -20)])

    network = levelled(STREET, bank, bridge, ramp, levels=[0, 0, 1, 0])

    # 40 m over the bridge, 20 m down the ramp, 20 m over the verge that nobody drew.
    assert_allclose(seconds(network, (0, -60), (20, 0)), 80 / METRES_PER_SECOND, rtol=0.001)


@pytest.mark.parametrize("gap", [49.0, 51.0])
def test_a_bridge_is_led_on_no_farther_than_fifty_metres(gap: float) -> None:
    bank = ("street", [(-500, -100 - gap), (500, -100 - gap)])
    bridge = ("footpath", [(0, -100 - gap), (0, -gap)])

    network = levelled(STREET, bank, bridge, levels=[0, 0, 1])

    assert summary(network)["components"] == (1 if gap < 50 else 2)


@pytest.mark.parametrize("gap", [9.0, 11.0])
def test_a_bridge_is_led_on_by_ten_metres_where_waters_are_not_known(gap: float) -> None:
    bank = ("street", [(-500, -100 - gap), (500, -100 - gap)])
    bridge = ("footpath", [(0, -100 - gap), (0, -gap)])

    network = levelled(STREET, bank, bridge, levels=[0, 0, 1], barriers=None)

    assert summary(network)["components"] == (1 if gap < 10 else 2)


CANAL = shapely.box(-500, -15, 500, -5)
RAILS = shapely.LineString([(-500, -10), (500, -10)])


@pytest.mark.parametrize("barrier", [CANAL, RAILS])
def test_a_bridge_is_led_on_over_neither_water_nor_rails(barrier: shapely.Geometry) -> None:
    bank = ("street", [(-500, -60), (500, -60)])
    bridge, quay = ("footpath", [(0, -60), (0, -20)]), ("footpath", [(30, -20), (30, 0)])
    drawn = [STREET, bank, bridge, quay]

    over = levelled(*drawn, levels=[0, 0, 1, 0])
    along = levelled(*drawn, levels=[0, 0, 1, 0], barriers=[barrier])

    # 40 m of bridge and 20 m ahead; else 30 m along the bank, and over the way that is drawn.
    assert_allclose(seconds(over, (0, -60), (0, 0)), 60 / METRES_PER_SECOND, rtol=0.001)
    assert_allclose(seconds(along, (0, -60), (0, 0)), 120 / METRES_PER_SECOND, rtol=0.001)


def test_a_bridge_is_not_led_on_over_a_road_without_walkers() -> None:
    bank = ("street", [(-500, -60), (500, -60)])
    bridge, motorway = ("footpath", [(0, -60), (0, -20)]), ("street", [(-500, -10), (500, -10)])
    drawn = lines(STREET, bank, bridge, motorway).assign(level=[0, 0, 1, 0])

    network = from_lines(
        drawn.assign(walkable=[True, True, True, False]), epsg=EPSG, barriers=np.array([], object)
    )

    assert summary(network)["components"] == 2


@pytest.mark.parametrize(("rise", "components"), [(0.0, 1), (8.0, 2)])
def test_a_bridge_is_led_on_to_no_flyover(rise: float, components: int) -> None:
    ground = ("street", [(-500, -60, 120.0), (500, -60, 120.0)])
    beside = ("street", [(-500, -60, 120.0), (-500, -40, 120.0), (-5, -40, 120.0)])
    flyover = ("street", [(-500, 0, 120.0 + rise), (500, 0, 120.0 + rise)])
    bridge = ("footpath", [(0, -60), (0, -20)])

    network = levelled(ground, beside, flyover, bridge, levels=[0, 0, 0, 1])

    assert summary(network)["components"] == components


def test_a_cycle_path_over_a_road_tunnel_does_not_end_in_it() -> None:
    tunnel = ("street", [(-400, 0, 112.0), (400, 0, 112.0)])
    ramp = ("street", [(400, 0, 112.0), (400, 40, 120.0)])
    above = ("street", [(-100, 40, 120.0), (400, 40, 120.0)])
    # Two pieces of one path join a metre beside the line of the tunnel, eight metres over it.
    path = [("cycle", [(0, 40), (0, 1)]), ("cycle", [(0, 1), (30, 40)])]
    outline = gpd.GeoSeries([shapely.box(-390, -8, 390, 8)], crs=EPSG)

    drawn = lines(tunnel, ramp, above, *path).assign(level=0)
    network = from_lines(cut_in_structures(drawn, outline), epsg=EPSG)

    # 400 m along the street above, 40 m down the ramp, 400 m back below.
    walk = seconds(network, (0, 40), (0, 0))
    assert_allclose(walk, 840 / METRES_PER_SECOND, rtol=0.001)


@pytest.mark.parametrize(("length", "walked"), [(300, 3), (301, 2)])
def test_a_street_far_inside_a_tunnel_is_for_cars(length: int, walked: int) -> None:
    tunnel = ("street", [(0, -500), (0, 500)])
    above, path = ("street", [(-400, 0), (400, 0)]), ("footpath", [(2, -500), (2, 500)])
    outline = gpd.GeoSeries([shapely.box(-8, -length / 2, 8, length / 2)], crs=EPSG)

    closed = close_road_tunnels(lines(above, path, tunnel), outline)

    assert closed["walkable"].tolist() == [True, True, True][:walked] + [False] * (3 - walked)


def test_a_place_over_a_road_tunnel_stands_on_the_street_beside_it() -> None:
    # The door is over the line of the tunnel, 20 m from the street that leads to it.
    tunnel, beside = ("street", [(0, -500), (0, 500)]), ("street", [(20, 0), (20, 200)])
    outline = gpd.GeoSeries([shapely.box(-8, -200, 8, 200)], crs=EPSG)
    frame = lines(tunnel, beside, ("street", [(-9, 500), (20, 200)]))

    network = from_lines(close_road_tunnels(frame, outline), epsg=EPSG)

    assert_allclose(seconds(network, (20, 200), (1, 100)), 119 / METRES_PER_SECOND, rtol=0.001)


def test_barriers_are_not_known_where_waters_or_railways_are_not() -> None:
    background = lines(STREET, ROUND, BRIDGE).assign(kind=["water", "rail", "green"])

    assert len(barriers(background, EPSG)) == 2
    assert barriers(background[background["kind"] != "rail"], EPSG) is None
    assert barriers(None, EPSG) is None


def test_a_bridge_is_not_led_back_over_what_it_crosses() -> None:
    bank = ("street", [(-500, -60), (500, -60)])
    towpath = ("street", [(-500, -55), (-5, -55)])
    bridge = ("footpath", [(0, -60), (0, -20)])

    network = levelled(bank, towpath, bridge, levels=[0, 0, 1])

    assert summary(network)["components"] == 2


def test_a_dead_end_without_a_bridge_stays_one() -> None:
    path = ("footpath", [(0, 20), (0, 90)])

    assert summary(levelled(STREET, path, levels=[0, 0]))["components"] == 2


def test_lines_are_cut_at_the_vertices_that_they_share() -> None:
    shapes = [
        shapely.LineString([(0, 0), (10, 0), (20, 0)]),
        shapely.LineString([(10, -10), (10, 0), (10, 10)]),
        shapely.LineString([(5, 10), (5, -10)]),
        shapely.LineString([(20, 0), (30, 0), (30, 10), (20, 0)]),
    ]
    frame = gpd.GeoDataFrame({"name": list("abcd")}, geometry=shapes, crs=EPSG)

    cut = cut_at_shared_vertices(frame)

    assert cut["name"].tolist() == ["a", "a", "b", "b", "c", "d"]
    assert_allclose(cut.length, [10, 10, 10, 10, 20, 20 + np.sqrt(200)])


# A square, drawn as one line all around from its corner at the south; streets come to its vertices.
SQUARE: tuple[str, Sequence[Vertex]] = (
    "street",
    [(0, -50, 120.0), (50, 0, 120.0), (0, 50, 120.0), (-50, 0, 120.0), (0, -50, 120.0)],
)


@pytest.mark.parametrize(("rise", "components"), [(0.0, 1), (1.9, 1), (2.0, 2)])
def test_a_street_that_ends_at_a_vertex_of_a_square_has_come_to_it(
    rise: float, components: int
) -> None:
    south = ("street", [(0, -50, 120.0), (0, -150, 120.0)])
    east = ("street", [(50, 0, 120.0 + rise), (150, 0, 120.0 + rise)])

    network = from_lines(lines(SQUARE, south, east), epsg=EPSG)

    assert summary(network)["components"] == components
    if components == 1:
        # 80 m of the eastern street, a quarter of the square, 80 m of the southern.
        by_hand = (80 + 50 * np.sqrt(2) + 80) / METRES_PER_SECOND
        assert_allclose(seconds(network, (130, 0), (0, -130)), by_hand, rtol=0.001)


def test_a_street_that_ends_on_another_without_a_vertex_there_may_pass_below() -> None:
    network = from_lines(lines(STREET, ("street", [(0, 0), (0, 90)])), epsg=EPSG)

    assert summary(network)["components"] == 2
