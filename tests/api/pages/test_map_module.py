"""The map of the pages in a real browser: it draws, it answers, it asks its own host alone."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import uvicorn
from fastapi import FastAPI, Response
from playwright.sync_api import Browser, Page

from api.app import create_app
from api.pages.rendering import templates
from api.published import Published
from api.settings import Settings
from mapping.edition.edition import Edition
from tests.api.conftest import FLAT
from tests.mapping.drawn_city import drawn_city, place

pytestmark = pytest.mark.browser

PATIENCE_SECONDS = 60
LON, LAT = place(500)
PAGE = """<!doctype html><html lang="it"><title>Prova</title>
<link rel="stylesheet" href="/static/base.css"><link rel="icon" href="/static/prossima.svg">
{% from "map.html" import map_of with context %}{{ map_of("prova", "Mappa di prova") }}
<p id="list">L'elenco</p>{{ canary | safe }}
<script type="module" src="/prova.mjs"></script></html>"""
SCRIPT = f"""
import * as maps from "/static/map.mjs";
const at = {{ center: [{LON}, {LAT}], zoom: 14, areas: true }};
const map = await maps.openMap(document.getElementById("prova"), at);
if (map) {{
  maps.addMarkers(map, [{{ lon: {LON}, lat: {LAT}, label: "1", text: "Inventato" }}],
    {{ onSelect: (feature) => {{ window.chosen = feature.text; }} }});
  maps.addAreas(map, "section", {{ onSelect: (area) => {{ window.area = area; }} }});
  maps.colourAreas(map, "section", {{ 1: "#ff0000" }});
  map.once("idle", () => {{ window.drawn = true; }});
}}
Object.assign(window, {{ map, maps, opened: true }});
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    var = tmp_path_factory.mktemp("drawn_var")
    edition = drawn_city(var / "editions", [], to_cut_tiles=True)
    app = create_app(Settings(var=var))
    app.get("/prova.mjs")(lambda: Response(SCRIPT, media_type="text/javascript"))
    for name, canary in {"prova": "", "canary": "<img src='https://canary.invalid/p.png'>"}.items():
        _page(app, edition, f"/{name}", canary)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    _until(lambda: server.started)
    yield f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def _page(app: FastAPI, edition: Edition, path: str, canary: str) -> None:
    backdrop = replace(Published(edition).backdrop, attributions=("Fonte <inventata>",))
    told = {"edition": edition.id, "backdrop": backdrop, "canary": canary}
    html = templates("it").from_string(PAGE).render(told)
    app.get(path)(lambda: Response(html, media_type="text/html"))


def _until(done: Callable[[], object]) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < give_up
        time.sleep(0.05)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    yield page
    page.close()


def visit(page: Page, address: str, until: str = "window.drawn") -> tuple[list[str], list[str]]:
    """Open a page; give what it asked for and what went wrong."""
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
    page.goto(address)
    # A strict content policy forbids Playwright's own waiting, which compiles a function.
    _until(lambda: page.evaluate(until))
    return asked, wrong


def test_the_map_draws_and_asks_its_own_host_alone(page: Page, site: str) -> None:
    asked, wrong = visit(page, f"{site}/prova")
    assert wrong == []
    assert [url for url in asked if not url.startswith((site, "blob:", "data:"))] == []
    assert any("/tiles/basemap/14/" in url for url in asked)
    drawn = page.evaluate("map.queryRenderedFeatures().map((one) => one.layer.id)")
    assert {"street", "fill-section"} <= set(drawn)


def test_a_canary_shows_that_a_foreign_request_would_be_seen(page: Page, site: str) -> None:
    asked, _ = visit(page, f"{site}/canary")
    assert "https://canary.invalid/p.png" in asked


def test_a_place_and_an_area_answer_to_whoever_chooses_them(page: Page, site: str) -> None:
    visit(page, f"{site}/prova")
    pin = page.get_by_role("button", name="Inventato")
    pin.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("window.chosen") == "Inventato"
    canvas = page.get_by_role("region", name="Mappa di prova")
    canvas.click(position={"x": 60, "y": 60})
    assert page.evaluate("window.area") == {"area_id": "1", "name": "Disegnato"}


def test_the_map_follows_the_scheme_and_keeps_what_a_page_has_added(page: Page, site: str) -> None:
    visit(page, f"{site}/prova")
    ground = "map.getPaintProperty('ground', 'background-color')"
    page.emulate_media(color_scheme="dark")
    _until(lambda: page.evaluate(ground) == page.evaluate("maps.schemeColours.dark.ground"))
    page.emulate_media(color_scheme="light")
    _until(lambda: page.evaluate(ground) == page.evaluate("maps.schemeColours.light.ground"))
    assert page.evaluate("Boolean(map.getLayer('fill-section'))")


def test_the_map_names_its_sources_and_its_buttons(page: Page, site: str) -> None:
    visit(page, f"{site}/prova")
    assert "Fonte <inventata>" in page.locator(".map-credit").inner_text()
    assert page.locator(".maplibregl-ctrl-zoom-in").get_attribute("aria-label") == (
        "Ingrandisci la mappa"
    )


def test_tiles_that_never_come_leave_the_page_usable(page: Page, site: str) -> None:
    page.route("**/tiles/**", lambda _: None)
    visit(page, f"{site}/prova", until="window.opened")
    page.get_by_text("La mappa arriva lentamente").wait_for()
    page.get_by_role("button", name="Inventato").click()
    assert page.evaluate("window.chosen") == "Inventato"


def test_without_webgl_a_sentence_stands_for_the_map(
    browser: Browser, chromium: str, site: str
) -> None:
    with browser.browser_type.launch(executable_path=chromium, args=FLAT) as flat:
        page = flat.new_page()
        _, wrong = visit(page, f"{site}/prova", until="window.opened")
        assert wrong == []
        assert "non riesce a disegnare la mappa" in page.locator("#prova").inner_text()
        assert page.locator("#list").is_visible()
