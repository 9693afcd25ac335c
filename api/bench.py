"""Measurements of the main job on this machine, each beside its limit."""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from api.settings import Settings
from mapping.city import city
from mapping.errors import BadInputError

RUNS = 5
ROWS = 100_000
PATIENCE_SECONDS = 60


def measure(settings: Settings) -> list[dict[str, Any]]:
    """Build from nothing, look up and start, each as a whole process.

    Parameters
    ----------
    settings : Settings
        The mirror to build from; without one there is only the pack.

    Returns
    -------
    list of dict
        work, ours, peer (here the limit), peer_name, unit, ratio (limit / ours), goal.
    """
    with tempfile.TemporaryDirectory(prefix="prossima-bench-") as var:
        mirror = str(settings.mirror.resolve()) if settings.mirror else ""
        environment = {**os.environ, "PROSSIMA_VAR": var, "PROSSIMA_MIRROR": mirror}
        what = "build from the mirror" if settings.mirror else "build from the pack"
        build = _seconds(lambda: _run(["build", "--offline"], environment))
        # A public place in the middle of the city: no family lives there.
        lon, lat = city(settings.city).centre
        asked = ["nearest", "--lon", str(lon), "--lat", str(lat), "--category", "scuola_infanzia"]
        _run(asked, environment)  # the compiled kernels are cached from here on
        look_ups = [_seconds(lambda: _run(asked, environment)) for _ in range(RUNS)]
        starts = [_start_seconds(environment) for _ in range(RUNS)]
        tenth, whole = (_loaded(rows, environment) for rows in (ROWS // 10, ROWS))
    return [
        _row(f"{what}, from nothing", build, 90),
        _row("prossima nearest, whole process", statistics.median(look_ups), 2),
        _row("server ready on a built edition", statistics.median(starts), 3),
        _row(f"{ROWS:,} rows through the pipeline", whole["seconds"], 60),
        _row(f"{ROWS:,} rows, memory", whole["megabytes"], 1000, "MB"),
        _row("time a row, against a tenth", whole["seconds"] / tenth["seconds"] / 10, 1.3, "x"),
    ]


def table(rows: list[dict[str, Any]]) -> str:
    """Lay the measurements out for a terminal.

    Parameters
    ----------
    rows : list of dict
        Of `measure`.

    Returns
    -------
    str
        One line a measurement.
    """
    lines = [
        f"{row['work']:36} {row['ours']:7.2f} {row['unit']:2}  limit {row['peer']:5.1f}"
        f"  ratio {row['ratio']:6.1f}"
        for row in rows
    ]
    return "\n".join(lines)


def _row(work: str, ours: float, limit: float, unit: str = "s") -> dict[str, Any]:
    return {
        "work": work,
        "ours": round(ours, 3),
        "peer": limit,
        "peer_name": "limit",
        "unit": unit,
        "ratio": round(limit / ours, 2),
        "goal": 1,
    }


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _command() -> str:
    command = Path(sys.executable).with_name("prossima")
    if not command.exists():
        raise BadInputError("No `prossima` beside this Python. Install it: `make setup`.")
    return str(command)


def _run(arguments: list[str], environment: dict[str, str]) -> None:
    subprocess.run(  # noqa: S603 - our own command
        [_command(), *arguments], env=environment, check=True, capture_output=True
    )


def _loaded(rows: int, environment: dict[str, str]) -> dict[str, float]:
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "api.load", str(rows)],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _start_seconds(environment: dict[str, str]) -> float:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    start = time.perf_counter()
    server = subprocess.Popen(  # noqa: S603 - our own command
        [_command(), "serve", "--port", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while time.perf_counter() - start < PATIENCE_SECONDS:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/ready").is_success:
                    return time.perf_counter() - start
            except httpx.TransportError:
                time.sleep(0.01)
    finally:
        server.terminate()
        server.wait()
    raise BadInputError(f"The server was not ready in {PATIENCE_SECONDS} s. Run `prossima doctor`.")
