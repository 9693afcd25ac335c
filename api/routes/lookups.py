"""Look-ups near a place; they are POST, so that no address is ever in a URL."""

from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.conditions import WALKER, CategoryCode, Conditions, Distinct
from api.dependencies import OpenEdition
from api.problems import declared
from api.published import Published
from api.threads import CountedRouter, look_up
from mapping.edition.queries import completeness
from mapping.geocoding.place import Place
from mapping.lookup.documents import encoded, outings_document, outlines
from mapping.lookup.nearest import Lookup
from mapping.lookup.origin import Where
from mapping.lookup.question import Question
from mapping.lookup.round_trips import OUTINGS, outings

router = CountedRouter(prefix="/v1", tags=["look-ups"], responses=declared(404, 408, 413, 422, 503))
NEAREST_PATH = "/v1/nearest"
"""Answered before the router, by `api/look_ups.py`, where the body is right."""
SHORT_MINUTES = 60
NOT_KEPT = {"Cache-Control": "no-store"}


class GeoJSON(JSONResponse):
    """A document of RFC 7946."""

    media_type = "application/geo+json"


class _LookupBody(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WhereBody(_LookupBody):
    """Exactly one of: an address; lon and lat in degrees; a NIL by id or name.

    In a city without NIL, `nil` names one of its municipi.
    """

    address: str | None = Field(default=None, min_length=1, max_length=200)
    lon: float | None = None
    lat: float | None = None
    nil: str | None = Field(default=None, min_length=1, max_length=100)


class ConditionsBody(Conditions):
    """From where, on which conditions, and who walks."""

    where: WhereBody = Field(description="An address; or lon and lat; or a NIL.")


class NearestBody(ConditionsBody):
    """What is looked for, and from where.

    A service that is known not to meet a condition is left out; one of which that is not known
    stays, and `unknown` in its result names the condition. Where nothing is found, `almost` has of
    each condition the nearest service that fails it alone, and `fails` names it.
    """

    categories: Distinct[CategoryCode] = Field(
        default=[], max_length=100, description="Category codes; empty means every one."
    )
    count: int = Field(default=5, description="How many answers in all, 1 to 100.")


class RoundBody(ConditionsBody):
    """Several needs, and from where: a walk from home over a place for each of them and back.

    Each place must fit the conditions, and be within `max_minutes` of home. `open` is when one sets
    out: half an hour is spent at each place, and `arrival` and `open` of a stop are told. A place
    that is closed then and for two hours more is left out. `lacking` has the needs without a place
    within reach; then there is no round. Of `unrecorded` needs no place is known at all: the rounds
    are over the others.
    """

    categories: Distinct[CategoryCode] = Field(
        max_length=100, description="2 to 4 category codes; one place may be of several of them."
    )


class IsochroneBody(_LookupBody):
    """From where, for how long, and who walks: exactly one of `where` and `service_id`."""

    where: WhereBody | None = Field(default=None, description="An address; lon and lat; or a NIL.")
    service_id: str | None = Field(
        default=None, max_length=300, description="A service, from all the places where it is."
    )
    minutes: Distinct[int] = Field(
        default=[5, 10, 15], max_length=60, description="Minutes, 1 to 60; at most 6 of them."
    )
    profile: str = Field(default="adult", description=WALKER)


class GeocodeBody(_LookupBody):
    """An address or the name of a place, or its beginning; or a point.

    Of a point the nearest civic number is found.
    """

    address: str | None = Field(
        default=None, min_length=1, max_length=200, description="An address, a name, or its start."
    )
    lon: float | None = Field(default=None, description="Degrees, instead of an address.")
    lat: float | None = Field(default=None, description="Degrees, instead of an address.")
    limit: int = Field(default=8, ge=1, le=50, description="How many places at the most.")


@router.post(
    NEAREST_PATH.removeprefix(router.prefix),
    summary="The nearest services from a place",
    response_model=dict[str, Any],
)
async def nearest(body: NearestBody, reading: OpenEdition) -> Response:
    """Find the nearest services on foot, with what is listed because its place is not known.

    `unplaced` has as many of these as `count`, and `unplaced_count` says how many there are.
    `doubts` of `origin` has `rough` where it is not known to 300 m: the minutes are then about.
    """
    content = answered_at_once(body, reading)
    if content is None:
        content = await look_up(_nearest_in_thread, reading, *_wanted(body, reading))
    return Response(content, headers=NOT_KEPT, media_type="application/json")


def answered_at_once(body: NearestBody, reading: Published) -> bytes | None:
    """Answer a look-up as JSON; None if it takes longer than to hand it to a thread."""
    if body.where.lon is None or body.max_minutes > SHORT_MINUTES:
        return None
    where, question = _wanted(body, reading)
    if question.is_conditional or not reading.lookup.is_prepared(question.profile):
        return None
    return _nearest(reading, where, question)


def _wanted(body: NearestBody, reading: Published) -> tuple[Where, Question]:
    question = body.question(body.categories, body.count, reading.calendar.today)
    return Where(**vars(body.where)), question


def _nearest_in_thread(reading: Published, where: Where, question: Question) -> bytes:
    # The first takes a thread: it prepares what those after it are answered by at once.
    reading.lookup.areas_around.lay_grid()
    return _nearest(reading, where, question)


def _nearest(reading: Published, where: Where, question: Question) -> bytes:
    answer = reading.lookup.nearest(reading.lookup.origin(where), question)
    lists = completeness(reading.edition, question.categories)
    return encoded(answer, reading.edition.id, question, lists)


@router.post("/round", summary="The shortest rounds over a place for each of several needs")
def round_trip(body: RoundBody, reading: OpenEdition, response: Response) -> dict[str, Any]:
    """Find the three shortest rounds on foot from home over all needs and back home.

    No other round of known places is shorter along the streets that are known; `may_be_shorter`
    says that over the border some are not. Each may as well be walked the other way round.
    """
    response.headers["Cache-Control"] = "no-store"
    lookup = reading.lookup
    question = body.question(body.categories, OUTINGS, reading.calendar.today)
    answer = outings(lookup, lookup.origin(Where(**body.where.model_dump())), question)
    answer_document = outings_document(answer, reading.edition.id)
    return {**answer_document, "completeness": completeness(reading.edition, question.categories)}


@router.post(
    "/isochrone", summary="Where one is after so many minutes on foot", response_class=GeoJSON
)
def isochrone(body: IsochroneBody, reading: OpenEdition, response: Response) -> dict[str, Any]:
    """Outline what is reached from a place or a service, as GeoJSON: each lies inside the next.

    `kilometres` of streets are reached; `estimated` is a circle, for want of a street within 250 m.
    """
    response.headers["Cache-Control"] = "no-store"
    where = None if body.where is None else Where(**body.where.model_dump())
    places = reading.lookup.starts(where, body.service_id)
    drawn = reading.lookup.isochrones(places, body.minutes, body.profile)
    return outlines(places, reading.lookup.reach(body.profile), drawn, reading.edition.id)


@router.post("/geocode", summary="The places that an address may mean")
async def geocode(body: GeocodeBody, reading: OpenEdition, response: Response) -> dict[str, Any]:
    """Find the places that fit what was typed so far, best first.

    `kind` is `address`, `crossing`, or that of a place with a name: `station`, `stop`, `park`,
    `area`, `school`, `health`, `office`, `sport_ground`, `cemetery`, `dog_area`, `police`,
    `municipio`, or `service` with its `category`. `error_metres` of a park or of premises is how
    far they reach.
    `confidence` is how well the words are answered, less where several places answer them. `doubts`
    has `cap` where the postcode that was written is none of the street's, `suffix` where the number
    has not what was written behind it, `area` where the address is not in the municipio or quarter
    that was written, `unread` where words that are not known may name another comune. `unheld` is
    the kind of place that was asked for, in its words, where no list of such places is held;
    `reason` says why nothing is found: `postcode` alone, a `need` in the place of a place, names in
    another `alphabet`, a `link` without a point, a place `elsewhere`, in another comune; and,
    whatever is found, that it is an `emergency`: call 112, or that another `comune` is called so.
    """
    response.headers["Cache-Control"] = "no-store"
    where = Where(body.address, body.lon, body.lat)
    places, unheld, reason = await look_up(_searched, reading.lookup, where, body.limit)
    results = [
        {
            "address": place.label,
            "lon": place.lon,
            "lat": place.lat,
            "precision": place.precision,
            "error_metres": place.error_metres,
            "confidence": place.confidence,
            "municipio": place.municipio,
            "kind": place.kind,
            "category": place.category,
            "doubts": place.doubts,
        }
        for place in places
    ]
    return {"results": results, "unheld": unheld, "reason": reason, "edition": reading.edition.id}


def _searched(
    lookup: Lookup, where: Where, limit: int
) -> tuple[list[Place], str | None, str | None]:
    """Find places, and say which kind of place is not held, and why nothing is found."""
    places, text = lookup.places(where, limit), where.address
    if text is None:
        return places, None, None
    unheld = lookup.search.unheld(text)
    is_found = bool(places or unheld)
    reason = lookup.search.reason(text, is_found=is_found)
    is_said = reason in ("emergency", "comune") or not is_found
    return places, unheld, reason if is_said else None
