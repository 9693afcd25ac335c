"""Real servers on loopback, with everything that they print."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60
QUIET = [
    "--headless=new",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
]
FLAGS = [*QUIET, "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
FLAT = [*QUIET, "--disable-gpu", "--disable-3d-apis"]
"""A browser that can draw no map."""


@dataclass(frozen=True)
class Server:
    """A running server: its client, the folder it reads, the file with all that it prints."""

    client: httpx.Client
    var: Path
    log: Path
    pid: int

    def nearest(self, where: dict, **asked: object) -> dict:
        answer = self.client.post("/v1/nearest", json={"where": where, **asked})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, address: str) -> dict:
        answer = self.client.get(address)
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def serving(
    var: Path, pack: Path, log: Path, *options: str, most_files: int = 0, **more: str
) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"PROSSIMA_VAR": str(var), "PROSSIMA_DATA": str(pack), "PROSSIMA_MIRROR": "", **more}
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port), *options]
    if most_files:
        command = ["prlimit", f"--nofile={most_files}", *command]
    public = urlsplit(settings.get("PROSSIMA_PUBLIC_URL", "")).netloc
    asked_as = {"Host": public} if public else {}
    address = f"http://127.0.0.1:{port}"
    with (
        log.open("ab") as sink,
        httpx.Client(base_url=address, timeout=PATIENCE_SECONDS, headers=asked_as) as client,
    ):
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=ROOT, env={**os.environ, **settings}, stdout=sink, stderr=sink
        )
        try:
            _wait(client, process, log)
            yield Server(client, var, log, process.pid)
        finally:
            process.terminate()
            process.wait()


def _wait(client: httpx.Client, process: subprocess.Popen, log: Path) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < give_up:
        try:
            client.get("/ready").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"the server did not start: {log.read_text()}")


@pytest.fixture(scope="session")
def pack_server(pack_var: Path, pack: Path, tmp_path_factory) -> Iterator[Server]:
    with serving(pack_var, pack, tmp_path_factory.mktemp("log") / "pack.log") as server:
        yield server


@pytest.fixture(scope="session")
def milano_server(milano_var: Path, pack: Path, tmp_path_factory) -> Iterator[Server]:
    with serving(milano_var, pack, tmp_path_factory.mktemp("log") / "milano.log") as server:
        yield server


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()
