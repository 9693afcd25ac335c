"""Pages and documents that a client has already: asked with their tag, they are not sent again."""

from hashlib import blake2b

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OK, NOT_MODIFIED = 200, 304
_OF_THE_BODY = ("content-length", "content-type", "content-encoding")


def tag_of(content: bytes) -> str:
    """Name a content, however it is packed on its way."""
    return f'W/"{blake2b(content, digest_size=12).hexdigest()}"'


class ConditionalRequests:
    """Answer 304 to whoever names the tag that a route gave its answer (RFC 9110, 13.1.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of an ASGI server."""
        names = Headers(scope=scope).get("if-none-match") if scope["type"] == "http" else None
        if names is None or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        is_held = False

        async def send_unless_held(message: Message) -> None:
            nonlocal is_held
            if message["type"] == "http.response.start" and message["status"] == OK:
                headers = MutableHeaders(scope=message)
                is_held = _names(names, headers.get("etag"))
                if is_held:
                    message["status"] = NOT_MODIFIED
                    for name in _OF_THE_BODY:
                        del headers[name]
            elif is_held and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app(scope, receive, send_unless_held)


def _names(names: str, tag: str | None) -> bool:
    known = {name.strip().removeprefix("W/") for name in names.split(",")}
    return tag is not None and ("*" in known or tag.removeprefix("W/") in known)
