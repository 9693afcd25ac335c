"""Indicators that a map of areas can show: unit, meaning and classes of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import pyarrow as pa
from pydantic import field_validator, model_validator

from mapping.config import Config, cached_for_overlay, read_table
from mapping.config_values import Identifier, Label, Sentence
from mapping.disclosure import publishes_income, publishes_people
from mapping.errors import BadInputError
from mapping.tables import AREAS, CLASSES, COVERAGE, SURENESS, THRESHOLDS_MINUTES

Unit = Literal["class", "sureness", "minutes", "percent", "people", "places", "euro"]
Value = float | str | None
"""A class or a sureness by its name, any other in its unit; None where it is not known."""

CLASS = "class"
NAMED: Mapping[str, tuple[str, ...]] = {CLASS: CLASSES, "sureness": SURENESS}
"""Units whose values are names, in the order of their steps."""
SECTION_UNITS = ("class", "sureness", "minutes")
"""What may be shown of a census section: people and shares of so few people are not published."""
MAX_BREAKS = 5
"""One less than the colours that can be told apart."""
PARTS = 5
"""Classes of equal number of areas, where an indicator has no borders of its own."""
UNKNOWN = -1
"""The step of an area of which nothing is known."""
_FACTOR: Mapping[str, float] = {"minutes": 1 / 60, "percent": 100}
_LARGEST: Mapping[str, float] = {"minutes": 240, "percent": 100}
_GRAIN: Mapping[str, float] = {"people": 5, "euro": 100, "places": 0.1}
"""Computed class breaks are rounded like the values of the unit."""


class Indicator(Config):
    """One indicator; its texts are Italian."""

    id: Identifier
    label: Label
    group: Label
    unit: Unit
    table: Literal["coverage", "areas"]
    column: str
    meaning: Sentence
    method: Label
    """Heading of docs/methods.md."""
    better: Literal["less", "more", ""] = ""
    sections: bool = False
    """Whether it is shown of census sections."""
    income: bool = False
    """Whether it rests on incomes: it is shown of no area smaller than a postcode."""
    breaks: tuple[int | float, ...] = ()

    @model_validator(mode="after")
    def _known_column(self) -> Self:
        table_columns = (AREAS if self.table == "areas" else COVERAGE).columns
        columns = {self.column_of(minutes) for minutes in THRESHOLDS_MINUTES}
        if not columns <= table_columns.keys():
            raise ValueError(f"the table '{self.table}' has no column '{self.column}'")
        kind = table_columns[min(columns)].type
        is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
        if not (self.column == self.unit if self.unit in NAMED else is_number):
            raise ValueError(f"the column '{self.column}' is not in the unit '{self.unit}'")
        if self.sections and self.unit not in SECTION_UNITS:
            raise ValueError(f"sections show only {' and '.join(SECTION_UNITS)}: not '{self.unit}'")
        if max(self.breaks, default=0) > _LARGEST.get(self.unit, inf):
            raise ValueError(f"breaks are in '{self.unit}': {self.breaks[-1]} is too large")
        return self

    @field_validator("breaks")
    @classmethod
    def _rising(cls, breaks: tuple[int | float, ...]) -> tuple[int | float, ...]:
        rising = list(breaks) == sorted(set(breaks)) and min(breaks, default=0) >= 0
        if len(breaks) > MAX_BREAKS or not rising:
            raise ValueError(f"give up to {MAX_BREAKS} numbers from 0, each above the one before")
        return breaks

    def is_told_of(self, level: str) -> bool:
        """Whether it is published of areas of a level."""
        if not publishes_people(level):
            return self.sections
        return publishes_income(level) or not self.income

    def column_of(self, threshold: int) -> str:
        """Name the column that holds it for a threshold of `tables.THRESHOLDS_MINUTES`."""
        return self.column.replace("{threshold}", str(threshold))

    def value(self, row: Mapping[str, Any], threshold: int) -> Value:
        """Read the indicator from a row of its table, in its unit; None where it is not known.

        An edition from before a column has none of it: nothing is known of its rows.
        `threshold` is one of `tables.THRESHOLDS_MINUTES`.
        """
        value = row.get(self.column_of(threshold))
        if value is None or isinstance(value, str):
            return value
        scaled = float(value) * _FACTOR.get(self.unit, 1)
        return scaled if isfinite(scaled) else None


@dataclass(frozen=True)
class Scale:
    """The breaks between the classes of a map: a value on a break belongs to the lower class."""

    breaks: tuple[float, ...]
    quantiles: bool
    """Whether the borders were found, to have as many areas in each class."""

    @property
    def steps(self) -> int:
        """How many classes there are."""
        return len(self.breaks) + 1

    def step(self, value: Value) -> int:
        """Find the class of a value: from 0, or its index in `NAMED`; `UNKNOWN` for None."""
        if value is None:
            return UNKNOWN
        if isinstance(value, str):
            return next(names.index(value) for names in NAMED.values() if value in names)
        return sum(value > limit for limit in self.breaks)


@cached_for_overlay
def indicators() -> dict[str, Indicator]:
    """Read the indicators by id, in the order of `indicators.toml`; an overlay's come last."""
    return read_table(Path(__file__).with_suffix(".toml"), Indicator, weakened=_weakened)


def indicator(name: str) -> Indicator:
    """Look up one indicator; raises BadInputError when none has that id."""
    by_id = indicators()
    if name not in by_id:
        raise BadInputError(f"Unknown indicator '{name}'. Use one of: {', '.join(by_id)}.")
    return by_id[name]


def scale(indicator: Indicator, values: Iterable[Value]) -> Scale:
    """Divide the values of an indicator on a map into classes.

    The breaks are the indicator's own, or else quantiles: `PARTS` classes with as many areas in
    each, fewer where many values are equal.
    """
    if indicator.unit in NAMED:
        borders = range(1, len(NAMED[indicator.unit]))
        return Scale(tuple(float(number) for number in borders), quantiles=False)
    if indicator.breaks:
        return Scale(indicator.breaks, quantiles=False)
    numbers = [value for value in values if isinstance(value, float)]
    return Scale(_quantiles(numbers, _GRAIN.get(indicator.unit, 1)), quantiles=True)


def _quantiles(numbers: Sequence[float], grain: float) -> tuple[float, ...]:
    if not numbers:
        return ()
    borders = np.quantile(numbers, [part / PARTS for part in range(1, PARTS)])
    # An integer times the grain, so that 0.1 stays a number that people write.
    rounded = {round(round(border / grain) * grain, 6) for border in borders.tolist()}
    return tuple(sorted(border for border in rounded if border < max(numbers)))


def _weakened(bundled: Indicator, own: Indicator) -> str | None:
    if bundled.income and not own.income:
        return f"'{own.id}' would order NIL by income. Add `income = true`."
    if own.sections and not bundled.sections:
        return f"'{own.id}' would be shown of census sections. Remove `sections = true`."
    return None
