"""The command `serve`."""

from typing import Annotated

import typer
import uvicorn

from api.app import create_app
from api.published import open_published
from api.settings import Settings


def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
) -> None:
    """Serve the published edition."""
    settings = Settings()
    open_published(settings.editions)  # a broken or missing edition is said before serving
    uvicorn.run(create_app(settings), host=host, port=port, server_header=False)
