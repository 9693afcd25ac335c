"""Zones of every category: how many people, how far, how sure, in which order, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa

from mapping import disclosure
from mapping.arrays import Floats, Ints
from mapping.city import City, Completeness
from mapping.coverage import classes
from mapping.coverage.assess import Assessment
from mapping.coverage.classes import (
    CLOSED,
    HOURS_UNKNOWN,
    REASONS,
    SERVED,
    SUITABILITY_UNKNOWN,
    SURE,
    UNSUITABLE,
    UNVERIFIED,
)
from mapping.coverage.confidence.simulate import for_most, interval
from mapping.coverage.study_area import SECTION, StudyArea
from mapping.coverage.weighted import weighted_median
from mapping.crs import WGS84
from mapping.greyzones import lineage, polygons
from mapping.greyzones.polygons import CellMosaic, Zone
from mapping.greyzones.zone_words import GIVEN, Nearest, rank_reason, why
from mapping.tables import GREYZONES
from mapping.territory.areas import Areas

RANKED = [
    "reason", "nearest", "walk_minutes", "rank", "demand", "depth", "confidence",
    "confidence_given",
]  # fmt: skip
SAID = ["nearest_id", "nearest_name", "nearest_minutes", "why", "rank_why"]
TOLD = ["service_id", "name", "status", "assured_date", "error_metres"]
STANDING_OF = {
    "hours_unknown": HOURS_UNKNOWN,
    "suitability_unknown": SUITABILITY_UNKNOWN,
    "records_unverified": UNVERIFIED,
    "all_closed": CLOSED,
    "all_unsuitable": UNSUITABLE,
}
"""Reasons that speak of the nearest service of a standing; the others, of the nearest of any."""
SECONDS_PER_MINUTE = 60
LONGEST_MINUTES = 60
"""A walk longer than this, or none at all, counts as this long where minutes are summed."""


@dataclass(frozen=True)
class ZoneContext:
    """What the zones of all categories are made on; `services` are those of `assess.living`."""

    on: StudyArea
    city: City
    services: gpd.GeoDataFrame

    @property
    def areas(self) -> Areas:
        """The areas of the city."""
        return self.on.areas

    @cached_property
    def board(self) -> CellMosaic:
        """The cells, in degrees: what is joined need not be turned into degrees again."""
        metric = gpd.GeoSeries(self.areas.cells.shapes, crs=self.city.epsg)
        return polygons.mosaic(metric.to_crs(WGS84).to_numpy())

    @cached_property
    def told(self) -> list[dict[str, Any]]:
        """What is told of each service; None where it is not known."""
        known = self.services[TOLD].astype(object)
        rows: list[dict[str, Any]] = known.where(known.notna(), None).to_dict("records")
        return rows


def zones(of: Assessment, field: ZoneContext) -> pd.DataFrame:
    """Join neighbouring cells of one class and reason into zones.

    Parameters
    ----------
    of : Assessment
        One category in one situation.
    field : ZoneContext
        What it was made on.

    Returns
    -------
    DataFrame
        For `zone_table`; empty when the cells are points, which have no border.
    """
    points, people = field.on.points, of.people
    if field.areas.cells.level != SECTION:
        return pd.DataFrame()
    count = len(people)
    main = classes.main_reason(of.reasons, points.weight, points.owner, count)
    found = polygons.zones(field.board, main, np.flatnonzero((main > SERVED) & (people > 0)))
    label = np.full(count, -1)
    for number, zone in enumerate(found):
        label[zone.members] = number
    about = field.city.completeness_of(of.case.category.code)
    said = [_said_of_class(zone.reason) for zone in found]
    frame = pd.DataFrame(said, columns=["class", "reason"]).assign(
        category=of.case.category.code,
        **of.situation._asdict(),
        sections=[len(zone.members) for zone in found],
        walk_minutes=of.case.category.walk_minutes,
        records=len(of.case.rows) + len(of.case.doubt.lost.key),
        confidence=_confidence(of, field, label, len(found)),
        confidence_given=_given(about),
        members=pd.Series([zone.members for zone in found], dtype=object),
        geometry=[field.board.outline(zone.members) for zone in found],
    )
    frame.loc[frame["class"] == "crowded", "confidence"] = np.nan
    parts = [_places(found, people, field.areas), _crowds(of, label, found)]
    return _ranked(frame.join([*parts, _walks(of, field, label, found)]), about)


def zone_table(
    parts: Sequence[pd.DataFrame], field: ZoneContext, before: pa.Table | None = None
) -> gpd.GeoDataFrame:
    """Name the zones, and put them together.

    Parameters
    ----------
    parts : sequence of DataFrame
        Of `zones`.
    field : ZoneContext
        What they were made on.
    before : pyarrow.Table, optional
        The zones of the edition before, whose ids live on.

    Returns
    -------
    GeoDataFrame
        The columns of `tables.GREYZONES` and the outline in EPSG:4326.
    """
    empty = pd.DataFrame(columns=[*GREYZONES.names, "core", "geometry"])
    frame = pd.concat([part for part in parts if len(part)] or [empty], ignore_index=True)
    frame = _named(frame, field, before)
    return gpd.GeoDataFrame(frame[GREYZONES.names], geometry=list(frame["geometry"]), crs=WGS84)


def _said_of_class(reason: int) -> tuple[str, str]:
    return classes.class_of(reason), REASONS[reason]


def _confidence(of: Assessment, field: ZoneContext, label: Ints, count: int) -> Floats:
    if of.shares is None:
        return np.full(count, np.nan)
    often = for_most(of.shares, (of.people, field.on.factors[of.cv]), label, count)
    return np.round(1 - often, 3)


def _places(found: list[Zone], people: Floats, areas: Areas) -> pd.DataFrame:
    """Name each zone by the NIL, else the municipio, with most of its people."""
    cells, named = areas.cells, len(areas.nil) > 0
    of, parts = (cells.nil, areas.nil) if named else (cells.municipio, areas.municipi)
    part, core = np.empty(len(found), np.int64), []
    for number, zone in enumerate(found):
        weight = people[zone.members]
        part[number] = np.bincount(of[zone.members], weight, len(parts)).argmax()
        core.append(min(map(str, cells.area_id[zone.members][weight == weight.max()])))
    ids, names = parts["area_id"].to_numpy(object), parts["name"].to_numpy(object)
    above = parts["parent"].to_numpy(object) if named else ids
    nil = ids[part] if named else None
    return pd.DataFrame(
        {"name": names[part], "nil": nil, "municipio": above[part], "core": core}, dtype=object
    )


def _crowds(of: Assessment, label: Ints, found: list[Zone]) -> pd.DataFrame:
    """Count people, and how many they may be; of a single section nothing is said."""
    here, count = label >= 0, len(found)
    total = np.bincount(label[here], of.demand[here], count)
    low, high = interval(of.demand, label, count, of.cv)
    told = np.array([disclosure.tells_zone_people(len(zone.members)) for zone in found], bool)
    columns = {"demand": total, "demand_low": low, "demand_high": high}
    counted = np.bincount(label[here], of.people[here], count)
    return pd.DataFrame(
        {
            **{k: np.where(told, disclosure.rounded(v), np.nan) for k, v in columns.items()},
            "counted": counted,
        }
    )


def _walks(of: Assessment, field: ZoneContext, label: Ints, found: list[Zone]) -> pd.DataFrame:
    """Minutes that are missing, and the service that is the nearest of most people."""
    points, count = field.on.points, len(found)
    at = np.flatnonzero(label[points.owner] >= 0)
    zone = label[points.owner[at]]
    weight = of.people[points.owner[at]] * points.weight[at]
    seconds, sure = of.walk.seconds[at], of.walk.by_standing[SURE][at]
    walk = of.case.category.walk_minutes * SECONDS_PER_MINUTE
    # Where a record is within the walk, but not sure, people would have to go to one that is.
    gap = np.where(seconds <= walk, sure, seconds) - walk
    longest = LONGEST_MINUTES * SECONDS_PER_MINUTE - walk
    full = np.clip(np.nan_to_num(gap, nan=longest), 0, longest)
    depth = np.bincount(zone, weight * full, count) / np.bincount(zone, weight, count)
    missing = weighted_median(gap.clip(min=0), weight, zone, count)
    return pd.DataFrame(
        {
            "seconds": weighted_median(seconds, weight, zone, count).round(1),
            "minutes_missing": (missing / SECONDS_PER_MINUTE).round(1),
            "depth": (depth / walk).round(3),
            "nearest": _nearest(of, field, (at, zone, weight), [one.reason for one in found]),
        }
    )


def _nearest(
    of: Assessment, field: ZoneContext, points: tuple[Ints, Ints, Floats], reasons: list[int]
) -> list[Nearest | None]:
    """Of each zone the service that its reason is about, the nearest of most of its people."""
    at, zone, weight = points
    standing = np.array([STANDING_OF.get(REASONS[reason], -1) for reason in reasons])[zone]
    record, seconds = of.walk.target[at, 0], of.walk.seconds[at]
    for code in set(standing.tolist()) - {-1}:
        mine = standing == code
        record = np.where(mine, of.walk.of_standing[code][at], record)
        seconds = np.where(mine, of.walk.by_standing[code][at], seconds)
    here = np.flatnonzero(record >= 0)
    size = len(of.case.rows) + 1
    pairs, which = np.unique(zone[here] * size + record[here], return_inverse=True)
    crowd = np.bincount(which, weight[here], len(pairs))
    walks = weighted_median(seconds[here], weight[here], which, len(pairs))
    found: list[Nearest | None] = [None] * len(reasons)
    # The largest crowd is written last; of equal ones the first record.
    for pair in np.lexsort((-pairs, crowd)):
        of_zone, chosen = divmod(int(pairs[pair]), size)
        found[of_zone] = Nearest(field.told[of.case.rows[chosen]], float(walks[pair]))
    return found


def _ranked(frame: pd.DataFrame, about: Completeness) -> pd.DataFrame:
    """Put the zones of one category in order, and say why in words."""
    people = frame["counted"].fillna(0) * frame["depth"] * frame["confidence"].fillna(1)
    order = np.lexsort((frame["core"].astype(str), -frame["counted"].fillna(0), -people))
    rank = np.empty(len(frame), int)
    rank[order] = np.arange(1, len(frame) + 1)
    frame = frame.assign(rank=rank)
    rows = [
        {str(key): value for key, value in row.items()} for row in frame[RANKED].to_dict("records")
    ]
    said = [_said(row, about, len(rows)) for row in rows]
    return frame.join(pd.DataFrame(said, frame.index, SAID))


def _said(row: dict[str, Any], about: Completeness, of: int) -> tuple[object, ...]:
    near: Nearest | None = row["nearest"]
    words = why(row["reason"], near, row["walk_minutes"], about), rank_reason(row, of)
    if near is None:
        return None, None, None, *words
    return near.service["service_id"], near.service["name"], near.minutes, *words


def _named(frame: pd.DataFrame, field: ZoneContext, before: pa.Table | None) -> pd.DataFrame:
    ids = field.areas.cells.area_id.astype(str)
    kinds = zip(*(frame[name] for name in lineage.KIND), strict=True)
    fresh = [
        lineage.Fresh(tuple(map(str, kind)), members, core)
        for kind, members, core in zip(kinds, frame["members"], frame["core"], strict=True)
    ]
    past = [] if before is None else lineage.known(before, ids)
    residents = np.nan_to_num(field.areas.cells.residents)
    names = [ids[members].tolist() for members in frame["members"]]
    return frame.assign(zone_id=lineage.zone_ids(fresh, past, residents), members=names)


def _given(about: Completeness) -> str:
    if about.status == "complete":
        return GIVEN["complete"]
    return GIVEN["records" if about.known_total is None else "known_total"]
