"""A tutor with a phone: she asks, sees, walks the way on the map, and changes the language."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.api.conftest import Server

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
PATIENCE_MILLISECONDS = 60_000
STREET, KNOWN = "via aldini", "Aldini"


@pytest.fixture(scope="module", autouse=True)
def patience() -> None:
    expect.set_options(timeout=PATIENCE_MILLISECONDS)


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    yield context
    context.close()


def visit(phone: BrowserContext, server: Server, code: str) -> tuple[Page, list[str]]:
    page, asked = phone.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(home(server, code))
    page.locator("html.scripted").wait_for(state="attached")
    return page, asked


def home(server: Server, code: str) -> str:
    # The browser resolves no name but this one.
    return f"http://localhost:{server.client.base_url.port}/?lang={code}"


def type_address(page: Page) -> None:
    page.locator("#address").press_sequentially(STREET)
    page.locator("#places [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def search(page: Page) -> None:
    page.locator(".send button").first.click()
    page.locator("#answer-map").wait_for(state="attached")


@pytest.mark.parametrize("code", ["it", "ar"])
def test_a_need_is_asked_and_answered_on_a_phone(
    phone: BrowserContext, pack_server: Server, code: str
) -> None:
    page, asked = visit(phone, pack_server, code)
    type_address(page)
    assert KNOWN in page.locator("#address").input_value()
    page.locator(".need summary").first.click()
    page.locator("input[value=consultorio]").check()
    search(page)
    assert page.evaluate("document.activeElement.id") == "found"
    assert page.locator(".result").count() >= 1
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.evaluate("document.documentElement.dir") == ("rtl" if code == "ar" else "ltr")
    start = home(pack_server, code).partition("?")[0]
    assert [url for url in asked if not url.startswith((start, "data:", "blob:"))] == []
    assert [url for url in [*asked, page.url] if "ldini" in url] == []


@pytest.mark.parametrize(("code", "kind"), [("it", "Consultorio familiare"), ("en", None)])
def test_a_place_is_found_by_its_name_and_says_what_it_is(
    phone: BrowserContext, pack_server: Server, code: str, kind: str | None
) -> None:
    page, _ = visit(phone, pack_server, code)
    page.locator("#address").press_sequentially("consultorio aldini")
    option = page.locator("#places [role=option]").first
    option.wait_for()
    expect(option.locator("bdi")).to_contain_text("via Aldini")
    said = option.locator(".soft").inner_text()
    assert said == kind or (kind is None and said not in ("", "Consultorio familiare"))
    option.click()
    search(page)
    assert "Aldini" in page.locator("#address").input_value()
    assert page.locator(".result").count() >= 1


def test_no_list_lies_over_what_is_said_while_typing(
    phone: BrowserContext, pack_server: Server
) -> None:
    page, _ = visit(phone, pack_server, "it")
    page.locator("#address").press_sequentially("consultorio aldini")
    page.locator("#places [role=option]").first.wait_for()
    said, places = (page.locator(name).bounding_box() for name in ("#place-said", "#places"))
    assert said is not None
    assert places is not None
    assert said["height"] > 0
    assert said["y"] + said["height"] <= places["y"]


def test_a_suggestion_keeps_the_sign_with_its_number_and_the_unit_with_its_words(
    phone: BrowserContext, pack_server: Server
) -> None:
    page, _ = visit(phone, pack_server, "ar")
    about = "about({ kinds: { park: 'x' } }, { kind: 'park', error_metres: 140 })"
    told = page.evaluate(f"import('/static/combobox.mjs').then(({{ about }}) => {about})")
    assert told.startswith("x · \u2066± 150\u2069")


def test_a_point_far_from_every_number_is_near_none(
    phone: BrowserContext, pack_server: Server
) -> None:
    phone.grant_permissions(["geolocation"])
    phone.set_geolocation({"longitude": 9.40, "latitude": 45.60, "accuracy": 20})
    page, _ = visit(phone, pack_server, "it")
    with page.expect_response("**/v1/geocode"):
        page.locator("#locate").click()
    expect(page.locator("#said")).to_contain_text("Si parte dal punto che hai scelto.")


def test_a_way_opens_the_map_and_a_pin_chooses_its_place(
    phone: BrowserContext, pack_server: Server
) -> None:
    page, _ = visit(phone, pack_server, "it")
    type_address(page)
    search(page)
    page.locator(".way").first.click()
    expect(page.locator("#map-part")).to_be_visible()
    expect(page.locator("#result-1")).to_have_class("result chosen")
    page.locator(".pin", has_text="2").first.evaluate("(pin) => pin.click()")
    expect(page.locator("#result-2")).to_have_class("result chosen")


def test_a_filter_is_taken_away_by_its_button(phone: BrowserContext, pack_server: Server) -> None:
    page, _ = visit(phone, pack_server, "it")
    type_address(page)
    page.locator(".more > summary").click()
    page.locator("[name=free]").check()
    search(page)
    page.locator(".chip", has_text="Gratuito").click()
    expect(page.locator(".chip", has_text="Gratuito")).to_have_count(0)
    expect(page.locator("[name=free][type=checkbox]")).not_to_be_checked()


def test_the_language_of_an_answer_changes_and_the_answer_stays(
    phone: BrowserContext, pack_server: Server
) -> None:
    page, asked = visit(phone, pack_server, "it")
    type_address(page)
    search(page)
    names = page.locator(".result h2").all_inner_texts()
    page.locator(".languages summary").click()
    page.locator(".languages [lang=ar]").last.click()
    page.wait_for_url("**/?lang=ar")
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert page.locator(".result h2").all_inner_texts() == names
    assert [url for url in asked if "ldini" in url] == []


def test_a_server_that_is_gone_is_told_and_the_question_stays(
    phone: BrowserContext, pack_server: Server
) -> None:
    page, _ = visit(phone, pack_server, "it")
    phone.set_offline(True)
    page.locator("#address").press_sequentially(STREET)
    expect(page.locator("#place-said")).to_contain_text("scrivi via e numero")
    page.locator(".send button").first.click()
    expect(page.locator("#down")).to_contain_text("Il server non risponde")
    phone.set_offline(False)
    page.locator("#address").fill("via Aldini 72")
    search(page)
    expect(page.locator("#found")).to_contain_text("vicin")


def test_the_position_of_the_phone_is_a_point_and_no_address(
    phone: BrowserContext, pack_server: Server
) -> None:
    phone.grant_permissions(["geolocation"])
    phone.set_geolocation({"longitude": 9.19, "latitude": 45.4642, "accuracy": 20})
    page, asked = visit(phone, pack_server, "it")
    page.locator("#locate").click()
    expect(page.locator("#point")).to_be_visible()
    search(page)
    assert page.locator("#ask [name=lon]").input_value() == "9.190000"
    assert [url for url in asked if "9.19" in url] == []


def test_a_tap_on_the_map_is_where_one_sets_out(phone: BrowserContext, pack_server: Server) -> None:
    page, _ = visit(phone, pack_server, "it")
    page.locator("#choose").click()
    page.locator("#centre").click()
    # Of the whole city a finger covers a quarter: the map comes nearer first.
    expect(page.locator("#nearer")).to_be_visible()
    expect(page.locator("#point")).to_be_hidden()
    page.locator("#centre").click()
    expect(page.locator("#point")).to_be_visible()
    assert page.locator("#ask [name=lon]").input_value().startswith("9.")
    expect(page.locator("#map-part")).to_be_hidden()


def test_the_cross_is_over_the_point_that_is_taken(
    phone: BrowserContext, pack_server: Server
) -> None:
    page, _ = visit(phone, pack_server, "it")
    page.locator("#choose").click()
    expect(page.locator("#centre")).to_be_enabled()
    crossed, drawn = page.evaluate("""() => {
      const marked = [...document.querySelectorAll('#map, #map *')].filter(
        (each) => getComputedStyle(each, '::after').content === '"+"');
      const middle = (each) => {
        const box = each.getBoundingClientRect();
        return [box.x + box.width / 2, box.y + box.height / 2];
      };
      return [marked.map(middle), middle(document.querySelector('#map canvas'))];
    }""")
    assert crossed == [pytest.approx(drawn, abs=1)]  # a canvas has whole pixels


def test_without_javascript_the_form_answers(browser: Browser, pack_server: Server) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(home(pack_server, "it"))
    page.locator("#address").fill("via Aldini 72")
    page.locator(".send button").first.click()
    expect(page.locator("#found")).to_contain_text("vicin")
    page.locator(".languages summary").click()
    page.locator(".languages button[lang=ar]").click()
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.locator(".result").count() >= 1
    context.close()
