"""The sitemap and robots.txt for search engines."""

from xml.etree import ElementTree as ET

from fastapi import Request
from fastapi.responses import PlainTextResponse, Response

from api.dependencies import OpenEdition
from api.services.links import absolute_url, service_path
from api.threads import CountedRouter

router = CountedRouter(tags=["sitemap"], include_in_schema=False)
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
PAGES = ("/", "/rete", "/rete/freschezza", "/servizi")
NOT_FOR_ENGINES = (
    "/segnala/", "/maps/", "/tiles/", "/v1/", "/embed", "/scheda", "/rete?", "/rete.csv",
    "/rete.geojson", "/rete/mappa.svg", "/rete/valori.json", "/rete/zona/", "/rete/zone",
)  # fmt: skip
"""Forms, fragments and data, and what is made for one reader: nobody looks for them by words."""


@router.get("/sitemap.xml")
def sitemap(request: Request, reading: OpenEdition) -> Response:
    """List the pages, and every living service once."""
    root = ET.Element("urlset", xmlns=NAMESPACE)
    ids = [rows[0].service_id for rows in reading.directory.living]
    day = f"{reading.edition.manifest.created_at:%Y-%m-%d}"
    for path in [*PAGES, *map(service_path, ids)]:
        entry = ET.SubElement(root, "url")
        ET.SubElement(entry, "loc").text = absolute_url(request, path)
        ET.SubElement(entry, "lastmod").text = day
    return Response(
        ET.tostring(root, encoding="UTF-8", xml_declaration=True), media_type="text/xml"
    )


@router.get("/robots.txt")
def robots(request: Request) -> PlainTextResponse:
    """Allow every crawler but for `NOT_FOR_ENGINES`, and name the sitemap."""
    lines = [f"Disallow: {path}" for path in NOT_FOR_ENGINES]
    lines_of_file = [
        "User-agent: *",
        *lines,
        "",
        f"Sitemap: {absolute_url(request, '/sitemap.xml')}",
    ]
    return PlainTextResponse("\n".join(lines_of_file) + "\n")
