"""Published data: categories, services, areas, coverage, grey zones."""

from typing import Annotated, Any

from fastapi import Query, Request, Response

from api.conditions import CategoryCode
from api.dependencies import OpenEdition, SituationQuery
from api.i18n.language import words_for
from api.i18n.zone_sentences import with_sentences
from api.pages.page_cache import kept_list
from api.planner.zone_changes import compare
from api.problems import declared
from api.published import Published, Shelf
from api.threads import CountedRouter
from mapping.coverage.confidence.survival import calibration
from mapping.coverage.requirements import requirements
from mapping.coverage.situations import situations
from mapping.disclosure import published_categories
from mapping.edition.places_by_kind import KIND_LABELS, places_by_kind
from mapping.edition.queries import (
    completeness,
    coverage_rows,
    has_sections,
    known_services,
    people_bases,
    zone_rows,
)
from mapping.errors import UnknownAreaError, UnknownServiceError
from mapping.hours.windows import windows
from mapping.tables import SERVICES
from mapping.taxonomy import categories, placed_category
from mapping.walking.profiles import profiles

router = CountedRouter(prefix="/v1", tags=["data"], responses=declared(503))
NAMED = declared(404, 422)
"""Of what asks for something by its name."""
Limit = Annotated[int, Query(ge=1, le=1000)]


def _listing(reading: Published, response: Response, rows: list[dict[str, Any]]) -> dict[str, Any]:
    response.headers["Prossima-Edition"] = reading.edition.id
    return {"results": rows, "edition": reading.edition.id}


@router.get("/categories", summary="The categories, and how complete their lists are")
def list_categories(reading: OpenEdition, response: Response) -> dict[str, Any]:
    """List every category; a confidential one is a phone number, and no place.

    `services` counts those that are known and have not ended, as `completeness` does.
    """
    declared = completeness(reading.edition, published_categories())
    number = known_services(reading.edition)
    shares = _known_shares(reading)
    rows = [
        {
            **entry.model_dump(mode="json"),
            "services": number.get(code, 0),
            "completeness": declared.get(code),
            "known": shares.get(code),
        }
        for code, entry in categories().items()
    ]
    contacts = reading.city.confidential_contacts
    return _listing(reading, response, rows) | {"confidential": contacts}


@router.get("/services", summary="Services at locations, page by page", responses=NAMED)
def list_services(
    reading: OpenEdition,
    response: Response,
    category_code: Annotated[CategoryCode | None, Query(alias="category")] = None,
    municipio: str | None = None,
    after: Annotated[str | None, Query(description="the `next` of the page before")] = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """List services by key; `next` is the cursor of the following page, null on the last."""
    if category_code is not None:
        placed_category(category_code)
    if municipio is not None:
        _require_municipio(reading, municipio)
    rows = [
        row
        for row in _services(reading)
        if (category_code is None or category_code in row["categories"])
        and (municipio is None or row["municipio"] == municipio)
        and (after is None or _cursor(row) > after)
    ]
    page = rows[:limit]
    following = _cursor(page[-1]) if len(rows) > limit else None
    return _listing(reading, response, page) | {"next": following}


@router.get(
    "/services/{service_id:path}", summary="One service, at all its locations", responses=NAMED
)
def one_service(service_id: str, reading: OpenEdition, response: Response) -> dict[str, Any]:
    """Give every location of a service."""
    # An id that was merged into a card leads to the card.
    card = reading.directory.find(service_id)
    if not card:
        raise UnknownServiceError(
            f"Unknown service '{service_id}'. Find the ids in /v1/services, or in a look-up."
        )
    rows = [row for row in _services(reading) if row["service_id"] == card[0].service_id]
    if card[0].comune_outside is not None:
        rows = [{name: getattr(row, name) for name in SERVICES.names} for row in card]
    return _listing(reading, response, rows)


@router.get(
    "/areas/{level}",
    summary="The areas of one level with their people",
    responses=NAMED,
    response_model=dict[str, Any],
)
async def list_areas(level: str, request: Request, reading: OpenEdition) -> Response:
    """List areas without their outlines; the outlines are in the exports."""

    def make() -> dict[str, Any]:
        return {"results": reading.lookup.areas(level), "edition": reading.edition.id}

    return await kept_list(request, reading, level, make)


@router.get("/networks", summary="The QuBì networks", responses=NAMED)
def list_networks(
    reading: OpenEdition, response: Response, municipio: str | None = None
) -> dict[str, Any]:
    """List the networks that keep the services of an area together."""
    if municipio is not None:
        _require_municipio(reading, municipio)
    return _listing(reading, response, reading.lookup.networks(municipio))


@router.get("/situations", summary="For whom, when and for what need coverage is told")
def list_situations(reading: OpenEdition, response: Response) -> dict[str, Any]:
    """List the situations, and what their parts are called; `days` are those of the edition."""
    days = reading.edition.manifest.parameters.get("windows")
    window_days = days if isinstance(days, dict) else {}
    return _listing(reading, response, [situation._asdict() for situation in situations()]) | {
        "profiles": {item.id: item.label for item in profiles().values()},
        "windows": {
            item.id: {"label": item.label, "days": window_days.get(item.id)}
            for item in windows().values()
        },
        "requirements": {item.id: item.label for item in requirements().values()},
    }


@router.get(
    "/coverage",
    summary="Time to the nearest service, by area",
    responses=NAMED,
    response_model=dict[str, Any],
)
async def list_coverage(
    request: Request,
    reading: OpenEdition,
    category_code: Annotated[CategoryCode, Query(alias="category")],
    situation: SituationQuery,
    level: Annotated[str | None, Query(description="the smallest named areas if left out")] = None,
) -> Response:
    """List seconds, shares and class of every area of a level, with the list's completeness.

    Walks and shares within some minutes are of the `known` services, of which `to_verify` may have
    ended, without the `unplaced` ones, whose place is not known. Where `completeness` is not
    `complete` there are others: `share_served` is at the least, and `share_far`, `share_closed`,
    `share_unsuitable` and `share_crowded` are null, not 0. `estimated` marks `seconds` that rest on
    straight lines over the border (`estimated_2nd`, `estimated_3rd` the others); for
    `share_estimated` of the people the walk to the nearest is one. `share_10_by_streets` is what
    `share_10` would be along known streets alone, null where it is the same (so of each of them).
    `probability_low` and `probability_high` never leave [0.03, 0.97]: these ends mean «less than
    3%» and «more than 97%», not that much. Both are the chance that one **is** near most people,
    whatever the word. `people_bases` says who counted residents and children, and when;
    `calibration` of `all`, `some` or `none` of the records somebody measured how long they hold.
    """
    named = level or reading.lookup.levels[0]

    def make() -> dict[str, Any]:
        rows = coverage_rows(reading.edition, category_code, named, situation)
        lists = completeness(reading.edition, [category_code])
        return {
            "results": rows,
            "edition": reading.edition.id,
            "completeness": lists,
            "people_bases": people_bases(reading.edition),
            "calibration": calibration(category_code),
        }

    return await kept_list(request, reading, (category_code, named, situation), make)


@router.get("/places", summary="Places by kind, with the accessible ones", responses=NAMED)
def list_places(
    reading: OpenEdition,
    response: Response,
    category_code: Annotated[CategoryCode, Query(alias="category")],
    level: str = "municipality",
) -> dict[str, Any]:
    """List services and places of the areas of a level: all, by who gives them, and accessible.

    `accessible` is without a full fee and without residence. What is not known is a kind of its
    own. Where `known` is 0 none is known to us, which is not to say that there are none. `norm` is
    the published one of places for 100 people, of the whole city alone.
    """
    kind = placed_category(category_code)
    areas = reading.lookup.areas(level)
    rows = [
        {"level": level, "area_id": area["area_id"], "label": KIND_LABELS[row["kind"]], **row}
        for area in areas
        for row in places_by_kind(reading.edition, kind.code, level, area["area_id"])
    ]
    of_law = level == "municipality"
    norm = {"places_per_100": kind.places_per_100_norm, "source": kind.norm_source}
    known = completeness(reading.edition, [kind.code])[kind.code]["known"]
    return _listing(reading, response, rows) | {"known": known, "norm": norm if of_law else None}


@router.get("/greyzones", summary="Grey zones of a category, with their reasons", responses=NAMED)
def list_greyzones(
    request: Request,
    reading: OpenEdition,
    response: Response,
    category_code: Annotated[CategoryCode, Query(alias="category")],
    situation: SituationQuery,
) -> dict[str, Any]:
    """List the zones without their outlines and sections, the gravest first.

    `why` and `rank_why` are sentences in the language of `Accept-Language`, else in Italian. Where
    `sections` is false the city has no census sections with outlines, of which zones are made.
    `minutes_missing` is null of a doubt: nobody knows that any are. `probability_low` and
    `probability_high` end at 0.03 and 0.97, which mean «less than 3%» and «more than 97%»: the
    chance that one **is** near most people, whatever the word. `people_bases` says who counted
    residents and children, and when; `calibration` of `all`, `some` or `none` of the records
    somebody measured how long they hold. `estimated` marks minutes that rest on straight lines over
    the border, and `depends_on` has `estimate` where those of the rank do, or the rank itself:
    `rank_by_streets` is that along known streets alone.
    """
    words = words_for(request)
    response.headers.update({"Content-Language": words.code, "Vary": "Accept-Language"})
    rows = with_sentences(zone_rows(reading.edition, category_code, situation), words)
    return _listing(reading, response, rows) | {
        "completeness": completeness(reading.edition, [category_code]),
        "people_bases": people_bases(reading.edition),
        "calibration": calibration(category_code),
        "sections": has_sections(reading.edition),
    }


@router.get(
    "/greyzones/changes",
    summary="What became of grey zones since an edition",
    responses=declared(404, 410, 422),
)
def list_changes(
    request: Request,
    reading: OpenEdition,
    response: Response,
    since: Annotated[str, Query(description="an edition that is still held")],
    situation: SituationQuery,
    category_code: Annotated[CategoryCode | None, Query(alias="category")] = None,
) -> dict[str, Any]:
    """List every zone of either edition: appeared, grew, shrank, closed or unchanged."""
    shelf: Shelf = request.app.state.shelf
    document = compare(shelf.other(since), reading.edition, category_code, situation)
    return _listing(reading, response, document.pop("results")) | document


def _services(reading: Published) -> list[dict[str, Any]]:
    rows = reading.edition.services.drop_columns(["geometry"]).to_pylist()
    return sorted(rows, key=_cursor)


def _known_shares(reading: Published) -> dict[str, dict[str, float]]:
    """Of each category, the share of the services whose hours, places and ages are known."""
    columns = {"hours": "opening_hours", "capacity": "capacity", "ages": "age_min_months"}
    living = [row for row in reading.edition.service_rows if row.is_listed]
    return {
        code: {name: round(sum(getattr(row, c) is not None for row in rows) / len(rows), 3)
               for name, c in columns.items()}
        for code in categories()
        if (rows := [row for row in living if code in row.categories])
    }  # fmt: skip


def _require_municipio(reading: Published, municipio: str) -> None:
    divided = "municipio" in reading.lookup.levels
    municipi = [area["area_id"] for area in reading.lookup.areas("municipio")] if divided else []
    if municipio not in municipi:
        known = (
            f"Use one of: {', '.join(municipi)}."
            if municipi
            else "The city has none: leave it out."
        )
        raise UnknownAreaError(f"Unknown municipio '{municipio}'. {known}")


def _cursor(row: dict[str, Any]) -> str:
    return f"{row['service_id']}|{row['location_id']}"
