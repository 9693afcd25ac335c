"""Changes of services on drawn maps: what is closed and opened again has changed nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.errors import BadInputError, UnknownServiceError
from mapping.siting.scenario import (
    ExistingService,
    ServiceChange,
    apply,
    closures,
    cost,
    places_per_hundred,
    reach,
)
from mapping.walking.profiles import profile
from mapping.walking.routing import graph, nearest_k, targets
from tests.mapping.drawn import drawn

MAP = """
A----B----C----D
|    |         |
E----F----G----H
     |    |
     I----J----K
"""
NETWORK, PLACES = drawn(MAP, cell=60.0)
GRAPH = graph(NETWORK, profile("adult"))
MARKS = sorted(PLACES)
POINTS = GRAPH.snap(*zip(*PLACES.values(), strict=True))
PEOPLE = np.arange(1.0, len(PLACES) + 1)
ONE_AREA = np.zeros(len(PLACES), np.int64)


def at(mark, name=None, places=np.nan):
    return ExistingService(name or mark, *PLACES[mark], places)


def walks(services, count=1):
    feet = GRAPH.snap([one.x for one in services], [one.y for one in services])
    return nearest_k(GRAPH, POINTS, targets(GRAPH, feet), count=count)


def reached(services, minutes=5):
    seconds = walks(services)[0][:, 0]
    return reach(seconds, PEOPLE, ONE_AREA, 1, walk_seconds=minutes * 60)


def same(one, other):
    return all(
        np.array_equal(vars(one)[name], vars(other)[name], equal_nan=True) for name in vars(one)
    )


marks = st.lists(st.sampled_from(MARKS), min_size=1, max_size=5, unique=True)


@settings(max_examples=50, deadline=None)
@given(marks, st.data(), st.integers(1, 12))
def test_closing_and_adding_back_changes_nothing(standing, data, minutes):
    services = [at(mark) for mark in standing]
    closed = services[data.draw(st.integers(0, len(services) - 1))]
    changes = [
        ServiceChange("close", closed.id),
        ServiceChange("add", closed.id, closed.x, closed.y),
    ]
    assert same(reached(services, minutes), reached(apply(services, changes), minutes))


@settings(max_examples=50, deadline=None)
@given(marks, st.sampled_from(MARKS), st.integers(1, 12))
def test_adding_a_service_never_lowers_coverage(standing, added, minutes):
    services = [at(mark) for mark in standing]
    more = apply(services, [ServiceChange("add", "nuovo", *PLACES[added])])
    before, after = reached(services, minutes), reached(more, minutes)
    assert after.within >= before.within
    assert not (after.median_seconds > before.median_seconds)


@settings(max_examples=50, deadline=None)
@given(marks, st.sampled_from(MARKS))
def test_moving_is_closing_and_adding_elsewhere(standing, goal):
    services = [at(mark) for mark in standing]
    moved = apply(services, [ServiceChange("move", standing[0], *PLACES[goal])])
    other = [ServiceChange("close", standing[0]), ServiceChange("add", standing[0], *PLACES[goal])]
    assert same(reached(moved), reached(apply(services, other)))


@settings(max_examples=50, deadline=None)
@given(marks, st.integers(1, 12))
def test_who_loses_access_is_who_has_none_left_once_it_is_closed(standing, minutes):
    services = [at(mark) for mark in standing]
    seconds, nearest = walks(services, count=2)
    told = closures(seconds, nearest, PEOPLE, len(services), walk_seconds=minutes * 60)
    assert sorted(closure.service for closure in told) == list(range(len(services)))
    for closure in told:
        rest = apply(services, [ServiceChange("close", services[closure.service].id)])
        lost = reached(services, minutes).within - reached(rest, minutes).within
        assert closure.losing == pytest.approx(lost[0])


def test_a_closure_names_where_people_would_turn_and_how_far():
    # From A to B 5 cells of 60 m; the walk of an adult is 80 m a minute.
    services = [at("A"), at("B"), at("C")]
    seconds, nearest = walks(services, count=2)
    first = {c.service: c for c in closures(seconds, nearest, PEOPLE, 3, walk_seconds=60)}[0]
    assert (first.losing, first.fallback) == (PEOPLE[list(PLACES).index("A")], 1)
    assert first.fallback_seconds / 60 == pytest.approx(300 / 80, rel=1e-3)


def test_of_two_services_at_one_place_neither_is_missed():
    seconds, nearest = walks([at("A"), at("A", "gemello")], count=2)
    assert [c.losing for c in closures(seconds, nearest, PEOPLE, 2, walk_seconds=600)] == [0, 0]


def test_closing_everything_leaves_nobody_within_the_walk_and_no_median():
    after = reached(apply([at("A")], [ServiceChange("close", "A")]))
    assert (after.within[0], after.share[0]) == (0, 0)
    assert np.isnan(after.median_seconds[0])


def test_places_are_told_only_where_all_are_known():
    places, people = np.array([20.0, np.nan, 10.0]), np.array([100.0, 50.0, 0.0, 200.0])
    told = places_per_hundred(places, np.array([0, 1, 2]), people)
    assert told[0] == 20
    assert np.isnan(told[1:3]).all()
    assert told[3] == 0


def test_resizing_changes_the_places_and_nothing_else():
    (after,) = apply([at("A", places=10)], [ServiceChange("resize", "A", places=30)])
    assert after == at("A", places=30)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (lambda: ServiceChange("close", "Z"), UnknownServiceError, "no 'Z' to close"),
        (lambda: ServiceChange("add", "A", 0.0, 0.0), BadInputError, "stands already"),
        (lambda: ServiceChange("add", "N", np.nan, 0.0), BadInputError, "needs a point"),
        (lambda: ServiceChange("move", "A"), BadInputError, "move 'A' needs a point"),
        (lambda: ServiceChange("resize", "A"), BadInputError, "needs places"),
        (lambda: ServiceChange("resize", "A", places=-1), BadInputError, "-1 places"),
        (lambda: ServiceChange("resize", "A", places=np.nan), BadInputError, "nan places"),
    ],
)
def test_a_change_that_cannot_be_is_told_in_one_line(change, error, said):
    with pytest.raises(error, match=said) as caught:
        apply([at("A")], [change()])
    assert "\n" not in str(caught.value)


def test_what_was_closed_cannot_be_moved():
    with pytest.raises(UnknownServiceError, match="not closed before"):
        apply([at("A")], [ServiceChange("close", "A"), ServiceChange("move", "A", 0.0, 0.0)])


def test_changes_cost_what_is_opened_closed_moved_and_the_places_of_it():
    before = [at("A", places=30), at("B", places=20), at("C"), at("D", places=10)]
    changes = [
        ServiceChange("close", "A"),
        ServiceChange("move", "B", *PLACES["K"]),
        ServiceChange("resize", "C", places=40),
        ServiceChange("resize", "D", places=25),
        ServiceChange("add", "new", *PLACES["E"], places=60),
    ]
    told = cost(before, apply(before, changes))
    assert (told.opened, told.closed, told.moved) == (1, 1, 1)
    assert (told.places_added, told.places_removed, told.places_unknown) == (75, 30, 1)


@given(marks, st.data())
def test_what_is_undone_costs_nothing(standing, data):
    services = [at(mark, places=data.draw(st.sampled_from([np.nan, 10.0]))) for mark in standing]
    there = [ServiceChange("add", "new", *PLACES["K"]), ServiceChange("close", "new")]
    assert vars(cost(services, apply(services, there))) == dict.fromkeys(vars(cost([], [])), 0)
