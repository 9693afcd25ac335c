"""Domain errors as RFC 9457 problem details: one table, one shape."""

import json
import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from traceback import extract_tb
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount

from mapping.config_values import shortened
from mapping.errors import (
    BadInputError,
    BrokenEditionError,
    BusyError,
    ClosedDeskError,
    ConfigError,
    NoEditionError,
    NoRecordsError,
    NothingCountedError,
    OlderEditionError,
    OutsideItalyError,
    ProssimaError,
    RecomputedError,
    SourceError,
    TooLargeError,
    UnknownAddressError,
    UnknownAreaError,
    UnknownCategoryError,
    UnknownCityError,
    UnknownServiceError,
    UnknownTilesError,
)

STATUS: Mapping[type[ProssimaError], int] = {
    UnknownAddressError: 404,
    UnknownAreaError: 404,
    UnknownCategoryError: 404,
    UnknownCityError: 404,
    UnknownServiceError: 404,
    UnknownTilesError: 404,
    NoRecordsError: 404,
    NothingCountedError: 404,
    OutsideItalyError: 422,
    BadInputError: 422,
    SourceError: 422,
    ConfigError: 503,
    RecomputedError: 503,
    BusyError: 503,
    TooLargeError: 503,
    ClosedDeskError: 503,
    NoEditionError: 503,
    BrokenEditionError: 503,
    OlderEditionError: 410,
}
MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "5"
"""After which a busy server may be asked again."""
MAX_VALUE_LETTERS, MAX_DETAIL_LETTERS = 80, 1000
"""Of a value that a message repeats, and of the whole message."""
METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_QUOTED = re.compile(r"(?<!\w)'([^']*)'(?!\w)")
_SCHEMA = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "Names the kind of problem."},
        "title": {"type": "string", "description": "The kind, in words."},
        "status": {"type": "integer", "description": "The status of the answer."},
        "detail": {"type": "string", "description": "The value, the rule and the remedy."},
    },
}


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe, for OpenAPI, the problem documents that a route may answer with."""
    content = {MEDIA_TYPE: {"schema": _SCHEMA}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }


def brief(message: str) -> str:
    """Shorten the values that a message repeats between quotes, and then the message itself.

    Whatever somebody sends, the rule at its beginning and the remedy at its end are left.
    """
    text = _QUOTED.sub(_shortened, message)
    half = MAX_DETAIL_LETTERS // 2
    return text if len(text) <= MAX_DETAIL_LETTERS else f"{text[:half]} … {text[-half:]}"


def _shortened(quoted: re.Match[str]) -> str:
    return f"'{shortened(quoted[1], MAX_VALUE_LETTERS)}'"


class ProblemDocument(JSONResponse):
    """A problem document; half a pair of UTF-16 that somebody sent is a question mark in it."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        """Write a document as UTF-8."""
        return json.dumps(content, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def problem(status: int, title: str, detail: str, **more: Any) -> JSONResponse:
    """Make a problem document; it is not cached, since it may hold what a person typed."""
    kind, detail = title.lower().replace(" ", "-"), brief(detail)
    body = {"type": f"/problems/{kind}", "title": title, "status": status, "detail": detail, **more}
    return ProblemDocument(body, status, {"Cache-Control": "no-store"})


def install(app: FastAPI) -> None:
    """Answer every error of the application with a problem document."""
    app.add_exception_handler(ProssimaError, _domain)
    app.add_exception_handler(MemoryError, _too_large)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def defect(error: Exception, request_id: str) -> JSONResponse:
    """Answer 500 for a defect; the log gets its place, never its message or the question."""
    places = [f"{frame.name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)[-3:]]
    logging.getLogger("uvicorn.error").error(
        "defect: %s in %s, request %s", type(error).__name__, " > ".join(places), request_id
    )
    detail = "This is a defect of Prossima, not of your question. Please report it."
    return problem(500, "Internal error", detail)


def status_of(error: ProssimaError) -> int:
    """Find the HTTP status of the nearest class of an error in the table."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 400)


def domain_problem(error: ProssimaError) -> JSONResponse:
    """Make the problem document of an error of ours."""
    title = type(error).__name__.removesuffix("Error")
    title = "".join(f" {letter}" if letter.isupper() else letter for letter in title).strip()
    more = {}
    detail = str(error)
    if isinstance(error, ConfigError):
        # Where the settings lie is for the operator alone.
        logging.getLogger("uvicorn.error").error("settings: %s", error)
        detail = "The settings of this server cannot be read. Ask again later."
    if isinstance(error, UnknownAddressError):
        more = {
            "typed": error.typed,
            "candidates": error.candidates,
            "unheld": error.unheld,
            "reason": error.reason,
            "unplaced": [{"service_id": key, "name": name} for key, name in error.unplaced],
        }
    answer = problem(status_of(error), title.capitalize(), detail, **more)
    if isinstance(error, BusyError):
        answer.headers["Retry-After"] = RETRY_SECONDS
    return answer


async def _domain(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProssimaError)  # noqa: S101 - registered for nothing else
    return domain_problem(error)


async def _too_large(_request: Request, _error: Exception) -> JSONResponse:
    return domain_problem(TooLargeError())


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    first = error.errors()[0]
    where = ".".join(shortened(str(part), MAX_VALUE_LETTERS) for part in first["loc"])
    # The value itself may be where a family lives: it is not repeated.
    return problem(422, "Invalid request", f"{where}: {first['msg']}. See /docs.")


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    answer = problem(error.status_code, str(error.detail), f"{error.detail}. See /docs.")
    answer.headers.update(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = ", ".join(_allowed_methods(request))
    return answer


def _allowed_methods(request: Request) -> list[str]:
    """List the methods of all routes of a path, since each route knows its own alone."""
    scope = {**request.scope, "root_path": request.scope.get("app_root_path", "")}
    allowed = {
        method
        for route in request.app.routes
        for method in (["GET"] if isinstance(route, Mount) else METHODS)
        if route.matches({**scope, "method": method})[0] == Match.FULL
    }
    return sorted(allowed | ({"HEAD"} if "GET" in allowed else set()))
