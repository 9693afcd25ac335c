"""What somebody typed is in no memory once it is answered."""

import asyncio
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.settings import Settings
from api.typed_words import TypedWords
from mapping.geocoding.address import forget_readings, parse
from mapping.lookup.weighing import forget_streets, street_words


@pytest.mark.parametrize(("path", "status"), [("/1", 200), ("/0", 500)])
def test_an_address_is_forgotten_once_it_is_answered_or_fails(path: str, status: int) -> None:
    app = FastAPI()
    app.add_middleware(TypedWords)
    known: list[int] = []

    @app.get("/{civic}")
    async def reads(civic: int) -> dict[str, str]:
        address = parse("via Disegnata 7")
        street_words(address.street)
        known.append(parse.cache_info().currsize + street_words.cache_info().currsize)
        return {"street": address.street, "rest": str(1 / civic)}

    async def answer() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://drawn") as client:
            return await client.get(path)

    forget_readings()
    forget_streets()
    assert asyncio.run(answer()).status_code == status
    assert known[0] > 1
    assert parse.cache_info().currsize == street_words.cache_info().currsize == 0


def test_the_server_forgets_too(tmp_path: Path) -> None:
    layers = create_app(Settings(var=tmp_path)).user_middleware
    assert TypedWords in [layer.cls for layer in layers]
