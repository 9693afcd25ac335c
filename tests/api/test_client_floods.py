"""Half requests by the hundred from one address, over real sockets: another is answered at once."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api import connections
from api.client_networks import Proxies, networks_of
from api.http_messages import MAX_PIPELINED
from tests.api.conftest import PATIENCE_SECONDS, Server, serving
from tests.api.test_connections import is_closed, running
from tests.api.waiting import until

BODY = b'{"where": {"lon": 9.19, "lat": 45.4642}, "categories": ["farmacia"]}'
_POST = b"POST /v1/nearest HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
HALVES = {
    "bodies": _POST + b"Content-Length: 60000\r\n\r\n" + BODY[:30],
    "chunked bodies": _POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhalf \r\n",
    "heads": _POST,
}
FLOOD, ALLOWED_FILES = 200, 160
"""Sockets of the flood, and files that the server may open: fewer by far."""


def opened(port: int, source: str, first: bytes = b"") -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS, (source, 0))
    with contextlib.suppress(OSError):
        sock.sendall(first)
    return sock


@contextlib.contextmanager
def flooded(port: int, half: bytes, source: str = "127.0.0.1") -> Iterator[None]:
    """Hold half requests, and open another one for each that is closed."""
    sockets = [opened(port, source, half) for _ in range(FLOOD)]
    ending = threading.Event()

    def renew() -> None:
        while not ending.wait(0.05):
            for number, sock in enumerate(sockets):
                if is_closed(sock):
                    sock.close()
                    sockets[number] = opened(port, source, half)

    renewing = threading.Thread(target=renew)
    renewing.start()
    try:
        yield
    finally:
        ending.set()
        renewing.join()
        for sock in sockets:
            sock.close()


@pytest.fixture(scope="module")
def server(
    pack_var: Path, pack: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("log") / "log"
    with serving(pack_var, pack, log, most_files=ALLOWED_FILES) as small:
        small.nearest({"lon": 9.19, "lat": 45.4642})
        yield small


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
def test_half_requests_of_one_address_keep_no_other_out(server: Server, half: bytes) -> None:
    base = str(server.client.base_url)
    with flooded(server.client.base_url.port, half):
        for _ in range(20):
            transport = httpx.HTTPTransport(local_address="127.0.0.2")
            with httpx.Client(
                base_url=base, transport=transport, timeout=PATIENCE_SECONDS
            ) as client:
                assert client.get("/health").status_code == 200
                headers = {"Content-Type": "application/json"}
                answer = client.post("/v1/nearest", content=BODY, headers=headers)
                assert answer.status_code == 200


def _left(monkeypatch: pytest.MonkeyPatch, proxies: str) -> int:
    """Give how many of six connections a server of 16 leaves to one client."""
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 16)
    with running(proxies=proxies) as port, contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(opened(port, "127.0.0.1")) for _ in range(6)]
        time.sleep(0.5)
        until(lambda: not is_closed(sockets[-1]))
        return sum(not is_closed(sock) for sock in sockets)


@pytest.mark.parametrize(("proxies", "left"), [("", 2), ("127.0.0.1", 6), ("127.0.0.0/8", 6)])
def test_a_proxy_that_is_believed_has_all_connections(
    monkeypatch: pytest.MonkeyPatch, proxies: str, left: int
) -> None:
    assert _left(monkeypatch, proxies) == left


def test_whoever_comes_by_ipv4_is_known_apart_on_a_socket_of_ipv6() -> None:
    assert networks_of("::ffff:192.0.2.1") == networks_of("192.0.2.1")
    assert "::ffff:192.0.2.1" in Proxies("192.0.2.0/24")
    assert "2001:db8::1" not in Proxies("192.0.2.0/24")


WIDE = b'{"where": {"lon": 9.19, "lat": 45.4642}, "count": 100}'
ASKED = _POST + b"Content-Length: %d\r\n\r\n" % len(WIDE) + WIDE
PIPELINES, BURST = 40, 100
HELD_UP_SECONDS = 3.0
"""At the most, on a machine that others keep busy: it was as long as the flood, and after it."""


@contextlib.contextmanager
def pipelining(port: int) -> Iterator[None]:
    """Send look-ups faster than anybody reads the answers, and leave, and come again."""
    ending = threading.Event()

    def flood() -> None:
        while not ending.is_set():
            with contextlib.suppress(OSError), opened(port, "127.0.0.1", ASKED * BURST) as sock:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                ending.wait(0.3)

    floods = [threading.Thread(target=flood) for _ in range(PIPELINES)]
    for each in floods:
        each.start()
    try:
        yield
    finally:
        ending.set()
        for each in floods:
            each.join()


def test_who_asks_without_reading_holds_up_nobody_else(server: Server) -> None:
    base = str(server.client.base_url)
    transport = httpx.HTTPTransport(local_address="127.0.0.2")
    waits = []
    with (
        httpx.Client(base_url=base, transport=transport, timeout=PATIENCE_SECONDS) as client,
        pipelining(server.client.base_url.port),
    ):
        for _ in range(40):
            before = time.monotonic()
            assert client.get("/health").status_code == 200
            waits.append(time.monotonic() - before)
            time.sleep(0.05)
    assert max(waits) < HELD_UP_SECONDS


def test_a_connection_has_so_many_requests_before_it_and_no_more(server: Server) -> None:
    asked = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for number, answered in ((MAX_PIPELINED, MAX_PIPELINED), (50 * MAX_PIPELINED, 0)):
        with opened(server.client.base_url.port, "127.0.0.1", asked * number) as sock:
            sock.settimeout(PATIENCE_SECONDS)
            got = b""
            with contextlib.suppress(OSError):
                while got.count(b"HTTP/1.1 200") < number and (part := sock.recv(65536)):
                    got += part
        assert got.count(b"HTTP/1.1 200") <= number
        assert got.count(b"HTTP/1.1 200") >= answered
