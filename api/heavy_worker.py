"""The template process of heavy work: it holds an edition, and forks a child for each request."""

import asyncio
import gc
import os
import pickle
import resource
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp, Message

from api.app import create_app
from api.heavy_pool import HeavyAnswer, HeavyRequest
from api.printing.pdf import NoPrinterError, printer
from api.published import PinnedShelf
from api.request_log import UNKNOWN
from api.settings import Settings
from mapping.lookup.origin import Where

MAX_SECONDS = 60
"""A child that works longer is ended by its own clock."""
NICENESS = 5
"""Look-ups go first."""
_HEALTH = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http",
           "path": "/health", "raw_path": b"/health", "query_string": b"", "root_path": "",
           "headers": []}  # fmt: skip


def main(control: socket.socket, folder: Path) -> None:
    """Hold the edition in a folder, and fork a child for each connection that is handed over."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no core dump has what somebody typed
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends it
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for children
    os.nice(NICENESS)
    app = create_app(Settings())
    app.state.shelf = PinnedShelf(folder)
    _warm_up(app)
    gc.collect()
    gc.freeze()  # children share the memory that they only read
    while True:
        signal_byte, handles, _, _ = socket.recv_fds(control, 1, 1)
        if not signal_byte:
            return
        with socket.socket(fileno=handles[0]) as connection:
            if os.fork() == 0:
                try:
                    _serve(app, connection)
                finally:
                    os._exit(1)  # nothing is printed of what was asked


def _warm_up(app: FastAPI) -> None:
    """Load once what every child would load anew."""
    reading = app.state.shelf.published()
    lon, lat = reading.city.centre
    reading.lookup.isochrones([reading.lookup.origin(Where(lon=lon, lat=lat))], [5])
    with suppress(NoPrinterError):
        printer()
    asyncio.run(answer(app, HeavyRequest(_HEALTH, b"")))


def _serve(app: ASGIApp, connection: socket.socket) -> None:
    """Answer one request and end this child."""
    signal.alarm(MAX_SECONDS)
    with connection.makefile("rb") as reader:
        size = int.from_bytes(reader.read(8))
        request: HeavyRequest = pickle.loads(reader.read(size))  # noqa: S301 - of our own server
    threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
    connection.sendall(pickle.dumps(asyncio.run(answer(app, request))))


def _end_with(connection: socket.socket) -> None:
    """End this child when nobody waits for its answer any more."""
    connection.recv(1)
    os._exit(0)


async def answer(app: ASGIApp, request: HeavyRequest) -> HeavyAnswer:
    """Ask an application, and gather what it answers."""
    sent: list[Message] = []
    parts: list[Message] = [{"type": "http.request", "body": request.body, "more_body": False}]

    async def receive() -> Message:
        if not parts:
            await asyncio.Event().wait()  # for ever: this client does not leave
        return parts.pop()

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {**request.scope, "client": None, "state": {}}
    await app(scope, receive, send)
    route = str(getattr(scope.get("route"), "path", UNKNOWN))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return HeavyAnswer(route, sent[0]["status"], list(sent[0]["headers"]), body)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2]))
