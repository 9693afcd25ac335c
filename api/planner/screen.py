"""The numbers of a planner's screen: a row for each area, its classes, and their sums."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from api.planner.view import CITY, View
from mapping.coverage.class_words import UNKNOWN as UNKNOWN_ANSWER
from mapping.coverage.class_words import answer, knows_admission
from mapping.coverage.list_words import AT_LEAST_COLUMNS, LISTED_COLUMNS, is_complete
from mapping.coverage.situations import Situation
from mapping.disclosure import publishes_people
from mapping.edition.edition import Edition
from mapping.edition.edition_cache import cached_by_edition
from mapping.edition.queries import (
    completeness,
    coverage_table,
    held_indicators,
    likely,
    people_of_class,
    people_of_word,
    require_figures,
)
from mapping.errors import BadInputError
from mapping.indicators import CLASS, NAMED, UNKNOWN, Indicator, Scale, Value, indicators, scale
from mapping.tables import CLASSES, SURENESS, Row
from mapping.walk_words import MEASURED, Basis, is_estimated, share_basis

HELD_TABLES = 48
"""Tables of coverage that stay in memory; one of sections is half a megabyte."""
GRAVITY = ("served", "unsure", "crowded", "unsuitable", "closed", "far")
"""The classes from the least grave."""
_OF_AREAS = (
    "area_id", "name", "parent", "children_0_2", "children_3_5", "children_6_10",
    "children_11_13", "children_14_17", "children_low_income", "mean_income_euro", "residents",
)  # fmt: skip


class ShownValue(NamedTuple):
    """What an indicator is in an area, and on what it rests."""

    value: Value
    basis: Basis = MEASURED


UNREAD = ShownValue(None)


@dataclass(frozen=True)
class Line:
    """One area: its numbers on the map and in the table. Shares are 0 to 1."""

    area_id: str
    name: str
    parent: str | None
    demand: int | None
    value: Value
    step: int
    kind: str
    reason: str
    minutes: float | None
    within: float | None
    sureness: str
    likely: tuple[float, float] | None
    """Between which probabilities a record in hand within the walk still serves."""
    may_come: str = UNKNOWN_ANSWER
    has_room: str = UNKNOWN_ANSWER
    other: Value = None
    other_step: int = UNKNOWN
    estimated: bool = False
    """Whether the minutes rest on straight lines."""
    basis: Basis = MEASURED
    """On what the share within the threshold rests; likewise the value, and the one beside it."""
    value_basis: Basis = MEASURED
    other_basis: Basis = MEASURED

    @property
    def difference(self) -> float | None:
        """The value less the one beside it, where both are numbers."""
        if isinstance(self.value, float) and isinstance(self.other, float):
            return self.value - self.other
        return None

    def gain(self, indicator: Indicator) -> int:
        """Compare the value with the one beside it: 1 better, -1 worse, 0 alike or neutral."""
        if not self.difference or not indicator.better:
            return 0
        return 1 if (self.difference > 0) == (indicator.better == "more") else -1


class AreaTotal(NamedTuple):
    """How many areas there are, their people, and of how many no people are published."""

    areas: int
    people: int | None
    """None where no area publishes its own."""
    unpublished: int


@dataclass(frozen=True)
class Screen:
    """What is shown of a view."""

    view: View
    lines: tuple[Line, ...]
    """Lines in the order of the edition."""
    scale: Scale
    other_scale: Scale
    city: Row
    """The row of the whole city."""
    declared: Mapping[str, Any]
    """How complete the list is."""
    silent: int
    """How many areas have no coverage, since nobody whom the category serves lives there."""

    @property
    def knows_admission(self) -> bool:
        """Whether anything is known, of any area, of who may come or of room."""
        return knows_admission(map(vars, self.lines))

    def is_ranked_by(self, sort: str) -> bool:
        """Whether areas may be put in the order of one of `view.SORTS`.

        Minutes to the services of a list that is not complete, and shares within them, tell where
        those stand that somebody listed: by them no area comes before another.
        """
        shown, second = self.view.shown, self.view.second or self.view.shown
        ranking = {
            "value": (shown,), "other": (second,), "difference": (shown, second),
            "seconds": (indicators()["seconds"],), "within": (indicators()["within"],),
        }.get(sort, ())  # fmt: skip
        return is_complete(self.declared) or not any(map(self._is_of_walks, ranking))

    def _is_of_walks(self, indicator: Indicator) -> bool:
        is_share = indicator.column_of(self.view.threshold) in LISTED_COLUMNS | AT_LEAST_COLUMNS
        return is_share or indicator.unit == "minutes"

    @property
    def sort(self) -> str:
        """By what the lines are put in order."""
        return self.view.sort if self.is_ranked_by(self.view.sort) else "name"

    @property
    def order(self) -> str:
        """Whether they go down or up."""
        return self.view.order if self.is_ranked_by(self.view.sort) else "up"

    @cached_property
    def sorted(self) -> list[Line]:
        """The lines in their order; those without a value are last."""
        # Where the key is the same, those with more people come first.
        lines = sorted(self.lines, key=lambda line: -(line.demand or 0))
        known = [line for line in lines if _key(line, self.sort) is not None]
        rest = [line for line in lines if _key(line, self.sort) is None]
        down = self.order == "down"
        return [*sorted(known, key=lambda line: _key(line, self.sort), reverse=down), *rest]

    def by_area(self, *, other: bool = False) -> dict[int, AreaTotal]:
        """Count areas, and the people of these, by class of the map, or of the map beside it."""
        demands: dict[int, list[int | None]] = {}
        for line in self.lines:
            step = line.other_step if other else line.step
            demands.setdefault(step, []).append(line.demand)
        return {step: _area_total(people) for step, people in demands.items()}

    def own(self, *, other: bool = False) -> dict[int, int | None] | None:
        """Count people of the whole city by their own class, or the word of their own section.

        None of any other indicator, which only areas tell, and where people are not published.
        """
        unit = ((self.view.second if other else None) or self.view.shown).unit
        if unit not in NAMED or not publishes_people(self.view.level):
            return None
        if other and self.view.since:
            return None  # the other edition's city is not read
        return {n: _OWN[unit](self.city, name) for n, name in enumerate(NAMED[unit])}


def _area_total(demands: Sequence[int | None]) -> AreaTotal:
    published = [people for people in demands if people is not None]
    people = sum(published) if published else None
    return AreaTotal(len(demands), people, len(demands) - len(published))


_OWN: Mapping[str, Callable[[Row, str], int | None]] = {
    CLASS: people_of_class,
    "sureness": people_of_word,
}


def screen(edition: Edition, view: View, before: Edition | None = None) -> Screen:
    """Read what a view shows, the same numbers as `/v1/coverage` and `/v1/areas`.

    `before` is the older edition that the view names. Raises BadInputError when an edition lacks
    the level, the situation or the indicator, and RecomputedError when it has no figures to show.
    """
    _require_held(before or edition, view)
    rows = rows_of(edition, view, view.level)
    values = {row["area_id"]: _value(view.shown, row, view) for row in rows}
    own_scale = scale(view.shown, (each.value for each in values.values()))
    others, other_scale = _others(view, rows, before, own_scale)
    lines = [
        _line(
            row,
            values[row["area_id"]],
            others.get(row["area_id"], UNREAD),
            (own_scale, other_scale),
            share_basis(row, f"share_{view.threshold}"),
        )
        for row in rows
    ]
    areas_of_level = sum(level == view.level for level in edition.areas["level"].to_pylist())
    return Screen(
        view,
        tuple(lines),
        own_scale,
        other_scale,
        rows_of(edition, view, CITY)[0],
        completeness(edition, [view.category])[view.category],
        areas_of_level - len(lines),
    )


def _require_held(edition: Edition, view: View) -> None:
    wanted = [indicator for indicator in (view.shown, view.second) if indicator is not None]
    lacking = [indicator.id for indicator in wanted if indicator.id not in held_indicators(edition)]
    if lacking:
        raise BadInputError(
            f"The indicator '{lacking[0]}' is not in this edition, {edition.id}. Choose another"
            " one, or run `prossima build`."
        )
    require_figures(edition, view.category)


def rows_of(edition: Edition, view: View, level: str) -> list[Row]:
    """Read the columns of `tables.COVERAGE` and of `tables.AREAS` for the areas of a level."""
    # The city is read with the areas that are looked at: no page shows them without it.
    coverage = _table(
        edition, view.category, view.level if level == CITY else level, view.situation
    )
    coverage = coverage.filter(pc.field("level") == level).drop_columns(["level"])
    named = _named(edition, level)
    share = f"share_{view.threshold}"
    return [{**named[row["area_id"]], **row, "within": row[share]} for row in coverage.to_pylist()]


def _others(
    view: View, rows: Sequence[Row], before: Edition | None, first: Scale
) -> tuple[dict[str, ShownValue], Scale]:
    if before is not None:
        old = rows_of(before, view, view.level)
        # On the same borders, so that a colour means the same on both maps.
        return {row["area_id"]: _value(view.shown, row, view) for row in old}, first
    if view.second is None:
        return {}, first
    values = {row["area_id"]: _value(view.second, row, view) for row in rows}
    return values, scale(view.second, (each.value for each in values.values()))


def _value(indicator: Indicator, row: Row, view: View) -> ShownValue:
    """Read an indicator, and on what it rests where it is a walk, or a share within one."""
    value, column = indicator.value(row, view.threshold), indicator.column_of(view.threshold)
    if indicator.unit == "minutes":
        return ShownValue(value, Basis(estimated=is_estimated(row, column)))
    return ShownValue(value, share_basis(row, column))


def _line(
    row: Row, own: ShownValue, beside: ShownValue, scales: tuple[Scale, Scale], basis: Basis
) -> Line:
    return Line(
        row["area_id"],
        row["name"],
        row["parent"],
        row["demand"],
        own.value,
        scales[0].step(own.value),
        row["class"],
        row["reason"],
        _known(row["seconds"], 60),
        _known(row["within"], 1),
        row["sureness"],
        likely(row),
        answer(row, "may_come"),
        answer(row, "has_room"),
        beside.value,
        scales[1].step(beside.value),
        is_estimated(row),
        basis,
        own.basis,
        beside.basis,
    )


def _known(value: float | None, unit: float) -> float | None:
    return None if value is None or math.isnan(value) else value / unit


def _key(line: Line, sort: str) -> Any:
    value = getattr(line, {"class": "kind", "seconds": "minutes"}.get(sort, sort))
    if value in CLASSES:
        return GRAVITY.index(value)
    if value in SURENESS:
        return SURENESS.index(value)
    return value.casefold() if sort == "name" else value


@cached_by_edition(HELD_TABLES)
def _table(edition: Edition, code: str, level: str, situation: Situation) -> pa.Table:
    table = coverage_table(edition, code, {level, CITY}, situation)
    return table.drop_columns(["category", "profile", "window", "requirement"])


@cached_by_edition(HELD_TABLES)
def _named(edition: Edition, level: str) -> dict[str, Row]:
    shown = [indicator.column for indicator in indicators().values() if indicator.table == "areas"]
    column_names = edition.areas.column_names
    columns = [
        name for name in dict.fromkeys(["level", *_OF_AREAS, *shown]) if name in column_names
    ]
    rows = edition.areas.select(columns).filter(pc.field("level") == level)
    return {row["area_id"]: row for row in rows.to_pylist()}
