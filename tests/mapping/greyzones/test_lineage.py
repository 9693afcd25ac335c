"""Zones through editions: drawn zones of numbered areas."""

from collections import Counter

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from mapping.greyzones.columns import GREYZONES
from mapping.greyzones.lineage import KIND, KnownZone, NewZone, changes, known_zones, zone_ids

FAR = ("nido", "adult", "any", "any", "far")
UNSURE = ("nido", "adult", "any", "any", "unsure")
TEN = np.full(20, 10.0)


def fresh(*members, kind=FAR):
    return NewZone(kind, np.array(members), str(min(members)))


def held(zone_id, *members, kind=FAR):
    return KnownZone(zone_id, kind, np.array(members))


def test_a_zone_without_a_past_is_named_after_its_core():
    assert zone_ids([fresh(3, 4)], [], TEN) == ["nido-adult-any-any-far-3"]


def test_a_zone_that_gains_a_section_keeps_its_id():
    assert zone_ids([fresh(1, 2, 3)], [held("first", 2, 3)], TEN) == ["first"]


def test_a_zone_that_shrinks_into_its_old_place_keeps_its_id():
    assert zone_ids([fresh(1)], [held("first", 1, 2, 3, 4, 5)], TEN) == ["first"]


def test_of_the_parts_of_a_zone_the_one_with_most_people_keeps_the_id():
    parts = [fresh(1, 2), fresh(4, 5, 6)]
    assert zone_ids(parts, [held("whole", 1, 2, 3, 4, 5, 6)], TEN) == [
        "nido-adult-any-any-far-1", "whole",
    ]  # fmt: skip
    crowded = TEN.copy()
    crowded[1] = 1000
    assert zone_ids(parts, [held("whole", 1, 2, 3, 4, 5, 6)], crowded)[0] == "whole"


def test_of_two_zones_that_join_the_larger_gives_its_id():
    before = [held("small", 1, 2), held("large", 4, 5, 6)]
    assert zone_ids([fresh(1, 2, 3, 4, 5, 6)], before, TEN) == ["large"]


def test_a_zone_of_another_class_is_another_zone():
    assert zone_ids([fresh(1, kind=UNSURE)], [held("first", 1)], TEN) != ["first"]


def test_a_slight_overlap_is_not_the_same_zone():
    assert zone_ids([fresh(3, 4, 5)], [held("first", 1, 2, 3)], TEN) != ["first"]


def test_an_id_is_never_given_to_another_zone():
    # The old zone of that name has left its core, where a new one now stands.
    before = [held("nido-adult-any-any-far-1", 1, 2, 3, 4)]
    names = zone_ids([fresh(1), fresh(2, 3, 4)], before, TEN)
    assert names == ["nido-adult-any-any-far-1-2", "nido-adult-any-any-far-1"]


def test_ties_do_not_depend_on_the_order_of_the_zones():
    parts, before = [fresh(1), fresh(2)], [held("b", 1, 2), held("a", 3)]
    names = zone_ids(parts, before, TEN)
    turned = zone_ids(parts[::-1], before[::-1], TEN)
    assert names == turned[::-1] == ["b", "nido-adult-any-any-far-2"]


partition = st.lists(st.integers(0, 4), min_size=20, max_size=20)


def zones_of(labels):
    groups = [np.flatnonzero(np.array(labels) == label) for label in range(1, 5)]
    return [fresh(*group.tolist()) for group in groups if len(group)]


@given(partition, partition)
def test_every_zone_has_an_id_of_its_own_and_the_same_city_the_same_ids(one, other):
    first = zones_of(one)
    names = zone_ids(first, [], TEN)
    before = [held(name, *zone.members) for name, zone in zip(names, first, strict=True)]
    assert zone_ids(first, before, TEN) == names
    after = zone_ids(zones_of(other), before, TEN)
    assert len(set(after)) == len(after)


def table(*rows):
    columns = ("zone_id", "category", "name", "demand", "sections", "members")
    return pa.Table.from_pylist(
        [dict(zip(columns, (r[0], "nido", "Disegnato", *r[1:], ["1"]), strict=True)) for r in rows],
        pa.schema(
            [*((name, pa.string()) for name in columns[:3]), ("demand", pa.int64()),
             ("sections", pa.int64()), ("members", pa.list_(pa.string()))]
        ),
    )  # fmt: skip


def test_every_fate_of_a_zone():
    before = table(("a", 50, 5), ("b", 50, 5), ("c", 50, 5), ("d", 50, 5), ("e", None, 1))
    after = table(("b", 60, 5), ("c", 45, 5), ("d", 50, 5), ("e", 15, 2), ("f", 30, 3))
    states = {one.zone_id: one.state for one in changes(before, after)}
    assert states == {
        "a": "closed", "b": "grew", "c": "shrank", "d": "unchanged", "e": "grew", "f": "appeared",
    }  # fmt: skip
    largest = changes(before, after)[0]
    assert (largest.zone_id, largest.demand_before, largest.demand_after) == ("b", 50, 60)


sides = st.dictionaries(
    st.sampled_from("abcdefgh"), st.tuples(st.none() | st.integers(0, 90), st.integers(1, 9))
)


@given(sides, sides)
def test_every_zone_of_both_editions_has_exactly_one_fate(one, other):
    before = table(*((name, *numbers) for name, numbers in one.items()))
    after = table(*((name, *numbers) for name, numbers in other.items()))
    found = changes(before, after)
    counts = Counter(change.state for change in found)
    assert {change.zone_id for change in found} == one.keys() | other.keys()
    assert len(found) == len(one.keys() | other.keys())
    lasting = counts["grew"] + counts["shrank"] + counts["unchanged"]
    assert counts["closed"] + lasting == len(one)
    assert counts["appeared"] + lasting == len(other)


def test_the_zones_of_an_edition_are_read_with_the_areas_of_now():
    columns = dict(zip(KIND, FAR, strict=True))
    rows = [
        {"zone_id": "a", **columns, "members": ["20", "99", "10"]},
        {"zone_id": "b", **columns, "members": ["30"]},
    ]
    read = known_zones(pa.Table.from_pylist(rows), np.array(["10", "20", "30"], object))
    assert [(zone.zone_id, zone.members.tolist()) for zone in read] == [("a", [1, 0]), ("b", [2])]
    assert read[0].kind == FAR


def test_an_older_or_an_empty_edition_has_no_zones_to_inherit_from():
    ids = np.array(["10"], object)
    assert known_zones(pa.table({"zone_id": ["a"]}), ids) == []
    assert known_zones(GREYZONES.schema.empty_table(), ids) == []
