"""Reports on a service (wrong hours, moved, full), without an account."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.client_networks import client_of
from api.dependencies import OpenEdition
from api.pages.rendering import page
from api.published import Published
from api.reports.inbox import Desk
from api.services.links import report_path, service_path
from api.threads import CountedRouter
from mapping.catalogue.reports import KINDS, MAX_LETTERS, words_of
from mapping.errors import BadInputError, ClosedDeskError
from mapping.services.service_row import ServiceRow

router = CountedRouter(tags=["reports"], include_in_schema=False)
THANKS = "grazie"
UNPROCESSABLE = 422
STATUS = {None: 200, "thanks": 200, "elsewhere": 403, "often": 429, "closed": 503}
"""HTTP status of each outcome of a report; any other outcome is 422."""


@router.get("/segnala/{service_id:path}")
def form(service_id: str, request: Request, reading: OpenEdition) -> Response:
    """Show the form, or thanks once it was sent."""
    rows = reading.directory.find(service_id)
    if not rows:
        return page(request, reading, "service_unknown.html", status=404)
    thanks = THANKS in request.query_params
    return _page(request, reading, rows[0], "thanks" if thanks else None)


@router.post("/segnala/{service_id:path}", response_class=HTMLResponse)
def send(
    service_id: str,
    request: Request,
    reading: OpenEdition,
    kind: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    website: Annotated[str, Form()] = "",
) -> Response:
    """Keep a report, and lead on to the thanks, so that nothing is sent twice."""
    rows = reading.directory.find(service_id)
    if not rows:
        return page(request, reading, "service_unknown.html", status=404)
    typed = {"kind": kind, "text": text}
    if _is_cross_site(request):
        # The form is shown with what was typed: whoever reads it may send it from here.
        return _page(request, reading, rows[0], "elsewhere", typed)
    # People do not see the field `website`: whoever fills it in is a program, and is thanked.
    outcome, wait = _record(request, rows[0].service_id, typed) if not website else (None, 0)
    if outcome:
        return _page(request, reading, rows[0], outcome, typed, wait)
    spoken = request.query_params.get("lang")
    after = f"?{THANKS}=1" + (f"&lang={spoken}" if spoken and spoken.isalpha() else "")
    return RedirectResponse(report_path(rows[0].service_id) + after, 303)


def _is_cross_site(request: Request) -> bool:
    """Whether a browser says that another site's page sent this; programs say nothing of it."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    # Our own pages send no referrer, and so an origin of "null": it says nothing.
    origin = request.headers.get("origin", "null")
    return origin != "null" and urlsplit(origin).netloc != request.headers.get("host")


def _record(request: Request, service_id: str, typed: dict[str, str]) -> tuple[str | None, int]:
    if typed["kind"] not in KINDS:
        return "kind", 0
    desk: Desk = request.app.state.desk
    try:
        text = words_of(typed["text"])
    except BadInputError:
        return ("long" if len(typed["text"]) > MAX_LETTERS else "person"), 0
    address = client_of(request.scope)
    wait = desk.allowance.take(address, service_id)
    if wait:
        return "often", wait
    try:
        desk.report(address, service_id, typed["kind"], text or "")
    except ClosedDeskError:
        return "closed", 0
    return None, 0


def _page(
    request: Request,
    reading: Published,
    row: ServiceRow,
    outcome: str | None,
    typed: dict[str, str] | None = None,
    wait: int = 0,
) -> HTMLResponse:
    status = STATUS.get(outcome, UNPROCESSABLE)
    answer = page(
        request,
        reading,
        "feedback.html",
        status=status,
        row=row,
        outcome=outcome,
        typed=typed or {"kind": "", "text": ""},
        kinds=KINDS,
        limit=MAX_LETTERS,
        wait=wait,
        report=report_path(row.service_id),
        service=service_path(row.service_id),
    )
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer
