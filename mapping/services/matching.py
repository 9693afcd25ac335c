"""Record linkage: which records of several sources are one service, or need a person to decide."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Annotated, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator
from scipy.spatial import cKDTree

from mapping.arrays import Ints
from mapping.config import Config, cached_for_overlay, read_document
from mapping.config_values import Share
from mapping.disclosure import is_confidential
from mapping.model import Service
from mapping.services.comparison import LIKENESS_LEVELS, ComparedRecords, levels, records

BLOCK_METRES = 400.0
"""Records this near are compared."""
BLOCK_RECORDS = 10
"""Records that share a rarer word, phone or door than this are compared, wherever they are."""
PAIRS_AT_A_TIME = 100_000
_MERGEABLE = {"name": ("same", "alike", "faint"), "place": ("door", "street", "near")}


Bits = Annotated[float, Field(ge=-20, le=20)]
"""A weight of evidence: the base-2 logarithm of odds, which 20 makes a million."""


class Weights(Config):
    """What the evidence of a pair is worth, in bits, and the probabilities that decide."""

    id: str
    prior: Bits
    merged_from: Share
    reviewed_from: Share
    bits: dict[str, dict[str, Bits]]

    @model_validator(mode="after")
    def _reviewed_before_merged(self) -> Self:
        if self.reviewed_from > self.merged_from:
            raise ValueError("reviewed_from is above merged_from")
        return self


class Decision(NamedTuple):
    """What a person decided of two records."""

    left_id: str
    right_id: str
    same: bool


@dataclass(frozen=True)
class Pair:
    """Two records that may be one service: the probability, and the evidence for and against."""

    left_id: str
    right_id: str
    probability: float
    evidence: dict[str, str]
    """The level of each field of `LIKENESS_LEVELS`."""


@dataclass(frozen=True)
class Matches:
    """Groups of records of one service, two and more each, and the pairs that a person decides."""

    groups: list[tuple[str, ...]]
    queue: list[Pair]


@cached_for_overlay
def weights() -> Weights:
    """Read what evidence is worth.

    Returns
    -------
    Weights
        Of `matching.toml`.
    """
    return read_document(Path(__file__).with_suffix(".toml"), Weights, weakened=_weakened)


def _weakened(bundled: Weights, own: Weights) -> str | None:
    if own.merged_from < bundled.merged_from:
        return f"merged_from = {own.merged_from} is below {bundled.merged_from}."
    if own.reviewed_from > bundled.reviewed_from:
        return f"reviewed_from = {own.reviewed_from} is above {bundled.reviewed_from}."
    if own.prior > bundled.prior:
        return f"prior = {own.prior} is above {bundled.prior}."
    for name, worth in bundled.bits.items():
        for level, bits in worth.items():
            if own.bits[name][level] > bits:
                return f"bits.{name}.{level} = {own.bits[name][level]} is above {bits}."
    return None


def match(services: Sequence[Service], *, epsg: int, decisions: Iterable[Decision] = ()) -> Matches:
    """Find the records that are one service, and the pairs that a person must decide.

    The probability of a pair is that of Fellegi and Sunter: its bits added to the prior's. Pairs
    are joined from the most probable on, never two records of one source; a pair whose names
    differ, or whose places are not known to be near, is for a person however probable it is.
    Decisions come before any evidence; confidential categories are left alone. The order of the
    services changes nothing.
    """
    compared = [service for service in services if not is_confidential(service)]
    compared_ids = {service.service_id for service in compared}
    applicable = [
        decision for decision in decisions if {decision.left_id, decision.right_id} <= compared_ids
    ]
    pairs = probable_pairs(compared, epsg=epsg)
    groups = _Groups(compared, applicable)
    limits = weights()
    queue = []
    for pair in pairs:
        if groups.together(pair) or groups.kept_apart(pair):
            continue
        sure = pair.probability >= limits.merged_from and is_mergeable(pair)
        if not (sure and groups.join(pair)):
            queue.append(pair)
    waiting = [pair for pair in queue if not groups.together(pair) and not groups.kept_apart(pair)]
    return Matches(groups.listed(), waiting)


def probable_pairs(services: Sequence[Service], *, epsg: int) -> list[Pair]:
    """Compare the records that are near, or share a rare word, a phone or a door.

    Pairs from `reviewed_from` on, the most probable first. Two records of one source are there only
    where the same would be merged: somebody may have written a service twice.
    """
    rows = records(services, epsg=epsg)
    left, right = candidates(rows)
    pairs: dict[tuple[str, str], Pair] = {}
    for start in range(0, len(left), PAIRS_AT_A_TIME):
        part = slice(start, start + PAIRS_AT_A_TIME)
        for pair in _probable(services, rows, left[part], right[part]):
            key = (pair.left_id, pair.right_id)
            if key not in pairs or _order(pair) < _order(pairs[key]):
                pairs[key] = pair
    return sorted(pairs.values(), key=_order)


def _probable(
    services: Sequence[Service], rows: ComparedRecords, left: Ints, right: Ints
) -> Iterator[Pair]:
    level = levels(rows, left, right)
    chance = probability(level)
    same_source = np.array(
        [rows.source[i] == rows.source[j] for i, j in zip(left, right, strict=True)], bool
    )
    limit = np.where(same_source, weights().merged_from, weights().reviewed_from)
    for row in np.flatnonzero(chance >= limit):
        first, second = services[rows.service[left[row]]], services[rows.service[right[row]]]
        ids = sorted((first.service_id, second.service_id))
        evidence = {name: LIKENESS_LEVELS[name][level[name][row]] for name in LIKENESS_LEVELS}
        pair = Pair(ids[0], ids[1], round(float(chance[row]), 3), evidence)
        if not same_source[row] or is_mergeable(pair):
            yield pair


def candidates(records: ComparedRecords) -> tuple[Ints, Ints]:
    """Choose the pairs that are worth comparing: they share a category, and something else.

    Parameters
    ----------
    records : ComparedRecords
        The rows.

    Returns
    -------
    tuple of ndarray of int
        Left and right rows, left before right, each pair once.
    """
    by_category: dict[str, list[int]] = defaultdict(list)
    for row, codes in enumerate(records.category):
        for code in codes:
            by_category[code].append(row)
    blocks = [
        part
        for rows in by_category.values()
        for part in (_near(records, np.array(rows, np.int64)), _sharing(records, rows))
    ]
    # A pair as one number sorts in a tenth of the time, and of the memory, of a pair as a row.
    numbers = [np.zeros(0, np.int64), *(block @ np.array([len(records), 1]) for block in blocks)]
    left, right = np.divmod(np.unique(np.concatenate(numbers)), max(len(records), 1))
    distinct = records.service[left] != records.service[right]
    return left[distinct], right[distinct]


def probability(level: dict[str, Ints]) -> npt.NDArray[np.float64]:
    """Turn the levels of pairs into the probability that each is of one service.

    Parameters
    ----------
    level : dict of str to ndarray of int
        As `comparison.levels` gives them.

    Returns
    -------
    ndarray of float
        In [0, 1].
    """
    worth = weights()
    bits = {
        name: np.array([worth.bits[name].get(step, 0.0) for step in LIKENESS_LEVELS[name]])
        for name in LIKENESS_LEVELS
    }
    total = worth.prior + sum(bits[name][level[name]] for name in LIKENESS_LEVELS)
    return np.asarray(1 / (1 + np.exp2(-total)), float)


def is_mergeable(pair: Pair) -> bool:
    """Whether a pair may be joined without asking a person: alike in name, and known to be near."""
    return all(pair.evidence[name] in allowed for name, allowed in _MERGEABLE.items())


def _order(pair: Pair) -> tuple[float, str, str]:
    return -pair.probability, pair.left_id, pair.right_id


def _near(records: ComparedRecords, rows: Ints) -> Ints:
    placed = rows[np.isfinite(records.x[rows])]
    if len(placed) < 2:  # noqa: PLR2004 - a pair
        return np.zeros((0, 2), np.int64)
    tree = cKDTree(np.column_stack([records.x[placed], records.y[placed]]))
    return np.sort(placed[tree.query_pairs(BLOCK_METRES, output_type="ndarray")], axis=1)


def _sharing(records: ComparedRecords, rows: Sequence[int]) -> Ints:
    blocks: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        for key in _keys(records, row):
            blocks[key].append(row)
    rare = (block for block in blocks.values() if len(block) <= BLOCK_RECORDS)
    pairs = [pair for block in rare for pair in combinations(block, 2)]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _keys(records: ComparedRecords, row: int) -> Iterator[str]:
    yield from set(records.name[row].split())
    yield from (f"phone {number}" for number in records.phones[row])
    if records.door[row]:
        yield f"door {records.door[row]}"


class _Groups:
    """Records that are joined, two of one source only where a person said so."""

    def __init__(self, services: Sequence[Service], decisions: Sequence[Decision]) -> None:
        self._source = {service.service_id: service.provenance.source_id for service in services}
        self._members = {service_id: frozenset({service_id}) for service_id in self._source}
        self._apart = {frozenset(decision[:2]) for decision in decisions if not decision.same}
        for decision in sorted(decisions):
            if decision.same:
                self._unite(self._members[decision.left_id] | self._members[decision.right_id])

    def together(self, pair: Pair) -> bool:
        return pair.right_id in self._members[pair.left_id]

    def kept_apart(self, pair: Pair) -> bool:
        left, right = self._members[pair.left_id], self._members[pair.right_id]
        return any(frozenset((first, second)) in self._apart for first in left for second in right)

    def join(self, pair: Pair) -> bool:
        left, right = self._members[pair.left_id], self._members[pair.right_id]
        if {self._source[member] for member in left} & {self._source[member] for member in right}:
            return False
        self._unite(left | right)
        return True

    def listed(self) -> list[tuple[str, ...]]:
        return sorted(
            tuple(sorted(members)) for members in set(self._members.values()) if len(members) > 1
        )

    def _unite(self, members: frozenset[str]) -> None:
        for member in members:
            self._members[member] = members
