"""The maps in a real browser: they draw, they answer to the pointer, they ask nobody else."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from api import assets
from mapping.maps.folium_maps import MapOrigin, nearest_map, services_map
from tests.mapping import drawn_tables as drawn

pytestmark = pytest.mark.browser

ORIGIN = MapOrigin(9.001, 45.001, "Partenza di prova")
# A name that cannot be resolved (RFC 6761): the canary's request fails, but it is seen.
CANARY = "<img src='https://canary.invalid/pixel.png'>"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    areas, hostile = drawn.areas(name=drawn.HOSTILE), drawn.service(name=drawn.HOSTILE)
    nearest = nearest_map(ORIGIN, [drawn.stop(name=drawn.HOSTILE)], areas, drawn.FRAME)
    return {
        "services": services_map(drawn.services(hostile), areas, drawn.FRAME),
        "coverage": drawn.coverage_map(areas),
        "nearest": nearest,
        "canary": nearest.replace("<main>", f"<main>{CANARY}"),
    }


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, pages: dict[str, str]) -> Iterator[str]:
    root: Path = tmp_path_factory.mktemp("site")
    (root / "static").mkdir()
    (root / "static" / "vendor").symlink_to(assets.VENDOR)
    (root / "favicon.ico").touch()
    for name, html in pages.items():
        (root / f"{name}.html").write_text(html, encoding="utf-8")
    handler = functools.partial(Quiet, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1100, "height": 800})
    yield page
    page.close()


def visit(page: Page, address: str) -> tuple[list[str], list[str]]:
    """Open a page; give the requests it made and the errors it met."""
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    page.on("response", lambda answer: answer.ok or wrong.append(answer.url))
    page.goto(address, wait_until="networkidle")
    return asked, wrong


@pytest.mark.parametrize("name", ["services", "coverage", "nearest"])
def test_page_draws_without_errors_and_asks_only_its_own_host(page: Page, site: str, name: str):
    asked, wrong = visit(page, f"{site}{name}.html")
    assert wrong == []
    assert f"{site}static/vendor/leaflet/leaflet.js" in asked
    assert [url for url in asked if not url.startswith(site)] == []
    assert page.locator(".leaflet-overlay-pane canvas").count() == 1


def test_canary_shows_that_a_foreign_request_would_be_seen(page: Page, site: str):
    asked, _ = visit(page, f"{site}canary.html")
    assert [url for url in asked if not url.startswith(site)] == [
        "https://canary.invalid/pixel.png"
    ]


def test_hostile_name_opens_as_text_in_the_popup(page: Page, site: str):
    _, wrong = visit(page, f"{site}nearest.html")
    page.locator(".place.stop").wait_for()
    spot = page.locator(".place.stop").bounding_box()
    assert spot
    page.mouse.click(spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2)
    card = page.locator(".leaflet-popup .card")
    assert card.locator("strong").inner_text() == drawn.HOSTILE.replace("  ", " ")
    assert "5 min, 400 m" in card.inner_text()
    assert page.locator("img[src=x]").count() == 0
    assert wrong == []


def test_reader_can_change_from_classes_to_minutes(page: Page, site: str):
    visit(page, f"{site}coverage.html")
    before = page.locator(".leaflet-overlay-pane canvas").screenshot()
    page.get_by_label("Minuti a piedi").check()
    page.wait_for_timeout(300)
    assert page.locator(".leaflet-overlay-pane canvas").screenshot() != before
    assert page.get_by_label("Classi", exact=True).is_checked() is False


def test_page_without_javascript_still_has_the_table(browser: Browser, site: str):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    visit(page, f"{site}nearest.html")
    assert page.get_by_role("cell", name="5 min, 400 m").is_visible()
    context.close()
