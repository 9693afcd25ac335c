"""The page that describes the HTTP interface, from OpenAPI, without anything from other hosts."""

from fastapi import Request
from fastapi.responses import HTMLResponse

from api.i18n.language import words
from api.pages.rendering import render
from api.threads import CountedRouter

router = CountedRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/docs")
def interface(request: Request) -> str:
    """Describe every route, with its parameters and bodies."""
    described = request.app.openapi()
    schemas = described["components"]["schemas"]
    return render("interface.html", words("it"), **described, schemas=schemas)
