import itertools
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from mapping.errors import BadInputError
from mapping.walking.network import (
    Network,
    from_arrow,
    snap,
    summary,
    to_arrow,
)
from mapping.walking.osm_ways import from_osm
from mapping.walking.snapping import OFF_NETWORK_METRES
from mapping.walking.topology import from_lines
from mapping.walking.ways import KINDS
from tests.mapping.drawn import EPSG, draw, drawn, lines

CROSS = """
  N
  |
W-X---E
  |
  S
"""


def named(shapes: Sequence[shapely.Geometry], names: Sequence[str | None]) -> gpd.GeoDataFrame:
    frame = {"name": list(names), "kind": "street", "walkable": True}
    return gpd.GeoDataFrame(frame, geometry=list(shapes), crs=EPSG)


def test_streets_meet_where_they_are_cut() -> None:
    network, places = drawn(CROSS)

    nodes = set(zip(network.node_x, network.node_y, strict=True))

    assert nodes == {places[mark] for mark in "NWXES"}
    assert sorted(network.edge_metres) == [20, 20, 20, 40]
    assert summary(network) == {
        "nodes": 5, "edges": 4, "kilometres": 0.1, "components": 1, "largest_share": 1.0,
        "knows_steps": False, "slope_share": 0.0,
    }  # fmt: skip


def test_streets_that_cross_without_a_junction_pass_over_each_other() -> None:
    bridge = lines(("street", [(-50, 0), (50, 0)]), ("street", [(0, -50), (0, 50)]))

    network = from_lines(bridge, epsg=EPSG)

    assert summary(network)["components"] == 2
    assert list(network.edge_metres) == [100, 100]


def test_pieces_of_one_street_become_one_edge_and_another_name_begins_another() -> None:
    pieces = [shapely.LineString([(x, 0), (x + 10, 0)]) for x in (0, 10, 20, 30)]

    network = from_lines(named(pieces, ["VIA PADOVA"] * 3 + ["VIA LEONCAVALLO"]), epsg=EPSG)

    streets = zip(network.edge_name, network.edge_metres, strict=True)
    by_name = {network.names[name]: metres for name, metres in streets}
    assert by_name == {"VIA PADOVA": 30, "VIA LEONCAVALLO": 10}


def test_pieces_drawn_against_each_other_become_one_line() -> None:
    pieces = [
        shapely.LineString([(10, 0), (0, 0)]),
        shapely.LineString([(10, 0), (20, 0)]),
        shapely.LineString([(20, 10), (20, 0)]),
    ]

    network = from_lines(named(pieces, [None] * 3), epsg=EPSG)

    assert list(network.edge_metres) == [30]
    assert list(network.edge_name) == [-1]
    assert network.lines[0].is_simple


def test_a_ring_is_a_loop_from_a_node_to_itself() -> None:
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    network = from_lines(
        lines(("street", [(-50, 0), (0, 0)]), ("street", ring)),
        epsg=EPSG,
    )

    assert sorted(network.edge_metres) == [50, 400]
    loop = int(np.argmax(network.edge_metres))
    assert network.edge_u[loop] == network.edge_v[loop]


def test_a_footpath_that_ends_on_a_street_cuts_it() -> None:
    network, _ = drawn("""
A-----B
   :
   F
""")

    assert sorted(network.edge_metres) == [20, 30, 30]
    assert summary(network)["components"] == 1


def test_footpaths_that_cross_are_cut_at_the_crossing() -> None:
    crossing = lines(("footpath", [(-50, 0), (50, 0)]), ("footpath", [(0, -50), (0, 50)]))

    network = from_lines(crossing, epsg=EPSG)

    assert list(network.edge_metres) == [50] * 4


@pytest.mark.parametrize(("gap", "components"), [(0.0, 1), (0.9, 1), (1.1, 2), (10.0, 2)])
def test_a_footpath_joins_a_street_only_within_the_tolerance(gap: float, components: int) -> None:
    street, path = ("street", [(-50, 0), (50, 0)]), ("footpath", [(0, gap), (0, 60)])

    network = from_lines(lines(street, path), epsg=EPSG, join_metres=1.0)

    assert summary(network)["components"] == components


def test_what_may_not_be_walked_is_neither_crossed_nor_snapped_to() -> None:
    motorway, _ = draw("A----B----C")
    motorway["walkable"] = [True, False]

    network = from_lines(motorway, epsg=EPSG)

    assert list(network.edge_metres) == [50]
    assert snap(network, [80.0], [0.0]).snap_metres == [30]


def test_heights_do_not_count_as_length_and_lines_of_many_parts_are_opened() -> None:
    both = shapely.MultiLineString([[(0, 0, 100), (50, 0, 103)], [(50, 0, 103), (50, 70, 100)]])

    network = from_lines(named([both], ["VIA PADOVA"]), epsg=EPSG)

    assert list(network.edge_metres) == [120]
    assert not network.lines[0].has_z


def test_each_edge_is_as_long_as_its_line_and_runs_from_its_first_node() -> None:
    network, _ = drawn(CROSS)

    starts = shapely.get_coordinates(shapely.get_point(network.lines, 0))

    assert_allclose(shapely.length(network.lines), network.edge_metres)
    assert_allclose(starts[:, 0], network.node_x[network.edge_u])
    assert_allclose(starts[:, 1], network.node_y[network.edge_u])


@given(cuts=st.lists(st.integers(1, 999), unique=True, max_size=12))
def test_the_length_does_not_depend_on_where_a_street_was_cut(cuts: list[int]) -> None:
    stops = [0, *sorted(10 * cut for cut in cuts), 10_000]
    pieces = itertools.pairwise(stops)

    network = from_lines(lines(*[("street", [(a, 0), (b, 0)]) for a, b in pieces]), epsg=EPSG)

    assert_allclose(network.edge_metres, [10_000])


def test_a_place_snaps_to_the_middle_of_an_edge_not_to_its_end() -> None:
    network, _ = drawn("A----------B")

    feet = snap(network, [41.0, 41.0], [7.0, -7.0])

    assert_allclose(feet.snap_metres, 7)
    assert_allclose(np.column_stack([feet.x, feet.y]), [(41, 0)] * 2)
    from_u = 41 if network.node_x[network.edge_u[0]] == 0 else 110 - 41
    assert_allclose(feet.offset_metres, from_u)


def test_a_far_place_keeps_its_distance_and_so_is_off_the_network() -> None:
    network, _ = drawn("A----B")

    feet = snap(network, [25.0, 25.0], [OFF_NETWORK_METRES - 1, OFF_NETWORK_METRES + 1])

    assert list(feet.snap_metres > OFF_NETWORK_METRES) == [False, True]


@given(
    places=st.lists(st.tuples(st.floats(-500, 500), st.floats(-500, 500)), min_size=1, max_size=9)
)
def test_a_snap_does_not_depend_on_what_else_is_asked(places: list[tuple[float, float]]) -> None:
    network, _ = drawn(CROSS)
    x, y = np.array(places).T

    together = snap(network, x, y)

    for n in range(len(places)):
        alone = snap(network, x[n : n + 1], y[n : n + 1])
        assert together.edge[n] == alone.edge[0]
        assert together.offset_metres[n] == alone.offset_metres[0]
        assert together.snap_metres[n] == alone.snap_metres[0]


def test_a_place_beside_an_island_of_the_network_snaps_to_the_mainland() -> None:
    street, island = ("street", [(0, 0), (2_000, 0)]), ("footpath", [(500, 60), (519, 60)])

    y = [70.0, 290.0, 490.0, 510.0]

    feet = snap(from_lines(lines(street, island), epsg=EPSG), [510.0] * 4, y)

    # 510 m from the street, the island serves.
    assert_allclose(feet.snap_metres, [70, 290, 490, 450])


@pytest.mark.parametrize("lost", [np.nan, np.inf])
def test_a_place_without_coordinates_is_refused_without_repeating_them(lost: float) -> None:
    network, _ = drawn("A----B")

    with pytest.raises(BadInputError, match=r"^A place has coordinates that are not finite\."):
        snap(network, [45.0, lost], [9.0, 1.0])


def test_lines_of_which_none_may_be_walked_are_refused() -> None:
    streets, _ = draw("A----B")

    with pytest.raises(BadInputError, match="No line may be walked"):
        from_lines(streets.assign(walkable=False), epsg=EPSG)


def test_no_places_have_no_snaps() -> None:
    network, _ = drawn("A----B")

    assert len(snap(network, [], []).edge) == 0


def arrays(network: Network) -> dict[str, object]:
    return {name: value for name, value in vars(network).items() if isinstance(value, np.ndarray)}


def test_a_network_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    before = from_lines(named([shapely.LineString([(0, 0), (9, 0)])], ["VIA À"]), epsg=EPSG)
    table = to_arrow(before)
    with pa.ipc.new_file(str(tmp_path / "network.arrow"), table.schema) as writer:
        writer.write_table(table)

    with pa.memory_map(str(tmp_path / "network.arrow")) as file:
        after = from_arrow(pa.ipc.open_file(file).read_all())

    assert (after.epsg, after.names) == (EPSG, ["VIA À"])
    for name, values in arrays(before).items():
        assert_array_equal(getattr(after, name), values)


def test_a_loaded_network_is_read_only() -> None:
    after = from_arrow(to_arrow(drawn("A----B")[0]))

    with pytest.raises(ValueError, match="read-only"):
        after.node_x[0] = 1.0


def osm(ways: Sequence[object], names: Sequence[object]) -> gpd.GeoDataFrame:
    """Both directions of each way, as osmnx gives them."""
    shapes = [shapely.LineString([(0, 10 * n), (50, 10 * n)]) for n in range(len(ways))]
    frame = {"highway": [*ways, *ways], "name": [*names, *names]}
    both = [*shapes, *(shape.reverse() for shape in shapes)]
    return from_osm(
        gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs=EPSG),
        gpd.GeoDataFrame(frame, geometry=both, crs=EPSG),
    )


def test_osm_gives_each_street_once_with_its_kind() -> None:
    found = osm(["residential", "footway", "cycleway", "trunk_link"], ["Via Padova", None, "", "A"])

    assert list(found["kind"]) == ["street", "footpath", "cycle", "street"]
    assert [name if pd.notna(name) else None for name in found["name"]] == [
        "Via Padova", None, None, "A",
    ]  # fmt: skip
    assert list(found["walkable"]) == [True, True, True, False]


def test_osm_lists_are_read_as_lists_and_as_their_text() -> None:
    found = osm(["['footway', 'path']", ["path", "track"]], ["['Via A', 'Via B']", ["Via C"]])

    assert list(found["kind"]) == ["footpath", "footpath"]
    assert list(found["name"]) == ["Via A", "Via C"]


def test_osm_steps_are_steps_even_where_they_were_merged_with_a_path() -> None:
    found = osm(["steps", "['footway', 'steps']", ["path", "steps"], "path"], [None] * 4)

    assert list(found["kind"]) == ["steps", "steps", "steps", "footpath"]


@pytest.mark.shared
def test_the_sample_of_openstreetmap_becomes_one_network(mirror: Path) -> None:
    path = mirror / "network/osm_Duomo_roads.gpkg"
    layers = [gpd.read_file(path, layer=layer) for layer in ("nodes", "edges")]

    network = from_lines(from_osm(*layers), epsg=EPSG)

    assert summary(network)["components"] == 1
    assert "Via Torino" in network.names
    assert network.knows_steps
    assert set(network.edge_kind) <= set(range(len(KINDS)))


@pytest.mark.shared
def test_no_named_premises_of_milano_are_cut_off_from_its_streets(mirror: Path) -> None:
    path = mirror / "network/dbt2020_milano.gpkg"
    parts = [
        gpd.read_file(path, layer=layer).to_crs(EPSG).assign(kind=kind, name=None, walkable=True)
        for layer, kind in (("EL_STR", "street"), ("EL_VMS", "footpath"), ("EL_CIC", "cycle"))
    ]
    network = from_lines(pd.concat(parts, ignore_index=True), epsg=EPSG)
    premises = gpd.read_file(path, layer="PE_UINS").to_crs(EPSG).representative_point()

    feet = snap(network, premises.x, premises.y)

    assert summary(network)["largest_share"] > 0.95
    # A sports ground is more than 250 m from any street, and beside a path of its own.
    parts_reached = np.bincount(network.component[feet.edge])
    assert len(premises) - parts_reached.max() <= 1
