"""The planner's journey in a real browser: choose, read, select, sort, share, take away."""

import csv
from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Error, Page, Route, expect

from tests.api.conftest import FLAT, Server

pytestmark = [pytest.mark.browser, pytest.mark.shared]
SLOW_MILLISECONDS = 60_000


@pytest.fixture(scope="module", autouse=True)
def patience() -> None:
    expect.set_options(timeout=SLOW_MILLISECONDS)


@pytest.fixture
def screen(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="it-IT")
    context.set_default_timeout(SLOW_MILLISECONDS)
    yield context.new_page()
    context.close()


def open_rete(page: Page, server: Server, query: str = "") -> None:
    page.goto(f"http://localhost:{server.client.base_url.port}/rete?{query}")
    expect(page.locator("html")).to_have_class("scripted")


def rows(page: Page) -> list[str]:
    return page.locator(".figures tbody tr").all_inner_texts()


def test_choices_live_in_the_address_and_a_shared_link_gives_the_same_screen(
    screen: Page, milano_server: Server, browser: Browser
):
    open_rete(screen, milano_server, "category=farmacia")
    screen.get_by_label("Indicatore", exact=True).select_option("seconds")
    expect(screen.locator("h1")).to_contain_text("minuti al servizio più vicino")
    screen.get_by_role("link", name="Area", exact=True).click()
    expect(screen.locator("th[aria-sort]")).to_contain_text("Area")
    there = browser.new_context(locale="it-IT").new_page()
    there.goto(screen.url)
    assert "indicator=seconds" in screen.url
    assert rows(there) == rows(screen)


def test_an_area_is_read_and_opened_from_the_table(screen: Page, milano_server: Server):
    open_rete(screen, milano_server, "category=farmacia&indicator=seconds")
    expect(screen.locator("#map canvas")).to_be_visible()
    row = screen.locator('.figures tr[data-area="10"]')
    row.hover()
    expect(screen.locator("#readout")).to_contain_text("Stazione Centrale - Ponte Seveso: ")
    row.get_by_role("link").press("Enter")
    expect(screen.locator("#scheda h2")).to_have_text("Stazione Centrale - Ponte Seveso")
    expect(screen.locator('.figures tr[aria-current="true"]')).to_have_attribute("data-area", "10")
    expect(row.get_by_role("link")).to_be_focused()
    screen.get_by_role("link", name="Chiudi la scheda").click()
    expect(screen.locator("#scheda")).to_have_count(0)


def test_an_answer_that_was_overtaken_colours_nothing(screen: Page, milano_server: Server):
    open_rete(screen, milano_server, "category=farmacia&indicator=seconds")
    expect(screen.locator("#map canvas")).to_be_visible()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    screen.route("**/rete/valori.json*", hold)
    with screen.expect_request("**/rete/valori.json*"):
        screen.get_by_label("Per", exact=True).select_option("section")
    screen.get_by_label("Per", exact=True).select_option("nil")
    expect(screen.locator('.figures tr[data-area="10"]')).to_have_count(1)
    expect(screen.locator("#board")).not_to_have_attribute("aria-busy", "true")
    for route in held:
        with suppress(Error):  # the page no longer waits for it
            route.fulfill(response=route.fetch())
    screen.wait_for_timeout(500)
    screen.locator('.figures tr[data-area="10"]').hover()
    expect(screen.locator("#readout")).to_contain_text("Stazione Centrale - Ponte Seveso: ")


def test_an_area_is_opened_from_the_map(screen: Page, milano_server: Server):
    open_rete(screen, milano_server, "category=farmacia&level=municipio&indicator=seconds")
    canvas = screen.locator("#map canvas")
    expect(canvas).to_be_visible()
    expect(screen.locator("#map .map-note")).to_have_count(0)
    box = canvas.bounding_box()
    assert box
    middle = {"x": box["width"] / 2, "y": box["height"] / 2}
    # Until the tiles are there, nothing is under the pointer.
    for _ in range(30):
        canvas.hover(position=middle)
        canvas.hover(position={**middle, "x": middle["x"] + 2})
        if ":" in screen.locator("#readout").inner_text():
            break
        screen.wait_for_timeout(500)
    name = screen.locator("#readout strong").inner_text()
    canvas.click(position=middle)
    expect(screen.locator("#scheda h2")).to_have_text(name)


def test_what_is_on_the_screen_is_taken_away(screen: Page, milano_server: Server):
    open_rete(screen, milano_server, "category=farmacia&level=municipio&indicator=seconds")
    with screen.expect_download() as taken:
        screen.get_by_role("link", name="Tabella (CSV)").click()
    with taken.value.path().open(encoding="utf-8-sig", newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == [
            text.split("\t")[0].strip() for text in rows(screen)
        ]
    expect(screen.locator("#map canvas")).to_be_visible()
    with screen.expect_download() as taken:
        screen.get_by_role("button", name="Immagine della mappa (PNG)").click()
    assert taken.value.path().read_bytes().startswith(b"\x89PNG")


def test_without_webgl_the_map_is_an_image_and_the_table_is_whole(
    chromium: str, browser: Browser, milano_server: Server
):
    with browser.browser_type.launch(executable_path=chromium, args=FLAT) as other:
        page = other.new_page()
        open_rete(page, milano_server, "category=farmacia&level=municipio&lang=it")
        expect(page.locator("#map img.still")).to_be_visible()
        expect(page.locator("#map")).to_contain_text("non riesce a disegnare la mappa")
        assert len(rows(page)) == 9


def test_a_server_that_is_gone_is_told(screen: Page, milano_server: Server):
    open_rete(screen, milano_server, "category=farmacia&level=municipio")
    screen.context.set_offline(offline=True)
    screen.get_by_label("Indicatore", exact=True).select_option("seconds")
    expect(screen.locator("#state")).to_contain_text("Il server non risponde")
