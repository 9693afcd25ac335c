"""Measures how well records of one service are matched, on registers whose codes are the truth."""

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log2
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.border import Inside
from ingest.layers.raw_table import read_table
from ingest.services import read_services
from ingest.source import Source, source
from mapping.arrays import Bools
from mapping.city import City, Labelled
from mapping.model import Service
from mapping.services.comparison import LIKENESS_LEVELS, levels, records
from mapping.services.matching import candidates, match

Find = Callable[[Source], Path]


@dataclass(frozen=True)
class Truth:
    """The records of several registers, and by service id which of them are one service.

    A record without a label is not judged: its code stands twice, or has no partner where that
    proves nothing.
    """

    name: str
    services: list[Service]
    label: dict[str, str]


@dataclass(frozen=True)
class MatchingOutcome:
    """What became of the true pairs of one half, and how many false ones were made."""

    name: str
    true_pairs: int
    merged: int
    queued: int
    merged_wrongly: int
    queued_needlessly: int
    shared_doors: int
    """Pairs of different services at one door, in both halves."""
    shared_merged: int
    """Those of them that were merged: none may be."""
    unpartnered: int
    """Records that are in one register only: closed, or opened since."""


def truths(city: City, find: Find, inside: Inside, labels: Path) -> list[Truth]:
    """Read the registers of a city whose codes show which of their records are one service."""
    return [_truth(entry, city, find, inside, labels) for entry in city.labelled]


def measure_matching(truth: Truth, *, epsg: int) -> MatchingOutcome:
    """Match the records, and compare with the truth on the half that no weight was fitted to.

    Parameters
    ----------
    truth : Truth
        Labelled records.
    epsg : int
        The projected reference system of the city.

    Returns
    -------
    MatchingOutcome
        Counts of pairs.
    """
    matches = match(truth.services, epsg=epsg)
    merged = {pair for group in matches.groups for pair in combinations(group, 2)}
    queued = {(pair.left_id, pair.right_id) for pair in matches.queue}
    same = _true_pairs(truth)
    judged = {pair for pair in merged | queued if _is_judged(truth, pair)}
    doors = _shared_doors(truth, epsg)
    partners = Counter(truth.label.values())
    return MatchingOutcome(
        name=truth.name,
        true_pairs=len(same),
        merged=len(same & merged),
        queued=len(same & queued),
        merged_wrongly=len((judged & merged) - same),
        queued_needlessly=len((judged & queued) - same),
        shared_doors=len(doors),
        shared_merged=len(doors & merged),
        unpartnered=sum(
            partners[label] == 1 for label in truth.label.values() if not for_fitting(label)
        ),
    )


def fit_weights(cases: Sequence[Truth], *, epsg: int) -> dict[str, dict[str, float]]:
    """Count what each level of likeness is worth, on the fitting half.

    Parameters
    ----------
    cases : sequence of Truth
        Labelled records.
    epsg : int
        The projected reference system of the city.

    Returns
    -------
    dict
        Bits by field and level, and the prior's under ``prior``; half a pair is added to each
        count, so that what was never seen is not impossible.
    """
    counts = {name: np.full((2, len(LIKENESS_LEVELS[name]) - 1), 0.5) for name in LIKENESS_LEVELS}
    pairs = np.full(2, 0.5)
    for truth in cases:
        level, same, chosen = _compared(truth, epsg)
        for truly in (True, False):
            rows = chosen & (same == truly)
            pairs[int(truly)] += rows.sum()
            for name, table in counts.items():
                seen = level[name][rows]
                table[int(truly)] += np.bincount(seen, minlength=len(LIKENESS_LEVELS[name]))[:-1]
    bits = {
        name: {
            level: round(
                log2((table[1, row] / table[1].sum()) / (table[0, row] / table[0].sum())), 1
            )
            for row, level in enumerate(LIKENESS_LEVELS[name][:-1])
        }
        for name, table in counts.items()
    }
    return bits | {"prior": {"prior": round(log2(pairs[1] / pairs[0]), 1)}}


def for_fitting(label: str) -> bool:
    """Whether a label belongs to the half that weights are fitted to: by its hash, so it stays."""
    return hashlib.sha256(label.encode()).digest()[-1] % 2 == 0


def _truth(entry: Labelled, city: City, find: Find, inside: Inside, labels: Path) -> Truth:
    services: list[Service] = []
    label: dict[str, str] = {}
    judged = _judged(labels / entry.judged) if entry.judged else {}
    for source_id, column in entry.columns.items():
        # What the catalogue leaves out as superseded is just what is compared here.
        register = source(source_id).model_copy(update={"skip": ()})
        table = read_table(register, find(register))
        records = read_services(register, table, city, inside).services
        services += records
        codes = {
            f"{source_id}:{register.value(row.texts, 'key')}": row.texts[column].lstrip("0")
            for row in table.rows
        }
        code_of = {service.service_id: codes[service.service_id] for service in records}
        once = Counter(code_of.values())
        label |= {
            service_id: judged.get((source_id, code), code)
            for service_id, code in code_of.items()
            if once[code] == 1
        }
    partners = Counter(label.values())
    if not entry.complete:
        label = {key: code for key, code in label.items() if partners[code] > 1}
    return Truth(entry.name, services, label)


def _judged(path: Path) -> dict[tuple[str, str], str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["source"], row["code"]): row["same_as"] for row in csv.DictReader(file)}


def _true_pairs(truth: Truth) -> set[tuple[str, str]]:
    by_label: dict[str, list[str]] = {}
    for service_id, label in sorted(truth.label.items()):
        if not for_fitting(label):
            by_label.setdefault(label, []).append(service_id)
    return {pair for ids in by_label.values() for pair in combinations(ids, 2)}


def _is_judged(truth: Truth, pair: tuple[str, str]) -> bool:
    labels = [truth.label.get(service_id) for service_id in pair]
    return all(label is not None and not for_fitting(label) for label in labels)


def _compared(truth: Truth, epsg: int) -> tuple[dict[str, npt.NDArray[np.int64]], Bools, Bools]:
    rows = records(truth.services, epsg=epsg)
    left, right = candidates(rows)
    ids = [service.service_id for service in truth.services]
    pairs = [(ids[rows.service[i]], ids[rows.service[j]]) for i, j in zip(left, right, strict=True)]
    labels = [(truth.label.get(first), truth.label.get(second)) for first, second in pairs]
    same = np.array([first is not None and first == second for first, second in labels], bool)
    chosen = np.array([_fits(pair) for pair in labels], bool)
    apart = [rows.source[i] != rows.source[j] for i, j in zip(left, right, strict=True)]
    return levels(rows, left, right), same, chosen & np.array(apart, bool)


def _fits(labels: tuple[str | None, ...]) -> bool:
    return all(label is not None for label in labels) and for_fitting(min(filter(None, labels)))


def _shared_doors(truth: Truth, epsg: int) -> set[tuple[str, str]]:
    rows = records(truth.services, epsg=epsg)
    left, right = candidates(rows)
    place = levels(rows, left, right)["place"] == LIKENESS_LEVELS["place"].index("door")
    ids = [service.service_id for service in truth.services]
    pairs = {
        (min(pair), max(pair))
        for pair in (
            (ids[rows.service[left[k]]], ids[rows.service[right[k]]]) for k in np.flatnonzero(place)
        )
    }
    labels = {pair: tuple(map(truth.label.get, pair)) for pair in pairs}
    return {pair for pair, label in labels.items() if all(label) and label[0] != label[1]}
