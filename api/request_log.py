"""One line of the log for each request: what was asked, never by whom, about what or from where."""

import asyncio
import os
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import orjson
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "prossima.request_id"
ID_HEADER = b"x-request-id"
ROUTE = "prossima.route"
"""Set in the scope by whoever answers in the place of a route."""
CLIENT_LEFT = 499
"""Logged for a request that nobody waited for."""
UNKNOWN = "unknown"
QUIET = ("/tiles/", "/segnala/")
"""Tiles together draw where one looks; a line of a report would say when somebody sent it."""
MAX_WRITTEN_BYTES = 4096
"""Of lines at once: so many reach a pipe whole, whatever other workers write."""
Observe = Callable[[str, int, float], None]


class RequestLog:
    """Give each request an id, which its answer carries, and log it by the template of its path.

    `observe` is told of each: the template, the status, the seconds; `write` gets the lines. What
    was refused before it came to a route is told by that of `routes` which it asked for.
    """

    def __init__(
        self,
        app: ASGIApp,
        observe: Observe | None = None,
        write: Callable[[bytes], None] | None = None,
        routes: Sequence[BaseRoute] = (),
    ) -> None:
        self._app, self._observe, self._write, self._routes = app, observe, write, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of an ASGI server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope[REQUEST_ID] = secrets.token_hex(8)
        status, started = CLIENT_LEFT, time.perf_counter()

        async def send_numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # The process of a heavy answer had given it an id of its own.
                headers = [each for each in message.get("headers", ()) if each[0] != ID_HEADER]
                message["headers"] = [*headers, (ID_HEADER, request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, send_numbered)
        finally:
            template, seconds = self._template(scope), time.perf_counter() - started
            if self._observe is not None:
                self._observe(template, status, seconds)
            if self._write is not None and not template.startswith(QUIET):
                self._write(_line(scope, template, status, seconds))

    def _template(self, scope: Scope) -> str:
        """Give the path as its route is written: what stands for a service is not filled in."""
        if ROUTE in scope:
            return str(scope[ROUTE])
        if scope["path"].startswith("/static/"):
            return "/static/"
        route = scope.get("route")
        if route is None:
            matching = (each for each in self._routes if each.matches(scope)[0] is not Match.NONE)
            route = next(matching, None)
        return str(getattr(route, "path", UNKNOWN))


class LineWriter:
    """Lines on a descriptor: those of one turn of the event loop are written at once."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines = bytearray()

    def write(self, line: bytes) -> None:
        """Write a line when the event loop goes on."""
        if len(self._lines) + len(line) > MAX_WRITTEN_BYTES:
            self.flush()
        if not self._lines:
            asyncio.get_running_loop().call_soon(self.flush)
        self._lines += line

    def flush(self) -> None:
        """Write what waits; a log that nobody reads any more stops nothing."""
        lines, self._lines = self._lines, bytearray()
        with suppress(OSError):
            while lines:
                del lines[: os.write(self._descriptor, lines)]


def _line(scope: Scope, template: str, status: int, seconds: float) -> bytes:
    return orjson.dumps(
        {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "id": scope[REQUEST_ID],
            "request": f"{scope['method']} {template}",
            "status": status,
            "milliseconds": round(1000 * seconds),
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )
