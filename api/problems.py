"""Domain errors as RFC 9457 problem details: one table, one shape."""

import logging
from collections.abc import Mapping
from traceback import extract_tb
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from mapping.errors import (
    BadInputError,
    BrokenEditionError,
    BusyError,
    ClosedDeskError,
    ConfigError,
    NoEditionError,
    OlderEditionError,
    OutsideItalyError,
    ProssimaError,
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
    OutsideItalyError: 422,
    BadInputError: 422,
    SourceError: 422,
    ConfigError: 503,
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


def problem(status: int, title: str, detail: str, **more: Any) -> JSONResponse:
    """Make a problem document; it is not cached, since it may hold what a person typed."""
    kind = title.lower().replace(" ", "-")
    body = {"type": f"/problems/{kind}", "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(body, status, {"Cache-Control": "no-store"}, MEDIA_TYPE)


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
        more = {"typed": error.typed, "candidates": error.candidates}
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
    where = ".".join(str(part) for part in first["loc"])
    # The value itself may be where a family lives: it is not repeated.
    return problem(422, "Invalid request", f"{where}: {first['msg']}. See /docs.")


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    answer = problem(error.status_code, str(error.detail), f"{error.detail}. See /docs.")
    answer.headers.update(error.headers or {})  # Allow, with 405
    return answer
