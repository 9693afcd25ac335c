"""Services that each network should call this month, by municipio."""

import csv
import io
from collections import Counter
from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.responses import HTMLResponse

from api.dependencies import OpenEdition
from api.i18n.language import words_for
from api.i18n.list_sentences import people_sentence
from api.pages.rendering import page
from api.published import Published
from api.services.links import absolute_url, service_path
from api.threads import CountedRouter
from mapping.disclosure import published_labels
from mapping.edition.call_list import Call, State, due_before
from mapping.edition.queries import people_bases
from mapping.maps.map_words import people
from mapping.taxonomy import categories
from mapping.taxonomy import category as category_of
from mapping.text import without_formula

router = CountedRouter(prefix="/rete/freschezza", tags=["networks"], include_in_schema=False)
Chosen = Annotated[str, Query(max_length=100)]
STATES: dict[State, str] = {
    "undated": "senza data",
    "stale": "scaduto",
    "unsure": "attività non certa",
    "soon": "scade presto",
}
SHOWN = 50
STEPS = (0.2, 0.4, 0.6, 0.8)
"""Between the five colours of the map: the share of the services that wait for a call."""
COLUMNS = (
    "rete", "capofila", "municipio", "servizio", "categoria", "gestore", "indirizzo", "telefono",
    "email", "ultima_verifica", "giorni", "stato", "persone", "chi", "pagina", "edizione",
)  # fmt: skip


@router.get("")
def freshness(
    request: Request, reading: OpenEdition, municipio: Chosen = "", category: Chosen = ""
) -> HTMLResponse:
    """Show how many wait for a call in each municipio, and whom to call first."""
    is_known = _known(reading, municipio, category)
    due = _due(reading, municipio, category) if is_known else []
    return page(
        request,
        reading,
        "freshness.html",
        status=200 if is_known else 404,
        known=is_known,
        due=due[:SHOWN],
        total=len(due),
        before=due_before(reading.calendar.today()).isoformat(),
        chosen={"municipio": municipio, "category": category},
        summary=_summary(reading, category) if is_known else [],
        mosaic=reading.mosaic,
        areas=reading.area_names,
        labels=published_labels(),
        counts=Counter(
            code for call in reading.calls(reading.calendar.today()) for code in call.row.categories
        ),
        service_path=service_path,
        people_source=people_sentence(
            category_of(category) if category in published_labels() else None,
            people_bases(reading.edition),
            words_for(request),
        ),
        whom=lambda call: people(category_of(call.category)),
        is_declared=lambda call: category_of(call.category).is_demand_declared,
    )


@router.get(".csv")
def calling_list(
    request: Request, reading: OpenEdition, municipio: Chosen = "", category: Chosen = ""
) -> Response:
    """Give the whole list as a sheet."""
    is_known = _known(reading, municipio, category)
    due = _due(reading, municipio, category) if is_known else []
    text = io.StringIO()
    sheet = csv.writer(text, lineterminator="\r\n")
    sheet.writerow(COLUMNS)
    networks = {row["municipio"]: row for row in reading.lookup.municipal_networks()}
    for call in due:
        network = networks.get(call.row.municipio, {})
        link = absolute_url(request, service_path(call.row.service_id))
        sheet.writerow(
            [without_formula(value) for value in _line(call, network, link, reading.edition.id)]
        )
    headers = {"Content-Disposition": 'attachment; filename="prossima-telefonate.csv"'}
    headers["Prossima-Edition"] = reading.edition.id
    # With its mark, so that a spreadsheet reads the accents.
    return Response(text.getvalue().encode("utf-8-sig"), 200, headers, "text/csv; charset=utf-8")


def _line(call: Call, network: dict[str, Any], link: str, edition_id: str) -> list[object]:
    row = call.row
    return [
        network.get("name"), network.get("lead"), row.municipio, row.name,
        " · ".join(category_of(code).label for code in row.categories),
        row.organization, row.address, row.phone, row.email, row.assured_date,
        call.days, STATES[call.state], call.people, people(category_of(call.category)), link,
        edition_id,
    ]  # fmt: skip


def _due(reading: Published, municipio: str, category: str) -> list[Call]:
    return [
        call
        for call in reading.calls(reading.calendar.today(), category)
        if municipio in ("", call.row.municipio)
    ]


def _known(reading: Published, municipio: str, category: str) -> bool:
    municipi = {area["area_id"] for area in reading.municipi}
    return municipio in {"", *municipi} and category in {"", *categories()}


def _summary(reading: Published, category: str) -> list[dict[str, Any]]:
    networks = {row["municipio"]: row for row in reading.lookup.municipal_networks()}
    due: dict[str | None, list[Call]] = {}
    for call in _due(reading, "", category):
        due.setdefault(call.row.municipio, []).append(call)
    services = Counter(
        rows[0].municipio for rows in reading.directory.select(category or None, None)
    )
    areas = [*((area["area_id"], area["name"]) for area in reading.municipi), (None, None)]
    return [
        _totals(due.get(area_id, []), services[area_id])
        | {"area_id": area_id, "name": name, "network": networks.get(area_id)}
        for area_id, name in areas
        if services[area_id]
    ]


def _totals(due: list[Call], services: int) -> dict[str, Any]:
    states = Counter(call.state for call in due)
    share = len(due) / services
    return {
        "held": services,
        "due": len(due),
        "share": share,
        "step": sum(share > limit for limit in STEPS),
        "with_phone": sum(1 for call in due if call.row.phone),
        **{state: states[state] for state in STATES},
    }
