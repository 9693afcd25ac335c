"""The command `serve`."""

import resource
from typing import Annotated

import typer
import uvicorn

from api.app import create_app
from api.heavy_pool import HeavyPool
from api.request_log import start_log
from api.settings import Settings


def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
) -> None:
    """Serve the published edition."""
    app = create_app(Settings(), HeavyPool())
    app.state.shelf.require_open()  # a broken or missing edition is said before serving
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no core dump has what somebody typed
    start_log()
    uvicorn.run(app, host=host, port=port, server_header=False, access_log=False, ws="none")
