"""What OpenStreetMap's tags say of a way: whether it is for walkers, its kind and its level."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

NOT_WAYS = frozenset({
    "abandoned", "bus_guideway", "busway", "construction", "demolished", "dismantled", "disused",
    "emergency_bay", "escape", "motor", "no", "planned", "platform", "proposed", "raceway", "razed",
    "removed", "rest_area", "services", "via_ferrata",
})  # fmt: skip
"""Values of ``highway`` without walkers, also before a colon, as in ``disused:footway``."""
GONE = tuple(f"{state}:highway" for state in ("abandoned", "demolished", "disused", "razed"))
CLOSED = frozenset({
    "agricultural", "bus", "delivery", "emergency", "employees", "forestry", "military", "no",
    "permit", "private", "psv", "residents", "restricted", "use_sidepath",
})  # fmt: skip
"""Values of ``access`` and ``foot`` that keep the public on foot out."""
INVITING = frozenset({"yes", "designated", "official", "permissive"})
WITH_SIDEWALK = frozenset({"both", "left", "right", "yes"})
SIDEWALKS = ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")
ONE_WAY = frozenset({"forward", "backward"})
"""Values of ``conveying``: who would go the other way on an escalator does not."""
FOR_CARS = ("motorway", "trunk")
"""Kinds that are walked only where a tag says so; `motorway_link` and its like among them."""
KINDS = {"footway": "footpath", "path": "footpath", "steps": "steps", "cycleway": "cycle"}
READ_TAGS = (
    "highway", "name", "access", "foot", "service", "area", "motorroad", "conveying", "oneway:foot",
    "abandoned", "disused", "bridge", "tunnel", "layer", "level", *SIDEWALKS, *GONE,
)  # fmt: skip
"""Every tag that is asked here."""
MAX_LIST_LETTERS = 10_000
"""The text of a list is not longer: it is as long as the names of some streets."""
_ABSENT = frozenset({"", "0", "F", "f", "false", "no"})

Tags = Mapping[str, str]


def may_walk(tags: Tags) -> bool:
    """Whether anybody may walk a way, both ways.

    ``foot`` overrules ``access`` and what a motorway is by itself
    (https://wiki.openstreetmap.org/wiki/Key:access). A road whose sidewalks are ways of their own
    is walked on them.
    """
    return exists(tags) and _is_open(tags) and _has_room(tags)


def exists(tags: Tags) -> bool:
    """Whether a way is there to be drawn, walked or not."""
    highway = tags.get("highway", "no").partition(":")[0]
    states = (tags.get("abandoned"), tags.get("disused"))
    gone = "yes" in states or any(key in tags for key in GONE)
    return highway not in NOT_WAYS and not gone and tags.get("area") != "yes"


def kind_of(tags: Tags) -> str:
    """Name the kind of a way, one of `ways.KINDS`."""
    return KINDS.get(tags.get("highway", ""), "street")


def level_of(tags: Tags) -> int:
    """Give the level of a way: 0 at grade; a bridge without ``layer`` is 1, a tunnel -1."""
    layer = tags.get("layer", "")
    if layer.lstrip("+-").isdecimal() and int(layer):
        return int(layer)
    if tags.get("bridge", "") not in _ABSENT:
        return 1
    if re.fullmatch("-[0-9]+", tags.get("level", "")):
        return int(tags["level"])  # an underpass that is drawn as the floor of a station
    # A passage through a building is on the ground.
    return 0 if tags.get("tunnel", "") in {*_ABSENT, "building_passage"} else -1


def from_osm(nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Convert a network of osmnx, as it is saved or returned, into lines for `from_lines`.

    Each street comes once, though osmnx gives both directions; list values may have become text.
    """
    if nodes.crs != edges.crs:
        edges = edges.to_crs(nodes.crs)
    shapes = edges.geometry.normalize()
    once = edges[~shapes.to_wkb().duplicated().to_numpy()]
    read = [tag for tag in READ_TAGS if tag in once]
    ways = [
        {tag: values for tag, value in zip(read, row, strict=True) if (values := _values(value))}
        for row in once[read].itertuples(index=False)
    ]
    # A network that osmnx has cut to its own rule for walkers, without keeping ``foot``.
    chosen = {} if "foot" in once else {"foot": "yes"}
    tags = [_of_merged(way) for way in ways]
    frame = {
        "name": pd.Series([tag.get("name") for tag in tags], dtype=object),
        "kind": [kind_of(tag) for tag in tags],
        "walkable": [may_walk({**chosen, **tag} if _is_cycleway(tag) else tag) for tag in tags],
        "level": np.array([level_of(tag) for tag in tags], np.int64),
    }
    return gpd.GeoDataFrame(frame, geometry=once.geometry.to_numpy(), crs=edges.crs)


def _is_open(tags: Tags) -> bool:
    if "foot" in tags:
        return tags["foot"] not in CLOSED
    return tags.get("access") not in CLOSED and tags.get("service") != "private"


def _has_room(tags: Tags) -> bool:
    # An escalator is walked in one direction, and an edge of our network in both.
    apart = any(tags.get(side) == "separate" for side in SIDEWALKS)
    one_way = tags.get("oneway:foot", "no") != "no" or tags.get("conveying") in ONE_WAY
    if apart or one_way:
        return False
    invited = tags.get("foot") in INVITING
    if _is_cycleway(tags) or tags.get("motorroad") == "yes":
        return invited
    beside = any(tags.get(side) in WITH_SIDEWALK for side in SIDEWALKS)
    return invited or beside or not tags["highway"].startswith(FOR_CARS)


def _is_cycleway(tags: Tags) -> bool:
    return tags.get("highway") == "cycleway"


def _of_merged(ways: Mapping[str, list[str]]) -> Tags:
    """Take of ways that osmnx has merged what keeps most people out, else the first value."""
    return {tag: next(_strict(tag, values), values[0]) for tag, values in ways.items()}


def _strict(tag: str, values: Iterable[str]) -> Iterator[str]:
    # Where ways were merged, one flight of steps keeps wheels from all of them.
    strict = {"highway": {"steps"}, "access": CLOSED, "foot": CLOSED}.get(tag, set())
    return (value for value in values if value in strict)


def _values(value: object) -> list[str]:
    # osmnx gives a list where streets were merged, and its GeoPackages the text of that list.
    if isinstance(value, str) and value.startswith("["):
        value = _listed(value)
    if isinstance(value, list):
        return [str(part) for part in value]
    return [value] if isinstance(value, str) and value else []


def _listed(text: str) -> object:
    """Read the text of a list; any other text, such as a name in brackets, is itself."""
    if len(text) > MAX_LIST_LETTERS:
        return text
    try:
        values = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text
    if not isinstance(values, list) or not values:
        return text
    return values if all(isinstance(part, str | int | float) for part in values) else text
