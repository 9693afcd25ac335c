"""An area's sheet: who lives there, how far they walk, how evenly, compared with the city."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow.compute as pc
import shapely

from api.planner.screen import rows_of
from api.planner.view import CITY, View
from mapping.coverage import inequality
from mapping.coverage.class_words import answer, knows_admission
from mapping.coverage.list_words import class_shares
from mapping.coverage.whole_percents import whole_percents
from mapping.disclosure import SECTION, publishes_curve, publishes_people
from mapping.edition.edition import Edition
from mapping.edition.geoparquet import geometries
from mapping.edition.queries import completeness, likely, outgrown_census
from mapping.lookup.nearest import Lookup
from mapping.tables import AGE_BANDS, CLASSES, POSTCODE, THRESHOLDS_MINUTES, Row
from mapping.walk_words import Basis, share_basis

CurvePoint = tuple[float, float]


@dataclass(frozen=True)
class DrawnCurve:
    """How minutes are shared among the people of a territory: points from (0, 0) to (1, 1)."""

    name: str
    points: Sequence[CurvePoint]
    indices: Mapping[str, Any]
    """Its row of `tables.EQUITY`; empty where none is published."""


@dataclass(frozen=True)
class AreaSheet:
    """The figures of one area; shares are 0 to 1."""

    level: str
    area: Row
    coverage: Row | None
    """Its coverage; None where nobody of the category lives there."""
    city: Row
    parents: Sequence[Row]
    """The areas that it lies in, the smallest first."""
    bounds: tuple[float, float, float, float]
    """West, south, east, north."""
    walks: Sequence[tuple[tuple[float, Basis], tuple[float, Basis]]]
    """Shares of the area and of the city by `bins`, and on what each rests."""
    classes: Sequence[tuple[str, float, float]]
    """Class, and the shares of the area and of the city."""
    ages: Sequence[tuple[str, int, float, float]]
    """Age band, children of the area, and the shares of the children of the area and the city."""
    curves: Sequence[DrawnCurve]
    """With people in the order of their minutes: of the area or the municipio around it, and of the
    city."""
    by_income: DrawnCurve | None
    """The city's, postcodes in the order of their income, lowest first; None where too few of them
    are known."""
    zones: Sequence[Row]
    """Its grey zones."""

    @property
    def likely(self) -> tuple[float, float] | None:
        """Between which probabilities a known service near by is still active."""
        return None if self.coverage is None else likely(self.coverage)

    @property
    def outgrown(self) -> float | None:
        """How many times its residents at the census live there, where its ages tell nothing."""
        return outgrown_census(self.area)

    @property
    def may_come(self) -> str:
        """Who may come to what is near."""
        return answer(self.coverage or {}, "may_come")

    @property
    def has_room(self) -> str:
        """Whether what is near has room."""
        return answer(self.coverage or {}, "has_room")

    @property
    def knows_admission(self) -> bool:
        """Whether either is known."""
        return knows_admission([self.coverage or {}])

    @property
    def shows_people(self) -> bool:
        """Whether people and shares of people may be shown of the area."""
        return publishes_people(self.level)


def bins() -> list[tuple[int, int | None]]:
    """List the minutes by which walks are counted: more than the first, up to the second."""
    return [*pairwise((0, *THRESHOLDS_MINUTES)), (THRESHOLDS_MINUTES[-1], None)]


def sheet(edition: Edition, lookup: Lookup, view: View, zones: Sequence[Row]) -> AreaSheet:
    """Gather the figures of the area that a view names; of a section only its class and minutes."""
    level, _, area_id = view.area.partition(":")
    city = rows_of(edition, view, CITY)[0]
    area = _area(lookup, level, area_id)
    coverage = _row_of(rows_of(edition, view, level), area_id)
    parents = _parents(lookup, area)
    has_people = publishes_people(level)
    equity = _equity(edition, view) if has_people else []
    declared = completeness(edition, [view.category])[view.category]
    return AreaSheet(
        level,
        area,
        coverage,
        city,
        parents,
        _bounds(edition, level, area_id),
        _walks(coverage, city) if coverage and has_people else (),
        _classes(coverage, city, declared) if coverage and has_people else (),
        _ages(area, city) if has_people else (),
        _curves(edition, lookup, view, [area, *parents], equity) if has_people else (),
        _by_income(equity),
        [zone for zone in zones if _reaches(zone, area)],
    )


def _reaches(zone: Row, area: Row) -> bool:
    """Whether people of a zone live in an area; of one larger than those that name it, most."""
    named = "nil" if zone["nil"] else "municipio"
    if area["level"] == named and area["name"] in (zone.get("names") or ()):
        return True
    return bool(zone.get(area["level"]) == area["area_id"])


def _area(lookup: Lookup, level: str, area_id: str) -> Row:
    area = _row_of(lookup.areas(level), area_id)
    assert area is not None  # noqa: S101 - `read_view` has looked
    return area


def _row_of(rows: Sequence[Row], area_id: str) -> Row | None:
    return next((row for row in rows if row["area_id"] == area_id), None)


def _parents(lookup: Lookup, area: Row) -> list[Row]:
    parents: list[Row] = []
    for level in reversed(_above(lookup, area["level"])):
        child = parents[-1] if parents else area
        row = _row_of(lookup.areas(level), child["parent"] or "")
        parents += [row] if row else []
    return parents


def _above(lookup: Lookup, level: str) -> list[str]:
    named = [name for name in lookup.levels if name != CITY]
    if level == SECTION:
        return named[::-1]
    return named[named.index(level) + 1 :][::-1] if level in named else []


def _bounds(edition: Edition, level: str, area_id: str) -> tuple[float, float, float, float]:
    is_area = (pc.field("level") == level) & (pc.field("area_id") == area_id)
    shape = geometries(edition.areas.filter(is_area))[0]
    west, south, east, north = (round(value, 5) for value in shapely.bounds(shape).tolist())
    return west, south, east, north


def _walks(area: Row, city: Row) -> list[tuple[tuple[float, Basis], tuple[float, Basis]]]:
    columns = [f"share_{minutes}" for minutes in THRESHOLDS_MINUTES]
    if any(row[name] is None for name in columns for row in (area, city)):
        return []  # of few people no share is told
    return list(zip(*(_steps(row, columns) for row in (area, city)), strict=True))


def _steps(row: Row, columns: Sequence[str]) -> list[tuple[float, Basis]]:
    """Share an area's people out among `bins`, and say on what each share rests."""
    bases = [share_basis(row, name) for name in columns]
    reached = [row[name] for name in columns]
    along = [
        share if basis.streets is None else basis.streets
        for share, basis in zip(reached, bases, strict=True)
    ]
    is_all = any(basis.estimated and basis.streets is None for basis in bases)
    steps, by_streets = (
        whole_percents(np.diff([0.0, *shares, 1.0]).clip(0).tolist()) for shares in (reached, along)
    )
    return [
        (own, Basis(estimated=is_all) if own == other else Basis(estimated=True, streets=other))
        for own, other in zip(steps, by_streets, strict=True)
    ]


def _classes(area: Row, city: Row, declared: Row) -> list[tuple[str, float, float]]:
    if any(row["share_served"] is None for row in (area, city)):
        return []  # of few people no share is told
    # Of an absence that cannot be told there is no bar.
    shares = [class_shares(row, declared).values() for row in (area, city)]
    return [
        (name, own, whole)
        for name, own, whole in zip(CLASSES, *shares, strict=True)
        if own is not None and whole is not None and (own or whole)
    ]


def _ages(area: Row, city: Row) -> list[tuple[str, int, float, float]]:
    counts = [[row[band] for band in AGE_BANDS] for row in (area, city)]
    if any(count is None for ages in counts for count in ages) or not all(map(sum, counts)):
        return []
    shares = [whole_percents([count / sum(ages) for count in ages]) for ages in counts]
    return list(zip(AGE_BANDS, counts[0], *shares, strict=True))


def tenths(curves: Sequence[DrawnCurve]) -> list[tuple[float, ...]]:
    """Read curves at each tenth of the people.

    A row holds the share of the people, then the share of the minutes on each curve.
    """
    at = [tenth / 10 for tenth in range(1, 11)]
    drawn = [np.array(curve.points) for curve in curves]
    values = [np.interp(at, points[:, 0], points[:, 1]).tolist() for points in drawn]
    return list(zip(at, *values, strict=True))


def _curves(
    edition: Edition, lookup: Lookup, view: View, around: Sequence[Row], equity: Sequence[Row]
) -> list[DrawnCurve]:
    """Draw the curves of the nearest territory around an area that has several parts."""
    parts = lookup.levels[0]
    rows = [row for row in rows_of(edition, view, parts) if row["demand"]]
    indices = {row["area_id"]: row for row in equity if row["level"] != POSTCODE}
    curves = []
    for row in around:
        own_parts = [part for part in rows if part["parent"] == row["area_id"]]
        if row["level"] != parts and publishes_curve(len(own_parts)):
            curves.append(_curve(row["name"], own_parts, indices.get(row["area_id"], {})))
            break
    city = rows_of(edition, view, CITY)[0]
    if publishes_curve(len(rows)):
        curves.append(_curve(city["name"], rows, indices.get(city["area_id"], {})))
    return curves


def _curve(name: str, rows: Sequence[Row], indices: Mapping[str, Any]) -> DrawnCurve:
    minutes = [np.nan if row["seconds"] is None else row["seconds"] / 60 for row in rows]
    people = [row["demand"] for row in rows]
    return DrawnCurve(name, _points(inequality.lorenz(minutes, people)), indices)


def _by_income(rows: Sequence[Row]) -> DrawnCurve | None:
    whole = next((row for row in rows if row["level"] == CITY), {})
    # An edition of before the intervals has none, nor the postcodes.
    if whole.get("concentration_low") is None:
        return None
    postcodes = [row for row in rows if row["level"] == POSTCODE]
    columns = ("minutes", "demand", "mean_income_euro")
    values = [[np.nan if row[name] is None else row[name] for row in postcodes] for name in columns]
    return DrawnCurve(CITY, _points(inequality.concentration_curve(*values)), whole)


def _points(curve: inequality.Curve) -> list[CurvePoint]:
    return list(zip(curve.people.tolist(), curve.values.tolist(), strict=True))


def _equity(edition: Edition, view: View) -> list[Row]:
    """Read the published indices: they are computed for an adult at any time."""
    usual = View(category=view.category).situation
    if view.situation != usual or not edition.has("equity.parquet"):
        return []
    rows: list[Row] = edition.rows("equity.parquet", category=view.category).to_pylist()
    return rows
