"""Turns on the event loop itself, for work that is shorter than to hand it to a thread.

Each round of the loop has a little time for it. What comes beyond that waits for the next rounds,
so that nobody else waits for it meanwhile: neither another client nor a supervisor.
"""

import asyncio
import heapq
import itertools
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

ROUND_SECONDS = 0.004
"""Of the processor, for the work of one round; the last that is begun is brought to its end."""
MAX_REMEMBERED = 4096
"""Networks of which is known how much they had."""
Done = TypeVar("Done")


@dataclass(frozen=True, eq=False)
class _Delayed:
    """Work that waits for a round."""

    work: Callable[[], Any]
    done: asyncio.Future[Any]


class LoopTurns:
    """Work of many networks: at once while a round has time, else whose network had least is next.

    What a network had counts from when others wait, not from before: one that comes anew is next,
    and then has as much as any other.
    """

    def __init__(self, clock: Callable[[], float] = time.thread_time) -> None:
        self._clock = clock
        self._round_seconds = 0.0
        self._is_round_open = False
        self._waiting: dict[str, deque[_Delayed]] = {}
        self._order: list[tuple[float, int, str]] = []
        """Of the networks that wait: what each had, and since when it waits."""
        self._numbers = itertools.count()
        self._had: dict[str, float] = {}
        self._least = 0.0
        """What the network had whose turn was last: who comes anew begins there."""

    async def turn(self, network: str, work: Callable[[], Done]) -> Done:
        """Do work of a network when it is its turn, and give what it gives."""
        if not self._waiting and self._round_seconds < ROUND_SECONDS:
            return self._worked(network, work)
        delayed = _Delayed(work, asyncio.get_running_loop().create_future())
        if network not in self._waiting:
            self._waiting[network] = deque()
            self._queue(network)
        self._waiting[network].append(delayed)
        result: Done = await delayed.done
        return result

    def _worked(self, network: str, work: Callable[[], Done]) -> Done:
        if not self._is_round_open:
            self._is_round_open = True
            asyncio.get_running_loop().call_soon(self._begin_round)
        started = self._clock()
        try:
            return work()
        finally:
            seconds = self._clock() - started
            self._round_seconds += seconds
            self._had[network] = max(self._least, self._had.get(network, 0.0)) + seconds

    def _queue(self, network: str) -> None:
        had = max(self._least, self._had.get(network, 0.0))
        heapq.heappush(self._order, (had, next(self._numbers), network))

    def _begin_round(self) -> None:
        """Work on what waits as long as this round has time, then let the loop go on."""
        self._round_seconds, self._is_round_open = 0.0, False
        while self._order and self._round_seconds < ROUND_SECONDS:
            self._least, _, network = heapq.heappop(self._order)
            delayed = self._waiting[network].popleft()
            if not delayed.done.done():
                self._finish(network, delayed)
            if self._waiting[network]:
                self._queue(network)
            else:
                del self._waiting[network]
        self._forget()

    def _finish(self, network: str, delayed: _Delayed) -> None:
        try:
            delayed.done.set_result(self._worked(network, delayed.work))
        except Exception as error:
            delayed.done.set_exception(error)

    def _forget(self) -> None:
        """Forget what networks had that have no more than whoever comes anew."""
        if not self._waiting:
            self._had, self._least = {}, 0.0
        elif len(self._had) > MAX_REMEMBERED:
            self._had = {name: had for name, had in self._had.items() if had > self._least}
