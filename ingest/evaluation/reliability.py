"""Tests what is said of areas: an older register as if it were in hand, and what became of it.

Every area with a record of the older register within the walk is given a probability that one of
them still serves, by the code that gives it; the newer register tells whether one does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, vstack

from ingest.evaluation.survival_counts import RESAMPLES, SEED, SurvivorCount
from mapping.arrays import Bools, Floats, Ints
from mapping.coverage.case_measure import NEAREST
from mapping.coverage.cases import people_served
from mapping.coverage.confidence.doubt import Doubt
from mapping.coverage.confidence.draws import CHILDREN_CV, RESIDENTS_CV, TRUST, UncertainRecords
from mapping.coverage.confidence.simulate import Near, WalkLimit, for_most
from mapping.coverage.confidence.survival import Band, RegisterPair, band_of, survival
from mapping.coverage.situations import ADULT
from mapping.coverage.study_area import StudyArea
from mapping.errors import BadInputError
from mapping.geocoding.gazetteer import Gazetteer
from mapping.taxonomy import Category, category
from mapping.walking.profiles import DETOUR_INDEX, profile

FEW_SERVICES = 30
"""Of fewer services than this, counted by their weight, no share is told."""
MOST = 0.5
"""An area has a service where so large a share of its people has one."""


@dataclass(frozen=True, eq=False)
class OldRegister:
    """The placed records of an older register, r of them, and what became of each."""

    name: str
    years: float
    category: Sequence[str]
    x: Floats
    y: Floats
    error_metres: Floats
    stands: Bools
    same_civic: Bools
    """Where that is told by the civic number alone: who kept the code may have moved."""
    organization: Ints
    """A number from 0 for who runs each: what one body decides is one draw."""
    unplaced: int = 0


@dataclass(frozen=True, eq=False)
class Walks:
    """Walks of one category from all points to the nearest records of an older register."""

    kind: Category
    near: Near
    """Records are numbered among all of the register."""
    people: Floats
    """By cell."""
    cv: float


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Areas with a record within the walk, a of them: whether one of their records still stands.

    `records` (a, r) is how much each area's truth rests on each record; rows sum to 1.
    """

    people: Floats
    still_served: Bools
    records: csr_array
    organization: Ints

    def take(self, rows: Bools) -> "Outcomes":
        """Choose some of the areas.

        Parameters
        ----------
        rows : ndarray of bool, shape (a,)
            Which ones.

        Returns
        -------
        Outcomes
            Theirs.
        """
        return Outcomes(
            self.people[rows], self.still_served[rows], self.records[np.flatnonzero(rows)],
            self.organization,
        )  # fmt: skip

    @property
    def share_held(self) -> float:
        """Share of the people whose area is still served."""
        return _mean(self.still_served, self.people)

    @property
    def effective_services(self) -> float:
        """How many services of equal weight tell as much (Kish 1965, *Survey Sampling*)."""
        weight = self.people @ self.records
        return float(weight.sum() ** 2 / (weight**2).sum()) if weight.any() else 0.0

    @property
    def held_interval(self) -> tuple[float, float]:
        """Between which `share_held` is nine times in ten.

        Where all are still served, or none, drawing anew finds nothing else: there it is the bound
        of a binomial of as many effective services (Clopper, Pearson 1934).
        """
        spare = 0.05 ** (1 / max(self.effective_services, 1.0))
        if self.still_served.all():
            return spare, 1.0
        if not self.still_served.any():
            return 0.0, 1 - spare
        return self.interval(self.still_served.astype(float))

    def interval(self, values: Floats) -> tuple[float, float]:
        """Between which the mean of a value of each area is nine times in ten.

        Organisations are drawn anew with all their services, and an area weighs as often as the
        services that its truth rests on are drawn: sections that share a service are no more.

        Parameters
        ----------
        values : ndarray of float, shape (a,)
            One of each area.

        Returns
        -------
        tuple of float
            Low and high.
        """
        count = int(self.organization.max(initial=-1)) + 1
        drawn = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), RESAMPLES)
        # First by record: there are a hundred times fewer of them than products by area.
        both = np.column_stack([self.people * values, self.people]).T @ self.records
        sums = drawn[:, self.organization] @ both.T
        means = sums[:, 0] / np.where(sums[:, 1] > 0, sums[:, 1], np.nan)
        low, high = np.nanquantile(means, (0.05, 0.95)).tolist()
        return low, high


def place_records(
    count: SurvivorCount, categories: dict[str, str], gazetteer: Gazetteer
) -> OldRegister:
    """Place the records of an older register by their addresses; their own points are not asked.

    Parameters
    ----------
    count : SurvivorCount
        The register, and what became of its records.
    categories : dict of str to str
        The category of each kind.
    gazetteer : Gazetteer
        Where addresses are.

    Returns
    -------
    OldRegister
        Without the records whose address is not found, which are counted.
    """
    places = [gazetteer.find(record.written) for record in count.records]
    is_placed = np.array([place is not None for place in places], bool)
    known = [place for place in places if place is not None]
    who = np.unique(np.array(count.organizations)[is_placed], return_inverse=True)[1]
    kinds = [record.kind for record, placed in zip(count.records, is_placed, strict=True) if placed]
    return OldRegister(
        count.name,
        count.years,
        [categories[kind] for kind in kinds],
        np.array([place.x for place in known], float),
        np.array([place.y for place in known], float),
        np.array([place.error_metres for place in known], float),
        count.surviving[is_placed],
        count.by_civic[is_placed],
        who,
        int((~is_placed).sum()),
    )


def walks_to(register: OldRegister, study_area: StudyArea) -> list[Walks]:
    """Walk from where people live to the records of each category, along the streets."""
    of_kind = np.array(register.category)
    cells = study_area.areas.cells
    walks = []
    for code in sorted(set(register.category)):
        kind, rows = category(code), np.flatnonzero(of_kind == code)
        seconds, target = study_area.walkers[ADULT].nearest(
            register.x[rows], register.y[rows], NEAREST
        )
        near = Near(seconds, np.append(rows, -1)[target])
        cv = RESIDENTS_CV if kind.age_min_months is None else CHILDREN_CV
        walks.append(Walks(kind, near, people_served(kind, cells), cv))
    return walks


def outcomes(
    register: OldRegister, walks: Sequence[Walks], study_area: StudyArea, stands: Bools
) -> Outcomes:
    """Find the areas with a record within the walk, and whether one of these still stands.

    Parameters
    ----------
    register : OldRegister
        The older register, with r records.
    walks : sequence of Walks
        To the records of each category.
    study_area : StudyArea
        Where people set out.
    stands : ndarray of bool, shape (r,)
        Which records still stand.

    Returns
    -------
    Outcomes
        Of the areas of all categories, one after the other.
    """
    parts = [_outcomes(stands, each, study_area) for each in walks]
    people, still_served, records = zip(*parts, strict=True)
    return Outcomes(
        np.concatenate(people),
        np.concatenate(still_served),
        csr_array(vstack(records)),
        register.organization,
    )


def claims(
    register: OldRegister,
    walks: Sequence[Walks],
    study_area: StudyArea,
    band: Callable[[Floats], Band],
) -> Band:
    """Say how likely one record within the walk still serves each area of `outcomes`.

    Parameters
    ----------
    register : OldRegister
        The records, as old as the years between the registers.
    walks : sequence of Walks
        Of `walks_to`.
    study_area : StudyArea
        Where people live.
    band : callable
        How likely a record holds, by its age in years.

    Returns
    -------
    Band
        Both ends of each area, as `Doubt` and `for_most` compute those that are published.
    """
    ages = np.full(len(register.x), register.years)
    ends = []
    for each in walks:
        rows = _claimed(each, study_area)
        ends_by_cell = published(register, each, study_area, ages, band)
        ends.append([end[rows] for end in ends_by_cell])
    low, high = (np.concatenate(end) for end in zip(*ends, strict=True))
    return Band(low, high)


def published(
    register: OldRegister,
    walks: Walks,
    study_area: StudyArea,
    ages: Floats,
    band: Callable[[Floats], Band] | None = None,
) -> Band:
    """Say how likely a record within the walk serves most of each cell, as a build says it.

    Parameters
    ----------
    register : OldRegister
        The records, r of them.
    walks : Walks
        To those of one category.
    study_area : StudyArea
        Where people live.
    ages : ndarray of float, shape (r,)
        Years since each was known to be true.
    band : callable, optional
        How likely a record holds, by its age; of the category, as visitors are told, when left out.

    Returns
    -------
    Band
        Both ends of every cell, in hundredths.
    """
    keys = [f"{register.name}|{row}" for row in range(len(ages))]
    records = UncertainRecords(keys, register.error_metres, register.x, register.y)
    code, count = walks.kind.code, len(walks.people)
    vouched, nobody = np.ones(len(ages), bool), np.full(len(ages), None, object)
    doubt = Doubt(records, np.full(len(ages), TRUST["high"]), ages, vouched, nobody, code)
    seconds_per_metre = DETOUR_INDEX / profile(ADULT).metres_per_second
    reach = WalkLimit(walks.kind.walk_seconds, seconds_per_metre)
    probability = (band or band_in_use(code))(ages)
    shares = doubt.shares_between(probability, walks.near, study_area.points, reach)
    crowd = walks.people, study_area.factors[walks.cv]
    low, high = (for_most(drawn, crowd, np.arange(count), count).round(2) for drawn in shares)
    return Band(low, high)


def band_of_others(pair: RegisterPair) -> Callable[[Floats], Band]:
    """Take the band that one pair of registers would give alone.

    Parameters
    ----------
    pair : RegisterPair
        The pair.

    Returns
    -------
    callable
        Ages in years to a `Band`.
    """
    return lambda ages: _trusted(band_of(pair, ages))


def band_in_use(code: str) -> Callable[[Floats], Band]:
    """Take the band of a category that visitors are told; it has seen the register under test.

    Parameters
    ----------
    code : str
        The category.

    Returns
    -------
    callable
        Ages in years to a `Band`; raises BadInputError where it is not calibrated.
    """

    def band(ages: Floats) -> Band:
        known = survival(code, ages)
        if known is None:
            raise BadInputError(f"'{code}' is not calibrated. Give its family registers.")
        return _trusted(known)

    return band


def constant_hazard(pair: RegisterPair) -> Callable[[Floats], Band]:
    """Take the one probability of a hazard that is the same in all years.

    Parameters
    ----------
    pair : RegisterPair
        The pair that measured it.

    Returns
    -------
    callable
        Ages in years to a `Band` whose ends are one.
    """

    def band(ages: Floats) -> Band:
        holds = (pair.outliving / pair.records) ** (ages / pair.years)
        return Band(holds, holds)

    return band


def _trusted(band: Band) -> Band:
    return Band(TRUST["high"] * band.low, TRUST["high"] * band.high)


def brier(probability: Floats, of: Outcomes) -> float:
    """Score probabilities by the mean square of their error, people by people (Brier 1950).

    Parameters
    ----------
    probability : ndarray of float, shape (a,)
        Claimed of each area, in [0, 1].
    of : Outcomes
        What became of them.

    Returns
    -------
    float
        In [0, 1]; 0 is the best.
    """
    return _mean((probability - of.still_served) ** 2, of.people)


def _within(walks: Walks) -> Bools:
    within: Bools = walks.near.seconds <= walks.kind.walk_seconds  # NaN is not
    return within


def share_of_cell(flags: Bools, study_area: StudyArea, count: int) -> Floats:
    """Give the share of each cell's points, by their people, that are flagged.

    Parameters
    ----------
    flags : ndarray of bool, shape (p,)
        Of the points of the study area.
    study_area : StudyArea
        The points, their cells and weights.
    count : int
        How many cells there are.

    Returns
    -------
    ndarray of float, shape (count,)
        0 to 1.
    """
    points = study_area.points
    share: Floats = np.bincount(points.owner, points.weight * flags, count).astype(float)
    return share


def _claimed(walks: Walks, study_area: StudyArea) -> Ints:
    count = len(walks.people)
    near = share_of_cell(_any(_within(walks)), study_area, count)
    return np.flatnonzero((near >= MOST) & (walks.people > 0))


def _outcomes(
    stands: Bools, walks: Walks, study_area: StudyArea
) -> tuple[Floats, Bools, csr_array]:
    points, within, count = study_area.points, _within(walks), len(walks.people)
    standing = np.append(stands, False)[walks.near.record]
    still_served = share_of_cell(_any(within & standing), study_area, count) >= MOST
    at, rank = np.nonzero(within)
    weight = points.weight[at] / within.sum(axis=1)[at]
    record = walks.near.record[at, rank]
    rests = csr_array((weight, (points.owner[at], record)), (count, len(stands)))
    rows = _claimed(walks, study_area)
    chosen = csr_array(rests[rows])
    whole = chosen.sum(axis=1)
    scaled = csr_array(chosen.multiply(1 / whole[:, None]))
    return walks.people[rows], still_served[rows], scaled


def _any(flags: Bools) -> Bools:
    row: Bools = np.any(flags, axis=1)
    return row


def _mean(values: Floats | Bools, weight: Floats) -> float:
    total = weight.sum()
    return float((values * weight).sum() / total) if total > 0 else float("nan")
