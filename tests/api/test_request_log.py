"""The log of requests: a line for each, by the template of its path."""

import asyncio
import json
import os
import time
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from api.app import create_app
from api.request_log import LineWriter, RequestLog
from api.settings import Settings
from tests.api.conftest import PATIENCE_SECONDS, Server
from tests.api.test_defects import get


def lines(server: Server) -> list[dict]:
    log = server.log.read_text(encoding="utf-8")
    return [json.loads(line) for line in log.splitlines() if line.startswith("{")]


def logged(server: Server, method: str, address: str) -> dict:
    """Ask, and give the line that the answer's id leads to."""
    answer = server.client.request(method, address, headers={"user-agent": "[2Jcanary"})
    give_up = time.monotonic() + PATIENCE_SECONDS
    found: list[dict] = []
    while not found and time.monotonic() < give_up:  # written once the whole answer is sent
        found = [one for one in lines(server) if one["id"] == answer.headers["x-request-id"]]
    (line,) = found
    assert line["status"] == answer.status_code
    return line


@pytest.mark.parametrize(
    ("method", "address", "request_line"),
    [
        ("GET", "/health?canary=1", "GET /health"),
        ("HEAD", "/health", "HEAD /health"),
        ("GET", "/servizi/canary", "GET /servizi/{service_id:path}"),
        ("GET", "/rete/zona/nil/canary.pdf", "GET /rete/zona/{level}/{area_id}.pdf"),
        ("GET", "/static/base.css", "GET /static/"),
        ("GET", "/canary", "GET unknown"),
        ("DELETE", "/v1/nearest", "DELETE /v1/nearest"),
    ],
)
def test_a_line_has_the_template_and_nothing_else(
    pack_server: Server, method: str, address: str, request_line: str
) -> None:
    line = logged(pack_server, method, address)
    assert line["request"] == request_line
    assert set(line) == {"time", "id", "request", "status", "milliseconds"}
    log = pack_server.log.read_text(encoding="utf-8")
    assert not [word for word in ("canary", "127.0.0.1 ") if word in log]


def test_a_client_that_left_is_logged_as_such() -> None:
    async def silent(_scope: Scope, _receive: Receive, _send: Send) -> None:
        return

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(_message: Message) -> None:
        return

    scope = {"type": "http", "method": "POST", "path": "/v1/nearest"}
    lines: list[bytes] = []
    asyncio.run(RequestLog(silent, write=lines.append)(scope, receive, send))
    (line,) = lines
    assert json.loads(line)["status"] == 499


def test_lines_of_one_turn_are_written_together_and_none_is_torn(tmp_path: Path) -> None:
    path = tmp_path / "log"
    line = b"x" * 1500 + b"\n"

    async def write() -> list[int]:
        with path.open("wb", buffering=0) as file:
            writer = LineWriter(file.fileno())
            for _ in range(3):
                writer.write(line)
            early = path.stat().st_size
            await asyncio.sleep(0)
            return [early, path.stat().st_size]

    assert asyncio.run(write()) == [2 * len(line), 3 * len(line)]


def test_a_log_that_nobody_reads_stops_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)

    async def write() -> None:
        LineWriter(writing).write(b"{}\n")
        await asyncio.sleep(0)

    asyncio.run(write())
    os.close(writing)


def test_a_defect_is_found_by_the_id_of_its_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(Settings(var=tmp_path))

    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError

    answer = get(app, "/broken")
    assert f"request {answer.headers['x-request-id']}" in caplog.text
