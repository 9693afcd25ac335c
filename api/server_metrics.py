"""What Prometheus reads: how fast answers are, how full the server is, how old its edition is."""

import asyncio
import math
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from api.freed_memory import resident_bytes
from api.heavy_pool import HeavyPool

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper bounds of the latencies that are told apart, in seconds."""
REFRESH_SECONDS = 1.0
"""How often a worker that answers says how full it is, for the scrape of another worker."""
LOOP_SECONDS = 1.0
"""How often the loop that answers is watched."""
REPORTS = "/segnala/"
"""A count of reports, read every some seconds, would say when somebody sent one."""
WORKERS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which several workers share their numbers; empty: there is one."""


class Metrics:
    """The numbers of one worker, by the template of a route alone: none tells what was asked.

    Parameters
    ----------
    pool : HeavyPool
        Whose load is told.
    """

    def __init__(self, pool: HeavyPool) -> None:
        self._pool = pool
        self._registry = CollectorRegistry()
        self._refreshed_at = -math.inf
        self._latency = Histogram(
            "prossima_request_seconds",
            "Time until a whole answer was sent.",
            ["route", "status"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._loop_lag = Histogram(
            "prossima_loop_lag_seconds",
            "How late the loop that answers came to what was due, once a second.",
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._child = lru_cache(maxsize=1000)(self._latency.labels)
        self._busy = self._summed("prossima_heavy_busy", "Heavy requests that are worked on.")
        self._waiting = self._summed("prossima_heavy_waiting", "Heavy requests that wait.")
        self._memory = self._summed("prossima_resident_bytes", "Memory of the server's processes.")
        self._edition = self._latest(
            "prossima_edition_created_timestamp_seconds", "When the served edition was made."
        )
        self._degraded = self._latest(
            "prossima_edition_degraded", "1 while a newer edition cannot be opened."
        )
        self._build = self._latest(
            "prossima_last_build_timestamp_seconds", "When the last build ended."
        )
        self._success = self._latest(
            "prossima_last_build_success", "1 when the last build published what it should."
        )

    def observe(self, template: str, status: int, seconds: float) -> None:
        """Count a request by the template of its route and the class of its status."""
        if template.startswith(REPORTS):
            return
        self._child(template, f"{status // 100}xx").observe(seconds)
        if time.monotonic() - self._refreshed_at >= REFRESH_SECONDS:
            self._refresh()

    async def watch_loop(self) -> None:
        """Count for ever how late the running loop is: whatever holds it holds up everybody."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LOOP_SECONDS
            await asyncio.sleep(LOOP_SECONDS)
            self._loop_lag.observe(max(loop.time() - due, 0.0))

    def set_edition(self, created_timestamp: float, *, degraded: bool) -> None:
        """Say when the served edition was made, in seconds of the epoch; NaN: there is none."""
        self._edition.set(created_timestamp)
        self._degraded.set(degraded)

    def set_build(self, ended_timestamp: float, success: float) -> None:
        """Say when the last build ended and whether it went well; NaN: nothing is known of it."""
        self._build.set(ended_timestamp)
        self._success.set(success)

    def text(self) -> bytes:
        """Give everything in the format that Prometheus reads, of all workers where they share."""
        self._refresh()
        if not os.environ.get(WORKERS_VARIABLE):
            return generate_latest(self._registry)
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return generate_latest(shared)

    def _refresh(self) -> None:
        self._refreshed_at = time.monotonic()
        busy, waiting = self._pool.load
        self._busy.set(busy)
        self._waiting.set(waiting)
        self._memory.set(resident_bytes())

    def _summed(self, name: str, meaning: str) -> Gauge:
        return Gauge(name, meaning, registry=self._registry, multiprocess_mode="livesum")

    def _latest(self, name: str, meaning: str) -> Gauge:
        return Gauge(name, meaning, registry=self._registry, multiprocess_mode="livemostrecent")


@contextmanager
def shared_numbers() -> Iterator[None]:
    """Let workers that are forked in the block share their numbers, in a folder of their own.

    Metrics must be made in the block too. Where the operator named a folder, that one is used.
    """
    if os.environ.get(WORKERS_VARIABLE):
        yield
        return
    owner, folder = os.getpid(), tempfile.mkdtemp(prefix="prossima-metrics-")
    os.environ[WORKERS_VARIABLE] = folder
    # The library has looked for the variable when it was imported.
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if os.getpid() == owner:  # a worker leaves the block as well
            shutil.rmtree(folder, ignore_errors=True)


def forget_worker(process: int) -> None:
    """Count what a worker held no more, now that it has ended; its requests stay counted."""
    if os.environ.get(WORKERS_VARIABLE):
        mark_process_dead(process)  # type: ignore[no-untyped-call]
