"""Memory that is freed goes back to the system, though something that stays lies behind it."""

import asyncio

import pytest

from api import freed_memory
from api.freed_memory import give_back_often, give_pages_back, resident_bytes
from tests.api.waiting import PATIENCE_SECONDS

FLOOD_BYTES = 256 * 1024 * 1024


def test_after_a_flood_a_server_is_as_large_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freed_memory, "LOOK_SECONDS", 0.01)

    async def flood() -> None:
        give_pages_back()  # what tests before this left free would take the flood
        before = resident_bytes()
        giving = asyncio.create_task(give_back_often())
        await asyncio.sleep(0)
        pieces = [bytes(bytearray(2000)) for _ in range(FLOOD_BYTES // 2000)]
        assert resident_bytes() > before + FLOOD_BYTES * 0.9
        del pieces[:-1]  # what stays keeps the rest from the system
        async with asyncio.timeout(PATIENCE_SECONDS):
            while resident_bytes() > before + FLOOD_BYTES / 2:
                await asyncio.sleep(0.01)
        giving.cancel()

    asyncio.run(flood())
