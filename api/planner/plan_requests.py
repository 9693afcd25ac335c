"""Plans: what may be asked over HTTP and in a file, and how an answer looks on a terminal."""

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.settings import Settings
from mapping.city import city
from mapping.config import first_problem
from mapping.edition.edition import Edition, current
from mapping.errors import BadInputError
from mapping.siting.answers import MAX_CHANGES, Wish
from mapping.siting.asks import MAX_COUNT, MAX_MINUTES, MIN_MINUTES, Ask
from mapping.siting.inputs import PlanData

HTTP_SECONDS = 20.0


class _PlanBody(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class AskBody(_PlanBody):
    """For whom a plan is, and which records are believed."""

    category: str = Field(max_length=40, description="Category code.", examples=["nido"])
    minutes: float | None = Field(
        default=None, ge=MIN_MINUTES, le=MAX_MINUTES,
        description="The acceptable walk; the category's own if left out.",
    )  # fmt: skip
    profile: str = Field(default="adult", max_length=40, description="Who walks.")
    basis: Literal["all", "verified"] = Field(
        default="all", description="Which records count as services that exist."
    )
    weight: Literal["children", "low-income"] = Field(
        default="children", description="All children, or those in families of low income."
    )


class SiteBody(AskBody):
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
    max_seconds: float = Field(default=HTTP_SECONDS, gt=0, le=HTTP_SECONDS)


class ChangeBody(_PlanBody):
    """One change: `add` and `move` need lon and lat, all but `add` the id of a service."""

    do: Literal["add", "move", "close", "resize"]
    service_id: str | None = Field(default=None, max_length=300)
    lon: float | None = None
    lat: float | None = None
    places: float | None = Field(default=None, ge=0, le=1e6)


class ScenarioBody(AskBody):
    """Changes of the services of a category, made in their order."""

    changes: list[ChangeBody] = Field(min_length=1, max_length=MAX_CHANGES)

    @property
    def ask(self) -> Ask:
        """For whom the changes are weighed."""
        return Ask(**self.model_dump(exclude={"changes"}))

    @property
    def wishes(self) -> list[Wish]:
        """The changes."""
        return [Wish(**one.model_dump()) for one in self.changes]


def open_ground(settings: Settings) -> PlanData:
    """Open the ground of the published edition.

    Parameters
    ----------
    settings : Settings
        Where the editions are.

    Returns
    -------
    PlanData
        For one command.
    """
    edition = Edition.open(current(settings.editions))
    return PlanData(edition, city(edition.manifest.city))


def read_scenario(path: Path) -> ScenarioBody:
    """Read a scenario from a file.

    Parameters
    ----------
    path : Path
        JSON, as the body of `POST /v1/scenario`.

    Returns
    -------
    ScenarioBody
        Checked.

    Raises
    ------
    BadInputError
        When the file cannot be read, or breaks a rule.
    """
    try:
        return ScenarioBody.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadInputError(f"'{path}' cannot be read: {error.strerror}. Give a file.") from None
    except ValidationError as error:
        raise BadInputError(f"{path.name}: {first_problem(error)} See docs/guida.md.") from None
    except ValueError as error:
        raise BadInputError(f"{path.name} is no JSON: {error}. See docs/guida.md.") from None


def site_lines(said: dict[str, Any]) -> str:
    """Lay a plan of sites out for a terminal.

    Parameters
    ----------
    said : dict
        Of `site_in_words`.

    Returns
    -------
    str
        A line a site, with why.
    """
    found, before, after = said["solution"], said["before"], said["after"]
    lines = [f"{one['rank']:>2}. {one['words']}" for one in said["sites"]]
    if not lines:
        lines = ["Nessuna sede porterebbe il servizio a qualcuno in più."]
    return "\n".join(
        [
            *lines,
            f"Entro {said['minutes']:g} minuti: da {before['within']} a {after['within']}"
            f" {said['unit']} su {before['people']}.",
            f"Soluzione: {found['status']}, scarto {100 * found['gap']:.2f}%,"
            f" {found['seconds']:.1f} s, {said['candidates']['number']} sedi possibili.",
            *_ending(said),
        ]
    )


def scenario_lines(said: dict[str, Any]) -> str:
    """Lay a scenario out for a terminal.

    Parameters
    ----------
    said : dict
        Of `change_in_words`.

    Returns
    -------
    str
        The city in words, then a line for every area that changes.
    """
    lines = [said["words"]]
    if said["areas"]:
        lines.append("entro il cammino   prima    dopo  minuti (mediana)  area")
    for row in said["areas"]:
        before, after = row["before"], row["after"]
        minutes = f"{_or_dash(before['median_minutes'])} -> {_or_dash(after['median_minutes'])}"
        lines.append(f"{before['within']:>24} {after['within']:>7}  {minutes:>16}  {row['name']}")
    return "\n".join([*lines, *_ending(said)])


def closure_lines(said: dict[str, Any]) -> str:
    """Lay the services that most would miss out for a terminal.

    Parameters
    ----------
    said : dict
        Of `closures_in_words`.

    Returns
    -------
    str
        A line a service.
    """
    lines = [f"Se chiudesse, resterebbero senza entro {said['minutes']:g} minuti ({said['unit']}):"]
    for one in said["services"]:
        turn = f"poi {one['fallback']}, {_or_dash(one['fallback_minutes'])} min"
        lines.append(f"{one['losing']:>6}  {one['name']}; {turn if one['fallback'] else 'nessuno'}")
    return "\n".join([*lines, *_ending(said)])


def _ending(said: dict[str, Any]) -> list[str]:
    return [*(f"! {one['text']}" for one in said["warnings"]), f"Edizione {said['edition']}"]


def _or_dash(minutes: float | None) -> str:
    return "-" if minutes is None else f"{minutes:g}"
