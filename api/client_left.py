"""Work that ends with its client: nobody reads its answer any more."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

Done = TypeVar("Done")


async def unless_left(work: Coroutine[Any, Any, Done], receive: Receive) -> Done | None:
    """Wait for work; None, and it does not go on, when the client of a whole request has left."""
    working = asyncio.create_task(work)
    left = asyncio.create_task(_until_left(receive))
    try:
        await asyncio.wait({working, left}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        left.cancel()


async def _until_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
