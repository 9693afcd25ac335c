"""The threads of a server: few, and those of look-ups apart from all others.

Python runs one thread at a time. The more of them have work, the longer the one that answers
waits for its turn; whatever waits for a thread costs nobody anything. Forty at once, the usual
number, answered fewer requests a second than four, and let look-ups beside them wait a second.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, ParamSpec, TypeVar

import anyio.to_thread
from fastapi.routing import APIRoute, APIRouter

LOOK_UPS, OTHERS = 4, 4
"""Threads at once: for look-ups, which are short, and for every other request."""
Got = TypeVar("Got")
Taken = ParamSpec("Taken")
_count: ContextVar[Callable[[float], None]] = ContextVar("_count")
_look_ups = anyio.CapacityLimiter(LOOK_UPS)
_opening = anyio.CapacityLimiter(1)


def limit_threads() -> None:
    """Leave few threads to routes that are no coroutines; called where the event loop runs."""
    anyio.to_thread.current_default_thread_limiter().total_tokens = OTHERS


@contextmanager
def counting(count: Callable[[float], None]) -> Iterator[None]:
    """Tell `count` of each thread that works for this request how many seconds it worked.

    Of the processor: a thread that waits for others, for the interpreter or a disk costs nothing.
    """
    token = _count.set(count)
    try:
        yield
    finally:
        _count.reset(token)


def counted(work: Callable[Taken, Got]) -> Callable[Taken, Got]:
    """Make work that runs in a thread tell how long it took, as `counting` says."""

    @wraps(work)
    def tell(*arguments: Taken.args, **options: Taken.kwargs) -> Got:
        begun = time.thread_time()
        try:
            return work(*arguments, **options)
        finally:
            if (count := _count.get(None)) is not None:
                count(time.thread_time() - begun)

    return tell


class CountedRoute(APIRoute):
    """A route whose work is counted, where it runs in a thread."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        in_loop = iscoroutinefunction(endpoint)
        super().__init__(path, endpoint if in_loop else counted(endpoint), **options)


class CountedRouter(APIRouter):
    """Routes whose work is counted."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=CountedRoute, **options)


async def in_thread(answer: Callable[..., Got], *arguments: object) -> Got:
    """Run what makes a page in a thread, and give what it returns."""
    return await anyio.to_thread.run_sync(counted(answer), *arguments)


async def look_up(answer: Callable[..., Got], *arguments: object) -> Got:
    """Run a short look-up in a thread of its own kind, and give what it returns."""
    return await anyio.to_thread.run_sync(counted(answer), *arguments, limiter=_look_ups)


async def open_edition(opened: Callable[[], Got]) -> Got:
    """Open an edition in a thread that nothing else waits for."""
    return await anyio.to_thread.run_sync(opened, limiter=_opening)
