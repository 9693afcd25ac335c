"""Processes for heavy work that hang (stopped for real): ended, replaced, and said in time."""

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api import heavy_pool
from api.app import create_app
from api.client_turns import HeldTurns
from api.heavy_pool import HeavyPool, HeavyTemplate
from api.settings import Settings
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


def test_a_request_whose_process_hangs_is_told_to_come_again(
    application: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heavy_pool, "ANSWER_SECONDS", 5.0)
    (template,) = children(os.getpid())

    def stop_first() -> None:
        until(lambda: bool(children(template)))
        os.kill(children(template)[0], signal.SIGSTOP)

    stopping = threading.Thread(target=stop_first)
    stopping.start()
    answer = get(application, report(1))
    stopping.join()
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["content-type"] == "application/problem+json"
    until(lambda: not children(template))
    assert get(application, report(2)).status_code == 200


def test_a_template_that_hangs_is_replaced_and_its_orders_are_answered(
    application: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    (template,) = children(os.getpid())
    os.kill(template, signal.SIGSTOP)
    until(lambda: Path(f"/proc/{template}/stat").read_text().rpartition(")")[2].split()[0] == "T")
    monkeypatch.setattr(heavy_pool, "HUNG_SECONDS", 1.0)
    monkeypatch.setattr(heavy_pool, "ANSWER_SECONDS", PATIENCE_SECONDS)

    def wait_for_another() -> None:
        until(lambda: template not in children(os.getpid()))
        monkeypatch.undo()  # the next one needs longer than that to start

    waiting = threading.Thread(target=wait_for_another)
    waiting.start()
    assert get(application, report(3)).status_code == 200
    waiting.join()
