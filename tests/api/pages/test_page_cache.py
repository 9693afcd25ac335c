"""Pages that say nothing of a family are made once; what was typed is never among them."""

import asyncio
import gzip
import threading
from collections.abc import Iterator
from pathlib import Path

import anyio
import anyio.to_thread
import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from api.app import create_app
from api.pages import page_cache
from api.pages.page_cache import PageCache
from api.planner.view import USUAL_CATEGORY
from api.settings import Settings
from api.threads import OTHERS, limit_threads
from mapping.edition.edition import publish
from tests.mapping.drawn_city import drawn_city, service

PAGES = ["/", "/rete"]
LISTS = ["/v1/areas/nil", "/v1/coverage?category=nido&level=nil"]
NIDO = service(100, "nido")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("kept") / "editions"
    for services in ([NIDO], [NIDO, service(900, "other")]):
        drawn_city(root, services, categories=("nido", USUAL_CATEGORY))
    return root


@pytest.fixture
def app(root: Path) -> FastAPI:
    return create_app(Settings(var=root.parent))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that are made, by the path that is asked for."""
    paths: list[str] = []
    of = page_cache.KeptPage.of

    def noted(answer: HTMLResponse) -> page_cache.KeptPage:
        paths.append(answer.headers.get("content-language", "list"))
        return of(answer)

    monkeypatch.setattr(page_cache.KeptPage, "of", noted)
    return paths


def asked(app: FastAPI, *paths: str, at_once: bool = False, **headers: str) -> list[httpx.Response]:
    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            if at_once:
                return await asyncio.gather(*(client.get(path, headers=headers) for path in paths))
            return [await client.get(path, headers=headers) for path in paths]

    return asyncio.run(ask())


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_made_once_however_many_wait_for_it(
    app: FastAPI, made: list[str], path: str
) -> None:
    answers = asked(app, *[path] * 5, at_once=True)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert made == ["it"]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_made_once_however_it_is_sent(app: FastAPI, made: list[str], path: str) -> None:
    answers = asked(app, *[path] * 5, at_once=True)
    answers += asked(app, path, **{"accept-encoding": "identity"})
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["edition"] == answers[0].headers["prossima-edition"]
    assert made == ["list"]


def test_a_list_that_is_not_there_is_not_kept(app: FastAPI, made: list[str]) -> None:
    answers = asked(app, "/v1/areas/nothing", "/v1/coverage?category=nido&level=nothing")
    assert [answer.status_code for answer in answers] == [404, 422]
    assert made == []


def test_the_server_is_ready_while_every_thread_is_held(app: FastAPI) -> None:
    released = threading.Event()

    async def ask() -> httpx.Response:
        limit_threads()
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            async with anyio.create_task_group() as tasks:
                for _ in range(2 * OTHERS):
                    tasks.start_soon(anyio.to_thread.run_sync, released.wait)
                await anyio.sleep(0)
                with anyio.fail_after(60):
                    answer = await client.get("/ready")
                released.set()
            return answer

    assert asyncio.run(ask()).json()["status"] == "ok"


@pytest.mark.parametrize("path", PAGES)
def test_who_has_the_page_is_told_so_in_no_body(app: FastAPI, path: str) -> None:
    (page,) = asked(app, path)
    for known in (page.headers["etag"], f'"other", {page.headers["etag"].removeprefix("W/")}', "*"):
        (again,) = asked(app, path, **{"If-None-Match": known})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == page.headers["etag"]
    (other,) = asked(app, path, **{"If-None-Match": '"other"'})
    assert other.text == page.text


def test_it_is_kept_zipped_too_and_is_the_same(app: FastAPI) -> None:
    plain, zipped = (asked(app, "/", **{"Accept-Encoding": coding})[0] for coding in ("", "gzip"))
    assert "content-encoding" not in plain.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert int(zipped.headers["content-length"]) < len(plain.content) / 2
    assert zipped.text == plain.text
    for answer in (plain, zipped):
        assert {"Accept-Language", "Accept-Encoding"} <= set(answer.headers["vary"].split(", "))
        assert answer.headers["vary"].count("Accept-Encoding") == 1
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["etag"] == plain.headers["etag"]


def test_a_language_has_its_own_page_and_a_chosen_one_its_links(
    app: FastAPI, made: list[str]
) -> None:
    (italian,) = asked(app, "/")
    (by_browser,) = asked(app, "/", **{"Accept-Language": "fr"})
    (chosen,) = asked(app, "/?lang=fr")
    assert made == ["it", "fr", "fr"]
    assert len({answer.headers["etag"] for answer in (italian, by_browser, chosen)}) == 3
    assert 'href="/rete?lang=fr"' in chosen.text
    assert 'href="/rete?lang=fr"' not in by_browser.text


def test_a_view_has_its_own_page_whatever_else_the_address_says(
    app: FastAPI, made: list[str]
) -> None:
    asked(app, "/rete", "/rete?profile=adult", "/rete?unheard=of", "/rete?level=municipio")
    assert made == ["it", "it"]


def test_what_was_typed_is_in_no_page_that_is_kept(app: FastAPI, made: list[str]) -> None:
    typed = "via-sentinella-4711"
    (wrong,) = asked(app, f"/rete?category={typed}")
    assert wrong.status_code == 422
    assert typed in wrong.text
    assert "etag" not in wrong.headers
    asked(app, f"/?address={typed}", f"/rete?unheard={typed}&lang={typed}")
    assert len(made) == 2
    for cache in page_cache._CACHES.values():
        assert typed not in repr(list(cache._pages))
        assert not any(typed.encode() in page.plain for page in cache._pages.values())


@pytest.fixture
def two_editions(root: Path, app: FastAPI) -> Iterator[list[str]]:
    reading = app.state.shelf.published()
    names = [reading.edition.id, *app.state.shelf.comparable(reading)]
    yield names
    publish(root, names[0])


def test_another_edition_has_other_pages(root: Path, app: FastAPI, two_editions: list[str]) -> None:
    first, second = two_editions
    (before,) = asked(app, "/")
    assert first in before.text
    publish(root, second)
    (after,) = asked(app, "/", **{"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert second in after.text


def test_pages_that_were_not_asked_for_longest_give_way() -> None:
    def page(letter: str) -> HTMLResponse:
        headers = {"Cache-Control": "no-cache", "Content-Language": "it"}
        return HTMLResponse(letter * 1000, headers=headers)

    async def ask() -> list[str]:
        made: list[str] = []
        room = 2 * (1000 + len(gzip.compress(b"a" * 1000)))
        cache = PageCache(room)
        for letter in "abacb":
            await cache.get(letter, lambda letter=letter: made.append(letter) or page(letter))
        return made

    assert asyncio.run(ask()) == ["a", "b", "c", "b"]
