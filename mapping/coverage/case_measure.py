"""Walks, reasons and confidence of one case in each of its situations, point by point."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from mapping.arrays import Bools, Floats, Ints
from mapping.coverage import area_table, classes
from mapping.coverage.admission import Admission, Reach, admission
from mapping.coverage.area_table import PointKinds, Walked, weighing
from mapping.coverage.blocks import Block, Head
from mapping.coverage.border import longest_walk_metres
from mapping.coverage.cases import Case, people_served
from mapping.coverage.classes import (
    CLOSED,
    FAR,
    SERVED,
    STATUSES,
    SURE,
    Evidence,
    Kinds,
    WalkTimes,
)
from mapping.coverage.confidence.draws import CHILDREN_CV, RESIDENTS_CV, Draws
from mapping.coverage.confidence.simulate import Near, WalkLimit, for_most
from mapping.coverage.places_per_child import is_below_city, places_per_100
from mapping.coverage.rough_positions import RoughWalks
from mapping.coverage.service_status import Supply, statuses
from mapping.coverage.situations import ADULT, Situation
from mapping.coverage.study_area import Level, StudyArea
from mapping.coverage.weighted import mean_of, share_of
from mapping.coverage.word_shares import word_shares
from mapping.disclosure import publishes_income, publishes_people
from mapping.tables import PROBABILITY
from mapping.walking import routing
from mapping.walking.profiles import DETOUR_INDEX, profile
from mapping.walking.straight_walks import StraightLimits, StraightPlaces, with_straight

Walks = Callable[[Bools, int], tuple[Floats, Ints]]
"""Gives seconds to so many of some services, and which they are."""
NEAREST = 8
"""How many services the walk is measured to: a second choice, a third, and what else may serve."""
BEYOND = 16
"""Of how many services over the border the streets are held against a straight line."""
FASTER, SLOWER = 1.15, 0.85
"""Who walks faster or slower by this much is as usual an assumption as ours."""
FAR_BY_PACE = {"share_far_faster": FASTER, "share_far_slower": SLOWER}
"""Columns of `tables.COVERAGE`, and the pace of each over ours."""


@dataclass(frozen=True, eq=False)
class Assessment:
    """Result of one category in one situation: walk and reason by point, people by cell.

    `demand` is the people of each cell whom the category serves, NaN where their ages are not
    known; `people` has residents in their place, with coefficient of variation `cv`. `shares`, two
    of (cells, DRAWS), is the share that has a record in hand within the walk which still serves, at
    the least and at the most; None where times are estimated, or the category is not calibrated.
    `profiles` is the demand of each cell under each profile of moves; None without cohorts.
    """

    case: Case
    situation: Situation
    walk: WalkTimes
    reasons: Kinds
    """Index into `classes.REASONS`."""
    demand: Floats
    people: Floats
    cv: float
    shares: tuple[Draws, Draws] | None
    profiles: Sequence[Floats] | None = None
    declared: Ints | None = None
    """Of each point, the premises in reach among those of the case, -1 for none."""


class CaseWalks(NamedTuple):
    """Walks and reasons of a case in one situation.

    `per_100` is places, `admitted` who may come and where there is room; None if not known.
    """

    situation: Situation
    status: Kinds
    walk: WalkTimes
    walked: Walked
    reasons: Kinds
    evidence: Evidence
    per_100: Floats | None
    admitted: Admission | None

    @property
    def allows_absence(self) -> Bools:
        """Points of which the list lets one say that nothing is near."""
        return self.evidence.allows_absence


class CaseMeasure:
    """Measures a case; walks that several of its situations share are computed once."""

    def __init__(self, case: Case, study_area: StudyArea) -> None:
        self._case = case
        self._study_area = study_area
        self._people = people_served(case.category, study_area.areas.cells)
        self._weighing = weighing(self._people, study_area, case.category)
        self._limit = case.category.walk_seconds
        self._nearest: dict[tuple[bytes, str, int], tuple[Floats, Ints]] = {}
        self._off_networks: dict[str, Bools] = {}
        self._by_streets: dict[tuple[bytes, str, int], tuple[Floats, Ints]] = {}
        self._walked_by_status: dict[bytes, tuple[WalkTimes, Walked]] = {}
        self._places: dict[bytes, Floats | None] = {}
        self._rough = RoughWalks(case.supply.error_metres, case.profile)
        self._premises: dict[float, Ints] = {}
        self._shares_by_draw: dict[bytes, tuple[Draws, Draws] | None] = {}
        self._probabilities: dict[tuple[bytes, str], dict[str, Floats]] = {}

    def walks(self, situation: Situation) -> CaseWalks:
        """Measure the walks in a situation, and classify every point."""
        case, study_area = self._case, self._study_area
        status = statuses(case.supply, situation, ways_known=study_area.ways_known)
        walk, walked = self._walked(status)
        usable = status < CLOSED
        per_100 = self._places_per_100(usable)
        short = np.zeros(len(walk.nearest), bool)
        if per_100 is not None:
            # Children from over the border want the same places, and nobody has counted them.
            short = is_below_city(per_100, self._weighing.people) & ~self._near_border
        evidence = self._evidence(status, usable, short)
        reasons = classes.classify(walk, evidence, self._limit)
        admitted = self._admission(status, evidence)
        return CaseWalks(situation, status, walk, walked, reasons, evidence, per_100, admitted)

    def blocks(self, walks: CaseWalks) -> Iterator[Block]:
        """Sum a situation by the areas of each level."""
        case, study_area = self._case, self._study_area
        for level in case.levels(walks.situation, study_area):
            head = Head(
                level.name, case.category.code, walks.situation, study_area.estimated, case.complete
            )
            weights = self._weighing.at(level)
            more = self._probability(walks, level) | self._further_columns(walks, level)
            more |= self._rough.flags(walks.walk, walks.walked.numbers(level), level, weights)
            kinds = PointKinds(walks.reasons, weights, walks.allows_absence)
            yield area_table.block(head, level, walks.walked, kinds, more, walks.admitted)

    def assessment(self, walks: CaseWalks) -> Assessment:
        """Gather what the zones and the indices of equity are made from."""
        people, cv = self._counted
        return Assessment(
            self._case,
            walks.situation,
            walks.walk,
            walks.reasons,
            self._people,
            people,
            cv,
            self._shares(walks),
            self._profiles,
            self._declared,
        )

    @property
    def _declared(self) -> Ints:
        return self._premises_within(self._limit)

    def _premises_within(self, seconds: float) -> Ints:
        case = self._case
        if seconds not in self._premises:
            self._premises[seconds] = case.declared.within(self._study_area, case.profile, seconds)
        return self._premises[seconds]

    @cached_property
    def _profiles(self) -> Sequence[Floats] | None:
        cells = self._study_area.areas.cells
        if cells.profiles is None or self._case.category.counted_ages is None:
            return None
        return [
            people_served(self._case.category, replace(cells, bands=bands))
            for bands in cells.profiles
        ]

    @cached_property
    def _counted(self) -> tuple[Floats, float]:
        """Count people by cell, residents where ages are not known; also their variation."""
        counted = np.where(
            np.isnan(self._people), self._study_area.areas.cells.residents, self._people
        )
        grown = self._case.category.counted_ages is None
        return counted, RESIDENTS_CV if grown else CHILDREN_CV

    def _shares(self, walks: CaseWalks) -> tuple[Draws, Draws] | None:
        """Compute the share of each cell, in each draw, that has a serving record near."""
        if self._study_area.estimated:
            return None
        key = walks.status.tobytes()
        if key not in self._shares_by_draw:
            speed = profile(self._case.profile).metres_per_second
            reach = WalkLimit(self._limit, DETOUR_INDEX / speed)
            near = Near(*self._along_streets(walks.status < CLOSED, NEAREST))
            self._shares_by_draw[key] = self._case.doubt.shares(
                walks.status, near, self._study_area.points, reach
            )
        return self._shares_by_draw[key]

    def _probability(self, walks: CaseWalks, level: Level) -> dict[str, Floats]:
        """Compute the share of draws in which most of an area have a serving record near."""
        shares = self._shares(walks)
        if shares is None:
            return {}
        key = walks.status.tobytes(), level.name
        if key not in self._probabilities:
            counted, cv = self._counted
            groups = np.zeros(len(counted), np.int64)
            groups[self._study_area.points.owner] = level.groups
            people = counted, self._study_area.factors[cv]
            self._probabilities[key] = {
                name: np.round(for_most(drawn, people, groups, level.areas), 2)
                for name, drawn in zip(PROBABILITY, shares, strict=True)
            }
        return self._probabilities[key]

    def _further_columns(self, walks: CaseWalks, level: Level) -> dict[str, Floats]:
        if not publishes_people(level.name):
            return {}
        weights, groups, count = self._weighing.at(level), level.groups, level.areas
        income, columns = self._study_area.areas.cells.income, dict[str, Floats]()
        if income is not None and publishes_income(level.name):
            poor = weights * np.nan_to_num(income.low_share)[self._study_area.points.owner]
            columns["share_low_income_served"] = share_of(
                walks.reasons == SERVED, poor, groups, count
            )
        if level.name == "municipality":
            columns |= self._by_own_word(walks)
            columns |= self._far_by_pace(walks, weights)
        if walks.per_100 is not None:
            has_places = ~np.isnan(walks.per_100)
            columns["places_per_100"] = mean_of(walks.per_100, weights * has_places, groups, count)
            columns["share_capacity_known"] = share_of(has_places, weights, groups, count)
        return columns

    def _far_by_pace(self, walks: CaseWalks, weights: Floats) -> dict[str, Floats]:
        """Give the shares that would be far if everybody walked faster, or slower.

        Walking f times as fast is the same as accepting f times the seconds. Nothing where no
        absence may be told, or nobody lives.
        """
        total = weights.sum()
        if total <= 0 or not walks.allows_absence.any():
            return {}
        shares, sure_at_most = {}, self._sure_at_most(walks.status, self._seconds)
        for column, pace in FAR_BY_PACE.items():
            limit, reach = pace * self._limit, pace * self._reach_metres
            evidence = replace(
                walks.evidence,
                complete=self._case.extent.complete(reach),
                declared=self._premises_within(limit) >= 0,
                border=self._behind_border(reach),
                straight_only=sure_at_most <= limit,
                border_streets=self._beyond_streets(walks.status < CLOSED, reach),
            )
            is_far = classes.classify(walks.walk, evidence, limit) == FAR
            shares[column] = np.array([weights[is_far].sum() / total])
        return shares

    def _by_own_word(self, walks: CaseWalks) -> dict[str, Floats]:
        cells = self._study_area.levels[-1]
        kinds = PointKinds(walks.reasons, self._weighing.at(cells), walks.allows_absence)
        likely = self._probability(walks, cells)
        words = area_table.own_words(cells, kinds, likely, walks.walked)
        return word_shares(words, cells, self._weighing.weight)

    def _walked(self, status: Kinds) -> tuple[WalkTimes, Walked]:
        key = status.tobytes()
        if key not in self._walked_by_status:
            walk = self._walk(status)
            self._walked_by_status[key] = walk, Walked(walk, self._weighing, self._limit)
        return self._walked_by_status[key]

    def _walk(self, status: Kinds) -> WalkTimes:
        at_most = self._sure_at_most(status, self._along_streets)
        known = self._times(status, self._along_streets, at_most)
        if self._study_area.estimated:
            return replace(known, by_streets=known.unreached())
        if not self._has_estimates:
            return known
        return replace(self._times(status, self._seconds, at_most), by_streets=known)

    def _times(self, status: Kinds, walks: Walks, at_most: Floats) -> WalkTimes:
        nearest, target = walks(status < CLOSED, NEAREST)
        of_each = [walks(status == code, 1) for code in range(len(STATUSES))]
        by_status = tuple(seconds[:, 0] for seconds, _ in of_each)
        of_status = tuple(targets[:, 0] for _, targets in of_each)
        slack = self._slack(target, self._case.profile)
        # A record in one of two places is at neither end of what lies between them.
        is_either = np.append(self._case.supply.is_contradicted, False)[target[:, 1:]]
        slack[:, 1:][is_either] = 0
        soonest = np.fmin.reduce(nearest - slack, axis=1)
        return WalkTimes(nearest, target, by_status, of_status, soonest, at_most)

    @property
    def _has_estimates(self) -> bool:
        """Whether walks over the border may be estimated: not where all of it is."""
        area = self._study_area
        are_streets_known = area.estimated or area.knows_streets_beyond
        return not are_streets_known and bool(self._case.supply.outside.any())

    def _sure_at_most(self, status: Kinds, walks: Walks) -> Floats:
        """Say how long the walk to the nearest that surely serves may be, however far it is off."""
        nearest, target = walks(status < CLOSED, NEAREST)
        sure = np.append(status == SURE, False)[target]  # the last is that of no target
        at_most = np.where(sure, nearest + self._slack(target, self._case.profile), np.nan)
        seconds, of_status = walks(status == SURE, 1)
        alone = seconds[:, 0] + self._slack(of_status[:, 0], self._case.profile)
        least: Floats = np.fmin(np.fmin.reduce(at_most, axis=1), alone)
        return least

    def _places_per_100(self, usable: Bools) -> Floats | None:
        case, study_area = self._case, self._study_area
        key = usable.tobytes()
        if key not in self._places:
            self._places[key] = (
                None
                if study_area.estimated
                else places_per_100(
                    case.supply.take(usable & ~case.supply.outside),
                    study_area.walkers[case.profile],
                    self._weighing.people,
                    self._limit,
                    complete=case.complete,
                )
            )
        return self._places[key]

    def _evidence(self, status: Kinds, usable: Bools, short: Bools) -> Evidence:
        case, study_area = self._case, self._study_area
        lost = np.zeros(len(short), bool)
        if len(case.supply.x):
            lost = np.isnan(self._snapped(np.ones_like(usable), 1)[0][:, 0])
        no_way, astray = np.zeros_like(lost), self._near_published(usable)
        if not study_area.estimated and case.profile != ADULT:
            seconds, slack = self._as_adult(usable)
            blocked = np.isnan(self._snapped(usable, 1)[0][:, 0])
            no_way = blocked & (seconds <= self._limit)
            # A service that may stand elsewhere may stand on this side of what blocks the way.
            astray |= blocked & (slack > 0) & (seconds - slack <= self._limit)
            lost = lost & np.isnan(self._as_adult(np.ones_like(usable))[0])
        if not study_area.estimated:
            lost = lost | study_area.walkers[case.profile].off_network
        return Evidence(
            estimated=study_area.estimated,
            complete=case.extent.complete(self._reach_metres),
            expired=case.extent.expired,
            declared=self._declared >= 0,
            off_network=lost,
            unplaced=np.asarray(case.lost.any(axis=0))[study_area.points.owner],
            no_way=no_way,
            astray=astray,
            short=short,
            border=self._behind_border(self._reach_metres),
            straight_only=self._sure_at_most(status, self._seconds) <= self._limit,
            border_streets=self._beyond_streets(usable, self._reach_metres),
        )

    def _admission(self, status: Kinds, evidence: Evidence) -> Admission | None:
        """Say what is known of who may come, and of room, near every point."""
        if self._study_area.estimated:
            return None
        walker, supply = self._case.profile, self._case.supply
        slack = supply.error_metres / profile(walker).metres_per_second
        reach = Reach(self._study_area.walkers[walker], status, slack, self._limit)
        unseen = evidence.unplaced | evidence.border | evidence.border_streets
        whole = evidence.complete & ~unseen
        return admission(supply, reach, whole)

    @property
    def _near_border(self) -> Bools:
        border = self._study_area.border
        if border is None:
            return np.zeros(len(self._study_area.points.x), bool)
        return border.near(self._reach_metres)

    def _behind_border(self, reach_metres: float) -> Bools:
        """Flag the points from which a service over the border could be in reach, unlisted."""
        border = self._study_area.border
        if border is None:
            return np.zeros(len(self._study_area.points.x), bool)
        return border.hides(self._case.category.code, reach_metres)

    def _beyond_streets(self, usable: Bools, reach_metres: float) -> Bools:
        """Flag the points from which streets over the border may lead to a listed service."""
        border, supply = self._study_area.border, self._case.supply
        points = self._study_area.points
        if border is None or border.beyond.streets_metres >= reach_metres:
            return np.zeros(len(points.x), bool)
        known = supply.take(usable & supply.outside)
        reach = reach_metres + known.error_metres
        return points.near_any((known.x, known.y), reach)

    def _near_published(self, usable: Bools) -> Bools:
        """Flag the points in reach of where a source has a service whose address is elsewhere."""
        points, known = self._study_area.points, self._case.supply
        rows = usable & known.is_contradicted
        places = known.published_x[rows], known.published_y[rows]
        return points.near_any(places, np.full(rows.sum(), self._reach_metres))

    @property
    def _reach_metres(self) -> float:
        return self._limit * profile(self._case.profile).metres_per_second

    def _as_adult(self, rows: Bools) -> tuple[Floats, Floats]:
        """Measure an adult's walk to the nearest service, and how much shorter it may be."""
        seconds, target = self._seconds(rows, 1, ADULT)
        return seconds[:, 0], self._slack(target[:, 0], ADULT)

    def _slack(self, target: Ints, walker: str) -> Floats:
        errors = np.append(self._case.supply.error_metres, 0.0)  # the last is that of no target
        slack: Floats = errors[target] / profile(walker).metres_per_second
        return slack

    def _seconds(self, rows: Bools, count: int, walker: str | None = None) -> tuple[Floats, Ints]:
        """Seconds to the `count` nearest services of `rows`, and their indices in the supply.

        Over the border they are estimated where the known streets lead far around.
        """
        walker = walker or self._case.profile
        walked = self._snapped(rows, count, walker)
        area, supply = self._study_area, self._case.supply
        beyond = rows & supply.outside
        if not self._has_estimates or not beyond.any():
            return walked
        key = rows.tobytes(), walker, count
        if key not in self._nearest:
            numbers = np.flatnonzero(beyond)
            places = StraightPlaces(supply.x[numbers], supply.y[numbers], numbers)
            limits = StraightLimits(profile(walker).metres_per_second, longest_walk_metres())
            points, known = (
                (area.points.x, area.points.y),
                self._known_beyond(beyond, walker, limits),
            )
            self._nearest[key] = with_straight(walked, points, places, limits, known)
        return self._nearest[key]

    def _known_beyond(
        self, beyond: Bools, walker: str, limits: StraightLimits
    ) -> tuple[Floats, Ints]:
        """Seconds along streets to what lies over the border, as far as straight lines may lead."""
        supply = self._case.supply
        seconds, target = self._study_area.walkers[walker].nearest(
            supply.x[beyond], supply.y[beyond], BEYOND, limits.longest_seconds
        )
        return seconds, np.append(np.flatnonzero(beyond), -1)[target]

    def _along_streets(
        self, rows: Bools, count: int, walker: str | None = None
    ) -> tuple[Floats, Ints]:
        """Seconds along streets that are known all the way, as `_seconds`."""
        walker = walker or self._case.profile
        return self._snapped(rows & ~self._off_network(walker), count, walker)

    def _off_network(self, walker: str) -> Bools:
        """Flag what lies over the border where no known street comes near: a line leads there."""
        supply = self._case.supply
        if not self._has_estimates:
            return np.zeros(len(supply.x), bool)
        if walker not in self._off_networks:
            graph = self._study_area.walkers[walker].graph
            is_off = graph.snap(supply.x, supply.y).off_network
            self._off_networks[walker] = supply.outside & is_off
        return self._off_networks[walker]

    def _snapped(self, rows: Bools, count: int, walker: str | None = None) -> tuple[Floats, Ints]:
        """Seconds along streets, and on in a straight line where they end, as `_seconds`."""
        walker = walker or self._case.profile
        key = rows.tobytes(), walker, count
        if key not in self._by_streets:
            self._by_streets[key] = _nearest(
                self._study_area, self._case.supply, rows, (walker, count)
            )
        return self._by_streets[key]


def _nearest(
    study_area: StudyArea, supply: Supply, rows: Bools, search: tuple[str, int]
) -> tuple[Floats, Ints]:
    (walker, count), x, y = search, supply.x[rows], supply.y[rows]
    if study_area.estimated:
        speed = profile(walker).metres_per_second
        seconds, target = routing.nearest_straight(
            study_area.points.x, study_area.points.y, x, y, metres_per_second=speed
        )
        # Straight lines give only the nearest.
        padding = ((0, 0), (0, count - 1))
        seconds = np.pad(seconds[:, None], padding, constant_values=np.nan)
        target = np.pad(target[:, None], padding, constant_values=-1)
    else:
        seconds, target = study_area.walkers[walker].nearest(x, y, count)
    return seconds, np.append(np.flatnonzero(rows), -1)[target]
