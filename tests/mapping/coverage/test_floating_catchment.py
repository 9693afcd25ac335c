import numpy as np
import pandas as pd
import pytest
from access.fca import two_stage_fca
from access.weights import step_fn
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from mapping.coverage.floating_catchment import LUO_QI, balanced, two_step, zone_weights
from mapping.errors import BadInputError
from mapping.walking.profiles import profile
from mapping.walking.routing import graph, matrix, targets
from tests.mapping.drawn import drawn
from tests.mapping.worked import numbers, section, table

NAN = float("nan")
METHODS = (two_step, balanced)


def walks(rows: list[list[float]]) -> csr_array:
    """A matrix of walks; NaN is out of reach, 0 is at the door."""
    dense = np.array(rows, float)
    row, column = np.nonzero(~np.isnan(dense))
    return csr_array((dense[row, column], (row, column)), dense.shape)


@st.composite
def towns(draw: st.DrawFn) -> tuple[csr_array, np.ndarray, np.ndarray]:
    """Weights, people and places of a small town; some areas are empty, some walks are too long."""
    n, t = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    minutes = draw(arrays(float, (n, t), elements=st.sampled_from([0.0, 4, 8, 14, 16, NAN])))
    people = draw(arrays(float, n, elements=st.sampled_from([0.0, 1, 10, 75])))
    places = draw(arrays(float, t, elements=st.sampled_from([0.0, 5, 30])))
    zones = draw(st.sampled_from([(1.0,), LUO_QI, (1.0, 0.01)]))
    return zone_weights(walks(minutes.tolist()), 15, zones=zones), people, places


def test_the_worked_example_of_the_methods_holds():
    told = table(section("Places per child"))
    minutes = [numbers(told["minutes to A"]), numbers(told["minutes to B"])]
    seconds, children = walks(np.transpose(minutes) * 60), numbers(told["children"])
    plain, zoned = (zone_weights(seconds, 900, zones=zones) for zones in ((1.0,), LUO_QI))
    for name, access in (
        ("two-step", two_step(plain, children, [30, 10])),
        ("enhanced", two_step(zoned, children, [30, 10])),
        ("balanced", balanced(zoned, children, [30, 10])),
    ):
        assert (100 * access.places).round(1).tolist() == numbers(told[name])


def test_a_border_belongs_to_the_zone_within_it():
    weights = zone_weights(walks([[0.0, 300, 301, 600, 900, 901]]), 900, zones=LUO_QI)
    assert weights.toarray().tolist() == [[1, 1, 0.68, 0.68, 0.22, 0]]


def test_walks_along_streets_become_places_per_child():
    # Blocks of 80 m, a minute each; a family lives at the nursery's door, another two blocks away.
    network, at = drawn("A-------B-------C-------D", cell=10)
    on = graph(network, profile("adult"))
    homes = on.snap(*np.transpose([at["A"], at["C"], at["D"]]))
    nursery = targets(on, on.snap(*np.transpose([at["A"]])))
    seconds = matrix(on, homes, nursery, max_seconds=150)
    access = two_step(zone_weights(seconds, 150), [5, 15, 80], [10])
    assert access.places.tolist() == [0.5, 0.5, 0]


@pytest.mark.parametrize("zones", [(1.0,), LUO_QI])
def test_pysal_gives_the_same_two_step_catchment(zones):
    # PySAL is for tests alone: a frame is merged and grouped at each step, columns are parameters,
    # children count in each catchment they lie in, and an area without a service drops out.
    rng = np.random.default_rng(7)
    minutes, people, places = rng.uniform(0, 40, (30, 8)), rng.integers(1, 90, 30), np.arange(8.0)
    minutes[:, 0] = 1  # nobody is without a service
    steps = dict(zip(np.arange(1, len(zones) + 1) * 30 / len(zones), zones, strict=True))
    area, service = np.indices(minutes.shape).reshape(2, -1)
    theirs = two_stage_fca(
        pd.DataFrame({"demand": people}, index=range(30)),
        pd.DataFrame({"supply": places}, index=range(8)),
        pd.DataFrame({"origin": area, "dest": service, "cost": minutes.ravel()}),
        max_cost=30,
        demand_index=True,
        weight_fn=step_fn(steps),
    )
    ours = two_step(zone_weights(csr_array(minutes), 30, zones=zones), people, places)
    np.testing.assert_allclose(ours.places, theirs.to_numpy())


@given(towns(), st.sampled_from(METHODS))
def test_places_are_conserved(town, method):
    weights, people, places = town
    access = method(weights, people, places)
    wanted = weights.T @ people > 0
    assert np.nansum(access.places * people) == pytest.approx(places[wanted].sum())
    assert (people[np.isnan(access.places)] == 0).all()


@given(towns())
def test_a_service_never_lowers_two_step_access(town):
    weights, people, places = town
    without = two_step(weights, people, np.append(places[:-1], 0.0)).places
    assert (two_step(weights, people, places).places >= without - 1e-9)[people > 0].all()


@given(towns())
def test_more_places_never_lower_balanced_access(town):
    weights, people, places = town
    more = balanced(weights, people, places * 2 + 1).places
    assert (more >= balanced(weights, people, places).places)[people > 0].all()


@given(towns())
def test_the_balanced_catchment_counts_each_child_once(town):
    weights, people, places = town
    ratio = balanced(weights, people, places + 1).ratio
    drawn = np.nansum((places + 1) / ratio)
    assert drawn == pytest.approx(people[weights.sum(axis=1) > 0].sum())


@given(towns(), st.sampled_from(METHODS))
def test_an_area_drawn_as_two_has_the_same_access(town, method):
    weights, people, places = town
    halves = csr_array(np.vstack([weights.toarray(), weights.toarray()[:1]]))
    split = np.append(people, people[0] / 2)
    split[0] /= 2
    whole, parts = method(weights, people, places).places, method(halves, split, places).places
    np.testing.assert_allclose(parts, np.append(whole, whole[0]))


def test_a_new_service_may_draw_children_into_a_queue():
    # Areas 0 and 2 share ten places; then half of area 0 goes where 90 children want one place.
    weights = csr_array([[1.0, 1], [0, 1], [1, 0]])
    before = balanced(weights[:, :1], [10, 90, 10], [10]).places
    after = balanced(weights, [10, 90, 10], [10, 1]).places
    assert before.tolist() == [0.5, 0, 0.5]
    assert after == pytest.approx([0.5 * 10 / 15 + 0.5 / 95, 1 / 95, 10 / 15])


@pytest.mark.parametrize("method", METHODS)
def test_unknown_capacity_is_never_a_silent_zero(method):
    weights = zone_weights(walks([[5, NAN, NAN], [NAN, 5, NAN], [5, 5, NAN], [NAN] * 3]), 15)
    access = method(weights, [10, 10, 10, 10], [NAN, 6, 3])
    assert access.unknown == 1
    assert access.at_least.tolist() == [True, False, True, False]
    assert np.isnan(access.places).tolist() == [True, False, False, False]
    assert access.places[1] > 0 == access.places[3]
    assert np.isnan(access.ratio).tolist() == [True, False, True]


@pytest.mark.parametrize("method", METHODS)
def test_places_that_nobody_wants_are_undefined_per_child(method):
    access = method(zone_weights(walks([[5], [NAN]]), 15), [0, 10], [30])
    assert np.isnan(access.places[0])
    assert access.places[1] == 0
    assert method(zone_weights(walks([[5]]), 15), [0], [0]).places.tolist() == [0]


@pytest.mark.parametrize("method", METHODS)
def test_a_city_without_services_or_areas_has_an_answer(method):
    assert method(csr_array((2, 0)), [1, 2], []).places.tolist() == [0, 0]
    assert method(csr_array((0, 2)), [], [1, 2]).places.tolist() == []


@pytest.mark.parametrize(
    ("people", "places"),
    [([-1], [1]), ([NAN], [1]), ([1], [-1]), ([1], [np.inf]), ([1, 1], [1]), ([1], [])],
)
def test_absurd_people_and_places_are_refused(people, places):
    for method in METHODS:
        with pytest.raises(BadInputError):
            method(csr_array([[1.0]]), people, places)


@pytest.mark.parametrize(
    ("minutes", "catchment", "zones"),
    [
        (-1, 900, LUO_QI),
        (NAN, 900, LUO_QI),
        (1, 0, LUO_QI),
        (1, NAN, LUO_QI),
        (1, 9, ()),
        (1, 9, (2,)),
    ],
)
def test_absurd_catchments_are_refused(minutes, catchment, zones):
    with pytest.raises(BadInputError):
        zone_weights(csr_array(([minutes], ([0], [0])), (1, 1)), catchment, zones=zones)
