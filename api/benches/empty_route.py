"""An empty FastAPI route with the body of a look-up: the most that the framework can do.

`python -m api.benches.empty_route PORT WORKERS`; it has no layers around it.
"""

import os
import sys

import uvicorn
from fastapi import FastAPI

from api.connections import bind
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
    # A socket as our server has it: with its own, uvicorn's workers wait 40 ms between head and
    # body of an answer, for the client to have acknowledged the head.
    listener = bind("127.0.0.1", int(sys.argv[1]))
    for _ in range(int(sys.argv[2]) - 1):
        if os.fork() == 0:
            break
    config = uvicorn.Config(app, access_log=False, log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])
