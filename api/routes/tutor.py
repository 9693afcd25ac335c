"""The tutor's page: services near a family that it can use; it works without JavaScript."""

from functools import partial
from typing import Annotated, Any

import pyarrow.compute as pc
from babel import dates
from fastapi import Form, Request, Response
from fastapi.responses import HTMLResponse

from api.dependencies import OpenEdition
from api.i18n.language import words_for
from api.pages.lookup_form import (
    NearestForm,
    answer_form,
    first_of_each,
    is_about_emergency,
    mistake_of,
    nearest_civic,
    need_choices,
)
from api.pages.page_cache import kept_page
from api.pages.rendering import page
from api.published import Published
from api.services.stated_hours import stated_hours
from api.threads import CountedRouter, look_up
from mapping.edition.queries import completeness, incomplete, telling, without_records
from mapping.errors import ProssimaError
from mapping.lookup.competence import competent, seats_of
from mapping.lookup.nearest import Answer, NearbyService
from mapping.lookup.network_terms import ended_before
from mapping.lookup.question import FLAGS
from mapping.tables import Row
from mapping.walking.profiles import profiles
from mapping.walking.snapping import OFF_NETWORK_METRES

router = CountedRouter(include_in_schema=False, default_response_class=HTMLResponse)
SPOKEN = ("ar", "es", "bn", "en", "fr", "zh", "uk", "ro", "sq", "ur", "si", "tl", "pt", "ru")
"""Languages that a form offers: those of the pages, and of the families that networks meet most."""
SEAT = "servizio_sociale"
WISHES = {
    "age": "age",
    "language": "languages",
    **{wish: name for wish, (name, _, _) in FLAGS.items()},
}
"""Form field to the name of its condition in an answer; the hours are handled separately."""
COLUMNS = {"language": "languages", **{wish: column for wish, (_, column, _) in FLAGS.items()}}
"""Form field to the column of a service that answers it; of an unknown age pages say the usual."""


@router.get("/")
async def ask(request: Request, reading: OpenEdition) -> Response:
    """Show the empty form."""

    def make() -> HTMLResponse:
        context = _form_context(reading, NearestForm())
        return page(request, reading, "home.html", **context, answer=None, mistake=None)

    return await kept_page(request, reading, None, make)


@router.post("/")
async def answer(
    request: Request, reading: OpenEdition, form: Annotated[NearestForm, Form()], part: str = ""
) -> HTMLResponse:
    """Answer the form: the whole page or, to a script that asks for it, the part that changes."""
    return await look_up(_answer, request, reading, form, part)


def _answer(request: Request, reading: Published, form: NearestForm, part: str) -> HTMLResponse:
    template = "answer.html" if part == "answer" else "home.html"
    cleared = form.cleared()
    context = _form_context(reading, cleared)
    try:
        lookup_answer = answer_form(reading, cleared, paths=True)
    except ProssimaError as error:
        content = {"answer": None, **mistake_of(error)}
        return page(request, reading, template, status=422, **context, **content)
    content = {
        "answer": lookup_answer,
        "mistake": None,
        **_answer_context(request, reading, cleared, lookup_answer),
    }
    return page(request, reading, template, **context, **content)


def _form_context(reading: Published, form: NearestForm) -> dict[str, Any]:
    return {
        "form": form,
        "is_emergency": is_about_emergency(form),
        **need_choices(),
        "walkers": {name: walker.label for name, walker in profiles().items()},
        "tongues": SPOKEN,
        "quarters": reading.lookup.quarters,
        "level": reading.lookup.levels[0],
        "municipio_word": reading.city.municipio_word,
        "contacts": reading.city.confidential_contacts,
        "missing": reading.edition.manifest.parameters["missing"],
        "unanswered": _unanswered(reading, form),
    }


def _unanswered(reading: Published, form: NearestForm) -> set[str]:
    """Give the fields of the form that no service of the chosen categories answers."""
    wanted = set(form.category)

    def is_told(column: str) -> bool:
        codes = telling(reading.edition, column)
        return bool(codes & wanted if wanted else codes)

    return {field for field, column in COLUMNS.items() if not is_told(column)}


def _answer_context(
    request: Request, reading: Published, form: NearestForm, answer: Answer
) -> dict[str, Any]:
    now = reading.calendar.now()
    when = form.question(reading.calendar).open_at
    reached = {code for result in answer.results for code in result.service.categories}
    return {
        "near": nearest_civic(reading, answer.origin),
        "areas": reading.area_names,
        "networks": _networks(reading, answer),
        "ours": seats_of(answer.competent),
        **_seats(reading, answer),
        "partial": incomplete(completeness(reading.edition, form.category)),
        "lacking": [
            code for code in form.category if code not in reached | without_records(reading.edition)
        ],
        "wished": [name for field, name in WISHES.items() if getattr(form, field)],
        "when": when and dates.format_datetime(when, "EEEE H:mm", locale=words_for(request).locale),
        "hours_of": partial(stated_hours, calendar=reading.calendar, moment=when or now),
        "firsts": len(first_of_each(answer.results, form.category)),
        "publishers": {entry.id: entry.publisher for entry in reading.edition.manifest.sources},
        "off_street": (answer.snap_metres or 0) > OFF_NETWORK_METRES,
        "drawn": _map_places(answer),
    }


def _networks(reading: Published, answer: Answer) -> list[Row]:
    municipio = answer.origin.municipio
    if municipio is None:
        return []
    today = reading.calendar.today()
    rows = reading.lookup.municipal_networks(municipio)
    return [row | {"ended": ended_before(row["status"], today)} for row in rows]


def _seats(reading: Published, answer: Answer) -> dict[str, Any]:
    """Give the seats that are for whoever lives there, else those that are in the municipio."""
    ours = competent(reading.lookup.by_catchment, answer.origin, [SEAT])
    if ours:
        return {"seats": ours, "seats_are_competent": True}
    in_municipio = pc.field("municipio") == answer.origin.municipio
    of_kind = reading.edition.services.filter(in_municipio & (pc.field("category") == SEAT))
    rows: list[Row] = of_kind.select(["service_id", "name", "address", "phone"]).to_pylist()
    return {"seats": rows, "seats_are_competent": False}


def _map_places(answer: Answer) -> dict[str, Any]:
    # What the map of the page shows; the list says the same in words.
    return {
        "origin": [round(answer.origin.lon, 6), round(answer.origin.lat, 6)],
        "places": [_point_of(result) for result in answer.results],
        "routes": [_line_of(result) for result in answer.results],
    }


def _point_of(result: NearbyService) -> list[float]:
    return [round(degrees, 6) for degrees in result.service.point]


def _line_of(result: NearbyService) -> list[list[float]] | None:
    return None if result.path is None else result.path.round(6).tolist()
