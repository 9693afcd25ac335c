"""One line of the log for each request: what was asked, never by whom, about what or from where."""

import logging
import secrets
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import orjson
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
Observe = Callable[[str, int, float], None]
_LOG = logging.getLogger("prossima.requests")


class RequestLog:
    """Give each request an id, which its answer carries, and log it by the template of its path.

    `observe` is told of each: the template, the status, the seconds.
    """

    def __init__(self, app: ASGIApp, observe: Observe | None = None) -> None:
        self._app, self._observe = app, observe

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
            template, seconds = _template(scope), time.perf_counter() - started
            if self._observe is not None:
                self._observe(template, status, seconds)
            if _LOG.isEnabledFor(logging.INFO) and not template.startswith(QUIET):
                _LOG.info(_line(scope, template, status, seconds))


def start_log() -> None:
    """Write the log of requests to the standard output."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    _LOG.addHandler(handler)
    _LOG.setLevel(logging.INFO)
    _LOG.propagate = False


def _template(scope: Scope) -> str:
    """Give the path as its route is written: what stands for a service or an area is not filled."""
    if ROUTE in scope:
        return str(scope[ROUTE])
    if scope["path"].startswith("/static/"):
        return "/static/"
    return str(getattr(scope.get("route"), "path", UNKNOWN))


def _line(scope: Scope, template: str, status: int, seconds: float) -> str:
    return orjson.dumps(
        {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "id": scope[REQUEST_ID],
            "request": f"{scope['method']} {template}",
            "status": status,
            "milliseconds": round(1000 * seconds),
        }
    ).decode()
