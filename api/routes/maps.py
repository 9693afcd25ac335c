"""folium maps as pages of their own, to be opened, framed or mailed."""

from typing import Annotated

import pyarrow.compute as pc
from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import HTMLResponse

from api.forms import NearestForm, answer_form
from api.published import Published, published
from mapping import draw
from mapping.errors import BadInputError
from mapping.taxonomy import placed_category

router = APIRouter(prefix="/maps", tags=["maps"], default_response_class=HTMLResponse)
Reading = Annotated[Published, Depends(published)]
MAP_LEVELS = ("municipio", "nil")
"""Sections are too many for one page: they come as tiles."""


@router.get("/services.html", summary="Every service on one map")
def services(reading: Reading) -> str:
    """Draw every service, by group of categories."""
    title = f"I servizi per le famiglie a {reading.city.name}"
    return draw.services_map(
        reading.edition.services, reading.edition.areas, _frame(reading, title)
    )


@router.get("/coverage.html", summary="How far a category is, by municipio or NIL")
def coverage(
    reading: Reading,
    category_code: Annotated[str, Query(alias="category")] = "scuola_infanzia",
    level: str = "nil",
) -> str:
    """Draw the coverage of one category."""
    if level not in MAP_LEVELS:
        raise BadInputError(f"No map at level '{level}'. Use one of: {', '.join(MAP_LEVELS)}.")
    label = placed_category(category_code).label
    table = reading.edition.coverage
    rows = table.filter((pc.field("category") == category_code) & (pc.field("level") == level))
    return draw.coverage_map(
        rows,
        reading.edition.areas,
        _frame(reading, f"{label}: quanto sono lontani"),
        category_code=category_code,
        level=level,
    )


@router.post("/nearest", summary="The nearest services, with the way to each")
def nearest(reading: Reading, form: Annotated[NearestForm, Form()]) -> HTMLResponse:
    """Draw the answer to a posted form: origin, services, the walking path of each."""
    answer = answer_form(reading, form, paths=True)
    origin = answer.origin
    stops = [
        draw.Stop(found.service, found.seconds, found.metres, found.estimated, found.path)
        for found in answer.found
    ]
    label = origin.address or "Il punto scelto"
    page = draw.nearest_map(
        draw.Origin(origin.lon, origin.lat, label),
        stops,
        reading.edition.areas,
        _frame(reading, "I servizi più vicini"),
        streets=reading.lookup.streets_around(answer),
    )
    return HTMLResponse(page, headers={"Cache-Control": "no-store"})


def _frame(reading: Published, title: str) -> draw.Frame:
    return draw.Frame(
        title=title,
        edition=reading.edition.id,
        attribution=reading.attributions,
        estimated=reading.estimated,
    )
