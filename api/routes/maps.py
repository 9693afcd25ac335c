"""folium maps as pages of their own, to open, frame or mail."""

from typing import Annotated

from fastapi import Form, Query
from fastapi.responses import HTMLResponse

from api.conditions import CategoryCode
from api.dependencies import OpenEdition, SituationQuery
from api.pages.lookup_form import NearestForm, answer_form
from api.planner.view import usual_category
from api.problems import declared
from api.published import Published
from api.threads import CountedRouter
from mapping.coverage.situations import labels
from mapping.edition.queries import completeness, coverage_table, require_figures
from mapping.errors import BadInputError
from mapping.maps.folium_maps import MapOrigin, MapStop, coverage_map, nearest_map, services_map
from mapping.maps.page import Frame
from mapping.taxonomy import placed_category

router = CountedRouter(
    prefix="/maps",
    tags=["maps"],
    default_response_class=HTMLResponse,
    responses=declared(503),
)


@router.get("/services.html", summary="Every service on one map")
def services(reading: OpenEdition) -> str:
    """Draw every service, by group of categories."""
    edition, title = reading.edition, f"I servizi per le famiglie a {reading.city.name}"
    stops = edition.table("stops.parquet") if edition.has("stops.parquet") else None
    return services_map(edition.services, edition.areas, _frame(reading, title), stops=stops)


@router.get(
    "/coverage.html",
    summary="How far a category is, by municipio or NIL",
    responses=declared(404, 422),
)
def coverage(
    reading: OpenEdition,
    category: Annotated[CategoryCode | None, Query(alias="category")] = None,
    level: Annotated[str | None, Query(description="the smallest areas if left out")] = None,
    *,
    situation: SituationQuery,
) -> str:
    """Draw the coverage of one category; sections are too many for one page."""
    levels = reading.lookup.levels
    level = level or levels[0]
    if level not in levels:
        raise BadInputError(f"No map at level '{level}'. Use one of: {', '.join(levels)}.")
    category_code = category or usual_category(reading.edition)
    label = placed_category(category_code).label
    require_figures(reading.edition, category_code)
    return coverage_map(
        coverage_table(reading.edition, category_code, {level, "municipality"}, situation),
        reading.edition.areas,
        _frame(reading, ", ".join([f"{label}: quanto sono lontani", *labels(situation)])),
        category_code=category_code,
        level=level,
        declared=completeness(reading.edition, [category_code])[category_code],
    )


@router.post(
    "/nearest",
    summary="The nearest services, with the way to each",
    responses=declared(404, 408, 413, 422),
)
def nearest(reading: OpenEdition, form: Annotated[NearestForm, Form()]) -> HTMLResponse:
    """Draw the answer to a posted form: origin, services, the walking path of each."""
    answer = answer_form(reading, form, paths=True)
    origin = answer.origin
    stops = [
        MapStop(result.service, result.seconds, result.metres, result.estimated, result.path)
        for result in answer.results
    ]
    label = origin.address or "Il punto scelto"
    page = nearest_map(
        MapOrigin(origin.lon, origin.lat, label),
        stops,
        reading.edition.areas,
        _frame(reading, "I servizi più vicini"),
        streets=reading.lookup.streets_around(answer),
    )
    return HTMLResponse(page, headers={"Cache-Control": "no-store"})


def _frame(reading: Published, title: str) -> Frame:
    return Frame(
        title=title,
        edition=reading.edition.id,
        attribution=reading.attributions,
        estimated=reading.estimated,
    )
