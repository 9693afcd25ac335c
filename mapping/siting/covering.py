"""Maximal covering and p-median as one sparse MILP.

Each place of demand has its sites in the order of what they save; places with the same order are
merged, wherever they are. Sites that save a place the same share a variable, so that in covering
each place has only one. Only the choice of sites need be integer.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import coo_array, csr_array

from mapping.arrays import Bools, Floats, Ints
from mapping.siting.problem import (
    Effort,
    Problem,
    alike,
    rows_of,
    running_keys,
)

MAX_OVERLAPS = 20_000_000
"""With more shared sets than this, sites are not compared: that would take longer than it saves."""


@dataclass(frozen=True, eq=False)
class Gains:
    """What each useful pair of place and site would save, sorted by place, the most first."""

    row: Ints
    site: Ints
    gain: Floats
    rows: int
    sites: int

    @classmethod
    def from_problem(cls, problem: Problem, costs: csr_array, now: Floats) -> "Gains":
        """Take the pairs of candidates that are better than what there is now.

        Parameters
        ----------
        problem : Problem
            People and sites.
        costs : csr_array, shape (n, s)
            What the walks stored in the problem cost.
        now : ndarray of float, shape (n,)
            What each place costs with the fixed sites alone.

        Returns
        -------
        Gains
            Weight times cost saved.
        """
        row, site = rows_of(costs), costs.indices.astype(np.int64)
        gain = problem.weights[row] * (now[row] - costs.data)
        useful = np.flatnonzero((gain > 0) & ~problem.fixed[site])
        order = useful[np.lexsort((site[useful], -gain[useful], row[useful]))]
        return cls(row[order], site[order], gain[order], *costs.shape)

    def of_sites(self, chosen: Ints) -> float:
        """Sum what some sites save together: each place walks to the best of them.

        Parameters
        ----------
        chosen : ndarray of int
            Sites.

        Returns
        -------
        float
            Weight times cost.
        """
        best = np.zeros(self.rows)
        is_chosen = np.isin(self.site, chosen)
        np.maximum.at(best, self.row[is_chosen], self.gain[is_chosen])
        return float(best.sum())

    def greedy(self, count: int) -> tuple[Ints, float]:
        """Open what saves most, one by one; also what no choice of as many sites can surpass.

        Each place keeps its best site, so that savings diminish: no choice of k sites saves more
        than what is saved so far and the k largest further savings (Nemhauser, Wolsey, Fisher
        1978, doi:10.1007/BF01588971).

        Parameters
        ----------
        count : int
            How many sites at the most; it stops where another one saves nothing.

        Returns
        -------
        tuple
            Sites in the order of what each adds, and the bound.
        """
        best, chosen, bound = np.zeros(self.rows), list[int](), np.inf
        by_site = np.argsort(self.site, kind="stable")
        first = np.searchsorted(self.site[by_site], np.arange(self.sites + 1))
        while True:
            more = np.maximum(self.gain - best[self.row], 0)
            further = np.bincount(self.site, more, self.sites)
            bound = min(bound, float(best.sum() + np.sort(further)[-count:].sum()))
            if len(chosen) == count or not further.max(initial=0) > 0:
                return np.array(chosen, np.int64), bound
            chosen.append(int(further.argmax()))
            own = by_site[first[chosen[-1]] : first[chosen[-1] + 1]]
            best[self.row[own]] = np.maximum(best[self.row[own]], self.gain[own])

    def ordered(self, chosen: Ints) -> Ints:
        """Put sites in the order of what each adds; one that adds nothing is left out.

        Parameters
        ----------
        chosen : ndarray of int
            Sites.

        Returns
        -------
        ndarray of int
            The same sites, or fewer.
        """
        if not len(chosen):
            return chosen
        own = np.isin(self.site, chosen)
        among = Gains(self.row[own], self.site[own], self.gain[own], self.rows, self.sites)
        return among.greedy(len(chosen))[0]


@dataclass(frozen=True, eq=False)
class Orders:
    """Orders of sites with what each level of an order saves, as an integer program.

    Variable y of a level is 1 if its sites are the best that are opened: it is at most the sum of
    their x, and the levels of one order have together at most 1.
    """

    order: Ints
    """The order of each level."""
    gain: Floats
    member: tuple[Ints, Ints]
    """Pairs of level and site."""
    sites: int

    @classmethod
    def from_gains(cls, gains: Gains) -> "Orders":
        """Merge places with the same order of sites.

        Of places with one level, sites that another one always replaces are left out.
        """
        orders = cls._merged(gains)
        if len(np.unique(orders.order)) < len(orders.order):
            return orders
        undominated = _undominated(*orders.member, len(orders.gain), gains.sites)[orders.member[1]]
        row, site = orders.member[0][undominated], orders.member[1][undominated]
        return cls._merged(Gains(row, site, orders.gain[row], len(orders.gain), gains.sites))

    @classmethod
    def _merged(cls, gains: Gains) -> "Orders":
        new_row = np.diff(gains.row, prepend=-1) != 0
        new_level = new_row | (np.diff(gains.gain, prepend=np.inf) != 0)
        row, level = np.cumsum(new_row) - 1, np.cumsum(new_level) - 1
        first_of_row, first_of_level = np.flatnonzero(new_row), np.flatnonzero(new_level)
        rank = level - level[first_of_row][row]
        running = running_keys(gains.site, gains.sites, rank + 1)
        ends = np.append(first_of_row[1:], len(row))[: len(first_of_row)]
        same, order = alike(running[:, ends] - running[:, first_of_row])
        # Levels of the first place of each order stand for those of all places with that order.
        size = np.bincount(row[first_of_level], minlength=len(first_of_row))[same]
        base = np.cumsum(size) - size
        merged = base[order[row]] + rank
        saved = np.bincount(merged[first_of_level], gains.gain[first_of_level], int(size.sum()))
        is_representative = np.isin(row, same)
        return cls(
            np.repeat(np.arange(len(same)), size),
            saved.astype(float),
            (merged[is_representative], gains.site[is_representative]),
            gains.sites,
        )

    def choose(self, count: int, before: float, effort: Effort) -> OptimizeResult:
        """Solve the program; the first columns of `x` are the sites, the objective is what is lost.

        `before` is what is lost with none of them.
        """
        levels, columns = len(self.gain), self.sites + len(self.gain) + 1
        own = self.sites + np.arange(levels)
        rows = np.concatenate([np.arange(levels), self.member[0]])
        values = np.repeat([1.0, -1.0], [levels, len(self.member[0])])
        reached = coo_array(
            (values, (rows, np.concatenate([own, self.member[1]]))), (levels, columns)
        )
        once = coo_array((np.ones(levels), (self.order, own)), (levels, columns)).tocsr()
        used = np.isin(np.arange(columns), self.member[1])
        # The last column is always 1: it holds what is lost before, so that the gap is of all.
        last = np.arange(columns) == columns - 1
        objective = np.concatenate([np.zeros(self.sites), -self.gain, [before]])
        bounds = Bounds(last.astype(float), (used | (np.arange(columns) >= self.sites)) * 1.0)
        constraints = [
            LinearConstraint(reached.tocsr(), ub=0),
            LinearConstraint(once[np.bincount(self.order, minlength=levels) > 1], ub=1),
            LinearConstraint(csr_array(used[None].astype(float)), ub=count),
        ]
        return milp(
            objective,
            integrality=(np.arange(columns) < self.sites).astype(float),
            bounds=bounds,
            constraints=constraints,
            options={"time_limit": effort.max_seconds, "mip_rel_gap": effort.gap},
        )


def _undominated(row: Ints, site: Ints, rows: int, sites: int) -> Bools:
    """Mark the sites that no other site dominates; of equal sites, the first."""
    if (np.bincount(row, minlength=rows).astype(float) ** 2).sum() > MAX_OVERLAPS:
        return np.ones(sites, bool)
    covers = coo_array((np.ones(len(row)), (row, site)), (rows, sites)).tocsr()
    shared = (covers.T @ covers).tocoo()
    size = np.bincount(site, minlength=sites)
    first, second = shared.coords
    within = (shared.data == size[first]) & ((size[second] > size[first]) | (second < first))
    is_needed = np.ones(sites, bool)
    is_needed[first[within]] = False
    return is_needed
