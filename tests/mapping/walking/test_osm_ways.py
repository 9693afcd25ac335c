"""What may be walked, by the rules of OpenStreetMap's wiki for access on foot."""

import geopandas as gpd
import pytest
import shapely

from mapping.walking.osm_ways import from_osm, kind_of, level_of, may_walk

WALKED = [
    {"highway": "residential"},
    {"highway": "residential", "access": "destination"},
    {"highway": "service", "access": "customers"},
    {"highway": "service", "access": "private", "foot": "yes"},
    {"highway": "service", "access": "no", "foot": "designated"},
    {"highway": "service", "service": "private", "foot": "permissive"},
    {"highway": "trunk", "foot": "yes"},
    {"highway": "trunk", "sidewalk": "both"},
    {"highway": "trunk_link", "sidewalk:left": "yes"},
    {"highway": "primary", "motorroad": "yes", "foot": "yes"},
    {"highway": "cycleway", "foot": "designated"},
    {"highway": "steps", "conveying": "no"},
    {"highway": "residential", "disused:railway": "tram"},
]
REFUSED = [
    {"highway": "residential", "access": "no"},
    {"highway": "primary", "motorroad": "yes"},
    {"highway": "primary", "motorroad": "yes", "sidewalk": "both"},
    {"highway": "footway", "foot": "private"},
    {"highway": "footway", "foot": "no"},
    {"highway": "primary", "foot": "use_sidepath"},
    {"highway": "track", "access": "forestry"},
    {"highway": "service", "access": "private"},
    {"highway": "via_ferrata"},
    {"highway": "disused:footway"},
    {"highway": "disused"},
    {"highway": "footway", "disused": "yes"},
    {"highway": "footway", "disused:highway": "footway"},
    {"highway": "trunk"},
    {"highway": "trunk", "sidewalk": "no"},
    {"highway": "trunk", "sidewalk": "separate"},
    {"highway": "motorway"},
    {"highway": "steps", "conveying": "forward", "oneway:foot": "yes"},
    {"highway": "steps", "conveying": "backward"},
    {"highway": "busway"},
    {"highway": "service", "access": "psv"},
    {"highway": "service", "access": "residents"},
    {"highway": "footway", "abandoned": "yes"},
    {"highway": "cycleway"},
    {"highway": "pedestrian", "area": "yes"},
    {},
]


@pytest.mark.parametrize("tags", WALKED, ids=str)
def test_a_way_is_walked(tags: dict[str, str]) -> None:
    assert may_walk(tags)


@pytest.mark.parametrize("tags", REFUSED, ids=str)
def test_a_way_is_not_walked(tags: dict[str, str]) -> None:
    assert not may_walk(tags)


@pytest.mark.parametrize(
    ("tags", "level"),
    [
        ({}, 0),
        ({"bridge": "yes"}, 1),
        ({"bridge": "viaduct", "layer": "2"}, 2),
        ({"bridge": "no"}, 0),
        ({"tunnel": "yes"}, -1),
        ({"tunnel": "culvert", "layer": "-2"}, -2),
        ({"tunnel": "building_passage"}, 0),
        ({"layer": "1"}, 1),
        ({"bridge": "T", "layer": "0"}, 1),
        ({"bridge": "F", "tunnel": "F", "layer": "0"}, 0),
        ({"layer": "1;2"}, 0),
        ({"level": "-1"}, -1),
        ({"level": "0;1"}, 0),
    ],
    ids=str,
)
def test_a_way_has_a_level(tags: dict[str, str], level: int) -> None:
    assert level_of(tags) == level


def test_what_is_no_path_is_a_street() -> None:
    kinds = {highway: kind_of({"highway": highway}) for highway in ("path", "steps", "service")}

    assert kinds == {"path": "footpath", "steps": "steps", "service": "street"}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("['Via Prova', 'Via Altra']", "Via Prova"), ("['Via Prova']", "Via Prova"),
        ("[Strada privata]", "[Strada privata]"), ("[", "["),
        ("[]", "[]"), ("[[1], 2]", "[[1], 2]"),
        ("[" * 5_000, "[" * 5_000), ("['a'," * 3_000, "['a'," * 3_000),
        ("[__import__('os')]", "[__import__('os')]"),
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_a_name_in_brackets_is_a_name_and_the_text_of_a_list_is_read(
    written: str, name: str
) -> None:
    line = shapely.LineString([(0, 0), (1, 1)])
    nodes = gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs=4326)
    edges = gpd.GeoDataFrame(
        {"highway": ["residential"], "name": [written]}, geometry=[line], crs=4326
    )
    ways = from_osm(nodes, edges)
    assert (ways["name"].tolist(), ways["walkable"].tolist()) == ([name], [True])
