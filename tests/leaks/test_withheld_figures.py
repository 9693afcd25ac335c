"""What is hidden after its edition was published shapes nothing that anybody may read of it."""

import asyncio
import io
import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import httpx
import numpy as np
import pandas as pd
import pytest
import shapely
from pypdf import PdfReader

from api.app import PARTS, create_app
from api.settings import Settings
from ingest.locate import anchors_of, locator
from mapping.build import BuildInput
from mapping.edition.edition import PREVIOUS, Edition, current
from mapping.edition.withheld import withhold
from mapping.geocoding.civics import Civics, Middles
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.localities import Localities
from mapping.geocoding.withheld_numbers import without_numbers_of
from mapping.model import Provenance, Service
from mapping.territory.areas import Layers
from tests.commands import in_process
from tests.mapping.drawn import lines
from tests.mapping.drawn_city import EAST, MILANO, NORTH, build_some, place, service

METRES = 6000
UNLIKE = {"here": 2200, "there": 3400}
NUMBERS = (1, 51, 107, 111, 131, 141, 171, 251)
KEY = "segreto"
HIDDEN = f"prova:{KEY}"
OF_THE_SERVER = ("/metrics", "/health")
"""They tell of the server, and not of the edition."""
NIDO, OTHER = "category=nido", "category=farmacia"
FIGURES = (
    "/v1/coverage?{0}&level=section", "/v1/coverage?{0}", "/v1/greyzones?{0}",
    "/rete?lang=it&{0}", "/rete?{0}&level=section", "/rete?{0}&area=municipio:1",
    "/rete?{0}&zones=1&since={1}", "/rete/zone?lang=it&{0}", "/rete/valori.json?{0}&level=section",
    "/rete/zone.geojson?{0}&v={2}", "/rete/mappa.svg?{0}&level=section",
    "/rete.csv?{0}&level=section",
    "/rete.geojson?{0}", "/maps/coverage.html?{0}", "/rete/zona/municipio/1.html?{0}",
    "/rete/zona/nil/1.pdf?{0}", "/v1/greyzones/changes?{0}&since={1}",
)  # fmt: skip
"""Routes that show what was computed of a category, of an edition, or of two of them."""
OTHERS = (
    "/", "/ready", "/health", "/metrics", "/openapi.json", "/docs", "/robots.txt",
    "/v1/greyzones/changes?since={1}",
    "/v1/categories", "/v1/services?limit=1000", "/v1/services/prova:b", f"/v1/services/{HIDDEN}",
    "/v1/areas/section", "/v1/networks", "/v1/situations", "/v1/closures?{0}", "/v1/places?{0}",
    "/maps/services.html", "/tiles/areas/14/8610/5863.mvt", "/embed", "/sitemap.xml", "/servizi",
    "/servizi/prova:b", f"/servizi/{HIDDEN}", f"/segnala/{HIDDEN}", "/segnala/prova:b",
    "/rete/freschezza",
    "/rete/freschezza.csv", "/rete/scenario?{0}", "/rete/indicatori", "/giro", "/scheda",
)  # fmt: skip
POSTED = {
    "/v1/nearest": {"where": {"address": "via Disegnata 1"}, "categories": ["nido"], "count": 9},
    "/v1/round": {"where": {"address": "via Disegnata 1"}, "categories": ["nido", "farmacia"]},
    "/v1/isochrone": {"where": {"address": "via Disegnata 5"}, "minutes": [5]},
    "/v1/isochrone?of=a+service": {"service_id": HIDDEN, "minutes": [5]},
    "/v1/siting": {"category": "nido", "count": 1, "candidates": "nodes"},
    "/v1/scenario": {
        "category": "nido",
        "changes": [{"do": "add", "lon": place(300)[0], "lat": place(300)[1]}],
    },
}
FORMS = {
    "/": {"address": "via Disegnata 1", "category": "nido"},
    "/maps/nearest": {"address": "via Disegnata 1", "category": "nido"},
    "/servizi": {"words": "inventato"},
    "/rete/scenario": {"category": "nido"},
}
ASKED_BY_SCRIPTS = ("zone.geojson", "valori.json", "mappa.svg")
RECOMPUTED = {200: "si stanno ricalcolando", 503: "anew"}
"""How a page, and a problem document, say that figures wait for the next edition."""
NAMED = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")


class Answer(NamedTuple):
    status: int
    text: str
    caching: str


Answers = dict[str, Answer]


def _layers() -> Layers:
    shapes = [
        shapely.box(EAST + at, NORTH - 300, EAST + at + 500, NORTH + 300)
        for at in range(0, METRES, 500)
    ]
    sections = {
        "area_id": [f"{number}" for number in range(len(shapes))],
        "name": [None] * len(shapes),
        "residents": [100.0] * len(shapes),
    }
    whole = {"area_id": ["1"], "name": ["Disegnato"], "residents": [100.0 * len(shapes)]}
    outline = gpd.GeoDataFrame(whole, geometry=[shapely.union_all(shapes)], crs=MILANO.epsg)
    parts = gpd.GeoDataFrame(sections, geometry=shapes, crs=MILANO.epsg).to_crs(4326)
    ages = {f"class_{low}_{low + 4}": [10.0] * len(shapes) for low in range(0, 35, 5)}
    census = pd.DataFrame({"area_id": parts["area_id"], "residents": parts["residents"], **ages})
    whole_city = outline.to_crs(4326)
    return Layers(whole_city, whole_city, sections=parts, census=census)


def _at(metres: float, key: str, code: str) -> Service:
    one = service(metres, key, categories=(code,))
    (where,) = one.locations
    address = where.model_copy(update={"address": f"via Disegnata {_number(metres)}"})
    assured = Provenance(source_id="prova", assured_date="2026-02")
    return one.model_copy(update={"locations": (address,), "provenance": assured})


def _number(metres: float) -> int:
    return int(metres // 20) + 1


def _build(root: Path, unlike: Service) -> Edition:
    street = lines(("street", [(EAST - 100, NORTH), (EAST + METRES + 100, NORTH)]))
    street["name"] = "VIA DISEGNATA"
    known = _at(0, "a", "nido"), _at(METRES, "b", "nido"), _at(3000, "c", "farmacia")
    # Beside either place one without an address, which says the nearest number.
    near = [service(at + 40, f"beside {at}", categories=("farmacia",)) for at in UNLIKE.values()]
    services = [*known, *near, unlike]
    layers = _layers()
    found = locator(MILANO, layers, street, None, anchors_of(services, MILANO))
    given = BuildInput(MILANO, layers, street, None, found.gazetteer, services, sources=[])
    return build_some(given, root)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Publish two cities that differ in the place of one service, each after an older edition."""
    folders = {}
    for name, metres in UNLIKE.items():
        folders[name] = tmp_path_factory.mktemp(name)
        _build(folders[name] / "editions", _at(5000, "z", "nido"))
        _build(folders[name] / "editions", _at(metres, KEY, "nido"))
    return folders


def _hide(places: dict[str, Path]) -> None:
    for var in places.values():
        withhold(var / "editions", {HIDDEN})


def _asked(
    var: Path, patch: pytest.MonkeyPatch, templates: Sequence[str] = (*FIGURES, *OTHERS)
) -> Answers:
    patch.setenv("PROSSIMA_VAR", str(var))
    newest = current(var / "editions").name
    older = (var / "editions" / PREVIOUS).read_text(encoding="utf-8").strip()
    return asyncio.run(_answers(templates, older, newest))


async def _answers(templates: Sequence[str], older: str, newest: str) -> Answers:
    app = create_app(Settings())
    server = httpx.ASGITransport(app)
    found: Answers = {}
    async with httpx.AsyncClient(transport=server, base_url="http://localhost") as client:
        for template in templates:
            # To lay out a sheet takes a second: that of the other category tells nothing more.
            both = "{0}" in template and ".pdf" not in template
            for code in (NIDO, OTHER) if both else (NIDO,):
                address = template.format(code, older, newest)
                answer = await client.get(address)
                found[template.format(code, "E", "E")] = _said(answer)
        for address, body in POSTED.items():
            found[address] = _said(await client.post(address, json=body))
        for address, form in FORMS.items():
            found[f"form {address}"] = _said(await client.post(address, data=form))
        for number in NUMBERS:
            body = {"address": f"via Disegnata {number}"}
            found[f"geocode {number}"] = _said(await client.post("/v1/geocode", json=body))
    return found


def _said(answer: httpx.Response) -> Answer:
    is_pdf = answer.content.startswith(b"%PDF")
    text = _written(answer.content) if is_pdf else answer.text
    # Which of two editions of one second is the older, their hashes say.
    text = NAMED.sub("EDITION", text).replace(" selected", "")
    text = re.sub(r"[0-9a-f]{32}", "DRAWN", text)  # folium's names of layers are random
    text = re.sub(r'"seconds":[0-9.e-]+,"unit"', "SOLVED", text)  # how long a plan took
    return Answer(answer.status_code, text, answer.headers.get("Cache-Control", ""))


def _written(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def _differing(one: Answers, other: Answers) -> set[str]:
    return {
        address
        for address in one.keys() | other.keys()
        if one.get(address) != other.get(address) and address not in OF_THE_SERVER
    }


def _templates() -> Iterator[str]:
    for module in PARTS:
        for route in module.router.routes:
            yield from [route.path] if "GET" in route.methods else []


def test_every_route_is_asked() -> None:
    asked = [template.split("?")[0] for template in (*FIGURES, *OTHERS)]
    for template in _templates():
        pattern = re.sub(r"\{[^}]+\}", ".+", template)
        assert any(re.fullmatch(pattern, path) for path in asked), template


def test_where_a_service_stood_that_is_hidden_no_answer_tells(
    places: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = (_asked(var, monkeypatch) for var in places.values())
    telling = {template.format(NIDO, "E", "E") for template in FIGURES}
    told = _differing(here, there)
    assert telling | {f"/v1/services/{HIDDEN}", "geocode 111", "geocode 141"} <= told
    assert not [address for address in telling if "immutable" in here[address].caching]
    _hide(places)
    here, there = (_asked(var, monkeypatch) for var in places.values())
    assert _differing(here, there) == set()
    assert not [address for address, answer in here.items() if f"Inventato {KEY}" in answer.text]
    for address in telling:
        waits = RECOMPUTED[here[address].status]
        assert waits in here[address].text, address
    others = {template.format(OTHER, "E", "E") for template in FIGURES} & here.keys()
    assert {here[address].status for address in others} == {200}


def test_what_browsers_keep_is_asked_anew(
    places: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    var = places["here"]
    withhold(var / "editions", (), public={HIDDEN})
    monkeypatch.setenv("PROSSIMA_VAR", str(var))
    addresses = [f"/rete?{NIDO}", *(f"/rete/{name}?{NIDO}" for name in ASKED_BY_SCRIPTS)]

    async def asked() -> None:
        server = httpx.ASGITransport(create_app(Settings()))
        async with httpx.AsyncClient(transport=server, base_url="http://localhost") as client:
            kept = {address: await client.get(address) for address in addresses}
            known = {address: {"If-None-Match": kept[address].headers["etag"]} for address in kept}
            for address, headers in known.items():
                again = await client.get(address, headers=headers)
                assert (again.status_code, again.content) == (304, b"")
                assert again.headers["Cache-Control"] == "no-cache"
            _hide(places)
            for address, headers in known.items():
                again = await client.get(address, headers=headers)
                assert again.status_code in RECOMPUTED
                assert RECOMPUTED[again.status_code] in again.text

    asyncio.run(asked())


def test_commands_and_exports_leave_it_out_and_say_so(
    places: dict[str, Path], tmp_path: Path
) -> None:
    _hide(places)
    written = {}
    for name, var in places.items():
        settings = {**os.environ, "PROSSIMA_VAR": str(var)}
        for command in ("coverage", "greyzones"):
            words = command, "--category", "nido"
            done = in_process(words, typed="", cwd=tmp_path, settings=settings)
            assert (done.returncode, "computed anew" in done.stderr) == (2, True)
        words = "export", "csv", "--out", name
        done = in_process(words, typed="", cwd=tmp_path, settings=settings)
        assert (done.returncode, "'nido' are being computed anew" in done.stderr) == (0, True)
        edition = json.loads((tmp_path / name / "edition.json").read_text(encoding="utf-8"))
        assert edition["recomputed"] == ["nido"]
        written[name] = {
            path.name: NAMED.sub("", path.read_text(encoding="utf-8"))
            for path in (tmp_path / name).glob("*.csv")
        }
    assert "coverage.csv" in written["here"]
    assert written["here"] == written["there"]


def test_the_next_edition_shows_figures_again_and_compares_none_with_the_old(
    places: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _hide(places)
    for var in places.values():
        _build(var / "editions", _at(4600, "z", "nido"))
    figures = [template for template in FIGURES if ".pdf" not in template]
    here, there = (_asked(var, monkeypatch, figures) for var in places.values())
    assert _differing(here, there) == set()
    assert here[f"/v1/coverage?{NIDO}"].status == 200
    assert here[f"/v1/greyzones/changes?{NIDO}&since=E"].status == 503


def test_a_number_of_the_register_lies_between_its_neighbours_again() -> None:
    numbers = [1, 3, 5, 7, 9]
    x = np.array([0.0, 20.0, 99.0, 60.0, 80.0])
    civics = Civics(
        np.array([0, 5]), np.array(numbers), [None] * 5, ["1"] * 5, ["20100"] * 5, x, np.zeros(5),
        ["interpolated", "interpolated", "civic", "interpolated", "interpolated"],
        np.array([90.0, 80.0, 45.0, 85.0, 95.0]),
    )  # fmt: skip
    none = Middles(np.array([0]), ["1"], np.array([40.0]), np.zeros(1), np.array([50.0]))
    gazetteer = Gazetteer(Localities("Milano"), 32632, ["Via Segreta"], civics, none)
    after = without_numbers_of(gazetteer, ["via Segreta 5"], ["via Segreta 7", None])
    assert after.civics.x.tolist() == [0, 20, 40, 60, 80]
    assert (after.civics.precision[2], after.civics.error_metres[2]) == ("interpolated", 85)
    assert without_numbers_of(gazetteer, ["via Segreta 5"], ["via Segreta, 5"]) is gazetteer
