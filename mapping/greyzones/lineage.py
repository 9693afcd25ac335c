"""Stable ids of grey zones, and what became of each zone between two editions."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mapping.arrays import Floats, Ints

Kind = tuple[str, ...]
State = Literal["appeared", "grew", "unchanged", "shrank", "closed"]

KIND: Final = ("category", "profile", "window", "requirement", "class")
"""Only zones that agree in all of these are compared."""
HALF: Final = 0.5


class KnownZone(NamedTuple):
    """A zone of the previous edition; `members` index into the areas of this one."""

    zone_id: str
    kind: Kind
    members: Ints


class NewZone(NamedTuple):
    """A zone of this edition without an id yet; `core` is the area with most of its people."""

    kind: Kind
    members: Ints
    core: str


@dataclass(frozen=True)
class ZoneChange:
    """What became of one zone; None where an edition lacks the zone, or publishes no number.

    `demand` is people, rounded as published.
    """

    zone_id: str
    category: str
    name: str
    names: list[str]
    state: State
    demand_before: int | None
    demand_after: int | None
    sections_before: int | None
    sections_after: int | None


def known_zones(zones: pa.Table, area_ids: npt.NDArray[np.object_]) -> list[KnownZone]:
    """Read the zones of an edition.

    Parameters
    ----------
    zones : pyarrow.Table
        Of `greyzones.columns.GREYZONES`.
    area_ids : ndarray of str, shape (areas,)
        The areas of now; others are left out of the zones.

    Returns
    -------
    list of KnownZone
        In their order; empty when the edition is older than such ids.
    """
    if not {"zone_id", "members", *KIND} <= set(zones.column_names):
        return []
    lists = zones["members"].combine_chunks()
    ids = pa.array(area_ids.tolist(), pa.string())
    index = pc.fill_null(pc.index_in(lists.flatten(), ids), -1).to_numpy().astype(np.int64)
    parts = np.split(index, np.cumsum(lists.value_lengths())[:-1]) if len(zones) else []
    kinds = zip(*(zones[name].to_pylist() for name in KIND), strict=True)
    named = zip(zones["zone_id"].to_pylist(), kinds, parts, strict=True)
    return [KnownZone(zone_id, kind, part[part >= 0]) for zone_id, kind, part in named]


def zone_ids(fresh: Sequence[NewZone], before: Sequence[KnownZone], weight: Floats) -> list[str]:
    """Name zones: a zone that goes on keeps its id, another is named after its core.

    A zone goes on in the one that holds most of its people, or most of whose people were its own:
    pairs are taken from the largest overlap on, each zone once. Among equal ones the smaller id
    and the smaller core come first, so that the order of the zones does not matter.

    Parameters
    ----------
    fresh : sequence of NewZone
        The zones of now; those of one kind share no area.
    before : sequence of KnownZone
        Those of the edition before.
    weight : ndarray of float, shape (areas,)
        People of each area, of any age.

    Returns
    -------
    list of str
        An id of each zone, all different, and none that had another meaning before.
    """
    inherited = dict(_pairs(fresh, before, weight))
    taken = {zone.zone_id for zone in before}
    ids: dict[int, str] = {}
    for number in sorted(range(len(fresh)), key=lambda row: (fresh[row].kind, fresh[row].core)):
        ids[number] = inherited.get(number) or _new_id(fresh[number], taken)
        taken.add(ids[number])
    return [ids[number] for number in range(len(fresh))]


def changes(before: pa.Table, after: pa.Table) -> list[ZoneChange]:
    """Compare the zones of two editions, id by id.

    Parameters
    ----------
    before, after : pyarrow.Table
        Of `greyzones.columns.GREYZONES`.

    Returns
    -------
    list of ZoneChange
        Every zone of either, once; those with most people first.
    """
    old, new = _by_id(before), _by_id(after)
    zone_changes = [_change(old.get(zone_id), new.get(zone_id)) for zone_id in old | new]
    return sorted(zone_changes, key=lambda change: (-_people(change), change.zone_id))


def _pairs(
    fresh: Sequence[NewZone], before: Sequence[KnownZone], weight: Floats
) -> Iterator[tuple[int, str]]:
    by_kind: dict[Kind, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for number, zone in enumerate(fresh):
        by_kind[zone.kind][0].append(number)
    for number, earlier in enumerate(before):
        by_kind[earlier.kind][1].append(number)
    for new, old in by_kind.values():
        yield from _paired([(n, fresh[n]) for n in new], [before[n] for n in old], weight)


def _paired(
    fresh: list[tuple[int, NewZone]], before: list[KnownZone], weight: Floats
) -> Iterator[tuple[int, str]]:
    old, new = np.full(len(weight), -1), np.full(len(weight), -1)
    for label, earlier in enumerate(before):
        old[earlier.members] = label
    for label, (_, zone) in enumerate(fresh):
        new[zone.members] = label
    both = np.flatnonzero((old >= 0) & (new >= 0))
    # Areas where nobody is counted still tell zones without people apart.
    heavy = weight + 1e-6
    pairs, at = np.unique(np.column_stack([old[both], new[both]]), axis=0, return_inverse=True)
    overlap = np.bincount(at.ravel(), heavy[both], len(pairs))
    had = np.bincount(old[old >= 0], heavy[old >= 0], len(before))
    has = np.bincount(new[new >= 0], heavy[new >= 0], len(fresh))
    inherits = overlap >= HALF * np.minimum(had[pairs[:, 0]], has[pairs[:, 1]])
    ranked = sorted(
        (-size, before[a].zone_id, fresh[b][1].core, a, b)
        for size, (a, b) in zip(overlap[inherits].tolist(), pairs[inherits].tolist(), strict=True)
    )
    gone: set[int] = set()
    done: set[int] = set()
    for _, zone_id, _, a, b in ranked:
        if a not in gone and b not in done:
            gone.add(a)
            done.add(b)
            yield fresh[b][0], zone_id


def _new_id(zone: NewZone, taken: set[str]) -> str:
    plain = "-".join((*zone.kind, zone.core))
    number, zone_id = 1, plain
    while zone_id in taken:
        number += 1
        zone_id = f"{plain}-{number}"
    return zone_id


def _by_id(zones: pa.Table) -> dict[str, dict[str, Any]]:
    columns = ["zone_id", "category", "name", "names", "demand", "sections"]
    # An edition from before them has no names.
    known = [name for name in columns if name in zones.column_names]
    return {row["zone_id"]: row for row in zones.select(known).to_pylist()}


def _change(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> ZoneChange:
    either = new or old or {}
    before, after = old or {}, new or {}
    return ZoneChange(
        either["zone_id"],
        either["category"],
        either["name"],
        either.get("names") or [either["name"]],
        _state(old, new),
        before.get("demand"),
        after.get("demand"),
        before.get("sections"),
        after.get("sections"),
    )


def _state(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> State:
    if old is None:
        return "appeared"
    if new is None:
        return "closed"
    # People of a single section are not published: then the number of sections tells.
    counted = old["demand"] is not None and new["demand"] is not None
    measure = "demand" if counted and old["demand"] != new["demand"] else "sections"
    if new[measure] == old[measure]:
        return "unchanged"
    return "grew" if new[measure] > old[measure] else "shrank"


def _people(change: ZoneChange) -> int:
    return max(change.demand_before or 0, change.demand_after or 0)
