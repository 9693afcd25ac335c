"""Threads of a server: whatever holds those of other requests, look-ups go on."""

import threading
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
import sqlalchemy as sa

from api.reports import inbox
from api.reports.inbox import ASKED_AT_ONCE, Desk
from api.threads import OTHERS, limit_threads, look_up
from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.reports import Reports
from mapping.errors import ClosedDeskError
from tests.api.waiting import until

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
