"""Pages that people read, rendered on the server; they work without JavaScript."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse

from api.forms import NearestForm, answer_form
from api.published import Published, published
from api.rendering import page, render
from api.words import words
from mapping.answers import completeness
from mapping.errors import ProssimaError, UnknownAddressError
from mapping.lookup import Answer
from mapping.taxonomy import categories

router = APIRouter(tags=["pages"], include_in_schema=False, default_response_class=HTMLResponse)
Reading = Annotated[Published, Depends(published)]
GROUPS = {
    "salute": "Salute",
    "educazione": "Educazione",
    "orientamento": "Orientamento",
    "sostegni": "Sostegni materiali",
    "casa": "Casa",
    "diritti": "Diritti e documenti, lavoro",
    "lingua": "Lingua",
    "comunita": "Comunità",
}


@router.get("/")
def home(request: Request, reading: Reading) -> HTMLResponse:
    """Show the empty form."""
    return _page(request, reading, NearestForm(category=["consultorio"]))


@router.get("/docs")
def interface(request: Request) -> str:
    """Describe the HTTP interface on a page of our own: nothing of it comes from elsewhere."""
    described = request.app.openapi()
    schemas = described["components"]["schemas"]
    return render("interface.html", words("it"), **described, schemas=schemas)


@router.post("/")
def look_up(
    request: Request, reading: Reading, form: Annotated[NearestForm, Form()]
) -> HTMLResponse:
    """Answer the form on the same page."""
    answer, problem = None, None
    try:
        answer = answer_form(reading, form, paths=False)
    except ProssimaError as error:
        problem = error
    return _page(request, reading, form, answer, problem)


def _page(
    request: Request,
    reading: Published,
    form: NearestForm,
    answer: Answer | None = None,
    problem: ProssimaError | None = None,
) -> HTMLResponse:
    return page(
        request,
        reading,
        "home.html",
        status=422 if problem else 200,
        form=form,
        answer=answer,
        problem=_words(problem) if problem else None,
        candidates=problem.candidates if isinstance(problem, UnknownAddressError) else [],
        groups=_groups(),
        labels={code: entry.label for code, entry in categories().items()},
        areas=_names(reading),
        quarters=reading.lookup.quarters,
        quarter=_quarter(reading),
        networks=_networks(reading, answer),
        partial=_partial(reading, next(iter(form.category), "")),
        missing=reading.edition.manifest.parameters["missing"],
    )


def _words(problem: ProssimaError) -> str:
    # The person reads Italian; the English message is for programs.
    if isinstance(problem, UnknownAddressError):
        return f"Non conosciamo l'indirizzo «{problem.typed}»."
    return {
        "OutsideItalyError": "Il punto è fuori dall'Italia: controlla longitudine e latitudine.",
        "UnknownAreaError": "Non conosciamo questa zona: scegline una dall'elenco.",
        "UnknownCategoryError": "Non conosciamo questa categoria: scegline una dall'elenco.",
    }.get(type(problem).__name__, "Scrivi un indirizzo, oppure scegli una zona.")


def _quarter(reading: Published) -> str:
    return "quartiere (NIL)" if reading.lookup.levels[0] == "nil" else reading.city.municipio_word


def _groups() -> dict[str, list[tuple[str, str]]]:
    groups: dict[str, list[tuple[str, str]]] = {name: [] for name in GROUPS.values()}
    for code, entry in categories().items():
        if not entry.confidential:
            groups[GROUPS[entry.group]].append((code, entry.label))
    return groups


def _networks(reading: Published, answer: Answer | None) -> list[dict[str, Any]]:
    # The municipal network answers now; the neighbourhood ones flowed into it in 2024.
    if answer is None or answer.origin.municipio is None:
        return []
    found = reading.lookup.networks(answer.origin.municipio)
    return [row for row in found if row["kind"] == "municipal"]


def _partial(reading: Published, code: str) -> dict[str, Any] | None:
    declared = completeness(reading.edition, [code]).get(code) if code else None
    return declared if declared and declared["status"] != "complete" else None


def _names(reading: Published) -> dict[str, str]:
    rows = [row for level in reading.lookup.levels for row in reading.lookup.areas(level)]
    return {f"{row['level']}:{row['area_id']}": row["name"] for row in rows}
