"""Zones of every category: how many people, how far, how sure, in which order, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from mapping import coverage, greyzones, lineage, population, surety
from mapping.areas import Areas
from mapping.assess import Assessment, Ground
from mapping.city import City, Completeness
from mapping.confidence import Reach, for_most, interval, shares_served
from mapping.coverage import REASONS, SECONDS_PER_MINUTE, SERVED
from mapping.crs import WGS84
from mapping.greyzones import Mosaic, Zone
from mapping.profiles import detour_index, profile
from mapping.strays import Spread, Strays, with_strays
from mapping.tables import GREYZONES
from mapping.worlds import CHILDREN_CV, RESIDENTS_CV, Worlds, factors, serving
from mapping.zonewords import GIVEN, Nearest, rank_reason, why

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SAID = ["nearest_id", "nearest_name", "nearest_minutes", "why", "rank_why"]
TOLD = ["service_id", "name", "status", "assured_date", "error_metres"]
LONGEST_MINUTES = 60
"""A walk longer than this, or none at all, counts as this long where minutes are summed."""


@dataclass(frozen=True)
class Field:
    """What the zones of all categories are made on."""

    on: Ground
    city: City
    today: date

    @property
    def areas(self) -> Areas:
        """The areas of the city."""
        return self.on.areas

    @cached_property
    def board(self) -> Mosaic:
        """The cells, in degrees: what is joined need not be turned into degrees again."""
        metric = gpd.GeoSeries(self.areas.cells.shapes, crs=self.city.epsg)
        return greyzones.mosaic(metric.to_crs(WGS84).to_numpy())

    @cached_property
    def _factors(self) -> dict[float, Worlds]:
        ids = list(map(str, self.areas.cells.area_id))
        return {cv: factors(ids, cv) for cv in (CHILDREN_CV, RESIDENTS_CV)}

    def people(self, case: Assessment) -> tuple[Floats, Worlds]:
        """Weigh the cells by whom the category serves, or else by everybody, world by world.

        Parameters
        ----------
        case : Assessment
            A category.

        Returns
        -------
        tuple of ndarray
            People of each cell, and their factors.
        """
        counted = np.where(np.isnan(case.demand), self.areas.cells.residents, case.demand)
        return counted, self._factors[_cv(case)]


def zone_table(
    cases: Sequence[Assessment], field: Field, before: pa.Table | None = None
) -> gpd.GeoDataFrame:
    """Join neighbouring cells of one class and reason into zones, category by category.

    Parameters
    ----------
    cases : sequence of Assessment
        Of `assess.assess`.
    field : Field
        What they were made on.
    before : pyarrow.Table, optional
        The zones of the edition before, whose ids live on.

    Returns
    -------
    GeoDataFrame
        The columns of `tables.GREYZONES` and the outline in EPSG:4326; empty when the cells are
        points, which have no border.
    """
    empty = pd.DataFrame(columns=[*GREYZONES.names, "core", "geometry"])
    parts = [_zones(case, field) for case in cases] if field.areas.cells.level == "section" else []
    frame = pd.concat([part for part in parts if len(part)] or [empty], ignore_index=True)
    frame = _named(frame, field, before)
    return gpd.GeoDataFrame(frame[GREYZONES.names], geometry=list(frame["geometry"]), crs=WGS84)


def shares(case: Assessment, field: Field) -> Worlds:
    """Share of each cell, in each world, that has a service within the walk.

    Parameters
    ----------
    case : Assessment
        A category.
    field : Field
        What it was measured on.

    Returns
    -------
    ndarray of float, shape (cells, WORLDS)
        Shares in [0, 1].
    """
    walk = case.category.walk_minutes * SECONDS_PER_MINUTE
    reach = Reach(float(walk), detour_index() / profile(case.profile).metres_per_second)
    placed, lost = (
        surety.records(rows, epsg=field.city.epsg, today=field.today)
        for rows in (case.placed, case.unplaced)
    )
    strays = Strays(
        lost,
        surety.possible(case.unplaced, field.areas, field.on.caps),
        field.city.completeness_of(case.category.code).known_total,
        serving(placed).sum(axis=0),
        case.category.code,
    )
    near = shares_served(field.on.points, case.near, placed, reach)
    people, _ = field.people(case)
    return with_strays(near, Spread(field.on.points, people), strays, reach)


def _zones(case: Assessment, field: Field) -> pd.DataFrame:
    points, people = field.on.points, field.people(case)
    count = len(people[0])
    main = coverage.main_reason(case.reasons, points.weight, points.owner, count)
    found = greyzones.zones(field.board, main, np.flatnonzero((main > SERVED) & (people[0] > 0)))
    label = np.full(count, -1)
    for number, zone in enumerate(found):
        label[zone.members] = number
    about = field.city.completeness_of(case.category.code)
    frame = pd.DataFrame(
        {
            "category": case.category.code,
            "profile": case.profile,
            "window": case.window,
            "class": [coverage.class_of(zone.reason) for zone in found],
            "reason": [REASONS[zone.reason] for zone in found],
            "sections": [len(zone.members) for zone in found],
            "walk_minutes": case.category.walk_minutes,
            "records": len(case.placed) + len(case.unplaced),
            "confidence": (
                1 - for_most(shares(case, field), people, label, len(found))
            ).round(3) if not case.estimated else np.nan,
            "confidence_given": _given(about),
            "members": [list(map(str, field.areas.cells.area_id[z.members])) for z in found],
            "geometry": [field.board.outline(zone.members) for zone in found],
        }
    )  # fmt: skip
    frame = frame.join(_places(found, people[0], field.areas)).join(_crowds(case, label, found))
    return _ranked(frame.join(_walks(case, field, label, found)), about)


def _places(found: list[Zone], people: Floats, areas: Areas) -> pd.DataFrame:
    """Name each zone by the NIL, else the municipio, with most of its people."""
    cells, named = areas.cells, len(areas.nil) > 0
    of, parts = (cells.nil, areas.nil) if named else (cells.municipio, areas.municipi)
    rows = []
    for zone in found:
        weight = people[zone.members]
        part = parts.iloc[int(np.bincount(of[zone.members], weight, len(parts)).argmax())]
        core = min(cells.area_id[zone.members][weight == weight.max()], key=str)
        nil, municipio = (part["area_id"], part["parent"]) if named else (None, part["area_id"])
        rows.append((part["name"], nil, municipio, str(core)))
    return pd.DataFrame(rows, columns=["name", "nil", "municipio", "core"])


def _crowds(case: Assessment, label: Ints, found: list[Zone]) -> pd.DataFrame:
    """Count people, and how many they may be; of a single section nothing is said."""
    here, count = label >= 0, len(found)
    total = np.bincount(label[here], case.demand[here], count)
    low, high = interval(case.demand, label, count, _cv(case))
    alone = np.array([len(zone.members) == 1 for zone in found], bool)
    columns = {"demand": total, "demand_low": low, "demand_high": high}
    return pd.DataFrame(
        {
            **{k: np.where(alone, np.nan, population.rounded(v)) for k, v in columns.items()},
            "counted": total,
        }
    )


def _walks(case: Assessment, field: Field, label: Ints, found: list[Zone]) -> pd.DataFrame:
    """Minutes that are missing, and the service that is the nearest of most people."""
    points, count = field.on.points, len(found)
    zone = label[points.owner]
    here = zone >= 0
    weight = (field.people(case)[0][points.owner] * points.weight)[here]
    seconds, sure = case.walk.seconds[here], case.walk.firm_seconds[here]
    walk = case.category.walk_minutes * SECONDS_PER_MINUTE
    # Where a record is within the walk, but not sure, people would have to go to one that is.
    gap = np.where(seconds <= walk, sure, seconds) - walk
    longest = LONGEST_MINUTES * SECONDS_PER_MINUTE - walk
    full = np.clip(np.nan_to_num(gap, nan=longest), 0, longest)
    depth = np.bincount(zone[here], weight * full, count) / np.bincount(zone[here], weight, count)
    medians = coverage.weighted_median(seconds, weight, zone[here], count)
    missing = coverage.weighted_median(gap.clip(min=0), weight, zone[here], count)
    nearest = _nearest(case, zone, field.people(case)[0][points.owner] * points.weight, count)
    return pd.DataFrame(
        {
            "seconds": medians.round(1),
            "minutes_missing": (missing / SECONDS_PER_MINUTE).round(1),
            "depth": (depth / walk).round(3),
            "nearest": nearest,
        }
    )


def _nearest(case: Assessment, zone: Ints, weight: Floats, count: int) -> list[Nearest | None]:
    first = case.near.record[:, 0] if case.near.record.shape[1] else np.full(len(zone), -1)
    here = np.flatnonzero((zone >= 0) & (first >= 0))
    size = max(len(case.placed), 1)
    pairs, at = np.unique(zone[here] * size + first[here], return_inverse=True)
    crowd = np.bincount(at, weight[here], len(pairs))
    walks = coverage.weighted_median(case.walk.seconds[here], weight[here], at, len(pairs))
    known = case.placed[TOLD].astype(object)
    services = known.where(known.notna(), None).to_dict("records")
    found: list[Nearest | None] = [None] * count
    # The largest crowd is written last; of equal ones the first record.
    for pair in np.lexsort((-pairs, crowd)):
        of, record = divmod(int(pairs[pair]), size)
        found[of] = Nearest(services[record], float(walks[pair]))
    return found


def _ranked(frame: pd.DataFrame, about: Completeness) -> pd.DataFrame:
    """Put the zones of one category in order, and say why in words."""
    people = frame["counted"].fillna(0) * frame["depth"] * frame["confidence"].fillna(1)
    order = np.lexsort((frame["core"].astype(str), -frame["counted"].fillna(0), -people))
    rank = np.empty(len(frame), int)
    rank[order] = np.arange(1, len(frame) + 1)
    frame = frame.assign(rank=rank)
    rows = [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
    said = [_said(row, about, len(rows)) for row in rows]
    return frame.join(pd.DataFrame(said, frame.index, SAID))


def _said(row: dict[str, Any], about: Completeness, of: int) -> tuple[object, ...]:
    near: Nearest | None = row["nearest"]
    words = why(row["reason"], near, row["walk_minutes"], about), rank_reason(row, of)
    if near is None:
        return None, None, None, *words
    return near.service["service_id"], near.service["name"], near.minutes, *words


def _named(frame: pd.DataFrame, field: Field, before: pa.Table | None) -> pd.DataFrame:
    ids = field.areas.cells.area_id.astype(str)
    place = pd.Index(ids)
    kinds = zip(*(frame[name] for name in lineage.KIND), strict=True)
    fresh = [
        lineage.Fresh(tuple(map(str, kind)), place.get_indexer(members), core)
        for kind, members, core in zip(kinds, frame["members"], frame["core"], strict=True)
    ]
    past = [] if before is None else lineage.known(before, ids)
    residents = np.nan_to_num(field.areas.cells.residents)
    return frame.assign(zone_id=lineage.zone_ids(fresh, past, residents))


def _given(about: Completeness) -> str:
    if about.status == "complete":
        return GIVEN["complete"]
    return GIVEN["records" if about.known_total is None else "known_total"]


def _cv(case: Assessment) -> float:
    return RESIDENTS_CV if case.category.age_min_months is None else CHILDREN_CV
