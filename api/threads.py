"""The threads of a server: few, and those of look-ups apart from all others.

Python runs one thread at a time. The more of them have work, the longer the one that answers
waits for its turn; whatever waits for a thread costs nobody anything. Forty at once, the usual
number, answered fewer requests a second than four, and let look-ups beside them wait a second.
"""

from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread

LOOK_UPS, OTHERS = 4, 4
"""Threads at once: for look-ups, which are short, and for every other request."""
Got = TypeVar("Got")
_look_ups = anyio.CapacityLimiter(LOOK_UPS)
_opening = anyio.CapacityLimiter(1)


def limit_threads() -> None:
    """Leave few threads to routes that are no coroutines; called where the event loop runs."""
    anyio.to_thread.current_default_thread_limiter().total_tokens = OTHERS


async def look_up(answer: Callable[..., Got], *arguments: object) -> Got:
    """Run a short look-up in a thread of its own kind, and give what it returns."""
    return await anyio.to_thread.run_sync(answer, *arguments, limiter=_look_ups)


async def open_edition(opened: Callable[[], Got]) -> Got:
    """Open an edition in a thread that nothing else waits for."""
    return await anyio.to_thread.run_sync(opened, limiter=_opening)
