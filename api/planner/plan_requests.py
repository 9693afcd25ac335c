"""Requests for plans, over HTTP, in forms, in files and on the command line."""

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from api.conditions import CategoryCode
from api.settings import Settings
from mapping.city import city
from mapping.config import first_problem
from mapping.edition.edition import Edition, current
from mapping.errors import BadInputError
from mapping.siting.answers import MAX_CHANGES
from mapping.siting.asks import MAX_COUNT, MAX_MINUTES, MAX_SECONDS, MIN_MINUTES, Ask, SiteAsk
from mapping.siting.inputs import PlanData
from mapping.siting.requested_changes import RequestedChange

HTTP_SECONDS = 20.0


class _PlanBody(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class PlanQuery(_PlanBody):
    """For whom a plan is, and which records are believed."""

    category: CategoryCode = Field(examples=["nido"])
    minutes: float | None = Field(
        default=None, ge=MIN_MINUTES, le=MAX_MINUTES,
        description="The acceptable walk; the category's own if left out.",
    )  # fmt: skip
    profile: str = Field(default="adult", max_length=40, description="Who walks.")
    basis: Literal["all", "verified"] = Field(
        default="all", description="Which records count as services that exist."
    )
    weight: Literal["people", "low-income"] = Field(
        default="people",
        description="All whom the category is for, or the children in families of low income.",
    )

    @field_validator("weight", mode="before")
    @classmethod
    def _as_called_now(cls, weight: object) -> object:
        # Saved scenarios may call everybody whom a category is for "children".
        return "people" if weight == "children" else weight

    @property
    def ask(self) -> Ask:
        """The question for the computation of plans, checked."""
        return Ask(**self.model_dump(include=set(PlanQuery.model_fields)))


class SitesQuery(PlanQuery):
    """Where the next services should be."""

    count: int = Field(default=1, ge=1, le=MAX_COUNT, description="How many sites at the most.")
    objective: Literal["cover", "median", "capacity"] = "cover"
    candidates: Literal["premises", "services", "nodes"] = "premises"
    places: float | None = Field(
        default=None, ge=1, le=1e6, description="New places in all, for `capacity`."
    )
    site_places: float | None = Field(
        default=None, ge=1, le=1e6, description="The most places of one site."
    )
    aversion: float = Field(
        default=0, ge=0, le=10, description="Aversion to inequality, for `median`; 0.5 to 2."
    )
    max_seconds: float = Field(default=HTTP_SECONDS, gt=0, le=MAX_SECONDS)

    @property
    def ask(self) -> SiteAsk:
        """The question for the computation of sites, checked."""
        return SiteAsk(**self.model_dump())


class SiteBody(SitesQuery):
    """Where the next services should be."""

    max_seconds: float = Field(default=HTTP_SECONDS, gt=0, le=HTTP_SECONDS)


class ChangeBody(_PlanBody):
    """One change: `add` and `move` need lon and lat, all but `add` the id of a service."""

    do: Literal["add", "move", "close", "resize"]
    service_id: str | None = Field(default=None, max_length=300)
    lon: float | None = None
    lat: float | None = None
    places: float | None = Field(default=None, ge=0, le=1e6)


class ScenarioBody(PlanQuery):
    """Changes of the services of a category, made in their order."""

    changes: list[ChangeBody] = Field(min_length=1, max_length=MAX_CHANGES)

    @property
    def requested(self) -> list[RequestedChange]:
        """The changes."""
        return [RequestedChange(**change.model_dump()) for change in self.changes]


def open_plan_data(settings: Settings) -> PlanData:
    """Open the streets, people and services of the published edition, for one command."""
    edition = Edition.open(current(settings.editions))
    return PlanData(edition, city(edition.manifest.city))


def read_scenario(path: Path) -> ScenarioBody:
    """Read a JSON file shaped as the body of `POST /v1/scenario`; raises BadInputError."""
    try:
        return ScenarioBody.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadInputError(f"'{path}' cannot be read: {error.strerror}. Give a file.") from None
    except ValidationError as error:
        raise BadInputError(f"{path.name}: {first_problem(error)} See docs/guida.md.") from None
    except ValueError as error:
        raise BadInputError(f"{path.name} is no JSON: {error}. See docs/guida.md.") from None
