"""Connections over real sockets: idle ones, slow ones and too many keep nobody out."""

import asyncio
import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from api import connections
from api.connections import ACCEPTED_AT_ONCE, BoundedConnection, BoundedServer, bind
from api.http_messages import MAX_PIPELINED
from mapping.errors import BadInputError
from tests.api.conftest import Server, serving
from tests.api.waiting import until

PATIENCE_SECONDS = 30
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
LONG = 8 * 1024 * 1024
SLOW_SECONDS = 2.0


async def application(scope, _receive, send) -> None:
    """Answer `/long` with many bytes, `/slow` in two pieces, anything else with two bytes."""
    if scope["path"] == "/slow":
        await _send_slowly(send)
        return
    body = b"x" * LONG if scope["path"] == "/long" else b"ok"
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _send_slowly(send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"first", "more_body": True})
    await asyncio.sleep(SLOW_SECONDS)
    await send({"type": "http.response.body", "body": b"second"})


@contextlib.contextmanager
def running(answering: Callable = application, *, proxies: str = "127.0.0.1") -> Iterator[int]:
    """Run the bounded server in a thread, and give its port."""
    config = uvicorn.Config(
        answering, http=BoundedConnection, backlog=ACCEPTED_AT_ONCE, lifespan="off",
        log_config=None, timeout_keep_alive=PATIENCE_SECONDS, forwarded_allow_ips=proxies,
    )  # fmt: skip
    server = BoundedServer(config, stop_seconds=0)
    with bind("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
        thread.start()
        until(lambda: server.started)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def is_closed(sock: socket.socket) -> bool:
    """Whether the other side has closed a connection from which nothing is to be read."""
    sock.settimeout(0)
    try:
        return not sock.recv(1)
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    with contextlib.closing(connection):
        connection.request("GET", "/")
        return connection.getresponse().read() == b"ok"


@pytest.fixture
def opened() -> Iterator[Callable[[int], socket.socket]]:
    with contextlib.ExitStack() as stack:
        yield lambda port: stack.enter_context(socket.create_connection(("127.0.0.1", port)))


def test_a_head_that_comes_by_bytes_is_given_up(monkeypatch, opened) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.5)
    with running() as port:
        sockets = [opened(port) for _ in range(3)]
        sockets[1].sendall(HEAD)
        sockets[2].sendall(HEAD + b"\r\n")  # a first request, and a second that does not end
        started = time.monotonic()
        assert b"ok" in sockets[2].recv(1000)

        def all_closed() -> bool:
            for slow in sockets[1:]:
                with contextlib.suppress(OSError):
                    slow.send(b"X")
            return all(map(is_closed, sockets))

        until(all_closed)
        assert time.monotonic() - started >= 0.4
        assert answers(port)


def test_the_connection_that_has_waited_longest_gives_way(monkeypatch, opened) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 20)
    with running() as port:
        sockets = [opened(port) for _ in range(60)]
        until(lambda: sum(map(is_closed, sockets)) >= 40)
        assert not is_closed(sockets[-1])
        assert all(answers(port) for _ in range(5))


def test_a_client_that_reads_nothing_is_let_go(monkeypatch, opened) -> None:
    monkeypatch.setattr(connections, "STALLED_SECONDS", 0.3)
    with running() as port:
        lazy = opened(port)
        lazy.sendall(HEAD.replace(b"/ ", b"/long ") + b"\r\n")

        def is_reset() -> bool:
            try:
                lazy.send(b"G")
            except ConnectionError:
                return True
            return False

        until(is_reset)


def test_a_client_that_reads_slowly_gets_its_whole_answer(monkeypatch, opened) -> None:
    monkeypatch.setattr(connections, "STALLED_SECONDS", 0.3)
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.3)
    monkeypatch.setattr(connections, "MIN_BYTES", 1000)
    with running() as port:
        slow = opened(port)
        slow.sendall(HEAD.replace(b"/ ", b"/long ") + b"\r\n")
        size = 0
        while size < LONG:
            part = slow.recv(LONG // 40)
            assert part
            size += len(part)
            time.sleep(0.02)


def test_a_head_without_end_is_cut_off(opened) -> None:
    with running() as port:
        endless = opened(port)
        endless.sendall(HEAD + b"X-Long: ")

        def is_cut_off() -> bool:
            with contextlib.suppress(ConnectionError):
                endless.send(b"x" * 10_000)
                return False
            return True

        until(is_cut_off)
        assert answers(port)


def test_head_and_body_are_sent_in_one_piece(monkeypatch, opened) -> None:
    sent: list[bytes] = []
    transport = asyncio.selector_events._SelectorSocketTransport
    write = transport.write
    monkeypatch.setattr(
        transport, "write", lambda self, data: sent.append(data) or write(self, data)
    )
    with running() as port:
        asking = opened(port)
        asking.sendall(HEAD + b"\r\n")
        answer = asking.recv(1000)
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert answer.endswith(b"\r\n\r\nok")
        assert sent == [answer]


def test_the_first_piece_of_an_answer_does_not_wait_for_the_next(opened) -> None:
    with running() as port:
        asking = opened(port)
        asking.settimeout(PATIENCE_SECONDS)
        asking.sendall(HEAD.replace(b"/ ", b"/slow ") + b"\r\n")
        received = b""
        while b"first" not in received:
            received += asking.recv(1000)
        assert b"second" not in received
        while b"second" not in received:
            received += asking.recv(1000)


def test_requests_sent_at_once_are_answered_in_their_order(opened) -> None:
    with running() as port:
        eager = opened(port)
        eager.settimeout(PATIENCE_SECONDS)
        eager.sendall((HEAD + b"\r\n") * MAX_PIPELINED)
        received = b""
        while received.count(b"\r\n\r\nok") < MAX_PIPELINED:
            part = eager.recv(10_000)
            assert part
            received += part
        assert answers(port)


def test_a_port_that_is_taken_is_one_line() -> None:
    with bind("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(BadInputError, match=f"Port {port} .* cannot be used: .*Give another"):
            bind("127.0.0.1", port)


def asked_again(server: Server, path: str, attempts: int = 3) -> httpx.Response:
    """Ask as a browser does: once more when a kept connection gave way to another."""
    try:
        return server.client.get(path)
    except httpx.TransportError:
        assert attempts > 1
        return asked_again(server, path, attempts - 1)


def test_with_few_files_to_open_it_goes_on_and_its_log_stays_short(
    pack_var: Path, pack: Path, tmp_path: Path, opened
) -> None:
    with serving(pack_var, pack, tmp_path / "log", most_files=160) as server:
        size = server.log.stat().st_size
        sockets = [opened(server.client.base_url.port) for _ in range(400)]
        for number, idle in enumerate(sockets):
            with contextlib.suppress(OSError):
                idle.sendall(HEAD[: number % 20])
        assert all(asked_again(server, "/health").status_code == 200 for _ in range(20))
        assert asked_again(server, "/rete.csv").status_code == 200
        assert "Traceback" not in server.log.read_text()
        assert server.log.stat().st_size - size < 10_000


@pytest.mark.all
def test_a_thousand_idle_connections_end_and_keep_nobody_out(
    pack_var: Path, pack: Path, tmp_path: Path, opened
) -> None:
    with serving(pack_var, pack, tmp_path / "log") as server:
        sockets = [opened(server.client.base_url.port) for _ in range(1000)]
        for slow in sockets[::2]:
            slow.sendall(HEAD)
        assert server.nearest({"lon": 9.19, "lat": 45.4642})["results"]
        until(lambda: all(map(is_closed, sockets)))


def test_the_last_piece_of_an_answer_does_not_wait_for_the_client() -> None:
    async def delay_is_off() -> int:
        accepted = asyncio.get_running_loop().create_future()

        class Server(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                at = transport.get_extra_info("socket")
                accepted.set_result(at.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

        with bind("127.0.0.1", 0) as listener:
            server = await asyncio.get_running_loop().create_server(Server, sock=listener)
            async with server:
                _, writer = await asyncio.open_connection(*listener.getsockname())
                off = await accepted
                writer.close()
        return int(off)

    assert asyncio.run(delay_is_off()) == 1
