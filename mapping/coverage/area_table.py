"""Coverage by area: sums of the points of each area, as rows of `tables.COVERAGE`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mapping import disclosure
from mapping.arrays import Bools, Floats, Ints
from mapping.coverage.admission import Admission
from mapping.coverage.blocks import Block, Head, Objects
from mapping.coverage.classes import (
    ABSENCES,
    CAUTIOUS,
    CLASS_OF,
    DISAGREEING,
    REASONS,
    REASONS_OF,
    UNPEOPLED,
    Kinds,
    WalkTimes,
    differ,
    reason_of_most,
)
from mapping.coverage.confidence.sureness import UNKNOWN, of_all, sureness
from mapping.coverage.list_words import AT_LEAST_COLUMNS, LISTED_COLUMNS
from mapping.coverage.places_per_child import LEAST_BASIS
from mapping.coverage.study_area import Level, StudyArea
from mapping.coverage.weighted import (
    rising,
    share_of,
    shares_of,
    shares_within,
    weighted_median,
)
from mapping.coverage.whole_percents import shares_of_one_whole
from mapping.disclosure import SECTION
from mapping.tables import (
    HAS_ROOM,
    MAY_COME,
    PROBABILITY,
    SURENESS,
    THRESHOLDS_MINUTES,
    WHOLE_LIST_CLASSES,
    by_streets,
    word_share,
)
from mapping.taxonomy import Category

UNKNOWN_WORD = SURENESS[UNKNOWN]
NEAR = [n for n, reason in enumerate(REASONS) if CLASS_OF[reason] in ("served", "crowded")]
"""Reasons that say that a service is near, as indices into `REASONS`."""
ANSWERS_UNKNOWN = "unknown"
ANSWERS: tuple[tuple[tuple[str, ...], Mapping[str, str]], ...] = (
    (MAY_COME, {"yes": "share_may_come", "no": "share_may_not_come"}),
    (HAS_ROOM, {"yes": "share_room", "waiting": "share_waiting", "no": "share_no_room"}),
)
"""The answers to each question, and the columns that count for whom each is given."""
WHOLES = [f"share_{name}" for name in CAUTIOUS], [word_share(word) for word in SURENESS]
"""Columns whose shares are of one whole: everybody has one of the classes, and one of the words.

Of classes that are as many the first is rounded up: it is the one that is told."""


class PointKinds(NamedTuple):
    """Of every point the index into `classes.REASONS`, its weight, whether absence may be told."""

    reasons: Kinds
    weights: Floats
    allows_absence: Bools


@dataclass(frozen=True, eq=False)
class Weighing:
    """The people of every point whom a category serves.

    `people` is NaN where their ages are not known; `weight` has residents in their place; `share`
    is the point's share of its smallest area. `of_census` says that they come from the ages of the
    census, which tell nothing of an area that has outgrown it.
    """

    people: Floats
    weight: Floats
    share: Floats
    of_census: bool = False

    def at(self, level: Level) -> Floats:
        """Give the weights of a level: people, or within a section shares of its surface.

        Parameters
        ----------
        level : Level
            The level.

        Returns
        -------
        ndarray of float, shape (points,)
            Not negative.
        """
        return self.share if level.name == SECTION else self.weight


def weighing(people: Floats, study_area: StudyArea, kind: Category) -> Weighing:
    """Weigh the points by the people of their cells whom a category serves.

    Parameters
    ----------
    people : ndarray of float, shape (cells,)
        As `cases.people_served`.
    study_area : StudyArea
        The points, and the residents of the cells.
    kind : Category
        The category.

    Returns
    -------
    Weighing
        Of every point.
    """
    owner, share = study_area.points.owner, study_area.points.weight
    own_people = people[owner] * share
    # Where the ages are not known, residents stand in as weights; no count of people is published.
    weight = np.where(
        np.isnan(own_people), study_area.areas.cells.residents[owner] * share, own_people
    )
    is_by_age = kind.counted_ages is not None and study_area.areas.cells.has_census_children
    of_census = kind.demand == "women_15_49" or is_by_age
    return Weighing(own_people, weight, share, of_census)


class Walked:
    """Sums of one walk by area, computed once for all the situations that share it."""

    def __init__(self, walk: WalkTimes, weighing: Weighing, limit_seconds: float) -> None:
        self._walk = walk
        self._limit = limit_seconds
        self._weighing = weighing
        self._known: dict[str, Mapping[str, Floats]] = {}
        self._within: dict[str, Floats] = {}

    def numbers(self, level: Level) -> Mapping[str, Floats]:
        """Sum the walk by the areas of a level.

        Parameters
        ----------
        level : Level
            The level.

        Returns
        -------
        mapping of str to ndarray of float
            Columns of `tables.COVERAGE`; of a section only its seconds.
        """
        if level.name not in self._known:
            self._known[level.name] = self._summed(level)
        return self._known[level.name]

    def within(self, level: Level) -> Floats:
        """Give the share of the people of each area who have a record within a known walk.

        Parameters
        ----------
        level : Level
            The level.

        Returns
        -------
        ndarray of float, shape (areas,)
            In [0, 1]; of a section, shares of its surface.
        """
        if level.name not in self._within:
            # An estimate makes no word surer.
            near = self._walk.along_streets.seconds <= self._limit
            weights = self._weighing.at(level)
            self._within[level.name] = share_of(near, weights, level.groups, level.areas)
        return self._within[level.name]

    def _summed(self, level: Level) -> Mapping[str, Floats]:
        weights, groups, count = self._weighing.at(level), level.groups, level.areas
        if not disclosure.publishes_people(level.name):
            seconds, is_estimated = self._median(0, weights, level)
            return {"seconds": seconds.round(), "estimated": is_estimated}
        people = np.bincount(groups, self._weighing.people, count)
        unknown = level.outgrown & self._weighing.of_census
        return {
            "demand": disclosure.rounded(np.where(unknown, np.nan, people)),
            **self._medians(weights, level),
            **self._shares(weights, level),
            "share_estimated": share_of(self._walk.is_estimated, weights, groups, count),
        }

    def _shares(self, weights: Floats, level: Level) -> dict[str, Floats]:
        """Give the shares within some minutes, and along known streets alone, where others."""
        walks = {"": self._walk}
        if self._walk.by_streets is not None:
            walks["by_streets"] = self._walk.by_streets
        columns: dict[str, Floats] = {}
        for name, walk in walks.items():
            shares = shares_within(walk.seconds, weights, level.groups, level.areas)
            for share, minutes in zip(shares.T, THRESHOLDS_MINUTES, strict=True):
                column = f"share_{minutes}"
                columns[by_streets(column) if name else column] = share
        return columns

    def _medians(self, weights: Floats, level: Level) -> dict[str, Floats]:
        columns: dict[str, Floats] = {}
        for rank, suffix in enumerate(("", "_2nd", "_3rd")):
            seconds, is_estimated = self._median(rank, weights, level)
            columns |= {f"seconds{suffix}": seconds.round(1), f"estimated{suffix}": is_estimated}
        return columns

    def _median(self, rank: int, weights: Floats, level: Level) -> tuple[Floats, Floats]:
        """Give the median of each area, and 1 where it rests on an estimate."""
        medians = [
            weighted_median(seconds, weights, level.groups, level.areas, order=order)
            for seconds, order in self._ranked[rank]
        ]
        is_estimated = differ(medians[0], medians[-1]).astype(float)
        return medians[0], is_estimated

    @cached_property
    def _ranked(self) -> list[list[tuple[Floats, Ints]]]:
        """The walks of each rank in their order; then, where others, those along streets alone."""
        walks = [self._walk, self._walk.by_streets]
        columns = [
            [np.ascontiguousarray(walk.nearest[:, rank]) for walk in walks if walk is not None]
            for rank in range(3)
        ]
        return [[(seconds, rising(seconds)) for seconds in pair] for pair in columns]


def block(
    head: Head,
    level: Level,
    walked: Walked,
    kinds: PointKinds,
    more: Mapping[str, Floats],
    admitted: Admission | None = None,
) -> Block:
    """Sum the points by the areas of a level.

    Parameters
    ----------
    head : Head
        What the rows are about.
    level : Level
        The level.
    walked : Walked
        The walk.
    kinds : PointKinds
        What is said of every point, and its weight.
    more : mapping of str to ndarray of float
        Further columns, a value for each area; those of `PROBABILITY` become a word, and of a
        section no number.
    admitted : Admission, optional
        What is known of the services near every point; of nothing when left out.

    Returns
    -------
    Block
        A row for each area in which people live whom the category may serve, but below the city
        for those who round to nobody; of an area whose residents nobody counts only that they are
        unknown.
    """
    reasons, weights, _ = kinds
    shares = shares_of(reasons, weights, level.groups, (level.areas, len(REASONS)))
    main = reason_of_most(shares)
    uncounted, disagreeing = np.isnan(level.residents), _disagreeing(level)
    untold = uncounted | disagreeing
    listed = untold | ((level.residents > 0) & (main >= 0))
    numbers = {**walked.numbers(level), **more}
    words = np.array(SURENESS, object)[_sureness(numbers, main, walked.within(level))]
    answers, shares_near = _answers(admitted, kinds, level)
    if disclosure.publishes_people(level.name):
        people = np.bincount(level.groups, weights, level.areas).astype(float)
        if level.name != "municipality":
            listed &= untold | (disclosure.rounded(people) > 0)
        is_small = disclosure.rounded(people) < disclosure.MIN_SHARED_PEOPLE
        words = np.where(is_small, UNKNOWN_WORD, words)
        answers = [np.where(is_small, ANSWERS_UNKNOWN, names) for names in answers]
        numbers |= shares_near
        numbers |= _class_shares(shares, kinds, level)
        least = {} if head.is_complete else _least(numbers, level, people)
        numbers = _disclosed(numbers, level, people, words) | least
    else:
        numbers = {name: values for name, values in numbers.items() if name not in PROBABILITY}
    names = np.array(REASONS, object)[main]
    classes = np.array(list(CLASS_OF.values()), object)[main]
    may_come, has_room = (np.where(untold, ANSWERS_UNKNOWN, names)[listed] for names in answers)
    # Nobody knows how many live there: nothing is said of how many have a service near.
    names = np.where(uncounted, UNPEOPLED, np.where(disagreeing, DISAGREEING, names))
    return Block(
        head,
        level.area_id[listed],
        np.where(untold, "unsure", classes)[listed],
        names[listed],
        may_come,
        has_room,
        np.where(untold, UNKNOWN_WORD, words)[listed],
        {k: np.where(disagreeing, np.nan, values)[listed] for k, values in numbers.items()},
    )


def own_words(
    level: Level,
    kinds: PointKinds,
    probability: Mapping[str, Floats],
    walked: Walked,
) -> npt.NDArray[np.int8]:
    """Choose the word of each area of the smallest level, as its row of `block` has it.

    Parameters
    ----------
    level : Level
        The level.
    kinds : PointKinds
        What is said of every point, and its weight.
    probability : mapping of str to ndarray of float
        The columns `PROBABILITY`; empty where they are not known.
    walked : Walked
        The walk.

    Returns
    -------
    ndarray of int8, shape (areas,)
        Indices into `tables.SURENESS`.
    """
    reasons, weights, _ = kinds
    shares = shares_of(reasons, weights, level.groups, (level.areas, len(REASONS)))
    codes = _sureness(probability, reason_of_most(shares), walked.within(level))
    is_silent = np.isnan(level.residents) | _disagreeing(level)
    if disclosure.publishes_people(level.name):
        people = np.bincount(level.groups, weights, level.areas).astype(float)
        is_silent |= disclosure.rounded(people) < disclosure.MIN_SHARED_PEOPLE
    return np.where(is_silent, UNKNOWN, codes).astype(np.int8)


def _disagreeing(level: Level) -> Bools:
    """Flag the areas of which nothing is told, since two counts of their people disagree.

    Of a section no people are told.
    """
    return level.disagreeing & disclosure.publishes_people(level.name)


def _class_shares(shares: Floats, kinds: PointKinds, level: Level) -> dict[str, Floats]:
    """Sum the shares of each class; absences are unknown where the list tells them of nobody."""
    is_tellable = np.bincount(level.groups, kinds.weights * kinds.allows_absence, level.areas) > 0
    sums = {name: shares[:, codes].sum(axis=1).clip(0, 1) for name, codes in REASONS_OF.items()}
    return {
        f"share_{name}": np.where(is_tellable, share, np.nan)
        if name in WHOLE_LIST_CLASSES
        else share
        for name, share in sums.items()
    }


def _answers(
    admitted: Admission | None, kinds: PointKinds, level: Level
) -> tuple[list[Objects], dict[str, Floats]]:
    """Give the answers of most who have a service near, and the shares of whom each is known."""
    if admitted is None:
        return [np.full(level.areas, ANSWERS_UNKNOWN, object)] * len(ANSWERS), {}
    reasons, weights, _ = kinds
    near = np.isin(reasons, NEAR)
    everybody = np.bincount(level.groups, weights, level.areas)
    words: list[Objects] = []
    shares: dict[str, Floats] = {}
    for codes, (names, columns) in zip(admitted, ANSWERS, strict=True):
        sums = _sums_near(codes, weights * near, level, len(names))
        words.append(np.array(names, object)[sums.argmax(axis=1)])
        if codes.any():
            of_all = np.divide(
                sums, everybody[:, None], out=np.full(sums.shape, np.nan),
                where=everybody[:, None] > 0,
            )  # fmt: skip
            shares |= {column: of_all[:, names.index(name)] for name, column in columns.items()}
    return words, shares


def _sums_near(codes: Kinds, weights: Floats, level: Level, count: int) -> Floats:
    flat = np.bincount(level.groups * count + codes, weights, level.areas * count)
    return flat.reshape(level.areas, count).astype(float)


def _disclosed(
    numbers: Mapping[str, Floats], level: Level, people: Floats, words: Objects
) -> dict[str, Floats]:
    """Keep from the figures what would tell of fewer than the published counts tell."""
    below_city = level.name != "municipality"
    shares = {
        name: disclosure.disclosed_shares(values, people, whole_percent=below_city)
        for name, values in numbers.items()
        if name.startswith("share_")
    }
    for names in WHOLES:
        if shares.keys() >= set(names):
            parts = np.column_stack([numbers[name] for name in names])
            of_all_parts = shares_of_one_whole(parts, people, whole_percent=below_city)
            shares |= dict(zip(names, of_all_parts.T, strict=True))
    known = numbers.get("share_capacity_known")
    if known is not None:
        has_basis = known >= LEAST_BASIS
        shares["places_per_100"] = np.where(has_basis, numbers["places_per_100"], np.nan)
    # A number beside "not known" would pass for what is known.
    silent = words == UNKNOWN_WORD
    likely = {
        name: np.where(silent, np.nan, disclosure.disclosed_probability(numbers[name]))
        for name in PROBABILITY
        if name in numbers
    }
    return {**numbers, **shares, **_others(shares), **likely}


def _others(shares: Mapping[str, Floats]) -> dict[str, Floats]:
    """Give the shares along known streets where they are published as others; elsewhere none."""
    pairs = ((by_streets(name), name) for name in LISTED_COLUMNS)
    return {
        twin: np.where(shares[twin] == shares[name], np.nan, shares[twin])
        for twin, name in pairs
        if twin in shares
    }


def _least(numbers: Mapping[str, Floats], level: Level, people: Floats) -> dict[str, Floats]:
    """Round down the shares that are told as at the least."""
    below_city = level.name != "municipality"
    return {
        name: disclosure.least_shares(numbers[name], people, whole_percent=below_city)
        for name in AT_LEAST_COLUMNS & numbers.keys()
    }


def _sureness(numbers: Mapping[str, Floats], main: Ints, within: Floats) -> npt.NDArray[np.int8]:
    nothing = np.full(len(main), np.nan)
    low, high = (numbers.get(name, nothing) for name in PROBABILITY)
    return of_all(sureness(low, high, np.isin(main, ABSENCES)), within)
