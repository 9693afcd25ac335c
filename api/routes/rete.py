"""The planner's page: a map of an indicator, its table, an area's sheet, the grey zones."""

from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from api.dependencies import OpenEdition
from api.i18n.list_sentences import list_sentence, people_sentence
from api.i18n.zone_sentences import zone_name, zone_rank_why, zone_why
from api.pages.page_cache import kept_page
from api.pages.rendering import chosen_language, page
from api.planner.area_sheet import bins, sheet, tenths
from api.planner.map_values import map_values
from api.planner.screen import Screen
from api.planner.view import CITY, LONGEST_PAGE, Offer
from api.planner.view_request import RequestedView, ViewRequest
from api.planner.zone_changes import compare
from api.published import Published
from api.threads import CountedRouter, in_thread
from mapping.coverage.situations import Situation
from mapping.disclosure import SECTION, public_categories
from mapping.edition.call_list import callees
from mapping.edition.edition import Edition
from mapping.edition.edition_cache import cached_by_edition
from mapping.edition.queries import (
    completeness,
    has_figures,
    has_sections,
    likely,
    people_bases,
    zone_rows,
)
from mapping.errors import BadInputError, ProssimaError
from mapping.indicators import indicators
from mapping.maps.choropleth_svg import patterns
from mapping.maps.map_words import group, reason
from mapping.taxonomy import category

router = CountedRouter(tags=["rete"], include_in_schema=False)
HELD_ZONES = 16
ZONES_ON_THE_MAP = 10
CALLEES_SHOWN = 10
"""The gravest of them; the others have a page."""


@router.get("/rete", response_class=HTMLResponse)
async def rete(request: Request, requested: RequestedView) -> Response:
    """Show the map, its legend and its table; the state of the page is its address."""

    def make() -> HTMLResponse:
        return _planner(request, requested)

    if requested.problems or requested.view.since:
        return await in_thread(make)  # what was typed, or another edition, is not kept
    state = requested.view, tuple(requested.offered.since)
    return await kept_page(request, requested.reading, state, make)


def _planner(request: Request, requested: ViewRequest) -> HTMLResponse:
    if not requested.has_figures:
        return _no_figures(request, requested)
    shown, view, edition = requested.screen, requested.view, requested.reading.edition
    zones = _zones(edition, view.category, view.situation)
    first = _first_row(shown)
    return _page(
        request,
        requested,
        "rete.html",
        shown=shown,
        offered=requested.offered,
        groups=_menus(requested.offered),
        current=first // LONGEST_PAGE + 1,
        rows=shown.sorted[first : first + LONGEST_PAGE],
        pages=-(-len(shown.lines) // LONGEST_PAGE),
        above=_above(requested.reading, view.level),
        why=reason,
        zones=zones,
        sections=has_sections(edition),
        most_zones=ZONES_ON_THE_MAP,
        # Sections are too many to come with a page: a script asks for them.
        values=None if view.level == SECTION else map_values(requested),
        sheet=sheet(edition, requested.reading.lookup, view, zones or ()) if view.area else None,
        bins=bins(),
        tenths=tenths,
        patterns=patterns(),
        chosen_language=chosen_language(request),
    )


@router.get("/rete/indicatori")
def glossary(request: Request, reading: OpenEdition) -> HTMLResponse:
    """Say what each indicator means, and how it is made."""
    return page(request, reading, "indicators.html", indicators=indicators().values())


@router.get("/rete/zone")
def all_zones(request: Request, requested: RequestedView) -> HTMLResponse:
    """List every grey zone of the requested view."""
    if not requested.has_figures:
        return _no_figures(request, requested)
    view = requested.view
    edition = requested.reading.edition
    zones = _zones(edition, view.category, view.situation)
    shown = {
        "zones": zones,
        "sections": has_sections(edition),
        "most_zones": None,
        "declared": completeness(edition, [view.category])[view.category],
    }
    return _page(request, requested, "zones_page.html", **shown)


def _page(request: Request, requested: ViewRequest, template: str, **shown: Any) -> HTMLResponse:
    """Show a view on a page, with what is wrong in its address."""
    bases = people_bases(requested.reading.edition)
    return page(
        request,
        requested.reading,
        template,
        status=422 if requested.problems else 200,
        view=requested.view,
        problems=requested.problems,
        teller=requested.teller,
        about=category(requested.view.category),
        changes=_changes(requested),
        list_sentence=list_sentence,
        not_calibrated=requested.teller.not_calibrated(requested.view),
        people_source=people_sentence(category(requested.view.category), bases, requested.words),
        everybody_source=people_sentence(None, bases, requested.words),
        untold=requested.teller.untold(requested.view),
        zone_name=zone_name,
        zone_why=zone_why,
        zone_rank_why=zone_rank_why,
        likely=likely,
        callees=callees,
        most_callees=CALLEES_SHOWN,
        **shown,
    )


def _no_figures(request: Request, requested: ViewRequest) -> HTMLResponse:
    """Say why there are no figures of a category, and lead to the others."""
    edition = requested.reading.edition
    others = {
        name: [(code, label) for code, label in entries if has_figures(edition, code)]
        for name, entries in _menus(requested.offered)["category"].items()
    }
    return page(
        request,
        requested.reading,
        "no_figures.html",
        status=422 if requested.problems else 200,
        about=category(requested.view.category),
        others=others,
        problems=requested.problems,
    )


def _first_row(shown: Screen) -> int:
    """Give the first row of the requested page, or of the page with the area of the open sheet."""
    view, last = shown.view, max(len(shown.lines) - 1, 0)
    level, _, area_id = view.area.partition(":")
    at = next((n for n, line in enumerate(shown.sorted) if line.area_id == area_id), None)
    if view.page == 1 and level == view.level and at is not None:
        return at // LONGEST_PAGE * LONGEST_PAGE
    return min(view.page - 1, last // LONGEST_PAGE) * LONGEST_PAGE


@cached_by_edition(HELD_ZONES)
def _zones(edition: Edition, code: str, situation: Situation) -> list[dict[str, Any]] | None:
    """List the grey zones; None where the situation is not computed for sections."""
    try:
        return zone_rows(edition, code, situation)
    except BadInputError:
        return None


def _changes(requested: ViewRequest) -> dict[str, Any] | None:
    if requested.before is None:
        return None
    view = requested.view
    try:
        return compare(requested.before, requested.reading.edition, view.category, view.situation)
    except ProssimaError:
        return None


def _menus(offered: Offer) -> dict[str, dict[str, list[tuple[str, str]]]]:
    """Group the categories and the indicators for the menus of the form."""
    groups: dict[str, dict[str, list[tuple[str, str]]]] = {"category": {}, "indicator": {}}
    for code, kind in public_categories().items():
        groups["category"].setdefault(group(kind.group), []).append((code, kind.label))
    for name in offered.indicator:
        indicator = indicators()[name]
        groups["indicator"].setdefault(indicator.group, []).append((name, indicator.label))
    return groups


def _above(reading: Published, level: str) -> dict[str, str]:
    """Name the areas in which those of a level lie."""
    smallest, *larger = reading.lookup.levels
    holding = smallest if level == SECTION else larger[0] if larger and level == smallest else CITY
    return {row["area_id"]: row["name"] for row in reading.lookup.areas(holding)}
