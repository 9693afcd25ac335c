"""An empty FastAPI route with the body of a look-up: the most that the framework can do.

`python -m api.benches.empty_route PORT WORKERS`; it has no layers around it.
"""

import sys

import uvicorn
from fastapi import FastAPI

from api.routes.lookups import NearestBody

PATH = "/empty"
app = FastAPI()


@app.get("/ready")
async def ready() -> None:
    """Answer as soon as it listens."""


@app.post(PATH)
async def empty(body: NearestBody) -> dict[str, int]:
    """Read the body, and answer as little as can be."""
    return {"count": body.count}


if __name__ == "__main__":
    uvicorn.run(
        "api.benches.empty_route:app",
        port=int(sys.argv[1]),
        workers=int(sys.argv[2]),
        access_log=False,
        log_level="warning",
    )
