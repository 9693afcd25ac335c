"""The tutor's page: services near a family that it can use; it works without JavaScript."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import pyarrow.compute as pc
from babel import dates
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse

from api.i18n.language import words_for
from api.pages.lookup_form import (
    MistypedError,
    NearestForm,
    answer_form,
    nearest_civic,
    needs_by_group,
)
from api.pages.rendering import page
from api.published import Published, published
from mapping.edition.queries import completeness
from mapping.errors import ProssimaError, UnknownAddressError
from mapping.hours.opening import is_open
from mapping.lookup.nearest import Answer, Found
from mapping.lookup.question import FLAGS
from mapping.services.service_row import ServiceRow
from mapping.tables import Row
from mapping.taxonomy import categories
from mapping.walking.network import OFF_NETWORK_METRES
from mapping.walking.profiles import profiles

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
Reading = Annotated[Published, Depends(published)]
SPOKEN = ("ar", "es", "bn", "en", "fr", "zh", "uk", "ro", "sq", "ur", "si", "tl", "pt", "ru")
"""Languages that a form offers: those of the pages, and of the families that networks meet most."""
SEAT = "servizio_sociale"
WISHES = {
    "age": "age",
    "language": "languages",
    **{wish: name for wish, (name, _, _) in FLAGS.items()},
}
"""Field of the form to the name of its condition in an answer; the hours are told apart."""


@router.get("/")
def ask(request: Request, reading: Reading) -> HTMLResponse:
    """Show the empty form."""
    asked = NearestForm()
    return page(request, reading, "home.html", **_asking(reading, asked), answer=None, mistake=None)


@router.post("/")
def answer(
    request: Request, reading: Reading, form: Annotated[NearestForm, Form()], part: str = ""
) -> HTMLResponse:
    """Answer the form: the whole page or, to a script that asks for it, the part that changes."""
    template = "answer.html" if part == "answer" else "home.html"
    asked = form.cleared()
    context = _asking(reading, asked)
    try:
        found = answer_form(reading, asked, paths=True)
    except ProssimaError as error:
        content = {"answer": None, **_mistake(error)}
        return page(request, reading, template, status=422, **context, **content)
    content = {"answer": found, "mistake": None, **_answering(request, reading, asked, found)}
    return page(request, reading, template, **context, **content)


def _asking(reading: Published, form: NearestForm) -> dict[str, Any]:
    return {
        "form": form,
        "needs": needs_by_group(),
        "labels": {code: entry.label for code, entry in categories().items()},
        "ages": {code: _ages(entry) for code, entry in categories().items()},
        "walkers": {name: walker.label for name, walker in profiles().items()},
        "tongues": SPOKEN,
        "quarters": reading.lookup.quarters,
        "level": reading.lookup.levels[0],
        "municipio_word": reading.city.municipio_word,
        "contacts": reading.city.confidential_contacts,
        "missing": reading.edition.manifest.parameters["missing"],
    }


def _ages(entry: Any) -> tuple[int, int] | None:
    first, last = entry.age_min_months, entry.age_max_months
    return None if first is None or last is None else (first, last)


def _mistake(error: ProssimaError) -> dict[str, Any]:
    # The person is told in words of the page; the English message is for programs.
    named = error.field if isinstance(error, MistypedError) else type(error).__name__
    candidates = error.candidates if isinstance(error, UnknownAddressError) else []
    return {"mistake": named, "candidates": candidates}


def _answering(
    request: Request, reading: Published, form: NearestForm, found: Answer
) -> dict[str, Any]:
    now = reading.calendar.local(datetime.now(UTC))
    when = form.question(reading.calendar).open_at
    reached = {code for one in found.found for code in one.service.categories}
    return {
        "near": nearest_civic(reading, found.origin),
        "areas": _names(reading),
        "networks": _networks(reading, found),
        "seats": _seats(reading, found),
        "partial": _partial(reading, form.category),
        "lacking": [code for code in form.category if code not in reached],
        "wished": [name for field, name in WISHES.items() if getattr(form, field)],
        "when": when and dates.format_datetime(when, "EEEE H:mm", locale=words_for(request).locale),
        "state": _state(reading, when or now),
        "publishers": {one.id: one.publisher for one in reading.edition.manifest.sources},
        "off_street": (found.snap_metres or 0) > OFF_NETWORK_METRES,
        "drawn": _drawn(found),
    }


def _state(reading: Published, moment: datetime) -> Callable[[ServiceRow], bool | None]:
    return lambda row: is_open(row.opening_hours, moment, reading.calendar)


def _networks(reading: Published, answer: Answer) -> list[Row]:
    # The municipal network answers now; the neighbourhood ones flowed into it in 2024.
    if answer.origin.municipio is None:
        return []
    found = reading.lookup.networks(answer.origin.municipio)
    return [row for row in found if row["kind"] == "municipal"]


def _seats(reading: Published, answer: Answer) -> list[Row]:
    here = pc.field("municipio") == answer.origin.municipio
    of_kind = reading.edition.services.filter(here & (pc.field("category") == SEAT))
    rows: list[Row] = of_kind.select(["service_id", "name", "address", "phone"]).to_pylist()
    return rows


def _partial(reading: Published, codes: list[str]) -> dict[str, int | None]:
    declared = completeness(reading.edition, codes)
    return {
        code: known["known_total"]
        for code, known in declared.items()
        if known["status"] != "complete"
    }


def _names(reading: Published) -> dict[str, str]:
    rows = [row for level in reading.lookup.levels for row in reading.lookup.areas(level)]
    return {f"{row['level']}:{row['area_id']}": row["name"] for row in rows}


def _drawn(answer: Answer) -> dict[str, Any]:
    # What the map of the page shows; the list says the same in words.
    return {
        "origin": [round(answer.origin.lon, 6), round(answer.origin.lat, 6)],
        "places": [_at(found) for found in answer.found],
        "routes": [_path(found) for found in answer.found],
    }


def _at(found: Found) -> list[float]:
    return [round(degrees, 6) for degrees in found.service.point]


def _path(found: Found) -> list[list[float]] | None:
    return None if found.path is None else found.path.round(6).tolist()
