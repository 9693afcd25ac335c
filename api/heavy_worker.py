"""The template process of heavy work: it holds an edition, and forks a child for each request."""

import asyncio
import gc
import os
import pickle
import re
import resource
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp, Message

from api.app import create_app
from api.heavy_pool import PROCESS_ID_BYTES, ChildOrder, HeavyAnswer, HeavyRequest
from api.printing.pdf import NoPrinterError, printer
from api.published import PinnedShelf, Published
from api.request_log import UNKNOWN
from api.settings import Settings
from mapping.errors import ProssimaError
from mapping.lookup.origin import Where
from mapping.walking.profiles import profiles

MAX_SECONDS = 60
"""A child that works longer is ended by its own clock."""
MAX_CHILD_BYTES = 2 * 1024**3
"""Data that a child may ask for over those of the template; it uses about half of them."""
MAX_ORDER_BYTES = 8192
ARGUMENTS = 2
"""Of this program; more of them are an order that was handed on."""
NICENESS = 5
"""Look-ups go first."""
_HEALTH = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http",
           "path": "/health", "raw_path": b"/health", "query_string": b"", "root_path": "",
           "headers": [(b"host", b"localhost")]}  # fmt: skip


def main(control: socket.socket) -> None:
    """Hold the edition that is ordered, and fork a child for each connection that comes with it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no core dump has what somebody typed
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends it
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for children
    os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    app: FastAPI | None = None
    while message := _received(control):
        order, connection = message
        with connection:
            if not _is_waited_for(connection):
                continue
            if app is not None and not _holds(app, order):
                _start_anew(control, order, connection)
            # Where an edition is gone or broken, the connection is closed: no child answers.
            with suppress(ProssimaError):
                app = app or _holding(Path(order.folder))
                _fork_child(app, order, connection)


def _fork_child(app: FastAPI, order: ChildOrder, connection: socket.socket) -> None:
    if order.is_plan:
        _prepare_plans(app.state.shelf.published())
    child = os.fork()
    if child == 0:
        try:
            _serve(app, connection)
        finally:
            os._exit(1)  # nothing is printed of what was asked
    with suppress(OSError):  # nobody waits for it any more
        connection.sendall(child.to_bytes(PROCESS_ID_BYTES))


def _holds(app: FastAPI, order: ChildOrder) -> bool:
    edition = app.state.shelf.published().edition
    return (str(edition.path), edition.hidden.stamp) == (order.folder, order.stamp)


def _received(control: socket.socket) -> tuple[ChildOrder, socket.socket] | None:
    """Take the next order, the one that was handed on first; None when the server has ended."""
    if len(sys.argv) > ARGUMENTS:
        handle = int(sys.argv.pop())
        return pickle.loads(bytes.fromhex(sys.argv.pop())), socket.socket(fileno=handle)  # noqa: S301
    message, handles, _, _ = socket.recv_fds(control, MAX_ORDER_BYTES, 1)
    if not message:
        return None
    return pickle.loads(message), socket.socket(fileno=handles[0])  # noqa: S301 - of our server


def _start_anew(control: socket.socket, order: ChildOrder, connection: socket.socket) -> None:
    """Become a fresh process for another edition, with the order that asks for it."""
    handle = connection.detach()
    for inherited in (control.fileno(), handle):
        os.set_inheritable(inherited, True)  # noqa: FBT003 - a function of the system
    handed_on = [str(control.fileno()), pickle.dumps(order).hex(), str(handle)]
    os.execv(sys.executable, [sys.executable, "-P", "-m", "api.heavy_worker", *handed_on])  # noqa: S606


def _holding(folder: Path) -> FastAPI:
    """Make the application that answers from the edition in a folder, warmed up."""
    app = create_app(Settings())
    app.state.shelf = PinnedShelf(folder)
    _warm_up(app)
    _share_memory()
    return app


def _warm_up(app: FastAPI) -> None:
    """Load once what every child would load anew."""
    reading = app.state.shelf.published()
    lon, lat = reading.city.centre
    reading.lookup.isochrones([reading.lookup.origin(Where(lon=lon, lat=lat))], [5])
    with suppress(NoPrinterError):
        printer()
    asyncio.run(answer(app, HeavyRequest(_HEALTH, b"")))


def _prepare_plans(reading: Published) -> None:
    """Read the data of plans, at the first of them."""
    if "plan_data" in vars(reading):
        return
    with suppress(ProssimaError):  # said by the child
        reading.plan_data.prepare(profiles())
        _share_memory()


def _share_memory() -> None:
    """Keep what is in memory out of the search for garbage: children share what they only read."""
    gc.collect()
    gc.freeze()


def _is_waited_for(connection: socket.socket) -> bool:
    ended = select.poll()
    ended.register(connection, 0)  # it tells of a hang-up even so
    return not ended.poll(0)


def _serve(app: ASGIApp, connection: socket.socket) -> None:
    """Answer one request and end this child."""
    signal.alarm(MAX_SECONDS)
    _limit_memory()
    with connection.makefile("rb") as reader:
        size = int.from_bytes(reader.read(8))
        request: HeavyRequest = pickle.loads(reader.read(size))  # noqa: S301 - of our own server
    threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
    connection.sendall(pickle.dumps(asyncio.run(answer(app, request))))


def _limit_memory() -> None:
    """Let this child take so much memory over what it shares with the template.

    Where the machine has less, the kernel ends this child, and not the server.
    """
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (kilobytes,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmData"))
    limit = 1024 * int(kilobytes) + MAX_CHILD_BYTES
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


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
    headers = _without_origin(sent[0]["headers"])
    return HeavyAnswer(route, sent[0]["status"], headers, body, time.process_time())


def _without_origin(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Leave out that an answer varies by its origin, which the server says again."""
    varying = re.compile(rb"(, )?Origin\b")
    pairs = [(name, varying.sub(b"", value) if name == b"vary" else value)
             for name, value in headers]  # fmt: skip
    return [(name, value) for name, value in pairs if value]


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
