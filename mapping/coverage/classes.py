"""Class and reason of every point, from the walk to the nearest service and what is known."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mapping.arrays import Bools, Floats, Ints
from mapping.coverage.weighted import main_kind, shares_of

Kinds = npt.NDArray[np.int8]

SERVED_REASON = "within_walk"
CLASS_OF = {
    SERVED_REASON: "served",
    "places_short": "crowded",
    "estimated_times": "unsure",
    "off_network": "unsure",
    "hours_unknown": "unsure",
    "suitability_unknown": "unsure",
    "records_unverified": "unsure",
    "premises_declared": "unsure",
    "catalogue_incomplete": "unsure",
    "list_expired": "unsure",
    "records_unplaced": "unsure",
    "position_uncertain": "unsure",
    "border": "unsure",
    "border_streets": "unsure",
    "all_closed": "closed",
    "all_unsuitable": "unsuitable",
    "no_way": "unsuitable",
    "beyond_walk": "far",
}
"""The class of each reason why a point has it: the first is `served`, the last `far`."""
REASONS = tuple(CLASS_OF)
SERVED, FAR = 0, len(REASONS) - 1
ABSENT = ("far", "closed", "unsuitable")
"""Classes that claim that no service is near."""
ABSENCES = tuple(code for code, name in enumerate(CLASS_OF.values()) if name in ABSENT)
"""The reasons of those, as indices into `REASONS`."""
CAUTIOUS = ("unsure", "served", "crowded", "unsuitable", "closed", "far")
"""The classes from the one that claims least: of two that hold for as many, the first is told."""
REASONS_OF = {
    name: [n for n, own in enumerate(CLASS_OF.values()) if own == name] for name in CAUTIOUS
}
"""The reasons of each class, as indices into `REASONS`."""
_NOISE_DIGITS = 9
ALIKE_SECONDS = 3.0
"""Walks that differ by no more are told alike: half of a tenth of a minute."""
UNPEOPLED = "residents_unknown"
"""The reason of an area, never of a point: no source counts its residents."""
DISAGREEING = "people_disagree"
"""Likewise: two sources that count its people contradict each other."""

STATUSES = (
    "sure",
    "hours_unknown",
    "suitability_unknown",
    "unverified",
    "closed",
    "unsuitable",
)
"""What is known of a service in a situation: that it serves; that it does if it is open, or
suitable; that a record says so which is stale or uncertain; that it is closed; that it is not
suitable."""
SURE, HOURS_UNKNOWN, SUITABILITY_UNKNOWN, UNVERIFIED, CLOSED, UNSUITABLE = range(len(STATUSES))


@dataclass(frozen=True, eq=False)
class WalkTimes:
    """Walks from n points to the nearest services: seconds, NaN where none can be reached.

    `nearest` (n, k) are the k nearest that are not known to be closed or unsuitable, sorted, and
    `target` (n, k) their indices, -1 for none. `by_status` and `of_status` are the walk to the
    nearest of each of `STATUSES`, and its index. `soonest` is how short the walk to any
    of the nearest may be, given the errors of their positions; `sure_at_most` how long that to the
    nearest that surely serves may be along known streets, given those of all of them. All others
    may be estimates, of services over the border to which the known streets lead far around, or
    where none are known: `by_streets` are the walks without any, None where they are these.
    """

    nearest: Floats
    target: Ints
    by_status: tuple[Floats, ...]
    of_status: tuple[Ints, ...]
    soonest: Floats
    sure_at_most: Floats
    by_streets: "WalkTimes | None" = None

    @property
    def along_streets(self) -> "WalkTimes":
        """The walks along known streets alone: whatever they change rests on an estimate."""
        return self.by_streets or self

    def unreached(self) -> "WalkTimes":
        """Give the walks of who reaches nothing."""
        never = np.full_like(self.soonest, np.nan)
        nearest, by_status = np.full_like(self.nearest, np.nan), (never,) * len(STATUSES)
        return replace(self, nearest=nearest, by_status=by_status)

    @property
    def is_estimated(self) -> Bools:
        """Whether the walk to the nearest is an estimate, by point."""
        flags: Bools = differ(self.seconds, self.along_streets.seconds)
        return flags

    @property
    def seconds(self) -> Floats:
        """Seconds to the nearest."""
        first: Floats = self.nearest[:, 0]
        return first


@dataclass(frozen=True)
class Evidence:
    """What the records of a category allow to be claimed, by point.

    `complete`: the list is, and of late, as far as the walk goes; `expired`: it was, too long ago.
    `declared`: premises in reach say that they are such a service, and no record accounts for them.
    `off_network`: no street reaches the point, or the streets lead from it to no service at all.
    `unplaced`: a record of the category without a known place may be in its municipio. `no_way`: an
    adult is within the walk, this profile reaches nothing; `astray`: the same, allowing for the
    error of the nearest position, or a source has one in reach whose address is elsewhere. `short`:
    fewer places than the norm, where every capacity in reach is known. `border`: a service over the
    border that nobody has listed could be in reach. `straight_only`: a straight line over the
    border leads to one that serves, and no known street; `border_streets`: a service over the
    border is in reach in a straight line, and not all streets
    there are known.
    """

    estimated: bool
    complete: Bools
    expired: Bools
    declared: Bools
    off_network: Bools
    unplaced: Bools
    no_way: Bools
    astray: Bools
    short: Bools
    border: Bools
    straight_only: Bools
    border_streets: Bools

    @property
    def allows_absence(self) -> Bools:
        """Points of which a list lets one say at all that nothing is near.

        It is complete and of late, each of its records has a place, and streets are known.
        """
        flags: Bools = self.complete & ~self.unplaced
        return flags if not self.estimated else np.zeros_like(flags)


def differ(seconds: npt.ArrayLike, by_streets: npt.ArrayLike) -> Bools:
    """Flag the walks that would be others along known streets alone: they rest on an estimate.

    Parameters
    ----------
    seconds, by_streets : array_like of float
        Alike in shape; NaN where nothing is reached.

    Returns
    -------
    ndarray of bool
        False also where they are the same within `ALIKE_SECONDS`.
    """
    both = np.asarray(seconds, float), np.asarray(by_streets, float)
    is_alike = np.abs(both[0] - both[1]) <= ALIKE_SECONDS
    flags: Bools = ~is_alike & ~(np.isnan(both[0]) & np.isnan(both[1]))
    return flags


def classify(walk: WalkTimes, evidence: Evidence, walk_seconds: float) -> Kinds:
    """Give every point its class and reason.

    Absence (`far`, `closed`, `unsuitable`, `crowded`) is claimed only of a complete list, on
    streets, when no record has an unknown place, no imprecise position could turn the answer and
    nothing over the border could, nor premises that say they are such a service (but for `crowded`,
    which rests on records alone): a wrong claim of absence is the worst defect. `served` is held to
    the same standard: the walk must be within the limit however far off the position may be.

    Parameters
    ----------
    walk : WalkTimes
        The walk from every point.
    evidence : Evidence
        What the records allow.
    walk_seconds : float
        The acceptable walk.

    Returns
    -------
    ndarray of int8
        Index into `REASONS`.
    """
    within = [seconds <= walk_seconds for seconds in walk.by_status]
    count = len(walk.nearest)
    served = walk.sure_at_most <= walk_seconds
    nearly = walk.soonest <= walk_seconds
    claims = [
        ("estimated_times", np.full(count, evidence.estimated)),
        ("places_short", served & evidence.short & evidence.allows_absence),
        (SERVED_REASON, served),
        ("off_network", evidence.off_network),
        ("border_streets", evidence.straight_only),
        ("position_uncertain", within[SURE]),
        ("hours_unknown", within[HOURS_UNKNOWN]),
        ("suitability_unknown", within[SUITABILITY_UNKNOWN]),
        ("records_unverified", within[UNVERIFIED]),
        ("premises_declared", evidence.declared),
        ("list_expired", evidence.expired & ~evidence.complete),
        ("catalogue_incomplete", ~evidence.complete),
        ("records_unplaced", evidence.unplaced),
        ("border_streets", evidence.border_streets),
        ("position_uncertain", nearly | evidence.astray),
        ("border", evidence.border),
        ("all_closed", within[CLOSED]),
        ("all_unsuitable", within[UNSUITABLE]),
        ("no_way", evidence.no_way),
    ]
    codes = [REASONS.index(reason) for reason, _ in claims]
    return np.select([points for _, points in claims], codes, default=FAR).astype(np.int8)


def class_of(reason: int) -> str:
    """Name the class, one of `tables.CLASSES`, of a reason given as index into `REASONS`."""
    return CLASS_OF[REASONS[reason]]


def main_reason(reasons: Kinds, weights: Floats, groups: Ints, count: int) -> Ints:
    """Find the reason of each group: of those of the class of most of its weight, the main one.

    Parameters
    ----------
    reasons : ndarray of int8, shape (n,)
        Index into `REASONS`.
    weights : ndarray of float, shape (n,)
        Not negative.
    groups : ndarray of int, shape (n,)
        Group of each value in [0, count).
    count : int
        Number of groups.

    Returns
    -------
    ndarray of int, shape (count,)
        Index into `REASONS`; -1 for a group without weight.
    """
    return reason_of_most(shares_of(reasons, weights, groups, (count, len(REASONS))))


def reason_of_most(shares: Floats) -> Ints:
    """Find the class that holds for most of each group, then the main reason within it.

    A class has several reasons: to ask for the main one first would let one with a single reason
    win against more people whose doubts differ.

    Parameters
    ----------
    shares : ndarray of float, shape (groups, reasons)
        Of `REASONS`.

    Returns
    -------
    ndarray of int, shape (groups,)
        Index into `REASONS`, of equal classes in the one of `CAUTIOUS` that comes first; -1 for a
        group without weight.
    """
    sums = np.column_stack([shares[:, codes].sum(axis=1) for codes in REASONS_OF.values()])
    first = main_kind(sums.round(_NOISE_DIGITS))
    is_own = np.zeros((len(REASONS_OF), len(REASONS)), bool)
    for place, codes in enumerate(REASONS_OF.values()):
        is_own[place, codes] = True
    # Of a group without weight every share stays NaN, and so does the first, by which it is known.
    return main_kind(np.where(is_own[first] | np.isnan(shares), shares, -1.0))
