"""The page of scenarios, which compares services before and after changes; it keeps nothing."""

from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from api.conditions import CategoryCode
from api.dependencies import OpenEdition
from api.heavy_work import REFUSED
from api.i18n.language import words_for
from api.pages.rendering import page, render
from api.planner.plan_requests import PlanQuery
from api.planner.scenario_editor import (
    MAX_CHARACTERS,
    RefusedPlan,
    answer_scenario,
    editor_content,
    propose_sites,
    read,
    refusal,
    resolve_ids,
    scenario_json,
)
from api.planner.view import usual_category
from api.published import Published
from api.threads import CountedRouter
from mapping.coverage.situations import ADULT
from mapping.disclosure import published_categories
from mapping.errors import BusyError, ProssimaError
from mapping.siting.asks import Ask

router = CountedRouter(prefix="/rete/scenario", tags=["pages"], include_in_schema=False)
Code = Annotated[CategoryCode | None, Query(alias="category")]
Part = Annotated[str, Query(max_length=10)]
Walker = Annotated[str, Query(max_length=40)]
Content = dict[str, Any]
PARTS = ("answer", "sites")
PLAN_ERRORS = (ProssimaError, ValidationError, MemoryError)
NOTHING = {"text": "", "answer": None, "problem": None, "sites": None, "sites_problem": None}


async def _written(request: Request) -> str:
    """Read the scenario of a form: its file, else its text."""
    form = await request.form()
    file, text = form.get("file"), form.get("scenario")
    if isinstance(file, UploadFile) and file.filename:
        return (await file.read(MAX_CHARACTERS)).decode("utf-8-sig", errors="replace")
    return text if isinstance(text, str) else ""


async def _typed(request: Request) -> dict[str, str]:
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str) and value}


@router.get("")
def editor(
    request: Request, reading: OpenEdition, code: Code = None, profile: Walker = ADULT
) -> HTMLResponse:
    """Show the editor, with nothing changed yet."""
    usual = usual_category(reading.edition)
    try:
        ask = Ask(code or usual, profile=profile)
    except ProssimaError as error:
        content = {"problem": refusal(error, words_for(request))}
        return _page(request, reading, PlanQuery(category=usual), content)
    return _page(request, reading, PlanQuery(category=ask.category, profile=ask.profile), {})


@router.post("")
def weigh(
    request: Request,
    reading: OpenEdition,
    text: Annotated[str, Depends(_written)],
    code: Code = None,
    part: Part = "",
) -> HTMLResponse:
    """Say what the changes would do; with the file of a scenario, go on with it."""
    content: Content = {"text": text}
    try:
        body = read(text)
        _require_accepted(request)
        answer = answer_scenario(reading, body, words_for(request))
    except PLAN_ERRORS as error:
        content |= {"problem": refusal(error, words_for(request))}
        return _part(request, reading, part, PlanQuery(category=_known(reading, code)), content)
    body = resolve_ids(body, answer)
    content |= {"answer": answer, "text": scenario_json(body)}
    return _part(request, reading, part, body, content)


@router.post("/sedi")
def propose(
    request: Request,
    reading: OpenEdition,
    typed: Annotated[dict[str, str], Depends(_typed)],
    part: Part = "",
) -> HTMLResponse:
    """Propose where the next services should be."""
    content: Content = {}
    try:
        _require_accepted(request)
        content |= {"sites": propose_sites(reading, typed, words_for(request))}
    except PLAN_ERRORS as error:
        content |= {"sites_problem": refusal(error, words_for(request))}
    begun = PlanQuery(category=_known(reading, typed.get("category")))
    return _part(request, reading, part, begun, content)


def _require_accepted(request: Request) -> None:
    if REFUSED in request.scope:
        raise BusyError


def _known(reading: Published, code: str | None) -> str:
    return code if code in published_categories() else usual_category(reading.edition)


def _part(
    request: Request, reading: Published, part: str, body: PlanQuery, content: Content
) -> HTMLResponse:
    """Answer with a part of the page that asks for it, else with the whole."""
    if part not in PARTS:
        return _page(request, reading, body, content)
    words = words_for(request)
    html = render(f"scenario_{part}.html", words, **{**NOTHING, **content})
    headers = {"Cache-Control": "no-store", "Content-Language": words.code}
    return HTMLResponse(html, _status(content), headers)


def _page(request: Request, reading: Published, body: PlanQuery, content: Content) -> HTMLResponse:
    shown = {**NOTHING, **content, "plan": editor_content(reading, body)}
    return page(request, reading, "scenario_page.html", status=_status(content), **shown)


def _status(content: Content) -> int:
    problem: RefusedPlan | None = content.get("problem") or content.get("sites_problem")
    return problem.status if problem else 200
