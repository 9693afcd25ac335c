"""Plans over HTTP and on the command line, on the real city; who lives where is never given."""

import asyncio
import json
import shlex
import subprocess

import httpx
import pytest

from mapping.coverage.demand_points import FILE
from mapping.edition.edition import Edition, current
from tests.api.conftest import serving
from tests.api.test_heavy_work import processes, until

SITE = {"category": "nido", "count": 2}
ADD = {"do": "add", "lon": 9.2296, "lat": 45.4990, "places": 40}


def refused(answer, said):
    assert answer.status_code in (404, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]


@pytest.mark.shared
def test_the_next_sites_are_proposed_with_reasons(milano_server):
    answer = milano_server.client.post("/v1/siting", json=SITE)
    said = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert [one["rank"] for one in said["sites"]] == [1, 2]
    gained = sum(one["people"] for one in said["sites"])
    assert gained == pytest.approx(said["after"]["within"] - said["before"]["within"], abs=15)
    for one in said["sites"]:
        assert one["people"] % 5 == 0
        assert all(row["level"] == "nil" and row["people"] % 5 == 0 for row in one["by_area"])
        assert sum(row["people"] for row in one["by_area"]) <= one["people"] + 5 * 88
        assert one["words"].startswith(one["name"])
    assert said["solution"]["status"] == "optimal"
    assert "catalogue_incomplete" in {warning["code"] for warning in said["warnings"]}
    assert "demand" not in answer.text


@pytest.mark.shared
def test_a_scenario_tells_the_areas_that_change(milano_server):
    asked = {"category": "nido", "changes": [ADD]}
    said = milano_server.client.post("/v1/scenario", json=asked).json()
    assert said["after"]["within"] >= said["before"]["within"]
    levels = [row["level"] for row in said["areas"]]
    assert levels
    assert levels == sorted(levels, key=["municipality", "municipio", "nil"].index)
    backward = [{**ADD, "service_id": "nuovo:1"}, {"do": "close", "service_id": "nuovo:1"}]
    undone = milano_server.client.post("/v1/scenario", json={**asked, "changes": backward}).json()
    assert undone["areas"] == []


@pytest.mark.shared
def test_the_services_that_most_would_miss_are_public(milano_server):
    said = milano_server.get("/v1/closures?category=farmacia")
    losing = [one["losing"] for one in said["services"]]
    # Those that most would miss, and those that would be among them along known streets.
    assert sum(one["rank"] <= 10 for one in said["services"]) == 10
    assert all(min(one["rank"], one["rank_by_streets"]) <= 10 for one in said["services"])
    assert losing == sorted(losing, reverse=True)
    assert all(one["fallback_minutes"] > 10 for one in said["services"])


@pytest.mark.shared
@pytest.mark.parametrize(
    ("path", "asked", "said"),
    [
        ("siting", {"category": "antiviolenza"}, "confidential"),
        ("siting", {"category": "nidi"}, "Unknown category 'nidi'"),
        ("siting", {**SITE, "minutes": 1}, "minutes"),
        ("siting", {**SITE, "count": 0}, "count"),
        ("siting", {**SITE, "max_seconds": 3600}, "max_seconds"),
        ("siting", {**SITE, "sections": True}, "sections"),
        ("scenario", {"category": "nido", "changes": []}, "changes"),
        ("scenario", {"category": "antiviolenza", "changes": [ADD]}, "confidential"),
        ("scenario", {"category": "nido", "changes": [{"do": "close"}]}, "No service ''"),
        ("scenario", {"category": "nido", "changes": [{**ADD, "lon": 9.7}]}, "of Milano lives"),
        ("scenario", {"category": "nido", "changes": [{**ADD, "places": -1}]}, "places"),
    ],
    ids=map(str, range(11)),
)
def test_a_plan_that_cannot_be_is_a_problem_in_one_line(milano_server, path, asked, said):
    refused(milano_server.client.post(f"/v1/{path}", json=asked), said)


@pytest.mark.shared
def test_plans_that_nobody_waits_for_end(milano_var, pack, tmp_path):
    hard = {"category": "nido", "count": 50, "objective": "median", "candidates": "nodes"}

    async def leave(server) -> None:
        limits = httpx.Limits(max_connections=100)
        async with httpx.AsyncClient(base_url=server.client.base_url, limits=limits) as client:
            asked = [
                asyncio.create_task(
                    client.post("/v1/siting", json=hard, headers={"x-forwarded-for": f"10.0.{n}.1"})
                )
                for n in range(60)
            ]
            # Plans have half of the places.
            await asyncio.to_thread(until, lambda: len(processes(server)) == 1)
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)

    with serving(milano_var, pack, tmp_path / "log", FORWARDED_ALLOW_IPS="127.0.0.1") as server:
        server.client.timeout = 60
        assert server.client.get("/v1/closures?category=nido").status_code == 200
        asyncio.run(leave(server))
        until(lambda: not processes(server))
        assert server.client.post("/v1/siting", json=SITE).status_code == 200


@pytest.mark.shared
def test_a_plan_too_large_for_the_memory_of_a_request_is_a_problem(milano_server):
    large = {"category": "nido", "objective": "median", "candidates": "nodes", "minutes": 60}
    answer = milano_server.client.post("/v1/siting", json=large, timeout=60)
    # Where the machine is slow, the time is over first.
    assert answer.status_code in (503, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()["detail"]
    assert "more memory than one request may have" in said or "within 20 s" in said


@pytest.mark.shared
def test_who_lives_at_a_point_is_in_no_route(milano_server):
    edition = Edition.open(current(milano_server.var / "editions"))
    assert edition.has(FILE)
    for path in (FILE, f"exports/{FILE}", f"static/../{FILE}", f"editions/{edition.id}/{FILE}"):
        assert milano_server.client.get(f"/{path}").status_code == 404
    routes = milano_server.get("/openapi.json")["paths"]
    assert not [route for route in routes if "demand" in route]


@pytest.mark.shared
def test_the_commands_say_what_http_says(cli, milano_var, tmp_path):
    done = cli(*shlex.split("site --category nido --count 2 --json"), var=milano_var)
    assert len(json.loads(done.stdout)["sites"]) == 2
    words = cli(*shlex.split("site --category nido"), var=milano_var).stdout
    assert "bambini in più entro 15 minuti a piedi" in words
    assert "non è completo" in words
    file = tmp_path / "scenario.json"
    file.write_text(json.dumps({"category": "nido", "changes": [ADD]}), encoding="utf-8")
    assert "entro 15 minuti" in cli("scenario", str(file), var=milano_var).stdout
    assert "resterebbero senza" in cli("closures", "--category", "nido", var=milano_var).stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no JSON"),
        ('{"category": "nido", "changes": [{"do": "burn"}]}', "'changes.0.do' = 'burn'"),
        ('{"category": "nido", "changes": [], "x": 1}', "changes"),
        ("", "is no JSON"),
    ],
    ids=["cut", "unknown", "empty", "nothing"],
)
def test_a_file_that_is_no_scenario_is_told_in_one_line(cli, pack_var, tmp_path, text, said):
    file = tmp_path / "scenario.json"
    file.write_text(text, encoding="utf-8")
    failed(cli("scenario", str(file), var=pack_var), said)
    failed(cli("scenario", str(tmp_path / "manca.json"), var=pack_var), "cannot be read")


def test_without_streets_the_commands_say_what_is_missing(cli, pack_var):
    failed(cli("site", "--category", "nido", var=pack_var), "A plan needs streets")
    failed(cli("closures", "--category", "antiviolenza", var=pack_var), "confidential")


def failed(done: subprocess.CompletedProcess, said: str) -> None:
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
