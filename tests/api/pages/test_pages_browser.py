"""All pages in a real browser: for everybody, on every screen, without JavaScript, in private."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from api.assets import VENDOR
from tests.api.conftest import Server
from tests.api.pages.test_maps_browser import CANARY
from tests.api.tour import STOPS, Stop, spoken, stop

pytestmark = [pytest.mark.browser, pytest.mark.shared, pytest.mark.slow]

AXE = (VENDOR / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
PATIENCE_MILLISECONDS = 120_000
# Each pair of a language, a scheme and a width is met once.
SCREENS = [("it", "light", 360), ("ar", "dark", 360), ("it", "dark", 1280), ("ar", "light", 1280)]
# A page is met on one of them, in turn, and on the others where everything is tested.
VISITS = [
    pytest.param(name, *size, marks=[] if turn % len(SCREENS) == number else pytest.mark.all)
    for turn, name in enumerate(STOPS)
    for number, size in enumerate(SCREENS)
]
POST = """([path, form]) => {
  const sent = document.createElement("form");
  Object.assign(sent, {method: "post", action: path});
  for (const [name, said] of Object.entries(form)) {
    for (const value of [said].flat()) {
      const input = document.createElement("input");
      Object.assign(input, {type: "hidden", name, value});
      sent.append(input);
    }
  }
  document.body.append(sent);
  sent.submit();
}"""
OPEN = "document.querySelectorAll('main details').forEach((one) => { one.open = true; })"
FOCUSED = "(wanted) => document.activeElement.matches(wanted)"


@contextmanager
def screen(browser: Browser, **options: object) -> Iterator[BrowserContext]:
    context = browser.new_context(reduced_motion="reduce", **options)
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    yield context
    context.close()


def origin(server: Server) -> str:
    # The browser resolves no name but this one.
    return f"http://localhost:{server.client.base_url.port}"


def visit(page: Page, server: Server, wanted: Stop, code: str) -> list[str]:
    """Open a page; give the addresses that it asked for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    path = spoken(wanted.path, code)
    if wanted.form:
        page.goto(f"{origin(server)}/docs")
        with page.expect_navigation():
            page.evaluate(POST, [path, wanted.form])
    else:
        page.goto(f"{origin(server)}{path}")
    page.wait_for_load_state("networkidle")
    return asked


def violations(page: Page) -> list[str]:
    page.evaluate(OPEN)
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        f"{rule['id']} {node['target']}: {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def walk_to(page: Page, wanted: str, most: int = 150) -> None:
    """Press Tab until something has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED, wanted):
            return
    pytest.fail(f"{wanted} was not reached with {most} tabs")


@pytest.mark.parametrize(("name", "code", "scheme", "width"), VISITS)
def test_page_has_no_barrier_and_asks_only_its_own_server(
    browser: Browser, milano_server: Server, name: str, code: str, scheme: str, width: int
):
    size = {"width": width, "height": 740}
    with screen(browser, viewport=size, color_scheme=scheme) as context:
        page = context.new_page()
        asked = visit(page, milano_server, stop(name, milano_server), code)
        assert page.evaluate("document.documentElement.lang") == code
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []
        ours = (origin(milano_server), "data:", "blob:")
        assert [url for url in asked if not url.startswith(ours)] == []


def test_a_barrier_and_a_foreign_request_would_be_seen(browser: Browser, milano_server: Server):
    def plant(route: Route) -> None:
        html = route.fetch().text().replace("<main", f"{CANARY}<main")
        route.fulfill(body=html, content_type="text/html")

    with screen(browser) as context:
        page = context.new_page()
        page.route("**/servizi?lang=it", plant)
        asked = visit(page, milano_server, STOPS["services"], "it")
        assert "https://canary.invalid/pixel.png" in asked
        assert any("image-alt" in said for said in violations(page))


def test_a_tutor_needs_no_mouse(browser: Browser, milano_server: Server):
    with screen(browser, viewport={"width": 360, "height": 740}) as context:
        page = context.new_page()
        visit(page, milano_server, STOPS["home"], "it")
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUSED, ".skip")
        page.keyboard.press("Enter")
        assert page.evaluate(FOCUSED, "#main")
        walk_to(page, "#address")
        page.keyboard.type("via Aldini 72")
        walk_to(page, ".need summary")
        page.keyboard.press("Enter")
        walk_to(page, "input[value=consultorio]")
        page.keyboard.press("Space")
        walk_to(page, ".send button")
        page.keyboard.press("Enter")
        page.locator("#answer-map").wait_for(state="attached")
        walk_to(page, ".facts-of summary")
        page.keyboard.press("Enter")
        walk_to(page, ".facts-of a[href^='/segnala/']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/segnala/**")
        walk_to(page, "input[name=kind]")
        page.keyboard.press("Space")
        walk_to(page, "main button[type=submit]")
        page.keyboard.press("Enter")
        expect(page.locator(".done")).to_be_visible()


def test_a_planner_needs_no_mouse(browser: Browser, milano_server: Server):
    with screen(browser, viewport={"width": 1280, "height": 740}) as context:
        page = context.new_page()
        visit(page, milano_server, STOPS["network"], "it")
        before = page.locator("h1").inner_text()
        walk_to(page, "#indicator")
        page.keyboard.press("ArrowDown")
        expect(page.locator("h1")).not_to_have_text(before)
        walk_to(page, ".figures tbody a")
        page.keyboard.press("Enter")
        page.wait_for_url("**area=nil**")
        expect(page.locator("#scheda h2").first).to_be_visible()


def test_without_javascript_a_tutor_asks_prints_and_reports(
    browser: Browser, milano_server: Server
):
    size = {"width": 360, "height": 740}
    with screen(browser, viewport=size, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{origin(milano_server)}/?lang=ar")
        page.locator("#address").fill("via Aldini 72")
        page.locator(".need summary").first.click()
        page.locator("input[value=consultorio]").check()
        page.locator(".send button").first.click()
        with context.expect_page() as opened:
            page.locator("button[name=service]").first.click()
        assert opened.value.locator("html").get_attribute("dir") == "rtl"
        assert opened.value.locator("svg").count() >= 1
        page.locator(".facts-of summary").first.click()
        page.locator(".facts-of a[href^='/segnala/']").first.click()
        page.locator("input[name=kind]").first.check()
        page.locator("main button[type=submit]").click()
        expect(page.locator(".done")).to_be_visible()


def test_without_javascript_a_planner_chooses_and_reads(browser: Browser, milano_server: Server):
    with screen(browser, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{origin(milano_server)}/rete?lang=it")
        page.locator("#category").select_option("farmacia")
        page.locator("#indicator").select_option("seconds")
        page.locator("#choices button").click()
        assert "category=farmacia" in page.url
        page.locator(".figures tbody a").first.click()
        assert "area=nil" in page.url
        assert page.locator("#scheda table").count() >= 1
