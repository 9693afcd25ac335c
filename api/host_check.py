"""Requests are answered under the public name alone: nobody else's name leads to these pages."""

import re
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import problem
from mapping.errors import BadInputError

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_HOST = re.compile(r"(\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[^\s:@/\\\[\]]+))(:\d*)?")
HEALTH_PATHS = ("/health", "/ready", "/metrics")
"""What a supervisor on the machine itself asks for, without knowing the public name."""


class HostCheck:
    """Answer 400 for a `Host` that is not that of the public address.

    Parameters
    ----------
    app : ASGIApp
        What is behind it.
    name : str
        The host of the public address.
    """

    def __init__(self, app: ASGIApp, name: str) -> None:
        self._app, self._name = app, name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of an ASGI server."""
        if scope["type"] == "http" and not self._is_known(scope):
            detail = f"This server answers for '{self._name}' alone. Ask it under that name."
            await problem(400, "Unknown host", detail)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        names = [
            host_name(value.decode("latin-1")) for key, value in scope["headers"] if key == b"host"
        ]
        known = {self._name}
        if scope["path"] in HEALTH_PATHS:
            known.update(LOOPBACK_NAMES)
        return all(name in known for name in names)


def host_of(public_url: str) -> str:
    """Give the name of the host of a public address; raises BadInputError when it has none."""
    try:
        parsed = urlsplit(public_url)
    except ValueError:
        parsed = urlsplit("")
    if parsed.scheme not in {"http", "https"} or not parsed.hostname:
        raise BadInputError(
            f"PROSSIMA_PUBLIC_URL '{public_url}' is no web address. Give https://NAME, or leave it"
            " empty."
        )
    return parsed.hostname.rstrip(".")


def host_name(host: str) -> str | None:
    """Give the name in a `Host`, without its port; None when it is none."""
    parts = _HOST.fullmatch(host.lower())
    return (parts["address"] or parts["name"].rstrip(".")) if parts else None
