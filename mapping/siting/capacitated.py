"""Capacitated maximal covering: who gets a place at which site, and which sites to open."""

import time
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import coo_array, csr_array, hstack

from mapping.arrays import Bools, Floats, Ints
from mapping.errors import BadInputError
from mapping.siting.problem import (
    Effort,
    Problem,
    alike,
    finished_in,
    rows_of,
    running_keys,
    unknown_places,
)

NEW_PREFERENCE = 0.5
"""Below 1, so that existing places are filled before new ones."""


@dataclass(frozen=True, eq=False)
class Places:
    """Demand merged by set of sites, and what each site can take.

    `group` (n,) is -1 for whom no place is sought; pairs name group and site.
    """

    problem: Problem
    group: Ints
    weight: Floats
    pair_group: Ints
    pair_site: Ints

    @classmethod
    def from_problem(cls, problem: Problem) -> "Places":
        """Merge the demand of a problem with `places`.

        People beyond every walk, or within that of a site of unknown places, are left out.
        """
        seconds = problem.seconds
        ends = running_keys(seconds.indices, seconds.shape[1])[:, seconds.indptr]
        sought = (problem.weights > 0) & (np.diff(seconds.indptr) > 0) & ~unknown_places(problem)
        rows = np.flatnonzero(sought)
        first, number = alike(np.diff(ends, axis=1)[:, rows])
        group = np.full(len(problem.weights), -1)
        group[rows] = number
        sites_of_group = seconds[rows[first]]
        weight: Floats = np.bincount(number, problem.weights[rows], len(first)).astype(float)
        return cls(
            problem, group, weight, rows_of(sites_of_group), sites_of_group.indices.astype(np.int64)
        )

    @property
    def sites(self) -> int:
        """How many sites there are, fixed ones too."""
        return len(self.problem.fixed)

    @property
    def most(self) -> Floats:
        """What each site can take: its places, or everybody within its walk if they are fewer."""
        assert self.problem.places is not None  # noqa: S101 - checked on the way in
        near = np.bincount(self.pair_site, self.weight[self.pair_group], self.sites)
        return np.fmin(self.problem.places, near)

    def choose(self, count: int, budget: float, effort: Effort) -> OptimizeResult:
        """Find the sites with which most people get a place: the first columns of `x`.

        `budget` is new places in all. Raises BadInputError when the time sufficed for no answer.
        """
        begun = time.perf_counter()
        fixed = self.problem.fixed
        pairs = len(self.pair_group)
        candidates = np.concatenate([~fixed, np.zeros(pairs, bool)]).astype(float)
        objective = np.concatenate([-self._need(count, budget, effort), -np.ones(pairs)])
        bounds = Bounds(
            np.concatenate([fixed, np.zeros(pairs)]).astype(float),
            np.concatenate([np.ones(self.sites), self.weight[self.pair_group]]),
        )
        constraints = [
            *self._limits(budget, self.most),
            LinearConstraint(csr_array(candidates[None]), ub=count),
        ]
        left = effort.left(begun)
        solution = finished_in(
            left.max_seconds,
            lambda: milp(
                objective,
                integrality=candidates,
                bounds=bounds,
                constraints=constraints,
                options={"time_limit": left.max_seconds, "mip_rel_gap": left.gap},
            ),
        )
        return _in_time(solution)

    def _need(self, count: int, budget: float, effort: Effort) -> Floats:
        # Many sites would fill the same few places: within the gap, the one with most people.
        near = np.bincount(self.pair_site, self.weight[self.pair_group], self.sites)
        worth = effort.gap / 2 * min(budget, float(self.weight.sum())) / count
        share = near / max(float(near.max(initial=0)), 1e-9)
        return np.where(self.problem.fixed, 0.0, worth * share).astype(float)

    def share(self, opened: Bools, budget: float, effort: Effort) -> csr_array:
        """Give people places at the fixed and the opened sites.

        Parameters
        ----------
        opened : ndarray of bool, shape (s,)
            Candidates that are opened.
        budget : float
            How many new places in all.
        effort : Effort
            The limit of time.

        Returns
        -------
        csr_array, shape (n, s)
            People of each place who get one at each site.

        Raises
        ------
        BadInputError
            When the time sufficed for no answer.
        """
        usable = self.problem.fixed | opened
        value = np.where(self.problem.fixed, 1.0, NEW_PREFERENCE)[self.pair_site]
        pairs = len(self.pair_group)
        objective = np.concatenate([np.zeros(self.sites), -value])
        bounds = Bounds(
            np.concatenate([usable, np.zeros(pairs)]).astype(float),
            np.concatenate([usable, self.weight[self.pair_group]]).astype(float),
        )
        constraints = self._limits(budget, self.most)
        options = {"time_limit": effort.max_seconds}
        solution = finished_in(
            effort.max_seconds,
            lambda: milp(objective, bounds=bounds, constraints=constraints, options=options),
        )
        return self._flows(np.maximum(_in_time(solution).x[self.sites :], 0))

    def _limits(self, budget: float, most: Floats) -> list[LinearConstraint]:
        pairs = np.arange(len(self.pair_group))
        ones, shape = np.ones(len(pairs)), (len(self.weight), len(pairs))
        people = coo_array((ones, (self.pair_group, pairs)), shape).tocsr()
        taken = coo_array((ones, (self.pair_site, pairs)), (self.sites, len(pairs))).tocsr()
        places = coo_array((-most, (np.arange(self.sites),) * 2)).tocsr()
        none = csr_array((len(self.weight), self.sites))
        limits = [
            LinearConstraint(hstack([none, people], "csr"), ub=self.weight),
            LinearConstraint(hstack([places, taken], "csr"), ub=0),
        ]
        if np.isfinite(budget):
            new = (~self.problem.fixed[self.pair_site]).astype(float)
            spent = csr_array(np.concatenate([np.zeros(self.sites), new])[None])
            limits.append(LinearConstraint(spent, ub=budget))
        return limits

    def _flows(self, taken: Floats) -> csr_array:
        # Those who were merged share the places in proportion to their number.
        merged = coo_array(
            (taken, (self.pair_group, self.pair_site)), (len(self.weight), self.sites)
        ).tocsr()
        people = np.flatnonzero(self.group >= 0)
        group = self.group[people]
        share = self.problem.weights[people] / self.weight[group]
        shape = (len(self.group), len(self.weight))
        return csr_array(coo_array((share, (people, group)), shape).tocsr() @ merged)


def _in_time(solution: OptimizeResult | None) -> OptimizeResult:
    if solution is None or solution.x is None:
        raise BadInputError(
            "No answer within the time. Give more seconds, fewer sites or a shorter walk."
        )
    return solution
