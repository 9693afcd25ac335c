"""What may be said of a point, rule by rule; and where people set out from."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapping.coverage.classes import (
    CLASS_OF,
    REASONS,
    STATUSES,
    Evidence,
    WalkTimes,
    class_of,
    classify,
    main_reason,
)
from mapping.coverage.origins import street_points
from mapping.tables import CLASSES

LIMIT = 900.0
ABSENCES = {"far", "closed", "unsuitable", "crowded"}
UNUSABLE = ("closed", "unsuitable")


def reason(slack=0.0, *, limit=LIMIT, complete=True, expired=False, estimated=False, **known):
    """The reason at one point, from the seconds to each status and the flags of `Evidence`.

    `slack` is by how many seconds the nearest may be nearer, `late` by how many the nearest that is
    sure may be farther.
    """
    late = known.pop("late", 0.0)
    names = ("off_network", "unplaced", "no_way", "astray", "short", "border", "declared")
    names += ("straight_only", "border_streets")
    flags = {name: np.array([known.pop(name, False)]) for name in names}
    by_status = [np.array([float(known.pop(name, np.nan))]) for name in STATUSES]
    assert not known
    usable = [s for name, s in zip(STATUSES, by_status, strict=True) if name not in UNUSABLE]
    nearest = np.fmin.reduce(usable)[:, None]
    walk = WalkTimes(
        nearest, np.zeros((1, 1), int), tuple(by_status), (), nearest[:, 0] - slack,
        by_status[0] + late,
    )  # fmt: skip
    evidence = Evidence(
        complete=np.array([complete]), expired=np.array([expired]), estimated=estimated, **flags
    )
    return REASONS[classify(walk, evidence, limit)[0]]


def test_every_class_has_a_reason():
    assert set(CLASS_OF.values()) == set(CLASSES)


def test_a_sure_service_within_the_walk_serves():
    assert reason(sure=800, closed=100) == "within_walk"
    assert class_of(REASONS.index("within_walk")) == "served"


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"unverified": 800, "sure": 2000}, "records_unverified"),
        ({"hours_unknown": 800, "unverified": 100}, "hours_unknown"),
        ({"suitability_unknown": 800, "closed": 100}, "suitability_unknown"),
        ({"closed": 800, "sure": 1000}, "all_closed"),
        ({"closed": 1000, "sure": 1000}, "beyond_walk"),
        ({"unsuitable": 800, "sure": 1000}, "all_unsuitable"),
        ({"unsuitable": 800, "closed": 850}, "all_closed"),
        ({"no_way": True}, "no_way"),
        ({"no_way": True, "astray": True}, "position_uncertain"),
        ({"off_network": True}, "off_network"),
        ({"sure": 800, "short": True}, "places_short"),
        ({"sure": 1000, "short": True}, "beyond_walk"),
        ({"sure": 5000, "unplaced": True}, "records_unplaced"),
        ({"sure": 1000, "slack": 150}, "position_uncertain"),
        ({"closed": 800, "sure": 1000, "slack": 150}, "position_uncertain"),
        ({"sure": 1000, "slack": 50}, "beyond_walk"),
        ({"sure": 1000, "border": True}, "border"),
        ({"closed": 800, "border": True}, "border"),
        ({"unsuitable": 800, "border": True}, "border"),
        ({"no_way": True, "border": True}, "border"),
        ({"sure": 800, "border": True}, "within_walk"),
        ({"sure": 800, "border_streets": True}, "within_walk"),
        ({"closed": 800, "border_streets": True}, "border_streets"),
        ({"sure": 800, "late": 900, "straight_only": True}, "border_streets"),
        ({"hours_unknown": 800, "straight_only": True}, "border_streets"),
        ({"sure": 800, "late": 100}, "within_walk"),
        ({"sure": 800, "late": 101}, "position_uncertain"),
        ({"sure": 800, "late": 101, "short": True}, "position_uncertain"),
        ({"sure": 5000, "declared": True}, "premises_declared"),
        ({"closed": 800, "declared": True}, "premises_declared"),
        ({"no_way": True, "declared": True}, "premises_declared"),
        ({"sure": 800, "declared": True}, "within_walk"),
        ({"unverified": 800, "declared": True}, "records_unverified"),
        ({"sure": 800, "short": True, "declared": True}, "places_short"),
        ({}, "beyond_walk"),
    ],
)
def test_the_first_rule_that_holds_decides(known, expected):
    assert reason(**known) == expected


def test_absence_is_never_claimed_of_an_incomplete_list():
    for known in ({"sure": 5000}, {"closed": 100}, {"unsuitable": 100}, {"no_way": True}):
        assert reason(**known, complete=False) == "catalogue_incomplete"
    assert reason(sure=100, short=True, complete=False) == "within_walk"


def test_absence_is_never_claimed_of_a_list_that_expired():
    for known in ({"sure": 5000}, {"closed": 100}, {"unsuitable": 100}, {"no_way": True}, {}):
        assert reason(**known, complete=False, expired=True) == "list_expired"
    assert reason(sure=100, short=True, complete=False, expired=True) == "within_walk"
    assert reason(unverified=100, complete=False, expired=True) == "records_unverified"


seconds = st.one_of(st.just(np.nan), st.floats(0, 1e5))


@given(st.fixed_dictionaries(dict.fromkeys(STATUSES, seconds)), st.booleans(), st.booleans())
def test_no_absence_without_its_input(known, unplaced, complete):
    found = reason(**known, unplaced=unplaced, complete=complete)
    if unplaced or not complete:
        assert CLASS_OF[found] not in ABSENCES
    assert CLASS_OF[reason(**known, estimated=True)] == "unsure"


@given(st.fixed_dictionaries(dict.fromkeys(STATUSES, seconds)), st.floats(0, 1e5))
def test_one_more_sure_service_never_takes_away(known, more):
    before = CLASS_OF[reason(**known)]
    after = CLASS_OF[reason(**known | {"sure": np.fmin(known["sure"], more)})]
    assert after in (before, "served", "far") if before in UNUSABLE else after in (before, "served")
    assert before != "served" or after == "served"


class OneStreet:
    """A street of 200 m that runs along the border of two squares."""

    lines = np.array([shapely.LineString([(0, 100), (200, 100)])])
    names = ("Via Disegnata",)
    edge_name = np.array([0])


@given(
    st.fixed_dictionaries(dict.fromkeys(STATUSES, seconds)),
    st.floats(0, 1e5),
    st.floats(0, 1e5),
    st.booleans(),
)
def test_a_longer_acceptable_walk_never_takes_away_nor_makes_anything_far(
    known, limit, longer, complete
):
    short, long = (
        reason(limit=most, complete=complete, **known) for most in (limit, limit + longer)
    )
    assert short != "within_walk" or long == "within_walk"
    assert long != "beyond_walk" or short == "beyond_walk"


def test_people_of_both_sides_set_out_from_the_street_between_them():
    south, north, lonely = (
        shapely.box(0, 0, 200, 100),
        shapely.box(0, 100, 200, 200),
        shapely.box(900, 900, 910, 910),
    )
    points = street_points(OneStreet(), np.array([south, north, lonely]))
    assert np.bincount(points.owner).tolist() == [4, 4, 1]
    assert np.bincount(points.owner, points.weight) == pytest.approx([1, 1, 1])
    assert sorted(points.x[points.owner == 0]) == [25, 75, 125, 175]
    assert (points.x[points.owner == 2], points.y[points.owner == 2]) == (905, 905)


def main_of(**people: float) -> str:
    """The reason of an area in which so many people have each reason."""
    codes = np.array([REASONS.index(name) for name in people], np.int8)
    (main,) = main_reason(codes, np.array([*people.values()]), np.zeros(len(codes), int), 1)
    return REASONS[main]


def test_many_doubts_together_outweigh_one_reason_to_be_served() -> None:
    doubts = {"hours_unknown": 25.0, "records_unverified": 23.0, "border": 20.0}
    assert main_of(within_walk=32.0, **doubts) == "hours_unknown"
    assert main_of(beyond_walk=48.0, border_streets=30.0, records_unplaced=22.0) == "border_streets"
    # Absences are of several classes, and each is counted by itself.
    assert main_of(within_walk=40.0, all_unsuitable=30.0, no_way=5.0, all_closed=25.0) == (
        "within_walk"
    )


def test_of_classes_for_as_many_the_more_cautious_is_told() -> None:
    # Tenths that sum to a half, but for what floats lose.
    parts = {"hours_unknown": 0.1, "border": 0.3, "list_expired": 0.1}
    assert main_of(within_walk=0.5, **parts) == "border"
    assert main_of(beyond_walk=0.5, **parts) == "border"
    assert main_of(within_walk=0.5, beyond_walk=0.5) == "within_walk"
    assert main_of(all_closed=0.5, beyond_walk=0.5) == "all_closed"


@given(st.lists(st.integers(0, 50), min_size=len(REASONS), max_size=len(REASONS)))
def test_the_class_of_an_area_is_that_of_most_of_its_people(people) -> None:
    crowds = dict.fromkeys(CLASSES, 0)
    for code, crowd in enumerate(people):
        crowds[class_of(code)] += crowd
    codes = np.arange(len(REASONS)).astype(np.int8)
    (main,) = main_reason(codes, np.array(people, float), np.zeros(len(codes), int), 1)
    if not sum(people):
        assert main == -1
        return
    assert crowds[class_of(main)] == max(crowds.values())
    own = [n for n in range(len(REASONS)) if class_of(n) == class_of(main)]
    assert people[main] == max(people[n] for n in own)
