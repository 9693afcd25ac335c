"""Table of grey zones: people, missing minutes, nearest service, sureness and rank of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa

from mapping import disclosure
from mapping.arrays import Bools, Floats, Ints
from mapping.city import City
from mapping.coverage import classes
from mapping.coverage.case_measure import Assessment
from mapping.coverage.classes import (
    CLOSED,
    HOURS_UNKNOWN,
    REASONS,
    SERVED,
    SUITABILITY_UNKNOWN,
    SURE,
    UNSUITABLE,
    UNVERIFIED,
    WalkTimes,
)
from mapping.coverage.confidence.simulate import for_most, interval
from mapping.coverage.confidence.sureness import UNKNOWN, of_all, sureness
from mapping.coverage.origins import Points
from mapping.coverage.service_status import contradicted, statuses
from mapping.coverage.study_area import StudyArea
from mapping.coverage.weighted import mean_of, weighted_median
from mapping.crs import WGS84
from mapping.disclosure import SECTION
from mapping.greyzones import lineage, polygons
from mapping.greyzones.columns import GREYZONES
from mapping.greyzones.depth import LONGEST_MINUTES
from mapping.greyzones.hexagons import hexagon_nodes
from mapping.greyzones.polygons import CellMosaic, Zone
from mapping.greyzones.ranking import PointsInside, StreetRanking, makes_none, ranked
from mapping.greyzones.whom_to_call import (
    alone_in_reach,
    enough_by_a_yes,
    first_in_doubt,
    of_most,
)
from mapping.tables import (
    SECONDS_PER_MINUTE,
    SETTLED_BY_A_CALL,
    SURENESS,
)
from mapping.territory.areas import Areas
from mapping.walk_words import whole_minutes

SERVICE = ["service_id", "name", "status", "assured_date", "error_metres", "published_lon"]
"""Columns of `tables.SERVICES` that a zone repeats of its nearest service."""
CALL = {
    "call_id": "service_id", "call_name": "name", "call_address": "address", "call_phone": "phone",
}  # fmt: skip
"""What `greyzones.columns.GREYZONES` tells of whom to ask, and its columns in `tables.SERVICES`."""
PLACES = ["name", "names", "nil", "municipio", "core"]
"""What is told of where a zone lies, and its section with most people."""
NEAREST = [
    "nearest_id", "nearest_name", "nearest_status", "nearest_assured_date", "nearest_error_metres",
]  # fmt: skip
"""The first of these in `greyzones.columns.GREYZONES`, in the same order."""
STATUS_OF = {
    "hours_unknown": HOURS_UNKNOWN,
    "suitability_unknown": SUITABILITY_UNKNOWN,
    "records_unverified": UNVERIFIED,
    "all_closed": CLOSED,
    "all_unsuitable": UNSUITABLE,
}
"""The status of the service that a reason is about; other reasons are about any service."""
HEXAGON_METRES = 250.0
"""From side to side: hexagons that are as usual a unit as sections."""


@dataclass(frozen=True)
class Nearest:
    """The service that is the nearest of most people of a zone, and the zone's own median walk.

    NaN seconds: half of the zone reaches none.
    """

    service: Mapping[str, Any]
    seconds: float

    @property
    def minutes(self) -> int | None:
        """Minutes of the walk."""
        return None if np.isnan(self.seconds) else whole_minutes(self.seconds)


@dataclass(frozen=True)
class ZoneContext:
    """What the zones of all categories are made from; `services` are the living ones."""

    study_area: StudyArea
    city: City
    services: gpd.GeoDataFrame

    @property
    def areas(self) -> Areas:
        """The areas of the city."""
        return self.study_area.areas

    @cached_property
    def mosaic(self) -> CellMosaic:
        """The cells in degrees, so that joined zones need not be transformed again."""
        metric = gpd.GeoSeries(self.areas.cells.shapes, crs=self.city.epsg)
        return polygons.mosaic(metric.to_crs(WGS84).to_numpy())

    @cached_property
    def hexagon(self) -> Ints:
        """The hexagon of each point where people set out."""
        points = self.study_area.points
        return hexagon_nodes(points.x, points.y, HEXAGON_METRES)[1]

    @cached_property
    def service_rows(self) -> list[dict[str, Any]]:
        """The columns `SERVICE` and `CALL` of each; None where a value is not known."""
        columns = self.services[list({*SERVICE, *CALL.values()})].astype(object)
        rows: list[dict[str, Any]] = columns.where(columns.notna(), None).to_dict("records")
        return rows


def zones(assessment: Assessment, context: ZoneContext) -> pd.DataFrame:
    """Join neighbouring cells of one class and reason into the zones of one assessment.

    The frame is for `zone_table`; it is empty when the cells are points, which have no border.
    """
    points, people = context.study_area.points, assessment.people
    if context.areas.cells.level != SECTION:
        return pd.DataFrame()
    count = len(people)
    main = classes.main_reason(assessment.reasons, points.weight, points.owner, count)
    grey = np.flatnonzero((main > SERVED) & (people > 0))
    zone_list = polygons.zones(context.mosaic, main, _units(main, context.areas), grey)
    label = np.full(count, -1)
    for number, zone in enumerate(zone_list):
        label[zone.members] = number
    completeness = context.city.completeness_of(assessment.case.category.code)
    reasons = [(classes.class_of(zone.reason), REASONS[zone.reason]) for zone in zone_list]
    frame = pd.DataFrame(reasons, columns=["class", "reason"]).assign(
        category=assessment.case.category.code,
        **assessment.situation._asdict(),
        sections=[len(zone.members) for zone in zone_list],
        walk_minutes=assessment.case.category.walk_minutes,
        records=int((~assessment.case.supply.outside).sum()) + len(assessment.case.lost),
        known_total=pd.Series([completeness.known_total] * len(zone_list), dtype=object),
        members=pd.Series([zone.members for zone in zone_list], dtype=object),
        geometry=[context.mosaic.outline(zone.members) for zone in zone_list],
    )
    inside = _points_inside(assessment, points, label)
    parts: list[pd.DataFrame | pd.Series] = [
        _places(zone_list, people, context.areas),
        _crowds(assessment, context, label, zone_list),
        _walks(assessment, assessment.walk, inside, zone_list),
        _nearest_columns(_nearest(assessment, assessment.walk, context, inside, zone_list)),
        _estimated(assessment, context, inside, zone_list),
        _calls(assessment, context, inside, zone_list),
        _declared(assessment, inside, zone_list),
    ]
    frame = frame.join(parts)
    likelihood = _likelihood(assessment, context, inside, zone_list, frame["demand"])
    frame = frame.join(likelihood)
    undone = makes_none(assessment, context.hexagon, inside, len(zone_list))
    is_declared = assessment.case.category.is_demand_declared
    along = _along_streets(assessment, context, inside, zone_list)
    return ranked(frame, undone, along, is_declared=is_declared)


def _along_streets(
    assessment: Assessment, context: ZoneContext, inside: PointsInside, zone_list: list[Zone]
) -> StreetRanking | None:
    """Give what ranks the same zones along known streets alone; None where nothing else does."""
    if assessment.walk.by_streets is None:
        return None
    by_streets = replace(assessment, walk=assessment.walk.by_streets)
    return StreetRanking(
        _walks(by_streets, by_streets.walk, inside, zone_list)["depth"].to_numpy(float),
        _calls(by_streets, context, inside, zone_list)["call_people"].to_numpy(float),
        makes_none(by_streets, context.hexagon, inside, len(zone_list)),
    )


def _units(reasons: Ints, areas: Areas) -> Ints:
    """Give the NIL, else the municipio, of each cell in doubt: doubts are settled place by place.

    An absence goes as far as it goes, and its unit is the whole city, -1.
    """
    parts = areas.cells.nil if len(areas.nil) else areas.cells.municipio
    units: Ints = np.where(np.isin(reasons, classes.ABSENCES), -1, parts)
    return units


def zone_table(
    parts: Sequence[pd.DataFrame], context: ZoneContext, before: pa.Table | None = None
) -> gpd.GeoDataFrame:
    """Put the zones of all categories in one table, and give each its id.

    Zones of the edition `before` hand their ids on. Outlines are in EPSG:4326.
    """
    empty = pd.DataFrame(columns=[*GREYZONES.names, "core", "geometry"])
    frame = pd.concat([part for part in parts if len(part)] or [empty], ignore_index=True)
    frame = _named(frame, context, before)
    return gpd.GeoDataFrame(frame[GREYZONES.names], geometry=list(frame["geometry"]), crs=WGS84)


def _points_inside(assessment: Assessment, points: Points, label: Ints) -> PointsInside:
    everybody, zone = assessment.people[points.owner] * points.weight, label[points.owner]
    at = np.flatnonzero(zone >= 0)
    return PointsInside(at, zone[at], everybody[at], everybody, label)


def _likelihood(
    assessment: Assessment,
    context: ZoneContext,
    inside: PointsInside,
    zone_list: list[Zone],
    demand: pd.Series,
) -> pd.DataFrame:
    """Say how likely a record in hand still serves each zone; a small one has the word alone."""
    count = len(zone_list)
    people = assessment.people, context.study_area.factors[assessment.cv]
    low = high = np.full(count, np.nan)
    if assessment.shares is not None:
        low, high = (
            np.round(for_most(drawn, people, inside.label, count), 2) for drawn in assessment.shares
        )
    absent = np.isin([zone.reason for zone in zone_list], classes.ABSENCES)
    near = assessment.walk.along_streets.seconds[inside.at] <= assessment.case.category.walk_seconds
    within = mean_of(near.astype(float), inside.weight, inside.zone, count)
    words = np.array(SURENESS, object)[of_all(sureness(low, high, absent), within)]
    # A number beside "not known" would pass for what is known; one section has no count of people.
    is_said = words != SURENESS[UNKNOWN]
    low_told, high_told = map(disclosure.disclosed_probability, (low, high))
    is_large = (demand >= disclosure.MIN_SHARED_PEOPLE).to_numpy(bool)
    return pd.DataFrame(
        {
            "sureness": words,
            "absence": 1 - high,
            "probability_low": np.where(is_large & is_said, low_told, np.nan),
            "probability_high": np.where(is_large & is_said, high_told, np.nan),
        }
    )


def _places(zone_list: list[Zone], people: Floats, areas: Areas) -> pd.DataFrame:
    """Name each zone by the NIL, else the municipi, in which its people live, most first."""
    cells, named = areas.cells, len(areas.nil) > 0
    part_of, parts = (cells.nil, areas.nil) if named else (cells.municipio, areas.municipi)
    ids, names = parts["area_id"].to_numpy(object), parts["name"].to_numpy(object)
    above = parts["parent"].to_numpy(object) if named else ids
    rows = []
    for zone in zone_list:
        weight = people[zone.members]
        crowd = np.bincount(part_of[zone.members], weight, len(parts))
        order = np.argsort(-crowd, kind="stable")
        of_people = order[crowd[order] > 0]
        part = order[0]
        rows.append(
            {
                "name": names[part],
                "names": names[of_people].tolist(),
                "nil": ids[part] if named else None,
                "municipio": above[part],
                "core": min(map(str, cells.area_id[zone.members][weight == weight.max()])),
            }
        )
    return pd.DataFrame(rows, columns=PLACES, dtype=object)


def _crowds(
    assessment: Assessment, context: ZoneContext, label: Ints, zone_list: list[Zone]
) -> pd.DataFrame:
    """Count people, of children with an interval; None where they are not published.

    How far off residents and women are nobody has measured.
    """
    in_zone, count = label >= 0, len(zone_list)
    total = np.bincount(label[in_zone], assessment.demand[in_zone], count)
    lows, highs = zip(
        *(
            interval(demand, label, count, assessment.cv)
            for demand in assessment.profiles or (assessment.demand,)
        ),
        strict=True,
    )
    low, high = np.min(lows, axis=0), np.max(highs, axis=0)
    if assessment.case.category.counted_ages is None:
        low = high = np.full(count, np.nan)
    is_told = _publishes_people(assessment, context, label, zone_list)
    columns = {"demand": total, "demand_low": low, "demand_high": high}
    return pd.DataFrame(
        {k: np.where(is_told, disclosure.rounded(v), np.nan) for k, v in columns.items()}
    )


def _publishes_people(
    assessment: Assessment, context: ZoneContext, label: Ints, zone_list: list[Zone]
) -> Bools:
    """Flag the zones whose people are published: of several sections, and two counts agree."""
    several = np.array([disclosure.publishes_zone_people(len(z.members)) for z in zone_list], bool)
    if assessment.case.category.counted_ages is None:
        return several
    return several & ~context.areas.cells.disagree(label, len(zone_list))


def _estimated(
    assessment: Assessment, context: ZoneContext, inside: PointsInside, zone_list: list[Zone]
) -> pd.DataFrame:
    """Flag the zones whose minutes, or whose mean, would be others along known streets alone."""
    flags = np.zeros((len(zone_list), 3), bool)
    if assessment.walk.by_streets is not None:
        figures, by_streets = (
            _measured(assessment, walk, context, inside, zone_list)
            for walk in (assessment.walk, assessment.walk.by_streets)
        )
        flags |= classes.differ(figures, by_streets)
    return pd.DataFrame(
        {"estimated": flags[:, :2].any(axis=1), "rests_on_estimate": flags.any(axis=1)}
    )


def _measured(
    assessment: Assessment,
    walk: WalkTimes,
    context: ZoneContext,
    inside: PointsInside,
    zone_list: list[Zone],
) -> Floats:
    """Give the median walk and that to the nearest of each zone, and the mean beyond: (n, 3)."""
    walked = _walks(assessment, walk, inside, zone_list)
    nearest = _nearest(assessment, walk, context, inside, zone_list)
    seconds = np.array([np.nan if each is None else each.seconds for each in nearest], float)
    beyond = walked["depth"] * assessment.case.category.walk_seconds
    return np.column_stack([walked["seconds"], seconds, beyond])


def _walks(
    assessment: Assessment, walk: WalkTimes, inside: PointsInside, zone_list: list[Zone]
) -> pd.DataFrame:
    """Measure the median walk of each zone, and the minutes beyond the acceptable one.

    In a doubt nobody knows that any are missing: only its `depth`, by which it is ranked, is told.
    """
    at, zone, weight = inside[:3]
    count = len(zone_list)
    seconds, sure = walk.seconds[at], walk.by_status[SURE][at]
    acceptable = assessment.case.category.walk_seconds
    # Where a record is within the walk, but not sure, people would have to go to one that is.
    gap = np.where(seconds <= acceptable, sure, seconds) - acceptable
    longest = LONGEST_MINUTES * SECONDS_PER_MINUTE - acceptable
    full = np.clip(np.nan_to_num(gap, nan=longest), 0, longest)
    depth = mean_of(full, weight, zone, count)
    is_cut = np.bincount(zone, ~(gap < longest) & (weight > 0), count) > 0
    over = 1000 * depth / acceptable
    missing = weighted_median(gap.clip(min=0), weight, zone, count)
    minutes = pd.Series((missing / SECONDS_PER_MINUTE).round(1), dtype=object)
    absent = np.isin([each.reason for each in zone_list], classes.ABSENCES)
    return pd.DataFrame(
        {
            "seconds": weighted_median(seconds, weight, zone, count).round(1),
            "minutes_missing": minutes.where(absent, None),
            "depth": np.where(is_cut, np.floor(over + 1e-9), over.round()) / 1000,
            "depth_at_least": is_cut,
        }
    )


def _nearest(
    assessment: Assessment,
    walk: WalkTimes,
    context: ZoneContext,
    inside: PointsInside,
    zone_list: list[Zone],
) -> list[Nearest | None]:
    """Find the service that the reason of each zone is about, nearest to most of its people.

    The walk is the median of the whole zone, each to their own: that to the one alone would be told
    of those who do not go there.
    """
    at, zone, weight = inside[:3]
    rows = assessment.case.rows
    status = np.array([STATUS_OF.get(REASONS[each.reason], -1) for each in zone_list])[zone]
    uncertain = np.array([REASONS[each.reason] == "position_uncertain" for each in zone_list], bool)
    first = np.where(uncertain[zone], first_in_doubt(assessment, walk, at), 0)
    record, seconds = walk.target[at, first], walk.nearest[at, first]
    for code in set(status.tolist()) - {-1}:
        of_status = status == code
        record = np.where(of_status, walk.of_status[code][at], record)
        seconds = np.where(of_status, walk.by_status[code][at], seconds)
    medians = weighted_median(seconds, weight, zone, len(zone_list))
    reached = record >= 0
    chosen, _ = of_most(zone[reached], record[reached], weight[reached], len(zone_list))
    return [
        Nearest(context.service_rows[rows[row]], float(median)) if row >= 0 else None
        for row, median in zip(chosen, medians, strict=True)
    ]


def _calls(
    assessment: Assessment, context: ZoneContext, inside: PointsInside, zone_list: list[Zone]
) -> pd.DataFrame:
    """Find the service of each zone whose yes is enough for most, and for how many.

    It is within their walk however far off its position may be. Where just that is in doubt it is
    the service that is the only one for most, and its entrance has to be measured. People are None
    for a single section, and where nobody counts them.
    """
    called = np.array([REASONS[each.reason] in SETTLED_BY_A_CALL for each in zone_list], bool)
    is_told = _publishes_people(assessment, context, inside.label, zone_list)
    in_zone = inside.label >= 0
    demand = np.bincount(inside.label[in_zone], assessment.demand[in_zone], len(zone_list))
    # Where residents stand in for whom nobody declared, or counts, there is no number of them.
    is_counted = is_told & called & ~np.isnan(demand)
    chosen, enough, alone = _answers(assessment, context, inside, zone_list)
    nobody: dict[str, Any] = {}
    rows = assessment.case.rows
    services = [
        context.service_rows[rows[row]] if settles and crowd > 0 else nobody
        for row, settles, crowd in zip(chosen, called, enough, strict=True)
    ]
    columns = {name: [row.get(own) for row in services] for name, own in CALL.items()}
    people = {"call_people": enough, "call_alone": alone}
    return pd.DataFrame(columns, dtype=object).assign(
        **{k: np.where(is_counted, disclosure.rounded(v), np.nan) for k, v in people.items()}
    )


def _answers(
    assessment: Assessment, context: ZoneContext, inside: PointsInside, zone_list: list[Zone]
) -> tuple[Ints, Floats, Floats]:
    """Choose a service of each zone, -1 for none; count whom its yes is enough for, and is alone.

    The only service that may serve somebody is alone there: after its no there is none.
    """
    count, zone, weight = len(zone_list), inside.zone, inside.weight
    measured = np.array([REASONS[z.reason] == "position_uncertain" for z in zone_list], bool)[zone]
    known = statuses(
        assessment.case.supply, assessment.situation, ways_known=context.study_area.ways_known
    )
    sole = alone_in_reach(assessment, inside.at, measured)
    point, record = enough_by_a_yes(assessment, inside.at, known)
    by_call, by_measure = ~measured[point], np.flatnonzero(measured & (sole >= 0))
    point = np.concatenate([point[by_call], by_measure])
    record = np.concatenate([record[by_call], sole[by_measure]])
    chosen, enough = of_most(zone[point], record, weight[point], count)
    is_alone = (record == chosen[zone[point]]) & (sole[point] == record)
    alone: Floats = np.bincount(zone[point], weight[point] * is_alone, count).astype(float)
    return chosen, enough, alone


def _declared(assessment: Assessment, inside: PointsInside, zone_list: list[Zone]) -> pd.DataFrame:
    """Name the premises, in reach of most people of each zone, that its reason is about."""
    at, zone, weight = inside[:3]
    about = np.array([REASONS[each.reason] == "premises_declared" for each in zone_list], bool)
    premises, known = assessment.case.declared, assessment.declared
    row = np.full(len(at), -1) if known is None else known[at]
    in_reach = np.flatnonzero((row >= 0) & about[zone])
    chosen, _ = of_most(zone[in_reach], row[in_reach], weight[in_reach], len(zone_list))
    columns = {"premises_name": premises.name, "premises_basis": premises.basis}
    return pd.DataFrame(
        {
            name: [values[n] if n >= 0 else None for n in chosen.tolist()]
            for name, values in columns.items()
        },
        dtype=object,
    )


def _nearest_columns(nearest: Sequence[Nearest | None]) -> pd.DataFrame:
    """Give the nearest services as columns; None where no service can be reached."""
    no_service = (None,) * (len(SERVICE) + 1)
    rows = [
        (*(service.service[name] for name in SERVICE), service.minutes) if service else no_service
        for service in nearest
    ]
    names = [*NEAREST, "published_lon", "nearest_minutes"]
    frame = pd.DataFrame(rows, columns=names, dtype=object)
    is_either = contradicted(frame["nearest_error_metres"], frame.pop("published_lon"))
    return frame.assign(nearest_two_places=is_either)


def _named(frame: pd.DataFrame, context: ZoneContext, before: pa.Table | None) -> pd.DataFrame:
    ids = context.areas.cells.area_id.astype(str)
    kinds = zip(*(frame[name] for name in lineage.KIND), strict=True)
    fresh = [
        lineage.NewZone(tuple(map(str, kind)), members, core)
        for kind, members, core in zip(kinds, frame["members"], frame["core"], strict=True)
    ]
    past = [] if before is None else lineage.known_zones(before, ids)
    residents = np.nan_to_num(context.areas.cells.residents)
    names = [ids[members].tolist() for members in frame["members"]]
    return frame.assign(zone_id=lineage.zone_ids(fresh, past, residents), members=names)
