"""The main job: build, look up, start, and load 100,000 rows, each beside its limit."""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from api.benches.contest import RUNS, limit_row
from api.settings import Settings
from mapping.city import city
from mapping.errors import BadInputError

COMMAND = (sys.executable, "-m", "api.cli")
ROWS = 100_000
WHOLE_PROCESS = (
    "Of about 0.7 s of the processor and 180 MB, numpy, pyarrow and pyproj take 0.2 s and 70 MB to"
    " import; the command line, pydantic and our own modules 0.2 s and 25 MB; hashing the edition,"
    " reading services and areas 0.1 s and 35 MB; indexing the streets, which an edition might"
    " hold, and the search 0.1 s and 35 MB. An address takes 0.1 s and 10 MB more, of which"
    " most are the words of all streets."
)
PATIENCE_SECONDS = 60
_STARTER = (
    "import resource, subprocess, sys;"
    "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


def environment(settings: Settings, var: Path) -> dict[str, str]:
    """Make the environment of our own commands; without a mirror there is only the pack.

    Python keeps what it compiled, as it does wherever nobody forbids it.
    """
    mirror = str(settings.mirror.resolve()) if settings.mirror else ""
    own = {"PROSSIMA_VAR": str(var), "PROSSIMA_MIRROR": mirror, "PYTHONDONTWRITEBYTECODE": ""}
    return {**os.environ, **own}


def build(settings: Settings, var: Path) -> list[dict[str, Any]]:
    """Build an edition from nothing, in the empty folder `var`."""
    work = "build from the mirror" if settings.mirror else "build from the pack"
    command = ["build", "--offline"]
    seconds = _seconds(lambda: _run(command, environment(settings, var)))
    return [limit_row(f"{work}, from nothing", seconds, 90)]


def main_job(settings: Settings, var: Path) -> list[dict[str, Any]]:
    """Look up, start, and load, each as a whole process, on the edition in `var`."""
    variables = environment(settings, var)
    # A public place in the middle of the city: no family lives there.
    lon, lat = city(settings.city).centre
    question = ["nearest", "--lon", str(lon), "--lat", str(lat), "--category", "scuola_infanzia"]
    _run(question, variables)  # the compiled kernels are cached from here on
    look_ups = [_seconds(lambda: _run(question, variables)) for _ in range(RUNS)]
    megabytes = _peak_megabytes(question, variables)
    starts = [_start_seconds(variables) for _ in range(RUNS)]
    tenth, whole = (_loaded(rows, variables) for rows in (ROWS // 10, ROWS))
    return [
        limit_row("prossima nearest, whole process", statistics.median(look_ups), 0.7)
        | {"lost": WHOLE_PROCESS},
        limit_row("prossima nearest, memory", megabytes, 200, "MB") | {"lost": WHOLE_PROCESS},
        limit_row("server ready on a built edition", statistics.median(starts), 3),
        limit_row(
            f"{ROWS:,} rows through the pipeline",
            whole["seconds"],
            60,
            megabytes=whole["megabytes"],
        ),
        limit_row(f"{ROWS:,} rows, memory", whole["megabytes"], 1000, "MB"),
        limit_row(
            "time a row, against a tenth", whole["seconds"] / tenth["seconds"] / 10, 1.3, "x"
        ),
    ]


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _run(arguments: list[str], environment: dict[str, str]) -> None:
    subprocess.run(  # noqa: S603 - our own command
        [*COMMAND, *arguments], env=environment, check=True, capture_output=True
    )


def _peak_megabytes(arguments: list[str], environment: dict[str, str]) -> float:
    # A process starts with the peak of the one that started it: a small one does.
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", _STARTER, *COMMAND, *arguments],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
    )
    return int(done.stdout) / 1024


def _loaded(rows: int, environment: dict[str, str]) -> dict[str, float]:
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "api.benches.load", str(rows)],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _start_seconds(environment: dict[str, str]) -> float:
    start = time.perf_counter()
    with serve(environment):
        return time.perf_counter() - start


def free_port() -> int:
    """Find a port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serve(environment: dict[str, str], workers: int = 1) -> Iterator[str]:
    """Run a server in the block, and give its address once it is ready.

    Raises BadInputError when it is not ready in time.
    """
    with server_process(environment, workers) as (address, _):
        yield address


@contextmanager
def server_process(environment: dict[str, str], workers: int = 1) -> Iterator[tuple[str, int]]:
    """Run a server in the block, and give its address and the id of its process."""
    port = free_port()
    several = ["--workers", str(workers)] if workers > 1 else []
    server = subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, "serve", "--port", str(port), *several],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/ready")
        yield f"http://127.0.0.1:{port}", server.pid
    finally:
        server.terminate()
        server.wait()


def wait_for(ready: str) -> None:
    """Wait until an address answers; raises BadInputError when it does not in time."""
    start = time.perf_counter()
    while time.perf_counter() - start < PATIENCE_SECONDS:
        try:
            if httpx.get(ready).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.01)
    raise BadInputError(f"The server was not ready in {PATIENCE_SECONDS} s. Run `prossima doctor`.")
