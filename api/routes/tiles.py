"""Map tiles; requests for them are not logged, since they tell where somebody looks."""

import gzip

from fastapi import Request, Response

from api.dependencies import OpenEdition
from api.threads import CountedRouter
from mapping.errors import UnknownTilesError

router = CountedRouter(prefix="/tiles", tags=["tiles"], include_in_schema=False)
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
FOREVER = "public, max-age=31536000, immutable"


@router.get("/{name}/{zoom}/{x}/{y}.mvt")
def tile(request: Request, reading: OpenEdition, name: str, zoom: int, x: int, y: int) -> Response:
    """Give one tile as it lies in the archive; 204 where there is nothing to draw."""
    archives = reading.edition.tiles
    if name not in archives:
        raise UnknownTilesError(
            f"Edition {reading.edition.id} has no tiles '{name}', but:"
            f" {', '.join(archives) or 'none'}."
            " Tiles come with a build that has streets and outlines."
        )
    content = archives[name].tile(zoom, x, y)
    # An address that names the edition can never mean anything else, and tiles show no figure and
    # no record: nothing of them is hidden later.
    named = request.query_params.get("v") == reading.edition.id
    headers = {"Cache-Control": FOREVER if named else "no-cache", "Vary": "Accept-Encoding"}
    if content is None:
        return Response(status_code=204, headers=headers)
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return Response(gzip.decompress(content), headers=headers, media_type=MEDIA_TYPE)
    headers["Content-Encoding"] = "gzip"
    return Response(content, headers=headers, media_type=MEDIA_TYPE)
