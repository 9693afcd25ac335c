"""Who walks, over what not: seconds computed by hand, and how steep Milano is."""

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from ingest.layers.streets import read_streets
from ingest.source import source
from mapping.city import city
from mapping.errors import BadInputError
from mapping.walking import routing
from mapping.walking.network import Network
from mapping.walking.profile_edges import edge_seconds, unknown, usable
from mapping.walking.profiles import profile, profiles
from mapping.walking.topology import from_lines
from mapping.walking.ways import KINDS
from tests.mapping.drawn import EPSG, Place, drawn, lines

ADULT, STROLLER, CHILD, WHEELCHAIR = (
    profile(name) for name in ("adult", "stroller", "child", "wheelchair")
)

# Cells of 10 m. From A to C 20 m of steps, or 50 + 20 + 50 m around.
TERRACE = """
A----B
#    |
C----D
"""


def seconds(network: Network, walker: str, origin: Place, target: Place) -> float | None:
    streets = routing.graph(network, profile(walker))
    to = routing.targets(streets, streets.snap([target[0]], [target[1]]))
    found = routing.nearest(streets, origin, to, count=1).trips
    return found[0].seconds if found else None


@pytest.mark.parametrize(
    ("walker", "metres"), [("adult", 20), ("child", 20), ("stroller", 120), ("wheelchair", 120)]
)
def test_wheels_go_around_the_steps_that_feet_climb(walker: str, metres: float) -> None:
    network, places = drawn(TERRACE)

    taken = seconds(network, walker, places["A"], places["C"])

    assert taken == pytest.approx(metres / profile(walker).metres_per_second)


def test_the_methods_page_tells_the_speeds_and_the_seconds_of_110_metres() -> None:
    page = (Path(__file__).parents[3] / "docs" / "methods.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| (\w+) \| ([\d.]+) m/s \| ([\d.]+) s \|", page, re.MULTILINE)
    network, places = drawn("A----------B")

    taken = {who: seconds(network, who, places["A"], places["B"]) for who in profiles()}

    speeds = {name: who.metres_per_second for name, who in profiles().items()}
    assert {who: float(speed) for who, speed, _ in told} == speeds
    assert {who: float(time) for who, _, time in told} == pytest.approx(taken, abs=0.05)


def hill(*vertices: tuple[float, ...]) -> Network:
    return from_lines(lines(("street", vertices)), epsg=EPSG)


@pytest.mark.parametrize(
    ("rise", "slope"), [(0, 0.0), (3.2, 0.08), (3.3, 0.0825), (-3.3, 0.0825), (40, 1.0)]
)
def test_a_slope_is_rise_over_run_in_either_direction(rise: float, slope: float) -> None:
    network = hill((0, 0, 100), (40, 0, 100 + rise))

    assert_allclose(network.edge_slope, [slope])
    assert list(usable(network, WHEELCHAIR)) == [slope <= 0.08]


def test_the_steepest_twenty_metres_count_wherever_they_begin() -> None:
    network = hill(
        (0, 0, 5), (95, 0, 5), (105, 0, 5.3), (115, 0, 6.2), (118, 0, 6.5), (300, 0, 6.5)
    )

    # From 98 to 118 m it rises from 5.09 to 6.5 m.
    assert_allclose(network.edge_slope, [(6.5 - 5.09) / 20], atol=5e-5)


def test_a_ramp_too_steep_for_somebody_closes_itself_not_the_whole_street() -> None:
    # 3 m up over 30 m: twenty metres of which more than 16 climb are steeper than 8 %.
    network = hill((0, 0, 100), (200, 0, 100), (230, 0, 103), (400, 0, 103))

    steep = ~usable(network, WHEELCHAIR)

    assert_allclose(sorted(network.edge_metres), [234 - 196, 400 - 234, 196], atol=2)
    assert_allclose(network.edge_metres[steep], [234 - 196], atol=2)
    assert len(set(network.component)) == 1


@given(
    heights=st.lists(st.floats(100, 108), min_size=2, max_size=12),
    gap=st.sampled_from([3.0, 15.0, 40.0]),
)
def test_what_is_left_beside_a_ramp_is_never_steep_and_nothing_is_lost(
    heights: list[float], gap: float
) -> None:
    network = hill(*[(gap * n, 0, height) for n, height in enumerate(heights)])

    steep = ~usable(network, WHEELCHAIR)

    assert_allclose(network.edge_metres.sum(), gap * (len(heights) - 1))
    assert (network.edge_metres[steep] > 20 - 1e-6).all()
    assert (np.nan_to_num(network.edge_slope[~steep]) <= 0.08).all()
    assert not (steep[1:] & steep[:-1]).any()


def test_an_error_of_height_at_one_vertex_is_no_hill() -> None:
    # 27 cm over a metre would be 27 %.
    network = hill((0, 0, 100), (50, 0, 100), (51, 0, 100.27), (52, 0, 100), (100, 0, 100))

    assert_allclose(network.edge_slope, [0.27 / 20])


def test_a_slope_that_is_not_known_is_neither_flat_nor_forbidden() -> None:
    network = from_lines(
        lines(
            ("street", [(0, 0), (100, 0)]),
            ("street", [(0, 50, 100), (15, 50, 110)]),
            ("street", [(0, 90, 0), (100, 90, 0)]),
        ),
        epsg=EPSG,
    )

    assert np.isnan(network.edge_slope).all()  # without heights; too short; with zeros for heights
    assert np.isfinite(edge_seconds(network, WHEELCHAIR)).all()


def test_a_footpath_that_cuts_a_street_leaves_its_slope() -> None:
    street = ("street", [(0, 0, 100), (100, 0, 106)])
    network = from_lines(lines(street, ("footpath", [(50, 0), (50, 60)])), epsg=EPSG)

    assert_allclose(network.edge_slope[network.edge_kind == 0], [0.06, 0.06])
    assert np.isnan(network.edge_slope[network.edge_kind == 1]).all()


def bridge(*, way_around: bool) -> Network:
    """Draw two banks of 5 km, joined by a bridge whose ramps climb 6 m in 60, and maybe far off."""
    banks = [
        ("street", [(0, 0, 100), (0, 5_000, 100)]),
        ("street", [(200, 0, 100), (200, 5_000, 100)]),
        ("street", [(0, 0, 100), (60, 0, 106), (140, 0, 106), (200, 0, 100)]),
    ]
    around = [("street", [(0, 5_000, 100), (200, 5_000, 100)])]
    return from_lines(lines(*banks, *(around if way_around else [])), epsg=EPSG)


def test_a_wheelchair_is_refused_by_a_steep_bridge_and_goes_around() -> None:
    network = bridge(way_around=True)

    assert np.nanmax(network.edge_slope) == pytest.approx(0.1)
    assert seconds(network, "stroller", (0, 0), (200, 0)) == pytest.approx(200 / 1.1613)
    assert seconds(network, "wheelchair", (0, 0), (200, 0)) == pytest.approx(10_200 / 0.79)


def test_a_bank_that_only_a_steep_bridge_joins_is_out_of_reach() -> None:
    network = bridge(way_around=False)

    assert seconds(network, "adult", (0, 0), (200, 0)) is not None
    assert seconds(network, "wheelchair", (0, 0), (200, 0)) is None


def test_a_place_on_a_steep_bridge_snaps_to_a_street_that_can_be_used() -> None:
    network = bridge(way_around=True)

    on_foot = routing.graph(network, ADULT).snap([90.0], [5.0])
    on_wheels = routing.graph(network, WHEELCHAIR).snap([90.0], [5.0])

    assert_allclose(on_foot.snap_metres, [5])
    assert_allclose(on_wheels.snap_metres, [90])


def test_what_steps_alone_join_to_the_streets_is_an_island_for_a_stroller() -> None:
    below = [("steps", [(300, 0), (300, -100)]), ("footpath", [(300, -100), (500, -100)])]
    network = from_lines(lines(("street", [(0, 0), (30_000, 0)]), *below), epsg=EPSG)

    on_foot, on_wheels = (routing.graph(network, walker) for walker in (ADULT, STROLLER))

    assert_allclose(on_foot.snap([400], [-130]).snap_metres, [30])
    assert_allclose(on_wheels.snap([400], [-130]).snap_metres, [130])
    assert len(set(on_foot.footing.component)) == 1
    steps = network.edge_kind == KINDS.index("steps")
    assert list(on_wheels.footing.component[steps]) == [-1]
    assert len(set(on_wheels.footing.component[~steps])) == 2


def test_a_network_tells_which_limits_it_does_not_know() -> None:
    flat, stairs = drawn("A----B")[0], drawn(TERRACE)[0]
    steep = WHEELCHAIR.model_copy(update={"forbidden": ()})

    assert [unknown(flat, walker) for walker in (ADULT, STROLLER, WHEELCHAIR, steep)] == [
        (), ("steps",), ("steps", "slopes"), ("slopes",),
    ]  # fmt: skip
    assert unknown(stairs, STROLLER) == ()
    assert unknown(hill((0, 0, 5), (50, 0, 6)), steep) == ()


def test_every_constant_of_a_profile_has_a_published_source() -> None:
    for walker in profiles().values():
        assert 0.3 < walker.metres_per_second < 2
        assert walker.source.strip()
        assert (walker.slope_source is not None) == np.isfinite(walker.max_slope)
        assert set(walker.forbidden) <= set(KINDS)
    assert CHILD.metres_per_second == pytest.approx((1.00 + 1.20) / 2)
    assert STROLLER.metres_per_second == pytest.approx(3.81 * 0.3048, abs=1e-4)


def test_a_profile_that_may_use_no_street_is_refused() -> None:
    with pytest.raises(BadInputError, match="can use no street"):
        routing.graph(drawn("A==B")[0], STROLLER)


@pytest.fixture(scope="module")
def milano(mirror: Path) -> Network:
    path = mirror / "network/dbt2020_milano.gpkg"
    frame: gpd.GeoDataFrame = read_streets(source("dbt_streets"), path, city("milano")).frame
    return from_lines(frame.to_crs(EPSG), epsg=EPSG)


def share(network: Network, of: np.ndarray) -> float:
    return float(network.edge_metres[of].sum() / network.edge_metres.sum())


@pytest.mark.shared
def test_milano_is_flat_where_its_slopes_are_known(milano: Network) -> None:
    known = np.isfinite(milano.edge_slope)
    steep = milano.edge_slope > 0.08

    assert 0.77 < share(milano, known) < 0.80
    assert set(milano.edge_kind[known]) == {KINDS.index("street")}
    assert np.median(milano.edge_slope[known]) < 0.01
    assert 30 < steep.sum() < 80
    assert 0.99 < share(milano, usable(milano, WHEELCHAIR)) < 1


@pytest.mark.shared
def test_the_steepest_streets_of_milano_are_its_bridges_and_underpasses(milano: Network) -> None:
    names = np.array([*milano.names, ""])[milano.edge_name]
    bridges = np.char.startswith(names, "CAVALCAVIA")

    assert np.nanmedian(milano.edge_slope[bridges]) > 2 * np.nanmedian(milano.edge_slope)
    assert np.nanmax(milano.edge_slope[bridges]) < 0.1


@pytest.mark.shared
def test_milano_s_streets_do_not_tell_steps(milano: Network) -> None:
    assert unknown(milano, STROLLER) == ("steps",)
    assert unknown(milano, WHEELCHAIR) == ("steps", "slopes")
