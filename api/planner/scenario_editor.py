"""The scenario editor's page: reading a scenario, answering it, explaining a refusal."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from pydantic import ValidationError

from api.i18n.language import Words
from api.i18n.list_sentences import list_sentence
from api.i18n.plan_sentences import change_in_words, site_in_words
from api.planner.plan_requests import PlanQuery, ScenarioBody, SiteBody
from api.problems import brief, status_of
from api.published import Published
from mapping.coverage import demand_points
from mapping.disclosure import public_categories
from mapping.edition.queries import completeness
from mapping.errors import ProssimaError, TooLargeError
from mapping.maps.map_words import group, people
from mapping.siting.answers import MAX_CHANGES, change, site
from mapping.siting.asks import MAX_COUNT
from mapping.tables import Row
from mapping.taxonomy import placed_category
from mapping.text import area_name
from mapping.walking.profiles import profiles
from mapping.walking.snapping import OFF_NETWORK_METRES

MAX_CHARACTERS = 200_000
"""Most characters of a scenario file: ten times a file with the most changes allowed."""


class RefusedPlan(NamedTuple):
    """Why there is no answer: a sentence for the reader, and the exact message."""

    status: int
    text: str
    detail: str


def read(text: str) -> ScenarioBody:
    """Read a scenario from JSON, as `prossima scenario FILE` does.

    Raises ValidationError when it is none.
    """
    return ScenarioBody.model_validate_json(text[:MAX_CHARACTERS])


def answer_scenario(reading: Published, body: ScenarioBody, words: Words) -> Row:
    """Compute what the changes would do, in the words of a language."""
    return change_in_words(change(reading.plan_data, body.ask, body.requested), words)


def propose_sites(reading: Published, typed: Mapping[str, str], words: Words) -> Row:
    """Propose sites, from the fields of a form, in the words of a language."""
    return site_in_words(site(reading.plan_data, SiteBody.model_validate(typed).ask), words)


def refusal(error: ProssimaError | ValidationError | MemoryError, words: Words) -> RefusedPlan:
    """Explain an error in one sentence of the reader's language."""
    if isinstance(error, ValidationError):
        return _invalid(error, words)
    if isinstance(error, MemoryError):
        error = TooLargeError()
    _ = words.gettext
    texts = {
        "BusyError": _("Il server sta già facendo altri conti: riprova fra qualche secondo."),
        "TooLargeError": _(
            "Questo conto è troppo grande: prova con un cammino più breve o altre sedi possibili."
        ),
        "NoPlaceError": words.fill(
            _(
                "Un punto è fuori dalla città, o a più di %(metres)s metri da ogni strada:"
                " spostalo."
            ),
            metres=OFF_NETWORK_METRES,
        ),
        "OutsideItalyError": _(
            "Un punto è fuori dall'Italia: controlla che la longitudine venga prima."
        ),
        "UnknownServiceError": _(
            "Una modifica riguarda un servizio che in questa edizione non c'è, o che è già"
            " chiuso: toglila."
        ),
        "NoRecordsError": _(
            "Nessun dato: di questi servizi non ne conosciamo nessuno, e non si può dire che cosa"
            " cambierebbe."
        ),
        "NothingCountedError": _(
            "Nessun dato: di questi servizi nessuno conta, perché non se ne conosce il luogo, o"
            " perché nessuno li ha verificati di recente. Prova con tutti."
        ),
        "UndeclaredDemandError": _(
            "A chi è rivolto questo servizio non è dichiarato: nessuno scenario può contare le"
            " persone."
        ),
        "UnknownCategoryError": _("Non conosciamo questa categoria: scegline una dall'elenco."),
    }
    usual = _(
        "Con questi valori il conto non si può fare: controlla categoria, minuti, posti e"
        " modifiche."
    )
    return RefusedPlan(status_of(error), texts.get(type(error).__name__, usual), brief(str(error)))


def editor_content(reading: Published, body: PlanQuery) -> Row:
    """Give `plan` of `scenario.html`, for a scenario to go on with or a new one.

    Raises UnknownCategoryError, and BadInputError when the category is confidential.
    """
    category = placed_category(body.category)
    edition = reading.edition
    return {
        "possible": edition.network is not None and edition.has(demand_points.FILE),
        "category": category,
        "people": people(category),
        "groups": _grouped(),
        "profiles": {profile.id: profile.label for profile in profiles().values()},
        "services": _services(reading, category.code),
        "premises": _premises(reading),
        "declared": completeness(edition, [category.code])[category.code],
        "list_sentence": list_sentence,
        "most_sites": MAX_COUNT,
        "most_changes": MAX_CHANGES,
        "scenario": json.loads(scenario_json(body)),
    }


def scenario_json(body: PlanQuery) -> str:
    """Write a scenario as JSON that `prossima scenario FILE` reads."""
    return body.model_dump_json(exclude_none=True, indent=2)


def resolve_ids(body: ScenarioBody, answer: Row) -> ScenarioBody:
    """Name each service by one id of the edition; a file may name it by any of its ids."""
    pairs = zip(body.changes, answer["changes"], strict=True)
    changes = [change.model_copy(update={"service_id": row["id"]}) for change, row in pairs]
    return body.model_copy(update={"changes": changes})


def _invalid(error: ValidationError, words: Words) -> RefusedPlan:
    _ = words.gettext
    first = error.errors(include_url=False, include_input=False)[0]
    where = first["loc"]
    field = str(where[-1]) if where else ""
    if first["type"] == "json_invalid":
        text = _("Questo non è uno scenario: il testo non è scritto in JSON.")
    elif where[:1] == ("changes",) and len(where) > 1:
        number = int(where[1]) + 1
        text = _("La modifica %(number)s non va: controlla «%(field)s».")
        text = words.fill(text, number=number, field=field)
    elif where == ("changes",):
        text = words.fill(_("Servono da 1 a %(most)s modifiche."), most=MAX_CHANGES)
    else:
        text = _("Il valore di «%(field)s» non è ammesso.") % {"field": field}
    return RefusedPlan(422, text, f"{'.'.join(map(str, where))}: {first['msg']}")


def _grouped() -> dict[str, list[tuple[str, str]]]:
    categories_by_group: dict[str, list[tuple[str, str]]] = {}
    for code, entry in public_categories().items():
        categories_by_group.setdefault(group(entry.group), []).append((code, entry.label))
    return categories_by_group


def _services(reading: Published, code: str) -> list[Row]:
    quarters = {area["area_id"]: area_name(area["name"]) for area in reading.lookup.quarters}
    level = reading.lookup.levels[0]
    return [
        {
            "id": f"{row.service_id}|{row.location_id}",
            "name": row.name,
            "address": row.address or quarters.get(getattr(row, level, None) or "", ""),
            "places": row.capacity,
            "lon": row.lon,
            "lat": row.lat,
            "is_verified": row.is_verified,
        }
        for row in sorted(reading.edition.service_rows, key=lambda row: row.name)
        if code in row.categories and row.is_destination
    ]


def _premises(reading: Published) -> list[Row]:
    if not reading.edition.has("premises.parquet"):
        return []
    table = reading.edition.table("premises.parquet").select(["name", "kind", "lon", "lat"])
    rows: list[Row] = table.to_pylist()
    return sorted(rows, key=lambda row: row["name"])
