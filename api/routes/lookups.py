"""Look-ups: what is near a place. They are POST, so that no address is ever in a URL."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from api.published import Published, published
from mapping.answers import completeness, document, moment
from mapping.lookup import Question, Where

router = APIRouter(prefix="/v1", tags=["look-ups"])
Reading = Annotated[Published, Depends(published)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WhereBody(_Body):
    """Exactly one of: an address; lon and lat in degrees; a NIL by id or name.

    In a city without NIL, `nil` names one of its municipi.
    """

    address: str | None = Field(default=None, min_length=1, max_length=200)
    lon: float | None = None
    lat: float | None = None
    nil: str | None = Field(default=None, min_length=1, max_length=100)


class NearestBody(_Body):
    """What is looked for, and from where."""

    where: WhereBody = Field(description="An address; or lon and lat; or a NIL.")
    categories: list[str] = Field(default=[], description="Category codes; empty means every one.")
    count: int = Field(default=5, description="How many answers in all, 1 to 100.")
    max_minutes: float = Field(default=60, description="The longest walk.")
    open: str | None = Field(
        default=None,
        max_length=40,
        examples=["sat 10:00"],
        description="When it must be open: a day and a time, or ISO. Unknown hours are not closed.",
    )


class GeocodeBody(_Body):
    """An address, or its beginning; or a point, to find the nearest civic number."""

    address: str | None = Field(
        default=None, min_length=1, max_length=200, description="An address, or its beginning."
    )
    lon: float | None = Field(default=None, description="Degrees, instead of an address.")
    lat: float | None = Field(default=None, description="Degrees, instead of an address.")
    limit: int = Field(default=8, ge=1, le=50, description="How many places at the most.")


@router.post("/nearest", summary="The nearest services from a place")
def nearest(body: NearestBody, reading: Reading, response: Response) -> dict[str, Any]:
    """Find the nearest services on foot, with what is listed because its place is not known."""
    response.headers["Cache-Control"] = "no-store"
    asked = (tuple(body.categories), body.count, body.max_minutes, moment(body.open))
    question = Question(*asked)
    lookup = reading.lookup
    answer = lookup.nearest(lookup.origin(Where(**body.where.model_dump())), question)
    said = document(answer, reading.edition.id, question)
    return {**said, "completeness": completeness(reading.edition, question.categories)}


@router.post("/geocode", summary="The places that an address may mean")
def geocode(body: GeocodeBody, reading: Reading, response: Response) -> dict[str, Any]:
    """Find the places that fit what was typed so far, best first."""
    response.headers["Cache-Control"] = "no-store"
    places = reading.lookup.places(Where(body.address, body.lon, body.lat), body.limit)
    results = [
        {
            "address": place.label,
            "lon": place.lon,
            "lat": place.lat,
            "precision": place.precision,
            "error_metres": place.error_metres,
            "confidence": place.confidence,
            "municipio": place.municipio,
        }
        for place in places
    ]
    return {"results": results, "edition": reading.edition.id}
