"""The printable report of an area, as a page or PDF."""

from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import HTMLResponse

from api.conditions import CategoryCode
from api.dependencies import OpenEdition, SituationQuery
from api.i18n.language import SOURCE, words
from api.pages.rendering import page, render
from api.planner.view import USUAL_CATEGORY
from api.printing.area_report import AreaReport
from api.printing.pdf import STATIC, pdf
from api.problems import brief, status_of
from api.threads import CountedRouter
from mapping.coverage.situations import Situation, situation
from mapping.errors import ProssimaError

router = CountedRouter(prefix="/rete/zona", tags=["pages"], include_in_schema=False)
Code = Annotated[CategoryCode, Query(alias="category")]


@router.get("/{level}/{area_id}.pdf", response_class=Response)
def report_pdf(
    level: str,
    area_id: str,
    reading: OpenEdition,
    situation: SituationQuery,
    code: Code = USUAL_CATEGORY,
) -> Response:
    """Lay the report out on paper; it is in Italian."""
    report = AreaReport(reading, level, area_id, code, situation)
    name = f"prossima-{code}-{level}-{area_id}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-cache"}
    return Response(pdf(_html(report, STATIC.as_uri())), 200, headers, "application/pdf")


@router.get("/{level}/{area_id}.html", response_class=HTMLResponse)
def report_page(
    request: Request, level: str, area_id: str, reading: OpenEdition, code: Code = USUAL_CATEGORY
) -> HTMLResponse:
    """Show the report as a page, or a page that says why there is none."""
    try:
        report = AreaReport(reading, level, area_id, code, _situation(request))
    except ProssimaError as error:
        return page(
            request, reading, "report_problem.html", status=status_of(error),
            kind=type(error).__name__, message=brief(str(error)),
        )  # fmt: skip
    query = request.url.query
    pdf_address = f"{request.url.path.removesuffix('html')}pdf{'?' if query else ''}{query}"
    html = _html(report, "/static", pdf_address)
    return HTMLResponse(html, headers={"Cache-Control": "no-cache", "Content-Language": SOURCE})


def _situation(request: Request) -> Situation:
    named = request.query_params
    return situation(*(named.get(part, usual) for part, usual in Situation()._asdict().items()))


def _html(report: AreaReport, assets: str, pdf_address: str | None = None) -> str:
    italian = words(SOURCE)
    context = report.context(italian)
    return render("report.html", italian, assets=assets, pdf_address=pdf_address, **context)
