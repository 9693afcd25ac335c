"""A server of several processes: one goes, another comes, limits hold, and all stop together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.api.conftest import ROOT, Server, serving
from tests.api.waiting import until

PATIENCE_SECONDS = 60


def children(process: int) -> set[int]:
    """The processes that one has started, and that run."""
    running = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == process and state != "Z":
            running.add(int(folder.name))
    return running


def workers(server: Server) -> set[int]:
    """Of its children, those that were forked: they have its own command line."""
    own = Path(f"/proc/{server.pid}/cmdline").read_bytes()
    return {n for n in children(server.pid) if Path(f"/proc/{n}/cmdline").read_bytes() == own}


def ask_anew(server: Server, method: str, path: str, **more) -> int:
    """Ask over a connection of its own, which any process may take."""
    return server.client.request(method, path, headers={"connection": "close"}, **more).status_code


@pytest.fixture(scope="module")
def server(pack_var: Path, pack: Path, tmp_path_factory):
    with two_workers(pack_var, pack, tmp_path_factory.mktemp("workers")) as server:
        yield server


@contextmanager
def two_workers(pack_var: Path, pack: Path, tmp_path: Path) -> Iterator[Server]:
    options = ("--workers", "2", "--stop-seconds", "1")
    own = {"PROSSIMA_DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite'}"}
    numbers = tmp_path / "numbers"
    numbers.mkdir()
    own |= {"TMPDIR": str(numbers), "PROMETHEUS_MULTIPROC_DIR": ""}
    with serving(pack_var, pack, tmp_path / "log", *options, **own) as server:
        until(lambda: len(workers(server)) == 2)
        yield server


def test_a_worker_that_is_killed_is_started_anew(server: Server) -> None:
    before = workers(server)
    os.kill(min(before), signal.SIGKILL)
    until(lambda: len(workers(server) - before) == 1)
    assert {ask_anew(server, "GET", "/ready") for _ in range(20)} == {200}
    assert ask_anew(server, "GET", "/rete.csv") == 200
    lines = server.log.read_text().splitlines()
    assert sum('"GET /ready"' in line for line in lines) >= 20


def test_reports_are_limited_over_all_processes(server: Server) -> None:
    service = server.get("/v1/services")["results"][0]["service_id"]
    send = {"data": {"kind": "wrong_hours"}}
    statuses = [ask_anew(server, "POST", f"/segnala/{service}", **send) for _ in range(12)]
    assert statuses.count(429) == 7


def test_any_process_gives_the_numbers_of_all(server: Server) -> None:
    def counted() -> int:
        text = server.client.get("/metrics", headers={"connection": "close"}).text
        lines = [line for line in text.splitlines() if "_count" in line and '"/health"' in line]
        return sum(int(float(line.split()[-1])) for line in lines)

    before = counted()
    for _ in range(20):
        ask_anew(server, "GET", "/health")
    assert [counted() - before for _ in range(6)] == [20] * 6


@pytest.fixture
def passing(pack_var: Path, pack: Path, tmp_path: Path):
    with two_workers(pack_var, pack, tmp_path) as server:
        yield server


@pytest.mark.all
def test_all_stop_by_the_deadline_and_with_their_parent(passing: Server) -> None:
    family = children(passing.pid)
    with socket.create_connection(("127.0.0.1", passing.client.base_url.port)) as half:
        half.sendall(b"POST /v1/nearest HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        time.sleep(0.3)
        os.kill(passing.pid, signal.SIGTERM)
        until(lambda: not any(Path(f"/proc/{number}/cmdline").exists() for number in family))
    until(lambda: not list((passing.log.parent / "numbers").glob("prossima-*")))


@pytest.mark.all
def test_workers_end_when_their_parent_is_killed(passing: Server) -> None:
    family = children(passing.pid)
    os.kill(passing.pid, signal.SIGKILL)
    until(lambda: not any(Path(f"/proc/{number}/cmdline").exists() for number in family))


@pytest.mark.all
def test_what_keeps_a_server_from_starting_is_said_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for text in (f"Port {port}", "prossima build"):
            command = [sys.executable, "-m", "api.cli", "serve", "--workers=3", f"--port={port}"]
            done = subprocess.run(  # noqa: S603 - our own command
                command, cwd=ROOT, env={**os.environ, "PROSSIMA_VAR": str(tmp_path)},
                capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
            )  # fmt: skip
            assert done.returncode == 2
            assert text in done.stderr
            assert len(done.stderr.splitlines()) == 1
            taken.close()
