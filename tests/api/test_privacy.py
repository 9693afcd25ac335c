"""Where a family lives reaches no log and no file, whichever way it is sent."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import Server, serving

UNKNOWN = "via Sentinella Segretissima 977"
KNOWN = "vIa aLdInI 72"  # an address of the pack, written as nobody else writes it
LON, LAT = "9.1321731", "45.5171731"
SERVICE = "schede_qubi:F005"  # of the pack
AGE = 30303
WISHES = {"age_months": 30, "languages": ["ar"], "profile": "stroller", "free": True}
SECRETS = (f"{AGE}", "Sentinella", "Segretissima", KNOWN, "1321731", "5171731")


@pytest.fixture(scope="module")
def server(pack_var: Path, pack: Path, tmp_path_factory) -> Iterator[Server]:
    """Serve a copy: nobody else may write where traces are looked for."""
    own = shutil.copytree(pack_var, tmp_path_factory.mktemp("private") / "var")
    with serving(own, pack, tmp_path_factory.mktemp("log") / "private.log") as server:
        yield server


def wheres() -> list[dict]:
    return [
        {"address": UNKNOWN},
        {"address": KNOWN},
        {"lon": float(LON), "lat": float(LAT)},
        {"lon": LON, "lat": LAT, "extra": UNKNOWN},
        {"lon": f"{LON} east", "lat": LAT},
        {"address": [UNKNOWN]},
        {"address": UNKNOWN * 20},
        {"nil": UNKNOWN},
        {"lon": float(LAT), "lat": float(LON)},
    ]


def ask_everything(server: Server) -> list[httpx.Response]:
    client, answers = server.client, []
    for where in wheres():
        plain = {name: str(value) for name, value in where.items()}
        answers += [
            client.post("/v1/nearest", json={"where": where}),
            client.post("/v1/nearest/", json={"where": where}),
            client.post("/v1/nearest", content=f'{{"where": "{UNKNOWN} {LON}'),
            client.post("/v1/nearest", json={"where": where, **WISHES}),
            client.post("/v1/nearest", json={"where": where, "age_months": f"{AGE} months"}),
            client.post("/v1/isochrone", json={"where": where, "minutes": [1, 10]}),
            client.post("/v1/isochrone", json={"where": where, "profile": UNKNOWN}),
            client.post("/v1/isochrone", json={"where": where, "service_id": UNKNOWN}),
            client.post("/v1/isochrone", json={"service_id": UNKNOWN}),
            client.post("/v1/isochrone", json={"minutes": [UNKNOWN]}),
            client.get("/v1/isochrone"),
            client.post("/v1/round", json={"where": where, "categories": ["nido", "consultorio"]}),
            client.post("/v1/round", json={"where": where, "categories": [UNKNOWN, "nido"]}),
            client.post("/giro", data={**plain, "category": ["nido", "consultorio"]}),
            client.post("/giro", data={**plain, "category": UNKNOWN}),
            client.post("/v1/geocode", json={"address": plain.get("address", LON)}),
            client.post("/", data={**plain, "category": "nido"}),
            client.post("/?part=answer&lang=ar", data={**plain, "category": "nido", "day": "now"}),
            client.post("/scheda", data={**plain, "service": SERVICE}),
            client.post("/scheda", data={**plain, "service": SERVICE, "as": "pdf"}),
            client.post("/maps/nearest", data={**plain, "category": "nido"}),
            client.post("/v1/services", json=plain),
        ]
    return answers


def leaks(server: Server) -> list[str]:
    """Every file, the log among them, that holds any of the secrets."""
    files = [server.log, *(path for path in server.var.rglob("*") if path.is_file())]
    return [
        f"{path.name}: {secret}"
        for path in files
        for secret in SECRETS
        if secret.encode() in path.read_bytes()
    ]


def state(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_no_form_of_asking_leaves_a_trace(server: Server) -> None:
    before = state(server.var)
    answers = ask_everything(server)
    assert state(server.var) == before
    assert {answer.status_code for answer in answers} >= {200, 404, 405, 422}
    # The log was written to, so that there is something to look through.
    assert server.log.read_text().count("POST /v1/nearest") > len(wheres())
    assert server.log.read_text().count("POST /v1/isochrone") > len(wheres())
    assert leaks(server) == []


def test_no_address_of_a_page_holds_the_question(server: Server) -> None:
    for answer in ask_everything(server):
        seen = f"{answer.url} {answer.headers}"
        assert [secret for secret in SECRETS if secret in seen] == []


def test_a_trace_would_be_seen(server: Server, tmp_path: Path) -> None:
    before = server.log.read_bytes()
    server.log.write_bytes(before + f"INFO: POST /v1/nearest {UNKNOWN}\n".encode())
    assert leaks(server) == ["private.log: Sentinella", "private.log: Segretissima"]
    planted = Server(server.client, tmp_path, server.log, server.pid)
    server.log.write_bytes(before)
    (tmp_path / "cache.json").write_text(f'{{"lat": {LAT}}}')
    assert leaks(planted) == ["cache.json: 5171731"]


def test_an_outline_is_asked_as_privately_as_a_look_up(server: Server) -> None:
    point = {"lon": float(LON), "lat": float(LAT)}
    answer = server.client.post("/v1/isochrone", json={"where": point})
    assert answer.headers["cache-control"] == "no-store"
    assert server.client.get(f"/v1/isochrone?lon={LAT}").status_code == 405
    refused = server.client.post("/v1/isochrone", json={"where": {"lon": 1.1321731, "lat": 2}})
    assert "1321731" not in refused.text


def test_the_error_of_a_look_up_on_the_command_line_is_for_the_person_only(cli, pack_var) -> None:
    before = state(pack_var)
    done = cli("nearest", "-", var=pack_var, typed=f"{UNKNOWN}\n")
    assert done.returncode == 2
    assert state(pack_var) == before
