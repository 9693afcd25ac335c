"""What Prometheus reads, from whom, and what it must never tell."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from api import server_metrics
from api.client_turns import HeldTurns
from api.heavy_pool import HeavyPool, HeavyTemplate
from api.server_metrics import Metrics
from mapping.edition.last_build import last_build, recorded
from mapping.errors import BadInputError, LossError
from tests.api.conftest import ROOT, Server, serving

TOKEN = "a token of this test"  # noqa: S105
PROXIED = {"X-Forwarded-For": "127.0.0.1"}
ADDRESS = "via Oglio 18"
LOOP_LAG = "prossima_loop_lag_seconds"


@pytest.fixture(scope="module")
def server(pack_var: Path, pack: Path, tmp_path_factory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("log") / "metrics.log"
    with serving(pack_var, pack, log, PROSSIMA_METRICS_TOKEN=TOKEN) as server:
        yield server


def samples(text: str) -> dict[str, list]:
    families = text_string_to_metric_families(text)
    return {family.name: family.samples for family in families}


def test_latency_load_memory_edition_and_build_are_told(server: Server) -> None:
    for _ in range(3):
        server.client.get("/health")
    numbers = samples(server.client.get("/metrics").text)
    counts = {
        (one.labels["route"], one.labels["status"]): one.value
        for one in numbers["prossima_request_seconds"]
        if one.name.endswith("_count")
    }
    assert counts["/health", "2xx"] >= 3
    values = {name: ones[0].value for name, ones in numbers.items() if len(ones) == 1}
    assert values["prossima_heavy_busy"] == values["prossima_heavy_waiting"] == 0
    assert values["prossima_resident_bytes"] > 50e6
    assert values["prossima_edition_degraded"] == 0
    assert values["prossima_last_build_success"] == 1
    created, built = (
        values[f"prossima_{name}_timestamp_seconds"] for name in ("edition_created", "last_build")
    )
    assert 0 <= built - created < 3600


def test_numbers_are_by_route_and_tell_nothing_of_a_question(server: Server) -> None:
    client = server.client
    client.get("/v1/coverage?category=consultorio")
    client.get("/servizi/schede_qubi:F049")
    client.get("/rete/zona/nil/74.html?category=consultorio")
    client.get("/a/path/of/nobody")
    client.post("/v1/nearest", json={"where": {"address": ADDRESS}, "categories": ["consultorio"]})
    client.post("/segnala/schede_qubi:F049", data={"kind": "moved"})
    assert client.post("/v1/geocode", content=b" " * 100_000).status_code == 413
    assert client.get("/segnala/schede_qubi:F049", headers={"Host": "a b"}).status_code == 400
    text = client.get("/metrics").text
    labels = {
        tuple(sorted(one.labels)) for ones in samples(text).values() for one in ones if one.labels
    }
    assert labels == {("le", "route", "status"), ("route", "status"), ("le",)}
    assert 'route="/servizi/{service_id:path}"' in text
    assert 'route="unknown"' in text
    assert 'route="/v1/geocode",status="4xx"' in text
    assert 'route="/rete/zona/{level}/{area_id}.html"' in text
    words = ("consultorio", "F049", "nobody", "Oglio", "segnala", "10.0.0")
    assert not [word for word in words if word in text]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        (PROXIED, 401),
        ({"Forwarded": "for=127.0.0.1"}, 401),
        ({"Via": "1.1 proxy"}, 401),
        ({"Host": "prossima.example"}, 401),
        ({**PROXIED, "Authorization": f"Bearer {TOKEN}"}, 200),
        ({**PROXIED, "Authorization": f"bearer  {TOKEN}"}, 200),
        ({**PROXIED, "Authorization": TOKEN}, 401),
        ({**PROXIED, "Authorization": "Bearer"}, 401),
        ({**PROXIED, "Authorization": f"Bearer {TOKEN}x"}, 401),
        ({**PROXIED, "Authorization": b"Bearer \xe8"}, 401),
    ],
)
def test_only_this_machine_or_the_token_reads_them(
    server: Server, headers: dict, status: int
) -> None:
    answer = server.client.get("/metrics", headers=headers)
    assert answer.status_code == status
    assert (answer.headers.get("www-authenticate") == "Bearer") == (status == 401)
    assert TOKEN not in answer.text


def test_an_empty_token_opens_nothing(pack_server: Server) -> None:
    headers = {**PROXIED, "Authorization": "Bearer"}
    assert pack_server.client.get("/metrics", headers=headers).status_code == 401


def test_a_loop_that_is_held_up_is_told(monkeypatch) -> None:
    monkeypatch.setattr(server_metrics, "LOOP_SECONDS", 0.01)

    async def hold_up(numbers: Metrics) -> None:
        watching = asyncio.create_task(numbers.watch_loop())
        await asyncio.sleep(0)
        time.sleep(0.3)
        await asyncio.sleep(0.05)
        watching.cancel()

    with closing(HeavyPool(HeavyTemplate(), HeldTurns(1))) as pool:
        numbers = Metrics(pool)
        asyncio.run(hold_up(numbers))
    values = {one.name: one.value for one in samples(numbers.text().decode())[LOOP_LAG]}
    assert values[f"{LOOP_LAG}_count"] >= 1
    assert values[f"{LOOP_LAG}_sum"] > 0.25


def test_how_a_build_ended_is_kept(tmp_path: Path) -> None:
    assert last_build(tmp_path) is None
    with recorded(tmp_path):
        pass
    assert last_build(tmp_path).success
    for error, result in ((LossError("e", ["streets"]), "refused"), (BadInputError("x"), "failed")):
        with pytest.raises(type(error)), recorded(tmp_path):
            raise error
        assert last_build(tmp_path).result == result
    (tmp_path / "last_build.json").write_text("{")
    assert last_build(tmp_path) is None


WORKER = """
import asyncio
from contextlib import closing
from api.client_turns import HeldTurns
from api.heavy_pool import HeavyPool, HeavyTemplate
from api.server_metrics import Metrics
with closing(HeavyPool(HeavyTemplate(), HeldTurns(1))) as pool:
    metrics = Metrics(pool)
    metrics.observe("/health", 200, 0.001)
    print(metrics.text().decode())
"""


def test_several_workers_add_up(tmp_path: Path) -> None:
    shared = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    texts = [
        subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", WORKER], env=shared, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    counts = [
        one.value
        for text in texts
        for one in samples(text)["prossima_request_seconds"]
        if one.name.endswith("_count")
    ]
    assert counts == [1, 2]
