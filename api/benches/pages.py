"""What the pages weigh, and how fast they answer, in a real browser on this machine."""

import shutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from api.benches.contest import RUNS, limit_row
from api.benches.job import serve
from api.settings import Settings
from mapping.city import city

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request, ViewportSize

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# There may be no graphics card: the processor draws the maps then.
FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
PHONE: "ViewportSize" = {"width": 360, "height": 740}
DESK: "ViewportSize" = {"width": 1280, "height": 800}
PATIENCE_MILLISECONDS, PAUSE_MILLISECONDS = 60_000, 1500
FIRST_VIEW_KILOBYTES, MAP_KILOBYTES, ANSWER_MILLISECONDS = 350, 800, 150
FRAME_MILLISECONDS = 50
"""Twenty frames a second: what moves slower is seen to jump."""
WHOLE = (
    "Half of the time is the server's, for a new table and its colours; the rest is laying the"
    " table out and painting it and the map."
)

ASK = """([lon, lat]) => new Promise((answered) => {
  const form = document.getElementById("ask");
  form.elements.lon.value = lon;
  form.elements.lat.value = lat;
  form.elements.category[0].checked = true;
  const began = performance.now();
  new MutationObserver((_, watch) => {
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => answered(performance.now() - began)));
  }).observe(document.getElementById("tutor"), {childList: true});
  form.requestSubmit();
})"""
CHOOSE = """(name) => new Promise((answered) => {
  const select = document.getElementById(name);
  select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
  const board = document.getElementById("board");
  const began = performance.now();
  new MutationObserver((_, watch) => {
    if (board.hasAttribute("aria-busy")) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => answered(performance.now() - began)));
  }).observe(board, {attributeFilter: ["aria-busy"]});
  select.dispatchEvent(new Event("change", {bubbles: true}));
})"""
MOVE = """async () => {
  const map = (await import("/static/rete.mjs")).mainMap();
  if (!map?.getLayer("fill-section")) return null;
  if (!map.areTilesLoaded()) await map.once("idle");
  const frames = [];
  let before = performance.now();
  const count = (now) => { frames.push(now - before); before = now; requestAnimationFrame(count); };
  requestAnimationFrame(count);
  for (const way of [[400, 0], [0, 300], [-400, 0], [0, -300]]) {
    map.panBy(way, {duration: 1000});
    await map.once("moveend");
  }
  const shown = map.queryRenderedFeatures({layers: ["fill-section"]});
  return {frames, areas: new Set(shown.map((one) => one.id)).size};
}"""


def browse(settings: Settings, variables: dict[str, str]) -> list[dict[str, Any]]:
    """Open the tutor's and the planner's page, ask them, and move the map.

    There are no rows where no browser is installed.
    """
    if CHROMIUM is None or find_spec("playwright") is None:
        return []
    with serve(variables) as origin, _browser() as browser:
        return [*_tutor(browser, origin, city(settings.city).centre), *_planner(browser, origin)]


@contextmanager
def _browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only for the pages

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def _tutor(
    browser: "Browser", origin: str, centre: tuple[float, float]
) -> Iterator[dict[str, Any]]:
    # A public place in the middle of the city: no family lives there.
    with _page(browser, PHONE) as (page, loaded):
        page.goto(origin, wait_until="networkidle")
        yield limit_row("/, first view, compressed", _kilobytes(loaded), FIRST_VIEW_KILOBYTES, "kB")
        waits = [_calm(page).evaluate(ASK, centre) for _ in range(RUNS + 1)]
        yield _answered("/, question to answer", waits)
        loaded.clear()
        page.goto(origin, wait_until="networkidle")
        _calm(page).evaluate(ASK, centre)
        page.click("#show-map")
        _calm(page)
        yield limit_row("/, with an answer and the map", _kilobytes(loaded), MAP_KILOBYTES, "kB")


def _planner(browser: "Browser", origin: str) -> Iterator[dict[str, Any]]:
    with _page(browser, DESK) as (page, _):
        page.goto(f"{origin}/rete", wait_until="networkidle")
        for name in ("indicator", "profile"):
            waits = [_calm(page).evaluate(CHOOSE, name) for _ in range(RUNS + 1)]
            yield _answered(f"/rete, another {name}, to all its colours", waits) | {"lost": WHOLE}
        page.goto(f"{origin}/rete?level=section", wait_until="networkidle")
        if moved := _calm(page).evaluate(MOVE):
            work = f"/rete, a frame while {moved['areas']:,} sections move"
            yield limit_row(work, statistics.median(moved["frames"]), FRAME_MILLISECONDS, "ms")


def _kilobytes(loaded: list["Request"]) -> float:
    return sum(request.sizes()["responseBodySize"] for request in loaded) / 1e3


def _calm(page: "Page") -> "Page":
    # Nobody asks again before the map has come to rest.
    page.wait_for_timeout(PAUSE_MILLISECONDS)
    return page


def _answered(work: str, waits: list[float]) -> dict[str, Any]:
    # The first question of a server wakes what the others find awake.
    return limit_row(work, statistics.median(waits[1:]), ANSWER_MILLISECONDS, "ms")


@contextmanager
def _page(browser: "Browser", size: "ViewportSize") -> Iterator[tuple["Page", list["Request"]]]:
    """Open an empty page, and a list of all that it loads."""
    context = browser.new_context(viewport=size)
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    page, loaded = context.new_page(), list["Request"]()

    def finished(request: "Request") -> None:
        loaded.append(request)

    page.on("requestfinished", finished)
    yield page, loaded
    context.close()
