"""Isochrones on drawn maps: metres and areas by hand, and what holds of all of them."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.edition.edition import Edition, current
from mapping.walking.isochrones import WIDTH_METRES, Isochrone, circles, isochrones
from mapping.walking.network import Network
from mapping.walking.profiles import Profile, profile
from mapping.walking.routing import Graph, graph
from tests.mapping.drawn import Place, drawn
from tests.mapping.worked import numbers, section, table

WALKER = Profile(id="test", label="Prova", metres_per_second=1, source="drawn")
OCTAGON = 2 * math.sqrt(2) * WIDTH_METRES**2
"""Area of the two rounded ends of a band: together an octagon."""
STREET = "A---------B"
CROSS = """
     C
     |
A----M----B
     |
     D
"""
CROSS_OF_300 = """
   C
   |
   |
A--M--B
   |
   |
   D
"""
# Blocks 30 m wide, a footpath through one, and an island.
BLOCKS = """
A--B--C--D
|  |  :  |
|  |  :  |
E--F--G--H

Y---------Z
"""


def on(text: str, cell: float = 10) -> tuple[Graph, dict[str, Place]]:
    network, places = drawn(text, cell=cell)
    return graph(network, WALKER), places


def reached(streets: Graph, place: Place, *seconds: float) -> list[Isochrone]:
    return isochrones(streets, np.array([place[0]]), np.array([place[1]]), seconds)


def test_a_street_is_cut_exactly_where_the_time_is_over() -> None:
    streets, _ = on(STREET)
    short, longer = reached(streets, (50, 0), 7.5, 30)
    assert (short.street_metres, longer.street_metres) == (pytest.approx(15), pytest.approx(60))
    # A band of 50 m around 60 m of street, rounded at both ends by half an octagon.
    assert longer.shape.area == pytest.approx(60 * 50 + OCTAGON, rel=0.02)
    assert longer.shape.bounds == pytest.approx((-5, -25, 105, 25), abs=1.5)


def test_what_is_walked_from_both_ends_counts_once() -> None:
    streets, _ = on(STREET, cell=1)
    whole = reached(streets, (5, 0), 1000)[0]
    assert whole.street_metres == pytest.approx(10)


def test_a_crossing_is_left_in_every_direction() -> None:
    streets, town = on(CROSS)
    (one,) = reached(streets, town["A"], 60)
    # 50 m to the crossing; then 10 m each of three ways (those across are 20 m long).
    assert one.street_metres == pytest.approx(50 + 3 * 10)


def test_the_walk_to_the_street_takes_its_time() -> None:
    streets, _ = on(STREET)
    far, near = reached(streets, (50, 40), 30, 60)
    # 40 m to the street: after 30 s one is not there yet, after 60 s 20 m either way.
    assert (far.street_metres, near.street_metres) == (0, pytest.approx(40))
    assert far.shape.area > 0
    assert near.shape.contains(shapely.Point(50, 40))


def test_the_worked_example_is_computed_again() -> None:
    network, town = drawn(CROSS_OF_300, cell=100)
    told = table(section("Isochrones"))
    for heading, beside in (("from the end", 0), ("from the door", 20)):
        x, y = np.array([town["A"][0]]), np.array([town["A"][1] + beside])
        limits = [60 * minutes for minutes in numbers(told["minutes"])]
        found = isochrones(graph(network, profile("adult")), x, y, limits)
        assert [f"{(one.street_metres or 0) / 1000:.3f}" for one in found] == told[heading]


def test_of_several_places_the_nearest_counts() -> None:
    streets, _ = on(STREET)
    (both,) = isochrones(streets, np.array([0.0, 100.0]), np.zeros(2), [20])
    assert both.street_metres == pytest.approx(40)
    assert len(shapely.get_parts(both.shape)) == 2


def test_an_island_is_reached_and_not_left() -> None:
    island = "A---------B\n" + 10 * "\n" + "Y---------Z"
    streets, town = on(island, cell=100)
    (one,) = reached(streets, town["Y"], 36_000)
    assert one.street_metres == pytest.approx(1000)
    assert not one.shape.intersects(shapely.Point(town["A"]))


def test_a_block_is_filled_and_a_wide_field_is_not() -> None:
    ring = "A--B\n|  |\n|  |\nC--D"
    (block,) = reached(on(ring, cell=30)[0], (0, 0), 1000)
    (field,) = reached(on(ring, cell=200)[0], (0, 0), 10_000)
    assert [len(one.shape.interiors) for one in (block, field)] == [0, 1]


def test_off_the_network_a_circle_is_estimated() -> None:
    streets, _ = on(STREET)
    off, far = reached(streets, (50, 5000), 60, 600)
    assert (off.estimated, off.street_metres) == (True, None)
    assert off.shape.area == pytest.approx(math.pi * (60 / 1.417) ** 2, rel=0.05)
    assert far.shape.contains(off.shape)
    (alone,) = circles(np.array([0.0]), np.array([0.0]), 1.0, [60])
    assert (alone.estimated, alone.shape.area) == (True, pytest.approx(off.shape.area))


NETWORKS = {text: on(text)[0] for text in (STREET, CROSS, BLOCKS)}


def metres(least: int, most: int) -> st.SearchStrategy[float]:
    """Whole millimetres, as no coordinate of a city lies nearer to zero."""
    return st.integers(least * 1000, most * 1000).map(lambda number: number / 1000)


limits = st.lists(st.floats(0.5, 300), min_size=1, max_size=5, unique=True)


@settings(deadline=None)
@given(
    text=st.sampled_from(list(NETWORKS)),
    place=st.tuples(metres(-400, 400), metres(-400, 400)),
    seconds=limits,
)
def test_outlines_are_sound_never_empty_and_grow(
    text: str, place: Place, seconds: list[float]
) -> None:
    drawn_ones = reached(NETWORKS[text], place, *seconds)
    shapes = [one.shape for one in drawn_ones]
    assert [one.seconds for one in drawn_ones] == sorted(seconds)
    assert shapely.is_valid(shapes).all()
    assert {shape.geom_type for shape in shapes} <= {"Polygon", "MultiPolygon"}
    assert all(shape.covers(shapely.Point(place)) for shape in shapes)
    for less, more in itertools.pairwise(drawn_ones):
        assert more.shape.contains(less.shape)
        assert (less.street_metres or 0) <= (more.street_metres or 0)


@settings(deadline=None)
@given(
    place=st.tuples(metres(-40, 130), metres(-60, 40)),
    less=st.floats(1, 200),
    more=st.floats(1, 200),
)
def test_outlines_asked_one_by_one_grow_too(place: Place, less: float, more: float) -> None:
    less, more = sorted([less, more])
    (small,), (large,) = (reached(NETWORKS[BLOCKS], place, limit) for limit in (less, more))
    # Simplifying moves an outline by less than 2 m.
    assert large.shape.buffer(4).covers(small.shape)


@pytest.fixture(scope="module")
def milano(milano_var: Path) -> Network:
    network = Edition.open(current(milano_var / "editions")).network
    assert network is not None
    return network


@pytest.mark.shared
@pytest.mark.slow
def test_from_anywhere_in_milano_outlines_are_sound_and_grow(milano: Network) -> None:
    rng, streets = np.random.default_rng(15), graph(milano, profile("stroller"))
    for node in rng.integers(0, len(milano.node_x), 12):
        place = (milano.node_x[node] + 20, milano.node_y[node] - 35)
        drawn_ones = reached(streets, place, 60, 300, 600, 900)
        shapes = [one.shape for one in drawn_ones]
        assert shapely.is_valid(shapes).all()
        assert all(shapely.contains(shapes[1:], shapes[:-1]))
        metres = [one.street_metres or 0 for one in drawn_ones]
        assert metres == sorted(metres)
        # Nobody is farther than the walk takes, and the width of a band.
        reach = shapely.Point(place).buffer(900 * 1.1613 + WIDTH_METRES + 10)
        assert reach.covers(shapes[-1])
