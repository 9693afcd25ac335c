"""Walks put into words, worked by hand on drawn streets; a cell is 10 m."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.walking import routing
from mapping.walking.directions import GOES_ON, Directions, directions
from mapping.walking.network import Network
from mapping.walking.profiles import Profile
from mapping.walking.topology import from_lines
from tests.mapping.drawn import EPSG, Place, drawn, lines
from tests.mapping.worked import numbers, section, table

SPEED = 2.0


def named(*streets: tuple[str | None, list[Place]], kind: str = "street") -> Network:
    frame = lines(*((kind, vertices) for _, vertices in streets))
    frame["name"] = [name for name, _ in streets]
    return from_lines(frame, epsg=EPSG)


def told(network: Network, origin: Place, to: Place, *, sure: bool = True) -> Directions:
    on = routing.graph(
        network, Profile(id="drawn", label="Prova", metres_per_second=SPEED, source="drawn")
    )
    there = routing.targets(on, on.snap([to[0]], [to[1]]))
    (trip,) = routing.nearest(on, origin, there, count=1, with_paths=True).trips
    assert trip.path is not None
    assert trip.pieces is not None
    return directions(
        network,
        trip.path,
        trip.pieces,
        metres=trip.metres,
        seconds=trip.seconds,
        place=to if sure else None,
    )


def words(said: Directions) -> list[tuple[str | None, str | None, float]]:
    return [(step.turn, step.street, round(step.metres, 6)) for step in said.steps]


def test_a_walk_turns_where_the_streets_do() -> None:
    network = named(
        ("VIA UNO", [(0, 0), (100, 0)]),
        ("VIA DUE", [(100, 0), (100, 60)]),
        ("VIA TRE", [(100, 60), (160, 60)]),
    )
    said = told(network, (20, -5), (150, 68))
    # 5 m to the street are in the first step, 8 m from it in the last: 5 + 80, 60, 50 + 8.
    assert words(said) == [
        (None, "Via Uno", 85),
        ("left", "Via Due", 60),
        ("right", "Via Tre", 58),
    ]
    assert [step.seconds for step in said.steps] == pytest.approx([42.5, 30, 29])
    assert (said.wind, said.side) == ("e", "left")


def test_the_worked_example_is_that_of_the_docs() -> None:
    network = named(
        ("VIA UNO", [(0, 0), (100, 0)]),
        ("VIA DUE", [(100, 0), (100, 60)]),
        (None, [(100, 60), (112, 60)]),
        ("VIA TRE", [(112, 60), (152, 60)]),
    )
    rows = table(section("A walk in words"))
    said = told(network, (20, -5), (152, 60))
    assert [step.street for step in said.steps] == rows["street"]
    assert [step.turn or "-" for step in said.steps] == rows["turn"]
    assert [step.metres for step in said.steps] == pytest.approx(numbers(rows["metres"]))
    assert [step.seconds for step in said.steps] == pytest.approx(numbers(rows["seconds"]))


@pytest.mark.parametrize(
    ("degrees", "turn"),
    [
        (0, "straight"), (20, "straight"), (21, "slight_left"), (40, "slight_left"), (41, "left"),
        (90, "left"), (160, "left"), (161, "back"), (-20, "straight"), (-21, "slight_right"),
        (-41, "right"), (-160, "right"), (-161, "back"),
    ],
)  # fmt: skip
def test_a_turn_is_told_by_its_angle(degrees: float, turn: str) -> None:
    angle = np.radians(degrees)
    end = (100 * np.cos(angle), 100 * np.sin(angle))
    network = named(("VIA UNO", [(-100, 0), (0, 0)]), ("VIA DUE", [(0, 0), end]))
    assert [step.turn for step in told(network, (-100, 0), end).steps] == [None, turn]


@pytest.mark.parametrize("eighth", range(8))
def test_one_sets_out_to_one_of_eight_winds(eighth: int) -> None:
    angle = np.radians(45 * eighth + 20)
    end = (100 * np.cos(angle), 100 * np.sin(angle))
    said = told(named(("VIA UNO", [(0, 0), end])), (0, 0), end)
    assert said.wind == ["e", "ne", "n", "nw", "w", "sw", "s", "se"][eighth]


def test_a_street_is_one_step_however_often_it_turns() -> None:
    network = named(
        ("VIA UNO", [(0, 0), (60, 0)]),
        ("LARGO DUE", [(60, 0), (60, 40)]),
        ("LARGO DUE", [(60, 40), (90, 40)]),
        (None, [(90, 40), (90, 52)]),
        ("LARGO DUE", [(90, 52), (150, 52)]),
        ("VIA UNO", [(150, 52), (150, 2)]),
        ("VIA TRE", [(60, 40), (60, 90)]),
        ("VIA TRE", [(90, 52), (90, 90)]),
    )
    # The square turns left, right, left and right: 40 + 30 + 12 + 60 m under one name.
    assert words(told(network, (0, 0), (150, 2))) == [
        (None, "Via Uno", 60),
        ("left", "Largo Due", 142),
        ("right", "Via Uno", 50),
    ]


def test_a_way_without_a_name_is_told_again_where_it_turns() -> None:
    slight = named((None, [(0, 0), (60, 0)]), (None, [(60, 0), (110, 30)]))
    assert [step.street for step in told(slight, (0, 0), (110, 30)).steps] == [None]
    streets = [(None, [(0, 0), (60, 0)]), (None, [(60, 0), (60, 60)])]
    side = ("VIA DUE", [(60, 0), (90, 0)])
    said = told(named(*streets, side), (0, 0), (60, 60))
    assert words(said) == [(None, None, 60), ("left", None, 60)]


def test_a_crossing_without_a_name_is_walked_and_not_told() -> None:
    network = named(
        ("VIA UNO", [(0, 0), (50, 0)]),
        (None, [(50, 0), (50, 12)]),
        ("VIA DUE", [(50, 12), (90, 12)]),
        (None, [(90, 12), (90, 27)]),
    )
    said = told(network, (0, 0), (90, 27))
    # 12 m between the streets belong to the second; fifteen metres are a way of their own.
    assert words(said) == [
        (None, "Via Uno", 50),
        ("straight", "Via Due", 52),
        ("left", None, 15),
    ]


def test_one_street_beyond_a_crossing_is_still_the_same() -> None:
    network = named(
        ("VIA UNO", [(0, 0), (50, 0)]),
        (None, [(50, 0), (58, 0)]),
        ("VIA UNO", [(58, 0), (90, 0)]),
    )
    assert words(told(network, (0, 0), (90, 0))) == [(None, "Via Uno", 90)]


def test_steps_are_told_however_short() -> None:
    network, town = drawn("A---B=C---D")
    said = told(network, town["A"], town["D"])
    assert [(step.stairs, step.metres) for step in said.steps] == [
        (False, 40), (True, 20), (False, 40),
    ]  # fmt: skip


@pytest.mark.parametrize(("beside", "side"), [(8, "left"), (-8, "right"), (0, None)])
def test_the_side_of_the_street_is_that_of_who_walks(beside: float, side: str | None) -> None:
    network = named(("VIA UNO", [(0, 0), (100, 0)]))
    assert told(network, (10, 0), (80, beside)).side == side
    back = {"left": "right", "right": "left", None: None}
    assert told(network, (90, 0), (80, beside)).side == back[side]
    assert told(network, (10, 0), (80, beside), sure=False).side is None


def test_who_is_there_already_is_told_so() -> None:
    said = told(named(("VIA UNO", [(0, 0), (100, 0)])), (50, 0), (50, 0))
    assert words(said) == [(None, "Via Uno", 0)]
    assert (said.wind, said.side) == (None, None)


cells = st.tuples(st.integers(0, 3), st.integers(0, 3))


@settings(deadline=None)
@given(
    streets=st.lists(st.sampled_from(["VIA UNO", "VIA DUE", None]), min_size=24, max_size=24),
    skew=st.lists(st.integers(-4, 4), min_size=32, max_size=32),
    ends=st.tuples(cells, cells),
    off=st.floats(-20, 20),
)
def test_steps_add_up_to_the_walk_and_none_only_goes_on(
    streets: list[str | None], skew: list[int], ends: tuple[Place, Place], off: float
) -> None:
    def node(x: int, y: int) -> Place:
        return x * 30.0 + skew[2 * (4 * y + x)], y * 30.0 + skew[2 * (4 * y + x) + 1]

    across = [[node(x, y), node(x + 1, y)] for x in range(3) for y in range(4)]
    up = [[node(x, y), node(x, y + 1)] for x in range(4) for y in range(3)]
    network = named(*zip(streets, across + up, strict=True))
    (x, y), there = node(*ends[0]), node(*ends[1])
    said = told(network, (x + off, y - off / 2), there)
    on = routing.graph(
        network, Profile(id="drawn", label="Prova", metres_per_second=SPEED, source="drawn")
    )
    to = routing.targets(on, on.snap([there[0]], [there[1]]))
    (trip,) = routing.nearest(on, (x + off, y - off / 2), to, count=1).trips
    assert sum(step.metres for step in said.steps) == pytest.approx(trip.metres)
    assert sum(step.seconds for step in said.steps) == pytest.approx(trip.seconds)
    assert all(step.metres > 0 for step in said.steps) or trip.metres == 0
    for one, other in pairwise(said.steps):
        assert one.street != other.street or (other.street is None and other.turn not in GOES_ON)
