"""Scenarios in a real browser: by keyboard alone, saved, loaded, read by the command."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.conftest import serving
from tests.mapping.siting.test_answers import drawn, nido

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>"
PATIENCE_MILLISECONDS = 60_000
WEST = "prova:ovest|prova:ovest@1"


@pytest.fixture(scope="module")
def var(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("journey")
    drawn(folder / "editions", nido("ovest", 0, capacity=30), nido(HOSTILE, 300))
    return folder


@pytest.fixture(scope="module")
def site(var: Path, pack: Path, tmp_path_factory) -> Iterator[str]:
    with serving(var, pack, tmp_path_factory.mktemp("log") / "journey.log") as server:
        yield str(server.client.base_url).replace("127.0.0.1", "localhost").rstrip("/")


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """Open the editor; every request stays on the server, and nothing goes wrong."""
    page = browser.new_page(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{site}/rete/scenario?category=nido&lang=it", wait_until="networkidle")
    yield page
    assert wrong == []
    assert [url for url in asked if not url.startswith((site, "blob:"))] == []
    assert (
        page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    )
    page.close()


def put(page: Page, name: str, places: str = "") -> None:
    """Put a service, new or chosen, at a public place, with the keyboard alone."""
    field = page.locator("#place-text")
    field.focus()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.locator("#place-list")).to_be_focused(timeout=PATIENCE_MILLISECONDS)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    if places:
        page.locator("#place-places").fill(places)
    page.locator("#place-do").press("Enter")


def choose(page: Page, service: str) -> None:
    page.locator(f"#services tr[data-id='{service}'] .choose").press("Enter")
    expect(page.locator("#chosen-name")).to_be_focused()


def changes(page: Page) -> list[dict]:
    return json.loads(page.locator("#scenario-text").input_value())["changes"]


def weigh(page: Page) -> str:
    page.locator("#weigh").press("Enter")
    expect(page.locator("#scenario-answer")).to_be_focused(timeout=PATIENCE_MILLISECONDS)
    return page.locator(".verdict").inner_text()


def test_a_planner_adds_moves_closes_and_undoes_by_keyboard(page: Page) -> None:
    put(page, "sede lontana", "40")
    verdict = weigh(page)
    assert "bambini in più entro 15 minuti" in verdict
    choose(page, WEST)
    page.locator("#chosen-move").press("Enter")
    put(page, "sede mezzo")
    assert [one["do"] for one in changes(page)] == ["add", "move"]
    assert page.locator(".stale").count() == 1
    choose(page, WEST)
    page.locator("#chosen-close").press("Enter")
    assert [one["do"] for one in changes(page)] == ["add", "close"]
    page.locator("#undo").press("Enter")
    page.locator("#undo").press("Enter")
    assert [one["do"] for one in changes(page)] == ["add"]
    assert page.locator(".stale").count() == 0


def test_what_is_saved_is_loaded_again_and_read_by_the_command(page, var, cli, tmp_path):
    put(page, "sede lontana", "40")
    choose(page, WEST)
    page.locator("#chosen-places").fill("50")
    page.locator("#chosen-resize").press("Enter")
    verdict = weigh(page)
    with page.expect_download() as download:
        page.locator("#save").press("Enter")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == "scenario-nido.json"
    done = cli("scenario", str(file), var=var)
    assert verdict in done.stdout
    before = changes(page)
    page.locator("#file").set_input_files(file)
    page.locator("#file-form button").press("Enter")
    page.wait_for_load_state("networkidle")
    assert page.locator(".verdict").inner_text() == verdict
    assert changes(page) == before
    assert page.locator("#changes tr").count() == 2


def test_the_best_sites_are_adopted_and_undone_at_once(page: Page) -> None:
    page.locator("#ask-count").fill("2")
    page.locator("#propose").press("Enter")
    page.locator(".adopt[data-rank=all]").press("Enter")
    (one,) = changes(page)
    assert (one["do"], one["service_id"]) == ("add", "nuovo:1")
    page.locator("#undo").press("Enter")
    expect(page.locator("#changes tr")).to_have_count(0)


def test_a_hostile_name_is_text_wherever_it_is_shown(page: Page) -> None:
    choose(page, f"prova:{HOSTILE}|prova:{HOSTILE}@1")
    assert HOSTILE in page.locator("#chosen-name").inner_text()
    page.locator("#chosen-close").press("Enter")
    assert HOSTILE in page.locator("#changes").inner_text()
    assert page.locator("img[src=x]").count() == 0


def test_a_broken_file_is_told_in_a_sentence(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "rotto.json"
    file.write_text(f'{{"category": "nido", "changes": [{{"do": "{HOSTILE}"}}]}}')
    page.locator("#file").set_input_files(file)
    page.locator("#file-form button").click()
    assert "La modifica 1 non va" in page.locator(".problem p").first.inner_text()
    assert page.locator("img[src=x]").count() == 0


def test_a_server_that_is_gone_is_told(page: Page) -> None:
    put(page, "sede lontana")
    page.context.set_offline(True)
    page.locator("#weigh").press("Enter")
    expect(page.locator("#scenario-answer .problem")).to_contain_text("Il server non risponde")
    page.context.set_offline(False)
    assert len(changes(page)) == 1


def test_without_javascript_the_text_of_a_scenario_is_answered(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/rete/scenario?category=nido&lang=it")
    page.locator("#file-form summary").click()
    close = {"category": "nido", "changes": [{"do": "close", "service_id": f"prova:{HOSTILE}"}]}
    page.locator("#scenario-text").fill(json.dumps(close))
    page.locator("#file-form button").click()
    assert "bambini in meno" in page.locator(".verdict").inner_text()
    assert page.get_by_role("button", name="Calcola la differenza").count() == 0
    context.close()
