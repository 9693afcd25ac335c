"""The planner's page: a map of an indicator, its table, an area's sheet, and their downloads."""

import json
from dataclasses import replace
from functools import lru_cache
from typing import Annotated, Any

import shapely
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from api.i18n.language import LANGUAGES, words_for
from api.i18n.zone_sentences import with_sentences, zone_why
from api.pages.rendering import page
from api.planner import downloads
from api.planner.area_sheet import bins, sheet
from api.planner.labels import Teller
from api.planner.screen import Screen, screen
from api.planner.view import CITY, LONGEST_PAGE, Offer, offer
from api.planner.view_reader import read_view
from api.planner.zone_changes import compare
from api.published import Published, Shelf, published
from mapping.coverage.situations import Situation
from mapping.disclosure import SECTION, public_categories
from mapping.edition.edition import Edition
from mapping.edition.geoparquet import geometries
from mapping.edition.queries import zone_rows
from mapping.errors import BadInputError, ProssimaError
from mapping.indicators import CLASS, indicators
from mapping.maps.choropleth_svg import patterns
from mapping.maps.map_words import group, reason
from mapping.taxonomy import category

router = APIRouter(tags=["rete"], include_in_schema=False)
Reading = Annotated[Published, Depends(published)]
FOREVER = "public, max-age=31536000, immutable"
SIMPLIFIED_DEGREES = 5e-5
HELD_ZONES = 16
ZONE_PROPERTIES = ("zone_id", "class", "name", "why", "demand", "confidence", "rank")
"""What the map shows of a zone."""
ZONES_ON_THE_MAP = 10
"""The gravest of them; the others have a page."""


class ViewRequest:
    """What a request asks to see, read once: the view, the screen, and what was wrong."""

    def __init__(self, request: Request, reading: Published) -> None:
        self.said = words_for(request)
        self.teller = Teller(self.said)
        self.shelf: Shelf = request.app.state.shelf
        self.reading = reading
        self.offered = _offered(self.shelf, reading)
        self.view, self.problems = read_view(request.query_params, reading, self.offered, self.said)
        self.before: Edition | None = None
        self.screen = self._screen()

    def _screen(self) -> Screen:
        try:
            self.before = _held(self.shelf, self.view.since) if self.view.since else None
            return screen(self.reading.edition, self.view, self.before)
        except ProssimaError:
            if not self.view.since:
                raise
            text = self.said.gettext(
                "L'edizione %(edition)s non si può confrontare con questa: non dice di questa"
                " mappa. Scegline una più recente."
            )
            self.problems.append(text % {"edition": self.view.since})
            self.view, self.before = replace(self.view, since=""), None
            return screen(self.reading.edition, self.view)


def read_request(request: Request, reading: Reading) -> ViewRequest:
    """Read what a request asks to see; a page tells what is wrong in it, and shows the rest."""
    return ViewRequest(request, reading)


def require_valid(requested: Annotated[ViewRequest, Depends(read_request)]) -> ViewRequest:
    """Raise BadInputError if any query value was invalid: a download cannot show warnings."""
    if requested.problems:
        raise BadInputError(" ".join(requested.problems))
    return requested


RequestedView = Annotated[ViewRequest, Depends(read_request)]
ValidView = Annotated[ViewRequest, Depends(require_valid)]


@router.get("/rete")
def rete(request: Request, requested: RequestedView) -> HTMLResponse:
    """Show the map, its legend and its table; the state of the page is its address."""
    shown, view, edition = requested.screen, requested.view, requested.reading.edition
    zones = _zones(edition, view.category, view.situation)
    first = _first_row(shown)
    return _page(
        request,
        requested,
        "rete.html",
        shown=shown,
        offered=requested.offered,
        groups=_groups(),
        current=first // LONGEST_PAGE + 1,
        rows=shown.sorted[first : first + LONGEST_PAGE],
        pages=-(-len(shown.lines) // LONGEST_PAGE),
        above=_above(requested.reading, view.level),
        why=reason,
        zones=zones,
        most_zones=ZONES_ON_THE_MAP,
        # Sections are too many to come with a page: a script asks for them.
        values=None if view.level == SECTION else _columns(requested),
        sheet=sheet(edition, requested.reading.lookup, view, zones or ()) if view.area else None,
        bins=bins(),
        patterns=patterns(),
        chosen_language=_language(request),
    )


@router.get("/rete/indicatori")
def glossary(request: Request, reading: Reading) -> HTMLResponse:
    """Say what each indicator means, and how it is made."""
    return page(request, reading, "indicators.html", indicators=indicators().values())


@router.get("/rete/zone")
def all_zones(request: Request, requested: RequestedView) -> HTMLResponse:
    """List every grey zone of the requested view."""
    view = requested.view
    zones = _zones(requested.reading.edition, view.category, view.situation)
    return _page(request, requested, "zones_page.html", zones=zones, most_zones=None)


@router.get("/rete/valori.json")
def values(request: Request, requested: ValidView) -> Response:
    """Give what a script needs to colour the map: one list a column."""
    body = json.dumps(_columns(requested), ensure_ascii=False, separators=(",", ":"))
    return Response(body, media_type="application/json", headers=_kept(request, requested.reading))


@router.get("/rete/zone.geojson")
def zones_drawn(request: Request, requested: ValidView) -> Response:
    """Give the outlines of the grey zones, with why they are grey."""
    view, edition = requested.view, requested.reading.edition
    table = edition.rows("greyzones.parquet", category=view.category, **view.situation._asdict())
    shapes = shapely.simplify(geometries(table), SIMPLIFIED_DEGREES)
    drawn = shapely.to_geojson(shapely.set_precision(shapes, 1e-5, mode="pointwise"))
    rows = with_sentences(table.drop_columns(["geometry", "members"]).to_pylist(), requested.said)
    features = [
        {
            "type": "Feature",
            "geometry": json.loads(shape),
            "properties": {name: row[name] for name in ZONE_PROPERTIES},
        }
        for shape, row in zip(drawn, rows, strict=True)
    ]
    body = {"type": "FeatureCollection", "edition": edition.id, "features": features}
    text = json.dumps(body, ensure_ascii=False).replace("NaN", "null")
    return Response(
        text, media_type="application/geo+json", headers=_kept(request, requested.reading)
    )


@router.get("/rete/mappa.svg")
def drawn(request: Request, requested: ValidView) -> Response:
    """Draw the map as one image, for whoever has no other, and for print."""
    image = downloads.as_svg(requested.screen, requested.reading, requested.teller)
    return Response(image, media_type="image/svg+xml", headers=_kept(request, requested.reading))


@router.get("/rete.csv")
def as_csv(requested: ValidView) -> Response:
    """Give the table of the screen."""
    return _file(
        downloads.as_csv(requested.screen, requested.reading), "text/csv", requested, "csv"
    )


@router.get("/rete.geojson")
def as_geojson(requested: ValidView) -> Response:
    """Give the areas of the screen."""
    text = downloads.as_geojson(requested.screen, requested.reading)
    return _file(text, "application/geo+json", requested, "geojson")


def _page(request: Request, requested: ViewRequest, template: str, **shown: Any) -> HTMLResponse:
    """Show a view on a page, with what is wrong in its address."""
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
        zone_why=zone_why,
        **shown,
    )


def _file(text: str, kind: str, requested: ViewRequest, ending: str) -> Response:
    view, edition = requested.view, requested.reading.edition.id
    name = f"prossima-{view.category}-{view.indicator}-{view.level}-{edition}.{ending}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Prossima-Edition": edition,
        "Cache-Control": "no-cache",
    }
    return Response(text, media_type=f"{kind}; charset=utf-8", headers=headers)


def _kept(request: Request, reading: Published) -> dict[str, str]:
    # An address that names the edition can never mean anything else.
    named = request.query_params.get("v") == reading.edition.id
    return {
        "Cache-Control": FOREVER if named else "no-cache",
        "Prossima-Edition": reading.edition.id,
        "Vary": "Accept-Language",
    }


def _offered(shelf: Shelf, reading: Published) -> Offer:
    return offer(reading.lookup, reading.city.municipio_word, shelf.comparable(reading))


@lru_cache(4)
def _held(shelf: Shelf, edition_id: str) -> Edition:
    return shelf.held(edition_id)


def _first_row(shown: Screen) -> int:
    """Turn to the page that is asked, or to that of the area whose sheet is open."""
    view, last = shown.view, max(len(shown.lines) - 1, 0)
    level, _, area_id = view.area.partition(":")
    at = next((n for n, line in enumerate(shown.sorted) if line.area_id == area_id), None)
    if view.page == 1 and level == view.level and at is not None:
        return at // LONGEST_PAGE * LONGEST_PAGE
    return min(view.page - 1, last // LONGEST_PAGE) * LONGEST_PAGE


@lru_cache(HELD_ZONES)
def _zones(edition: Edition, code: str, asked: Situation) -> list[dict[str, Any]] | None:
    """List the grey zones; None where sections are not told of the situation."""
    try:
        return zone_rows(edition, code, asked)
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


def _groups() -> dict[str, dict[str, list[tuple[str, str]]]]:
    """Put what is long to choose from into groups."""
    found: dict[str, dict[str, list[tuple[str, str]]]] = {"category": {}, "indicator": {}}
    for code, kind in public_categories().items():
        found["category"].setdefault(group(kind.group), []).append((code, kind.label))
    for name, one in indicators().items():
        found["indicator"].setdefault(one.group, []).append((name, one.label))
    return found


def _above(reading: Published, level: str) -> dict[str, str]:
    """Name the areas in which those of a level lie."""
    smallest, *larger = reading.lookup.levels
    holding = smallest if level == SECTION else larger[0] if larger and level == smallest else CITY
    return {row["area_id"]: row["name"] for row in reading.lookup.areas(holding)}


def _columns(requested: ViewRequest) -> dict[str, Any]:
    shown, view, teller = requested.screen, requested.view, requested.teller
    columns: dict[str, Any] = {
        "edition": requested.reading.edition.id,
        "level": view.level,
        "title": teller.title(view, view.shown),
        "keys": _keys(requested, other=False),
        "area": [line.area_id for line in shown.lines],
        "name": [teller.area(line.name, view.level) for line in shown.lines],
        "step": [line.step for line in shown.lines],
        "said": [teller.value(line.value, view.shown.unit) for line in shown.lines],
        "kind": [teller.kind(line.kind) for line in shown.lines]
        if view.indicator != CLASS
        else None,
    }
    if view.versus or view.since:
        unit = (view.second or view.shown).unit
        columns["other"] = {
            "title": teller.title(view, view.second or view.shown),
            "keys": _keys(requested, other=True),
            "step": [line.other_step for line in shown.lines],
            "said": [teller.value(line.other, unit) for line in shown.lines],
        }
    return columns


def _keys(requested: ViewRequest, *, other: bool) -> list[dict[str, Any]]:
    return [
        {"step": entry.step, "areas": entry.areas, "people": entry.people, **vars(entry.key)}
        for entry in requested.teller.legend(requested.screen, other=other)
    ]


def _language(request: Request) -> str:
    asked = request.query_params.get("lang", "")
    return asked if asked in LANGUAGES else ""
