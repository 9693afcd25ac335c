"""Processes for heavy work that hang (stopped for real): ended, replaced, and said in time."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api import heavy_pool, process_progress
from api.app import create_app
from api.client_turns import HeldTurns
from api.heavy_pool import HeavyPool, HeavyTemplate
from api.process_progress import ProcessProgress
from api.settings import Settings
from tests.api.conftest import serving
from tests.api.test_heavy_work import report, workers
from tests.api.waiting import PATIENCE_SECONDS, until

pytestmark = pytest.mark.all


@pytest.fixture(scope="module")
def application(pack_var: Path) -> Iterator[FastAPI]:
    pool = HeavyPool(HeavyTemplate(), HeldTurns(10))
    app = create_app(Settings(var=pack_var), pool)
    assert get(app, "/rete.csv").status_code == 200  # the template process holds the edition
    yield app
    pool.close()


def get(app: FastAPI, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path)

    return asyncio.run(ask())


def children(process: int) -> list[int]:
    return [number for number, parent in workers().items() if parent == process]


def test_requests_whose_processes_hang_hold_nobody_up(application: FastAPI) -> None:
    (template,) = children(os.getpid())

    def stop_two() -> None:
        stopped: set[int] = set()
        while len(stopped) < heavy_pool.AT_ONCE:
            for child in set(children(template)) - stopped:
                os.kill(child, signal.SIGSTOP)
                stopped.add(child)

    async def ask_three() -> list[httpx.Response]:
        async with contextlib.AsyncExitStack() as clients:
            asked = []
            for number in range(3):
                transport = httpx.ASGITransport(application, client=(f"192.0.{number}.2", 1))
                client = httpx.AsyncClient(transport=transport, base_url="http://localhost")
                client = await clients.enter_async_context(client)
                asked.append(asyncio.create_task(client.get(report(number))))
            return await asyncio.gather(*asked)

    stopping = threading.Thread(target=stop_two)
    stopping.start()
    *hanging, third = asyncio.run(ask_three())
    stopping.join()
    assert [answer.status_code for answer in hanging] == [503, 503]
    assert {answer.headers["retry-after"] for answer in hanging} == {"5"}
    assert {answer.headers["content-type"] for answer in hanging} == {"application/problem+json"}
    # It would be told to come again, had they held their turns for their whole time.
    assert third.status_code == 200
    until(lambda: not children(template))


def test_work_that_takes_long_is_not_taken_for_hanging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_progress, "LOOK_SECONDS", 0.05)
    long = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        progress = ProcessProgress(long.pid)
        enough = time.monotonic() + 3
        while time.monotonic() < enough:
            assert not progress.is_still()
            time.sleep(0.01)
        long.send_signal(signal.SIGSTOP)
        until(progress.is_still)
        long.send_signal(signal.SIGCONT)
        until(lambda: not progress.is_still())
    finally:
        long.kill()
        long.wait()
    ended = ProcessProgress(long.pid)
    until(ended.is_still)


def test_a_template_that_hangs_is_replaced_and_its_orders_are_answered(
    application: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    (template,) = children(os.getpid())
    os.kill(template, signal.SIGSTOP)
    until(lambda: Path(f"/proc/{template}/stat").read_text().rpartition(")")[2].split()[0] == "T")
    monkeypatch.setattr(heavy_pool, "ANSWER_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(heavy_pool, "HUNG_SECONDS", 10 * PATIENCE_SECONDS)
    assert get(application, report(3)).status_code == 200
    assert template not in children(os.getpid())


def stat_of(process: int) -> list[str]:
    """Give the fields of a process after its name: the state first."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def waits(process: int) -> bool:
    """Whether a process sleeps, and has for half a second."""
    looks = []
    for _ in range(10):
        looks.append(stat_of(process)[:13])
        time.sleep(0.05)
    return looks[0][0] == "S" and looks.count(looks[0]) == len(looks)


def stop_at_work(process: int) -> None:
    """Stop a process that waits for an order a moment after it began to work on one."""
    before = int(stat_of(process)[11])
    until(lambda: int(stat_of(process)[11]) > before + 5)
    os.kill(process, signal.SIGSTOP)


@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["alone", "two workers"])
def test_a_template_that_hangs_over_an_order_is_replaced_and_its_client_told(
    pack_var: Path, pack: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    with serving(pack_var, pack, tmp_path / "log", *options) as server:
        with contextlib.suppress(httpx.TimeoutException):
            server.client.get("/rete.csv", timeout=0.01)  # starts the template, and leaves
        until(lambda: bool(children(server.pid)))
        (template,) = children(server.pid)
        until(lambda: waits(template))
        stopping = threading.Thread(target=stop_at_work, args=[template])
        stopping.start()
        started = time.monotonic()
        answer = server.client.get(report(4), timeout=2 * heavy_pool.ANSWER_SECONDS)
        stopping.join()
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert time.monotonic() - started < heavy_pool.ANSWER_SECONDS - 10
        until(lambda: template not in children(server.pid))
        assert server.client.get(report(4), timeout=PATIENCE_SECONDS).status_code == 200
