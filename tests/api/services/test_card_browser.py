"""The card in a browser: it fits a phone, prints as one sheet, and asks nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.api.conftest import Server, serving
from tests.api.services.test_card import FULL, LONG, pages
from tests.mapping.drawn_city import drawn_city, service

PATIENCE = 120_000
FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    var = tmp_path_factory.mktemp("cards")
    services = [service(900, "full", **FULL), service(500, "long", **LONG)]
    drawn_city(var / "editions", services)
    with serving(var, pack, tmp_path_factory.mktemp("log") / "cards.log") as running:
        yield running


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.mark.parametrize("paper", ["a4", "a5"])
@pytest.mark.parametrize("key", ["full", "long"])
@pytest.mark.parametrize("lang", ["it", "ar"])
def test_the_page_fits_a_phone_and_prints_as_one_sheet(
    server: Server, browser: Browser, key: str, lang: str, paper: str
) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.set_default_timeout(PATIENCE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    address = f"{server.client.base_url}/scheda?service=prova:{key}&lang={lang}&paper={paper}"
    page.goto(address, wait_until="networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert pages(page.pdf(prefer_css_page_size=True)) == 1
    page.emulate_media(media="print")
    page.set_viewport_size({"width": {"a4": 703, "a5": 491}[paper], "height": 1000})
    hidden = "(sheet => sheet.scrollHeight - sheet.clientHeight)(document.querySelector('.sheet'))"
    assert page.evaluate(hidden) <= 1, "something is cut off where nobody says so"
    assert all(url.startswith(str(server.client.base_url)) for url in asked)
    page.close()


def test_the_language_changes_and_the_place_is_not_in_the_address(
    server: Server, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.set_default_timeout(PATIENCE)
    page.goto(f"{server.client.base_url}/scheda?service=prova:full&lang=it")
    page.click(".languages summary")
    page.click(".languages button[lang=ar]")
    page.wait_for_load_state("networkidle")
    assert page.locator(".sheet").get_attribute("dir") == "rtl"
    assert page.url.endswith("/scheda?lang=ar")
    assert page.locator("#print").is_visible()
    page.close()
