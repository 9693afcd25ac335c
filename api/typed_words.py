"""What somebody typed is remembered while it is answered, and no longer."""

from starlette.types import ASGIApp, Receive, Scope, Send

from mapping.geocoding.address import forget_readings


class TypedWords:
    """Forget the addresses that a request had read, whatever became of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of an ASGI server."""
        try:
            await self._app(scope, receive, send)
        finally:
            forget_readings()
