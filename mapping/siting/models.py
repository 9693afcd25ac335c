"""Models of siting: maximal covering, p-median and capacitated covering."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import OptimizeResult
from scipy.sparse import csr_array

from mapping.arrays import Floats, Ints
from mapping.errors import BadInputError
from mapping.siting.capacitated import Places
from mapping.siting.covering import Gains, Orders
from mapping.siting.problem import Effort, Problem, finished_in, rows_of, status_of

FINISH = Effort(max_seconds=5.0)
"""To share out places at sites that are chosen."""


@dataclass(frozen=True, eq=False)
class SitePlan:
    """Sites to open, with objective, bound and gap.

    `objective` and `bound` are people reached for `cover` and `capacity`, seconds a person for
    `median`; `before` is the objective with nothing opened. `gap` is |bound - objective| over
    |objective|. `flows` (n, s), of `capacity` only, is who takes a place where.
    """

    chosen: Ints
    objective: float
    before: float
    bound: float
    status: str
    solve_seconds: float
    flows: csr_array | None = None

    @property
    def gap(self) -> float:
        """How much better the best choice may be, as a share of this one; 0 when both are 0."""
        off = abs(self.bound - self.objective)
        return 0.0 if off == 0 else off / max(abs(self.objective), 1e-12)


def cover(problem: Problem, count: int, effort: Effort | None = None) -> SitePlan:
    """Open the sites that bring a service within the walk of the most people.

    Maximal covering: Church and ReVelle (1974), Papers of the Regional Science Association 32,
    doi:10.1007/BF01942293. Walks stored in the problem count as covered; no site is opened that
    brings nobody.
    """
    # spopt's MCLP knows neither services that stand already without counting them into p, nor
    # people (its coverage counts clients), nor places: it is what the tests compare with.
    within = csr_array(
        (np.zeros(problem.seconds.nnz), problem.seconds.indices, problem.seconds.indptr),
        problem.seconds.shape,
    )
    lost, plan = _least(problem, within, 1.0, count, effort or Effort())
    total = float(problem.weights.sum())
    return _to_plan(plan, lambda loss: total - loss, lost)


def median(
    problem: Problem,
    count: int,
    *,
    beyond_seconds: float,
    aversion: float = 0.0,
    effort: Effort | None = None,
) -> SitePlan:
    """Open the sites that make the walks shortest, on average or fairly; seconds a person.

    p-median: Hakimi (1964), Operations Research 12(3); ReVelle and Swain (1970), Geographical
    Analysis 2(1); in the form of Church (2003) and Elloumi (2010), where equal sets of nearest
    sites share a variable. With an `aversion` to inequality (usually 0.5 to 2) the Kolm-Pollak
    equally distributed equivalent is least; Horton, Logan et al. (2024), arXiv:2401.15452. A person
    beyond the stored walks counts `beyond_seconds`. Raises BadInputError when that is less than a
    stored walk, or the aversion is outside 0 to 10.
    """
    if not (np.isfinite(beyond_seconds) and beyond_seconds >= problem.seconds.data.max(initial=0)):
        raise BadInputError(
            f"beyond_seconds is {beyond_seconds}. Give at least the longest walk that is stored,"
            f" {problem.seconds.data.max(initial=0):.0f}."
        )
    if not 0 <= aversion <= 10:  # noqa: PLR2004 - e^10 still adds to e^0
        raise BadInputError(f"The aversion is {aversion}. Give 0 to 10; 0.5 to 2 are usual.")
    people = float(problem.weights.sum())
    kappa = aversion * _scale(problem, beyond_seconds)
    felt = _felt(kappa)
    costs = csr_array(
        (felt(problem.seconds.data), problem.seconds.indices, problem.seconds.indptr),
        problem.seconds.shape,
    )
    worst = float(felt(np.array([beyond_seconds]))[0])
    lost, plan = _least(problem, costs, worst, count, effort or Effort())

    def seconds(loss: float) -> float:
        mean = loss / people if people else np.nan
        return float(np.log1p(mean) / kappa) if kappa else mean

    return _to_plan(plan, seconds, lost)


def capacitated(
    problem: Problem,
    count: int,
    *,
    budget: float = np.inf,
    effort: Effort | None = None,
) -> SitePlan:
    """Open the sites, and share out the places, that leave the fewest people without one.

    Capacitated maximal covering: Current and Storbeck (1988), Environment and Planning B 15(2),
    with divisible demand and a `budget` of new places in all. Who is within the walk of a fixed
    site of unknown places is left out. `flows` says who gets a place where: a new one only
    whoever finds none at the fixed sites. Raises BadInputError when places are missing, the
    budget is no positive number, or nothing was found in time.
    """
    if problem.places is None or np.isnan(problem.places[~problem.fixed]).any():
        raise BadInputError("Say how many places a new site may have: 1 or more.")
    if not budget > 0:
        raise BadInputError(f"The budget is {budget} places. Give more than 0.")
    _require_count(count)
    begun = time.perf_counter()
    pairs = Places.from_problem(problem)
    effort = effort or Effort()
    without_sites = pairs.share(np.zeros(pairs.sites, bool), np.inf, effort.left(begun))
    # As long as places took to be shared out now, they will take once more.
    solution = pairs.choose(count, budget, effort.left(begun - (time.perf_counter() - begun)))
    opened = solution.x[: pairs.sites] > 0.5  # noqa: PLR2004 - 0 or 1, as nearly as floats are
    flows = pairs.share(opened, budget, FINISH)
    used = np.asarray(flows.sum(axis=0)).ravel()
    chosen = np.flatnonzero(opened & ~problem.fixed & (used > 1e-9))  # noqa: PLR2004 - rounding
    reached = float(used.sum())
    return SitePlan(
        chosen[np.argsort(-used[chosen], kind="stable")],
        reached,
        float(without_sites.sum()),
        max(float(-solution.mip_dual_bound), reached),
        status_of(solution),
        time.perf_counter() - begun,
        flows,
    )


def _require_count(count: int) -> None:
    if count < 1:
        raise BadInputError(f"count is {count}. Give 1 or more sites to open.")


def _scale(problem: Problem, beyond_seconds: float) -> float:
    # Kolm-Pollak's alpha: the sum of the walks over the sum of their squares, as they are now.
    now = _now(problem, problem.seconds, beyond_seconds)
    squares = float((problem.weights * now**2).sum())
    return float((problem.weights * now).sum()) / squares if squares else 0.0


def _felt(kappa: float) -> Callable[[Floats], Floats]:
    def felt(seconds: Floats) -> Floats:
        costs: Floats = np.expm1(kappa * seconds) if kappa else seconds.astype(float)
        return costs

    return felt


def _now(problem: Problem, costs: csr_array, worst: float) -> Floats:
    """Cost of each place with the fixed sites alone."""
    fixed = problem.fixed[costs.indices]
    now = np.full(len(problem.weights), worst)
    np.minimum.at(now, rows_of(costs)[fixed], costs.data[fixed])
    return now


@dataclass(frozen=True, eq=False)
class _Choice:
    """What a solver found, as losses of weight times cost."""

    chosen: Ints
    loss: float
    bound: float
    status: str
    solve_seconds: float


def _to_plan(plan: _Choice, to_objective: Callable[[float], float], before: float) -> SitePlan:
    """Turn losses into the objective of the model."""
    objective, before, bound = map(to_objective, (plan.loss, before, plan.bound))
    return SitePlan(plan.chosen, objective, before, bound, plan.status, plan.solve_seconds)


def _least(
    problem: Problem, costs: csr_array, worst: float, count: int, effort: Effort
) -> tuple[float, _Choice]:
    """Choose the sites of least loss; also the loss with none of them."""
    _require_count(count)
    begun = time.perf_counter()
    now = _now(problem, costs, worst)
    before = float((problem.weights * now).sum())
    gains = Gains.from_problem(problem, costs, now)
    chosen, bound = gains.greedy(count)
    loss, status = before - gains.of_sites(chosen), "optimal"
    bound = before - bound
    if loss - bound > effort.gap * loss:
        status = "time_limit"
        left = effort.left(begun)
        solution = finished_in(left.max_seconds, lambda: _program(gains, count, before, left))
        if solution is not None:
            bound = max(bound, float(solution.mip_dual_bound or -np.inf))
            status = status_of(solution)
        if solution is not None and solution.x is not None:
            opened = gains.ordered(np.flatnonzero(solution.x[: gains.sites] > 0.5))  # noqa: PLR2004
            better = before - gains.of_sites(opened)
            if better < loss:
                chosen, loss = opened, better
    chosen = gains.ordered(chosen)
    return before, _Choice(chosen, loss, min(bound, loss), status, time.perf_counter() - begun)


def _program(gains: Gains, count: int, before: float, effort: Effort) -> OptimizeResult | None:
    """Solve the program; None where it takes more memory than there is."""
    begun = time.perf_counter()
    try:
        orders = Orders.from_gains(gains)
        left = effort.left(begun)
        return None if left.is_spent else orders.choose(count, before, left)
    except MemoryError:
        return None
