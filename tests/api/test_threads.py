"""Threads of a server: whatever holds those of other requests, look-ups go on."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
import sqlalchemy as sa

from api.app import PARTS
from api.reports import inbox
from api.reports.inbox import ASKED_AT_ONCE, Desk
from api.threads import OTHERS, CountedRoute, counting, in_thread, limit_threads, look_up
from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.reports import Reports
from mapping.errors import ClosedDeskError
from tests.api.waiting import until

WORK_SECONDS = 0.1
SERVICE = "schede_qubi:F049"


def test_look_ups_go_on_while_all_other_threads_are_held() -> None:
    released, working = threading.Event(), threading.Barrier(OTHERS + 1)
    begun = []

    def hold() -> None:
        begun.append(None)
        if len(begun) <= OTHERS:
            working.wait()
        released.wait()

    async def ask() -> str:
        limit_threads()
        async with anyio.create_task_group() as tasks:
            for _ in range(3 * OTHERS):
                tasks.start_soon(anyio.to_thread.run_sync, hold)
            await look_up(working.wait)
            answer = await look_up("found {}".format, "a place")
            assert len(begun) == OTHERS
            released.set()
        return answer

    assert anyio.run(ask) == "found a place"
    assert len(begun) == 3 * OTHERS


def test_a_request_is_charged_what_its_own_threads_worked() -> None:
    """Not what it waited, for a disk or for threads of others."""
    charged = {"busy": 0.0, "waiting": 0.0}
    waited = threading.Event()

    def work() -> None:
        begun = time.thread_time()
        while time.thread_time() - begun < WORK_SECONDS:
            pass
        waited.set()

    async def ask(name: str, answer: Callable[[], object]) -> None:
        def charge(seconds: float) -> None:
            charged[name] += seconds

        with counting(charge):
            await look_up(answer)
            await in_thread(answer)

    async def both() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, "busy", work)
            tasks.start_soon(ask, "waiting", waited.wait)

    anyio.run(both)
    assert charged["busy"] >= 2 * WORK_SECONDS
    assert charged["waiting"] < WORK_SECONDS / 2


def test_whatever_a_route_does_in_a_thread_is_charged() -> None:
    routes = [route for module in PARTS for route in module.router.routes]
    assert len(routes) > 40
    assert {type(route) for route in routes} == {CountedRoute}


def test_a_catalogue_that_does_not_answer_holds_few_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "TURN_SECONDS", 0.1)
    url = f"sqlite:///{tmp_path / 'catalogue.sqlite'}"
    Catalogue.open(url).close()
    desk, reached = Desk(url), threading.Barrier(ASKED_AT_ONCE + 1)
    desk.report("10.0.0.9", SERVICE, "moved", "")
    with Reports.open(url) as reports:
        reports.confirm(reports.waiting()[0].report_id)

    def report(number: int) -> None:
        reached.wait()
        desk.report(f"10.0.{number}.1", SERVICE, "moved", "")

    with sa.create_engine(url).connect() as writer:
        writer.exec_driver_sql("BEGIN IMMEDIATE")
        patient = [
            threading.Thread(target=report, args=(number,)) for number in range(ASKED_AT_ONCE)
        ]
        for thread in patient:
            thread.start()
        reached.wait()
        until(lambda: not desk.public_kinds(SERVICE))  # nobody's turn: both wait for the lock
        with pytest.raises(ClosedDeskError):
            desk.report("10.0.0.8", SERVICE, "moved", "")
        writer.rollback()
    for thread in patient:
        thread.join()
    assert desk.public_kinds(SERVICE) == ["moved"]
