"""The conditions of a look-up, read alike from JSON, from a form and from the command line."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from mapping.errors import BadInputError
from mapping.hours.opening import parse_when
from mapping.lookup.question import Question

WALKER = "Who walks: adult, or another profile of /v1/situations."
Model = TypeVar("Model", bound=BaseModel)
ValueT = TypeVar("ValueT")


def _distinct(values: object) -> object:
    if isinstance(values, list) and all(isinstance(value, str | int) for value in values):
        return list(dict.fromkeys(values))
    return values


Distinct = Annotated[list[ValueT], BeforeValidator(_distinct)]
"""A list without what it says twice: its limit counts each value once."""
CategoryCode = Annotated[str, Field(max_length=100, description="Category code.")]
"""Any code; one that the taxonomy lacks is told as an unknown category."""


class FormConditions(BaseModel):
    """Conditions that a form has by the same names and in the same shape as JSON."""

    model_config = ConfigDict(extra="forbid")

    max_minutes: float = Field(default=60, description="The longest walk.")
    residence_not_required: bool = Field(
        default=False, description="Open to families who are not registered as residents."
    )
    no_appointment: bool = Field(default=False, description="Without an appointment.")
    free: bool = Field(default=False, description="Free of charge.")
    step_free: bool = Field(default=False, description="Reached without steps.")
    profile: str = Field(default="adult", description=WALKER)


class Conditions(FormConditions):
    """On which conditions services are looked for, and who walks."""

    open: str | None = Field(
        default=None,
        max_length=40,
        examples=["sat 10:00"],
        description="When it must be open: a day and a time, or ISO. Unknown hours are not closed.",
    )
    age_months: int | None = Field(default=None, description="The child's age, 0 to 360 months.")
    languages: Distinct[Annotated[str, Field(max_length=40)]] = Field(
        default=[],
        max_length=20,
        examples=[["ar", "fr"]],
        description="Languages of which one is spoken there, ISO 639-1.",
    )

    def question(
        self, categories: Sequence[str], count: int, today: Callable[[], date]
    ) -> Question:
        """Give the question of the look-up; raises BadInputError when a value breaks its rule.

        `today` gives the city's day, which is asked for a weekday: it is the next one from then.
        """
        values = {name: getattr(self, name) for name in _AS_ASKED}
        return Question(
            tuple(categories),
            count,
            open_at=parse_when(self.open, today=today()) if self.open else None,
            languages=tuple(self.languages),
            **values,
        )


_AS_ASKED = tuple(name for name in Conditions.model_fields if name not in ("open", "languages"))
"""Conditions that a question has under the same name and with the same value."""


def read_model(model: type[Model], values: Mapping[str, Any]) -> Model:
    """Read options or fields; raises BadInputError with value, rule and remedy in one line."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise BadInputError(_problem(model, error)) from None


def _problem(model: type[BaseModel], error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    name, value = str(first["loc"][0]), first["input"]
    if first["type"] == "literal_error":
        return f"Unknown {name} '{value}'. Use one of: {first['ctx']['expected']}."
    return f"{name} is {value}. {_range(model, name) or first['msg']}."


def _range(model: type[BaseModel], name: str) -> str | None:
    limits = {
        kind: getattr(rule, kind)
        for rule in model.model_fields[name].metadata
        for kind in ("ge", "gt", "le")
        if hasattr(rule, kind)
    }
    if {"ge", "le"} <= set(limits):
        return f"Give {limits['ge']:g} to {limits['le']:g}"
    if {"gt", "le"} <= set(limits):
        return f"Give more than {limits['gt']:g}, up to {limits['le']:g}"
    return None
