"""The page of round trips over several needs; it works without JavaScript."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

from babel import dates
from fastapi import Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from api.dependencies import OpenEdition
from api.i18n.language import LANGUAGES, words_for
from api.pages.lookup_form import (
    MistypedError,
    NearestForm,
    is_about_emergency,
    mistake_of,
    nearest_civic,
    need_choices,
)
from api.pages.rendering import page
from api.published import Published
from api.services.stated_hours import stated_hours
from api.threads import CountedRouter
from mapping.edition.queries import completeness, incomplete
from mapping.errors import ProssimaError
from mapping.lookup.round_trips import MAX_NEEDS, MIN_NEEDS, STAY, Leg, Outing, Outings, outings
from mapping.walking.snapping import OFF_NETWORK_METRES

router = CountedRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/giro")
def begin(request: Request) -> RedirectResponse:
    """Redirect to the form: a round trip has no address, so that no URL ever holds a home."""
    chosen = request.query_params.get("lang")
    return RedirectResponse(f"/?lang={chosen}" if chosen in LANGUAGES else "/")


@router.post("/giro")
def round_trip(
    request: Request, reading: OpenEdition, form: Annotated[NearestForm, Form()]
) -> HTMLResponse:
    """Answer with the shortest rounds over a place for each need."""
    cleared = form.cleared()
    context = {
        "form": cleared,
        "is_emergency": is_about_emergency(cleared),
        "min_needs": MIN_NEEDS,
        "max_needs": MAX_NEEDS,
        **_names(reading),
    }
    try:
        answer = _answer(reading, cleared)
    except ProssimaError as error:
        content = {"answer": None, **mistake_of(error)}
        return page(request, reading, "round.html", status=422, **context, **content)
    content = {
        "answer": answer,
        "mistake": None,
        **_answer_context(request, reading, cleared, answer),
    }
    return page(request, reading, "round.html", **context, **content)


def _answer(reading: Published, form: NearestForm) -> Outings:
    question, where = form.question(reading.calendar), form.where()
    if not MIN_NEEDS <= len(question.categories) <= MAX_NEEDS:
        raise MistypedError("needs", f"give {MIN_NEEDS} to {MAX_NEEDS} different ones.")
    return outings(reading.lookup, reading.lookup.origin(where), question)


def _names(reading: Published) -> dict[str, Any]:
    return {
        **need_choices(),
        "areas": reading.area_names,
        "publishers": {entry.id: entry.publisher for entry in reading.edition.manifest.sources},
    }


def _answer_context(
    request: Request, reading: Published, form: NearestForm, answer: Outings
) -> dict[str, Any]:
    declared = completeness(reading.edition, form.category)
    return {
        "near": nearest_civic(reading, answer.origin),
        "hours_of": partial(stated_hours, calendar=reading.calendar),
        "now": reading.calendar.now(),
        "clock": partial(_clock, words_for(request).locale),
        "stay_seconds": STAY.total_seconds(),
        "off_street": (answer.snap_metres or 0) > OFF_NETWORK_METRES,
        "partial": list(incomplete(declared)),
        "drawn": {
            "origin": [round(answer.origin.lon, 6), round(answer.origin.lat, 6)],
            "rounds": [_map_round(outing) for outing in answer.rounds],
        },
    }


def _clock(locale: Any, moment: datetime) -> str:
    return dates.format_time(moment, "short", locale=locale)


def _map_round(outing: Outing) -> dict[str, Any]:
    # What the map of the page shows; the list says the same in words.
    return {
        "stops": [[round(stop.lon, 6), round(stop.lat, 6)] for stop in outing.stops],
        "names": [stop.visits[0].service.name for stop in outing.stops],
        "lines": [_line(leg) for leg in outing.legs],
    }


def _line(leg: Leg) -> list[list[float]] | None:
    return None if leg.path is None else leg.path.round(6).tolist()
