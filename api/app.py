"""The web application."""

from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.staticfiles import StaticFiles
from starlette.middleware.base import RequestResponseEndpoint
from starlette.middleware.gzip import GZipMiddleware

from api import problems
from api.body_limit import BodyLimit
from api.head_requests import HeadRequests
from api.published import Shelf
from api.reports.inbox import Desk
from api.routes import (
    card,
    data,
    embed,
    feedback,
    freshness,
    health,
    interface,
    lookups,
    maps,
    plans,
    report,
    rete,
    rete_data,
    rounds,
    scenario_page,
    service_page,
    sitemap,
    tiles,
    tutor,
)
from api.settings import Settings

STATIC = Path(__file__).with_name("static")
PARTS = (
    health, lookups, data, plans, maps, tiles, interface, tutor, rounds, report, service_page,
    sitemap, embed, feedback, card, freshness, rete, rete_data, scenario_page,
)  # fmt: skip
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
STATIC_CACHE = "public, max-age=3600, must-revalidate"
OK = 200
POLICIES = {"/maps/": MAP_POLICY, "/embed": EMBED_POLICY}


def create_app(settings: Settings) -> FastAPI:
    """Make the application; the edition is opened at the first request, and when it changes."""
    app = FastAPI(
        title="Prossima",
        version=version("prossima"),
        summary="The services that families with children can reach in a city.",
        docs_url=None,
        redoc_url=None,
    )
    app.state.shelf = Shelf(settings.editions)
    app.state.desk = Desk(settings.catalogue_url)
    app.state.public_url = settings.public_url
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET"])
    app.middleware("http")(_guard)
    app.add_middleware(HeadRequests)
    app.add_middleware(BodyLimit)
    problems.install(app)
    tiles.keep_out_of_the_log()
    feedback.keep_out_of_the_log()
    for module in PARTS:
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


async def _guard(request: Request, call_next: RequestResponseEndpoint) -> Response:
    try:
        response = await call_next(request)
    except Exception as error:
        response = problems.defect(error)
    response.headers["Content-Security-Policy"] = _policy(request.url.path)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Permissions-Policy"] = PERMISSIONS
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.url.path.startswith("/static/") and response.status_code == OK:
        response.headers.setdefault("Cache-Control", STATIC_CACHE)
    return response


def _policy(path: str) -> str:
    own = (policy for start, policy in POLICIES.items() if path.startswith(start))
    return next(own, PAGE_POLICY)
