"""Health of the server, and the edition that it reads."""

from typing import Annotated, Any

from fastapi import Depends, Request

from api.problems import declared
from api.published import Published, published
from api.threads import CountedRouter

router = CountedRouter(tags=["health"])


@router.get("/health", summary="Is the server alive")
async def health() -> dict[str, str]:
    """Answer without reading anything, and without waiting for a thread."""
    return {"status": "ok"}


@router.get("/ready", summary="Is an edition open", responses=declared(503))
async def ready(
    request: Request, reading: Annotated[Published, Depends(published)]
) -> dict[str, Any]:
    """Say which edition is read, from which sources, without a thread; 503 while there is none.

    `degraded`: an edition published since cannot be opened, and this older one goes on.
    """
    failure = request.app.state.shelf.failure
    manifest = reading.edition.manifest
    return {
        "status": "degraded" if failure else "ok",
        "edition": manifest.id,
        "city": manifest.city,
        "estimated": reading.estimated,
        "missing": manifest.parameters["missing"],
        "sources": [source.model_dump(mode="json") for source in manifest.sources],
    }
