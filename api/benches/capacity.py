"""Requests a second that the server answers, beside an empty route of its framework."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from api.benches.contest import limit_row
from api.benches.empty_route import PATH
from api.benches.http_load import CONNECTIONS, Load, ask
from api.benches.job import free_port, serve, wait_for
from mapping.edition.edition import Edition

ROUNDS, SECONDS, WARM_SECONDS = 3, 5, 2
QUESTIONS = 500
SHARE, TAIL = 0.4, 5
"""Of what an empty route answers; the slowest of a hundred against the median."""
PAGES = {"/": 500, "/rete": 300}
"""Requests a second that a page is to answer."""
PAGE_MILLISECONDS = 200
OUR_WORK = (
    "Of a look-up, an eighth is what our own layers do (ids, headers, log, bounds), a fifth the"
    " search, a tenth the areas of the place, a sixth the system's sending of 9 kB; the rest reads"
    " the question and writes the answer. By then code, streets and services have left the"
    " processor's caches."
)


def capacity(
    edition: Edition, variables: dict[str, str], *, workers: int = 1, seconds: float = SECONDS
) -> list[dict[str, Any]]:
    """Ask look-ups and pages over 50 connections, and the empty route before each round of them.

    The places are those of services, which are public.
    """
    bodies = _bodies(edition)
    with _empty(variables, workers) as floor, serve(variables, workers) as origin:
        # What each worker makes once is made now.
        ask(f"{origin}/v1/nearest", bodies, seconds=WARM_SECONDS)
        for path in PAGES:
            ask(f"{origin}{path}", seconds=WARM_SECONDS)
        rounds = [
            (
                ask(floor, bodies, seconds=seconds),
                ask(f"{origin}/v1/nearest", bodies, seconds=seconds),
            )
            for _ in range(ROUNDS)
        ]
        pages = {path: ask(f"{origin}{path}", seconds=seconds) for path in PAGES}
    by_workers = f"{CONNECTIONS} connections, {workers} worker{'s' * (workers > 1)}"
    empty, ours = (_median(loads) for loads in zip(*rounds, strict=True))
    return [
        *_look_up_rows(f"POST /v1/nearest, {by_workers}", empty, ours),
        *(
            row
            for path, load in pages.items()
            for row in _page_rows(f"GET {path}, {by_workers}", load, PAGES[path])
        ),
    ]


def _bodies(edition: Edition) -> list[str]:
    rows = [row for row in edition.service_rows if row.is_destination]
    chosen = rows[:: max(len(rows) // QUESTIONS, 1)]
    return [json.dumps({"where": {"lon": row.lon, "lat": row.lat}, "count": 5}) for row in chosen]


def _median(loads: tuple[Load, ...]) -> Load:
    """Take the middle one of the rounds by requests a second."""
    return sorted(loads, key=lambda load: load.requests_per_second)[len(loads) // 2]


def _look_up_rows(work: str, empty: Load, ours: Load) -> Iterator[dict[str, Any]]:
    yield _rate_row(work, ours, empty.requests_per_second, "an empty FastAPI route", SHARE)
    tail = ours.p99_milliseconds / ours.median_milliseconds
    yield limit_row(f"{work}, p99 / median", tail, TAIL, "x")


def _page_rows(work: str, load: Load, wanted: float) -> Iterator[dict[str, Any]]:
    yield _rate_row(work, load, wanted, "at least", 1)
    yield limit_row(f"{work}, p99", load.p99_milliseconds, PAGE_MILLISECONDS, "ms")


def _rate_row(work: str, load: Load, peer: float, name: str, goal: float) -> dict[str, Any]:
    """Make the row of a rate: its ratio is ours over the peer's, since more is better."""
    rate = load.requests_per_second
    row = limit_row(work, rate, peer, "1/s")
    return row | {
        "peer_name": name,
        "ratio": float(f"{rate / peer:.3g}"),
        "goal": goal,
        "lost": OUR_WORK,
    }


@contextmanager
def _empty(variables: dict[str, str], workers: int) -> Iterator[str]:
    """Run the empty route in the block, and give its address."""
    port = free_port()
    command = [sys.executable, "-m", "api.benches.empty_route", str(port), str(workers)]
    server = subprocess.Popen(command, env=variables, process_group=0)  # noqa: S603 - our own module
    try:
        wait_for(f"http://127.0.0.1:{port}/ready")
        yield f"http://127.0.0.1:{port}{PATH}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()
