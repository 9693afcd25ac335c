"""The whole way of a tutor and of a planner, on a phone, a tablet and a desk, in two directions."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.api.conftest import Server
from tests.api.tour import spoken

pytestmark = [pytest.mark.browser, pytest.mark.shared, pytest.mark.slow]

PATIENCE_MILLISECONDS = 120_000
DOUBLE_TAP_MILLISECONDS = 700
"""Two taps that are closer together are one gesture: the map comes nearer, and takes no point."""
SIZES = {"phone": (360, 740), "tablet": (768, 1024), "desk": (1280, 800)}
STREET, KNOWN = "via aldini", "ldini"
FILES = {"it": "scenario", "ar": "سيناريو"}
KEPT = "localStorage.length + sessionStorage.length + document.cookie.length"


@pytest.fixture(scope="module", autouse=True)
def patience() -> None:
    expect.set_options(timeout=PATIENCE_MILLISECONDS)


@dataclass
class Way:
    """A browser window of one size, one language, and all that its pages ask for."""

    context: BrowserContext
    origin: str
    size: str
    code: str
    asked: list[str]

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.goto(f"{self.origin}{spoken(path, self.code)}", wait_until="networkidle")
        return page


EVERY_CHANGE = {("phone", "ar")}
WAYS = [
    pytest.param(way, marks=[] if way in EVERY_CHANGE else pytest.mark.all, id="-".join(way))
    for way in product(SIZES, ["it", "ar"])
]


@pytest.fixture(params=WAYS)
def way(request, browser: Browser, milano_server: Server) -> Iterator[Way]:
    size, code = request.param
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        has_touch=size != "desk",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    asked: list[str] = []
    wrong: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    # The browser resolves no name but this one.
    origin = f"http://localhost:{milano_server.client.base_url.port}"
    yield Way(context, origin, size, code, asked)
    assert wrong == []
    assert [url for url in asked if not url.startswith((origin, "data:", "blob:"))] == []
    assert [url for url in asked if KNOWN in url] == []
    for page in context.pages:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.documentElement.dir") == ("rtl" if code == "ar" else "ltr")
        assert page.evaluate(KEPT) == 0
    context.close()


def search(page: Page) -> Locator:
    page.locator(".send button").first.click()
    page.locator("#answer-map").wait_for(state="attached")
    return page.locator(".result")


def ask_for(page: Page, category: str) -> None:
    wanted = page.locator(f"input[value={category}]")
    if not wanted.is_visible():
        page.locator(".need", has=wanted).locator("summary").click()
    wanted.check()


def test_a_tutor_searches_filters_walks_and_takes_a_card(way: Way) -> None:
    page = way.open("/")
    page.locator("#address").press_sequentially(STREET)
    page.locator("#places [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    ask_for(page, "consultorio")
    page.locator(".more > summary").click()
    page.locator("[name=profile][value=stroller]").check()
    assert search(page).count() > 1
    page.locator(".way").first.click()
    expect(page.locator("#map-part canvas")).to_be_visible()
    expect(page.locator("#map-part .pin").first).to_be_attached()
    expect(page.locator("#result-1")).to_have_class("result chosen")
    chips = page.locator(".chip").count()
    page.locator(".chip").first.click()
    expect(page.locator(".chip")).to_have_count(chips - 1)
    name = page.locator("#result-1 h2").inner_text()
    with page.expect_popup() as card:
        page.locator("#result-1 button[form=card]").click()
    expect(card.value.locator("main")).to_contain_text(name)


def test_a_tutor_taps_the_map_and_reports_what_is_wrong(way: Way) -> None:
    page = way.open("/")
    page.locator("#choose").click()
    canvas = page.locator("#map-part canvas")
    expect(page.locator("#centre")).to_be_enabled()
    for said in ("#nearer", "#point"):  # of the whole city no point is taken: the map comes nearer
        canvas.click() if way.size == "desk" else canvas.tap()
        expect(page.locator(said)).to_be_visible()
        page.wait_for_timeout(DOUBLE_TAP_MILLISECONDS)
    ask_for(page, "farmacia")
    assert search(page).count() > 1
    page.locator("#result-1 .facts-of summary").click()
    page.locator("#result-1 a[href^='/segnala/']").click()
    page.wait_for_url("**/segnala/**")
    page.locator("input[name=kind]").first.check()
    if way.size == "phone":  # a server takes five reports in ten minutes from one place
        page.locator("main button[type=submit]").click()
        expect(page.locator(".done")).to_be_visible()


def test_a_planner_chooses_selects_and_takes_away(way: Way) -> None:
    page = way.open("/rete?category=farmacia")
    expect(page.locator("#map canvas")).to_be_visible()
    page.locator("#indicator").select_option("seconds")
    page.wait_for_url("**indicator=seconds**")
    page.locator('.figures tr[data-area="10"] a').click()
    expect(page.locator("#scheda h2")).to_be_visible()
    with page.expect_download() as table:
        page.locator("a[href*='.csv']").click()
    assert table.value.path().stat().st_size > 1000
    with page.expect_download() as picture:
        page.locator("#png").click()
    assert picture.value.path().read_bytes().startswith(b"\x89PNG")
    report = page.locator("a[href*='/rete/zona/']").first.get_attribute("href")
    printed = way.context.request.get(f"{way.origin}{report}", timeout=PATIENCE_MILLISECONDS)
    assert printed.body().startswith(b"%PDF")


def test_a_planner_weighs_a_new_service_and_keeps_it_as_a_file(way: Way) -> None:
    page = way.open("/rete/scenario?category=farmacia")
    expect(page.locator("#scenario-map canvas")).to_be_visible()
    page.locator("#place-centre").click()
    page.locator("#place-do").click()
    expect(page.locator("#changes tr")).to_have_count(1)
    page.locator("#weigh").click()
    expect(page.locator(".verdict")).to_be_visible()
    with page.expect_download() as kept:
        page.locator("#save").click()
    assert kept.value.suggested_filename == f"{FILES[way.code]}-farmacia.json"
