"""Heavy requests over real HTTP: bounded, given up with their client, and in nobody's way."""

import asyncio
import os
import re
import shutil
import signal
from collections import Counter
from pathlib import Path

import httpx
import pytest

from api import heavy_worker
from api.app import create_app
from api.client_turns import MAX_OF_SENDER
from api.heavy_pool import HeavyAnswer
from api.heavy_work import AnswerCache
from api.jobs import doctor
from api.settings import Settings
from mapping.edition.withheld import withhold
from mapping.errors import ProssimaError
from tests.api.conftest import Server, serving
from tests.api.test_defects import get
from tests.api.waiting import until

DUOMO = {"lon": 9.1900, "lat": 45.4642}
PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def server(pack_var: Path, pack: Path, tmp_path_factory):
    log = tmp_path_factory.mktemp("log") / "heavy.log"
    with serving(pack_var, pack, log, FORWARDED_ALLOW_IPS="127.0.0.1") as server:
        # The template process opens the edition at the first heavy request.
        server.client.timeout = PATIENCE_SECONDS
        assert server.client.get("/rete.csv").status_code == 200
        yield server


def report(number: int) -> str:
    """A PDF that no other test has asked for."""
    return f"/rete/zona/nil/10.pdf?category=consultorio&n={number}"


def template(server: Server) -> int:
    """The process of this server that holds the edition."""
    (number,) = (number for number, parent in workers().items() if parent == server.pid)
    return number


def processes(server: Server) -> list[int]:
    """Its children, each of which answers one request."""
    parents = workers()
    return [number for number, parent in parents.items() if parents.get(parent) == server.pid]


def workers() -> dict[int, int]:
    """The processes for heavy work of every server, and the parent of each."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        if b"api.heavy_worker" in command:
            parents[int(folder.name)] = parent
    return parents


def test_forty_at_once_leave_look_ups_and_health_alone(server: Server) -> None:
    async def ask() -> tuple[list[httpx.Response], list[httpx.Response]]:
        limits = httpx.Limits(max_connections=100)
        async with httpx.AsyncClient(
            base_url=server.client.base_url, timeout=PATIENCE_SECONDS, limits=limits
        ) as client:
            heavy = [asyncio.create_task(client.get(report(n))) for n in range(40)]
            light = []
            while not all(task.done() for task in heavy):
                light.append(await client.get("/health"))
                light.append(await client.post("/v1/nearest", json={"where": DUOMO}))
            return [task.result() for task in heavy], light

    heavy, light = asyncio.run(ask())
    assert {answer.status_code for answer in light} == {200}
    counts = Counter(answer.status_code for answer in heavy)
    assert counts[200] >= 1
    assert counts[200] + counts[503] == 40
    refused = [answer for answer in heavy if answer.status_code == 503]
    assert {answer.headers["retry-after"] for answer in refused} == {"5"}
    assert {answer.headers["content-type"] for answer in refused} == {"application/problem+json"}
    numbers = server.client.get("/metrics").text
    named = {line.rpartition("}")[0] for line in numbers.splitlines() if "_count" in line}
    assert (
        'prossima_request_seconds_count{route="/rete/zona/{level}/{area_id}.pdf",status="5xx"'
        in named
    )
    assert 'prossima_request_seconds_count{route="unknown",status="5xx"' not in named


def ask_together(server: Server, addresses: list[str]) -> list[httpx.Response]:
    """Ask for a report for each address, all at once, as a proxy would."""

    async def ask() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=100)
        async with httpx.AsyncClient(
            base_url=server.client.base_url, timeout=PATIENCE_SECONDS, limits=limits
        ) as client:
            asked = [
                client.get(report(1000 + n), headers={"x-forwarded-for": address})
                for n, address in enumerate(addresses)
            ]
            return await asyncio.gather(*asked)

    return asyncio.run(ask())


def test_one_client_does_not_take_the_place_of_another(server: Server) -> None:
    *many, other = ask_together(server, ["192.0.2.1"] * 20 + ["198.51.100.1"])
    counts = Counter(answer.status_code for answer in many)
    assert counts == {200: MAX_OF_SENDER, 503: 20 - MAX_OF_SENDER}
    assert other.status_code == 200


def test_nobody_is_believed_to_be_another_unless_a_proxy_is_named(pack_server: Server) -> None:
    answers = ask_together(pack_server, [f"192.0.{n}.1" for n in range(8)])
    assert Counter(answer.status_code for answer in answers)[503] == 8 - MAX_OF_SENDER


def test_a_proxy_that_is_no_address_is_refused_in_one_line(cli, pack_var: Path) -> None:
    done = cli("serve", var=pack_var, FORWARDED_ALLOW_IPS="proxy.local")
    assert done.returncode == 2
    assert done.stderr.startswith("prossima: FORWARDED_ALLOW_IPS has 'proxy.local'")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({"FORWARDED_ALLOW_IPS": "*"}, "anybody may say who they are"),
        ({"FORWARDED_ALLOW_IPS": "10.0.0.300"}, "no address and no network"),
        ({"PROSSIMA_PUBLIC_URL": "https://mappa.example.org"}, "all visitors"),
    ],
)
def test_a_wrong_proxy_is_named_by_the_doctor(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], text: str
) -> None:
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ProssimaError, match=re.escape(text)):
        doctor._proxy(Settings())


def test_a_child_has_so_much_memory_and_no_more() -> None:
    process = os.fork()
    if not process:
        heavy_worker._limit_memory()
        if Path("/proc/self/oom_score_adj").read_text() != "1000\n":
            os._exit(2)  # the kernel might end the server in its place
        try:
            bytearray(heavy_worker.MAX_CHILD_BYTES + 2**26)
        except MemoryError:
            os._exit(0)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0


def test_a_request_that_takes_too_much_memory_is_told_so(tmp_path: Path) -> None:
    app = create_app(Settings(var=tmp_path))

    @app.get("/large")
    def large() -> None:
        raise MemoryError

    answer = get(app, "/large")
    assert answer.status_code == 503
    assert "more memory than one request may have" in answer.json()["detail"]


def test_what_is_withheld_meanwhile_is_in_no_heavy_answer(
    pack_var: Path, pack: Path, tmp_path: Path
) -> None:
    shutil.copytree(pack_var / "editions", tmp_path / "var" / "editions")
    with serving(tmp_path / "var", pack, tmp_path / "log") as server:
        service = server.get("/v1/services")["results"][0]
        path = "/maps/services.html"
        assert service["name"] in server.client.get(path).text
        withhold(tmp_path / "var" / "editions", [service["service_id"]])
        assert service["name"] not in server.client.get(path).text


@pytest.mark.parametrize(
    ("charset", "kind"), [("unicode_escape", "\\x70df"), ("utf-7", "+AHAAZABm-")]
)
def test_no_encoding_of_a_form_lets_the_server_itself_print(
    server: Server, charset: str, kind: str
) -> None:
    service_id = server.get("/v1/services")["results"][0]["service_id"]
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("service", service_id), ("as", kind))
    ]
    kind_of_body = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
    body = "".join(parts) + "--b--\r\n"
    answer = server.client.post("/scheda", content=body, headers=kind_of_body)
    assert not answer.content.startswith(b"%PDF")


def test_half_a_letter_is_a_problem_and_no_defect(server: Server) -> None:
    body = b'{"where": {"lon": 9.19, "lat": 45.46}, "profile": "\\ud800"}'
    for path in ("/v1/nearest", "/v1/round", "/v1/isochrone"):
        answer = server.client.post(
            path, content=body, headers={"Content-Type": "application/json"}
        )
        assert 400 <= answer.status_code < 500, path


def test_whoever_leaves_takes_the_work_along(server: Server) -> None:
    async def leave() -> None:
        limits = httpx.Limits(max_connections=100)
        async with httpx.AsyncClient(base_url=server.client.base_url, limits=limits) as client:
            asked = [asyncio.create_task(client.get(report(100 + n))) for n in range(60)]
            await asyncio.to_thread(until, lambda: bool(processes(server)))
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)

    asyncio.run(leave())
    until(lambda: not processes(server))
    # Nobody waits before this one any more.
    assert server.client.get(report(200)).status_code == 200
    assert "Traceback" not in server.log.read_text()


@pytest.mark.all
@pytest.mark.slow
@pytest.mark.shared
def test_the_largest_plan_is_found_in_its_time_or_refused_with_a_remedy(
    milano_server: Server,
) -> None:
    asked = {"category": "nido", "objective": "median", "candidates": "nodes", "minutes": 15}

    def answer(**more: object) -> httpx.Response:
        return milano_server.client.post("/v1/siting", json=asked | more, timeout=120)

    until(lambda: answer(count=1).status_code == 200)  # the data of plans are read at the first
    for max_seconds in (4, 20):
        largest = answer(count=50, max_seconds=max_seconds)
        if largest.status_code != 200:
            assert largest.status_code == 422
            assert "a shorter walk, or candidates of another kind" in largest.json()["detail"]
    assert len(largest.json().get("sites", ())) in (0, 50)


def test_a_template_that_was_killed_is_started_again(server: Server) -> None:
    before = template(server)
    os.kill(before, signal.SIGKILL)
    until(lambda: server.client.get(report(300)).status_code == 200)
    assert template(server) != before


def test_an_answer_about_an_area_is_kept(server: Server) -> None:
    first, second = (server.client.get("/rete/mappa.svg?category=nido") for _ in range(2))
    assert first.content == second.content
    assert first.headers["prossima-edition"] == second.headers["prossima-edition"]


def test_every_kind_is_answered_as_without_processes(server: Server) -> None:
    outline = server.client.post("/v1/isochrone", json={"where": DUOMO})
    assert outline.headers["cache-control"] == "no-store"
    assert outline.json()["features"]
    unknown = server.client.post("/v1/isochrone", json={"where": {"address": "via Inventata 3"}})
    assert unknown.status_code == 404
    assert unknown.json()["typed"] == "via Inventata 3"
    packed = server.client.get("/rete.csv", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    drawn = server.client.get("/maps/services.html")
    assert "Consultorio" in drawn.text
    assert "'unsafe-inline'" in drawn.headers["content-security-policy"]
    assert server.client.head("/rete.geojson").content == b""


@pytest.mark.parametrize("path", ["/rete/mappa.svg?category=nido", "/v1/closures?category=nido"])
def test_a_heavy_answer_says_each_header_once(server: Server, path: str) -> None:
    headers = server.client.get(path, headers={"origin": "https://example.org"}).headers
    assert [
        name for name, times in Counter(name for name, _ in headers.raw).items() if times > 1
    ] == []
    assert Counter(headers["vary"].split(", "))["Origin"] == 1


def test_the_oldest_answers_give_way() -> None:
    cache = AnswerCache(max_bytes=25)
    for key in (b"a", b"b"):
        cache.put(key, HeavyAnswer("/rete.csv", 200, [], b"1" * 10))
    assert cache.get(b"a") is not None
    cache.put(b"c", HeavyAnswer("/rete.csv", 200, [], b"1" * 10))
    assert cache.get(b"b") is None
    assert cache.get(b"a") is not None


def test_crawlers_are_kept_from_what_is_made_for_one_reader(server: Server) -> None:
    lines = server.client.get("/robots.txt").text.splitlines()
    for path in ("/scheda", "/rete.csv", "/rete/zona/", "/rete/mappa.svg", "/v1/", "/maps/"):
        assert f"Disallow: {path}" in lines
