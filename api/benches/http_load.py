"""Ask a server over many connections at once, with wrk where it is installed."""

import asyncio
import json
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mapping.errors import BadInputError

CONNECTIONS = 50
WRK = shutil.which("wrk")
_SCRIPT = """
local bodies = {%s}
local number = 0
wrk.method, wrk.headers["Content-Type"] = "%s", "application/json"
request = function()
  number = number %% math.max(#bodies, 1) + 1
  return wrk.format(nil, nil, nil, bodies[number])
end
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("measured %%f %%f %%f %%d\\n",
    summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""
_MEASURED = re.compile(r"^measured (\S+) (\S+) (\S+) (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Load:
    """What a server answered: how many requests a second, and how long it took them."""

    requests_per_second: float
    median_milliseconds: float
    p99_milliseconds: float


def ask(url: str, bodies: Sequence[str] = (), *, seconds: float, by_wrk: bool = True) -> Load:
    """Ask one address as fast as it answers: GET, or POST of each body in turn.

    Raises BadInputError when an answer is none, or another than 200.
    """
    ask_by = _by_wrk if WRK and by_wrk else _by_sockets
    load, failed = ask_by(url, bodies, seconds)
    if failed or not load.requests_per_second:
        raise BadInputError(f"{url} failed {failed} times under load: the measurement is void.")
    return load


def _by_wrk(url: str, bodies: Sequence[str], seconds: float) -> tuple[Load, int]:
    # A string of JSON is one of Lua too, as long as it has no letters beyond ASCII.
    script = _SCRIPT % (", ".join(map(json.dumps, bodies)), "POST" if bodies else "GET")
    with tempfile.TemporaryDirectory(prefix="prossima-bench-") as folder:
        path = Path(folder) / "ask.lua"
        path.write_text(script, encoding="ascii")
        command = [str(WRK), "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}", "-s", str(path), url]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    measured = _MEASURED.search(done.stdout)
    if measured is None:
        raise BadInputError(f"wrk measured nothing at {url}. Uninstall it: there is another way.")
    return Load(*map(float, measured.groups()[:3])), int(measured[4])


def _by_sockets(url: str, bodies: Sequence[str], seconds: float) -> tuple[Load, int]:
    times, failed = asyncio.run(_all_connections(url, bodies, seconds))
    slowest = statistics.quantiles(times, n=100)[98] if len(times) > 1 else 0.0
    return Load(len(times) / seconds, 1e3 * statistics.median(times or [0]), 1e3 * slowest), failed


async def _all_connections(
    url: str, bodies: Sequence[str], seconds: float
) -> tuple[list[float], int]:
    parts = urlsplit(url)
    requests = [_request(parts.netloc, parts.path or "/", body) for body in bodies or [""]]
    until = time.perf_counter() + seconds
    asking = (
        _one_connection(parts.netloc, requests[start::CONNECTIONS] or requests, until)
        for start in range(CONNECTIONS)
    )
    by_connection = await asyncio.gather(*asking)
    times = [taken for of_connection, _ in by_connection for taken in of_connection]
    return times, sum(failed for _, failed in by_connection)


def _request(host: str, path: str, body: str) -> bytes:
    head = f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\nHost: {host}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}\r\n{body}".encode("ascii")


async def _one_connection(
    host: str, requests: Sequence[bytes], until: float
) -> tuple[list[float], int]:
    name, _, port = host.rpartition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    times: list[float] = []
    failed = 0
    while (start := time.perf_counter()) < until:
        writer.write(requests[len(times) % len(requests)])
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = re.search(rb"content-length: (\d+)", head)
        await reader.readexactly(int(length[1]) if length else 0)
        times.append(time.perf_counter() - start)
        failed += b" 200 " not in head.partition(b"\r\n")[0]
    writer.close()
    return times, failed
