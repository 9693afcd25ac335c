"""Where people set out: drawn streets and homes."""

from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapping.coverage.origins import street_points

WEST, EAST = shapely.box(0, 0, 200, 100), shapely.box(200, 0, 400, 100)


def streets(**named: list[tuple[float, float]]) -> SimpleNamespace:
    """Streets by name, an underscore for a blank; one without a name is called `none`."""
    names = [name.replace("_", " ") for name in named if name != "none"]
    rows = [names.index(name.replace("_", " ")) if name != "none" else -1 for name in named]
    lines = np.array([shapely.LineString(line) for line in named.values()], object)
    return SimpleNamespace(lines=lines, names=names, edge_name=np.array(rows))


LONG = {"Via_Lunga": [(0.0, 50.0), (400.0, 50.0)]}


def test_people_set_out_where_their_homes_are() -> None:
    # Points at 25, 75, 125, 175 of the west: three homes near the second, one near the last.
    homes = np.array([[70.0, 20], [80, 80], [75, 90], [180, 60]])
    points = street_points(streets(**LONG), np.array([WEST, EAST]), homes)
    west, east = points.owner == 0, points.owner == 1
    weights = dict(zip(points.x[west], points.weight[west], strict=True))
    assert weights == {75: 0.75, 175: 0.25}
    # The east has no home that anybody knows: all of its points alike.
    assert len(points.x[east]) == 4
    assert set(points.weight[east]) == {0.25}


def test_a_home_stays_in_its_section() -> None:
    # The nearest point of the whole street is 225, in the east; that of its section is 175.
    points = street_points(streets(**LONG), np.array([WEST, EAST]), np.array([[199.9, 10.0]]))
    assert points.x[points.owner == 0].tolist() == [175]


def test_no_door_of_a_home_is_among_the_points() -> None:
    homes = np.array([[70.0, 20], [80, 80]])
    points = street_points(streets(**LONG), np.array([WEST]), homes)
    assert set(points.y) == {50}


@pytest.mark.parametrize("name", ["Cavalcavia_Disegnato", "SOTTOPASSO_GRANDE", "Tunnel_Nord"])
def test_nobody_sets_out_from_a_viaduct_or_a_tunnel(name: str) -> None:
    viaduct = {name: [(0.0, 20.0), (200.0, 20.0)]}
    points = street_points(streets(**LONG, **viaduct), np.array([WEST]))
    assert set(points.y) == {50}
    # Where there is nothing else, they are better than nothing.
    only = street_points(streets(**viaduct), np.array([WEST]))
    assert set(only.y) == {20}


@pytest.mark.parametrize("name", ["Via_Ponte_Vetero", "none", "Via_Galleria"])
def test_a_street_that_is_called_after_a_bridge_is_a_street(name: str) -> None:
    points = street_points(streets(**{name: [(0.0, 20.0), (200.0, 20.0)]}), np.array([WEST]))
    assert len(points.x) == 4


spots = st.tuples(st.floats(-50, 450), st.floats(-50, 150))


@given(st.lists(spots, min_size=1, max_size=30))
def test_the_people_of_every_section_are_all_there(homes: list[tuple[float, float]]) -> None:
    points = street_points(streets(**LONG), np.array([WEST, EAST]), np.array(homes))
    assert np.bincount(points.owner, points.weight, 2) == pytest.approx([1, 1])
    assert (points.weight > 0).all()
