"""Requests name one host, and are answered under the public name alone, where there is one.

Nobody else's name leads to these pages.
"""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import problem
from mapping.errors import BadInputError

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_HOST = re.compile(
    r"(\[(?P<address>[0-9a-f:.]+)\]|(?P<name>([\w\-.~!$&'()*+,;=]|%[0-9a-f]{2})+))(:\d{0,5})?",
    re.ASCII,
)
HEALTH_PATHS = ("/health", "/ready", "/metrics")
"""What a supervisor on the machine itself asks for, without knowing the public name."""


class HostCheck:
    """Answer 400 for a `Host` that is missing, doubled, malformed or not the public one.

    Parameters
    ----------
    app : ASGIApp
        What is behind it.
    name : str
        The host of the public address; empty where any name leads here.
    """

    def __init__(self, app: ASGIApp, name: str) -> None:
        self._app, self._name = app, name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of an ASGI server."""
        detail = wrong_host(scope, self._name) if scope["type"] == "http" else None
        if detail is not None:
            await problem(400, "Unknown host", detail)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def wrong_host(scope: Scope, name: str) -> str | None:
    """Say what is wrong with the host of a request; None where it is `name`; empty is any."""
    hosts = [value.decode("latin-1") for key, value in scope["headers"] if key == b"host"]
    if not hosts and scope["http_version"] == "1.0":
        return None  # RFC 9112, 3.2: later ones must say it
    names = [host_name(host) for host in hosts]
    if len(names) != 1 or names[0] is None:
        return "A request names the host that it asks, once, as 'name' or 'name:port'."
    known = {name or names[0]}
    if scope["path"] in HEALTH_PATHS:
        known.update(LOOPBACK_NAMES)
    if names[0] in known:
        return None
    return f"This server answers for '{name}' alone. Ask it under that name."


def host_of(public_url: str) -> str:
    """Give the name of the host of a public address, empty for none that is set.

    Raises BadInputError when it has no host.
    """
    if not public_url:
        return ""
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


@lru_cache(maxsize=64)
def host_name(host: str) -> str | None:
    """Give the name in a `Host`, without its port; None when it is none."""
    parts = _HOST.fullmatch(host.lower())
    return (parts["address"] or parts["name"].rstrip(".")) if parts else None
