"""Models of siting against every choice counted out, against spopt, and against figures by hand."""

import itertools
from pathlib import Path

import numpy as np
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import linprog
from scipy.sparse import coo_array
from spopt.locate import MCLP, PMedian

from mapping.errors import BadInputError
from mapping.siting.models import capacitated, cover, median
from mapping.siting.problem import Effort, Problem

ROOT = Path(__file__).parents[3]
BEYOND = 100.0
EXACT = Effort(max_seconds=30, gap=0)


def problem(seconds, weights=None, fixed=(), places=None, cutoff=np.inf):
    """Give a problem from a full table of seconds; what is beyond the cut-off is no pair."""
    table = np.array(seconds, float)
    near = np.isfinite(table) & (table <= cutoff)
    pairs = coo_array((table[near], np.nonzero(near)), table.shape).tocsr()
    weights = np.ones(len(table)) if weights is None else np.array(weights, float)
    marked = np.isin(np.arange(table.shape[1]), fixed)
    return Problem(pairs, weights, marked, None if places is None else np.array(places, float))


def dense(given_problem):
    pairs = given_problem.seconds.tocoo()
    table = np.full(pairs.shape, np.inf)
    table[pairs.coords] = pairs.data
    return table


def every_choice(given_problem, count):
    candidates = np.flatnonzero(~given_problem.fixed)
    standing = tuple(np.flatnonzero(given_problem.fixed))
    most = min(count, len(candidates))
    return [standing + more for more in itertools.combinations(candidates.tolist(), most)]


def covered_by(given_problem, opened):
    table = dense(given_problem)[:, list(opened)]
    return given_problem.weights[np.isfinite(table).any(axis=1)].sum()


def mean_by(given_problem, opened, kappa=0.0):
    table = dense(given_problem)[:, list(opened)]
    walks = np.minimum(table.min(axis=1, initial=np.inf), BEYOND)
    weights = given_problem.weights / given_problem.weights.sum()
    if kappa:
        return np.log((weights * np.exp(kappa * walks)).sum()) / kappa
    return (weights * walks).sum()


def placed_by(given_problem, opened, budget):
    """The most people with a place, by a plain linear program over every pair."""
    table = dense(given_problem)
    unknown = given_problem.fixed & np.isnan(given_problem.places)
    opened = [j for j in opened if not unknown[j]]
    sought = ~np.isfinite(table[:, unknown]).any(axis=1)
    pairs = [(i, j) for i in np.flatnonzero(sought) for j in opened if np.isfinite(table[i, j])]
    if not pairs:
        return 0.0
    rows, limits = [], []
    for i, weight in enumerate(given_problem.weights):
        rows.append([pair[0] == i for pair in pairs])
        limits.append(weight)
    for j in opened:
        rows.append([pair[1] == j for pair in pairs])
        limits.append(given_problem.places[j])
    rows.append([not given_problem.fixed[pair[1]] for pair in pairs])
    limits.append(min(budget, 1e9))
    found = linprog(-np.ones(len(pairs)), A_ub=np.array(rows, float), b_ub=np.array(limits))
    return -found.fun


@st.composite
def problems(draw, *, places=False):
    rows, sites = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    # Few values, so that ties and equal sets of sites are common; a zero is a real walk.
    table = draw(hnp.arrays(float, (rows, sites), elements=st.sampled_from([0, 1, 2, 5, 9, 99])))
    weights = draw(hnp.arrays(float, rows, elements=st.sampled_from([0.0, 1.0, 2.5, 7.0])))
    fixed = draw(st.sets(st.integers(0, sites - 1), max_size=sites - 1))
    known = None
    if places:
        each = st.sampled_from([0.0, 1.0, 3.0, 20.0])
        known = draw(hnp.arrays(float, sites, elements=each))
        for site in draw(st.sets(st.sampled_from(sorted(fixed)))) if fixed else ():
            known[site] = np.nan
    return problem(table, weights, sorted(fixed), known, cutoff=50)


@settings(max_examples=150, deadline=None)
@given(problems(), st.integers(1, 4))
def test_no_choice_covers_more(drawn, count):
    plan = cover(drawn, count, EXACT)
    best = max(covered_by(drawn, opened) for opened in every_choice(drawn, count))
    standing = np.flatnonzero(drawn.fixed)
    assert plan.objective == pytest.approx(best)
    assert covered_by(drawn, [*standing, *plan.chosen]) == pytest.approx(best)
    assert plan.before == pytest.approx(covered_by(drawn, standing))
    assert (plan.gap, plan.status) == (pytest.approx(0), "optimal")
    assert len(plan.chosen) <= count
    assert not drawn.fixed[plan.chosen].any()


@settings(max_examples=150, deadline=None)
@given(problems(), st.integers(1, 4))
def test_no_choice_makes_the_walks_shorter(drawn, count):
    plan = median(drawn, count, beyond_seconds=BEYOND, effort=EXACT)
    if not drawn.weights.sum():
        assert np.isnan(plan.objective)
        return
    best = min(mean_by(drawn, opened) for opened in every_choice(drawn, count))
    assert plan.objective == pytest.approx(best)
    assert mean_by(drawn, [*np.flatnonzero(drawn.fixed), *plan.chosen]) == pytest.approx(best)
    assert plan.gap == pytest.approx(0, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(problems(), st.integers(1, 3), st.sampled_from([0.5, 1.0, 2.0]))
def test_no_choice_is_fairer_by_kolm_and_pollak(drawn, count, aversion):
    if not drawn.weights.sum():
        return
    standing = np.flatnonzero(drawn.fixed)
    now = np.minimum(dense(drawn)[:, standing].min(axis=1, initial=np.inf), BEYOND)
    squares = (drawn.weights * now**2).sum()
    kappa = aversion * (drawn.weights * now).sum() / squares if squares else 0.0
    plan = median(drawn, count, beyond_seconds=BEYOND, aversion=aversion, effort=EXACT)
    best = min(mean_by(drawn, opened, kappa=kappa) for opened in every_choice(drawn, count))
    assert plan.objective == pytest.approx(best)


@settings(max_examples=100, deadline=None)
@given(problems(places=True), st.integers(1, 3), st.sampled_from([2.0, 6.0, np.inf]))
def test_no_choice_gives_more_people_a_place(drawn, count, budget):
    plan = capacitated(drawn, count, budget=budget, effort=EXACT)
    best = max(placed_by(drawn, opened, budget) for opened in every_choice(drawn, count))
    assert plan.objective == pytest.approx(best, abs=1e-6)
    new = plan.flows[:, ~drawn.fixed].sum()
    assert new == pytest.approx(plan.objective - plan.before, abs=1e-6)
    assert new <= budget + 1e-6
    taken = np.asarray(plan.flows.sum(axis=0)).ravel()
    assert (taken <= np.nan_to_num(drawn.places) + 1e-6).all()
    assert (np.asarray(plan.flows.sum(axis=1)).ravel() <= drawn.weights + 1e-6).all()


# The example of docs/methods.md: minutes from five blocks to three sites; the first stands already.
MINUTES = [[5, 30, 30], [12, 9, 30], [30, 8, 14], [30, 14, 6], [30, 30, 10]]
CHILDREN = [40, 30, 20, 50, 10]


def example(cutoff, places=None):
    return problem(np.array(MINUTES) * 60.0, CHILDREN, [0], places, cutoff=cutoff * 60)


def test_the_example_of_the_methods_is_what_the_models_answer():
    covered = cover(example(15), 1, EXACT)
    assert (covered.before, covered.objective, covered.chosen.tolist()) == (70, 150, [2])
    shortest = median(example(30), 1, beyond_seconds=1800, effort=EXACT)
    minutes = [seconds / 60 for seconds in (shortest.before, shortest.objective)]
    assert minutes == pytest.approx([2960 / 150, 1240 / 150])
    fair = median(example(30), 1, beyond_seconds=1800, aversion=1.0, effort=EXACT)
    assert shortest.chosen.tolist() == fair.chosen.tolist() == [2]
    told = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    for figure in (*minutes, fair.before / 60, fair.objective / 60):
        assert f"{figure:.2f} minutes" in told
    placed = capacitated(example(15, [60, 50, 50]), 1, effort=EXACT)
    assert (placed.before, placed.objective) == (60, 110)
    assert capacitated(example(15, [60, 50, 50]), 2, budget=70, effort=EXACT).objective == 130


@pytest.fixture(scope="module")
def town():
    rng = np.random.default_rng(5)
    homes, sites = rng.random((60, 2)) * 4000, rng.random((15, 2)) * 4000
    table = np.hypot(*(homes[:, None] - sites[None]).transpose(2, 0, 1)) / 1.2
    return table, rng.integers(1, 50, 60).astype(float)


@pytest.mark.filterwarnings("ignore:.*PuLP 4.0:DeprecationWarning")  # spopt's use of PuLP
@pytest.mark.parametrize("count", [1, 3, 5])
def test_spopt_finds_the_same_cover_and_the_same_median(town, count):
    table, weights = town
    solver = pulp.PULP_CBC_CMD(msg=False, gapRel=0)
    theirs = MCLP.from_cost_matrix(table, weights, 900, count).solve(solver)
    ours = cover(problem(table, weights, cutoff=900), count, EXACT)
    assert ours.objective == pytest.approx(pulp.value(theirs.problem.objective))
    theirs = PMedian.from_cost_matrix(table, weights, count).solve(solver)
    ours = median(problem(table, weights), count, beyond_seconds=table.max(), effort=EXACT)
    assert ours.objective * weights.sum() == pytest.approx(pulp.value(theirs.problem.objective))


def test_when_the_time_is_over_the_best_found_is_given_with_its_gap(town):
    table, weights = town
    given_problem = problem(table, weights)
    hurried = median(given_problem, 5, beyond_seconds=6000, effort=Effort(1e-9))
    best = median(given_problem, 5, beyond_seconds=6000, effort=EXACT)
    assert hurried.status == "time_limit"
    assert len(hurried.chosen) == 5
    assert hurried.bound <= best.objective <= hurried.objective
    assert hurried.gap == pytest.approx((hurried.objective - hurried.bound) / hurried.objective)


def test_more_sites_than_there_are_candidates_are_not_invented():
    assert cover(example(15), 9, EXACT).objective == 150
    assert len(cover(example(15), 9, EXACT).chosen) == 1


def test_nobody_nowhere_is_an_answer_and_not_an_error():
    empty = problem(np.zeros((0, 2)), [])
    assert cover(empty, 1).objective == 0
    assert np.isnan(median(empty, 1, beyond_seconds=60).objective)
    lonely = problem(np.full((2, 2), 99.0), cutoff=50)
    assert cover(lonely, 1).chosen.tolist() == []
    assert capacitated(problem(np.full((2, 2), 99.0), places=[1, 1], cutoff=50), 1).objective == 0


@pytest.mark.parametrize(
    ("solve", "said"),
    [
        (lambda: cover(example(15), 0), "count is 0. Give 1 or more"),
        (lambda: capacitated(example(15), 1), "how many places a new site may have"),
        (lambda: capacitated(example(15, [9, 9, 9]), 1, budget=0), "budget is 0 places"),
        (lambda: capacitated(example(15, [9, 9, np.nan]), 1), "how many places"),
        (lambda: example(15, [9, 9, -1]), "fewer than 0 places"),
        (lambda: problem([[1.0]], [np.nan]), "weights hold NaN"),
        (lambda: problem([[1.0]], [-1.0]), "weights hold NaN or less than 0"),
        (lambda: problem([[-1.0]]), "seconds hold NaN or less than 0"),
        (lambda: problem([[1.0]], [1.0, 2.0]), "do not fit"),
        (lambda: median(example(30), 1, beyond_seconds=60), "at least the longest walk"),
        (lambda: median(example(30), 1, beyond_seconds=np.nan), "beyond_seconds is nan"),
        (lambda: median(example(30), 1, beyond_seconds=1800, aversion=-1), "Give 0 to 10"),
        (lambda: Effort(0), "time limit is 0"),
        (lambda: Effort(gap=1), "gap is 1"),
    ],
    ids=map(str, range(14)),
)
def test_what_cannot_be_solved_is_told_in_one_line(solve, said):
    with pytest.raises(BadInputError, match=said) as caught:
        solve()
    assert "\n" not in str(caught.value)
