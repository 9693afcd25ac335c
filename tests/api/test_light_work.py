"""Floods of requests that take a thread, over real HTTP: nobody waits for who has left."""

import asyncio
import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from api.light_work import OF_NETWORK_WAITING, LightWork
from api.threads import OTHERS
from tests.api.conftest import Server, serving

CLIENTS = 300
SOON_SECONDS = 3.0
BUSY = 503
MOST_MEGABYTES = 250
"""By how much a server may grow, threads and connections included; a list is 4 of them."""
NUMBERS = json.dumps({"address": "1 " * 100, "limit": 50})
SENT = "HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.{number}\r\n"
FLOODS = {
    "lists of sections": f"GET /v1/areas/section {SENT}\r\n",
    "pages of services": f"GET /v1/services?limit=1000 {SENT}\r\n",
    "addresses of numbers": f"POST /v1/geocode {SENT}Content-Type: application/json\r\n"
    f"Content-Length: {len(NUMBERS)}\r\n\r\n",
}


@pytest.fixture(scope="module")
def server(milano_var: Path, pack: Path, tmp_path_factory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("log") / "light.log"
    with serving(milano_var, pack, log, FORWARDED_ALLOW_IPS="127.0.0.1") as server:
        server.client.headers["x-forwarded-for"] = "198.51.100.7"
        asked_by_another(server)  # what is loaded once is loaded
        yield server


def asked_by_another(server: Server) -> dict[str, float]:
    """Ask for a bit of everything, and give how many seconds each took."""
    address = {"address": "via Padova 3"}
    seconds = {}
    for method, path, body in (
        ("GET", "/ready", None),
        ("GET", "/health", None),
        ("GET", "/", None),
        ("GET", "/v1/categories", None),
        ("POST", "/v1/geocode", address),
        ("POST", "/v1/nearest", {"where": address}),
    ):
        begun = time.monotonic()
        server.client.request(method, path, json=body, timeout=120).raise_for_status()
        seconds[path] = time.monotonic() - begun
    return seconds


def megabytes(server: Server) -> float:
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


@pytest.mark.parametrize("name", FLOODS)
def test_clients_that_leave_hold_nobody_up(server: Server, name: str) -> None:
    before, sockets = megabytes(server), []
    body = NUMBERS if FLOODS[name].startswith("POST") else ""
    for number in range(CLIENTS):
        sockets.append(socket.create_connection(("127.0.0.1", server.client.base_url.port)))
        sockets[-1].sendall((FLOODS[name].format(number=number % 256) + body).encode())
    during = asked_by_another(server)
    for one in sockets:
        one.close()
    after = asked_by_another(server)
    assert max(during.values()) < SOON_SECONDS, during
    assert max(after.values()) < SOON_SECONDS, after
    assert megabytes(server) - before < MOST_MEGABYTES
    assert "Traceback" not in server.log.read_text()


class OneNetwork:
    """Clients of one network that ask a layer all at once; the last ones leave while they wait."""

    def __init__(self, count: int, *, leaving: int = 0) -> None:
        self._count, self._leaving = count, leaving
        self._layer = LightWork(self._work)
        self.worked_on: list[int] = []
        self.statuses: list[int] = []
        """Of those that were answered."""

    async def ask(self) -> None:
        await asyncio.gather(*map(self._ask, range(self._count)))

    async def _work(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.worked_on.append(scope["number"])
        await asyncio.sleep(0.01)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})

    async def _ask(self, number: int) -> None:
        messages: list[Message] = [{"type": "http.request", "body": b""}]
        if number >= self._count - self._leaving:
            messages.append({"type": "http.disconnect"})

        async def receive() -> Message:
            return messages.pop(0) if messages else await asyncio.Event().wait()

        scope = {"type": "http", "method": "GET", "path": "/rete", "client": ("192.0.2.1", 1)}
        await self._layer(scope | {"number": number, "headers": []}, receive, self._send)

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.statuses.append(message["status"])
            if message["status"] == BUSY:
                assert (b"retry-after", b"5") in message["headers"]


def test_who_left_while_waiting_is_not_worked_on() -> None:
    staying = OTHERS + 1
    clients = OneNetwork(20, leaving=20 - staying)
    asyncio.run(clients.ask())
    assert clients.worked_on == list(range(staying))
    assert clients.statuses == [200] * staying


def test_one_too_many_is_refused_at_once() -> None:
    most = OTHERS - 1 + OF_NETWORK_WAITING
    clients = OneNetwork(most + 5)
    asyncio.run(clients.ask())
    assert clients.worked_on == list(range(most))
    assert clients.statuses == [BUSY] * 5 + [200] * most


def test_many_that_wait_for_nothing_are_answered_a_few_in_a_round() -> None:
    """Else all of one burst would be answered before the loop looks at anybody else."""
    answered: list[str] = []

    async def answer(scope: Scope, _receive: Receive, send: Send) -> None:
        answered.append(scope["client"][0])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})

    async def receive() -> Message:
        if asyncio.current_task() in asked:
            await asyncio.Event().wait()  # nobody leaves
        asked.add(asyncio.current_task())
        return {"type": "http.request", "body": b""}

    async def send(_message: Message) -> None: ...

    asked: set[asyncio.Task[object] | None] = set()
    layer = LightWork(answer)

    async def ask_all() -> None:
        asking = []
        for client in ["192.0.2.1"] * OF_NETWORK_WAITING + ["198.51.100.1"]:
            scope = {"type": "http", "method": "GET", "path": "/rete", "client": (client, 1)}
            asking.append(layer(scope | {"headers": []}, receive, send))
        await asyncio.gather(*asking)

    asyncio.run(ask_all())
    assert len(answered) == OF_NETWORK_WAITING + 1
    assert answered.index("198.51.100.1") < OTHERS
