"""Headers that tell a browser what a page may do: on every answer, whichever layer gives it."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import defect
from api.request_log import REQUEST_ID

# The position of a map tells where a family lives: a page asks nothing of any other host.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; worker-src 'self'; frame-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'self'"
)
# folium writes its scripts and styles into the page: its maps live under a policy of their own.
MAP_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; font-src 'self'; base-uri 'none'; frame-ancestors 'self'"
)
# What a network shows inside a page of its own: read only, and no form in it.
EMBED_POLICY = PAGE_POLICY.replace("frame-ancestors 'self'", "frame-ancestors *").replace(
    "form-action 'self'", "form-action 'none'"
)
PERMISSIONS = "geolocation=(self), camera=(), microphone=(), payment=(), usb=()"
"""The tutor's page may ask for the position of the phone; nothing asks for anything else."""
CACHED = (200, 304)
"""What is not modified is as fresh again as it was."""
STATIC_CACHE = "public, max-age=3600, must-revalidate"
OPEN_PATHS = ("/embed", "/v1/", "/rete.csv", "/rete.geojson")
"""What pages of other sites may hold: the map to frame, and the public data."""
OWN_RESOURCE = (b"cross-origin-resource-policy", b"same-origin")
OPEN_RESOURCE = (b"cross-origin-resource-policy", b"cross-origin")


def _headers(policy: str) -> dict[bytes, bytes]:
    headers = {
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "permissions-policy": PERMISSIONS,
        "cross-origin-opener-policy": "same-origin",
    }
    return {name.encode(): value.encode() for name, value in headers.items()}


PAGE_HEADERS = _headers(PAGE_POLICY)
OWN_HEADERS = {"/maps/": _headers(MAP_POLICY), "/embed": _headers(EMBED_POLICY)}
"""By the beginning of a path that has a policy of its own. Encoded once: they go with all."""


class SecurityHeaders:
    """The outermost layer: it adds the headers, and answers 500 for a defect within."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of an ASGI server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _add_headers(message, scope["path"])
            await send(message)

        try:
            await self._app(scope, receive, send_guarded)
        except Exception as error:
            if started:
                raise
            await defect(error, scope.get(REQUEST_ID, ""))(scope, receive, send_guarded)


def _add_headers(message: Message, path: str) -> None:
    own = next((own for start, own in OWN_HEADERS.items() if path.startswith(start)), PAGE_HEADERS)
    # A heavy answer has them from its own process: twice they would say nothing.
    names = {*own, OWN_RESOURCE[0]}
    headers = [header for header in message.get("headers", ()) if header[0] not in names]
    headers += own.items()
    headers.append(OPEN_RESOURCE if path.startswith(OPEN_PATHS) else OWN_RESOURCE)
    if path.startswith("/static/") and message["status"] in CACHED:
        MutableHeaders(raw=headers).setdefault("Cache-Control", STATIC_CACHE)
    message["headers"] = headers
