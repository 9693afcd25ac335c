"""The command `serve`."""

import logging
import resource
from collections.abc import Callable
from contextlib import nullcontext
from typing import Annotated

import typer
import uvicorn

from api.app import create_app
from api.client_networks import EVERYBODY, EVERYBODY_BELIEVED, require_networks
from api.client_turns import HeldTurns
from api.connections import (
    ACCEPTED_AT_ONCE,
    BoundedConnection,
    BoundedServer,
    SeldomRepeated,
    allow_many_files,
    bind,
)
from api.heavy_pool import AT_ONCE, MAX_WAITING, HeavyPool, HeavyTemplate
from api.request_log import LineWriter
from api.server_metrics import shared_numbers
from api.settings import Settings, collect_often
from api.workers import Workers

STANDARD_OUTPUT = 1
"""The descriptor of the log of requests."""


def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="Processes that answer.", min=1, max=64)] = 1,
    stop_seconds: Annotated[
        int, typer.Option(help="What is asked may take so long when the server stops.", min=0)
    ] = 20,
) -> None:
    """Serve the published edition."""
    settings = Settings()
    if EVERYBODY in require_networks(settings.forwarded_allow_ips):
        typer.echo(f"prossima: {EVERYBODY_BELIEVED}", err=True)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no core dump has what somebody typed
    allow_many_files()
    with shared_numbers() if workers > 1 else nullcontext():
        _serve(settings, host, port, workers, stop_seconds)


def _serve(settings: Settings, host: str, port: int, workers: int, stop_seconds: int) -> None:
    # Twice as many as the queues have: who takes the place of another comes before that one goes.
    template, turns = HeavyTemplate(), HeldTurns(2 * workers * (AT_ONCE + MAX_WAITING))
    app = create_app(settings, HeavyPool(template, turns), LineWriter(STANDARD_OUTPUT).write)
    listener = bind(host, port)
    config = uvicorn.Config(
        app, http=BoundedConnection, ws="none", backlog=ACCEPTED_AT_ONCE, server_header=False,
        access_log=False, forwarded_allow_ips=settings.forwarded_allow_ips,
        timeout_graceful_shutdown=stop_seconds,
    )  # fmt: skip
    log = logging.getLogger("uvicorn.error")
    for name in (log.name, "asyncio"):
        logging.getLogger(name).addFilter(SeldomRepeated())

    def work(can_serve: Callable[[], None] | None = None) -> None:
        if can_serve is not None:
            app.state.shelf.require_open()  # a broken or missing edition is said before serving
            can_serve()
        collect_often()
        log.info("listening on http://%s:%d", host, port)
        BoundedServer(config, stop_seconds=stop_seconds).run([listener])

    with listener:
        if workers == 1:
            work(lambda: None)
        else:
            Workers(workers, work, template, turns).run(stop_seconds)
