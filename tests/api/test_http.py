"""The HTTP interface, asked of a real server over the pack's edition and that of Milano."""

import itertools
import json
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from shapely.geometry import shape

from api.problems import brief
from mapping.edition.edition import Edition, current, publish
from tests.api.conftest import Server, serving
from tests.mapping.edition.twins import twin_of

DUOMO = {"lon": 9.1900, "lat": 45.4642}
ORIGIN = {
    "lon", "lat", "address", "precision", "error_metres", "snap_metres", "municipio", "nil",
    "outside_city",
}  # fmt: skip
RESULT = {
    "service_id", "location_id", "name", "category", "address", "lon", "lat", "seconds", "metres",
    "estimated", "snap_metres", "unknown", "assured_date", "stale",
}  # fmt: skip
NUMBER_OR_NULL = {"type": ["number", "null"]}
TEXT_OR_NULL = {"type": ["string", "null"]}
# The document of the design, type by type; more members may stand beside these.
DOCUMENT = {
    "type": "object",
    "required": ["origin", "results", "unplaced", "completeness", "edition"],
    "properties": {
        "origin": {
            "type": "object",
            "required": sorted(ORIGIN),
            "properties": {
                "lon": {"type": "number"},
                "lat": {"type": "number"},
                "address": TEXT_OR_NULL,
                "precision": {"type": "string"},
                "snap_metres": NUMBER_OR_NULL,
                "municipio": TEXT_OR_NULL,
                "nil": TEXT_OR_NULL,
            },
        },
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "required": sorted(RESULT),
                "properties": {
                    "service_id": {"type": "string"},
                    "location_id": {"type": "string"},
                    "name": {"type": "string"},
                    "category": {"type": "string"},
                    "address": TEXT_OR_NULL,
                    "lon": {"type": "number"},
                    "lat": {"type": "number"},
                    "seconds": {"type": "integer", "minimum": 0},
                    "metres": {"type": "integer", "minimum": 0},
                    "estimated": {"type": "boolean"},
                    "assured_date": TEXT_OR_NULL,
                    "stale": {"type": "boolean"},
                },
            },
        },
        "edition": {"type": "string", "pattern": r"^\d{8}T\d{6}Z-[0-9a-f]{8}$"},
    },
}
PAGES = [
    "/", "/maps/services.html", "/maps/coverage.html?category=consultorio&level=nil",
    "/maps/coverage.html?category=nido&level=municipio",
]  # fmt: skip
LISTS = [
    "/v1/categories", "/v1/services", "/v1/areas/municipio", "/v1/areas/nil",
    "/v1/coverage?category=nido", "/v1/coverage?category=nido&level=municipio",
    "/v1/greyzones?category=nido", "/v1/places?category=nido",
]  # fmt: skip


def problem(answer, status: int) -> dict:
    """A problem document of RFC 9457, never cached."""
    assert answer.status_code == status, answer.text[:200]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    assert said["status"] == status
    assert {"type", "title", "detail"} <= said.keys()
    return said


@pytest.mark.parametrize("address", LISTS)
def test_every_list_names_its_edition(pack_server: Server, address: str) -> None:
    answer = pack_server.client.get(address)
    assert answer.status_code == 200
    assert answer.json()["edition"] == current(pack_server.var / "editions").name
    assert answer.headers["prossima-edition"] == answer.json()["edition"]


def test_since_the_edition_itself_no_zone_has_changed(pack_server: Server) -> None:
    edition = current(pack_server.var / "editions").name
    said = pack_server.get(f"/v1/greyzones/changes?category=nido&since={edition}")
    assert (said["before"], said["after"], said["edition"]) == (edition,) * 3
    assert set(said["counts"]) == {"appeared", "grew", "shrank", "closed", "unchanged"}


def test_health_and_readiness_are_told_apart(pack_server: Server) -> None:
    assert pack_server.get("/health") == {"status": "ok"}
    ready = pack_server.get("/ready")
    assert ready["estimated"] is True
    assert [entry["id"] for entry in ready["sources"] if entry["id"] == "schede_qubi"]
    assert any(reason.startswith("stradario:") for reason in ready["missing"])


def test_the_pack_lists_what_it_holds(pack_server: Server) -> None:
    assert len(pack_server.get("/v1/services?limit=1000")["results"]) == 180
    assert len(pack_server.get("/v1/areas/municipio")["results"]) == 9
    assert len(pack_server.get("/v1/areas/nil")["results"]) == 88
    codes = {row["code"]: row for row in pack_server.get("/v1/categories")["results"]}
    assert codes["nido"]["completeness"]["status"] == "partial"
    assert codes["antiviolenza"]["completeness"] is None


@pytest.mark.parametrize(
    "where",
    [{"address": "via Aldini 72"}, DUOMO, {"nil": "8"}, {"nil": "Baggio"}],
    ids=["address", "point", "nil number", "part of a nil's name"],
)
def test_the_answer_has_the_documented_shape(pack_server: Server, where: dict) -> None:
    said = pack_server.nearest(where, categories=["consultorio"], count=3, max_minutes=1000)
    jsonschema.validate(said, DOCUMENT)
    assert len(said["results"]) == 3
    seconds = [result["seconds"] for result in said["results"]]
    assert seconds == sorted(seconds)
    assert {result["category"] for result in said["results"]} == {"consultorio"}
    assert said["completeness"]["consultorio"]["status"] == "partial"


def test_without_streets_every_time_is_estimated(pack_server: Server) -> None:
    said = pack_server.nearest(DUOMO, count=100, max_minutes=1440)
    assert len(said["results"]) > 50
    assert all(result["estimated"] for result in said["results"])
    # 80 metres a minute (the table says 1.3333 a second), each rounded to the nearest whole number.
    assert all(abs(r["metres"] - r["seconds"] * 1.3333) <= 1.2 for r in said["results"])


def test_a_longer_walk_never_loses_a_service(pack_server: Server) -> None:
    found = [
        {
            result["location_id"]
            for result in pack_server.nearest(DUOMO, count=100, max_minutes=minutes)["results"]
        }
        for minutes in (10, 30, 60)
    ]
    assert found[0] <= found[1] <= found[2]
    assert found[2]


def test_an_unknown_street_is_answered_with_what_to_load(pack_server: Server) -> None:
    answer = pack_server.client.post("/v1/nearest", json={"where": {"address": "via Ripamonti 5"}})
    said = problem(answer, 404)
    assert said["title"] == "Unknown address"
    assert said["typed"] == "via Ripamonti 5"
    assert isinstance(said["candidates"], list)
    assert "prossima build --mirror" in said["detail"]
    assert "Ripamonti" not in said["detail"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"where": {"lon": 2.35, "lat": 48.85}}, 422),
        ({"where": {"lon": 45.46, "lat": 9.19}}, 422),
        ({"where": DUOMO, "categories": ["nidi"]}, 404),
        ({"where": DUOMO, "categories": ["antiviolenza"]}, 422),
        ({"where": DUOMO, "count": 0}, 422),
        ({"where": DUOMO, "max_minutes": -1}, 422),
        ({"where": DUOMO, "open": "sempre"}, 422),
        ({"where": {"nil": "Atlantide"}}, 404),
        ({"where": {}}, 422),
        ({"where": {"lon": 9.19}}, 422),
        ({"where": {**DUOMO, "nil": "8"}}, 422),
        ({"where": DUOMO, "what": "else"}, 422),
        ({"where": DUOMO, "age_months": -1}, 422),
        ({"where": DUOMO, "age_months": 30.5}, 422),
        ({"where": DUOMO, "languages": ["arabo"]}, 422),
        ({"where": DUOMO, "profile": "robot"}, 422),
        ({}, 422),
        ([], 422),
    ],
)
def test_a_bad_question_is_a_problem(pack_server: Server, asked: object, status: int) -> None:
    said = problem(pack_server.client.post("/v1/nearest", json=asked), status)
    assert len(said["detail"]) > 20


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 422),
        ({"where": DUOMO, "service_id": "x"}, 422),
        ({"where": DUOMO, "minutes": []}, 422),
        ({"where": DUOMO, "minutes": [0]}, 422),
        ({"where": DUOMO, "minutes": [61]}, 422),
        ({"where": DUOMO, "minutes": [1, 2, 3, 4, 5, 6, 7]}, 422),
        ({"where": DUOMO, "profile": "robot"}, 422),
        ({"where": {"lon": 2.35, "lat": 48.85}}, 422),
        ({"where": {"nil": "Atlantide"}}, 404),
        ({"service_id": "nothing:1"}, 404),
    ],
)
def test_a_bad_outline_is_a_problem(pack_server: Server, asked: dict, status: int) -> None:
    said = problem(pack_server.client.post("/v1/isochrone", json=asked), status)
    assert len(said["detail"]) > 20


BROKEN = [
    b"{",
    b"",
    b"\xff",
    b'{"where": {"lon": NaN, "lat": 45.46}}',
    b'{"where": {"address": "via \\ud800"}}',
]


@pytest.mark.parametrize("body", BROKEN)
def test_a_broken_body_is_a_problem(pack_server: Server, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = pack_server.client.post("/v1/nearest", content=body, headers=headers)
    problem(answer, 400 if body == b"\xff" else 422)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/v1/areas/regione", 404),
        ("/v1/coverage", 422),
        ("/v1/coverage?category=nidi", 404),
        ("/v1/coverage?category=nido&level=section", 422),
        ("/v1/coverage?category=antiviolenza", 422),
        ("/v1/coverage?category=nido&profile=robot", 422),
        ("/v1/coverage?category=nido&window=night", 422),
        ("/v1/coverage?category=nido&requirement=free", 422),
        ("/v1/coverage?category=nido&window=saturday&requirement=arabic", 422),
        ("/maps/coverage.html?category=nido&window=night", 422),
        ("/v1/greyzones?category=nidi", 404),
        ("/v1/greyzones/changes?since=20200101T000000Z-00000000", 422),
        ("/v1/greyzones/changes?since=../current", 422),
        ("/v1/greyzones?category=antiviolenza", 422),
        ("/v1/services?category=nidi", 404),
        ("/v1/services?category=antiviolenza", 422),
        ("/v1/services?municipio=10", 404),
        ("/v1/services?limit=0", 422),
        ("/v1/services/nothing:1", 404),
        ("/maps/coverage.html?category=nidi", 404),
        ("/maps/coverage.html?category=antiviolenza", 422),
        ("/maps/coverage.html?level=section", 422),
        ("/nowhere", 404),
        ("/v1/nearest", 405),
    ],
)
def test_a_bad_address_is_a_problem(pack_server: Server, address: str, status: int) -> None:
    problem(pack_server.client.get(address), status)


@pytest.mark.parametrize(
    "body",
    [
        {"where": DUOMO},
        {"where": DUOMO, "count": 3, "categories": ["nido", "nido"], "max_minutes": "20"},
        {"where": DUOMO, "count": 2.0, "free": "true", "age_months": "30", "languages": ["ar"]},
        {"where": DUOMO, "open": "sat 10:00", "profile": "stroller"},
        {"where": {"lon": "9.19", "lat": "45.4642"}},
        {"where": {"lon": True, "lat": 45}},
        {"where": {"nil": "Duomo"}},
        {"where": {"address": "via Dante 7"}},
        {"where": DUOMO, "count": 0},
        {"where": DUOMO, "count": 2.5},
        {"where": DUOMO, "colour": "red"},
        {"where": DUOMO, "categories": ["x" * 101]},
        {"where": DUOMO, "categories": "nido"},
        {"where": {"lon": 1e400, "lat": 45}},
        {"where": {"lon": float("nan"), "lat": 45}},
        {"where": {"address": "\ud800"}},
        {"where": DUOMO, "categories": [1]},
        {},
        [],
        None,
    ],
)  # fmt: skip
def test_a_body_means_the_same_however_json_is_called(pack_server: Server, body: object) -> None:
    # Any other name of JSON is read by FastAPI itself, one step after the other.
    answers = [
        pack_server.client.post(
            "/v1/nearest", content=json.dumps(body), headers={"content-type": name}
        )
        for name in ("application/json", "application/json; charset=utf-8")
    ]
    assert answers[0].status_code == answers[1].status_code
    assert answers[0].content == answers[1].content
    assert set(answers[0].headers) == set(answers[1].headers)


def test_a_validation_error_does_not_repeat_coordinates(pack_server: Server) -> None:
    asked = {"where": {"lon": "9.1911317 east", "lat": "45.4711317 north"}}
    answer = pack_server.client.post("/v1/nearest", json=asked)
    problem(answer, 422)
    assert "711317" not in answer.text
    outside = {"where": {"lon": 2.3511317, "lat": 48.8511317}}
    answer = pack_server.client.post("/v1/nearest", json=outside)
    assert "511317" not in answer.text


def test_pages_neither_repeat_nor_skip_a_service(pack_server: Server) -> None:
    everything = pack_server.get("/v1/services?limit=1000")
    assert everything["next"] is None
    pages, after = [], ""
    for _ in itertools.count():
        page = pack_server.client.get("/v1/services", params={"limit": 25, "after": after}).json()
        pages.append(page["results"])
        if (after := page["next"]) is None:
            break
    assert [len(page) for page in pages] == [*[25] * 7, 5]
    assert list(itertools.chain(*pages)) == everything["results"]


def test_services_can_be_asked_by_category_municipio_and_id(pack_server: Server) -> None:
    every = pack_server.get("/v1/services?limit=1000")["results"]
    some = pack_server.get("/v1/services?category=consultorio&municipio=8")["results"]
    assert some == [
        row for row in every if "consultorio" in row["categories"] and row["municipio"] == "8"
    ]
    assert some
    one = pack_server.get(f"/v1/services/{some[0]['service_id']}")["results"]
    assert some[0] in one


def test_geocoding_completes_what_is_typed(pack_server: Server) -> None:
    answer = pack_server.client.post("/v1/geocode", json={"address": "via Aldini 72"})
    first = answer.json()["results"][0]
    assert first["address"].lower() == "via aldini 72"
    assert {"lon", "lat", "precision", "error_metres", "municipio"} <= first.keys()
    problem(pack_server.client.post("/v1/geocode", json={"address": ""}), 422)


@pytest.mark.parametrize("address", PAGES)
def test_pages_ask_nothing_of_another_host(pack_server: Server, address: str) -> None:
    answer = pack_server.client.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "stimat" in answer.text.lower()


def test_look_ups_are_stored_nowhere(pack_server: Server) -> None:
    client, form = pack_server.client, {"nil": "8", "category": "consultorio"}
    for answer in (
        client.post("/v1/nearest", json={"where": DUOMO}),
        client.post("/v1/geocode", json={"address": "via Aldini"}),
        client.post("/", data=form),
        client.post("/maps/nearest", data=form),
    ):
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"


def test_openapi_describes_every_route(pack_server: Server) -> None:
    said = pack_server.get("/openapi.json")
    assert said["openapi"].startswith("3.1")
    assert said["paths"].keys() == {
        "/health", "/ready", "/v1/nearest", "/v1/round", "/v1/isochrone", "/v1/geocode",
        "/v1/categories", "/v1/services", "/v1/services/{service_id}", "/v1/areas/{level}",
        "/v1/networks", "/v1/coverage", "/v1/situations", "/v1/greyzones", "/v1/greyzones/changes",
        "/v1/places", "/v1/siting", "/v1/scenario",
        "/v1/closures", "/maps/services.html", "/maps/coverage.html", "/maps/nearest",
    }  # fmt: skip
    assert all("summary" in way for ways in said["paths"].values() for way in ways.values())


def test_data_may_be_read_by_other_sites_and_look_ups_may_not(pack_server: Server) -> None:
    asked = {"origin": "https://example.org"}
    data = pack_server.client.get("/v1/categories", headers=asked)
    assert data.headers["access-control-allow-origin"] == "*"
    ask = {**asked, "access-control-request-method": "POST"}
    assert pack_server.client.options("/v1/nearest", headers=ask).status_code == 400


def test_the_command_line_prints_the_document_of_http(pack_server: Server, cli) -> None:
    done = cli("nearest", "--nil", "8", "--category", "nido", "--json", var=pack_server.var)
    over_http = pack_server.client.post(
        "/v1/nearest", json={"where": {"nil": "8"}, "categories": ["nido"]}
    )
    assert json.loads(done.stdout) == over_http.json()


def test_without_streets_an_outline_is_an_estimate(pack_server: Server) -> None:
    asked = {"where": DUOMO, "minutes": [10]}
    answer = pack_server.client.post("/v1/isochrone", json=asked)
    assert answer.headers["content-type"] == "application/geo+json"
    (feature,) = answer.json()["features"]
    assert feature["properties"] == {"minutes": 10, "kilometres": None, "estimated": True}


def test_a_child_too_old_is_told_what_is_almost_right(pack_server: Server) -> None:
    asked = {"categories": ["centro_prima_infanzia"], "age_months": 200, "max_minutes": 1000}
    said = pack_server.nearest(DUOMO, **asked)
    assert said["results"] == []
    (near,) = said["almost"]
    assert (near["fails"], near["unknown"]) == ("age", [])
    assert near["age_max_months"] <= 200


def test_what_is_not_known_of_a_service_is_named(pack_server: Server) -> None:
    said = pack_server.nearest(DUOMO, categories=["consultorio"], languages=["ar"], free=True)
    assert said["results"]
    for row in said["results"]:
        assert set(row["unknown"]) == {name for name in ("languages", "free") if row[name] is None}


@pytest.mark.shared
def test_outlines_of_milano_grow_and_a_stroller_comes_less_far(milano_server: Server) -> None:
    def outline(profile: str) -> list[dict]:
        asked = {"where": {"address": "via Padova 61"}, "minutes": [15, 1, 5], "profile": profile}
        answer = milano_server.client.post("/v1/isochrone", json=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()["features"]

    adult, stroller = outline("adult"), outline("stroller")
    shapes = [shape(feature["geometry"]) for feature in adult]
    assert [feature["properties"]["minutes"] for feature in adult] == [1, 5, 15]
    assert all(one.is_valid and one.area > 0 for one in shapes)
    assert all(more.contains(less) for less, more in itertools.pairwise(shapes))
    for fast, slow in zip(adult, stroller, strict=True):
        assert fast["properties"]["kilometres"] >= slow["properties"]["kilometres"]


@pytest.mark.shared
def test_a_service_has_an_outline_of_its_own(milano_server: Server) -> None:
    (found,) = milano_server.nearest(DUOMO, categories=["farmacia"], count=1)["results"]
    asked = {"service_id": found["service_id"], "minutes": [10]}
    said = milano_server.client.post("/v1/isochrone", json=asked).json()
    assert (said["origins"][0]["lon"], said["origins"][0]["lat"]) == (
        pytest.approx(found["lon"], abs=1e-6),
        pytest.approx(found["lat"], abs=1e-6),
    )
    assert said["features"][0]["properties"]["kilometres"] > 1


@pytest.mark.shared
def test_with_streets_times_are_walked(milano_server: Server) -> None:
    said = milano_server.nearest({"address": "via Padova 61"}, categories=["farmacia"])
    jsonschema.validate(said, DOCUMENT)
    assert said["origin"]["municipio"] == "2"
    assert said["origin"]["snap_metres"] < 100
    assert len(said["results"]) == 5
    assert not any(result["estimated"] for result in said["results"])
    assert said["results"][0]["seconds"] < 600


@pytest.mark.shared
def test_a_point_outside_the_city_is_answered_and_flagged(milano_server: Server) -> None:
    sesto = {"lon": 9.2383, "lat": 45.5341}
    said = milano_server.nearest(sesto, categories=["farmacia"], count=1)
    assert said["origin"]["outside_city"] is True
    assert said["origin"]["municipio"] is None
    assert said["results"]
    assert milano_server.nearest(DUOMO, count=1)["origin"]["outside_city"] is False


@pytest.mark.shared
def test_an_unknown_address_comes_with_those_alike(milano_server: Server) -> None:
    answer = milano_server.client.post("/v1/nearest", json={"where": {"address": "via Padovva"}})
    said = problem(answer, 404)
    assert "via padova" in [candidate.lower() for candidate in said["candidates"]]


def test_coverage_is_told_of_every_situation_that_is_listed(pack_server: Server) -> None:
    listed = pack_server.get("/v1/situations")
    assert listed["results"][0] == {"profile": "adult", "window": "any", "requirement": "any"}
    assert listed["windows"]["any"] == {"label": "In qualsiasi momento", "days": []}
    assert len(listed["windows"]["saturday"]["days"]) == 1
    for asked in listed["results"]:
        words = "&".join(f"{name}={value}" for name, value in asked.items())
        rows = pack_server.get(f"/v1/coverage?category=consultorio&{words}")["results"]
        assert {tuple(row[name] for name in asked) for row in rows} == {tuple(asked.values())}
        assert rows == pack_server.get(f"/v1/coverage?category=consultorio&{words}")["results"]
    usual = pack_server.get("/v1/coverage?category=consultorio")["results"]
    assert {(r["profile"], r["window"], r["requirement"]) for r in usual} == {
        ("adult", "any", "any")
    }


def test_a_map_says_of_whom_and_when_it_tells(pack_server: Server) -> None:
    page = pack_server.client.get("/maps/coverage.html?category=nido&window=saturday").text
    assert "quanto sono lontani, il sabato" in page


@pytest.mark.shared
def test_sections_have_coverage_and_no_people(milano_server: Server) -> None:
    rows = milano_server.get("/v1/coverage?category=nido&level=section")["results"]
    assert len(rows) > 5000
    assert {row["demand"] for row in rows} == {None}


@pytest.mark.shared
def test_the_map_of_a_look_up_draws_the_way(milano_server: Server) -> None:
    form = {"address": "via Padova 61", "category": "consultorio"}
    page = milano_server.client.post("/maps/nearest", data=form)
    assert page.status_code == 200
    assert "Consultorio familiare via Ricordi" in page.text
    assert "LineString" in page.text


def test_another_edition_is_served_without_a_restart(
    pack_var: Path, pack: Path, cli, tmp_path: Path
) -> None:
    var = tmp_path / "var"
    shutil.copytree(pack_var, var)
    first = current(var / "editions").name
    with serving(var, pack, tmp_path / "swap.log") as server:
        assert server.get("/ready")["edition"] == first
        assert server.client.get("/rete.csv").headers["prossima-edition"] == first
        second = publish(var / "editions", twin_of(Edition.open(current(var / "editions"))).id).id
        assert server.nearest(DUOMO)["edition"] == second
        assert server.client.get("/rete.csv").headers["prossima-edition"] == second
        assert cli("editions", "use", first, var=var).returncode == 0
        assert server.nearest(DUOMO)["edition"] == first


@pytest.mark.parametrize("pointer", ["20200101T000000Z-00000000\n", "", "\0\0garbage", None])
def test_a_broken_pointer_leaves_the_open_edition_answering(
    pack_var: Path, pack: Path, tmp_path: Path, pointer: str | None
) -> None:
    var = tmp_path / "var"
    shutil.copytree(pack_var, var)
    first = current(var / "editions").name
    with serving(var, pack, tmp_path / "broken.log") as server:
        file = var / "editions" / "current"
        file.unlink()
        if pointer is not None:
            file.write_text(pointer)
        for _ in range(5):
            assert server.nearest(DUOMO)["edition"] == first
        ready = server.client.get("/ready")
        # A balancer goes on sending look-ups: their answers are whole.
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        assert server.log.read_text().count("cannot be opened") == 1
        file.write_text(first + "\n")
        _until(lambda: server.get("/ready")["status"] == "ok")


def test_a_truncated_edition_leaves_the_open_one_answering(
    pack_var: Path, pack: Path, tmp_path: Path
) -> None:
    var = tmp_path / "var"
    shutil.copytree(pack_var, var)
    first = current(var / "editions")
    with serving(var, pack, tmp_path / "truncated.log") as server:
        copy = first.with_name("29990101T000000Z-00000000")
        shutil.copytree(first, copy)
        (copy / "services.parquet").write_bytes(b"PAR1")
        (var / "editions" / "current").write_text(copy.name + "\n")
        assert server.nearest(DUOMO)["edition"] == first.name
        assert server.get("/ready")["status"] == "degraded"


def test_a_server_that_starts_with_a_broken_pointer_serves_the_newest_edition(
    pack_var: Path, pack: Path, tmp_path: Path
) -> None:
    var = tmp_path / "var"
    shutil.copytree(pack_var, var)
    only = current(var / "editions").name
    (var / "editions" / "current").write_text("20200101T000000Z-00000000\n")
    with serving(var, pack, tmp_path / "broken.log", "--workers", "2") as server:
        assert server.get("/ready")["status"] == "degraded"
        assert server.nearest(DUOMO)["edition"] == only
        assert f"{only} goes on: There is no edition" in server.log.read_text()


def test_a_server_does_not_start_where_nothing_was_published(
    pack_var: Path, cli, tmp_path: Path
) -> None:
    var = tmp_path / "var"
    shutil.copytree(pack_var, var)
    (var / "editions" / "current").unlink()
    refused = cli("serve", "--port", "65001", var=var)
    assert refused.returncode == 2
    assert "No edition is published" in " ".join(refused.stderr.split())


@pytest.mark.parametrize(
    ("path", "size"),
    [("/v1/nearest", 65_537), ("/v1/geocode", 65_537), ("/v1/scenario", 1_048_577)],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_longer_than_its_limit_is_refused(
    pack_server: Server, path: str, size: int, *, chunked: bool
) -> None:
    body = b"[" + b"1," * (size // 2) + b"1]"
    content = iter([body[:1000], body[1000:]]) if chunked else body
    answer = pack_server.client.post(
        path, content=content, headers={"content-type": "application/json"}
    )
    said = problem(answer, 413)
    assert f"{size - 1} bytes" in said["detail"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


def _until(holds: Callable[[], bool], seconds: float = 30) -> None:
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.2)


def test_the_networks_of_a_municipio_are_told(pack_server: Server) -> None:
    rows = pack_server.get("/v1/networks?municipio=8")["results"]
    kinds = {row["kind"] for row in rows}
    assert kinds == {"municipal", "neighbourhood", "round_table", "tutors_organisation"}
    assert all("8" in row["municipi"] and row["note"] is None for row in rows)
    assert len(pack_server.get("/v1/networks")["results"]) == 75
    assert pack_server.client.get("/v1/networks?municipio=99").status_code == 404


def test_categories_say_of_how_many_services_the_hours_are_known(pack_server: Server) -> None:
    rows = {row["code"]: row for row in pack_server.get("/v1/categories")["results"]}
    assert rows["wemi"]["known"] == {"hours": 0, "capacity": 0, "ages": 0}
    assert 0 < rows["emporio_solidale"]["known"]["hours"] < 1
    assert rows["mensa"]["known"] is None


def test_a_point_has_a_nearest_civic_number(pack_server: Server) -> None:
    body = {"address": "via Oglio 18"}
    (known,) = pack_server.client.post("/v1/geocode", json=body).json()["results"][:1]
    point = {"lon": known["lon"], "lat": known["lat"]}
    (found,) = pack_server.client.post("/v1/geocode", json=point).json()["results"]
    assert found["address"] == known["address"]
    assert pack_server.client.post("/v1/geocode", json={}).status_code == 422


@pytest.mark.shared
def test_an_id_that_was_merged_leads_to_its_card(milano_server: Server) -> None:
    rows = milano_server.get("/v1/services?category=nido&limit=1000")["results"]
    cards = [row for row in rows if row["same_as"]]
    assert cards
    for card in cards:
        assert 0 < card["quality"] <= 1
        for other in card["same_as"]:
            assert milano_server.get(f"/v1/services/{other}")["results"] == [card]


@pytest.mark.parametrize(
    "address", [*PAGES, *LISTS, "/health", "/openapi.json", "/static/base.css"]
)
def test_head_says_what_get_says(pack_server: Server, address: str) -> None:
    head, got = pack_server.client.head(address), pack_server.client.get(address)
    assert head.status_code == got.status_code == 200
    assert head.content == b""
    same = ("content-type", "content-security-policy", "permissions-policy", "etag")
    assert {name: head.headers.get(name) for name in same} == {
        name: got.headers.get(name) for name in same
    }


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("/v1/nearest", "POST"),
        ("/", "GET, HEAD, POST"),
        ("/servizi", "GET, HEAD, POST"),
        ("/v1/services/x", "GET, HEAD"),
        ("/rete.csv", "GET, HEAD"),
        ("/static/base.css", "GET, HEAD"),
        ("/openapi.json", "GET, HEAD"),
    ],
)
def test_a_method_that_is_not_allowed_is_told_which_are(
    pack_server: Server, address: str, allowed: str
) -> None:
    answer = pack_server.client.delete(address)
    problem(answer, 405)
    assert answer.headers["allow"] == allowed


LONG = "a" * 5000
LONG_ADDRESSES = [
    f"/v1/services?municipio={LONG}", f"/v1/services/{LONG}", f"/v1/areas/{LONG}",
    f"/v1/networks?municipio={LONG}", f"/v1/coverage?category={LONG}",
    f"/v1/coverage?category=nido&level={LONG}", f"/v1/coverage?category=nido&profile={LONG}",
    f"/v1/coverage?category=nido&window={LONG}", f"/v1/greyzones/changes?since={LONG}",
    f"/v1/closures?category=nido&{LONG}=1", f"/maps/coverage.html?level={LONG}",
    f"/rete/zona/nil/{LONG}.pdf", f"/tiles/{LONG}/1/1/1.mvt",
    f"/rete/valori.json?indicator={LONG}",
]  # fmt: skip


@pytest.mark.parametrize(
    "address", LONG_ADDRESSES, ids=lambda address: address.partition("a" * 9)[0]
)
def test_a_long_value_is_not_repeated(pack_server: Server, address: str) -> None:
    answer = pack_server.client.get(address)
    assert answer.status_code in (404, 422)
    assert "a" * 200 not in answer.text


@pytest.mark.parametrize(
    "body",
    [{LONG: 1}, {"open": LONG}, {"languages": [LONG]}, {"profile": LONG}, {"open": "' " * 2000}],
    ids=["key", "open", "language", "profile", "quotes"],
)
def test_a_long_value_of_a_body_is_not_repeated(pack_server: Server, body: dict) -> None:
    answer = pack_server.client.post("/v1/nearest", json={"where": DUOMO, **body})
    assert len(problem(answer, 422)["detail"]) < 1100
    assert "a" * 600 not in answer.text


def test_a_short_value_and_the_remedy_stay_whole() -> None:
    said = "Unknown window 'notte'. Use one of: any. It is a service's, and 'x' of those."
    assert brief(said) == said
    long = brief(f"Unknown area '{LONG}' of level 'nil'. All of them: /v1/areas/nil.")
    assert long == f"Unknown area '{'a' * 80}…' of level 'nil'. All of them: /v1/areas/nil."


def test_problems_are_declared_where_they_occur(pack_server: Server) -> None:
    said = pack_server.get("/openapi.json")
    assert "HTTPValidationError" not in json.dumps(said)
    for ways in said["paths"].values():
        for way in ways.values():
            wrong = {int(status): entry for status, entry in way["responses"].items()}
            kinds = [set(entry["content"]) for status, entry in wrong.items() if status >= 400]
            assert kinds
            assert all(kind == {"application/problem+json"} for kind in kinds)
    body = {"where": {"address": "via di nessuno 99999"}}
    for method, path, address, sent in (
        ("post", "/v1/nearest", "/v1/nearest", body),
        ("post", "/v1/nearest", "/v1/nearest", {}),
        ("post", "/v1/siting", "/v1/siting", {"category": "nidi", "count": 1}),
        ("get", "/v1/services/{service_id}", "/v1/services/x", None),
        ("get", "/v1/areas/{level}", "/v1/areas/x", None),
        ("get", "/v1/services", "/v1/services?limit=0", None),
        ("get", "/v1/coverage", "/v1/coverage?category=nidi", None),
        ("get", "/v1/greyzones/changes", "/v1/greyzones/changes?since=x", None),
        ("get", "/v1/closures", "/v1/closures", None),
        ("get", "/maps/coverage.html", "/maps/coverage.html?level=x", None),
    ):
        answer = pack_server.client.request(method, address, json=sent)
        assert answer.status_code >= 400
        assert str(answer.status_code) in said["paths"][path][method]["responses"], address


def test_static_files_are_asked_again_by_their_tag(pack_server: Server) -> None:
    first = pack_server.client.get("/static/base.css").headers
    again = pack_server.client.get("/static/base.css", headers={"If-None-Match": first["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == first["cache-control"]


@pytest.mark.parametrize(
    ("address", "policy"),
    [("/", "same-origin"), ("/embed", "cross-origin"), (LISTS[0], "cross-origin")],
)
def test_other_sites_hold_what_is_made_for_them(
    pack_server: Server, address: str, policy: str
) -> None:
    headers = pack_server.client.get(address).headers
    assert headers["cross-origin-resource-policy"] == policy


def test_a_page_may_ask_for_the_position_and_nothing_else(pack_server: Server) -> None:
    headers = pack_server.client.get("/").headers
    assert headers["permissions-policy"].startswith("geolocation=(self), camera=()")
    assert headers["cross-origin-opener-policy"] == "same-origin"
    static = pack_server.client.get("/static/base.css").headers
    assert static["cache-control"] == "public, max-age=3600, must-revalidate"


@pytest.mark.parametrize(
    "body",
    [
        {"categories": [1] * 20_000},
        {"categories": [f"c{number}" for number in range(6_000)]},
        {"categories": ["n" * 60_000]},
        {"languages": [f"l{number}" for number in range(6_000)]},
    ],
)
def test_a_list_without_end_is_refused_at_once(pack_server: Server, body: dict) -> None:
    answer = pack_server.client.post("/v1/nearest", json={"where": DUOMO, **body})
    said = problem(answer, 422)
    assert len(said["detail"]) < 300


def test_a_value_that_is_given_again_counts_once(pack_server: Server) -> None:
    once = {"categories": ["consultorio"], "languages": ["ar"]}
    again = {name: values * 101 for name, values in once.items()}
    assert pack_server.nearest(DUOMO, **again) == pack_server.nearest(DUOMO, **once)


@pytest.mark.parametrize(("letters", "status"), [(41, 404), (100, 404), (101, 422)])
def test_an_unknown_category_is_not_found_up_to_a_hundred_letters(
    pack_server: Server, letters: int, status: int
) -> None:
    client, code = pack_server.client, "c" * letters
    answers = [
        client.post("/v1/nearest", json={"where": DUOMO, "categories": [code]}),
        client.post("/v1/round", json={"where": DUOMO, "categories": [code, "nido"]}),
        client.get("/v1/services", params={"category": code}),
        client.get("/v1/coverage", params={"category": code}),
        client.get("/v1/greyzones", params={"category": code}),
    ]
    assert [answer.status_code for answer in answers] == [status] * len(answers)


def test_only_a_list_loses_one_of_its_values(pack_server: Server) -> None:
    page = pack_server.client.post("/", data={"nil": "Baggio", "without": "nil:x"})
    assert page.status_code in (200, 422)


def test_the_bodies_that_the_page_for_operators_shows_are_answered(pack_server: Server) -> None:
    page = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")
    bodies = re.findall(r"`(\{\"where\".*?\})`", page)
    assert len(bodies) == 2
    for body in bodies:
        answer = pack_server.client.post("/v1/nearest", json=json.loads(body))
        assert answer.status_code == 200, answer.text
