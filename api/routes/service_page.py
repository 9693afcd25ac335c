"""The public page of each service, and the index of all of them."""

from typing import Annotated, Any

from fastapi import Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.dependencies import OpenEdition
from api.directory import page_after
from api.pages.rendering import page
from api.published import Published
from api.reports.inbox import Desk
from api.services.json_ld import service_graph
from api.services.links import absolute_url, report_path, service_path
from api.services.page_content import card_of, pins
from api.threads import CountedRouter
from mapping.disclosure import published_labels
from mapping.maps.card_svg import Scene, sketch
from mapping.services.service_row import ServiceRow

router = CountedRouter(tags=["services"], include_in_schema=False)
Chosen = Annotated[str, Query(max_length=100)]


@router.get("/servizi")
def index(
    request: Request,
    reading: OpenEdition,
    category: Chosen = "",
    municipio: Chosen = "",
    after: Annotated[str, Query(max_length=500)] = "",
) -> HTMLResponse:
    """List the services, by category and municipio."""
    services = reading.directory.select(category or None, municipio or None)
    rows, following = page_after(services, after or None)
    chosen = {"category": category, "municipio": municipio}
    return _index(request, reading, rows, chosen, total=len(services), following=following)


@router.post("/servizi")
def search(
    request: Request, reading: OpenEdition, words: Annotated[str, Form(max_length=200)] = ""
) -> HTMLResponse:
    """Find services by name; posted, since people write where they live into any search."""
    rows = reading.directory.search(words)
    chosen = {"category": "", "municipio": ""}
    return _index(request, reading, rows, chosen, total=len(rows), typed=words.strip())


@router.get("/servizi/{service_id:path}", response_class=HTMLResponse)
def service(service_id: str, request: Request, reading: OpenEdition) -> Response:
    """Show all that is known of a service, all its places, and who says so."""
    rows = reading.directory.find(service_id)
    desk: Desk = request.app.state.desk
    if not rows:
        hidden = reading.edition.hidden.is_withheld(service_id)
        name = None if hidden else desk.withdrawn_name(service_id)
        return _gone(request, reading, name) if name else _not_found(request, reading)
    first = rows[0]
    if first.service_id != service_id:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(service_path(first.service_id) + query, 301)
    if not first.is_listed:
        return _gone(request, reading, first.name, first)
    return _shown(request, reading, rows, desk)


def _shown(
    request: Request, reading: Published, rows: list[ServiceRow], desk: Desk
) -> HTMLResponse:
    service_id = rows[0].service_id
    now = reading.calendar.now()
    url = absolute_url(request, service_path(service_id))
    return page(
        request,
        reading,
        "service.html",
        card=card_of(rows, reading.edition.manifest.sources, reading.calendar, now),
        today=now.weekday(),
        areas=reading.area_names,
        labels=published_labels(),
        url=url,
        report=report_path(service_id),
        reported=desk.public_kinds(service_id, *(rows[0].same_as)),
        pins=pins(rows, "address"),
        still=_still(reading, rows[0]),
        linked=service_graph(rows, reading.city, now.date(), url),
    )


def _still(reading: Published, row: ServiceRow) -> str:
    # Who has no scripts sees the first place, drawn here.
    if row.lon is None:
        return ""
    scene = Scene(row.point)
    return sketch(reading.edition.network, reading.city.epsg, scene, title=row.name)


def _gone(
    request: Request, reading: Published, name: str, row: ServiceRow | None = None
) -> HTMLResponse:
    return page(
        request,
        reading,
        "service_gone.html",
        status=410,
        name=name,
        row=row,
        labels=published_labels(),
        areas=reading.area_names,
    )


def _not_found(request: Request, reading: Published) -> HTMLResponse:
    return page(request, reading, "service_unknown.html", status=404)


def _index(
    request: Request,
    reading: Published,
    services: list[list[ServiceRow]],
    chosen: dict[str, str],
    **shown: Any,
) -> HTMLResponse:
    municipi = reading.municipi
    is_known = chosen["category"] in {"", *published_labels()} and chosen["municipio"] in {
        "", *(area["area_id"] for area in municipi)
    }  # fmt: skip
    return page(
        request,
        reading,
        "services.html",
        status=200 if is_known else 404,
        known=is_known,
        services=services,
        chosen=chosen,
        labels=published_labels(),
        areas=reading.area_names,
        counts=reading.directory.counts(lambda row: row.categories),
        municipi=municipi,
        service_path=service_path,
        embedded=absolute_url(request, "/embed"),
        **{"following": None, "typed": "", **shown},
    )
