"""A route that reads a body which is plainly right by itself, at a third of what FastAPI takes."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, get_type_hints

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

from api.published import Published, published

JSON = "application/json"


class LookupRoute(APIRoute):
    """A route of a function ``(body, reading)`` that gives a Response.

    It is declared, and described in OpenAPI, as any other. A body that is wrong, or told to be no
    JSON, is left to FastAPI, which says what is wrong with it.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Give the function that answers a request."""
        patient = super().get_route_handler()
        endpoint: Callable[[BaseModel, Published], Awaitable[Response]] = self.endpoint
        model: type[BaseModel] = get_type_hints(endpoint)["body"]

        async def answer(request: Request) -> Response:
            if request.headers.get("content-type") != JSON:
                return await patient(request)
            try:
                body = model.model_validate_json(await request.body())
            except ValidationError:
                return await patient(request)
            return await endpoint(body, await published(request))

        return answer
