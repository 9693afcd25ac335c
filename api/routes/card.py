"""The card of one service to print or send, as a page or PDF; nothing of it is kept."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import Form, Query, Request, Response
from pydantic import Field

from api.dependencies import OpenEdition
from api.heavy_work import REFUSED
from api.i18n.language import words_for
from api.pages.lookup_form import NearestForm
from api.pages.rendering import page, render
from api.printing.pdf import STATIC, NoPrinterError, one_sheet
from api.published import Published
from api.reports.inbox import Desk
from api.services.links import absolute_url, service_path
from api.services.printed_card import FITS, SheetFit, choose_fit, leaflet, way_to
from api.threads import CountedRouter
from mapping.errors import BusyError
from mapping.taxonomy import categories

router = CountedRouter(prefix="/scheda", tags=["card"], include_in_schema=False)
As = Literal["page", "pdf"]
Paper = Literal["a4", "a5"]
OWN = ("service", "as_", "paper")
"""Fields of the card that a look-up has not."""


class CardForm(NearestForm):
    """A look-up with the service that was chosen; it lives only as long as the request."""

    service: str = Field(default="", max_length=500)
    as_: As = Field(default="page", alias="as")
    paper: Paper = "a4"


@router.post("", response_class=Response)
def with_the_way(
    request: Request, reading: OpenEdition, form: Annotated[CardForm, Form()]
) -> Response:
    """Make the card of a service, with the way from the place of the look-up."""
    return _Answer(request, reading, form).response()


@router.get("", response_class=Response)
def without_a_way(
    request: Request,
    reading: OpenEdition,
    service: Annotated[str, Query(max_length=500)] = "",
    kind: Annotated[As, Query(alias="as")] = "page",
    paper: Paper = "a4",
) -> Response:
    """Make the card of a service without a way: no address ever holds where somebody is."""
    form = CardForm(service=service, **{"as": kind}, paper=paper)
    return _Answer(request, reading, form).response()


class _Answer:
    """One card, in one language."""

    def __init__(self, request: Request, reading: Published, form: CardForm) -> None:
        self._request, self._reading, self._form = request, reading, form
        self._words = words_for(request)
        self._rows = [row for row in reading.directory.find(form.service) if row.is_listed]

    def response(self) -> Response:
        if not self._rows:
            return self._gone()
        context = self._context()
        if self._form.as_ == "page":
            return self._shown(context)
        if REFUSED in self._request.scope:
            return self._shown(context, problem=BusyError.__name__)
        try:
            content = one_sheet(self._sheets(context))
        except (NoPrinterError, BusyError) as error:
            return self._shown(context, problem=type(error).__name__)
        headers = {
            "Cache-Control": "no-store",
            "Content-Language": self._words.code,
            "Content-Disposition": 'inline; filename="scheda.pdf"',
        }
        return Response(content, 200, headers, "application/pdf")

    def _context(self) -> dict[str, Any]:
        service_id = self._rows[0].service_id
        way = way_to(self._reading, self._form, service_id)
        url = absolute_url(self._request, service_path(service_id))
        sources = {entry.id: entry for entry in self._reading.edition.manifest.sources}
        source = sources.get(self._rows[0].source_id)
        return {
            "whole": leaflet(self._reading, self._rows, way, url, self._words),
            "labels": {code: entry.label for code, entry in categories().items()},
            "wanted": self._form.category,
            "paper": self._form.paper,
            "source": source and (source.attribution or source.publisher),
            "credits": self._reading.backdrop.attributions,
            "areas": self._reading.area_names,
        }

    def _sheets(self, context: dict[str, Any]) -> Iterator[str]:
        for fit in FITS:
            yield render(
                "card_pdf.html",
                self._words,
                **self._fitted(context, fit),
                assets=STATIC.as_uri(),
                city=self._reading.city.name,
                edition=self._reading.edition.id,
            )

    def _fitted(self, context: dict[str, Any], fit: SheetFit) -> dict[str, Any]:
        return context | {"card": context["whole"].fit_to(fit), "fit": fit}

    def _shown(self, context: dict[str, Any], problem: str | None = None) -> Response:
        return page(
            self._request,
            self._reading,
            "card.html",
            status=503 if problem else 200,
            form=self._form,
            own=OWN,
            problem=problem,
            **self._fitted(context, choose_fit(context["whole"])),
        )

    def _gone(self) -> Response:
        desk: Desk = self._request.app.state.desk
        return page(
            self._request,
            self._reading,
            "card_gone.html",
            status=404,
            form=self._form,
            own=OWN,
            name=desk.withdrawn_name(self._form.service),
        )
