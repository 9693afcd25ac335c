import asyncio
import logging

import httpx

from api.app import create_app
from api.settings import Settings


def get(app, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            return await client.get(path)

    return asyncio.run(ask())


def test_a_defect_of_ours_repeats_nothing_of_the_question(tmp_path, caplog):
    app = create_app(Settings(var=tmp_path))

    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError("via Sentinella 4711")

    with caplog.at_level(logging.DEBUG):
        answer = get(app, "/broken")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "Sentinella" not in answer.text + caplog.text
    assert "ZeroDivisionError in" in caplog.text
    assert "broken" in caplog.text
