"""Numbers for Prometheus, for the machine itself or for whoever has the token."""

import hmac
import ipaddress
import math

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import SecretStr

from api.client_networks import client_of
from api.host_check import LOOPBACK_NAMES, host_name
from api.problems import problem
from api.published import Shelf
from api.server_metrics import Metrics
from api.threads import CountedRouter
from mapping.edition.last_build import last_build
from mapping.errors import ProssimaError

router = CountedRouter(include_in_schema=False)
FORWARDED = ("x-forwarded-for", "forwarded", "via")
"""Headers of proxies: what one of them hands on does not come from this machine."""


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Give the numbers of the server; without a thread, so that a full server gives them too."""
    numbers: Metrics | None = request.app.state.metrics
    if numbers is None:
        return problem(404, "Not found", "This process keeps no numbers. Ask the server.")
    if not (_has_token(request) or _is_on_this_machine(request)):
        detail = "Ask from the machine itself, or with the token of PROSSIMA_METRICS_TOKEN."
        answer = problem(401, "Unauthorized", detail)
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    shelf: Shelf = request.app.state.shelf
    try:
        reading = await shelf.reading()
        created = reading.edition.manifest.created_at.timestamp()
    except ProssimaError:
        created = math.nan
    numbers.set_edition(created, degraded=shelf.failure is not None)
    build = last_build(request.app.state.var)
    numbers.set_build(*((build.ended_at.timestamp(), build.success) if build else (math.nan,) * 2))
    headers = {"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE_LATEST}
    return Response(numbers.text(), headers=headers)


def _has_token(request: Request) -> bool:
    token: SecretStr = request.app.state.metrics_token
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    is_same = hmac.compare_digest(sent.strip().encode(), token.get_secret_value().encode())
    return bool(token) and scheme.lower() == "bearer" and is_same


def _is_on_this_machine(request: Request) -> bool:
    """Whether nobody stands between: a proxy on this machine has a loopback address too."""
    if any(name in request.headers for name in FORWARDED):
        return False
    host = client_of(request.scope)
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
    return is_loopback and host_name(request.headers.get("host", "")) in LOOPBACK_NAMES
