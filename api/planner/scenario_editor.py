"""The scenario that a planner edits on a page: what is read, what is answered, what is refused."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from jinja2.filters import do_title
from pydantic import ValidationError

from api.i18n.language import Words
from api.planner.plan_requests import PlanQuery, ScenarioBody, SiteBody
from api.problems import status_of
from api.published import Published
from mapping.coverage import demand_points
from mapping.edition.queries import completeness
from mapping.errors import ProssimaError
from mapping.maps.map_words import group
from mapping.siting.answers import MAX_CHANGES, change, site
from mapping.siting.inputs import MAX_COUNT
from mapping.tables import ROUTED
from mapping.taxonomy import categories, placed_category
from mapping.walking.profiles import profiles

Row = dict[str, Any]

MAX_CHARACTERS = 200_000
"""A file of as many changes as may be is a tenth of this."""


class RefusedPlan(NamedTuple):
    """Why there is no answer: a sentence for the reader, the exact message beside it."""

    status: int
    text: str
    detail: str


def read(text: str) -> ScenarioBody:
    """Read a scenario that was written, or saved as a file.

    Parameters
    ----------
    text : str
        JSON, as `prossima scenario FILE` reads it.

    Returns
    -------
    ScenarioBody
        Checked.

    Raises
    ------
    ValidationError
        When it is no scenario.
    """
    return ScenarioBody.model_validate_json(text[:MAX_CHARACTERS])


def answered(reading: Published, body: ScenarioBody) -> Row:
    """Say what the changes would do.

    Parameters
    ----------
    reading : Published
        The edition.
    body : ScenarioBody
        The changes.

    Returns
    -------
    dict
        Of `plans.change`.
    """
    with reading.planner.ground() as ground:
        return change(ground, body.ask, body.wishes)


def proposed(reading: Published, typed: Mapping[str, str]) -> Row:
    """Propose sites, as a form asks for them.

    Parameters
    ----------
    reading : Published
        The edition.
    typed : mapping of str to str
        The filled fields of the form.

    Returns
    -------
    dict
        Of `plans.site`.
    """
    ask = SiteBody.model_validate(typed).ask
    with reading.planner.ground() as ground:
        return site(ground, ask)


def refusal(error: ProssimaError | ValidationError, said: Words) -> RefusedPlan:
    """Put an error into words of the reader.

    Parameters
    ----------
    error : ProssimaError or ValidationError
        What went wrong.
    said : Words
        The language.

    Returns
    -------
    RefusedPlan
        One sentence.
    """
    if isinstance(error, ValidationError):
        return _invalid(error, said)
    _ = said.gettext
    texts = {
        "BusyError": _("Il server sta già facendo altri conti: riprova fra qualche secondo."),
        "NoPlaceError": _(
            "Un punto è fuori dalla città, o a più di 250 metri da ogni strada: spostalo."
        ),
        "OutsideItalyError": _(
            "Un punto è fuori dall'Italia: controlla che la longitudine venga prima."
        ),
        "UnknownServiceError": _(
            "Una modifica riguarda un servizio che in questa edizione non c'è, o che è già"
            " chiuso: toglila."
        ),
        "UnknownCategoryError": _("Non conosciamo questa categoria: scegline una dall'elenco."),
    }
    usual = _(
        "Con questi valori il conto non si può fare: controlla categoria, minuti, posti e"
        " modifiche."
    )
    return RefusedPlan(status_of(error), texts.get(type(error).__name__, usual), str(error))


def stage(reading: Published, body: PlanQuery) -> Row:
    """Give what the editor of scenarios shows.

    Parameters
    ----------
    reading : Published
        The edition.
    body : PlanQuery
        A scenario to go on with; or for whom to begin one.

    Returns
    -------
    dict
        `plan` of `scenario.html`.

    Raises
    ------
    UnknownCategoryError
        When the taxonomy does not hold the category.
    BadInputError
        When the category is confidential.
    """
    category = placed_category(body.category)
    edition = reading.edition
    return {
        "possible": edition.network is not None and edition.has(demand_points.FILE),
        "category": category,
        "groups": _grouped(),
        "profiles": {one.id: one.label for one in profiles().values()},
        "services": _services(reading, category.code),
        "premises": _premises(reading),
        "partial": completeness(edition, [category.code])
        .get(category.code, {})
        .get("status", "partial")
        != "complete",
        "most_sites": MAX_COUNT,
        "most_changes": MAX_CHANGES,
        "scenario": json.loads(saved(body)),
    }


def saved(body: PlanQuery) -> str:
    """Write a scenario as a file that `prossima scenario FILE` reads.

    Parameters
    ----------
    body : PlanQuery
        The scenario.

    Returns
    -------
    str
        JSON, without what is not said.
    """
    return body.model_dump_json(exclude_none=True, indent=2)


def resolved(body: ScenarioBody, answer: Row) -> ScenarioBody:
    """Name every service of a scenario as the edition does: each by one place where it stands.

    Parameters
    ----------
    body : ScenarioBody
        The changes; a file may name a service by any of its ids.
    answer : dict
        Theirs.

    Returns
    -------
    ScenarioBody
        The same changes.
    """
    pairs = zip(body.changes, answer["changes"], strict=True)
    changes = [one.model_copy(update={"service_id": told["id"]}) for one, told in pairs]
    return body.model_copy(update={"changes": changes})


def _invalid(error: ValidationError, said: Words) -> RefusedPlan:
    _ = said.gettext
    first = error.errors(include_url=False, include_input=False)[0]
    where = first["loc"]
    field = str(where[-1]) if where else ""
    if first["type"] == "json_invalid":
        text = _("Questo non è uno scenario: il testo non è scritto in JSON.")
    elif where[:1] == ("changes",) and len(where) > 1:
        number = int(where[1]) + 1
        text = _("La modifica %(number)s non va: controlla «%(field)s».")
        text %= {"number": number, "field": field}
    elif where == ("changes",):
        text = _("Servono da 1 a %(most)s modifiche.") % {"most": MAX_CHANGES}
    else:
        text = _("Il valore di «%(field)s» non è ammesso.") % {"field": field}
    return RefusedPlan(422, text, f"{'.'.join(map(str, where))}: {first['msg']}")


def _grouped() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for code, entry in categories().items():
        if not entry.confidential:
            found.setdefault(group(entry.group), []).append((code, entry.label))
    return found


def _services(reading: Published, code: str) -> list[Row]:
    rows = reading.edition.services.drop_columns(["geometry"]).to_pylist()
    quarters = {area["area_id"]: do_title(area["name"]) for area in reading.lookup.quarters}
    level = reading.lookup.levels[0]
    return [
        {
            "id": f"{row['service_id']}|{row['location_id']}",
            "name": row["name"],
            "address": row["address"] or quarters.get(row.get(level) or "", ""),
            "places": row["capacity"],
            "lon": row["lon"],
            "lat": row["lat"],
            "firm": row["status"] == "active" and not row["stale"],
        }
        for row in sorted(rows, key=lambda row: row["name"])
        if code in row["categories"] and row["status"] != "defunct" and row["precision"] in ROUTED
    ]


def _premises(reading: Published) -> list[Row]:
    if not reading.edition.has("premises.parquet"):
        return []
    table = reading.edition.table("premises.parquet").select(["name", "kind", "lon", "lat"])
    rows: list[Row] = table.to_pylist()
    return sorted(rows, key=lambda row: row["name"])
