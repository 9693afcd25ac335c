"""Turns on the event loop: a client that asks without end holds neither others nor the loop."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from api.loop_turns import ROUND_SECONDS, LoopTurns

ONE, OTHER = "192.0.2.0/24", "198.51.100.0/24"
LONG, SHORT = 1.01 * ROUND_SECONDS, ROUND_SECONDS / 10


class DrawnWork:
    """Work that takes as long as it is drawn to take, and who had it in which order."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.order: list[str] = []
        self.turns = LoopTurns(lambda: self.seconds)

    def _work(self, network: str, seconds: float) -> Callable[[], str]:
        def work() -> str:
            self.seconds += seconds
            self.order.append(network)
            return network

        return work

    async def ask(self, network: str, seconds: float) -> str:
        return await self.turns.turn(network, self._work(network, seconds))

    async def ask_on(self, network: str, seconds: float, until: float) -> None:
        """Ask again and again."""
        while self.seconds < until:
            await self.ask(network, seconds)
            await asyncio.sleep(0)


def run(*asking: Awaitable[object]) -> None:
    async def together() -> None:
        await asyncio.gather(*asking)

    asyncio.run(together())


def test_another_network_has_its_turn_before_the_third_of_two_hundred_long_ones() -> None:
    drawn = DrawnWork()
    run(*(drawn.ask(ONE, LONG) for _ in range(240)), drawn.ask(OTHER, SHORT))
    assert drawn.order.index(OTHER) < 2
    assert Counter(drawn.order) == {ONE: 240, OTHER: 1}


def test_who_comes_while_two_hundred_wait_does_not_wait_for_them() -> None:
    drawn = DrawnWork()

    async def come_later() -> None:
        while len(drawn.order) < 20:
            await asyncio.sleep(0)
        before = len(drawn.order)
        await drawn.ask(OTHER, SHORT)
        assert drawn.order[before:].index(OTHER) <= 2

    run(*(drawn.ask(ONE, LONG) for _ in range(240)), come_later())


def test_between_two_rounds_the_loop_goes_on() -> None:
    """So `/health` and whatever else takes no turn waits for one long look-up at the most."""
    drawn = DrawnWork()
    worked_on = []

    async def look() -> None:
        while len(drawn.order) < 240:
            worked_on.append(len(drawn.order))
            await asyncio.sleep(0)

    run(*(drawn.ask(ONE, LONG) for _ in range(240)), look())
    steps = [later - earlier for earlier, later in itertools.pairwise(worked_on)]
    assert max(steps) == 1


def test_what_is_short_is_worked_on_at_once() -> None:
    drawn = DrawnWork()

    async def ask() -> None:
        for number in range(9):  # within one round: nobody else has run meanwhile
            asking = drawn.ask(ONE, SHORT)
            with pytest.raises(StopIteration):
                asking.send(None)
            assert len(drawn.order) == number + 1

    run(ask())


def test_networks_have_the_same_time_and_not_as_many_turns() -> None:
    drawn = DrawnWork()
    until = 2000 * LONG
    run(
        *(drawn.ask_on(ONE, LONG, until) for _ in range(20)),
        *(drawn.ask_on(OTHER, SHORT, until) for _ in range(200)),
    )
    turns = Counter(drawn.order)
    assert turns[ONE] * LONG == pytest.approx(turns[OTHER] * SHORT, rel=0.1)


def test_who_had_much_has_turns_beside_ever_new_networks() -> None:
    drawn = DrawnWork()

    async def come_anew() -> None:
        number = 0
        while len(drawn.order) < 600:
            await asyncio.gather(*(drawn.ask(f"{number}.{n}", LONG) for n in range(4)))
            number += 1

    run(*(drawn.ask(ONE, LONG) for _ in range(100)), come_anew())
    assert drawn.order[:600].count(ONE) == 100


def test_a_failure_is_of_who_asked_alone() -> None:
    drawn = DrawnWork()

    def fail() -> str:
        drawn.seconds += LONG
        raise ValueError(ONE)

    async def ask() -> None:
        failing = [drawn.turns.turn(ONE, fail) for _ in range(5)]
        answers = await asyncio.gather(*failing, drawn.ask(OTHER, SHORT), return_exceptions=True)
        assert [type(answer) for answer in answers] == [ValueError] * 5 + [str]

    run(ask())


def test_who_does_not_wait_any_more_is_not_worked_on() -> None:
    drawn = DrawnWork()

    async def ask() -> None:
        asking = [asyncio.create_task(drawn.ask(ONE, LONG)) for _ in range(10)]
        await asyncio.sleep(0)
        for waiting in asking[2:]:
            waiting.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        await drawn.ask(OTHER, LONG)

    run(ask())
    assert len(drawn.order) <= 4
    assert drawn.order[-1] == OTHER
