"""Coverage and grey zones of every category, from services, streets and people."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapping import coverage, greyzones, population, travel
from mapping.areas import Areas, Cells
from mapping.city import City, published_categories
from mapping.coverage import FAR, REASONS, SERVED, UNPEOPLED, Evidence, Points, Walk
from mapping.crs import WGS84
from mapping.network import OFF_NETWORK_METRES, Network, Snaps
from mapping.profiles import profile
from mapping.tables import COVERAGE, GREYZONES, ROUTED, THRESHOLDS_MINUTES
from mapping.taxonomy import Category, category
from mapping.travel import Graph

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
PROFILE, WINDOW = "adult", "any"


@dataclass(frozen=True)
class Ground:
    """What every category is measured on: the points where people set out, and the streets.

    `caps` gives the municipi in which civic numbers of each postcode stand.
    """

    areas: Areas
    points: Points
    graph: Graph | None
    snaps: Snaps | None
    caps: Mapping[str, set[str]] = field(default_factory=dict)

    @property
    def off_network(self) -> npt.NDArray[np.bool_]:
        """Points farther from any street than may be called on the network."""
        if self.snaps is None:
            return np.zeros(len(self.points.x), bool)
        return self.snaps.snap_metres > OFF_NETWORK_METRES


@dataclass(frozen=True)
class Assessment:
    """One category on one ground: per point the seconds, the reason, and how many it stands for."""

    category: Category
    walk: Walk
    reasons: Ints
    records: int
    estimated: bool
    demand: Floats
    """People of each cell whom the category serves; NaN where their ages are not known."""


def ground(areas: Areas, network: Network | None, caps: Mapping[str, set[str]]) -> Ground:
    """Spread the people of the city over its streets.

    Parameters
    ----------
    areas : Areas
        The city's areas.
    network : Network or None
        The streets; without them times are estimated.
    caps : mapping of str to set of str
        Postcode to municipi.

    Returns
    -------
    Ground
        Points with their snaps.
    """
    cells = areas.cells
    if network is not None and cells.outlined:
        points = coverage.street_points(network, cells.shapes)
        graph = travel.graph(network, profile(PROFILE))
        return Ground(areas, points, graph, graph.snap(points.x, points.y), caps)
    if cells.level == "section" or not cells.outlined:
        return Ground(areas, coverage.area_points(_inside(cells)), None, None, caps)
    return Ground(areas, coverage.surface_points(cells.shapes), None, None, caps)


def assess(services: gpd.GeoDataFrame, on: Ground, city: City) -> list[Assessment]:
    """Measure every published category.

    Parameters
    ----------
    services : GeoDataFrame
        The columns of `tables.SERVICES`.
    on : Ground
        Points and streets.
    city : City
        Declares which lists are complete.

    Returns
    -------
    list of Assessment
        In the order of the taxonomy.
    """
    living = services[services["status"] != "defunct"]
    return [_assess(living, category(code), on, city) for code in published_categories()]


def coverage_table(assessments: list[Assessment], on: Ground) -> pd.DataFrame:
    """Summarise the assessments by cell, NIL, municipio and city, as far as the city has them.

    Parameters
    ----------
    assessments : list of Assessment
        Of `assess`.
    on : Ground
        The ground on which they were made.

    Returns
    -------
    DataFrame
        The columns of `tables.COVERAGE`.
    """
    cells, owner = on.areas.cells, on.points.owner
    levels: list[tuple[str, Ints, npt.NDArray[np.object_]]] = [
        ("municipality", np.zeros(len(owner), np.int64), _city_id(on.areas))
    ]
    if on.areas.divided:
        ids = on.areas.municipi["area_id"].to_numpy(object)
        levels.append(("municipio", cells.municipio[owner], ids))
    if len(on.areas.nil):
        levels.append(("nil", cells.nil[owner], on.areas.nil["area_id"].to_numpy(object)))
    if cells.level == "section":
        levels.append(("section", owner, cells.area_id))
    parts = [
        _summary(assessment, on, level, groups, ids)
        for assessment in assessments
        for level, groups, ids in levels
    ]
    return pd.concat(parts, ignore_index=True)[COVERAGE.names]


def greyzone_table(assessments: list[Assessment], on: Ground, city: City) -> gpd.GeoDataFrame:
    """Join neighbouring cells of one class and reason into zones, category by category.

    Parameters
    ----------
    assessments : list of Assessment
        Of `assess`.
    on : Ground
        The ground on which they were made.
    city : City
        Gives the reference system.

    Returns
    -------
    GeoDataFrame
        The columns of `tables.GREYZONES` and the outline in EPSG:4326; empty when the cells are
        points, which have no border.
    """
    rows: list[dict[str, object]] = []
    outlines: list[shapely.Geometry] = []
    if on.areas.cells.level == "section":
        pairs = greyzones.neighbours(on.areas.cells.shapes)
        for assessment in assessments:
            for zone, row in _zones(assessment, on, pairs):
                outlines.append(zone.outline)
                rows.append(row)
    frame = pd.DataFrame(rows, columns=GREYZONES.names)
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(outlines, crs=city.epsg)).to_crs(WGS84)


def _assess(services: gpd.GeoDataFrame, kind: Category, on: Ground, city: City) -> Assessment:
    records = services[services["categories"].map(lambda codes: kind.code in codes).astype(bool)]
    routed = records[records["precision"].isin(ROUTED)]
    walk = _walk(routed, on, city)
    lost = np.isnan(walk.seconds) & (len(routed) > 0)
    evidence = Evidence(
        complete=city.completeness_of(kind.code).status == "complete",
        estimated=on.graph is None,
        off_network=on.off_network | lost,
        unplaced=_unplaced(records[~records["precision"].isin(ROUTED)], on)[on.points.owner],
    )
    reasons = coverage.classify(walk, evidence, kind.walk_minutes * 60.0)
    cells = on.areas.cells
    ages = None
    if kind.age_min_months is not None and kind.age_max_months is not None:
        ages = (kind.age_min_months, kind.age_max_months)
    people = population.demand(cells.bands, cells.residents, ages)
    return Assessment(kind, walk, reasons, len(records), on.graph is None, people)


def _walk(routed: gpd.GeoDataFrame, on: Ground, city: City) -> Walk:
    firm = ((routed["status"] == "active") & ~routed["stale"].astype(bool)).to_numpy()
    metric = routed.geometry.to_crs(city.epsg)
    x, y = metric.x.to_numpy(), metric.y.to_numpy()
    seconds, nearest = _seconds(x, y, on)
    firm_seconds, _ = _seconds(x[firm], y[firm], on)
    errors = routed["error_metres"].fillna(0).to_numpy(float)
    error = np.where(nearest >= 0, errors[nearest], 0.0) if len(errors) else np.zeros(len(seconds))
    speed = profile(PROFILE).metres_per_second
    return Walk(seconds, firm_seconds, error / speed)


def _seconds(x: Floats, y: Floats, on: Ground) -> tuple[Floats, Ints]:
    if on.graph is None or on.snaps is None:
        speed = profile(PROFILE).metres_per_second
        return travel.nearest_straight(on.points.x, on.points.y, x, y, metres_per_second=speed)
    targets = travel.targets(on.graph, on.graph.snap(x, y))
    seconds, nearest = travel.nearest_k(on.graph, on.snaps, targets, count=1)
    return seconds[:, 0], nearest[:, 0]


def _unplaced(records: gpd.GeoDataFrame, on: Ground) -> npt.NDArray[np.bool_]:
    # A record known only by its municipio or postcode may be anywhere in it; else, anywhere.
    ids = on.areas.municipi["area_id"].to_numpy(object)[on.areas.cells.municipio]
    everywhere = set(map(str, ids))
    possible: set[str] = set()
    for municipio, cap in zip(records["municipio"], records["cap"], strict=True):
        possible |= {municipio} if isinstance(municipio, str) else on.caps.get(cap, everywhere)
    return np.isin(ids.astype(str), sorted(possible))


def _summary(
    assessment: Assessment,
    on: Ground,
    level: str,
    groups: Ints,
    ids: npt.NDArray[np.object_],
) -> pd.DataFrame:
    weights, people = _weights(assessment, on, level)
    count, seconds, reasons = len(ids), assessment.walk.seconds, assessment.reasons
    cells = on.areas.cells
    residents = np.bincount(groups, cells.residents[on.points.owner] * on.points.weight, count)
    median = coverage.weighted_median(seconds, weights, groups, count)
    shares = coverage.shares_within(seconds, weights, groups, count)
    classes = {
        "share_served": coverage.share_of(reasons == SERVED, weights, groups, count),
        "share_far": coverage.share_of(reasons == FAR, weights, groups, count),
    }
    classes["share_unsure"] = 1 - classes["share_served"] - classes["share_far"]
    main = coverage.main_reason(reasons, weights, groups, count)
    frame = pd.DataFrame(
        {
            "level": level,
            "area_id": ids,
            "category": assessment.category.code,
            "profile": PROFILE,
            "window": WINDOW,
            "demand": population.rounded(np.bincount(groups, people, count)),
            "seconds": np.round(median, 1),
            **{f"share_{m}": shares[:, i] for i, m in enumerate(THRESHOLDS_MINUTES)},
            **{name: np.clip(share, 0, 1) for name, share in classes.items()},
            "class": [coverage.class_of(code) for code in main],
            "reason": [REASONS[code] for code in main],
            "estimated": assessment.estimated,
        }
    )
    if level == "section":
        frame = _without_people(frame)
    uncounted = np.isnan(residents)
    # Nobody knows how many live there: nothing is said of how many have a service near.
    frame.loc[uncounted, ["class", "reason"]] = "unsure", UNPEOPLED
    return frame[uncounted | ((residents > 0) & (main >= 0))]


def _weights(assessment: Assessment, on: Ground, level: str) -> tuple[Floats, Floats]:
    owner, share = on.points.owner, on.points.weight
    people = assessment.demand[owner] * share
    if level == "section":
        return share, people
    # Where the ages are not known, residents stand in as weights; no count of people is published.
    return np.where(np.isnan(people), on.areas.cells.residents[owner] * share, people), people


def _without_people(frame: pd.DataFrame) -> pd.DataFrame:
    # Sections publish class and minutes only: nobody is to be found by the numbers of a block.
    hidden = ["demand", *[c for c in COVERAGE.names if c.startswith("share_")]]
    return frame.assign(**dict.fromkeys(hidden, np.nan))


def _zones(
    assessment: Assessment, on: Ground, pairs: tuple[Ints, Ints]
) -> list[tuple[greyzones.Zone, dict[str, object]]]:
    cells, points = on.areas.cells, on.points
    count = len(cells.residents)
    main = coverage.main_reason(assessment.reasons, points.weight, points.owner, count)
    people = np.where(np.isnan(assessment.demand), cells.residents, assessment.demand)
    grey = np.flatnonzero((main > SERVED) & (people > 0))
    zones = greyzones.zones(cells.shapes, main, grey, pairs)
    label = np.full(count, -1)
    for number, zone in enumerate(zones):
        label[zone.members] = number
    here = label[points.owner] >= 0
    medians = coverage.weighted_median(
        assessment.walk.seconds[here],
        (people[points.owner] * points.weight)[here],
        label[points.owner][here],
        len(zones),
    )
    return [
        (zone, _zone_row(assessment, on.areas, zone, people, seconds))
        for zone, seconds in zip(zones, medians, strict=True)
    ]


def _zone_row(
    assessment: Assessment, areas: Areas, zone: greyzones.Zone, people: Floats, seconds: float
) -> dict[str, object]:
    cells, named = areas.cells, len(areas.nil) > 0
    of, parts = (cells.nil, areas.nil) if named else (cells.municipio, areas.municipi)
    by_part = np.bincount(of[zone.members], people[zone.members], len(parts))
    part = parts.iloc[int(by_part.argmax())]
    total = population.rounded(assessment.demand[zone.members].sum())
    class_name = coverage.class_of(zone.reason)
    kind = assessment.category
    ids = [str(area_id) for area_id in cells.area_id[zone.members]]
    return {
        "zone_id": greyzones.zone_id(kind.code, class_name, ids),
        "category": kind.code,
        "class": class_name,
        "reason": REASONS[zone.reason],
        "name": part["name"],
        "nil": part["area_id"] if named else None,
        "municipio": part["parent"] if named else part["area_id"],
        "sections": len(ids),
        "demand": total if len(ids) > 1 else np.nan,
        "seconds": round(float(seconds), 1),
        "walk_minutes": kind.walk_minutes,
        "records": assessment.records,
    }


def _inside(cells: Cells) -> npt.NDArray[np.object_]:
    points: npt.NDArray[np.object_] = shapely.point_on_surface(cells.shapes)
    return points


def _city_id(areas: Areas) -> npt.NDArray[np.object_]:
    frame = areas.frame
    ids: npt.NDArray[np.object_] = frame.loc[frame["level"] == "municipality", "area_id"].to_numpy()
    return ids
