"""Drawn maps of streets that end within the breadth of another, with seconds by hand."""

from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from numpy.testing import assert_allclose

from mapping.walking.network import Network
from mapping.walking.street_ends import Doors
from mapping.walking.topology import from_lines
from tests.mapping.drawn import EPSG, Vertex, lines
from tests.mapping.walking.test_crossings import METRES_PER_SECOND, seconds

# A corso, a side street that stops 11 m south of its middle, and the way around by its other end.
CORSO: tuple[str, Sequence[Vertex]] = ("street", [(-500, 0, 120.0), (500, 0, 120.0)])
SIDE: tuple[str, Sequence[Vertex]] = ("street", [(0, -11, 120.0), (0, -100, 120.0)])
AROUND: tuple[str, Sequence[Vertex]] = (
    "street",
    [(0, -100, 120.0), (500, -100, 120.0), (500, 0, 120.0)],
)
NAMES = ["Corso Largo", "Via Corta", "Via Lunga"]
AHEAD_SECONDS = 100 / METRES_PER_SECOND
AROUND_SECONDS = (500 + 100 + 500) / METRES_PER_SECOND


def joined(
    *strokes: tuple[str, Sequence[Vertex]],
    doors: Sequence[tuple[float, float, str]] = (),
    names: Sequence[str | None] = NAMES,
    barriers: Sequence[shapely.Geometry] | None = (),
) -> Network:
    x, y, street = zip(*doors, strict=True) if doors else ((), (), ())
    named = [name.casefold() for name in street]
    return from_lines(
        lines(*strokes).assign(name=list(names)),
        epsg=EPSG,
        barriers=None if barriers is None else np.array(barriers, object),
        doors=Doors(np.array(x, float), np.array(y, float), np.array(named, object)),
    )


def to_the_corner(network: Network) -> float:
    return seconds(network, (0, 0), (0, -100))


@pytest.mark.parametrize("front", [-5.1, -12.0, -14.0])
def test_a_street_that_ends_at_the_fronts_of_another_opens_on_it(front: float) -> None:
    doors = [(-20, front, "Corso Largo"), (30, front, "CORSO LARGO"), (9, -60, "Via Corta")]

    network = joined(CORSO, SIDE, AROUND, doors=doors)

    assert_allclose(to_the_corner(network), AHEAD_SECONDS, rtol=0.001)


@pytest.mark.parametrize(
    "doors",
    [
        # A house of six metres fits between the fronts and the end.
        [(-20, -4.9, "Corso Largo"), (30, -12, "Corso Largo")],
        # Doors over the street, far along it, or of another street tell nothing.
        [(-20, 12, "Corso Largo"), (61, -12, "Corso Largo"), (9, -12, "Via Corta")],
        [],
    ],
)
def test_a_house_may_stand_where_no_front_says_otherwise(
    doors: list[tuple[float, float, str]],
) -> None:
    assert_allclose(
        to_the_corner(joined(CORSO, SIDE, AROUND, doors=doors)), AROUND_SECONDS, rtol=0.001
    )


FRONTS = [(-20, -12, "Corso Largo"), (30, -12, "Corso Largo")]


@pytest.mark.parametrize(
    "barriers",
    [
        [shapely.LineString([(-90, -5), (90, -5)])],
        [shapely.box(-90, -8, 90, -3)],
        # Waters and railways are not known.
        None,
    ],
)
def test_no_street_is_led_on_over_water_or_rails(barriers: list[shapely.Geometry] | None) -> None:
    network = joined(CORSO, SIDE, AROUND, doors=FRONTS, barriers=barriers)

    assert_allclose(to_the_corner(network), AROUND_SECONDS, rtol=0.001)


@pytest.mark.parametrize(("rise", "by_hand"), [(1.9, AHEAD_SECONDS), (2.0, AROUND_SECONDS)])
def test_no_street_is_led_on_to_one_overhead(rise: float, by_hand: float) -> None:
    high = ("street", [(-500, 0, 120.0 + rise), (500, 0, 120.0 + rise)])

    assert_allclose(to_the_corner(joined(high, SIDE, AROUND, doors=FRONTS)), by_hand, rtol=0.001)


@pytest.mark.parametrize(
    "names", [["Corso Largo", "Corso Largo", None], ["Corso Largo", None, None]]
)
def test_two_carriageways_and_yards_are_not_joined(names: list[str | None]) -> None:
    network = joined(CORSO, SIDE, AROUND, doors=FRONTS, names=names)

    assert_allclose(to_the_corner(network), AROUND_SECONDS, rtol=0.001)


def test_a_street_that_ends_beside_another_does_not_open_on_it() -> None:
    beside = ("street", [(0, -11, 120.0), (-200, -11, 120.0), (-200, -100, 120.0)])
    around = ("street", [(-200, -100, 120.0), (500, -100, 120.0), (500, 0, 120.0)])

    network = joined(CORSO, beside, around, doors=FRONTS)

    by_hand = (200 + 89 + 700 + 100 + 500) / METRES_PER_SECOND
    assert_allclose(seconds(network, (0, 0), (0, -11)), by_hand, rtol=0.001)


def test_an_end_that_has_a_short_way_is_left_as_it_is() -> None:
    near = ("street", [(0, -40, 120.0), (30, -40, 120.0), (30, 0, 120.0)])
    corso = [
        ("street", [(-500, 0, 120.0), (30, 0, 120.0)]),
        ("street", [(30, 0, 120.0), (500, 0, 120.0)]),
    ]
    side = ("street", [(0, -11, 120.0), (0, -40, 120.0)])

    network = joined(*corso, side, near, doors=FRONTS, names=["Corso Largo", *NAMES])

    by_hand = (29 + 30 + 40 + 30) / METRES_PER_SECOND
    assert_allclose(seconds(network, (0, 0), (0, -11)), by_hand, rtol=0.001)
