"""The web application."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware

from api import problems
from api.body_limit import BodyLimit
from api.conditional_requests import ConditionalRequests
from api.freed_memory import give_back_often
from api.head_requests import HeadRequests
from api.heavy_pool import HeavyPool
from api.heavy_work import HeavyWork
from api.host_check import HostCheck, host_of
from api.light_work import LightWork
from api.look_ups import GZIP_LEVEL, LookUps
from api.published import Shelf
from api.reports.inbox import Desk
from api.request_log import RequestLog
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
    metrics,
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
from api.security_headers import SecurityHeaders
from api.server_metrics import Metrics
from api.settings import Settings
from api.store_follower import StoreFollower
from api.threads import limit_threads
from api.typed_words import TypedWords
from api.unsent_answers import UnsentAnswers

STATIC = Path(__file__).with_name("static")
PARTS = (  # looked through in this order: what is asked most comes first
    lookups, health, data, plans, maps, tiles, interface, tutor, rounds, report, service_page,
    sitemap, embed, feedback, card, freshness, rete, rete_data, scenario_page, metrics,
)  # fmt: skip


def create_app(
    settings: Settings,
    pool: HeavyPool | None = None,
    log: Callable[[bytes], None] | None = None,
) -> FastAPI:
    """Make the application; the edition is opened at the first request, and when it changes.

    Heavy requests are answered by `pool`, or like others where there is none; `log` gets a line for
    each request.
    """
    shelf = Shelf(settings.editions, StoreFollower.of(settings))
    numbers = None if pool is None else Metrics(pool)

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        limit_threads()
        tasks = [asyncio.create_task(give_back_often())]
        if numbers is not None:
            tasks.append(asyncio.create_task(numbers.watch_loop()))
        with shelf.following():
            yield
        for task in tasks:
            task.cancel()
        if pool is not None:
            pool.close()

    app = FastAPI(
        # Its spans would tell paths to whoever the environment names.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        lifespan=running,
        title="Prossima",
        version=version("prossima"),
        summary="The services that families with children can reach in a city.",
        docs_url=None,
        redoc_url=None,
        responses=problems.declared(400),
    )
    app.state.shelf, app.state.desk = shelf, Desk(settings.catalogue_url)
    app.state.public_url, app.state.var = settings.public_url, settings.var
    app.state.metrics, app.state.metrics_token = numbers, settings.metrics_token
    _add_layers(app, settings, pool, log)
    problems.install(app)
    for module in PARTS:
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


def _add_layers(
    app: FastAPI,
    settings: Settings,
    pool: HeavyPool | None,
    log: Callable[[bytes], None] | None,
) -> None:
    host = host_of(settings.public_url)
    # The last that is added is the outermost.
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=GZIP_LEVEL)
    app.add_middleware(TypedWords)
    app.add_middleware(LightWork)
    if pool is not None:
        app.add_middleware(HeavyWork, pool=pool, shelf=app.state.shelf)
    app.add_middleware(BodyLimit)
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET"])
    app.add_middleware(HostCheck, name=host)
    app.add_middleware(ConditionalRequests)
    app.add_middleware(HeadRequests)
    app.add_middleware(LookUps, shelf=app.state.shelf, host=host)
    app.add_middleware(UnsentAnswers)
    app.add_middleware(SecurityHeaders)
    observe = app.state.metrics.observe if app.state.metrics else None
    routes = [route for module in PARTS for route in module.router.routes]
    app.add_middleware(RequestLog, observe=observe, write=log, routes=routes)
