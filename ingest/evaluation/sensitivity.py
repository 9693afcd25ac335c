"""How much of what is said of a category hangs on its assumptions: one is changed at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely

from mapping.arrays import Bools, Floats, Ints
from mapping.coverage.case_measure import Assessment, CaseMeasure
from mapping.coverage.cases import Case
from mapping.coverage.classes import CLASS_OF, FAR, SERVED, SURE, Kinds, main_reason
from mapping.coverage.situations import ADULT, BASE
from mapping.coverage.study_area import StudyArea
from mapping.greyzones import polygons
from mapping.greyzones.depth import LONGEST_MINUTES
from mapping.greyzones.hexagons import hexagon_nodes, most_lack
from mapping.greyzones.zone_table import ZoneContext, zones
from mapping.tables import SECONDS_PER_MINUTE
from mapping.walking import routing
from mapping.walking.profiles import profile

Shapes = np.ndarray[tuple[int], np.dtype[np.object_]]
FIRST = 10
"""Zones that people look at."""
_CLASSES = list(dict.fromkeys(CLASS_OF.values()))
_CLASS = np.array([_CLASSES.index(name) for name in CLASS_OF.values()])


@dataclass(frozen=True, eq=False)
class Reading:
    """What a category comes to under some assumptions, by the n points where people start.

    `beyond` marks the points whose walk to the nearest record is longer than the acceptable one;
    `first` gives for each point the number of its zone among the first ten, -1 for none.
    """

    people: Floats
    reasons: Kinds
    beyond: Bools
    first: Ints

    @property
    def people_beyond(self) -> float:
        """People whose nearest record is beyond the walk, whatever its state."""
        return float(self.people[self.beyond].sum())

    @property
    def people_far(self) -> float:
        """People of class `far`."""
        return float(self.people[self.reasons == FAR].sum())

    @property
    def people_served(self) -> float:
        """People of class `served`."""
        return float(self.people[self.reasons == SERVED].sum())

    def changed(self, base: "Reading") -> float:
        """Share of the people whose class is another than in `base`."""
        differs = _CLASS[self.reasons] != _CLASS[base.reasons]
        return float(self.people[differs].sum() / self.people.sum())

    def zones_staying(self, base: "Reading") -> tuple[int, int]:
        """Count the first zones of `base` that have most people in one of ours, and all of them."""
        count = int(base.first.max(initial=-1)) + 1
        inside = base.first >= 0
        zone, people = base.first[inside], base.people[inside]
        whole = np.bincount(zone, people, count)
        stays = np.bincount(zone, people * (self.first[inside] >= 0), count)
        return int((stays >= whole / 2).sum()), count


@dataclass(frozen=True, eq=False)
class Units:
    """A partition of the city: the unit of each point, and the outlines of the units."""

    unit: Ints
    shapes: Shapes


def read_case(case: Case, study_area: StudyArea, context: ZoneContext, ranking: str) -> Reading:
    """Measure a category as a build does, and take the first zones of one of its rankings.

    Parameters
    ----------
    case : Case
        The category as an adult walks to it.
    study_area : StudyArea
        Streets and people.
    context : ZoneContext
        The same, and the services that the case was listed from.
    ranking : str
        ``ascertained`` or ``to_check``.

    Returns
    -------
    Reading
        In the usual situation.
    """
    assessment = assess_base(case, study_area)
    table = zones(assessment, replace(context, study_area=study_area))
    owner = study_area.points.owner
    first = np.full(len(assessment.people), -1)
    if len(table):
        listed = table[(table["ranking"] == ranking) & (table["rank"] <= FIRST)]
        for number, members in enumerate(listed.sort_values("rank")["members"]):
            first[members] = number
    return _reading(assessment, study_area, assessment.reasons, first[owner])


def without_sure(assessment: Assessment) -> Bools:
    """Flag the points beyond the walk to every service that surely serves.

    Parameters
    ----------
    assessment : Assessment
        Of one category and walk.

    Returns
    -------
    ndarray of bool, shape (p,)
        Of its points.
    """
    seconds = assessment.walk.by_status[SURE]
    return ~(seconds <= assessment.case.category.walk_seconds)


def zones_without(
    table: pd.DataFrame, assessment: Assessment, study_area: StudyArea, lacks: Bools
) -> int:
    """Count the zones of which most people lack a service.

    Parameters
    ----------
    table : DataFrame
        Zones, with `members`.
    assessment : Assessment
        Whose people live in them.
    study_area : StudyArea
        Where they set out.
    lacks : ndarray of bool, shape (n,)
        Which points are without.

    Returns
    -------
    int
        Zones.
    """
    points = study_area.points
    zone = np.full(len(assessment.people), -1)
    for number, members in enumerate(table["members"]):
        zone[members] = number
    at = np.flatnonzero(zone[points.owner] >= 0)
    label, people = zone[points.owner[at]], _people_at(assessment, study_area)[at]
    return len(np.unique(label[most_lack(label, people, lacks[at])]))


def read_units(assessment: Assessment, study_area: StudyArea, units: Units) -> Reading:
    """Give every point the class of most people of its unit, and join units into zones.

    Zones are of people who are not served, ranked by people and minutes missing alone: what is
    compared is the unit.

    Parameters
    ----------
    assessment : Assessment
        The category as measured at the points.
    study_area : StudyArea
        Streets and people.
    units : Units
        How the city is cut.

    Returns
    -------
    Reading
        By unit.
    """
    weight = _people_at(assessment, study_area)
    count = len(units.shapes)
    main = main_reason(assessment.reasons, weight, units.unit, count)
    people = np.bincount(units.unit, weight, count)
    grey = np.flatnonzero((main > SERVED) & (people > 0))
    minutes = np.bincount(units.unit, weight * _missing(assessment), count)
    anywhere = np.zeros(count, np.int64)
    joined = polygons.zones(polygons.mosaic(units.shapes), main, anywhere, grey)
    score = [-minutes[zone.members].sum() for zone in joined]
    first = np.full(count, -1)
    for number, zone in enumerate(np.argsort(score, kind="stable")[:FIRST]):
        first[joined[zone].members] = number
    reasons = main[units.unit].astype(np.int8)
    return _reading(assessment, study_area, reasons, first[units.unit])


def assess_base(case: Case, study_area: StudyArea) -> Assessment:
    """Measure a case in the usual situation."""
    measure = CaseMeasure(case, study_area)
    return measure.assessment(measure.walks(BASE))


def within_minutes(case: Case, minutes: float) -> Case:
    """Change the acceptable walk of a case.

    Walking f times as fast is the same as accepting f times the minutes: every walk, error and
    distance from the border is compared with metres, the product of both.
    """
    return replace(case, category=case.category.model_copy(update={"walk_minutes": minutes}))


def with_waits(study_area: StudyArea, crossing_seconds: float) -> StudyArea:
    """Let adults wait at every crossing."""
    walker = study_area.walkers[ADULT]
    graph = routing.graph(walker.graph.network, profile(ADULT), crossing_seconds)
    return replace(study_area, walkers={**study_area.walkers, ADULT: walker._replace(graph=graph)})


def sections(study_area: StudyArea) -> Units:
    """Cut the city into its sections."""
    return Units(study_area.points.owner, study_area.areas.cells.shapes)


def quarters(study_area: StudyArea, epsg: int) -> Units:
    """Cut the city into its NIL."""
    shapes = study_area.areas.nil.geometry.to_crs(epsg).to_numpy()
    return Units(study_area.areas.cells.nil[study_area.points.owner], shapes)


def hexagons(x: Floats, y: Floats, metres: float) -> Units:
    """Cut a city into regular hexagons.

    Parameters
    ----------
    x, y : ndarray of float, shape (n,)
        The points, metres.
    metres : float
        From side to opposite side, and from middle to middle.

    Returns
    -------
    Units
        The hexagons that hold a point; neighbours have corners in common to the last digit.
    """
    used, unit = hexagon_nodes(x, y, metres)
    # Corners lie on a finer grid: halves of a step east, sixths north.
    corners = np.array([(0, 2), (1, 1), (1, -1), (0, -2), (-1, -1), (-1, 1)])
    fine = used[:, None, :] * (1, 3) + corners
    rings = fine * np.array([metres / 2, metres * np.sqrt(3) / 6])
    return Units(unit, shapely.polygons(rings))


def _reading(assessment: Assessment, study_area: StudyArea, reasons: Kinds, first: Ints) -> Reading:
    limit = assessment.case.category.walk_seconds
    beyond = ~(assessment.walk.seconds <= limit)
    return Reading(_people_at(assessment, study_area), reasons, beyond, first)


def _people_at(assessment: Assessment, study_area: StudyArea) -> Floats:
    points = study_area.points
    people: Floats = assessment.people[points.owner] * points.weight
    return people


def _missing(assessment: Assessment) -> Floats:
    limit = assessment.case.category.walk_seconds
    longest = LONGEST_MINUTES * SECONDS_PER_MINUTE - limit
    gap = np.clip(np.nan_to_num(assessment.walk.seconds - limit, nan=longest), 0, longest)
    return np.asarray(gap, float)


def case_of(cases: Sequence[Case], code: str) -> Case:
    """Find the case of a category as an adult walks."""
    return next(c for c in cases if (c.category.code, c.profile) == (code, ADULT))
