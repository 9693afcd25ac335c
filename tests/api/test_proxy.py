"""The proxy that is shipped, before the real server and before one that records headers."""

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from api.i18n.language import LANGUAGES
from tests.api.conftest import PATIENCE_SECONDS, ROOT, Server

CADDY = shutil.which("caddy") or ""
CANARY = "sentinella977"
pytestmark = pytest.mark.operating


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def proxy(folder: Path, upstream: str) -> Iterator[tuple[httpx.Client, Path]]:
    """Run Caddy with our file on a port of loopback; gives a client, and all that it prints."""
    port, log = free_port(), folder / "caddy.log"
    own = {"PROSSIMA_SITE": f"http://localhost:{port}", "PROSSIMA_UPSTREAM": upstream}
    homes = {name: str(folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    command = [CADDY, "run", "--adapter", "caddyfile", "--config", ROOT / "deploy" / "Caddyfile"]
    address = f"http://localhost:{port}"
    with log.open("wb") as sink, httpx.Client(base_url=address, timeout=PATIENCE_SECONDS) as client:
        process = subprocess.Popen(  # noqa: S603 - the system's own program
            command, env={**os.environ, **own, **homes}, stdout=sink, stderr=sink
        )
        try:
            _wait(port, process, log)
            yield client, log
        finally:
            process.terminate()
            process.wait()


def _wait(port: int, process: subprocess.Popen, log: Path) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < give_up:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"caddy did not start: {log.read_text()}")


class Recorder(BaseHTTPRequestHandler):
    """Answers everything, and keeps the headers that came."""

    def do_GET(self) -> None:
        self.server.headers_seen.append(dict(self.headers.items()))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def recorder() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        server.headers_seen = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def of(server: ThreadingHTTPServer) -> str:
    return f"127.0.0.1:{server.server_port}"


def test_caddy_takes_the_file() -> None:
    command = [CADDY, "validate", "--adapter", "caddyfile", "--config", "deploy/Caddyfile"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    assert '"level":"warn"' not in done.stderr, done.stderr


def test_the_pages_come_through_and_the_numbers_do_not(pack_server: Server, tmp_path: Path) -> None:
    with proxy(tmp_path, urlsplit(str(pack_server.client.base_url)).netloc) as (client, _):
        page = client.get("/")
        assert page.status_code == 200
        assert page.headers["content-security-policy"].startswith("default-src")
        assert "server" not in page.headers
        assert client.head("/static/base.css").headers["etag"]
        assert client.post("/v1/nearest", json={"where": {"nil": "8"}}).json()["results"]
        assert client.get("/ready").json()["status"] == "ok"
        assert client.get("/metrics").status_code == 404
        for path, size in (("/v1/scenario", 1_100_000), ("/v1/nearest", 1_900_000)):
            answer = client.post(path, content=b"x" * size)
            assert answer.status_code == 413
            assert answer.json()["title"] == "Body too long"


def test_the_proxy_writes_nothing_of_a_request(pack_server: Server, tmp_path: Path) -> None:
    silent = f"127.0.0.1:{free_port()}"
    for upstream in (urlsplit(str(pack_server.client.base_url)).netloc, silent):
        with proxy(tmp_path, upstream) as (client, log):
            status = client.get(f"/{CANARY}?q={CANARY}", headers={"User-Agent": CANARY}).status_code
            client.post("/v1/nearest", content=CANARY)
            assert (status == 502) == (upstream == silent)
            text = log.read_text()
        assert text
        assert CANARY not in text
        assert "remote_ip" not in text
        assert '"level"' in text


def test_the_proxy_says_itself_who_asks(recorder: ThreadingHTTPServer, tmp_path: Path) -> None:
    lies = {"X-Forwarded-For": "6.6.6.6", "Forwarded": "for=6.6.6.6", "X-Forwarded-Host": "evil"}
    with proxy(tmp_path, of(recorder)) as (client, _):
        client.get("/", headers=lies)
        (seen,) = recorder.headers_seen
        assert seen["X-Forwarded-For"] in ("127.0.0.1", "::1")
        assert seen["Host"] == client.base_url.netloc.decode()
        assert "6.6.6.6" not in str(seen)
        assert "evil" not in str(seen)


def test_a_slow_client_is_waited_for_by_the_proxy_alone(
    recorder: ThreadingHTTPServer, tmp_path: Path
) -> None:
    with proxy(tmp_path, of(recorder)) as (client, _):
        port = client.base_url.port
        with socket.create_connection(("localhost", port), timeout=PATIENCE_SECONDS) as slow:
            head = f"POST / HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 4\r\n\r\n"
            slow.sendall(head.encode() + b"ab")
            client.get("/")  # comes after it, and is answered before
            assert len(recorder.headers_seen) == 1
            slow.sendall(b"cd")
            assert b"200 OK" in slow.recv(1000)
        assert len(recorder.headers_seen) == 2


def test_while_the_program_is_away_a_sentence_is_said_in_each_language(tmp_path: Path) -> None:
    with proxy(tmp_path, f"127.0.0.1:{free_port()}") as (client, _):
        answer = client.get("/")
    assert answer.status_code in (502, 503, 504)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert set(re.findall(r'lang="(\w+)"', answer.text)) == set(LANGUAGES)
    assert "Il sito torna tra poco" in answer.text
