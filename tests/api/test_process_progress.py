"""What a process of heavy work is known to have worked, by itself or from outside."""

import asyncio
import os
import subprocess
import sys
import time

from starlette.types import Receive, Scope, Send

from api.heavy_pool import HeavyRequest
from api.heavy_worker import answer
from api.process_progress import processor_seconds

WORK_SECONDS = 0.1
WORKS_AND_WAITS = (
    f"import time\nwhile time.process_time() < {3 * WORK_SECONDS}: pass\nprint(flush=True)\ninput()"
)


def test_the_time_of_another_process_is_that_of_the_processor() -> None:
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", WORKS_AND_WAITS], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        worked = processor_seconds(other.pid)
        time.sleep(WORK_SECONDS)
        later = processor_seconds(other.pid)
        other.communicate(b"\n")
        ended = processor_seconds(other.pid)
    assert worked >= 2 * WORK_SECONDS
    assert later - worked < WORK_SECONDS / 2
    assert ended == 0


def test_a_heavy_answer_says_what_its_process_worked() -> None:
    async def work(_scope: Scope, _receive: Receive, send: Send) -> None:
        begun = time.process_time()
        while time.process_time() - begun < WORK_SECONDS:
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    request = HeavyRequest({"type": "http", "path": "/rete.csv"}, b"")
    process = os.fork()
    if not process:
        answered = asyncio.run(answer(work, request))
        os._exit(int(not WORK_SECONDS <= answered.worked_seconds < 10 * WORK_SECONDS))
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
