"""The data of the planner's page: values for its map, outlines of zones, and downloads."""

import json

import shapely
from fastapi import Response

from api.conditional_requests import tag_of
from api.i18n.zone_sentences import with_sentences
from api.planner import downloads
from api.planner.map_values import map_values
from api.planner.view_request import ValidView, ViewRequest
from api.threads import CountedRouter
from mapping.edition.geoparquet import geometries
from mapping.maps.outlines import SIMPLIFIED_DEGREES

router = CountedRouter(tags=["rete"], include_in_schema=False)
ZONE_PROPERTIES = (
    "zone_id", "class", "name", "why", "demand", "sureness", "ranking", "rank", "rank_by_streets",
)  # fmt: skip
"""What the map shows of a zone; an edition from before a column has none of it."""


@router.get("/rete/valori.json")
def values(requested: ValidView) -> Response:
    """Give what a script needs to colour the map: one list a column."""
    body = json.dumps(map_values(requested), ensure_ascii=False, separators=(",", ":"))
    return _document(body, "application/json", requested)


@router.get("/rete/zone.geojson")
def zone_outlines(requested: ValidView) -> Response:
    """Give the outlines of the grey zones, with why they are grey."""
    view, edition = requested.view, requested.reading.edition
    table = edition.rows("greyzones.parquet", category=view.category, **view.situation._asdict())
    shapes = shapely.simplify(geometries(table), SIMPLIFIED_DEGREES)
    outlines = shapely.to_geojson(shapely.set_precision(shapes, 1e-5, mode="pointwise"))
    rows = with_sentences(table.drop_columns(["geometry", "members"]).to_pylist(), requested.words)
    features = [
        {
            "type": "Feature",
            "geometry": json.loads(shape),
            "properties": {name: row.get(name) for name in ZONE_PROPERTIES},
        }
        for shape, row in zip(outlines, rows, strict=True)
    ]
    body = {"type": "FeatureCollection", "edition": edition.id, "features": features}
    text = json.dumps(body, ensure_ascii=False).replace("NaN", "null")
    return _document(text, "application/geo+json", requested)


@router.get("/rete/mappa.svg")
def map_image(requested: ValidView) -> Response:
    """Draw the map as one SVG image, for print and for browsers without scripts."""
    image = downloads.as_svg(requested.screen, requested.reading, requested.teller)
    return _document(image, "image/svg+xml", requested)


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


def _file(text: str, kind: str, requested: ViewRequest, ending: str) -> Response:
    view, edition = requested.view, requested.reading.edition.id
    name = f"prossima-{view.category}-{view.indicator}-{view.level}-{edition}.{ending}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Prossima-Edition": edition,
        "Cache-Control": "no-cache",
    }
    return Response(text, media_type=f"{kind}; charset=utf-8", headers=headers)


def _document(text: str, kind: str, requested: ViewRequest) -> Response:
    # Of an edition, too, figures may be hidden later: no cache may answer without asking.
    content = text.encode()
    headers = {
        "Cache-Control": "no-cache",
        "ETag": tag_of(content),
        "Prossima-Edition": requested.reading.edition.id,
        "Vary": "Accept-Language",
    }
    return Response(content, media_type=kind, headers=headers)
