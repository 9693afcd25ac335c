"""What somebody typed is remembered while it is answered, and no longer."""

from starlette.types import ASGIApp, Receive, Scope, Send

from mapping.geocoding.address import forget_readings
from mapping.lookup.weighing import forget_streets


class TypedWords:
    """Forget the addresses that a request had read, and the streets like them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of an ASGI server."""
        try:
            await self._app(scope, receive, send)
        finally:
            forget_readings()
            forget_streets()
