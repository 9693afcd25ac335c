"""Map tiles over real HTTP: as they lie in the edition, and in nobody's log."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mapping.edition.edition import Edition, current
from tests.api.conftest import Server, serving
from tests.api.waiting import until
from tests.mapping.drawn_city import drawn_city

# The drawn city lies in this tile of zoom 14.
HERE = "14/8610/5863"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory, pack: Path) -> Iterator[Server]:
    var = tmp_path_factory.mktemp("drawn_var")
    drawn_city(var / "editions", [], to_cut_tiles=True)
    with serving(var, pack, tmp_path_factory.mktemp("log") / "drawn.log") as server:
        yield server


def held(server: Server) -> Edition:
    return Edition.open(current(server.var / "editions"))


def ask(server: Server, tile: str, **headers: str) -> httpx.Response:
    return server.client.get(f"/tiles/{tile}", headers=headers)


def test_a_tile_travels_as_it_lies_in_the_edition(drawn: Server) -> None:
    content = held(drawn).tiles["areas"].tile(*map(int, HERE.split("/")))
    assert content is not None
    with drawn.client.stream("GET", f"/tiles/areas/{HERE}.mvt") as answer:
        raw = b"".join(answer.iter_raw())
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "gzip")
    assert raw == content
    plain = ask(drawn, f"areas/{HERE}.mvt", **{"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.content == gzip.decompress(content)
    assert plain.headers["Content-Type"] == "application/vnd.mapbox-vector-tile"


def test_a_tile_named_with_its_edition_is_kept_for_ever(drawn: Server) -> None:
    of = f"basemap/{HERE}.mvt"
    assert "immutable" in ask(drawn, f"{of}?v={held(drawn).id}").headers["Cache-Control"]
    for other in (of, f"{of}?v=20000101T000000Z-00000000"):
        assert ask(drawn, other).headers["Cache-Control"] == "no-cache"


def test_where_nothing_is_drawn_there_is_no_content(drawn: Server) -> None:
    answer = ask(drawn, "areas/14/0/0.mvt")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("tile", "status", "said"),
    [
        ("areas/14/99999/0.mvt", 422, "No tile 99999/0 at zoom 14"),
        ("areas/14/0/-1.mvt", 422, "No tile 0/-1 at zoom 14"),
        ("areas/99/0/0.mvt", 422, "No tile has zoom 99"),
        ("areas/a/0/0.mvt", 422, "path.zoom"),
        ("altro/14/0/0.mvt", 404, "no tiles 'altro', but: areas, basemap."),
    ],
)
def test_a_tile_that_cannot_be_is_a_problem(
    drawn: Server, tile: str, status: int, said: str
) -> None:
    answer = ask(drawn, tile)
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        status,
        "application/problem+json",
    )
    assert said in answer.json()["detail"]


def test_an_edition_without_maps_says_so(pack_server: Server) -> None:
    answer = ask(pack_server, f"basemap/{HERE}.mvt")
    assert answer.status_code == 404
    assert "no tiles 'basemap'" in answer.json()["detail"]


def test_the_log_says_nothing_of_tiles(drawn: Server) -> None:
    ask(drawn, f"areas/{HERE}.mvt")
    ask(drawn, "areas/14/99999/0.mvt")
    drawn.client.get("/health?canary")
    until(lambda: "GET /health" in drawn.log.read_text(encoding="utf-8"))
    log = drawn.log.read_text(encoding="utf-8")
    assert "canary" not in log
    assert "/tiles/" not in log
