"""Which sites save the most, each place walking to the best of those opened: exact, and sparse.

Each place has its sites in the order of what they save. What is lost when none of its nearest few
is opened belongs to a set of sites; equal sets are one, wherever they come from, so that a city
becomes a small integer program in which only the choice of sites need be integer (Church 2003,
doi:10.1016/S0966-8349(03)00060-2 for the merging; Elloumi 2010, doi:10.1007/s10878-008-9154-4 for
the chain). Covering is the case in which all sites of a place save the same.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import coo_array, csr_array

from mapping.candidates import Effort, Keys, Problem, alike, rows_of, running_keys

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MAX_OVERLAPS = 20_000_000
"""Comparing every two sites costs more than it saves beyond so many shared sets."""


@dataclass(frozen=True, eq=False)
class Gains:
    """What each useful pair of place and site would save, sorted by place, the most first."""

    row: Ints
    site: Ints
    gain: Floats
    rows: int
    sites: int

    @classmethod
    def of(cls, problem: Problem, costs: csr_array, now: Floats) -> "Gains":
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
        here = np.isin(self.site, chosen)
        np.maximum.at(best, self.row[here], self.gain[here])
        return float(best.sum())

    def greedy(self, count: int, among: Ints | None = None) -> tuple[Ints, float]:
        """Open what saves most, one by one; also what no choice of as many sites can surpass.

        Each place keeps its best site, so that savings diminish: no choice of k sites saves more
        than what is saved so far and the k largest further savings (Nemhauser, Wolsey, Fisher
        1978, doi:10.1007/BF01588971).

        Parameters
        ----------
        count : int
            How many sites at the most; it stops where another one saves nothing.
        among : ndarray of int, optional
            The only sites to open.

        Returns
        -------
        tuple
            Sites in the order of what each adds, and the bound.
        """
        best, chosen, bound = np.zeros(self.rows), list[int](), np.inf
        by_site = np.argsort(self.site, kind="stable")
        first = np.searchsorted(self.site[by_site], np.arange(self.sites + 1))
        allowed = np.isin(np.arange(self.sites), among) if among is not None else True
        while True:
            more = np.maximum(self.gain - best[self.row], 0)
            further = np.bincount(self.site, more, self.sites) * allowed
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
        return self.greedy(len(chosen), chosen)[0] if len(chosen) else chosen


@dataclass(frozen=True, eq=False)
class Sets:
    """Sets of sites with what is lost if none of a set is open, as an integer program.

    Set q is its parent (-1: the empty set) and the sites `(set, site)` pairs name; it is missed
    (variable z) if the parent is and none of these is open: z_q + sum of x >= z_parent. Only x
    need be integer: the smallest z that this allows is 0 or 1.
    """

    parent: Ints
    loss: Floats
    member: tuple[Ints, Ints]
    sites: int
    most: float
    """What is saved when every set is met."""

    @classmethod
    def of(cls, gains: Gains) -> "Sets":
        """Find the sets of sites that savings depend on.

        Parameters
        ----------
        gains : Gains
            What each pair saves.

        Returns
        -------
        Sets
            Equal ones merged; sites that another one always replaces are in none.
        """
        sets = cls._distinct(gains)
        if (sets.parent >= 0).any():
            return sets
        kept = _undominated(*sets.member, len(sets.loss), gains.sites)[sets.member[1]]
        row, site = sets.member[0][kept], sets.member[1][kept]
        return cls._distinct(Gains(row, site, sets.loss[row], len(sets.loss), gains.sites))

    @classmethod
    def _distinct(cls, gains: Gains) -> "Sets":
        starts_row = np.diff(gains.row, prepend=-1) != 0
        starts = np.flatnonzero(starts_row | (np.diff(gains.gain, prepend=np.inf) != 0))
        ends = np.append(starts[1:], len(gains.row))
        head = starts_row[starts]
        level = np.repeat(np.arange(len(starts)), ends - starts)
        lower = np.append(np.where(head[1:], 0.0, gains.gain[starts[1:]]), 0.0)[: len(starts)]
        same, of = alike(_prefixes(gains, starts_row, ends))
        parent = np.where(head[same], -1, of[same - 1])
        loss = np.bincount(of, gains.gain[starts] - lower, len(same)).astype(float)
        kept = np.isin(level, same)
        return cls(
            parent,
            loss,
            (of[level[kept]], gains.site[kept]),
            gains.sites,
            float(gains.gain[starts_row].sum()),
        )

    def choose(self, count: int, before: float, effort: Effort) -> OptimizeResult:
        """Solve the program.

        Parameters
        ----------
        count : int
            How many sites at the most.
        before : float
            What is lost with none of them.
        effort : Effort
            When to stop.

        Returns
        -------
        OptimizeResult
            The first columns of `x` are the sites, its objective is what is lost.
        """
        sets, used = len(self.loss), np.unique(self.member[1])
        columns = self.sites + sets
        linked = np.flatnonzero(self.parent >= 0)
        rows = np.concatenate([self.member[0], np.arange(sets), linked])
        cols = np.concatenate(
            [self.member[1], self.sites + np.arange(sets), self.sites + self.parent[linked]]
        )
        values = np.ones(len(rows))
        values[len(rows) - len(linked) :] = -1.0
        missed = coo_array((values, (rows, cols)), (sets, columns + 1)).tocsr()
        total = coo_array(
            (np.ones(len(used)), (np.zeros(len(used), int), used)), (1, columns + 1)
        ).tocsr()
        upper = np.concatenate([np.isin(np.arange(self.sites), used), np.ones(sets + 1)])
        # The last column is always 1: it holds what is lost anyway, so that the gap is of all.
        lower = np.append(np.zeros(columns), 1.0)
        return milp(
            np.concatenate([np.zeros(self.sites), self.loss, [before - self.most]]),
            integrality=np.append(np.ones(self.sites), np.zeros(sets + 1)),
            bounds=Bounds(lower, upper.astype(float)),
            constraints=[
                LinearConstraint(missed, lb=(self.parent < 0).astype(float)),
                LinearConstraint(total, ub=count),
            ],
            options={"time_limit": effort.max_seconds, "mip_rel_gap": effort.gap},
        )


def _prefixes(gains: Gains, starts_row: Bools, ends: Ints) -> Keys:
    """Key of the sites of a place from the best to the end of each level; (2, levels)."""
    running = running_keys(gains.site, gains.sites)
    first = np.flatnonzero(starts_row)[np.cumsum(starts_row)[ends - 1] - 1]
    return running[:, ends] - running[:, first]


def _undominated(row: Ints, site: Ints, rows: int, sites: int) -> Bools:
    """Mark the sites of which no other covers all that they cover; of equal ones the first."""
    if (np.bincount(row, minlength=rows).astype(float) ** 2).sum() > MAX_OVERLAPS:
        return np.ones(sites, bool)
    covers = coo_array((np.ones(len(row)), (row, site)), (rows, sites)).tocsr()
    shared = (covers.T @ covers).tocoo()
    size = np.bincount(site, minlength=sites)
    one, other = shared.coords
    within = (shared.data == size[one]) & ((size[other] > size[one]) | (other < one))
    kept = np.ones(sites, bool)
    kept[one[within]] = False
    return kept
