"""Attacks on a server by anonymous requests, each with look-ups beside it: `--part attacks`."""

import asyncio
import contextlib
import itertools
import os
import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from api.benches.contest import limit_row
from api.benches.job import serve
from api.settings import Settings
from mapping.city import city

ATTACK_SECONDS = 60.0
P99_LIMIT_SECONDS = 0.5
GROWTH_LIMIT = 1.3
PAUSE_SECONDS = 0.02
"""Of an attacker between two requests, and of who looks something up."""
AT_ONCE = 30
CROWD = 240
"""Connections of one client, nearly as many as it may have."""
FORWARDED = "x-forwarded-for"
LEAVE_SECONDS = 0.7
"""After which a client leaves that does not wait for its answer."""
IDLE_SOCKETS = 1500
LONG_BODY = b"[" * 5_000_000
PLAN = {"category": "nido", "count": 50, "objective": "median", "candidates": "nodes",
        "max_seconds": 4}  # fmt: skip


@dataclass(frozen=True)
class Attack:
    """What is asked, by its number; how many ask at once, from many addresses or from one."""

    ask: Callable[[httpx.AsyncClient, int], Awaitable[object]]
    at_once: int = AT_ONCE
    from_one_address: bool = False


def attack_all(
    settings: Settings, variables: dict[str, str], attack_seconds: float = ATTACK_SECONDS
) -> list[dict[str, Any]]:
    """Run every attack for a minute, and measure look-ups of somebody else meanwhile."""
    rows, growth = [], 1.0
    trusting = {**variables, "FORWARDED_ALLOW_IPS": "127.0.0.1"}
    with serve(trusting) as origin:
        point = dict(zip(("lon", "lat"), city(settings.city).centre, strict=True))
        # Whatever is loaded once is loaded: the process for heavy work with its data of plans, and
        # what /rete reads.
        for page in ("/v1/closures?category=nido", "/rete?category=nido&level=section"):
            httpx.get(f"{origin}{page}", timeout=ATTACK_SECONDS)
        _look_ups(origin, point, 2.0)
        before = _megabytes()
        for name in ATTACKS:
            arguments = [name, origin, str(attack_seconds)]
            command = [sys.executable, "-m", "api.benches.attacks", *arguments]
            with subprocess.Popen(command) as attacker:  # noqa: S603 - our own module
                seconds = _look_ups(origin, point, attack_seconds)
                attacker.wait()
            after = _megabytes()
            growth = max(growth, after / before)
            p99 = float(np.percentile(seconds, 99))
            rows.append(limit_row(f"look-ups beside {name}, p99", p99, P99_LIMIT_SECONDS,
                                  megabytes=after))  # fmt: skip
    return [*rows, limit_row("memory after attacks, against before", growth, GROWTH_LIMIT, "x")]


def _look_ups(origin: str, point: Mapping[str, float], seconds: float) -> list[float]:
    """Look up again and again, and give how long each took; one that fails takes for ever."""
    taken, end = [], time.monotonic() + seconds
    with httpx.Client(base_url=origin, timeout=ATTACK_SECONDS) as client:
        while time.monotonic() < end:
            begun = time.perf_counter()
            try:
                client.post("/v1/nearest", json={"where": dict(point)}).raise_for_status()
                taken.append(time.perf_counter() - begun)
            except httpx.HTTPError:
                taken.append(float("inf"))
            time.sleep(PAUSE_SECONDS)
    return taken


def _megabytes() -> float:
    """Memory of the server with all its processes: of pages that are shared, its share."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            parents[int(folder.name)] = int(fields[1])
    family, added = {os.getpid()}, {os.getpid()}
    while added:
        added = {process for process, parent in parents.items() if parent in added}
        family |= added
    return sum(map(_own_megabytes, family - {os.getpid()}))


def _own_megabytes(process: int) -> float:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


async def _plans(client: httpx.AsyncClient, _number: int) -> None:
    await client.post("/v1/siting", json=PLAN)


def _where(number: int) -> dict[str, float]:
    return {"lon": 9.15 + number % 97 / 1000, "lat": 45.45 + number % 89 / 2000}


async def _isochrones(client: httpx.AsyncClient, number: int) -> None:
    await client.post("/v1/isochrone", json={"where": _where(number), "minutes": [15, 30]})


async def _reports_as_pdf(client: httpx.AsyncClient, number: int) -> None:
    await client.get(f"/rete/zona/nil/{number % 80}.pdf?category=nido&n={number}")


async def _large_bodies(client: httpx.AsyncClient, number: int) -> None:
    path = "/v1/nearest" if number % 2 else "/v1/scenario"
    await client.post(path, content=LONG_BODY[: 60_000 if number % 3 else None])


async def _slow_sockets(client: httpx.AsyncClient, number: int) -> None:
    url = client.base_url
    opened = [asyncio.open_connection(url.host, url.port) for _ in range(IDLE_SOCKETS // AT_ONCE)]
    for _, writer in await asyncio.gather(*opened):
        writer.write(b"POST /v1/nearest HTTP/1.1\r\nHost: x\r\n"[: number % 40])
    await asyncio.sleep(1)


async def _sent_reports(client: httpx.AsyncClient, number: int) -> None:
    await client.post(f"/segnala/{number}", data={"kind": "other", "text": "x" * 500})


async def _sections(client: httpx.AsyncClient, number: int) -> None:
    if number % 2:
        await client.get("/v1/coverage?category=nido&level=section")
    else:
        await client.get(f"/rete?category=nido&level=section&n={number}")


async def _lists_left(client: httpx.AsyncClient, _number: int) -> None:
    async with asyncio.timeout(LEAVE_SECONDS):
        await client.get("/v1/areas/section", headers={"accept-encoding": "identity"})


async def _numbers_left(client: httpx.AsyncClient, _number: int) -> None:
    async with asyncio.timeout(LEAVE_SECONDS):
        await client.post("/v1/geocode", json={"address": "1 " * 100, "limit": 50})


async def _far_look_ups(client: httpx.AsyncClient, number: int) -> None:
    where = _where(number)
    if number % 2:
        far = {"where": where, "count": 100, "max_minutes": 240}
        await client.post("/v1/nearest", json=far)
    else:
        needs = ["nido", "biblioteca", "farmacia", "scuola_primaria"]
        await client.post("/v1/round", json={"where": where, "categories": needs})


async def _long_look_ups(client: httpx.AsyncClient, number: int) -> None:
    longest = {"where": _where(number), "count": 100, "max_minutes": 60}
    await client.post("/v1/nearest", json=longest)


ATTACKS: Mapping[str, Attack] = {
    "plans": Attack(_plans),
    "isochrones": Attack(_isochrones),
    "PDFs": Attack(_reports_as_pdf),
    "large bodies": Attack(_large_bodies),
    "slow sockets": Attack(_slow_sockets),
    "reports": Attack(_sent_reports),
    "coverage of sections": Attack(_sections),
    "far look-ups": Attack(_far_look_ups),
    "long look-ups of one address": Attack(_long_look_ups, CROWD, from_one_address=True),
    "lists that nobody waits for": Attack(_lists_left),
    "addresses of numbers that nobody waits for": Attack(_numbers_left),
}


async def _run(attack: Attack, origin: str, seconds: float) -> None:
    numbers, end = itertools.count(), time.monotonic() + seconds
    limits = httpx.Limits(max_connections=attack.at_once)

    async def go_on(client: httpx.AsyncClient) -> None:
        while time.monotonic() < end:
            if not attack.from_one_address:
                client.headers[FORWARDED] = _invented_address()
            with contextlib.suppress(httpx.HTTPError, OSError):
                await attack.ask(client, next(numbers))
            await asyncio.sleep(PAUSE_SECONDS)

    own = {FORWARDED: _invented_address()}
    async with httpx.AsyncClient(base_url=origin, headers=own, timeout=10, limits=limits) as client:
        await asyncio.gather(*(go_on(client) for _ in range(attack.at_once)))


def _invented_address() -> str:
    return ".".join(["10", *(str(random.randrange(256)) for _ in range(3))])  # noqa: S311


if __name__ == "__main__":
    asyncio.run(_run(ATTACKS[sys.argv[1]], sys.argv[2], float(sys.argv[3])))
