"""A small map with its list for a network's own site: it asks no address and keeps nothing."""

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import HTMLResponse

from api.dependencies import OpenEdition
from api.pages.rendering import page
from api.services.links import service_path
from api.services.page_content import pins
from api.threads import CountedRouter
from mapping.disclosure import published_labels

router = CountedRouter(tags=["embed"], include_in_schema=False)
Chosen = Annotated[str, Query(max_length=100)]
LISTED = 60
"""So many are shown; the others are in the index."""


@router.get("/embed")
def embed(
    request: Request, reading: OpenEdition, category: Chosen = "", municipio: Chosen = ""
) -> HTMLResponse:
    """Show the services of a category, of a municipio, or both."""
    services = reading.directory.select(category or None, municipio or None)
    rows = [
        row for places in services for row in places if not municipio or row.municipio == municipio
    ]
    names = {area["area_id"]: area["name"] for area in reading.municipi}
    open_to = published_labels()
    return page(
        request,
        reading,
        "embed.html",
        status=200 if category in {"", *open_to} and municipio in {"", *names} else 404,
        rows=rows[:LISTED],
        others=len(rows) - len(rows[:LISTED]),
        label=open_to.get(category, ""),
        area=names.get(municipio, ""),
        labels=open_to,
        pins=pins(rows[:LISTED], "name"),
        service_path=service_path,
        chosen={"category": category, "municipio": municipio},
    )
