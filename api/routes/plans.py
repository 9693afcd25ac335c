"""Plans: where to open, what a change would do, which closures leave most without a service."""

from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response

from api.dependencies import OpenEdition
from api.i18n.language import Words, words_for
from api.i18n.plan_sentences import change_in_words, closures_in_words, site_in_words
from api.planner.plan_requests import PlanQuery, ScenarioBody, SiteBody
from api.problems import declared
from api.threads import CountedRouter
from mapping.siting.answers import FRAGILE, change, fragile, site

router = CountedRouter(prefix="/v1", tags=["plans"], responses=declared(404, 408, 413, 422, 503))


def language(request: Request, response: Response) -> Words:
    """Choose the language of the sentences: that of `Accept-Language`, else Italian."""
    words = words_for(request)
    response.headers.update({"Content-Language": words.code, "Vary": "Accept-Language"})
    return words


Said = Annotated[Words, Depends(language)]


@router.post("/siting", summary="Where the next services should be")
def siting(body: SiteBody, reading: OpenEdition, response: Response, words: Said) -> dict[str, Any]:
    """Find the sites that reach most people, make walks shortest, or give most a place."""
    response.headers["Cache-Control"] = "no-store"
    return site_in_words(site(reading.plan_data, body.ask), words)


@router.post("/scenario", summary="What changes of services would do, by area")
def scenario(
    body: ScenarioBody, reading: OpenEdition, response: Response, words: Said
) -> dict[str, Any]:
    """Add, move, close and resize services, and compare before and after."""
    response.headers["Cache-Control"] = "no-store"
    return change_in_words(change(reading.plan_data, body.ask, body.requested), words)


@router.get("/closures", summary="The services that most would miss, were they to close")
def closures(
    query: Annotated[PlanQuery, Query()],
    reading: OpenEdition,
    response: Response,
    words: Said,
) -> dict[str, Any]:
    """Rank services by how many people would have none within the walk if it closed."""
    response.headers["Prossima-Edition"] = reading.edition.id
    return closures_in_words(fragile(reading.plan_data, query.ask, count=FRAGILE), words)
